package access

import (
	"errors"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// SeesAll tells whether the bot gets every message of a group.
func SeesAll(t *chat.Turn, g state.Group) (bool, error) {
	reads, err := t.Tx.Meta(chat.MetaReadsGroups)
	return g.Admin || reads != "", err
}

// GroupMembershipChanged handles what became of the bot in a group: a member's word lets
// the group in, a stranger's does not.
func GroupMembershipChanged(t *chat.Turn, strangers *Strangers, m *telegram.MemberChange) error {
	id := state.ChatID(m.Chat.ID)
	was, err := t.Tx.Group(id)
	known := err == nil
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	if !m.Present {
		if !known {
			return nil
		}
		// What is for the group waits for its return; nobody may write there.
		if was.Present {
			err = t.Audit(state.AuditEntry{Event: state.AuditGroupLeft, By: state.UserID(m.From.ID), Chat: id})
		}
		was.Present = false
		return errors.Join(err, t.Tx.SaveGroup(was))
	}
	if m.Chat.Type != "group" && m.Chat.Type != "supergroup" {
		return leave(t, id, state.PriorityStranger)
	}
	if !known || !was.Present {
		by, err := t.Tx.Person(state.UserID(m.From.ID))
		if err != nil {
			return err
		}
		if by.Role == state.Stranger {
			return turnDown(t, strangers, id, by.ID)
		}
		was.AddedBy, was.Since = by.ID, t.Now
		if err := t.Audit(state.AuditEntry{Event: state.AuditGroupAdded, By: by.ID, Chat: id}); err != nil {
			return err
		}
	}
	g := was
	g.Chat, g.Present, g.Admin, g.ManagesTopics, g.Pins, g.Forum = id, true, m.Admin, m.ManagesTopics, m.Pins, m.Chat.IsForum
	if err := errors.Join(t.Tx.SaveGroup(g), t.Tx.SeeChat(id, m.Chat.Type, m.Chat.Title), t.Tx.TellAgain(id, chat.TopicsRefused)); err != nil {
		return err
	}
	if !known || !was.Present {
		return errors.Join(setUp(t, g, "group_ready"), t.Reopened(id), t.SendAgain(id))
	}
	if err := t.Reopened(id); err != nil { // it may be what has changed
		return err
	}
	if g.Admin != was.Admin || g.ManagesTopics != was.ManagesTopics {
		return setUp(t, g, "group_changed")
	}
	return nil
}

// setUp tells a group how to use the bot, what the bot sees there and what it
// lacks.
func setUp(t *chat.Turn, g state.Group, first string) error {
	s, err := t.TextsFor(g.Chat)
	if err != nil {
		return err
	}
	all, err := SeesAll(t, g)
	if err != nil {
		return err
	}
	lines := []string{s.T(first), s.T(chat.Either(all, "group_sees_all", "group_privacy"))}
	switch {
	case !g.Forum:
		lines = append(lines, s.T("group_no_forum"))
	case !g.ManagesTopics:
		lines = append(lines, s.T("group_no_topics_right"))
	default:
		lines = append(lines, s.T("group_topics_possible"))
		if !g.Pins {
			lines = append(lines, s.T("group_no_pins"))
		}
	}
	return t.Say(chat.Outgoing{Place: chat.InChat(g.Chat), Text: telegram.Plain(strings.Join(lines, "\n\n")), Silent: true})
}

// turnDown says one sentence in a group that a stranger has added the bot to, and
// leaves it. Who adds it again and again hears the sentence once an hour.
func turnDown(t *chat.Turn, known *Strangers, id state.ChatID, by state.UserID) error {
	if !known.answers(by, adding, t.Now) {
		return leave(t, id, state.PriorityStranger)
	}
	t.Log(state.AuditEntry{Event: state.AuditStrangersGroup, By: by, Chat: id})
	s, err := t.TextsFor(id)
	if err != nil {
		return err
	}
	return errors.Join(
		t.Request(telegram.SendMessage{ChatID: telegram.ChatID(id), Text: s.T("group_closed")}, chat.TelegramRow{Place: chat.InChat(id), Meaning: chat.Meaning{Anyway: true}},
			chat.LeaveLane(id), state.PriorityStranger, ""),
		leave(t, id, state.PriorityStranger))
}

// leave takes the bot out of a group. It has a lane of its own: nothing that
// waits for the group may go on the occasion.
func leave(t *chat.Turn, id state.ChatID, p state.Priority) error {
	return t.Request(telegram.LeaveChat{ChatID: telegram.ChatID(id)}, chat.TelegramRow{Place: chat.InChat(id), Meaning: chat.Meaning{Anyway: true}}, chat.LeaveLane(id), p, "")
}

// CloseGroup ends a group's access: its pushes, its buttons and its bindings, and the bot
// leaves it. ErrNotFound where it has none.
func CloseGroup(t *chat.Turn, by state.UserID, id state.ChatID) error {
	dropped, err := t.Tx.DropGroup(id)
	if err == nil && !dropped {
		err = state.ErrNotFound
	}
	if err != nil {
		return err
	}
	return errors.Join(revokeChat(t, id), leave(t, id, state.PriorityPerson), t.Audit(state.AuditEntry{Event: state.AuditGroupRemoved, By: by, Chat: id}))
}

// revokeChat ends what goes to a chat: pushes, files and what else waits.
func revokeChat(t *chat.Turn, id state.ChatID) error {
	if err := t.Tx.UnbindAll(id); err != nil {
		return err
	}
	lanes, err := t.LanesOf(id)
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		if err := t.Tx.CancelLane(state.Telegram, lane, t.Now); err != nil {
			return err
		}
	}
	return nil
}
