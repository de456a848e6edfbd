package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
)

// closed is a world in which Anna's ticket has been closed.
func closed(t *testing.T, f func(t *testing.T, w *bottest.World, id plusofon.TicketID, notice telegramtest.Message)) {
	t.Helper()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Plusofon.CloseTicket(id)
		f(t, w, id, w.Reads(w.Anna, "Обращение закрыто"))
	})
}

// held waits for the question whether an answer may reopen its ticket.
func held(w *bottest.World, m telegramtest.Message) telegramtest.Message {
	w.T.Helper()
	return w.Sees(w.Anna, "that it is held", func(x telegramtest.Message) bool {
		return x.ReplyTo == m.ID && strings.Contains(x.Text, "закрыто, ответ может открыть его снова. Пока не отправлено.")
	})
}

// An answer to a closed ticket may reopen it, so it is held until its author agrees;
// following messages are added to it.
func TestAnswerToAClosedTicketIsHeld(t *testing.T) {
	t.Parallel()
	closed(t, func(t *testing.T, w *bottest.World, id plusofon.TicketID, notice telegramtest.Message) {
		m := w.Anna.Reply(notice.ID, "так и не печатает")
		card := held(w, m)
		if got := bottest.Buttons(card); got != "Отправить Не нужно / Новое обращение" {
			t.Errorf("buttons: %s", got)
		}
		w.Anna.Send("в зале")
		w.Reads(w.Anna, "открыть его снова", "2 сообщения")
		w.Passes(time.Hour)
		w.WantPosts(id, "Текст")
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "2 сообщения").ID, "Отправить"))
		w.Reacts(w.Anna, m.ID, "👌")
		// A person who has just agreed is not asked again.
		follows := w.Anna.Send("и в баре")
		w.Reacts(w.Anna, follows.ID, "👌")
		w.WantPosts(id, "Текст", "так и не печатает\nв зале", "и в баре")
	})
}

// [Не нужно] drops it, and [Новое обращение] opens another ticket.
func TestHeldForAClosedTicketGoesElsewhere(t *testing.T) {
	t.Parallel()
	closed(t, func(t *testing.T, w *bottest.World, id plusofon.TicketID, notice telegramtest.Message) {
		card := held(w, w.Anna.Reply(notice.ID, "спасибо"))
		w.Pressed(w.Anna.Press(card.ID, "Не нужно"))
		w.Reads(w.Anna, "Это никуда не отправлено.")
		card = held(w, w.Anna.Reply(notice.ID, "другая касса"))
		w.Pressed(w.Anna.Press(card.ID, "Новое обращение"))
		w.Anna.Send("не включается")
		w.Reads(w.Anna, "Тема: другая касса", "2 сообщения")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "другая касса")
		w.WantPosts(w.Newest(), "другая касса\nне включается")
		w.WantPosts(id, "Текст")
	})
}

// [Вопрос остался] is the agreement, whether or not what follows is sent as a reply to the
// question, as clients do automatically.
func TestQuestionRemains(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]bool{"written": false, "replied": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed(t, func(t *testing.T, w *bottest.World, id plusofon.TicketID, notice telegramtest.Message) {
				w.Pressed(w.Anna.Press(notice.ID, "Вопрос остался"))
				prompt := w.Reads(w.Anna, "Напишите ответ в обращение")
				to := 0
				if reply {
					to = prompt.ID
				}
				m := w.Anna.Reply(to, "так и не печатает")
				w.Reacts(w.Anna, m.ID, "👌")
				w.WantPosts(id, "Текст", "так и не печатает")
			})
		})
	}
}

// In a group only the person who pressed it has agreed.
func TestQuestionRemainsInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, _ := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.CloseTicket(id)
		w.Pressed(g.Boris.Press(w.Reads(g.Boris, "Обращение закрыто").ID, "Вопрос остался"))
		prompt := w.Reads(g.Boris, "Напишите ответ в обращение")
		w.AtRest() // the question's card is recorded
		g.Anna.Reply(prompt.ID, "спасибо")
		w.Reads(g.Anna, "закрыто, ответ может открыть его снова")
		w.WantPosts(id, "Подробности")
		m := g.Boris.Reply(prompt.ID, "так и не печатает")
		w.Reacts(g.Boris, m.ID, "👌")
		w.WantPosts(id, "Подробности", "так и не печатает")
	})
}

// In a group it is asked too, and only its author decides.
func TestAnswerToAClosedTicketInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.CloseTicket(id)
		w.Reads(g.Anna, "Обращение закрыто")
		m := g.Boris.Reply(receipt.ID, "всё ещё")
		card := w.Sees(g.Boris, "that it is held", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && strings.Contains(x.Text, "открыть его снова")
		})
		if a := w.Pressed(g.Anna.Press(card.ID, "Отправить")); a.Text != "Это черновик другого человека." {
			t.Errorf("a colleague's press was answered %q", a.Text)
		}
		w.Passes(time.Minute)
		before := len(w.Posts(id))
		w.Pressed(g.Boris.Press(card.ID, "Отправить"))
		w.Reacts(g.Boris, m.ID, "👌")
		if n := len(w.Posts(id)); n != before+1 {
			t.Errorf("%d posts, want %d", n, before+1)
		}
	})
}

// A failed answer that is retried after its ticket was closed is asked about like a new one.
func TestRepeatedAfterItsTicketWasClosed(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		w.Plusofon.AddFault(refusal("answer"))
		m := w.Anna.Reply(receipt.ID, "ответ")
		failed := w.Reads(w.Anna, "не отправлен", "Плюсофон отказал")
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		if asked := held(w, m); asked.ID != failed.ID || bottest.Buttons(asked) != "Отправить Не отправлять" {
			t.Errorf("it is asked: %+v", asked)
		}
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст")
		w.Pressed(w.Anna.Press(failed.ID, "Отправить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(id, "Текст", "ответ")
	})
}

// A ticket that is gone can't be reopened: what is meant for it opens another one, or is
// dropped.
func TestAnswerToATicketThatIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		w.Plusofon.Merge(id, w.Plusofon.OpenInCabinet("Другая", "Текст"))
		w.Reads(w.Anna, "Этого обращения больше нет в Плюсофоне")
		w.Later()
		w.Anna.Send("сама по себе")
		w.Reads(w.Anna, "Новое обращение", "Тема: сама по себе") // there is no ticket it may be for
		w.Anna.Send("/cancel")
		m := w.Anna.Reply(receipt.ID, "так и не печатает")
		card := w.Sees(w.Anna, "that it is not sent", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && strings.Contains(x.Text, "больше нет в Плюсофоне: его удалили или объединили с другим. Пока не отправлено.")
		})
		if got := bottest.Buttons(card); got != "Новое обращение Не нужно" {
			t.Errorf("buttons: %s", got)
		}
		w.Pressed(w.Anna.Press(card.ID, "Новое обращение"))
		w.Reads(w.Anna, "Тема: так и не печатает")
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		w.Reads(w.Anna, "создано", "так и не печатает")
		w.WantPosts(w.Newest(), "так и не печатает")
	})
}
