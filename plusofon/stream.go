package plusofon

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// maxElement is the maximum size of a list element, in bytes.
	maxElement = 1 << 20
	// maxNesting is the maximum nesting of an answer. Each value is scanned once
	// per level, so this bounds the cost of decoding.
	maxNesting = 64
)

var (
	errNotJSON  = errors.New("not JSON")
	errTooLarge = errors.New("it is larger or nested deeper than allowed")
)

// jsonReader reads JSON one value at a time. It checks what lies between values
// (brackets, commas, keys with colons, nothing after the end) and skips over the
// values themselves by counting brackets and skipping strings; the caller must
// validate the values it uses.
type jsonReader struct {
	r    *bufio.Reader
	buf  []byte // the last value
	part int    // bytes since the last element began
}

func newJSONReader(r io.Reader) *jsonReader {
	return &jsonReader{r: bufio.NewReaderSize(r, 64<<10)}
}

// peek skips white space and returns the next byte without consuming it.
func (j *jsonReader) peek() (byte, error) {
	for {
		b, err := j.r.Peek(1)
		switch {
		case errors.Is(err, io.EOF):
			return 0, errNotJSON
		case err != nil:
			return 0, err
		case !isSpace(b[0]):
			return b[0], nil
		}
		if err := j.discard(1); err != nil {
			return 0, err
		}
	}
}

// discard consumes bytes already peeked. It bounds each part of an answer.
func (j *jsonReader) discard(n int) error {
	if j.part += n; j.part > maxAnswer {
		return fmt.Errorf("a part of the answer is larger than %d bytes", maxAnswer)
	}
	_, err := j.r.Discard(n)
	return err
}

// take consumes c if it is next.
func (j *jsonReader) take(c byte) (bool, error) {
	next, err := j.peek()
	if err != nil || next != c {
		return false, err
	}
	return true, j.discard(1)
}

// end checks that nothing follows.
func (j *jsonReader) end() error {
	for {
		c, err := j.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case !isSpace(c):
			return errNotJSON
		}
	}
}

// elements walks a container and calls take for each element.
func (j *jsonReader) elements(opening, closing byte, take func() error) error {
	if ok, err := j.take(opening); err != nil || !ok {
		return firstError(err, errNotJSON)
	}
	for first := true; ; first = false {
		ended, err := j.take(closing)
		if err != nil || ended && first {
			return err
		}
		if ended {
			return nil
		}
		if !first {
			if ok, err := j.take(','); err != nil || !ok {
				return firstError(err, errNotJSON)
			}
		}
		j.part = 0
		if err := take(); err != nil {
			return err
		}
	}
}

func firstError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// key consumes a key and its colon.
func (j *jsonReader) key() (string, error) {
	if c, err := j.peek(); err != nil || c != '"' {
		return "", firstError(err, errNotJSON)
	}
	raw, err := j.value()
	if err != nil {
		return "", err
	}
	key, err := unquote(raw)
	if err != nil {
		return "", errNotJSON
	}
	if ok, err := j.take(':'); err != nil || !ok {
		return "", firstError(err, errNotJSON)
	}
	return key, nil
}

// value consumes a whole value, valid until the next call. One that is too large
// is skipped, with errTooLarge.
func (j *jsonReader) value() (json.RawMessage, error) {
	first, err := j.peek()
	if err != nil {
		return nil, err
	}
	walk := walker{scalar: first != '"' && first != '{' && first != '['}
	j.buf = j.buf[:0]
	tooLarge := false
	for {
		if _, err := j.r.Peek(1); err != nil {
			if errors.Is(err, io.EOF) && walk.scalar && len(j.buf) > 0 {
				return j.buf, nil
			}
			if errors.Is(err, io.EOF) {
				err = errNotJSON
			}
			return nil, err
		}
		chunk, _ := j.r.Peek(j.r.Buffered())
		n, ended := walk.over(chunk)
		if tooLarge = tooLarge || len(j.buf)+n > maxElement || walk.deepest > maxNesting; !tooLarge {
			j.buf = append(j.buf, chunk[:n]...)
		}
		if err := j.discard(n); err != nil {
			return nil, err
		}
		switch {
		case ended && tooLarge:
			return nil, errTooLarge
		case ended && len(j.buf) == 0:
			return nil, errNotJSON
		case ended:
			return j.buf, nil
		}
	}
}

// walker finds the end of a value across chunks.
type walker struct {
	scalar          bool
	depth, deepest  int
	quoted, escaped bool
}

// over returns how much of a chunk belongs to the value, and whether it ends
// there.
func (w *walker) over(b []byte) (n int, ended bool) {
	for i, c := range b {
		switch {
		case w.escaped:
			w.escaped = false
		case w.quoted && c == '\\':
			w.escaped = true
		case w.quoted && c == '"':
			if w.quoted = false; w.depth == 0 {
				return i + 1, true
			}
		case w.quoted:
		case w.scalar && (c == ',' || c == ']' || c == '}' || isSpace(c)):
			return i, true
		case c == '"':
			w.quoted = true
		case c == '{' || c == '[':
			w.depth++
			w.deepest = max(w.deepest, w.depth)
		case c == '}' || c == ']':
			if w.depth--; w.depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(b), false
}

// isShallow reports whether an answer's nesting is within maxNesting.
func isShallow(b []byte) bool {
	w := walker{depth: 1, deepest: 1} // as if inside a container that never ends
	w.over(b)
	return w.deepest-1 <= maxNesting
}

// members splits successive objects into the same map and interns their keys:
// thousands of similar elements share one copy.
type members struct {
	o    object
	keys map[string]string
}

const manyKeys = 256

// split is splitObject; the result is valid until the next call.
func (m *members) split(raw []byte) (object, error) {
	if m.o == nil || len(m.keys) > manyKeys {
		m.o, m.keys = object{}, map[string]string{}
	}
	clear(m.o)
	err := split(raw, '{', '}', func(s *scanner) error {
		quoted, err := s.quotedKey()
		if err != nil {
			return err
		}
		key, err := m.key(quoted)
		if err != nil {
			return errSplit
		}
		m.o[key], err = s.value()
		return err
	})
	return m.o, err
}

// key decodes a key; known keys cost no allocation.
func (m *members) key(quoted []byte) (string, error) {
	text, plain := plainText(quoted)
	if !plain {
		return unquote(quoted)
	}
	key, known := m.keys[string(text)]
	if !known {
		key = string(text)
		m.keys[key] = key
	}
	return key, nil
}
