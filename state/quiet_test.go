package state

import "testing"

// A ticket is resolved until the staff's next post, whatever the customer writes.
func TestResolved(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7), ticket(8))
	staff := func(id PostID) Post { return Post{Ticket: 7, ID: id, Side: Staff} }
	addPost(t, s, staff(3))
	awaits := func(id TicketID) bool {
		return get(t, s, func(tx *Tx) (bool, error) { return tx.AwaitsCustomer(id) })
	}
	equal(t, "the customer's turn", awaits(7), true)
	do(t, s, func(tx *Tx) error { return tx.Resolve(7, 3) })
	equal(t, "once it is resolved", awaits(7), false)
	equal(t, "as it is read", get(t, s, func(tx *Tx) (Ticket, error) { return tx.Ticket(7) }).Resolved, true)
	for turn, want := range map[Turn][]TicketID{CustomersTurn: {8}, StaffsTurn: {7}} {
		page := get(t, s, func(tx *Tx) ([]Ticket, error) {
			page, _, err := tx.Tickets(TicketFilter{Open: true, Turn: turn}, 9, 0)
			return page, err
		})
		var ids []TicketID
		for _, ticket := range page {
			ids = append(ids, ticket.ID)
		}
		equal(t, string(turn), ids, want)
	}
	addPost(t, s, Post{Ticket: 7, ID: 4, Side: Customer})
	equal(t, "once the customer has added something", awaits(7), false)
	addPost(t, s, staff(5))
	equal(t, "once the staff has written again", awaits(7), true)
	do(t, s, func(tx *Tx) error { return tx.Resolve(7, 3) })
	equal(t, "by a button of before", awaits(7), true)
	do(t, s, func(tx *Tx) error { return tx.Resolve(7, 5) }, func(tx *Tx) error { return tx.Resolve(7, 3) })
	equal(t, "by a button of before, once it is resolved", awaits(7), false)
}

func TestNights(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7), ticket(8))
	add := func(c ChatID, id TicketID, ends int) func(*Tx) error {
		return func(tx *Tx) error { return tx.AddNight(c, id, at(ends)) }
	}
	do(t, s, add(1, 7, 60), add(1, 8, 60), add(2, 7, 30))
	do(t, s, add(1, 7, 60)) // a second time
	over := func(minute int) func(*Tx) (ChatID, error) {
		return func(tx *Tx) (ChatID, error) { return tx.NightOver(at(minute)) }
	}
	take := func(c ChatID) []Night {
		return get(t, s, func(tx *Tx) ([]Night, error) { return tx.TakeNight(c) })
	}
	absent(t, s, over(29))
	equal(t, "the first that is over", get(t, s, over(60)), ChatID(2))
	equal(t, "what was in it", take(2), []Night{{7, 1}})
	equal(t, "the next", get(t, s, over(60)), ChatID(1))
	equal(t, "what was in that", take(1), []Night{{7, 2}, {8, 1}})
	absent(t, s, over(1000))
}
