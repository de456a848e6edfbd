package conversation

import (
	"errors"
	"slices"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Messages of a group are judged in the order written, even if earlier ones are stored but not
// decided yet: an album being collected, or everything written while the bot was down.

// repliesToUndecided reports whether a message replies to one that is not decided yet and may
// become a ticket's.
func repliesToUndecided(t *chat.Turn, m *telegram.Message) (bool, error) {
	// A reply is always to something older.
	if m.ReplyTo == nil || m.ReplyTo.ID >= m.ID {
		return false, nil
	}
	stored, err := t.Tx.PendingUpdate(messageKey(m.Chat.ID, m.ReplyTo.ID))
	if errors.Is(err, state.ErrNotFound) {
		return repliesToUnsent(t, m)
	}
	if err != nil {
		return false, err
	}
	event := []state.Update{stored}
	if stored.Group != "" {
		if event, err = t.Tx.UpdateGroup(stored.Group); err != nil {
			return false, err
		}
	}
	var messages []*telegram.Message
	for _, e := range event {
		u, err := telegram.Parse([]byte(e.Payload))
		if err != nil || u.Message == nil {
			return false, nil //nolint:nilerr // it is set aside when its turn comes
		}
		messages = append(messages, u.Message)
	}
	p, err := purposeOf(t, messages)
	switch p.kind {
	case forTicket, forQuestion, forUndecided:
		return true, err
	case forCommand:
		return opensTicket(p.command), err
	}
	return false, err
}

// repliesToUnsent reports whether a message replies to one that is held or in a draft while a press
// that may send it is not decided yet.
func repliesToUnsent(t *chat.Turn, m *telegram.Message) (bool, error) {
	c, id := state.ChatID(m.Chat.ID), state.MessageID(m.ReplyTo.ID)
	sub, err := t.Tx.SubmissionOf(c, id)
	if chat.IgnoreAbsent(err) != nil {
		return false, err
	}
	unsent := err == nil && sub.State == state.SubmissionHeld
	drafts, err := t.Tx.DraftsWith(c, id)
	if err != nil || !unsent && !slices.ContainsFunc(drafts, func(d state.Draft) bool { return d.State == state.DraftOpen }) {
		return false, err
	}
	pending, err := t.Tx.PendingIn(c, pendingScanned)
	return slices.ContainsFunc(pending, func(p state.Update) bool {
		u, err := telegram.Parse([]byte(p.Payload))
		return err == nil && u.Callback != nil
	}), err
}

// opensTicket reports whether a command opens a ticket with its own text.
func opensTicket(c chat.Command) bool {
	return c.Name == "new" && c.Messages[0].ReplyTo == nil && (c.Args != "" || submission.HasFiles(c.Messages))
}

// mayUse reports whether a person may act in a chat once earlier updates are decided.
func mayUse(t *chat.Turn, c state.ChatID, u state.UserID) (bool, error) {
	if ok, err := t.Authorized(c, u); err != nil || ok || !telegram.ChatID(c).IsGroup() {
		return ok, err
	}
	p, err := t.Tx.Person(u)
	if err != nil || !p.Removed.IsZero() {
		return false, err
	}
	return willBeAuthorized(t, c)
}

// pendingScanned is how many pending updates of a group are searched for the one that authorizes
// it: it is among the first.
const pendingScanned = 50

// willBeAuthorized reports whether a group without access will get it: a member's adding of the
// bot, or the upgrade of an authorized group, is stored but not decided yet.
func willBeAuthorized(t *chat.Turn, c state.ChatID) (bool, error) {
	stored, err := t.Tx.PendingIn(c, pendingScanned)
	if err != nil {
		return false, err
	}
	for _, s := range stored {
		u, err := telegram.Parse([]byte(s.Payload))
		if err != nil {
			continue // it is set aside when it is handled
		}
		var counts bool
		switch {
		case u.Member != nil && u.Member.Present:
			by, failure := t.Tx.Person(state.UserID(u.Member.From.ID))
			counts, err = by.Role != state.Stranger, failure
		case u.Message != nil && u.Message.MigrateFrom != 0:
			from := state.ChatID(u.Message.MigrateFrom)
			if _, err = t.Tx.Group(from); err == nil {
				counts = true
			} else if errors.Is(err, state.ErrNotFound) {
				counts, err = willBeAuthorized(t, from)
			}
		}
		if err != nil || counts {
			return counts, err
		}
	}
	return false, nil
}
