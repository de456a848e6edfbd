package plusofon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The API is PHP behind an XML converter: a value is a string or a number, an
// empty one is "", null, [], {} or [" "].

type object = map[string]json.RawMessage

// asObject returns nil for anything that is not an object.
func asObject(raw json.RawMessage) object {
	var o object
	if json.Unmarshal(raw, &o) != nil {
		return nil
	}
	return o
}

// isEmpty reports whether a value is one of the empty forms.
func isEmpty(raw json.RawMessage) bool {
	s := string(bytes.TrimSpace(raw))
	if s == "" || s == "null" {
		return true
	}
	if s[0] == '"' {
		return strings.TrimSpace(looseText(raw)) == ""
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return len(list) == 0 || len(list) == 1 && kindOf(list[0]) == "a string" && isEmpty(list[0])
	}
	o := asObject(raw)
	return o != nil && len(o) == 0
}

// looseText decodes a string, a number, or one of the empty forms.
func looseText(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		s, err := unquote(raw)
		if err != nil {
			return ""
		}
		return s
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || len(list) != 1 {
			return ""
		}
		if inner := bytes.TrimSpace(list[0]); len(inner) > 0 && inner[0] == '"' {
			return looseText(inner)
		}
		return ""
	case '{', 'n', 't', 'f':
		return ""
	}
	return string(raw)
}

// textOf returns the first of the named fields that has a text.
func textOf(o object, names ...string) string {
	for _, name := range names {
		if s := looseText(o[name]); strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// maxExactInt bounds the whole numbers that survive JSON implementations with floats,
// such as JavaScript's and PHP's.
const maxExactInt = 1 << 53

// integer decodes a whole number within maxExactInt, also from a string.
func integer(raw json.RawMessage) (int64, bool) {
	s := strings.TrimSpace(looseText(raw))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, -maxExactInt <= n && n <= maxExactInt
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExactInt {
		return 0, false
	}
	return int64(f), true
}

// idOf returns the first of the named fields that is a positive number.
func idOf(o object, names ...string) (int64, bool) {
	for _, name := range names {
		if n, ok := integer(o[name]); ok && n > 0 {
			return n, true
		}
	}
	return 0, false
}

// status is open or closed, if known. Words and other numbers are specific to a
// site and decide nothing.
type status struct{ known, open bool }

func statusOf(o object, names ...string) status {
	for _, name := range names {
		raw := bytes.TrimSpace(o[name])
		switch string(raw) {
		case "true":
			return status{known: true, open: true}
		case "false":
			return status{known: true}
		}
		switch strings.ToLower(strings.TrimSpace(looseText(raw))) {
		case "":
			continue
		case "1", "true":
			return status{known: true, open: true}
		case "0", "false":
			return status{known: true}
		}
		return status{}
	}
	return status{}
}

var dateLayouts = []string{
	time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "02.01.2006 15:04:05", "02.01.2006 15:04", time.DateOnly,
}

// moment parses Unix seconds or a date, in loc if it has no zone. It returns the
// zero time for anything else: no decision depends on dates.
func moment(raw json.RawMessage, loc *time.Location) time.Time {
	s := strings.TrimSpace(looseText(raw))
	if s == "" {
		return time.Time{}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n <= 0 || n > 1<<37 {
			return time.Time{}
		}
		return time.Unix(n, 0).In(loc)
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.In(loc)
	}
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil && t.Year() > 1 {
			return t
		}
	}
	return time.Time{}
}

func momentOf(o object, loc *time.Location, names ...string) time.Time {
	for _, name := range names {
		if t := moment(o[name], loc); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// elements decodes an array, one object, a wrapper of either under one of the
// given names, an object with numeric keys, or an empty form.
func elements(raw json.RawMessage, names ...string) ([]json.RawMessage, error) {
	if isEmpty(raw) {
		return nil, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return list, nil
	}
	o := asObject(raw)
	if o == nil {
		return nil, fmt.Errorf("%s where a list is expected", kindOf(raw))
	}
	if list, ok := numbered(o); ok {
		return list, nil
	}
	for _, name := range names {
		if inner, ok := o[name]; ok {
			if k := kindOf(inner); k == "an object" || k == "an array" || isEmpty(inner) {
				return elements(inner)
			}
		}
	}
	return []json.RawMessage{raw}, nil
}

// numbered returns the values of an object with only numeric keys, in order.
func numbered(o object) ([]json.RawMessage, bool) {
	byNumber := make(map[uint64]json.RawMessage, len(o))
	for k, v := range o {
		n, err := strconv.ParseUint(k, 10, 64)
		if err != nil {
			return nil, false
		}
		byNumber[n] = v
	}
	if len(byNumber) == 0 || len(byNumber) != len(o) {
		return nil, false
	}
	return inOrder(byNumber), true
}

func kindOf(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}
