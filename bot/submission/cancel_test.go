package submission_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// takesNone makes Plusofon postpone every answer.
func takesNone(w *bottest.World) {
	w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
}

// said waits for the bot's reply to a message.
func said(w *bottest.World, m telegramtest.Message) telegramtest.Message {
	w.T.Helper()
	return w.Sees(w.Anna, "the answer to "+m.Text, func(x telegramtest.Message) bool { return x.FromBot && x.ReplyTo == m.ID })
}

// /cancel ends what is in hand and claims of nothing else that it was not sent.
func TestCancelWhatIsInHand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begin func(w *bottest.World, id plusofon.TicketID, receipt telegramtest.Message)
		says  string
	}{
		"an answer": {func(w *bottest.World, id plusofon.TicketID, receipt telegramtest.Message) {
			w.Pressed(w.Anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
		}, "Хорошо, ответа в №23624 бот больше не ждёт."},
		"a draft": {func(w *bottest.World, _ plusofon.TicketID, _ telegramtest.Message) { w.Anna.Send("/new") }, "Хорошо, начатое удалено и никуда не отправлено."},
		"a question": {func(w *bottest.World, _ plusofon.TicketID, _ telegramtest.Message) {
			w.Asked(w.Anna.Send("вопрос"))
		}, "Хорошо, начатое удалено и никуда не отправлено."},
		"a search": {func(w *bottest.World, _ plusofon.TicketID, _ telegramtest.Message) { w.Anna.Send("/search") }, "Хорошо, поиск отменён."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Касса", "Текст")
				w.Later()
				c.begin(w, id, receipt)
				if got := said(w, w.Anna.Send("/cancel")).Text; got != c.says {
					t.Errorf("it says %q", got)
				}
				if got := said(w, w.Anna.Send("/cancel")).Text; !strings.HasPrefix(got, "Отменять нечего") {
					t.Errorf("with nothing in hand it says %q", got)
				}
				w.Asked(w.Anna.Send("это уже никому"))
				w.Passes(time.Minute)
				w.WantPosts(id, "Текст")
			})
		})
	}
}

// With nothing in hand /cancel lists what is not sent yet, and each item can be cancelled:
// whether it waits for Plusofon, for the debounce or for a decision.
func TestCancelListsWhatIsNotSentYet(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		w.Anna.Send("/new")
		w.Anna.Send("нужен акт")
		card := w.Reads(w.Anna, "Тема: нужен акт")
		takesNone(w)
		waits := w.Anna.Reply(receipt.ID, "ответ ждёт")
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Send("вдогонку")
		w.Reads(w.Anna, "уйдёт в №")
		list := said(w, w.Anna.Send("/cancel"))
		want := fmt.Sprintf("Ещё не отправлено\n\n1. Черновик: нужен акт\n2. №%d, через несколько секунд: вдогонку\n3. В №%d: ответ ждёт", id, id)
		if list.Text != want || bottest.Buttons(list) != "Отменить 1 Отменить 2 Отменить 3" {
			t.Errorf("the list is %q with %s", list.Text, bottest.Buttons(list))
		}
		w.Pressed(w.Anna.Press(list.ID, "Отменить 3"))
		w.Sees(w.Anna, "the list without it", func(m telegramtest.Message) bool {
			return m.ID == list.ID && !strings.Contains(m.Text, "ответ ждёт")
		})
		w.Sees(w.Anna, "no reaction", func(m telegramtest.Message) bool { return m.ID == waits.ID && m.Reaction == "" })
		w.Pressed(w.Anna.Press(list.ID, "Отменить 2"))
		w.Reads(w.Anna, "Это никуда не отправлено.")
		w.Pressed(w.Anna.Press(list.ID, "Отменить 1"))
		w.Sees(w.Anna, "that the draft is gone", func(m telegramtest.Message) bool {
			return m.ID == card.ID && strings.Contains(m.Text, "Черновик удалён")
		})
		w.Sees(w.Anna, "an empty list", func(m telegramtest.Message) bool {
			return m.ID == list.ID && strings.HasPrefix(m.Text, "Отменять нечего") && len(m.Buttons) == 0
		})
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		w.WantPosts(id, "Текст")
	})
}

// /cancel of what is in hand says that something else is still waiting to be sent by itself.
func TestCancelSaysWhatElseWaits(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		takesNone(w)
		w.Anna.Reply(receipt.ID, "ответ ждёт")
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Send("/new")
		w.Anna.Send("нужен акт")
		w.Reads(w.Anna, "Тема: нужен акт")
		if got := said(w, w.Anna.Send("/cancel")).Text; !strings.Contains(got, "начатое удалено") || !strings.Contains(got, "Ещё не отправлено: 1") {
			t.Errorf("it says %q", got)
		}
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		w.WantPosts(id, "Текст", "ответ ждёт")
	})
}

// A receipt that says that its submission is waiting has [Отменить].
func TestTakenBackUnderItsReceipt(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		takesNone(w)
		m := w.Anna.Reply(receipt.ID, "ответ")
		waits := said(w, m)
		if got := bottest.Buttons(waits); got != "История Отменить" {
			t.Errorf("the receipt that waits has %s", got)
		}
		w.Pressed(w.Anna.Press(waits.ID, "Отменить"))
		w.Reads(w.Anna, "Это сообщение в Плюсофон не отправлено.")
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		w.WantPosts(id, "Текст")
	})
}

// For what is in flight or sent, /cancel says how far it has got and that it can't be
// cancelled; so does a button that is pressed too late.
func TestCancelPromisesNothing(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: answers.OnRead})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👀")
		answers.Are(1)
		if got := said(w, w.Anna.Send("/cancel")).Text; !strings.Contains(got, fmt.Sprintf("В №%d: ответ\nУже отправляется, отозвать нельзя.", id)) {
			t.Errorf("of what is under way it says %q", got)
		}
		answers.End()
		w.Reacts(w.Anna, m.ID, "👌")
		if got := said(w, w.Anna.Send("/cancel")).Text; !strings.Contains(got, fmt.Sprintf("В №%d: ответ\nУже в обращении №%d, отозвать нельзя.", id, id)) {
			t.Errorf("of what is sent it says %q", got)
		}
		if a := w.Pressed(w.Anna.PressForged(receipt.ID, "cancel:2")); a.Text != fmt.Sprintf("Уже в обращении №%d, отозвать нельзя.", id) {
			t.Errorf("[Отменить] too late is answered %q", a.Text)
		}
	})
}

// What is written to an opening that was taken back does not wait for a ticket that never comes.
func TestAnswerToAnOpeningThatWasTakenBack(t *testing.T) {
	t.Parallel()
	// waits is an opening that waits for Plusofon.
	waits := func(w *bottest.World) (m, receipt telegramtest.Message) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		m = w.Anna.Send("/new Касса\nНе печатает")
		return m, w.Reads(w.Anna, "Плюсофон сейчас недоступен")
	}
	for name, write := range map[string]func(w *bottest.World) telegramtest.Message{
		"gathered before": func(w *bottest.World) telegramtest.Message {
			_, receipt := waits(w)
			m := w.Anna.Send("с утра")
			w.Reads(w.Anna, "уйдёт в новое обращение")
			w.Pressed(w.Anna.Press(receipt.ID, "Отменить"))
			return m
		},
		"a reply to an answer that failed with it": func(w *bottest.World) telegramtest.Message {
			opening, receipt := waits(w)
			first := w.Anna.Reply(opening.ID, "с утра")
			w.Passes(time.Second)
			w.Pressed(w.Anna.Press(receipt.ID, "Отменить"))
			w.Reacts(w.Anna, first.ID, "💔")
			return w.Anna.Reply(first.ID, "и весы")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				m := write(w)
				w.Plusofon.ClearFaults()
				w.Passes(time.Hour)
				if len(w.Plusofon.Tickets()) != 0 {
					t.Fatal("it was opened")
				}
				bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
					sub, err := tx.SubmissionOf(bottest.AnnaID, state.MessageID(m.ID))
					if !sub.State.Stopped() {
						t.Errorf("%q is %s, and nothing will ever send it", m.Text, sub.State)
					}
					return err
				}))
				w.WantReaction(w.Anna, m.ID, "💔")
			})
		})
	}
}

// Of what may have arrived nothing says that it was not sent, however it is given up.
func TestGivenUpIsNotPromised(t *testing.T) {
	t.Parallel()
	t.Run("in a list of before", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
			_, receipt := w.Opened("Касса", "Текст")
			takesNone(w)
			w.Anna.Reply(receipt.ID, "ответ")
			w.Reads(w.Anna, "Плюсофон сейчас недоступен")
			list := said(w, w.Anna.Send("/cancel"))
			w.Plusofon.ClearFaults()
			bottest.Must(t, w.Store.Update(func(tx *state.Tx) error { // its outcome can't be told
				subs, err := tx.UnsettledBy(bottest.AnnaID, bottest.AnnaID)
				subs[0].State, subs[0].Doubted = state.SubmissionDoubtful, true
				return errors.Join(err, tx.SaveSubmission(subs[0]))
			}))
			if a := w.Pressed(w.Anna.Press(list.ID, "Отменить 1")); strings.Contains(a.Text, "не отправлено") {
				t.Errorf("it says %q", a.Text)
			}
		})
	})
	t.Run("the first ticket", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
			w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
			w.Plusofon.AddFault(plusofontest.Fault{Op: "list", Times: -1, Body: "[]"})
			w.Anna.Send("/new Касса\nНе печатает")
			doubt := w.Reads(w.Anna, "не подтвердил обращение")
			w.Pressed(w.Anna.Press(doubt.ID, "Не отправлять"))
			w.Passes(time.Minute)
			if got := w.Anna.Message(doubt.ID).Text; strings.Contains(got, "не отправлено") {
				t.Errorf("%d tickets at Plusofon, and it says %q", len(w.Plusofon.Tickets()), got)
			}
		})
	})
	t.Run("sent again, which waits", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
			id, receipt := w.Opened("Касса", "Текст")
			// The request is lost, and at the same time somebody writes in the cabinet: nobody can
			// tell.
			w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() { w.Plusofon.CustomerReply(id, "что-то из кабинета") }})
			m := w.Anna.Reply(receipt.ID, "ответ")
			doubt := w.Reads(w.Anna, "не подтвердил ответ")
			takesNone(w)
			w.Pressed(w.Anna.Press(doubt.ID, "Отправить ещё раз"))
			waiting := w.Reads(w.Anna, "Плюсофон сейчас недоступен")
			w.Pressed(w.Anna.Press(waiting.ID, "Отменить"))
			w.Passes(time.Minute)
			for _, x := range w.Anna.FromBot() {
				if x.ReplyTo == m.ID && strings.Contains(x.Text, "не отправлено") {
					t.Errorf("posts %q, and it says %q", w.Posts(id), x.Text)
				}
			}
		})
	})
}

// doubted is an answer that may be at Plusofon: nobody could tell, its author had it sent again,
// and that attempt waits.
func doubted(w *bottest.World) (m, waiting telegramtest.Message, id plusofon.TicketID) {
	id, receipt := w.Opened("Касса", "Текст")
	// The request is lost, and at the same time somebody writes in the cabinet: nobody can tell.
	w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() { w.Plusofon.CustomerReply(id, "что-то из кабинета") }})
	m = w.Anna.Reply(receipt.ID, "ответ")
	doubt := w.Reads(w.Anna, "не подтвердил ответ")
	takesNone(w)
	w.Pressed(w.Anna.Press(doubt.ID, "Отправить ещё раз"))
	return m, w.Reads(w.Anna, "Плюсофон сейчас недоступен"), id
}

// What may have arrived and is then held for a word is not said to be not sent when it is given up.
func TestGivenUpWhileHeldIsNotPromised(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
		_, _, id := doubted(w)
		w.Passes(25 * time.Hour) // it is parked
		parked := w.Sees(w.Anna, "that it was given up", func(m telegramtest.Message) bool { _, ok := m.Button("Повторить"); return ok })
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		w.Pressed(w.Anna.Press(parked.ID, "Повторить"))
		held := w.Reads(w.Anna, "открыть его снова")
		if a := w.Pressed(w.Anna.Press(held.ID, "Не отправлять")); strings.Contains(a.Text, "не отправлено") {
			t.Errorf("of what may be there it says %q", a.Text)
		}
	})
}

// Of an opening that may have arrived nothing says that it was not created, when it is given up.
func TestAnswerToAnOpeningThatMayHaveArrived(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "list", Times: -1, Body: "[]"})
		opening := w.Anna.Send("/new Касса\nНе печатает")
		answer := w.Anna.Reply(opening.ID, "с утра")
		doubt := w.Reads(w.Anna, "не подтвердил обращение")
		w.Pressed(w.Anna.Press(doubt.ID, "Не отправлять"))
		w.Reacts(w.Anna, answer.ID, "💔")
		w.Passes(time.Minute)
		for _, m := range w.Anna.FromBot() {
			if m.ReplyTo == answer.ID && strings.Contains(m.Text, "не создано") {
				t.Errorf("%d tickets at Plusofon, and it says %q", len(w.Plusofon.Tickets()), m.Text)
			}
		}
	})
}

// Of what may have arrived nothing says that it was not sent, when sending it again is given up
// after a day.
func TestParkedThatMayHaveArrived(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
		doubted(w)
		w.Passes(25 * time.Hour)
		parked := w.Sees(w.Anna, "that it was given up", func(m telegramtest.Message) bool { _, ok := m.Button("Повторить"); return ok })
		if strings.Contains(parked.Text, "не отправлен") {
			t.Errorf("of what may be there it says %q", parked.Text)
		}
	})
}

// What may be at Plusofon by an earlier attempt is not said not to be there when a later one is
// refused.
func TestRefusedAfterADoubtfulAttempt(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "list", Times: 40, Body: "[]"})
		w.Anna.Send("/new Касса\nНе печатает")
		doubt := w.Reads(w.Anna, "не подтвердил обращение")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
		w.Pressed(w.Anna.Press(doubt.ID, "Отправить ещё раз"))
		refused := w.Reads(w.Anna, "Недопустимое слово")
		if strings.Contains(refused.Text, "Обращение не создано.") {
			t.Errorf("%d tickets at Plusofon, and it says %q", len(w.Plusofon.Tickets()), refused.Text)
		}
	})
}

// What shows after all, while it waits to be sent again, was parked, or is held for a word, has
// arrived: it is not sent again.
func TestShowsAfterAll(t *testing.T) {
	t.Parallel()
	parks := func(w *bottest.World) telegramtest.Message {
		w.Passes(25 * time.Hour)
		return w.Sees(w.Anna, "that it was given up", func(m telegramtest.Message) bool { _, ok := m.Button("Повторить"); return ok })
	}
	for name, meanwhile := range map[string]func(w *bottest.World, id plusofon.TicketID){
		"it waits":  func(*bottest.World, plusofon.TicketID) {},
		"it parked": func(w *bottest.World, _ plusofon.TicketID) { parks(w) },
		"it is held": func(w *bottest.World, id plusofon.TicketID) {
			parked := parks(w)
			w.Plusofon.CloseTicket(id)
			w.Reads(w.Anna, "Обращение закрыто")
			w.Pressed(w.Anna.Press(parked.ID, "Повторить"))
			w.Reads(w.Anna, "открыть его снова")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rare := bottest.Days
			rare.Unproven = true
			bottest.Run(t, rare, func(t *testing.T, w *bottest.World) {
				m, receipt, id := doubted(w)
				meanwhile(w, id)
				w.Plusofon.CustomerReply(id, "ответ")
				w.Reacts(w.Anna, m.ID, "👌")
				w.Plusofon.ClearFaults()
				w.Passes(time.Hour)
				w.WantPosts(id, "Текст", "что-то из кабинета", "ответ")
				if told := w.Anna.Message(receipt.ID); !strings.Contains(told.Text, "Отправлено в") {
					t.Errorf("it says %q", told.Text)
				}
				bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
					n, err := tx.CountParked(state.Plusofon, chat.TicketLane(state.TicketID(id)))
					if n != 0 {
						t.Errorf("%d requests are parked", n)
					}
					return err
				}))
			})
		})
	}
}
