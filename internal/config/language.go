package config

import (
	"github.com/caarlos0/env/v11"
)

// Text is something said on the terminal, in both languages.
type Text struct{ EN, RU string }

// In is the text in the terminal's language.
func (t Text) In(russian bool) string {
	if russian {
		return t.RU
	}
	return t.EN
}

func (t Text) and(more Text) Text { return Text{t.EN + more.EN, t.RU + more.RU} }

// Error is for a Text that says what is wrong.
func (t Text) Error() string { return t.EN }

// Russian tells whether the words on the terminal are Russian: where the system's language
// is, or LANGUAGE says so. They are English otherwise, in the whole run.
func Russian(environ []string) bool {
	process := env.ToMap(environ)
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := process[name]; locale != "" {
			if language, err := parseLanguage(locale); err == nil && language == "ru" {
				return true
			}
			break // the first that is set is what the system goes by
		}
	}
	dotEnv, _ := readDotEnv() // Load tells what is wrong with it
	value, _ := lookup("LANGUAGE", process, dotEnv)
	language, err := parseLanguage(value)
	return err == nil && language == "ru"
}
