package submission

import (
	"errors"
	"strings"
	"unicode"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Sending is called in the transaction that marks a submission's row as being sent. It
// records the newest ticket or post known before: only something newer can be the
// request's effect, or that of an earlier one that is doubted. It returns false if there is
// nothing to send any more.
func Sending(t *chat.Turn, id state.SubmissionID) (state.Submission, bool, error) {
	sub, err := t.Tx.Submission(id)
	parked := sub.State == state.SubmissionParked // Plusofon is reachable again
	if err != nil || !parked && !sub.State.GoesByItself() {
		return sub, false, chat.IgnoreAbsent(err) // it may have been cancelled just now
	}
	// A submission that was read back and must be repeated may have lost its right to be sent
	// in the meantime.
	if sends, err := t.Sends(sub.Chat, sub.User); err != nil {
		return sub, false, err
	} else if !sends {
		return sub, false, cancel(t, sub)
	}
	if !sub.Doubted {
		if sub.After, err = newest(t, sub); err != nil {
			return sub, false, err
		}
	}
	sub.State, sub.Reason, sub.Detail = state.SubmissionSending, "", ""
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return sub, false, err
	}
	if parked && sub.Kind == state.Opening {
		return sub, true, reviveWaiting(t, sub)
	}
	return sub, true, nil
}

// newest returns the newest ticket known, or of an answer the newest post in its ticket.
func newest(t *chat.Turn, sub state.Submission) (int64, error) {
	if sub.Kind == state.Opening {
		id, err := t.Tx.MaxTicket()
		return int64(id), err
	}
	id, err := t.Tx.MaxPost(sub.Ticket)
	return int64(id), err
}

// Baseline returns the newest post that can't be a submission's own. A ticket created by an
// opening has no earlier posts.
func Baseline(sub state.Submission) int64 {
	if sub.Kind == state.Opening {
		return 0
	}
	return sub.After
}

// SendWaiting queues the answers written before an opening's ticket existed.
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

// waits reports whether an answer is to be sent once its ticket exists. One marked as
// being sent may have been sent after the copy that the database was restored from was made.
func waits(sub state.Submission) bool {
	return sub.State.GoesByItself() || sub.State == state.SubmissionSending
}

// failWaiting marks the answers to an opening's ticket as failed: there will be no ticket
// unless the opening is repeated.
func failWaiting(t *chat.Turn, opening state.Submission) error {
	answers, err := t.Tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		if !waits(sub) {
			continue
		}
		sub.State, sub.Reason = state.SubmissionFailed, state.ReasonNoOpening
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
		if sub.Reason != state.ReasonNoOpening {
			continue
		}
		sub.State, sub.Reason = state.SubmissionQueued, ""
		if err := errors.Join(t.Tx.SaveSubmission(sub), Progress(t, sub, true)); err != nil {
			return err
		}
	}
	return nil
}

// Shown ends what was to become of a submission whose effect shows while none of its requests is
// under way: the question to its author, and the request that would repeat it.
func Shown(t *chat.Turn, sub *state.Submission) error {
	if sub.State.UnderWay() {
		return nil
	}
	if err := errors.Join(settleHeld(t, sub.State, sub), dropRequest(t, *sub)); err != nil {
		return err
	}
	if sub.State == state.SubmissionParked && sub.Kind == state.Opening {
		return reviveWaiting(t, *sub)
	}
	return nil
}

// Unknown records that the outcome of a submission's request is unknown.
func Unknown(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionUnknown, "", "")
}

// Requeued records that a submission certainly had no effect, or that its effect was looked
// for and not found, and that it will be sent again.
func Requeued(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionQueued, "", "")
}

// Waiting records the same after so long that the person is told: Plusofon does not
// respond, and the submission will be sent automatically.
func Waiting(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionWaiting, "", "")
}

// Doubtful leaves the decision to the person: reading back did not show the outcome.
func Doubtful(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionDoubtful, "", "")
}

// Parked records that Plusofon has not responded for so long that a submission is
// parked until a person retries it or Plusofon is back.
func Parked(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionParked, state.ReasonGaveUp, "")
}

// Refused records that Plusofon rejected a submission. Only the parts of its message meant
// for people are shown.
func Refused(t *chat.Turn, id state.SubmissionID, reason state.Reason, words string) error {
	return moveOn(t, id, state.SubmissionRefused, reason, forPeople(words))
}

// Failed records that a submission can't be sent as things are.
func Failed(t *chat.Turn, id state.SubmissionID, reason state.Reason) error {
	return moveOn(t, id, state.SubmissionFailed, reason, "")
}

// moveOn sets the state that a submission's request has reached and tells its author.
func moveOn(t *chat.Turn, id state.SubmissionID, to state.SubmissionState, reason state.Reason, detail string) error {
	sub, err := t.Tx.Submission(id)
	if err != nil || sub.State == to || sub.State == state.SubmissionDelivered || sub.State == state.SubmissionCancelled {
		return err
	}
	if sub.State == state.SubmissionWaiting && to == state.SubmissionQueued {
		return nil // its author has been told more already
	}
	// What was looked for in vain may show later.
	sub.Doubted = sub.Doubted || to == state.SubmissionDoubtful || sub.State == state.SubmissionUnknown && to != state.SubmissionUnknown
	sub.State, sub.Reason, sub.Detail = to, reason, detail
	if sub.CertainlyNotSent() {
		sub.After = 0 // nothing there can be its effect
	}
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	if to == state.SubmissionQueued && sub.Receipt == 0 {
		return nil
	}
	if to.Stopped() {
		if err := failWaiting(t, sub); err != nil {
			return err
		}
	}
	return Progress(t, sub, false)
}

// forPeople keeps the Russian parts of a server's message: an English error is for the log.
func forPeople(words string) string {
	var kept []string
	for _, part := range strings.Split(words, ": ") {
		if strings.ContainsFunc(part, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			kept = append(kept, part)
		}
	}
	return chat.CutRunes(telegram.Clean(strings.Join(kept, ": ")), 300)
}

// Attached records that a file was delivered.
func Attached(t *chat.Turn, id state.SubmissionID, n int) error {
	return fileSettled(t, id, n, state.FileDelivered, "")
}

// AttachFailed records that a file can't be delivered, and why.
func AttachFailed(t *chat.Turn, id state.SubmissionID, n int, reason state.FileReason) error {
	return fileSettled(t, id, n, state.FileFailed, reason)
}

// AttachDoubtful records that it is unknown whether a file was delivered.
func AttachDoubtful(t *chat.Turn, id state.SubmissionID, n int) error {
	return fileSettled(t, id, n, state.FileDoubtful, "")
}

func fileSettled(t *chat.Turn, id state.SubmissionID, n int, to state.FileState, reason state.FileReason) error {
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
