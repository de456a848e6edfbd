package reading

import "plusofon-bot/bot/chat"

// For tests outside the package.
const (
	SettingLanguage = settingLanguage
	SettingWaiting  = settingWaiting
)

// Menu is a setting as shown.
type Menu struct {
	Button, Value string
	Labels        []string
}

// MenuOf shows a setting in a chat.
func MenuOf(t *chat.Turn, r chat.Locale, which Setting) (Menu, error) {
	m, _, err := menuOf(t, r, which)
	shown := Menu{Button: m.button, Value: m.value}
	for _, o := range m.options {
		shown.Labels = append(shown.Labels, o.label)
	}
	return shown, err
}
