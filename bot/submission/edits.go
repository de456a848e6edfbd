package submission

import (
	"errors"
	"slices"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Edited handles a changed message. Reactions and link previews come as edits
// too; only changed words and files matter.
func Edited(t *chat.Turn, m *telegram.Message) error {
	if m.From == nil || m.From.IsBot {
		return nil
	}
	s, err := t.Meet(*m.From, m.Chat, chat.ThreadOf(m))
	if err != nil || !s.Allowed {
		return err
	}
	if m.Location != nil {
		return nil // a live one moves on and on: where it was when it was sent is what counts
	}
	now, refused := readItem(m, s.ID, t.BotName)
	if refused != "" {
		return nil // it went nowhere
	}
	was, err := t.Tx.Item(s.Chat, now.Message)
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
	if d, err := t.Tx.Draft(was.Draft); err == nil && d.State == state.DraftOpen {
		return editedDraft(t, s, d, now)
	} else if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	sub, err := t.Tx.SubmissionOf(s.Chat, now.Message)
	if errors.Is(err, state.ErrNotFound) {
		if kept { // an album that went nowhere yet
			return t.Tx.SaveItem(now, t.Now)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return editedSubmission(t, s, sub, now, kept)
}

// editedDraft changes a draft's message with its original. One that has become a
// remark is taken out.
func editedDraft(t *chat.Turn, s chat.Speaker, d state.Draft, now state.Item) error {
	switch {
	case d.Kind == state.DraftCorrection:
		sub, err := t.Tx.Submission(d.Submission)
		if err != nil {
			return err
		}
		if err := t.Tx.SaveItem(now, t.Now); err != nil || !IsRemark(now.Text) && !says(t, s, sub, now) {
			return err
		}
		return closeDraft(t, d, state.DraftCancelled)
	case IsRemark(now.Text) && d.Kind == state.DraftQuestion:
		return errors.Join(t.Tx.SaveItem(now, t.Now), closeDraft(t, d, state.DraftCancelled))
	case IsRemark(now.Text):
		return errors.Join(t.Tx.DropItem(now.Chat, now.Message), ShowCard(t, d))
	}
	return errors.Join(t.Tx.SaveItem(now, t.Now), ShowCard(t, d))
}

// says tells whether a submission holds the words of one of its messages. Whether
// it was signed then is no matter of the words.
func says(t *chat.Turn, s chat.Speaker, sub state.Submission, i state.Item) bool {
	subject, body := "", compose(t.Config, []state.Item{i}).text
	if sub.Text == body || sub.Text == body+Signature(s.Person) {
		return true
	}
	if sub.Kind == state.Opening {
		subject, body = subjectAndBody(body)
	}
	return subject == sub.Subject && (sub.Text == body || sub.Text == body+Signature(s.Person))
}

// editedSubmission follows an edit of a message that was submitted: while it is
// certainly not at Plusofon the new words replace the old; after that nothing can
// be changed there, and the person is asked whether to send a correction.
func editedSubmission(t *chat.Turn, s chat.Speaker, sub state.Submission, now state.Item, kept bool) error {
	parts, err := t.Tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	files, err := t.Tx.Files(sub.ID)
	if err != nil {
		return err
	}
	alone := len(parts) == 0
	switch {
	case sub.State == state.SubmissionCancelled:
		return nil
	case sub.Text == "":
		return nil // its words are not kept: nobody can tell whether they have changed
	case alone && !kept && says(t, s, sub, now):
		return nil
	case !alone && !kept && strings.Contains(sub.Subject+"\n"+sub.Text, now.Text):
		return nil // it was forgotten, and looks as it was
	case now.FileID != "" && !hasFile(files, now):
		return t.Say(chat.Outgoing{Place: chat.Place{Chat: sub.Chat, Thread: sub.Thread}, Meaning: chat.Meaning{Ticket: sub.Ticket}, ReplyTo: now.Message, Text: telegram.Plain(s.T("file_edit_too_late"))})
	case !sub.State.CertainlyNotSent():
		return askCorrection(t, s, sub, now)
	case IsRemark(now.Text) && alone:
		return cancel(t, sub)
	}
	return replaceWords(t, s, sub, now)
}

// hasFile tells whether a message's file is one of a submission's.
func hasFile(files []state.File, i state.Item) bool {
	return slices.ContainsFunc(files, func(f state.File) bool { return f.Name == i.FileName && f.Size == i.FileSize })
}

// replaceWords changes what is not sent yet.
func replaceWords(t *chat.Turn, s chat.Speaker, sub state.Submission, now state.Item) error {
	items := []state.Item{now}
	parts, err := t.Tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	if err := t.Tx.SaveItem(now, t.Now); err != nil {
		return err
	}
	if len(parts) > 0 {
		if items, err = itemsOf(t, sub, parts); err != nil {
			return err
		}
	}
	c := compose(t.Config, items)
	if telegram.Clean(c.text) == "" {
		return nil
	}
	if IsRemark(c.text) {
		return cancel(t, sub)
	}
	sub.Text = c.text
	if sub.Kind == state.Opening {
		d, err := t.Tx.Draft(now.Draft)
		switch {
		case err == nil && d.Kind == state.DraftOpening:
			sub.Subject = subjectOf(d, c)
		case err == nil || errors.Is(err, state.ErrNotFound):
			sub.Subject, sub.Text = subjectAndBody(c.text)
		default:
			return err
		}
	}
	if sub.Text, err = sign(t, s.Person, sub.Text); err != nil {
		return err
	}
	return t.Tx.SaveSubmission(sub)
}

// itemsOf are the messages of a submission, in their order.
func itemsOf(t *chat.Turn, sub state.Submission, parts []state.MessageID) ([]state.Item, error) {
	var items []state.Item
	for _, m := range append([]state.MessageID{sub.Message}, parts...) {
		i, err := t.Tx.Item(sub.Chat, m)
		if errors.Is(err, state.ErrNotFound) {
			continue // the card that a draft was sent by is none of its messages
		}
		if err != nil {
			return nil, err
		}
		if IsRemark(i.Text) {
			i.Text = ""
		}
		items = append(items, i)
	}
	return items, nil
}

// askCorrection says that Plusofon keeps the old words, and offers to send the new
// ones behind them.
func askCorrection(t *chat.Turn, s chat.Speaker, sub state.Submission, now state.Item) error {
	if now.Text == "" || IsRemark(now.Text) {
		return nil
	}
	_, err := beginDraft(t, s, state.Draft{Kind: state.DraftCorrection, Submission: sub.ID}, []state.Item{now})
	return err
}

// SendCorrection is [Отправить исправление]: the new words go to the ticket as an
// answer. Where the old ones turn out not to be there, they are replaced.
func SendCorrection(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftCorrection)
	if err != nil || !ok {
		return err
	}
	sub, err := t.Tx.Submission(d.Submission)
	if err != nil {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	to, ok := TargetOf(sub)
	if !ok || len(items) == 0 {
		return errors.Join(t.AnswerCallback(c.ID, s.T("button_expired"), true), closeDraft(t, d, state.DraftCancelled))
	}
	if sub.State.CertainlyNotSent() {
		return errors.Join(t.AnswerCallback(c.ID, "", false), replaceWords(t, s, sub, items[0]), closeDraft(t, d, state.DraftJoined))
	}
	d.State = state.DraftSent
	return errors.Join(t.Tx.SaveDraft(d), t.AnswerCallback(c.ID, "", false), Submit(t, s, state.Submission{
		Kind: state.Answer, Chat: d.Chat, Message: d.Card, User: d.User, Ticket: to.Ticket, Opening: to.opening, Receipt: d.Card,
		Text: staff.T("correction", "Text", items[0].Text),
	}, nil, nil))
}
