package bot

import (
	"errors"
	"fmt"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// What the bot's reactions to a person's message say.
const (
	eyes        = "👀" // it is on disk
	okHand      = "👌" // Plusofon has it
	heartBroken = "💔" // it has failed
)

// progress shows a submission's state: by a reaction to the person's message,
// and where words are needed by one message about it, the receipt, which is
// edited and not added to. fresh says that the submission is (again) at its
// start.
func (t *turn) progress(sub state.Submission, fresh bool) error {
	// Who has lost his access since is told nothing more.
	if ok, err := t.allowed(sub.Chat, sub.User); err != nil || !ok {
		return err
	}
	files, err := t.tx.Files(sub.ID)
	if err != nil {
		return err
	}
	chat, err := t.tx.Chat(sub.Chat)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	// What a message was before its group became a supergroup can't be reached. A
	// card that has become the receipt bears no reaction: it tells in words.
	words := !chat.Reactions || chat.MovedTo != 0
	told := sub.Message == sub.Receipt || sub.Reason == reasonMention
	if emoji := reaction(sub, files); !words && !told && (emoji != eyes || fresh) {
		if err := t.react(sub.Chat, sub.Message, emoji, sub.ID); err != nil {
			return err
		}
	}
	return t.receipt(sub, files, words)
}

// reaction is the one that a submission's message should bear.
func reaction(sub state.Submission, files []state.File) string {
	switch sub.State {
	case state.SubmissionFailed:
		return heartBroken
	case state.SubmissionCancelled:
		return ""
	case state.SubmissionDelivered:
		if delivered, failed := count(files); delivered+failed == len(files) {
			return okHand
		}
	}
	return eyes
}

func count(files []state.File) (delivered, failed int) {
	for _, f := range files {
		switch f.State {
		case state.FileDelivered:
			delivered++
		case state.FileFailed:
			failed++
		}
	}
	return delivered, failed
}

// stage names how far a submission is: a receipt that was written at another stage
// is out of date.
func stage(sub state.Submission, files []state.File) string {
	delivered, failed := count(files)
	return fmt.Sprintf("%s %s %d %d", sub.State, sub.Reason, delivered, failed)
}

// receipt writes or rewrites what a person is told about a submission. words
// says that reactions can't tell it.
func (t *turn) receipt(sub state.Submission, files []state.File, words bool) error {
	s, err := t.textsFor(sub.Chat)
	if err != nil {
		return err
	}
	o := outgoing{
		chat: sub.Chat, thread: sub.Thread, replyTo: sub.Message, ticket: sub.Ticket, receipt: sub.ID, edit: sub.Receipt, key: receiptKey(sub.ID),
		stage: stage(sub, files),
	}
	switch sub.State {
	case state.SubmissionQueued, state.SubmissionSending:
		if !words && sub.Receipt == 0 && sub.Reason != reasonWaiting {
			return nil
		}
	case state.SubmissionDoubtful:
		o.buttons = again(s, sub.ID, "button_send_again", "button_leave")
	case state.SubmissionFailed:
		if sub.Reason == reasonMention {
			o.buttons = again(s, sub.ID, "button_send", "button_dont_send")
			break
		}
		o.buttons = again(s, sub.ID, "button_retry", "button_cancel")
	case state.SubmissionDelivered:
		if sub.Kind == state.Opening {
			return t.openedReceipt(s, o, sub, files)
		}
		if _, failed := count(files); !words && sub.Receipt == 0 && failed == 0 {
			return nil
		}
	}
	o.text = telegram.Plain(joinLines(receiptText(s, sub), t.fates(s, sub, files)))
	if o.buttons == nil && sub.State != state.SubmissionCancelled {
		// Sent just before a crash, its id never learned, it still leads somewhere.
		lead := button(s.T("button_state"), submissionPress(pressState, sub.ID))
		if sub.Ticket != 0 {
			lead = button(s.T("button_history"), ticketPress(pressHistory, sub.Ticket))
		}
		o.buttons = [][]telegram.Button{{lead}}
	}
	return t.say(o)
}

// receiptText says how far a submission is.
func receiptText(s texts.Texts, sub state.Submission) string {
	opening := sub.Kind == state.Opening
	say := func(ofOpening, ofAnswer string) string {
		return s.T(pick(opening, ofOpening, ofAnswer), "Ticket", ticketName(sub.Ticket))
	}
	switch sub.State {
	case state.SubmissionUnknown:
		return say("receipt_unknown_opening", "receipt_unknown_answer")
	case state.SubmissionDoubtful:
		return say("receipt_doubtful_opening", "receipt_doubtful_answer")
	case state.SubmissionFailed:
		if sub.Reason == reasonMention {
			return s.T("mention_asks", "Ticket", ticketName(sub.Ticket))
		}
		failed := say("receipt_failed_opening", "receipt_failed_answer")
		if sub.Ticket != 0 && !opening {
			failed = s.T("receipt_failed_in", "Ticket", ticketName(sub.Ticket))
		}
		return failed + "\n" + s.T("reason_"+sub.Reason, "Ticket", ticketName(sub.Ticket), "Detail", strings.TrimRight(sub.Detail, ". "))
	case state.SubmissionCancelled:
		return s.T("receipt_cancelled")
	case state.SubmissionDelivered:
		return say("receipt_opened", "receipt_delivered")
	}
	return s.T(pick(sub.Reason == reasonWaiting, "receipt_waiting", "receipt_taken"))
}

// fates tells of a delivered submission's files.
func (t *turn) fates(s texts.Texts, sub state.Submission, files []state.File) string {
	if sub.State != state.SubmissionDelivered {
		return ""
	}
	return fileFates(s, t.MaxFileSize, files)
}

// openedReceipt is the card of a ticket that was opened.
func (t *turn) openedReceipt(s texts.Texts, o outgoing, sub state.Submission, files []state.File) error {
	var text telegram.Builder
	text.Bold(receiptText(s, sub))
	text.Plain("\n" + joinLines(sub.Subject, t.fates(s, sub, files), s.T("receipt_opened_hint")))
	sound, err := t.soundButton(s, sub.Chat, sub.Ticket)
	if err != nil {
		return err
	}
	o.text, o.topic, o.pin = text.Text(), true, true
	o.buttons = [][]telegram.Button{{button(s.T("button_history"), ticketPress(pressHistory, sub.Ticket)), sound}}
	return t.say(o)
}

func again(s texts.Texts, id state.SubmissionID, repeat, leave string) [][]telegram.Button {
	return [][]telegram.Button{{button(s.T(repeat), submissionPress(pressRetry, id)), button(s.T(leave), submissionPress(pressCancel, id))}}
}

// fileFates tells how many files arrived, and which did not and why.
func fileFates(s texts.Texts, limit int64, files []state.File) string {
	if len(files) == 0 {
		return ""
	}
	delivered, _ := count(files)
	lines := []string{s.T("files_count", "Delivered", delivered, "All", len(files))}
	for _, f := range files {
		if f.State == state.FileFailed {
			lines = append(lines, s.T("file_failed", "Name", f.Name, "Reason", s.T("reason_"+f.Reason, "Limit", size(s, limit), "Detail", "")))
		}
	}
	return strings.Join(lines, "\n")
}

func joinLines(lines ...string) string {
	kept := lines[:0:0]
	for _, l := range lines {
		if l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// retryPressed sends a failed or doubtful submission again, by its person's wish.
func (t *turn) retryPressed(s speaker, c *telegram.Callback, id state.SubmissionID) error {
	sub, ok, err := t.pressedSubmission(s, id)
	if err != nil {
		return err
	}
	if !ok {
		return t.answerPress(c.ID, s.T("button_expired"), true)
	}
	if sub.Reason == reasonMention && sub.User != s.ID {
		return t.answerPress(c.ID, s.T("not_yours"), true)
	}
	sub.State, sub.Reason, sub.Detail = state.SubmissionQueued, "", ""
	if sub.Opening != 0 && sub.Ticket == 0 {
		opening, err := t.tx.Submission(sub.Opening)
		if err != nil {
			return err
		}
		if opening.State == state.SubmissionFailed || opening.State == state.SubmissionCancelled {
			return t.answerPress(c.ID, s.T("reason_no_opening"), true)
		}
		sub.Ticket = opening.Ticket
	}
	if err := t.tx.SaveSubmission(sub); err != nil {
		return err
	}
	if err := t.queueSubmission(sub); err != nil {
		return err
	}
	if sub.Kind == state.Opening {
		if err := t.reviveWaiting(sub); err != nil {
			return err
		}
	}
	return errors.Join(t.answerPress(c.ID, "", false), t.progress(sub, true))
}

// cancelPressed gives a failed or doubtful submission up.
func (t *turn) cancelPressed(s speaker, c *telegram.Callback, id state.SubmissionID) error {
	sub, ok, err := t.pressedSubmission(s, id)
	if err != nil {
		return err
	}
	if !ok {
		return t.answerPress(c.ID, s.T("button_expired"), true)
	}
	if sub.Reason == reasonMention {
		if sub.User != s.ID {
			return t.answerPress(c.ID, s.T("not_yours"), true)
		}
		sub.Text = "" // it was said among colleagues
	}
	return errors.Join(t.cancel(sub), t.answerPress(c.ID, "", false))
}

// cancel gives a submission up, and with an opening what waits for its ticket.
func (t *turn) cancel(sub state.Submission) error {
	sub.State = state.SubmissionCancelled
	return errors.Join(t.tx.SaveSubmission(sub), t.failWaiting(sub), t.progress(sub, false))
}

// pressedSubmission is the one that a button is about, if it still waits for
// this chat's decision. A double press finds it decided.
func (t *turn) pressedSubmission(s speaker, id state.SubmissionID) (state.Submission, bool, error) {
	sub, err := t.tx.Submission(id)
	if errors.Is(err, state.ErrNotFound) {
		return sub, false, nil
	}
	waits := sub.State == state.SubmissionFailed || sub.State == state.SubmissionDoubtful
	if err != nil {
		return sub, false, err
	}
	chat, err := t.current(sub.Chat)
	return sub, waits && chat == s.chat, err
}

// statePressed tells how far a submission is, from a message that says it no more
// or not yet.
func (t *turn) statePressed(s speaker, c *telegram.Callback, id state.SubmissionID) error {
	sub, err := t.tx.Submission(id)
	if errors.Is(err, state.ErrNotFound) || err == nil && sub.Chat != s.chat {
		return t.answerPress(c.ID, s.T("button_expired"), true)
	}
	if err != nil {
		return err
	}
	return t.answerPress(c.ID, receiptText(s.Texts, sub), true)
}
