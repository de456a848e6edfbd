package telegram

import (
	"strings"
	"unicode"
)

// Split splits a text into parts of at most limit UTF-16 units (at least 2). A text that
// fits is returned unchanged as the only part. Otherwise each split is as late as possible:
// at the end of a paragraph, else of a line (both only in the second half of what fits),
// else of a word, else between two characters as a reader sees them, else between two
// runes.
//
// The parts joined are the text without white space around the splits and at both ends;
// each part begins and ends with something visible, and a text of white space that does not
// fit has no parts. Entities are split and carried over; beyond 100 per part, which is
// Telegram's limit, later ones are dropped.
func (t Text) Split(limit int) []Text {
	limit = max(limit, 2)
	if UTF16Len(t.String) <= limit {
		t.Entities = t.Entities[:min(len(t.Entities), MaxEntities)]
		return []Text{t}
	}
	var parts []Text
	rest, offset := t.String, 0 // offset in UTF-16 units
	for {
		trimmed := strings.TrimLeftFunc(rest, isSpace)
		offset += UTF16Len(rest[:len(rest)-len(trimmed)])
		rest = trimmed
		if rest == "" {
			return parts
		}
		end := cutAt(rest, limit)
		part := strings.TrimRightFunc(rest[:end], isSpace)
		parts = append(parts, Text{String: part, Entities: cutEntities(t.Entities, offset, offset+UTF16Len(part))})
		offset += UTF16Len(rest[:end])
		rest = rest[end:]
	}
}

// From returns the text starting at its n-th UTF-16 unit.
func (t Text) From(n int) Text {
	return Text{String: t.String[byteAt(t.String, n):], Entities: cutEntities(t.Entities, n, UTF16Len(t.String))}
}

// Without returns the text without a range of UTF-16 units.
func (t Text) Without(from, to int) Text {
	before := Text{String: t.String[:byteAt(t.String, from)], Entities: cutEntities(t.Entities, 0, from)}
	return new(Builder).Append(before).Append(t.From(to)).Text()
}

// cutAt returns the byte offset at which to split s, which begins with something visible.
func cutAt(s string, limit int) int {
	var (
		units             int
		paragraph, line   int // ends of them in the second half
		word, visible     int
		previous          rune
		newlines, regions int
	)
	for i, r := range s {
		switch {
		case isSpace(r):
			if !isSpace(previous) {
				word, newlines = i, 0
			}
			if r == '\n' {
				newlines++
				if units >= limit/2 {
					line = word
					if newlines > 1 {
						paragraph = word
					}
				}
			}
		case i > 0 && !joined(previous, r, regions):
			visible = i
		}
		if isRegion(r) {
			regions++
		} else {
			regions = 0
		}
		if units+width(r) > limit && !(isSpace(r)) {
			return firstPositive(paragraph, line, word, visible, i)
		}
		units += width(r)
		previous = r
	}
	return len(s)
}

func firstPositive(values ...int) int {
	for _, v := range values {
		if v > 0 {
			return v
		}
	}
	return 0
}

// joined reports whether b continues the character that a is part of.
func joined(a, b rune, regionsBefore int) bool {
	const zwj = 0x200D
	switch {
	case a == zwj, b == zwj, unicode.Is(unicode.M, b):
		return true
	case b >= 0x1F3FB && b <= 0x1F3FF: // skin tones
		return true
	case b >= 0xE0020 && b <= 0xE007F: // the tags of a flag
		return true
	case isRegion(b): // flags are pairs
		return regionsBefore%2 == 1
	}
	return false
}

func isRegion(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// cutEntities returns the parts of entities in [from, to), with offsets relative to from.
func cutEntities(entities []Entity, from, to int) []Entity {
	var cut []Entity
	for _, e := range entities {
		start, end := max(e.Offset, from), min(e.Offset+e.Length, to)
		if start < end && len(cut) < MaxEntities {
			e.Offset, e.Length = start-from, end-start
			cut = append(cut, e)
		}
	}
	return cut
}
