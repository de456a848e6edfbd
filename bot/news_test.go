package bot

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// poll shows the bot a list and, where it asks for them, the tickets as read
// gives them. It returns the numbers of those that were read.
func (d *desk) poll(open bool, read plusofon.Ticket, list ...plusofon.ListedTicket) (ids []state.TicketID) {
	d.t.Helper()
	d.do(func(tx *state.Tx) error {
		changed, err := d.bot.Listed(tx, d.now, list, open)
		if err != nil {
			return err
		}
		for _, c := range changed {
			ids = append(ids, c.ID)
			read.ID = plusofon.TicketID(c.ID)
			if err := d.bot.Absorb(tx, d.now, read, c); err != nil {
				return err
			}
		}
		return nil
	})
	return ids
}

// A ticket that is opened again can look in the list as it did among the closed
// ones: that it stands in another list is what has changed.
func TestOpenedAgainWithTheSameElement(t *testing.T) {
	for name, known := range map[string]bool{"the ticket tells its state": true, "only the list tells": false} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.poll(true, plusofon.Ticket{})
			d.poll(false, plusofon.Ticket{})
			open, closed := plusofon.Ticket{Open: true, OpenKnown: known}, plusofon.Ticket{OpenKnown: known}
			element := func(open bool) plusofon.ListedTicket {
				return plusofon.ListedTicket{ID: 7, Open: open, Fingerprint: "the same"}
			}
			for step, c := range []struct {
				asked    bool
				read     plusofon.Ticket
				list     []plusofon.ListedTicket
				reads    int
				wantOpen bool
			}{
				{true, open, []plusofon.ListedTicket{element(true)}, 1, true},
				{true, open, []plusofon.ListedTicket{element(true)}, 0, true},
				{true, closed, nil, 1, false},
				{true, closed, nil, 0, false},
				{false, closed, []plusofon.ListedTicket{element(false)}, 1, false},
				{false, closed, []plusofon.ListedTicket{element(false)}, 0, false},
				{true, open, []plusofon.ListedTicket{element(true)}, 1, true},
				{true, open, []plusofon.ListedTicket{element(true)}, 0, true},
			} {
				if ids := d.poll(c.asked, c.read, c.list...); len(ids) != c.reads {
					t.Errorf("step %d: %d tickets were read, want %d", step, len(ids), c.reads)
				}
				d.do(func(tx *state.Tx) error {
					ticket, err := tx.Ticket(7)
					if err == nil && ticket.Open != c.wantOpen {
						t.Errorf("step %d: open is %v", step, ticket.Open)
					}
					return err
				})
			}
		})
	}
}

// A server that gives the same tickets whichever list it is asked for is read
// once for it, not at every poll.
func TestTheSameTicketInBothLists(t *testing.T) {
	d := newDesk(t)
	d.poll(true, plusofon.Ticket{})
	d.poll(false, plusofon.Ticket{})
	read, reads := plusofon.Ticket{Open: true, OpenKnown: true}, 0
	for _, asked := range []bool{true, false, true, false, true, false} {
		reads += len(d.poll(asked, read, plusofon.ListedTicket{ID: 7, Open: asked, Fingerprint: "f"}))
	}
	if reads != 2 {
		t.Errorf("it was read %d times, want 2", reads)
	}
}

// While nobody knows what came of an answer, a customer's post in other words may
// be it: it is neither stored nor told of until the answer is settled.
func TestPostThatMayBeAnAnswerUnderWay(t *testing.T) {
	customer := plusofon.Author{ID: "1", Name: "account@example.com"}
	first := plusofon.Post{ID: 1, Text: "Текст", Author: customer}
	start := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	changed := plusofon.Post{ID: 2, Text: "[удалено]", Author: customer}
	staff := plusofon.Post{ID: 3, Text: "Ответ", Author: plusofon.Author{ID: "9", Name: "Оператор"}}
	for _, c := range []struct {
		name   string
		settle func(*Bot, *state.Tx, state.SubmissionID, plusofon.Ticket) error
		told   int // news of the changed words
	}{
		{"it is the answer", func(b *Bot, tx *state.Tx, id state.SubmissionID, ticket plusofon.Ticket) error {
			_, err := b.Delivered(tx, start, id, ticket)
			return err
		}, 0},
		{"nobody can tell", func(b *Bot, tx *state.Tx, id state.SubmissionID, _ plusofon.Ticket) error {
			return b.Doubtful(tx, start, id)
		}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			var all []string
			heard := func(text string) (n int) {
				all = append(all, d.said(100)...)
				for _, said := range all {
					n += strings.Count(said, text)
				}
				return n
			}
			var sub state.SubmissionID
			d.do(func(tx *state.Tx) error {
				if err := d.bot.Account(tx, customer.Name, ""); err != nil {
					return err
				}
				return tx.SavePerson(state.Person{ID: 100, Role: state.Member})
			})
			d.poll(true, plusofon.Ticket{})
			element := func(print string) plusofon.ListedTicket {
				return plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: print}
			}
			d.poll(true, plusofon.Ticket{Posts: []plusofon.Post{first}}, element("1"))
			d.do(func(tx *state.Tx) (err error) {
				sub, _, err = tx.AddSubmission(state.Submission{
					Kind: state.Answer, Ticket: 7, Chat: 100, User: 100, Message: 50, Text: "Мой ответ", State: state.SubmissionQueued,
				})
				if err != nil {
					return err
				}
				if err := tx.Bind(100, 7, d.now); err != nil {
					return err
				}
				_, _, err = d.bot.Sending(tx, sub)
				return err
			})
			ticket := plusofon.Ticket{ID: 7, Posts: []plusofon.Post{first, changed, staff}}
			for range 2 {
				if ids := d.poll(true, ticket, element("2")); len(ids) != 1 {
					t.Fatal("the ticket is not read again")
				}
			}
			if n := heard("[удалено]"); n != 0 {
				t.Errorf("told of %d times while under way", n)
			}
			if n := heard("Ответ"); n != 1 {
				t.Errorf("the staff's post was told of %d times", n)
			}
			d.do(func(tx *state.Tx) error { return c.settle(d.bot, tx, sub, ticket) })
			d.poll(true, ticket, element("2"))
			if ids := d.poll(true, ticket, element("2")); len(ids) != 0 {
				t.Error("the ticket is read at every poll")
			}
			if n := heard("[удалено]"); n != c.told {
				t.Errorf("told of %d times, want %d", n, c.told)
			}
		})
	}
}
