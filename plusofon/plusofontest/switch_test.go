package plusofontest_test

import (
	"testing"

	"plusofon-bot/plusofon/plusofontest"
)

// Waiters check again when a switch changes.
func TestSwitchWakes(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	for name, move := range map[string]func(){
		"on":  func() { srv.Switch(plusofontest.Switches{Down: true}) },
		"off": srv.ClearFaults,
	} {
		changed := srv.Changed()
		move()
		select {
		case <-changed:
		default:
			t.Errorf("%s: nobody is told", name)
		}
	}
}
