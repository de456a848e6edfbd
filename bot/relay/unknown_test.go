package relay_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/plusofon/plusofontest"
)

// An answer that comes too late, or a connection that ends without one: the
// opening and the answer have one effect.
func TestNoAnswerInTime(t *testing.T) {
	late := plusofontest.Fault{Effect: true, Delay: 6 * time.Second, Status: http.StatusOK, Body: "{}"} // the client waits for 5 s
	for _, op := range []string{"open", "answer"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			_, receipt := w.opened("Тема", "Текст")
			f := late
			f.Op = op
			w.plusofon.AddFault(f)
			var m int
			if op == "open" {
				m = w.anna.Send("/new Вторая\nтема").ID
			} else {
				m = w.anna.Reply(receipt.ID, "ответ").ID
			}
			w.reacts(w.anna, m, "👌")
			if n := posts(w.plusofon.Tickets()); n != 2 {
				t.Errorf("%d posts, want 2", n)
			}
		})
	}
}

// A subject of more than 255 characters, cut on its way, is known again when the
// answer to its opening is lost.
func TestCutSubjectOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
	m := w.anna.Send("/new " + strings.Repeat("длинная тема ", 40) + "\nТекст")
	w.reacts(w.anna, m.ID, "👌")
	if tickets := w.plusofon.Tickets(); len(tickets) != 1 {
		t.Errorf("%d tickets, want 1", len(tickets))
	}
}

// Two people open equal tickets at once and both answers are lost: two tickets,
// each with the receipt of one of them.
func TestTwoPeopleOpenEqualTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.invited(w.boris)
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true, Times: 2})
	mine, his := w.anna.Send("/new Не работает\nСовсем"), w.boris.Send("/new Не работает\nСовсем")
	w.reacts(w.anna, mine.ID, "👌")
	w.reacts(w.boris, his.ID, "👌")
	if tickets := w.plusofon.Tickets(); len(tickets) != 2 {
		t.Errorf("%d tickets, want 2", len(tickets))
	}
}
