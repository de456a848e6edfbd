package plusofon

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// listReader parses the open or the closed list in either of the API's forms, one
// element at a time; its memory does not grow with the list. An unknown shape is
// an error: taken for an empty list, it would close tickets.
type listReader struct {
	in    *jsonReader
	open  bool // which list was requested
	loc   *time.Location
	yield func(ListedTicket, error) bool

	said      complaint // failure reported beside the list
	found     int       // elements parsed
	leftOut   int       // elements left out
	memberBuf members
	memory    *memory
	seen      map[elementHash]*ListedTicket // for memory.remember
}

// memory caches the decoded elements of the last list by hash: most are the same
// the next time, and hashing costs a tenth of decoding. Of a long list it holds
// the first mostRemembered.
type memory struct {
	mu   sync.Mutex
	last map[elementHash]*ListedTicket // replaced as a whole, never modified
}

type elementHash = [sha256.Size]byte

// mostRemembered is how many elements of a list are cached.
const mostRemembered = 10_000

func (m *memory) remembered() map[elementHash]*ListedTicket {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

func (m *memory) remember(list map[elementHash]*ListedTicket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = list
}

// errStopped ends reading when the consumer stops iterating.
var errStopped = errors.New("stopped")

// deepestList is how deep a list may be wrapped: {"data":{"tickets":{"0":…}}}.
const deepestList = 3

func newListReader(r io.Reader, open bool, loc *time.Location, m *memory, yield func(ListedTicket, error) bool) *listReader {
	return &listReader{in: newJSONReader(r), open: open, loc: loc, yield: yield, memory: m, seen: map[elementHash]*ListedTicket{}}
}

// read reads a whole list. It fails if the list has elements and none can be
// parsed.
func (l *listReader) read() error {
	err := l.list(0)
	if err == nil {
		err = l.in.end()
	}
	if err == nil && l.found == 0 && l.leftOut > 0 {
		err = errors.New("none of the list's elements can be read")
	}
	if err == nil {
		l.memory.remember(l.seen)
	}
	return err
}

func (l *listReader) list(depth int) error {
	c, err := l.in.peek()
	if err != nil {
		return err
	}
	switch c {
	case '[':
		return l.in.elements('[', ']', l.element)
	case '{':
		return l.object(depth)
	}
	raw, err := l.in.value()
	if err == nil && string(raw) != "null" {
		err = fmt.Errorf("the list is %s", kindOf(raw))
	}
	return err
}

// object reads a list wrapped under a key, a list with numeric keys, or a single
// element.
func (l *listReader) object(depth int) error {
	rest := object{} // neither a list nor a numbered element
	numbered, listed, size := 0, 0, 0
	err := l.in.elements('{', '}', func() error {
		key, err := l.in.key()
		if err != nil {
			return err
		}
		c, err := l.in.peek()
		if err != nil {
			return err
		}
		isContainer := c == '{' || c == '['
		switch {
		case isNumber(key):
			numbered++
			return l.element()
		case slices.Contains(wrappers, key) && (isContainer || c == 'n' || depth == 0) && depth < deepestList && !looksListed(rest):
			listed++
			return l.list(depth + 1)
		}
		raw, err := l.in.value()
		if err != nil {
			return err
		}
		if size += len(raw); size > maxElement || !json.Valid(raw) {
			return errors.New("what surrounds the list is not JSON, or too large")
		}
		rest[key] = slices.Clone(raw)
		return nil
	})
	if err != nil {
		return err
	}
	if depth == 0 {
		l.said = complaintIn(rest)
	}
	switch {
	case depth > 0 && listed+numbered == 0 && looksListed(rest):
		return l.decoded(rest, elementHash{})
	case listed > 0 && numbered == 0, len(rest) == 0, l.said.failed():
		return nil
	}
	return errors.New("the list has a shape that is not known")
}

func isNumber(key string) bool {
	_, err := strconv.ParseUint(key, 10, 64)
	return err == nil
}

// element reads the next element of the list.
func (l *listReader) element() error {
	raw, err := l.in.value()
	if errors.Is(err, errTooLarge) {
		return l.leaveOut(err)
	}
	if err != nil {
		return err
	}
	hash := sha256.Sum256(raw)
	if t := l.memory.remembered()[hash]; t != nil {
		return l.hand(*t, hash)
	}
	if !json.Valid(raw) {
		return errNotJSON
	}
	if kind := kindOf(raw); kind != "an object" {
		return l.leaveOut(fmt.Errorf("it is %s", kind))
	}
	o, err := l.memberBuf.split(raw)
	if err != nil {
		return err
	}
	return l.decoded(o, hash)
}

// decoded yields an element whose values are valid JSON.
func (l *listReader) decoded(o object, hash elementHash) error {
	t, err := decodeListed(o, l.open, l.loc)
	if err != nil {
		return l.leaveOut(err)
	}
	return l.hand(t, hash)
}

func (l *listReader) hand(t ListedTicket, hash elementHash) error {
	l.found++
	if len(l.seen) < mostRemembered {
		l.seen[hash] = &t
	}
	if !l.yield(t, nil) {
		return errStopped
	}
	return nil
}

func (l *listReader) leaveOut(cause error) error {
	l.leftOut++
	if !l.yield(ListedTicket{}, &LeftOutError{Op: opList, Err: cause}) {
		return errStopped
	}
	return nil
}

// activityFields are fields that change when something is written.
var activityFields = []string{
	"replies", "lastactivity", "laststaffreply", "lastuserreply", "lastreplier", "last_activity", "updated_at",
}

func decodeListed(o object, open bool, loc *time.Location) (ListedTicket, error) {
	id, ok := listedID(o)
	if !ok {
		return ListedTicket{}, errors.New("it has no id that can be read")
	}
	fingerprint, err := fingerprintOf(o)
	if err != nil {
		return ListedTicket{}, err
	}
	s := statusOf(o, "status", "status_ticket")
	if s.known {
		open = s.open
	}
	t := ListedTicket{
		ID:             id,
		Subject:        subjectOf(o),
		Open:           open,
		LastActivity:   momentOf(o, loc, "lastactivity", "last_activity", "updated_at"),
		LastStaffReply: momentOf(o, loc, "laststaffreply"),
		LastUserReply:  momentOf(o, loc, "lastuserreply"),
		Creator:        creatorOf(o),
		Fingerprint:    fingerprint,
	}
	t.HasActivity = slices.ContainsFunc(activityFields, func(name string) bool { return strings.TrimSpace(looseText(o[name])) != "" })
	return t, nil
}
