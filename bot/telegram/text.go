package telegram

import (
	"strings"
	"time"
	"unicode"
)

// Telegram's limits on a text: length in UTF-16 units, and number of entities.
const (
	MaxText     = 4096
	MaxEntities = 100
)

// The entity types that this package writes. Telegram adds others, which incoming messages contain.
const (
	EntityBold            = "bold"
	EntityItalic          = "italic"
	EntityUnderline       = "underline"
	EntityStrikethrough   = "strikethrough"
	EntityCode            = "code"
	EntityPre             = "pre"
	EntityLink            = "text_link"
	EntityQuote           = "blockquote"
	EntityExpandableQuote = "expandable_blockquote"
	EntityTime            = "date_time" // shown in the reader's own time zone

	EntityMention     = "mention"      // @username
	EntityTextMention = "text_mention" // a person by name, see User
)

// Entity formats a range of a text, in UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`      // of a text_link
	Language string `json:"language,omitempty"` // of a pre
	// User is the person of a text_mention.
	User *EntityUser `json:"user,omitempty"`
	// UnixTime is the time of a date_time, in seconds, and TimeFormat how it is shown.
	UnixTime   int64  `json:"unix_time,omitempty"`
	TimeFormat string `json:"date_time_format,omitempty"`
}

// EntityUser is the person of a text_mention.
type EntityUser struct {
	ID        UserID `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
}

// Text is a text with separate entities. The string is never parsed, so nothing in it can
// fail to parse or inject formatting.
type Text struct {
	String   string
	Entities []Entity
}

// Plain returns a text without entities.
func Plain(s string) Text { return Text{String: s} }

// Written returns the text for a file: without entities, with the addresses of links
// written out if the text does not show them.
func (t Text) Written() string {
	var b strings.Builder
	at, from := 0, 0 // in UTF-16 units, in bytes
	for _, e := range t.Entities {
		end := e.Offset + e.Length
		if e.Type != EntityLink || end < at {
			continue
		}
		to := from + byteAt(t.String[from:], end-at)
		b.WriteString(t.String[from:to])
		if !strings.HasSuffix(t.String[:to], e.URL) {
			b.WriteString(" (" + e.URL + ")")
		}
		at, from = end, to
	}
	return b.String() + t.String[from:]
}

// byteAt returns the byte offset of the n-th UTF-16 unit of s.
func byteAt(s string, n int) int {
	for i, r := range s {
		if n <= 0 {
			return i
		}
		n -= width(r)
	}
	return len(s)
}

// Builder builds a Text. The zero value is ready.
type Builder struct {
	b        strings.Builder
	length   int // in UTF-16 units
	entities []Entity
}

// Append appends a text with its entities.
func (b *Builder) Append(t Text) *Builder {
	for _, e := range t.Entities {
		e.Offset += b.length
		b.entities = append(b.entities, e)
	}
	b.b.WriteString(t.String)
	b.length += UTF16Len(t.String)
	return b
}

func (b *Builder) add(s string, e Entity) *Builder {
	e.Offset, e.Length = b.length, UTF16Len(s)
	if e.Length > 0 {
		b.entities = append(b.entities, e)
	}
	b.b.WriteString(s)
	b.length += e.Length
	return b
}

// Plain appends a string.
func (b *Builder) Plain(s string) *Builder { return b.Append(Text{String: s}) }

// Mention appends a person's name and notifies them.
func (b *Builder) Mention(name string, id UserID) *Builder {
	return b.add(name, Entity{Type: EntityTextMention, User: &EntityUser{ID: id, FirstName: name}})
}

// Bold appends a bold string.
func (b *Builder) Bold(s string) *Builder { return b.add(s, Entity{Type: EntityBold}) }

// Link appends a link.
func (b *Builder) Link(s, url string) *Builder { return b.add(s, Entity{Type: EntityLink, URL: url}) }

// Italic appends an italic string.
func (b *Builder) Italic(s string) *Builder { return b.add(s, Entity{Type: EntityItalic}) }

// The formats of Time, which clients show in the reader's own time zone and language.
const (
	DateAndTime = "dt"
	DateOnly    = "d"
	TimeOnly    = "t"
)

// Time appends a time that clients show in the reader's own time zone; written is shown
// where that is not supported: in notifications and older clients.
func (b *Builder) Time(written string, at time.Time, format string) *Builder {
	return b.add(written, Entity{Type: EntityTime, UnixTime: at.Unix(), TimeFormat: format})
}

// Quote appends a text as a quotation, initially folded if expandable. Quotations can't
// nest: those inside the text are dropped.
func (b *Builder) Quote(t Text, expandable bool) *Builder {
	e := Entity{Type: EntityQuote, Offset: b.length, Length: UTF16Len(t.String)}
	if expandable {
		e.Type = EntityExpandableQuote
	}
	if e.Length == 0 {
		return b
	}
	b.entities = append(b.entities, e)
	inner := Text{String: t.String}
	for _, e := range t.Entities {
		if e.Type != EntityQuote && e.Type != EntityExpandableQuote {
			inner.Entities = append(inner.Entities, e)
		}
	}
	return b.Append(inner)
}

// Len is the length so far, in UTF-16 units.
func (b *Builder) Len() int { return b.length }

// Text returns what was built.
func (b *Builder) Text() Text {
	return Text{String: b.b.String(), Entities: append([]Entity(nil), b.entities...)}
}

// UTF16Len is the length of s in UTF-16 units, as Telegram counts. An invalid UTF-8 byte
// counts as the one U+FFFD that JSON makes of it.
func UTF16Len(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// CutBefore reports whether a client that splits an overlong message could have split
// between a and b: the first character of b did not fit.
func CutBefore(a, b string) bool {
	for _, r := range b {
		return UTF16Len(a)+width(r) > MaxText
	}
	return false
}

func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// Clean makes s a single line for logs, subjects and names: no control, invisible or
// direction-changing characters, white space collapsed to single spaces, valid UTF-8.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case isSpace(r) || unicode.IsControl(r):
			space = true
			continue
		case isForged(r):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r) // an invalid byte is read as U+FFFD
	}
	return b.String()
}

// isSpace reports white space as a reader sees it.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isForged reports characters that are invisible and can disguise a text: direction
// overrides and isolates, zero-width characters. The joiners of emoji and of Persian and
// Indic words are allowed.
func isForged(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F, r >= 0x2060 && r <= 0x2064,
		r == 0x200B, r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF, r == 0x00AD, r == 0x180E,
		r >= 0xFFF9 && r <= 0xFFFB, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
		return true
	}
	return false
}
