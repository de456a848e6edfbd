package ticket_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// settingWaiting is the number of the working-hours setting in its buttons.
const settingWaiting = 5

const annaMail = "anna@example.com" // the account's own

// waiting is a desk with Anna's answer in ticket 7, on a Monday at ten.
type waiting struct {
	*bottest.Desk
	read  plusofon.Ticket
	print int
}

func newWaiting(t *testing.T) *waiting {
	w := &waiting{Desk: bottest.NewDesk(t)}
	w.Now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w.Member(100, "ru")
	w.Do(func(turn *chat.Turn) error { return reading.Account(turn, plusofon.Account{Email: annaMail}) })
	w.Poll(true, plusofon.Ticket{})
	w.read = plusofon.Ticket{Open: true, OpenKnown: true}
	w.posts("Вопрос", annaMail)
	w.answers("Мой ответ")
	return w
}

// posts adds a post and lets the bot poll it.
func (w *waiting) posts(text, author string) {
	w.T.Helper()
	w.read.Posts = append(w.read.Posts, plusofon.Post{
		ID: plusofon.PostID(len(w.read.Posts) + 1), Text: text, Author: plusofon.Author{ID: author, Name: author},
	})
	w.polls()
}

func (w *waiting) polls() {
	w.T.Helper()
	w.print++
	w.Poll(true, w.read, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: strings.Repeat("x", w.print)})
}

// answers lets Anna answer in the ticket.
func (w *waiting) answers(text string) {
	w.T.Helper()
	w.submits(state.Submission{Kind: state.Answer, Ticket: 7, Text: text})
	w.posts(text, annaMail)
	w.Said(100)
}

// submits lets Anna submit something that is then in flight.
func (w *waiting) submits(sub state.Submission) (id state.SubmissionID) {
	w.T.Helper()
	w.Do(func(turn *chat.Turn) (err error) {
		w.Last++
		sub.Chat, sub.User, sub.Message, sub.State = 100, 100, state.MessageID(w.Last), state.SubmissionQueued
		if id, _, err = turn.Tx.AddSubmission(sub); err != nil {
			return err
		}
		if sub.Ticket != 0 {
			if err := turn.Tx.Bind(100, sub.Ticket, w.Now); err != nil {
				return err
			}
		}
		_, _, err = submission.Sending(turn, id)
		return err
	})
	return id
}

// at moves the clock, completes a poll, and completes the reads of tickets that it requests.
// It returns what Anna is told.
func (w *waiting) at(s string) []string {
	w.T.Helper()
	now, err := time.Parse("02.01.2006 15:04", s)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Now = now
	w.Do(func(turn *chat.Turn) error { return conversation.Polled(turn, nil) })
	w.Do(func(turn *chat.Turn) error {
		for {
			row, err := turn.Tx.LaneHead(state.Plusofon, chat.TicketLane(7))
			if errors.Is(err, state.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			fetch, err := chat.Decode[chat.FetchRow](row)
			if err != nil {
				return err
			}
			w.Reads++
			read := ticket.Read{Ticket: w.read, Number: w.Reads}
			read.ID = 7
			if err := errors.Join(turn.Tx.Finish(row.ID, state.Done, w.Now, ""), absorbFetched(turn, read), conversation.Fetched(turn, fetch, read, nil)); err != nil {
				return err
			}
		}
	})
	return w.Said(100)
}

func absorbFetched(turn *chat.Turn, read ticket.Read) error {
	for {
		if all, err := ticket.AbsorbFetched(turn, read); err != nil || all {
			return err
		}
	}
}

// linesOf counts the lines about a long wait.
func linesOf(said []string) (n int) {
	for _, s := range said {
		n += strings.Count(s, "Поддержка молчит")
	}
	return n
}

// The author is told after four working hours, silently, and then once a day, in working
// hours, while the staff is silent.
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
		{"05.03.2026 20:00", 1}, // the program was not running in the meantime
		{"06.03.2026 20:30", 0},
		{"07.03.2026 12:00", 0}, // Saturday
		{"09.03.2026 09:00", 1},
	} {
		if said := w.at(step.at); linesOf(said) != step.want {
			t.Errorf("at %s it is told %q, want %d lines", step.at, said, step.want)
		}
	}
}

// However long the ticket can't be read (for instance because an answer before it hangs),
// the line comes once, and not if its author has written in the meantime.
func TestLongWaitIsLookedAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*waiting)
		lines     int
	}{
		"nobody has written": {func(*waiting) {}, 1},
		"its author has":     {func(w *waiting) { w.answers("Ещё одно") }, 0},
		"they were told":     {func(w *waiting) { w.at("02.03.2026 15:50") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(t)
			for minute := range 10 {
				w.Now = time.Date(2026, 3, 2, 14, 1+10*minute, 0, 0, time.UTC)
				w.Do(func(turn *chat.Turn) error { return conversation.Polled(turn, nil) })
			}
			c.meanwhile(w)
			if said := w.at("02.03.2026 15:51"); linesOf(said) != c.lines {
				t.Errorf("it is told %q, want %d lines", said, c.lines)
			}
		})
	}
}

func TestLongWaitEnds(t *testing.T) {
	for name, end := range map[string]func(*waiting){
		"with the staff's answer": func(w *waiting) { w.posts("Ответ", "9") },
		// Known only once the ticket is read before telling.
		"with an answer that was not polled": func(w *waiting) {
			w.read.Posts = append(w.read.Posts, plusofon.Post{ID: 99, Text: "Ответ", Author: plusofon.Author{ID: "9", Name: "Оператор"}})
		},
		"with the ticket": func(w *waiting) { w.read.Open = false; w.polls() },
		"by the setting":  func(w *waiting) { w.Chooses(100, settingWaiting, 1) },
		"by the button": func(w *waiting) {
			w.Decides(100, telegram.Update{Callback: &telegram.Callback{
				ID: "p", From: telegram.User{ID: 100}, Data: "dismiss:7",
				Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 100, Type: "private"}},
			}})
		},
		"with the access": func(w *waiting) {
			w.Do(func(turn *chat.Turn) error {
				return turn.Tx.SavePerson(state.Person{ID: 100, Role: state.Stranger})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(t)
			w.Now = time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)
			end(w)
			for _, at := range []string{"02.03.2026 15:00", "03.03.2026 15:00"} {
				if said := w.at(at); linesOf(said) != 0 {
					t.Errorf("at %s it is told %q", at, said)
				}
			}
		})
	}
}

// A new post by the author restarts the wait; one from the cabinet does not end it.
func TestLongWaitGoesOn(t *testing.T) {
	w := newWaiting(t)
	w.Now = w.Now.Add(3 * time.Hour)
	w.answers("Ещё одно")
	if said := w.at("02.03.2026 16:59"); linesOf(said) != 0 {
		t.Errorf("told too early: %q", said)
	}
	w.posts("Дополнение в кабинете", annaMail)
	w.Said(100)
	if said := w.at("02.03.2026 17:00"); linesOf(said) != 1 {
		t.Errorf("not told: %q", said)
	}
}

// The hours can be chosen; a change applies to waits already in progress.
func TestWaitingHoursAreChosen(t *testing.T) {
	w := newWaiting(t)
	w.Chooses(100, settingWaiting, 2)
	if said := w.at("02.03.2026 11:01"); linesOf(said) != 1 || !strings.Contains(said[0], "молчит уже 1 час") {
		t.Errorf("after an hour it is told %q", said)
	}
}

// A group without reminders gets none after it has become a supergroup.
func TestNoReminderInAGroupThatBecomesASupergroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: state.ChatID(g.ID()), News: state.NewsBound})
		}))
		g.Boris.Send("/new Касса\nТекст")
		w.Reads(g.Boris, "Касса")
		w.AtRest()
		id := w.Newest()
		next := g.Moved()
		w.Passes(10 * time.Minute)
		// The staff closes the ticket and opens it again: its author waits anew.
		w.Plusofon.CloseTicket(id)
		w.Reads(next.Anna, "Обращение закрыто")
		w.Plusofon.ReopenTicket(id)
		w.Reads(next.Anna, "снова открыто")
		time.Sleep(48 * time.Hour)
		for _, m := range next.Anna.FromBot() {
			if strings.Contains(bottest.Buttons(m), "Напомнить") {
				t.Errorf("it says %q", m.Text)
			}
		}
	})
}

// The line about a long wait is not sent once the staff has written, however long the chat could
// not be written to.
func TestNoWaitingLineAfterTheAnswer(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Times: -1, Status: 502, Body: "<html>"})
		w.WaitsLong(id)
		w.Passes(time.Minute)
		w.Plusofon.Reply(id, "Ольга", "Готово")
		w.Passes(2 * time.Minute)
		w.Telegram.ClearFaults()
		w.Reads(w.Anna, "Готово")
		w.Passes(time.Hour)
		w.Quiet(w.Anna, "Поддержка молчит")
	})
}
