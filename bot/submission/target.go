package submission

import "plusofon-bot/state"

// Target is where an answer goes: a ticket, or the opening whose ticket does not
// exist yet.
type Target struct {
	Ticket  state.TicketID
	opening state.SubmissionID
}

// TargetOf is the ticket that a submission belongs to; false where there is none and
// there will be none.
func TargetOf(sub state.Submission) (Target, bool) {
	switch {
	case sub.Reason.ForColleague():
		// It is for a colleague as long as its author says nothing else, and so is
		// what the colleague replies.
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
