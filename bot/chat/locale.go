package chat

import (
	"sync"
	"time"

	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// Locale is how the bot speaks in a chat: its settings and the resulting language and zone.
type Locale struct {
	texts.Texts
	Settings state.Settings
	Zone     *time.Location
}

// Locale returns a chat's locale. By default the language is that of the person's Telegram,
// for a group the configuration's; so is the zone.
func (t *Turn) Locale(c state.ChatID) (Locale, error) {
	p, err := t.Tx.Person(state.UserID(c)) // a private chat has its person's id
	if err != nil {
		return Locale{}, err
	}
	return t.localeOf(c, p)
}

func (t *Turn) localeOf(c state.ChatID, p state.Person) (Locale, error) {
	here, err := t.CurrentChat(c)
	if err != nil {
		return Locale{}, err
	}
	set, err := t.Tx.Settings(here)
	if err != nil {
		return Locale{}, err
	}
	language := t.Language
	for _, chosen := range []string{set.Language, p.Language} {
		if chosen != "" {
			language = chosen
			break
		}
	}
	zone := t.DefaultZone()
	if set.Zone != "" {
		if z, ok := zoneByName(set.Zone); ok {
			zone = z
		}
	}
	return Locale{texts.For(language), set, zone}, nil
}

// TextsFor returns the catalogue for a chat.
func (t *Turn) TextsFor(c state.ChatID) (texts.Texts, error) {
	r, err := t.Locale(c)
	return r.Texts, err
}

// IsQuiet reports whether it is quiet hours in the chat. They may span midnight.
func (r Locale) IsQuiet(now time.Time) bool {
	from, to, hour := r.Settings.QuietFrom, r.Settings.QuietTo, now.In(r.Zone).Hour()
	if from <= to {
		return from <= hour && hour < to
	}
	return hour >= from || hour < to
}

// TopicRule says which messages in the topic of a ticket are sent: a key of the catalogue.
func TopicRule(set state.Settings) string {
	return Either(set.TopicAnswers, "topic_rule_all", "topic_rule_replies")
}

// NewsOff reports whether a chat has turned news off.
func (t *Turn) NewsOff(c state.ChatID) (bool, error) {
	here, err := t.CurrentChat(c)
	if err != nil {
		return false, err
	}
	set, err := t.Tx.Settings(here)
	return set.News == state.NewsNone, err
}

// DefaultZone is the time zone of chats without a setting.
func (c *Config) DefaultZone() *time.Location {
	if c.Location != nil {
		return c.Location
	}
	return time.UTC
}

// Zones are the zones offered in the settings: Russia's, from west to east. The catalogue has
// their names under "zone_" keys.
var Zones = []struct{ Name, Key string }{
	{"Europe/Kaliningrad", "zone_kaliningrad"},
	{"Europe/Moscow", "zone_moscow"},
	{"Europe/Samara", "zone_samara"},
	{"Asia/Yekaterinburg", "zone_yekaterinburg"},
	{"Asia/Omsk", "zone_omsk"},
	{"Asia/Novosibirsk", "zone_novosibirsk"},
	{"Asia/Irkutsk", "zone_irkutsk"},
	{"Asia/Yakutsk", "zone_yakutsk"},
	{"Asia/Vladivostok", "zone_vladivostok"},
	{"Asia/Magadan", "zone_magadan"},
	{"Asia/Kamchatka", "zone_kamchatka"},
}

var loadedZones = sync.OnceValue(func() map[string]*time.Location {
	m := map[string]*time.Location{}
	for _, z := range Zones {
		if l, err := time.LoadLocation(z.Name); err == nil {
			m[z.Name] = l
		}
	}
	return m
})

// zoneByName returns one of Zones.
func zoneByName(name string) (*time.Location, bool) {
	l, ok := loadedZones()[name]
	return l, ok
}
