package access

import (
	"testing"
	"time"

	"plusofon-bot/state"
)

// Strangers are forgotten after an hour without attempts.
func TestStrangersAreForgotten(t *testing.T) {
	var s Strangers
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for range 2 {
		s.allow(2, buttonPress, now)
		s.allow(3, buttonPress, now)
		now = now.Add(time.Hour)
	}
	if n := len(s.known); n != 2 {
		t.Errorf("%d strangers are remembered, want 2", n)
	}
	now = now.Add(time.Hour)
	s.allow(4, buttonPress, now)
	if n := len(s.known); n != 1 {
		t.Errorf("%d strangers are remembered after an hour, want the one who is here", n)
	}
}

// However many strangers there are and whatever they do, the number of answers an hour
// and of people remembered is bounded.
func TestStrangersAreBounded(t *testing.T) {
	var s Strangers
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	most := 0
	for d := range attempts {
		most += hourlyLimits[d].all
	}
	for hour := range 3 {
		answered := [attempts]int{}
		for u := range state.UserID(20_000) {
			for d := range attempts {
				if s.allow(u, d, now) {
					answered[d]++
				}
			}
		}
		for d, n := range answered {
			if n != hourlyLimits[d].all {
				t.Errorf("hour %d, attempt %d: %d are answered, want %d", hour, d, n, hourlyLimits[d].all)
			}
		}
		if n := len(s.known); n > most {
			t.Errorf("hour %d: %d are remembered", hour, n)
		}
		now = now.Add(time.Hour)
	}
}
