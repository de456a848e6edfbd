package submission

import (
	"errors"
	"slices"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// choices is how many tickets «Куда отправить?» offers.
const choices = 4

// Unaddressed: what nothing else concerns in a private chat begins a draft, or, where open
// tickets are bound to the chat, the person is asked where it goes.
func Unaddressed(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	if messages[0].Chat.Type != "private" {
		return false, nil
	}
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return true, err
	}
	tickets, err := t.Tx.OpenTicketsOf(s.Chat, 1)
	if err != nil {
		return false, err
	}
	kind := state.DraftOpening
	if len(tickets) > 0 {
		kind = state.DraftQuestion
		if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
			return true, err
		}
	}
	_, err = beginDraft(t, s, state.Draft{Kind: kind}, items)
	return true, err
}

// questionCard is «Куда отправить?».
func questionCard(s texts.Texts, d state.Draft, tickets []state.Ticket, now time.Time) (telegram.Text, [][]telegram.Button) {
	var buttons [][]telegram.Button
	for _, ticket := range tickets {
		label := s.T("question_ticket", "Ticket", chat.TicketName(ticket.ID), "Subject", chat.CutRunes(ticket.Subject, 30), "Age", chat.Ago(s, now.Sub(ticket.LastActivity)))
		buttons = append(buttons, []telegram.Button{chat.Button(label, chat.Data(chat.PressTo, d.ID, int64(ticket.ID)))})
	}
	return telegram.Plain(s.T("question")), append(buttons, []telegram.Button{
		chat.Button(s.T("button_new"), chat.Data(chat.PressFresh, d.ID)), chat.Button(s.T("button_cancel"), chat.Data(chat.PressDrop, d.ID)),
	})
}

// SendTo puts a question's message into the ticket that was chosen.
func SendTo(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID, ticket state.TicketID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	if _, err := t.Tx.Binding(s.Chat, ticket); errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	} else if err != nil {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	if no, err := nothingToSend(t, s, c, compose(t.Config, items)); no || err != nil {
		return err
	}
	d.State = state.DraftSent
	return errors.Join(t.Tx.SaveDraft(d), t.AnswerCallback(c.ID, "", false), send(t, s, items, func(c Content) state.Submission {
		return state.Submission{Kind: state.Answer, Ticket: ticket, Text: c.text, Receipt: d.Card}
	}))
}

// MakeFresh is [Новое обращение]: a question's message begins a draft, or goes into
// the one in progress.
func MakeFresh(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	if err := t.AnswerCallback(c.ID, "", false); err != nil {
		return err
	}
	into, err := t.Tx.OpenDraft(s.Chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		d.Kind, d.Due = state.DraftOpening, t.Now.Add(draftLife)
		return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d))
	}
	if err != nil {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	return addItems(t, s, into, items)
}

// ByAlbum: an item that comes long after the others of its album goes where they
// went.
func ByAlbum(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	m := messages[0]
	if m.MediaGroup == "" || m.Chat.Type != "private" {
		return false, nil
	}
	album, err := t.Tx.AlbumItems(s.Chat, m.MediaGroup)
	if err != nil {
		return false, err
	}
	for _, i := range album {
		if slices.ContainsFunc(messages, func(m *telegram.Message) bool { return state.MessageID(m.ID) == i.Message }) {
			continue
		}
		if IsRemark(i.Text) {
			return true, nil
		}
		if d, err := t.Tx.Draft(i.Draft); err == nil && d.State == state.DraftOpen {
			return true, addMessages(t, s, d, messages)
		} else if err != nil && !errors.Is(err, state.ErrNotFound) {
			return false, err
		}
		sub, err := t.Tx.SubmissionOf(s.Chat, i.Message)
		if errors.Is(err, state.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if to, ok := TargetOf(sub); ok {
			return true, Answer(t, s, to, messages, "")
		}
	}
	return false, nil
}

// KeepAlbum keeps what is needed to find an album by one of its items: a reply
// shows only one.
func KeepAlbum(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) error {
	if messages[0].MediaGroup == "" || messages[0].Chat.Type != "private" {
		return nil
	}
	items, _ := readItems(messages, s.ID, t.BotName)
	for _, i := range items {
		if err := t.Tx.SaveItem(i, t.Now); err != nil {
			return err
		}
	}
	return nil
}
