package state

import (
	"encoding/json"
	"fmt"
	"time"
)

// Binding subscribes a chat to a ticket's news.
type Binding struct {
	Chat        ChatID
	Ticket      TicketID
	Muted       bool
	LastMessage MessageID // the ticket's latest message there; 0: none
	// AsAll marks a binding that lasts only while the chat follows all tickets.
	AsAll bool
}

// Bind binds a ticket to a chat, once.
func (tx *Tx) Bind(c ChatID, t TicketID, now time.Time) error {
	return tx.run("bind", `INSERT INTO bindings (chat_id, ticket_id, bound_at) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET as_all = 0 WHERE as_all = 1`, c, t, millis(now))
}

// BindAsAll binds a ticket because the chat follows all tickets. An existing
// binding is left unchanged.
func (tx *Tx) BindAsAll(c ChatID, t TicketID, now time.Time) error {
	return tx.run("bind as all", `INSERT INTO bindings (chat_id, ticket_id, bound_at, as_all) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING`,
		c, t, millis(now))
}

// Unbind ends a binding; false if there was none.
func (tx *Tx) Unbind(c ChatID, t TicketID) (bool, error) {
	return tx.changed("unbind", `DELETE FROM bindings WHERE chat_id = +? AND ticket_id = +?`, c, t)
}

// Orphans returns open tickets that only these chats follow, at most n, most recently
// active first, and their total number. Chats without access don't count as followers.
func (tx *Tx) Orphans(chats []ChatID, n int) (tickets []Ticket, total int, err error) {
	list, err := json.Marshal(chats)
	if err != nil {
		return nil, 0, fmt.Errorf("list chats: %w", err)
	}
	const orphans = ` FROM tickets WHERE open = 1
		AND ticket_id IN (SELECT ticket_id FROM bindings WHERE chat_id IN (SELECT value FROM json_each(?1)))
		AND NOT EXISTS (SELECT 1 FROM bindings AS b LEFT JOIN chat_settings AS s ON s.chat_id = b.chat_id
			WHERE b.ticket_id = tickets.ticket_id AND b.chat_id NOT IN (SELECT value FROM json_each(?1))
			AND (b.as_all = 0 AND coalesce(s.news, 'bound') = 'bound') AND (` + hasAccess + `))
		AND NOT EXISTS (SELECT 1 FROM chat_settings AS b WHERE b.news = 'all' AND b.chat_id NOT IN (SELECT value FROM json_each(?1)) AND (` + hasAccess + `))`
	if err := tx.one("count orphans", `SELECT count(*)`+orphans, []any{string(list)}, &total); err != nil {
		return nil, 0, err
	}
	tickets, err = all(tx, "orphans", scanTicket, `SELECT `+ticketSelected+orphans+` ORDER BY last_activity_at DESC, ticket_id DESC LIMIT +?2`, string(list), n)
	return tickets, total, err
}

// hasAccess matches chats with access (b.chat_id). A private chat has its person's id.
const hasAccess = `EXISTS (SELECT 1 FROM people WHERE user_id = b.chat_id AND role <> 'stranger')
	OR EXISTS (SELECT 1 FROM groups WHERE groups.chat_id = b.chat_id)`

// UnbindAll ends all bindings of a chat.
func (tx *Tx) UnbindAll(c ChatID) error {
	return tx.run("unbind all", `DELETE FROM bindings WHERE chat_id = +?`, c)
}

func scanBinding(r scanner) (b Binding, err error) {
	err = r.Scan(&b.Chat, &b.Ticket, &b.Muted, &b.LastMessage, &b.AsAll)
	return b, err
}

// Binding returns one binding; ErrNotFound if there is none.
func (tx *Tx) Binding(c ChatID, t TicketID) (Binding, error) {
	return first(tx, "binding", scanBinding, `SELECT chat_id, ticket_id, muted, last_message_id, as_all FROM bindings
		WHERE chat_id = +? AND ticket_id = +?`, c, t)
}

// BindingsOf lists the chats bound to a ticket, including chats that are currently
// unreachable: what they miss is kept for them.
func (tx *Tx) BindingsOf(t TicketID) ([]Binding, error) {
	return all(tx, "bindings", scanBinding, `SELECT chat_id, ticket_id, muted, last_message_id, as_all FROM bindings
		WHERE ticket_id = +? ORDER BY chat_id`, t)
}

// SetMuted mutes or unmutes a ticket's news in a chat; ErrNotFound if the chat is
// not bound.
func (tx *Tx) SetMuted(c ChatID, t TicketID, muted bool) error {
	ok, err := tx.changed("mute", `UPDATE bindings SET muted = ? WHERE chat_id = +? AND ticket_id = +?`, muted, c, t)
	if err == nil && !ok {
		err = fmt.Errorf("mute: %w", ErrNotFound)
	}
	return err
}

// MapMessage records which ticket a message belongs to. With last, the ticket's next
// message there replies to it, unless a later one is already recorded: an edited
// message does not move to the end.
func (tx *Tx) MapMessage(c ChatID, m MessageID, t TicketID, last bool) error {
	if err := tx.run("map message", `INSERT INTO messages (chat_id, message_id, ticket_id) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET ticket_id = excluded.ticket_id`, c, m, t); err != nil || !last {
		return err
	}
	return tx.run("note last message", `UPDATE bindings SET last_message_id = max(last_message_id, ?) WHERE chat_id = +? AND ticket_id = +?`, m, c, t)
}

// MessageTicket returns the ticket that a message belongs to; ErrNotFound if none.
func (tx *Tx) MessageTicket(c ChatID, m MessageID) (t TicketID, err error) {
	err = tx.one("ticket of message", `SELECT ticket_id FROM messages WHERE chat_id = +? AND message_id = +?`, []any{c, m}, &t)
	return t, err
}
