package ticket

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// NotFound records that a read with this number found no such ticket. If the ticket is
// listed, that is a fault of the API and is ignored. A ticket that is not found twice is
// gone as soon as neither list holds it.
func NotFound(t *chat.Turn, id state.TicketID, number state.ReadNumber, listed bool) error {
	ticket, err := t.Tx.Ticket(id)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil || number < ticket.AsOf || !ticket.Gone.IsZero() {
		return err
	}
	ticket.AsOf = number
	ticket.NotFound = min(ticket.NotFound+1, state.NotFoundTwice)
	if listed {
		ticket.NotFound = 0
	}
	return t.Tx.SaveTicket(ticket)
}

// listedAgain records that a ticket that was not found is in a list.
func listedAgain(t *chat.Turn, id state.TicketID) error {
	ticket, err := t.Tx.Ticket(id)
	if err != nil {
		return err
	}
	ticket.NotFound = 0
	return t.Tx.SaveTicket(ticket)
}

// goneAtOnce is how many tickets one transaction marks as gone.
const goneAtOnce = 5

// Vanished marks tickets as gone and tells their chats: those not found twice and since
// then in neither list, both of which were just read completely; lists is the number of the
// first of these reads. It takes a portion at a time and returns false if there may be more.
func Vanished(t *chat.Turn, lists state.ReadNumber) (all bool, err error) {
	ids, err := t.Tx.NotFound(lists, goneAtOnce)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		ticket, err := t.Tx.Ticket(id)
		if err != nil {
			return false, err
		}
		ticket.Gone, ticket.Open, ticket.NotFound = t.Now, false, 0
		ticket.Listed, ticket.Fingerprint = state.Unlisted, ""
		if err := t.Tx.SaveTicket(ticket); err != nil {
			return false, err
		}
		if err := errors.Join(t.Tx.EndWait(id), announce(t, id, announcement{Kind: kindGone}), topic.Sync(t, id)); err != nil {
			return false, err
		}
	}
	return len(ids) < goneAtOnce, nil
}

// IsGone reports whether a ticket is known to be merged or deleted at Plusofon.
func IsGone(ticket state.Ticket) bool { return !ticket.Gone.IsZero() }
