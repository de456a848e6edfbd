package bot_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// A file that waited when the program was stopped comes at the next start, however late that is.
func TestFileAfterALongStop(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]plusofontest.Attachment{
		"a document": {{Name: "a.txt", Content: []byte("x")}}, "an album": bottest.Pictures("1.png", "2.png"),
	} {
		for _, stopped := range []time.Duration{time.Hour, 48 * time.Hour} {
			t.Run(fmt.Sprint(name, " ", stopped), func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
					id, _ := w.Opened("Тема", "Текст")
					w.AtRest()
					for _, method := range []string{"sendDocument", "sendMediaGroup"} {
						w.Telegram.Fail(telegramtest.Fault{Method: method, Status: http.StatusBadGateway, Times: -1})
					}
					w.Plusofon.Reply(id, "Оператор", "Смотрите", files...)
					w.Reads(w.Anna, "Смотрите")
					w.Stop()
					w.Telegram.ClearFaults()
					time.Sleep(stopped)
					w.Start()
					w.Passes(10 * time.Minute)
					n := 0
					for _, m := range w.Anna.FromBot() {
						if m.File != nil {
							n++
						}
						if strings.Contains(m.Text, "не доставлен") || strings.Contains(m.Text, "кабинет") {
							t.Errorf("she is told %q", m.Text)
						}
					}
					if n != len(files) {
						t.Errorf("%d files have come, want %d", n, len(files))
					}
				})
			})
		}
	}
}

// The program starts after a weekend, at once or before the network does. What waits goes, what was
// in flight is repeated, and nobody is told that it failed for a day, or asked to decide.
func TestStartAfterAWeekend(t *testing.T) {
	t.Parallel()
	for _, unreachable := range []time.Duration{0, time.Minute} {
		for name, lost := range map[string]bool{"it waits": false, "it is in flight": true} {
			t.Run(fmt.Sprintf("%s, unreachable for %v", name, unreachable), func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
					id, receipt := w.Opened("Тема", "Текст")
					w.AtRest()
					if lost {
						w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true})
					} else {
						w.PlusofonLine.Cut()
					}
					answer := w.Anna.Reply(receipt.ID, "ответ")
					w.Reacts(w.Anna, answer.ID, "👀")
					w.Passes(time.Second)
					w.Stop()
					time.Sleep(60 * time.Hour)
					if w.PlusofonLine.Mend(); unreachable > 0 {
						w.PlusofonLine.Cut()
					}
					w.Start()
					told := map[string]bool{}
					for range 30 {
						w.Passes(2 * time.Second)
						for _, m := range w.Anna.FromBot() {
							told[m.Text] = told[m.Text] || m.ReplyTo == answer.ID
						}
					}
					for text := range told {
						if told[text] && (strings.Contains(text, "сутки") || strings.Contains(text, "не подтвердил") || strings.Contains(text, "не принял")) {
							t.Errorf("she is told %q", text)
						}
					}
					w.PlusofonLine.Mend()
					w.Passes(10 * time.Minute)
					w.WantReaction(w.Anna, answer.ID, "👌")
					w.WantPosts(id, "Текст", "ответ")
					if t.Failed() {
						t.Logf("the chat: %q", bottest.Texts(w.Anna.FromBot()))
					}
				})
			})
		}
	}
}

// Old rows are deleted in portions, also after a long stop.
func TestPruningAfterALongStop(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		for n := range 20 {
			bottest.Must(t, w.Store.Update(func(tx *state.Tx) (err error) {
				for i := range 200 {
					_, failure := tx.ReceiveHandled(state.Arrival{Key: fmt.Sprint("message:100:", 1_000_000+200*n+i), Chat: 100}, time.Now())
					err = errors.Join(err, failure)
				}
				return err
			}))
		}
		w.Stop()
		time.Sleep(8 * 24 * time.Hour)
		w.Start()
		w.Passes(time.Minute)
	})
}

// At the start the lanes are looked up in portions.
func TestManyLanesAtTheStart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.AtRest()
		for n := range 8 {
			bottest.Must(t, w.Store.Update(func(tx *state.Tx) (err error) {
				for i := range 100 {
					_, failure := tx.Enqueue(state.Request{
						Side: state.Telegram, Lane: fmt.Sprintf("ornament:100:%d", 1000*n+i), Kind: "call", Payload: `{"call":{"method":"setMessageReaction"}}`, Due: time.Now().Add(time.Hour),
					}, time.Now())
					err = errors.Join(err, failure)
				}
				return err
			}))
		}
		w.Restart()
		w.Passes(time.Second)
	})
}
