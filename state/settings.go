package state

import (
	"cmp"
	"errors"
)

// News is which tickets' news a chat gets.
type News string

// The choices of news.
const (
	NewsBound News = "bound" // of the tickets that the chat is bound to
	NewsAll   News = "all"   // of all tickets of the account
	NewsNone  News = "none"
)

// Layout is how a chat's tickets are arranged.
type Layout string

// The layouts.
const (
	Flat   Layout = "flat"   // each ticket is a chain of replies
	Topics Layout = "topics" // each ticket has a topic, if the chat supports topics
)

// DefaultWaitingHours is the default of Settings.WaitingHours.
const DefaultWaitingHours = 4

// Settings are the settings of a chat.
type Settings struct {
	Chat     ChatID
	Language string // "ru", "en" or "": the language of the person's Telegram
	News     News
	// QuietFrom and QuietTo are hours of the day in the chat's zone; equal: no
	// quiet hours.
	QuietFrom, QuietTo int
	Zone               string // an IANA name; "": the configuration's
	WaitingHours       int    // working hours of the staff's silence before a reminder; 0: no reminders
	Layout             Layout
	TopicAnswers       bool // messages in a ticket's topic are answers
}

// Settings returns a chat's settings, or the defaults.
func (tx *Tx) Settings(c ChatID) (Settings, error) {
	s, err := first(tx, "settings", func(r scanner) (s Settings, err error) {
		err = r.Scan(&s.Chat, &s.Language, &s.News, &s.QuietFrom, &s.QuietTo, &s.Zone, &s.WaitingHours, &s.Layout, &s.TopicAnswers)
		return s, err
	}, `SELECT chat_id, language, news, quiet_from, quiet_to, zone, waiting_hours, layout, topic_answers FROM chat_settings WHERE chat_id = +?`, c)
	if errors.Is(err, ErrNotFound) {
		return Settings{Chat: c, News: NewsBound, WaitingHours: DefaultWaitingHours, Layout: Flat}, nil
	}
	return s, err
}

// SaveSettings writes a chat's settings.
func (tx *Tx) SaveSettings(s Settings) error {
	return tx.run("save settings", `INSERT INTO chat_settings (chat_id, language, news, quiet_from, quiet_to, zone, waiting_hours, layout, topic_answers)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (chat_id) DO UPDATE SET language = excluded.language, news = excluded.news,
			quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, zone = excluded.zone, waiting_hours = excluded.waiting_hours,
			layout = excluded.layout, topic_answers = excluded.topic_answers`,
		s.Chat, s.Language, s.News, s.QuietFrom, s.QuietTo, s.Zone, s.WaitingHours, cmp.Or(s.Layout, Flat), s.TopicAnswers)
}
