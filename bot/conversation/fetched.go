package conversation

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
)

// Meanwhile answers a person while Plusofon takes its time: with what the store has of the
// ticket, else that it is being requested. It reports whether that is enough.
func Meanwhile(t *chat.Turn, row chat.FetchRow) (told chat.FetchRow, enough bool, err error) {
	s, err := waiter(t, row)
	if err != nil || !s.Allowed {
		return row, true, err
	}
	row.Told = true
	known, err := t.Tx.Ticket(row.Ticket)
	if chat.IgnoreAbsent(err) != nil {
		return row, false, err
	}
	if known.Fetched.IsZero() || ticket.WordsErased(t, known) {
		if row.Purpose == chat.PurposePage {
			return row, false, nil
		}
		return row, false, t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("asking_plusofon", "Ticket", chat.TicketName(row.Ticket)))})
	}
	switch row.Purpose {
	case chat.PurposeFollow:
		return row, true, reading.Follow(t, s, row)
	case chat.PurposeExport:
		return row, true, reading.Export(t, s, row, false)
	}
	if row.Shown, err = reading.Stands(t, known); err != nil {
		return row, false, err
	}
	return row, false, reading.ShowHistory(t, s, row, false, nil)
}

// waiter returns the person who waits for a ticket, with their locale.
func waiter(t *chat.Turn, row chat.FetchRow) (chat.Speaker, error) {
	p, err := t.Tx.Person(row.User)
	if err != nil {
		return chat.Speaker{}, err
	}
	return t.Speaker(p, row.Place)
}

// Fetched shows a person what was read and stored, or what the store has if Plusofon did not
// answer.
func Fetched(t *chat.Turn, row chat.FetchRow, fetched ticket.Read, failure error) error {
	s, err := waiter(t, row)
	if err != nil {
		return err
	}
	allowed := s.Allowed
	if row.Purpose == chat.PurposeWait {
		// The wait goes on even if the bot is temporarily out of the group.
		if allowed, err = t.Sends(row.Chat, row.User); err == nil && !allowed {
			return t.Tx.EndWait(row.Ticket)
		}
	}
	if err != nil || !allowed {
		return err
	}
	var e *plusofon.Error
	notFound := errors.As(failure, &e) && e.Kind == plusofon.NotFound
	unknown, gone := notFound, false
	if notFound {
		if err := ticket.NotFound(t, row.Ticket, fetched.Number, false); err != nil {
			return err
		}
		known, err := t.Tx.Ticket(row.Ticket)
		if chat.IgnoreAbsent(err) != nil {
			return err
		}
		unknown, gone = known.Fetched.IsZero(), ticket.IsGone(known)
	}
	if row.Shown != "" && !unknown {
		known, err := t.Tx.Ticket(row.Ticket)
		if err != nil {
			return err
		}
		stands, err := reading.Stands(t, known)
		if err != nil || stands == row.Shown {
			return err // already on their screen
		}
		row.Told = false
	}
	switch {
	case row.Purpose == chat.PurposeWait:
		return ticket.TellOfWait(t, row.Ticket, failure == nil)
	case unknown:
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("ticket_unknown", "Ticket", chat.TicketName(row.Ticket)))})
	case row.Purpose == chat.PurposeFollow && failure != nil && !gone:
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("follow_later", "Ticket", chat.TicketName(row.Ticket)))})
	case row.Purpose == chat.PurposeFollow:
		return reading.Follow(t, s, row)
	case row.Purpose == chat.PurposeExport:
		return reading.Export(t, s, row, failure == nil)
	}
	return reading.ShowHistory(t, s, row, failure == nil, fetched.Posts)
}
