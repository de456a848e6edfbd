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
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// An answer that comes too late, or a connection that ends without one: the opening and the
// answer have one effect.
func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	late := plusofontest.Fault{Effect: true, Delay: time.Minute, Status: http.StatusOK, Body: "{}"} // the client waits half of that
	for _, op := range []string{"open", "answer"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				f := late
				f.Op = op
				w.Plusofon.AddFault(f)
				var m int
				if op == "open" {
					m = w.Anna.Send("/new Вторая\nтема").ID
				} else {
					m = w.Anna.Reply(receipt.ID, "ответ").ID
				}
				w.Reacts(w.Anna, m, "👌")
				w.Passes(time.Minute)
				if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 2 {
					t.Errorf("%d posts, want 2", n)
				}
			})
		})
	}
}

// A subject of more than 255 characters, truncated by the server, is recognized when the
// answer to its opening is lost.
func TestCutSubjectOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		m := w.Anna.Send("/new " + strings.Repeat("длинная тема ", 40) + "\nТекст")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if tickets := w.Plusofon.Tickets(); len(tickets) != 1 {
			t.Errorf("%d tickets, want 1", len(tickets))
		}
	})
}

// Two people open equal tickets at once and both answers are lost: two tickets, each with
// the receipt of one of them.
func TestTwoPeopleOpenEqualTickets(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true, Times: 2})
		mine, his := w.Anna.Send("/new Не работает\nСовсем"), w.Boris.Send("/new Не работает\nСовсем")
		w.Reacts(w.Anna, mine.ID, "👌")
		w.Reacts(w.Boris, his.ID, "👌")
		w.Passes(time.Minute)
		if tickets := w.Plusofon.Tickets(); len(tickets) != 2 {
			t.Errorf("%d tickets, want 2", len(tickets))
		}
	})
}

// takenOver is a Plusofon with interceptable writes: instead decides how they end, and
// delays the answer to an opening that it does not take over.
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

// takesOver restarts the program with a Plusofon whose writes can be intercepted.
func takesOver(w *bottest.World, instead func(op string) (taken bool, err error)) {
	w.T.Helper()
	w.RestartWith(func(c *bot.Config) { c.Plusofon = takenOver{c.Plusofon, instead} })
}

// A request whose effect becomes visible only after the first read-back has one effect: the
// second one finds it.
func TestEffectThatShowsLate(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		lost := false
		takesOver(w, func(string) (bool, error) {
			if lost {
				return false, nil
			}
			lost = true
			time.AfterFunc(4*time.Second, func() { w.Plusofon.CustomerReply(id, "ответ") }) // the read-back is after 3 s
			return true, &plusofon.UnknownOutcomeError{Op: "answer", Err: io.ErrUnexpectedEOF}
		})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Minute)
		w.WantReaction(w.Anna, m.ID, "👌")
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A request whose effect becomes visible only while it waits to be repeated has one effect too: a
// poll finds it, and nobody is told of it as written in the cabinet.
func TestEffectThatShowsBeforeTheRepeat(t *testing.T) {
	t.Parallel()
	for op, c := range map[string]struct {
		write func(w *bottest.World, receipt telegramtest.Message) telegramtest.Message
		shows func(w *bottest.World, id plusofon.TicketID)
	}{
		"answer": {
			func(w *bottest.World, receipt telegramtest.Message) telegramtest.Message {
				return w.Anna.Reply(receipt.ID, "ответ")
			},
			func(w *bottest.World, id plusofon.TicketID) { w.Plusofon.CustomerReply(id, "ответ") },
		},
		"open": {
			func(w *bottest.World, _ telegramtest.Message) telegramtest.Message {
				return w.Anna.Send("/new Вторая\nответ")
			},
			func(w *bottest.World, _ plusofon.TicketID) { w.Plusofon.OpenInCabinet("Вторая", "ответ") },
		},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Тема", "Текст")
				w.Plusofon.OpenInCabinet("Другая", "чужое") // where lists have shown one, a missing ticket proves something
				attempts := 0
				takesOver(w, func(of string) (bool, error) {
					if of != op {
						return false, nil
					}
					switch attempts++; attempts {
					case 1:
						return true, &plusofon.UnknownOutcomeError{Op: op, Err: io.ErrUnexpectedEOF}
					case 2:
						time.AfterFunc(30*time.Second, func() { c.shows(w, id) })
						return true, &plusofon.Error{Op: op, Kind: plusofon.RateLimited, RetryAfter: 2 * time.Minute}
					}
					return false, nil
				})
				w.Passes(time.Minute)
				m := c.write(w, receipt)
				w.Passes(10 * time.Minute)
				if attempts != 2 {
					t.Errorf("%d attempts, want 2", attempts)
				}
				w.WantReaction(w.Anna, m.ID, "👌")
				n := 0
				for _, text := range w.Written() {
					if text == "ответ" {
						n++
					}
				}
				if n != 1 {
					t.Errorf("at Plusofon: %q", w.Written())
				}
				if n := saidTo(w, "👤"); n != 0 {
					t.Errorf("told %d times of what was written in the cabinet: %q", n, bottest.Texts(w.Anna.FromBot()))
				}
			})
		})
	}
}

// The words of a request that is to be repeated are those that may show: an edit does not change
// them but is offered as a correction.
func TestEditBeforeTheRepeat(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		attempts := 0
		takesOver(w, func(string) (bool, error) {
			switch attempts++; attempts {
			case 1:
				return true, &plusofon.UnknownOutcomeError{Op: "answer", Err: io.ErrUnexpectedEOF}
			case 2:
				time.AfterFunc(time.Minute, func() { w.Plusofon.CustomerReply(id, "ответ") })
				return true, &plusofon.Error{Op: "answer", Kind: plusofon.RateLimited, RetryAfter: 2 * time.Minute}
			}
			return false, nil
		})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(50 * time.Second)
		w.Anna.Edit(m.ID, "другой ответ")
		w.Reads(w.Anna, "Отправить исправление?")
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, m.ID, "👌")
		w.WantPosts(id, "Текст", "ответ")
	})
}

// A successful request whose effect can't be found is not repeated: its author decides.
func TestSuccessWithoutAnEffect(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		takesOver(w, func(string) (bool, error) { return true, nil })
		w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(time.Second)
		w.RestartWith(nil)
		w.Passes(time.Hour)
		w.WantRead(w.Anna, "Плюсофон не подтвердил ответ")
		if got := w.Written(); !slices.Equal(got, []string{"Текст"}) {
			t.Errorf("it went behind her back: %q", got)
		}
	})
}

// If Plusofon asks to wait, an answer and its file wait that long, even beyond the
// program's longest backoff.
func TestPlusofonAsksToWait(t *testing.T) {
	t.Parallel()
	const wait = 20 * time.Minute
	for _, busy := range []string{"answer", "attach"} {
		t.Run(busy, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				var asked []time.Time
				takesOver(w, func(op string) (bool, error) {
					if op != busy {
						return false, nil
					}
					if asked = append(asked, time.Now()); len(asked) > 1 {
						return false, nil
					}
					return true, &plusofon.Error{Op: op, Kind: plusofon.RateLimited, Status: 429, RetryAfter: wait}
				})
				m := w.Anna.SendDocument(bottest.AnyFile, "ответ с файлом", receipt.ID)
				w.Passes(wait + time.Minute)
				w.WantReaction(w.Anna, m.ID, "👌")
				if len(asked) != 2 || asked[1].Sub(asked[0]) != wait {
					t.Errorf("it was asked at %v", asked)
				}
			})
		})
	}
}

// A ticket that existed before an opening, and one with another subject, are not its
// effect, and do not cause questions.
func TestTicketsThatAreNotTheOpenings(t *testing.T) {
	t.Parallel()
	for name, subject := range map[string]string{"one from before": "Тема", "one of another subject": "Другое"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				w.Polled()
				cabinet := func() { w.Plusofon.OpenInCabinet(subject, "из кабинета") }
				f := plusofontest.Fault{Op: "open", DropBefore: true, OnRead: cabinet}
				if subject == "Тема" {
					cabinet()
					w.Polled()
					f.OnRead = nil
				}
				w.Plusofon.AddFault(f)
				m := w.Anna.Send("/new Тема\nТекст")
				w.Reacts(w.Anna, m.ID, "👌")
				w.Reads(w.Anna, "создано", "Тема")
				w.Passes(time.Minute)
				if n := len(w.Plusofon.Tickets()); n != 2 {
					t.Errorf("%d tickets, want 2", n)
				}
			})
		})
	}
}

// The first answer to a ticket that was never read: older posts are not taken for its
// effect, however equal the text.
func TestUnknownOutcomeInATicketNeverRead(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Stop()
		id := w.Plusofon.OpenInCabinet("Из кабинета", "Ау")
		w.Path = filepath.Join(t.TempDir(), "another.db")
		w.Start()
		w.Polled()
		w.Anna.Send("/tickets")
		list := w.Reads(w.Anna, "Из кабинета")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true})
		w.Pressed(w.Anna.PressForged(list.ID, fmt.Sprintf("answer:%d", id)))
		w.Reads(w.Anna, "Напишите ответ в обращение")
		m := w.Anna.Send("Ау")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		w.WantPosts(id, "Ау", "Ау")
	})
}

// Two equal openings, one lost and the other slow: the second one's ticket is not taken for
// the first one's.
func TestEqualOpeningsOneLostOneSlow(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Passes(time.Second)
		lost := false
		takesOver(w, func(op string) (bool, error) {
			switch {
			case op == "opened":
				time.Sleep(30 * time.Second)
			case op == "open" && !lost:
				lost = true
				return true, &plusofon.UnknownOutcomeError{Op: op, Err: io.ErrUnexpectedEOF}
			}
			return false, nil
		})
		w.Passes(time.Second)
		first, second := w.Anna.Send("/new Не работает"), w.Anna.Send("/new Не работает")
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, first.ID, "👌")
		w.WantReaction(w.Anna, second.ID, "👌")
		if got := w.Written(); len(got) != 2 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// If a ticket is gone when an answer is looked for in it, the author is told so.
func TestLostAnswerToATicketThatIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() { w.Plusofon.DeleteTicket(id) }})
		w.Anna.Reply(receipt.ID, "ответ")
		w.Reads(w.Anna, "не подтвердил ответ")
	})
}

// A temporary 404 while an answer is looked for proves nothing about it: the ticket is listed.
func TestLostAnswerAndAPassingNotFound(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		passing := plusofontest.Fault{Op: "ticket", Status: http.StatusNotFound, Body: `<html>404 Not Found</html>`}
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true, OnRead: func() { w.Plusofon.AddFault(passing) }})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👌")
		w.AtRest()
		w.WantPosts(id, "Текст", "ответ")
	})
}

// A temporary 404 of the ticket looked for proves nothing about an opening: it is listed.
func TestLostOpeningAndAPassingNotFound(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		passing := plusofontest.Fault{Op: "ticket", Times: 4, Status: http.StatusNotFound, Body: `<html>404 Not Found</html>`}
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true, OnRead: func() { w.Plusofon.AddFault(passing) }})
		m := w.Anna.Send("/new Вторая\nтема")
		w.Reacts(w.Anna, m.ID, "👌")
		w.AtRest()
		if n := len(w.Plusofon.Tickets()); n != 2 {
			t.Errorf("%d tickets, want 2", n)
		}
	})
}

// A ticket that the staff has closed before it is looked for is still found.
func TestLostOpeningIsClosedMeanwhile(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		m := w.Anna.Send("/new Вторая\nтема")
		w.Desk("the second ticket", func(tickets []plusofontest.Ticket) bool { return len(tickets) == 2 })
		w.Plusofon.CloseTicket(w.Newest())
		w.Reacts(w.Anna, m.ID, "👌")
		w.AtRest()
		if n := len(w.Plusofon.Tickets()); n != 2 {
			t.Errorf("%d tickets, want 2", n)
		}
	})
}

// Of two files the second is lost: the presence of the first does not count for it.
func TestSecondFileIsLost(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", Header: http.Header{"X-First": {"1"}}})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", DropBefore: true})
		file := func(name string) telegramtest.Item {
			return telegramtest.Item{Kind: "document", File: telegramtest.File{Name: name, Content: []byte(name)}}
		}
		album := w.Anna.SendAlbum([]telegramtest.Item{file("a.txt"), file("b.txt")}, receipt.ID)
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.AtRest()
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts[1].Attachments) != 2 {
			t.Errorf("at Plusofon: %+v", ticket.Posts)
		}
	})
}
