package config

import (
	"regexp"
	"testing"
)

var cyrillic = regexp.MustCompile(`\p{Cyrillic}`)

// Terminal output is in the system's language or as in LANGUAGE, by default English.
func TestLanguageOfTheTerminal(t *testing.T) {
	for _, tt := range []struct {
		name    string
		vars    vars
		dotEnv  string
		russian bool
	}{
		{name: "nothing said"},
		{name: "a Russian system", vars: vars{"LANG": "ru_RU.UTF-8"}, russian: true},
		{name: "messages of its own", vars: vars{"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8"}, russian: true},
		{name: "all of another language", vars: vars{"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "ru_RU", "LC_ALL": "C.UTF-8"}},
		{name: "LANGUAGE", vars: vars{"LANG": "C", "LANGUAGE": "ru"}, russian: true},
		{name: "the system's list of languages", vars: vars{"LANGUAGE": "ru:en"}, russian: true},
		{name: "English first in the list", vars: vars{"LANGUAGE": "en:ru"}},
		{name: "LANGUAGE in .env", vars: vars{"LANG": "C"}, dotEnv: "LANGUAGE=ru\n", russian: true},
		{name: "a Russian system and an English bot", vars: vars{"LANG": "ru_RU.UTF-8", "LANGUAGE": "en"}, russian: true},
		{name: "a .env that can't be read", vars: vars{"LANG": "C"}, dotEnv: "words"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := vars{}
			if tt.dotEnv != "" {
				files[".env"] = tt.dotEnv
			}
			inFolder(t, files)
			v := vars{"LANG": ""}.with(tt.vars).environ()
			if got := Russian(v); got != tt.russian {
				t.Errorf("Russian: %v, want %v", got, tt.russian)
			}
		})
	}
}

// One run uses one language: in English nothing is Russian except the names on Plusofon's
// own pages, and in Russian everything is translated.
func TestErrorsSpeakOneLanguage(t *testing.T) {
	inFolder(t, nil)
	for name, v := range map[string]vars{
		"nothing set": {}, "every value wrong": everywhere("", "canary:canary@canary/?#"), "no such files": everywhere("_FILE", "nowhere"),
		"both forms": everywhere("", "x").with(everywhere("_FILE", "x")), "half a pair": {"PLUSOFON_EMAIL": "a@b.ru"}, "misspelt": {"TELEGRAM_TOKN": "x"},
	} {
		_, err := Load(v.with(vars{"LANG": "C", "LANGUAGE": v["LANGUAGE"]}).environ())
		if err == nil {
			t.Fatalf("%s: nothing is wrong", name)
		}
		words := regexp.MustCompile("Разработчикам → Доступ к API").ReplaceAllString(err.Error(), "")
		if found := cyrillic.FindString(words); found != "" {
			t.Errorf("%s: %s", name, words)
		}
	}
	help := regexp.MustCompile("Разработчикам → Доступ к API").ReplaceAllString(Help(false), "")
	if cyrillic.MatchString(help) {
		t.Error(help)
	}
	for _, v := range variables {
		for _, text := range []Text{v.doc, v.hint} {
			if (text.EN == "") != (text.RU == "") || text.RU != "" && !cyrillic.MatchString(text.RU) {
				t.Errorf("%s: %q in Russian, %q in English", v.name, text.RU, text.EN)
			}
		}
	}
}
