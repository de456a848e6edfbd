package state

import (
	"database/sql"
	"math"
)

// Announcement is news about a ticket being distributed to the chats that follow it.
// The payload is opaque to the store.
type Announcement struct {
	ID      AnnouncementID
	Ticket  TicketID
	Payload string
	Told    ChatID // the last chat notified; Untold: none yet
}

// Untold is greater than any chat id: chats are notified in descending order.
const Untold ChatID = math.MaxInt64

// AddAnnouncement queues news after earlier news.
func (tx *Tx) AddAnnouncement(t TicketID, payload string, told ChatID) error {
	tx.untold = true
	return tx.run("add news", `INSERT INTO news (ticket_id, payload, told_to) VALUES (?, ?, ?)`, t, payload, toldTo(told))
}

func toldTo(told ChatID) sql.NullInt64 {
	return sql.NullInt64{Int64: int64(told), Valid: told != Untold}
}

// HasAnnouncements reports whether news about a ticket is still being distributed.
func (tx *Tx) HasAnnouncements(t TicketID) (has bool, err error) {
	err = tx.one("look for news", `SELECT EXISTS (SELECT 1 FROM news WHERE ticket_id = +?)`, []any{t}, &has)
	return has, err
}

// NextAnnouncement returns the oldest news; ErrNotFound if there is none.
func (tx *Tx) NextAnnouncement() (Announcement, error) {
	return first(tx, "next news", func(r scanner) (n Announcement, err error) {
		var told sql.NullInt64
		err = r.Scan(&n.ID, &n.Ticket, &n.Payload, &told)
		if n.Told = Untold; told.Valid {
			n.Told = ChatID(told.Int64)
		}
		return n, err
	}, `SELECT news_id, ticket_id, payload, told_to FROM news WHERE news_id > 0 ORDER BY news_id LIMIT 1`)
}

// AnnouncedTo records the last chat notified.
func (tx *Tx) AnnouncedTo(id AnnouncementID, told ChatID) error {
	return tx.run("note who was told", `UPDATE news SET told_to = ? WHERE news_id = +?`, toldTo(told), id)
}

// EndAnnouncement deletes news that every chat has been notified of.
func (tx *Tx) EndAnnouncement(id AnnouncementID) error {
	return tx.run("end news", `DELETE FROM news WHERE news_id = +?`, id)
}

// Listeners lists chats bound to a ticket or following all tickets, by descending id:
// the next n below one.
func (tx *Tx) Listeners(t TicketID, below ChatID, n int) ([]ChatID, error) {
	return all(tx, "listeners", func(r scanner) (c ChatID, err error) {
		err = r.Scan(&c)
		return c, err
	}, `SELECT chat_id FROM bindings WHERE ticket_id = +?1 AND chat_id < ?2
		UNION SELECT chat_id FROM chat_settings WHERE news = 'all' AND chat_id < ?2 ORDER BY chat_id DESC LIMIT +?3`, t, below, n)
}

// HearsOfAll reports whether any chat follows all tickets.
func (tx *Tx) HearsOfAll() (hears bool, err error) {
	err = tx.one("chats with all news", `SELECT EXISTS (SELECT 1 FROM chat_settings WHERE news = 'all')`, nil, &hears)
	return hears, err
}
