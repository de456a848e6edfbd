package telegram

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	xhtml "golang.org/x/net/html"
)

const (
	maxMarkup = 256 << 10 // bytes parsed of one text
	maxDepth  = 100       // open elements; of deeper ones only the text is kept
	maxURL    = 2048
)

var (
	tagPattern       = regexp.MustCompile(`(?i)</?([a-z][a-z0-9]*)(?:[\s/][^<>]*)?>|<!doctype html`)
	referencePattern = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,16}[0-9]{0,2});`)
)

// scanTags reports whether s contains HTML tags, and whether they break lines. An address in angle
// brackets or a lone sign is not a tag.
func scanTags(s string) (isHTML, hasLines bool) {
	for _, m := range tagPattern.FindAllStringSubmatch(s, -1) {
		name := strings.ToLower(m[1])
		_, known := tags[name]
		isHTML = isHTML || known || name == ""
		hasLines = hasLines || tags[name].lines > 0
	}
	return isHTML, hasLines
}

// FromHTML converts what the staff wrote to a text with entities: HTML of any quality, or
// plain text with line breaks, character references and BBCode. The input is untrusted. The
// result contains only bold, italic, underline, strikethrough, code, pre, text_link and the
// two kinds of quotations; these are sorted, in range, split no surrogate pair and don't
// overlap partially. Links are http or https; the address of a mailto or tel link is
// written out, because Telegram refuses such links. Scripts and styles, control characters,
// direction overrides and repeated empty lines are removed. A text above 256 KiB is cut,
// marked by «…».
func FromHTML(s string) Text {
	cut := len(s) > maxMarkup
	if cut {
		s = cutBytes(s, maxMarkup)
	}
	c := converter{}
	if isHTML, hasLines := scanTags(s); isHTML {
		c.keepLines = !hasLines
		c.html(s)
	} else {
		s = referencePattern.ReplaceAllStringFunc(s, html.UnescapeString)
		c.bbcode(s)
	}
	c.closeAll()
	if cut {
		c.out.text("…", style{}, true)
	}
	return c.out.result()
}

// tag is the meaning of an HTML element.
type tag struct {
	lines  int       // line breaks around it: 1 a new line, 2 an empty line
	flags  styleFlag // for its content
	opens  bool      // stays open until its end tag
	isDrop bool      // its content is not text
}

// tags are the known HTML elements; anything else in angle brackets is text.
var tags = func() map[string]tag {
	m := map[string]tag{
		"p": {lines: 2}, "br": {lines: 1}, "hr": {lines: 1}, "tr": {lines: 1}, "li": {lines: 1},
		"ul": {lines: 1, opens: true}, "ol": {lines: 1, opens: true},
		"table": {lines: 1, opens: true}, "blockquote": {lines: 1, opens: true}, "pre": {lines: 1, opens: true},
		"xmp": {lines: 1, opens: true}, "div": {lines: 1, opens: true}, "section": {lines: 1, opens: true}, "footer": {lines: 1, opens: true},
		"th": {flags: bold, opens: true}, "a": {opens: true},
	}
	add := func(t tag, names string) {
		for _, name := range strings.Fields(names) {
			m[name] = t
		}
	}
	add(tag{lines: 2, flags: bold, opens: true}, "h1 h2 h3 h4 h5 h6")
	add(tag{flags: bold, opens: true}, "b strong")
	add(tag{flags: italic, opens: true}, "i em cite var dfn")
	add(tag{flags: underline, opens: true}, "u ins")
	add(tag{flags: strike, opens: true}, "s strike del")
	add(tag{flags: code, opens: true}, "code kbd samp tt")
	add(tag{lines: 1}, "article header main nav aside address center form fieldset figure figcaption details summary dl dt dd caption legend option")
	add(tag{isDrop: true}, "script style title iframe noembed noframes noscript")
	add(tag{}, "html head body meta link base font span small big sub sup mark abbr acronym q label button input select textarea "+
		"img picture source video audio map area object param embed svg path canvas thead tbody tfoot td col colgroup wbr nobr "+
		"bdi bdo time data template optgroup output progress meter ruby rt rp marquee")
	return m
}()

type element struct {
	name    string
	flags   styleFlag
	quote   int
	pre     int
	link    int
	next    int    // number of an ordered list's next item
	address string // of a mailto or tel link
	from    int    // start of its text, in bytes
}

// converter parses markup into a styled text.
type converter struct {
	out       styled
	open      []element
	keepLines bool // keep the source's line breaks
	row       int  // start of the table row's text
}

func (c *converter) html(s string) {
	z := xhtml.NewTokenizer(strings.NewReader(s))
	for {
		kind := z.Next()
		switch kind {
		case xhtml.ErrorToken:
			c.text(string(z.Raw())) // a tag that never ends was none: «если пинг <a то …»
			return
		case xhtml.CommentToken:
			if raw := z.Raw(); bytes.HasPrefix(raw, []byte("<!--")) && !bytes.HasSuffix(raw, []byte("-->")) && !bytes.HasSuffix(raw, []byte("--!>")) {
				c.text(string(raw)) // nor was this a comment
			}
		case xhtml.TextToken:
			c.text(string(z.Text()))
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			raw := string(z.Raw())
			name, attr := startTag(z)
			t, known := tags[name]
			switch {
			case !known && !strings.Contains(name, "-") && (!strings.Contains(name, ":") || strings.Contains(raw, "://")):
				c.text(raw) // <ivan@example.org>; but not <o:p>, <my-element>
			case t.isDrop:
				c.skip(z, name)
			default:
				c.start(name, t, attr, kind == xhtml.SelfClosingTagToken)
			}
		case xhtml.EndTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			if t, known := tags[string(name)]; known {
				c.end(string(name), t)
			} else if !bytes.ContainsAny(name, "-:") {
				c.text(raw)
			}
		}
	}
}

// skip skips an element without text. If it never ends it was not an element: in «вставьте <script>
// в начало» nothing may be lost.
func (c *converter) skip(z *xhtml.Tokenizer, name string) {
	var content string
	for {
		switch z.Next() {
		case xhtml.TextToken:
			content += string(z.Raw())
		case xhtml.EndTagToken:
			return
		case xhtml.ErrorToken:
			c.text("<" + name + ">" + content)
			return
		default:
			return
		}
	}
}

func startTag(z *xhtml.Tokenizer) (string, map[string]string) {
	name, more := z.TagName()
	tagName := string(name)
	var attr map[string]string
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch k := string(key); k {
		case "href", "src", "alt", "class", "id", "start":
			if attr == nil {
				attr = map[string]string{}
			}
			if _, twice := attr[k]; !twice {
				attr[k] = string(value)
			}
		}
	}
	return tagName, attr
}

func (c *converter) style() style {
	var s style
	for _, e := range c.open {
		s.flags |= e.flags
		s.pre = max(s.pre, e.pre)
		if s.quote == 0 {
			s.quote = e.quote // quotations don't nest: keep the outer one
		}
		if e.link != 0 {
			s.link = e.link
		}
	}
	return s
}

func (c *converter) text(s string) {
	st := c.style()
	c.out.text(s, st, c.keepLines || st.pre != 0)
}

func (c *converter) start(name string, t tag, attr map[string]string, selfClosing bool) {
	if name == "br" {
		c.out.newline()
		return
	}
	if name == "tr" {
		c.endCell() // its end tag may be omitted
	}
	if t.lines > 0 {
		c.out.lineBreak(t.lines)
	}
	e := element{name: name, flags: t.flags, from: c.out.b.Len(), next: 1}
	switch name {
	case "hr":
		c.text("———")
		c.out.lineBreak(1)
	case "img":
		c.image(attr)
	case "tr":
		c.row = c.out.b.Len()
	case "td", "th":
		c.end("th", tag{}) // its end tag may be omitted
		if c.out.b.Len() > c.row {
			c.out.prefix, c.out.newlines = cellBorder, 0
		}
	case "li":
		c.item()
	case "ol":
		if n, err := strconv.Atoi(attr["start"]); err == nil && n >= 0 && n < 1_000_000 {
			e.next = n
		}
	case "blockquote":
		e.quote = c.out.newQuote(false)
	case "pre", "xmp":
		e.pre = c.out.newPre()
	case "a":
		e.link, e.address = c.link(attr["href"])
	case "div", "table", "section", "footer":
		if isSignature(attr) {
			e.quote = c.out.newQuote(true)
		}
	}
	if t.opens && !selfClosing && len(c.open) < maxDepth {
		c.open = append(c.open, e)
	}
}

func isSignature(attr map[string]string) bool {
	return strings.Contains(strings.ToLower(attr["class"]+" "+attr["id"]), "signature")
}

func (c *converter) end(name string, t tag) {
	if name == "br" {
		c.out.newline()
		return
	}
	for i := len(c.open) - 1; i >= 0; i-- {
		if c.open[i].name == name {
			c.finish(c.open[i])
			c.open = append(c.open[:i], c.open[i+1:]...)
			break
		}
	}
	switch name {
	case "li", "ul", "ol":
		c.out.prefix = "" // of an item without text
	case "td", "th", "tr", "table":
		c.endCell()
	}
	if t.lines > 0 {
		c.out.lineBreak(t.lines)
	}
}

// cellBorder stands before every cell of a row but the first.
const cellBorder = " | "

// endCell drops the border of a cell without text: what follows is not in it.
func (c *converter) endCell() {
	if c.out.prefix == cellBorder {
		c.out.prefix = ""
	}
}

func (c *converter) closeAll() {
	for i := len(c.open) - 1; i >= 0; i-- {
		c.finish(c.open[i])
	}
	c.open = nil
}

// finish writes out an address that the link's text does not show.
func (c *converter) finish(e element) {
	if e.address == "" {
		return
	}
	shown := c.out.b.String()[e.from:]
	if strings.TrimSpace(shown) == "" || strings.Contains(strings.ToLower(shown), strings.ToLower(e.address)) {
		return
	}
	if d := digits(e.address); len(d) >= 5 && !strings.Contains(e.address, "@") && strings.HasSuffix(digits(shown), d[max(0, len(d)-10):]) {
		return
	}
	c.out.text(" ("+e.address+")", c.style(), false)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func (c *converter) item() {
	depth, prefix := 0, "• "
	for i := range c.open {
		e := &c.open[i]
		switch e.name {
		case "ul":
			depth, prefix = depth+1, "• "
		case "ol":
			depth, prefix = depth+1, strconv.Itoa(e.next)+". "
		}
	}
	for i := len(c.open) - 1; i >= 0; i-- {
		if e := &c.open[i]; e.name == "ul" || e.name == "ol" {
			e.next++
			break
		}
	}
	c.out.prefix = strings.Repeat("  ", min(max(depth-1, 0), 8)) + prefix
}

func (c *converter) image(attr map[string]string) {
	alt := Clean(attr["alt"])
	st := c.style()
	if st.link == 0 {
		if link, _ := c.link(attr["src"]); link != 0 {
			st.link = link
		}
	}
	if alt != "" || st.link != 0 {
		c.out.text(strings.TrimSpace("🖼 "+alt), st, false)
	}
}

// link checks an address: a link for http and https, an address to show for mailto and tel, nothing
// for anything else.
func (c *converter) link(href string) (link int, address string) {
	href = strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7F || isForged(r) { // browsers ignore these too
			return -1
		}
		return r
	}, href)
	if strings.HasPrefix(href, "//") {
		href = "https:" + href
	}
	if len(href) > maxURL {
		return 0, ""
	}
	u, err := url.Parse(href)
	if err != nil {
		return 0, ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if address := u.String(); u.Hostname() != "" && len(address) <= maxURL {
			return c.out.newLink(address), ""
		}
	case "mailto", "tel":
		address, err := url.PathUnescape(u.Opaque)
		if err == nil {
			return 0, Clean(address)
		}
	}
	return 0, ""
}
