package state

import (
	"cmp"
	"maps"
	"slices"
)

// Touched is a lane that was changed.
type Touched struct {
	Lane string
	// Added is the most urgent of the rows added to it; nil if anything else was changed in it.
	Added *Row
}

// Head is the head of the lane, which had this one before; nil: none. It returns nil if the head
// has to be looked up.
func (t Touched) Head(before *Row) *Row {
	if t.Added != nil && before != nil && (before.State != Queued || before.Before(*t.Added)) {
		return before
	}
	return t.Added
}

// touches are changed lanes by name.
type touches map[string]Touched

func (l touches) add(t Touched) {
	known, ok := l[t.Lane]
	if ok && (known.Added == nil || t.Added != nil && known.Added.Before(*t.Added)) {
		return
	}
	l[t.Lane] = t
}

// touch records that a lane has changed, to wake its sender.
func (tx *Tx) touch(side Side, lane string) { tx.touched.of(side).add(Touched{Lane: lane}) }

// added records that a row was added to a lane: its sender need not look anything up.
func (tx *Tx) added(r Row) { tx.touched.of(r.Side).add(Touched{Lane: r.Lane, Added: &r}) }

// touchesBySide are the changed lanes of both sides.
type touchesBySide map[Side]touches

func (m touchesBySide) of(side Side) touches {
	if m[side] == nil {
		m[side] = touches{}
	}
	return m[side]
}

// announce wakes the senders of the lanes that a transaction touched.
func (s *Store) announce(touched touchesBySide) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for side, lanes := range touched {
		for _, t := range lanes {
			s.touched.of(side).add(t)
		}
		select {
		case s.wake[side] <- struct{}{}:
		default:
		}
	}
}

// Wake signals that lanes of a side have changed: see TakeTouched.
func (s *Store) Wake(side Side) <-chan struct{} { return s.wake[side] }

// Untold signals that news was added: see NextAnnouncement.
func (s *Store) Untold() <-chan struct{} { return s.untold }

// TakeTouched returns the lanes of a side changed by committed transactions since the last call,
// by name.
func (s *Store) TakeTouched(side Side) []Touched {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.SortedFunc(maps.Values(s.touched[side]), func(a, b Touched) int { return cmp.Compare(a.Lane, b.Lane) })
	clear(s.touched[side])
	return list
}
