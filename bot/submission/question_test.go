package submission_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/plusofon"
)

// What replies to nothing while tickets are open is not guessed about: it goes
// where it is told to, once, however often that is pressed and whatever happens
// between.
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
		other, m := w.Anna.Send("совсем другое"), w.Anna.Send("вот и ответ")
		question := w.Asked(m)
		for _, row := range question.Buttons[:4] {
			if !strings.Contains(row[0].Text, "Обращение под номером") || !strings.Contains(row[0].Text, "только что") {
				t.Errorf("a ticket's button is %q", row[0].Text)
			}
		}
		if got := bottest.Buttons(question); strings.Contains(got, "номером 4") || !strings.HasSuffix(got, " / Новое обращение Отменить") {
			t.Errorf("buttons: %s", got)
		}
		w.Restart()
		first, second := w.Put(question, ids[1]), w.Put(question, ids[2])
		if a := w.Pressed(second); a.Text != "Уже отправлено." {
			t.Errorf("the second press was answered %q", a.Text)
		}
		w.Pressed(first)
		w.Reacts(w.Anna, m.ID, "👌")
		done := w.Reads(w.Anna, fmt.Sprintf("Передано в обращение №%d.", ids[1]))
		if done.ID != question.ID || bottest.Labels(done) != "История" {
			t.Errorf("the question did not become the receipt: %+v", done)
		}
		if got := w.LastPost(ids[1]).Text; got != "вот и ответ" {
			t.Errorf("the post is %q", got)
		}
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 6 {
			t.Errorf("%d posts, want 6", n)
		}
		w.Part("nothing of it is sent where it is cancelled", func() {
			question := w.Asked(other)
			w.Pressed(w.Anna.Press(question.ID, "Отменить"))
			w.Reads(w.Anna, "Это сообщение никуда не отправлено.")
			w.Passes(time.Minute)
			if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 6 {
				t.Errorf("%d posts, want 6", n)
			}
		})
	})
}

// A new ticket from a message in doubt: its question becomes the card of a draft,
// and another one joins it.
func TestInDoubtANewTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Старое", "Текст")
		first, second := w.Anna.Send("другая беда"), w.Anna.Send("подробности")
		a, b := w.Asked(first), w.Asked(second)
		w.Pressed(w.Anna.Press(a.ID, "Новое обращение"))
		w.Reads(w.Anna, "Тема: другая беда", "1 сообщение")
		w.Pressed(w.Anna.Press(b.ID, "Новое обращение"))
		w.Reads(w.Anna, "Добавлено в черновик обращения.")
		w.Reads(w.Anna, "Тема: другая беда", "2 сообщения")
		w.Anna.Press(a.ID, "Отправить")
		w.Reads(w.Anna, "создано", "другая беда")
		w.Passes(time.Minute)
		tickets := w.Plusofon.Tickets()
		if len(tickets) != 2 || tickets[1].Posts[0].Text != "другая беда\nподробности" {
			t.Errorf("at Plusofon: %+v", tickets)
		}
	})
}

// An album and a long text are one question, and one post where they are put.
func TestInDoubtWholeAlbumsAndTexts(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		items := bottest.TenFiles("десять файлов")
		album, after := w.Anna.SendAlbum(items, 0), w.Anna.SendAlbum(items[:2], 0)
		pieces := w.Anna.PastePieces(bottest.LongText())
		w.Pressed(w.Put(w.Asked(album[0]), id))
		w.Reacts(w.Anna, album[0].ID, "👌")
		bottest.IsTen(t, w.LastPost(id), "десять файлов")
		w.Pressed(w.Put(w.Asked(after[0]), id))
		w.Reacts(w.Anna, after[0].ID, "👌")
		if post := w.LastPost(id); len(post.Attachments) != 2 {
			t.Errorf("the second album: %+v", post)
		}
		w.Pressed(w.Put(w.Asked(pieces[0]), id))
		w.Reacts(w.Anna, pieces[0].ID, "👌")
		if got := w.LastPost(id).Text; got != bottest.LongText() {
			t.Errorf("the text has %d bytes, want %d", len(got), len(bottest.LongText()))
		}
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 4 {
			t.Errorf("%d posts, want 4", n)
		}
	})
}
