package reading

import (
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Tab is a part of the list of tickets.
type Tab int64

// The tabs in order.
const (
	tabWaiting Tab = iota // open, the staff wrote last, not resolved
	tabTheirs             // the other open ones
	tabClosed
	tabMine // opened by this person through the bot
)

var tabKeys = [...]string{"tab_waiting", "tab_theirs", "tab_closed", "tab_mine"}

func (which Tab) filter(s chat.Speaker) state.TicketFilter {
	return map[Tab]state.TicketFilter{
		tabWaiting: {Open: true, Turn: state.CustomersTurn},
		tabTheirs:  {Open: true, Turn: state.StaffsTurn},
		tabClosed:  {},
		tabMine:    {AnyState: true, OpenedBy: s.ID},
	}[which]
}

// ticketsOnPage is the number of tickets on a page of the list.
const ticketsOnPage = 6

// OpenTickets returns the list's initial tab: tickets that wait for the customer or, if there are
// none, the other open ones.
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

// TicketList returns a page of a tab, or the nearest existing one.
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
	stale, err := staleness(t, s)
	if err != nil {
		return chat.Outgoing{}, err
	}
	v := listView{which: which, tickets: list, total: total, page: page, pages: pages, stale: stale, now: t.Now}
	text, buttons := v.show(s)
	return chat.Outgoing{Place: s.Place, Text: text, Buttons: buttons}, nil
}

// listView is the data of a page of a tab.
type listView struct {
	which       Tab
	tickets     []state.Ticket
	total       int // in the tab
	page, pages int
	stale       string // how old it is; "" while Plusofon answers
	now         time.Time
}

func (v listView) show(s chat.SpeakerTexts) (telegram.Text, [][]telegram.Button) {
	var text telegram.Builder
	text.Bold(s.T(tabKeys[v.which]) + " · " + s.T("tickets_count", "Count", v.total))
	if v.total == 0 {
		text.Plain("\n\n" + s.T(chat.Either(v.which == tabWaiting, "tickets_none_waiting", "tickets_none")))
	}
	for _, ticket := range v.tickets {
		writeTicket(&text, s, ticket, v.now)
	}
	rows := numberButtons(v.tickets)
	if v.pages > 1 {
		rows = append(rows, chat.Pager(v.page, v.pages, func(p int) string { return chat.Data(chat.PressTickets, int64(v.which), int64(p)) }))
	}
	var tabs []telegram.Button
	for i, key := range tabKeys {
		if Tab(i) != v.which {
			tabs = append(tabs, chat.Button(s.T(key), chat.Data(chat.PressTickets, i)))
		}
	}
	if v.stale != "" {
		text.Plain("\n\n" + v.stale)
	}
	return text.Text(), append(rows, tabs)
}

// writeTicket appends a ticket to a list: its name and whose turn it is.
func writeTicket(text *telegram.Builder, s chat.SpeakerTexts, ticket state.Ticket, now time.Time) {
	text.Plain("\n\n")
	text.Bold(chat.TicketName(ticket.ID))
	text.Plain(chat.Dotted(telegram.Clean(ticket.Subject), 80) + "\n" + whoseTurn(s, ticket, now))
}

// whoseTurn says which side has to act on a ticket, and for how long.
func whoseTurn(s chat.SpeakerTexts, ticket state.Ticket, now time.Time) string {
	key := "turn_open"
	switch {
	case !ticket.Open:
		key = "turn_closed"
	case ticket.Resolved:
		return s.T("turn_resolved")
	case ticket.LastSide == state.Staff:
		key = "turn_yours"
	case ticket.LastSide == state.Customer:
		key = "turn_theirs"
	}
	at, lasting, age := now.Sub(ticket.LastActivity), "", ""
	switch {
	case ticket.LastActivity.IsZero(), at < time.Minute && ticket.Open:
	case !ticket.Open:
		age = chat.Ago(s, at)
	default:
		lasting = chat.Lasting(s, at)
	}
	return s.T(key, "Lasting", lasting, "Age", age)
}
