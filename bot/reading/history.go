package reading

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// The formats of dates and times.
const (
	dateOnly    = "02.01.2006"
	dateAndTime = dateOnly + " 15:04"
)

// Follow binds a ticket that was just read to the chat.
func Follow(t *chat.Turn, s chat.Speaker, row chat.FetchRow) error {
	known, err := t.Tx.Ticket(row.Ticket)
	if err != nil {
		return err
	}
	if ticket.IsGone(known) {
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("follow_gone", "Ticket", chat.TicketName(row.Ticket)))})
	}
	here, err := t.CurrentChat(row.Chat)
	if err != nil {
		return err
	}
	off, err := t.NewsOff(here)
	if err := errors.Join(err, t.Tx.Bind(here, row.Ticket, t.Now)); err != nil {
		return err
	}
	sound, err := t.SoundButton(s, here, row.Ticket)
	if err != nil {
		return err
	}
	text := chat.Header(known)
	text.Plain("\n" + s.T(chat.Either(off, "followed_off", "followed"), "Ticket", chat.TicketName(row.Ticket)))
	return t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Ticket: row.Ticket}, ReplyTo: row.Message, Text: text.Text(),
		Buttons: [][]telegram.Button{{chat.Button(s.T("button_history"), chat.Data(chat.PressHistory, row.Ticket)), sound, chat.Button(s.T("button_unfollow"), chat.Data(chat.PressUnfollow, row.Ticket))}},
	})
}

// TurnPage shows another page of a history, from the store if that has the texts.
func TurnPage(t *chat.Turn, s chat.Speaker, row chat.FetchRow) error {
	known, err := t.Tx.Ticket(row.Ticket)
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	if ticket.WordsErased(t, known) {
		return t.Fetch(s, row)
	}
	silence, err := staleness(t, s)
	if err != nil {
		return err
	}
	return ShowHistory(t, s, row, silence == "", nil)
}

// ShowHistory shows a page of a ticket's history from the store; read has the texts that the store
// no longer has. current is true if the ticket was just read; otherwise its age is shown.
func ShowHistory(t *chat.Turn, s chat.Speaker, row chat.FetchRow, current bool, read []plusofon.Post) error {
	known, err := t.Tx.Ticket(row.Ticket)
	if errors.Is(err, state.ErrNotFound) || err == nil && known.Fetched.IsZero() {
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("plusofon_silent", "Ticket", chat.TicketName(row.Ticket)))})
	}
	if err != nil {
		return err
	}
	page, err := history{t: t, s: s, known: known, read: read}.page(row)
	if err != nil {
		return err
	}
	text := chat.Header(known)
	text.Plain("\n" + s.T(stateOf(known)))
	if !current && !ticket.IsGone(known) {
		asOf, err := outdated(t, s, row, known)
		if err != nil {
			return err
		}
		text.Plain("\n" + asOf)
	}
	text.Plain("\n\n")
	text.Append(page.text(s))
	o := chat.Outgoing{Place: s.Place, Meaning: chat.Meaning{Ticket: row.Ticket}, Text: text.Text()}
	if row.Purpose == chat.PurposePage {
		o.Edit = row.Message
	} else {
		o.ReplyTo = row.Message
	}
	if o.Buttons, err = historyButtons(t, s, row, page); err != nil {
		return err
	}
	awaits, err := t.Tx.AwaitsCustomer(row.Ticket)
	if err != nil {
		return err
	}
	if awaits && page.newest != 0 {
		o.Buttons = append(o.Buttons, []telegram.Button{chat.Button(s.T("button_resolve"), chat.Data(chat.PressResolve, row.Ticket, int64(page.newest)))})
	}
	return t.Say(o)
}

// outdated says how old the shown state of a ticket is.
func outdated(t *chat.Turn, s chat.Speaker, row chat.FetchRow, known state.Ticket) (string, error) {
	if row.Told {
		return lastSeen(t, s, "cached_so_far", known.Fetched), nil
	}
	return cached(t, s, known.Fetched)
}

// Stands returns a fingerprint of a ticket's shown state, to detect changes.
func Stands(t *chat.Turn, known state.Ticket) (string, error) {
	posts, _, newest, err := t.Tx.CountPosts(known.ID, 0)
	return fmt.Sprintf("%s %d %d", stateOf(known), posts, newest), err
}

// stateOf is the key of a ticket's state.
func stateOf(known state.Ticket) string {
	switch {
	case ticket.IsGone(known):
		return "state_gone"
	case known.Open:
		return "state_open"
	}
	return "state_closed"
}

// Resolve takes a ticket off the list of those that wait for the customer, until the staff writes
// again. It does not affect Plusofon, which has no method to close a ticket.
func Resolve(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.TicketID, seen state.PostID) error {
	if _, err := t.Tx.Ticket(id); errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true) // the database was restored from an older copy
	} else if err != nil {
		return err
	}
	if err := t.Tx.Resolve(id, seen); err != nil {
		return err
	}
	awaits, err := t.Tx.AwaitsCustomer(id)
	if err != nil {
		return err
	}
	if awaits {
		return t.AnswerCallback(c.ID, s.T("resolve_overtaken", "Ticket", chat.TicketName(id)), true)
	}
	rows := c.Message.Buttons
	for i := range rows {
		rows[i] = slices.DeleteFunc(rows[i], func(b telegram.Button) bool {
			p, ok := chat.ParsePress(b.Data)
			return ok && p.Action == chat.PressResolve
		})
	}
	return errors.Join(t.AnswerCallback(c.ID, s.T("resolved", "Ticket", chat.TicketName(id)), true), t.Request(telegram.EditMessageReplyMarkup{
		ChatID: telegram.ChatID(s.Chat), MessageID: c.Message.ID, ReplyMarkup: rows,
	}, chat.TelegramRow{Place: chat.InChat(s.Chat)}, chat.ChatLane(s.Chat), state.PriorityPerson, ""))
}

func historyButtons(t *chat.Turn, s chat.Speaker, row chat.FetchRow, page page) ([][]telegram.Button, error) {
	var rows [][]telegram.Button
	if turns := page.pager(s, row.Ticket); len(turns) > 1 {
		rows = append(rows, turns)
	}
	sound, err := newsButton(t, s, row)
	if err != nil {
		return nil, err
	}
	number := strconv.FormatInt(int64(row.Ticket), 10)
	return append(rows, []telegram.Button{
		chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, row.Ticket)), sound,
	}, []telegram.Button{
		chat.Button(s.T("button_export"), chat.Data(chat.PressExport, row.Ticket)),
		{Text: s.T("button_copy", "Ticket", chat.TicketName(row.Ticket)), CopyText: &telegram.CopyText{Text: number}},
	}), nil
}

// newsButton mutes or unmutes a ticket's news in a chat that gets them, and subscribes a chat that
// doesn't.
func newsButton(t *chat.Turn, s chat.Speaker, row chat.FetchRow) (telegram.Button, error) {
	hears, err := ticket.Hears(t, row.Chat, row.Ticket)
	if err != nil || hears {
		sound, failure := t.SoundButton(s, row.Chat, row.Ticket)
		return sound, errors.Join(err, failure)
	}
	return chat.Button(s.T("button_get_news"), chat.Data(chat.PressFollow, row.Ticket)), nil
}
