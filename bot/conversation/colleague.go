package conversation

import (
	"slices"
	"strings"
	"unicode"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// forColleague returns why an answer written in a group may be meant for a colleague only: it
// mentions one, or replies to one. Replies to this bot or to oneself don't count, nor does a
// message in a topic where messages are answers. "" if there is no sign of it.
func forColleague(t *chat.Turn, ticket state.TicketID, messages []*telegram.Message) (state.Reason, error) {
	if named, err := namesColleague(t, ticket, messages); err != nil || named {
		return state.ReasonMention, err
	}
	m := messages[0]
	if m.ReplyTo == nil || m.ReplyTo.From == nil || t.IsMe(m.ReplyTo.From) || m.ReplyTo.From.ID == m.From.ID {
		return "", nil
	}
	if _, ruled, err := topic.RuledBy(t, m); err != nil || ruled {
		return "", err
	}
	return state.ReasonReply, nil
}

// namesColleague reports whether messages name someone other than the bot: by a mention, or by
// beginning with the name of someone who has written through the bot in this chat, unless the
// ticket's staff has that name.
func namesColleague(t *chat.Turn, ticket state.TicketID, messages []*telegram.Message) (bool, error) {
	me, err := t.Tx.BotID()
	if err != nil {
		return false, err
	}
	for _, m := range messages {
		names, ids := m.Mentioned()
		if slices.ContainsFunc(names, func(name string) bool { return !strings.EqualFold(name, t.BotName) }) ||
			slices.ContainsFunc(ids, func(id telegram.UserID) bool { return state.UserID(id) != me }) {
			return true, nil
		}
	}
	called := []string{addressee(caption(messages))}
	for _, m := range messages {
		if m.MediaGroup != "" { // each item has a caption of its own
			called = append(called, addressee(m.Text))
		}
	}
	for _, name := range called {
		if named, err := isColleague(t, ticket, messages[0], name); err != nil || named {
			return named, err
		}
	}
	return false, nil
}

// isColleague reports whether a name is that of someone else who has written through the bot in
// this chat, and not of the ticket's staff.
func isColleague(t *chat.Turn, ticket state.TicketID, m *telegram.Message, name string) (bool, error) {
	if name == "" {
		return false, nil
	}
	in, err := t.CurrentChat(state.ChatID(m.Chat.ID))
	if err != nil {
		return false, err
	}
	writers, err := t.Tx.Writers(in)
	if err != nil || !slices.ContainsFunc(writers, func(p state.Person) bool { return p.ID != state.UserID(m.From.ID) && isCalled(p.Name, name) }) {
		return false, err
	}
	staff, err := t.Tx.StaffOf(ticket, staffRemembered)
	return !slices.ContainsFunc(staff, func(author string) bool { return slices.Contains(strings.Fields(plainName(author)), name) }), err
}

// staffRemembered is how many of the staff's last posts are searched for a name.
const staffRemembered = 100

// addressee returns whom a text addresses, judging by its beginning: the words before the first
// comma of its first line, or the whole line, if they can be a name.
func addressee(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	name, _, _ := strings.Cut(line, ",")
	name = strings.TrimRight(name, " .!?:…")
	words := strings.Fields(name)
	if len(words) == 0 || len(words) > 3 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != ' ' && r != '-' }) {
		return ""
	}
	return plainName(strings.Join(words, " "))
}

// isCalled reports whether a person with this full name may be addressed by name.
func isCalled(full, name string) bool {
	full = plainName(full)
	first, _, _ := strings.Cut(full, " ")
	return first != "" && (name == first || name == full)
}

// plainName is a name as typed in haste: in lower case, without ё.
func plainName(name string) string { return strings.ReplaceAll(strings.ToLower(name), "ё", "е") }
