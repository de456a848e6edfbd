package chat

import (
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Lead is what the buttons under a message of the bot's show it to be about: one ticket, one
// submission, or one draft. It replaces the map of messages if the message was sent just
// before a crash and its id never recorded.
type Lead struct {
	Ticket     state.TicketID
	Submission state.SubmissionID
	Draft      state.DraftID
}

// LeadOf derives a message's lead from its buttons. It returns false if they are about several
// tickets or none, as in lists and settings: a reply to a list must not go to the first ticket
// in it.
func LeadOf(rows [][]telegram.Button) (lead Lead, ok bool) {
	var named state.TicketID
	for _, row := range rows {
		for _, b := range row {
			p, known := ParsePress(b.Data)
			switch {
			case !known || b.Data == "": // a link, or a text to copy
			case p.ofTicket() || p.Action == PressFollow || p.Action == PressUnfollow:
				id := state.TicketID(p.ID)
				if named != 0 && named != id {
					return Lead{}, false
				}
				named = id
				if p.ofTicket() { // the others occur in lists of tickets, even lists of one
					lead.Ticket = id
				}
			case p.ofSubmission():
				id := state.SubmissionID(p.ID)
				if lead.Submission != 0 && lead.Submission != id {
					return Lead{}, false
				}
				lead.Submission = id
			case p.ofDraft():
				lead.Draft = state.DraftID(p.ID)
			default:
				return Lead{}, false
			}
		}
	}
	return lead, lead != Lead{}
}
