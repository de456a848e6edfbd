package texts_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"plusofon-bot/bot/texts"
)

// forms are a text's plural forms; a text without plurals has only "other".
type forms map[string]string

func catalogue(t *testing.T, lang string) map[string]forms {
	t.Helper()
	b, err := os.ReadFile(lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatal(err)
	}
	if lines := regexp.MustCompile(`(?m)^  "\w+":`).FindAll(b, -1); len(lines) != len(raw) {
		t.Errorf("%d keys in %s, of which %d are different", len(lines), lang, len(raw))
	}
	all := map[string]forms{}
	for key, value := range raw {
		var text string
		if json.Unmarshal(value, &text) == nil {
			all[key] = forms{"other": text}
			continue
		}
		var f forms
		if err := json.Unmarshal(value, &f); err != nil {
			t.Fatalf("%s in %s: %v", key, lang, err)
		}
		all[key] = f
	}
	return all
}

var (
	action      = regexp.MustCompile(`{{.*?}}`)
	placeholder = regexp.MustCompile(`\.([A-Za-z]\w*)`)
)

// placeholders returns the names of a text's placeholders, sorted.
func placeholders(f forms) []string {
	names := map[string]bool{}
	for _, text := range f {
		for _, a := range action.FindAllString(text, -1) {
			for _, m := range placeholder.FindAllStringSubmatch(a, -1) {
				names[m[1]] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestLanguagesHoldTheSameTexts(t *testing.T) {
	ru, en := catalogue(t, "ru"), catalogue(t, "en")
	for key := range en {
		if _, ok := ru[key]; !ok {
			t.Errorf("%s is missing in Russian", key)
		}
	}
	for key, text := range ru {
		other, ok := en[key]
		if !ok {
			t.Errorf("%s is missing in English", key)
			continue
		}
		if a, b := placeholders(text), placeholders(other); !slices.Equal(a, b) {
			t.Errorf("%s has the placeholders %v in Russian and %v in English", key, a, b)
		}
		if (len(text) > 1) != (len(other) > 1) {
			t.Errorf("%s has plurals in one language only", key)
		}
	}
}

func TestPluralForms(t *testing.T) {
	for lang, want := range map[string][]string{"ru": {"few", "many", "one", "other"}, "en": {"one", "other"}} {
		for key, f := range catalogue(t, lang) {
			if got := slices.Sorted(maps.Keys(f)); len(f) > 1 && !slices.Equal(got, want) {
				t.Errorf("%s in %s has the forms %v, want %v", key, lang, got, want)
			}
			// A Count selects the form: with only one, people would see the key.
			if len(f) == 1 && slices.Contains(placeholders(f), "Count") {
				t.Errorf("%s in %s has a Count and no forms", key, lang)
			}
		}
	}
	for _, lang := range []string{"ru", "en"} {
		for key, f := range catalogue(t, lang) {
			for _, n := range []int{0, 1, 2, 5} {
				if slices.Contains(placeholders(f), "Count") && texts.For(lang).T(key, "Count", n) == key {
					t.Errorf("%s in %s says nothing of %d", key, lang, n)
				}
			}
		}
	}
	for _, c := range []struct {
		count  int
		ru, en string
	}{
		{0, "0 обращений", "0 tickets"}, {1, "1 обращение", "1 ticket"}, {2, "2 обращения", "2 tickets"}, {5, "5 обращений", "5 tickets"},
		{11, "11 обращений", "11 tickets"}, {21, "21 обращение", "21 tickets"}, {22, "22 обращения", "22 tickets"}, {112, "112 обращений", "112 tickets"},
	} {
		for lang, want := range map[string]string{"ru": c.ru, "en": c.en} {
			if got := texts.For(lang).T("tickets_count", "Count", c.count); got != want {
				t.Errorf("in %s: %q, want %q", lang, got, want)
			}
		}
	}
}

// The house style: no shouting, no empty text, no trailing space.
func TestStyle(t *testing.T) {
	for _, lang := range []string{"ru", "en"} {
		for key, f := range catalogue(t, lang) {
			for form, text := range f {
				switch {
				case strings.Contains(text, "!"):
					t.Errorf("%s (%s, %s) has an exclamation mark: %q", key, lang, form, text)
				case strings.TrimSpace(text) != text || text == "":
					t.Errorf("%s (%s, %s) is empty or has space around it: %q", key, lang, form, text)
				case strings.Contains(text, "  "), strings.Contains(text, "..."):
					t.Errorf("%s (%s, %s) has two spaces or three dots: %q", key, lang, form, text)
				}
			}
		}
	}
}

// Telegram's limits for texts in certain places, in UTF-16 units.
func TestLengths(t *testing.T) {
	limits := map[string]int{
		"menu_": 256, "ask_opening_placeholder": 64, "ask_answer_placeholder": 64, "about": 512, "about_short": 120,
		// Answers to presses, with room for placeholders.
		"button_expired": 200, "closed_press": 200, "owners_only": 200, "asked": 200, "mute_unbound": 180, "sound_o": 180, "removed": 100,
		// Several buttons fit beside each other on a phone.
		"button_": 40, "tab_": 20,
	}
	for _, lang := range []string{"ru", "en"} {
		for key, f := range catalogue(t, lang) {
			for prefix, limit := range limits {
				exact := prefix == "about"
				if n := len(utf16.Encode([]rune(f["other"]))); (key == prefix || !exact && strings.HasPrefix(key, prefix)) && n > limit {
					t.Errorf("%s in %s has %d units, more than %d", key, lang, n, limit)
				}
			}
		}
	}
}

func TestUnknownLanguageAndKey(t *testing.T) {
	if got := texts.For("de").Lang; got != "ru" {
		t.Errorf("German speaks %q, want Russian", got)
	}
	if got := texts.For("en").T("no_such_key"); got != "no_such_key" {
		t.Errorf("a missing text is %q, want its key", got)
	}
}

// use is a key in the code, with the names of its placeholders; nil if the code does not
// show them.
type use struct {
	key   string
	given []string
	at    token.Position
}

// code is what the sources contain: the uses of keys, and all literals.
type code struct {
	uses     []use
	literals map[string]bool
}

// readCode walks the sources of the bot's packages.
func readCode(t *testing.T) code {
	t.Helper()
	c := code{literals: map[string]bool{}}
	fset := token.NewFileSet()
	var paths []string
	for _, pattern := range []string{"../*.go", "../*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s, ok := literal(n); ok {
					c.literals[s] = true
				}
			case *ast.CallExpr:
				c.call(fset, n)
			}
			return true
		})
	}
	if len(c.uses) < 50 {
		t.Fatalf("only %d uses found: the walk is broken", len(c.uses))
	}
	return c
}

func (c *code) add(fset *token.FileSet, e ast.Expr, given []string) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if key, ok := literal(e); ok && key != "" {
			c.uses = append(c.uses, use{key, given, fset.Position(e.Pos())})
		}
	case *ast.CallExpr: // Either(cond, a, b)
		if name(e.Fun) == "Either" && len(e.Args) == 3 {
			c.add(fset, e.Args[1], given)
			c.add(fset, e.Args[2], given)
		}
	}
}

// call records the keys among a call's arguments.
func (c *code) call(fset *token.FileSet, n *ast.CallExpr) {
	at := map[string]struct {
		arg   int
		pairs bool // placeholders follow
	}{
		"T":      {0, true},
		"reply":  {0, true},
		"Refuse": {3, true},
		"admit":  {4, false},
	}
	f, ok := at[name(n.Fun)]
	if !ok || f.arg >= len(n.Args) {
		return
	}
	var given []string
	if f.pairs && n.Ellipsis == token.NoPos {
		given = []string{}
		for i := f.arg + 1; i < len(n.Args); i += 2 {
			if s, ok := literal(n.Args[i]); ok {
				given = append(given, s)
			}
		}
	}
	c.add(fset, n.Args[f.arg], given)
}

// name returns the last part of a function's or variable's name.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// Every key in the code exists, and every text gets its placeholders.
func TestKeysInTheCodeExist(t *testing.T) {
	ru := catalogue(t, "ru")
	for _, u := range readCode(t).uses {
		text, ok := ru[u.key]
		if !ok {
			t.Errorf("%s: there is no text %q", u.at, u.key)
			continue
		}
		for _, p := range placeholders(text) {
			if u.given != nil && !slices.Contains(u.given, p) {
				t.Errorf("%s: %s is not given its %s", u.at, u.key, p)
			}
		}
	}
}

// Every text is used somewhere.
func TestTextsAreUsed(t *testing.T) {
	c := readCode(t)
	used := func(key string) bool {
		if c.literals[key] {
			return true
		}
		// Assembled in the code: a command's menu text, an alarm's end.
		if rest, ok := strings.CutPrefix(key, "menu_"); ok && c.literals["menu_"] && c.literals[rest] {
			return true
		}
		rest, ok := strings.CutSuffix(key, "_over")
		return ok && c.literals["_over"] && c.literals[rest]
	}
	for key := range catalogue(t, "ru") {
		if !used(key) {
			t.Errorf("nobody uses %q", key)
		}
	}
}
