package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
)

func ticketName(id plusofon.TicketID) string { return fmt.Sprintf("№%d", id) }

// News in flight that would be joined to last is not joined to: nothing is sent twice.
func TestNewsUnderWayAreNotJoinedTo(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		sending := w.Hangs()
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Text: "раз.", OnRead: sending.OnRead})
		w.Plusofon.Reply(id, "Оператор", "раз.")
		sending.Are(1)
		for range 25 {
			w.Anna.Send("/help")
		}
		w.Plusofon.Reply(id, "Оператор", "два.")
		w.Passes(15 * time.Second)
		sending.End()
		w.Passes(2 * time.Minute)
		wantOrder(w, w.Anna, "раз.", "два.")
	})
}

// News that was joined and refused is sent plain at the next attempt, each once.
func TestJoinedNewsAreRefused(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Text: "новость 1.", Status: http.StatusBadRequest, Description: "Bad Request: something about its form"})
		var want []string
		for n := range 25 {
			want = append(want, fmt.Sprintf("новость %d.", n+1))
			w.Plusofon.Reply(id, "Оператор", "<b>"+want[n]+"</b>")
		}
		w.Passes(2 * time.Minute)
		wantOrder(w, w.Anna, want...)
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, want[0]) && len(m.Entities) > 0 {
				t.Errorf("it was refused and goes as it was, with %v", m.Entities)
			}
		}
	})
}
