package state

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// request is a person's request to Telegram in a lane; its payload is its lane.
func request(lane string) Request {
	return Request{Side: Telegram, Lane: lane, Kind: "call", Payload: lane, Due: start}
}

func add(t testing.TB, s *Store, r Request) RowID {
	t.Helper()
	return get(t, s, func(tx *Tx) (RowID, error) { return tx.Enqueue(r, start) })
}

func rowOf(t testing.TB, s *Store, id RowID) Row {
	t.Helper()
	return get(t, s, func(tx *Tx) (Row, error) { return tx.Row(id) })
}

func lanes(side Side) func(*Tx) ([]string, error) {
	return func(tx *Tx) ([]string, error) { return tx.Lanes(side) }
}

// sendLane finishes a lane's rows in order and returns their payloads.
func sendLane(t testing.TB, s *Store, side Side, lane string) (order []string) {
	t.Helper()
	for {
		err := s.Update(func(tx *Tx) error {
			row, err := tx.LaneHead(side, lane)
			if err != nil {
				return err
			}
			order = append(order, row.Payload)
			return tx.Finish(row.ID, Done, at(100), "")
		})
		if errors.Is(err, ErrNotFound) {
			return order
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// bring puts a new row into a state.
func bring(t testing.TB, s *Store, state RowState) RowID {
	t.Helper()
	id := add(t, s, request("lane of "+string(state)))
	sending := func(tx *Tx) error { return tx.StartSending(id) }
	switch state {
	case Queued:
	case Sending:
		do(t, s, sending)
	case Unknown:
		do(t, s, sending, func(tx *Tx) error { return tx.OutcomeUnknown(id, at(1), 0, "reset") })
	default:
		do(t, s, func(tx *Tx) error { return tx.Finish(id, state, at(1), "over") })
	}
	equal(t, "state", rowOf(t, s, id).State, state)
	return id
}

func TestRowComesBackAsItWasPutIn(t *testing.T) {
	s := open(t)
	r := Request{Side: Plusofon, Lane: "ticket:7", Priority: PriorityNews, Kind: "answer", Payload: `{"n":1}`, Key: "k", Due: at(5)}
	id := add(t, s, r)
	want := Row{
		ID: id, Side: Plusofon, Lane: "ticket:7", Priority: PriorityNews, Kind: "answer", Payload: `{"n":1}`,
		State: Queued, Due: at(5), Created: start,
	}
	equal(t, "row", rowOf(t, s, id), want)
	equal(t, "head", get(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Plusofon, "ticket:7") }), want)
	absent(t, s, func(tx *Tx) (Row, error) { return tx.Row(id + 1) })
	absent(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Telegram, "ticket:7") })
	absent(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Plusofon, "ticket:8") })
}

func TestLanes(t *testing.T) {
	s := open(t)
	equal(t, "lanes", get(t, s, lanes(Telegram)), []string(nil))
	for _, lane := range []string{"b", "a", "b", "c"} {
		add(t, s, request(lane))
	}
	other := request("a")
	other.Side, other.Kind, other.Payload = Plusofon, "answer", "the other side's"
	add(t, s, other)
	equal(t, "lanes", get(t, s, lanes(Telegram)), []string{"a", "b", "c"})
	equal(t, "lane b", sendLane(t, s, Telegram, "b"), []string{"b", "b"})
	equal(t, "lanes without b", get(t, s, lanes(Telegram)), []string{"a", "c"})
	equal(t, "lane a", sendLane(t, s, Telegram, "a"), []string{"a"})
	equal(t, "lanes of the other side", get(t, s, lanes(Plusofon)), []string{"a"})
	equal(t, "lane of the other side", sendLane(t, s, Plusofon, "a"), []string{"the other side's"})
}

func TestOrderInALane(t *testing.T) {
	s := open(t)
	for i, p := range []Priority{PriorityNews, PriorityPerson, PriorityNews, PriorityPerson} {
		r := request("a")
		r.Priority, r.Payload = p, fmt.Sprint(i)
		r.Due = at(10 - i) // an earlier due time does not overtake
		add(t, s, r)
	}
	equal(t, "order", sendLane(t, s, Telegram, "a"), []string{"1", "3", "0", "2"})
}

func TestWhatIsUnderWayHoldsItsLane(t *testing.T) {
	for _, state := range []RowState{Sending, Unknown} {
		t.Run(string(state), func(t *testing.T) {
			s := open(t)
			news := request("a")
			news.Priority = PriorityNews
			id := add(t, s, news)
			do(t, s, func(tx *Tx) error { return tx.StartSending(id) })
			if state == Unknown {
				do(t, s, func(tx *Tx) error { return tx.OutcomeUnknown(id, at(9), 0, "") })
			}
			add(t, s, request("a"))
			equal(t, "head", get(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Telegram, "a") }).ID, id)
		})
	}
}

func TestKeyReplacesOnlyWhatIsQueued(t *testing.T) {
	for _, state := range []RowState{Queued, Sending, Unknown, Done, Refused, Parked, Cancelled} {
		t.Run(string(state), func(t *testing.T) {
			s := open(t)
			r := request("a")
			r.Key, r.Payload = "k", "old"
			first := add(t, s, r)
			switch state {
			case Queued:
			case Sending, Unknown:
				do(t, s, func(tx *Tx) error { return tx.StartSending(first) })
				if state == Unknown {
					do(t, s, func(tx *Tx) error { return tx.OutcomeUnknown(first, at(1), 0, "") })
				}
			default:
				do(t, s, func(tx *Tx) error { return tx.Finish(first, state, at(1), "") })
			}
			r.Payload, r.Kind, r.Due = "new", "file", at(50)
			second := add(t, s, r)
			if replaced := second == first; replaced != (state == Queued) {
				t.Fatalf("replaced: %v", replaced)
			}
			equal(t, "new row", rowOf(t, s, second).Payload, "new")
			if state == Queued {
				row := rowOf(t, s, first)
				equal(t, "kind and due", fmt.Sprint(row.Kind, row.Due), fmt.Sprint("file", start))
			} else {
				equal(t, "old row", rowOf(t, s, first).Payload, "old")
			}
		})
	}
}

func TestRowsWithoutAKeyReplaceNothing(t *testing.T) {
	s := open(t)
	one, other := add(t, s, request("a")), add(t, s, request("a"))
	if one == other {
		t.Error("one row for two requests")
	}
}

func TestKeyWakesTheLaneOfItsRow(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key = "k"
	add(t, s, r)
	s.TakeTouched(Telegram)
	r.Lane = "b"
	add(t, s, r)
	equal(t, "touched", touched(s, Telegram), []string{"a"})
}

// TestTransitions is the table of what may be done to a row: its state, the verb, its next
// state. Anything else is rejected without effect.
func TestTransitions(t *testing.T) {
	verbs := map[string]func(*Tx, RowID) error{
		"start sending": func(tx *Tx, id RowID) error { return tx.StartSending(id) },
		"retry":         func(tx *Tx, id RowID) error { return tx.Retry(id, at(60), "why") },
		"unknown":       func(tx *Tx, id RowID) error { return tx.OutcomeUnknown(id, at(60), 1, "why") },
		"unseen":        func(tx *Tx, id RowID) error { return tx.EffectUnseen(id, at(60)) },
		"rewrite":       func(tx *Tx, id RowID) error { return tx.Rewrite(id, "new") },
		"done":          func(tx *Tx, id RowID) error { return tx.Finish(id, Done, at(60), "") },
		"refuse":        func(tx *Tx, id RowID) error { return tx.Finish(id, Refused, at(60), "why") },
		"park":          func(tx *Tx, id RowID) error { return tx.Finish(id, Parked, at(60), "why") },
		"cancel":        func(tx *Tx, id RowID) error { return tx.Finish(id, Cancelled, at(60), "why") },
	}
	allowed := map[RowState]map[string]RowState{
		Queued: {
			"start sending": Sending, "retry": Queued, "rewrite": Queued,
			"done": Done, "refuse": Refused, "park": Parked, "cancel": Cancelled,
		},
		Sending: {"retry": Queued, "unknown": Unknown, "unseen": Unknown, "done": Done, "refuse": Refused, "park": Parked, "cancel": Cancelled},
		Unknown: {"retry": Queued, "unknown": Unknown, "done": Done, "refuse": Refused, "park": Parked, "cancel": Cancelled},
	}
	s := open(t)
	for _, from := range []RowState{Queued, Sending, Unknown, Done, Refused, Parked, Cancelled} {
		for verb, f := range verbs {
			t.Run(fmt.Sprintf("%s/%s", from, verb), func(t *testing.T) {
				id := bring(t, s, from)
				before := rowOf(t, s, id)
				s.TakeTouched(Telegram)
				err := s.Update(func(tx *Tx) error { return f(tx, id) })
				to, ok := allowed[from][verb]
				if !ok {
					if !errors.Is(err, ErrNotFound) {
						t.Errorf("error %v, want ErrNotFound", err)
					}
					equal(t, "row", rowOf(t, s, id), before)
					equal(t, "touched", touched(s, Telegram), []string(nil))
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "state", rowOf(t, s, id).State, to)
				equal(t, "touched", touched(s, Telegram), []string{before.Lane})
			})
		}
	}
}

func TestARowEndsOnlyInAnEnd(t *testing.T) {
	t.Parallel()
	for _, state := range []RowState{Queued, Sending, Unknown, "", "lost"} {
		s := open(t)
		id := add(t, s, request("a"))
		if err := s.Update(func(tx *Tx) error { return tx.Finish(id, state, at(1), "") }); err == nil {
			t.Errorf("a row was ended as %q", state)
		}
		equal(t, "state", rowOf(t, s, id).State, Queued)
	}
}

func TestAttemptsAndChecks(t *testing.T) {
	s := open(t)
	id := add(t, s, request("a"))
	step := func(what string, f func(*Tx) error, attempts, checks int, due time.Time) {
		t.Helper()
		do(t, s, f)
		row := rowOf(t, s, id)
		equal(t, what, fmt.Sprint(row.Attempts, row.Checks, row.Due), fmt.Sprint(attempts, checks, due))
	}
	retry := func(second int) func(*Tx) error { return func(tx *Tx) error { return tx.Retry(id, at(second), "") } }
	unknown := func(second, checks int) func(*Tx) error {
		return func(tx *Tx) error { return tx.OutcomeUnknown(id, at(second), checks, "") }
	}
	sending := func(tx *Tx) error { return tx.StartSending(id) }

	step("a request that was never marked as being sent is an attempt too", retry(1), 1, 0, at(1))
	step("being sent is the next attempt", sending, 2, 0, at(1))
	step("which is counted once", retry(2), 2, 0, at(2))
	step("again", sending, 3, 0, at(2))
	step("of unknown outcome", unknown(3, 0), 3, 0, at(3))
	step("read back", unknown(4, 1), 3, 1, at(4))
	step("read back twice", unknown(5, 2), 3, 2, at(5))
	step("certainly without effect", retry(6), 3, 0, at(6))
}

// The effect of a successful request is looked for, however often, and the request never
// repeated.
func TestSuccessIsNeverRepeated(t *testing.T) {
	s := open(t)
	id := bring(t, s, Sending)
	do(t, s, func(tx *Tx) error { return tx.EffectUnseen(id, at(1)) })
	want := rowOf(t, s, id)
	equal(t, "succeeded", fmt.Sprint(want.State, want.Succeeded, want.Unknowns, want.Checks, want.Due), fmt.Sprint(Unknown, true, 1, 0, at(1)))
	do(t, s, func(tx *Tx) error { return tx.OutcomeUnknown(id, at(2), 1, "no trace yet") })
	want.Checks, want.Due = 1, at(2)
	equal(t, "read back", rowOf(t, s, id), want)
	if err := s.Update(func(tx *Tx) error { return tx.Retry(id, at(3), "") }); err == nil {
		t.Error("it is queued again")
	}
	equal(t, "the row", rowOf(t, s, id), want)
}

func TestRetryMeetsANewerRowOfItsKey(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key, r.Payload = "k", "old"
	old := add(t, s, r)
	do(t, s, func(tx *Tx) error { return tx.StartSending(old) })
	r.Payload = "new"
	add(t, s, r)
	do(t, s, func(tx *Tx) error { return tx.Retry(old, at(1), "") })
	r.Payload = "newest"
	add(t, s, r)
	equal(t, "order", sendLane(t, s, Telegram, "a"), []string{"old", "newest"})
}

func TestRetryKeepsItsKeyWhereItIsFree(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key, r.Payload = "k", "old"
	id := add(t, s, r)
	do(t, s,
		func(tx *Tx) error { return tx.StartSending(id) },
		func(tx *Tx) error { return tx.Retry(id, at(1), "") })
	r.Payload = "new"
	equal(t, "the replaced row", add(t, s, r), id)
}
