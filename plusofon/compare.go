package plusofon

import (
	"html"
	"regexp"
	"strings"

	"plusofon-bot/plusofon/internal/signs"
)

// Reading is a way of comparing a sent text with what the API shows. Each one
// ignores more differences than the one before, so the first that matches
// exactly one post is to be trusted.
type Reading int

const (
	// AsSent compares the texts as they are.
	AsSent Reading = iota
	// Undone ignores markup, entities, white space, and what the help desk
	// does to emoji and invisible characters.
	Undone
	// LettersAlone compares only letters and digits, which no help desk changes.
	// Texts without any are equal.
	LettersAlone
)

// Readings returns all of them, strictest first.
func Readings() []Reading { return []Reading{AsSent, Undone, LettersAlone} }

// HasWords reports whether a text has a letter or a digit to recognize it by.
func HasWords(text string) bool { return signs.Letters(outgoing(text)) != "" }

// Same reports whether a post that the server shows is the text that was sent.
// The sent text is taken literally, the stored one in each way it may be meant:
// a sent "<b>" may come back unchanged, escaped, or not at all.
func (r Reading) Same(sent, stored string) bool {
	switch r {
	case AsSent:
		return strings.TrimSpace(stored) == strings.TrimSpace(outgoing(sent))
	case Undone:
		return SameText(sent, stored)
	}
	want, stripped := signs.Letters(sent), signs.Letters(NormalText(sent))
	for _, got := range readings(stored) {
		if letters := signs.Letters(got); letters == want || stripped != "" && letters == stripped {
			return true
		}
	}
	return false
}

// SameText compares like Undone: the server may have turned line breaks into
// tags, escaped HTML (once or twice), wrapped, trimmed, collapsed or stripped the
// text, and changed or lost the characters that it can't store.
func SameText(sent, stored string) bool {
	return sent == stored || sameText(outgoing(sent), stored) || sameText(sent, stored)
}

func sameText(sent, stored string) bool {
	want := collapse(sent)
	unsigned := collapse(signs.Without(sent))
	for _, got := range readings(stored) {
		if got == want || sameButEmoji(want, got) || unsigned != "" && collapse(signs.Without(got)) == unsigned {
			return true
		}
	}
	stripped := NormalText(sent)
	return stripped != "" && stripped == NormalText(stored)
}

// SameWords reports whether two versions of a post have the same letters and
// digits.
func SameWords(a, b string) bool {
	return signs.Letters(NormalText(a)) == signs.Letters(NormalText(b))
}

func readings(stored string) []string {
	stored = signs.Restore(stored)
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

// sameButEmoji compares like a database with three bytes a character: each longer
// character became a question mark, or was dropped.
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

// squeezeMarks collapses runs of question marks: one character of four bytes may
// leave one mark or four.
func squeezeMarks(s string) string { return marks.ReplaceAllString(s, "?") }

// cutTag matches what truncation leaves of a tag at the end of a text.
var cutTag = regexp.MustCompile(`<[^<>]*$`)

// SameSubject compares subjects by letters and digits: the server keeps
// MaxSubject characters of the text, or of its escaped form. Subjects without a
// letter or a digit are equal.
func SameSubject(sent, stored string) bool {
	if LettersAlone.Same(CutSubject(sent), stored) || LettersAlone.Same(sent, stored) {
		return true
	}
	// Truncated after escaping: the end may be half an entity or half a tag.
	const nearlyFull = MaxSubject - 8
	kept := collapse(stored)
	if len([]rune(kept)) < nearlyFull {
		return false
	}
	return strings.HasPrefix(html.EscapeString(collapse(sent)), kept) ||
		strings.HasPrefix(signs.Letters(sent), signs.Letters(NormalText(cutTag.ReplaceAllString(kept, ""))))
}
