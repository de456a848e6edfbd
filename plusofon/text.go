package plusofon

import (
	"html"
	"regexp"
	"strings"
	"unicode"
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

var (
	breaks = regexp.MustCompile(`(?i)<br\s*/?>|</?(?:p|div|li|ul|ol|tr|table|blockquote|h[1-6])(?:\s[^>]*)?/?>`)
	tags   = regexp.MustCompile(`(?s)</?[a-zA-Z][^<>]*>|<!--.*?-->`)
)

// NormalText is what a person reads in a text that may be HTML: tags gone,
// entities resolved, white space collapsed. It is for comparing, not for
// showing.
func NormalText(s string) string {
	s = breaks.ReplaceAllString(s, "\n")
	s = tags.ReplaceAllString(s, "")
	return collapse(html.UnescapeString(s))
}

// collapse makes one space of any white space and drops what can't be seen.
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

// SameText says whether a post that the server shows is the text that was
// sent, although the server may have turned line breaks into tags, escaped
// what HTML escapes (once or twice), wrapped, trimmed, collapsed or stripped
// it, or lost the characters beyond its column's range.
//
// What was sent is taken literally, and what is stored in each of the ways it
// may be meant: a sent "<b>" may come back as it is, escaped, or not at all.
func SameText(sent, stored string) bool {
	want := collapse(sent)
	for _, got := range readings(stored) {
		if got == want || sameButEmoji(want, got) {
			return true
		}
	}
	stripped := NormalText(sent)
	return stripped != "" && stripped == NormalText(stored)
}

func readings(stored string) []string {
	broken := breaks.ReplaceAllString(stored, "\n")
	once := html.UnescapeString(broken)
	return []string{
		collapse(stored),
		collapse(html.UnescapeString(stored)),
		collapse(broken),
		collapse(once),
		collapse(html.UnescapeString(once)),
		NormalText(stored),
	}
}

const lastBasic = '\uffff'

// sameButEmoji compares as a database does that keeps three bytes a character:
// each longer one became a question mark, or nothing.
func sameButEmoji(sent, stored string) bool {
	if !strings.ContainsFunc(sent, func(r rune) bool { return r > lastBasic }) {
		return false
	}
	marked, dropped := replaceLong(sent, "?"), replaceLong(sent, "")
	if dropped == "" {
		return stored != "" && squeezeMarks(stored) == squeezeMarks(marked)
	}
	return collapse(stored) == collapse(dropped) || squeezeMarks(stored) == squeezeMarks(marked)
}

func replaceLong(s, with string) string {
	var b strings.Builder
	for _, r := range s {
		if r > lastBasic {
			b.WriteString(with)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var marks = regexp.MustCompile(`\?{2,}`)

// squeezeMarks: one character of four bytes leaves one mark or four.
func squeezeMarks(s string) string { return marks.ReplaceAllString(s, "?") }

// SameSubject is SameText for subjects: the server keeps MaxSubject
// characters, of the text or of its escaped form.
func SameSubject(sent, stored string) bool {
	if SameText(CutSubject(sent), stored) || SameText(sent, stored) {
		return true
	}
	// Cut after escaping: the end may be half an entity.
	const nearlyFull = MaxSubject - 8
	kept := collapse(stored)
	return len([]rune(kept)) >= nearlyFull && strings.HasPrefix(html.EscapeString(collapse(sent)), kept)
}
