package ticket

import (
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/topic"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Delivered takes Plusofon's answer to an opening or an answer: success, in its
// own words. It returns false where the answer does not show the submission's
// effect, so that it has to be looked for.
func Delivered(t *chat.Turn, id state.SubmissionID, answer Read) (bool, error) {
	if len(answer.Posts) == 0 {
		return false, nil
	}
	return readFor(t, id, answer, effect{certain: true, written: true})
}

// readFor takes over a ticket that was read for a submission, and tells whether it
// shows its effect.
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

// link says that a post is a submission's effect, and all that follows from it:
// the submission is delivered, its chat bound, its files go next, other chats
// see it. written says that the answer to its own request has told.
func link(t *chat.Turn, sub state.Submission, ticket state.TicketID, p plusofon.Post, written bool) error {
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
	// Of a new post's attachments none is there yet, but in a copy of the database that
	// was put in its place the post may be an old one, and nothing need show its files.
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

// mayBeIts tells whether a ticket holds a customer's post that was not known when a
// submission was sent, and is nobody's.
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
		if (!known || int64(p.ID) > submission.Baseline(sub)) && stored.Submission == 0 && stored.Side == state.Customer {
			return true, nil
		}
	}
	return false, nil
}
