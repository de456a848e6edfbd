package telegram

import (
	"regexp"
	"strings"
)

// signatureStart is a line that begins a signature: the two dashes of e-mail, a
// rule, or a closing phrase at the beginning of the line.
var signatureStart = regexp.MustCompile(`(?i)^\s*(?:--|[-_—=*]{3,}|с (?:наилучшими пожеланиями|уважением)|всего (?:доброго|хорошего)|best regards|kind regards|regards|sincerely)(?:[\s,.]|$)`)

// signatureLines is how many lines a signature may have: what is longer says
// something.
const signatureLines = 8

// FoldSignature makes an expandable quotation of the signature under a text,
// where it can be told by its first line. A signature that the markup names is
// one already.
func (t Text) FoldSignature() Text {
	lines := strings.SplitAfter(t.String, "\n")
	at := len(t.String)
	for i := len(lines) - 1; i > 0 && i >= len(lines)-signatureLines; i-- {
		at -= len(lines[i])
		if signatureStart.MatchString(strings.TrimRight(lines[i], "\n")) && strings.TrimSpace(t.String[:at]) != "" {
			return t.foldFrom(at)
		}
	}
	return t
}

// foldFrom folds what stands from a byte on, unless a quotation is there.
func (t Text) foldFrom(at int) Text {
	above := strings.TrimRight(t.String[:at], " \n")
	below := strings.TrimSpace(t.String[at:])
	end := UTF16Len(above)
	start := UTF16Len(t.String[:at+strings.Index(t.String[at:], below)])
	for _, e := range t.Entities {
		if (e.Type == EntityQuote || e.Type == EntityExpandableQuote) && e.Offset+e.Length > end {
			return t
		}
	}
	var b Builder
	b.Append(Text{String: above, Entities: cutEntities(t.Entities, 0, end)})
	b.Plain("\n\n")
	b.Quote(Text{String: below, Entities: cutEntities(t.Entities, start, start+UTF16Len(below))}, true)
	return b.Text()
}
