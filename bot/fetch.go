package bot

import (
	"context"
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/state"
)

const (
	// fetchPatience is the timeout of reading a ticket for a waiting person.
	fetchPatience = 10 * time.Second
	// answeredWithin is how long the person waits before the store's copy is shown.
	answeredWithin = time.Second
)

// fetch reads a ticket for a waiting person. It is tried once.
func (b *Bot) fetch(ctx context.Context, row state.Row) {
	f, err := chat.Decode[chat.FetchRow](row)
	if err != nil {
		b.finish(ctx, row, func(t *chat.Turn) error { return t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()) })
		return
	}
	limited, cancel := context.WithTimeout(ctx, fetchPatience)
	defer cancel()
	var read ticket.Read
	came, id := make(chan error, 1), f.Ticket // f changes meanwhile
	go func() {
		came <- guard(func() (err error) {
			read, err = b.readTicket(limited, b.Plusofon, id)
			return err
		})
	}()
	patience := time.NewTimer(answeredWithin)
	defer patience.Stop()
	select {
	case err = <-came:
	case <-patience.C:
		var goesOn bool
		if f, goesOn = b.meanwhile(ctx, row, f); !goesOn {
			cancel()
		}
		if err = <-came; !goesOn {
			return
		}
	}
	if err != nil && ctx.Err() != nil {
		return
	}
	if err != nil {
		b.Log.Info("a ticket could not be read", "ticket", f.Ticket, "error", err)
	} else if !b.absorbFetched(ctx, row, read) {
		return
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		return errors.Join(t.Tx.Finish(row.ID, state.Done, t.Now, text(err)), conversation.Fetched(t, f, read, err))
	})
}

// meanwhile answers a person while Plusofon takes its time. It returns false if the rest is
// not needed.
func (b *Bot) meanwhile(ctx context.Context, row state.Row, f chat.FetchRow) (chat.FetchRow, bool) {
	if f.Told || f.Purpose == chat.PurposeWait {
		return f, true
	}
	enough, told := false, f
	stored := b.finish(ctx, row, func(t *chat.Turn) (err error) {
		if told, enough, err = conversation.Meanwhile(t, f); err != nil {
			return err
		}
		if enough {
			return t.Tx.Finish(row.ID, state.Done, t.Now, "Plusofon takes its time")
		}
		return learn(t, row, told)
	})
	return told, stored && !enough
}
