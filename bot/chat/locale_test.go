package chat

import (
	"testing"
	"time"

	"plusofon-bot/state"
)

func TestQuietHours(t *testing.T) {
	moscow, ok := zoneByName("Europe/Moscow")
	if !ok {
		t.Fatal("no Moscow")
	}
	at := func(hour int) time.Time { return time.Date(2026, 3, 2, hour, 30, 0, 0, moscow).UTC() }
	for _, c := range []struct {
		from, to int
		quiet    []int
	}{
		{0, 0, nil},
		{22, 8, []int{22, 23, 0, 7}},
		{1, 3, []int{1, 2}},
	} {
		r := Locale{Settings: state.Settings{QuietFrom: c.from, QuietTo: c.to}, Zone: moscow}
		quiet := map[int]bool{}
		for _, hour := range c.quiet {
			quiet[hour] = true
		}
		for _, hour := range []int{0, 1, 2, 3, 7, 8, 12, 21, 22, 23} {
			want := quiet[hour]
			if c.from == 22 && (hour < 8 || hour >= 22) {
				want = true
			}
			if got := r.IsQuiet(at(hour)); got != want {
				t.Errorf("%d–%d at %d:30 is quiet: %v, want %v", c.from, c.to, hour, got, want)
			}
		}
	}
}

// Every zone that can be chosen exists.
func TestZonesExist(t *testing.T) {
	for _, z := range Zones {
		if _, ok := zoneByName(z.Name); !ok {
			t.Errorf("there is no zone %s", z.Name)
		}
	}
}
