package bot_test

import (
	"net/http"
	"net/url"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
)

// A second copy with the same token is said to the owners, in the log and in
// /status.
func TestSecondCopyIsNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.telegram.Fail(telegramtest.Fault{
		Method: "getUpdates", Status: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
	})
	w.anna.Send("/help")
	w.reads(w.anna, "ещё одна копия программы")
	w.logged("another copy of the program polls Telegram with the same token")
	w.anna.Send("/status")
	w.reads(w.anna, "Всё работает", "ещё одна копия программы", "Бот запущен только что")
}

// A webhook that somebody has set takes the updates away: it is removed, and what
// waited is there.
func TestWebhookIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.stop()
	answer, err := http.PostForm(w.telegram.URL()+"/bot"+w.telegram.Token()+"/setWebhook", url.Values{"url": {"https://example.com/"}})
	must(t, err)
	must(t, answer.Body.Close())
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("setWebhook: %s", answer.Status)
	}
	w.anna.Send("/help")
	w.start()
	w.reads(w.anna, "первая строка станет темой")
	w.logged("a webhook is set for this bot; removing it")
}
