// Package texts is the catalogue of what the bot says, in Russian and English, with plural forms.
//
// Every text is in ru.json and en.json under the same key; tests compare the keys and placeholders
// and find unused texts.
package texts

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed ru.json en.json
var files embed.FS

// Texts is the catalogue in one language.
type Texts struct {
	Lang      string
	localizer *i18n.Localizer
}

var catalogues = load()

// load reads the embedded files. It panics on errors, which are bugs.
func load() map[string]Texts {
	bundle := i18n.NewBundle(language.Russian)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	m := map[string]Texts{}
	for _, lang := range []string{"ru", "en"} {
		if _, err := bundle.LoadMessageFileFS(files, lang+".json"); err != nil {
			panic(fmt.Errorf("load the catalogue: %w", err))
		}
		m[lang] = Texts{Lang: lang, localizer: i18n.NewLocalizer(bundle, lang)}
	}
	return m
}

// For returns the catalogue in a language; Russian by default.
func For(lang string) Texts {
	if t, ok := catalogues[lang]; ok {
		return t
	}
	return catalogues["ru"]
}

// T returns the text under key with its placeholders filled from pairs of name and value. The value
// of Count also selects the plural form.
func (t Texts) T(key string, pairs ...any) string {
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	s, err := t.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: data["Count"]})
	if err != nil {
		// A test finds missing keys; people should still get something.
		return key
	}
	return s
}
