package bot

import (
	"maps"
	"sync"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// pressesAnswered is how many presses of a stranger are answered within an hour:
// more than anybody makes who tries the buttons he once had.
const pressesAnswered = 20

// strangers remembers what people without access did lately, so that who does it by
// the thousand costs next to nothing. It is in memory alone: after a restart they
// begin anew.
type strangers struct {
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
func (s *strangers) at(u state.UserID, now time.Time, change func(*stranger)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !recently(s.swept, now, toldEvery) {
		s.swept = now
		maps.DeleteFunc(s.known, func(_ state.UserID, p stranger) bool {
			return !recently(p.since, now, toldEvery) && !recently(p.turned, now, toldEvery)
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
func (s *strangers) pressed(u state.UserID, now time.Time) (answered bool) {
	s.at(u, now, func(p *stranger) {
		if !recently(p.since, now, toldEvery) {
			p.since, p.presses = now, 0
		}
		p.presses++
		answered = p.presses <= pressesAnswered
	})
	return answered
}

// turnsDown tells whether a group is to hear why the bot leaves it.
func (s *strangers) turnsDown(u state.UserID, now time.Time) (says bool) {
	s.at(u, now, func(p *stranger) {
		if says = !recently(p.turned, now, toldEvery); says {
			p.turned = now
		}
	})
	return says
}

// concernsPress tells whether a press is the bot's business: of a stranger's only
// so many are, and the wish to be let in as often as it is passed on.
func (t *turn) concernsPress(c *telegram.Callback) (bool, error) {
	if c.Message == nil {
		return false, nil
	}
	chat, user := c.Message.Chat.ID, state.UserID(c.From.ID)
	if ok, err := t.allowed(state.ChatID(chat), user); err != nil || ok {
		return ok, err
	}
	if c.Data == pressAsk && !chat.IsGroup() {
		p, err := t.tx.Person(user)
		if err != nil || !recently(p.Asked, t.now, askEvery) {
			return err == nil, err
		}
	}
	return t.strangers.pressed(user, t.now), nil
}

// concernsStranger tells whether a stranger's message in private is the bot's
// business: until he is told that it is closed, and again after an hour; a link that
// lets him in always.
func (t *turn) concernsStranger(p state.Person, m *telegram.Message) (bool, error) {
	if !recently(p.Told, t.now, toldEvery) {
		return true, nil
	}
	name, payload, ok := m.Command("")
	if !ok || name != "start" || payload == "" {
		return false, nil
	}
	return t.tx.InviteIsOpen(payload, t.now)
}
