package submission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// shown is a card as a person reads it: its text, then a line for each row of buttons.
func shown(text telegram.Text, rows [][]telegram.Button) string {
	lines := []string{text.String}
	for _, row := range rows {
		var labels []string
		for _, b := range row {
			labels = append(labels, fmt.Sprintf("[%s %s]", b.Text, b.Data))
		}
		lines = append(lines, strings.Join(labels, " "))
	}
	return strings.Join(lines, "\n")
}

func TestDraftCard(t *testing.T) {
	s := texts.For("ru")
	for _, c := range []struct {
		name  string
		draft state.Draft
		items []state.Item
		want  []string
	}{
		{"empty", state.Draft{ID: 5}, nil, []string{"[Отменить drop:5]"}},
		{"words", state.Draft{ID: 5}, []state.Item{{Text: "Не работает\nс утра"}}, []string{"Тема: Не работает", "1 сообщение", "[Отправить send:5]", "[Тема subject:5] [Отменить drop:5]"}},
		{"a given subject", state.Draft{ID: 5, Subject: "Касса"}, []state.Item{{Text: "Не работает"}}, []string{"Тема: Касса"}},
		{"a file too large", state.Draft{ID: 5}, []state.Item{{Text: "вот", FileID: "x", FileName: "b.mov", FileSize: 21 << 20}}, []string{"1 файл", "b.mov", "20 МБ"}},
	} {
		got := shown(draftCard(&chat.Config{MaxFileSize: 20 << 20}, s, c.draft, c.items, false))
		for _, want := range append(c.want, s.T("draft_unsent")) {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in\n%s", c.name, want, got)
			}
		}
	}
}

func TestQuestionCard(t *testing.T) {
	s := texts.For("ru")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tickets := []state.Ticket{
		{ID: 7, Subject: strings.Repeat("Очень длинная тема ", 3), Open: true, LastActivity: now.Add(-2 * time.Hour)},
		{ID: 8, Subject: "Касса", Open: true, LastActivity: now}, {ID: 6, Subject: "Счёт", LastActivity: now},
	}
	for _, c := range []struct {
		what string
		view questionView
		want string
	}{
		{"in this chat", questionView{draft: 5, messages: 1, aside: []asideView{{3, "Черновик: Нет гудка"}}, tickets: tickets, now: now}, `
[Черновик: Нет гудка join:5:3]
[№7 Очень длинная тема Очень длин…, 2 часа назад to:5:7]
[№8 Касса, только что to:5:8]
[№6 Счёт, закрыто toclosed:5:6]
[Другое… other:5:1]
[Новое обращение fresh:5] [Отменить drop:5]`},
		{"elsewhere", questionView{draft: 5, messages: 3, tickets: tickets[1:2], page: 2, pages: 3, now: now}, `
3 сообщения
[№8 Касса, только что to:5:8]
[‹ other:5:1] [2 / 3 other:5:2] [› other:5:3]
[‹ Назад other:5:0]
[Новое обращение fresh:5] [Отменить drop:5]`},
	} {
		if got, want := shown(c.view.show(s)), s.T("question")+c.want; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.what, got, want)
		}
	}
}
