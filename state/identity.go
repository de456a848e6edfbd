package state

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// The owner of a database: the bot whose messages it maps, and the Plusofon account
// whose tickets it holds. All versions record the bot and the e-mail under these keys.
const (
	metaBot          = "bot_id"
	metaAccount      = "account_id"
	metaAccountEmail = "account_email"
)

// BotID is the id of the bot that the database belongs to; 0 if none yet.
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

// SetBotID assigns the database to a bot.
func (tx *Tx) SetBotID(id UserID) error {
	return tx.SetMeta(metaBot, strconv.FormatInt(int64(id), 10))
}

// Account is an account at Plusofon. A company has several: one per employee.
type Account struct {
	ID    string
	Email string
}

// Account is the account last used with the database; zero if none. Databases of
// earlier versions have only its e-mail.
func (tx *Tx) Account() (a Account, err error) {
	if a.ID, err = tx.Meta(metaAccount); err != nil {
		return Account{}, err
	}
	a.Email, err = tx.Meta(metaAccountEmail)
	return a, err
}

// SetAccount records the account used with the database.
func (tx *Tx) SetAccount(a Account) error {
	if err := tx.SetMeta(metaAccount, a.ID); err != nil {
		return err
	}
	return tx.SetMeta(metaAccountEmail, a.Email)
}

// MaxTicketsAtOnce is the maximum number of ids for KnownTickets.
const MaxTicketsAtOnce = 1000

// KnownTickets returns which of the tickets, at most MaxTicketsAtOnce, are in the
// database, ordered by id. If the database has tickets but none of a company's lists,
// it belongs to another company.
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
