package state

import "time"

// Resolve marks a ticket as resolved up to a post of the staff's.
func (tx *Tx) Resolve(t TicketID, p PostID) error {
	return tx.run("resolve ticket", `INSERT INTO resolved (ticket_id, post_id) VALUES (?, ?)
		ON CONFLICT (ticket_id) DO UPDATE SET post_id = max(post_id, excluded.post_id)`, t, p)
}

// isResolved matches a row of tickets that is resolved: the staff has not written since.
const isResolved = `EXISTS (SELECT 1 FROM resolved AS r WHERE r.ticket_id = tickets.ticket_id
	AND NOT EXISTS (SELECT 1 FROM posts AS p WHERE p.ticket_id = r.ticket_id AND p.post_id > r.post_id AND p.side = 'staff'))`

// AwaitsCustomer reports whether an open ticket waits for the customer: the staff wrote
// last, and nobody has resolved it since.
func (tx *Tx) AwaitsCustomer(t TicketID) (awaits bool, err error) {
	err = tx.one("whose turn", `SELECT EXISTS (SELECT 1 FROM tickets WHERE ticket_id = +? AND open = 1 AND `+awaitsCustomer+`)`, []any{t}, &awaits)
	return awaits, err
}

const awaitsCustomer = `(last_side = 'staff' AND NOT ` + isResolved + `)`

// Night counts the staff's answers in a ticket during a chat's quiet hours.
type Night struct {
	Ticket  TicketID
	Answers int
}

// AddNight counts an answer in a chat's quiet hours, which end at ends.
func (tx *Tx) AddNight(c ChatID, t TicketID, ends time.Time) error {
	return tx.run("note quiet answer", `INSERT INTO nights (chat_id, ticket_id, answers, ends_at) VALUES (?, ?, 1, ?)
		ON CONFLICT (chat_id, ticket_id) DO UPDATE SET answers = answers + 1, ends_at = excluded.ends_at`, c, t, millis(ends))
}

// NightOver returns a chat whose quiet hours are over; ErrNotFound if there is none.
func (tx *Tx) NightOver(now time.Time) (c ChatID, err error) {
	err = tx.one("quiet hours that are over", `SELECT chat_id FROM nights WHERE ends_at <= +? ORDER BY ends_at LIMIT 1`, []any{millis(now)}, &c)
	return c, err
}

// TakeNight returns and deletes what was counted in a chat's quiet hours.
func (tx *Tx) TakeNight(c ChatID) ([]Night, error) {
	list, err := all(tx, "quiet hours", func(r scanner) (n Night, err error) {
		err = r.Scan(&n.Ticket, &n.Answers)
		return n, err
	}, `SELECT ticket_id, answers FROM nights WHERE chat_id = +? ORDER BY ticket_id`, c)
	if err != nil {
		return nil, err
	}
	return list, tx.run("forget quiet hours", `DELETE FROM nights WHERE chat_id = +?`, c)
}
