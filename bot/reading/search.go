package reading

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// foundShown is how many tickets a search shows.
	foundShown = 6
	// hitsRead is how many places with the words are looked at.
	hitsRead = 200
	// aroundRunes is how much of a post is shown around what was found.
	aroundRunes = 50
)

// finding is a ticket that was found, and the post, if it was in one.
type finding struct {
	ticket state.TicketID
	post   state.PostID
}

// Search answers /search: tickets by the digits of their number, and by words in
// their subjects and in the posts that were seen.
func Search(t *chat.Turn, s chat.Speaker, c chat.Command) error {
	reply := func(key string, pairs ...any) error {
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: c.MessageID(), Text: telegram.Plain(s.T(key, pairs...))})
	}
	words := telegram.Clean(c.Args)
	if len(state.SearchStems(words)) == 0 {
		return reply("search_missing")
	}
	found, err := findTickets(t, words)
	if err != nil {
		return err
	}
	if number, ok := chat.ParseTicket(words); ok && len(found) == 0 {
		return reply("search_no_number", "Given", chat.CutRunes(words, 40), "Command", fmt.Sprintf("/ticket %d", number))
	}
	if len(found) == 0 {
		return reply("search_nothing", "Given", chat.CutRunes(words, 60))
	}
	var text telegram.Builder
	text.Bold(s.T("search_found", "Count", len(found), "Given", chat.CutRunes(words, 60)))
	if len(found) > foundShown {
		text.Plain("\n" + s.T("search_more", "Shown", foundShown))
		found = found[:foundShown]
	}
	var tickets []state.Ticket
	for _, f := range found {
		ticket, err := t.Tx.Ticket(f.ticket)
		if err != nil {
			return err
		}
		tickets = append(tickets, ticket)
		writeTicket(&text, s, ticket, t.Now)
		if f.post != 0 {
			post, err := t.Tx.Post(f.ticket, f.post)
			if err != nil {
				return err
			}
			text.Plain("\n")
			text.Italic(excerpt(telegram.FromHTML(post.Text).String, state.SearchStems(words)))
		}
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: c.MessageID(), Text: text.Text(), Buttons: numberButtons(tickets)})
}

// findTickets returns the tickets that were found, each once: those whose number has the
// digits, then those with the words in the subject, then those with them in a
// post.
func findTickets(t *chat.Turn, words string) (found []finding, err error) {
	add := func(f finding) {
		if !slices.ContainsFunc(found, func(g finding) bool { return g.ticket == f.ticket }) {
			found = append(found, f)
		}
	}
	if digits := strings.TrimLeft(words, "№# "); digits != "" && strings.Trim(digits, "0123456789") == "" {
		ids, err := t.Tx.TicketsNumbered(digits, hitsRead)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			add(finding{ticket: id})
		}
	}
	hits, err := t.Tx.Search(words, hitsRead)
	for _, h := range hits {
		add(finding{h.Ticket, h.Post})
	}
	return found, err
}

// excerpt is the part of a text where the first of the words stands that is found,
// as one line.
func excerpt(text string, stems []string) string {
	line := []rune(telegram.Clean(text))
	plain := make([]rune, len(line))
	for i, r := range line {
		plain[i] = unicode.ToLower(r)
		if plain[i] == 'ё' {
			plain[i] = 'е'
		}
	}
	at := -1
	for i := range plain {
		if i > 0 && (unicode.IsLetter(plain[i-1]) || unicode.IsNumber(plain[i-1])) {
			continue
		}
		if slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(string(plain[i:min(len(plain), i+len(stem))]), stem) }) {
			at = i
			break
		}
	}
	from, to := max(0, at-aroundRunes), min(len(line), max(at, 0)+aroundRunes)
	part := strings.TrimSpace(string(line[from:to]))
	return chat.Either(from > 0, "…", "") + part + chat.Either(to < len(line), "…", "")
}

// numberButtons lead to tickets' histories, three in a row.
func numberButtons(tickets []state.Ticket) [][]telegram.Button {
	var rows [][]telegram.Button
	for chunk := range slices.Chunk(tickets, 3) {
		var row []telegram.Button
		for _, ticket := range chunk {
			row = append(row, chat.Button(chat.TicketName(ticket.ID), chat.Data(chat.PressShow, ticket.ID)))
		}
		rows = append(rows, row)
	}
	return rows
}
