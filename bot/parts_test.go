package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
)

// long is a text that a client sends in five pieces.
func long() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "строка %d: 😀 & <b\n", i)
	}
	return strings.TrimSpace(b.String())
}

// What a person pastes arrives as one post, byte for byte, however many messages
// the client made of it.
func TestLongTextIsOnePost(t *testing.T) {
	t.Run("as an answer", func(t *testing.T) {
		w := newWorld(t, options{})
		id, receipt := w.opened("Тема", "Текст")
		pieces := w.anna.Replying(receipt.ID).PastePieces(long())
		if len(pieces) < 3 {
			t.Fatalf("%d pieces", len(pieces))
		}
		w.reacts(w.anna, pieces[0].ID, "👌")
		ticket, _ := w.plusofon.Ticket(id)
		if len(ticket.Posts) != 2 || ticket.Posts[1].Text != long() {
			t.Fatalf("%d posts, the last of %d bytes, want one of %d", len(ticket.Posts), len(ticket.Posts[len(ticket.Posts)-1].Text), len(long()))
		}
		t.Run("a reply to any piece leads to the ticket", func(t *testing.T) {
			m := w.anna.Reply(pieces[2].ID, "и ещё")
			w.reacts(w.anna, m.ID, "👌")
		})
		t.Run("an edit of a piece is answered", func(t *testing.T) {
			w.anna.Edit(pieces[1].ID, "совсем другое")
			w.reads(w.anna, "В Плюсофоне его изменить нельзя")
		})
	})
	t.Run("as an opening", func(t *testing.T) {
		w := newWorld(t, options{})
		pieces := w.anna.PastePieces("/new Тема\n" + long())
		w.reacts(w.anna, pieces[0].ID, "👌")
		w.reads(w.anna, "№", "создано")
		tickets := w.plusofon.Tickets()
		if len(tickets) != 1 || tickets[0].Subject != "Тема" || tickets[0].Posts[0].Text != long() {
			t.Errorf("%d tickets, the first is %q", len(tickets), tickets[0].Subject)
		}
	})
	t.Run("what comes behind the last piece is not a part of it", func(t *testing.T) {
		w := newWorld(t, options{})
		id, receipt := w.opened("Тема", "Текст")
		full := strings.Repeat("а", 4096)
		m := w.anna.Reply(receipt.ID, full)
		command := w.anna.Send("/status")
		w.sees(w.anna, "the answer to the command", func(x telegramtest.Message) bool { return x.ReplyTo == command.ID })
		w.reacts(w.anna, m.ID, "👌")
		if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != full {
			t.Errorf("%d posts", len(ticket.Posts))
		}
	})
}

func TestEveryItemOfAnAlbumLeadsToTheTicket(t *testing.T) {
	w := newWorld(t, options{})
	m := w.anna.SendAlbum([]telegramtest.Item{
		{Kind: "document", File: telegramtest.File{Name: "a.txt", Content: []byte("a")}, Caption: "/new Альбом\nдва файла"},
		{Kind: "document", File: telegramtest.File{Name: "b.txt", Content: []byte("b")}},
	}, 0)
	w.reacts(w.anna, m[0].ID, "👌")
	reply := w.anna.Reply(m[1].ID, "к этому файлу")
	w.reacts(w.anna, reply.ID, "👌")
	tickets := w.plusofon.Tickets()
	if len(tickets) != 1 || len(tickets[0].Posts) != 2 || len(tickets[0].Posts[0].Attachments) != 2 {
		t.Errorf("at Plusofon: %+v", tickets)
	}
}

// A file whose caption is some command is not dropped in silence.
func TestFileWithAnotherCommand(t *testing.T) {
	w := newWorld(t, options{})
	m := w.anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("a")}, "/status", 0)
	w.reacts(w.anna, m.ID, "💔")
	w.reads(w.anna, "Файл с командой /status никуда не отправлен")
	w.reads(w.anna, "Учётная запись Плюсофона")
}
