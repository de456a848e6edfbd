package ticket

import (
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// forgetAtOnce is how many posts, submissions and tickets lose their words in one
// transaction.
const forgetAtOnce = 100

// Forget erases the words of tickets that have been closed for longer than they are kept,
// some at a time. It returns false where there may be more.
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

// WordsErased tells whether the words of a ticket are not kept: they are shown only as
// they are read.
func WordsErased(t *chat.Turn, ticket state.Ticket) bool {
	return !ticket.Blanked.IsZero() || isForgotten(t, ticket, ticket.LastActivity)
}

// isForgotten tells whether a ticket has been closed for longer than its words are kept.
// Its age counts from what is last known of it; where nothing is, erased words stay so.
func isForgotten(t *chat.Turn, ticket state.Ticket, active time.Time) bool {
	switch {
	case t.KeepClosed == 0 || ticket.Open:
		return false
	case active.IsZero():
		return !ticket.Blanked.IsZero()
	}
	return active.Before(t.Now.Add(-t.KeepClosed))
}

// lastActive is when something was last known to happen in a ticket that was just read.
func lastActive(fresh state.Ticket, posts []plusofon.Post) time.Time {
	active := fresh.LastActivity
	for _, p := range posts {
		if p.Date.After(active) {
			active = p.Date
		}
	}
	return active
}

// withoutWords is a post as it is stored where its words are not kept.
func withoutWords(p state.Post) state.Post {
	p.Text, p.Files = "", make([]string, len(p.Files))
	return p
}

// restore gives the posts of a ticket that is open again, or kept again, their words back.
func restore(t *chat.Turn, fresh state.Ticket, posts []plusofon.Post, known map[state.PostID]state.Post) error {
	for _, p := range posts {
		stored, ok := known[state.PostID(p.ID)]
		if !ok {
			continue
		}
		if err := t.Tx.RestorePost(storedPost(fresh, p, stored.Side)); err != nil {
			return err
		}
	}
	return nil
}
