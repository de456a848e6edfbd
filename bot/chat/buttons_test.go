package chat

import "testing"

func TestParsePress(t *testing.T) {
	for data, want := range map[string]Press{
		"ask":           {Action: "ask"},
		"answer:5":      {Action: "answer", Ticket: 5, ID: 5},
		"page:5:2":      {Action: "page", Ticket: 5, ID: 5, Page: 2},
		"tickets:0":     {Action: "tickets"},
		"tickets:2:3":   {Action: "tickets", Ticket: 2, ID: 2, Page: 3},
		"remove:100":    {Action: "remove", Ticket: 100, ID: 100},
		"tomorrow:1":    {Action: "tomorrow", Ticket: 1, ID: 1}, // rejected when carried out
		"answer:5:0":    {Action: "answer", Ticket: 5, ID: 5},
		"":              {},
		"from:5:2":      {Action: "from", Ticket: 5, ID: 5, Page: 2},
		"upto:5:2:3":    {Action: "upto", Ticket: 5, ID: 5, Page: 2, Part: 3},
		"history:00005": {Action: "history", Ticket: 5, ID: 5},
	} {
		if got, ok := ParsePress(data); !ok || got != want {
			t.Errorf("%q is %+v, %v; want %+v", data, got, ok, want)
		}
	}
	for _, data := range []string{"answer", "answer:", "answer:0", "answer:-5", "answer:x", "answer:5 ", "page:5:", "page:5:-1", "page:5:x", "page:5:1:1", "from:5:1:-1", "from:5:1:x", "from:5:1:1:1", "history:9223372036854775808"} {
		if got, ok := ParsePress(data); ok {
			t.Errorf("%q is taken for %+v", data, got)
		}
	}
	for _, action := range []Action{PressAnswer, PressHistory, PressPage, PressMute, PressSound} {
		longest := Data(action, int64(9223372036854775807)) + ":999999"
		if p, ok := ParsePress(longest); !ok || !p.ofTicket() || p.Ticket != 9223372036854775807 || len(longest) > 64 {
			t.Errorf("%q (%d bytes) is %+v, %v", longest, len(longest), p, ok)
		}
	}
}
