package submission

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// The bot's reactions to a person's message.
const (
	eyes        = "👀" // it is stored
	okHand      = "👌" // it is delivered to Plusofon
	heartBroken = "💔" // it has failed
)

// reactionsRest is how long text is used in a chat that rejected a reaction before
// reactions are tried again.
const reactionsRest = 24 * time.Hour

// Progress shows a submission's state: by a reaction to the person's message, and where
// text is needed by one message, the receipt, which is edited rather than repeated. fresh
// is true if the submission is at its start, for the first time or again.
func Progress(t *chat.Turn, sub state.Submission, fresh bool) error {
	files, err := t.Tx.Files(sub.ID)
	if err != nil {
		return err
	}
	return progress(t, sub, files, fresh)
}

// progress is Progress where the files are known.
func progress(t *chat.Turn, sub state.Submission, files []state.File, fresh bool) error {
	// Skip chats whose access was revoked.
	if ok, err := t.ChatAuthorized(sub.Chat); err != nil || !ok {
		return err
	}
	words, err := needsWords(t, sub.Chat)
	if err != nil {
		return err
	}
	// A card that became the receipt gets no reaction: its text says it.
	told := sub.Message == sub.Receipt || sub.State == state.SubmissionHeld || sub.Reason.ForColleague()
	if emoji := reaction(sub, files); !words && !told && (emoji != eyes || fresh) {
		react := t.React
		if emoji == eyes {
			react = t.ReactInAMoment // Plusofon may be quick
		}
		if err := react(sub.Chat, sub.Message, emoji, sub.ID); err != nil {
			return err
		}
	}
	return writeReceipt(t, sub, files, words)
}

// needsWords reports whether reactions can't be used in a chat now. Messages from before a
// group became a supergroup can't be reached.
func needsWords(t *chat.Turn, c state.ChatID) (bool, error) {
	known, err := t.Tx.Chat(c)
	resting := !known.ReactionsRefused.IsZero() && t.Now.Sub(known.ReactionsRefused) < reactionsRest
	return resting || known.MovedTo != 0, chat.IgnoreAbsent(err)
}

// reaction returns the reaction for a submission's message; "" for none.
func reaction(sub state.Submission, files []state.File) string {
	delivered, missed := countFiles(files)
	switch {
	case sub.State.Stopped():
		return heartBroken
	case sub.State == state.SubmissionCancelled:
		return ""
	case sub.State == state.SubmissionDelivered && delivered+missed == len(files):
		return okHand
	}
	return eyes
}

func countFiles(files []state.File) (delivered, missed int) {
	for _, f := range files {
		switch {
		case f.State == state.FileDelivered:
			delivered++
		case f.State.IsMissed():
			missed++
		}
	}
	return delivered, missed
}

// ReceiptStage names a submission's progress: a receipt written at another stage is out of
// date.
func ReceiptStage(sub state.Submission, files []state.File) string {
	delivered, missed := countFiles(files)
	return fmt.Sprintf("%s %s %d %d", sub.State, sub.Reason, delivered, missed)
}

// writeReceipt writes or edits the receipt of a submission. words is true if reactions
// can't be used.
func writeReceipt(t *chat.Turn, sub state.Submission, files []state.File, words bool) error {
	if isSilent(sub, files, words) {
		return nil
	}
	s, err := t.TextsFor(sub.Chat)
	if err != nil {
		return err
	}
	in, err := t.CurrentChat(sub.Chat)
	if err != nil {
		return err
	}
	o := chat.Outgoing{
		Place: chat.Place{Chat: sub.Chat, Thread: sub.Thread}, Meaning: chat.Meaning{Ticket: sub.Ticket, Receipt: sub.ID, Stage: ReceiptStage(sub, files)},
		ReplyTo: sub.Message, Edit: sub.ReceiptIn(in), Key: chat.ReceiptKey(sub.ID),
	}
	moved := in != sub.Chat
	if moved {
		o.Place, o.ReplyTo = chat.InChat(in), 0
	}
	switch sub.State {
	case state.SubmissionDoubtful:
		o.Buttons = decisionButtons(s, sub.ID, "button_send_again", "button_leave")
	case state.SubmissionHeld:
		o.Buttons = decisionButtons(s, sub.ID, "button_send", "button_dont_send")
	case state.SubmissionParked, state.SubmissionRefused, state.SubmissionFailed:
		if o.Buttons, err = stoppedButtons(t, s, sub); err != nil {
			return err
		}
	case state.SubmissionDelivered:
		if sub.Kind == state.Opening {
			return openedReceipt(t, s, o, sub, files)
		}
	}
	what := ""
	if moved {
		what = submissionLabel(s, sub) // it can't reply to the message it is about
	}
	says, err := receiptNow(t, s, sub)
	if err != nil {
		return err
	}
	o.Text = telegram.Plain(chat.JoinLines(what, says, deliveredFates(t, s, sub, files)))
	if o.Buttons == nil && sub.State != state.SubmissionCancelled {
		// If the message is sent just before a crash and its id is not stored, the button still
		// links it.
		lead := chat.Button(s.T("button_state"), chat.Data(chat.PressState, sub.ID))
		if sub.Ticket != 0 {
			lead = chat.Button(s.T("button_history"), chat.Data(chat.PressHistory, sub.Ticket))
		}
		o.Buttons = [][]telegram.Button{{lead}}
		if sub.State == state.SubmissionWaiting {
			o.Buttons[0] = append(o.Buttons[0], chat.Button(s.T("button_cancel"), chat.Data(chat.PressCancel, sub.ID)))
		}
	}
	return t.Say(o)
}

// isSilent reports whether a submission needs no receipt: it has none yet, and reactions say
// enough.
func isSilent(sub state.Submission, files []state.File, words bool) bool {
	if words || sub.Receipt != 0 {
		return false
	}
	switch sub.State {
	case state.SubmissionQueued, state.SubmissionSending:
		return true
	case state.SubmissionCancelled:
		return sub.Reason.ForColleague() // its question is gone, and nothing was promised
	case state.SubmissionDelivered:
		_, missed := countFiles(files)
		return sub.Kind == state.Answer && missed == 0
	}
	return false
}

// receiptNow says how far a submission has got. A doubtful answer whose ticket is gone may stand in
// the one that it was merged into.
func receiptNow(t *chat.Turn, s texts.Texts, sub state.Submission) (string, error) {
	if sub.Kind == state.Answer && sub.State == state.SubmissionDoubtful {
		ticket, err := t.Tx.Ticket(sub.Ticket)
		if err == nil && !ticket.Gone.IsZero() {
			return s.T("receipt_doubtful_gone", "Ticket", chat.TicketName(sub.Ticket)), nil
		}
		if chat.IgnoreAbsent(err) != nil {
			return "", err
		}
	}
	return receiptText(s, sub), nil
}

// receiptText says how far a submission has got, as far as that can be told from itself.
func receiptText(s texts.Texts, sub state.Submission) string {
	opening := sub.Kind == state.Opening
	say := func(ofOpening, ofAnswer string) string {
		return s.T(chat.Either(opening, ofOpening, ofAnswer), "Ticket", chat.TicketName(sub.Ticket))
	}
	switch sub.State {
	case state.SubmissionUnknown:
		return say("receipt_unknown_opening", "receipt_unknown_answer")
	case state.SubmissionDoubtful:
		return say("receipt_doubtful_opening", "receipt_doubtful_answer")
	case state.SubmissionHeld:
		return s.T(holdingKey(sub), "Ticket", chat.TicketName(sub.Ticket))
	case state.SubmissionParked, state.SubmissionRefused, state.SubmissionFailed:
		stopped := say("receipt_failed_opening", "receipt_failed_answer")
		switch {
		case sub.Doubted:
			stopped = s.T("receipt_failed_again")
		case sub.Ticket != 0 && !opening:
			stopped = s.T("receipt_failed_in", "Ticket", chat.TicketName(sub.Ticket))
		}
		return stopped + "\n" + whyStopped(s, sub)
	case state.SubmissionCancelled:
		// What was tried may be there, so nothing is promised about it.
		return s.T(chat.Either(sub.Doubted, "receipt_given_up", "receipt_cancelled"))
	case state.SubmissionDelivered:
		return say("receipt_opened", "receipt_delivered")
	case state.SubmissionWaiting:
		return s.T("receipt_waiting")
	}
	return s.T("receipt_taken")
}

// holdingKey is the question that a submission is held for: a key of the catalogue.
func holdingKey(sub state.Submission) string {
	switch {
	case sub.Reason == state.ReasonClosed:
		return "closed_asks"
	case sub.Ticket == 0:
		return "mention_asks_new"
	}
	return "mention_asks"
}

// whyStopped says why a submission was not sent and what its author can do.
func whyStopped(s texts.Texts, sub state.Submission) string {
	switch sub.Reason {
	case state.ReasonNotFound:
		return s.T("reason_not_found", "Ticket", chat.TicketName(sub.Ticket))
	case state.ReasonRefused:
		return s.T("reason_refused", "Detail", strings.TrimRight(sub.Detail, ". "))
	case state.ReasonNoAccess:
		return s.T("reason_no_access")
	case state.ReasonNoOpening:
		return s.T("reason_no_opening")
	case state.ReasonGaveUp:
		return s.T("reason_gave_up")
	}
	return s.T("reason_fails")
}

// deliveredFates describes a delivered submission's files.
func deliveredFates(t *chat.Turn, s texts.Texts, sub state.Submission, files []state.File) string {
	if sub.State != state.SubmissionDelivered {
		return ""
	}
	return fileFates(s, t.MaxFileSize, files)
}

// topicRule says which messages in the topic of a ticket are sent; "" where tickets have none.
func topicRule(t *chat.Turn, s texts.Texts, c state.ChatID) (string, error) {
	here, err := t.CurrentChat(c)
	if err != nil {
		return "", err
	}
	set, err := t.Tx.Settings(here)
	if err != nil || set.Layout != state.Topics {
		return "", err
	}
	g, err := t.Tx.Group(here)
	if err != nil || !g.Forum || !g.ManagesTopics {
		return "", chat.IgnoreAbsent(err)
	}
	return s.T(chat.TopicRule(set)), nil
}

// openedReceipt is the card of a ticket that was opened.
func openedReceipt(t *chat.Turn, s texts.Texts, o chat.Outgoing, sub state.Submission, files []state.File) error {
	off, err := t.NewsOff(sub.Chat)
	if err != nil {
		return err
	}
	rule, err := topicRule(t, s, sub.Chat)
	if err != nil {
		return err
	}
	hint := "receipt_opened_hint"
	switch {
	case off:
		hint = "receipt_opened_hint_off"
	case rule != "":
		hint = "receipt_opened_hint_topic"
	}
	var text telegram.Builder
	text.Bold(receiptText(s, sub))
	text.Plain("\n" + chat.JoinLines(sub.Subject, deliveredFates(t, s, sub, files), s.T(hint), rule))
	sound, err := t.SoundButton(s, sub.Chat, sub.Ticket)
	if err != nil {
		return err
	}
	o.Text, o.Topic, o.Pin = text.Text(), true, true
	o.Buttons = [][]telegram.Button{{chat.Button(s.T("button_history"), chat.Data(chat.PressHistory, sub.Ticket)), sound, chat.Button(s.T("button_colleague"), chat.Data(chat.PressColleague, sub.Ticket))}}
	return t.Say(o)
}

func decisionButtons(s texts.Texts, id state.SubmissionID, repeat, leave string) [][]telegram.Button {
	return [][]telegram.Button{{chat.Button(s.T(repeat), chat.Data(chat.PressRetry, id)), chat.Button(s.T(leave), chat.Data(chat.PressCancel, id))}}
}

// fileFates says how many files were delivered, and which were not and why.
func fileFates(s texts.Texts, limit int64, files []state.File) string {
	if len(files) == 0 {
		return ""
	}
	delivered, missed := countFiles(files)
	lines := []string{s.T(chat.Either(delivered+missed < len(files), "files_underway", "files_count"), "Delivered", delivered, "All", len(files))}
	for _, f := range files {
		if f.State.IsMissed() {
			lines = append(lines, missedFile(s, limit, f))
		}
	}
	return strings.Join(lines, "\n")
}

// missedFile says that a file was not delivered, as far as is known, and why.
func missedFile(s texts.Texts, limit int64, f state.File) string {
	why := s.T("reason_file_doubtful")
	if f.State == state.FileFailed {
		why = whyFailed(s, limit, f.Reason)
	}
	return s.T("file_failed", "Name", f.Name, "Reason", why)
}

func whyFailed(s texts.Texts, limit int64, reason state.FileReason) string {
	switch reason {
	case state.FileReasonTooBig:
		return s.T("reason_file_too_big", "Limit", chat.Size(s, limit))
	case state.FileReasonGone:
		return s.T("reason_file_gone")
	case state.FileReasonGaveUp:
		return s.T("reason_file_gave_up")
	}
	return s.T("reason_file_refused")
}

// RetryPressed sends a submission that waits for a person's decision.
func RetryPressed(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SubmissionID) error {
	sub, ok, err := pressedSubmission(t, s, id)
	if err != nil {
		return err
	}
	if !ok {
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	if sub.State == state.SubmissionHeld && sub.User != s.ID {
		return t.AnswerCallback(c.ID, s.T("not_yours"), true)
	}
	if may, err := mayReopen(t, sub); err != nil {
		return err
	} else if !may {
		return errors.Join(t.AnswerCallback(c.ID, "", false), hold(t, sub, state.ReasonClosed))
	}
	was := sub.State
	sub.State, sub.Reason, sub.Detail = state.SubmissionQueued, "", ""
	if sub.Opening != 0 && sub.Ticket == 0 {
		opening, err := t.Tx.Submission(sub.Opening)
		if err != nil {
			return err
		}
		if opening.State.Stopped() || opening.State == state.SubmissionCancelled {
			return t.AnswerCallback(c.ID, s.T("reason_no_opening"), true)
		}
		sub.Ticket = opening.Ticket
	}
	if sub.Doubted && sub.Kind == state.Answer {
		// The posts known by now could be seen: none of them is its effect.
		if sub.After, err = newest(t, sub); err != nil {
			return err
		}
	}
	if err := errors.Join(settleHeld(t, was, &sub), t.Tx.SaveSubmission(sub), dropRequest(t, sub)); err != nil {
		return err
	}
	if err := queueSubmission(t, sub); err != nil {
		return err
	}
	if sub.Kind == state.Opening {
		if err := reviveWaiting(t, sub); err != nil {
			return err
		}
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), Progress(t, sub, true))
}

// mayReopen reports whether a submission may be sent even if that reopens its ticket: its
// author has agreed, or the ticket is open. What may have been sent already is not asked
// about again.
func mayReopen(t *chat.Turn, sub state.Submission) (bool, error) {
	if sub.Kind == state.Opening || sub.Reason == state.ReasonClosed || sub.State == state.SubmissionDoubtful {
		return true, nil
	}
	if d, err := t.Tx.Draft(sub.Draft); chat.IgnoreAbsent(err) != nil || err == nil && (d.Kind == state.DraftClosed || d.Reopens) {
		return true, chat.IgnoreAbsent(err)
	}
	closed, err := isClosed(t, sub.Ticket)
	return !closed, err
}

// cancel cancels a submission, and with an opening the answers waiting for its ticket.
func cancel(t *chat.Turn, sub state.Submission) error {
	if err := settleHeld(t, sub.State, &sub); err != nil {
		return err
	}
	if sub.State != state.SubmissionHeld {
		sub.Reason = ""
	}
	sub.State = state.SubmissionCancelled
	return errors.Join(t.Tx.SaveSubmission(sub), failWaiting(t, sub), Progress(t, sub, false))
}

// pressedSubmission returns the submission of a button if it still waits for this chat's
// decision. A second press finds it decided.
func pressedSubmission(t *chat.Turn, s chat.Speaker, id state.SubmissionID) (state.Submission, bool, error) {
	sub, err := t.Tx.Submission(id)
	if errors.Is(err, state.ErrNotFound) {
		return sub, false, nil
	}
	if err != nil {
		return sub, false, err
	}
	chat, err := t.CurrentChat(sub.Chat)
	return sub, sub.State.AwaitsPerson() && chat == s.Chat, err
}

// StatePressed says how far a submission has got, for a message that does not or no
// longer says so.
func StatePressed(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.SubmissionID) error {
	sub, err := t.Tx.Submission(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	in, failure := t.CurrentChat(sub.Chat)
	switch {
	case failure != nil:
		return failure
	case err != nil || in != s.Chat:
		return t.AnswerCallback(c.ID, s.T("button_expired"), true)
	}
	text, err := receiptNow(t, s.Texts, sub)
	if err != nil {
		return err
	}
	return t.AnswerCallback(c.ID, s.T("written", "Age", chat.Ago(s, t.Now.Sub(sub.Created)))+"\n"+text, true)
}
