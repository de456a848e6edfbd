package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// asked waits for «Куда отправить?» under a message.
func (w *world) asked(m telegramtest.Message) telegramtest.Message {
	w.t.Helper()
	return w.sees(w.anna, "the question where it goes", func(x telegramtest.Message) bool {
		return x.FromBot && x.ReplyTo == m.ID && strings.Contains(x.Text, "Куда отправить?")
	})
}

// put presses the button of a ticket under a question.
func (w *world) put(question telegramtest.Message, id plusofon.TicketID) string {
	w.t.Helper()
	for _, row := range question.Buttons {
		if strings.HasPrefix(row[0].Text, fmt.Sprintf("№%d ", id)) {
			return w.anna.PressForged(question.ID, row[0].Data)
		}
	}
	w.t.Fatalf("no button for ticket %d: %s", id, buttons(question))
	return ""
}

// lastPost is the newest post of a ticket.
func (w *world) lastPost(id plusofon.TicketID) plusofontest.Post {
	w.t.Helper()
	ticket, ok := w.plusofon.Ticket(id)
	if !ok {
		w.t.Fatalf("no ticket %d", id)
	}
	return ticket.Posts[len(ticket.Posts)-1]
}

// What replies to nothing while tickets are open is not guessed about: it goes
// where it is told to, once, however often that is pressed and whatever happens
// between.
func TestInDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	var ids []plusofon.TicketID
	for i := range 5 {
		id, _ := w.opened(fmt.Sprintf("Обращение под номером %d", i), "Текст")
		ids = append(ids, id)
	}
	w.plusofon.CloseTicket(ids[4])
	w.reads(w.anna, "Обращение закрыто")
	other, m := w.anna.Send("совсем другое"), w.anna.Send("вот и ответ")
	question := w.asked(m)
	for _, row := range question.Buttons[:4] {
		if !strings.Contains(row[0].Text, "Обращение под номером") || !strings.Contains(row[0].Text, "только что") {
			t.Errorf("a ticket's button is %q", row[0].Text)
		}
	}
	if got := buttons(question); strings.Contains(got, "номером 4") || !strings.HasSuffix(got, " / Новое обращение Отменить") {
		t.Errorf("buttons: %s", got)
	}
	w.restart()
	first, second := w.put(question, ids[1]), w.put(question, ids[2])
	if a := w.pressed(second); a.Text != "Уже отправлено." {
		t.Errorf("the second press was answered %q", a.Text)
	}
	w.pressed(first)
	w.reacts(w.anna, m.ID, "👌")
	done := w.reads(w.anna, fmt.Sprintf("Передано в обращение №%d.", ids[1]))
	if done.ID != question.ID || labels(done) != "История" {
		t.Errorf("the question did not become the receipt: %+v", done)
	}
	if got := w.lastPost(ids[1]).Text; got != "вот и ответ" {
		t.Errorf("the post is %q", got)
	}
	if n := posts(w.plusofon.Tickets()); n != 6 {
		t.Errorf("%d posts, want 6", n)
	}
	t.Run("nothing of it is sent where it is cancelled", func(t *testing.T) {
		w.t = t
		question := w.asked(other)
		w.pressed(w.anna.Press(question.ID, "Отменить"))
		w.reads(w.anna, "Это сообщение никуда не отправлено.")
		if n := posts(w.plusofon.Tickets()); n != 6 {
			t.Errorf("%d posts, want 6", n)
		}
	})
}

// A new ticket from a message in doubt: its question becomes the card of a draft,
// and another one joins it.
func TestInDoubtANewTicket(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.opened("Старое", "Текст")
	first, second := w.anna.Send("другая беда"), w.anna.Send("подробности")
	a, b := w.asked(first), w.asked(second)
	w.pressed(w.anna.Press(a.ID, "Новое обращение"))
	w.reads(w.anna, "Тема: другая беда", "1 сообщение")
	w.pressed(w.anna.Press(b.ID, "Новое обращение"))
	w.reads(w.anna, "Добавлено в черновик обращения.")
	w.reads(w.anna, "Тема: другая беда", "2 сообщения")
	w.anna.Press(a.ID, "Отправить")
	w.reads(w.anna, "создано", "другая беда")
	tickets := w.plusofon.Tickets()
	if len(tickets) != 2 || tickets[1].Posts[0].Text != "другая беда\nподробности" {
		t.Errorf("at Plusofon: %+v", tickets)
	}
}

// An album and a long text are one question, and one post where they are put.
func TestInDoubtWholeAlbumsAndTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	items := tenFiles("десять файлов")
	album, after := w.anna.SendAlbum(items, 0), w.anna.SendAlbum(items[:2], 0)
	pieces := w.anna.PastePieces(long())
	w.pressed(w.put(w.asked(album[0]), id))
	w.reacts(w.anna, album[0].ID, "👌")
	isTen(t, w.lastPost(id), "десять файлов")
	w.pressed(w.put(w.asked(after[0]), id))
	w.reacts(w.anna, after[0].ID, "👌")
	if post := w.lastPost(id); len(post.Attachments) != 2 {
		t.Errorf("the second album: %+v", post)
	}
	w.pressed(w.put(w.asked(pieces[0]), id))
	w.reacts(w.anna, pieces[0].ID, "👌")
	if got := w.lastPost(id).Text; got != long() {
		t.Errorf("the text has %d bytes, want %d", len(got), len(long()))
	}
	if n := posts(w.plusofon.Tickets()); n != 4 {
		t.Errorf("%d posts, want 4", n)
	}
}

// tenFiles is an album with the caption on the seventh.
func tenFiles(caption string) (items []telegramtest.Item) {
	for i := range 10 {
		items = append(items, telegramtest.Item{Kind: "document", File: telegramtest.File{Name: fmt.Sprintf("%d.txt", i), Content: []byte{byte('a' + i)}}})
	}
	items[6].Caption = caption
	return items
}

func isTen(t *testing.T, post plusofontest.Post, text string) {
	t.Helper()
	if len(post.Attachments) != 10 || post.Text != text {
		t.Fatalf("%d attachments and the text %q", len(post.Attachments), post.Text)
	}
	for i, a := range post.Attachments {
		if a.Name != fmt.Sprintf("%d.txt", i) || string(a.Content) != string(rune('a'+i)) {
			t.Errorf("attachment %d is %s: %q", i, a.Name, a.Content)
		}
	}
}
