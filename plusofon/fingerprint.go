package plusofon

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// fingerprintOf hashes an object of valid values in a form independent of white
// space, the order of keys and the escaping of strings. Fingerprints are stored,
// so the form must not change, or every ticket would look changed: it is what
// encoding/json writes after decoding with json.Number.
func fingerprintOf(o object) (string, error) {
	b, err := appendObject(make([]byte, 0, 1<<10), o)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}

func appendObject(b []byte, o object) ([]byte, error) {
	keys := make([]string, 0, len(o))
	for key := range o {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var err error
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendText(b, key); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendCanonical(b, o[key]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendCanonical appends a valid value. Numbers are kept digit for digit.
func appendCanonical(b []byte, raw json.RawMessage) ([]byte, error) {
	raw = bytes.TrimSpace(raw)
	switch raw[0] {
	case '{':
		o, err := splitObject(raw)
		if err != nil {
			return nil, err
		}
		return appendObject(b, o)
	case '[':
		list, err := splitArray(raw)
		if err != nil {
			return nil, err
		}
		b = append(b, '[')
		for i, v := range list {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendCanonical(b, v); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case '"':
		if _, ok := plainText(raw); ok {
			return append(b, raw...), nil
		}
		s, err := unquote(raw)
		if err != nil {
			return nil, err
		}
		return appendText(b, s)
	}
	return append(b, raw...), nil
}

// appendText appends a string.
func appendText(b []byte, s string) ([]byte, error) {
	if isPlain(s) {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"'), nil
	}
	escaped, err := json.Marshal(s)
	return append(b, escaped...), err
}
