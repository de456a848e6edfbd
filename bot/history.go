package bot

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// pageUnits is how much of a history stands on one page, in UTF-16 units: room
// is left for the header.
const pageUnits = 3400

// dateAndTime is how a moment is written.
const dateAndTime = "02.01.2006 15:04"

// fetch asks Plusofon for a ticket that a person waits for.
func (t *turn) fetch(row FetchRow) error {
	row.Thread = t.here.thread
	return t.enqueue(state.Plusofon, fetchLane(row.Chat), KindFetch, state.PriorityPerson, "", row)
}

// Fetched shows a person what was read, or what the store knows where Plusofon
// has not answered.
func (b *Bot) Fetched(tx *state.Tx, now time.Time, row FetchRow, ticket plusofon.Ticket, failure error) error {
	t := &turn{Bot: b, tx: tx, now: now, here: place{row.Chat, row.Thread}}
	p, err := tx.Person(row.User)
	if err != nil {
		return err
	}
	s, err := t.speaker(p, row.Chat)
	if err == nil && !s.allowed && row.Waits {
		return tx.EndWait(row.Ticket)
	}
	if err != nil || !s.allowed {
		return err
	}
	if failure == nil {
		if err := t.absorb(ticket, nil, nil); err != nil {
			return err
		}
	}
	var e *plusofon.Error
	switch {
	case row.Waits:
		return t.tellOfWait(row.Ticket, failure == nil)
	case errors.As(failure, &e) && e.Kind == plusofon.NotFound:
		return t.say(outgoing{chat: row.Chat, replyTo: row.Message, text: telegram.Plain(s.T("ticket_unknown", "Ticket", ticketName(row.Ticket)))})
	case row.Follow && failure != nil:
		return t.say(outgoing{chat: row.Chat, replyTo: row.Message, text: telegram.Plain(s.T("follow_later", "Ticket", ticketName(row.Ticket)))})
	case row.Follow:
		return t.follow(s, row)
	case row.Export:
		return t.export(s, row)
	}
	return t.showHistory(s, row, failure == nil)
}

// follow binds a ticket that was just read to the chat.
func (t *turn) follow(s speaker, row FetchRow) error {
	if err := t.tx.Bind(row.Chat, row.Ticket, t.now); err != nil {
		return err
	}
	ticket, err := t.tx.Ticket(row.Ticket)
	if err != nil {
		return err
	}
	sound, err := t.soundButton(s, row.Chat, row.Ticket)
	if err != nil {
		return err
	}
	text := header(ticket)
	text.Plain("\n" + s.T("followed"))
	return t.say(outgoing{
		chat: row.Chat, replyTo: row.Message, ticket: row.Ticket, text: text.Text(),
		buttons: [][]telegram.Button{{button(s.T("button_history"), ticketPress(pressHistory, row.Ticket)), sound}},
	})
}

// showHistory writes a page of a ticket's history from the store. current says
// that it was just read; otherwise its age is shown.
func (t *turn) showHistory(s speaker, row FetchRow, current bool) error {
	ticket, err := t.tx.Ticket(row.Ticket)
	if errors.Is(err, state.ErrNotFound) || err == nil && ticket.Fetched.IsZero() {
		return t.say(outgoing{chat: row.Chat, replyTo: row.Message, text: telegram.Plain(s.T("plusofon_silent", "Ticket", ticketName(row.Ticket)))})
	}
	if err != nil {
		return err
	}
	posts, err := t.tx.Posts(row.Ticket)
	if err != nil {
		return err
	}
	pages := pages(s, posts)
	page := row.Page
	if page < 0 || page >= len(pages) {
		page = len(pages) - 1
	}
	text := header(ticket)
	text.Plain("\n" + s.T(pick(ticket.Open, "state_open", "state_closed")))
	if !current {
		text.Plain("\n" + s.T("cached", "Age", ago(s, t.now.Sub(ticket.Fetched))))
	}
	text.Plain("\n\n")
	text.Append(pages[page])
	o := outgoing{chat: row.Chat, ticket: row.Ticket, text: text.Text()}
	if row.Edit {
		o.edit = row.Message
	} else {
		o.replyTo = row.Message
	}
	if o.buttons, err = t.historyButtons(s, row, page, len(pages)); err != nil {
		return err
	}
	return t.say(o)
}

func (t *turn) historyButtons(s speaker, row FetchRow, page, pages int) ([][]telegram.Button, error) {
	var rows [][]telegram.Button
	if pages > 1 {
		rows = append(rows, pager(page, pages, func(p int) string { return fmt.Sprintf("%s:%d", ticketPress(pressPage, row.Ticket), p) }))
	}
	sound, err := t.soundButton(s, row.Chat, row.Ticket)
	if err != nil {
		return nil, err
	}
	return append(rows, []telegram.Button{
		button(s.T("button_answer"), ticketPress(pressAnswer, row.Ticket)), sound,
		button(s.T("button_export"), ticketPress(pressExport, row.Ticket)),
	}), nil
}

// pager is a row of buttons that leads to the neighbouring pages. The button in
// the middle tells where one is and shows that page anew.
func pager(page, pages int, data func(page int) string) []telegram.Button {
	var row []telegram.Button
	if page > 0 {
		row = append(row, button("‹", data(page-1)))
	}
	row = append(row, button(fmt.Sprintf("%d / %d", page+1, pages), data(page)))
	if page < pages-1 {
		row = append(row, button("›", data(page+1)))
	}
	return row
}

// pages lays posts out on pages; a post that is longer than a page continues on
// the next. There is always at least one page.
func pages(s speaker, posts []state.Post) []telegram.Text {
	var pages []telegram.Text
	var current telegram.Builder
	for _, p := range posts {
		for _, part := range postText(s, p).Split(pageUnits) {
			gap := ""
			if current.Len() > 0 {
				gap = "\n\n"
			}
			if current.Len()+len(gap)+telegram.UTF16Len(part.String) > pageUnits {
				pages = append(pages, current.Text())
				current, gap = telegram.Builder{}, ""
			}
			current.Plain(gap)
			current.Append(part)
		}
	}
	if current.Len() == 0 {
		current.Plain(s.T("no_posts"))
	}
	return append(pages, current.Text())
}

func postText(s speaker, p state.Post) telegram.Text {
	var text telegram.Builder
	line := pick(p.Side == state.Staff, "💬 ", "👤 ") + telegram.Clean(p.AuthorName)
	if !p.Posted.IsZero() {
		line += ", " + p.Posted.In(s.zone).Format(dateAndTime)
	}
	text.Bold(line)
	text.Plain("\n")
	text.Append(postWords(p.Side, p.Text))
	if len(p.Files) > 0 {
		text.Plain("\n📎 " + strings.Join(p.Files, ", "))
	}
	return text.Text()
}
