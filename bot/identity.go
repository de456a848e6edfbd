package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Why a database that can be opened is not used: its tickets and people are not those of the
// tokens. It is left unchanged.
var (
	ErrOtherBot     = errors.New("the database belongs to another bot")
	ErrOtherCompany = errors.New("the database belongs to another company")
)

// checkBot rejects a database of another bot. An id of 0 is not known yet.
func (b *Bot) checkBot(id state.UserID) error {
	var owner state.UserID
	err := b.Store.Update(func(tx *state.Tx) (err error) {
		owner, err = tx.BotID()
		return err
	})
	if err != nil || id == 0 || owner == 0 || owner == id {
		return err
	}
	return fmt.Errorf("%w: it is that of the bot with the id %d, and TELEGRAM_TOKEN is of %d; set the token of the former, or another file in DATABASE_PATH", ErrOtherBot, owner, id)
}

// identify asks which account Plusofon's token belongs to, and rejects a database of another
// company. Until it succeeds the gate lets nothing through. If Plusofon refuses to tell, the bot
// runs on trust, and logs that.
func (b *Bot) identify(ctx context.Context) (plusofon.Account, error) {
	account, err := b.account(ctx)
	if e, ok := errors.AsType[*plusofon.Error](err); ok && !e.Login && (e.Kind == plusofon.Access || e.Kind == plusofon.Refused || e.Kind == plusofon.NotFound) {
		b.Log.Warn("Plusofon does not tell whose account it is; that the database is this company's is taken on trust", "error", err)
		return account, nil
	}
	return account, err
}

// account asks for the account, the author of the bot's posts, and assigns the database to it if
// the company is the same.
func (b *Bot) account(ctx context.Context) (plusofon.Account, error) {
	account, err := b.introduction.Account(ctx)
	if err != nil {
		return account, err
	}
	var before state.Account
	var holds state.TicketID
	err = b.Store.Update(func(tx *state.Tx) (err error) {
		if before, err = tx.Account(); err != nil {
			return err
		}
		holds, err = tx.MaxTicket()
		return err
	})
	if err != nil {
		return account, err
	}
	if holds != 0 && isOther(before, account) {
		if err := b.checkCompany(ctx, before, account); err != nil {
			return account, err
		}
		b.Log.Info("another account of the same company is used", "account", account.Email, "before", before.Email)
	}
	return account, b.update(func(t *chat.Turn) error { return reading.Account(t, account) })
}

// isOther reports whether an account is not the one last used with the database. Databases of
// earlier versions have only its e-mail.
func isOther(before state.Account, now plusofon.Account) bool {
	if before.ID != "" && now.ID != "" {
		return before.ID != now.ID
	}
	return before.Email != "" && !strings.EqualFold(before.Email, now.Email)
}

// checkCompany checks that an account's lists have a ticket of the database, as a colleague's do.
func (b *Bot) checkCompany(ctx context.Context, before state.Account, now plusofon.Account) error {
	for _, open := range []bool{true, false} {
		if known, err := b.knowsAny(ctx, open); known || err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: it was used with the account %s, and Plusofon's token is that of %s, whose lists hold none of its tickets; set a token of the former company, or another file in DATABASE_PATH",
		ErrOtherCompany, before.Email, now.Email)
}

// knowsAny reports whether a list has a ticket of the database.
func (b *Bot) knowsAny(ctx context.Context, open bool) (bool, error) {
	ids := make([]state.TicketID, 0, state.MaxTicketsAtOnce)
	look := func() (known []state.TicketID, err error) {
		err = b.Store.Update(func(tx *state.Tx) (err error) {
			known, err = tx.KnownTickets(ids)
			return err
		})
		ids = ids[:0]
		return known, err
	}
	for e, err := range b.introduction.Tickets(ctx, open) {
		if _, leftOut := errors.AsType[*plusofon.LeftOutError](err); leftOut {
			continue
		}
		if err != nil {
			return false, err
		}
		if ids = append(ids, state.TicketID(e.ID)); len(ids) == cap(ids) {
			if known, err := look(); err != nil || len(known) > 0 {
				return true, err
			}
		}
	}
	known, err := look()
	return len(known) > 0, err
}
