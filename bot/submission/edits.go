package submission

import (
	"errors"
	"slices"
	"strings"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Edited handles an edited message. Reactions and link previews arrive as edits too; only
// changed text and files matter. named is true if the message now mentions a colleague.
func Edited(t *chat.Turn, m *telegram.Message, named bool) error {
	if m.SenderChat != nil {
		return editedFaceless(t, m, named)
	}
	if m.From == nil || m.From.IsBot {
		return nil
	}
	s, err := t.Meet(*m.From, m.Chat, chat.ThreadOf(m))
	if err != nil || !s.Allowed {
		return err
	}
	if m.Location != nil {
		return nil // a live location keeps moving: what counts is where it was when sent
	}
	now, refused := readItem(m, s.ID, t.BotName, t.DefaultZone())
	if refused != "" {
		return nil // it was not sent anywhere
	}
	was, err := t.Tx.Items(s.Chat, now.Message)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(was, func(i state.Item) bool { return i.Titles }) {
		now.Text = titling(now, m).Text
	}
	kept := len(was) > 0
	if kept && was[0].Text == now.Text && was[0].FileName == now.FileName && was[0].FileSize == now.FileSize {
		return nil
	}
	if err := t.Tx.EditItem(now, t.Now); err != nil {
		return err
	}
	changed, corrects, err := editedDrafts(t, s, now, named)
	if err != nil || corrects {
		return err
	}
	sub, err := t.Tx.SubmissionOf(s.Chat, now.Message)
	if err != nil || slices.Contains(changed, sub.ID) {
		return chat.IgnoreAbsent(err)
	}
	return editedSubmission(t, s, sub, now, kept, named)
}

// editedFaceless handles the edit of a message whose author nobody knows: it may be in drafts, and
// nobody can be asked about what was sent.
func editedFaceless(t *chat.Turn, m *telegram.Message, named bool) error {
	at := chat.Place{Chat: state.ChatID(m.Chat.ID), Thread: chat.ThreadOf(m)}
	if ok, err := t.ChatAuthorized(at.Chat); err != nil || !ok {
		return err
	}
	now, refused := readItem(m, 0, t.BotName, t.DefaultZone())
	if refused != "" || m.Location != nil {
		return nil
	}
	was, err := t.Tx.Items(at.Chat, now.Message)
	if err != nil || len(was) == 0 || was[0].Text == now.Text && was[0].FileName == now.FileName && was[0].FileSize == now.FileSize {
		return err
	}
	if err := t.Tx.EditItem(now, t.Now); err != nil {
		return err
	}
	_, _, err = editedDrafts(t, chat.Speaker{Place: at}, now, named)
	return err
}

// editedDrafts applies an edit to every draft with the message, including other people's.
// It returns the changed submissions made from such drafts and not sent yet, and whether
// the author is already being asked whether to send a correction.
func editedDrafts(t *chat.Turn, s chat.Speaker, now state.Item, named bool) (changed []state.SubmissionID, corrects bool, err error) {
	drafts, err := t.Tx.DraftsWith(now.Chat, now.Message)
	if err != nil {
		return nil, false, err
	}
	for _, d := range drafts {
		if d.State == state.DraftOpen {
			corrects = corrects || d.Kind == state.DraftCorrection
			if err := editedDraft(t, s, d, now); err != nil {
				return nil, false, err
			}
			continue
		}
		sub, err := t.Tx.SubmissionFrom(d.ID)
		if errors.Is(err, state.ErrNotFound) || err == nil && !sub.TakesEdits() {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		files, err := t.Tx.Files(sub.ID)
		if err != nil {
			return nil, false, err
		}
		if replaced, err := replacesFile(t, sub, files, now); err != nil {
			return nil, false, err
		} else if replaced {
			continue
		}
		if err := replaceWords(t, sub, now, named); err != nil {
			return nil, false, err
		}
		changed = append(changed, sub.ID)
	}
	return changed, corrects, nil
}

// editedDraft updates a message in a draft. One that became a remark is removed.
func editedDraft(t *chat.Turn, s chat.Speaker, d state.Draft, now state.Item) error {
	switch {
	case d.Kind == state.DraftCorrection:
		sub, err := t.Tx.Submission(d.Submission)
		if err != nil {
			return err
		}
		if same, err := isAsSent(t, sub, now); err != nil || !same && !IsRemark(now.Text) {
			return err
		}
		return closeDraft(t, d, state.DraftCancelled)
	case IsRemark(now.Text):
		return dropRemarks(t, d)
	}
	return ShowCard(t, d)
}

// dropRemarks removes from an open draft what has become a remark, an album as a whole. Unless it
// is to open a ticket, a draft left empty is closed.
func dropRemarks(t *chat.Turn, d state.Draft) error {
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	goes, remarks := withoutRemarks(items)
	for _, i := range remarks {
		err = errors.Join(err, t.Tx.DropItem(d.ID, i.Chat, i.Message))
	}
	if len(goes) == 0 && d.Kind != state.DraftOpening {
		return errors.Join(err, closeDraft(t, d, state.DraftCancelled))
	}
	return errors.Join(err, ShowCard(t, d))
}

// isAsSent reports whether an edited message is again what Plusofon has of it: what was sent, and
// no correction since.
func isAsSent(t *chat.Turn, sub state.Submission, now state.Item) (bool, error) {
	drafts, err := t.Tx.DraftsWith(now.Chat, now.Message)
	if err != nil || slices.ContainsFunc(drafts, func(d state.Draft) bool { return d.Kind == state.DraftCorrection && d.State == state.DraftSent }) {
		return false, err
	}
	items, err := itemsOf(t, sub, now)
	if err != nil {
		return false, err
	}
	return says(t, sub, items...)
}

// says reports whether a submission consists of the text of these messages, under their subject.
func says(t *chat.Turn, sub state.Submission, items ...state.Item) (bool, error) {
	text, err := unsigned(t, sub)
	if err != nil {
		return false, err
	}
	c := compose(t.Config, items)
	if sub.Kind != state.Opening {
		return text == c.text, nil
	}
	if text == c.text {
		return c.subject == "" || c.subject == sub.Subject, nil
	}
	subject, body := subjectAndBody(c.text)
	return subject == sub.Subject && text == body, nil
}

// unsigned returns the text of a submission without the signature that sign adds, whatever its
// author was called then. Where nobody signs, a last paragraph like it is the text's own.
func unsigned(t *chat.Turn, sub state.Submission) (string, error) {
	signature, err := sign(t, state.Person{ID: sub.User, Name: "-"}, "")
	i := strings.LastIndex(sub.Text, signatureMark)
	if err != nil || signature == "" || i < 0 || strings.Contains(sub.Text[i+len(signatureMark):], "\n") {
		return sub.Text, err
	}
	return sub.Text[:i], nil
}

// editedSubmission handles the edit of a message that was submitted. While it has
// certainly not been sent, the new text replaces the old one; after that Plusofon can't
// change it, and the author is asked whether to send a correction.
func editedSubmission(t *chat.Turn, s chat.Speaker, sub state.Submission, now state.Item, kept, named bool) error {
	parts, err := t.Tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	files, err := t.Tx.Files(sub.ID)
	if err != nil {
		return err
	}
	alone := len(parts) == 0 && sub.Draft == 0
	if alone && !kept {
		if same, err := says(t, sub, now); err != nil || same {
			return err
		}
	}
	replaced, err := replacesFile(t, sub, files, now)
	if err != nil {
		return err
	}
	switch {
	case sub.State == state.SubmissionCancelled:
		return nil
	case sub.Text == "":
		return nil // its text is not kept, so a change can't be detected
	case !alone && !kept && strings.Contains(sub.Subject+"\n"+sub.Text, now.Text):
		return nil // it was pruned, and looks unchanged
	case replaced:
		return t.Say(chat.Outgoing{Place: chat.Place{Chat: sub.Chat, Thread: sub.Thread}, Meaning: chat.Meaning{Ticket: sub.Ticket}, ReplyTo: now.Message, Text: telegram.Plain(s.T("file_edit_too_late"))})
	case IsRemark(now.Text) && alone && sub.State.CertainlyNotSent():
		return withdraw(t, sub)
	case !sub.TakesEdits():
		if same, err := isAsSent(t, sub, now); err != nil || same {
			return err
		}
		return askCorrection(t, s, sub, now)
	}
	return replaceWords(t, sub, now, named)
}

// replacesFile reports whether an edited message has another file than its submission. One that has
// become a remark before it was sent has none there.
func replacesFile(t *chat.Turn, sub state.Submission, files []state.File, now state.Item) (bool, error) {
	if now.FileID == "" || hasFile(files, now) {
		return false, nil
	}
	if !sub.State.CertainlyNotSent() {
		return true, nil
	}
	items, err := itemsOf(t, sub, now)
	if err != nil {
		return false, err
	}
	n := 0
	for _, i := range items {
		switch {
		case i.Chat == now.Chat && i.Message == now.Message:
			return isNumbered(files, n), nil
		case i.FileID != "":
			n++
		}
	}
	return true, nil
}

// hasFile reports whether a message's file is one of a submission's.
func hasFile(files []state.File, i state.Item) bool {
	return slices.ContainsFunc(files, func(f state.File) bool { return f.Name == i.FileName && f.Size == i.FileSize })
}

// isNumbered reports whether one of the files has this number.
func isNumbered(files []state.File, n int) bool {
	return slices.ContainsFunc(files, func(f state.File) bool { return f.N == n })
}

// replaceWords changes the text of an unsent submission. If it now mentions a colleague,
// its author is asked first, as for a new message.
func replaceWords(t *chat.Turn, sub state.Submission, now state.Item, named bool) error {
	items, err := itemsOf(t, sub, now)
	if err != nil {
		return err
	}
	goes, _ := withoutRemarks(items)
	c := compose(t.Config, goes)
	if telegram.Clean(c.text) == "" {
		return withdraw(t, sub)
	}
	if err := replaceFiles(t, sub, items, goes); err != nil {
		return err
	}
	sub.Text = c.text
	if sub.Kind == state.Opening {
		d, err := t.Tx.Draft(sub.Draft)
		switch {
		case err == nil && d.Kind == state.DraftOpening:
			sub.Subject = subjectOf(d, c)
		case err == nil || errors.Is(err, state.ErrNotFound):
			sub.Subject, sub.Text = subjectAndBody(c.text)
		default:
			return err
		}
	}
	author, err := t.Tx.Person(sub.User)
	if err != nil {
		return err
	}
	if sub.Text, err = sign(t, author, sub.Text); err != nil {
		return err
	}
	if !named || sub.State == state.SubmissionHeld || sub.Kind == state.Opening {
		return t.Tx.SaveSubmission(sub)
	}
	return errors.Join(dropRequest(t, sub), hold(t, sub, state.ReasonMention))
}

// hold stops a submission that has certainly not been sent until its author confirms it.
func hold(t *chat.Turn, sub state.Submission, why state.Reason) error {
	sub.State, sub.Reason, sub.Detail = state.SubmissionHeld, why, ""
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	if why.ForColleague() { // replies to it are for the colleague too; it loses its reaction
		words, err := needsWords(t, sub.Chat)
		if err == nil && !words && sub.Message != sub.Receipt {
			err = t.React(sub.Chat, sub.Message, "", sub.ID)
		}
		if err := errors.Join(err, t.Tx.UnmapSubmission(sub.ID)); err != nil {
			return err
		}
	}
	return Progress(t, sub, false)
}

// itemsOf returns a submission's messages in order; now is one of them as just edited.
func itemsOf(t *chat.Turn, sub state.Submission, now state.Item) ([]state.Item, error) {
	var items []state.Item
	if sub.Draft != 0 {
		all, err := t.Tx.DraftItems(sub.Draft)
		if err != nil {
			return nil, err
		}
		items = all
	} else {
		parts, err := t.Tx.Parts(sub.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range append([]state.MessageID{sub.Message}, parts...) {
			kept, err := t.Tx.Items(sub.Chat, m)
			switch {
			case err != nil:
				return nil, err
			case len(kept) > 0:
				items = append(items, kept[0])
			case m == now.Message:
				items = append(items, now)
			}
		}
	}
	return items, nil
}

// withoutRemarks splits messages into those that go and those that have become remarks. An album
// is one message.
func withoutRemarks(items []state.Item) (goes, remarks []state.Item) {
	for _, i := range items {
		remark := slices.ContainsFunc(items, func(o state.Item) bool {
			return IsRemark(o.Text) && (o.Chat == i.Chat && o.Message == i.Message || i.Album != "" && o.Album == i.Album)
		})
		if remark {
			remarks = append(remarks, i)
		} else {
			goes = append(goes, i)
		}
	}
	return goes, remarks
}

// replaceFiles gives a submission that was not sent the files of those of its messages that go. What
// a remark had is dropped, and comes back with the words: the files are numbered by the messages.
func replaceFiles(t *chat.Turn, sub state.Submission, items, goes []state.Item) error {
	files, err := t.Tx.Files(sub.ID)
	if err != nil {
		return err
	}
	all := compose(t.Config, items).files
	for _, i := range items {
		if i.FileID == "" {
			continue
		}
		f := all[0]
		all = all[1:]
		at := slices.IndexFunc(files, func(o state.File) bool { return o.Name == i.FileName && o.Size == i.FileSize })
		went := slices.ContainsFunc(goes, func(o state.Item) bool { return o.Chat == i.Chat && o.Message == i.Message })
		switch {
		case went && at < 0 && !isNumbered(files, f.N):
			f.Submission = sub.ID
			err = errors.Join(err, t.Tx.SaveFile(f))
		case !went && at >= 0:
			err = errors.Join(err, t.Tx.DropFile(sub.ID, files[at].N))
			files = slices.Delete(files, at, at+1)
		}
	}
	return err
}

// askCorrection says that Plusofon keeps the old text and offers to send the new text
// after it.
func askCorrection(t *chat.Turn, s chat.Speaker, sub state.Submission, now state.Item) error {
	if now.Text == "" || IsRemark(now.Text) {
		return nil
	}
	closed, err := isClosed(t, sub.Ticket)
	if err != nil {
		return err
	}
	d, err := beginDraft(t, s, state.Draft{Kind: state.DraftCorrection, Submission: sub.ID, Reopens: closed}, t.Now.Add(draftLife), []state.Item{now})
	return errors.Join(err, ShowCard(t, d))
}

// SendCorrection handles [Отправить исправление]: the new text goes to the ticket as an
// answer. If the old text turns out not to have been sent, it is replaced instead.
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
	if sub.CertainlyNotSent() {
		return errors.Join(t.AnswerCallback(c.ID, "", false), replaceWords(t, sub, items[0], false), closeDraft(t, d, state.DraftJoined))
	}
	if closed, err := isClosed(t, to.Ticket); err != nil {
		return err
	} else if closed && !d.Reopens {
		d.Reopens = true // the card says so now
		return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d), t.AnswerCallback(c.ID, s.T("closed_meanwhile", "Ticket", chat.TicketName(to.Ticket)), true))
	}
	return errors.Join(endDraft(t, d, state.DraftSent), t.AnswerCallback(c.ID, "", false), Submit(t, s, state.Submission{
		Kind: state.Answer, Chat: d.Chat, Message: d.Card, User: d.User, Ticket: to.Ticket, Opening: to.opening, Receipt: d.Card,
		Text: staff.T("correction", "Text", items[0].Text),
	}, nil))
}
