package state

import (
	"fmt"
	"time"
)

// activity is when a ticket was last active or, if unknown, last read. The index
// tickets_to_blank uses the same expression.
const activity = `iif(last_activity_at > 0, last_activity_at, fetched_at)`

// TicketsToBlank lists closed tickets that were last active before t and are not yet
// erased, oldest first.
func (tx *Tx) TicketsToBlank(t time.Time, limit int) ([]TicketID, error) {
	return all(tx, "tickets to blank", func(r scanner) (id TicketID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT ticket_id FROM tickets INDEXED BY tickets_to_blank WHERE open = 0 AND blanked_at = 0 AND `+activity+` < ? ORDER BY `+activity+` LIMIT +?`, millis(t), limit)
}

// BlankTicket erases the texts of a ticket: of its posts, also in the index, of its
// submissions, and the names of files. Ids, authors, sides, dates and the subject are
// kept. It erases at most n posts and n submissions, and returns how many, and whether
// it is done.
func (tx *Tx) BlankTicket(id TicketID, now time.Time, n int) (erased int, done bool, err error) {
	// Overwrite freed pages with zeros.
	if err := tx.run("overwrite what is erased", `PRAGMA secure_delete = ON`); err != nil {
		return 0, false, err
	}
	posts, err := tx.blankPosts(id, n)
	if err != nil {
		return 0, false, err
	}
	subs, err := tx.blankSubmissions(`ticket_id = +? AND post_id > 0`, n, id)
	if err != nil || posts == n || subs == n {
		return posts + subs, false, err
	}
	return posts + subs, true, tx.run("mark ticket as blank", `UPDATE tickets SET blanked_at = ? WHERE ticket_id = +?`, millis(now), id)
}

func (tx *Tx) blankPosts(id TicketID, n int) (int, error) {
	const blank = `(text <> '' OR EXISTS (SELECT 1 FROM attachments AS a WHERE a.ticket_id = posts.ticket_id AND a.post_id = posts.post_id AND a.name <> ''))`
	list, err := all(tx, "posts to blank", func(r scanner) (p PostID, err error) {
		err = r.Scan(&p)
		return p, err
	}, `SELECT post_id FROM posts WHERE ticket_id = +? AND `+blank+` LIMIT +?`, id, n)
	for _, p := range list {
		for _, erase := range []string{
			`DELETE FROM post_words WHERE docid IN (SELECT docid FROM post_words_content WHERE c1ticket_id = +? AND c2post_id = +?)`,
			`UPDATE posts SET text = '' WHERE ticket_id = +? AND post_id = +?`,
			`UPDATE attachments SET name = '' WHERE ticket_id = +? AND post_id = +?`,
		} {
			if err := tx.run("blank post", erase, id, p); err != nil {
				return 0, err
			}
		}
	}
	return len(list), err
}

func (tx *Tx) blankSubmissions(which string, n int, args ...any) (int, error) {
	list, err := all(tx, "submissions to blank", func(r scanner) (s SubmissionID, err error) {
		err = r.Scan(&s)
		return s, err
	}, fmt.Sprintf(`SELECT submission_id FROM submissions WHERE %s AND text <> '' LIMIT %d`, which, n), args...)
	for _, s := range list {
		for _, erase := range []string{
			// The messages it consists of, and those drafted with them.
			`DELETE FROM items WHERE draft_id > 0 AND draft_id IN (SELECT draft_id FROM submissions WHERE submission_id = +?)`,
			// A draft that is open keeps its own.
			`DELETE FROM items WHERE (chat_id, message_id) IN (SELECT chat_id, message_id FROM submissions WHERE submission_id = +?)
				AND draft_id NOT IN (SELECT draft_id FROM drafts WHERE state = 'open')`,
			`DELETE FROM items WHERE (chat_id, message_id) IN (SELECT chat_id, message_id FROM parts WHERE submission_id = +?)
				AND draft_id NOT IN (SELECT draft_id FROM drafts WHERE state = 'open')`,
			`UPDATE files SET name = '' WHERE submission_id = +?`,
			`UPDATE submissions SET text = '', detail = '' WHERE submission_id = +?`,
		} {
			if err := tx.run("blank submission", erase, s); err != nil {
				return 0, err
			}
		}
	}
	return len(list), err
}

// BlankCancelled erases the texts of submissions cancelled and created before t, at most
// n, and returns how many.
func (tx *Tx) BlankCancelled(t time.Time, n int) (int, error) {
	return tx.blankSubmissions(`state = 'cancelled' AND created_at < ?`, n, millis(t))
}

// RestorePost restores the erased text of a post.
func (tx *Tx) RestorePost(p Post) error {
	restored, err := tx.changed("restore post", `UPDATE posts SET text = ? WHERE ticket_id = +? AND post_id = +? AND text = ''`, p.Text, p.Ticket, p.ID)
	if err != nil {
		return err
	}
	if restored && p.Text != "" {
		// Like the trigger for new posts; the blank one may already be indexed.
		for _, step := range []string{
			`DELETE FROM post_words WHERE docid IN (SELECT docid FROM post_words_content WHERE c1ticket_id = +?1 AND c2post_id = +?2)`,
			`INSERT INTO post_words (words, ticket_id, post_id) SELECT replace(replace(text, 'ё', 'е'), 'Ё', 'Е'), ticket_id, post_id
				FROM posts WHERE ticket_id = +?1 AND post_id = +?2`,
		} {
			if err := tx.run("index post again", step, p.Ticket, p.ID); err != nil {
				return err
			}
		}
	}
	return tx.SetAttachments(p.Ticket, p.ID, p.Files)
}
