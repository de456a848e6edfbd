package bot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
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

// takenOver is Plusofon whose writes may be taken over: instead says how they end,
// and holds the answer to an opening that is not.
type takenOver struct {
	bot.Plusofon
	instead func(op string) (taken bool, err error)
}

func (p takenOver) Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	if taken, err := p.instead("answer"); taken {
		return plusofon.Ticket{ID: id}, err
	}
	return p.Plusofon.Answer(ctx, id, text)
}

func (p takenOver) Open(ctx context.Context, subject, text string) (plusofon.Ticket, error) {
	if taken, err := p.instead("open"); taken {
		return plusofon.Ticket{}, err
	}
	ticket, err := p.Plusofon.Open(ctx, subject, text)
	_, _ = p.instead("opened") // its answer comes when this returns
	return ticket, err
}

func (p takenOver) Attach(ctx context.Context, id plusofon.TicketID, post plusofon.PostID, f plusofon.File) error {
	if taken, err := p.instead("attach"); taken {
		return err
	}
	return p.Plusofon.Attach(ctx, id, post, f)
}

// takesOver starts the program anew with a Plusofon whose writes may be taken over.
func (b *bubble) takesOver(instead func(op string) (taken bool, err error)) {
	b.t.Helper()
	b.restarts(func(c *bot.Config) { c.Plusofon = takenOver{c.Plusofon, instead} })
}

// restarts starts the program anew, with another configuration; nil: with its own.
func (b *bubble) restarts(config func(*bot.Config)) {
	b.t.Helper()
	b.stop()
	b.config = config
	b.start()
}

// A request whose effect shows only after it was looked for once has one effect:
// the second look finds it.
func TestEffectThatShowsLate(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		lost := false
		b.takesOver(func(string) (bool, error) {
			if lost {
				return false, nil
			}
			lost = true
			time.AfterFunc(4*time.Second, func() { _, _ = b.desk.Answer(t.Context(), 100, "ответ") }) // it is looked for after 3 s
			return true, &plusofon.UnknownOutcomeError{Op: "answer", Err: io.ErrUnexpectedEOF}
		})
		m := b.phone.writes(receipt, "ответ")
		b.passes(time.Minute)
		b.wantReaction(m, "👌")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// What was answered with success and can't be found is not repeated: its author
// decides.
func TestSuccessWithoutAnEffect(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		b.takesOver(func(string) (bool, error) { return true, nil })
		b.phone.writes(receipt, "ответ")
		b.passes(time.Second)
		b.restarts(nil)
		b.passes(time.Hour)
		b.wantRead("Плюсофон не подтвердил ответ")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст"}) {
			t.Errorf("it went behind her back: %q", got)
		}
	})
}

// Where Plusofon asks to wait, an answer and its file wait for as long, though that
// is longer than any pause of the program's own.
func TestPlusofonAsksToWait(t *testing.T) {
	const wait = 20 * time.Minute
	for _, busy := range []string{"answer", "attach"} {
		t.Run(busy, func(t *testing.T) {
			t.Parallel()
			inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
				receipt := b.opens()
				var asked []time.Time
				b.takesOver(func(op string) (bool, error) {
					if op != busy {
						return false, nil
					}
					if asked = append(asked, time.Now()); len(asked) > 1 {
						return false, nil
					}
					return true, &plusofon.Error{Op: op, Kind: plusofon.RateLimited, Status: 429, RetryAfter: wait}
				})
				m := b.phone.sendsFile(annaID, receipt, "ответ с файлом")
				b.passes(wait + time.Minute)
				b.wantReaction(m, "👌")
				if len(asked) != 2 || asked[1].Sub(asked[0]) != wait {
					t.Errorf("it was asked at %v", asked)
				}
			})
		})
	}
}

// A ticket that stood there before an opening, and one of another subject, are not
// its effect, and nobody is asked because of them.
func TestTicketsThatAreNotTheOpenings(t *testing.T) {
	for name, subject := range map[string]string{"one from before": "Тема", "one of another subject": "Другое"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.polled()
			cabinet := func() { w.plusofon.OpenInCabinet(subject, "из кабинета") }
			f := plusofontest.Fault{Op: "open", DropBefore: true, OnRead: cabinet}
			if subject == "Тема" {
				cabinet()
				w.polled()
				f.OnRead = nil
			}
			w.plusofon.AddFault(f)
			m := w.anna.Send("/new Тема\nТекст")
			w.reacts(w.anna, m.ID, "👌")
			w.reads(w.anna, "создано", "Тема")
			if n := len(w.plusofon.Tickets()); n != 2 {
				t.Errorf("%d tickets, want 2", n)
			}
		})
	}
}

// The first answer to a ticket that was never read: what stood in it before is not
// taken for its effect, however equal the words are.
func TestUnknownOutcomeInATicketNeverRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.stop()
	id := w.plusofon.OpenInCabinet("Из кабинета", "Ау")
	w.path = filepath.Join(t.TempDir(), "another.db")
	w.start()
	w.polled()
	w.anna.Send("/tickets")
	list := w.reads(w.anna, "Из кабинета")
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true})
	w.pressed(w.anna.PressForged(list.ID, fmt.Sprintf("answer:%d", id)))
	w.reads(w.anna, "Напишите ответ в обращение")
	m := w.anna.Send("Ау")
	w.reacts(w.anna, m.ID, "👌")
	w.wantPosts(id, "Ау", "Ау")
}

// Two equal openings, of which one is lost and the other takes long: what the second
// has made is not taken for the first one's.
func TestEqualOpeningsOneLostOneSlow(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		b.passes(time.Second)
		lost := false
		b.takesOver(func(op string) (bool, error) {
			switch {
			case op == "opened":
				time.Sleep(30 * time.Second)
			case op == "open" && !lost:
				lost = true
				return true, &plusofon.UnknownOutcomeError{Op: op, Err: io.ErrUnexpectedEOF}
			}
			return false, nil
		})
		b.passes(time.Second)
		first, second := b.phone.writes(0, "/new Не работает"), b.phone.writes(0, "/new Не работает")
		b.passes(10 * time.Minute)
		b.wantReaction(first, "👌")
		b.wantReaction(second, "👌")
		if got := b.desk.written(); len(got) != 2 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A ticket that is gone when an answer is looked for in it: its author is told so.
func TestLostAnswerToATicketThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	_, receipt := w.opened("Тема", "Текст")
	gone := plusofontest.Fault{Op: "ticket", Times: -1, Status: http.StatusNotFound, Body: `{"message":"Не найдено","code":404}`}
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() { w.plusofon.AddFault(gone) }})
	m := w.anna.Reply(receipt.ID, "ответ")
	w.reacts(w.anna, m.ID, "💔")
}

// Of two files the second is lost: that the first is there does not count for it.
func TestSecondFileIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Op: "attach", Header: http.Header{"X-First": {"1"}}})
	w.plusofon.AddFault(plusofontest.Fault{Op: "attach", DropBefore: true})
	file := func(name string) telegramtest.Item {
		return telegramtest.Item{Kind: "document", File: telegramtest.File{Name: name, Content: []byte(name)}}
	}
	album := w.anna.SendAlbum([]telegramtest.Item{file("a.txt"), file("b.txt")}, receipt.ID)
	w.reacts(w.anna, album[0].ID, "👌")
	w.atRest()
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts[1].Attachments) != 2 {
		t.Errorf("at Plusofon: %+v", ticket.Posts)
	}
}
