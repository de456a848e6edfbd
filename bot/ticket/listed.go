package ticket

import (
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Listed compares a page of a list, read as number, with the store and returns the
// tickets that must be read, each with its element. The first complete list of its kind
// is the baseline: only changes of tickets that are already tracked are news in it.
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

// ListEnds records that a list was read completely: the first of its kind becomes the
// baseline. It returns false if this was the first.
func ListEnds(t *chat.Turn, open bool) (bool, error) {
	baseline, err := t.Tx.Meta(baselineKey(open))
	if err != nil || baseline != "" {
		return true, err
	}
	return false, t.Tx.SetMeta(baselineKey(open), t.Now.UTC().Format(time.RFC3339))
}

// KnownSince returns when the list of open tickets was first read: the bot has seen what
// happens in them since. Zero before that.
func KnownSince(t *chat.Turn) (time.Time, error) {
	baseline, err := t.Tx.Meta(baselineKey(true))
	if err != nil || baseline == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, baseline)
}

// lookedThrough is how many tickets of the open list are checked at a time.
const lookedThrough = 1000

// Left returns the tickets, among the next few after the given one, that have left the
// open list that was read as number, and where to continue; 0: at the end. A ticket that
// was read after it had left is not read again at every poll, though its own status may
// still be open. The list says nothing about a ticket known to be newer than it. partly
// is true if elements of the list could not be read: a ticket that seems to have left may
// be one of them, so the list says nothing about it.
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

// Stale returns the open tickets read longest ago, for servers whose lists don't show
// changes: n that chats are bound to, and n others. The others are any unbound ticket if
// a chat follows all tickets, and never-read ones if none does.
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

const (
	// lateAnswers is how long a closed ticket is checked for late answers.
	lateAnswers = 7 * 24 * time.Hour
	// closedAtOnce is how many closed tickets are checked, the latest ones.
	closedAtOnce = 20
)

// LatelyClosed returns the closed tickets to read if the list of closed tickets doesn't show
// changes: those with followers and the latest activity.
func LatelyClosed(t *chat.Turn) ([]state.TicketID, error) {
	return t.Tx.LatelyClosed(t.Now.Add(-lateAnswers), closedAtOnce)
}

func listOf(open bool) state.List {
	if open {
		return state.OpenList
	}
	return state.ClosedList
}

// Changed is a ticket to read. Element is nil if it has left the list or, with Again set,
// if the list doesn't show whether it changed.
type Changed struct {
	ID      state.TicketID
	Element *plusofon.ListedTicket
	In      state.List // the list that holds the element
	First   bool       // that list is the first of its kind
	Again   bool
	Number  state.ReadNumber // the list's
}

// seeListed stores what a list says about a ticket that is not read itself.
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

// takeElement takes over what only the list shows.
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
