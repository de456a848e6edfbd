package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// What a person pastes arrives as one post, byte for byte, however many messages the client
// made of it.
func TestLongTextIsOnePost(t *testing.T) {
	t.Parallel()
	t.Run("as an answer", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			id, receipt := w.Opened("Тема", "Текст")
			pieces := w.Anna.Replying(receipt.ID).PastePieces(bottest.LongText())
			if len(pieces) < 3 {
				t.Fatalf("%d pieces", len(pieces))
			}
			w.Reacts(w.Anna, pieces[0].ID, "👌")
			w.Passes(time.Minute)
			ticket, _ := w.Plusofon.Ticket(id)
			if len(ticket.Posts) != 2 || ticket.Posts[1].Text != bottest.LongText() {
				t.Fatalf("%d posts, the last of %d bytes, want one of %d", len(ticket.Posts), len(ticket.Posts[len(ticket.Posts)-1].Text), len(bottest.LongText()))
			}
			w.Part("a reply to any piece leads to the ticket", func() {
				m := w.Anna.Reply(pieces[2].ID, "и ещё")
				w.Reacts(w.Anna, m.ID, "👌")
			})
			w.Part("an edit of a piece is answered", func() {
				w.Anna.Edit(pieces[1].ID, "совсем другое")
				w.Reads(w.Anna, "В Плюсофоне остался прежний текст")
			})
		})
	})
	t.Run("as an opening", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			pieces := w.Anna.PastePieces("/new Тема\n" + bottest.LongText())
			w.Reacts(w.Anna, pieces[0].ID, "👌")
			w.Reads(w.Anna, "№", "создано")
			w.Passes(time.Minute)
			tickets := w.Plusofon.Tickets()
			if len(tickets) != 1 || tickets[0].Subject != "Тема" || tickets[0].Posts[0].Text != bottest.LongText() {
				t.Errorf("%d tickets, the first is %q", len(tickets), tickets[0].Subject)
			}
		})
	})
	t.Run("what comes behind the last piece is not a part of it", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			id, receipt := w.Opened("Тема", "Текст")
			full := strings.Repeat("а", 4096)
			m := w.Anna.Reply(receipt.ID, full)
			command := w.Anna.Send("/status")
			w.Sees(w.Anna, "the answer to the command", func(x telegramtest.Message) bool { return x.ReplyTo == command.ID })
			w.Reacts(w.Anna, m.ID, "👌")
			w.Passes(time.Minute)
			if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != full {
				t.Errorf("%d posts", len(ticket.Posts))
			}
		})
	})
}

func TestEveryItemOfAnAlbumLeadsToTheTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		m := w.Anna.SendAlbum([]telegramtest.Item{
			{Kind: "document", File: telegramtest.File{Name: "a.txt", Content: []byte("a")}, Caption: "/new Альбом\nдва файла"},
			{Kind: "document", File: telegramtest.File{Name: "b.txt", Content: []byte("b")}},
		}, 0)
		w.Reacts(w.Anna, m[0].ID, "👌")
		reply := w.Anna.Reply(m[1].ID, "к этому файлу")
		w.Reacts(w.Anna, reply.ID, "👌")
		w.Passes(time.Minute)
		tickets := w.Plusofon.Tickets()
		if len(tickets) != 1 || len(tickets[0].Posts) != 2 || len(tickets[0].Posts[0].Attachments) != 2 {
			t.Errorf("at Plusofon: %+v", tickets)
		}
	})
}

// A file whose caption is an unrelated command is not dropped silently.
func TestFileWithAnotherCommand(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		m := w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("a")}, "/status", 0)
		w.Reacts(w.Anna, m.ID, "💔")
		w.Reads(w.Anna, "Файл с командой /status никуда не отправлен")
		w.Reads(w.Anna, "Версия 1.2.3")
	})
}
