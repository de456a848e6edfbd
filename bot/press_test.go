package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// pages are the lists of /tickets that someone looks through.
var pages = []struct{ button, shown string }{{"Закрытые", "Закрытые ·"}, {"У Плюсофона", "У Плюсофона ·"}, {"Мои", "Мои ·"}}

// looksThrough presses one button after another and returns how long each press took to
// change the screen.
func looksThrough(w *bottest.World, c *telegramtest.Chat, list int) (took []time.Duration) {
	for _, p := range pages {
		pressed := time.Now()
		c.Press(list, p.button)
		w.Sees(c, p.shown, func(m telegramtest.Message) bool { return m.ID == list && strings.HasPrefix(m.Text, p.shown) })
		took = append(took, time.Since(pressed))
	}
	return took
}

// A person looking through lists sees each at once, even the third within a second.
func TestPressChangesTheScreenAtOnce(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"private", "a group"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				c := w.Anna
				if where == "a group" {
					c = w.LetIn(w.NewTeam(telegramtest.GroupOptions{})).Anna
				}
				c.Send("/tickets")
				list := w.Reads(c, "Ждут вас ·")
				time.Sleep(5 * time.Second) // they read it
				for i, took := range looksThrough(w, c, list.ID) {
					if took > 50*time.Millisecond {
						t.Errorf("press %d changes the screen after %v", i+1, took)
					}
				}
			})
		})
	}
}

// BenchmarkPress measures how long a press takes to change the screen, three in a row, as
// when looking through lists.
func BenchmarkPress(b *testing.B) {
	w := bottest.New(b, bottest.Options{Timeout: time.Hour})
	w.Anna.Send("/tickets")
	list := w.Reads(w.Anna, "Ждут вас ·")
	var took [3][]time.Duration
	for b.Loop() {
		time.Sleep(3 * time.Second) // the long-term limit is a message a second per chat
		for i, d := range looksThrough(w, w.Anna, list.ID) {
			took[i] = append(took[i], d)
		}
	}
	for i := range took {
		b.ReportMetric(float64(median(took[i]).Microseconds())/1000, fmt.Sprintf("press%d-p50-ms", i+1))
	}
}
