package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// Repeated updates, also after a restart, have no second effect: messages, edits, presses
// and commands.
func TestRedeliveredUpdates(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]func(*bottest.World){
		"while it runs": func(w *bottest.World) { w.Telegram.Redeliver() },
		"after a restart": func(w *bottest.World) {
			w.Stop()
			w.Telegram.Redeliver()
			w.Start()
		},
		"twice": func(w *bottest.World) {
			w.Telegram.Redeliver()
			w.Stored()
			w.Restart()
			w.Telegram.Redeliver()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Тема", "Текст")
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Reacts(w.Anna, m.ID, "👌")
				w.Pressed(w.Anna.Press(receipt.ID, "Без звука"))
				w.Pressed(w.Anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
				w.Reads(w.Anna, "Напишите ответ в обращение")
				w.Anna.Send("/cancel")
				w.Reads(w.Anna, "бот больше не ждёт")
				w.Stored()
				said, answers := len(w.Anna.FromBot()), len(w.Telegram.Answers())
				again(w)
				w.Stored()
				// What was stored before is decided before.
				w.Anna.Send("/help")
				w.Reads(w.Anna, "первая строка станет темой")
				w.Passes(time.Minute)
				if n := len(w.Anna.FromBot()); n != said+1 {
					t.Errorf("%d messages by what came again", n-said-1)
				}
				if n := len(w.Telegram.Answers()); n != answers {
					t.Errorf("%d more answers to presses", n-answers)
				}
				if ticket, _ := w.Plusofon.Ticket(id); len(w.Plusofon.Tickets()) != 1 || len(ticket.Posts) != 2 {
					t.Errorf("at Plusofon: %+v", w.Plusofon.Tickets())
				}
			})
		})
	}
}

// When Telegram's numbering restarts at lower ids, nothing stalls and nothing is lost.
func TestNumberingStartsAnew(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Stored()
		w.Telegram.Renumber()
		m := w.Anna.Reply(receipt.ID, "после недели тишины")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Stop()
		m = w.Anna.Reply(receipt.ID, "пока бот не работал")
		w.Telegram.Renumber()
		w.Start()
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 3 {
			t.Errorf("%d posts, want 3", n)
		}
	})
}

// An album in the inbox when the program ends is one post after the start.
func TestAlbumIsHeldOverARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		items := make([]telegramtest.Item, 3)
		for i := range items {
			items[i] = telegramtest.Item{Kind: "photo", File: telegramtest.File{Content: []byte{byte(i)}}}
		}
		items[0].Caption = "три снимка"
		album := w.Anna.SendAlbum(items, receipt.ID)
		w.Stored()
		w.Stop()
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 1 {
			t.Fatal("the album was sent before the restart")
		}
		w.Start()
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "три снимка" || len(ticket.Posts[1].Attachments) != 3 {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// What is in flight when the program ends has one effect: the request with an unread
// answer, the file, and what was only queued.
func TestRestartInTheMiddleOfARequest(t *testing.T) {
	t.Parallel()
	for op, send := range map[string]func(*bottest.World, int) telegramtest.Message{
		"open": func(w *bottest.World, receipt int) telegramtest.Message {
			return w.Anna.Send("/new Вторая\nтема")
		},
		"answer": func(w *bottest.World, receipt int) telegramtest.Message {
			return w.Anna.Reply(receipt, "ответ")
		},
		"attach": func(w *bottest.World, receipt int) telegramtest.Message {
			return w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "ответ", receipt)
		},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				reached := make(chan struct{})
				// It takes effect, and the answer comes only when nobody waits for it.
				w.Plusofon.AddFault(plusofontest.Fault{Op: op, Effect: true, Delay: time.Hour, Status: 200, Body: "{}", OnRead: func() { close(reached) }})
				m := send(w, receipt.ID)
				<-reached
				w.Restart()
				w.Reacts(w.Anna, m.ID, "👌")
				w.Passes(time.Minute)
				tickets := w.Plusofon.Tickets()
				files := 0
				for _, ticket := range tickets {
					for _, p := range ticket.Posts {
						files += len(p.Attachments)
					}
				}
				if n := bottest.CountPosts(tickets); n != 2 || op == "attach" && files != 1 {
					t.Errorf("%d posts and %d files: %+v", n, files, tickets)
				}
			})
		})
	}
}

// A message whose id the bot never recorded still leads to its ticket, by its buttons: a
// receipt and news sent just before the end.
func TestMessageWhoseIDWasNeverLearned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sends func(w *bottest.World, id int64)
		reads string
	}{
		"news": {func(w *bottest.World, id int64) {
			w.Plusofon.Reply(w.Plusofon.Tickets()[0].ID, "Оператор", "Уточните")
		}, "Уточните"},
		"closing": {func(w *bottest.World, id int64) { w.Plusofon.CloseTicket(w.Plusofon.Tickets()[0].ID) }, "Обращение закрыто"},
		"history": {func(w *bottest.World, id int64) { w.Anna.Send(fmt.Sprintf("/ticket %d", id)) }, "Открыто"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", DropAfter: true})
				c.sends(w, int64(id))
				first := w.Reads(w.Anna, c.reads)
				second := w.Sees(w.Anna, "the second copy", func(m telegramtest.Message) bool {
					return m.ID > first.ID && strings.Contains(m.Text, c.reads)
				})
				closed := name == "closing" // an answer reopens it
				replies := func(to int, text string) {
					m := w.Anna.Reply(to, text)
					if closed {
						asks := w.Sees(w.Anna, "that it is asked about", func(x telegramtest.Message) bool {
							return x.ReplyTo == m.ID && strings.Contains(x.Text, "может открыть его снова")
						})
						w.Pressed(w.Anna.Press(asks.ID, "Отправить"))
						closed = false
					}
					w.Reacts(w.Anna, m.ID, "👌")
				}
				replies(first.ID, "ответ")
				replies(second.ID, "ответ")
				w.Restart()
				replies(first.ID, "и ещё")
				ticket, _ := w.Plusofon.Ticket(id)
				answers := 0
				for _, p := range ticket.Posts {
					if p.Text == "ответ" || p.Text == "и ещё" {
						answers++
					}
				}
				if answers != 3 || len(w.Plusofon.Tickets()) != 1 {
					t.Errorf("posts: %+v", ticket.Posts)
				}
			})
		})
	}
}

// News that arrived while the bot was down is news at its start; nothing old is announced again.
func TestNewsWhileItDidNotRun(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "первый ответ")
		w.Reads(w.Anna, "первый ответ")
		w.Polled()
		w.Stop()
		w.Plusofon.Reply(id, "Оператор", "второй ответ")
		w.Plusofon.CloseTicket(id)
		w.Start()
		w.Reads(w.Anna, "второй ответ")
		w.Reads(w.Anna, "Обращение закрыто")
		w.Passes(time.Minute)
		n := 0
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "первый ответ") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the first answer was announced %d times", n)
		}
	})
}

// An open question survives a restart.
func TestQuestionSurvivesARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Уточните")
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Уточните").ID, "Ответить"))
		w.Reads(w.Anna, "Напишите ответ в обращение")
		w.Restart()
		m := w.Anna.Send("уточняю")
		w.Reacts(w.Anna, m.ID, "👌")
		if ticket, _ := w.Plusofon.Ticket(id); ticket.Posts[len(ticket.Posts)-1].Text != "уточняю" {
			t.Errorf("at Plusofon: %+v", ticket)
		}
	})
}
