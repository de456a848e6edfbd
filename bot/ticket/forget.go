package ticket

import (
	"slices"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// forgetAtOnce is how many posts, submissions and tickets are blanked in one transaction.
const forgetAtOnce = 100

// Forget erases the text of tickets that have been closed for longer than KeepClosed, a
// portion at a time. It returns false if there may be more.
func Forget(t *chat.Turn) (all bool, err error) {
	if t.KeepClosed == 0 {
		return true, nil
	}
	before := t.Now.Add(-t.KeepClosed)
	left := forgetAtOnce
	ids, err := t.Tx.TicketsToBlank(before, left)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		erased, _, err := t.Tx.BlankTicket(id, t.Now, left)
		if err != nil {
			return false, err
		}
		if left -= erased + 1; left <= 0 {
			return false, nil
		}
	}
	erased, err := t.Tx.BlankCancelled(before, left)
	return erased < left && len(ids) < forgetAtOnce, err
}

// WordsErased reports whether a ticket's text is not stored: it is shown only from a
// fresh read.
func WordsErased(t *chat.Turn, ticket state.Ticket) bool {
	return !ticket.Blanked.IsZero() || isForgotten(t, ticket, ticket.LastActivity)
}

// isForgotten reports whether a ticket has been closed for longer than its text is kept.
// Its age is measured from its last known activity; if there is none, erased text stays
// erased.
func isForgotten(t *chat.Turn, ticket state.Ticket, active time.Time) bool {
	switch {
	case t.KeepClosed == 0 || ticket.Open:
		return false
	case active.IsZero():
		return !ticket.Blanked.IsZero()
	}
	return active.Before(t.Now.Add(-t.KeepClosed))
}

// lastActive returns the last known activity of a ticket that was just read.
func lastActive(fresh state.Ticket, posts []plusofon.Post) time.Time {
	active := fresh.LastActivity
	for _, p := range posts {
		if p.Date.After(active) {
			active = p.Date
		}
	}
	return active
}

// withoutWords returns a post as it is stored when its text is not kept.
func withoutWords(p state.Post) state.Post {
	p.Text, p.Files = "", make([]string, len(p.Files))
	return p
}

// restore stores the text of a ticket's posts again after it was reopened or is kept again, as
// many as fit into the transaction. It returns false if there are more.
func restore(t *chat.Turn, fresh state.Ticket, posts []plusofon.Post, known map[state.PostID]state.Post) (all bool, err error) {
	restored := 0
	for _, p := range posts {
		stored, ok := known[state.PostID(p.ID)]
		if !ok || (stored.Text != "" || p.Text == "") && !slices.Contains(stored.Files, "") {
			continue
		}
		if restored > 0 && hasDoneEnough(t) {
			return false, nil
		}
		restored++
		if err := t.Tx.RestorePost(storedPost(fresh, p, stored.Side)); err != nil {
			return false, err
		}
	}
	return true, nil
}
