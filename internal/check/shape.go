package check

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shape is the structure of a JSON value: types, names and lengths, but no values. All
// elements of an array share one shape.
type shape struct {
	Types    map[string]*lengths `json:"types,omitempty"`
	Fields   map[string]*shape   `json:"fields,omitempty"`
	Elements *shape              `json:"elements,omitempty"`
	Cut      bool                `json:"cut,omitempty"` // it was longer, or nested deeper
}

// lengths are the lengths of values of one type: characters of a string, digits of a
// number, elements of an array, fields of an object.
type lengths struct {
	Count int      `json:"count"`
	Least int      `json:"least"`
	Most  int      `json:"most"`
	Forms []string `json:"forms,omitempty"` // what some of them look like
}

const (
	deepest   = 16
	mostNames = 200
	mostForms = 6
)

// shapeOf parses JSON as far as possible; false if there is none.
func shapeOf(text io.Reader) (*shape, bool) {
	d := json.NewDecoder(text)
	d.UseNumber()
	s := &shape{}
	err := s.read(d, 0)
	return s, err == nil || len(s.Types) > 0
}

// read adds the next value.
func (s *shape) read(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		s.Cut = true
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		return s.container(d, v, depth)
	case string:
		s.note("string", utf8.RuneCountInString(v), forms(v)...)
	case json.Number:
		s.note("number", len(v))
	case bool:
		s.note("boolean", 0)
	case nil:
		s.note("null", 0)
	}
	return nil
}

// container reads an array or object after its opening bracket.
func (s *shape) container(d *json.Decoder, opening json.Delim, depth int) error {
	kind, n := "array", 0
	if opening == '{' {
		kind = "object"
	}
	s.note(kind, -1)
	for d.More() {
		into := &shape{} // discarded if too deep or too many
		if kind == "object" {
			key, err := d.Token()
			if err != nil {
				s.Cut = true
				return err
			}
			name, _ := key.(string)
			if field := s.field(safeName(name)); depth < deepest && field != nil {
				into = field
			}
		} else if depth < deepest {
			if s.Elements == nil {
				s.Elements = &shape{}
			}
			into = s.Elements
		}
		s.Cut = s.Cut || depth >= deepest
		if err := into.read(d, depth+1); err != nil {
			s.Cut = true
			return err
		}
		n++
	}
	if _, err := d.Token(); err != nil {
		s.Cut = true
		return err
	}
	s.Types[kind].length(n)
	return nil
}

// field returns the shape for a name; nil if there are too many.
func (s *shape) field(name string) *shape {
	if f := s.Fields[name]; f != nil {
		return f
	}
	if len(s.Fields) == mostNames {
		s.Cut = true
		return nil
	}
	if s.Fields == nil {
		s.Fields = map[string]*shape{}
	}
	s.Fields[name] = &shape{}
	return s.Fields[name]
}

func (s *shape) note(kind string, length int, forms ...string) {
	if s.Types == nil {
		s.Types = map[string]*lengths{}
	}
	l := s.Types[kind]
	if l == nil {
		l = &lengths{Least: -1}
		s.Types[kind] = l
	}
	l.Count++
	if length >= 0 {
		l.length(length)
	}
	for _, f := range forms {
		if len(l.Forms) < mostForms && !slices.Contains(l.Forms, f) {
			l.Forms = append(l.Forms, f)
			slices.Sort(l.Forms)
		}
	}
}

func (l *lengths) length(n int) {
	if l.Least < 0 || n < l.Least {
		l.Least = n
	}
	l.Most = max(l.Most, n)
}

// name matches names given by a programmer: a key may also be a number, an address or
// anything a user wrote.
var name = regexp.MustCompile(`^@?[A-Za-z][A-Za-z_-]{0,39}$`)

func safeName(key string) string {
	switch {
	case name.MatchString(key):
		return key
	case key != "" && strings.Trim(key, "0123456789") == "":
		return "(a number)"
	}
	return "(another key)"
}

// numeric matches a date, a time, a telephone number or the like.
var numeric = regexp.MustCompile(`^[0-9 :.,T+Z/()-]{1,32}$`)

var digit = regexp.MustCompile(`[0-9]`)

// forms describes what a string looks like without revealing its content.
func forms(s string) (list []string) {
	add := func(is bool, form string) {
		if is {
			list = append(list, form)
		}
	}
	isNumeric := numeric.MatchString(s) && digit.MatchString(s)
	digits := isNumeric && strings.Trim(s, "0123456789") == ""
	add(digits, "digits")
	add(isNumeric && !digits, "like "+digit.ReplaceAllString(s, "0"))
	add(strings.Contains(s, "@") && !strings.ContainsAny(s, " \n"), "like an e-mail")
	add(strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://"), "a link")
	add(strings.HasPrefix(s, "/"), "a path")
	add(strings.Contains(s, "<") && strings.Contains(s, ">"), "with tags")
	add(strings.Contains(s, "&") && strings.Contains(s, ";"), "with entities")
	add(strings.Contains(s, "emoji-inner"), "with signs in spans")
	add(strings.Contains(s, "U+"), "with signs by name")
	add(strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Co, r) }), "with private-use signs")
	add(strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cf, r) }), "with invisible signs")
	add(strings.ContainsFunc(s, func(r rune) bool { return r > 0xFFFF }), "with signs beyond the basic ones")
	add(strings.ContainsRune(s, '\n'), "of several lines")
	return list
}
