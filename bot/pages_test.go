package bot_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
)

// A page of tickets that is asked for before Telegram's answer to the page before it is known is
// shown: the message is there already, and people are quick.
func TestPageTurnedWhileOneIsInFlight(t *testing.T) {
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
		late.late.End()
		w.Passes(time.Minute)
		if got := bottest.Buttons(w.Anna.Message(question.ID)); !strings.Contains(got, "2 / 2") {
			t.Errorf("the card shows %s", got)
		}
	})
}
