package bot

import (
	"fmt"
	"strconv"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// tab is a part of the list of tickets.
type tab int64

// The tabs in their order.
const (
	tabWaiting tab = iota // open, the staff wrote last: it is the customer's turn
	tabTheirs             // open, the customer wrote last
	tabClosed
	tabMine // opened by this person through the bot
)

var tabKeys = [...]string{"tab_waiting", "tab_theirs", "tab_closed", "tab_mine"}

// ticketsOnPage is how many tickets stand on one page of the list.
const ticketsOnPage = 6

func (t *turn) ticketList(s speaker, which tab, page int) (outgoing, error) {
	if which < 0 || int(which) >= len(tabKeys) {
		which = tabWaiting
	}
	filter := map[tab]state.TicketFilter{
		tabWaiting: {Open: true, LastSide: state.Staff},
		tabTheirs:  {Open: true, Not: state.Staff},
		tabClosed:  {},
		tabMine:    {AnyState: true, OpenedBy: s.ID},
	}[which]
	list, total, err := t.tx.Tickets(filter, ticketsOnPage, page*ticketsOnPage)
	if err != nil {
		return outgoing{}, err
	}
	pages := max(1, (total+ticketsOnPage-1)/ticketsOnPage)
	if page >= pages {
		// Fewer tickets than when the button was made.
		return t.ticketList(s, which, pages-1)
	}
	var text telegram.Builder
	text.Bold(s.T(tabKeys[which]) + " · " + s.T("tickets_count", "Count", total))
	if total == 0 {
		text.Plain("\n\n" + s.T("tickets_none"))
	}
	var numbers []telegram.Button
	for _, ticket := range list {
		text.Plain("\n\n")
		text.Bold(ticketName(ticket.ID))
		text.Plain(dotted(telegram.Clean(ticket.Subject), 80) + "\n" + t.turnOf(s, ticket))
		numbers = append(numbers, button(ticketName(ticket.ID), ticketPress(pressHistory, ticket.ID)))
	}
	var rows [][]telegram.Button
	for len(numbers) > 0 {
		n := min(3, len(numbers))
		rows = append(rows, numbers[:n])
		numbers = numbers[n:]
	}
	if pages > 1 {
		rows = append(rows, pager(page, pages, func(p int) string { return fmt.Sprintf("tickets:%d:%d", which, p) }))
	}
	var tabs []telegram.Button
	for i, key := range tabKeys {
		if tab(i) != which {
			tabs = append(tabs, button(s.T(key), "tickets:"+strconv.Itoa(i)))
		}
	}
	if age, err := t.silence(s); err != nil {
		return outgoing{}, err
	} else if age != "" {
		text.Plain("\n\n" + age)
	}
	return outgoing{chat: s.chat, text: text.Text(), buttons: append(rows, tabs)}, nil
}

// turnOf tells whose turn a ticket is, and since when.
func (t *turn) turnOf(s speaker, ticket state.Ticket) string {
	var parts []string
	switch {
	case !ticket.Open:
		parts = append(parts, s.T("turn_closed"))
	case ticket.LastSide == state.Staff:
		parts = append(parts, s.T("turn_yours"))
	case ticket.LastSide == state.Customer:
		parts = append(parts, s.T("turn_theirs"))
	default:
		parts = append(parts, s.T("state_open"))
	}
	if !ticket.LastActivity.IsZero() {
		parts = append(parts, ago(s, t.now.Sub(ticket.LastActivity)))
	}
	return strings.Join(parts, ", ")
}
