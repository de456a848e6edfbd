package telegramtest

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxText    = 4096
	maxCaption = 1024
)

// units counts UTF-16 code units, the unit of Telegram's offsets.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// formatted returns the text and the entities of a call as Telegram keeps them. text, mode
// and entities are the values of its parameters.
func formatted(text, mode string, entities []Entity) (string, []Entity, error) {
	if !utf8.ValidString(text) {
		return "", nil, violate("strings must be encoded in UTF-8")
	}
	if mode != "" {
		return "", nil, strict("parse_mode is not supported: send entities")
	}
	if err := checkEntities(text, entities); err != nil {
		return "", nil, err
	}
	text, entities = trim(text, entities)
	sortEntities(entities)
	return text, entities, nil
}

func sortEntities(entities []Entity) {
	slices.SortStableFunc(entities, func(a, b Entity) int {
		return cmp.Or(a.Offset-b.Offset, b.Length-a.Length)
	})
}

// trim removes white space at both ends, as Telegram does.
func trim(text string, entities []Entity) (string, []Entity) {
	cut := strings.TrimLeftFunc(text, unicode.IsSpace)
	shift := units(text[:len(text)-len(cut)])
	cut = strings.TrimRightFunc(cut, unicode.IsSpace)
	end := units(cut)
	var kept []Entity
	for _, e := range entities {
		from, to := max(e.Offset-shift, 0), min(e.Offset+e.Length-shift, end)
		if from < to {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	return cut, kept
}

var entityTypes = []string{"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic",
	"underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link",
	"text_mention", "custom_emoji", "date_time"}

// timeFormat: relative, or a weekday, a date and a time.
var timeFormat = regexp.MustCompile(`^(r|w?[dD]?[tT]?)$`)

// checkEntities applies Telegram's rules for entities, and two it does not enforce: none is
// empty, and any two are nested or disjoint.
func checkEntities(text string, entities []Entity) error {
	if len(entities) > 100 {
		return strict("there are more than 100 entities")
	}
	total := units(text)
	middle := middles(text)
	for _, e := range entities {
		end := e.Offset + e.Length
		switch {
		case !slices.Contains(entityTypes, e.Type):
			return violate("can't parse MessageEntity: unsupported type specified")
		case e.Offset < 0:
			return violate("receive an entity with incorrect offset %d", e.Offset)
		case e.Length < 0:
			return violate("receive an entity with incorrect length %d", e.Length)
		case e.Length == 0:
			return strict("entity at offset %d is empty", e.Offset)
		case end > total:
			return violate("entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d", e.Offset, end)
		case middle[e.Offset]:
			return violate("entity begins in a middle of a UTF-16 symbol at byte offset %d", e.Offset)
		case middle[end]:
			return violate("entity beginning at UTF-16 offset %d ends in a middle of a UTF-16 symbol at byte offset %d", e.Offset, end)
		case e.Type == "text_link" && !validLink(e.URL):
			return violate("entity URL '%s' is invalid: Wrong HTTP URL", e.URL)
		case e.Type == "text_mention" && e.User == nil:
			return violate("can't parse MessageEntity: user not found")
		case e.Type == "custom_emoji" && e.CustomEmojiID == "":
			return violate("can't parse MessageEntity: custom_emoji_id is empty")
		case e.Type == "date_time" && e.UnixTime == 0:
			return violate("can't parse MessageEntity: unix_time is empty")
		case e.Type == "date_time" && !timeFormat.MatchString(e.DateTimeFormat):
			return violate("can't parse MessageEntity: invalid date_time_format specified")
		}
	}
	return checkNesting(entities)
}

func checkNesting(entities []Entity) error {
	mono := []string{"code", "pre"}
	quote := []string{"blockquote", "expandable_blockquote"}
	for i, a := range entities {
		for _, b := range entities[i+1:] {
			if b.Offset < a.Offset || b.Offset == a.Offset && b.Length > a.Length {
				a, b = b, a
			}
			if b.Offset >= a.Offset+a.Length {
				continue
			}
			switch {
			case b.Offset+b.Length > a.Offset+a.Length:
				return strict("entities %s and %s cross", a.Type, b.Type)
			case slices.Contains(quote, a.Type) && slices.Contains(quote, b.Type):
				return strict("quotations can't be nested")
			case slices.Contains(mono, a.Type), slices.Contains(mono, b.Type) && !slices.Contains(quote, a.Type):
				return strict("%s and %s can't be nested", a.Type, b.Type)
			}
		}
	}
	return nil
}

// middles returns the offsets inside surrogate pairs.
func middles(text string) map[int]bool {
	marks := map[int]bool{}
	at := 0
	for _, r := range text {
		if utf16.RuneLen(r) == 2 {
			marks[at+1] = true
		}
		at += utf16.RuneLen(r)
	}
	return marks
}

// validLink reports whether text links and buttons may point to a link.
func validLink(link string) bool {
	u, err := url.Parse(link)
	if err != nil || link == "" || strings.ContainsAny(link, " \n\t") {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Hostname() != "" && (strings.Contains(u.Hostname(), ".") || u.Hostname() == "localhost")
	case "tg", "ton", "tonsite":
		return true
	case "mailto", "tel":
		return u.Opaque != ""
	case "":
		return strings.Contains(link, ".") && !strings.HasPrefix(link, "/")
	}
	return false
}

var detected = []struct {
	typ string
	re  *regexp.Regexp
}{
	{"bot_command", regexp.MustCompile(`(?:^|[\s(«"])(/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)`)},
	{"url", regexp.MustCompile(`(?:^|[\s(«"])(https?://[^\s<>«»"]+)`)},
	{"email", regexp.MustCompile(`(?:^|[\s(«"])([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})`)},
	{"mention", regexp.MustCompile(`(?:^|[\s(«"])(@[A-Za-z0-9_]{4,32})`)},
	{"hashtag", regexp.MustCompile(`(?:^|[\s(«"])(#[\p{L}\p{N}_]+)`)},
}

// detect finds the entities that Telegram detects in plain text.
func detect(text string) []Entity {
	var found []Entity
	for _, d := range detected {
		for _, at := range d.re.FindAllStringSubmatchIndex(text, -1) {
			found = append(found, Entity{Type: d.typ, Offset: units(text[:at[2]]), Length: units(text[at[2]:at[3]])})
		}
	}
	sortEntities(found)
	return found
}

// pieces splits a text as clients do: at the limit, in the middle of words if need be.
func pieces(text string, limit int) []string {
	var out []string
	start, size := 0, 0
	for i, r := range text {
		n := utf16.RuneLen(r)
		if size+n > limit {
			out = append(out, text[start:i])
			start, size = i, 0
		}
		size += n
	}
	return append(out, text[start:])
}
