package bot_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// An answer of unknown outcome whose ticket is merged before it is looked for may have arrived:
// it stands in the other ticket. Nobody says that it was not sent.
func TestLostAnswerToATicketThatIsMerged(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		other := w.Plusofon.OpenInCabinet("Другая", "Текст")
		w.Passes(time.Minute)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Status: http.StatusBadGateway})
		w.Anna.Reply(receipt.ID, "ответ")
		w.Desk("the answer", func(all []plusofontest.Ticket) bool { return len(all[0].Posts) == 2 })
		w.Plusofon.Merge(id, other)
		w.Passes(30 * time.Minute)
		w.WantPosts(other, "Текст", "Текст", "ответ")
		if n := saidTo(w, "не отправлен"); n != 0 {
			t.Errorf("told %d times that it was not sent", n)
		}
	})
}

// Whose posts are the customer's is not judged by the first post of a ticket whose opening was
// deleted.
func TestOpeningPostIsDeleted(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{PageNames: true}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Первый ответ")
		w.Reads(w.Anna, "💬 Оператор", "Первый ответ")
		first, _ := w.Plusofon.Ticket(id)
		w.Plusofon.Delete(id, first.Posts[0].ID)
		w.Plusofon.Reply(id, "Оператор", "Второй ответ")
		news := w.Reads(w.Anna, "Второй ответ")
		if !strings.Contains(news.Text, "💬") || news.Silent {
			t.Errorf("the staff's answer is shown as the customer's own: silent %v, %s", news.Silent, news.Text)
		}
	})
}

// bare is a Plusofon whose lists show numbers and states alone, as the newer page promises no more.
type bare struct{ bot.Plusofon }

func (p bare) Tickets(ctx context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	return func(yield func(plusofon.ListedTicket, error) bool) {
		for e, err := range p.Plusofon.Tickets(ctx, open) {
			e.Subject = ""
			if !yield(e, err) {
				return
			}
		}
	}
}

// If more tickets are new than are looked at, and lists show no subjects, a lost opening may be
// one of the rest: it is not repeated.
func TestManyNewTicketsSinceALostOpening(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Dialect: plusofontest.Newer}}, func(t *testing.T, w *bottest.World) {
		w.RestartWith(func(c *bot.Config) { c.Plusofon, c.Background = bare{c.Plusofon}, bare{c.Background} })
		w.Passes(time.Second)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		w.Anna.Send("/new Не работает\nТекст")
		w.Desk("the opening", func(all []plusofontest.Ticket) bool { return len(all) == 1 })
		for i := range 11 {
			w.Plusofon.OpenInCabinet(fmt.Sprintf("Другое %d", i), "Из кабинета")
		}
		w.Passes(10 * time.Minute)
		n := 0
		for _, text := range w.Written() {
			if text == "Текст" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("it was opened %d times", n)
		}
	})
}

// renamed shows the posts from one on under another author's name.
type renamed struct {
	bot.Plusofon
	from *plusofon.PostID
	as   string
}

func (p renamed) rename(t plusofon.Ticket, err error) (plusofon.Ticket, error) {
	for i, post := range t.Posts {
		if *p.from != 0 && post.ID >= *p.from && strings.Contains(post.Author.Name, "@") {
			t.Posts[i].Author.Name = p.as
		}
		t.Posts[i].Email = ""
	}
	return t, err
}

func (p renamed) Ticket(ctx context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	return p.rename(p.Plusofon.Ticket(ctx, id))
}

func (p renamed) Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	return p.rename(p.Plusofon.Answer(ctx, id, text))
}

// The account's e-mail is changed in the cabinet while the bot runs.
func TestAccountIsRenamed(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"answered": false, "the answer is lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{PageNames: true}}, func(t *testing.T, w *bottest.World) {
				var from plusofon.PostID
				w.RestartWith(func(c *bot.Config) {
					c.Plusofon, c.Background = renamed{c.Plusofon, &from, "new@example.com"}, renamed{c.Background, &from, "new@example.com"}
				})
				id, receipt := w.Opened("Тема", "Текст")
				w.Passes(time.Minute)
				from = w.LastPost(id).ID + 1
				if lost {
					w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
				}
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Passes(20 * time.Minute)
				w.WantPosts(id, "Текст", "ответ") // not twice
				if lost {
					return
				}
				for _, said := range bottest.Texts(w.Anna.FromBot()) {
					if strings.Contains(said, "💬") || strings.Contains(said, "не подтвердил") {
						t.Errorf("said: %s", said)
					}
				}
				w.WantReaction(w.Anna, m.ID, "👌")
			})
		})
	}
}

// The help desk answers with the ticket that another one was merged into.
func TestMergedTicketLeadsToTheOther(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		other := w.Plusofon.OpenInCabinet("Другая", "Текст")
		w.Passes(time.Minute)
		w.Plusofon.Merge(id, other)
		w.Plusofon.AddFault(plusofontest.Fault{
			Op: "ticket", Times: -1, Match: func(_, path string) bool { return strings.HasSuffix(path, fmt.Sprint(id)) },
			Body: fmt.Sprintf(`{"id":"%d","subject":"Другая","status":true,"posts":[{"id":"43809","text":"Текст","author":{"id":"9740","name":"customer@example.com"}}]}`, other),
		})
		w.Passes(time.Hour)
		before := asked(w, id)
		w.Passes(time.Hour)
		if n := asked(w, id) - before; n > 20 {
			t.Errorf("it is asked for %d times in an hour", n)
		}
		if saidTo(w, "больше нет в Плюсофоне") != 1 {
			t.Errorf("nobody is told: %q", bottest.Texts(w.Anna.FromBot()))
		}
	})
}

// An answer to a ticket that was just merged stands in the other one. It is not repeated, whether
// or not Plusofon's answer to it, which names that one, arrives: its author decides.
func TestAnswerToAMergedTicket(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"answered": false, "the answer is lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{MergeLeads: true}}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Тема", "Текст")
				other := w.Plusofon.OpenInCabinet("Другая", "Текст")
				w.Passes(time.Minute)
				w.Plusofon.Merge(id, other)
				if lost {
					w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
				}
				w.Anna.Reply(receipt.ID, "ответ")
				doubt := w.Reads(w.Anna, "не подтвердил ответ")
				if !strings.Contains(doubt.Text, "объединили") {
					t.Errorf("it says %q", doubt.Text)
				}
				w.Passes(25 * time.Hour)
				w.WantPosts(other, "Текст", "Текст", "ответ")
			})
		})
	}
}

// A success that names another ticket is no reason to repeat an answer, though its own ticket
// does not show it.
func TestSuccessInAnotherTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		other := w.Plusofon.OpenInCabinet("Другая", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Body: fmt.Sprintf(`{"id":"%d","posts":[]}`, other)})
		w.Anna.Reply(receipt.ID, "ответ")
		w.Reads(w.Anna, "не подтвердил ответ")
		w.Passes(time.Hour)
		w.WantPosts(id, "Текст")
	})
}

// A 404 of the address for openings.
func TestOpeningNotFound(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Polled()
		fault := notFoundPage
		fault.Op = "open"
		w.Plusofon.AddFault(fault)
		m := w.Anna.Send("/new Тема\nТекст")
		w.Passes(5 * time.Minute)
		w.Quiet(w.Anna, "№0")
		w.WantReaction(w.Anna, m.ID, "👌")
	})
}

// The last answer in a ticket that is closed with it, and was never read.
func TestAnsweredAndClosedAtOnce(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]plusofontest.Dialect{"older": plusofontest.Older, "newer": plusofontest.Newer, "with activity": plusofontest.NewerWithActivity} {
		for _, closes := range []bool{false, true} {
			t.Run(fmt.Sprint(name, closes), func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Dialect: dialect}}, func(t *testing.T, w *bottest.World) {
					w.Stop()
					id := w.Plusofon.OpenInCabinet("Из кабинета", "Ау")
					w.Path = filepath.Join(t.TempDir(), "another.db")
					w.Start()
					w.Anna.Send("/start")
					w.Passes(time.Second)
					bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
						return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsAll})
					}))
					w.Passes(7 * time.Minute)
					w.Plusofon.Reply(id, "Оператор", "Готово, проверяйте")
					if closes {
						w.Plusofon.CloseTicket(id)
					}
					w.Passes(3 * time.Hour)
					w.WantRead(w.Anna, "Готово, проверяйте")
				})
			})
		}
	}
}

// A closed ticket that was never read is answered and opened again.
func TestClosedTicketIsAnsweredAndReopened(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]plusofontest.Dialect{"older": plusofontest.Older, "newer": plusofontest.Newer, "with activity": plusofontest.NewerWithActivity} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Dialect: dialect}}, func(t *testing.T, w *bottest.World) {
				w.Stop()
				id := w.Plusofon.OpenInCabinet("Из кабинета", "Ау")
				w.Plusofon.CloseTicket(id)
				w.Path = filepath.Join(t.TempDir(), "another.db")
				w.Start()
				w.Anna.Send("/start")
				w.Passes(time.Second)
				bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
					return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsAll})
				}))
				w.Passes(7 * time.Minute)
				w.Plusofon.Reply(id, "Оператор", "Возвращаемся к вопросу")
				w.Plusofon.ReopenTicket(id)
				w.Passes(3 * time.Hour)
				w.WantRead(w.Anna, "Возвращаемся к вопросу")
			})
		})
	}
}

// The last answer in a ticket that is closed with it is news, though somebody has looked at the
// ticket before and since.
func TestAnsweredAndClosedWhileItIsLookedAt(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]plusofontest.Dialect{"older": plusofontest.Older, "newer": plusofontest.Newer, "with activity": plusofontest.NewerWithActivity} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Dialect: dialect}}, func(t *testing.T, w *bottest.World) {
				w.Stop()
				id := w.Plusofon.OpenInCabinet("Из кабинета", "Ау")
				w.Path = filepath.Join(t.TempDir(), "another.db")
				w.Start()
				w.Anna.Send("/start")
				w.Passes(time.Second)
				bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
					return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsAll})
				}))
				w.Passes(6 * time.Minute)
				w.Anna.Send(fmt.Sprintf("/ticket %d", id))
				w.Passes(10 * time.Second)
				w.Plusofon.Reply(id, "Оператор", "Готово, проверяйте")
				w.Plusofon.CloseTicket(id)
				w.Passes(10 * time.Second)
				w.Anna.Send(fmt.Sprintf("/ticket %d", id))
				w.Passes(3 * time.Hour)
				if saidTo(w, "💬 Оператор ·") != 1 {
					t.Errorf("it says %q", bottest.Texts(w.Anna.FromBot()))
				}
			})
		})
	}
}
