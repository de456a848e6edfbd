package state

import "time"

// Wait is a person's wait for the staff's answer in a ticket, since their last post.
type Wait struct {
	Ticket    TicketID
	Post      PostID
	Chat      ChatID // where they wrote it
	User      UserID
	Since     time.Time
	Told      time.Time // when they were last reminded; zero: never
	Due       time.Time // when to check and remind them; zero: not at all
	Dismissed bool      // no reminders until their next post
}

const waitColumns = `ticket_id, post_id, chat_id, user_id, since_at, told_at, due_at, dismissed`

func scanWait(r scanner) (w Wait, err error) {
	var since, told, due int64
	err = r.Scan(&w.Ticket, &w.Post, &w.Chat, &w.User, &since, &told, &due, &w.Dismissed)
	w.Since, w.Told, w.Due = instant(since), instant(told), instant(due)
	return w, err
}

// Wait returns a ticket's wait; ErrNotFound if nobody waits.
func (tx *Tx) Wait(t TicketID) (Wait, error) {
	return first(tx, "wait", scanWait, `SELECT `+waitColumns+` FROM waits WHERE ticket_id = +?`, t)
}

// SaveWait writes a wait.
func (tx *Tx) SaveWait(w Wait) error {
	return tx.run("save wait", `INSERT OR REPLACE INTO waits (`+waitColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		w.Ticket, w.Post, w.Chat, w.User, millis(w.Since), millis(w.Told), millis(w.Due), w.Dismissed)
}

// EndWait ends the wait in a ticket.
func (tx *Tx) EndWait(t TicketID) error {
	return tx.run("end wait", `DELETE FROM waits WHERE ticket_id = +?`, t)
}

// WaitsDue lists waits that are due, at most n.
func (tx *Tx) WaitsDue(now time.Time, n int) ([]Wait, error) {
	return all(tx, "waits due", scanWait, `SELECT `+waitColumns+` FROM waits WHERE due_at > 0 AND due_at <= +? ORDER BY due_at LIMIT +?`,
		millis(now), n)
}

// WaitsIn lists the waits of a chat.
func (tx *Tx) WaitsIn(c ChatID) ([]Wait, error) {
	return all(tx, "waits of chat", scanWait, `SELECT `+waitColumns+` FROM waits WHERE chat_id = +?`, c)
}
