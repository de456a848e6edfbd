package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/state"
)

// WithdrawOf cancels everything a person has not sent yet, in all chats, after their
// access was revoked.
func WithdrawOf(t *chat.Turn, u state.UserID) error {
	drafts, err1 := t.Tx.DraftsOf(u)
	subs, err2 := t.Tx.UnsentBy(u)
	files, err3 := t.Tx.WithFilesBy(u)
	return errors.Join(err1, err2, err3, withdrawAll(t, drafts, subs, files))
}

// WithdrawIn cancels everything written in a group and not sent yet, after its access was
// revoked.
func WithdrawIn(t *chat.Turn, c state.ChatID) error {
	drafts, err1 := t.Tx.DraftsIn(c)
	subs, err2 := t.Tx.UnsentIn(c)
	files, err3 := t.Tx.WithFilesIn(c)
	return errors.Join(err1, err2, err3, withdrawAll(t, drafts, subs, files))
}

func withdrawAll(t *chat.Turn, drafts []state.Draft, subs []state.Submission, withFiles []state.SubmissionID) error {
	for _, d := range drafts {
		if err := closeDraft(t, d, state.DraftCancelled); err != nil {
			return err
		}
	}
	for _, sub := range subs {
		if err := withdraw(t, sub); err != nil {
			return err
		}
	}
	for _, id := range withFiles {
		if err := withdrawFiles(t, id); err != nil {
			return err
		}
	}
	return nil
}

// withdraw cancels a submission that has certainly not been sent, and its request.
func withdraw(t *chat.Turn, sub state.Submission) error {
	if sub.Reason.ForColleague() {
		sub.Text = "" // it was meant for colleagues
	}
	return errors.Join(dropRequest(t, sub), cancel(t, sub))
}

// dropRequest ends the request of a submission that waits or was parked. A request in
// another lane, because the text was changed since, is ended by Sending.
func dropRequest(t *chat.Turn, sub state.Submission) error {
	_, lane, ok := requestOf(sub)
	if !ok {
		return nil
	}
	return endRows(t, lane, func(row chat.SubmissionRow) (bool, error) { return row.Submission == sub.ID, nil })
}

// withdrawFiles cancels the files of a submission that wait to follow it.
func withdrawFiles(t *chat.Turn, id state.SubmissionID) error {
	return endRows(t, chat.FilesLane(id), func(row chat.SubmissionRow) (bool, error) { return true, t.Tx.DropFile(id, row.File) })
}

// endRows cancels the waiting and parked requests of a lane for which the given function
// returns true.
func endRows(t *chat.Turn, lane string, which func(chat.SubmissionRow) (bool, error)) error {
	rows, err := t.Tx.Waiting(state.Plusofon, lane)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Kind == chat.KindFetch {
			continue
		}
		payload, err := chat.Decode[chat.SubmissionRow](row)
		if err != nil {
			return err
		}
		chosen, err := which(payload)
		if err == nil && chosen {
			err = t.Tx.Withdraw(row.ID, t.Now, "not wanted any more")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// SendsFile reports whether a file that waits to follow its submission is still to be
// sent. If not, it drops the file: its author's access was revoked while it was uncertain
// whether the file had been sent.
func SendsFile(t *chat.Turn, sub state.Submission, n int) (bool, error) {
	sends, err := t.Sends(sub.Chat, sub.User)
	if err != nil || sends {
		return sends, err
	}
	return false, t.Tx.DropFile(sub.ID, n)
}
