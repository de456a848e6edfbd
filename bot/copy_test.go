package bot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// copied makes a backup, and returns a function that stops the program and restores the copy.
func copied(w *bottest.World) (restore func()) {
	w.T.Helper()
	saved := filepath.Join(w.T.TempDir(), "copy.db")
	reader, err := state.OpenReader(w.Path)
	bottest.Must(w.T, err)
	bottest.Must(w.T, reader.Backup(saved))
	bottest.Must(w.T, reader.Close())
	return func() {
		w.T.Helper()
		w.Stop()
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(w.Path + suffix)
		}
		bottest.Must(w.T, os.Rename(saved, w.Path))
	}
}

// A restored copy of the database continues, and does not repeat what the original has sent
// since the copy was made.
func TestRestoredCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		waits := w.Anna.Reply(receipt.ID, "ответ, который ждёт")
		w.Reacts(w.Anna, waits.ID, "👀")
		restore := copied(w)
		w.Plusofon.Switch(plusofontest.Switches{})
		w.Reacts(w.Anna, waits.ID, "👌")
		restore()
		w.Start()
		w.Logged("the database is a copy that was put in its place")
		w.Logged("a request of unknown outcome had arrived")
		later := w.Anna.Reply(receipt.ID, "и ещё один")
		w.Reacts(w.Anna, later.ID, "👌")
		w.Passes(time.Minute)
		w.WantPosts(id, "Текст", "ответ, который ждёт", "и ещё один")
	})
}

// The same for what was not queued when the copy was made: messages being gathered for a ticket, a
// text whose parts were awaited, and what was parked because Plusofon was down for over a day.
func TestRestoredCopyOfWhatWasNotQueued(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("д", telegram.MaxText)
	for name, c := range map[string]struct {
		waits func(w *bottest.World, receipt telegramtest.Message) (last telegramtest.Message)
		posts []string
	}{
		"gathered": {func(w *bottest.World, receipt telegramtest.Message) telegramtest.Message {
			m := w.Anna.Reply(receipt.ID, "ответ")
			w.Reacts(w.Anna, m.ID, "👌")
			m = w.Anna.Send("и вдогонку")
			w.Reads(w.Anna, "это уйдёт в")
			return m
		}, []string{"ответ", "и вдогонку"}},
		"parts": {func(w *bottest.World, receipt telegramtest.Message) telegramtest.Message {
			m := w.Anna.Reply(receipt.ID, long) // it may have a second part
			w.Passes(500 * time.Millisecond)
			return m
		}, []string{long}},
		"parked": {func(w *bottest.World, receipt telegramtest.Message) telegramtest.Message {
			w.PlusofonLine.Cut()
			m := w.Anna.Reply(receipt.ID, "ответ")
			w.Passes(25 * time.Hour)
			w.Sees(w.Anna, "that it was given up", func(m telegramtest.Message) bool {
				_, again := m.Button("Повторить")
				return again
			})
			return m
		}, []string{"ответ"}},
	} {
		for _, gone := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, sent since: %v", name, gone), func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
					id, receipt := w.Opened("Тема", "Текст")
					last := c.waits(w, receipt)
					restore := copied(w)
					if gone {
						w.PlusofonLine.Mend()
						w.Reacts(w.Anna, last.ID, "👌")
					}
					restore()
					w.PlusofonLine.Mend()
					w.Start()
					w.Passes(10 * time.Minute)
					w.WantReaction(w.Anna, last.ID, "👌")
					w.WantPosts(id, append([]string{"Текст"}, c.posts...)...)
				})
			})
		}
	}
}

// The same for a ticket not yet opened, the answers that wait for it, and their files: nothing
// is sent twice, and one's own messages are not news.
func TestRestoredCopyOfWhatWaitsForItsTicket(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"sent since": true, "not sent": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
				w.Plusofon.Switch(plusofontest.Switches{Down: true})
				opening := w.Anna.Send("/new Тема\nТекст")
				first := w.Anna.Reply(opening.ID, "первое дополнение")
				second := w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "второе, с файлом", opening.ID)
				w.Reacts(w.Anna, first.ID, "👀")
				w.Reacts(w.Anna, second.ID, "👀")
				restore := copied(w)
				if gone {
					w.Plusofon.Switch(plusofontest.Switches{})
					w.Reacts(w.Anna, second.ID, "👌")
				}
				restore()
				w.Plusofon.Switch(plusofontest.Switches{})
				w.Start()
				third := w.Anna.Reply(opening.ID, "третье, после восстановления")
				for _, m := range []telegramtest.Message{opening, first, second, third} {
					w.Reacts(w.Anna, m.ID, "👌")
				}
				w.AtRest()
				tickets := w.Plusofon.Tickets()
				if len(tickets) != 1 {
					t.Fatalf("%d tickets, want 1", len(tickets))
				}
				w.WantPosts(tickets[0].ID, "Текст", "первое дополнение", "второе, с файлом", "третье, после восстановления")
				if n := len(tickets[0].Posts[2].Attachments); n != 1 {
					t.Errorf("%d files, want 1", n)
				}
				for _, m := range w.Anna.FromBot() {
					if strings.Contains(m.Text, "👤") {
						t.Errorf("her own words came as news: %q", m.Text)
					}
				}
			})
		})
	}
}

// If tickets show no files, a file sent since the copy was made is not sent again: nothing
// tells whether it was, so its author is told that.
func TestRestoredCopyOfAHiddenFile(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		m := w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "/new с файлом", 0)
		w.Reacts(w.Anna, m.ID, "👀")
		restore := copied(w)
		w.Plusofon.Switch(plusofontest.Switches{})
		w.Reacts(w.Anna, m.ID, "👌")
		restore()
		w.Start()
		w.Reads(w.Anna, "a.txt", "узнать, дошёл ли он, не получилось")
		w.AtRest()
		if tickets := w.Plusofon.Tickets(); len(tickets) != 1 || len(tickets[0].Posts[0].Attachments) != 1 {
			t.Errorf("at Plusofon: %+v", tickets)
		}
	})
}

// A draft in a copy may have been sent by the original since: nothing says that it was not.
func TestDraftInARestoredCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Anna.Send("/new")
		w.Passes(time.Second)
		w.Anna.Send("Касса не печатает")
		card := w.Reads(w.Anna, "Касса не печатает", "Пока ничего не отправлено")
		restore := copied(w)
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		w.Reads(w.Anna, "создано", "Касса не печатает")
		restore()
		w.Start()
		w.Passes(26 * time.Hour)
		for _, m := range w.Anna.FromBot() {
			t.Logf("%d %q %s", m.ID, m.Text, bottest.Buttons(m))
		}
		for _, m := range w.Anna.FromBot() {
			if m.ID > card.ID && strings.Contains(m.Text, "не отправлен") {
				t.Errorf("of what is at Plusofon it is said: %q", m.Text)
			}
		}
	})
}

// And its words don't become a second ticket.
func TestDraftInARestoredCopyIsShownAgain(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("Касса не печатает")
		card := w.Reads(w.Anna, "Касса не печатает", "Пока ничего не отправлено")
		restore := copied(w)
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		w.Reads(w.Anna, "создано", "Касса не печатает")
		restore()
		w.Start()
		w.Passes(40 * time.Minute)
		receipt := false
		for _, m := range w.Anna.FromBot() {
			receipt = receipt || strings.Contains(m.Text, "создано")
			if strings.Contains(m.Text, "тправлено") {
				t.Errorf("of what is at Plusofon it is said: %q [%s]", m.Text, bottest.Buttons(m))
			}
		}
		if !receipt {
			t.Error("the ticket's receipt is gone")
		}
		for _, m := range w.Anna.FromBot() {
			if _, ok := m.Button("Отправить"); ok {
				w.Pressed(w.Anna.Press(m.ID, "Отправить"))
			}
		}
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d tickets", n)
		}
	})
}

// A restored copy of the day before repeats what waited in it and is not at Plusofon.
func TestRestoredCopyOfTheDayBefore(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		waits := w.Anna.Reply(receipt.ID, "ответ, который ждёт")
		w.Reacts(w.Anna, waits.ID, "👀")
		restore := copied(w)
		restore()
		time.Sleep(25 * time.Hour)
		w.Plusofon.Switch(plusofontest.Switches{})
		w.Start()
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, waits.ID, "👌")
		w.WantPosts(id, "Текст", "ответ, который ждёт")
	})
}

// A message in a copy whose author was asked for the ticket may have gone to one since: that the
// ticket is there says nothing about it.
func TestQuestionInARestoredCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Passes(10 * time.Minute)
		w.Anna.Send("Чек всё ещё не печатается")
		w.Reads(w.Anna, "Пока не отправлено. Куда?")
		restore := copied(w)
		restore()
		w.Start()
		w.Passes(time.Minute)
		if saidTo(w, "из резервной копии") != 1 {
			t.Errorf("it says %q", bottest.Texts(w.Anna.FromBot()))
		}
		if saidTo(w, "если обращения там нет") != 0 {
			t.Errorf("it says %q", bottest.Texts(w.Anna.FromBot()))
		}
	})
}

// The card of a draft that was not sent when the copy was made is not sent after it was restored:
// the original may have sent the draft since.
func TestCardInARestoredCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Times: -1, Status: 502, Body: "<html>"})
		w.Anna.Send("Касса не печатает")
		w.Passes(time.Minute)
		restore := copied(w)
		restore()
		w.Telegram.ClearFaults()
		w.Start()
		w.Passes(10 * time.Minute)
		if saidTo(w, "из резервной копии") != 1 || saidTo(w, "Пока ничего не отправлено") != 0 {
			t.Errorf("it says %q", bottest.Texts(w.Anna.FromBot()))
		}
	})
}
