package bot

import (
	"errors"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

func TestAfterWorking(t *testing.T) {
	moscow, ok := zoneByName("Europe/Moscow")
	if !ok {
		t.Fatal("no Moscow")
	}
	const form = "Mon 02.01 15:04"
	at := func(s string) time.Time {
		// 2026-03-02 is a Monday.
		m, err := time.ParseInLocation("02.01.2006 15:04", s, moscow)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name, from string
		hours      int
		want       string
	}{
		{"within a day", "02.03.2026 10:00", 4, "Mon 02.03 14:00"},
		{"over the night", "02.03.2026 16:30", 4, "Tue 03.03 11:30"},
		{"before work", "02.03.2026 07:00", 4, "Mon 02.03 13:00"},
		{"after work", "02.03.2026 20:00", 4, "Tue 03.03 13:00"},
		{"over a weekend", "06.03.2026 17:00", 4, "Mon 09.03 12:00"},
		{"on a weekend", "07.03.2026 12:00", 1, "Mon 09.03 10:00"},
		{"to the end of the day", "02.03.2026 14:00", 4, "Mon 02.03 18:00"},
		{"several days", "02.03.2026 10:00", 18, "Wed 04.03 10:00"},
		{"no time at all, at work", "02.03.2026 10:00", 0, "Mon 02.03 10:00"},
		{"no time at all, at night", "02.03.2026 22:00", 0, "Tue 03.03 09:00"},
		{"no time at all, on Friday night", "06.03.2026 18:30", 0, "Mon 09.03 09:00"},
	} {
		if got := afterWorking(at(c.from).UTC(), time.Duration(c.hours)*time.Hour, moscow).Format(form); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

const annaMail = "anna@example.com" // the account's own

// waiting is a desk with Anna's answer in ticket 7, on a Monday at ten.
type waiting struct {
	*desk
	ticket plusofon.Ticket
	print  int
}

func newWaiting(t *testing.T) *waiting {
	w := &waiting{desk: newDesk(t)}
	w.now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w.member(100, "ru")
	w.do(func(tx *state.Tx) error { return w.bot.Account(tx, annaMail, "") })
	w.poll(true, plusofon.Ticket{})
	w.ticket = plusofon.Ticket{Open: true, OpenKnown: true}
	w.posts("Вопрос", annaMail)
	w.answers("Мой ответ")
	return w
}

// posts adds a post and lets the bot poll it.
func (w *waiting) posts(text, author string) {
	w.t.Helper()
	w.ticket.Posts = append(w.ticket.Posts, plusofon.Post{
		ID: plusofon.PostID(len(w.ticket.Posts) + 1), Text: text, Author: plusofon.Author{ID: author, Name: author},
	})
	w.polls()
}

func (w *waiting) polls() {
	w.t.Helper()
	w.print++
	w.poll(true, w.ticket, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: strings.Repeat("x", w.print)})
}

// answers lets Anna answer in the ticket.
func (w *waiting) answers(text string) {
	w.t.Helper()
	w.do(func(tx *state.Tx) error {
		w.last++
		id, _, err := tx.AddSubmission(state.Submission{
			Kind: state.Answer, Ticket: 7, Chat: 100, User: 100, Message: state.MessageID(w.last), Text: text, State: state.SubmissionQueued,
		})
		if err != nil {
			return err
		}
		if err := tx.Bind(100, 7, w.now); err != nil {
			return err
		}
		_, _, err = w.bot.Sending(tx, id)
		return err
	})
	w.posts(text, annaMail)
	w.said(100)
}

// at moves the clock, lets a poll end well, and the tickets be read that this
// asks for. It returns what Anna is told.
func (w *waiting) at(s string) []string {
	w.t.Helper()
	now, err := time.Parse("02.01.2006 15:04", s)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = now
	w.do(func(tx *state.Tx) error { return w.bot.Polled(tx, w.now, nil) })
	w.do(func(tx *state.Tx) error {
		for {
			row, err := tx.LaneHead(state.Plusofon, ticketLane(7))
			if errors.Is(err, state.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			fetch, err := Decode[FetchRow](row)
			if err != nil {
				return err
			}
			ticket := w.ticket
			ticket.ID = 7
			if err := errors.Join(tx.Finish(row.ID, state.Done, w.now, ""), w.bot.Fetched(tx, w.now, fetch, ticket, nil)); err != nil {
				return err
			}
		}
	})
	return w.said(100)
}

// linesOf counts the lines about a long wait.
func linesOf(said []string) (n int) {
	for _, s := range said {
		n += strings.Count(s, "Поддержка не отвечает")
	}
	return n
}

// The author is told after four working hours, without a sound, and then once a
// day, in working hours, for as long as the staff is silent.
func TestLongWait(t *testing.T) {
	w := newWaiting(t)
	for _, step := range []struct {
		at   string
		want int
	}{
		{"02.03.2026 13:59", 0},
		{"02.03.2026 14:01", 1},
		{"02.03.2026 14:02", 0},
		{"02.03.2026 17:59", 0},
		{"03.03.2026 10:00", 0},
		{"03.03.2026 14:02", 1},
		{"05.03.2026 20:00", 1}, // the program was off meanwhile
		{"06.03.2026 20:30", 0},
		{"07.03.2026 12:00", 0}, // Saturday
		{"09.03.2026 09:00", 1},
	} {
		if said := w.at(step.at); linesOf(said) != step.want {
			t.Errorf("at %s it is told %q, want %d lines", step.at, said, step.want)
		}
	}
}

func TestLongWaitEnds(t *testing.T) {
	for name, end := range map[string]func(*waiting){
		"with the staff's answer": func(w *waiting) { w.posts("Ответ", "9") },
		// Known only once the ticket is read before telling.
		"with an answer that was not polled": func(w *waiting) {
			w.ticket.Posts = append(w.ticket.Posts, plusofon.Post{ID: 99, Text: "Ответ", Author: plusofon.Author{ID: "9", Name: "Оператор"}})
		},
		"with the ticket": func(w *waiting) { w.ticket.Open = false; w.polls() },
		"by the setting":  func(w *waiting) { w.chooses(100, settingWaiting, 1) },
		"by the button": func(w *waiting) {
			w.decides(100, telegram.Update{Callback: &telegram.Callback{
				ID: "p", From: telegram.User{ID: 100}, Data: "dismiss:7",
				Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 100, Type: "private"}},
			}})
		},
		"with the access": func(w *waiting) {
			w.do(func(tx *state.Tx) error {
				return tx.SavePerson(state.Person{ID: 100, Role: state.Stranger})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(t)
			w.now = time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)
			end(w)
			for _, at := range []string{"02.03.2026 15:00", "03.03.2026 15:00"} {
				if said := w.at(at); linesOf(said) != 0 {
					t.Errorf("at %s it is told %q", at, said)
				}
			}
		})
	}
}

// A new post of the author begins the wait anew; one from the cabinet does not
// end it.
func TestLongWaitGoesOn(t *testing.T) {
	w := newWaiting(t)
	w.now = w.now.Add(3 * time.Hour)
	w.answers("Ещё одно")
	if said := w.at("02.03.2026 16:59"); linesOf(said) != 0 {
		t.Errorf("told too early: %q", said)
	}
	w.posts("Дополнение в кабинете", annaMail)
	w.said(100)
	if said := w.at("02.03.2026 17:00"); linesOf(said) != 1 {
		t.Errorf("not told: %q", said)
	}
}

// The hours are chosen; a change counts for what waits already.
func TestWaitingHoursAreChosen(t *testing.T) {
	w := newWaiting(t)
	w.chooses(100, settingWaiting, 2)
	if said := w.at("02.03.2026 11:01"); linesOf(said) != 1 || !strings.Contains(said[0], "больше 1 рабочего часа") {
		t.Errorf("after an hour it is told %q", said)
	}
}
