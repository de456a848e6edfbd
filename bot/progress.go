package bot

import (
	"errors"
	"fmt"
	"strconv"
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
	opening := sub.Kind == state.Opening
	switch sub.State {
	case state.SubmissionQueued, state.SubmissionSending:
		waiting := sub.Reason == reasonWaiting
		if !words && sub.Receipt == 0 && !waiting {
			return nil
		}
		o.text = telegram.Plain(s.T(pick(waiting, "receipt_waiting", "receipt_taken")))
	case state.SubmissionUnknown:
		o.text = telegram.Plain(s.T(pick(opening, "receipt_unknown_opening", "receipt_unknown_answer"), "Ticket", ticketName(sub.Ticket)))
	case state.SubmissionDoubtful:
		o.text = telegram.Plain(s.T(pick(opening, "receipt_doubtful_opening", "receipt_doubtful_answer"), "Ticket", ticketName(sub.Ticket)))
		o.buttons = again(s, sub.ID, "button_send_again", "button_leave")
	case state.SubmissionFailed:
		if sub.Reason == reasonMention {
			o.text = telegram.Plain(s.T("mention_asks", "Ticket", ticketName(sub.Ticket)))
			o.buttons = again(s, sub.ID, "button_send", "button_dont_send")
			break
		}
		failed := s.T(pick(opening, "receipt_failed_opening", "receipt_failed_answer"))
		if sub.Ticket != 0 && !opening {
			failed = s.T("receipt_failed_in", "Ticket", ticketName(sub.Ticket))
		}
		o.text = telegram.Plain(failed + "\n" + s.T("reason_"+sub.Reason, "Ticket", ticketName(sub.Ticket), "Detail", strings.TrimRight(sub.Detail, ". ")))
		o.buttons = again(s, sub.ID, "button_retry", "button_cancel")
	case state.SubmissionCancelled:
		o.text = telegram.Plain(s.T("receipt_cancelled"))
	case state.SubmissionDelivered:
		if opening {
			return t.openedReceipt(s, o, sub, files)
		}
		if _, failed := count(files); !words && sub.Receipt == 0 && failed == 0 {
			return nil
		}
		o.text = telegram.Plain(joinLines(s.T("receipt_delivered", "Ticket", ticketName(sub.Ticket)), fileFates(s, t.MaxFileSize, files)))
	}
	return t.say(o)
}

// openedReceipt is the card of a ticket that was opened.
func (t *turn) openedReceipt(s texts.Texts, o outgoing, sub state.Submission, files []state.File) error {
	var text telegram.Builder
	text.Bold(s.T("receipt_opened", "Ticket", ticketName(sub.Ticket)))
	text.Plain("\n" + joinLines(sub.Subject, fileFates(s, t.MaxFileSize, files), s.T("receipt_opened_hint")))
	sound, err := t.soundButton(s, sub.Chat, sub.Ticket)
	if err != nil {
		return err
	}
	o.text, o.topic, o.pin = text.Text(), true, true
	o.buttons = [][]telegram.Button{{button(s.T("button_history"), ticketPress(pressHistory, sub.Ticket)), sound}}
	return t.say(o)
}

func again(s texts.Texts, id state.SubmissionID, repeat, leave string) [][]telegram.Button {
	n := strconv.FormatInt(int64(id), 10)
	return [][]telegram.Button{{button(s.T(repeat), "retry:"+n), button(s.T(leave), "cancel:"+n)}}
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
