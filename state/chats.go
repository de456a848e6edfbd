package state

import "time"

// Chat is a chat that the bot talks in.
type Chat struct {
	ID        ChatID
	Kind      string // private, group, supergroup
	Title     string
	Reactions bool      // false once it has refused one
	Blocked   time.Time // when it answered 403; zero while it can be written to
	MovedTo   ChatID    // the supergroup that this group has become; 0: none
}

const chatColumns = `chat_id, kind, title, reactions, blocked_at, moved_to`

func scanChat(r scanner) (c Chat, err error) {
	var blocked int64
	err = r.Scan(&c.ID, &c.Kind, &c.Title, &c.Reactions, &blocked, &c.MovedTo)
	c.Blocked = instant(blocked)
	return c, err
}

// Chat returns a chat; ErrNotFound where it is unknown.
func (tx *Tx) Chat(id ChatID) (Chat, error) {
	return first(tx, "chat", scanChat, `SELECT `+chatColumns+` FROM chats WHERE chat_id = ?`, id)
}

// SeeChat notes that a chat exists and can be written to.
func (tx *Tx) SeeChat(id ChatID, kind, title string) error {
	return tx.run("see chat", `INSERT INTO chats (chat_id, kind, title) VALUES (?, ?, ?)
		ON CONFLICT (chat_id) DO UPDATE SET kind = excluded.kind, title = excluded.title, blocked_at = 0
		WHERE (kind, title, blocked_at) <> (excluded.kind, excluded.title, 0)`, id, kind, title)
}

// RefuseReactions notes that a chat does not take reactions.
func (tx *Tx) RefuseReactions(id ChatID) error {
	return tx.run("refuse reactions", `UPDATE chats SET reactions = 0 WHERE chat_id = ?`, id)
}

// UnblockChat notes that a chat can be written to; false where that was so.
func (tx *Tx) UnblockChat(id ChatID) (bool, error) {
	return tx.changed("unblock chat", `UPDATE chats SET blocked_at = 0 WHERE chat_id = ? AND blocked_at > 0`, id)
}

// BlockChat notes that a chat can't be written to, one that was never seen
// included: an owner who has not started the bot yet.
func (tx *Tx) BlockChat(id ChatID, now time.Time) error {
	return tx.run("block chat", `INSERT INTO chats (chat_id, kind, blocked_at) VALUES (?, 'private', ?)
		ON CONFLICT (chat_id) DO UPDATE SET blocked_at = excluded.blocked_at WHERE blocked_at = 0`, id, millis(now))
}
