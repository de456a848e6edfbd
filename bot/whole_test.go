package bot_test

import (
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
)

// pasted is a text of 9,000 characters whose first cut falls before a character of
// two units, so that the piece is one unit short of the full length.
func pasted() string {
	return strings.Repeat("а", 4095) + strings.Repeat("😀", 4) + strings.Repeat("слово ", 800) + "конец"
}

// Ten files with the caption on the seventh are one post with ten attachments in
// their order, and a second album right behind stays apart.
func TestAlbumsStayApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	first := w.anna.SendAlbum(tenFiles("первый"), receipt.ID)
	second := w.anna.SendAlbum(tenFiles("второй"), receipt.ID)
	w.reacts(w.anna, first[0].ID, "👌")
	w.reacts(w.anna, second[0].ID, "👌")
	ticket, _ := w.plusofon.Ticket(id)
	if len(ticket.Posts) != 3 {
		t.Fatalf("%d posts, want 3", len(ticket.Posts))
	}
	isTen(t, ticket.Posts[1], "первый")
	isTen(t, ticket.Posts[2], "второй")
}

// In a draft, what was written stands in the order in which it was written, whatever
// order the updates come in.
func TestDraftKeepsTheOrderOfWriting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.telegram.Hold()
	w.anna.Send("раз")
	w.anna.SendAlbum(tenFiles("два"), 0)
	w.anna.Send("три")
	w.anna.Send("четыре")
	w.telegram.Deliver(12, 8, 3, 11, 0, 10)
	w.telegram.Release()
	card := w.reads(w.anna, "4 сообщения, 10 файлов", "Тема: раз")
	w.anna.Press(card.ID, "Отправить")
	isTen(t, w.first(10).Posts[0], "раз\nдва\nтри\nчетыре")
}

// 9,000 characters arrive byte for byte, also where the pieces come in another
// order.
func TestPastedTextInADraft(t *testing.T) {
	for name, order := range map[string][]int{"in order": nil, "the second piece first": {1, 0}, "the last piece first": {2, 1, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.telegram.Hold()
			if n := len(w.anna.PastePieces(pasted())); n != 3 {
				t.Fatalf("%d pieces", n)
			}
			w.telegram.Deliver(order...)
			w.telegram.Release()
			card := w.reads(w.anna, "Тема: ааа")
			w.anna.Send("и ещё")
			w.reads(w.anna, "2 сообщения\n")
			w.anna.Press(card.ID, "Отправить")
			w.reads(w.anna, "создано")
			if got := w.plusofon.Tickets()[0].Posts[0].Text; got != pasted()+"\nи ещё" {
				t.Errorf("%d bytes, want %d", len(got), len(pasted()+"\nи ещё"))
			}
		})
	}
}

func TestPastedTextAsAReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.telegram.Hold()
	pieces := w.anna.Replying(receipt.ID).PastePieces(pasted())
	w.telegram.Deliver(1, 0)
	w.telegram.Release()
	w.reacts(w.anna, pieces[0].ID, "👌")
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != pasted() {
		t.Errorf("%d posts, the last of %d bytes", len(ticket.Posts), len(w.lastPost(id).Text))
	}
}

// /new as a reply makes a draft of any message, also of one that was sent elsewhere
// before, with its whole album.
func TestNewFromAnyMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Старое", "Текст")
	album := w.anna.SendAlbum(tenFiles("смотрите"), receipt.ID)
	w.reacts(w.anna, album[0].ID, "👌")
	w.plusofon.Reply(id, "Ольга", "Откройте новое обращение")
	news := w.reads(w.anna, "Откройте новое обращение")

	w.anna.Reply(album[4].ID, "/new Другая беда\nс этими файлами")
	card := w.reads(w.anna, "Тема: Другая беда", "2 сообщения, 10 файлов", "Пока ничего не отправлено")
	w.anna.Reply(news.ID, "/new")
	w.reads(w.anna, "3 сообщения, 10 файлов")
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано", "Другая беда", "Файлы: 10 из 10")
	post := w.plusofon.Tickets()[1].Posts[0]
	if !strings.HasPrefix(post.Text, "смотрите\n\nПереслано: Плюсофон, ") || !strings.Contains(post.Text, "Откройте новое обращение\n\nс этими файлами") {
		t.Errorf("at Plusofon: %q", post.Text)
	}
	// What belonged to the old ticket still does.
	for _, to := range []int{album[4].ID, news.ID} {
		m := w.anna.Reply(to, "к старому")
		w.reacts(w.anna, m.ID, "👌")
		if got := w.lastPost(id).Text; got != "к старому" {
			t.Errorf("the last post of the old ticket is %q", got)
		}
	}
}

func TestNewFromWhatCannotGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	for _, c := range []struct {
		of   telegramtest.Message
		says string
	}{
		{w.anna.Send("// только для Бори"), "начинается с //"},
		{w.anna.SendAlbum([]telegramtest.Item{{Kind: "photo", File: anyFile, Caption: "// не надо"}, {Kind: "photo", File: anyFile}}, 0)[1], "начинается с //"},
		{w.anna.SendPoll("Как вам?", "да", "нет"), "такое в Плюсофон не передать"},
	} {
		m := w.anna.Reply(c.of.ID, "/new")
		w.reacts(w.anna, m.ID, "💔")
		w.sees(w.anna, c.says, func(x telegramtest.Message) bool { return x.ReplyTo == m.ID && strings.Contains(x.Text, c.says) })
	}
	for _, m := range w.anna.FromBot() {
		if strings.Contains(m.Text, "Новое обращение") {
			t.Errorf("a draft: %q", m.Text)
		}
	}
}

// An item that comes long after the others of its album joins them.
func TestLateItemOfAnAlbum(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Другая", "Текст")
	w.telegram.Hold()
	album := w.anna.SendAlbum(tenFiles("")[:4], 0)
	w.telegram.Deliver(0, 1)
	question := w.asked(album[0])
	w.telegram.Deliver(2)
	w.telegram.Release()
	again := w.anna.Send("это другое")
	w.asked(again) // by now the late items are there
	w.pressed(w.put(question, id))
	w.reacts(w.anna, album[0].ID, "👌")
	if n := len(w.lastPost(id).Attachments); n != 4 {
		t.Errorf("%d attachments, want 4", n)
	}
}
