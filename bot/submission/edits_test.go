package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// tooLate waits for the message that an edit comes too late, under the edited message.
func tooLate(w *bottest.World, m telegramtest.Message) telegramtest.Message {
	w.T.Helper()
	return w.Sees(w.Anna, "that it is too late", func(x telegramtest.Message) bool {
		return x.FromBot && x.ReplyTo == m.ID && strings.Contains(x.Text, "В Плюсофоне остался прежний текст")
	})
}

// repliesTo counts the bot's replies to a message of Anna's.
func repliesTo(w *bottest.World, m telegramtest.Message) (n int) {
	for _, x := range w.Anna.FromBot() {
		if x.ReplyTo == m.ID {
			n++
		}
	}
	return n
}

// What Plusofon has can't be changed there; a correction is an answer to the ticket, sent
// once and only on request.
func TestCorrection(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		m := w.Anna.Reply(receipt.ID, "номер 74951234567")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Edit(m.ID, "номер 74957654321")
		question := tooLate(w, m)
		if got := bottest.Buttons(question); got != "Отправить исправление Не нужно" {
			t.Errorf("buttons: %s", got)
		}
		w.Restart()
		w.Anna.Edit(m.ID, "номер 74957654322")
		send, _ := question.Button("Отправить исправление")
		w.Pressed(w.Anna.Press(question.ID, "Отправить исправление"))
		w.Pressed(w.Anna.PressForged(question.ID, send.Data))
		done := w.Reads(w.Anna, "Отправлено в №")
		if done.ID != question.ID {
			t.Error("the question did not become the receipt")
		}
		if got := w.LastPost(id).Text; got != "Исправление: номер 74957654322" {
			t.Errorf("the post is %q", got)
		}
		// A corrected message counts as corrected: nothing has changed since.
		w.Passes(time.Minute) // the same edit in the same second is one edit
		w.Anna.Touch(m.ID)
		w.Anna.Send("/help")
		w.Reads(w.Anna, "/search")
		if n := repliesTo(w, m); n != 1 {
			t.Errorf("an edit without a change: %d questions, want the first one alone", n)
		}
		w.Anna.Edit(m.ID, "номер 74950000000")
		again := w.Sees(w.Anna, "another question", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && x.ID != question.ID && strings.Contains(x.Text, "остался прежний текст")
		})
		w.Pressed(w.Anna.Press(again.ID, "Не нужно"))
		w.Reads(w.Anna, "В Плюсофоне остаётся прежний текст.")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 3 {
			t.Errorf("%d posts, want 3", len(ticket.Posts))
		}
	})
}

// The question is withdrawn when the text is again what Plusofon has.
func TestEditTakenBack(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		m := w.Anna.Reply(receipt.ID, "верно")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Edit(m.ID, "неверно")
		question := tooLate(w, m)
		w.Anna.Edit(m.ID, "верно")
		if done := w.Reads(w.Anna, "В Плюсофоне остаётся прежний текст."); done.ID != question.ID || len(done.Buttons) != 0 {
			t.Errorf("the question is %+v", done)
		}
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 {
			t.Errorf("%d posts, want 2", len(ticket.Posts))
		}
	})
}

// An edit of one message of several: of an album's caption, of a part of a text, of a
// message that was sent in a draft.
func TestEditOfOneOfSeveral(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		first, second := w.Anna.Send("первое"), w.Anna.Send("второе")
		w.Reads(w.Anna, "2 сообщения")
		// The opening fails, so that it can be changed.
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
		w.Anna.Press(w.Reads(w.Anna, "Пока ничего не отправлено").ID, "Отправить")
		failed := w.Reads(w.Anna, "Обращение не создано.")
		w.Anna.Edit(second.ID, "второе, но вежливо")
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		receipt := w.Reads(w.Anna, "создано", "первое")
		ticket := w.Plusofon.Tickets()[0]
		if ticket.Subject != "первое" || ticket.Posts[0].Text != "первое\nвторое, но вежливо" {
			t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
		}
		w.Anna.Touch(first.ID)
		w.Anna.Edit(first.ID, "первое и главное")
		w.Pressed(w.Anna.Press(tooLate(w, first).ID, "Отправить исправление"))
		w.Desk("the correction", func(tickets []plusofontest.Ticket) bool { return bottest.CountPosts(tickets) == 2 })
		if got := w.LastPost(ticket.ID).Text; got != "Исправление: первое и главное" {
			t.Errorf("the post is %q", got)
		}

		album := w.Anna.SendAlbum(bottest.TenFiles("подпись"), receipt.ID)
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.Anna.Touch(album[6].ID)
		w.Anna.Edit(album[6].ID, "другая подпись")
		tooLate(w, album[6])
	})
}

// An album's caption that is changed before sending is sent as changed, with every file.
func TestEditOfAnAlbumBeforeDelivery(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: answers.OnRead})
		w.Anna.Reply(receipt.ID, "первый")
		album := w.Anna.SendAlbum(bottest.TenFiles("с ашибкой"), receipt.ID)
		w.Reacts(w.Anna, album[0].ID, "👀")
		w.Anna.Edit(album[6].ID, "с ошибкой")
		end := w.Anna.Send("/help")
		w.Sees(w.Anna, "that the edit was handled", func(x telegramtest.Message) bool { return x.ID > end.ID })
		answers.End()
		w.Reacts(w.Anna, album[0].ID, "👌")
		bottest.IsTen(t, w.LastPost(id), "с ошибкой")
	})
}

// While the request is in flight it is unknown which text arrives: the person is asked, and
// if the old text did not arrive, it is replaced.
func TestEditWhileItIsSent(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{
			Op: "answer", OnRead: answers.OnRead, Status: 400, Body: `{"message":"Недопустимое слово","code":400}`,
		})
		m := w.Anna.Reply(receipt.ID, "грубо")
		answers.Are(1)
		w.Anna.Edit(m.ID, "вежливо")
		question := tooLate(w, m)
		answers.End()
		w.Reacts(w.Anna, m.ID, "💔")
		failed := w.Reads(w.Anna, "не отправлен", "Недопустимое слово")
		w.Pressed(w.Anna.Press(question.ID, "Отправить исправление"))
		w.Reads(w.Anna, "Прежний текст в Плюсофон не ушёл. Уйдёт новый.")
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "вежливо" {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}
