package state

import (
	"errors"
	"testing"
	"time"
)

// patience is how long a group may be postponed.
const patience = 10 * time.Second

// receive puts an update into the inbox that arrived at a second; an item of a group is due a
// second later.
func receive(tx *Tx, key string, chat ChatID, group string, second int) error {
	due := at(second)
	if group != "" {
		due = at(second + 1)
	}
	return tx.Receive(Arrival{Key: key, Chat: chat, Group: group, Payload: key, Due: due}, at(second), patience)
}

// drain handles everything pending, whenever due, and returns the payloads in order.
func drain(t testing.TB, s *Store) (order []string) {
	t.Helper()
	for {
		err := s.Update(func(tx *Tx) error {
			u, err := tx.NextUpdate()
			if err != nil {
				return err
			}
			order = append(order, u.Payload)
			return tx.Handled(u.Seq)
		})
		if errors.Is(err, ErrNotFound) {
			return order
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestUpdateComesBackAsItWasPutIn(t *testing.T) {
	s := open(t)
	do(t, s, func(tx *Tx) error {
		return tx.Receive(Arrival{Key: "k", Chat: -100123, Payload: `{"текст":"да"}`, Due: at(3)}, at(1), patience)
	})
	equal(t, "update", get(t, s, (*Tx).NextUpdate), Update{Seq: 1, Chat: -100123, Payload: `{"текст":"да"}`, Due: at(3)})
}

func TestUpdateIsTakenOnce(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error { return receive(tx, "u1", 1, "", 0) },
		func(tx *Tx) error { return receive(tx, "u1", 1, "", 1) })
	equal(t, "handled", drain(t, s), []string{"u1"})
	do(t, s, func(tx *Tx) error { return receive(tx, "u1", 1, "", 2) })
	equal(t, "handled after a repeat", drain(t, s), []string(nil))
	absent(t, s, (*Tx).NextUpdate)
}

func TestHandledUpdateKeepsNoContent(t *testing.T) {
	s := open(t)
	do(t, s, func(tx *Tx) error { return receive(tx, "u1", 1, "", 0) })
	drain(t, s)
	var payload string
	if err := s.db.QueryRow(`SELECT payload FROM inbox`).Scan(&payload); err != nil || payload != "" {
		t.Errorf("payload %q (%v)", payload, err)
	}
}

// TestHandledOnArrival: an update that is handled in the transaction that stores it is not
// handled again, however it comes, and leaves no content.
func TestHandledOnArrival(t *testing.T) {
	s := open(t)
	arrive := func(tx *Tx) (int64, error) {
		return tx.ReceiveHandled(Arrival{Key: "u1", Chat: 1, Payload: "words", Due: at(0)}, at(0))
	}
	equal(t, "number", get(t, s, arrive), int64(1))
	absent(t, s, arrive)
	do(t, s, func(tx *Tx) error { return receive(tx, "u1", 1, "", 1) })
	absent(t, s, (*Tx).NextUpdate)
	do(t, s, func(tx *Tx) error { return receive(tx, "u2", 1, "", 1) })
	absent(t, s, func(tx *Tx) (int64, error) { return tx.ReceiveHandled(Arrival{Key: "u2", Chat: 1}, at(2)) })
	equal(t, "handled", drain(t, s), []string{"u2"})
	var payload string
	if err := s.db.QueryRow(`SELECT payload FROM inbox WHERE key = 'u1'`).Scan(&payload); err != nil || payload != "" {
		t.Errorf("payload %q (%v)", payload, err)
	}
}

func TestOrderOfUpdates(t *testing.T) {
	t.Parallel()
	type arrival struct {
		key    string
		chat   ChatID
		group  string
		second int
	}
	for what, c := range map[string]struct {
		arrivals []arrival
		want     []string
	}{
		"one chat in its order": {
			[]arrival{{"a1", 1, "", 0}, {"a2", 1, "", 1}, {"a3", 1, "", 2}},
			[]string{"a1", "a2", "a3"},
		},
		"one chat in its order, though the first is due last": {
			[]arrival{{"a1", 1, "album", 0}, {"a2", 1, "", 0}},
			[]string{"a1", "a2"},
		},
		"a chat that waits for its album holds up no other": {
			[]arrival{{"a1", 1, "album", 0}, {"a2", 1, "", 0}, {"b1", 2, "", 0}, {"b2", 2, "", 0}},
			[]string{"b1", "b2", "a1", "a2"},
		},
		"of those due at once, the order of arrival": {
			[]arrival{{"a1", 1, "", 0}, {"b1", 2, "", 0}, {"a2", 1, "", 0}, {"c1", 3, "", 0}},
			[]string{"a1", "b1", "a2", "c1"},
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t)
			do(t, s, func(tx *Tx) error {
				for _, a := range c.arrivals {
					if err := receive(tx, a.key, a.chat, a.group, a.second); err != nil {
						return err
					}
				}
				return nil
			})
			equal(t, "order", drain(t, s), c.want)
		})
	}
}

func TestGroupIsPutOffTogether(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		seconds []int // arrival of its items
		due     int   // due time of all of them after that
	}{
		"a single item waits its second":        {[]int{0}, 1},
		"a second item puts the first off":      {[]int{0, 1}, 2},
		"each item puts all off":                {[]int{0, 1, 2, 3}, 4},
		"up to the end of patience":             {[]int{0, 3, 6, 9}, 10},
		"but not beyond":                        {[]int{0, 3, 6, 9, 12}, 10},
		"patience begins with the first item":   {[]int{100, 108, 109, 110}, 110},
		"an item after a long silence is alone": {[]int{0, 60}, 10},
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t)
			var keys []string
			for i, second := range c.seconds {
				keys = append(keys, string(rune('a'+i)))
				do(t, s, func(tx *Tx) error { return receive(tx, keys[i], 1, "album", second) })
			}
			group := get(t, s, func(tx *Tx) ([]Update, error) { return tx.UpdateGroup("album") })
			var got []string
			for _, u := range group {
				got = append(got, u.Payload)
				equal(t, "due of "+u.Payload, u.Due, at(c.due))
				equal(t, "group of "+u.Payload, u.Group, "album")
			}
			equal(t, "items", got, keys)
		})
	}
}

func TestOnlyItsOwnItemsPutAGroupOff(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error { return receive(tx, "a1", 1, "album", 0) },
		func(tx *Tx) error { return receive(tx, "b1", 2, "other", 3) },
		func(tx *Tx) error { return receive(tx, "a1", 1, "album", 3) }, // a repeat changes nothing
		func(tx *Tx) error { return receive(tx, "c1", 1, "", 5) })
	equal(t, "due", get(t, s, (*Tx).NextUpdate).Due, at(1))
	drain(t, s)
	equal(t, "handled items", get(t, s, func(tx *Tx) ([]Update, error) { return tx.UpdateGroup("album") }), []Update(nil))
	do(t, s, func(tx *Tx) error { return receive(tx, "late", 1, "album", 20) })
	equal(t, "due of an item after its group was handled", get(t, s, (*Tx).NextUpdate).Due, at(21))
}

// A chat whose update fails waits with all its updates; others don't, and the order is kept.
func TestFailedAttemptPutsItsChatOff(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error { return receive(tx, "a1", 1, "", 0) },
		func(tx *Tx) error { return receive(tx, "a2", 1, "", 0) },
		func(tx *Tx) error { return receive(tx, "b1", 2, "", 1) },
		func(tx *Tx) error {
			u, err := tx.NextUpdate()
			return errors.Join(err, tx.TryLater(u.Seq, at(5)))
		})
	do(t, s,
		func(tx *Tx) error { return receive(tx, "c1", 3, "", 2) },
		func(tx *Tx) error { return receive(tx, "a3", 1, "", 3) })
	equal(t, "handled", drain(t, s), []string{"b1", "c1", "a1", "a2", "a3"})
}

func TestUpdatesSetAside(t *testing.T) {
	s := open(t)
	counts := func() [2]int {
		return get(t, s, func(tx *Tx) ([2]int, error) {
			pending, aside, err := tx.InboxCounts()
			return [2]int{pending, aside}, err
		})
	}
	do(t, s,
		func(tx *Tx) error { return receive(tx, "broken", 1, "", 0) },
		func(tx *Tx) error { return receive(tx, "next", 1, "", 1) },
		func(tx *Tx) error {
			return tx.Receive(Arrival{Key: "unreadable", Payload: "?", Due: start, Unreadable: true}, start, 0)
		})
	equal(t, "pending and aside", counts(), [2]int{2, 1})
	do(t, s, func(tx *Tx) error {
		u, err := tx.NextUpdate()
		return errors.Join(err, tx.HandlingFailed(u.Seq))
	})
	equal(t, "pending and aside", counts(), [2]int{1, 2})
	equal(t, "the next in the chat", get(t, s, (*Tx).NextUpdate).Payload, "next")
	drain(t, s)

	do(t, s, func(tx *Tx) error { return tx.PruneInbox(at(1000)) })
	equal(t, "pending and aside after pruning", counts(), [2]int{0, 2})
	var n int
	if err := s.db.QueryRow(`SELECT count(*) FROM inbox WHERE payload IN ('broken', '?')`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d updates set aside have their content (%v), want 2", n, err)
	}
}

func TestPruneInbox(t *testing.T) {
	s := open(t)
	for second, key := range []string{"u0", "u1", "u2"} {
		do(t, s, func(tx *Tx) error { return receive(tx, key, 1, "", second) })
	}
	drain(t, s)
	do(t, s,
		func(tx *Tx) error { return receive(tx, "waits", 1, "", 0) },
		func(tx *Tx) error { return tx.PruneInbox(at(1)) })
	// A kept key still identifies a repeat; a pruned one doesn't.
	for _, key := range []string{"u0", "u1", "u2"} {
		do(t, s, func(tx *Tx) error { return receive(tx, key, 1, "", 5) })
	}
	equal(t, "handled", drain(t, s), []string{"waits", "u0"})
}

// What was set aside is kept for inspection, however old it is.
func TestPruneKeepsWhatWasSetAside(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error { return receive(tx, "fails", 1, "", 0) },
		func(tx *Tx) error {
			u, err := tx.NextUpdate()
			if err != nil {
				return err
			}
			return tx.HandlingFailed(u.Seq)
		},
		func(tx *Tx) error {
			return tx.Receive(Arrival{Key: "unreadable", Unreadable: true, Due: at(0)}, at(0), time.Second)
		},
		func(tx *Tx) error { return tx.PruneInbox(at(1000)) })
	equal(t, "set aside", get(t, s, func(tx *Tx) (int, error) {
		_, aside, err := tx.InboxCounts()
		return aside, err
	}), 2)
}

// Of due updates, strangers' come after all others, but updates not due yet don't delay them;
// within a chat the order is kept.
func TestStrangersUpdatesGoBehind(t *testing.T) {
	s := open(t)
	arrive := func(key string, chat ChatID, due int, stranger bool) func(*Tx) error {
		return func(tx *Tx) error {
			return tx.Receive(Arrival{Key: key, Chat: chat, Payload: key, Due: at(due), Stranger: stranger}, at(0), 0)
		}
	}
	do(t, s, arrive("s1", 1, 0, true), arrive("s2", 2, 0, true), arrive("m1", 3, 1, false), arrive("m2", 1, 1, false), arrive("late", 4, 9, false), arrive("m3", 5, 2, false))
	var order []string
	for range 5 {
		do(t, s, func(tx *Tx) error {
			u, err := tx.NextDue(at(5))
			order = append(order, u.Payload)
			return errors.Join(err, tx.Handled(u.Seq))
		})
	}
	equal(t, "order", order, []string{"m1", "m3", "s1", "m2", "s2"})
	absent(t, s, func(tx *Tx) (Update, error) { return tx.NextDue(at(5)) })
	equal(t, "the next of the future", get(t, s, (*Tx).NextUpdate).Payload, "late")
}

func TestLastAside(t *testing.T) {
	s := open(t)
	equal(t, "none", get(t, s, (*Tx).LastAside).IsZero(), true)
	do(t, s, func(tx *Tx) error {
		return errors.Join(tx.Receive(Arrival{Key: "a"}, at(3), 0), tx.HandlingFailed(1), tx.Receive(Arrival{Key: "b", Unreadable: true}, at(1), 0),
			tx.Receive(Arrival{Key: "c"}, at(9), 0))
	})
	equal(t, "the last", get(t, s, (*Tx).LastAside), at(3))
}
