package bot

import (
	"errors"
	"slices"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// choices is how many tickets «Куда отправить?» offers.
const choices = 4

// unaddressed: what nothing else concerns in a private chat begins a draft, or, where open
// tickets are bound to the chat, the person is asked where it goes.
func (t *turn) unaddressed(s speaker, messages []*telegram.Message) (bool, error) {
	if messages[0].Chat.Type != "private" {
		return false, nil
	}
	items, ok, err := t.carried(s, messages)
	if err != nil || !ok {
		return true, err
	}
	tickets, err := t.tx.OpenTicketsOf(s.chat, 1)
	if err != nil {
		return false, err
	}
	kind := state.DraftOpening
	if len(tickets) > 0 {
		kind = state.DraftQuestion
		if no, err := t.unsendable(s, items[0].Message, t.compose(items)); no || err != nil {
			return true, err
		}
	}
	_, err = t.begin(s, state.Draft{Kind: kind}, items)
	return true, err
}

// questionCard is «Куда отправить?».
func (t *turn) questionCard(s texts.Texts, d state.Draft, o *outgoing) error {
	tickets, err := t.tx.OpenTicketsOf(d.Chat, choices)
	if err != nil {
		return err
	}
	o.text = telegram.Plain(s.T("question"))
	for _, ticket := range tickets {
		label := s.T("question_ticket", "Ticket", ticketName(ticket.ID), "Subject", cutRunes(ticket.Subject, 30), "Age", ago(s, t.now.Sub(ticket.LastActivity)))
		o.buttons = append(o.buttons, []telegram.Button{button(label, draftPress(pressTo, d.ID)+":"+ticketNumber(ticket.ID))})
	}
	o.buttons = append(o.buttons, []telegram.Button{
		button(s.T("button_new"), draftPress(pressFresh, d.ID)), button(s.T("button_cancel"), draftPress(pressDrop, d.ID)),
	})
	return nil
}

// sendTo puts a question's message into the ticket that was chosen.
func (t *turn) sendTo(s speaker, c *telegram.Callback, id state.DraftID, ticket state.TicketID) error {
	d, ok, err := t.pressedDraft(s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	if _, err := t.tx.Binding(s.chat, ticket); errors.Is(err, state.ErrNotFound) {
		return t.answerPress(c.ID, s.T("button_expired"), true)
	} else if err != nil {
		return err
	}
	items, err := t.tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	if no, err := t.nothingToSend(s, c, t.compose(items)); no || err != nil {
		return err
	}
	d.State = state.DraftSent
	return errors.Join(t.tx.SaveDraft(d), t.answerPress(c.ID, "", false), t.send(s, items, func(c content) state.Submission {
		return state.Submission{Kind: state.Answer, Ticket: ticket, Text: c.text, Receipt: d.Card}
	}))
}

// makeFresh is [Новое обращение]: a question's message begins a draft, or goes into
// the one in progress.
func (t *turn) makeFresh(s speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := t.pressedDraft(s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	if err := t.answerPress(c.ID, "", false); err != nil {
		return err
	}
	into, err := t.tx.OpenDraft(s.chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		d.Kind, d.Due = state.DraftOpening, t.now.Add(draftLife)
		return errors.Join(t.tx.SaveDraft(d), t.card(d))
	}
	if err != nil {
		return err
	}
	items, err := t.tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	return t.add(s, into, items)
}

// byAlbum: an item that comes long after the others of its album goes where they
// went.
func (t *turn) byAlbum(s speaker, messages []*telegram.Message) (bool, error) {
	m := messages[0]
	if m.MediaGroup == "" || m.Chat.Type != "private" {
		return false, nil
	}
	album, err := t.tx.AlbumItems(s.chat, m.MediaGroup)
	if err != nil {
		return false, err
	}
	for _, i := range album {
		if slices.ContainsFunc(messages, func(m *telegram.Message) bool { return state.MessageID(m.ID) == i.Message }) {
			continue
		}
		if isNote(i.Text) {
			return true, nil
		}
		if d, err := t.tx.Draft(i.Draft); err == nil && d.State == state.DraftOpen {
			return true, t.addMessages(s, d, messages)
		} else if err != nil && !errors.Is(err, state.ErrNotFound) {
			return false, err
		}
		sub, err := t.tx.SubmissionOf(s.chat, i.Message)
		if errors.Is(err, state.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if to, ok := where(sub); ok {
			return true, t.answer(s, to, messages)
		}
	}
	return false, nil
}

// keepAlbum keeps what is needed to find an album by one of its items: a reply
// shows only one.
func (t *turn) keepAlbum(s speaker, messages []*telegram.Message) error {
	if messages[0].MediaGroup == "" || messages[0].Chat.Type != "private" {
		return nil
	}
	items, _ := t.items(messages, s.ID)
	for _, i := range items {
		if err := t.tx.SaveItem(i, t.now); err != nil {
			return err
		}
	}
	return nil
}
