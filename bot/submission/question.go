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

const (
	// choices is how many tickets a question offers, asideShown how many drafts that were laid
	// aside, and otherChoices how many tickets are on a page of all of them.
	choices      = 4
	asideShown   = 4
	otherChoices = 6
	// closedLately is how long after it was closed a ticket is still offered for a message
	// without a target.
	closedLately = 7 * 24 * time.Hour
)

// Unaddressed handles a message in a private chat that nothing else has taken: it starts
// a draft, or, if it may belong to an earlier draft or to a ticket of this chat, its
// author is asked where it goes.
func Unaddressed(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	if messages[0].Chat.Type != "private" {
		return false, nil
	}
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return true, err
	}
	aside, err := asideOf(t, s.Chat, s.ID, 0)
	if err != nil {
		return false, err
	}
	tickets, err := ticketsInDoubt(t, s.Chat, 1)
	if err != nil {
		return false, err
	}
	kind := state.DraftOpening
	if len(aside)+len(tickets) > 0 {
		kind = state.DraftQuestion
		if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
			return true, err
		}
	}
	_, err = beginInHand(t, s, state.Draft{Kind: kind}, items)
	return true, err
}

// asideOf lists the drafts a person has laid aside in a chat, except one.
func asideOf(t *chat.Turn, c state.ChatID, u state.UserID, but state.DraftID) ([]state.Draft, error) {
	drafts, err := t.Tx.DraftsHere(c, u)
	return slices.DeleteFunc(drafts, func(d state.Draft) bool {
		return d.ID == but || !awaitsWord(d)
	}), err
}

// ticketsInDoubt returns the tickets that a message without a target may be for.
func ticketsInDoubt(t *chat.Turn, c state.ChatID, n int) ([]state.Ticket, error) {
	return t.Tx.TicketsInDoubt(c, t.Now.Add(-closedLately), n)
}

// questionView is a question where messages go, as plain values.
type questionView struct {
	draft       state.DraftID
	messages    int // how many it has gathered
	forgotten   bool
	aside       []asideView
	tickets     []state.Ticket
	page, pages int // of all tickets, from 1; 0: those of this chat are shown
	now         time.Time
}

// asideView is a draft that was laid aside.
type asideView struct {
	draft state.DraftID
	label string
}

// questionOf returns what a question offers: the drafts laid aside and the tickets of its
// chat, or for n > 0 the n-th page of all tickets.
func questionOf(t *chat.Turn, s texts.Texts, d state.Draft, items []state.Item, n int) (questionView, error) {
	v := questionView{draft: d.ID, messages: compose(t.Config, items).messages, now: t.Now}
	var err error
	if n > 0 {
		var total int
		v.page = n
		v.tickets, total, err = t.Tx.Tickets(state.TicketFilter{AnyState: true}, otherChoices, (n-1)*otherChoices)
		v.pages = (total + otherChoices - 1) / otherChoices
		return v, err
	}
	aside, err := asideOf(t, d.Chat, d.User, d.ID)
	if err != nil {
		return v, err
	}
	for _, other := range aside {
		label, err := asideLabel(t, s, other)
		if err != nil {
			return v, err
		}
		if label != "" && len(v.aside) < asideShown {
			v.aside = append(v.aside, asideView{other.ID, label})
		}
	}
	v.tickets, err = ticketsInDoubt(t, d.Chat, choices)
	return v, err
}

// show asks where the gathered messages go.
func (v questionView) show(s texts.Texts) (telegram.Text, [][]telegram.Button) {
	text := s.T(chat.Either(v.forgotten, "question_forgotten", "question"))
	if v.messages > 1 {
		text += "\n" + s.T("draft_messages", "Count", v.messages)
	}
	var rows [][]telegram.Button
	for _, a := range v.aside {
		rows = append(rows, []telegram.Button{chat.Button(a.label, chat.Data(chat.PressJoin, v.draft, int64(a.draft)))})
	}
	for _, ticket := range v.tickets {
		rows = append(rows, []telegram.Button{choice(s, v.draft, ticket, v.now)})
	}
	if v.pages > 1 {
		rows = append(rows, chat.Pager(v.page-1, v.pages, func(p int) string { return chat.Data(chat.PressOther, v.draft, int64(p+1)) }))
	}
	if v.page == 0 {
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_other"), chat.Data(chat.PressOther, v.draft, 1))})
	} else {
		rows = append(rows, []telegram.Button{chat.Button(s.T("button_back"), chat.Data(chat.PressOther, v.draft, 0))})
	}
	return telegram.Plain(text), append(rows, []telegram.Button{
		chat.Button(s.T("button_new"), chat.Data(chat.PressFresh, v.draft)), chat.Button(s.T("button_cancel"), chat.Data(chat.PressDrop, v.draft)),
	})
}

// choice is the button of a ticket. Choosing one marked as closed agrees to reopening it.
func choice(s texts.Texts, d state.DraftID, ticket state.Ticket, now time.Time) telegram.Button {
	age := ""
	if !ticket.LastActivity.IsZero() {
		age = chat.Ago(s, now.Sub(ticket.LastActivity))
	}
	label := s.T("question_ticket", "Ticket", chat.TicketName(ticket.ID), "Subject", chat.CutRunes(ticket.Subject, 30), "Age", age)
	if ticket.Open {
		return chat.Button(label, chat.Data(chat.PressTo, d, int64(ticket.ID)))
	}
	label = s.T("question_closed", "Ticket", chat.TicketName(ticket.ID), "Subject", chat.CutRunes(ticket.Subject, 30))
	return chat.Button(label, chat.Data(chat.PressToClosed, d, int64(ticket.ID)))
}

// asideLabel names a draft that was laid aside by its kind and first line; "" if it is
// empty.
func asideLabel(t *chat.Turn, s texts.Texts, d state.Draft) (string, error) {
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return "", err
	}
	if len(items) == 0 {
		return "", nil
	}
	c := compose(t.Config, items)
	key, line := "aside_draft", subjectOf(d, c)
	switch d.Kind {
	case state.DraftQuestion:
		key = "aside_question"
	case state.DraftGoing:
		to, err := gatheredFor(t, d)
		if to.Ticket == 0 {
			key = "aside_going_new"
		} else {
			key = "aside_going"
		}
		return s.T(key, "Ticket", chat.TicketName(to.Ticket), "Subject", chat.CutRunes(line, 30)), err
	case state.DraftClosed:
		return s.T("aside_closed", "Ticket", chat.TicketName(d.Ticket), "Subject", chat.CutRunes(line, 30)), nil
	}
	return s.T(key, "Subject", chat.CutRunes(line, 40)), nil
}

// SendTo sends what a question has gathered to the chosen ticket. marked is true if the
// button showed it as closed.
func SendTo(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID, ticket state.TicketID, marked bool) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	if _, err := t.Tx.Ticket(ticket); errors.Is(err, state.ErrNotFound) {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	} else if err != nil {
		return err
	}
	closed, err := isClosed(t, ticket)
	if err != nil {
		return err
	}
	if closed && !marked {
		d.Kind, d.Ticket, d.Due = state.DraftClosed, ticket, t.Now.Add(draftLife)
		return errors.Join(t.AnswerCallback(c.ID, "", false), t.Tx.SaveDraft(d), takeUp(t, d), ShowCard(t, d))
	}
	return sendPressed(t, s, c, d, marked, func(content Content) state.Submission {
		return state.Submission{Kind: state.Answer, Ticket: ticket, Text: content.text}
	})
}

// ShowOther handles [Другое…]: it shows the n-th page of all tickets; 0: back to those of
// this chat.
func ShowOther(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID, n int) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	v, err := questionOf(t, s.Texts, d, items, n)
	if err != nil {
		return err
	}
	text, buttons := v.show(s.Texts)
	if held, err := isInHand(t, d); err != nil {
		return err
	} else if !held {
		buttons = resumable(s.Texts, d, buttons)
	}
	// Not with the card's key: if a message with that key is in flight, the card is shown again
	// after it in its first form.
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Draft: d.ID, Page: true}, Edit: d.Card, Key: chat.PageKey(d.ID), Text: text, Buttons: buttons,
	}))
}

// Join moves what a question has gathered into a draft that was laid aside, which is then
// in hand again.
func Join(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id, into state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftQuestion)
	if err != nil || !ok {
		return err
	}
	other, err := t.Tx.Draft(into)
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	if err != nil || other.State != state.DraftOpen || other.Chat != d.Chat || other.User != d.User || other.ID == d.ID || !awaitsWord(other) {
		// It was sent or dropped in the meantime; the card shows what is left.
		return errors.Join(t.AnswerCallback(c.ID, s.T("button_expired"), true), ShowCard(t, d))
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	if fits, err := hasRoom(t, other, items); err != nil {
		return err
	} else if !fits {
		return t.AnswerCallback(c.ID, s.T("draft_full", "Limit", draftLimit), true)
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), takeUp(t, other), addItems(t, s, other, items))
}

// MakeFresh handles [Новое обращение]: the gathered messages become a draft.
func MakeFresh(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftQuestion, state.DraftClosed)
	if err != nil || !ok {
		return err
	}
	d.Kind, d.Ticket, d.Due = state.DraftOpening, 0, t.Now.Add(draftLife)
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Tx.SaveDraft(d), takeUp(t, d), ShowCard(t, d))
}

// holdForClosed asks whether an answer may reopen a closed ticket. What its author writes
// next in a private chat is added to it.
func holdForClosed(t *chat.Turn, s chat.Speaker, ticket state.TicketID, items []state.Item) error {
	if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
		return err
	}
	_, err := beginInHand(t, s, state.Draft{Kind: state.DraftClosed, Ticket: ticket}, items)
	return err
}

// ByAlbum handles an album item that comes long after the others: it goes where they went.
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
		drafts, err := t.Tx.DraftsWith(s.Chat, i.Message)
		if err != nil {
			return false, err
		}
		for _, d := range drafts {
			if d.State == state.DraftOpen && d.User == s.ID && d.Kind != state.DraftCorrection {
				return true, addMessages(t, s, d, messages)
			}
		}
		sub, err := t.Tx.SubmissionOf(s.Chat, i.Message)
		if errors.Is(err, state.ErrNotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if to, ok := TargetOf(sub); ok && sub.State != state.SubmissionCancelled {
			to.Reopens = true // the others have gone there
			items, ok, err := carried(t, s, messages)
			if err != nil || !ok {
				return true, err
			}
			return true, answer(t, s, to, items, written(t, messages), "")
		}
	}
	return false, nil
}

// KeepAlbum stores an album's items, so that the album can be found by one of them: a
// reply shows only one.
func KeepAlbum(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) error {
	if messages[0].MediaGroup == "" || messages[0].Chat.Type != "private" {
		return nil
	}
	items, _ := readItems(t, messages, s.ID)
	for _, i := range items {
		if err := t.Tx.SaveItem(i, t.Now); err != nil {
			return err
		}
	}
	return nil
}
