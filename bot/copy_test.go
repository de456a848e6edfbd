package bot_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// copied writes a copy of the database, as backup does, and returns what stops the
// program and puts the copy in the database's place.
func (w *world) copied() (restore func()) {
	w.t.Helper()
	saved := filepath.Join(w.t.TempDir(), "copy.db")
	reader, err := state.OpenReader(w.path)
	must(w.t, err)
	must(w.t, reader.Backup(saved))
	must(w.t, reader.Close())
	return func() {
		w.t.Helper()
		w.stop()
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(w.path + suffix)
		}
		must(w.t, os.Rename(saved, w.path))
	}
}

func (w *world) wantPosts(id plusofon.TicketID, want ...string) {
	w.t.Helper()
	ticket, _ := w.plusofon.Ticket(id)
	var posts []string
	for _, p := range ticket.Posts {
		posts = append(posts, p.Text)
	}
	if !slices.Equal(posts, want) {
		w.t.Errorf("at Plusofon: %q, want %q", posts, want)
	}
}

// atRest waits until nothing is to be sent to either side.
func (w *world) atRest() {
	w.t.Helper()
	w.eventually("an empty outbox", func() bool {
		waiting := 0
		must(w.t, w.store.Update(func(tx *state.Tx) error {
			for _, side := range []state.Side{state.Plusofon, state.Telegram} {
				counts, err := tx.OutboxCounts(side)
				if err != nil {
					return err
				}
				waiting += counts.Waiting
			}
			return nil
		}))
		return waiting == 0
	})
}

// A copy of the database that is put in its place goes on, and does not send again
// what the original has sent after the copy was made.
func TestRestoredCopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.plusofon.Switch(plusofontest.Switches{Down: true})
	waits := w.anna.Reply(receipt.ID, "ответ, который ждёт")
	w.reacts(w.anna, waits.ID, "👀")
	restore := w.copied()
	w.plusofon.Switch(plusofontest.Switches{})
	w.reacts(w.anna, waits.ID, "👌")
	restore()
	w.start()
	w.logged("the database is a copy that was put in its place")
	w.logged("a request of unknown outcome had arrived")
	later := w.anna.Reply(receipt.ID, "и ещё один")
	w.reacts(w.anna, later.ID, "👌")
	w.wantPosts(id, "Текст", "ответ, который ждёт", "и ещё один")
}

// So it is with a ticket that was not open yet, the answers that waited for it, and
// their files: nothing of it goes twice, and nobody's own words come as news.
func TestRestoredCopyOfWhatWaitsForItsTicket(t *testing.T) {
	for name, gone := range map[string]bool{"sent since": true, "not sent": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.plusofon.Switch(plusofontest.Switches{Down: true})
			opening := w.anna.Send("/new Тема\nТекст")
			first := w.anna.Reply(opening.ID, "первое дополнение")
			second := w.anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "второе, с файлом", opening.ID)
			w.reacts(w.anna, first.ID, "👀")
			w.reacts(w.anna, second.ID, "👀")
			restore := w.copied()
			if gone {
				w.plusofon.Switch(plusofontest.Switches{})
				w.reacts(w.anna, second.ID, "👌")
			}
			restore()
			w.plusofon.Switch(plusofontest.Switches{})
			w.start()
			third := w.anna.Reply(opening.ID, "третье, после восстановления")
			for _, m := range []telegramtest.Message{opening, first, second, third} {
				w.reacts(w.anna, m.ID, "👌")
			}
			w.atRest()
			tickets := w.plusofon.Tickets()
			if len(tickets) != 1 {
				t.Fatalf("%d tickets, want 1", len(tickets))
			}
			w.wantPosts(tickets[0].ID, "Текст", "первое дополнение", "второе, с файлом", "третье, после восстановления")
			if n := len(tickets[0].Posts[2].Attachments); n != 1 {
				t.Errorf("%d files, want 1", n)
			}
			for _, m := range w.anna.FromBot() {
				if strings.Contains(m.Text, "👤") {
					t.Errorf("her own words came as news: %q", m.Text)
				}
			}
		})
	}
}
