package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// pasted is a text of 9,000 characters whose first cut falls before a character of two
// units, so that the part is one unit shorter than the maximum.
func pasted() string {
	return strings.Repeat("а", 4095) + strings.Repeat("😀", 4) + strings.Repeat("слово ", 800) + "конец"
}

// Ten files with the caption on the seventh are one post with ten attachments in order, and
// a second album right after them stays separate.
func TestAlbumsStayApart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		first := w.Anna.SendAlbum(bottest.TenFiles("первый"), receipt.ID)
		second := w.Anna.SendAlbum(bottest.TenFiles("второй"), receipt.ID)
		w.Reacts(w.Anna, first[0].ID, "👌")
		w.Reacts(w.Anna, second[0].ID, "👌")
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 3 {
			t.Fatalf("%d posts, want 3", len(ticket.Posts))
		}
		bottest.IsTen(t, ticket.Posts[1], "первый")
		bottest.IsTen(t, ticket.Posts[2], "второй")
	})
}

// A draft keeps the order of writing, whatever the order of the updates.
func TestDraftKeepsTheOrderOfWriting(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Telegram.Hold()
		w.Anna.Send("раз")
		w.Anna.SendAlbum(bottest.TenFiles("два"), 0)
		w.Anna.Send("три")
		w.Anna.Send("четыре")
		w.Telegram.Deliver(12, 8, 3, 11, 0, 10)
		w.Telegram.Release()
		card := w.Reads(w.Anna, "4 сообщения, 10 файлов", "Тема: раз")
		w.Anna.Press(card.ID, "Отправить")
		bottest.IsTen(t, w.First(10).Posts[0], "раз\nдва\nтри\nчетыре")
	})
}

// 9,000 characters arrive byte for byte, even if the parts arrive in another order.
func TestPastedTextInADraft(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{"in order": nil, "the second piece first": {1, 0}, "the last piece first": {2, 1, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				w.Telegram.Hold()
				if n := len(w.Anna.PastePieces(pasted())); n != 3 {
					t.Fatalf("%d pieces", n)
				}
				w.Telegram.Deliver(order...)
				w.Telegram.Release()
				card := w.Reads(w.Anna, "Тема: ааа")
				w.Anna.Send("и ещё")
				w.Reads(w.Anna, "2 сообщения\n")
				w.Anna.Press(card.ID, "Отправить")
				w.Reads(w.Anna, "создано")
				if got := w.Plusofon.Tickets()[0].Posts[0].Text; got != pasted()+"\nи ещё" {
					t.Errorf("%d bytes, want %d", len(got), len(pasted()+"\nи ещё"))
				}
			})
		})
	}
}

func TestPastedTextAsAReply(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Telegram.Hold()
		pieces := w.Anna.Replying(receipt.ID).PastePieces(pasted())
		w.Telegram.Deliver(1, 0)
		w.Telegram.Release()
		w.Reacts(w.Anna, pieces[0].ID, "👌")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != pasted() {
			t.Errorf("%d posts, the last of %d bytes", len(ticket.Posts), len(w.LastPost(id).Text))
		}
	})
}

// /new as a reply makes a draft of any message with its whole album, even of one that was
// sent elsewhere before.
func TestNewFromAnyMessage(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Старое", "Текст")
		album := w.Anna.SendAlbum(bottest.TenFiles("смотрите"), receipt.ID)
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.Plusofon.Reply(id, "Ольга", "Откройте новое обращение")
		news := w.Reads(w.Anna, "Откройте новое обращение")

		w.Anna.Reply(album[4].ID, "/new Другая беда\nс этими файлами")
		card := w.Reads(w.Anna, "Тема: Другая беда", "2 сообщения, 10 файлов", "Пока ничего не отправлено")
		w.Anna.Reply(news.ID, "/new")
		w.Reads(w.Anna, "3 сообщения, 10 файлов")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "Другая беда", "Файлы: 10 из 10")
		post := w.Plusofon.Tickets()[1].Posts[0]
		if !strings.HasPrefix(post.Text, "смотрите\n\nПереслано: Плюсофон, ") || !strings.Contains(post.Text, "Откройте новое обращение\n\nс этими файлами") {
			t.Errorf("at Plusofon: %q", post.Text)
		}
		// What belonged to the old ticket still does.
		for _, to := range []int{album[4].ID, news.ID} {
			m := w.Anna.Reply(to, "к старому")
			w.Reacts(w.Anna, m.ID, "👌")
			if got := w.LastPost(id).Text; got != "к старому" {
				t.Errorf("the last post of the old ticket is %q", got)
			}
		}
	})
}

func TestNewFromWhatCannotGo(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		for _, c := range []struct {
			of   telegramtest.Message
			says string
		}{
			{w.Anna.Send("// только для Бори"), "начинается с //"},
			{w.Anna.SendAlbum([]telegramtest.Item{{Kind: "photo", File: bottest.AnyFile, Caption: "// не надо"}, {Kind: "photo", File: bottest.AnyFile}}, 0)[1], "начинается с //"},
			{w.Anna.SendPoll("Как вам?", "да", "нет"), "Такое сообщение отправить нельзя"},
		} {
			m := w.Anna.Reply(c.of.ID, "/new")
			w.Reacts(w.Anna, m.ID, "💔")
			w.Sees(w.Anna, c.says, func(x telegramtest.Message) bool { return x.ReplyTo == m.ID && strings.Contains(x.Text, c.says) })
		}
		w.Passes(time.Minute)
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "Новое обращение") {
				t.Errorf("a draft: %q", m.Text)
			}
		}
	})
}

// An album item that comes long after the others joins them.
func TestLateItemOfAnAlbum(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Другая", "Текст")
		w.Later()
		w.Telegram.Hold()
		album := w.Anna.SendAlbum(bottest.TenFiles("")[:4], 0)
		w.Telegram.Deliver(0, 1)
		question := w.Asked(album[0])
		w.Telegram.Deliver(2)
		w.Telegram.Release()
		w.Anna.Send("и подпись")
		w.Reads(w.Anna, "Куда?", "2 сообщения") // by now the late items are there
		w.Pressed(w.Put(question, id))
		w.Reacts(w.Anna, album[0].ID, "👌")
		if n := len(w.LastPost(id).Attachments); n != 4 {
			t.Errorf("%d attachments, want 4", n)
		}
	})
}
