package telegram

import (
	"strings"
	"time"
	"unicode"
)

// Telegram's limits on a text: lengths in UTF-16 units, and entities.
const (
	MaxText     = 4096
	MaxEntities = 100
)

// The entity types that this package writes. Telegram adds others of its own,
// and incoming messages hold them.
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
	EntityTime            = "date_time" // shown in the reader's own zone

	EntityMention     = "mention"      // @username
	EntityTextMention = "text_mention" // a person by name, User says whom
)

// Entity marks a part of a text, in UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`      // of a text_link
	Language string `json:"language,omitempty"` // of a pre
	// User is whom a text_mention means.
	User *EntityUser `json:"user,omitempty"`
	// UnixTime is the moment of a date_time, in seconds, and TimeFormat how it is shown.
	UnixTime   int64  `json:"unix_time,omitempty"`
	TimeFormat string `json:"date_time_format,omitempty"`
}

// EntityUser is the person of a text_mention.
type EntityUser struct {
	ID        UserID `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
}

// Text is what is sent: plain, with marks beside it. Nothing in the string is
// ever parsed, so nothing in it can fail to parse or pretend to be a mark.
type Text struct {
	String   string
	Entities []Entity
}

// Plain is a text without marks.
func Plain(s string) Text { return Text{String: s} }

// Written is the text for a file: without marks, the addresses of links written
// out where the text does not show them.
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

// byteAt is where the n-th UTF-16 unit of s begins, in bytes.
func byteAt(s string, n int) int {
	for i, r := range s {
		if n <= 0 {
			return i
		}
		n -= width(r)
	}
	return len(s)
}

// Builder puts a Text together. The zero value is ready.
type Builder struct {
	b        strings.Builder
	length   int // UTF-16
	entities []Entity
}

// Append adds a text with its marks.
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

// Plain adds a string.
func (b *Builder) Plain(s string) *Builder { return b.Append(Text{String: s}) }

// Mention adds the name of a person, who is told of it.
func (b *Builder) Mention(name string, id UserID) *Builder {
	return b.add(name, Entity{Type: EntityTextMention, User: &EntityUser{ID: id, FirstName: name}})
}

// Bold adds a bold string.
func (b *Builder) Bold(s string) *Builder { return b.add(s, Entity{Type: EntityBold}) }

// Link adds a string that leads to an address.
func (b *Builder) Link(s, url string) *Builder { return b.add(s, Entity{Type: EntityLink, URL: url}) }

// Italic adds an italic string.
func (b *Builder) Italic(s string) *Builder { return b.add(s, Entity{Type: EntityItalic}) }

// The formats of Time: what a client shows in the reader's own zone and language.
const (
	DateAndTime = "dt"
	DateOnly    = "d"
	TimeOnly    = "t"
)

// Time adds a moment that clients show in the reader's own zone; written is what is
// read where they don't: in a notification, in an older client.
func (b *Builder) Time(written string, at time.Time, format string) *Builder {
	return b.add(written, Entity{Type: EntityTime, UnixTime: at.Unix(), TimeFormat: format})
}

// Quote adds a text as a quotation, shown folded if expandable. Quotations
// can't stand in each other: those inside the text go.
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

// CountEntities is how many marks there are so far.
func (b *Builder) CountEntities() int { return len(b.entities) }

// Text is what has been built.
func (b *Builder) Text() Text {
	return Text{String: b.b.String(), Entities: append([]Entity(nil), b.entities...)}
}

// UTF16Len is the length of s in UTF-16 units, as Telegram counts. A byte that
// isn't UTF-8 counts as the one U+FFFD that JSON makes of it.
func UTF16Len(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// CutBefore tells whether a client that cuts what is longer than a message may be
// has cut between a and b: the first character of b had no room left.
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

// Clean makes one line of s, fit for logs, subjects and names: no control,
// invisible or direction-changing characters, white space as single spaces,
// valid UTF-8.
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
		b.WriteRune(r) // a byte that isn't UTF-8 comes as U+FFFD
	}
	return b.String()
}

// isSpace is white space as a reader sees it.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isForged are characters that show nothing and can make a text look like
// another: overrides and isolates of the direction, marks of no width. The
// joiners of emoji and of Persian and Indic words stay.
func isForged(r rune) bool {
	switch {
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x206F, r >= 0x2060 && r <= 0x2064,
		r == 0x200B, r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF, r == 0x00AD, r == 0x180E,
		r >= 0xFFF9 && r <= 0xFFFB, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
		return true
	}
	return false
}
