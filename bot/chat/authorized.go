package chat

import (
	"errors"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ChatAuthorized tells whether a chat may hear anything: a private one whose person has
// a role, or a group that a member has added the bot to.
func (t *Turn) ChatAuthorized(c state.ChatID) (bool, error) {
	if !telegram.ChatID(c).IsGroup() {
		p, err := t.Tx.Person(state.UserID(c))
		return p.Role != state.Stranger, err
	}
	c, err := t.CurrentChat(c)
	if err != nil {
		return false, err
	}
	_, err = t.Tx.Group(c)
	return err == nil, IgnoreAbsent(err)
}

// Authorized tells whether a person may use the bot in a chat: in private by his
// role, in a group that counts everybody may.
func (t *Turn) Authorized(c state.ChatID, u state.UserID) (bool, error) {
	if telegram.ChatID(c).IsGroup() {
		return t.ChatAuthorized(c)
	}
	p, err := t.Tx.Person(u)
	return p.Role != state.Stranger, err
}

// IgnoreAbsent is nil for what the store does not have, else the error.
func IgnoreAbsent(err error) error {
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	return err
}

// seeForum notes whether a group has topics.
func (t *Turn) seeForum(c state.ChatID, forum bool) error {
	g, err := t.Tx.Group(c)
	if err != nil || g.Forum == forum {
		return IgnoreAbsent(err)
	}
	g.Forum = forum
	return errors.Join(t.Tx.SaveGroup(g), t.Tx.TellAgain(c, TopicsRefused))
}

// CurrentChat is the chat that a chat is now: the supergroup that a group has become.
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

// ChatReachable notes that a chat takes messages, and lets go what was held back
// while it did not.
func (t *Turn) ChatReachable(chat state.ChatID) error {
	opened, err := t.Tx.UnblockChat(chat)
	if err != nil || !opened {
		return err
	}
	if ok, err := t.ChatAuthorized(chat); err != nil || !ok {
		return err
	}
	return t.Tx.Revive(state.Telegram, ChatLane(chat), t.Now)
}

// TopicsRefused is told once when a chat that wants topics can't have them.
const TopicsRefused = "topics_refused"
