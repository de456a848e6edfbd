package reading

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// monday is noon of a Monday, when the statistics of these tests are made.
var monday = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// statisticsOn returns statistics made on monday by a bot that has run for longer than
// they cover.
func statisticsOn(lang string) *Statistics {
	return &Statistics{
		locale: chat.Locale{Texts: texts.For(lang), Zone: time.UTC}, now: monday,
		from: time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC), known: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// talk returns a ticket's posts from "c" or "s" and the hours before monday.
func talk(posts ...string) (times []state.PostTime) {
	for _, p := range posts {
		var side string
		var hours float64
		if _, err := fmt.Sscanf(p, "%1s%f", &side, &hours); err != nil {
			panic(err)
		}
		who := map[string]state.PostSide{"c": state.Customer, "s": state.Staff}[side]
		times = append(times, state.PostTime{Side: who, Posted: monday.Add(-time.Duration(hours * float64(time.Hour)))})
	}
	return times
}

func closed(id state.TicketID) state.Ticket { return state.Ticket{ID: id} }
func opened(id state.TicketID) state.Ticket { return state.Ticket{ID: id, Open: true} }

// A customer's wait starts with their first unanswered post; further posts of the staff
// are not answers, nor is a ticket opened by the staff.
func TestWhatIsAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		posts []state.PostTime
		want  string // hours of each answer, the first one of a ticket with a star
	}{
		"nothing":              {nil, ""},
		"a question":           {talk("c5"), ""},
		"an answer":            {talk("c5", "s3"), "2*"},
		"asked twice":          {talk("c9", "c5", "s3"), "6*"},
		"answered twice":       {talk("c5", "s3", "s1"), "2*"},
		"two questions":        {talk("c9", "s8", "c5", "s3"), "1* 2"},
		"opened by the staff":  {talk("s9", "c5", "s3"), "2"},
		"before three months":  {talk("c9000", "s8999", "c5", "s3"), "2"},
		"clocks that disagree": {talk("c3", "s5"), "0*"},
		"a post without date":  {append(talk("c5"), state.PostTime{Side: state.Staff}), ""},
	} {
		s := statisticsOn("ru")
		s.add(closed(7), c.posts)
		var got []string
		for _, a := range s.answers {
			got = append(got, fmt.Sprintf("%g%s", a.took().Hours(), chat.Either(a.first, "*", "")))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The time before the bot first saw the list is not counted: it knows only answers that
// someone looked up.
func TestNothingIsCountedOfTheTimeBefore(t *testing.T) {
	s := statisticsOn("ru")
	s.known = monday.Add(-10 * time.Hour)
	s.add(opened(7), talk("c30", "s20", "c15", "s9", "c2"))
	if len(s.answers) != 1 || s.answers[0].took() != 6*time.Hour || s.answers[0].first {
		t.Errorf("the answers are %+v", s.answers)
	}
	if w, ok := s.longest(); !ok || w.since != monday.Add(-2*time.Hour) {
		t.Errorf("the longest wait is %v", w)
	}
	if words := s.words(); !strings.Contains(words, "30.11.2026–30.11.2026") || !strings.Contains(words, "Бот считает с 30.11.2026") {
		t.Errorf("it says %q", words)
	}
	s = statisticsOn("ru")
	s.known = time.Time{}
	s.add(closed(7), talk("c30", "s20"))
	if len(s.answers) != 0 {
		t.Errorf("before the first list: %+v", s.answers)
	}
}

// The longest wait is that of a customer who wrote last, in open tickets, including those
// never read.
func TestLongestWait(t *testing.T) {
	s := statisticsOn("ru")
	s.add(closed(1), talk("c5000"))
	s.add(opened(2), talk("c900", "s800"))
	s.add(opened(3), talk("c70", "s60", "c50", "c40"))
	unread := opened(4)
	unread.LastSide, unread.LastActivity = state.Customer, monday.Add(-45*time.Hour)
	s.add(unread, nil)
	if w, ok := s.longest(); !ok || w.ticket != 3 || w.since != monday.Add(-50*time.Hour) || len(s.waits) != 2 || s.open != 3 {
		t.Errorf("the longest is %+v of %+v, %d are open", w, s.waits, s.open)
	}
}

func TestQuantile(t *testing.T) {
	hours := func(h ...int) (d []time.Duration) {
		for _, n := range h {
			d = append(d, time.Duration(n)*time.Hour)
		}
		return d
	}
	for _, c := range []struct {
		sorted []time.Duration
		q      float64
		want   time.Duration
	}{
		{nil, 0.5, 0}, {hours(3), 0.5, 3 * time.Hour}, {hours(3), 0.9, 3 * time.Hour}, {hours(1, 3), 0.5, 2 * time.Hour},
		{hours(1, 2, 9), 0.5, 2 * time.Hour}, {hours(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0.9, 9 * time.Hour}, {hours(0, 10), 0.9, 9 * time.Hour},
	} {
		if got := quantile(c.sorted, c.q); got != c.want {
			t.Errorf("%v of %v is %v, want %v", c.q, c.sorted, got, c.want)
		}
	}
}

// A week begins on Monday, in the chat's time zone and calendar.
func TestWeeks(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin") // where the clock moved back on 25 October
	if err != nil {
		t.Fatal(err)
	}
	s := statisticsOn("ru")
	s.locale.Zone, s.from = zone, time.Date(2026, 9, 7, 0, 0, 0, 0, zone)
	for i := range weeksShown {
		begins := s.from.AddDate(0, 0, 7*i)
		for n, at := range []time.Time{begins, begins.AddDate(0, 0, 7).Add(-time.Second)} {
			s.answers = append(s.answers, answer{state.TicketID(i), at.Add(-time.Duration(1+n) * time.Hour), at, true})
		}
	}
	for i, w := range s.weeks() {
		if w.begins.Weekday() != time.Monday || w.begins.Hour() != 0 || w.pace != (pace{2, 90 * time.Minute, 114 * time.Minute}) {
			t.Errorf("week %d begins %v: %+v", i, w.begins, w.pace)
		}
	}
}

func TestStatisticsInWords(t *testing.T) {
	s := statisticsOn("ru")
	s.add(opened(23624), talk("c90", "s80", "c76.5"))
	s.add(closed(23625), talk("c5", "s4.8"))
	want := "Ответы поддержки Плюсофона, 07.09.2026–30.11.2026\n" +
		"Всего ответов 2: половина не позже чем через 5 ч 6 мин, девять из десяти не позже чем через 9 ч 1 мин.\n" +
		"Первых ответов 2: половина не позже чем через 5 ч 6 мин, девять из десяти не позже чем через 9 ч 1 мин.\n" +
		"Открыто обращений: 1, из них ждут ответа поддержки: 1.\n" +
		"Дольше всех ждёт №23624: 3 дн. 4 ч."
	if got := s.words(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	table, err := s.table()
	wantTable := "\ufeffобращение,вопрос,ответ,минут,первый ответ\n" +
		"23624,2026-11-26 18:00:00,2026-11-27 04:00:00,600,да\n" +
		"23625,2026-11-30 07:00:00,2026-11-30 07:12:00,12,да\n" +
		"23624,2026-11-27 07:30:00,,4590,\n"
	if err != nil || string(table) != wantTable {
		t.Errorf("%v\n%s\nwant\n%s", err, table, wantTable)
	}
	if got := statisticsOn("en").words(); got != "Replies from Plusofon support, 07.09.2026–30.11.2026\nThere were no replies in this period.\nOpen tickets: 0, 0 of them waiting for support." {
		t.Errorf("of nothing it says %q", got)
	}
}

func TestScale(t *testing.T) {
	const day = 24 * time.Hour
	for most, want := range map[time.Duration][2]time.Duration{
		0:               {time.Minute, time.Minute},
		5 * time.Minute: {time.Minute, 5 * time.Minute},
		6 * time.Minute: {5 * time.Minute, 10 * time.Minute},
		9 * time.Hour:   {2 * time.Hour, 10 * time.Hour},
		8 * day:         {2 * day, 8 * day},
		1000 * day:      {240 * day, 1200 * day},
	} {
		if step, top := scale(most); step != want[0] || top != want[1] {
			t.Errorf("%v: steps of %v up to %v, want %v", most, step, top, want)
		}
	}
}

// The picture has both bars of each week at the right height, and is acceptable to
// Telegram as a photo.
func TestChart(t *testing.T) {
	for _, lang := range []string{"ru", "en"} {
		s := statisticsOn(lang)
		for i := range 10 {
			hours := float64(1 + i) // in the last week: 1 to 10 hours, all given at the same time
			s.add(closed(state.TicketID(i)), talk(fmt.Sprintf("c%g", 5+hours), "s5"))
		}
		content, err := s.chart()
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(content))
		if err != nil || picture.Bounds().Dx() != chartWidth || picture.Bounds().Dy() != chartHeight || len(content) > 200_000 {
			t.Fatalf("%v: a picture of %v in %d bytes", err, picture.Bounds(), len(content))
		}
		slot := (chartRight - chartLeft) / weeksShown
		last := chartLeft + slot*(weeksShown-1) + slot/2
		tall := func(hours float64) int { return int(hours / 10 * (chartBottom - chartTop)) }
		for _, c := range []struct {
			what  string
			x, y  int
			color any
		}{
			{"the background", 5, 5, paper},
			{"below the median", last, chartBottom - tall(5.4), medianBar},
			{"above the median", last, chartBottom - tall(5.6), p90Bar},
			{"below the 90th percentile", last, chartBottom - tall(9), p90Bar},
			{"above the 90th percentile", last, chartBottom - tall(9.2), paper},
			{"a week without answers", last - slot, chartBottom - 5, paper},
		} {
			if got := picture.At(c.x, c.y); got != c.color {
				t.Errorf("%s is %v, want %v", c.what, got, c.color)
			}
		}
	}
}
