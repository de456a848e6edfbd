package state

import (
	"encoding/json"
	"fmt"
	"time"
)

// Binding says that a chat gets a ticket's news.
type Binding struct {
	Chat        ChatID
	Ticket      TicketID
	Muted       bool
	LastMessage MessageID // the ticket's last message there; 0: none
	// AsAll says that the chat hears of the ticket only while it hears of all.
	AsAll bool
}

// Bind binds a ticket to a chat, once.
func (tx *Tx) Bind(c ChatID, t TicketID, now time.Time) error {
	return tx.run("bind", `INSERT INTO bindings (chat_id, ticket_id, bound_at) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET as_all = 0 WHERE as_all = 1`, c, t, millis(now))
}

// BindAsAll notes that a chat hears of a ticket because it hears of all tickets.
// A binding that is there stays as it is.
func (tx *Tx) BindAsAll(c ChatID, t TicketID, now time.Time) error {
	return tx.run("bind as all", `INSERT INTO bindings (chat_id, ticket_id, bound_at, as_all) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING`,
		c, t, millis(now))
}

// Unbind ends it; false where there was no binding.
func (tx *Tx) Unbind(c ChatID, t TicketID) (bool, error) {
	return tx.changed("unbind", `DELETE FROM bindings WHERE chat_id = ? AND ticket_id = ?`, c, t)
}

// Orphans returns the open tickets whose news these chats get and no other chat does, n
// of them at most with the lately active first, and how many there are in all. Chats that
// may hear nothing any more don't count.
func (tx *Tx) Orphans(chats []ChatID, n int) (tickets []Ticket, total int, err error) {
	list, err := json.Marshal(chats)
	if err != nil {
		return nil, 0, fmt.Errorf("list chats: %w", err)
	}
	const orphans = ` FROM tickets WHERE open = 1
		AND ticket_id IN (SELECT ticket_id FROM bindings WHERE chat_id IN (SELECT value FROM json_each(?1)))
		AND NOT EXISTS (SELECT 1 FROM bindings AS b LEFT JOIN chat_settings AS s ON s.chat_id = b.chat_id
			WHERE b.ticket_id = tickets.ticket_id AND b.chat_id NOT IN (SELECT value FROM json_each(?1))
			AND (b.as_all = 0 AND coalesce(s.news, 'bound') = 'bound') AND (` + hears + `))
		AND NOT EXISTS (SELECT 1 FROM chat_settings AS b WHERE b.news = 'all' AND b.chat_id NOT IN (SELECT value FROM json_each(?1)) AND (` + hears + `))`
	if err := tx.one("count orphans", `SELECT count(*)`+orphans, []any{string(list)}, &total); err != nil {
		return nil, 0, err
	}
	tickets, err = all(tx, "orphans", scanTicket, `SELECT `+ticketSelected+orphans+` ORDER BY last_activity_at DESC, ticket_id DESC LIMIT ?2`, string(list), n)
	return tickets, total, err
}

// hears tells whether a chat, b.chat_id, may hear anything: a private one has its person's
// number.
const hears = `EXISTS (SELECT 1 FROM people WHERE user_id = b.chat_id AND role <> 'stranger')
	OR EXISTS (SELECT 1 FROM groups WHERE groups.chat_id = b.chat_id)`

// UnbindAll ends all bindings of a chat.
func (tx *Tx) UnbindAll(c ChatID) error {
	return tx.run("unbind all", `DELETE FROM bindings WHERE chat_id = ?`, c)
}

func scanBinding(r scanner) (b Binding, err error) {
	err = r.Scan(&b.Chat, &b.Ticket, &b.Muted, &b.LastMessage, &b.AsAll)
	return b, err
}

// Binding returns one binding; ErrNotFound where there is none.
func (tx *Tx) Binding(c ChatID, t TicketID) (Binding, error) {
	return first(tx, "binding", scanBinding, `SELECT chat_id, ticket_id, muted, last_message_id, as_all FROM bindings
		WHERE chat_id = ? AND ticket_id = ?`, c, t)
}

// BindingsOf lists the chats bound to a ticket, also those that can't be written
// to at present: what they missed waits for them.
func (tx *Tx) BindingsOf(t TicketID) ([]Binding, error) {
	return all(tx, "bindings", scanBinding, `SELECT chat_id, ticket_id, muted, last_message_id, as_all FROM bindings
		WHERE ticket_id = ? ORDER BY chat_id`, t)
}

// SetMuted makes a ticket's news in a chat silent, or not; ErrNotFound where
// the chat is not bound.
func (tx *Tx) SetMuted(c ChatID, t TicketID, muted bool) error {
	ok, err := tx.changed("mute", `UPDATE bindings SET muted = ? WHERE chat_id = ? AND ticket_id = ?`, muted, c, t)
	if err == nil && !ok {
		err = fmt.Errorf("mute: %w", ErrNotFound)
	}
	return err
}

// MapMessage notes which ticket a message belongs to. last makes it the message
// that the ticket's next one there replies to, unless a later one is that
// already: an edited message does not come back to the end.
func (tx *Tx) MapMessage(c ChatID, m MessageID, t TicketID, last bool) error {
	if err := tx.run("map message", `INSERT INTO messages (chat_id, message_id, ticket_id) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET ticket_id = excluded.ticket_id`, c, m, t); err != nil || !last {
		return err
	}
	return tx.run("note last message", `UPDATE bindings SET last_message_id = max(last_message_id, ?) WHERE chat_id = ? AND ticket_id = ?`, m, c, t)
}

// MessageTicket tells which ticket a message belongs to; ErrNotFound where to
// none.
func (tx *Tx) MessageTicket(c ChatID, m MessageID) (t TicketID, err error) {
	err = tx.one("ticket of message", `SELECT ticket_id FROM messages WHERE chat_id = ? AND message_id = ?`, []any{c, m}, &t)
	return t, err
}
