package bot

import (
	"errors"
	"strconv"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// The actions on a draft; its number follows.
const (
	pressSend    = "send"
	pressSubject = "subject"
	pressDrop    = "drop"
	pressFresh   = "fresh"   // a question's message is to open a ticket
	pressTo      = "to"      // a question's message goes to the ticket whose number follows
	pressCorrect = "correct" // a correction is to be sent
)

func draftPress(action string, id state.DraftID) string {
	return action + ":" + strconv.FormatInt(int64(id), 10)
}

// card writes or rewrites the message with a draft's buttons, by its kind and state.
// Of a draft that was sent it is the receipt.
func (t *turn) card(d state.Draft) error {
	// Who has lost his access since is told nothing more.
	if ok, err := t.allowed(d.Chat, d.User); err != nil || !ok {
		return err
	}
	if d.State == state.DraftSent {
		return nil
	}
	s, err := t.textsFor(d.Chat)
	if err != nil {
		return err
	}
	items, err := t.tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	o := outgoing{chat: d.Chat, thread: d.Thread, edit: d.Card, draft: d.ID, key: cardKey(d.ID)}
	if d.Kind != state.DraftOpening && len(items) > 0 {
		o.replyTo = items[0].Message
	}
	switch {
	case d.State != state.DraftOpen:
		o.text = telegram.Plain(s.T(closedCard(d)))
	case d.Kind == state.DraftQuestion:
		err = t.questionCard(s, d, &o)
	case d.Kind == state.DraftCorrection:
		o.text = telegram.Plain(s.T("edit_too_late"))
		o.buttons = [][]telegram.Button{{
			button(s.T("button_correct"), draftPress(pressCorrect, d.ID)), button(s.T("button_leave_it"), draftPress(pressDrop, d.ID)),
		}}
	default:
		t.draftCard(s, d, items, &o)
	}
	return errors.Join(err, t.say(o))
}

// closedCard is what a card says of a draft that is over without being sent: a key
// of the catalogue.
func closedCard(d state.Draft) string {
	switch {
	case d.State == state.DraftJoined:
		return pick(d.Kind == state.DraftCorrection, "correction_applied", "draft_joined")
	case d.Kind == state.DraftCorrection:
		return "correction_dropped"
	case d.Kind == state.DraftQuestion:
		return pick(d.State == state.DraftExpired, "question_expired", "question_cancelled")
	}
	return pick(d.State == state.DraftExpired, "draft_expired", "draft_cancelled")
}

// draftCard shows what an opening holds so far.
func (t *turn) draftCard(s texts.Texts, d state.Draft, items []state.Item, o *outgoing) {
	cancel := button(s.T("button_cancel"), draftPress(pressDrop, d.ID))
	var b telegram.Builder
	b.Bold(s.T("draft_title"))
	if len(items) == 0 {
		b.Plain("\n" + joinLines(s.T("draft_hint"), s.T("draft_unsent")))
		o.text, o.buttons = b.Text(), [][]telegram.Button{{cancel}}
		return
	}
	c := t.compose(items)
	count := s.T("draft_messages", "Count", c.messages)
	if len(c.files) > 0 {
		count += s.T("draft_files", "Count", len(c.files))
	}
	var lines []string
	if subject := t.subjectOf(d, c); subject != "" {
		lines = append(lines, s.T("draft_subject", "Subject", subject))
	}
	lines = append(lines, count)
	for _, f := range c.files {
		if f.State == state.FileFailed {
			lines = append(lines, s.T("file_failed", "Name", f.Name, "Reason", s.T("reason_"+f.Reason, "Limit", size(s, t.MaxFileSize), "Detail", "")))
		}
	}
	if c.torn {
		lines = append(lines, s.T(pick(telegram.ChatID(d.Chat).IsGroup(), "draft_torn_group", "draft_torn")))
	}
	b.Plain("\n" + joinLines(append(lines, s.T("draft_unsent"))...))
	o.text = b.Text()
	o.buttons = [][]telegram.Button{
		{button(s.T("button_send"), draftPress(pressSend, d.ID))},
		{button(s.T("button_subject"), draftPress(pressSubject, d.ID)), cancel},
	}
}

// cardOf rewrites the card of a draft.
func (t *turn) cardOf(id state.DraftID) error {
	d, err := t.tx.Draft(id)
	if err != nil {
		return err
	}
	return t.card(d)
}

// cardSent notes a draft's card.
func (t *turn) cardSent(id state.DraftID, message state.MessageID) error {
	d, err := t.tx.Draft(id)
	if errors.Is(err, state.ErrNotFound) {
		return nil
	}
	if err != nil || d.Card != 0 {
		return err
	}
	d.Card = message
	return t.tx.SaveDraft(d)
}

// cardGone notes that a person has deleted the card: what is still open is shown
// anew.
func (t *turn) cardGone(id state.DraftID) error {
	d, err := t.tx.Draft(id)
	if err != nil || d.State != state.DraftOpen {
		return err
	}
	d.Card = 0
	return errors.Join(t.tx.SaveDraft(d), t.card(d))
}
