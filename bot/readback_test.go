package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// A listed ticket with the subject of an opening whose outcome is unknown may be the one that was
// opened, though reading it is refused just now: the opening is not repeated for that.
func TestADeniedCandidateMayBeTheTicket(t *testing.T) {
	t.Parallel()
	for name, denied := range map[string]plusofontest.Fault{
		"a token that is refused for a moment": {Status: 401, Body: `{"message":"Unauthenticated."}`},
		"no access for a moment":               {Status: 500, Body: `{"message":"нет доступа"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Poll: 10 * time.Minute}, func(t *testing.T, w *bottest.World) {
				w.Opened("Первое", "Текст")
				w.Passes(time.Minute)
				w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
				denied.Op, denied.Times = "ticket", 2
				w.Plusofon.AddFault(denied)
				w.Anna.Send("/new Касса не работает")
				w.Passes(time.Hour)
				if n := len(w.Plusofon.Tickets()); n != 2 {
					t.Errorf("Plusofon has %d tickets, want 2", n)
				}
			})
		})
	}
}

// What a read-back has left out as unreadable may be what it looks for: nothing is repeated, its
// author decides.
func TestWhatIsLeftOutMayBeTheEffect(t *testing.T) {
	t.Parallel()
	t.Run("a post", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{Poll: 10 * time.Minute}, func(t *testing.T, w *bottest.World) {
			id, receipt := w.Opened("Тема", "Текст")
			w.Passes(time.Minute)
			first, _ := w.Plusofon.Ticket(id)
			w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
			w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: 2, Body: fmt.Sprintf(`{"id":"%d","subject":"Тема","status":true,"posts":[
				{"id":"%d","text":"Текст","author":{"id":"9740","name":"customer@example.com"}},
				{"id":"","text":"ответ","author":{"id":"9740","name":"customer@example.com"}}]}`, id, first.Posts[0].ID)})
			w.Anna.Reply(receipt.ID, "ответ")
			w.Passes(time.Hour)
			if now, _ := w.Plusofon.Ticket(id); len(now.Posts) != 2 {
				t.Errorf("the ticket has %d posts, want 2", len(now.Posts))
			}
		})
	})
	t.Run("a ticket", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{Poll: 10 * time.Minute}, func(t *testing.T, w *bottest.World) {
			id, _ := w.Opened("Первое", "Текст")
			w.Passes(time.Minute)
			w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
			w.Plusofon.AddFault(plusofontest.Fault{Op: "list", Times: 4, Body: fmt.Sprintf(`[{"id":"%d","subject":"Первое"},{"id":"","subject":"Касса не работает"}]`, id)})
			w.Anna.Send("/new Касса не работает")
			w.Passes(time.Hour)
			if n := len(w.Plusofon.Tickets()); n != 2 {
				t.Errorf("Plusofon has %d tickets, want 2", n)
			}
		})
	})
}

// A file that may have arrived is not counted for another one.
func TestDoubtfulFileIsNotCountedForAnother(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Passes(time.Minute)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", DropBefore: true, OnRead: w.Plusofon.ClearFaults})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, DropBefore: true})
		w.Anna.SendAlbum([]telegramtest.Item{{Kind: "document", File: telegramtest.File{Name: "a.txt", Content: []byte("a")}, Caption: "два файла"}, {Kind: "document", File: telegramtest.File{Name: "b.txt", Content: []byte("b")}}}, receipt.ID)
		w.Passes(time.Hour)
		w.Away(22 * time.Hour)
		w.Passes(3 * time.Hour)
		var names []string
		for _, f := range w.LastPost(id).Attachments {
			names = append(names, f.Name)
		}
		said := strings.Join(bottest.Texts(w.Anna.FromBot()), "\n")
		if !slices.Contains(names, "b.txt") && !strings.Contains(said, "b.txt") {
			t.Errorf("at Plusofon: %q, said: %s", names, said)
		}
	})
}

// A passing 404 of the address for files gives up no file.
func TestPassingNotFoundOfAFile(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Passes(time.Minute)
		fault := notFoundPage
		fault.Op = "attach"
		w.Plusofon.AddFault(fault)
		m := w.Anna.SendDocument(telegramtest.File{Name: "акт.txt", Content: []byte("акт")}, "вот акт", receipt.ID)
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, m.ID, "👌")
		if n := len(w.LastPost(id).Attachments); n != 1 {
			t.Errorf("%d files at Plusofon, said: %q", n, bottest.Texts(w.Anna.FromBot()))
		}
	})
}
