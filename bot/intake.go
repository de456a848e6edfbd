package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// debounce is how long to wait for the next item of an album, or the next part of a long
	// text: they have no end mark.
	debounce = time.Second
	// debounceLimit is how long to wait for all of them.
	debounceLimit = 10 * time.Second
	// maxStatements is the number of statements after which a transaction takes no further
	// update.
	maxStatements = 300
)

// store puts updates into the inbox and then stores the next offset, so that what the next poll
// confirms is durable. Large batches are stored in portions, as long transactions block everyone
// else. If the program ends in between, Telegram sends the batch again and idempotency keys
// identify the updates already stored.
func (b *Bot) store(updates []telegram.Raw, offset *int64) error {
	next := *offset
	// Update ids restart after a quiet week: only this batch counts.
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
		n, err := b.storePortion(updates, next)
		if err != nil {
			return fmt.Errorf("store updates: %w", err)
		}
		updates, whole = updates[n:], n == len(updates)
	}
	*offset = next
	return nil
}

// storePortion stores as many updates as one transaction has room for, with the next offset if
// these are all, and returns their number. What is due is decided at once: that needs no commit
// of its own, and the next update is judged by the result.
func (b *Bot) storePortion(updates []telegram.Raw, next int64) (n int, err error) {
	var pending bool
	store := func(tx *state.Tx, decide bool) (err error) {
		if pending, err = tx.UpdatesWait(); err != nil {
			return err
		}
		for n = 0; n < len(updates) && (n == 0 || tx.Work().Statements < maxStatements); n++ {
			stored, err := b.storeOne(tx, updates[n], decide && !pending)
			if err != nil {
				return err
			}
			if pending = pending || stored; !pending || !decide {
				continue
			}
			if err := b.decideDue(tx); err != nil {
				return err
			}
			if pending, err = tx.UpdatesWait(); err != nil {
				return err
			}
		}
		if n < len(updates) {
			return nil
		}
		return tx.SetOffset(next)
	}
	err = guard(func() error {
		return b.Store.Update(func(tx *state.Tx) error { return store(tx, true) })
	})
	if err != nil {
		// The decision may have failed: the updates are stored undecided, and handle takes care
		// of them.
		err = b.Store.Update(func(tx *state.Tx) error { return store(tx, false) })
	}
	if pending && err == nil {
		signal(b.arrived)
	}
	return n, err
}

// storeOne puts an update into the inbox, or, with decide, decides it if it is due at once;
// stored reports whether it may wait to be decided. One that can't be parsed, or makes the
// program panic, is set aside.
func (b *Bot) storeOne(tx *state.Tx, raw telegram.Raw, decide bool) (stored bool, err error) {
	now := time.Now()
	a := state.Arrival{Payload: string(raw.JSON), Due: now}
	var t *chat.Turn
	var u telegram.Update
	concerns := false
	err = guard(func() (err error) {
		if u, err = telegram.Parse(raw.JSON); err != nil {
			return err
		}
		if t, err = b.Conversation.NewTurn(tx, now); err != nil {
			return err
		}
		if concerns, a.Stranger, err = b.conversation.Concerns(t, u); err != nil {
			return err
		}
		if !concerns {
			if err := b.conversation.PassOver(t, u); err != nil {
				return err
			}
		}
		a.Key, a.Chat = updateKey(u), state.ChatID(u.ChatID())
		if u.Message == nil {
			return nil
		}
		if err := group(tx, &a, u.Message, now); err != nil {
			return err
		}
		if concerns {
			concerns = !b.passed.continuedBy(u.Message, now)
			return nil
		}
		concerns, err = joins(tx, a)
		return err
	})
	if state.IsBroken(err) {
		return false, err
	}
	if err != nil {
		b.Log.Error("an update can't be read and is set aside", "update", raw.ID, "error", err)
		sum := sha256.Sum256(raw.JSON)
		a.Key, a.Chat, a.Group, a.Unreadable, concerns = "unreadable:"+hex.EncodeToString(sum[:8]), 0, "", true, true
		if isFromGroup(raw.JSON) {
			a.Payload = "" // it may be talk among colleagues
		}
	}
	if !concerns {
		b.passed.pass(a, now)
		return false, nil
	}
	if decide && a.Group == "" && !a.Unreadable {
		seq, err := tx.ReceiveHandled(a, now)
		if err != nil {
			return false, chat.IgnoreAbsent(err) // it has come before
		}
		return false, b.decideAs(t, seq, []telegram.Update{u})
	}
	for _, item := range b.passed.of(a) {
		if err := tx.Receive(item, now, debounceLimit); err != nil {
			return false, err
		}
	}
	return !a.Unreadable, tx.Receive(a, now, debounceLimit)
}

// textGroup is the prefix of the groups of split texts.
const textGroup = "text:"

// group assigns an update to a group of updates that form one event: the items of an album, or the
// parts of a text that the client split because it was too long for one message. Only a part of
// full length has a next one.
func group(tx *state.Tx, a *state.Arrival, m *telegram.Message, now time.Time) error {
	if m.MediaGroup != "" {
		a.Group, a.Due = fmt.Sprintf("album:%d:%s", m.Chat.ID, m.MediaGroup), now.Add(debounce)
		return nil
	}
	if m.Kind != telegram.KindText {
		return nil
	}
	if m.ReplyTo == nil || isFull(m) {
		// In a group others write in between.
		groups, err := tx.PendingGroups(a.Chat, textGroup)
		if err != nil {
			return err
		}
		for _, waiting := range groups {
			pieces, err := tx.UpdateGroup(waiting)
			if err != nil {
				return err
			}
			if belongs(m, pieces) {
				a.Group = waiting
				break
			}
		}
	}
	if isFull(m) {
		a.Due = now.Add(debounce)
		if a.Group == "" {
			a.Group = fmt.Sprintf("%s%d:%d", textGroup, m.Chat.ID, m.ID)
		}
	}
	return nil
}

// belongs reports whether a text is part of a pending split text: it continues the preceding part
// or, if updates arrive out of order, the following part continues it.
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

// goesOn reports whether b continues a where a client has split it: at the full length, and only
// the first part can be a reply or a command.
func goesOn(a, b *telegram.Message) bool {
	return telegram.CutBefore(a.Text, b.Text) && b.ReplyTo == nil && !strings.HasPrefix(b.Text, "/") &&
		a.From != nil && b.From != nil && a.From.ID == b.From.ID && (a.Forward == nil) == (b.Forward == nil)
}

// isFull reports whether a text may continue in the next message. A character of two units may
// not have fit.
func isFull(m *telegram.Message) bool {
	return m != nil && telegram.UTF16Len(m.Text) >= telegram.MaxText-1
}

// updateKey is the idempotency key of an event, independent of its update id.
func updateKey(u telegram.Update) string {
	switch {
	case u.Message != nil:
		return conversation.MessageKey(u.Message)
	case u.Edited != nil:
		// The date has a resolution of seconds, and adding a link preview is an edit too.
		words := sha256.Sum256([]byte(u.Edited.Text))
		return fmt.Sprintf("edit:%d:%d:%d:%x", u.Edited.Chat.ID, u.Edited.ID, u.Edited.EditDate.Unix(), words[:8])
	case u.Callback != nil:
		return "press:" + u.Callback.ID
	case u.Member != nil:
		// The date has a resolution of seconds, and a change and its reversal look the same.
		return fmt.Sprintf("member:%d:%d:%d", u.Member.Chat.ID, u.Member.Date.Unix(), u.ID)
	}
	return fmt.Sprintf("update:%d", u.ID)
}
