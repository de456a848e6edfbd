package state

import "time"

// Chat is a chat that the bot takes part in.
type Chat struct {
	ID      ChatID
	Kind    string // private, group, supergroup
	Title   string
	MovedTo ChatID // the supergroup that this group was upgraded to; 0: none
	// ReactionsRefused is when the chat last refused a reaction since the program
	// started; zero: never.
	ReactionsRefused time.Time
}

func scanChat(r scanner) (c Chat, err error) {
	var refused int64
	err = r.Scan(&c.ID, &c.Kind, &c.Title, &refused, &c.MovedTo)
	c.ReactionsRefused = instant(refused)
	return c, err
}

// Chat returns a chat; ErrNotFound if it is unknown.
func (tx *Tx) Chat(id ChatID) (Chat, error) {
	return first(tx, "chat", scanChat, `SELECT chat_id, kind, title, reactions_refused_at, moved_to FROM chats WHERE chat_id = +?`, id)
}

// SeeChat records that a chat exists.
func (tx *Tx) SeeChat(id ChatID, kind, title string) error {
	return tx.run("see chat", `INSERT INTO chats (chat_id, kind, title) VALUES (?, ?, ?)
		ON CONFLICT (chat_id) DO UPDATE SET kind = excluded.kind, title = excluded.title
		WHERE (kind, title) <> (excluded.kind, excluded.title)`, id, kind, title)
}

// RefuseReactions records that a chat does not accept reactions.
func (tx *Tx) RefuseReactions(id ChatID, now time.Time) error {
	return tx.run("refuse reactions", `UPDATE chats SET reactions_refused_at = ? WHERE chat_id = +?`, millis(now), id)
}

// AllowReactions forgets which chats do not accept reactions.
func (tx *Tx) AllowReactions() error {
	return tx.run("allow reactions", `UPDATE chats SET reactions_refused_at = 0 WHERE reactions_refused_at > 0`)
}
