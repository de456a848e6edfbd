package relay_test

import (
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
	w.logged("Telegram gives updates to this copy again")
	w.anna.Send("/status")
	w.reads(w.anna, "Всё работает", "ещё одна копия программы", "Бот запущен только что")
}
