package bot_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// tooLate waits for the word that an edit comes too late, under the message.
func (w *world) tooLate(m telegramtest.Message) telegramtest.Message {
	w.t.Helper()
	return w.sees(w.anna, "that it is too late", func(x telegramtest.Message) bool {
		return x.FromBot && x.ReplyTo == m.ID && strings.Contains(x.Text, "В Плюсофоне его изменить нельзя")
	})
}

// repliesTo counts the bot's replies to a message of Anna's.
func (w *world) repliesTo(m telegramtest.Message) (n int) {
	for _, x := range w.anna.FromBot() {
		if x.ReplyTo == m.ID {
			n++
		}
	}
	return n
}

// What Plusofon has can't be changed there; a correction is an answer to the
// ticket, sent once and by a wish only.
func TestCorrection(t *testing.T) {
	t.Parallel()
	// An edit of the same words in the same second is the same edit.
	var later atomic.Int64
	w := newWorld(t, options{telegram: telegramtest.Config{Clock: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }}})
	id, receipt := w.opened("Тема", "Текст")
	m := w.anna.Reply(receipt.ID, "номер 74951234567")
	w.reacts(w.anna, m.ID, "👌")
	w.anna.Edit(m.ID, "номер 74957654321")
	question := w.tooLate(m)
	if got := buttons(question); got != "Отправить исправление Не нужно" {
		t.Errorf("buttons: %s", got)
	}
	w.restart()
	w.anna.Edit(m.ID, "номер 74957654322")
	send, _ := question.Button("Отправить исправление")
	w.pressed(w.anna.Press(question.ID, "Отправить исправление"))
	w.pressed(w.anna.PressForged(question.ID, send.Data))
	done := w.reads(w.anna, "Передано в обращение №")
	if done.ID != question.ID {
		t.Error("the question did not become the receipt")
	}
	if got := w.lastPost(id).Text; got != "Исправление: номер 74957654322" {
		t.Errorf("the post is %q", got)
	}
	// What was corrected looks as it was corrected: nothing has changed since.
	later.Store(int64(time.Minute))
	w.anna.Touch(m.ID)
	w.anna.Send("/help")
	w.reads(w.anna, "/search")
	if n := w.repliesTo(m); n != 1 {
		t.Errorf("an edit without a change: %d questions, want the first one alone", n)
	}
	w.anna.Edit(m.ID, "номер 74950000000")
	again := w.sees(w.anna, "another question", func(x telegramtest.Message) bool {
		return x.ReplyTo == m.ID && x.ID != question.ID && strings.Contains(x.Text, "изменить нельзя")
	})
	w.pressed(w.anna.Press(again.ID, "Не нужно"))
	w.reads(w.anna, "В Плюсофоне остаётся прежний текст.")
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 3 {
		t.Errorf("%d posts, want 3", len(ticket.Posts))
	}
}

// The question is withdrawn where the words are again what Plusofon has.
func TestEditTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	m := w.anna.Reply(receipt.ID, "верно")
	w.reacts(w.anna, m.ID, "👌")
	w.anna.Edit(m.ID, "неверно")
	question := w.tooLate(m)
	w.anna.Edit(m.ID, "верно")
	if done := w.reads(w.anna, "В Плюсофоне остаётся прежний текст."); done.ID != question.ID || len(done.Buttons) != 0 {
		t.Errorf("the question is %+v", done)
	}
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 {
		t.Errorf("%d posts, want 2", len(ticket.Posts))
	}
}

// An edit of one message of several: of an album's caption, of a piece of a text,
// of a message that went out in a draft.
func TestEditOfOneOfSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	first, second := w.anna.Send("первое"), w.anna.Send("второе")
	w.reads(w.anna, "2 сообщения")
	// The opening fails, so that it can be changed.
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
	w.anna.Press(w.reads(w.anna, "Пока ничего не отправлено").ID, "Отправить")
	failed := w.reads(w.anna, "Обращение не создано.")
	w.anna.Edit(second.ID, "второе, но вежливо")
	w.pressed(w.anna.Press(failed.ID, "Повторить"))
	receipt := w.reads(w.anna, "создано", "первое")
	ticket := w.plusofon.Tickets()[0]
	if ticket.Subject != "первое" || ticket.Posts[0].Text != "первое\nвторое, но вежливо" {
		t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
	}
	w.anna.Touch(first.ID)
	w.anna.Edit(first.ID, "первое и главное")
	w.pressed(w.anna.Press(w.tooLate(first).ID, "Отправить исправление"))
	w.desk("the correction", func(tickets []plusofontest.Ticket) bool { return posts(tickets) == 2 })
	if got := w.lastPost(ticket.ID).Text; got != "Исправление: первое и главное" {
		t.Errorf("the post is %q", got)
	}

	album := w.anna.SendAlbum(tenFiles("подпись"), receipt.ID)
	w.reacts(w.anna, album[0].ID, "👌")
	w.anna.Touch(album[6].ID)
	w.anna.Edit(album[6].ID, "другая подпись")
	w.tooLate(album[6])
}

// An album's caption that is changed before it goes out goes out as changed, with
// every file.
func TestEditOfAnAlbumBeforeDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	hold := make(chan struct{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: func() { <-hold }})
	w.anna.Reply(receipt.ID, "первый")
	album := w.anna.SendAlbum(tenFiles("с ашибкой"), receipt.ID)
	w.reacts(w.anna, album[0].ID, "👀")
	w.anna.Edit(album[6].ID, "с ошибкой")
	end := w.anna.Send("/help")
	w.sees(w.anna, "that the edit was handled", func(x telegramtest.Message) bool { return x.ID > end.ID })
	close(hold)
	w.reacts(w.anna, album[0].ID, "👌")
	isTen(t, w.lastPost(id), "с ошибкой")
}

// While the request is under way nobody knows which words arrive: the person is
// asked, and where they did not arrive they are replaced.
func TestEditWhileItIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	hold, read := make(chan struct{}), make(chan struct{})
	w.plusofon.AddFault(plusofontest.Fault{
		Op: "answer", OnRead: func() { close(read); <-hold }, Status: 400, Body: `{"message":"Недопустимое слово","code":400}`,
	})
	m := w.anna.Reply(receipt.ID, "грубо")
	<-read
	w.anna.Edit(m.ID, "вежливо")
	question := w.tooLate(m)
	close(hold)
	w.reacts(w.anna, m.ID, "💔")
	failed := w.reads(w.anna, "не отправлен", "Недопустимое слово")
	w.pressed(w.anna.Press(question.ID, "Отправить исправление"))
	w.reads(w.anna, "Прежний текст в Плюсофон не ушёл. Уйдёт новый.")
	w.pressed(w.anna.Press(failed.ID, "Повторить"))
	w.reacts(w.anna, m.ID, "👌")
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "вежливо" {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}
