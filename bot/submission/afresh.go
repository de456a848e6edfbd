package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// opensAfresh reports whether a submission is a rejected answer to a ticket that Plusofon does
// not have: it can open another one.
func opensAfresh(sub state.Submission) bool {
	return sub.State == state.SubmissionRefused && sub.Reason == state.ReasonNotFound && sub.Kind == state.Answer
}

// stoppedButtons returns the buttons under a submission that has failed. Retrying does not help
// an answer whose ticket is known to be gone or was never seen.
func stoppedButtons(t *chat.Turn, s texts.Texts, sub state.Submission) ([][]telegram.Button, error) {
	again := decisionButtons(s, sub.ID, "button_retry", "button_cancel")
	if !opensAfresh(sub) {
		return again, nil
	}
	fresh := chat.Button(s.T("button_new"), chat.Data(chat.PressAfresh, sub.ID))
	ticket, err := t.Tx.Ticket(sub.Ticket)
	if err == nil && ticket.Gone.IsZero() {
		return append([][]telegram.Button{{fresh}}, again...), nil
	}
	return [][]telegram.Button{{fresh, chat.Button(s.T("button_cancel"), chat.Data(chat.PressCancel, sub.ID))}}, chat.IgnoreAbsent(err)
}

// Afresh handles [Новое обращение] under a rejected answer to a ticket that Plusofon does not
// have: the answer is withdrawn and its messages become a draft, whose card replaces the
// rejection.
func Afresh(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SubmissionID) error {
	sub, ok, err := pressedSubmission(t, s, id)
	if err != nil {
		return err
	}
	switch {
	case ok && sub.User != s.ID:
		return t.AnswerCallback(c.ID, s.T("not_yours"), true)
	case !ok || !opensAfresh(sub):
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	items, err := writtenIn(t, sub)
	if err != nil {
		return err
	}
	if err := correct(t, sub, items); err != nil {
		return err
	}
	if no, err := nothingToSend(t, s, c, compose(t.Config, items)); no || err != nil {
		return err
	}
	if err := unsubmit(t, sub); err != nil {
		return err
	}
	d, err := beginDraft(t, s, state.Draft{Kind: state.DraftOpening, Card: state.MessageID(c.Message.ID)}, t.Now.Add(draftLife), items)
	if err != nil {
		return err
	}
	// Use the receipt's key: a queued receipt must not overwrite the draft's card.
	return errors.Join(t.React(sub.Chat, sub.Message, "", 0), t.AnswerCallback(c.ID, "", false), takeUp(t, d), showCard(t, d, chat.ReceiptKey(sub.ID)))
}

// unsubmit deletes a submission that was certainly not sent, so that its messages can be sent
// otherwise. What was offered as its correction is over: an edit changes the messages themselves.
func unsubmit(t *chat.Turn, sub state.Submission) error {
	corrections, err := t.Tx.Corrections(sub.ID)
	if err != nil {
		return err
	}
	for _, d := range corrections {
		err = errors.Join(err, closeDraft(t, d, state.DraftJoined))
	}
	return errors.Join(err, dropRequest(t, sub), t.Tx.Unsubmit(sub.ID))
}

// correct gives a submission's messages the texts that were offered as corrections.
func correct(t *chat.Turn, sub state.Submission, items []state.Item) error {
	drafts, err := t.Tx.Corrections(sub.ID)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		edited, err := t.Tx.DraftItems(d.ID)
		if err != nil {
			return err
		}
		for _, e := range edited {
			for n, i := range items {
				if i.Chat == e.Chat && i.Message == e.Message {
					items[n].Text = e.Text
				}
			}
		}
	}
	return nil
}

// writtenIn returns the messages of a submission. If one of them is no longer stored, or never
// was because it was the only one, they are made from the submission.
func writtenIn(t *chat.Turn, sub state.Submission) ([]state.Item, error) {
	if sub.Draft != 0 {
		if items, err := t.Tx.DraftItems(sub.Draft); err != nil || len(items) > 0 {
			return items, err
		}
	}
	parts, err := t.Tx.Parts(sub.ID)
	if err != nil {
		return nil, err
	}
	files, err := t.Tx.Files(sub.ID)
	if err != nil {
		return nil, err
	}
	text, err := unsigned(t, sub)
	if err != nil {
		return nil, err
	}
	var kept, made []state.Item
	for n, m := range append([]state.MessageID{sub.Message}, parts...) {
		all, err := t.Tx.Items(sub.Chat, m)
		if err != nil {
			return nil, err
		}
		if len(all) > 0 && all[0].Draft == 0 {
			kept = append(kept, all[0])
		}
		i := state.Item{Chat: sub.Chat, Message: m}
		if n == 0 {
			i.Text = text
		}
		if n < len(files) {
			i.FileID, i.FileName, i.FileSize = files[n].FileID, files[n].Name, files[n].Size
		}
		made = append(made, i)
	}
	if len(kept) == len(made) {
		return kept, nil
	}
	if made[0].Text == fileNames(files) {
		made[0].Text = "" // it replaced a missing text
	}
	return made, nil
}
