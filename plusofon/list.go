package plusofon

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// listDecoder reads the open or the closed list. It remembers what it made of
// the elements of the last one, by their hash, so that only those that have
// changed since are decoded. It is safe for concurrent use.
type listDecoder struct {
	open bool // what such a list was asked for
	loc  *time.Location

	mu   sync.Mutex
	last map[elementHash]*ListedTicket // replaced whole, never changed
}

type elementHash = [sha256.Size]byte

// decode reads a list in either page's form. A shape that it does not know, or
// a single element, is an error: taken for an empty or a shorter list, it would
// close tickets.
func (d *listDecoder) decode(body []byte) ([]ListedTicket, error) {
	raws, err := listElements(body, 0)
	if err != nil {
		return nil, err
	}
	last := d.remembered()
	list := make([]ListedTicket, 0, len(raws))
	now := make(map[elementHash]*ListedTicket, len(raws))
	for _, raw := range raws {
		hash := sha256.Sum256(raw)
		t := last[hash]
		if t == nil {
			if t, err = decodeListed(raw, d.open, d.loc); err != nil {
				return nil, err
			}
		}
		now[hash] = t
		list = append(list, *t)
	}
	d.remember(now)
	return list, nil
}

func (d *listDecoder) remembered() map[elementHash]*ListedTicket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

func (d *listDecoder) remember(list map[elementHash]*ListedTicket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = list
}

// listElements finds the elements of a list. All that is not one of them is
// valid when it returns.
func listElements(raw json.RawMessage, depth int) ([]json.RawMessage, error) {
	const deepest = 3 // {"data":{"tickets":{"0":…}}}
	switch kind := kindOf(raw); kind {
	case "an object":
	case "an array":
		list, err := splitArray(raw)
		if err != nil {
			return nil, fmt.Errorf("the list is %w", err)
		}
		return list, nil
	case "null":
		if !json.Valid(raw) { // it begins like null
			return nil, errors.New("the list is not JSON")
		}
		return nil, nil
	default:
		return nil, fmt.Errorf("the list is %s", kind)
	}
	o, err := splitObject(raw)
	if err != nil {
		return nil, fmt.Errorf("the list is %w", err)
	}
	if len(o) == 0 {
		return nil, nil
	}
	if list, ok := numbered(o); ok {
		return list, nil
	}
	if depth > 0 && looksListed(o) {
		return []json.RawMessage{raw}, nil
	}
	if depth < deepest {
		for _, name := range []string{"ticket", "tickets", "data"} {
			if inner, ok := o[name]; ok {
				delete(o, name)
				if !allValid(o) {
					return nil, errors.New("what surrounds the list is not JSON")
				}
				return listElements(inner, depth+1)
			}
		}
	}
	return nil, errors.New("the list has a shape that is not known")
}

func allValid(o object) bool {
	for _, v := range o {
		if !json.Valid(v) {
			return false
		}
	}
	return true
}

// activityFields show in the element that something was written.
var activityFields = []string{
	"replies", "lastactivity", "laststaffreply", "lastuserreply", "lastreplier", "last_activity", "updated_at",
}

func decodeListed(raw json.RawMessage, open bool, loc *time.Location) (*ListedTicket, error) {
	if !json.Valid(raw) {
		return nil, errors.New("an element of the list is not JSON")
	}
	if kind := kindOf(raw); kind != "an object" {
		return nil, fmt.Errorf("an element of the list is %s", kind)
	}
	o, err := splitObject(raw)
	if err != nil {
		return nil, fmt.Errorf("an element of the list is %w", err)
	}
	fingerprint, err := fingerprintOf(o)
	if err != nil {
		return nil, fmt.Errorf("an element of the list is %w", err)
	}
	id, ok := listedID(o)
	if !ok {
		return nil, errors.New("an element of the list has no id")
	}
	s := statusOf(o, "status", "status_ticket")
	if s.known {
		open = s.open
	}
	t := &ListedTicket{
		ID:             id,
		Subject:        textOf(o, "subject", "title"),
		Open:           open,
		LastActivity:   momentOf(o, loc, "lastactivity", "last_activity", "updated_at"),
		LastStaffReply: momentOf(o, loc, "laststaffreply"),
		LastUserReply:  momentOf(o, loc, "lastuserreply"),
		Fingerprint:    fingerprint,
	}
	switch n, _ := integer(o["creator"]); n {
	case 1:
		t.Creator = CreatorStaff
	case 2:
		t.Creator = CreatorUser
	}
	for _, name := range activityFields {
		if strings.TrimSpace(looseText(o[name])) != "" {
			t.HasActivity = true
		}
	}
	return t, nil
}
