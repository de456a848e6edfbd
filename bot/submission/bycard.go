package submission

import (
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// CardRepliedTo is the draft of a message's author whose card the message replies to.
func CardRepliedTo(t *chat.Turn, m *telegram.Message) (state.Draft, bool, error) {
	if m.ReplyTo == nil {
		return state.Draft{}, false, nil
	}
	d, err := t.Tx.OpenDraft(state.ChatID(m.Chat.ID), state.UserID(m.From.ID))
	if err != nil {
		return d, false, chat.IgnoreAbsent(err)
	}
	lead, _ := chat.LeadOf(m.ReplyTo.Buttons)
	return d, d.Card == state.MessageID(m.ReplyTo.ID) || d.Card == 0 && lead.Draft == d.ID, nil
}

// IntoCard puts messages into the draft whose card they reply to.
func IntoCard(t *chat.Turn, s chat.Speaker, d state.Draft, messages []*telegram.Message) error {
	return addMessages(t, s, d, messages)
}
