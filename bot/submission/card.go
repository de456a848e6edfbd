package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// ShowCard writes or rewrites the message with a draft's buttons, by its kind and state.
// Of a draft that was sent it is the receipt.
func ShowCard(t *chat.Turn, d state.Draft) error {
	// Who has lost his access since is told nothing more.
	if ok, err := t.ChatAuthorized(d.Chat); err != nil || !ok {
		return err
	}
	if d.State == state.DraftSent {
		return nil
	}
	s, err := t.TextsFor(d.Chat)
	if err != nil {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	o := chat.Outgoing{Place: chat.Place{Chat: d.Chat, Thread: d.Thread}, Meaning: chat.Meaning{Draft: d.ID}, Edit: d.Card, Key: chat.CardKey(d.ID)}
	if d.Kind != state.DraftOpening && len(items) > 0 {
		o.ReplyTo = items[0].Message
	}
	switch {
	case d.State != state.DraftOpen:
		o.Text = telegram.Plain(s.T(closedCard(d)))
	case d.Kind == state.DraftQuestion:
		var tickets []state.Ticket
		tickets, err = t.Tx.OpenTicketsOf(d.Chat, choices)
		o.Text, o.Buttons = questionCard(s, d, tickets, t.Now)
	case d.Kind == state.DraftCorrection:
		o.Text = telegram.Plain(s.T("edit_too_late"))
		o.Buttons = [][]telegram.Button{{
			chat.Button(s.T("button_correct"), chat.Data(chat.PressCorrect, d.ID)), chat.Button(s.T("button_leave_it"), chat.Data(chat.PressDrop, d.ID)),
		}}
	default:
		o.Text, o.Buttons = draftCard(t.Config, s, d, items)
	}
	return errors.Join(err, t.Say(o))
}

// closedCard is what a card says of a draft that is over without being sent: a key
// of the catalogue.
func closedCard(d state.Draft) string {
	switch {
	case d.State == state.DraftJoined:
		return chat.Either(d.Kind == state.DraftCorrection, "correction_applied", "draft_joined")
	case d.Kind == state.DraftCorrection:
		return "correction_dropped"
	case d.Kind == state.DraftQuestion:
		return chat.Either(d.State == state.DraftExpired, "question_expired", "question_cancelled")
	}
	return chat.Either(d.State == state.DraftExpired, "draft_expired", "draft_cancelled")
}

// draftCard shows what an opening holds so far.
func draftCard(cfg *chat.Config, s texts.Texts, d state.Draft, items []state.Item) (telegram.Text, [][]telegram.Button) {
	cancel := chat.Button(s.T("button_cancel"), chat.Data(chat.PressDrop, d.ID))
	var b telegram.Builder
	b.Bold(s.T("draft_title"))
	if len(items) == 0 {
		b.Plain("\n" + chat.JoinLines(s.T("draft_hint"), s.T("draft_unsent")))
		return b.Text(), [][]telegram.Button{{cancel}}
	}
	c := compose(cfg, items)
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
	b.Plain("\n" + chat.JoinLines(append(lines, s.T("draft_unsent"))...))
	return b.Text(), [][]telegram.Button{
		{chat.Button(s.T("button_send"), chat.Data(chat.PressSend, d.ID))},
		{chat.Button(s.T("button_subject"), chat.Data(chat.PressSubject, d.ID)), cancel},
	}
}

// ShowCardOf rewrites the card of a draft.
func ShowCardOf(t *chat.Turn, id state.DraftID) error {
	d, err := t.Tx.Draft(id)
	if err != nil {
		return err
	}
	return ShowCard(t, d)
}

// CardSent notes a draft's card.
func CardSent(t *chat.Turn, id state.DraftID, message state.MessageID) error {
	d, err := t.Tx.Draft(id)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil || d.Card != 0 {
		return err
	}
	d.Card = message
	return t.Tx.SaveDraft(d)
}

// CardGone notes that a person has deleted the card: what is still open is shown
// anew.
func CardGone(t *chat.Turn, id state.DraftID) error {
	d, err := t.Tx.Draft(id)
	if err != nil || d.State != state.DraftOpen {
		return err
	}
	d.Card = 0
	return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d))
}
