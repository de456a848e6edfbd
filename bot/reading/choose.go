package reading

import (
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// choiceLimit is how many tickets are offered.
const choiceLimit = 8

// ChooseFollowed offers open tickets that this chat does not follow.
func ChooseFollowed(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	list, err := t.Tx.TicketsNotBoundTo(s.Chat, choiceLimit)
	if err != nil {
		return err
	}
	return offer(t, s, m, list, "choose_followed", "choose_followed_none", chat.PressFollow)
}

// ChooseUnfollowed offers tickets that this chat follows, open ones first.
func ChooseUnfollowed(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	list, err := t.Tx.TicketsBoundTo(s.Chat, choiceLimit)
	if err != nil {
		return err
	}
	return offer(t, s, m, list, "choose_unfollowed", "choose_unfollowed_none", chat.PressUnfollow)
}

func offer(t *chat.Turn, s chat.Speaker, m state.MessageID, list []state.Ticket, ask, none string, action chat.Action) error {
	o := chat.Outgoing{Place: s.Place, ReplyTo: m, Text: telegram.Plain(s.T(none))}
	for _, ticket := range list {
		label := chat.TicketName(ticket.ID) + " " + chat.CutRunes(telegram.Clean(ticket.Subject), 40)
		o.Text = telegram.Plain(s.T(ask))
		o.Buttons = append(o.Buttons, []telegram.Button{chat.Button(label, chat.Data(action, ticket.ID))})
	}
	return t.Say(o)
}
