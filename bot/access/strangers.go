package access

import (
	"errors"
	"maps"
	"sync"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// deed is what people without access do and what is answered.
type deed int

const (
	knock  deed = iota // in private: they are told that the bot is closed
	press              // of a button
	adding             // of the bot to a group: the group hears why the bot leaves
	speech             // in a group where their access was closed: they are told so
	deeds
)

// allowances are how often a deed is answered within an hour: one person's, and
// everybody's together. Twenty presses are more than anybody makes who tries the buttons
// that they once had.
var allowances = [deeds]struct{ each, all int }{knock: {1, 500}, press: {20, 1000}, adding: {1, 100}, speech: {1, 100}}

// Strangers remembers what people without access did lately, so that who does it by
// the thousand costs next to nothing: what is above the allowances is passed over before
// it is stored. It is in memory alone, and small: after a restart they begin anew.
type Strangers struct {
	mu    sync.Mutex
	known map[doing]tally
	all   [deeds]tally
	swept time.Time
}

type doing struct {
	by state.UserID
	deed
}

// tally counts what was answered since an hour began.
type tally struct {
	since time.Time
	n     int
}

func (c tally) after(now time.Time) tally {
	if !chat.Recently(c.since, now, time.Hour) {
		return tally{since: now}
	}
	return c
}

// answers tells whether a deed is to be answered, and counts it.
func (s *Strangers) answers(u state.UserID, d deed, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !chat.Recently(s.swept, now, time.Hour) {
		s.swept = now
		maps.DeleteFunc(s.known, func(_ doing, c tally) bool { return !chat.Recently(c.since, now, time.Hour) })
	}
	one, all := s.known[doing{u, d}].after(now), s.all[d].after(now)
	if one.n >= allowances[d].each || all.n >= allowances[d].all {
		return false
	}
	one.n++
	all.n++
	if s.known == nil {
		s.known = map[doing]tally{}
	}
	s.known[doing{u, d}], s.all[d] = one, all
	return true
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
		if err != nil {
			return false, err
		}
		if often, err := askedTooOften(t); err != nil || !often && !chat.Recently(p.Asked, t.Now, askEvery) {
			return err == nil, err
		}
	}
	return known.answers(user, press, t.Now), nil
}

// ConcernsStranger tells whether a stranger's message in private is the bot's
// business: once an hour, when they are told that it is closed; a link that lets them in
// always.
func ConcernsStranger(t *chat.Turn, known *Strangers, p state.Person, m *telegram.Message) (bool, error) {
	if name, payload, ok := m.Command(""); ok && name == "start" && payload != "" {
		if _, err := linkFor(t, p, payload); !errors.Is(err, state.ErrNotFound) {
			return err == nil, err
		}
	}
	return known.answers(p.ID, knock, t.Now), nil
}

// ConcernsRemoved tells whether what somebody says to the bot in a group is to be
// answered whose access was closed: once an hour.
func ConcernsRemoved(t *chat.Turn, known *Strangers, u state.UserID) bool {
	return known.answers(u, speech, t.Now)
}

// RefuseRemoved tells somebody in a group that their access was closed.
func RefuseRemoved(t *chat.Turn, s chat.Speaker, replyTo state.MessageID) error {
	t.Log(state.AuditEntry{Event: state.AuditRemovedRefused, Person: s.ID, Chat: s.Chat})
	return t.Say(chat.Outgoing{Place: s.Place, Late: true, ReplyTo: replyTo, Text: telegram.Plain(s.T("removed_in_group"))})
}
