package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// quiet is how long the next item of an album, or the next piece of a long
	// text, is waited for: they have no end mark.
	quiet = time.Second
	// patience is how long all of them are waited for.
	patience = 10 * time.Second
)

// store puts updates into the inbox and then moves the offset past them: what is confirmed
// by the next poll is on disk. Many of them go in portions, for a transaction holds up all
// others. Where the program ends between two of these, Telegram gives all of them again, and
// those that are there are known by their keys.
func (b *Bot) store(updates []telegram.Raw, offset *int64) error {
	now := time.Now()
	next := *offset
	// Numbers start anew after a quiet week: only this batch counts.
	var last int64
	for _, u := range updates {
		last = max(last, u.ID)
	}
	if last > 0 {
		next = last + 1
	} else {
		next++
	}
	for whole := false; !whole; {
		n, err := b.storePortion(updates, now, next)
		if err != nil {
			return fmt.Errorf("store updates: %w", err)
		}
		updates, whole = updates[n:], n == len(updates)
	}
	*offset = next
	return nil
}

// storePortion puts as many updates into the inbox as one transaction has room for, with the
// next offset if these are all, and returns how many they are.
func (b *Bot) storePortion(updates []telegram.Raw, now time.Time, next int64) (n int, err error) {
	store := func(tx *state.Tx, decide int) error {
		for n = 0; n < len(updates) && (n == 0 || tx.Work().Statements < enough); n++ {
			if err := b.storeOne(tx, updates[n], now); err != nil {
				return err
			}
			if err := b.decideDue(tx, decide); err != nil {
				return err
			}
		}
		if n < len(updates) {
			return nil
		}
		return tx.SetOffset(next)
	}
	// What can be decided at once needs no commit of its own, and the next update is
	// judged by what has come of it. Where the decision fails the updates are stored
	// alone, and handle deals with them.
	waits := true
	err = guard(func() error {
		return b.Store.Update(func(tx *state.Tx) (err error) {
			if err := store(tx, 1); err != nil {
				return err
			}
			waits, err = tx.UpdatesWait()
			return err
		})
	})
	if err != nil {
		waits, err = true, b.Store.Update(func(tx *state.Tx) error { return store(tx, 0) })
	}
	if waits && err == nil {
		signal(b.arrived)
	}
	return n, err
}

// concerns tells whether an update is the bot's business, and whether it is a stranger's.
// One that is not is dealt with.
func (b *Bot) concerns(tx *state.Tx, now time.Time, u telegram.Update) (concerns, stranger bool, err error) {
	t, err := b.Conversation.NewTurn(tx, now)
	if err != nil {
		return false, false, err
	}
	if concerns, err = b.conversation.Concerns(t, u); err != nil {
		return false, false, err
	}
	if !concerns {
		return false, false, b.conversation.PassOver(t, u)
	}
	stranger, err = conversation.FromStranger(t, u)
	return true, stranger, err
}

// storeOne puts an update into the inbox. One that can't be read, or makes the
// program stumble, is set aside.
func (b *Bot) storeOne(tx *state.Tx, raw telegram.Raw, now time.Time) error {
	a := state.Arrival{Payload: string(raw.JSON), Due: now}
	concerns := false
	err := guard(func() error {
		u, err := telegram.Parse(raw.JSON)
		if err != nil {
			return err
		}
		if concerns, a.Stranger, err = b.concerns(tx, now, u); err != nil {
			return err
		}
		a.Key, a.Chat = updateKey(u), state.ChatID(u.ChatID())
		if u.Message == nil {
			return nil
		}
		if err := group(tx, &a, u.Message, now); err != nil || concerns {
			return err
		}
		concerns, err = joins(tx, a)
		return err
	})
	if state.IsBroken(err) {
		return err
	}
	if err != nil {
		b.Log.Error("an update can't be read and is set aside", "update", raw.ID, "error", err)
		sum := sha256.Sum256(raw.JSON)
		a.Key, a.Chat, a.Group, a.Unreadable, concerns = "unreadable:"+hex.EncodeToString(sum[:8]), 0, "", true, true
		if isFromGroup(raw.JSON) {
			a.Payload = "" // nobody can tell whether it is talk among colleagues
		}
	}
	if !concerns {
		b.passed.pass(a, now)
		return nil
	}
	for _, item := range b.passed.of(a) {
		if err := tx.Receive(item, now, patience); err != nil {
			return err
		}
	}
	return tx.Receive(a, now, patience)
}

// textGroup begins the name of a group of pieces of a text.
const textGroup = "text:"

// group says what an update belongs together with: the items of an album are one
// event, and so are the pieces of a text that the client split because it was
// longer than a message may be. Only a piece of full length has another behind it.
func group(tx *state.Tx, a *state.Arrival, m *telegram.Message, now time.Time) error {
	if m.MediaGroup != "" {
		a.Group, a.Due = fmt.Sprintf("album:%d:%s", m.Chat.ID, m.MediaGroup), now.Add(quiet)
		return nil
	}
	if m.Kind != telegram.KindText {
		return nil
	}
	if m.ReplyTo == nil || isFull(m) {
		waiting, err := tx.LastPending(a.Chat)
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			return err
		}
		if err == nil && strings.HasPrefix(waiting.Group, textGroup) {
			pieces, err := tx.UpdateGroup(waiting.Group)
			if err != nil {
				return err
			}
			if belongs(m, pieces) {
				a.Group = waiting.Group
			}
		}
	}
	if isFull(m) {
		a.Due = now.Add(quiet)
		if a.Group == "" {
			a.Group = fmt.Sprintf("%s%d:%d", textGroup, m.Chat.ID, m.ID)
		}
	}
	return nil
}

// belongs tells whether a text is one of the pieces of a long one that wait: it
// goes on where the piece before it was cut, or, where the updates come in another
// order, it was itself cut before the others.
func belongs(m *telegram.Message, pieces []state.Update) bool {
	var before, after *telegram.Message // the nearest ones
	for _, p := range pieces {
		u, err := telegram.Parse([]byte(p.Payload))
		if err != nil || u.Message == nil {
			return false
		}
		switch x := u.Message; {
		case x.ID < m.ID && (before == nil || x.ID > before.ID):
			before = x
		case x.ID > m.ID && (after == nil || x.ID < after.ID):
			after = x
		}
	}
	if before != nil {
		return goesOn(before, m)
	}
	return after != nil && goesOn(m, after)
}

// goesOn tells whether b goes on where a client has cut a: at the full length, and
// only the first piece is a reply or a command.
func goesOn(a, b *telegram.Message) bool {
	return telegram.CutBefore(a.Text, b.Text) && b.ReplyTo == nil && !strings.HasPrefix(b.Text, "/") &&
		a.From != nil && b.From != nil && a.From.ID == b.From.ID && (a.Forward == nil) == (b.Forward == nil)
}

// isFull tells whether a text may go on in the next message. A character of two
// units may have had no room in it.
func isFull(m *telegram.Message) bool {
	return m != nil && telegram.UTF16Len(m.Text) >= telegram.MaxText-1
}

// updateKey is the same for the same event, under whatever number it comes.
func updateKey(u telegram.Update) string {
	switch {
	case u.Message != nil:
		return conversation.MessageKey(u.Message)
	case u.Edited != nil:
		// The date counts seconds, and a link's preview is an edit too.
		words := sha256.Sum256([]byte(u.Edited.Text))
		return fmt.Sprintf("edit:%d:%d:%d:%x", u.Edited.Chat.ID, u.Edited.ID, u.Edited.EditDate.Unix(), words[:8])
	case u.Callback != nil:
		return "press:" + u.Callback.ID
	case u.Member != nil:
		// The date counts seconds, and what was done and undone looks the same.
		return fmt.Sprintf("member:%d:%d:%d", u.Member.Chat.ID, u.Member.Date.Unix(), u.ID)
	}
	return fmt.Sprintf("update:%d", u.ID)
}
