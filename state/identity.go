package state

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Whose a database is: the bot whose messages it maps, and the account at Plusofon
// whose tickets it holds. Databases of all versions bear the bot and the e-mail by
// these keys, as they were last seen.
const (
	metaBot          = "bot_id"
	metaAccount      = "account_id"
	metaAccountEmail = "account_email"
)

// BotID is the numeric id of the bot that the database belongs to; 0 while it
// belongs to none.
func (tx *Tx) BotID() (UserID, error) {
	v, err := tx.Meta(metaBot)
	if err != nil || v == "" {
		return 0, err
	}
	id, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the bot's id: %w", err)
	}
	return UserID(id), nil
}

// SetBotID makes the database a bot's.
func (tx *Tx) SetBotID(id UserID) error {
	return tx.SetMeta(metaBot, strconv.FormatInt(int64(id), 10))
}

// Account is an account at Plusofon, as it calls itself. A company has several:
// each of its employees has one.
type Account struct {
	ID    string
	Email string
}

// Account is the one that the database was last used with; zero while with none.
// Databases of earlier versions know its e-mail alone.
func (tx *Tx) Account() (a Account, err error) {
	if a.ID, err = tx.Meta(metaAccount); err != nil {
		return Account{}, err
	}
	a.Email, err = tx.Meta(metaAccountEmail)
	return a, err
}

// SetAccount notes the account that the database is used with.
func (tx *Tx) SetAccount(a Account) error {
	if err := tx.SetMeta(metaAccount, a.ID); err != nil {
		return err
	}
	return tx.SetMeta(metaAccountEmail, a.Email)
}

// MaxTicketsAtOnce is how many tickets KnownTickets looks for in one transaction.
const MaxTicketsAtOnce = 1000

// KnownTickets tells which of the tickets, MaxTicketsAtOnce at most, the database
// knows, in the order of their ids. One that knows tickets, and none of those in
// a company's lists, is another company's.
func (tx *Tx) KnownTickets(ids []TicketID) ([]TicketID, error) {
	if len(ids) > MaxTicketsAtOnce {
		return nil, fmt.Errorf("known tickets: %d are asked for, %d can be", len(ids), MaxTicketsAtOnce)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("known tickets: %w", err)
	}
	return all(tx, "known tickets", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets WHERE ticket_id IN (SELECT value FROM json_each(?)) ORDER BY ticket_id`, string(list))
}
