package plusofon

import (
	"bytes"
	"encoding/json"
	"errors"
)

// splitArray and splitObject split a container in one pass without copying: they
// return slices of their input. They check what lies between the parts (brackets,
// commas, keys with colons, nothing after the end) and skip over the parts
// themselves by counting brackets and skipping strings. So valid JSON is split as
// encoding/json would, and invalid JSON either fails here or has a part that
// encoding/json rejects; the caller must validate the parts it uses.

var errSplit = errors.New("not JSON")

// splitArray returns the elements of an array.
func splitArray(raw []byte) ([]json.RawMessage, error) {
	var list []json.RawMessage
	err := split(raw, '[', ']', func(s *scanner) error {
		v, err := s.value()
		list = append(list, v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// splitObject returns the values of an object. Of duplicate keys the last wins;
// the discarded values are validated here because no caller sees them.
func splitObject(raw []byte) (object, error) {
	const usual = 32 // bytes per key in a listed ticket, and keys
	o := make(object, min(len(raw)/usual, usual))
	err := split(raw, '{', '}', func(s *scanner) error {
		key, err := s.key()
		if err != nil {
			return err
		}
		if dropped, ok := o[key]; ok && !json.Valid(dropped) {
			return errSplit
		}
		o[key], err = s.value()
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// split walks a container and calls takePart for each part.
func split(raw []byte, opening, closing byte, takePart func(*scanner) error) error {
	s := &scanner{b: raw}
	if !s.take(opening) {
		return errSplit
	}
	for first := true; !first || !s.take(closing); first = false {
		if err := takePart(s); err != nil {
			return err
		}
		if s.take(closing) {
			break
		}
		if !s.take(',') {
			return errSplit
		}
	}
	s.space()
	if s.at < len(s.b) {
		return errSplit
	}
	return nil
}

// scanner is a position in a text.
type scanner struct {
	b  []byte
	at int
}

func (s *scanner) space() {
	for s.at < len(s.b) && isSpace(s.b[s.at]) {
		s.at++
	}
}

// isSpace reports JSON white space, which is less than Unicode's.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// take skips white space and consumes c if it is next.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.at == len(s.b) || s.b[s.at] != c {
		return false
	}
	s.at++
	return true
}

// value consumes everything up to the comma or bracket that ends the value.
func (s *scanner) value() (json.RawMessage, error) {
	s.space()
	start, nested := s.at, 0
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case '"':
			if !s.quoted() {
				return nil, errSplit
			}
			continue
		case '{', '[':
			nested++
		case '}', ']':
			if nested == 0 {
				return s.since(start)
			}
			nested--
		case ',':
			if nested == 0 {
				return s.since(start)
			}
		}
		s.at++
	}
	return nil, errSplit
}

func (s *scanner) since(start int) (json.RawMessage, error) {
	end := s.at
	for end > start && isSpace(s.b[end-1]) {
		end--
	}
	if end == start {
		return nil, errSplit
	}
	return s.b[start:end:end], nil
}

// key consumes a key and its colon.
func (s *scanner) key() (string, error) {
	raw, err := s.quotedKey()
	if err != nil {
		return "", err
	}
	key, err := unquote(raw)
	if err != nil {
		return "", errSplit
	}
	return key, nil
}

// quotedKey consumes a key, with its quotes, and its colon.
func (s *scanner) quotedKey() ([]byte, error) {
	s.space()
	start := s.at
	if s.at == len(s.b) || s.b[s.at] != '"' || !s.quoted() {
		return nil, errSplit
	}
	raw := s.b[start:s.at]
	if !s.take(':') {
		return nil, errSplit
	}
	return raw, nil
}

// quoted skips the string that begins here.
func (s *scanner) quoted() bool {
	for end := s.at + 1; ; end++ {
		n := bytes.IndexByte(s.b[end:], '"')
		if n < 0 {
			return false
		}
		end += n
		slash := end
		for s.b[slash-1] == '\\' { // stops at the opening quote at the latest
			slash--
		}
		if (end-slash)%2 == 0 { // an odd number escapes the quote
			s.at = end + 1
			return true
		}
	}
}

// unquote decodes a string.
func unquote(raw []byte) (string, error) {
	if text, ok := plainText(raw); ok {
		return string(text), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// plainText returns the content of a string that needs no decoding, as most
// don't.
func plainText(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return nil, false
	}
	text := raw[1 : len(raw)-1]
	return text, isPlain(text)
}

// isPlain reports whether encoding/json reads and writes a text unchanged.
func isPlain[T string | []byte](text T) bool {
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '<', '>', '&':
			return false
		default:
			if c < ' ' || c > '~' {
				return false
			}
		}
	}
	return true
}
