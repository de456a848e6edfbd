package telegramtest

import "strings"

// parseMarkdown reads both Markdown modes: v2, where every reserved character
// is escaped, and the old one, without nesting.
func parseMarkdown(src string, v2 bool) (string, []Entity, error) {
	p := &markdown{src: src, v2: v2}
	if err := p.run(); err != nil {
		return "", nil, err
	}
	return p.out.String(), p.entities, nil
}

type markdown struct {
	src      string
	v2       bool
	out      strings.Builder
	size     int
	entities []Entity
	open     []mark
}

// mark is a delimiter that waits for its end.
type mark struct {
	delim string
	at    int // UTF-16 offset in the text
	from  int // byte offset in the source
}

var (
	marksV2 = []struct{ delim, typ string }{{"||", "spoiler"}, {"__", "underline"}, {"*", "bold"}, {"_", "italic"}, {"~", "strikethrough"}}
	marksV1 = []struct{ delim, typ string }{{"*", "bold"}, {"_", "italic"}}
)

const reservedV2 = "_*[]()~`>#+-=|{}.!"

func (p *markdown) write(s string) {
	p.out.WriteString(s)
	p.size += units(s)
}

func (p *markdown) run() error {
	for i := 0; i < len(p.src); {
		n, err := p.step(i)
		if err != nil {
			return err
		}
		i += n
	}
	if len(p.open) > 0 {
		m := p.open[len(p.open)-1]
		if p.v2 {
			return parseFailure("Can't find end of %s entity at byte offset %d", p.typeOf(m.delim), m.from)
		}
		return parseFailure("Can't find end of the entity starting at byte offset %d", m.from)
	}
	return nil
}

func (p *markdown) typeOf(delim string) string {
	for _, m := range append(marksV2, struct{ delim, typ string }{"[", "text_link"}) {
		if m.delim == delim {
			return m.typ
		}
	}
	return delim
}

// step reads what stands at i and gives its length.
func (p *markdown) step(i int) (int, error) {
	rest := p.src[i:]
	switch {
	case rest[0] == '\\' && len(rest) > 1 && (p.v2 && rest[1] > 0 && rest[1] < 127 || !p.v2 && strings.IndexByte("_*`[", rest[1]) >= 0):
		p.write(rest[1:2])
		return 2, nil
	case rest[0] == '`':
		return p.mono(i)
	case rest[0] == '[' && (p.v2 || len(p.open) == 0):
		p.open = append(p.open, mark{"[", p.size, i})
		return 1, nil
	case rest[0] == ']' && len(p.open) > 0 && p.open[len(p.open)-1].delim == "[":
		return p.link(i)
	case p.v2 && rest[0] == '>' && (i == 0 || p.src[i-1] == '\n'):
		p.entities = append(p.entities, Entity{Type: "blockquote", Offset: p.size, Length: units(line(rest[1:]))})
		return 1, nil
	}
	marks := marksV1
	if p.v2 {
		marks = marksV2
	}
	for _, m := range marks {
		if !strings.HasPrefix(rest, m.delim) {
			continue
		}
		if n := len(p.open); n > 0 && p.open[n-1].delim == m.delim {
			p.close(m.typ, p.open[n-1].at)
			return len(m.delim), nil
		} else if p.v2 || n == 0 {
			p.open = append(p.open, mark{m.delim, p.size, i})
			return len(m.delim), nil
		}
	}
	if p.v2 && strings.IndexByte(reservedV2, rest[0]) >= 0 {
		return 0, parseFailure("Character '%c' is reserved and must be escaped with the preceding '\\'", rest[0])
	}
	n := 1
	for n < len(rest) && rest[n]&0xC0 == 0x80 {
		n++
	}
	p.write(rest[:n])
	return n, nil
}

func (p *markdown) close(typ string, at int) {
	p.open = p.open[:len(p.open)-1]
	if p.size > at {
		p.entities = append(p.entities, Entity{Type: typ, Offset: at, Length: p.size - at})
	}
}

// mono reads `code` and ```blocks```.
func (p *markdown) mono(i int) (int, error) {
	delim, typ := "`", "code"
	if strings.HasPrefix(p.src[i:], "```") {
		delim, typ = "```", "pre"
	}
	body := p.src[i+len(delim):]
	end := strings.Index(body, delim)
	if end < 0 {
		if p.v2 {
			return 0, parseFailure("Can't find end of %s entity at byte offset %d", map[string]string{"pre": "Pre", "code": "Code"}[typ], i)
		}
		return 0, parseFailure("Can't find end of the entity starting at byte offset %d", i)
	}
	e := Entity{Type: typ, Offset: p.size}
	text := body[:end]
	if lang, code, ok := strings.Cut(text, "\n"); typ == "pre" && ok && !strings.Contains(lang, " ") {
		e.Language, text = lang, code
	}
	p.write(text)
	if e.Length = p.size - e.Offset; e.Length > 0 {
		p.entities = append(p.entities, e)
	}
	return end + 2*len(delim), nil
}

// link ends the [text] that is open and reads the (address) after it.
func (p *markdown) link(i int) (int, error) {
	at := p.open[len(p.open)-1].at
	p.open = p.open[:len(p.open)-1]
	if !strings.HasPrefix(p.src[i+1:], "(") {
		return 1, nil
	}
	end := strings.IndexByte(p.src[i:], ')')
	if end < 0 {
		return 0, parseFailure("Can't find end of a URL at byte offset %d", i+1)
	}
	if url := p.src[i+2 : i+end]; p.size > at && validLink(url) {
		p.entities = append(p.entities, Entity{Type: "text_link", Offset: at, Length: p.size - at, URL: url})
	}
	return end + 1, nil
}

func line(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
