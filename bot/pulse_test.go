package bot_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// vitals reads the last pulse as another process would.
func (w *world) vitals() (v health.Vitals) {
	w.t.Helper()
	reader, err := state.OpenReader(w.path)
	must(w.t, err)
	defer func() { must(w.t, reader.Close()) }()
	must(w.t, reader.View(w.t.Context(), func(tx *state.Tx) (err error) {
		v, err = health.Last(tx)
		return err
	}))
	return v
}

// eventually looks again and again, for what gives no sign of its own.
func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	timeout := time.After(patience)
	for !holds() {
		select {
		case <-look.C:
		case <-timeout:
			w.t.Fatalf("waiting for %s", what)
		}
	}
}

// The pulse tells of both sides as soon as they have answered.
func TestPulseTellsOfBothSides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	// The first poll is answered at once where something waits.
	w.anna.Send("/help")
	w.eventually("both sides in the pulse", func() bool { return w.vitals().Ailments(time.Now()) == nil })
	if v := w.vitals(); v.DiskFree <= 0 || v.Started.IsZero() {
		t.Errorf("the pulse is %+v", v)
	}
}

func TestPulseWithOneSideLost(t *testing.T) {
	for name, lose := range map[string]func(*world) func(health.Vitals) bool{
		"Telegram": func(w *world) func(health.Vitals) bool {
			w.telegram.SetDown(true)
			return func(v health.Vitals) bool { return !v.Plusofon.IsZero() && v.Telegram.IsZero() }
		},
		"Plusofon": func(w *world) func(health.Vitals) bool {
			w.plusofon.Switch(plusofontest.Switches{Down: true})
			return func(v health.Vitals) bool { return !v.Telegram.IsZero() && v.Plusofon.IsZero() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.stop()
			told := lose(w)
			w.anna.Send("/help")
			w.start()
			w.eventually("the other side in the pulse", func() bool { return told(w.vitals()) })
			if err := w.vitals().Ailments(time.Now()); err == nil {
				t.Error("nothing is wrong without " + name)
			}
		})
	}
}

// counts is an observer that keeps what it is told.
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
func (c *counts) Polled(side state.Side, took time.Duration, well bool) {
	c.add("polled %s %v", side, well && took > 0)
}

func (c *counts) Requested(side state.Side, method, outcome string) {
	c.add("%s %s %s", side, method, outcome)
}

// Whoever counts is told of every request, poll and update, and how it ended.
func TestObserverIsTold(t *testing.T) {
	t.Parallel()
	var c counts
	w := newWorld(t, options{config: func(cfg *bot.Config) { cfg.Observer, cfg.RepeatPause = &c, time.Millisecond }})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 429, Header: map[string][]string{"Retry-After": {"1"}}})
	w.telegram.Fail(telegramtest.Fault{Method: "sendMessage", Status: 500, Description: "Internal Server Error"})
	id, _ := w.opened("Тема", "Текст")
	w.plusofon.Reply(id, "Оператор", "Ответ.")
	w.reads(w.anna, "Ответ.")
	want := []string{
		"updates 1", "news", "polled telegram true", "polled plusofon true", "telegram getMe ok", "telegram getUpdates ok", "telegram sendMessage ok",
		"telegram sendMessage temporary", "plusofon account ok", "plusofon tickets ok", "plusofon ticket ok", "plusofon open rate_limited", "plusofon open ok",
	}
	w.eventually("all that happened", func() bool { return c.has(want...) })
}
