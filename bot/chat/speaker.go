package chat

import (
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Speaker is a person who speaks to the bot, and where.
type Speaker struct {
	state.Person
	Place
	Allowed bool // may use the bot here: in an authorized group anyone may
	texts.Texts
	Zone *time.Location // of the times shown to them
}

// Meet updates what is known of a person. Those who may not use the bot in this chat are not
// stored.
func (t *Turn) Meet(u telegram.User, chat telegram.Chat, thread state.ThreadID) (Speaker, error) {
	p, err := t.Tx.Person(state.UserID(u.ID))
	if err != nil {
		return Speaker{}, err
	}
	known := p
	p.Name, p.Username = u.Name(), u.Username
	if lang, _, _ := strings.Cut(u.Language, "-"); lang == "ru" || lang == "en" {
		p.Language = lang
	}
	s, err := t.Speaker(p, Place{state.ChatID(chat.ID), thread})
	if err != nil || !s.Allowed {
		return s, err
	}
	if p != known {
		if err := t.Tx.SavePerson(p); err != nil {
			return Speaker{}, err
		}
	}
	return s, t.returned(s.Chat, chat)
}

// returned records a chat that writes to the bot. Only for a private chat does that mean that
// the bot may write there.
func (t *Turn) returned(id state.ChatID, chat telegram.Chat) error {
	see := t.Reopened
	if chat.ID.IsGroup() {
		see = func(c state.ChatID) error { return t.seeForum(c, chat.IsForum) }
	}
	if err := see(id); err != nil {
		return err
	}
	return t.Tx.SeeChat(id, chat.Type, chat.Title)
}

// IsOfAnother reports whether a message is in the topic of another ticket than this one.
func (t *Turn) IsOfAnother(m *telegram.Message, id state.TicketID) (bool, error) {
	thread := ThreadOf(m)
	if thread == 0 {
		return false, nil
	}
	of, err := t.Tx.TopicTicket(state.ChatID(m.Chat.ID), thread)
	return err == nil && of != id, IgnoreAbsent(err)
}

// ThreadOf returns the topic that a message is in; 0: none. To Telegram, chains of replies are
// threads too.
func ThreadOf(m *telegram.Message) state.ThreadID {
	if !m.IsTopic {
		return 0
	}
	return state.ThreadID(m.Thread)
}

// Addressing is the text of a question to the speaker. In a group it mentions them: Telegram
// shows a forced reply only to those mentioned.
func (s Speaker) Addressing(text string) telegram.Text {
	var b telegram.Builder
	if telegram.ChatID(s.Chat).IsGroup() {
		b.Mention(s.Name, telegram.UserID(s.ID)).Plain("\n")
	}
	return b.Plain(text).Text()
}

// Speaker returns a person in a chat, with the chat's locale.
func (t *Turn) Speaker(p state.Person, at Place) (Speaker, error) {
	in := p
	if telegram.ChatID(at.Chat).IsGroup() {
		in = state.Person{} // a group's language is not that of its speakers
	}
	r, err := t.localeOf(at.Chat, in)
	if err != nil {
		return Speaker{}, err
	}
	s := Speaker{Person: p, Place: at, Texts: r.Texts, Zone: r.Zone}
	s.Allowed, err = t.allowed(at.Chat, p)
	return s, err
}
