package demo

import (
	"testing"
	"time"
)

func TestZoneHasAName(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	for want, zone := range map[string]*time.Location{
		"Europe/Moscow": moscow, "UTC": time.UTC,
		"UTC+12:45": time.FixedZone("Local", (12*60+45)*60), "UTC-03:00": time.FixedZone("Local", -3*60*60),
	} {
		got := named(zone, now)
		if got.String() != want || now.In(got).Format(time.DateTime) != now.In(zone).Format(time.DateTime) {
			t.Errorf("%v is shown as %v, want %s", zone, got, want)
		}
	}
}
