package conversation

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// What is said in a group is judged in the order in which it was written, though what
// came before may be stored and not decided yet: an album that is waited for, or all that
// was written while the bot did not run.

// repliesToUndecided tells whether a message replies to one that is not decided yet and
// may become a ticket's.
func repliesToUndecided(t *chat.Turn, m *telegram.Message) (bool, error) {
	// A reply is always to something older.
	if m.ReplyTo == nil || m.ReplyTo.ID >= m.ID {
		return false, nil
	}
	stored, err := t.Tx.PendingUpdate(messageKey(m.Chat.ID, m.ReplyTo.ID))
	if err != nil {
		return false, chat.IgnoreAbsent(err)
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
	case forTicket, forQuestion, forLater:
		return true, err
	case forCommand:
		return opensTicket(p.command), err
	}
	return false, err
}

// opensTicket tells whether a command is one that opens a ticket with its own words.
func opensTicket(c chat.Command) bool {
	return c.Name == "new" && c.Messages[0].ReplyTo == nil && (c.Args != "" || submission.HasFiles(c.Messages))
}

// mayUse tells whether a person may do anything in a chat once what came before is
// decided.
func mayUse(t *chat.Turn, c state.ChatID, u state.UserID) (bool, error) {
	if ok, err := t.Authorized(c, u); err != nil || ok || !telegram.ChatID(c).IsGroup() {
		return ok, err
	}
	p, err := t.Tx.Person(u)
	if err != nil || !p.Removed.IsZero() {
		return false, err
	}
	return willCount(t, c)
}

// undecided is how many updates of a group are looked at for the one that lets it in: it
// is among the first.
const undecided = 50

// willCount tells whether a group that does not count will: that a member has added the
// bot, or that the group was another one before, is stored and not decided yet.
func willCount(t *chat.Turn, c state.ChatID) (bool, error) {
	stored, err := t.Tx.PendingIn(c, undecided)
	if err != nil {
		return false, err
	}
	for _, s := range stored {
		u, err := telegram.Parse([]byte(s.Payload))
		if err != nil {
			continue // it is set aside when its turn comes
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
				counts, err = willCount(t, from)
			}
		}
		if err != nil || counts {
			return counts, err
		}
	}
	return false, nil
}
