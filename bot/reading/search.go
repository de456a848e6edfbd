package reading

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// foundOnPage is the number of tickets on a page of results.
	foundOnPage = 6
	// hitsRead is the maximum number of matches read.
	hitsRead = 200
	// aroundRunes is how much of a post is shown on each side of a match.
	aroundRunes = 50
)

// finding is a ticket that was found, with the post if the match is in one.
type finding struct {
	ticket state.TicketID
	post   state.PostID
}

// Search answers /search: tickets by the digits of their number, and by words or a telephone number
// in subjects and known posts.
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
	var id state.SearchID
	if len(found) > foundOnPage {
		if id, err = t.Tx.AddSearch(s.Chat, chat.CutRunes(words, 200), t.Now); err != nil {
			return err
		}
	}
	o, err := foundPage(t, s, words, found, id, 0)
	if err != nil {
		return err
	}
	o.ReplyTo = c.MessageID()
	return t.Say(o)
}

// TurnFound shows another page of a search's results, in the same message.
func TurnFound(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SearchID, page int) error {
	words, err := t.Tx.SearchWords(id, s.Chat)
	if errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("search_again"), true)
	}
	if err != nil {
		return err
	}
	found, err := findTickets(t, words)
	if err != nil {
		return err
	}
	o, err := foundPage(t, s, words, found, id, page)
	if err != nil {
		return err
	}
	o.Edit = state.MessageID(c.Message.ID)
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(o))
}

// foundPage returns a page of results; the last one if there are fewer by now.
func foundPage(t *chat.Turn, s chat.Speaker, words string, found []finding, id state.SearchID, page int) (chat.Outgoing, error) {
	var text telegram.Builder
	text.Bold(s.T("search_found", "Count", len(found), "Given", chat.CutRunes(words, 60)))
	pages := max(1, (len(found)+foundOnPage-1)/foundOnPage)
	page = min(page, pages-1)
	var tickets []state.Ticket
	for _, f := range found[page*foundOnPage : min((page+1)*foundOnPage, len(found))] {
		ticket, err := t.Tx.Ticket(f.ticket)
		if err != nil {
			return chat.Outgoing{}, err
		}
		tickets = append(tickets, ticket)
		writeTicket(&text, s, ticket, t.Now)
		if f.post != 0 {
			post, err := t.Tx.Post(f.ticket, f.post)
			if err != nil {
				return chat.Outgoing{}, err
			}
			text.Plain("\n")
			text.Italic(excerpt(telegram.FromHTML(post.Text).String, words))
		}
	}
	rows := numberButtons(tickets)
	if pages > 1 {
		rows = append(rows, chat.Pager(page, pages, func(p int) string { return chat.Data(chat.PressFound, int64(id), int64(p)) }))
	}
	return chat.Outgoing{Place: s.Place, Text: text.Text(), Buttons: rows}, nil
}

// findTickets returns the matching tickets, each once: by number, then by subject, then by post.
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

// excerpt returns the text around the first match, as one line.
func excerpt(text, words string) string {
	text = telegram.Clean(text)
	at := wordsAt(text, state.SearchStems(words))
	if number, ok := state.Telephone(words); ok {
		if i := state.TelephoneAt(text, number); i >= 0 {
			at = utf8.RuneCountInString(text[:i])
		}
	}
	line := []rune(text)
	from, to := max(0, at-aroundRunes), min(len(line), max(at, 0)+aroundRunes)
	part := strings.TrimSpace(string(line[from:to]))
	return chat.Either(from > 0, "…", "") + part + chat.Either(to < len(line), "…", "")
}

// wordsAt returns the rune index of the first match in a text; -1 if there is none.
func wordsAt(text string, stems []string) int {
	plain := []rune(text)
	for i, r := range plain {
		plain[i] = unicode.ToLower(r)
		if plain[i] == 'ё' {
			plain[i] = 'е'
		}
	}
	for i := range plain {
		if i > 0 && (unicode.IsLetter(plain[i-1]) || unicode.IsNumber(plain[i-1])) {
			continue
		}
		if slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(string(plain[i:min(len(plain), i+len(stem))]), stem) }) {
			return i
		}
	}
	return -1
}

// numberButtons are buttons to tickets' histories, three in a row.
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
