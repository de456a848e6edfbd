package config

import (
	"github.com/caarlos0/env/v11"
)

// Text is a terminal text in both languages.
type Text struct{ EN, RU string }

// In returns the text in the terminal's language.
func (t Text) In(russian bool) string {
	if russian {
		return t.RU
	}
	return t.EN
}

func (t Text) and(more Text) Text { return Text{t.EN + more.EN, t.RU + more.RU} }

// Error makes a Text usable as an error.
func (t Text) Error() string { return t.EN }

// Russian reports whether terminal output is in Russian: if the system's language is, or
// LANGUAGE says so. Otherwise it is in English.
func Russian(environ []string) bool {
	process := env.ToMap(environ)
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := process[name]; locale != "" {
			if language, err := parseLanguage(locale); err == nil && language == "ru" {
				return true
			}
			break // the first that is set takes effect
		}
	}
	dotEnv, _ := readDotEnv() // Load reports errors
	value, _ := lookup("LANGUAGE", process, dotEnv)
	language, err := parseLanguage(value)
	return err == nil && language == "ru"
}
