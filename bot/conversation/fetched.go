package conversation

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
)

// Fetched shows a person what was read, and absorbed, or what the store knows where
// Plusofon has not answered.
func Fetched(t *chat.Turn, row chat.FetchRow, fetched ticket.Read, failure error) error {
	p, err := t.Tx.Person(row.User)
	if err != nil {
		return err
	}
	s, err := t.Speaker(p, row.Place)
	if err != nil {
		return err
	}
	allowed := s.Allowed
	if row.Purpose == chat.PurposeWait {
		// Who waits in a group that the bot is out of goes on waiting.
		if allowed, err = t.Sends(row.Chat, row.User); err == nil && !allowed {
			return t.Tx.EndWait(row.Ticket)
		}
	}
	if err != nil || !allowed {
		return err
	}
	var e *plusofon.Error
	notFound := errors.As(failure, &e) && e.Kind == plusofon.NotFound
	unknown := notFound
	if notFound {
		if err := ticket.NotFound(t, row.Ticket, fetched.Number, false); err != nil {
			return err
		}
		known, err := t.Tx.Ticket(row.Ticket)
		if chat.IgnoreAbsent(err) != nil {
			return err
		}
		unknown = known.Fetched.IsZero()
	}
	switch {
	case row.Purpose == chat.PurposeWait:
		return ticket.TellOfWait(t, row.Ticket, failure == nil)
	case unknown:
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("ticket_unknown", "Ticket", chat.TicketName(row.Ticket)))})
	case row.Purpose == chat.PurposeFollow && failure != nil:
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: row.Message, Text: telegram.Plain(s.T("follow_later", "Ticket", chat.TicketName(row.Ticket)))})
	case row.Purpose == chat.PurposeFollow:
		return reading.Follow(t, s, row)
	case row.Purpose == chat.PurposeExport:
		return reading.Export(t, s, row)
	}
	return reading.ShowHistory(t, s, row, failure == nil, fetched.Posts)
}
