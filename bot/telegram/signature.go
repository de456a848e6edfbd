package telegram

import (
	"regexp"
	"strings"
)

// signatureStart matches the first line of a signature: the two dashes of e-mail, a rule,
// or a closing phrase at the beginning of the line.
var signatureStart = regexp.MustCompile(`(?i)^\s*(?:--|[-_—=*]{3,}|с (?:наилучшими пожеланиями|уважением)|всего (?:доброго|хорошего)|best regards|kind regards|regards|sincerely)(?:[\s,.]|$)`)

// signatureLines is the maximum length of a signature; longer text is content.
const signatureLines = 8

// FoldSignature turns the signature under a text into an expandable quotation, if its first line is
// recognized. A signature marked as such in the markup already is one.
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

// foldFrom folds the text from a byte offset on, unless it contains a quotation.
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
