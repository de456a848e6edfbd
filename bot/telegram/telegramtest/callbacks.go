package telegramtest

import (
	"strconv"
	"time"
)

const maxAnswer = 200

// callback is a press awaiting its answer.
type callback struct {
	time     time.Time
	answered bool
}

// Answer is the bot's answer to a press.
type Answer struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Alert bool   `json:"alert"`
	URL   string `json:"url"`
}

// Answers returns the answers to presses so far.
func (s *Server) Answers() []Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Answer(nil), s.answers...)
}

// press makes a callback query of a user. The lock is held.
func (s *Server) press(ch *chat, m *message, by *User, data string) string {
	s.callSeq++
	id := strconv.Itoa(4_000_000_000 + s.callSeq)
	s.callbacks[id] = &callback{time: s.now()}
	s.push("callback_query", map[string]any{
		"id": id, "from": by, "message": s.render(ch, m), "chat_instance": strconv.FormatInt(ch.wire.ID*7919, 10), "data": data,
	})
	s.touch()
	return id
}

func (s *Server) answerCallbackQuery(c *call) (any, error) {
	if units(c.str("text")) > maxAnswer {
		return nil, violate("MESSAGE_TOO_LONG")
	}
	id := c.str("callback_query_id")
	cb := s.callbacks[id]
	if cb == nil || cb.answered || s.now().Sub(cb.time) > pressLife {
		return nil, refuse("query is too old and response timeout expired or query ID is invalid")
	}
	cb.answered = true
	s.answers = append(s.answers, Answer{ID: id, Text: c.str("text"), Alert: c.bool("show_alert"), URL: c.str("url")})
	return true, nil
}
