package chat

import (
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Lead is what the buttons under a message of the bot's say that it is about: one ticket,
// one submission, or one draft. It stands in for the map of messages where a message was
// sent just before a crash and its id never learned.
type Lead struct {
	Ticket     state.TicketID
	Submission state.SubmissionID
	Draft      state.DraftID
}

// LeadOf reads a message's lead off its buttons; false where it is about several tickets
// or about nothing, as lists and settings are: a reply to such a message must not go
// to the first ticket that it happens to name.
func LeadOf(rows [][]telegram.Button) (lead Lead, ok bool) {
	var named state.TicketID
	for _, row := range rows {
		for _, b := range row {
			p, known := ParsePress(b.Data)
			switch {
			case !known || b.Data == "": // a link, or a text to copy
			case p.OfTicket() || p.Action == PressFollow || p.Action == PressUnfollow:
				id := state.TicketID(p.ID)
				if named != 0 && named != id {
					return Lead{}, false
				}
				named = id
				if p.OfTicket() { // the others stand in lists of tickets, too, be it lists of one
					lead.Ticket = id
				}
			case p.OfSubmission():
				id := state.SubmissionID(p.ID)
				if lead.Submission != 0 && lead.Submission != id {
					return Lead{}, false
				}
				lead.Submission = id
			case p.OfDraft():
				lead.Draft = state.DraftID(p.ID)
			default:
				return Lead{}, false
			}
		}
	}
	return lead, lead != Lead{}
}
