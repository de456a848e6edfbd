package bot_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// vitals reads the last pulse as another process would.
func vitals(w *bottest.World) (v health.Vitals) {
	w.T.Helper()
	reader, err := state.OpenReader(w.Path)
	bottest.Must(w.T, err)
	defer func() { bottest.Must(w.T, reader.Close()) }()
	bottest.Must(w.T, reader.View(w.T.Context(), func(tx *state.Tx) (err error) {
		v, err = health.Last(tx)
		return err
	}))
	return v
}

// The pulse reports both sides as soon as they have answered.
func TestPulseTellsOfBothSides(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		// The first poll is answered at once if something is pending.
		w.Anna.Send("/help")
		w.Eventually("both sides in the pulse", func() bool { return vitals(w).Ailments(time.Now()) == nil })
		if v := vitals(w); v.DiskFree <= 0 || v.Started.IsZero() {
			t.Errorf("the pulse is %+v", v)
		}
	})
}

func TestPulseWithOneSideLost(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*bottest.World) func(health.Vitals) bool{
		"Telegram": func(w *bottest.World) func(health.Vitals) bool {
			w.Telegram.SetDown(true)
			return func(v health.Vitals) bool { return !v.Plusofon.IsZero() && v.Telegram.IsZero() }
		},
		"Plusofon": func(w *bottest.World) func(health.Vitals) bool {
			w.Plusofon.Switch(plusofontest.Switches{Down: true})
			return func(v health.Vitals) bool { return !v.Telegram.IsZero() && v.Plusofon.IsZero() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				w.Stop()
				told := lose(w)
				w.Anna.Send("/help")
				w.Start()
				w.Eventually("the other side in the pulse", func() bool { return told(vitals(w)) })
				if err := vitals(w).Ailments(time.Now()); err == nil {
					t.Error("nothing is wrong without " + name)
				}
			})
		})
	}
}

// counts is an observer that keeps what it is called with.
type counts struct {
	mu       sync.Mutex
	happened []string
}

func (c *counts) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.happened = append(c.happened, fmt.Sprintf(format, args...))
}

func (c *counts) has(what ...string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.ContainsFunc(what, func(one string) bool { return !slices.Contains(c.happened, one) })
}

func (c *counts) Updates(n int) { c.add("updates %d", n) }
func (c *counts) News()         { c.add("news") }

// Transaction is called many times.
func (c *counts) Transaction(w state.Work) {
	if w.Statements > 0 {
		c.add("transaction")
	}
}

func (c *counts) Polled(side state.Side, took time.Duration, well bool) {
	c.add("polled %s %v", side, well && took > 0)
}

func (c *counts) Requested(side state.Side, method, outcome string) {
	c.add("%s %s %s", side, method, outcome)
}

// The observer is called for every request, poll and update, with its outcome.
func TestObserverIsTold(t *testing.T) {
	t.Parallel()
	var c counts
	bottest.Run(t, bottest.Options{Config: func(cfg *bot.Config) { cfg.Observer = &c }}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.Switch(plusofontest.Switches{Slow: time.Second}) // a poll takes some time
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 429, Header: map[string][]string{"Retry-After": {"1"}}})
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Status: 500, Description: "Internal Server Error"})
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Ответ.")
		w.Reads(w.Anna, "Ответ.")
		want := []string{
			"updates 1", "news", "transaction", "polled telegram true", "polled plusofon true", "telegram getMe ok", "telegram getUpdates ok", "telegram sendMessage ok",
			"telegram sendMessage temporary", "plusofon account ok", "plusofon tickets ok", "plusofon ticket ok", "plusofon open rate_limited", "plusofon open ok",
		}
		w.Eventually("all that happened", func() bool { return c.has(want...) })
	})
}
