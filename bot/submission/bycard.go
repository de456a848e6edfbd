package submission

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ByCard: a reply to the card of something that its person has begun takes that up again.
func ByCard(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	d, ok, err := CardRepliedTo(t, messages[0])
	if err != nil || !ok {
		return false, err
	}
	return true, IntoCard(t, s, d, messages)
}

// CardRepliedTo is the draft of a message's author whose card the message replies to.
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

// IntoCard puts messages into the draft whose card they reply to.
func IntoCard(t *chat.Turn, s chat.Speaker, d state.Draft, messages []*telegram.Message) error {
	if d.Kind != state.DraftGoing {
		if err := takeUp(t, d); err != nil {
			return err
		}
	}
	return addMessages(t, s, d, messages)
}

// cardOf is the draft that a message is, or was, the card of; ErrNotFound where it is of
// none. A card in whose place another has come, or that was sent just before a crash, so
// that its id was never learned, is known by its buttons.
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
