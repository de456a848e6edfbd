// Package signs knows what the help desk behind the API does to emoji and
// invisible characters.
//
// It follows Kayako Classic: when a text is stored, its emoji are replaced and
// never restored. An emoji that the Japanese carrier KDDI had a private-use code
// point for becomes that code point; some become an empty HTML span named after
// the emoji; some become text such as U+1F600; the rest is lost. When a post is
// read, control, format, unassigned and private-use characters are dropped.
//
// The table is the KDDI column of Unicode's EmojiSources in its private-use form.
package signs

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed signs.txt
var table string

var (
	// shown maps a private-use sequence to the emoji it stands for, the most
	// common one if there are several.
	shown = map[string]string{}
	// private maps an emoji to the private-use sequence it is stored as.
	private = map[string]string{}
	// emoji holds the first characters of emoji that have a private-use sequence,
	// except digits and '#', which begin keycaps.
	emoji = map[rune]bool{}
)

func init() {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		stored := sequence(fields[0])
		shown[stored] = sequence(fields[1])
		for _, field := range fields[1:] {
			sign := sequence(field)
			private[sign] = stored
			if first := []rune(sign)[0]; first > unicode.MaxASCII {
				emoji[first] = true
			}
		}
	}
}

// sequence parses code points in hex: 1F1F7+1F1FA.
func sequence(field string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(field, "+") {
		n, err := strconv.ParseUint(part, 16, 21)
		if err != nil {
			panic("signs.txt: " + err.Error())
		}
		b.WriteRune(rune(n))
	}
	return b.String()
}

var (
	// span matches how the help desk writes an emoji in HTML, escaped or not.
	span = regexp.MustCompile(`(?i)` + tag(`span\s[^<>&]*`+quote+`[^<>"'&]*\bemoji-outer\b[^<>"'&]*`+quote+`[^<>&]*`) + `\s*` +
		tag(`span\s[^<>&]*`+quote+`[^<>"'&]*\bemoji-inner\s+emoji([0-9a-f-]+)\b[^<>"'&]*`+quote+`[^<>&]*`) + `\s*` +
		tag(`/span`) + `\s*` + tag(`/span`))
	// word matches an emoji written as its code point: of the planes that hold
	// emoji, and of the symbols in the basic plane.
	word = regexp.MustCompile(`U\+(1F[0-9A-F]{3}|2[0-9A-F]{3}|3[0-9A-F]{3})`)
)

const quote = `(?:"|'|&quot;|&#0?3[49];|&apos;)`

func tag(inside string) string { return `(?:<|&lt;)` + inside + `(?:>|&gt;)` }

// Restore restores the emoji of a stored text where they are known, and drops
// placeholders of those that are not.
func Restore(s string) string {
	s = replaceNamed(s, func(sign string) string { return sign })
	if !strings.ContainsFunc(s, isPrivate) {
		return s
	}
	var b strings.Builder
	for s != "" {
		if n, sign := leading(shown, s); n > 0 {
			b.WriteString(sign)
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		if !isPrivate(r) {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// Without drops every character that the help desk may change, lose or insert:
// what is left is the same before and after storing.
func Without(s string) string {
	return strings.Map(func(r rune) rune {
		if changes(r) {
			return -1
		}
		return r
	}, withoutNamed(s))
}

// Letters is Without reduced to letters and digits, except those that the help
// desk loses: rare Chinese, and fancy letters and digits such as 𝐀 and 𝟙.
func Letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= 0xFFFF && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, withoutNamed(s))
}

// keycap matches emoji that begin with an ordinary character.
var keycap = regexp.MustCompile(`[0-9#*]\x{FE0F}?\x{20E3}`)

// withoutNamed drops keycaps and emoji written by name.
func withoutNamed(s string) string {
	s = replaceNamed(s, func(string) string { return "" })
	if strings.ContainsRune(s, '\u20e3') {
		s = keycap.ReplaceAllString(s, "")
	}
	return s
}

// Stored returns what the help desk stores of a text.
func Stored(s string) string {
	var b strings.Builder
	for s != "" {
		if n, stored := leading(private, s); n > 0 {
			b.WriteString(spanned(strings.ReplaceAll(s[:n], "\ufe0f", ""), stored))
			s = strings.TrimPrefix(s[n:], "\ufe0f")
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r >= 0x1F600 && r <= 0x1F64F && r != 0x1F642: // known, but to no carrier
			b.WriteString("U+" + strings.ToUpper(strconv.FormatInt(int64(r), 16)))
		case r > 0xFFFF: // beyond what the column can hold
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// spanned chooses between the two stored forms of an emoji: spans are used for
// the code points that KDDI assigned last, and for © and ®.
func spanned(sign, stored string) string {
	if first, _ := utf8.DecodeRuneInString(stored); first < 0xEA80 && sign != "©" && sign != "®" {
		return stored
	}
	var name strings.Builder
	for _, r := range sign {
		name.WriteString(strconv.FormatInt(int64(r), 16))
	}
	return `<span class="emoji-outer emoji-sizer"><span class="emoji-inner emoji` + name.String() + `"></span></span>`
}

// Read returns what the help desk shows of a stored post.
func Read(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\r' && r != '\n' && r != '\t' && invisible(r) {
			return -1
		}
		return r
	}, s)
}

// replaceNamed replaces emoji written by name.
func replaceNamed(s string, by func(sign string) string) string {
	if strings.Contains(s, "emoji") {
		s = span.ReplaceAllStringFunc(s, func(found string) string {
			return by(named(span.FindStringSubmatch(found)[1]))
		})
	}
	if strings.Contains(s, "U+") {
		s = word.ReplaceAllStringFunc(s, func(found string) string {
			sign := named(found[len("U+"):])
			if r, _ := utf8.DecodeRuneInString(sign); !changes(r) {
				return found // the text is about another character
			}
			return by(sign)
		})
	}
	return s
}

// named parses the code points in a span's name: 203c, 1f1f71f1fa, 2320e3,
// 1f468-1f469; "" if it is none of these.
func named(hex string) string {
	hex = strings.ToLower(hex)
	switch {
	case strings.Contains(hex, "-"):
		var b strings.Builder
		for part := range strings.SplitSeq(hex, "-") {
			b.WriteString(named(part))
		}
		return b.String()
	case len(hex) > 4 && strings.HasSuffix(hex, "20e3"):
		return named(hex[:len(hex)-4]) + "\u20e3"
	case len(hex) == 10:
		return named(hex[:5]) + named(hex[5:])
	}
	n, err := strconv.ParseUint(hex, 16, 21)
	if err != nil || n > unicode.MaxRune || n < ' ' || n >= 0xD800 && n < 0xE000 {
		return ""
	}
	return string(rune(n))
}

// longest is the maximum number of characters in a sequence of the table.
const longest = 2

// leading finds the longest sequence of a table at the beginning of a text, and
// its length in bytes. A variation selector inside belongs to it.
func leading(in map[string]string, s string) (n int, found string) {
	var key strings.Builder
	count := 0
	for i, r := range s {
		if r == '\ufe0f' && i > 0 {
			continue
		}
		if count == longest {
			break
		}
		key.WriteRune(r)
		count++
		if value, ok := in[key.String()]; ok {
			n, found = i+len(string(r)), value
		}
	}
	return n, found
}

// changes reports whether the help desk may change, lose or insert a character.
func changes(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f
	case emoji[r], r > 0xFFFF, invisible(r):
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r == 0x20E3, r == '\uFFFD': // variation selectors, keycap
		return true
	}
	return unicode.Is(unicode.So, r)
}

func isPrivate(r rune) bool { return unicode.Is(unicode.Co, r) }

// invisible reports control, format, unassigned and private-use characters.
func invisible(r rune) bool {
	return unicode.Is(unicode.C, r) || !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
}
