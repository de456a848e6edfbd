package submission

import (
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// handLife is how long an answer to a question is waited for. A later message is hardly
// meant as that.
const handLife = time.Hour

// TakeInHand puts what was asked for into the speaker's hand. A line goes in front of what
// is there; anything else replaces it.
func TakeInHand(t *chat.Turn, s chat.Speaker, h state.InHand) (state.HandID, error) {
	if !h.Kind.IsLine() {
		if err := layAside(t, s.Chat, s.ID); err != nil {
			return 0, err
		}
	}
	here, err := t.CurrentChat(s.Chat)
	if err != nil {
		return 0, err
	}
	h.Chat, h.User, h.Until = here, s.ID, t.Now.Add(handLife)
	return t.Tx.TakeInHand(h)
}

// TakenAt returns when something was taken in hand, in whole seconds like the dates of messages.
func TakenAt(h state.InHand) time.Time { return h.Until.Add(-handLife).Truncate(time.Second) }

// layAside empties a person's hand because something else has started. A draft stays open
// on its card.
func layAside(t *chat.Turn, c state.ChatID, u state.UserID) error {
	d, err := draftInHand(t, c, u)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	held := err == nil
	if err := t.Tx.LetGo(c, u); err != nil || !held {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	switch {
	case err != nil:
		return err
	case len(items) == 0:
		return closeDraft(t, d, state.DraftCancelled)
	case d.Moves: // no longer: it is not what is in hand
		d.Moves = false
		if err := t.Tx.SaveDraft(d); err != nil {
			return err
		}
	}
	return ShowCard(t, d)
}

// takeUp puts an open draft into its author's hand.
func takeUp(t *chat.Turn, d state.Draft) error {
	held, err := isInHand(t, d)
	if err != nil {
		return err
	}
	if err := lookSoon(t, d); err != nil {
		return err
	}
	if held {
		return t.Tx.DropLine(d.Chat, d.User)
	}
	if err := layAside(t, d.Chat, d.User); err != nil {
		return err
	}
	_, err = t.Tx.TakeInHand(state.InHand{Chat: d.Chat, User: d.User, Kind: state.HandDraft, Draft: d.ID})
	return err
}

// draftInHand returns the draft a person has in hand; ErrNotFound if it is none.
func draftInHand(t *chat.Turn, c state.ChatID, u state.UserID) (state.Draft, error) {
	h, err := t.Tx.InHand(c, u, t.Now)
	if err == nil && h.Kind != state.HandDraft {
		err = state.ErrNotFound
	}
	if err != nil {
		return state.Draft{}, err
	}
	return t.Tx.Draft(h.Draft)
}

func isInHand(t *chat.Turn, d state.Draft) (bool, error) {
	h, err := t.Tx.InHand(d.Chat, d.User, t.Now)
	return err == nil && h.Kind == state.HandDraft && h.Draft == d.ID, chat.IgnoreAbsent(err)
}

// LookedAt stops waiting for an answer when its person looks at another ticket.
func LookedAt(t *chat.Turn, s chat.Speaker, id state.TicketID) error {
	h, err := t.Tx.InHand(s.Chat, s.ID, t.Now)
	if err != nil || h.Kind != state.HandAnswer || h.Ticket == id {
		return chat.IgnoreAbsent(err)
	}
	return t.Tx.LetGo(s.Chat, s.ID)
}

// AskAnswer handles «Ответить»: the next message goes to the ticket. reopens is true if
// the person knows that it is closed.
func AskAnswer(t *chat.Turn, s chat.Speaker, id state.TicketID, reopens bool) error {
	ticket, err := t.Tx.Ticket(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	hand, err := TakeInHand(t, s, state.InHand{Kind: state.HandAnswer, Ticket: id, Reopens: reopens})
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Ticket: id, Hand: hand},
		Text: s.Addressing(s.T("ask_answer", "Ticket", chat.TicketName(id), "Subject", chat.CutRunes(ticket.Subject, 80))), Ask: s.T("ask_answer_placeholder"),
	})
}

// AskOpening handles /new without a text in a group: the reply to the question opens the
// ticket.
func AskOpening(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	hand, err := TakeInHand(t, s, state.InHand{Kind: state.HandOpening})
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Hand: hand}, ReplyTo: m, Text: telegram.Plain(s.T("ask_opening")), Ask: s.T("ask_opening_placeholder"),
	})
}

// ByHand takes what is written next for what is in hand.
func ByHand(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	h, err := t.Tx.InHand(s.Chat, s.ID, t.Now)
	if err != nil {
		return false, chat.IgnoreAbsent(err)
	}
	if h.Kind == state.HandAnswer {
		if other, err := t.IsOfAnother(messages[0], h.Ticket); err != nil || other {
			return false, err
		}
	}
	return Given(t, s, h, messages)
}

// Given takes messages as what was asked for; false if they can't be that.
func Given(t *chat.Turn, s chat.Speaker, h state.InHand, messages []*telegram.Message) (bool, error) {
	switch h.Kind {
	case state.HandSubject:
		return subjectGiven(t, s, h.Draft, messages)
	case state.HandOpening:
		return true, OpenFrom(t, s, messages)
	case state.HandAnswer:
		return true, Answer(t, s, Target{Ticket: h.Ticket, Reopens: h.Reopens}, messages, "")
	case state.HandDraft:
		d, err := t.Tx.Draft(h.Draft)
		if err != nil || d.State != state.DraftOpen {
			return false, errors.Join(chat.IgnoreAbsent(err), t.Tx.LetGo(s.Chat, s.ID))
		}
		return true, addMessages(t, s, d, messages)
	}
	return false, nil
}
