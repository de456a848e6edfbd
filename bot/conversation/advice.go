package conversation

import (
	"slices"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// repliesToMe reports whether a message replies to one of this bot's.
func repliesToMe(t *chat.Turn, m *telegram.Message) bool {
	return m.ReplyTo != nil && t.IsMe(m.ReplyTo.From)
}

// needsAdvice reports whether a group message without another purpose replies to a message of
// the bot's, other than advice, under which nobody has been advised yet.
func needsAdvice(t *chat.Turn, m *telegram.Message) (bool, error) {
	if !repliesToMe(t, m) || isAdvice(m.ReplyTo.Text) {
		return false, nil
	}
	told, err := t.Tx.Told(state.ChatID(m.Chat.ID), state.AdviceUnder(state.MessageID(m.ReplyTo.ID)))
	return !told, err
}

// adviceKeys are the texts that advise: a reply to one of them gets no further advice.
var adviceKeys = []string{"reply_nowhere", "group_unknown", "removed_in_group", "faceless_admin", "faceless_channel"}

// isAdvice recognizes advice by its text: a reply may come before its id is recorded.
func isAdvice(text string) bool {
	for _, lang := range []string{"ru", "en"} {
		s := texts.For(lang)
		if slices.ContainsFunc(adviceKeys, func(key string) bool { return s.T(key) == text }) {
			return true
		}
	}
	return false
}

// advise tells the author of a reply without effect that it was not sent anywhere, and what to
// do instead: a reply to the bot is never silently ignored. Neither the reply nor its author is
// stored.
func advise(t *chat.Turn, known *access.Strangers, m *telegram.Message) error {
	if m.SenderChat != nil {
		return explainAnonymous(t, m)
	}
	at := chat.Place{Chat: state.ChatID(m.Chat.ID), Thread: chat.ThreadOf(m)}
	author, err := t.Tx.Person(state.UserID(m.From.ID))
	if err != nil {
		return err
	}
	s, err := t.Speaker(author, at)
	if err != nil {
		return err
	}
	key := "reply_nowhere"
	switch {
	case s.Allowed:
	case !s.Removed.IsZero():
		if !access.ConcernsRemoved(t, known, s.ID) {
			return nil
		}
		return access.RefuseRemoved(t, s, state.MessageID(m.ID))
	case s.Role == state.Stranger:
		return nil
	default:
		key = "group_unknown"
	}
	if fresh, err := t.Tx.TellOnce(at.Chat, state.AdviceUnder(state.MessageID(m.ReplyTo.ID))); err != nil || !fresh {
		return err
	}
	return t.Say(chat.Outgoing{Place: at, Meaning: chat.Meaning{Anyway: !s.Allowed}, ReplyTo: state.MessageID(m.ID), Text: telegram.Plain(s.T(key))})
}
