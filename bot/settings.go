package bot

import (
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// setting is one line of /settings.
type setting int64

// The settings in their order. Their numbers stand in buttons.
const (
	settingsAll setting = iota // the whole list
	settingLanguage
	settingNews
	settingQuiet
	settingZone
	settingWaiting
	settingTopics // where topics are possible: the last
)

// option is a choice of a setting.
type option struct {
	label string
	apply func(*state.Settings)
}

// menuOfSetting is a setting as it is shown: its button, its value, its line of
// explanation and its choices. Choices of a long list stand in rows of columns.
type menuOfSetting struct {
	button, value, explained string
	options                  []option
	columns                  int
}

// quietChoices are the quiet hours to choose from.
var quietChoices = [][2]int{{0, 0}, {20, 8}, {21, 9}, {22, 8}, {23, 7}, {18, 9}}

// waitingChoices are the working hours to choose from.
var waitingChoices = []int{0, 1, 2, 4, 9, 18}

func (t *turn) menuOf(r room, which setting) (m menuOfSetting, ok bool) {
	set := r.settings
	m.columns = 1
	switch which {
	case settingLanguage:
		m.button, m.explained = r.T("set_language"), r.T("set_language_explained")
		for _, o := range []struct{ lang, key string }{{"", "language_auto"}, {"ru", "language_ru"}, {"en", "language_en"}} {
			m.add(r.T(o.key), set.Language == o.lang, func(s *state.Settings) { s.Language = o.lang })
		}
	case settingNews:
		m.button, m.explained = r.T("set_news"), r.T("set_news_explained")
		for _, o := range []struct {
			news state.News
			key  string
		}{{state.NewsBound, "news_bound"}, {state.NewsAll, "news_all"}, {state.NewsNone, "news_none"}} {
			m.add(r.T(o.key), set.News == o.news, func(s *state.Settings) { s.News = o.news })
		}
	case settingQuiet:
		m.button, m.explained, m.columns = r.T("set_quiet"), r.T("set_quiet_explained"), 2
		for _, c := range quietChoices {
			m.add(quietHours(r, c[0], c[1]), set.QuietFrom == c[0] && set.QuietTo == c[1],
				func(s *state.Settings) { s.QuietFrom, s.QuietTo = c[0], c[1] })
		}
	case settingZone:
		m.button, m.explained, m.columns = r.T("set_zone"), r.T("set_zone_explained"), 2
		for _, z := range zones {
			m.add(r.zoneLabel(t.now, z.name, z.key), r.zone.String() == z.name, func(s *state.Settings) { s.Zone = z.name })
		}
		if m.value == "" {
			m.value = r.zone.String()
		}
	case settingWaiting:
		m.button, m.explained, m.columns = r.T("set_waiting"), r.T("set_waiting_explained"), 2
		for _, hours := range waitingChoices {
			m.add(waitingHours(r, hours), set.WaitingHours == hours, func(s *state.Settings) { s.WaitingHours = hours })
		}
	case settingTopics:
		if !t.mayHaveTopics(set.Chat) {
			return m, false
		}
		m.button, m.explained = r.T("set_topics"), r.T(pick(telegram.ChatID(set.Chat).IsGroup(), "set_topics_explained", "set_topics_explained_private"))
		for _, o := range []struct {
			layout  state.Layout
			answers bool
			key     string
		}{{state.Flat, false, "topics_flat"}, {state.Topics, false, "topics_replies"}, {state.Topics, true, "topics_answers"}} {
			m.add(r.T(o.key), set.Layout == o.layout && set.TopicAnswers == o.answers,
				func(s *state.Settings) { s.Layout, s.TopicAnswers = o.layout, o.answers })
		}
	default:
		return m, false
	}
	return m, true
}

func (m *menuOfSetting) add(label string, chosen bool, apply func(*state.Settings)) {
	if chosen {
		m.value = label
		label = "✓ " + label
	}
	m.options = append(m.options, option{label, apply})
}

func quietHours(r room, from, to int) string {
	if from == to {
		return r.T("quiet_off")
	}
	return fmt.Sprintf("%d:00–%d:00", from, to)
}

func waitingHours(r room, hours int) string {
	if hours == 0 {
		return r.T("waiting_off")
	}
	return r.T("waiting_hours", "Count", hours)
}

// zoneLabel names a zone with its distance from UTC.
func (r room) zoneLabel(now time.Time, name, key string) string {
	z, ok := zoneByName(name)
	if !ok {
		return r.T(key)
	}
	_, offset := now.In(z).Zone()
	return fmt.Sprintf("%s (UTC%+d)", r.T(key), offset/3600)
}

// settings shows a chat's settings, or one of them with its choices.
func (t *turn) settings(c state.ChatID, which setting) (outgoing, error) {
	r, err := t.room(c)
	if err != nil {
		return outgoing{}, err
	}
	var text telegram.Builder
	if m, ok := t.menuOf(r, which); ok {
		text.Bold(m.button)
		text.Plain("\n" + m.explained)
		var rows [][]telegram.Button
		for i, o := range m.options {
			if i%m.columns == 0 {
				rows = append(rows, nil)
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], button(o.label, fmt.Sprintf("%s:%d:%d", pressSettings, which, i+1)))
		}
		rows = append(rows, []telegram.Button{button(r.T("button_back"), fmt.Sprintf("%s:%d", pressSettings, settingsAll))})
		return outgoing{chat: c, text: text.Text(), buttons: rows}, nil
	}
	text.Bold(r.T("settings"))
	text.Plain("\n")
	var buttons []telegram.Button
	for which := settingLanguage; ; which++ {
		m, ok := t.menuOf(r, which)
		if !ok {
			break
		}
		text.Plain("\n" + m.button + ": ")
		text.Bold(m.value)
		buttons = append(buttons, button(m.button, fmt.Sprintf("%s:%d", pressSettings, which)))
	}
	return outgoing{chat: c, text: text.Text(), buttons: [][]telegram.Button{buttons[:2], buttons[2:4], buttons[4:]}}, nil
}

// settingsPressed goes to a setting, or takes a choice of it. n is the choice's
// number from 1; 0: none.
func (t *turn) settingsPressed(s speaker, c *telegram.Callback, which setting, n int) error {
	if n > 0 {
		if err := t.choose(s.chat, which, n-1); errors.Is(err, state.ErrNotFound) {
			return t.answerPress(c.ID, s.T("button_expired"), true)
		} else if err != nil {
			return err
		}
		if which == settingTopics {
			if err := t.topicsChosen(s); err != nil {
				return err
			}
		}
		which = settingsAll
	}
	list, err := t.settings(s.chat, which)
	if err != nil {
		return err
	}
	list.edit = state.MessageID(c.Message.ID)
	return errors.Join(t.answerPress(c.ID, "", false), t.say(list))
}

// choose takes a choice; ErrNotFound where there is none of that number.
func (t *turn) choose(c state.ChatID, which setting, i int) error {
	r, err := t.room(c)
	if err != nil {
		return err
	}
	m, ok := t.menuOf(r, which)
	if !ok || i >= len(m.options) {
		return fmt.Errorf("setting %d, choice %d: %w", which, i, state.ErrNotFound)
	}
	m.options[i].apply(&r.settings)
	if err := t.tx.SaveSettings(r.settings); err != nil {
		return err
	}
	return t.resettleWaits(c)
}
