package chat

import (
	"testing"
	"time"

	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

func TestParseTicket(t *testing.T) {
	for given, want := range map[string]state.TicketID{
		"23624": 23624, " 23624 ": 23624, "№23624": 23624, "№ 23624": 23624, "#23624": 23624, "# 7": 7, "007": 7,
		"9223372036854775807": 9223372036854775807,
	} {
		if got, ok := ParseTicket(given); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", given, got, ok, want)
		}
	}
	for _, given := range []string{
		"", " ", "№", "#", "0", "-1", "№-1", "+5", "№+5", "1.5", "1,5", "1 2", "12a", "пять", "1e3", "0x10", "1_000", "٣", "9223372036854775808", "t_5",
	} {
		if got, ok := ParseTicket(given); ok {
			t.Errorf("%q is taken for %d", given, got)
		}
	}
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		text   string
		n      int
		runes  string
		utf16s string
	}{
		{"", 5, "", ""},
		{"привет", 6, "привет", "привет"},
		{"привет", 5, "прив…", "прив…"},
		{"два слова", 5, "два…", "два…"},
		{"😀😀😀", 3, "😀😀😀", "😀…"},
		{"😀😀😀😀", 3, "😀😀…", "😀…"},
	} {
		if got := CutRunes(c.text, c.n); got != c.runes {
			t.Errorf("%q cut to %d characters is %q, want %q", c.text, c.n, got, c.runes)
		}
		if got := CutUnits(c.text, c.n); got != c.utf16s {
			t.Errorf("%q cut to %d units is %q, want %q", c.text, c.n, got, c.utf16s)
		}
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		-time.Hour:                  {"только что", "just now"}, // the clock moved back
		0:                           {"только что", "just now"},
		59 * time.Second:            {"только что", "just now"},
		time.Minute:                 {"1 минуту назад", "1 minute ago"},
		2*time.Minute + time.Second: {"2 минуты назад", "2 minutes ago"},
		59 * time.Minute:            {"59 минут назад", "59 minutes ago"},
		time.Hour:                   {"1 час назад", "1 hour ago"},
		23*time.Hour + 59*time.Minute: {
			"23 часа назад", "23 hours ago",
		},
		24 * time.Hour:       {"1 день назад", "1 day ago"},
		11 * 24 * time.Hour:  {"11 дней назад", "11 days ago"},
		365 * 24 * time.Hour: {"365 дней назад", "365 days ago"},
	} {
		for i, lang := range []string{"ru", "en"} {
			if got := Ago(texts.For(lang), d); got != want[i] {
				t.Errorf("%v in %s is %q, want %q", d, lang, got, want[i])
			}
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 Б", 1023: "1023 Б", 1024: "1 КБ", 1536: "1,5 КБ", 20 << 20: "20 МБ", 20<<20 + 1: "20,1 МБ", 21<<20 + 1<<19: "21,5 МБ", 2000 << 20: "2000 МБ",
	} {
		if got := Size(texts.For("ru"), n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	if got := Size(texts.For("en"), 20<<20); got != "20 MB" {
		t.Errorf("in English: %q", got)
	}
}

func TestRecently(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want bool
	}{
		{now, true}, {now.Add(-59 * time.Minute), true}, {now.Add(-time.Hour), false}, {time.Time{}, false},
		{now.Add(time.Hour), false}, // the clock moved back
	} {
		if got := Recently(c.at, now, time.Hour); got != c.want {
			t.Errorf("%v is recent: %v, want %v", c.at, got, c.want)
		}
	}
}

func TestLasting(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                {"1 минуту", "1 minute"},
		5 * time.Minute:  {"5 минут", "5 minutes"},
		2 * time.Hour:    {"2 часа", "2 hours"},
		21 * time.Hour:   {"21 час", "21 hours"},
		49 * time.Hour:   {"2 дня", "2 days"},
		2400 * time.Hour: {"100 дней", "100 days"},
	} {
		for i, lang := range []string{"ru", "en"} {
			if got := Lasting(texts.For(lang), d); got != want[i] {
				t.Errorf("%v in %s is %q, want %q", d, lang, got, want[i])
			}
		}
	}
}
