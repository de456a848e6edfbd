package submission_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
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
		w.Reads(w.Anna, "Прежний текст в Плюсофон не ушёл, его заменил новый.")
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "вежливо" {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// The subject of a /new as a reply is changed by an edit like everything that was written: in the
// draft, and while it waits for Plusofon. After that a correction is offered.
func TestSubjectOfNewAsAReplyEdited(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		about := w.Anna.Forward(bottest.Forwarded, "не печатает")
		w.Reads(w.Anna, "Тема: не печатает")
		m := w.Anna.Reply(about.ID, "/new Касса\nв зале")
		w.Reads(w.Anna, "Тема: Касса")
		w.Passes(5 * time.Second)
		w.Anna.Edit(m.ID, "/new Весы\nв зале")
		w.Reads(w.Anna, "Тема: Весы", "2 сообщения")
		w.Passes(5 * time.Second)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "Тема: Весы").ID, "Отправить"))
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Edit(m.ID, "/new Сканер\nв зале")
		w.Passes(time.Second)
		w.Plusofon.ClearFaults()
		w.Reads(w.Anna, "создано", "Сканер")
		ticket := w.First(0)
		if text := ticket.Posts[0].Text; ticket.Subject != "Сканер" || !strings.HasSuffix(text, "не печатает\n\nв зале") {
			t.Errorf("at Plusofon: %q, %q", ticket.Subject, text)
		}
		w.Passes(time.Minute)
		w.Anna.Touch(m.ID)
		w.Passes(time.Minute)
		w.Anna.Edit(m.ID, "/new Принтер\nв зале")
		question := tooLate(w, m)
		w.Anna.Edit(m.ID, "/new Сканер\nв зале")
		w.Reads(w.Anna, "В Плюсофоне остаётся прежний текст.")
		w.Passes(time.Minute)
		w.Anna.Edit(m.ID, "/new Термопринтер\nв зале")
		again := w.Sees(w.Anna, "another question", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && x.ID != question.ID && strings.Contains(x.Text, "остался прежний текст")
		})
		w.Pressed(w.Anna.Press(again.ID, "Отправить исправление"))
		w.Reads(w.Anna, "Отправлено в №")
		if got := w.LastPost(ticket.ID).Text; got != "Исправление: Термопринтер\nв зале" {
			t.Errorf("the post is %q", got)
		}
	})
}

// Words that are added to a /new as a reply belong to the draft, also if it had none before, and a
// subject that is taken away is the first line's again.
func TestNewAsAReplyGetsWords(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"with a subject": "/new Касса", "alone": "/new"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				about := w.Anna.Send("не печатает")
				w.Reads(w.Anna, "Тема: не печатает")
				m := w.Anna.Reply(about.ID, first)
				w.Passes(5 * time.Second)
				bottom(t, w.Anna, "1 сообщение\n")
				w.Anna.Edit(m.ID, "/new Весы\nв зале")
				w.Reads(w.Anna, "Тема: Весы", "2 сообщения")
				w.Passes(time.Minute)
				w.Anna.Edit(m.ID, "/new")
				w.Reads(w.Anna, "Тема: не печатает", "1 сообщение\n")
				w.Passes(time.Minute)
				w.Anna.Edit(m.ID, "/new Весы\nв зале")
				w.Passes(5 * time.Second)
				w.Pressed(w.Anna.Press(bottom(t, w.Anna, "Тема: Весы").ID, "Отправить"))
				w.Reads(w.Anna, "создано", "Весы")
				if ticket := w.First(0); ticket.Subject != "Весы" || ticket.Posts[0].Text != "не печатает\nв зале" {
					t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
				}
			})
		})
	}
}

// The subject that was given last counts: neither a touch nor an edit of another undoes it.
func TestEditOfAnEarlierSubject(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		about := w.Anna.Send("не печатает")
		w.Reads(w.Anna, "Тема: не печатает")
		m := w.Anna.Reply(about.ID, "/new Касса\nв зале")
		w.Reads(w.Anna, "Тема: Касса")
		w.Passes(5 * time.Second)
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "Тема: Касса").ID, "Тема"))
		w.Anna.Reply(w.Reads(w.Anna, "Какой будет тема?").ID, "Весы")
		w.Reads(w.Anna, "Тема изменена: Весы")
		w.Anna.Touch(m.ID)
		w.Passes(time.Minute)
		bottom(t, w.Anna, "Тема: Весы")
		w.Anna.Edit(m.ID, "/new Каса\nв зале магазина")
		w.Passes(5 * time.Second)
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "Тема: Весы").ID, "Отправить"))
		w.Reads(w.Anna, "создано", "Весы")
		if ticket := w.First(0); ticket.Subject != "Весы" || ticket.Posts[0].Text != "не печатает\nв зале магазина" {
			t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
		}
	})
}

// The line that was given as a subject is corrected by an edit, too. What is added to it is text.
func TestEditOfASubject(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("касса не печатает")
		card := w.Reads(w.Anna, "Тема: касса не печатает")
		w.Pressed(w.Anna.Press(card.ID, "Тема"))
		m := w.Anna.Reply(w.Reads(w.Anna, "Какой будет тема?").ID, "Кассса")
		w.Reads(w.Anna, "Тема изменена: Кассса")
		w.Anna.Edit(m.ID, "Касса")
		w.Reads(w.Anna, "Тема: Касса\n", "1 сообщение\n")
		w.Passes(time.Minute)
		w.Anna.Edit(m.ID, "Касса\nв зале")
		w.Reads(w.Anna, "Тема: Касса\n", "2 сообщения\n")
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Тема: Касса\n").ID, "Отправить"))
		w.Reads(w.Anna, "создано", "Касса")
		ticket := w.First(0)
		if ticket.Subject != "Касса" || ticket.Posts[0].Text != "касса не печатает\nв зале" {
			t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
		}
		w.Passes(time.Minute)
		w.Anna.Edit(m.ID, "Весы\nв зале")
		tooLate(w, m)
		m = w.Anna.Reply(m.ID, "дополнение")
		w.Reacts(w.Anna, m.ID, "👌")
		w.WantPosts(ticket.ID, "касса не печатает\nв зале", "дополнение")
	})
}

// A file whose message is a remark for a while, before anything was sent, goes in the end.
func TestFileOfWhatWasARemark(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.SendDocument(telegramtest.File{Name: "журнал.txt", Content: []byte("1")}, "журнал", 0)
		m := w.Anna.SendDocument(telegramtest.File{Name: "чек.txt", Content: []byte("22")}, "чек", 0)
		w.Anna.SendDocument(telegramtest.File{Name: "смета.txt", Content: []byte("333")}, "смета", 0)
		card := w.Reads(w.Anna, "3 сообщения, 3 файла")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Edit(m.ID, "// чек")
		w.Passes(time.Minute)
		w.Anna.Edit(m.ID, "// чек, Боря?")
		w.Passes(time.Minute)
		w.Anna.Edit(m.ID, "чек за март")
		w.Passes(time.Minute)
		w.Plusofon.ClearFaults()
		post := w.First(3).Posts[0]
		var names []string
		for _, a := range post.Attachments {
			names = append(names, a.Name)
		}
		if post.Text != "журнал\nчек за март\nсмета" || strings.Join(names, " ") != "журнал.txt чек.txt смета.txt" {
			t.Errorf("the post is %q with %q", post.Text, names)
		}
		if n := repliesTo(w, m); n != 0 {
			t.Errorf("%d replies to the edited message", n)
		}
	})
}

// A /new with a subject, as a reply, that is edited without a change is not changed.
func TestNewAsAReplyTouched(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		about := w.Anna.Forward(bottest.Forwarded, "не печатает")
		w.Reads(w.Anna, "Тема: не печатает")
		m := w.Anna.Reply(about.ID, "/new Касса\nсм. https://example.com")
		w.Reads(w.Anna, "Тема: Касса")
		w.Passes(5 * time.Second)
		w.Anna.Touch(m.ID) // the link's preview
		w.Passes(5 * time.Second)
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "Тема: Касса").ID, "Отправить"))
		w.Reads(w.Anna, "создано", "Касса")
		w.Passes(time.Minute)
		if got := w.LastPost(w.Newest()).Text; strings.Contains(got, "Касса") {
			t.Errorf("the post is %q", got)
		}
		w.Anna.Touch(m.ID)
		w.Passes(time.Minute)
		w.Quiet(w.Anna, "остался прежний текст")
	})
}

// An edit of the first part of a long /new, as a reply, does not lose the other parts.
func TestLongNewAsAReplyEdited(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		about := w.Anna.Forward(bottest.Forwarded, "не печатает")
		w.Reads(w.Anna, "Тема: не печатает")
		pieces := w.Anna.Replying(about.ID).PastePieces("/new Касса\n" + strings.Repeat("слово ", 700) + "и вот самое важное")
		w.Reads(w.Anna, "Тема: Касса")
		w.Passes(5 * time.Second)
		w.Anna.Edit(pieces[0].ID, strings.Replace(pieces[0].Text, "слово", "Слово", 1))
		w.Passes(5 * time.Second)
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "Тема: Касса").ID, "Отправить"))
		w.Reads(w.Anna, "создано", "Касса")
		if got := w.LastPost(w.Newest()).Text; !strings.Contains(got, "самое важное") {
			t.Errorf("the rest is lost: %d bytes, %q", len(got), got[len(got)-30:])
		}
	})
}

// An album whose caption becomes a remark before it is sent is not sent, like a photo.
func TestAlbumThatBecomesARemark(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		takesNone(w)
		album := w.Anna.SendAlbum(bottest.TwoPhotos("вот"), receipt.ID)
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Edit(album[0].ID, "// Боря, глянь")
		w.Passes(time.Second)
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		w.WantPosts(id, "Текст")
	})
}

// A photo of a sent draft whose caption becomes a remark before it goes is not sent.
func TestPhotoOfADraftThatBecomesARemark(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("касса не печатает")
		photo := w.Anna.SendPhoto(bottest.AnyFile, "вот", 0)
		card := w.Reads(w.Anna, "2 сообщения, 1 файл")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Edit(photo.ID, "// Боря, глянь")
		w.Passes(time.Second)
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		if post := w.LastPost(w.Newest()); post.Text != "касса не печатает" || len(post.Attachments) != 0 {
			t.Errorf("the post is %q with %d files", post.Text, len(post.Attachments))
		}
	})
}

// A person who has another name by now has not changed what they wrote.
func TestTouchedUnderAnotherName(t *testing.T) {
	t.Parallel()
	d := bottest.NewDesk(t)
	d.Config.Signing = chat.SignAlways
	d.Ready(1)
	d.Do(func(turn *chat.Turn) error {
		return errors.Join(turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Касса", Open: true, Fetched: d.Now}), turn.Tx.MapMessage(1, 50, 7, true))
	})
	d.Last = 60
	message := func(name string) *telegram.Message {
		return &telegram.Message{
			ID: 61, Chat: telegram.Chat{ID: 1, Type: "private"}, From: &telegram.User{ID: 1, FirstName: name}, Date: d.Now,
			Kind: telegram.KindText, Text: "не печатает", ReplyTo: &telegram.Message{ID: 50, Chat: telegram.Chat{ID: 1, Type: "private"}},
		}
	}
	d.Decides(1, telegram.Update{Message: message("Анна")})
	d.Do(func(turn *chat.Turn) error {
		sub, err := turn.Tx.SubmissionOf(1, 61)
		if sub.Text != "не печатает\n\n— Анна" {
			t.Errorf("it is %q", sub.Text)
		}
		sub.State, sub.Post = state.SubmissionDelivered, 9
		return errors.Join(err, turn.Tx.SaveSubmission(sub))
	})
	touched := message("Аня")
	touched.EditDate = d.Now
	d.Want(d.Decides(1, telegram.Update{Edited: touched}), "")
}

// A correction of what may have arrived does not say that the text of before has not.
func TestCorrectionOfWhatMayHaveArrived(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Unproven: true}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() { w.Plusofon.CustomerReply(id, "что-то из кабинета") }})
		m := w.Anna.Reply(receipt.ID, "ответ")
		doubt := w.Reads(w.Anna, "не подтвердил ответ")
		w.Anna.Edit(m.ID, "другой ответ")
		question := tooLate(w, m)
		takesNone(w)
		w.Pressed(w.Anna.Press(doubt.ID, "Отправить ещё раз"))
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Pressed(w.Anna.Press(question.ID, "Отправить исправление"))
		w.Passes(time.Minute)
		if got := w.Anna.Message(question.ID).Text; strings.Contains(got, "не ушёл") {
			t.Errorf("of what may be there it says %q", got)
		}
	})
}

// Who takes away what looks like a signature has changed the words.
func TestOwnSignatureTakenAway(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Касса", "Текст")
		m := w.Anna.Reply(receipt.ID, "Чек такой:\n\n— 100 рублей сдачи")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Edit(m.ID, "Чек такой:")
		w.Passes(time.Minute)
		tooLate(w, m)
	})
}

// An album that is being gathered and whose caption becomes a remark is not sent, no item of it.
func TestGatheredAlbumThatBecomesARemark(t *testing.T) {
	t.Parallel()
	following(t, bottest.Options{}, func(t *testing.T, w *bottest.World, id plusofon.TicketID, _ telegramtest.Message) {
		album := w.Anna.SendAlbum(bottest.TwoPhotos("вот"), 0)
		w.Reads(w.Anna, "уйдёт в №")
		w.Anna.Edit(album[0].ID, "// Боря, глянь")
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "секунду ищу")
	})
}

// Neither is one in a draft.
func TestDraftedAlbumThatBecomesARemark(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("касса не печатает")
		album := w.Anna.SendAlbum(bottest.TwoPhotos("вот"), 0)
		w.Reads(w.Anna, "2 сообщения, 2 файла")
		w.Anna.Edit(album[0].ID, "// Боря, глянь")
		w.Passes(10 * time.Second)
		w.Pressed(w.Anna.Press(bottom(t, w.Anna, "касса не печатает").ID, "Отправить"))
		w.Reads(w.Anna, "создано")
		w.Passes(time.Minute)
		if post := w.LastPost(w.Newest()); post.Text != "касса не печатает" || len(post.Attachments) != 0 {
			t.Errorf("the post is %q with %d files", post.Text, len(post.Attachments))
		}
	})
}

// A text that is what Plusofon has is no correction, though another one was offered and dropped.
func TestRestoredAfterADroppedCorrection(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		m := w.Anna.Reply(receipt.ID, "верно")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Edit(m.ID, "неверно")
		question := tooLate(w, m)
		w.Pressed(w.Anna.Press(question.ID, "Не нужно"))
		w.Reads(w.Anna, "В Плюсофоне остаётся прежний текст.")
		w.Anna.Edit(m.ID, "верно")
		w.Passes(time.Minute)
		if n := repliesTo(w, m); n != 1 {
			t.Errorf("a text that Plusofon has: %d questions, want the first one alone: %q", n, bottest.Texts(w.Anna.FromBot()))
		}
	})
}

// The last paragraph of a text that was not signed is no signature: without it the text is another.
func TestEditThatDropsTheLastParagraph(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		takesNone(w)
		m := w.Anna.Reply(receipt.ID, "Не работает:\n\n— касса и весы")
		w.Reads(w.Anna, "Плюсофон сейчас недоступен")
		w.Anna.Edit(m.ID, "Не работает:")
		w.Passes(time.Second)
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		w.WantPosts(id, "Текст", "Не работает:")
	})
}

// What Plusofon has refused is not said to be there, however its correction ends.
func TestDroppedCorrectionOfWhatWasRefused(t *testing.T) {
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
		w.Reads(w.Anna, "не отправлен", "Недопустимое слово")
		w.Pressed(w.Anna.Press(question.ID, "Не нужно"))
		w.Passes(time.Minute)
		if got := w.Anna.Message(question.ID).Text; strings.Contains(got, "В Плюсофоне остаётся прежний текст") {
			t.Errorf("Plusofon has %q, and it says %q", w.Posts(id), got)
		}
	})
}
