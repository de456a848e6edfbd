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

// attempt is something that people without access may do.
type attempt int

const (
	privateMessage attempt = iota // they are told that the bot is closed
	buttonPress                   // answered with an alert
	groupAdd                      // the group is told why the bot leaves
	groupMessage                  // in a group, after their access was revoked: they are told so
	attempts
)

// hourlyLimits are how often an attempt is answered within an hour, per person and in
// total. Nobody makes more than twenty presses when trying buttons they once could use.
var hourlyLimits = [attempts]struct{ each, all int }{privateMessage: {1, 500}, buttonPress: {20, 1000}, groupAdd: {1, 100}, groupMessage: {1, 100}}

// Strangers rate-limits people without access, so that a flood costs next to nothing: an
// attempt over the limits is dropped before it is stored. It is kept in memory only, and
// small; a restart resets it.
type Strangers struct {
	mu    sync.Mutex
	known map[attemptKey]tally
	all   [attempts]tally
	swept time.Time
}

type attemptKey struct {
	by state.UserID
	attempt
}

// tally counts the answers within an hour.
type tally struct {
	since time.Time
	n     int
}

func (c tally) at(now time.Time) tally {
	if !chat.Recently(c.since, now, time.Hour) {
		return tally{since: now}
	}
	return c
}

// allow reports whether an attempt is to be answered, and counts it.
func (s *Strangers) allow(u state.UserID, d attempt, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !chat.Recently(s.swept, now, time.Hour) {
		s.swept = now
		maps.DeleteFunc(s.known, func(_ attemptKey, c tally) bool { return !chat.Recently(c.since, now, time.Hour) })
	}
	one, all := s.known[attemptKey{u, d}].at(now), s.all[d].at(now)
	if one.n >= hourlyLimits[d].each || all.n >= hourlyLimits[d].all {
		return false
	}
	one.n++
	all.n++
	if s.known == nil {
		s.known = map[attemptKey]tally{}
	}
	s.known[attemptKey{u, d}], s.all[d] = one, all
	return true
}

// ConcernsPress reports whether a press is to be handled: a stranger's only within the
// limits, and an access request whenever it would be forwarded.
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
	return known.allow(user, buttonPress, t.Now), nil
}

// ConcernsStranger reports whether a stranger's private message is to be handled: once an
// hour, to tell them that the bot is closed, and always if it is a link that lets them in.
func ConcernsStranger(t *chat.Turn, known *Strangers, p state.Person, m *telegram.Message) (bool, error) {
	if name, payload, ok := m.Command(""); ok && name == "start" && payload != "" {
		if _, err := linkFor(t, p, payload); !errors.Is(err, state.ErrNotFound) {
			return err == nil, err
		}
	}
	return known.allow(p.ID, privateMessage, t.Now), nil
}

// ConcernsRemoved reports whether to answer someone in a group after their access was
// revoked: once an hour.
func ConcernsRemoved(t *chat.Turn, known *Strangers, u state.UserID) bool {
	return known.allow(u, groupMessage, t.Now)
}

// RefuseRemoved tells someone in a group that their access was revoked.
func RefuseRemoved(t *chat.Turn, s chat.Speaker, replyTo state.MessageID) error {
	t.Log(state.AuditEntry{Event: state.AuditRemovedRefused, Person: s.ID, Chat: s.Chat})
	return t.Say(chat.Outgoing{Place: s.Place, Stranger: true, ReplyTo: replyTo, Text: telegram.Plain(s.T("removed_in_group"))})
}
