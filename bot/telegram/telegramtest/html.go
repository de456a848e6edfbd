package telegramtest

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// htmlTags are the tags of HTML mode and the entities they make. The twins
// are told apart by parseHTML.
var htmlTags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
	"a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji", "tg-time": "date_time",
}

type openTag struct {
	name  string
	attrs map[string]string
	at    int // UTF-16 offset
}

func parseFailure(format string, args ...any) error {
	return violate("can't parse entities: "+format, args...)
}

// parseHTML reads HTML mode as strictly as Telegram: known tags, all closed, in order.
func parseHTML(src string) (string, []Entity, error) {
	var out strings.Builder
	var entities []Entity
	var stack []openTag
	size := 0
	write := func(s string) { out.WriteString(s); size += units(s) }
	for i := 0; i < len(src); {
		switch {
		case src[i] == '&':
			text, n := htmlEntity(src[i:])
			write(text)
			i += n
		case src[i] != '<':
			n := strings.IndexAny(src[i:], "<&")
			if n < 0 {
				n = len(src) - i
			}
			write(src[i : i+n])
			i += n
		case strings.HasPrefix(src[i:], "</"):
			n := strings.IndexByte(src[i:], '>')
			if n < 0 {
				return "", nil, parseFailure("Unclosed end tag at byte offset %d", i)
			}
			if len(stack) == 0 {
				return "", nil, parseFailure("Unexpected end tag at byte offset %d", i)
			}
			name := strings.ToLower(strings.TrimSpace(src[i+2 : i+n]))
			top := stack[len(stack)-1]
			if name != "" && name != top.name {
				return "", nil, parseFailure("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", i, top.name, name)
			}
			stack = stack[:len(stack)-1]
			entities = closeTag(entities, top, out.String(), size, stack)
			i += n + 1
		default:
			tag, n, err := startTag(src, i)
			if err != nil {
				return "", nil, err
			}
			tag.at = size
			stack = append(stack, tag)
			i += n
		}
	}
	if len(stack) > 0 {
		return "", nil, parseFailure("Can't find end tag corresponding to start tag %q", stack[len(stack)-1].name)
	}
	return out.String(), entities, nil
}

// startTag reads the tag at i and its length.
func startTag(src string, i int) (openTag, int, error) {
	end := strings.IndexAny(src[i+1:], " \t\n>")
	if end < 0 {
		return openTag{}, 0, parseFailure("Unclosed start tag at byte offset %d", i)
	}
	tag := openTag{name: strings.ToLower(src[i+1 : i+1+end]), attrs: map[string]string{}}
	if _, known := htmlTags[tag.name]; !known {
		return tag, 0, parseFailure("Unsupported start tag %q at byte offset %d", tag.name, i)
	}
	n := tagEnd(src[i:])
	if n < 0 {
		return tag, 0, parseFailure("Unclosed start tag at byte offset %d", i)
	}
	body := src[i+1 : i+n]
	if err := tag.readAttributes(body[end:], i); err != nil {
		return tag, 0, err
	}
	if tag.name == "span" && tag.attrs["class"] != "tg-spoiler" {
		return tag, 0, parseFailure(`Tag "span" must have class "tg-spoiler" at byte offset %d`, i)
	}
	return tag, n + 1, nil
}

// tagEnd finds the > that ends a tag; one inside a quoted value does not.
func tagEnd(s string) int {
	var quote byte
	for i := 1; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'':
			quote = s[i]
		case s[i] == '>':
			return i
		}
	}
	return -1
}

func (t *openTag) readAttributes(s string, at int) error {
	for {
		s = strings.TrimLeft(s, " \t\n")
		if s == "" {
			return nil
		}
		end := strings.IndexAny(s, " \t\n=")
		if end < 0 {
			end = len(s)
		}
		name := strings.ToLower(s[:end])
		s = strings.TrimLeft(s[end:], " \t\n")
		if name == "" {
			return parseFailure("Empty attribute name in the tag %q at byte offset %d", t.name, at)
		}
		value := ""
		if rest, ok := strings.CutPrefix(s, "="); ok {
			s = strings.TrimLeft(rest, " \t\n")
			if s != "" && (s[0] == '"' || s[0] == '\'') {
				end := strings.IndexByte(s[1:], s[0])
				if end < 0 {
					return parseFailure("Unclosed start tag %q at byte offset %d", t.name, at)
				}
				value, s = s[1:1+end], s[end+2:]
			} else {
				end := strings.IndexAny(s, " \t\n")
				if end < 0 {
					end = len(s)
				}
				value, s = s[:end], s[end:]
			}
		}
		t.attrs[name] = unescape(value)
	}
}

// closeTag makes the entity of a tag that ends.
func closeTag(entities []Entity, t openTag, text string, size int, open []openTag) []Entity {
	e := Entity{Type: htmlTags[t.name], Offset: t.at, Length: size - t.at}
	if e.Length == 0 {
		return entities
	}
	switch t.name {
	case "a":
		e.URL = t.attrs["href"]
		if e.URL == "" {
			e.URL = fromUnit(text, t.at)
		}
		if !validLink(e.URL) {
			return entities
		}
	case "blockquote":
		if _, ok := t.attrs["expandable"]; ok {
			e.Type = "expandable_blockquote"
		}
	case "tg-emoji":
		e.CustomEmojiID = t.attrs["emoji-id"]
	case "tg-time":
		e.UnixTime, _ = strconv.ParseInt(t.attrs["unix"], 10, 64)
		e.DateTimeFormat = t.attrs["format"]
	case "code":
		// <pre><code class="language-x"> is one block that knows its language.
		if n := len(open); n > 0 && open[n-1].name == "pre" {
			open[n-1].attrs["language"] = strings.TrimPrefix(t.attrs["class"], "language-")
			return entities
		}
	case "pre":
		e.Language = t.attrs["language"]
	}
	return append(entities, e)
}

// fromUnit is the text from a UTF-16 offset on.
func fromUnit(text string, at int) string {
	n := 0
	for i := range text {
		if n >= at {
			return text[i:]
		}
		r, _ := utf8.DecodeRuneInString(text[i:])
		n += units(string(r))
	}
	return ""
}

// htmlEntity reads the reference at the start of s. Those that Telegram does
// not know stay as they are.
func htmlEntity(s string) (string, int) {
	end := strings.IndexByte(s, ';')
	if end < 2 || end > 10 {
		return "&", 1
	}
	name := s[1:end]
	if text, ok := map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`}[name]; ok {
		return text, end + 1
	}
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
			digits, base = hex, 16
		}
		if n, err := strconv.ParseInt(digits, base, 32); err == nil && n > 0 && utf8.ValidRune(rune(n)) {
			return string(rune(n)), end + 1
		}
	}
	return "&", 1
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '&' {
			b.WriteByte(s[i])
			i++
			continue
		}
		text, n := htmlEntity(s[i:])
		b.WriteString(text)
		i += n
	}
	return b.String()
}
