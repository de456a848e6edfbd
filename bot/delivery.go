package bot

import (
	"errors"
	"strings"
	"time"
	"unicode"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Sending is called in the transaction that marks a submission's row as being
// sent. It notes the newest ticket or post known before: only what is newer can
// be the request's effect. It returns false where there is nothing to send any
// more.
func (b *Bot) Sending(tx *state.Tx, id state.SubmissionID) (state.Submission, bool, error) {
	sub, err := tx.Submission(id)
	if err != nil || sub.State != state.SubmissionQueued {
		return sub, false, err
	}
	if sub.Kind == state.Opening {
		newest, err := tx.MaxTicket()
		if err != nil {
			return sub, false, err
		}
		sub.After = int64(newest)
	} else {
		newest, err := tx.MaxPost(sub.Ticket)
		if err != nil {
			return sub, false, err
		}
		sub.After = int64(newest)
	}
	sub.State = state.SubmissionSending
	return sub, true, tx.SaveSubmission(sub)
}

// Delivered takes Plusofon's answer to an opening or an answer: success, in its
// own words. It returns false where the answer does not show the submission's
// effect, so that it has to be looked for.
func (b *Bot) Delivered(tx *state.Tx, now time.Time, id state.SubmissionID, ticket plusofon.Ticket) (bool, error) {
	if len(ticket.Posts) == 0 {
		return false, nil
	}
	return b.readFor(tx, now, id, ticket, true)
}

// readFor takes over a ticket that was read for a submission, and tells whether it
// shows its effect.
func (b *Bot) readFor(tx *state.Tx, now time.Time, id state.SubmissionID, ticket plusofon.Ticket, certain bool) (bool, error) {
	sub, err := tx.Submission(id)
	if err != nil {
		return false, err
	}
	t := &turn{Bot: b, tx: tx, now: now}
	if err := t.absorb(ticket, nil, &effect{sub, certain}); err != nil {
		return false, err
	}
	sub, err = tx.Submission(id)
	return sub.State == state.SubmissionDelivered, err
}

// after is the newest post that can't be a submission's own. What an opening
// creates has no post from before.
func after(sub state.Submission) int64 {
	if sub.Kind == state.Opening {
		return 0
	}
	return sub.After
}

// link says that a post is a submission's effect, and all that follows from it:
// the submission is delivered, its chat bound, its files go next, other chats
// see it.
func (t *turn) link(sub state.Submission, ticket state.TicketID, p plusofon.Post) error {
	sub.Ticket, sub.Post, sub.State, sub.Reason, sub.Detail = ticket, state.PostID(p.ID), state.SubmissionDelivered, "", ""
	if err := t.tx.SaveSubmission(sub); err != nil {
		return err
	}
	if err := t.tx.LinkPost(ticket, sub.Post, sub.ID); err != nil {
		return err
	}
	if err := t.claimMessage(sub); err != nil {
		return err
	}
	files, err := t.tx.Files(sub.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.State == state.FileQueued {
			// Of a new post's attachments none is there yet, but in a copy of the
			// database that was put in its place the post may be an old one.
			err := t.enqueueSubmission(filesLane(sub.ID), KindAttach, SubmissionRow{Submission: sub.ID, File: f.N}, len(p.Attachments) > 0)
			if err != nil {
				return err
			}
		}
	}
	if err := t.freeReceipt(&sub); err != nil {
		return err
	}
	if err := t.progress(sub, false); err != nil {
		return err
	}
	if err := t.sendWaiting(sub); err != nil {
		return err
	}
	return t.announceOwn(sub, p)
}

// sendWaiting queues the answers that were written before an opening's ticket
// existed.
func (t *turn) sendWaiting(opening state.Submission) error {
	answers, err := t.tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		sub.Ticket = opening.Ticket
		if err := t.tx.SaveSubmission(sub); err != nil {
			return err
		}
		if !waits(sub) {
			continue
		}
		if err := t.claimMessage(sub); err != nil {
			return err
		}
		if err := t.queueSubmission(sub); err != nil {
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
func (t *turn) failWaiting(opening state.Submission) error {
	answers, err := t.tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		if !waits(sub) {
			continue
		}
		sub.State, sub.Reason = state.SubmissionFailed, reasonNoOpening
		if err := t.tx.SaveSubmission(sub); err != nil {
			return err
		}
		if err := t.progress(sub, false); err != nil {
			return err
		}
	}
	return nil
}

// reviveWaiting lets the answers to an opening's ticket wait again: the opening is
// repeated.
func (t *turn) reviveWaiting(opening state.Submission) error {
	answers, err := t.tx.WaitingFor(opening.ID)
	if err != nil {
		return err
	}
	for _, sub := range answers {
		if sub.State != state.SubmissionFailed || sub.Reason != reasonNoOpening {
			continue
		}
		sub.State, sub.Reason = state.SubmissionQueued, ""
		if err := errors.Join(t.tx.SaveSubmission(sub), t.progress(sub, true)); err != nil {
			return err
		}
	}
	return nil
}

// Unknown notes that nobody knows what came of a submission's request.
func (b *Bot) Unknown(tx *state.Tx, now time.Time, id state.SubmissionID) error {
	return b.moveOn(tx, now, id, state.SubmissionUnknown, "", "")
}

// Requeued notes that a submission certainly had no effect and will be sent
// again.
func (b *Bot) Requeued(tx *state.Tx, now time.Time, id state.SubmissionID) error {
	return b.moveOn(tx, now, id, state.SubmissionQueued, "", "")
}

// Waiting tells the person, once, that Plusofon does not answer and the
// submission will go by itself.
func (b *Bot) Waiting(tx *state.Tx, now time.Time, id state.SubmissionID) error {
	sub, err := tx.Submission(id)
	if err != nil || sub.State != state.SubmissionQueued || sub.Reason == reasonWaiting {
		return err
	}
	sub.Reason = reasonWaiting
	if err := tx.SaveSubmission(sub); err != nil {
		return err
	}
	return (&turn{Bot: b, tx: tx, now: now}).progress(sub, false)
}

// reasonWaiting marks a queued submission whose person knows that it waits.
const reasonWaiting = "waiting"

// Doubtful leaves it to the person: reading back did not tell.
func (b *Bot) Doubtful(tx *state.Tx, now time.Time, id state.SubmissionID) error {
	return b.moveOn(tx, now, id, state.SubmissionDoubtful, "", "")
}

// Failed tells the person that a submission certainly was not delivered. reason
// is one of the catalogue's "reason_" keys; of the server's words only those
// are shown that were meant for people.
func (b *Bot) Failed(tx *state.Tx, now time.Time, id state.SubmissionID, reason, detail string) error {
	return b.moveOn(tx, now, id, state.SubmissionFailed, reason, forPeople(detail))
}

func (b *Bot) moveOn(tx *state.Tx, now time.Time, id state.SubmissionID, to state.SubmissionState, reason, detail string) error {
	sub, err := tx.Submission(id)
	if err != nil || sub.State == to || sub.State == state.SubmissionDelivered || sub.State == state.SubmissionCancelled {
		return err
	}
	if to == state.SubmissionQueued && sub.Reason == reasonWaiting {
		reason = reasonWaiting
	}
	sub.State, sub.Reason, sub.Detail = to, reason, detail
	if err := tx.SaveSubmission(sub); err != nil {
		return err
	}
	if to == state.SubmissionQueued && sub.Receipt == 0 {
		return nil
	}
	t := &turn{Bot: b, tx: tx, now: now}
	if to == state.SubmissionFailed {
		if err := t.failWaiting(sub); err != nil {
			return err
		}
	}
	return t.progress(sub, false)
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
	return cutRunes(telegram.Clean(strings.Join(kept, ": ")), 300)
}

// Trace looks for the effect of a submission of unknown outcome in what has been
// read back.
type Trace int

// What a read-back can tell.
const (
	NoTrace   Trace = iota // nothing there
	Found                  // it was delivered
	Ambiguous              // something new is there that may be it
)

// ReadBack absorbs the tickets that were read back for a submission and tells
// what they show of it. certain says that the API has answered with success.
func (b *Bot) ReadBack(tx *state.Tx, now time.Time, id state.SubmissionID, tickets []plusofon.Ticket, certain bool) (Trace, error) {
	for _, ticket := range tickets {
		if found, err := b.readFor(tx, now, id, ticket, certain); err != nil {
			return NoTrace, err
		} else if found {
			return Found, nil
		}
	}
	sub, err := tx.Submission(id)
	if err != nil {
		return NoTrace, err
	}
	for _, ticket := range tickets {
		for _, p := range ticket.Posts {
			stored, err := tx.Post(state.TicketID(ticket.ID), state.PostID(p.ID))
			if err != nil {
				return NoTrace, err
			}
			if int64(p.ID) > after(sub) && stored.Submission == 0 && stored.Side == state.Customer {
				return Ambiguous, nil
			}
		}
	}
	return NoTrace, nil
}

// Attached notes that a file has arrived.
func (b *Bot) Attached(tx *state.Tx, now time.Time, id state.SubmissionID, n int) error {
	return b.fileSettled(tx, now, id, n, state.FileDelivered, "")
}

// AttachFailed notes that a file can't arrive, and why.
func (b *Bot) AttachFailed(tx *state.Tx, now time.Time, id state.SubmissionID, n int, reason string) error {
	return b.fileSettled(tx, now, id, n, state.FileFailed, reason)
}

func (b *Bot) fileSettled(tx *state.Tx, now time.Time, id state.SubmissionID, n int, to state.FileState, reason string) error {
	sub, err := tx.Submission(id)
	if err != nil {
		return err
	}
	files, err := tx.Files(id)
	if err != nil {
		return err
	}
	settled := true
	for i, f := range files {
		if f.N == n {
			f.State, f.Reason = to, reason
			if err := tx.SaveFile(f); err != nil {
				return err
			}
			files[i] = f
		}
		settled = settled && files[i].State != state.FileQueued
	}
	if !settled {
		return nil
	}
	return (&turn{Bot: b, tx: tx, now: now}).progress(sub, false)
}
