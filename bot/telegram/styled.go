package telegram

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

type styleFlag uint8

const (
	bold styleFlag = 1 << iota
	italic
	underline
	strike
	code
)

// style is how a piece of text looks. The numbers distinguish neighbours: two adjacent
// quotations remain two.
type style struct {
	quote, pre, link int
	flags            styleFlag
}

// allowed drops what Telegram doesn't nest: nothing goes inside pre and code, and no code
// inside a link.
func (s style) allowed() style {
	switch {
	case s.pre != 0:
		return style{quote: s.quote, pre: s.pre}
	case s.link != 0:
		s.flags &^= code
	case s.flags&code != 0:
		s.flags = code
	}
	return s
}

// common is the style of white space between two pieces.
func (s style) common(o style) style {
	s.flags &= o.flags
	if s.quote != o.quote {
		s.quote = 0
	}
	if s.pre != o.pre {
		s.pre = 0
	}
	if s.link != o.link {
		s.link = 0
	}
	return s
}

type run struct {
	end   int // in UTF-16 units
	style style
}

// styled collects styled text. White space is held back until something visible follows, so
// that the text neither begins nor ends with it and has no repeated empty lines.
type styled struct {
	b     strings.Builder
	units int
	runs  []run

	newlines int    // pending before the next visible character
	spaces   int    // pending after the newlines
	prefix   string // pending bullet or cell border

	quotes []string // by number - 1: the entity's type
	links  []string // by number - 1: the address
	pres   int
}

func (t *styled) newQuote(expandable bool) int {
	kind := EntityQuote
	if expandable {
		kind = EntityExpandableQuote
	}
	t.quotes = append(t.quotes, kind)
	return len(t.quotes)
}

func (t *styled) newLink(address string) int {
	t.links = append(t.links, address)
	return len(t.links)
}

func (t *styled) newPre() int {
	t.pres++
	return t.pres
}

// newline adds a line break: two make an empty line.
func (t *styled) newline() {
	t.newlines, t.spaces = min(t.newlines+1, 2), 0
}

// lineBreak requires at least n line breaks; none after a bullet.
func (t *styled) lineBreak(n int) {
	if n > 0 && t.prefix == "" {
		t.newlines, t.spaces = max(t.newlines, n), 0
	}
}

const (
	tabWidth  = 4
	maxIndent = 64
)

// text appends s. With keep, line breaks and runs of spaces are kept; otherwise white space
// collapses to a single space.
func (t *styled) text(s string, st style, keep bool) {
	st = st.allowed()
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case keep && (r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029):
			t.newline()
		case keep && r == '\t':
			t.spaces = min(t.spaces+tabWidth, maxIndent)
		case keep && isSpace(r):
			t.spaces = min(t.spaces+1, maxIndent)
		case isSpace(r):
			if t.newlines == 0 && t.prefix == "" {
				t.spaces = 1
			}
		case isForged(r) || unicode.IsControl(r):
		default:
			t.flush(st)
			t.write(string(r), st)
		}
	}
}

// flush writes pending white space before something visible.
func (t *styled) flush(next style) {
	between := style{}
	if len(t.runs) > 0 {
		between = t.runs[len(t.runs)-1].style.common(next)
	}
	if t.units == 0 {
		t.newlines, t.spaces = 0, 0
	}
	t.write(strings.Repeat("\n", t.newlines), between)
	// At the beginning of a line, a bullet and an indentation take the style of what
	// follows.
	if t.newlines > 0 || t.units == 0 {
		between = style{pre: next.pre, quote: next.quote}
	}
	t.write(t.prefix, style{pre: between.pre, quote: between.quote})
	t.write(strings.Repeat(" ", t.spaces), between)
	t.newlines, t.spaces, t.prefix = 0, 0, ""
}

func (t *styled) write(s string, st style) {
	if s == "" {
		return
	}
	t.b.WriteString(s)
	t.units += UTF16Len(s)
	if n := len(t.runs); n > 0 && t.runs[n-1].style == st {
		t.runs[n-1].end = t.units
		return
	}
	t.runs = append(t.runs, run{t.units, st})
}

// mark is a future entity, comparable so that it can be followed across runs.
type mark struct {
	kind   string
	number int
}

// marks returns the marks from the outside in.
func (s style) marks(t *styled) []mark {
	var m []mark
	if s.quote != 0 {
		m = append(m, mark{t.quotes[s.quote-1], s.quote})
	}
	if s.pre != 0 {
		m = append(m, mark{EntityPre, s.pre})
	}
	if s.link != 0 {
		m = append(m, mark{EntityLink, s.link})
	}
	for _, f := range []struct {
		flag styleFlag
		kind string
	}{{bold, EntityBold}, {italic, EntityItalic}, {underline, EntityUnderline}, {strike, EntityStrikethrough}, {code, EntityCode}} {
		if s.flags&f.flag != 0 {
			m = append(m, mark{f.kind, 0})
		}
	}
	return m
}

// result converts the styles into entities that nest or are disjoint: where an outer one
// ends, the inner ones end too and start again.
func (t *styled) result() Text {
	type opened struct {
		mark
		from int
	}
	var (
		entities []Entity
		open     []opened
		at       int
	)
	closeFrom := func(i int) {
		for _, o := range slices.Backward(open[i:]) {
			e := Entity{Type: o.kind, Offset: o.from, Length: at - o.from}
			if o.kind == EntityLink {
				e.URL = t.links[o.number-1]
			}
			entities = append(entities, e)
		}
		open = open[:i]
	}
	for _, r := range t.runs {
		marks := r.style.marks(t)
		for i, o := range open {
			if !slices.Contains(marks, o.mark) {
				closeFrom(i)
				break
			}
		}
		// In this order what a quotation has closed is reopened inside it.
		for _, m := range marks {
			if !slices.ContainsFunc(open, func(o opened) bool { return o.mark == m }) {
				if m.kind == EntityQuote || m.kind == EntityExpandableQuote {
					closeFrom(0) // nothing contains a quotation
				}
				open = append(open, opened{m, at})
			}
		}
		at = r.end
	}
	closeFrom(0)
	// They were closed in order of nesting, inner ones first: reversed, the stable sort
	// keeps outer ones ahead if both begin and end together.
	slices.Reverse(entities)
	slices.SortStableFunc(entities, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(b.Length, a.Length))
	})
	return Text{String: t.b.String(), Entities: entities}
}
