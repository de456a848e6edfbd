package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// triesToHandle is how often an update that makes the decision fail is tried.
const triesToHandle = 3

// handle takes updates out of the inbox, one after another, and decides them. A decision and
// the mark that it was made are one transaction.
func (b *Bot) handle(ctx context.Context) error {
	failures := 0 // consecutive failures of the store
	for ctx.Err() == nil {
		var event []state.Update
		err := guard(func() error {
			return b.Store.Update(func(tx *state.Tx) (err error) {
				if event, err = b.next(tx); err != nil || len(event) == 0 || !b.isDue(event[0], time.Now()) {
					return err
				}
				return b.decide(tx, event)
			})
		})
		if err != nil && len(event) > 0 && !state.IsBroken(err) {
			err = b.notHandled(event, err)
		}
		b.vitals.report("the inbox can't be worked on", err)
		if err != nil {
			b.Log.Error("the inbox can't be worked on", "error", err, "attempt", failures+1)
			if !sleep(ctx, b.pause(failures)) {
				return nil
			}
			failures++
			continue
		}
		failures = 0
		switch {
		case len(event) == 0:
			b.await(ctx, time.Hour)
		case event[0].Group != "" && !b.listening.Load():
			b.await(ctx, time.Hour)
		case !b.isDue(event[0], time.Now()):
			b.await(ctx, time.Until(event[0].Due))
		}
	}
	return nil
}

// await sleeps until something has arrived, at most d.
func (b *Bot) await(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-b.arrived:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// next returns the next event of the inbox: an update, or all updates of a group; empty if the
// inbox is.
func (b *Bot) next(tx *state.Tx) ([]state.Update, error) {
	u, err := tx.NextDue(time.Now())
	if errors.Is(err, state.ErrNotFound) {
		u, err = tx.NextUpdate()
	}
	if errors.Is(err, state.ErrNotFound) {
		return nil, nil
	}
	if err != nil || u.Group == "" {
		return []state.Update{u}, err
	}
	return tx.UpdateGroup(u.Group)
}

// isDue reports whether an event is to be decided now; a group only once it is complete. A due
// time beyond debounceLimit was written before the clock moved back.
func (b *Bot) isDue(u state.Update, now time.Time) bool {
	if u.Group != "" && !b.listening.Load() {
		return false
	}
	return !u.Due.After(now) || u.Due.Sub(now) > debounceLimit
}

// decideDue decides the next event of the inbox if it is due.
func (b *Bot) decideDue(tx *state.Tx) error {
	event, err := b.next(tx)
	if err != nil || len(event) == 0 || !b.isDue(event[0], time.Now()) {
		return err
	}
	return b.decide(tx, event)
}

// decide decides an event and marks its updates as handled.
func (b *Bot) decide(tx *state.Tx, event []state.Update) error {
	updates := make([]telegram.Update, len(event))
	for i, e := range event {
		u, err := telegram.Parse([]byte(e.Payload))
		if err != nil {
			return err
		}
		updates[i] = u
		if err := tx.Handled(e.Seq); err != nil {
			return err
		}
	}
	t, err := b.Conversation.NewTurn(tx, time.Now())
	if err != nil {
		return err
	}
	return b.decideAs(t, event[0].Seq, updates)
}

// decideAs decides an event, whose first update has this number in the inbox.
func (b *Bot) decideAs(t *chat.Turn, seq int64, updates []telegram.Update) error {
	trace := fmt.Sprintf("update-%d", seq)
	b.Log.Debug("an update is being decided", "trace", trace, "updates", len(updates), "chat", updates[0].ChatID())
	t.Tx.SetTrace(trace)
	defer t.Tx.SetTrace("")
	if err := b.conversation.Decide(t, updates); err != nil {
		return err
	}
	return b.wakeDue(t.Tx)
}

// notHandled postpones an event that makes the decision fail, or sets it aside. It returns an
// error if that can't be stored.
func (b *Bot) notHandled(event []state.Update, cause error) error {
	first := event[0]
	if first.Attempts+1 >= triesToHandle {
		return b.setAside(event, cause)
	}
	b.Log.Error("an update could not be handled; its chat waits, and it is tried again", "update", first.Seq, "error", cause, "attempt", first.Attempts+1)
	return b.Store.Update(func(tx *state.Tx) error {
		return tx.TryLater(first.Seq, time.Now().Add(b.pause(first.Attempts)))
	})
}

// setAside sets aside an event that can't be handled, so that it doesn't block others, and
// tells its author.
func (b *Bot) setAside(event []state.Update, cause error) error {
	b.Log.Error("an update is set aside, it can't be handled", "update", event[0].Seq, "error", cause)
	err := guard(func() error {
		return b.update(func(t *chat.Turn) error {
			u, err := telegram.Parse([]byte(event[0].Payload))
			if err != nil {
				return err
			}
			return errors.Join(keepAside(t.Tx, event), conversation.HandlingFailed(t, u))
		})
	})
	if err == nil || state.IsBroken(err) {
		return err
	}
	b.Log.Error("its author could not be told", "update", event[0].Seq, "error", err)
	return b.Store.Update(func(tx *state.Tx) error { return keepAside(tx, event) })
}

func keepAside(tx *state.Tx, event []state.Update) error {
	for _, e := range event {
		if err := tx.HandlingFailed(e.Seq); err != nil {
			return err
		}
	}
	return nil
}
