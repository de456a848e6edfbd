package access

import (
	"errors"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// SeesAll reports whether the bot receives every message of a group.
func SeesAll(t *chat.Turn, g state.Group) (bool, error) {
	reads, err := t.Tx.Meta(chat.MetaReadsGroups)
	return g.Admin || reads != "", err
}

// GroupMembershipChanged handles a change of the bot's membership in a group: a group is
// authorized if a member adds the bot, not if a stranger does.
func GroupMembershipChanged(t *chat.Turn, strangers *Strangers, m *telegram.MemberChange) error {
	id := state.ChatID(m.Chat.ID)
	if here, err := t.CurrentChat(id); err != nil || here != id {
		return err // it came late: the group has become a supergroup, which has its own
	}
	was, err := t.Tx.Group(id)
	known := err == nil
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	if !m.Present {
		if m.Chat.Type == "supergroup" { // a group may have become one, which it is still to leave
			if err := t.Tx.CancelLane(state.Telegram, chat.LeaveLane(id), t.Now); err != nil {
				return err
			}
		}
		if !known {
			return nil
		}
		// Messages for the group are kept for its return; nobody may write there.
		if was.Present {
			err = t.Audit(state.AuditEntry{Event: state.AuditGroupLeft, By: state.UserID(m.From.ID), Chat: id})
		}
		was.Present = false
		return errors.Join(err, t.Tx.SaveGroup(was))
	}
	if m.Chat.Type != "group" && m.Chat.Type != "supergroup" {
		return leave(t, id, state.PriorityStranger, nil)
	}
	if !known || !was.Present {
		if closed, err := isClosed(t, id); err != nil || closed {
			return err
		}
		by, err := t.Tx.Person(state.UserID(m.From.ID))
		if err != nil {
			return err
		}
		if by.Role == state.Stranger {
			return refuseGroup(t, strangers, m, by.ID)
		}
		was.AddedBy, was.Since = by.ID, t.Now
		if err := t.Audit(state.AuditEntry{Event: state.AuditGroupAdded, By: by.ID, Chat: id}); err != nil {
			return err
		}
	}
	g := chat.RightsOf(m).In(was)
	g.Chat, g.Present = id, true
	if err := errors.Join(t.Tx.SaveGroup(g), t.Tx.SeeChat(id, m.Chat.Type, m.Chat.Title), t.Tx.TellAgain(id, chat.TopicsRefused)); err != nil {
		return err
	}
	if !known || !was.Present {
		return errors.Join(t.Tx.CancelLane(state.Telegram, chat.LeaveLane(id), t.Now), setUp(t, g, "group_ready"), t.Reopened(id), t.SendAgain(id))
	}
	if err := t.Reopened(id); err != nil { // the change may be what was missing
		return err
	}
	if g.Admin != was.Admin || g.ManagesTopics != was.ManagesTopics {
		return setUp(t, g, "group_changed")
	}
	return nil
}

// isClosed reports whether an owner has closed a group that the bot has not left yet: that it is
// there is no adding.
func isClosed(t *chat.Turn, id state.ChatID) (bool, error) {
	leaves, err := t.Tx.Waiting(state.Telegram, chat.LeaveLane(id))
	return slices.ContainsFunc(leaves, func(r state.Row) bool { return r.Priority == state.PriorityPerson }), err
}

// setUp tells a group how to use the bot, what the bot sees there and which rights it
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

// upgradeShows is how long the bot stays in a supergroup that a stranger seems to have added it
// to. It may be an authorized group that has just become one: of that Telegram tells in any order,
// and names whoever did it.
const upgradeShows = 10 * time.Second

// refuseGroup says one sentence in a group that a stranger has added the bot to, and leaves.
// The sentence is said once an hour per person; after that the bot just leaves.
func refuseGroup(t *chat.Turn, known *Strangers, m *telegram.MemberChange, by state.UserID) error {
	id := state.ChatID(m.Chat.ID)
	waits, err := t.Tx.Waiting(state.Telegram, chat.LeaveLane(id))
	if err != nil {
		return err
	}
	if known.allow(by, groupAdd, t.Now) {
		t.Log(state.AuditEntry{Event: state.AuditStrangersGroup, By: by, Chat: id})
		s, err := t.TextsFor(id)
		if err != nil {
			return err
		}
		err = t.Request(telegram.SendMessage{ChatID: m.Chat.ID, Text: s.T("group_closed")}, chat.TelegramRow{Place: chat.InChat(id), Meaning: chat.Meaning{Anyway: true}},
			chat.LeaveLane(id), state.PriorityStranger, "")
		if err != nil {
			return err
		}
	}
	if m.Chat.Type != "supergroup" {
		return leave(t, id, state.PriorityStranger, nil)
	}
	here := chat.RightsOf(m)
	if err := leave(t, id, state.PriorityStranger, &here); err != nil || len(waits) > 0 {
		return err // other rights change nothing about when it leaves
	}
	return t.Tx.PutOff(state.Telegram, chat.LeaveLane(id), t.Now.Add(upgradeShows))
}

// Upgraded settles whether the bot stays in the supergroup that a group has become. In one that was
// authorized it does, see upgradeShows; if it was about to leave the group, it leaves the
// supergroup.
func Upgraded(t *chat.Turn, from, to state.ChatID) error {
	leaves, err := t.Tx.Waiting(state.Telegram, chat.LeaveLane(from))
	if err != nil {
		return err
	}
	g, err := t.Tx.Group(to)
	known := err == nil
	switch {
	case chat.IgnoreAbsent(err) != nil:
		return err
	case len(leaves) == 0 && known:
		return stay(t, g)
	case len(leaves) == 0:
		return nil
	case known:
		g.Present = false
		if err := t.Tx.SaveGroup(g); err != nil {
			return err
		}
	}
	return errors.Join(t.Tx.CancelLane(state.Telegram, chat.LeaveLane(from), t.Now), leave(t, to, leaves[0].Priority, nil))
}

// stay keeps the bot in a group that it was about to leave, with the rights that it has there.
func stay(t *chat.Turn, g state.Group) error {
	lane := chat.LeaveLane(g.Chat)
	rows, err := t.Tx.Waiting(state.Telegram, lane)
	if err != nil {
		return err
	}
	for _, row := range rows {
		r, err := chat.Decode[chat.TelegramRow](row)
		if err != nil {
			return err
		}
		if r.Here != nil {
			g = r.Here.In(g)
		}
	}
	return errors.Join(t.Tx.SaveGroup(g), t.Tx.CancelLane(state.Telegram, lane, t.Now))
}

// leave takes the bot out of a group, in a lane of its own, so that nothing queued for the
// group is sent first. here are its rights there, if it may stay after all; else nil.
func leave(t *chat.Turn, id state.ChatID, p state.Priority, here *chat.Rights) error {
	return t.Request(telegram.LeaveChat{ChatID: telegram.ChatID(id)}, chat.TelegramRow{Place: chat.InChat(id), Meaning: chat.Meaning{Anyway: true}, Here: here},
		chat.LeaveLane(id), p, "")
}

// CloseGroup revokes a group's access: its news, buttons and bindings end, and the bot
// leaves. ErrNotFound if it has none.
func CloseGroup(t *chat.Turn, by state.UserID, id state.ChatID) error {
	dropped, err := t.Tx.DropGroup(id)
	if err == nil && !dropped {
		err = state.ErrNotFound
	}
	if err != nil {
		return err
	}
	return errors.Join(revokeChat(t, id), leave(t, id, state.PriorityPerson, nil), t.Audit(state.AuditEntry{Event: state.AuditGroupRemoved, By: by, Chat: id}))
}

// revokeChat removes a chat's bindings and cancels everything queued for it.
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
