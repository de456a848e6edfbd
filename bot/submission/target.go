package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Target is where an answer goes: a ticket, or an opening whose ticket does not exist yet.
type Target struct {
	Ticket  state.TicketID
	opening state.SubmissionID
	// Reopens is true if the person knows that the ticket is closed and agrees to reopen it.
	Reopens bool
}

// TargetOf returns where answers to a submission go; false if there is no ticket and will
// be none.
func TargetOf(sub state.Submission) (Target, bool) {
	switch {
	case sub.Reason.ForColleague():
		// It is for a colleague until its author decides otherwise, and so is the
		// colleague's reply.
		return Target{}, false
	case sub.Ticket != 0:
		return Target{Ticket: sub.Ticket}, true
	case sub.State == state.SubmissionCancelled:
		return Target{}, false
	case sub.Kind == state.Answer:
		return Target{opening: sub.Opening}, true
	}
	return Target{opening: sub.ID}, true
}

// RepliedTo returns the target of the message replied to; ErrNotFound if there is none, or
// if that message is about several tickets.
func RepliedTo(t *chat.Turn, m *telegram.Message) (Target, error) {
	if m.ReplyTo == nil {
		return Target{}, state.ErrNotFound
	}
	c := state.ChatID(m.Chat.ID)
	about, err := t.SubjectOf(c, m.ReplyTo)
	if errors.Is(err, state.ErrNotFound) {
		return correctedBy(t, c, m.ReplyTo)
	}
	if err != nil {
		return Target{}, err
	}
	if about.Ticket != 0 {
		return Target{Ticket: about.Ticket}, nil
	}
	if to, ok := TargetOf(about.Submission); ok {
		return to, nil
	}
	return Target{}, state.ErrNotFound
}

// correctedBy returns the ticket of the post that a card offers to correct; ErrNotFound if
// the message is no such card.
func correctedBy(t *chat.Turn, c state.ChatID, m *telegram.Message) (Target, error) {
	d, err := cardOf(t, c, m)
	if err != nil || d.Kind != state.DraftCorrection {
		return Target{}, errors.Join(err, state.ErrNotFound)
	}
	sub, err := t.Tx.Submission(d.Submission)
	if err != nil {
		return Target{}, err
	}
	if to, ok := TargetOf(sub); ok {
		return to, nil
	}
	return Target{}, state.ErrNotFound
}

// isClosed reports whether the ticket of an answer is closed, as far as is known.
func isClosed(t *chat.Turn, id state.TicketID) (bool, error) {
	if id == 0 {
		return false, nil
	}
	ticket, err := t.Tx.Ticket(id)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	return !ticket.Open, err
}
