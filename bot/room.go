package bot

import (
	"sync"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// room is a chat as the bot speaks there: what was chosen for it and what that
// comes to.
type room struct {
	texts.Texts
	settings state.Settings
	zone     *time.Location
}

// room returns a chat's. Nothing chosen: a person's language is that of his
// Telegram, a group's that of the configuration, as is the zone.
func (t *turn) room(c state.ChatID) (room, error) {
	p, err := t.tx.Person(state.UserID(c)) // a private chat has its person's id
	if err != nil {
		return room{}, err
	}
	return t.roomFor(c, p)
}

func (t *turn) roomFor(c state.ChatID, p state.Person) (room, error) {
	set, err := t.tx.Settings(c)
	if err != nil {
		return room{}, err
	}
	language := t.Language
	for _, chosen := range []string{set.Language, p.Language} {
		if chosen != "" {
			language = chosen
			break
		}
	}
	zone := t.zone()
	if set.Zone != "" {
		if z, ok := zoneByName(set.Zone); ok {
			zone = z
		}
	}
	return room{texts.For(language), set, zone}, nil
}

// textsFor returns the catalogue for a chat.
func (t *turn) textsFor(c state.ChatID) (texts.Texts, error) {
	r, err := t.room(c)
	return r.Texts, err
}

// speaker is a person in a chat, spoken to as was chosen for it.
func (t *turn) speaker(p state.Person, c state.ChatID) (speaker, error) {
	in := p
	if telegram.ChatID(c).IsGroup() {
		in = state.Person{} // a group's language is not that of whoever speaks
	}
	r, err := t.roomFor(c, in)
	if err != nil {
		return speaker{}, err
	}
	s := speaker{Person: p, chat: c, Texts: r.Texts, zone: r.zone}
	s.allowed, err = t.allowed(c, p.ID)
	return s, err
}

// isQuiet tells whether nothing may make a sound in the chat now. Hours may go
// over midnight.
func (r room) isQuiet(now time.Time) bool {
	from, to, hour := r.settings.QuietFrom, r.settings.QuietTo, now.In(r.zone).Hour()
	if from <= to {
		return from <= hour && hour < to
	}
	return hour >= from || hour < to
}

// zone is the one of the times shown where no other was chosen.
func (b *Bot) zone() *time.Location {
	if b.Location != nil {
		return b.Location
	}
	return time.UTC
}

// zones are those to choose from: one of each of Russia's, from west to east.
// The catalogue has their names under "zone_" keys.
var zones = []struct{ name, key string }{
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
	for _, z := range zones {
		if l, err := time.LoadLocation(z.name); err == nil {
			m[z.name] = l
		}
	}
	return m
})

// zoneByName returns one of zones.
func zoneByName(name string) (*time.Location, bool) {
	l, ok := loadedZones()[name]
	return l, ok
}
