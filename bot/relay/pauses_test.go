package relay_test

import (
	"testing"
	"time"

	"plusofon-bot/bot/relay"
)

// Pauses double up to five minutes, each up to a fifth shorter, so that what failed
// together is not repeated together.
func TestPauses(t *testing.T) {
	r := relay.New(relay.Config{})
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
