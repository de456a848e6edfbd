package bot_test

import (
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/state"
)

// Backoff doubles up to five minutes, each pause up to a fifth shorter, so that requests
// that failed together are not retried together.
func TestPauses(t *testing.T) {
	r := bot.New(bot.Config{})
	for n, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: 2 * time.Second, 5: 32 * time.Second, 8: 256 * time.Second, 9: 5 * time.Minute, 10_000: 5 * time.Minute,
	} {
		different := map[time.Duration]bool{}
		for range 100 {
			d := r.Pause(n)
			if d > want || d < want-want/5-1 {
				t.Errorf("after %d attempts the pause is %v, want %v or a little less", n, d, want)
			}
			different[d] = true
		}
		if len(different) < 2 {
			t.Errorf("all pauses after %d attempts are equal", n)
		}
	}
}

// If the clock moves back while the program runs, nothing waits until it catches up; a real
// pause is kept.
func TestClockSetBackWhileItRuns(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		row  state.Row
		goes time.Duration // from now
	}{
		"queued in the future":              {state.Row{State: state.Queued, Created: now.Add(6 * time.Hour), Due: now.Add(6 * time.Hour)}, 0},
		"repeated in the future":            {state.Row{State: state.Queued, Attempts: 1, Created: now.Add(6 * time.Hour), Due: now.Add(6 * time.Hour)}, 0},
		"a pause since":                     {state.Row{State: state.Queued, Attempts: 1, Created: now.Add(6 * time.Hour), Due: now.Add(time.Minute)}, time.Minute},
		"queued in the past":                {state.Row{State: state.Queued, Created: now.Add(-time.Hour), Due: now.Add(-time.Hour)}, -time.Hour},
		"asked to wait for a long time":     {state.Row{State: state.Queued, Attempts: 1, Created: now.Add(-time.Hour), Due: now.Add(time.Hour)}, time.Hour},
		"yields":                            {state.Row{Side: state.Telegram, Payload: `{"yields":true}`, State: state.Queued, Created: now, Due: now}, 300 * time.Millisecond},
		"has yielded":                       {state.Row{Side: state.Telegram, Payload: `{"yields":true}`, State: state.Queued, Created: now.Add(-time.Hour), Due: now.Add(-time.Hour)}, 300*time.Millisecond - time.Hour},
		"yields, queued in the future":      {state.Row{Side: state.Telegram, Payload: `{"yields":true}`, State: state.Queued, Created: now.Add(6 * time.Hour), Due: now.Add(6 * time.Hour)}, 0},
		"to be looked for, in the future":   {state.Row{State: state.Unknown, Created: now.Add(6 * time.Hour), Due: now.Add(6 * time.Hour)}, 0},
		"to be looked for, after its pause": {state.Row{State: state.Unknown, Created: now.Add(6 * time.Hour), Due: now.Add(3 * time.Second)}, 3 * time.Second},
	} {
		if got := bot.DueAt(c.row, now).Sub(now); got != c.goes {
			t.Errorf("%s: it goes after %v, want %v", name, got, c.goes)
		}
	}
	r := bot.New(bot.Config{})
	for due, want := range map[time.Duration]bool{-time.Second: true, 0: true, time.Second: false, 10 * time.Second: false, time.Hour: true} {
		if got := r.IsDue(state.Update{Due: now.Add(due)}, now); got != want {
			t.Errorf("an update of %v: due is %v", due, got)
		}
	}
}
