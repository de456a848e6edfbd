package submission_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
)

// A reply to a list, to search results or to the settings is not an answer: nothing goes to
// the first ticket in it.
func TestReplyToAList(t *testing.T) {
	t.Parallel()
	for command, reads := range map[string]string{"/tickets": "У Плюсофона · ", "/search Касса": "«Касса»", "/settings": "Настройки этого чата", "/cancel": "Отменять нечего", "/unfollow": "больше не нужны"} {
		for _, tickets := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d tickets", command, tickets), func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
					for range tickets {
						w.Opened("Касса", "Текст")
					}
					w.Later()
					w.Anna.Send(command)
					list := w.Reads(w.Anna, reads)
					w.Asked(w.Anna.Reply(list.ID, "это колу, а не им"))
					w.Passes(time.Minute)
					if n := bottest.CountPosts(w.Plusofon.Tickets()); n != tickets {
						t.Errorf("%d posts, want %d", n, tickets)
					}
				})
			})
		}
	}
}

// The latest explicit action counts: «Ответить» is over once something else has started,
// and what follows goes there.
func TestWhatBeginsTakesThePlace(t *testing.T) {
	t.Parallel()
	for name, begins := range map[string]func(w *bottest.World, asked telegramtest.Message){
		"/new":            func(w *bottest.World, _ telegramtest.Message) { w.Anna.Send("/new") },
		"/new as a reply": func(w *bottest.World, asked telegramtest.Message) { w.Anna.Reply(asked.ID, "/new") },
		"[Новое обращение]": func(w *bottest.World, _ telegramtest.Message) {
			w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Куда?").ID, "Новое обращение"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Касса", "Текст")
				w.Later()
				asked := w.Anna.Send("есть вопрос")
				w.Asked(asked)
				w.Pressed(w.Anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
				w.Reads(w.Anna, "Напишите ответ в обращение")
				begins(w, asked)
				w.Anna.Send("это о другом")
				w.Sees(w.Anna, "it in a draft", func(m telegramtest.Message) bool {
					return strings.Contains(m.Text, "Новое обращение\n") && strings.Contains(m.Text, "Пока ничего не отправлено")
				})
				w.Passes(time.Minute)
				w.WantPosts(id, "Текст")
			})
		})
	}
}

// [Тема] asks for one message: one that can't be a subject belongs to the draft, and so
// does a short line after it.
func TestSubjectIsAskedForOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("касса не печатает")
		card := w.Reads(w.Anna, "Тема: касса не печатает")
		w.Pressed(w.Anna.Press(card.ID, "Тема"))
		w.Reads(w.Anna, "Какой будет тема?")
		w.Anna.Send("это в зале,\nа в баре печатает")
		w.Anna.Send("с утра")
		w.Reads(w.Anna, "Тема: касса не печатает", "3 сообщения")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано")
		if got := w.Posts(w.Newest()); len(got) != 1 || got[0] != "касса не печатает\nэто в зале,\nа в баре печатает\nс утра" {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// «Ответить» takes one message, for an hour, and not after looking at another ticket; a
// reply to its prompt still leads to its ticket.
func TestAnswerEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between func(w *bottest.World, other plusofon.TicketID)
		ends    bool
	}{
		"after an hour": {func(w *bottest.World, _ plusofon.TicketID) { w.Passes(61 * time.Minute) }, true},
		"with a look at another ticket": {func(w *bottest.World, other plusofon.TicketID) {
			w.Anna.Send(fmt.Sprintf("/ticket %d", other))
			w.Reads(w.Anna, "Открыто")
		}, true},
		"not with a look at a list": {func(w *bottest.World, _ plusofon.TicketID) {
			w.Anna.Send("/tickets")
			w.Reads(w.Anna, "У Плюсофона")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				other, _ := w.Opened("Другое", "Текст")
				id, receipt := w.Opened("Касса", "Текст")
				w.Pressed(w.Anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
				prompt := w.Reads(w.Anna, "Напишите ответ в обращение")
				c.between(w, other)
				m := w.Anna.Send("ответ")
				if c.ends {
					w.Asked(m)
					m = w.Anna.Reply(prompt.ID, "ответ")
				}
				w.Reacts(w.Anna, m.ID, "👌")
				w.WantPosts(id, "Текст", "ответ")
			})
		})
	}
}

// A draft that was laid aside is resumed by [Продолжить] or by a reply to its card.
func TestLaidAside(t *testing.T) {
	t.Parallel()
	for name, resume := range map[string]func(w *bottest.World, card int){
		"[Продолжить]": func(w *bottest.World, card int) {
			w.Pressed(w.Anna.Press(card, "Продолжить"))
			w.Anna.Send("и ещё")
		},
		"a reply to its card": func(w *bottest.World, card int) { w.Anna.Reply(card, "и ещё") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Касса", "Текст")
				w.Anna.Send("/new Счёт")
				w.Reads(w.Anna, "создано", "Счёт")
				w.Anna.Send("/new")
				w.Anna.Send("нужен акт")
				card := w.Reads(w.Anna, "Тема: нужен акт")
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Reacts(w.Anna, m.ID, "👌")
				w.Anna.Send("/tickets") // looking something up changes nothing
				w.Sees(w.Anna, "[Продолжить]", func(m telegramtest.Message) bool {
					_, ok := m.Button("Продолжить")
					return ok && m.ID == card.ID
				})
				resume(w, card.ID)
				w.Reads(w.Anna, "Тема: нужен акт", "2 сообщения")
				w.Anna.Send("за март")
				w.Reads(w.Anna, "Тема: нужен акт", "3 сообщения")
				w.Anna.Press(card.ID, "Отправить")
				w.Reads(w.Anna, "создано", "нужен акт")
				w.Passes(time.Minute)
				w.WantPosts(w.Newest(), "нужен акт\nи ещё\nза март")
				w.WantPosts(id, "Текст", "ответ")
			})
		})
	}
}

// /new while a draft is in hand starts another one, unless that is empty.
func TestNewBesideADraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/new")
		w.Anna.Send("/new")
		w.Anna.Send("первое")
		first := w.Reads(w.Anna, "Тема: первое")
		w.Anna.Send("/new")
		w.Anna.Send("второе")
		second := w.Reads(w.Anna, "Тема: второе")
		w.Sees(w.Anna, "the first one laid aside", func(m telegramtest.Message) bool {
			return m.ID == first.ID && first.ID != second.ID && strings.HasPrefix(bottest.Buttons(m), "Продолжить / ")
		})
		for _, card := range []telegramtest.Message{second, first} {
			w.Anna.Press(card.ID, "Отправить")
		}
		w.Reads(w.Anna, "создано", "первое")
		w.Reads(w.Anna, "создано", "второе")
		if got := w.Written(); len(got) != 2 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// Only the number of a known ticket opens it.
func TestNumberOpensItsTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Later()
		m := w.Anna.Send(fmt.Sprintf("№%d", id))
		history := w.Reads(w.Anna, "Открыто")
		if history.ReplyTo != m.ID {
			t.Errorf("the history replies to %d", history.ReplyTo)
		}
		w.Asked(w.Anna.Send("1234567"))
	})
}

// A /new as a reply takes the place of the subject that was asked for: what follows is text.
func TestNewAsAReplyEndsTheAskedSubject(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		first := w.Anna.Send("касса не печатает")
		card := w.Reads(w.Anna, "Тема: касса не печатает")
		w.Pressed(w.Anna.Press(card.ID, "Тема"))
		w.Reads(w.Anna, "Какой будет тема?")
		w.Anna.Reply(first.ID, "/new")
		w.Passes(5 * time.Second)
		w.Anna.Send("и весы тоже")
		w.Passes(10 * time.Second)
		w.Quiet(w.Anna, "Тема изменена")
	})
}
