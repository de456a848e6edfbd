package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ByCard handles a reply to the card of an open draft of its author: it continues the
// draft.
func ByCard(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	d, ok, err := CardRepliedTo(t, messages[0])
	if err != nil || !ok {
		return false, err
	}
	return true, IntoCard(t, s, d, messages)
}

// CardRepliedTo returns the open draft of a message's author that the message replies to,
// by its card.
func CardRepliedTo(t *chat.Turn, m *telegram.Message) (state.Draft, bool, error) {
	if m.ReplyTo == nil {
		return state.Draft{}, false, nil
	}
	d, err := cardOf(t, state.ChatID(m.Chat.ID), m.ReplyTo)
	if err != nil {
		return d, false, chat.IgnoreAbsent(err)
	}
	return d, d.State == state.DraftOpen && d.User == state.UserID(m.From.ID) && d.Kind != state.DraftCorrection, nil
}

// IntoCard adds messages to the draft they reply to.
func IntoCard(t *chat.Turn, s chat.Speaker, d state.Draft, messages []*telegram.Message) error {
	if d.Kind != state.DraftGoing {
		if err := takeUp(t, d); err != nil {
			return err
		}
	}
	return addMessages(t, s, d, messages)
}

// cardOf returns the draft that a message is or was the card of; ErrNotFound if it is none.
// A card that was replaced by another, or that was sent just before a crash and whose id was
// not stored, is recognized by its buttons.
func cardOf(t *chat.Turn, c state.ChatID, m *telegram.Message) (state.Draft, error) {
	d, err := t.Tx.DraftShown(c, state.MessageID(m.ID))
	if !errors.Is(err, state.ErrNotFound) || !t.IsMe(m.From) {
		return d, err
	}
	lead, _ := chat.LeadOf(m.Buttons)
	if d, err = t.Tx.Draft(lead.Draft); err == nil && d.Chat != c {
		err = state.ErrNotFound
	}
	return d, err
}
