package access

import (
	"maps"
	"sync"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// pressesAnswered is how many presses of a stranger are answered within an hour:
// more than anybody makes who tries the buttons he once had.
const pressesAnswered = 20

// Strangers remembers what people without access did lately, so that who does it by
// the thousand costs next to nothing. It is in memory alone: after a restart they
// begin anew.
type Strangers struct {
	mu    sync.Mutex
	known map[state.UserID]stranger
	swept time.Time
}

type stranger struct {
	since   time.Time // when his hour of presses began
	presses int
	turned  time.Time // when the bot last said in a group of his that it is closed
}

// at changes what is remembered of a person, and forgets those whose hour is over.
func (s *Strangers) at(u state.UserID, now time.Time, change func(*stranger)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !chat.Recently(s.swept, now, toldEvery) {
		s.swept = now
		maps.DeleteFunc(s.known, func(_ state.UserID, p stranger) bool {
			return !chat.Recently(p.since, now, toldEvery) && !chat.Recently(p.turned, now, toldEvery)
		})
	}
	p := s.known[u]
	change(&p)
	if s.known == nil {
		s.known = map[state.UserID]stranger{}
	}
	s.known[u] = p
}

// pressed counts a press and tells whether it is to be answered.
func (s *Strangers) pressed(u state.UserID, now time.Time) (answered bool) {
	s.at(u, now, func(p *stranger) {
		if !chat.Recently(p.since, now, toldEvery) {
			p.since, p.presses = now, 0
		}
		p.presses++
		answered = p.presses <= pressesAnswered
	})
	return answered
}

// turnsDown tells whether a group is to hear why the bot leaves it.
func (s *Strangers) turnsDown(u state.UserID, now time.Time) (says bool) {
	s.at(u, now, func(p *stranger) {
		if says = !chat.Recently(p.turned, now, toldEvery); says {
			p.turned = now
		}
	})
	return says
}

// ConcernsPress tells whether a press is the bot's business: of a stranger's only
// so many are, and the wish to be let in as often as it is passed on.
func ConcernsPress(t *chat.Turn, known *Strangers, c *telegram.Callback) (bool, error) {
	if c.Message == nil {
		return false, nil
	}
	chatID, user := c.Message.Chat.ID, state.UserID(c.From.ID)
	if ok, err := t.Authorized(state.ChatID(chatID), user); err != nil || ok {
		return ok, err
	}
	if c.Data == string(chat.PressAsk) && !chatID.IsGroup() {
		p, err := t.Tx.Person(user)
		if err != nil || !chat.Recently(p.Asked, t.Now, askEvery) {
			return err == nil, err
		}
	}
	return known.pressed(user, t.Now), nil
}

// ConcernsStranger tells whether a stranger's message in private is the bot's
// business: until he is told that it is closed, and again after an hour; a link that
// lets him in always.
func ConcernsStranger(t *chat.Turn, p state.Person, m *telegram.Message) (bool, error) {
	if !chat.Recently(p.Told, t.Now, toldEvery) {
		return true, nil
	}
	name, payload, ok := m.Command("")
	if !ok || name != "start" || payload == "" {
		return false, nil
	}
	return t.Tx.InviteIsOpen(payload, t.Now)
}
