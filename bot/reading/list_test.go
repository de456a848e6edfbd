package reading

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// A page of the list, from plain values.
func TestListView(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ticket := func(id state.TicketID, side state.PostSide, open bool, ago time.Duration) state.Ticket {
		return state.Ticket{ID: id, Subject: "Тема", Open: open, LastSide: side, LastActivity: now.Add(-ago)}
	}
	for _, c := range []struct {
		name    string
		view    listView
		lines   []string
		buttons string
	}{
		{
			"nothing there", listView{which: tabWaiting, pages: 1},
			[]string{"Ждут вас · 0 обращений", "Ничего не ждёт вашего ответа."}, "[У Плюсофона tickets:1] [Закрытые tickets:2] [Мои tickets:3]",
		},
		{
			"whose turn it is, and since when",
			listView{which: tabMine, total: 4, pages: 1, tickets: []state.Ticket{
				ticket(1, state.Staff, true, 3*time.Hour), ticket(2, state.Customer, true, 10*time.Second), ticket(3, "", true, 0), ticket(4, state.Staff, false, 48*time.Hour),
			}},
			[]string{"№1 · Тема\n", "3 часа", "№4 · Тема\n", "2 дня назад"},
			"[№1 show:1] [№2 show:2] [№3 show:3]\n[№4 show:4]\n[Ждут вас tickets:0] [У Плюсофона tickets:1] [Закрытые tickets:2]",
		},
		{
			"one page of several, from the store",
			listView{which: tabClosed, total: 13, page: 1, pages: 3, stale: "Плюсофон не отвечает.", tickets: []state.Ticket{ticket(9, "", false, time.Hour)}},
			[]string{"Закрытые · 13 обращений", "Плюсофон не отвечает."},
			"[№9 show:9]\n[‹ tickets:2:0] [2 / 3 tickets:2:1] [› tickets:2:2]\n[Ждут вас tickets:0] [У Плюсофона tickets:1] [Мои tickets:3]",
		},
	} {
		c.view.now = now
		text, rows := c.view.show(texts.For("ru"))
		for _, line := range c.lines {
			if !strings.Contains(text.String, line) {
				t.Errorf("%s: %q is missing in\n%s", c.name, line, text.String)
			}
		}
		var got []string
		for _, row := range rows {
			var labels []string
			for _, b := range row {
				labels = append(labels, fmt.Sprintf("[%s %s]", b.Text, b.Data))
			}
			got = append(got, strings.Join(labels, " "))
		}
		if strings.Join(got, "\n") != c.buttons {
			t.Errorf("%s: the buttons are\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), c.buttons)
		}
	}
}
