package chat

import (
	"strings"
	"testing"

	"plusofon-bot/bot/telegram"
)

// Only a message about exactly one ticket leads to it.
func TestLeadOf(t *testing.T) {
	for _, c := range []struct {
		message, buttons string
		want             Lead
	}{
		{"news", "answer:7 history:7 mute:7", Lead{Ticket: 7}},
		{"a history", "page:7:0 page:7:1 answer:7 export:7", Lead{Ticket: 7}},
		{"a history that offers the news", "answer:7 follow:7", Lead{Ticket: 7}},
		{"a receipt", "retry:3 cancel:3", Lead{Submission: 3}},
		{"a receipt that can be taken back", "history:7 cancel:3", Lead{Ticket: 7, Submission: 3}},
		{"a ticket with a link beside it", "history:7 ", Lead{Ticket: 7}},

		{"nothing", "", Lead{}},
		{"a list", "show:7 show:8 tickets:1", Lead{}},
		{"a list of one", "show:7 tickets:1", Lead{}},
		{"a search that found one", "show:7", Lead{}},
		{"a list of before there was such an action", "history:7 history:8", Lead{}},
		{"a list of one of before", "history:7 tickets:1", Lead{}},
		{"tickets that nobody hears of", "follow:7 follow:8", Lead{}},
		{"a ticket that nobody hears of", "follow:7", Lead{}},
		{"tickets to choose from, of which there is one", "unfollow:7", Lead{}},
		{"news that were chosen", "history:7 mute:7 unfollow:7", Lead{Ticket: 7}},
		{"a list with another ticket in it", "history:7 follow:8", Lead{}},
		{"receipts of two", "state:3 state:4", Lead{}},
		{"a draft", "send:5 subject:5 drop:5", Lead{Draft: 5}},
		{"the question where to", "to:5:7 fresh:5 drop:5", Lead{Draft: 5}},
		{"settings", "settings:1", Lead{}},
		{"a wish to be let in", "admit:7 deny:7", Lead{}},
		{"of a later version", "tomorrow:7 history:7", Lead{}},
	} {
		var row []telegram.Button
		for _, data := range strings.Split(c.buttons, " ") {
			row = append(row, Button("x", data))
		}
		if got, ok := LeadOf([][]telegram.Button{row}); got != c.want || ok != (c.want != Lead{}) {
			t.Errorf("%s leads to %+v, %v; want %+v", c.message, got, ok, c.want)
		}
	}
}
