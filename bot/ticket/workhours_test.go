package ticket

import (
	"testing"
	"time"
)

func TestAfterWorking(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	const form = "Mon 02.01 15:04"
	at := func(s string) time.Time {
		// 2026-03-02 is a Monday.
		m, err := time.ParseInLocation("02.01.2006 15:04", s, moscow)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name, from string
		hours      int
		want       string
	}{
		{"within a day", "02.03.2026 10:00", 4, "Mon 02.03 14:00"},
		{"over the night", "02.03.2026 16:30", 4, "Tue 03.03 11:30"},
		{"before work", "02.03.2026 07:00", 4, "Mon 02.03 13:00"},
		{"after work", "02.03.2026 20:00", 4, "Tue 03.03 13:00"},
		{"over a weekend", "06.03.2026 17:00", 4, "Mon 09.03 12:00"},
		{"on a weekend", "07.03.2026 12:00", 1, "Mon 09.03 10:00"},
		{"to the end of the day", "02.03.2026 14:00", 4, "Mon 02.03 18:00"},
		{"several days", "02.03.2026 10:00", 18, "Wed 04.03 10:00"},
		{"no time at all, at work", "02.03.2026 10:00", 0, "Mon 02.03 10:00"},
		{"no time at all, at night", "02.03.2026 22:00", 0, "Tue 03.03 09:00"},
		{"over New Year", "31.12.2026 17:00", 4, "Mon 11.01 12:00"}, // the 8th is a Friday, then the weekend
		{"over a holiday", "22.02.2027 17:00", 4, "Wed 24.02 12:00"},
		{"on a holiday", "12.06.2026 12:00", 1, "Mon 15.06 10:00"},
		{"a holiday on a Sunday moves nothing", "06.03.2026 18:00", 1, "Mon 09.03 10:00"},
		{"until midnight before a holiday in the zone", "03.11.2026 23:59", 1, "Thu 05.11 10:00"},
		{"no time at all, on Friday night", "06.03.2026 18:30", 0, "Mon 09.03 09:00"},
	} {
		if got := afterWorking(at(c.from).UTC(), time.Duration(c.hours)*time.Hour, moscow).Format(form); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Article 112 of the Labour Code names fourteen days.
func TestHolidays(t *testing.T) {
	free := 0
	for day := time.Date(2029, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == 2029; day = day.AddDate(0, 0, 1) {
		if holidays[day.Format("02.01")] {
			free++
		}
	}
	if free != 14 || len(holidays) != 14 {
		t.Errorf("%d days of a year are holidays", free)
	}
}

// In some zones summer time begins at midnight: that day has no midnight.
func TestAfterWorkingOverADayWithoutMidnight(t *testing.T) {
	for zone, from := range map[string]time.Time{
		"Atlantic/Azores": time.Date(2026, 3, 27, 17, 0, 0, 0, time.UTC), "America/Santiago": time.Date(2026, 9, 4, 20, 0, 0, 0, time.UTC),
		"America/Havana": time.Date(2026, 3, 6, 20, 0, 0, 0, time.UTC), "Africa/Cairo": time.Date(2026, 4, 23, 13, 0, 0, 0, time.UTC), "Asia/Beirut": time.Date(2026, 3, 27, 13, 0, 0, 0, time.UTC),
	} {
		t.Run(zone, func(t *testing.T) {
			z, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			found := make(chan time.Time, 1)
			go func() { found <- afterWorking(from, 4*time.Hour, z) }()
			select {
			case at := <-found:
				t.Log(at)
			case <-time.After(2 * time.Second):
				t.Error("it never ends")
			}
		})
	}
}
