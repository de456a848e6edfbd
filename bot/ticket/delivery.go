package ticket

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/topic"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Delivered takes Plusofon's successful response to an opening or an answer. It returns
// false if the response does not show the submission's effect, which must then be read
// back.
func Delivered(t *chat.Turn, id state.SubmissionID, answer Read) (bool, error) {
	if len(answer.Posts) == 0 {
		return false, nil
	}
	return readFor(t, id, answer, effect{certain: true, written: true})
}

// readFor absorbs a ticket that was read for a submission and reports whether it shows
// the submission's effect.
func readFor(t *chat.Turn, id state.SubmissionID, read Read, e effect) (bool, error) {
	sub, err := t.Tx.Submission(id)
	if err != nil {
		return false, err
	}
	e.sub = sub
	if _, err := absorb(t, read, nil, &e); err != nil {
		return false, err
	}
	sub, err = t.Tx.Submission(id)
	return sub.State == state.SubmissionDelivered, err
}

// link records that a post is a submission's effect, with all that follows: the
// submission is delivered, its chat is bound, its files go next and other chats see it.
// written is true if the response to the submission's own request showed it.
func link(t *chat.Turn, sub state.Submission, ticket state.TicketID, p plusofon.Post, written bool) error {
	if err := submission.Shown(t, &sub); err != nil {
		return err
	}
	sub.Ticket, sub.Post, sub.State, sub.Reason, sub.Detail = ticket, state.PostID(p.ID), state.SubmissionDelivered, "", ""
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	if err := t.Tx.LinkPost(ticket, sub.Post, sub.ID); err != nil {
		return err
	}
	if err := submission.ClaimMessage(t, sub); err != nil {
		return err
	}
	if err := adopt(t, sub); err != nil {
		return err
	}
	event := state.AuditAnswered
	if sub.Kind == state.Opening {
		event = state.AuditOpened
	}
	if err := t.Audit(state.AuditEntry{Event: event, By: sub.User, Chat: sub.Chat, Ticket: ticket}); err != nil {
		return err
	}
	files, err := t.Tx.Files(sub.ID)
	if err != nil {
		return err
	}
	// A new post has no attachments yet. After the database was restored from a copy the
	// post may be an old one, whose files may be there without being shown.
	made := len(p.Attachments) > 0
	if !made && !written {
		if made, err = t.Tx.IsCopied(sub.ID); err != nil {
			return err
		}
	}
	for _, f := range files {
		if f.State == state.FileQueued {
			err := t.EnqueueSubmission(chat.FilesLane(sub.ID), chat.KindAttach, chat.SubmissionRow{Submission: sub.ID, File: f.N}, made)
			if err != nil {
				return err
			}
		}
	}
	if err := topic.FreeReceipt(t, &sub); err != nil {
		return err
	}
	if err := submission.Progress(t, sub, false); err != nil {
		return err
	}
	if err := submission.SendWaiting(t, sub); err != nil {
		return err
	}
	return announceOwn(t, sub, p)
}

// adopt has the owners follow a ticket that was opened from a chat whose access was revoked while
// the request was in flight: nobody else would hear of it.
func adopt(t *chat.Turn, sub state.Submission) error {
	if sub.Kind != state.Opening {
		return nil
	}
	if ok, err := t.ChatAuthorized(sub.Chat); err != nil || ok {
		return err
	}
	owners, err := t.Tx.Owners()
	for _, p := range owners {
		err = errors.Join(err, t.Tx.Bind(state.ChatID(p.ID), sub.Ticket, t.Now))
	}
	return err
}

// Trace is what was found of a submission with an unknown outcome.
type Trace int

// What reading back can show.
const (
	NoTrace   Trace = iota // nothing
	Found                  // it was delivered
	Ambiguous              // a new post that may be its effect
)

// ReadBack absorbs the tickets that were read back for a submission and returns what
// they show of it. certain is true if the API responded with success.
func ReadBack(t *chat.Turn, id state.SubmissionID, reads []Read, certain bool) (Trace, error) {
	trace := NoTrace
	for _, read := range reads {
		before, err := knownPosts(t, state.TicketID(read.ID))
		if err != nil {
			return NoTrace, err
		}
		if found, err := readFor(t, id, read, effect{certain: certain}); err != nil {
			return NoTrace, err
		} else if found {
			return Found, nil
		}
		if may, err := mayBeIts(t, id, read.Ticket, before); err != nil {
			return NoTrace, err
		} else if may {
			trace = Ambiguous
		}
	}
	return trace, nil
}

// mayBeIts reports whether a ticket holds a customer's post that was not known when the
// submission was sent and is not linked to any.
func mayBeIts(t *chat.Turn, id state.SubmissionID, ticket plusofon.Ticket, before map[state.PostID]state.Post) (bool, error) {
	sub, err := t.Tx.Submission(id)
	if err != nil {
		return false, err
	}
	for _, p := range ticket.Posts {
		stored, err := t.Tx.Post(state.TicketID(ticket.ID), state.PostID(p.ID))
		if err != nil {
			return false, err
		}
		_, known := before[stored.ID]
		// The account may have another name now than when it wrote here before.
		mayBe := stored.Side == state.Customer || plusofon.HasWords(sub.Text) && plusofon.LettersAlone.Same(sub.Text, p.Text)
		if (!known || int64(p.ID) > submission.Baseline(sub)) && stored.Submission == 0 && mayBe {
			if moved, err := wasMoved(t, stored.Ticket, p); err != nil || !moved {
				return err == nil, err
			}
		}
	}
	return false, nil
}
