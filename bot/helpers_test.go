package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

func TestParseTicket(t *testing.T) {
	for given, want := range map[string]state.TicketID{
		"23624": 23624, " 23624 ": 23624, "№23624": 23624, "№ 23624": 23624, "#23624": 23624, "# 7": 7, "007": 7,
		"9223372036854775807": 9223372036854775807,
	} {
		if got, ok := parseTicket(given); !ok || got != want {
			t.Errorf("%q is %d, %v; want %d", given, got, ok, want)
		}
	}
	for _, given := range []string{
		"", " ", "№", "#", "0", "-1", "№-1", "+5", "№+5", "1.5", "1,5", "1 2", "12a", "пять", "1e3", "0x10", "1_000", "٣", "9223372036854775808", "t_5",
	} {
		if got, ok := parseTicket(given); ok {
			t.Errorf("%q is taken for %d", given, got)
		}
	}
}

func TestParsePress(t *testing.T) {
	for data, want := range map[string]press{
		"ask":           {action: "ask"},
		"answer:5":      {action: "answer", ticket: 5, id: 5},
		"page:5:2":      {action: "page", ticket: 5, id: 5, page: 2},
		"tickets:0":     {action: "tickets"},
		"tickets:2:3":   {action: "tickets", ticket: 2, id: 2, page: 3},
		"remove:100":    {action: "remove", ticket: 100, id: 100},
		"tomorrow:1":    {action: "tomorrow", ticket: 1, id: 1}, // refused where it is carried out
		"answer:5:0":    {action: "answer", ticket: 5, id: 5},
		"":              {},
		"history:00005": {action: "history", ticket: 5, id: 5},
	} {
		if got, ok := parsePress(data); !ok || got != want {
			t.Errorf("%q is %+v, %v; want %+v", data, got, ok, want)
		}
	}
	for _, data := range []string{"answer", "answer:", "answer:0", "answer:-5", "answer:x", "answer:5 ", "page:5:", "page:5:-1", "page:5:x", "page:5:1:1", "history:9223372036854775808"} {
		if got, ok := parsePress(data); ok {
			t.Errorf("%q is taken for %+v", data, got)
		}
	}
	for _, action := range []string{pressAnswer, pressHistory, pressPage, pressMute, pressSound} {
		longest := ticketPress(action, 9223372036854775807) + ":999999"
		if p, ok := parsePress(longest); !ok || !p.ofTicket() || p.ticket != 9223372036854775807 || len(longest) > 64 {
			t.Errorf("%q (%d bytes) is %+v, %v", longest, len(longest), p, ok)
		}
	}
}

func TestSubjectAndBody(t *testing.T) {
	long := strings.Repeat("я", 256)
	for _, c := range []struct{ name, text, subject, body string }{
		{"one line is both", "Не работает", "Не работает", "Не работает"},
		{"the first line is the subject", "Тема\nтекст\nещё", "Тема", "текст\nещё"},
		{"empty lines between", "Тема\n\n\n  текст", "Тема", "текст"},
		{"nothing after the first line", "Тема\n  \n", "Тема", "Тема\n  \n"},
		{"a subject is clean", "Те\u202eма\t с  пробелами\nтекст", "Тема с пробелами", "текст"},
		{"a line that shows nothing is no subject", "\u200f\n\u200b\nТема\nтекст", "Тема", "текст"},
		{"255 characters fit", long[:510] + "\nтекст", long[:510], "текст"},
		{"more are cut, and the text is whole", long + "\nтекст", long[:510], long + "\nтекст"},
		{"a long line alone", long, long[:510], long},
	} {
		if subject, body := subjectAndBody(c.text); subject != c.subject || body != c.body {
			t.Errorf("%s: %q, %q; want %q, %q", c.name, subject, body, c.subject, c.body)
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
		if got := cutRunes(c.text, c.n); got != c.runes {
			t.Errorf("%q cut to %d characters is %q, want %q", c.text, c.n, got, c.runes)
		}
		if got := cutUnits(c.text, c.n); got != c.utf16s {
			t.Errorf("%q cut to %d units is %q, want %q", c.text, c.n, got, c.utf16s)
		}
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		-time.Hour:                  {"только что", "just now"}, // a clock was set back
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
			if got := ago(texts.For(lang), d); got != want[i] {
				t.Errorf("%v in %s is %q, want %q", d, lang, got, want[i])
			}
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 Б", 1023: "1023 Б", 1024: "1 КБ", 1536: "1,5 КБ", 20 << 20: "20 МБ", 20<<20 + 1: "20,1 МБ", 21<<20 + 1<<19: "21,5 МБ", 2000 << 20: "2000 МБ",
	} {
		if got := size(texts.For("ru"), n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	if got := size(texts.For("en"), 20<<20); got != "20 MB" {
		t.Errorf("in English: %q", got)
	}
}

// Pages hold all posts in their order and no more than fits.
func TestPages(t *testing.T) {
	s := speaker{Texts: texts.For("ru"), zone: time.UTC}
	post := func(side state.PostSide, text string) state.Post {
		return state.Post{Side: side, AuthorName: "Кто-то", Posted: time.Date(2021, 9, 23, 17, 44, 27, 0, time.UTC), Text: text, Files: []string{"a.txt"}}
	}
	if pages := pages(s, nil); len(pages) != 1 || pages[0].String != "Сообщений пока нет." {
		t.Errorf("without posts: %+v", pages)
	}
	one := pages(s, []state.Post{post(state.Customer, "вопрос"), post(state.Staff, "<b>ответ</b>")})
	want := "👤 Кто-то, 23.09.2021 17:44\nвопрос\n📎 a.txt\n\n💬 Кто-то, 23.09.2021 17:44\nответ\n📎 a.txt"
	if len(one) != 1 || one[0].String != want {
		t.Errorf("two posts: %+v", one)
	}
	var posts []state.Post
	for i := range 40 {
		posts = append(posts, post(state.Staff, fmt.Sprintf("начало%d %s конец%d", i, strings.Repeat("😀 слово ", 20*i), i)))
	}
	pages := pages(s, posts)
	var all strings.Builder
	for i, p := range pages {
		if n := telegram.UTF16Len(p.String); n > pageUnits || n == 0 {
			t.Errorf("page %d has %d units", i, n)
		}
		for _, e := range p.Entities {
			if e.Offset < 0 || e.Length <= 0 || e.Offset+e.Length > telegram.UTF16Len(p.String) {
				t.Errorf("page %d has an entity outside of it: %+v", i, e)
			}
		}
		all.WriteString(p.String + "\n")
	}
	if n := strings.Count(all.String(), "😀 слово"); n < 20*(39*40/2)-2*len(pages) {
		t.Errorf("%d words are left", n)
	}
	at := 0
	for i := range posts {
		for _, mark := range []string{fmt.Sprintf("начало%d ", i), fmt.Sprintf("конец%d\n", i)} {
			next := strings.Index(all.String()[at:], mark)
			if next < 0 {
				t.Fatalf("%q is missing or out of order", mark)
			}
			at += next
		}
	}
}

func TestPager(t *testing.T) {
	data := func(p int) string { return fmt.Sprint("to ", p) }
	for _, c := range []struct {
		page, pages int
		want        string
	}{
		{0, 3, "1 / 3→to 0 ›→to 1"}, {1, 3, "‹→to 0 2 / 3→to 1 ›→to 2"}, {2, 3, "‹→to 1 3 / 3→to 2"},
	} {
		var got []string
		for _, b := range pager(c.page, c.pages, data) {
			got = append(got, b.Text+"→"+b.Data)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("page %d of %d: %v, want %s", c.page, c.pages, got, c.want)
		}
	}
}

func TestRecently(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		at   time.Time
		want bool
	}{
		{now, true}, {now.Add(-59 * time.Minute), true}, {now.Add(-time.Hour), false}, {time.Time{}, false},
		{now.Add(time.Hour), false}, // the clock was set back
	} {
		if got := recently(c.at, now, time.Hour); got != c.want {
			t.Errorf("%v is recent: %v, want %v", c.at, got, c.want)
		}
	}
}

func TestForPeople(t *testing.T) {
	for words, want := range map[string]string{
		"Превышен лимит обращений":      "Превышен лимит обращений",
		"The subject field is required": "",
		"":                              "",
		"Error: поле subject не указано": "поле subject не указано",
		strings.Repeat("ы", 400):         strings.Repeat("ы", 299) + "…",
	} {
		if got := forPeople(words); got != want {
			t.Errorf("%q is shown as %q, want %q", words, got, want)
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
			if got := lasting(texts.For(lang), d); got != want[i] {
				t.Errorf("%v in %s is %q, want %q", d, lang, got, want[i])
			}
		}
	}
}

func TestAround(t *testing.T) {
	long := strings.Repeat("слово ", 40)
	for _, c := range []struct {
		text  string
		stems []string
		want  string
	}{
		{"Проверьте\nпереадресацию", []string{"переадрес"}, "Проверьте переадресацию"},
		{"Ещё раз", []string{"еще"}, "Ещё раз"},
		{"неперенос перенос", []string{"перенос"}, "неперенос перенос"},
		{"ничего", []string{"нет"}, "ничего"},
		{"", []string{"нет"}, ""},
	} {
		got := around(c.text, c.stems)
		if got != c.want {
			t.Errorf("around %v in %q: %q, want %q", c.stems, c.text, got, c.want)
		}
	}
	got := around(long+"Искомое "+long, []string{"искомо"})
	if !strings.Contains(got, "Искомое") || !strings.HasPrefix(got, "…") || !strings.HasSuffix(got, "…") || len([]rune(got)) > 2*aroundRunes+2 {
		t.Errorf("around a word in a long text: %q", got)
	}
}
