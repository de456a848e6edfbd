package bot_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// A page of tickets that is asked for before Telegram's answer to the page before it is known is
// shown, for the message is there already and people are quick; but not over what the card has
// become since.
func TestPageTurnedWhileOneIsInFlight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chooses func(w *bottest.World, page telegramtest.Message)
		shows   string
	}{
		"and nothing else is pressed": {func(*bottest.World, telegramtest.Message) {}, "2 / 2"},
		"and a ticket is chosen": {func(w *bottest.World, page telegramtest.Message) {
			w.Put(page, w.Newest())
		}, "Отправлено в"},
		"and a new ticket is chosen": {func(w *bottest.World, page telegramtest.Message) {
			w.Anna.PressForged(page.ID, chat.Data(chat.PressFresh, state.DraftID(1)))
		}, "Тема: это туда"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				w.Opened("Своё", "Текст")
				for i := range 7 {
					w.Plusofon.OpenInCabinet(fmt.Sprintf("Из кабинета %d", i), "Текст")
				}
				w.Polled()
				w.Later()
				question := w.Asked(w.Anna.Send("это туда"))
				w.AtRest()
				late := lateAnswer{text: "1 / 2", late: w.Hangs(), begun: new(atomic.Bool)}
				w.RestartWith(func(c *bot.Config) {
					late.Telegram = c.Telegram
					c.Telegram = late
				})
				w.Anna.Press(question.ID, "Другое…")
				late.late.Are(1)
				w.Anna.Press(question.ID, "›")
				w.Passes(time.Minute)
				c.chooses(w, w.Anna.Message(question.ID))
				w.Passes(time.Minute)
				late.late.End()
				w.Passes(time.Minute)
				if got := w.Anna.Message(question.ID); !strings.Contains(got.Text+bottest.Buttons(got), c.shows) {
					t.Errorf("the card shows %q, %s", got.Text, bottest.Buttons(got))
				}
			})
		})
	}
}
