package submission_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
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
