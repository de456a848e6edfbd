package submission

import (
	"errors"
	"strings"
	"unicode"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Sending is called in the transaction that marks a submission's row as being
// sent. It notes the newest ticket or post known before: only what is newer can
// be the request's effect. It returns false where there is nothing to send any
// more.
func Sending(t *chat.Turn, id state.SubmissionID) (state.Submission, bool, error) {
	sub, err := t.Tx.Submission(id)
	if err != nil || sub.State != state.SubmissionQueued {
		return sub, false, err
	}
	// What was read back and has to be repeated may have been given up meanwhile.
	if sends, err := t.Sends(sub.Chat, sub.User); err != nil {
		return sub, false, err
	} else if !sends {
		return sub, false, cancel(t, sub)
	}
	if sub.Kind == state.Opening {
		newest, err := t.Tx.MaxTicket()
		if err != nil {
			return sub, false, err
		}
		sub.After = int64(newest)
	} else {
		newest, err := t.Tx.MaxPost(sub.Ticket)
		if err != nil {
			return sub, false, err
		}
		sub.After = int64(newest)
	}
	sub.State = state.SubmissionSending
	return sub, true, t.Tx.SaveSubmission(sub)
}

// Baseline is the newest post that can't be a submission's own. What an opening
// creates has no post from before.
func Baseline(sub state.Submission) int64 {
	if sub.Kind == state.Opening {
		return 0
	}
	return sub.After
}

// SendWaiting queues the answers that were written before an opening's ticket
// existed.
func SendWaiting(t *chat.Turn, opening state.Submission) error {
	answers, err := t.Tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		sub.Ticket = opening.Ticket
		if err := t.Tx.SaveSubmission(sub); err != nil {
			return err
		}
		if !waits(sub) {
			continue
		}
		if err := ClaimMessage(t, sub); err != nil {
			return err
		}
		if err := queueSubmission(t, sub); err != nil {
			return err
		}
	}
	return nil
}

// reasonNoOpening marks an answer that can't go because its opening has failed.
const reasonNoOpening = "no_opening"

// waits tells whether an answer is to go once its ticket exists. One that is marked
// as being sent may have gone already: after the copy of the database was made that
// has been put in its place.
func waits(sub state.Submission) bool {
	return sub.State == state.SubmissionQueued || sub.State == state.SubmissionSending
}

// failWaiting tells that the answers to an opening's ticket can't go: there will
// be no ticket, unless the opening is repeated.
func failWaiting(t *chat.Turn, opening state.Submission) error {
	answers, err := t.Tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		if !waits(sub) {
			continue
		}
		sub.State, sub.Reason = state.SubmissionFailed, reasonNoOpening
		if err := t.Tx.SaveSubmission(sub); err != nil {
			return err
		}
		if err := Progress(t, sub, false); err != nil {
			return err
		}
	}
	return nil
}

// reviveWaiting lets the answers to an opening's ticket wait again: the opening is
// repeated.
func reviveWaiting(t *chat.Turn, opening state.Submission) error {
	answers, err := t.Tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		if sub.State != state.SubmissionFailed || sub.Reason != reasonNoOpening {
			continue
		}
		sub.State, sub.Reason = state.SubmissionQueued, ""
		if err := errors.Join(t.Tx.SaveSubmission(sub), Progress(t, sub, true)); err != nil {
			return err
		}
	}
	return nil
}

// Unknown notes that nobody knows what came of a submission's request.
func Unknown(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionUnknown, "", "")
}

// Requeued notes that a submission certainly had no effect and will be sent
// again.
func Requeued(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionQueued, "", "")
}

// Waiting tells the person, once, that Plusofon does not answer and the
// submission will go by itself.
func Waiting(t *chat.Turn, id state.SubmissionID) error {
	sub, err := t.Tx.Submission(id)
	if err != nil || sub.State != state.SubmissionQueued || sub.Reason == reasonWaiting {
		return err
	}
	sub.Reason = reasonWaiting
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	return Progress(t, sub, false)
}

// reasonWaiting marks a queued submission whose person knows that it waits.
const reasonWaiting = "waiting"

// Doubtful leaves it to the person: reading back did not tell.
func Doubtful(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionDoubtful, "", "")
}

// Failed tells the person that a submission certainly was not delivered. reason
// is one of the catalogue's "reason_" keys; of the server's words only those
// are shown that were meant for people.
func Failed(t *chat.Turn, id state.SubmissionID, reason, detail string) error {
	return moveOn(t, id, state.SubmissionFailed, reason, forPeople(detail))
}

func moveOn(t *chat.Turn, id state.SubmissionID, to state.SubmissionState, reason, detail string) error {
	sub, err := t.Tx.Submission(id)
	if err != nil || sub.State == to || sub.State == state.SubmissionDelivered || sub.State == state.SubmissionCancelled {
		return err
	}
	if to == state.SubmissionQueued && sub.Reason == reasonWaiting {
		reason = reasonWaiting
	}
	sub.State, sub.Reason, sub.Detail = to, reason, detail
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	if to == state.SubmissionQueued && sub.Receipt == 0 {
		return nil
	}
	if to == state.SubmissionFailed {
		if err := failWaiting(t, sub); err != nil {
			return err
		}
	}
	return Progress(t, sub, false)
}

// forPeople keeps of a server's words those that are Russian: an English error is
// for the log.
func forPeople(words string) string {
	var kept []string
	for _, part := range strings.Split(words, ": ") {
		if strings.ContainsFunc(part, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			kept = append(kept, part)
		}
	}
	return chat.CutRunes(telegram.Clean(strings.Join(kept, ": ")), 300)
}

// Attached notes that a file has arrived.
func Attached(t *chat.Turn, id state.SubmissionID, n int) error {
	return fileSettled(t, id, n, state.FileDelivered, "")
}

// AttachFailed notes that a file can't arrive, and why.
func AttachFailed(t *chat.Turn, id state.SubmissionID, n int, reason string) error {
	return fileSettled(t, id, n, state.FileFailed, reason)
}

func fileSettled(t *chat.Turn, id state.SubmissionID, n int, to state.FileState, reason string) error {
	sub, err := t.Tx.Submission(id)
	if err != nil {
		return err
	}
	files, err := t.Tx.Files(id)
	if err != nil {
		return err
	}
	settled := true
	for i, f := range files {
		if f.N == n {
			f.State, f.Reason = to, reason
			if err := t.Tx.SaveFile(f); err != nil {
				return err
			}
			files[i] = f
		}
		settled = settled && files[i].State != state.FileQueued
	}
	if !settled {
		return nil
	}
	return Progress(t, sub, false)
}
