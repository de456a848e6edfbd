package reading

import (
	"errors"
	"fmt"
	"slices"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// Setting is one line of /settings.
type Setting int64

// The settings in order. Their numbers are part of buttons.
const (
	SettingsAll Setting = iota // the whole list
	settingLanguage
	settingNews
	settingQuiet
	settingZone
	settingWaiting
	settingTopics // if topics are possible
	settingsEnd
)

// option is a choice of a setting.
type option struct {
	label string
	apply func(*state.Settings)
}

// menuOfSetting is a setting as shown: its button, value, explanation and options. Long lists of
// options are in several columns.
type menuOfSetting struct {
	button, value, explained string
	options                  []option
	columns                  int
}

// quietChoices are the quiet hours offered.
var quietChoices = [][2]int{{0, 0}, {20, 8}, {21, 9}, {22, 8}, {23, 7}, {18, 9}}

// waitingChoices are after how many working hours a reminder may come; 0: never.
var waitingChoices = []int{0, 1, 2, 4, 9, 18}

// menuOf returns a setting in a chat; ok is false if there is none with that number, or it is not
// available there.
func menuOf(t *chat.Turn, r chat.Locale, which Setting) (m menuOfSetting, ok bool, err error) {
	set := r.Settings
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
		for _, z := range chat.Zones {
			m.add(r.ZoneLabel(t.Now, z.Name, z.Key), r.Zone.String() == z.Name, func(s *state.Settings) { s.Zone = z.Name })
		}
		if m.value == "" {
			m.value = r.Zone.String()
		}
	case settingWaiting:
		m.button, m.explained, m.columns = r.T("set_waiting"), r.T("set_waiting_explained"), 2
		for _, hours := range waitingChoices {
			m.add(waitingHours(r, hours), set.WaitingHours == hours, func(s *state.Settings) { s.WaitingHours = hours })
		}
	case settingTopics:
		if ok, err := topic.Possible(t, set.Chat); err != nil || !ok {
			return m, false, err
		}
		m.button, m.explained = r.T("set_topics"), r.T(chat.Either(telegram.ChatID(set.Chat).IsGroup(), "set_topics_explained", "set_topics_explained_private"))
		for _, o := range []struct {
			layout  state.Layout
			answers bool
			key     string
		}{{state.Flat, false, "topics_flat"}, {state.Topics, false, "topics_replies"}, {state.Topics, true, "topics_answers"}} {
			m.add(r.T(o.key), set.Layout == o.layout && set.TopicAnswers == o.answers,
				func(s *state.Settings) { s.Layout, s.TopicAnswers = o.layout, o.answers })
		}
	default:
		return m, false, nil
	}
	return m, true, nil
}

func (m *menuOfSetting) add(label string, chosen bool, apply func(*state.Settings)) {
	if chosen {
		m.value = label
		label = "✓ " + label
	}
	m.options = append(m.options, option{label, apply})
}

func quietHours(r chat.Locale, from, to int) string {
	if from == to {
		return r.T("quiet_off")
	}
	return fmt.Sprintf("%d:00–%d:00", from, to)
}

func waitingHours(r chat.Locale, hours int) string {
	if hours == 0 {
		return r.T("waiting_off")
	}
	return r.T("waiting_hours", "Count", hours)
}

// Settings shows a chat's settings, or one of them with its options.
func Settings(t *chat.Turn, c state.ChatID, which Setting) (chat.Outgoing, error) {
	r, err := t.Locale(c)
	if err != nil {
		return chat.Outgoing{}, err
	}
	var text telegram.Builder
	if m, ok, err := menuOf(t, r, which); err != nil {
		return chat.Outgoing{}, err
	} else if ok {
		text.Bold(m.button)
		text.Plain("\n" + m.explained)
		var rows [][]telegram.Button
		for i, o := range m.options {
			if i%m.columns == 0 {
				rows = append(rows, nil)
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], chat.Button(o.label, chat.Data(chat.PressSettings, int64(which), int64(i+1))))
		}
		rows = append(rows, []telegram.Button{chat.Button(r.T("button_back"), chat.Data(chat.PressSettings, int64(SettingsAll)))})
		return chat.Outgoing{Place: chat.InChat(c), Text: text.Text(), Buttons: rows}, nil
	}
	text.Bold(r.T("settings"))
	text.Plain("\n")
	var buttons []telegram.Button
	for which := settingLanguage; which < settingsEnd; which++ {
		m, ok, err := menuOf(t, r, which)
		if err != nil {
			return chat.Outgoing{}, err
		}
		if !ok {
			continue
		}
		text.Plain("\n" + m.button + ": ")
		text.Bold(m.value)
		buttons = append(buttons, chat.Button(m.button, chat.Data(chat.PressSettings, int64(which))))
	}
	rows := slices.Collect(slices.Chunk(buttons, 2))
	return chat.Outgoing{Place: chat.InChat(c), Text: text.Text(), Buttons: append(rows, t.AddToGroup(c, r.Texts)...)}, nil
}

// SettingsPressed shows a setting, or chooses its option n, from 1; 0: none.
func SettingsPressed(t *chat.Turn, s chat.Speaker, c *telegram.Callback, which Setting, n int) error {
	if n > 0 {
		was, err := t.Locale(s.Chat)
		if err != nil {
			return err
		}
		if err := choose(t, s.Chat, which, n-1); errors.Is(err, state.ErrNotFound) {
			return t.AnswerCallback(c.ID, s.T("button_expired"), true)
		} else if err != nil {
			return err
		}
		if err := auditSetting(t, s, which); err != nil {
			return err
		}
		if which == settingTopics {
			if err := topic.Chosen(t, s, was.Settings); err != nil {
				return err
			}
		}
		which = SettingsAll
	}
	list, err := Settings(t, s.Chat, which)
	if err != nil {
		return err
	}
	list.Edit = state.MessageID(c.Message.ID)
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(list))
}

// settingNames are the settings' names in the audit.
var settingNames = map[Setting]string{
	settingLanguage: "language", settingNews: "news", settingQuiet: "quiet", settingZone: "zone", settingWaiting: "waiting", settingTopics: "topics",
}

// auditSetting records who changed a setting for a whole group.
func auditSetting(t *chat.Turn, s chat.Speaker, which Setting) error {
	if !telegram.ChatID(s.Chat).IsGroup() {
		return nil
	}
	return t.Audit(state.AuditEntry{Event: state.AuditSetting, By: s.ID, Chat: s.Chat, Detail: settingNames[which]})
}

// choose applies an option; ErrNotFound if there is none with that number.
func choose(t *chat.Turn, c state.ChatID, which Setting, i int) error {
	r, err := t.Locale(c)
	if err != nil {
		return err
	}
	m, ok, err := menuOf(t, r, which)
	if err != nil {
		return err
	}
	if !ok || i >= len(m.options) {
		return fmt.Errorf("setting %d, choice %d: %w", which, i, state.ErrNotFound)
	}
	m.options[i].apply(&r.Settings)
	if err := t.Tx.SaveSettings(r.Settings); err != nil {
		return err
	}
	return ticket.ResettleWaits(t, c)
}
