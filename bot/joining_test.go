package bot_test

import (
	"fmt"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
)

func ticketName(id plusofon.TicketID) string { return fmt.Sprintf("№%d", id) }

// News that are under way while so much more urgent waits that they would go last are not
// joined to: nothing comes twice.
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
