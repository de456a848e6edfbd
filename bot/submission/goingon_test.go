package submission_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// following is a world in which Anna's answer to a ticket has just arrived.
func following(t *testing.T, o bottest.Options, f func(t *testing.T, w *bottest.World, id plusofon.TicketID, answer telegramtest.Message)) {
	t.Helper()
	bottest.Run(t, o, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		m := w.Anna.Reply(receipt.ID, "секунду ищу")
		w.Reacts(w.Anna, m.ID, "👌")
		f(t, w, id, m)
	})
}

// asks reports whether a message of the bot's asks where something goes.
func asks(m telegramtest.Message) bool { return m.FromBot && strings.Contains(m.Text, "Куда?") }

// What is written right after an answer goes to the same ticket as one post, in order, with
// its files. A line under the first message says so, silently, before it is sent.
func TestGoingOn(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
		first := w.Anna.SendDocument(telegramtest.File{Name: "чек.txt", Content: []byte("x")}, "", 0)
		line := w.Sees(w.Anna, "where it goes", func(m telegramtest.Message) bool { return m.ReplyTo == first.ID })
		if !line.Silent || bottest.Buttons(line) != "Не туда" || !strings.Contains(line.Text, fmt.Sprintf("уйдёт в №%d · Касса", id)) {
			t.Errorf("the line is %+v", line)
		}
		w.Passes(8 * time.Second)
		w.Anna.Send("вот")
		w.Passes(8 * time.Second)
		w.WantPosts(id, "Текст", "секунду ищу") // less than ten seconds since the last message
		w.Reacts(w.Anna, first.ID, "👌")
		if post := w.LastPost(id); post.Text != "вот" || len(post.Attachments) != 1 {
			t.Errorf("the post is %+v", post)
		}
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "секунду ищу", "вот")
		if n := len(w.Anna.FromBot()); n != 2 {
			t.Errorf("the bot said %d things, want the receipt and the line: %+v", n, w.Anna.FromBot())
		}
	})
}

// A reply is about the message it replies to and does not continue.
func TestReplyDoesNotGoOn(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/start")
		greeting := w.Reads(w.Anna, "Здравствуйте")
		id, receipt := w.Opened("Касса", "Текст")
		w.Opened("Другое", "Текст")
		m := w.Anna.Reply(receipt.ID, "секунду ищу")
		w.Reacts(w.Anna, m.ID, "👌")
		about := w.Anna.Reply(greeting.ID, "а это о другом")
		w.Sees(w.Anna, "the question", func(x telegramtest.Message) bool { return asks(x) && x.ReplyTo == about.ID })
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "секунду ищу")
	})
}

// A person who keeps writing is not kept waiting: after a minute it is sent.
func TestGoingOnForAMinuteAtMost(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
		for i := range 8 {
			w.Anna.Send(fmt.Sprint(i))
			w.Passes(9 * time.Second)
		}
		w.WantPosts(id, "Текст", "секунду ищу", "0\n1\n2\n3\n4\n5\n6")
		w.Passes(11 * time.Second)
		w.WantPosts(id, "Текст", "секунду ищу", "0\n1\n2\n3\n4\n5\n6", "7")
	})
}

// Messages continue within two minutes by their own dates, whenever the bot sees them.
func TestGoingOnByTheMessagesDates(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
		w.Stop()
		w.Passes(100 * time.Second)
		w.Anna.Send("ещё успело")
		w.Passes(121 * time.Second)
		late := w.Anna.Send("а это нет")
		w.Passes(time.Hour)
		w.Start()
		w.Sees(w.Anna, "the question", func(m telegramtest.Message) bool { return asks(m) && m.ReplyTo == late.ID })
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "секунду ищу", "ещё успело")
	})
}

// An opening can be continued too, before its ticket has a number.
func TestGoingOnFromAnOpening(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		opens := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", OnRead: opens.OnRead})
		w.Anna.Send("/new Касса\nНе печатает")
		m := w.Anna.Send("с утра")
		line := w.Reads(w.Anna, "уйдёт в новое обращение")
		if line.ReplyTo != m.ID {
			t.Errorf("the line replies to %d", line.ReplyTo)
		}
		w.Passes(20 * time.Second)
		opens.End()
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(w.Newest(), "Не печатает", "с утра")
	})
}

// [Не туда] turns the gathered messages into a question until they may have been sent:
// also while they wait for Plusofon.
func TestAstray(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"before it goes": false, "while it waits": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
				other, _ := w.Opened("Другое", "Текст")
				w.Later()
				answers := w.Hangs()
				if late { // the answer before it is in flight
					w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: answers.OnRead})
				}
				w.Anna.Reply(w.Anna.FromBot()[0].ID, "ответ")
				m := w.Anna.Send("это не сюда")
				w.Anna.Send("а в другое")
				line := w.Sees(w.Anna, "where it goes", func(x telegramtest.Message) bool { return x.ReplyTo == m.ID })
				astray, _ := line.Button("Не туда")
				if late {
					w.Passes(12 * time.Second)
				}
				w.Pressed(w.Anna.PressForged(line.ID, astray.Data))
				answers.End()
				question := w.Asked(m)
				if question.ID != line.ID || !strings.Contains(question.Text, "2 сообщения") {
					t.Errorf("the question is %+v", question)
				}
				w.Pressed(w.Put(question, other))
				w.Reacts(w.Anna, m.ID, "👌")
				w.Passes(time.Minute)
				w.WantPosts(other, "Текст", "это не сюда\nа в другое")
				w.WantPosts(id, "Текст", "секунду ищу", "ответ")
				// Each message leads to where it went.
				reply := w.Anna.Reply(m.ID, "и вот")
				w.Reacts(w.Anna, reply.ID, "👌")
				w.WantPosts(other, "Текст", "это не сюда\nа в другое", "и вот")
			})
		})
	}
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
			m := w.Anna.Send("уже там")
			line := w.Sees(w.Anna, "where it goes", func(x telegramtest.Message) bool { return x.ReplyTo == m.ID })
			astray, _ := line.Button("Не туда")
			w.Reacts(w.Anna, m.ID, "👌")
			if a := w.Pressed(w.Anna.PressForged(line.ID, astray.Data)); a.Text != fmt.Sprintf("Уже в обращении №%d, отозвать нельзя.", id) {
				t.Errorf("the press was answered %q", a.Text)
			}
		})
	})
}

// A command, a button press, or a message of the bot's about another ticket ends it; what
// was gathered is sent to the announced target.
func TestGoingOnEnds(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(w *bottest.World, id plusofon.TicketID){
		"by a command": func(w *bottest.World, _ plusofon.TicketID) {
			w.Anna.Send("/status")
			w.Reads(w.Anna, "Всё работает")
		},
		"by a press": func(w *bottest.World, _ plusofon.TicketID) {
			w.Pressed(w.Anna.Press(w.Anna.FromBot()[0].ID, "Без звука"))
		},
		"by news of another ticket": func(w *bottest.World, id plusofon.TicketID) {
			w.Plusofon.Reply(id, "Оператор", "Новость другого")
			w.Reads(w.Anna, "Новость другого")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: time.Second}, func(t *testing.T, w *bottest.World) {
				other, _ := w.Opened("Другое", "Текст")
				id, receipt := w.Opened("Касса", "Текст")
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Reacts(w.Anna, m.ID, "👌")
				w.Anna.Send("это ещё туда")
				w.Reads(w.Anna, fmt.Sprintf("уйдёт в №%d", id))
				between(w, other)
				w.Passes(0) // the bot knows that it has said so
				after := w.Anna.Send("а это куда")
				w.Sees(w.Anna, "the question", func(x telegramtest.Message) bool { return asks(x) && x.ReplyTo == after.ID })
				w.Passes(time.Minute)
				w.WantPosts(id, "Текст", "ответ", "это ещё туда")
				w.WantPosts(other, w.Posts(other)...)
			})
		})
	}
	t.Run("not by news of the same", func(t *testing.T) {
		t.Parallel()
		following(t, bottest.Options{Poll: time.Second}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
			w.Plusofon.Reply(id, "Оператор", "Ждём")
			w.Reads(w.Anna, "Ждём")
			m := w.Anna.Send("вот")
			w.Reacts(w.Anna, m.ID, "👌")
			w.WantPosts(id, "Текст", "секунду ищу", "Ждём", "вот")
		})
	})
}

// An answer does not overtake what was written before it.
func TestGoingOnKeepsTheOrder(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, answer telegramtest.Message) {
		w.Anna.Send("первое")
		m := w.Anna.Reply(answer.ID, "второе")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "секунду ищу", "первое", "второе")
	})
}

// Gathered messages are stored, and an edit changes them.
func TestGoingOnSurvivesARestart(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
		m := w.Anna.Send("с ашибкой")
		note := w.Anna.Send("Боря, глянь")
		w.Reads(w.Anna, "уйдёт в №")
		w.Anna.Edit(m.ID, "с ошибкой")
		w.Anna.Edit(note.ID, "// Боря, глянь")
		w.Stored()
		w.Restart()
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(id, "Текст", "секунду ищу", "с ошибкой")
	})
}

// If the ticket is closed before they are sent, their author is asked.
func TestGoingOnToATicketThatIsClosedMeanwhile(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{Poll: time.Second}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
		m := w.Anna.Send("вот ещё")
		w.Reads(w.Anna, "уйдёт в №")
		w.Plusofon.CloseTicket(id)
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error { // as soon as it is polled
			known, err := tx.Ticket(state.TicketID(id))
			known.Open = false
			return errors.Join(err, tx.SaveTicket(known))
		}))
		asked := w.Reads(w.Anna, "закрыто, ответ может открыть его снова")
		if asked.ReplyTo != m.ID || bottest.Buttons(asked) != "Отправить Не нужно / Новое обращение" {
			t.Errorf("it is asked: %+v", asked)
		}
		w.Anna.Send("и ещё")
		w.Reads(w.Anna, "открыть его снова", "2 сообщения")
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "секунду ищу")
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "2 сообщения").ID, "Отправить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(id, "Текст", "секунду ищу", "вот ещё\nи ещё")
	})
}

// An owner's press ends what goes on, like any other.
func TestOwnersPressEndsGoingOn(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/users")
		list := w.Reads(w.Anna, "Анна")
		id, receipt := w.Opened("Касса", "Текст")
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Pressed(w.Anna.PressForged(list.ID, "users:0"))
		w.Asked(w.Anna.Send("это уже о другом"))
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "ответ")
	})
}

// A reply to the card of what is gathered, when that is full and nothing goes on any more.
func TestFullGatheringAfterNothingGoesOn(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Poll: time.Second}, func(t *testing.T, w *bottest.World) {
		other, _ := w.Opened("Другое", "Текст")
		id, receipt := w.Opened("Касса", "Текст")
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👌")
		for i := range 100 {
			w.Anna.Forward(bottest.Forwarded, fmt.Sprint("строка ", i))
		}
		card := w.Reads(w.Anna, fmt.Sprintf("уйдёт в №%d", id))
		w.Passes(time.Second)
		w.Pressed(w.Anna.Press(receipt.ID, "Без звука"))
		w.Anna.Reply(card.ID, "и ещё")
		w.Passes(time.Minute)
		w.Plusofon.Reply(other, "Оператор", "Первая новость")
		w.Plusofon.Reply(other, "Оператор", "Вторая новость")
		w.Passes(10 * time.Minute)
		w.Reads(w.Anna, "Первая новость")
		w.Reads(w.Anna, "Вторая новость")
	})
}

// What is written after «Ответить» goes there, though what was gathered before is held meanwhile.
func TestAnswerWhileWhatWasGatheredIsHeld(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		other, first := w.Opened("Другое", "Текст")
		id, receipt := w.Opened("Касса", "Текст")
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Send("вдогонку")
		w.Reads(w.Anna, fmt.Sprintf("уйдёт в №%d", id))
		w.Pressed(w.Anna.PressForged(first.ID, fmt.Sprintf("answer:%d", other)))
		w.Reads(w.Anna, "Напишите ответ в обращение")
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error { // it is closed meanwhile
			known, err := tx.Ticket(state.TicketID(id))
			known.Open = false
			return errors.Join(err, tx.SaveTicket(known))
		}))
		w.Plusofon.CloseTicket(id)
		w.Passes(15 * time.Second)
		w.Reads(w.Anna, "открыть его снова")
		w.Anna.Send("это в другое")
		w.Passes(time.Minute)
		w.WantPosts(other, "Текст", "это в другое")
	})
}
