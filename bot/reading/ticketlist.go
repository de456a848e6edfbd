package reading

import (
	"fmt"
	"strconv"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Tab is a part of the list of tickets.
type Tab int64

// The tabs in their order.
const (
	tabWaiting Tab = iota // open, the staff wrote last: it is the customer's turn
	tabTheirs             // open, the customer wrote last
	tabClosed
	tabMine // opened by this person through the bot
)

var tabKeys = [...]string{"tab_waiting", "tab_theirs", "tab_closed", "tab_mine"}

func (which Tab) filter(s chat.Speaker) state.TicketFilter {
	return map[Tab]state.TicketFilter{
		tabWaiting: {Open: true, LastSide: state.Staff},
		tabTheirs:  {Open: true, Not: state.Staff},
		tabClosed:  {},
		tabMine:    {AnyState: true, OpenedBy: s.ID},
	}[which]
}

// ticketsOnPage is how many tickets stand on one page of the list.
const ticketsOnPage = 6

// OpenTickets is the list as it opens: at the tickets that wait for an answer or,
// where none does, at the other open ones.
func OpenTickets(t *chat.Turn, s chat.Speaker) (chat.Outgoing, error) {
	for _, which := range []Tab{tabWaiting, tabTheirs} {
		if _, total, err := t.Tx.Tickets(which.filter(s), 0, 0); err != nil {
			return chat.Outgoing{}, err
		} else if total > 0 {
			return TicketList(t, s, which, 0)
		}
	}
	return TicketList(t, s, tabWaiting, 0)
}

func TicketList(t *chat.Turn, s chat.Speaker, which Tab, page int) (chat.Outgoing, error) {
	if which < 0 || int(which) >= len(tabKeys) {
		which = tabWaiting
	}
	list, total, err := t.Tx.Tickets(which.filter(s), ticketsOnPage, page*ticketsOnPage)
	if err != nil {
		return chat.Outgoing{}, err
	}
	pages := max(1, (total+ticketsOnPage-1)/ticketsOnPage)
	if page >= pages {
		// Fewer tickets than when the button was made.
		return TicketList(t, s, which, pages-1)
	}
	var text telegram.Builder
	text.Bold(s.T(tabKeys[which]) + " · " + s.T("tickets_count", "Count", total))
	if total == 0 {
		text.Plain("\n\n" + s.T("tickets_none"))
	}
	for _, ticket := range list {
		writeTicket(t, &text, s, ticket)
	}
	rows := numberButtons(list)
	if pages > 1 {
		rows = append(rows, pager(page, pages, func(p int) string { return fmt.Sprintf("tickets:%d:%d", which, p) }))
	}
	var tabs []telegram.Button
	for i, key := range tabKeys {
		if Tab(i) != which {
			tabs = append(tabs, chat.Button(s.T(key), "tickets:"+strconv.Itoa(i)))
		}
	}
	if age, err := Staleness(t, s); err != nil {
		return chat.Outgoing{}, err
	} else if age != "" {
		text.Plain("\n\n" + age)
	}
	return chat.Outgoing{Place: s.Place, Text: text.Text(), Buttons: append(rows, tabs)}, nil
}

// writeTicket adds a ticket to a list: its name and whose turn it is.
func writeTicket(t *chat.Turn, text *telegram.Builder, s chat.Speaker, ticket state.Ticket) {
	text.Plain("\n\n")
	text.Bold(chat.TicketName(ticket.ID))
	text.Plain(chat.Dotted(telegram.Clean(ticket.Subject), 80) + "\n" + whoseTurn(t, s, ticket))
}

// whoseTurn tells whose turn a ticket is, and for how long.
func whoseTurn(t *chat.Turn, s chat.Speaker, ticket state.Ticket) string {
	key := "turn_open"
	switch {
	case !ticket.Open:
		key = "turn_closed"
	case ticket.LastSide == state.Staff:
		key = "turn_yours"
	case ticket.LastSide == state.Customer:
		key = "turn_theirs"
	}
	at := t.Now.Sub(ticket.LastActivity)
	switch {
	case ticket.LastActivity.IsZero(), at < time.Minute && ticket.Open:
		return s.T(key)
	case !ticket.Open:
		return s.T(key) + " " + chat.Ago(s, at)
	}
	return s.T(key) + " " + chat.Lasting(s, at)
}
