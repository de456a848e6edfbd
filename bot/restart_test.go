package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// stored waits until Telegram has nothing left to give: what people did is in
// the inbox.
func (w *world) stored() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.telegram.Wait(ctx, func(s *telegramtest.Server) bool { return s.Pending() == 0 }); err != nil {
		w.t.Fatalf("waiting for the updates to be confirmed: %v", err)
	}
}

// Updates that come again, after a restart too, have no second effect: messages,
// edits, presses and commands.
func TestRedeliveredUpdates(t *testing.T) {
	for name, again := range map[string]func(*world){
		"while it runs": func(w *world) { w.telegram.Redeliver() },
		"after a restart": func(w *world) {
			w.stop()
			w.telegram.Redeliver()
			w.start()
		},
		"twice": func(w *world) {
			w.telegram.Redeliver()
			w.stored()
			w.restart()
			w.telegram.Redeliver()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			id, receipt := w.opened("Тема", "Текст")
			m := w.anna.Reply(receipt.ID, "ответ")
			w.reacts(w.anna, m.ID, "👌")
			w.pressed(w.anna.Press(receipt.ID, "Без звука"))
			w.pressed(w.anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
			w.reads(w.anna, "Напишите ответ в обращение")
			w.anna.Send("/cancel")
			w.reads(w.anna, "Отменено. Ничего не отправлено.")
			w.stored()
			said, answers := len(w.anna.FromBot()), len(w.telegram.Answers())
			again(w)
			w.stored()
			// What was stored before it is decided before it.
			w.anna.Send("/help")
			w.reads(w.anna, "первая строка станет темой")
			if n := len(w.anna.FromBot()); n != said+1 {
				t.Errorf("%d messages by what came again", n-said-1)
			}
			if n := len(w.telegram.Answers()); n != answers {
				t.Errorf("%d more answers to presses", n-answers)
			}
			if ticket, _ := w.plusofon.Ticket(id); len(w.plusofon.Tickets()) != 1 || len(ticket.Posts) != 2 {
				t.Errorf("at Plusofon: %+v", w.plusofon.Tickets())
			}
		})
	}
}

// When Telegram's numbering starts anew, lower than before, nothing stalls and
// nothing is lost.
func TestNumberingStartsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	_, receipt := w.opened("Тема", "Текст")
	w.stored()
	w.telegram.Renumber()
	m := w.anna.Reply(receipt.ID, "после недели тишины")
	w.reacts(w.anna, m.ID, "👌")
	w.stop()
	m = w.anna.Reply(receipt.ID, "пока бот не работал")
	w.telegram.Renumber()
	w.start()
	w.reacts(w.anna, m.ID, "👌")
	if n := posts(w.plusofon.Tickets()); n != 3 {
		t.Errorf("%d posts, want 3", n)
	}
}

// An album whose items are in the inbox when the program ends is one post after
// the start.
func TestAlbumIsHeldOverARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	items := make([]telegramtest.Item, 3)
	for i := range items {
		items[i] = telegramtest.Item{Kind: "photo", File: telegramtest.File{Content: []byte{byte(i)}}}
	}
	items[0].Caption = "три снимка"
	album := w.anna.SendAlbum(items, receipt.ID)
	w.stored()
	w.stop()
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 1 {
		t.Fatal("the album was sent before the restart")
	}
	w.start()
	w.reacts(w.anna, album[0].ID, "👌")
	ticket, _ := w.plusofon.Ticket(id)
	if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "три снимка" || len(ticket.Posts[1].Attachments) != 3 {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}

// What is under way when the program ends has one effect: the request whose
// answer it never read, the file, and what only waited.
func TestRestartInTheMiddleOfARequest(t *testing.T) {
	for op, send := range map[string]func(*world, int) telegramtest.Message{
		"open": func(w *world, receipt int) telegramtest.Message { return w.anna.Send("/new Вторая\nтема") },
		"answer": func(w *world, receipt int) telegramtest.Message {
			return w.anna.Reply(receipt, "ответ")
		},
		"attach": func(w *world, receipt int) telegramtest.Message {
			return w.anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "ответ", receipt)
		},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			_, receipt := w.opened("Тема", "Текст")
			reached := make(chan struct{})
			// It happens, and its answer comes only when nobody waits for it.
			w.plusofon.AddFault(plusofontest.Fault{Op: op, Effect: true, Delay: patience, Status: 200, Body: "{}", OnRead: func() { close(reached) }})
			m := send(w, receipt.ID)
			<-reached
			w.restart()
			w.reacts(w.anna, m.ID, "👌")
			tickets := w.plusofon.Tickets()
			files := 0
			for _, ticket := range tickets {
				for _, p := range ticket.Posts {
					files += len(p.Attachments)
				}
			}
			if n := posts(tickets); n != 2 || op == "attach" && files != 1 {
				t.Errorf("%d posts and %d files: %+v", n, files, tickets)
			}
		})
	}
}

// A message whose id the bot never learned still leads to its ticket, by its
// buttons: a receipt and news that were sent just before the end.
func TestMessageWhoseIDWasNeverLearned(t *testing.T) {
	for name, c := range map[string]struct {
		sends func(w *world, id int64)
		reads string
	}{
		"news": {func(w *world, id int64) {
			w.plusofon.Reply(w.plusofon.Tickets()[0].ID, "Оператор", "Уточните")
		}, "Уточните"},
		"closing": {func(w *world, id int64) { w.plusofon.CloseTicket(w.plusofon.Tickets()[0].ID) }, "Обращение закрыто"},
		"history": {func(w *world, id int64) { w.anna.Send(fmt.Sprintf("/ticket %d", id)) }, "Открыто"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			id, _ := w.opened("Тема", "Текст")
			w.telegram.Fail(telegramtest.Fault{Method: "sendMessage", DropAfter: true})
			c.sends(w, int64(id))
			first := w.reads(w.anna, c.reads)
			second := w.sees(w.anna, "the second copy", func(m telegramtest.Message) bool {
				return m.ID > first.ID && strings.Contains(m.Text, c.reads)
			})
			for _, target := range []int{first.ID, second.ID} {
				m := w.anna.Reply(target, "ответ")
				w.reacts(w.anna, m.ID, "👌")
			}
			w.restart()
			m := w.anna.Reply(first.ID, "и ещё")
			w.reacts(w.anna, m.ID, "👌")
			ticket, _ := w.plusofon.Ticket(id)
			answers := 0
			for _, p := range ticket.Posts {
				if p.Text == "ответ" || p.Text == "и ещё" {
					answers++
				}
			}
			if answers != 3 || len(w.plusofon.Tickets()) != 1 {
				t.Errorf("posts: %+v", ticket.Posts)
			}
		})
	}
}

// News that come while the bot does not run are news at its start; nothing old
// is announced again.
func TestNewsWhileItDidNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	w.plusofon.Reply(id, "Оператор", "первый ответ")
	w.reads(w.anna, "первый ответ")
	w.polled()
	w.stop()
	w.plusofon.Reply(id, "Оператор", "второй ответ")
	w.plusofon.CloseTicket(id)
	w.start()
	w.reads(w.anna, "второй ответ")
	w.reads(w.anna, "Обращение закрыто")
	n := 0
	for _, m := range w.anna.FromBot() {
		if strings.Contains(m.Text, "первый ответ") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the first answer was announced %d times", n)
	}
}

// An open question survives a restart.
func TestQuestionSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	w.plusofon.Reply(id, "Оператор", "Уточните")
	w.pressed(w.anna.Press(w.reads(w.anna, "Уточните").ID, "Ответить"))
	w.reads(w.anna, "Напишите ответ в обращение")
	w.restart()
	m := w.anna.Send("уточняю")
	w.reacts(w.anna, m.ID, "👌")
	if ticket, _ := w.plusofon.Ticket(id); ticket.Posts[len(ticket.Posts)-1].Text != "уточняю" {
		t.Errorf("at Plusofon: %+v", ticket)
	}
}
