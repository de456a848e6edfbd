package bot

import (
	"errors"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// counts tells whether a chat may hear anything: a private one whose person has
// a role, or a group that a member has added the bot to.
func (t *turn) counts(c state.ChatID) (bool, error) {
	if !telegram.ChatID(c).IsGroup() {
		p, err := t.tx.Person(state.UserID(c))
		return p.Role != state.Stranger, err
	}
	c, err := t.current(c)
	if err != nil {
		return false, err
	}
	_, err = t.tx.Group(c)
	return err == nil, ignoreAbsent(err)
}

// allowed tells whether a person may use the bot in a chat: in private by his
// role, in a group that counts everybody may.
func (t *turn) allowed(c state.ChatID, u state.UserID) (bool, error) {
	if telegram.ChatID(c).IsGroup() {
		return t.counts(c)
	}
	p, err := t.tx.Person(u)
	return p.Role != state.Stranger, err
}

func ignoreAbsent(err error) error {
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	return err
}

// seeForum notes whether a group has topics.
func (t *turn) seeForum(c state.ChatID, forum bool) error {
	g, err := t.tx.Group(c)
	if err != nil || g.Forum == forum {
		return ignoreAbsent(err)
	}
	g.Forum = forum
	return errors.Join(t.tx.SaveGroup(g), t.tx.TellAgain(c, topicsRefused))
}

// groupMembership handles what became of the bot in a group: a member's word lets
// the group in, a stranger's does not.
func (t *turn) groupMembership(m *telegram.MemberChange) error {
	id := state.ChatID(m.Chat.ID)
	was, err := t.tx.Group(id)
	known := err == nil
	if ignoreAbsent(err) != nil {
		return err
	}
	if !m.Present {
		if !known {
			return nil
		}
		// What is for the group waits for its return; nobody may write there.
		was.Present = false
		return errors.Join(t.tx.SaveGroup(was), t.tx.BlockChat(id, t.now))
	}
	if m.Chat.Type != "group" && m.Chat.Type != "supergroup" {
		return t.leave(id)
	}
	if !known || !was.Present {
		by, err := t.tx.Person(state.UserID(m.From.ID))
		if err != nil {
			return err
		}
		if by.Role == state.Stranger {
			return t.turnDown(id, by.ID)
		}
		was.AddedBy, was.Since = by.ID, t.now
	}
	g := was
	g.Chat, g.Present, g.Admin, g.ManagesTopics, g.Pins, g.Forum = id, true, m.Admin, m.ManagesTopics, m.Pins, m.Chat.IsForum
	if err := errors.Join(t.tx.SaveGroup(g), t.tx.SeeChat(id, m.Chat.Type, m.Chat.Title), t.tx.TellAgain(id, topicsRefused)); err != nil {
		return err
	}
	if !known || !was.Present {
		return errors.Join(t.setUp(g, "group_ready"), t.tx.Revive(state.Telegram, chatLane(id), t.now))
	}
	if g.Admin != was.Admin || g.ManagesTopics != was.ManagesTopics {
		return t.setUp(g, "group_changed")
	}
	return nil
}

// setUp tells a group how to use the bot, what the bot sees there and what it
// lacks.
func (t *turn) setUp(g state.Group, first string) error {
	s, err := t.textsFor(g.Chat)
	if err != nil {
		return err
	}
	all, err := t.seesAll(g)
	if err != nil {
		return err
	}
	lines := []string{s.T(first), s.T(pick(all, "group_sees_all", "group_privacy"))}
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
	return t.say(outgoing{chat: g.Chat, text: telegram.Plain(strings.Join(lines, "\n\n")), silent: true})
}

// turnDown says one sentence in a group that a stranger has added the bot to, and
// leaves it. Who adds it again and again hears the sentence once an hour.
func (t *turn) turnDown(id state.ChatID, by state.UserID) error {
	if !t.strangers.turnsDown(by, t.now) {
		return t.leave(id)
	}
	s, err := t.textsFor(id)
	if err != nil {
		return err
	}
	return errors.Join(
		t.request(telegram.SendMessage{ChatID: telegram.ChatID(id), Text: s.T("group_closed")}, TelegramRow{Chat: id, Anyway: true}, leaveLane(id), state.PriorityPerson, ""),
		t.leave(id))
}

// leave takes the bot out of a group. It has a lane of its own: nothing that
// waits for the group may go on the occasion.
func (t *turn) leave(id state.ChatID) error {
	return t.request(telegram.LeaveChat{ChatID: telegram.ChatID(id)}, TelegramRow{Chat: id, Anyway: true}, leaveLane(id), state.PriorityPerson, "")
}

// shutGroup ends a group's access: its pushes, its buttons and its bindings.
func (t *turn) shutGroup(id state.ChatID) (bool, error) {
	dropped, err := t.tx.DropGroup(id)
	if err != nil || !dropped {
		return false, err
	}
	if err := t.shutChat(id); err != nil {
		return false, err
	}
	return true, t.leave(id)
}

// shutChat ends what goes to a chat: pushes, files and what else waits.
func (t *turn) shutChat(id state.ChatID) error {
	if err := t.tx.UnbindAll(id); err != nil {
		return err
	}
	lanes, err := t.tx.LanesFrom(state.Telegram, downLanes(id))
	if err != nil {
		return err
	}
	for _, lane := range append(lanes, chatLane(id)) {
		if err := t.tx.CancelLane(state.Telegram, lane, t.now); err != nil {
			return err
		}
	}
	return nil
}
