package chat

import (
	"errors"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ChatAuthorized reports whether messages may be sent to a chat: a private chat of a person
// with a role, or a group that a member has added the bot to. While the bot is out of the
// group they are kept; whoever adds it back decides, see package access.
func (t *Turn) ChatAuthorized(c state.ChatID) (bool, error) {
	_, ok, err := t.chatAuthorized(c)
	return ok, err
}

func (t *Turn) chatAuthorized(c state.ChatID) (g state.Group, ok bool, err error) {
	if !telegram.ChatID(c).IsGroup() {
		p, err := t.Tx.Person(state.UserID(c))
		return g, p.Role != state.Stranger, err
	}
	if c, err = t.CurrentChat(c); err != nil {
		return g, false, err
	}
	g, err = t.Tx.Group(c)
	return g, err == nil, IgnoreAbsent(err)
}

// Authorized reports whether a person may act in a chat now: in private by their role; in a
// group that the bot is in, anyone except those whose access was revoked.
func (t *Turn) Authorized(c state.ChatID, u state.UserID) (bool, error) {
	p, err := t.Tx.Person(u)
	if err != nil {
		return false, err
	}
	return t.allowed(c, p)
}

func (t *Turn) allowed(c state.ChatID, p state.Person) (bool, error) {
	if !telegram.ChatID(c).IsGroup() {
		return p.Role != state.Stranger, nil
	}
	g, ok, err := t.chatAuthorized(c)
	return ok && g.Present && p.Removed.IsZero(), err
}

// Sends reports whether what a person wrote in a chat may still be sent to Plusofon: neither
// their access nor that of the group was revoked. The bot's temporary absence from a group
// does not matter.
func (t *Turn) Sends(c state.ChatID, u state.UserID) (bool, error) {
	p, err := t.Tx.Person(u)
	if err != nil || !p.Removed.IsZero() {
		return false, err
	}
	if !telegram.ChatID(c).IsGroup() {
		return p.Role != state.Stranger, nil
	}
	return t.ChatAuthorized(c)
}

// IgnoreAbsent returns nil for ErrNotFound, else the error.
func IgnoreAbsent(err error) error {
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	return err
}

// seeForum records whether a group has topics.
func (t *Turn) seeForum(c state.ChatID, forum bool) error {
	g, err := t.Tx.Group(c)
	if err != nil || g.Forum == forum {
		return IgnoreAbsent(err)
	}
	g.Forum = forum
	return errors.Join(t.Tx.SaveGroup(g), t.Tx.TellAgain(c, TopicsRefused))
}

// CurrentChat returns the supergroup that a group was upgraded to, or the chat itself.
func (t *Turn) CurrentChat(c state.ChatID) (state.ChatID, error) {
	if !telegram.ChatID(c).IsGroup() {
		return c, nil
	}
	chat, err := t.Tx.Chat(c)
	if err == nil && chat.MovedTo != 0 {
		return chat.MovedTo, nil
	}
	return c, IgnoreAbsent(err)
}

// TopicsRefused is the TellOnce key of the notice that a chat can't have the topics it
// chose.
const TopicsRefused = "topics_refused"
