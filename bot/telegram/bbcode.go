package telegram

import (
	"regexp"
	"strings"
)

var bbPattern = regexp.MustCompile(`(?i)\[(/?)(b|i|u|s|code|quote|url)(?:=([^\[\]\s]+))?\]`)

// bbcode parses plain text. A tag counts only if its end tag follows: «a[i]» is text.
func (c *converter) bbcode(s string) {
	c.keepLines = true
	marks := bbPattern.FindAllStringSubmatchIndex(s, -1)
	last := map[string]int{} // where each tag's last end tag is
	for _, m := range marks {
		if m[2] != m[3] {
			last[strings.ToLower(s[m[4]:m[5]])] = m[0]
		}
	}
	done := 0
	for _, m := range marks {
		isEnd, name := m[2] != m[3], strings.ToLower(s[m[4]:m[5]])
		if isEnd && !c.isOpen(name) || !isEnd && (last[name] <= m[0] || len(c.open) >= maxDepth) {
			continue
		}
		c.text(s[done:m[0]])
		done = m[1]
		if isEnd {
			c.end(name, tag{lines: bbLines(name)})
			continue
		}
		c.out.lineBreak(bbLines(name))
		e := element{name: name, from: c.out.b.Len()}
		switch name {
		case "code":
			e.pre = c.out.newPre()
		case "quote":
			e.quote = c.out.newQuote(false)
		case "url":
			var address string
			if m[6] >= 0 {
				address = strings.Trim(s[m[6]:m[7]], `"'`)
			} else if end := strings.IndexByte(s[m[1]:], '['); end >= 0 {
				address = s[m[1] : m[1]+end]
			}
			e.link, e.address = c.link(address)
		default:
			e.flags = tags[name].flags
		}
		c.open = append(c.open, e)
	}
	c.text(s[done:])
}

func bbLines(name string) int {
	if name == "code" || name == "quote" {
		return 1
	}
	return 0
}

func (c *converter) isOpen(name string) bool {
	for _, e := range c.open {
		if e.name == name {
			return true
		}
	}
	return false
}
