package bot_test

import (
	"net/http"
	"net/url"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// A second process with the same token is reported to the owners, in the log and in /status.
func TestSecondCopyIsNoticed(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Telegram.Fail(telegramtest.Fault{
			Method: "getUpdates", Status: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
		})
		w.Anna.Send("/help")
		w.Reads(w.Anna, "ещё одна копия программы")
		w.Logged("another copy of the program polls Telegram with the same token")
		w.Anna.Send("/status")
		w.Reads(w.Anna, "Всё работает", "ещё одна копия программы", "запущена только что")
	})
}

// A webhook set by someone else takes the updates away: it is removed, and pending updates are
// received.
func TestWebhookIsRemoved(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Stop()
		client := http.Client{Transport: w.TelegramLine.Transport()}
		defer client.CloseIdleConnections()
		answer, err := client.PostForm(w.Telegram.URL()+"/bot"+w.Telegram.Token()+"/setWebhook", url.Values{"url": {"https://example.com/"}})
		bottest.Must(t, err)
		bottest.Must(t, answer.Body.Close())
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("setWebhook: %s", answer.Status)
		}
		w.Anna.Send("/help")
		w.Start()
		w.Reads(w.Anna, "первая строка станет темой")
		w.Logged("a webhook is set for this bot; removing it")
	})
}
