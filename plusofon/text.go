package plusofon

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"plusofon-bot/plusofon/internal/signs"
)

// MaxSubject is how many characters of a subject the server keeps.
const MaxSubject = 255

// CutSubject cuts a subject at MaxSubject characters.
func CutSubject(s string) string {
	n := 0
	for i := range s {
		if n == MaxSubject {
			return s[:i]
		}
		n++
	}
	return s
}

// RestoreSigns restores the emoji of a text stored by the help desk, where they
// are known. Texts returned by this package are restored already.
func RestoreSigns(text string) string { return signs.Restore(text) }

// outgoing returns a text as it is sent. The help desk rejects exactly "0", and
// substitutes {{fullname}} and the like.
func outgoing(text string) string {
	if strings.TrimSpace(text) == "0" {
		return "0."
	}
	for strings.Contains(text, "{{") {
		text = strings.ReplaceAll(text, "{{", "{ {")
	}
	return text
}

var (
	breaks = regexp.MustCompile(`(?i)<br\s*/?>|</?(?:p|div|li|ul|ol|tr|table|blockquote|h[1-6])(?:\s[^>]*)?/?>`)
	tags   = regexp.MustCompile(`(?s)</?[a-zA-Z][^<>]*>|<!--.*?-->`)
)

// NormalText returns what a person reads in a text that may be HTML: tags
// removed, entities resolved, white space collapsed. It is for comparing, not
// for display.
func NormalText(s string) string {
	s = breaks.ReplaceAllString(s, "\n")
	s = tags.ReplaceAllString(s, "")
	return collapse(html.UnescapeString(s))
}

// collapse turns any white space into one space and drops invisible characters.
func collapse(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
