package submission

import (
	"errors"
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// ShowCard writes or edits the message with a draft's buttons, by the draft's kind and
// state. A sent draft's card is the receipt.
func ShowCard(t *chat.Turn, d state.Draft) error { return showCard(t, d, chat.CardKey(d.ID)) }

// showCard does the same, replacing any queued message with the given key.
func showCard(t *chat.Turn, d state.Draft, key string) error {
	// Skip chats whose access was revoked.
	if ok, err := t.ChatAuthorized(d.Chat); err != nil || !ok {
		return err
	}
	if d.State == state.DraftSent {
		return nil
	}
	if err := withdrawPage(t, d); err != nil {
		return err
	}
	s, err := t.TextsFor(d.Chat)
	if err != nil {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	o := chat.Outgoing{Place: chat.Place{Chat: d.Chat, Thread: d.Thread}, Meaning: chat.Meaning{Draft: d.ID}, Edit: d.Card, Key: key}
	if d.Kind != state.DraftOpening {
		o.ReplyTo = firstMessage(d, items)
	}
	if d.State != state.DraftOpen {
		text := closedCard(d, d.State)
		if d.Kind == state.DraftCorrection {
			if sub, err := t.Tx.Submission(d.Submission); chat.IgnoreAbsent(err) != nil {
				return err
			} else if err == nil && text == "correction_dropped" && sub.State != state.SubmissionDelivered {
				text = "correction_left" // whether the text before it is there is another question
			}
		}
		o.Text = telegram.Plain(s.T(text))
		return t.Say(o)
	}
	held, err := isInHand(t, d)
	if err != nil {
		return err
	}
	switch d.Kind {
	case state.DraftQuestion:
		var v questionView
		v, err = questionOf(t, s, d, items, 0)
		v.forgotten = isForgotten(t, d)
		o.Text, o.Buttons = v.show(s)
	case state.DraftGoing:
		o.Silent = true
		o.Text, o.Buttons, err = goingCard(t, s, d)
	case state.DraftClosed:
		var ticket state.Ticket
		ticket, err = t.Tx.Ticket(d.Ticket)
		err = chat.IgnoreAbsent(err)
		o.Text, o.Buttons = holdingCard(t.Config, s, d, items, !ticket.Gone.IsZero())
	case state.DraftCorrection:
		o.Text, o.Buttons, err = correctionCard(t, s, d)
		held = true // it gathers nothing
	default:
		o.Text, o.Buttons = draftCard(t.Config, s, d, items, isForgotten(t, d))
	}
	if d.Moves {
		o.Edit, o.Silent = 0, true
	}
	if isForgotten(t, d) {
		var b telegram.Builder
		o.Text = b.Bold(s.T("draft_forgotten")).Plain("\n").Append(o.Text).Text()
	}
	if !held && d.Kind != state.DraftGoing {
		o.Buttons = resumable(s, d, o.Buttons)
	}
	return errors.Join(err, t.Say(o))
}

// withdrawPage keeps a page of tickets that is still queued from taking the place of what the
// card shows from now on.
func withdrawPage(t *chat.Turn, d state.Draft) error { return withdrawCard(t, chat.PageKey(d.ID)) }

// withdrawCard takes back what is queued for a draft's card under a key.
func withdrawCard(t *chat.Turn, key string) error {
	queued, err := t.Tx.QueuedByKey(key)
	if err != nil {
		return chat.IgnoreAbsent(err)
	}
	return t.Tx.Withdraw(queued.ID, t.Now, "the card shows something else")
}

// ShowsPage reports whether a page of tickets may still be shown on a draft's card: it asks where
// its messages go, and the card is that message.
func ShowsPage(t *chat.Turn, id state.DraftID, card state.MessageID) (bool, error) {
	d, err := t.Tx.Draft(id)
	return err == nil && d.State == state.DraftOpen && d.Kind == state.DraftQuestion && d.Card == card, chat.IgnoreAbsent(err)
}

// resumable returns the buttons of a draft that was laid aside.
func resumable(s texts.Texts, d state.Draft, buttons [][]telegram.Button) [][]telegram.Button {
	return append([][]telegram.Button{{chat.Button(s.T("button_resume"), chat.Data(chat.PressResume, d.ID))}}, buttons...)
}

// closedCard returns the text of a closed draft's card: a key of the catalogue.
func closedCard(d state.Draft, end state.DraftState) string {
	switch {
	case end == state.DraftJoined:
		return chat.Either(d.Kind == state.DraftCorrection, "correction_applied", "draft_joined")
	case d.Kind == state.DraftCorrection:
		return "correction_dropped"
	case d.Kind == state.DraftOpening:
		return chat.Either(end == state.DraftExpired, "draft_expired", "draft_cancelled")
	}
	return chat.Either(end == state.DraftExpired, "question_expired", "question_cancelled")
}

// goingCard says where the gathered messages will go.
func goingCard(t *chat.Turn, s texts.Texts, d state.Draft) (telegram.Text, [][]telegram.Button, error) {
	to, err := gatheredFor(t, d)
	if err != nil {
		return telegram.Text{}, nil, err
	}
	text := s.T("going_to_new")
	if to.Ticket != 0 {
		ticket, err := t.Tx.Ticket(to.Ticket)
		if chat.IgnoreAbsent(err) != nil {
			return telegram.Text{}, nil, err
		}
		text = s.T("going_to", "Ticket", chat.TicketName(to.Ticket)+chat.Dotted(telegram.Clean(ticket.Subject), 40))
	}
	return telegram.Plain(text), [][]telegram.Button{{chat.Button(s.T("button_astray"), chat.Data(chat.PressAstray, d.ID))}}, nil
}

// holdingCard asks whether an answer may reopen its ticket, or, if the ticket is gone,
// open a new one.
func holdingCard(cfg *chat.Config, s texts.Texts, d state.Draft, items []state.Item, gone bool) (telegram.Text, [][]telegram.Button) {
	text := s.T(chat.Either(gone, "gone_asks", "closed_asks"), "Ticket", chat.TicketName(d.Ticket))
	if n := compose(cfg, items).messages; n > 1 {
		text += "\n" + s.T("draft_messages", "Count", n)
	}
	leave, fresh := chat.Button(s.T("button_leave_it"), chat.Data(chat.PressDrop, d.ID)), chat.Button(s.T("button_new"), chat.Data(chat.PressFresh, d.ID))
	if gone {
		return telegram.Plain(text), [][]telegram.Button{{fresh, leave}}
	}
	return telegram.Plain(text), [][]telegram.Button{{chat.Button(s.T("button_send"), chat.Data(chat.PressSend, d.ID)), leave}, {fresh}}
}

// correctionCard offers to send a message's new text as a correction.
func correctionCard(t *chat.Turn, s texts.Texts, d state.Draft) (telegram.Text, [][]telegram.Button, error) {
	sub, err := t.Tx.Submission(d.Submission)
	if err != nil {
		return telegram.Text{}, nil, err
	}
	text := s.T("edit_too_late")
	if d.Reopens {
		text += "\n" + s.T("closed_asks", "Ticket", chat.TicketName(sub.Ticket))
	}
	return telegram.Plain(text), [][]telegram.Button{{
		chat.Button(s.T("button_correct"), chat.Data(chat.PressCorrect, d.ID)), chat.Button(s.T("button_leave_it"), chat.Data(chat.PressDrop, d.ID)),
	}}, nil
}

// draftCard shows what an opening contains so far. forgotten is true if a line above it
// already says that nothing was sent.
func draftCard(cfg *chat.Config, s texts.Texts, d state.Draft, items []state.Item, forgotten bool) (telegram.Text, [][]telegram.Button) {
	cancel := chat.Button(s.T("button_cancel"), chat.Data(chat.PressDrop, d.ID))
	var b telegram.Builder
	b.Bold(s.T("draft_title"))
	c := compose(cfg, items)
	if c.messages == 0 {
		b.Plain("\n" + chat.JoinLines(s.T("draft_hint"), s.T("draft_unsent")))
		return b.Text(), [][]telegram.Button{{cancel}}
	}
	count := s.T("draft_messages", "Count", c.messages)
	if len(c.files) > 0 {
		count += s.T("draft_files", "Count", len(c.files))
	}
	var lines []string
	if subject := subjectOf(d, c); subject != "" {
		lines = append(lines, s.T("draft_subject", "Subject", subject))
	}
	lines = append(lines, count)
	for _, f := range c.files {
		if f.State == state.FileFailed {
			lines = append(lines, missedFile(s, cfg.MaxFileSize, f))
		}
	}
	if c.torn {
		lines = append(lines, s.T(chat.Either(telegram.ChatID(d.Chat).IsGroup(), "draft_torn_group", "draft_torn")))
	}
	if !forgotten {
		lines = append(lines, s.T("draft_unsent"))
	}
	b.Plain("\n" + chat.JoinLines(lines...))
	return b.Text(), [][]telegram.Button{
		{chat.Button(s.T("button_send"), chat.Data(chat.PressSend, d.ID))},
		{chat.Button(s.T("button_subject"), chat.Data(chat.PressSubject, d.ID)), cancel},
	}
}

// ShowCardOf edits the card of a draft. One that was pruned has none any more.
func ShowCardOf(t *chat.Turn, id state.DraftID) error {
	d, err := t.Tx.Draft(id)
	if err != nil {
		return chat.IgnoreAbsent(err)
	}
	return ShowCard(t, d)
}

// CardSent records a draft's card. One that was sent again replaces the previous one.
func CardSent(t *chat.Turn, id state.DraftID, message state.MessageID) error {
	d, err := t.Tx.Draft(id)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	switch {
	case err != nil || d.Card == message:
		return err
	case !wantsCard(d):
		return deleteCard(t, d, message)
	}
	if d, err = learnCard(t, d, message); err != nil || d.State != state.DraftSent {
		return err
	}
	// The draft was sent before its card was: the card becomes the receipt.
	sub, err := t.Tx.SubmissionFrom(d.ID)
	if err != nil || sub.Receipt != 0 {
		return chat.IgnoreAbsent(err)
	}
	sub.Receipt = message
	return errors.Join(t.Tx.SaveSubmission(sub), Progress(t, sub, false))
}

// learnCard records which message is a draft's card, and deletes the previous one.
func learnCard(t *chat.Turn, d state.Draft, message state.MessageID) (state.Draft, error) {
	if d.Card != 0 {
		if err := deleteCard(t, d, d.Card); err != nil {
			return d, err
		}
	}
	d.Card, d.Moves = message, false
	return d, t.Tx.SaveDraft(d)
}

// wantsCard reports whether a draft's card is to be sent again instead of edited.
func wantsCard(d state.Draft) bool { return d.Card == 0 || d.Moves && d.State == state.DraftOpen }

// SendsCard reports whether a queued card is still to be sent: its draft may have been sent or
// laid aside on the previous card.
func SendsCard(t *chat.Turn, id state.DraftID) (bool, error) {
	d, err := t.Tx.Draft(id)
	return err == nil && wantsCard(d), chat.IgnoreAbsent(err)
}

// deleteCard deletes a card that was replaced by another.
func deleteCard(t *chat.Turn, d state.Draft, card state.MessageID) error {
	return t.Request(telegram.DeleteMessage{ChatID: telegram.ChatID(d.Chat), MessageID: telegram.MessageID(card)},
		chat.TelegramRow{Place: chat.InChat(d.Chat), Meaning: chat.Meaning{Draft: d.ID}},
		chat.OrnamentLane(d.Chat, fmt.Sprintf("card:%d", card)), state.PriorityNews, "")
}

// CardStays handles a card that could not be deleted: it is edited to a line that says that it
// is no longer the card.
func CardStays(t *chat.Turn, at chat.Place, card state.MessageID) error {
	s, err := t.TextsFor(at.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: at, Edit: card, Text: telegram.Plain(s.T("card_elsewhere"))})
}

// CardGone handles a card that a person deleted: an open draft gets a new one, unless it has
// another already.
func CardGone(t *chat.Turn, id state.DraftID, card state.MessageID) error {
	d, err := t.Tx.Draft(id)
	if err != nil || d.State != state.DraftOpen || d.Card != card {
		return chat.IgnoreAbsent(err)
	}
	d.Card = 0
	return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d))
}
