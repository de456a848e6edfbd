package submission_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// The target of a message that replies to nothing while tickets are open is not guessed:
// what is written before the choice is gathered, and is sent to the chosen target as one
// post, once, however often the button is pressed and whatever happens in between.
func TestInDoubt(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Poll: time.Second}, func(t *testing.T, w *bottest.World) {
		var ids []plusofon.TicketID
		for i := range 5 {
			id, _ := w.Opened(fmt.Sprintf("Обращение под номером %d", i), "Текст")
			ids = append(ids, id)
		}
		w.Plusofon.CloseTicket(ids[4])
		w.Reads(w.Anna, "Обращение закрыто")
		w.Later()
		m := w.Anna.Send("секунду ищу")
		question := w.Asked(m)
		for _, row := range question.Buttons[:4] {
			if !strings.Contains(row[0].Text, "Обращение под номером") || !strings.Contains(row[0].Text, "назад") {
				t.Errorf("a ticket's button is %q", row[0].Text)
			}
		}
		if got := bottest.Buttons(question); strings.Contains(got, "номером 4") || !strings.HasSuffix(got, " / Другое… / Новое обращение Отменить") {
			t.Errorf("buttons: %s", got)
		}
		w.Anna.SendDocument(telegramtest.File{Name: "а.txt", Content: []byte("x")}, "", 0)
		w.Anna.Send("вот и ответ")
		w.Reads(w.Anna, "Пока не отправлено. Куда?", "3 сообщения")
		w.Restart()
		first, second := w.Put(question, ids[1]), w.Put(question, ids[2])
		if a := w.Pressed(second); a.Text != "Уже отправлено." {
			t.Errorf("the second press was answered %q", a.Text)
		}
		w.Pressed(first)
		w.Reacts(w.Anna, m.ID, "👌")
		done := w.Reads(w.Anna, fmt.Sprintf("Отправлено в №%d.", ids[1]))
		if done.ID != question.ID || bottest.Labels(done) != "История" {
			t.Errorf("the question did not become the receipt: %+v", done)
		}
		if got := w.LastPost(ids[1]); got.Text != "секунду ищу\nвот и ответ" || len(got.Attachments) != 1 {
			t.Errorf("the post is %+v", got)
		}
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 6 {
			t.Errorf("%d posts, want 6", n)
		}
		w.Part("nothing of it is sent where it is cancelled", func() {
			w.Later()
			question := w.Asked(w.Anna.Send("совсем другое"))
			w.Pressed(w.Anna.Press(question.ID, "Отменить"))
			w.Reads(w.Anna, "Это никуда не отправлено.")
			w.Passes(time.Minute)
			if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 6 {
				t.Errorf("%d posts, want 6", n)
			}
		})
	})
}

// A new ticket takes all messages of the question: the question becomes a draft's card, and
// following messages are added to it.
func TestInDoubtANewTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Старое", "Текст")
		w.Later()
		question := w.Asked(w.Anna.Send("другая беда"))
		w.Anna.Send("подробности")
		w.Reads(w.Anna, "Куда?", "2 сообщения")
		w.Pressed(w.Anna.Press(question.ID, "Новое обращение"))
		w.Reads(w.Anna, "Тема: другая беда", "2 сообщения")
		w.Anna.Send("и ещё")
		w.Reads(w.Anna, "Тема: другая беда", "3 сообщения")
		w.Anna.Press(question.ID, "Отправить")
		w.Reads(w.Anna, "создано", "другая беда")
		w.Passes(time.Minute)
		tickets := w.Plusofon.Tickets()
		if len(tickets) != 2 || tickets[1].Posts[0].Text != "другая беда\nподробности\nи ещё" {
			t.Errorf("at Plusofon: %+v", tickets)
		}
	})
}

// Any other ticket can be chosen too, from pages of them.
func TestInDoubtAnotherTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Своё", "Текст")
		var other plusofon.TicketID
		for i := range 7 {
			id := w.Plusofon.OpenInCabinet(fmt.Sprintf("Из кабинета %d", i), "Текст")
			if i == 0 {
				other = id
			}
		}
		w.Polled()
		w.Later()
		m := w.Anna.Send("это туда")
		question := w.Asked(m)
		if got := bottest.Buttons(question); strings.Contains(got, "Из кабинета") {
			t.Errorf("tickets that are not of this chat: %s", got)
		}
		w.Pressed(w.Anna.Press(question.ID, "Другое…"))
		w.Sees(w.Anna, "a page of all", func(x telegramtest.Message) bool {
			return x.ID == question.ID && strings.Contains(bottest.Buttons(x), "1 / 2")
		})
		w.Pressed(w.Anna.Press(question.ID, "›"))
		page := w.Sees(w.Anna, "the next", func(x telegramtest.Message) bool {
			return x.ID == question.ID && strings.Contains(bottest.Buttons(x), "2 / 2")
		})
		w.Pressed(w.Put(page, other))
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(other, "Текст", "это туда")
	})
}

// Choosing a ticket marked as closed agrees to reopening it. If it was closed after the card
// was shown, its author is asked.
func TestInDoubtAClosedTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		closed, _ := w.Opened("Закроют", "Текст")
		open, _ := w.Opened("Открыто", "Текст")
		w.Plusofon.CloseTicket(closed)
		w.Reads(w.Anna, "Обращение закрыто")
		w.Later()
		m := w.Anna.Send("а вот ещё")
		question := w.Asked(m)
		if got := bottest.Buttons(question); !strings.Contains(got, fmt.Sprintf("№%d Закроют, закрыто / Другое…", closed)) {
			t.Errorf("buttons: %s", got)
		}
		w.Pressed(w.Put(question, closed))
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(closed, "Текст", "а вот ещё")

		w.Later()
		m = w.Anna.Send("и сюда")
		question = w.Asked(m)
		w.Plusofon.CloseTicket(open)
		w.Sees(w.Anna, "that it is closed", func(x telegramtest.Message) bool {
			return strings.Contains(x.Text, "Открыто") && strings.Contains(x.Text, "Обращение закрыто")
		})
		w.Pressed(w.Put(question, open))
		asks := w.Reads(w.Anna, "закрыто, ответ может открыть его снова")
		if asks.ID != question.ID || len(w.Posts(open)) != 1 {
			t.Errorf("it is asked in message %d, want %d; posts: %q", asks.ID, question.ID, w.Posts(open))
		}
		w.Pressed(w.Anna.Press(asks.ID, "Отправить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(open, "Текст", "и сюда")
	})
}

// Drafts that were laid aside come first among the choices and can be continued.
func TestInDoubtWhatWasLaidAside(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Anna.Send("/new")
		w.Anna.Send("касса не печатает")
		card := w.Reads(w.Anna, "Тема: касса не печатает")
		if _, ok := card.Button("Продолжить"); ok {
			t.Error("what is in hand needs no [Продолжить]")
		}
		m := w.Anna.Reply(receipt.ID, "ответ") // starts something else
		w.Reacts(w.Anna, m.ID, "👌")
		w.Sees(w.Anna, "[Продолжить]", func(x telegramtest.Message) bool {
			_, ok := x.Button("Продолжить")
			return ok && x.ID == card.ID
		})
		w.Later()
		question := w.Asked(w.Anna.Send("чек обрывается"))
		if got := bottest.Buttons(question); !strings.HasPrefix(got, "Черновик: касса не печатает / №") {
			t.Errorf("buttons: %s", got)
		}
		w.Pressed(w.Anna.Press(question.ID, "Черновик: касса не печатает"))
		w.Reads(w.Anna, "Добавлено в другой черновик.")
		w.Anna.Send("с утра")
		w.Reads(w.Anna, "Тема: касса не печатает", "3 сообщения")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "касса не печатает")
		w.Passes(time.Minute)
		if got := w.Posts(w.Newest()); len(got) != 1 || got[0] != "касса не печатает\nчек обрывается\nс утра" {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// An album and a long text count as one gathered message.
func TestInDoubtWholeAlbumsAndTexts(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Later()
		items := bottest.TenFiles("десять файлов")
		album := w.Anna.SendAlbum(items, 0)
		w.Pressed(w.Put(w.Asked(album[0]), id))
		w.Reacts(w.Anna, album[0].ID, "👌")
		bottest.IsTen(t, w.LastPost(id), "десять файлов")
		w.Later()
		after := w.Anna.SendAlbum(items[:2], 0)
		question := w.Asked(after[0])
		w.Anna.PastePieces(bottest.LongText())
		w.Reads(w.Anna, "Куда?", "2 сообщения")
		w.Pressed(w.Put(question, id))
		w.Reacts(w.Anna, after[0].ID, "👌")
		if post := w.LastPost(id); len(post.Attachments) != 2 || post.Text != bottest.LongText() {
			t.Errorf("the second album with the text: %d files, %d bytes, want %d", len(post.Attachments), len(post.Text), len(bottest.LongText()))
		}
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 3 {
			t.Errorf("%d posts, want 3", n)
		}
	})
}

// An empty draft is not offered as a target.
func TestInDoubtBesideAnEmptyDraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Касса", "Текст")
		w.Later()
		question := w.Asked(w.Anna.Send("раз"))
		w.Anna.Send("/new")
		laid := w.Sees(w.Anna, "the question laid aside", func(m telegramtest.Message) bool {
			_, ok := m.Button("Продолжить")
			return ok && m.ID == question.ID
		})
		if got := bottest.Buttons(laid); strings.Contains(got, "Черновик") {
			t.Errorf("buttons: %s", got)
		}
	})
}

// An item of an album that comes after the album was taken back is not sent where that was to go.
func TestLateItemOfAnAlbumTakenBack(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		takesNone(w)
		w.Pressed(w.Anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
		w.Telegram.Hold()
		w.Anna.SendAlbum(bottest.TenFiles("")[:3], 0)
		w.Telegram.Deliver(0, 1)
		waits := w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Press(waits.ID, "Отменить")
		w.Telegram.Deliver(3)
		w.Reads(w.Anna, "Отменено. Это сообщение в Плюсофон не отправлено.")
		w.Telegram.Release() // the third one took its time to upload
		w.Plusofon.ClearFaults()
		w.Passes(20 * time.Minute)
		w.WantPosts(id, "Текст")
	})
}

// A ticket of which no time is known has no age.
func TestNoAgeWithoutATime(t *testing.T) {
	t.Parallel()
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Poll(true, plusofon.Ticket{}, plusofon.ListedTicket{ID: 8, Subject: "Старое", Open: true, Fingerprint: "x"}) // as the newer page lists it
	d.Do(func(turn *chat.Turn) error {
		return errors.Join(turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Касса", Open: true, Fetched: d.Now, LastActivity: d.Now}), turn.Tx.Bind(1, 7, d.Now))
	})
	d.Says(1, "вопрос")
	var id state.DraftID
	d.Do(func(turn *chat.Turn) error {
		drafts, err := turn.Tx.DraftsHere(1, 1)
		id = drafts[0].ID
		drafts[0].Card = 1
		return errors.Join(err, turn.Tx.SaveDraft(drafts[0]))
	})
	d.Press(1, 1, fmt.Sprintf("other:%d:1", id))
	for _, screen := range d.Screens(1) {
		for _, b := range screen.Buttons {
			if strings.HasPrefix(b.Text, "№8") && b.Text != "№8 Старое" {
				t.Errorf("the button is %q", b.Text)
			}
		}
	}
}

// A ticket that was closed within seven days is offered, whenever its last post was.
func TestInDoubtAfterALongSilence(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Plusofon.Reply(id, "Ольга", "Проверьте, пожалуйста")
		w.Reads(w.Anna, "Проверьте")
		w.Passes(10 * 24 * time.Hour)
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		w.Passes(time.Hour)
		m := w.Anna.Send("нет, всё ещё не печатает")
		first := w.Sees(w.Anna, "a card", func(x telegramtest.Message) bool { return x.FromBot && x.ID > m.ID })
		if !asks(first) {
			t.Errorf("the ticket was closed an hour ago, and the card is %q", first.Text)
		}
		w.Anna.Send("/tickets")
		list := w.Reads(w.Anna, "Ждут вас")
		w.Pressed(w.Anna.Press(list.ID, "Закрытые"))
		closed := w.Sees(w.Anna, "the closed ones", func(x telegramtest.Message) bool {
			return x.ID == list.ID && strings.Contains(x.Text, "Закрытые ·")
		})
		if strings.Contains(closed.Text, "закрыто 10 дней назад") {
			t.Errorf("it was closed an hour ago: %q", closed.Text)
		}
	})
}
