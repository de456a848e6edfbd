package ticket

import (
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Listed compares a part of a list of tickets, asked for at a number, with what the
// store has and returns those that must be read, each with its element. Whatever the
// first list of its kind holds is the baseline: nothing in it is news but what happens in
// a ticket that is followed already.
func Listed(t *chat.Turn, part []plusofon.ListedTicket, open bool, number state.ReadNumber) ([]Changed, error) {
	if len(part) == 0 {
		return nil, nil
	}
	baseline, err := t.Tx.Meta(baselineKey(open))
	if err != nil {
		return nil, err
	}
	if err := Shown(t, KindTicket); err != nil {
		return nil, err
	}
	ids := make([]state.TicketID, len(part))
	for i, e := range part {
		ids[i] = state.TicketID(e.ID)
	}
	known, err := t.Tx.SeenAmong(ids)
	if err != nil {
		return nil, err
	}
	in := listOf(open)
	var changed []Changed
	for _, e := range part {
		id := state.TicketID(e.ID)
		was, seen := known[id]
		if was.NotFound {
			if err := listedAgain(t, id); err != nil {
				return nil, err
			}
		} else if seen && was.BelongsIn(in) && was.Fingerprint == e.Fingerprint {
			continue
		}
		if baseline != "" || was.Tracked {
			changed = append(changed, Changed{ID: id, Element: &e, In: in, First: baseline == "", Number: number})
			continue
		}
		if err := seeListed(t, &e, in); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

func baselineKey(open bool) string { return chat.Either(open, "baseline_open", "baseline_closed") }

// ListEnds notes that a whole list was read: the first of its kind is the baseline
// from now on. It returns false where it was that.
func ListEnds(t *chat.Turn, open bool) (bool, error) {
	baseline, err := t.Tx.Meta(baselineKey(open))
	if err != nil || baseline != "" {
		return true, err
	}
	return false, t.Tx.SetMeta(baselineKey(open), t.Now.UTC().Format(time.RFC3339))
}

// KnownSince is when a list of open tickets was first read: since then the bot has seen
// what happens in them. Zero before that.
func KnownSince(t *chat.Turn) (time.Time, error) {
	baseline, err := t.Tx.Meta(baselineKey(true))
	if err != nil || baseline == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, baseline)
}

// lookedThrough is how many tickets of the open list are looked through at a time.
const lookedThrough = 1000

// Left returns the tickets that have left the open list, asked for at a number, of the
// next few after one, and where to go on; 0: at the end. One that was read after it had left is not read
// at every poll, though by its own word it may be open still; of one that is known to be
// newer than the list, that says nothing. partly says that
// elements of the list could not be read: those that seem to have left may be among
// them, so it says nothing of them.
func Left(t *chat.Turn, after state.TicketID, listed func(state.TicketID) bool, partly bool, number state.ReadNumber) ([]Changed, state.TicketID, error) {
	ids, err := t.Tx.InOpenList(after, number, lookedThrough)
	if err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	var left []Changed
	for _, id := range ids {
		if !listed(id) {
			left = append(left, Changed{ID: id, Again: partly, Number: number})
		}
	}
	return left, ids[len(ids)-1], nil
}

// Stale returns the open tickets that were read longest ago, where lists tell nothing of
// what happens in them: n that chats are bound to, and n of the others where a chat hears
// of all tickets, else n of those that were never read.
func Stale(t *chat.Turn, n int) (bound, others []state.TicketID, err error) {
	if bound, err = t.Tx.StaleTickets(n); err != nil {
		return nil, nil, err
	}
	all, err := t.Tx.HearsOfAll()
	if err != nil {
		return nil, nil, err
	}
	unbound := t.Tx.UnreadTickets
	if all {
		unbound = t.Tx.UnboundTickets
	}
	others, err = unbound(n)
	return bound, others, err
}

func listOf(open bool) state.List {
	if open {
		return state.OpenList
	}
	return state.ClosedList
}

// Changed is a ticket to read. Element is nil where it has left the list, or
// with Again where the list says nothing of what happens in it.
type Changed struct {
	ID      state.TicketID
	Element *plusofon.ListedTicket
	In      state.List // the list that the element stands in
	First   bool       // that list is the first of its kind
	Again   bool
	Number  state.ReadNumber // of the list
}

// seeListed stores what a list says of a ticket that is not read itself.
func seeListed(t *chat.Turn, e *plusofon.ListedTicket, in state.List) error {
	ticket, err := t.Tx.Ticket(state.TicketID(e.ID))
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	ticket.ID, ticket.Subject, ticket.Open = state.TicketID(e.ID), e.Subject, in == state.OpenList
	ticket.Listed, ticket.Fingerprint, ticket.Undecided = in, e.Fingerprint, false
	takeElement(&ticket, e)
	return t.Tx.SaveTicket(ticket)
}

// takeElement takes over what only the list tells.
func takeElement(t *state.Ticket, e *plusofon.ListedTicket) {
	if e.LastActivity.After(t.LastActivity) {
		t.LastActivity = e.LastActivity
	}
	if e.Creator == plusofon.CreatorUser {
		t.ByCustomer = true
	}
	switch {
	case t.LastSide != "" && !t.Fetched.IsZero():
	case e.LastStaffReply.After(e.LastUserReply):
		t.LastSide = state.Staff
	case e.LastUserReply.After(e.LastStaffReply):
		t.LastSide = state.Customer
	}
}
