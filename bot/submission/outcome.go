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
	parked := sub.State == state.SubmissionParked // its side is back
	if err != nil || !parked && !sub.State.GoesByItself() {
		return sub, false, chat.IgnoreAbsent(err) // it may have been taken back just now
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
	sub.State, sub.Reason, sub.Detail = state.SubmissionSending, "", ""
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return sub, false, err
	}
	if parked && sub.Kind == state.Opening {
		return sub, true, reviveWaiting(t, sub)
	}
	return sub, true, nil
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

// waits tells whether an answer is to go once its ticket exists. One that is marked
// as being sent may have gone already: after the copy of the database was made that
// has been put in its place.
func waits(sub state.Submission) bool {
	return sub.State.GoesByItself() || sub.State == state.SubmissionSending
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

// Unknown notes that nobody knows what came of a submission's request.
func Unknown(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionUnknown, "", "")
}

// Requeued notes that a submission certainly had no effect and will be sent
// again.
func Requeued(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionQueued, "", "")
}

// Waiting notes the same where it has gone on for so long that the person is told:
// Plusofon does not answer, and the submission will go by itself.
func Waiting(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionWaiting, "", "")
}

// Doubtful leaves it to the person: reading back did not tell.
func Doubtful(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionDoubtful, "", "")
}

// Parked notes that Plusofon has not answered for so long that a submission is set aside:
// it goes on by its person's word, or when Plusofon is back.
func Parked(t *chat.Turn, id state.SubmissionID) error {
	return moveOn(t, id, state.SubmissionParked, state.ReasonGaveUp, "")
}

// Refused notes that Plusofon does not take a submission. Of its words only those
// are shown that were meant for people.
func Refused(t *chat.Turn, id state.SubmissionID, reason state.Reason, words string) error {
	return moveOn(t, id, state.SubmissionRefused, reason, forPeople(words))
}

// Failed notes that a submission can't go as things are.
func Failed(t *chat.Turn, id state.SubmissionID, reason state.Reason) error {
	return moveOn(t, id, state.SubmissionFailed, reason, "")
}

// moveOn puts a submission into the state that its request has brought it to, and
// tells its person.
func moveOn(t *chat.Turn, id state.SubmissionID, to state.SubmissionState, reason state.Reason, detail string) error {
	sub, err := t.Tx.Submission(id)
	if err != nil || sub.State == to || sub.State == state.SubmissionDelivered || sub.State == state.SubmissionCancelled {
		return err
	}
	if sub.State == state.SubmissionWaiting && to == state.SubmissionQueued {
		return nil // its person knows more already
	}
	sub.State, sub.Reason, sub.Detail = to, reason, detail
	if to.CertainlyNotSent() {
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
func AttachFailed(t *chat.Turn, id state.SubmissionID, n int, reason state.FileReason) error {
	return fileSettled(t, id, n, state.FileFailed, reason)
}

// AttachDoubtful notes that nobody can tell whether a file has arrived.
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
