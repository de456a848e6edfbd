package access

import (
	"testing"
	"time"
)

// Who did nothing for an hour is forgotten.
func TestStrangersAreForgotten(t *testing.T) {
	var s Strangers
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for range 2 {
		s.pressed(2, now)
		s.pressed(3, now)
		now = now.Add(time.Hour)
	}
	if n := len(s.known); n != 2 {
		t.Errorf("%d strangers are remembered, want 2", n)
	}
	now = now.Add(time.Hour)
	s.pressed(4, now)
	if n := len(s.known); n != 1 {
		t.Errorf("%d strangers are remembered after an hour, want the one who is here", n)
	}
}
