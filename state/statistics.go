package state

import "time"

// PostTime is when a post was written, and by which side.
type PostTime struct {
	ID     PostID
	Side   PostSide
	Posted time.Time // zero if Plusofon doesn't say
}

// NextTickets returns the next n tickets after one, by number.
func (tx *Tx) NextTickets(after TicketID, n int) ([]Ticket, error) {
	return all(tx, "next tickets", scanTicket, `SELECT `+ticketSelected+` FROM tickets WHERE ticket_id > ? ORDER BY ticket_id LIMIT +?`, after, n)
}

// PostTimes returns when a ticket's posts were written, and by which side, in order.
func (tx *Tx) PostTimes(t TicketID) ([]PostTime, error) {
	return all(tx, "times of posts", func(r scanner) (p PostTime, err error) {
		var posted int64
		err = r.Scan(&p.ID, &p.Side, &posted)
		p.Posted = instant(posted)
		return p, err
	}, `SELECT post_id, side, posted_at FROM posts WHERE ticket_id = +? ORDER BY post_id`, t)
}
