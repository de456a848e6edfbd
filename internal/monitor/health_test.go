package monitor_test

import (
	"testing"
	"time"

	"plusofon-bot/bot/health"
	"plusofon-bot/state"
)

// A problem inside the program is visible at the next pulse, while both sides answer.
func TestReadinessTellsOfTroubleWithin(t *testing.T) {
	for words, ill := range map[string]func(*world) health.Vitals{
		"was set aside": func(w *world) health.Vitals {
			must(w.t, w.store.Update(func(tx *state.Tx) error {
				return tx.Receive(state.Arrival{Key: "u", Due: time.Now(), Unreadable: true}, time.Now(), 0)
			}))
			return well()
		},
		"what people write is not being handled": func(w *world) health.Vitals {
			long := time.Now().Add(-2 * time.Minute)
			must(w.t, w.store.Update(func(tx *state.Tx) error { return tx.Receive(state.Arrival{Key: "u", Due: long}, long, 0) }))
			v := well()
			v.Started = long.Add(-time.Hour)
			return v
		},
		"the inbox can't be worked on": func(*world) health.Vitals {
			v := well()
			v.Fault = "the inbox can't be worked on"
			return v
		},
		"a list of tickets can't be read": func(*world) health.Vitals {
			v := well()
			v.ListFailing = time.Now().Add(-2 * time.Minute)
			return v
		},
	} {
		t.Run(words, func(t *testing.T) {
			w := newWorld(t)
			w.pulse(well())
			w.wants("/readyz", 200, "ready")
			w.pulse(ill(w))
			w.wants("/readyz", 503, words)
			w.wants("/metrics", 200, "plusofon_bot_ready 0")
		})
	}
}
