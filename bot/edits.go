package bot

import (
	"errors"
	"slices"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// edited handles a changed message. Reactions and link previews come as edits
// too; only changed words and files matter.
func (t *turn) edited(m *telegram.Message) error {
	if m.From == nil || m.From.IsBot {
		return nil
	}
	s, err := t.meet(*m.From, m.Chat)
	if err != nil || !s.allowed {
		return err
	}
	if m.Location != nil {
		return nil // a live one moves on and on: where it was when it was sent is what counts
	}
	now, refused := t.item(m, s.ID)
	if refused != "" {
		return nil // it went nowhere
	}
	was, err := t.tx.Item(s.chat, now.Message)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	kept := err == nil
	if kept {
		// Who is named was settled by whoever put it there.
		now.Author, now.Authored = was.Author, was.Authored
	}
	if kept && was.Text == now.Text && was.FileName == now.FileName && was.FileSize == now.FileSize {
		return nil
	}
	now.Draft = was.Draft
	if d, err := t.tx.Draft(was.Draft); err == nil && d.State == state.DraftOpen {
		return t.editedDraft(s, d, now)
	} else if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	sub, err := t.tx.SubmissionOf(s.chat, now.Message)
	if errors.Is(err, state.ErrNotFound) {
		if kept { // an album that went nowhere yet
			return t.tx.SaveItem(now, t.now)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return t.editedSubmission(s, sub, now, kept)
}

// editedDraft changes a draft's message with its original. One that has become a
// remark is taken out.
func (t *turn) editedDraft(s speaker, d state.Draft, now state.Item) error {
	switch {
	case d.Kind == state.DraftCorrection:
		sub, err := t.tx.Submission(d.Submission)
		if err != nil {
			return err
		}
		if err := t.tx.SaveItem(now, t.now); err != nil || !isNote(now.Text) && !t.says(s, sub, now) {
			return err
		}
		return t.closeDraft(d, state.DraftCancelled)
	case isNote(now.Text) && d.Kind == state.DraftQuestion:
		return errors.Join(t.tx.SaveItem(now, t.now), t.closeDraft(d, state.DraftCancelled))
	case isNote(now.Text):
		return errors.Join(t.tx.DropItem(now.Chat, now.Message), t.card(d))
	}
	return errors.Join(t.tx.SaveItem(now, t.now), t.card(d))
}

// says tells whether a submission holds the words of one of its messages. Whether
// it was signed then is no matter of the words.
func (t *turn) says(s speaker, sub state.Submission, i state.Item) bool {
	subject, body := "", t.compose([]state.Item{i}).text
	if sub.Text == body || sub.Text == body+signature(s.Person) {
		return true
	}
	if sub.Kind == state.Opening {
		subject, body = subjectAndBody(body)
	}
	return subject == sub.Subject && (sub.Text == body || sub.Text == body+signature(s.Person))
}

// editedSubmission follows an edit of a message that was submitted: while it is
// certainly not at Plusofon the new words replace the old; after that nothing can
// be changed there, and the person is asked whether to send a correction.
func (t *turn) editedSubmission(s speaker, sub state.Submission, now state.Item, kept bool) error {
	parts, err := t.tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	files, err := t.tx.Files(sub.ID)
	if err != nil {
		return err
	}
	alone := len(parts) == 0
	switch {
	case sub.State == state.SubmissionCancelled:
		return nil
	case alone && !kept && t.says(s, sub, now):
		return nil
	case !alone && !kept && strings.Contains(sub.Subject+"\n"+sub.Text, now.Text):
		return nil // it was forgotten, and looks as it was
	case now.FileID != "" && !has(files, now):
		return t.say(outgoing{chat: sub.Chat, replyTo: now.Message, ticket: sub.Ticket, text: telegram.Plain(s.T("file_edit_too_late"))})
	case sub.State != state.SubmissionQueued && sub.State != state.SubmissionFailed:
		return t.askCorrection(s, sub, now)
	case isNote(now.Text) && alone:
		return t.cancel(sub)
	}
	return t.replaceWords(s, sub, now)
}

// has tells whether a message's file is one of a submission's.
func has(files []state.File, i state.Item) bool {
	return slices.ContainsFunc(files, func(f state.File) bool { return f.Name == i.FileName && f.Size == i.FileSize })
}

// replaceWords changes what is not sent yet.
func (t *turn) replaceWords(s speaker, sub state.Submission, now state.Item) error {
	items := []state.Item{now}
	parts, err := t.tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	if err := t.tx.SaveItem(now, t.now); err != nil {
		return err
	}
	if len(parts) > 0 {
		if items, err = t.itemsOf(sub, parts); err != nil {
			return err
		}
	}
	c := t.compose(items)
	if telegram.Clean(c.text) == "" {
		return nil
	}
	if isNote(c.text) {
		return t.cancel(sub)
	}
	sub.Text = c.text
	if sub.Kind == state.Opening {
		d, err := t.tx.Draft(now.Draft)
		switch {
		case err == nil && d.Kind == state.DraftOpening:
			sub.Subject = t.subjectOf(d, c)
		case err == nil || errors.Is(err, state.ErrNotFound):
			sub.Subject, sub.Text = subjectAndBody(c.text)
		default:
			return err
		}
	}
	if sub.Text, err = t.sign(s.Person, sub.Text); err != nil {
		return err
	}
	return t.tx.SaveSubmission(sub)
}

// itemsOf are the messages of a submission, in their order.
func (t *turn) itemsOf(sub state.Submission, parts []state.MessageID) ([]state.Item, error) {
	var items []state.Item
	for _, m := range append([]state.MessageID{sub.Message}, parts...) {
		i, err := t.tx.Item(sub.Chat, m)
		if errors.Is(err, state.ErrNotFound) {
			continue // the card that a draft was sent by is none of its messages
		}
		if err != nil {
			return nil, err
		}
		if isNote(i.Text) {
			i.Text = ""
		}
		items = append(items, i)
	}
	return items, nil
}

// askCorrection says that Plusofon keeps the old words, and offers to send the new
// ones behind them.
func (t *turn) askCorrection(s speaker, sub state.Submission, now state.Item) error {
	if now.Text == "" || isNote(now.Text) {
		return nil
	}
	_, err := t.begin(s, state.Draft{Kind: state.DraftCorrection, Submission: sub.ID}, []state.Item{now})
	return err
}

// sendCorrection is [Отправить исправление]: the new words go to the ticket as an
// answer. Where the old ones turn out not to be there, they are replaced.
func (t *turn) sendCorrection(s speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := t.pressedDraft(s, c, id, state.DraftCorrection)
	if err != nil || !ok {
		return err
	}
	sub, err := t.tx.Submission(d.Submission)
	if err != nil {
		return err
	}
	items, err := t.tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	to, ok := where(sub)
	if !ok || len(items) == 0 {
		return errors.Join(t.answerPress(c.ID, s.T("button_expired"), true), t.closeDraft(d, state.DraftCancelled))
	}
	if sub.State == state.SubmissionQueued || sub.State == state.SubmissionFailed {
		return errors.Join(t.answerPress(c.ID, "", false), t.replaceWords(s, sub, items[0]), t.closeDraft(d, state.DraftJoined))
	}
	d.State = state.DraftSent
	return errors.Join(t.tx.SaveDraft(d), t.answerPress(c.ID, "", false), t.submit(s, state.Submission{
		Kind: state.Answer, Chat: d.Chat, Message: d.Card, User: d.User, Ticket: to.ticket, Opening: to.opening, Receipt: d.Card,
		Text: staff.T("correction", "Text", items[0].Text),
	}, nil, nil))
}
