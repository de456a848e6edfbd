package conversation

import (
	"encoding/json"
	"errors"
	"fmt"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Undelivered reports a parked message in its chat, so that someone can have it sent again. If the
// report is parked too, the owners are told; if even that fails, nobody is.
func Undelivered(t *chat.Turn, row state.Row, msg chat.TelegramRow) error {
	if ok, err := t.ChatAuthorized(msg.Chat); err != nil || !ok {
		return err
	}
	if msg.Tells == 0 {
		s, err := t.TextsFor(msg.Chat)
		if err != nil {
			return err
		}
		return t.Say(chat.Outgoing{
			Place: chat.Place{Chat: msg.Chat, Thread: msg.Thread}, Meaning: chat.Meaning{Ticket: msg.Ticket, Tells: row.ID}, News: true,
			Text: telegram.Plain(undelivered(s, msg)), Buttons: resendButton(s, row.ID),
		})
	}
	given, err := t.Tx.Row(msg.Tells)
	if err != nil {
		return chat.IgnoreAbsent(err)
	}
	what, err := chat.Decode[chat.TelegramRow](given)
	if err != nil || what.Chat != msg.Chat {
		return nil //nolint:nilerr // nothing can be said of it
	}
	return access.TellOwners(t, func(s texts.Texts) chat.Outgoing {
		return chat.Outgoing{
			Meaning: chat.Meaning{Tells: given.ID}, Text: telegram.Plain(s.T("undelivered_elsewhere", "What", undelivered(s, what))), Buttons: resendButton(s, given.ID),
		}
	})
}

// recordNotice records with a parked row which message reports it. If the row was revived
// meanwhile, the message is updated at once.
func recordNotice(t *chat.Turn, notice chat.TelegramRow, message state.MessageID) error {
	given, err := t.Tx.Row(notice.Tells)
	if err != nil {
		return chat.IgnoreAbsent(err)
	}
	msg, err := chat.Decode[chat.TelegramRow](given)
	if err != nil {
		return nil //nolint:nilerr // nothing can be said of it
	}
	n := chat.Notice{Chat: notice.Chat, Message: message}
	if given.State != state.Parked {
		return sentAgain(t, msg, n)
	}
	msg.Notices = append(msg.Notices, n)
	payload, err := json.Marshal(msg)
	if err != nil {
		return fmt.Errorf("write a parked message: %w", err)
	}
	return t.Tx.Annotate(given.ID, string(payload))
}

// SentAgain updates the reports of a parked message once it has been sent: nothing is left to do.
func SentAgain(t *chat.Turn, msg chat.TelegramRow) error {
	for _, n := range msg.Notices {
		if err := sentAgain(t, msg, n); err != nil {
			return err
		}
	}
	return nil
}

func sentAgain(t *chat.Turn, msg chat.TelegramRow, n chat.Notice) error {
	if ok, err := t.ChatAuthorized(n.Chat); err != nil || !ok {
		return err
	}
	s, err := t.TextsFor(n.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: chat.InChat(n.Chat), Edit: n.Message, Text: telegram.Plain(undelivered(s, msg) + "\n" + s.T("resent"))})
}

// undelivered describes a parked message.
func undelivered(s texts.Texts, msg chat.TelegramRow) string {
	switch {
	case msg.File != nil:
		return s.T("undelivered_file", "Name", telegram.Clean(msg.File.Name))
	case msg.Ticket != 0:
		return s.T("undelivered_ticket", "Ticket", chat.TicketName(msg.Ticket))
	}
	return s.T("undelivered")
}

func resendButton(s texts.Texts, id state.RowID) [][]telegram.Button {
	return [][]telegram.Button{{chat.Button(s.T("button_retry"), chat.Data(chat.PressResend, id))}}
}

// resend revives a parked message. Its chat may do that, and the owners in private.
func resend(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.RowID) error {
	row, err := t.Tx.Row(id)
	if err == nil && (row.State != state.Parked || row.Side != state.Telegram) {
		err = state.ErrNotFound
	}
	if err != nil {
		return errors.Join(chat.IgnoreAbsent(err), t.AnswerCallback(c.ID, s.T("button_expired"), true))
	}
	msg, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	to, err := t.CurrentChat(msg.Chat)
	if err != nil {
		return err
	}
	if to != s.Chat && (s.Role != state.Owner || s.Chat != state.ChatID(s.ID)) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	return errors.Join(
		t.Tx.ReviveRow(id, chat.AgainLane(to), t.Now),
		t.AnswerCallback(c.ID, s.T("resent"), false),
		t.Say(chat.Outgoing{Place: s.Place, Edit: state.MessageID(c.Message.ID), Text: telegram.Plain(undelivered(s.Texts, msg) + "\n" + s.T("resent"))}))
}
