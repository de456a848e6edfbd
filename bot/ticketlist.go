package bot

import (
	"fmt"
	"strconv"
	"time"

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

func (which tab) filter(s speaker) state.TicketFilter {
	return map[tab]state.TicketFilter{
		tabWaiting: {Open: true, LastSide: state.Staff},
		tabTheirs:  {Open: true, Not: state.Staff},
		tabClosed:  {},
		tabMine:    {AnyState: true, OpenedBy: s.ID},
	}[which]
}

// ticketsOnPage is how many tickets stand on one page of the list.
const ticketsOnPage = 6

// openTickets is the list as it opens: at the tickets that wait for an answer or,
// where none does, at the other open ones.
func (t *turn) openTickets(s speaker) (outgoing, error) {
	for _, which := range []tab{tabWaiting, tabTheirs} {
		if _, total, err := t.tx.Tickets(which.filter(s), 0, 0); err != nil {
			return outgoing{}, err
		} else if total > 0 {
			return t.ticketList(s, which, 0)
		}
	}
	return t.ticketList(s, tabWaiting, 0)
}

func (t *turn) ticketList(s speaker, which tab, page int) (outgoing, error) {
	if which < 0 || int(which) >= len(tabKeys) {
		which = tabWaiting
	}
	list, total, err := t.tx.Tickets(which.filter(s), ticketsOnPage, page*ticketsOnPage)
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
	for _, ticket := range list {
		t.writeTicket(&text, s, ticket)
	}
	rows := numberButtons(list)
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

// writeTicket adds a ticket to a list: its name and whose turn it is.
func (t *turn) writeTicket(text *telegram.Builder, s speaker, ticket state.Ticket) {
	text.Plain("\n\n")
	text.Bold(ticketName(ticket.ID))
	text.Plain(dotted(telegram.Clean(ticket.Subject), 80) + "\n" + t.turnOf(s, ticket))
}

// turnOf tells whose turn a ticket is, and for how long.
func (t *turn) turnOf(s speaker, ticket state.Ticket) string {
	key := "turn_open"
	switch {
	case !ticket.Open:
		key = "turn_closed"
	case ticket.LastSide == state.Staff:
		key = "turn_yours"
	case ticket.LastSide == state.Customer:
		key = "turn_theirs"
	}
	at := t.now.Sub(ticket.LastActivity)
	switch {
	case ticket.LastActivity.IsZero(), at < time.Minute && ticket.Open:
		return s.T(key)
	case !ticket.Open:
		return s.T(key) + " " + ago(s, at)
	}
	return s.T(key) + " " + lasting(s, at)
}
