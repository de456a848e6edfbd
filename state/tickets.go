package state

import (
	"encoding/json"
	"fmt"
	"time"
)

// PostSide is who wrote a post.
type PostSide string

// The two sides of a ticket.
const (
	Staff    PostSide = "staff"
	Customer PostSide = "customer"
)

// List is one of the two lists of tickets at Plusofon.
type List string

// The lists. A ticket that has left the open list and was read since is in none.
const (
	Unlisted   List = ""
	OpenList   List = "open"
	ClosedList List = "closed"
)

// Ticket is what is known of a ticket.
type Ticket struct {
	ID           TicketID
	Subject      string
	Open         bool
	LastActivity time.Time
	LastSide     PostSide // who wrote last; "" while unknown
	ByCustomer   bool     // according to the list, a customer opened it
	Listed       List     // the list it was last seen in
	Fingerprint  string   // of its list element
	Fetched      time.Time
	Blanked      time.Time  // when its texts were erased; zero: never
	AsOf         ReadNumber // the read that its state is from
	NotFound     int        // consecutive reads that did not find it
	Gone         time.Time  // when it was found to be merged or deleted; zero: it exists
	// Undecided means that it was read only on request: which of its posts are
	// news is decided when a poll reads it.
	Undecided bool
	// Resolved means that nobody here waits for more, see Resolve; read-only.
	Resolved bool
}

// Post is a post of a ticket. Text is as Plusofon gives it: untrusted.
type Post struct {
	Ticket     TicketID
	ID         PostID
	Side       PostSide
	AuthorID   string
	AuthorName string
	Posted     time.Time
	Text       string
	Submission SubmissionID // the submission that made it; 0 if none
	Files      []string     // the names of its attachments
}

const ticketColumns = `ticket_id, subject, open, last_activity_at, last_side, by_customer, listed, fingerprint, fetched_at, blanked_at,
	as_of, not_found, gone_at, undecided`

const ticketSelected = ticketColumns + `, ` + isResolved

func scanTicket(r scanner) (t Ticket, err error) {
	var active, fetched, blanked, gone int64
	err = r.Scan(&t.ID, &t.Subject, &t.Open, &active, &t.LastSide, &t.ByCustomer, &t.Listed, &t.Fingerprint, &fetched, &blanked,
		&t.AsOf, &t.NotFound, &gone, &t.Undecided, &t.Resolved)
	t.LastActivity, t.Fetched, t.Blanked, t.Gone = instant(active), instant(fetched), instant(blanked), instant(gone)
	return t, err
}

// Ticket returns a ticket; ErrNotFound if it was never seen.
func (tx *Tx) Ticket(id TicketID) (Ticket, error) {
	return first(tx, "ticket", scanTicket, `SELECT `+ticketSelected+` FROM tickets WHERE ticket_id = +?`, id)
}

// SaveTicket writes a ticket.
func (tx *Tx) SaveTicket(t Ticket) error {
	return tx.run("save ticket", `INSERT INTO tickets (`+ticketColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ticket_id) DO UPDATE SET subject = excluded.subject, open = excluded.open,
			last_activity_at = excluded.last_activity_at, last_side = excluded.last_side, by_customer = excluded.by_customer,
			listed = excluded.listed, fingerprint = excluded.fingerprint, fetched_at = excluded.fetched_at,
			blanked_at = excluded.blanked_at, as_of = excluded.as_of, not_found = excluded.not_found, gone_at = excluded.gone_at,
			undecided = excluded.undecided`,
		t.ID, t.Subject, t.Open, millis(t.LastActivity), t.LastSide, t.ByCustomer, t.Listed, t.Fingerprint, millis(t.Fetched), millis(t.Blanked),
		t.AsOf, t.NotFound, millis(t.Gone), t.Undecided)
}

// LastRead returns the highest read number stored with any ticket.
func (tx *Tx) LastRead() (n ReadNumber, err error) {
	err = tx.one("last read", `SELECT coalesce(max(as_of), 0) FROM tickets`, nil, &n)
	return n, err
}

// Seen is a ticket's state when a list was last compared.
type Seen struct {
	Listed      List
	Open        bool
	Fingerprint string
	NotFound    bool // the last read did not find it
	Tracked     bool // it was read by a poll
}

// BelongsIn reports whether a ticket was last seen in a list, or has the state that the
// list is for.
func (s Seen) BelongsIn(list List) bool { return s.Listed == list || s.Open == (list == OpenList) }

// SeenAmong returns those of the tickets that are known.
func (tx *Tx) SeenAmong(ids []TicketID) (map[TicketID]Seen, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("tickets of a list: %w", err)
	}
	m := make(map[TicketID]Seen, len(ids))
	_, err = all(tx, "tickets of a list", func(r scanner) (id TicketID, err error) {
		var s Seen
		err = r.Scan(&id, &s.Listed, &s.Open, &s.Fingerprint, &s.NotFound, &s.Tracked)
		m[id] = s
		return id, err
	}, `SELECT ticket_id, listed, open, fingerprint, not_found > 0, fetched_at > 0 AND undecided = 0 FROM json_each(?) JOIN tickets ON ticket_id = value`, string(list))
	return m, err
}

// NotFoundTwice is the number of consecutive reads without finding a ticket after which
// it is not read until the closed list tells whether it exists.
const NotFoundTwice = 2

// InOpenList lists tickets that should be in the open list (last seen in it, or in the closed
// one though they are open) or were not found, by ascending id: the next n after one. It omits
// tickets that are gone or were not found twice, and those whose state is from a read after asOf.
func (tx *Tx) InOpenList(after TicketID, asOf ReadNumber, n int) ([]TicketID, error) {
	return all(tx, "tickets of the open list", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets WHERE ticket_id > ? AND (+listed = 'open' OR +listed = 'closed' AND +open = 1 OR +not_found > 0)
		AND +not_found < 2 AND +gone_at = 0 AND +as_of <= +? ORDER BY ticket_id LIMIT +?`, after, asOf, n)
}

// NotFound returns up to n tickets that were not found twice, the last time before a read,
// and are not known to be gone.
func (tx *Tx) NotFound(before ReadNumber, n int) ([]TicketID, error) {
	return all(tx, "tickets that were not found", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets WHERE not_found > 0 AND gone_at = 0 AND ticket_id > 0 AND not_found >= 2 AND +as_of < ? ORDER BY ticket_id LIMIT +?`, before, n)
}

// TicketFilter selects tickets.
type TicketFilter struct {
	Open     bool
	Turn     Turn   // "" for either
	OpenedBy UserID // 0 for anyone
	AnyState bool   // ignore Open
}

// Turn is which side has to act on a ticket, see AwaitsCustomer.
type Turn string

// The turns.
const (
	CustomersTurn Turn = "customer"
	StaffsTurn    Turn = "staff"
)

const ticketsWhere = ` FROM tickets WHERE (?1 OR open = +?2) AND (?3 = '' OR (?3 = 'customer') = ` + awaitsCustomer + `)
	AND (?4 = 0 OR ticket_id IN (SELECT ticket_id FROM submissions WHERE user_id = +?4 AND kind = 'opening'))`

// Tickets returns a page of tickets, most recently active first, and their total number.
func (tx *Tx) Tickets(f TicketFilter, limit, offset int) (page []Ticket, total int, err error) {
	args := []any{f.AnyState, f.Open, f.Turn, f.OpenedBy}
	if err := tx.one("count tickets", `SELECT count(*)`+ticketsWhere, args, &total); err != nil {
		return nil, 0, err
	}
	page, err = all(tx, "tickets", scanTicket, `SELECT `+ticketSelected+ticketsWhere+
		` ORDER BY last_activity_at DESC, ticket_id DESC LIMIT +?5 OFFSET +?6`, append(args, limit, offset)...)
	return page, total, err
}

// TicketsInDoubt lists the tickets that a chat itself is bound to and that are open, or
// were closed after t, and are not gone: open ones first, then by latest activity.
func (tx *Tx) TicketsInDoubt(c ChatID, t time.Time, limit int) ([]Ticket, error) {
	list, err := tx.boundTickets(c, true, time.Time{}, limit)
	if err != nil || len(list) == limit {
		return list, err
	}
	closed, err := tx.boundTickets(c, false, t, limit-len(list))
	return append(list, closed...), err
}

// TicketsBoundTo lists the tickets that a chat itself is bound to, open ones first, then
// by latest activity.
func (tx *Tx) TicketsBoundTo(c ChatID, limit int) ([]Ticket, error) {
	return tx.TicketsInDoubt(c, time.Time{}, limit)
}

// TicketsNotBoundTo lists the open tickets that a chat is not bound to, most recently
// active first.
func (tx *Tx) TicketsNotBoundTo(c ChatID, limit int) ([]Ticket, error) {
	return all(tx, "tickets not bound to a chat", scanTicket, `SELECT `+ticketSelected+` FROM tickets
		WHERE open = 1 AND NOT EXISTS (SELECT 1 FROM bindings WHERE chat_id = +? AND bindings.ticket_id = tickets.ticket_id AND as_all = 0)
		ORDER BY last_activity_at DESC, ticket_id DESC LIMIT +?`, c, limit)
}

func (tx *Tx) boundTickets(c ChatID, open bool, since time.Time, limit int) ([]Ticket, error) {
	return all(tx, "tickets bound to a chat", scanTicket, `SELECT `+ticketSelected+` FROM tickets
		WHERE open = +? AND last_activity_at >= +? AND +gone_at = 0
		AND EXISTS (SELECT 1 FROM bindings WHERE chat_id = +? AND bindings.ticket_id = tickets.ticket_id AND as_all = 0)
		ORDER BY last_activity_at DESC, ticket_id DESC LIMIT +?`, open, millis(since), c, limit)
}

// StaleTickets lists bound open tickets, least recently read first, then by latest
// activity.
func (tx *Tx) StaleTickets(limit int) ([]TicketID, error) {
	return all(tx, "stale tickets", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	},
		`SELECT ticket_id FROM tickets WHERE open = 1 AND ticket_id IN (SELECT ticket_id FROM bindings)
		ORDER BY fetched_at, last_activity_at DESC LIMIT +?`, limit)
}

// LatelyClosed lists bound closed tickets in which something has happened since a time,
// latest first, without those that are gone.
func (tx *Tx) LatelyClosed(since time.Time, limit int) ([]TicketID, error) {
	return all(tx, "lately closed tickets", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets WHERE open = 0 AND last_activity_at > ? AND gone_at = 0 AND ticket_id IN (SELECT ticket_id FROM bindings)
		ORDER BY last_activity_at DESC, ticket_id DESC LIMIT +?`, millis(since), limit)
}

// UnboundTickets lists open tickets that no chat is bound to, least recently read first,
// and of those never read the newest first.
func (tx *Tx) UnboundTickets(limit int) ([]TicketID, error) {
	return all(tx, "unbound tickets", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets INDEXED BY tickets_by_reading WHERE open = 1 AND NOT EXISTS (SELECT 1 FROM bindings WHERE bindings.ticket_id = tickets.ticket_id)
		ORDER BY fetched_at, ticket_id DESC LIMIT +?`, limit)
}

// UnreadTickets lists open tickets that were never read, newest first.
func (tx *Tx) UnreadTickets(limit int) ([]TicketID, error) {
	return all(tx, "unread tickets", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets WHERE open = 1 AND fetched_at = 0 ORDER BY ticket_id DESC LIMIT +?`, limit)
}

// MaxTicket returns the newest known ticket; 0 if there is none.
func (tx *Tx) MaxTicket() (id TicketID, err error) {
	err = tx.one("newest ticket", `SELECT coalesce(max(ticket_id), 0) FROM tickets`, nil, &id)
	return id, err
}

// MaxPost returns the newest known post of a ticket; 0 if there is none.
func (tx *Tx) MaxPost(t TicketID) (id PostID, err error) {
	err = tx.one("newest post", `SELECT coalesce(max(post_id), 0) FROM posts WHERE ticket_id = +?`, []any{t}, &id)
	return id, err
}

// AddPost stores a post; false if it was already there.
func (tx *Tx) AddPost(p Post) (added bool, err error) {
	added, err = tx.changed("add post", `INSERT INTO posts (ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		p.Ticket, p.ID, p.Side, p.AuthorID, p.AuthorName, millis(p.Posted), p.Text, p.Submission)
	if err != nil || !added {
		return added, err
	}
	return true, tx.SetAttachments(p.Ticket, p.ID, p.Files)
}

// SetAttachments writes the names of a post's attachments, which may appear later than
// the post itself.
func (tx *Tx) SetAttachments(t TicketID, p PostID, names []string) error {
	for n, name := range names {
		err := tx.run("add attachment", `INSERT INTO attachments (ticket_id, post_id, n, name) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET name = excluded.name`, t, p, n, name)
		if err != nil {
			return err
		}
	}
	return nil
}

// SetPostText changes the text of a post, also in the search index.
func (tx *Tx) SetPostText(t TicketID, p PostID, text string) error {
	post, err := tx.Post(t, p)
	if err != nil {
		return err
	}
	err = tx.run("change post", `UPDATE posts SET text = ? WHERE ticket_id = +? AND post_id = +?`, text, t, p)
	if err != nil {
		return err
	}
	return tx.reindex(post, text)
}

func scanPost(r scanner) (p Post, err error) {
	var posted int64
	err = r.Scan(&p.Ticket, &p.ID, &p.Side, &p.AuthorID, &p.AuthorName, &posted, &p.Text, &p.Submission)
	p.Posted = instant(posted)
	return p, err
}

// Post returns a post without its attachments; ErrNotFound if it was never seen.
func (tx *Tx) Post(t TicketID, id PostID) (Post, error) {
	return first(tx, "post", scanPost, `SELECT ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id
		FROM posts WHERE ticket_id = +? AND post_id = +?`, t, id)
}

// PostsNumbered returns the posts with an id in other tickets than one, without their
// attachments: there is one if posts were moved.
func (tx *Tx) PostsNumbered(id PostID, not TicketID) ([]Post, error) {
	return all(tx, "posts of a number", scanPost, `SELECT ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id
		FROM posts WHERE post_id = +? AND ticket_id <> ?`, id, not)
}

// Posts returns a ticket's posts in order, with their attachments.
func (tx *Tx) Posts(t TicketID) ([]Post, error) {
	posts, err := all(tx, "posts", scanPost, `SELECT ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id
		FROM posts WHERE ticket_id = +? ORDER BY post_id`, t)
	if err != nil {
		return nil, err
	}
	return posts, tx.addAttachments(t, posts)
}

// PostsFrom returns the first n of a ticket's posts starting at one, with their
// attachments.
func (tx *Tx) PostsFrom(t TicketID, from PostID, n int) ([]Post, error) {
	posts, err := all(tx, "posts from one on", scanPost, `SELECT ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id
		FROM posts WHERE ticket_id = +? AND post_id >= +? ORDER BY post_id LIMIT +?`, t, from, n)
	if err != nil {
		return nil, err
	}
	return posts, tx.addAttachments(t, posts)
}

// PostsUpTo returns the last n of a ticket's posts up to and including one, latest
// first, with their attachments.
func (tx *Tx) PostsUpTo(t TicketID, to PostID, n int) ([]Post, error) {
	posts, err := all(tx, "posts up to one", scanPost, `SELECT ticket_id, post_id, side, author_id, author_name, posted_at, text, submission_id
		FROM posts WHERE ticket_id = +? AND post_id <= +? ORDER BY post_id DESC LIMIT +?`, t, to, n)
	if err != nil {
		return nil, err
	}
	return posts, tx.addAttachments(t, posts)
}

// CountPosts returns how many posts a ticket has, how many precede one, and the last; 0
// if there is none.
func (tx *Tx) CountPosts(t TicketID, than PostID) (total, before int, last PostID, err error) {
	err = tx.one("count posts", `SELECT count(*), count(*) FILTER (WHERE post_id < ?2), coalesce(max(post_id), 0) FROM posts WHERE ticket_id = +?1`,
		[]any{t, than}, &total, &before, &last)
	return total, before, last, err
}

// addAttachments adds the names of attachments to consecutive posts of a ticket.
func (tx *Tx) addAttachments(t TicketID, posts []Post) error {
	if len(posts) == 0 {
		return nil
	}
	index := map[PostID]int{}
	for i, p := range posts {
		index[p.ID] = i
	}
	type attachment struct {
		post PostID
		name string
	}
	from, to := bounds(posts)
	list, err := all(tx, "attachments", func(r scanner) (a attachment, err error) {
		err = r.Scan(&a.post, &a.name)
		return a, err
	},
		`SELECT post_id, name FROM attachments WHERE ticket_id = +? AND post_id BETWEEN ? AND ? ORDER BY post_id, n`, t, from, to)
	for _, a := range list {
		p := &posts[index[a.post]]
		p.Files = append(p.Files, a.name)
	}
	return err
}

// bounds returns the lowest and the highest id of posts sorted either way.
func bounds(posts []Post) (from, to PostID) {
	first, last := posts[0].ID, posts[len(posts)-1].ID
	return min(first, last), max(first, last)
}

// StaffOf lists the author names of the staff's last n posts in a ticket.
func (tx *Tx) StaffOf(t TicketID, n int) ([]string, error) {
	return all(tx, "staff of a ticket", func(r scanner) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	}, `SELECT author_name FROM posts WHERE ticket_id = +? AND side = 'staff' ORDER BY post_id DESC LIMIT +?`, t, n)
}

// PostWriters returns the names of the people who wrote consecutive posts of a ticket
// through the bot.
func (tx *Tx) PostWriters(t TicketID, posts []Post) (map[PostID]string, error) {
	m := map[PostID]string{}
	if len(posts) == 0 {
		return m, nil
	}
	from, to := bounds(posts)
	_, err := all(tx, "writers of posts", func(r scanner) (id PostID, err error) {
		var name string
		if err = r.Scan(&id, &name); err == nil && name != "" {
			m[id] = name
		}
		return id, err
	}, `SELECT p.post_id, people.name FROM posts AS p JOIN submissions AS s ON s.submission_id = p.submission_id
		JOIN people ON people.user_id = s.user_id WHERE p.ticket_id = +? AND p.post_id BETWEEN ? AND ? AND p.submission_id > 0`, t, from, to)
	return m, err
}

// Reminded returns who last sent an answer that begins with words to a ticket after a
// post, and when; ErrNotFound if nobody has.
func (tx *Tx) Reminded(t TicketID, after PostID, words string) (u UserID, at time.Time, err error) {
	var created int64
	err = tx.one("last reminder", `SELECT user_id, created_at FROM submissions WHERE ticket_id = +?1 AND post_id > ?2 AND post_id > 0
		AND substr(text, 1, length(?3)) = +?3 ORDER BY post_id DESC LIMIT 1`, []any{t, after, words}, &u, &created)
	return u, instant(created), err
}

// LinkPost records which submission made a post; its side becomes the customer.
func (tx *Tx) LinkPost(t TicketID, p PostID, s SubmissionID) error {
	return tx.run("link post", `UPDATE posts SET submission_id = ?, side = 'customer' WHERE ticket_id = +? AND post_id = +?`, s, t, p)
}

// IsOwnAuthor reports whether an author is this account: they wrote a post that a
// submission made.
func (tx *Tx) IsOwnAuthor(id, name string) (own bool, err error) {
	err = tx.one("own author", `SELECT EXISTS (SELECT 1 FROM posts WHERE submission_id > 0 AND author_id = +? AND author_name = +?)`,
		[]any{id, name}, &own)
	return own, err
}
