package telegram_test

import (
	"fmt"
	"testing"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
)

// What a self-hosted server is too old for is left out: the message is sent, and from the
// second one on at the first attempt.
func TestOlderServerGetsWhatItKnows(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var text telegram.Builder
	text.Bold("Пётр").Plain(", ").Time("02.03.2026 12:00", at, telegram.DateAndTime)
	message := telegram.SendMessage{
		ChatID: 7, Text: text.Text().String, Entities: text.Text().Entities,
		ReplyMarkup: telegram.InlineKeyboard{{{Text: "Ответить", Data: "answer:1"}, {Text: "№1", CopyText: &telegram.CopyText{Text: "1"}}}, {{Text: "№1", CopyText: &telegram.CopyText{Text: "1"}}}},
	}
	for _, older := range []bool{false, true} {
		t.Run(fmt.Sprintf("older %t", older), func(t *testing.T) {
			w := newWorldWith(t, telegramtest.Config{Older: older})
			w.anna.Private().Start("")
			for range 2 {
				w.must(message)
			}
			requests := 0
			for _, r := range w.server.Requests() {
				if r.Method == "sendMessage" {
					requests++
				}
			}
			sent := w.anna.Private().FromBot()
			buttons, entities, want := 3, 2, 2
			if older {
				buttons, entities, want = 1, 1, 3
			}
			if len(sent) != 2 || requests != want {
				t.Fatalf("%d messages by %d requests", len(sent), requests)
			}
			for _, m := range sent {
				n := 0
				for _, row := range m.Buttons {
					n += len(row)
				}
				if m.Text != "Пётр, 02.03.2026 12:00" || n != buttons || len(m.Entities) != entities {
					t.Errorf("%q with %d buttons and %d entities", m.Text, n, len(m.Entities))
				}
			}
		})
	}
}

// What is refused for another reason is not retried in another form.
func TestOtherRefusalsAreFinal(t *testing.T) {
	w := newWorld(t)
	var text telegram.Builder
	text.Time("12:00", time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), telegram.TimeOnly)
	if _, err := w.do(telegram.SendMessage{ChatID: 7, Text: text.Text().String, Entities: text.Text().Entities}); err == nil {
		t.Fatal("a chat that was never begun takes a message")
	}
	if n := len(w.server.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
