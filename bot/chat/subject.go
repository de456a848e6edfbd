package chat

import (
	"errors"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Subject is what a message is about: one ticket, or a submission to a ticket that has no
// number yet.
type Subject struct {
	Ticket     state.TicketID
	Submission state.Submission
}

// SubjectOf returns the single ticket that a message belongs to, as recorded when it was sent.
// For an unrecorded message of the bot's (sent just before a crash) the buttons tell.
// ErrNotFound if it is about several or none: a list, a search, a question.
func (t *Turn) SubjectOf(c state.ChatID, m *telegram.Message) (Subject, error) {
	id := state.MessageID(m.ID)
	ticket, err := t.Tx.MessageTicket(c, id)
	if !errors.Is(err, state.ErrNotFound) {
		return Subject{Ticket: ticket}, err
	}
	sub, err := t.Tx.SubmissionOf(c, id)
	if errors.Is(err, state.ErrNotFound) {
		sub, err = t.Tx.SubmissionTold(c, id)
	}
	if !errors.Is(err, state.ErrNotFound) || !t.IsMe(m.From) {
		return Subject{Submission: sub}, err
	}
	lead, ok := LeadOf(m.Buttons)
	switch {
	case !ok || lead.Draft != 0:
		return Subject{}, state.ErrNotFound
	case lead.Ticket != 0:
		return Subject{Ticket: lead.Ticket}, nil
	}
	if sub, err = t.Tx.Submission(lead.Submission); err != nil {
		return Subject{}, err
	}
	in, err := t.CurrentChat(sub.Chat)
	if err == nil && in != c {
		err = state.ErrNotFound
	}
	return Subject{Submission: sub}, err
}

// IsMe reports whether a user is this bot.
func (t *Turn) IsMe(u *telegram.User) bool {
	return u != nil && u.IsBot && strings.EqualFold(u.Username, t.BotName)
}
