package state

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestPutOff(t *testing.T) {
	s := open(t)
	soon, late := request("a"), request("a")
	late.Due = at(100)
	first, second, elsewhere := add(t, s, soon), add(t, s, late), add(t, s, request("b"))
	sending := add(t, s, request("a"))
	do(t, s,
		func(tx *Tx) error { return tx.StartSending(sending) },
		func(tx *Tx) error { return tx.PutOff(Telegram, "a", at(30)) })
	for what, c := range map[string]struct {
		id  RowID
		due time.Time
	}{
		"a row due before":        {first, at(30)},
		"a row due later anyway":  {second, at(100)},
		"another lane's row":      {elsewhere, start},
		"a row that is under way": {sending, start},
	} {
		equal(t, what, rowOf(t, s, c.id).Due, c.due)
	}
}

func TestCancelLane(t *testing.T) {
	s := open(t)
	ids := map[string]RowID{
		"queued": add(t, s, request("a")), "sending": add(t, s, request("a")), "parked": add(t, s, request("a")), "elsewhere": add(t, s, request("b")),
	}
	do(t, s,
		func(tx *Tx) error { return tx.StartSending(ids["sending"]) },
		func(tx *Tx) error { return tx.Finish(ids["parked"], Parked, at(1), "") },
		func(tx *Tx) error { return tx.CancelLane(Telegram, "a", at(2)) })
	for what, want := range map[string]RowState{"queued": Cancelled, "sending": Sending, "parked": Cancelled, "elsewhere": Queued} {
		equal(t, what, rowOf(t, s, ids[what]).State, want)
	}
}

// A revived row is queued as if new, in the given lane; a row queued with its key keeps the
// key.
func TestRevive(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key, r.Payload = "k", "parked"
	parked := add(t, s, r)
	do(t, s,
		func(tx *Tx) error { return tx.Retry(parked, at(1), "once") },
		func(tx *Tx) error { return tx.CountFailure(parked, at(1), true) },
		func(tx *Tx) error { return tx.Park(rowIn(tx, parked), at(1), "500") })
	r.Payload, r.Due = "queued", at(1000)
	queued := add(t, s, r)
	gone, elsewhere := add(t, s, request("a")), add(t, s, request("b"))
	do(t, s,
		func(tx *Tx) error { return tx.Finish(gone, Done, at(1), "") },
		func(tx *Tx) error { return tx.Finish(elsewhere, Parked, at(1), "") })
	equal(t, "parked ones", get(t, s, func(tx *Tx) (int, error) { return tx.CountParked(Telegram, "a") }), 1)
	equal(t, "revived", get(t, s, func(tx *Tx) (int, error) { return tx.Revive(Telegram, "a", "again", at(90)) }), 1)
	equal(t, "the row", rowOf(t, s, parked), Row{
		ID: parked, Side: Telegram, Lane: "again", Kind: "call", Payload: "parked", State: Queued, Due: at(90), Created: at(90),
	})
	equal(t, "one that waits", rowOf(t, s, queued).Due, at(1000))
	equal(t, "a finished row", rowOf(t, s, gone).State, Done)
	equal(t, "another lane's row", rowOf(t, s, elsewhere).State, Parked)
	r.Payload = "up to date"
	equal(t, "the row that the key stands for", add(t, s, r), queued)

	do(t, s, func(tx *Tx) error { return tx.ReviveRow(elsewhere, "again", at(91)) })
	equal(t, "order", sendLane(t, s, Telegram, "again"), []string{"parked", "b"})
	if err := s.Update(func(tx *Tx) error { return tx.ReviveRow(gone, "again", at(92)) }); !errors.Is(err, ErrOver) {
		t.Errorf("a row that is done is revived: %v", err)
	}
}

func rowIn(tx *Tx, id RowID) Row {
	r, err := tx.Row(id)
	if err != nil {
		panic(err)
	}
	return r
}

// When a side is back, all its parked rows are queued again, in order and in their lanes.
func TestReviveSide(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key = "k"
	for i := range 3 {
		r.Payload = fmt.Sprint(i)
		id := add(t, s, r)
		do(t, s,
			func(tx *Tx) error { return tx.CountFailure(id, at(1), true) },
			func(tx *Tx) error { return tx.Finish(id, Parked, at(1), "500") })
	}
	refused := add(t, s, request("a"))
	do(t, s, func(tx *Tx) error { return tx.Finish(refused, Parked, at(1), "400") })
	other := r
	other.Side, other.Kind = Plusofon, "answer"
	stays := add(t, s, other)
	do(t, s, func(tx *Tx) error { return tx.Finish(stays, Parked, at(1), "") })
	s.TakeTouched(Telegram)
	equal(t, "revived", get(t, s, func(tx *Tx) (int, error) { return tx.ReviveSide(Telegram, "", at(2)) }), 3)
	equal(t, "touched", touched(s, Telegram), []string{"a"})
	equal(t, "order", sendLane(t, s, Telegram, "a"), []string{"0", "1", "2"})
	equal(t, "the other side's row", rowOf(t, s, stays).State, Parked)
	equal(t, "a refused one", rowOf(t, s, refused).State, Parked)
	equal(t, "of another kind", get(t, s, func(tx *Tx) (int, error) { return tx.ReviveSide(Plusofon, "attach", at(2)) }), 0)
	equal(t, "of its kind", get(t, s, func(tx *Tx) (int, error) { return tx.ReviveSide(Plusofon, "answer", at(2)) }), 1)
}

// Shelved rows wait in one lane, in order, and return to their own; so does one that is
// parked meanwhile.
func TestShelve(t *testing.T) {
	s := open(t)
	words, file, later := add(t, s, request("a")), add(t, s, request("b")), add(t, s, request("a"))
	s.TakeTouched(Telegram)
	for _, id := range []RowID{words, file, later} {
		do(t, s, func(tx *Tx) error { return tx.Shelve(rowIn(tx, id), "closed", at(30), "403") })
	}
	equal(t, "touched", touched(s, Telegram), []string{"a", "b", "closed"})
	equal(t, "lanes", get(t, s, lanes(Telegram)), []string{"closed"})
	equal(t, "one of them", rowOf(t, s, file), Row{
		ID: file, Side: Telegram, Lane: "closed", Kind: "call", Payload: "b", State: Queued, Attempts: 1, Due: at(30), Created: start, Home: "b",
	})
	equal(t, "since before", get(t, s, func(tx *Tx) ([]string, error) { return tx.OldLanes(Telegram, "clo", "", at(1), 9) }), []string{"closed"})
	equal(t, "behind that", get(t, s, func(tx *Tx) ([]string, error) { return tx.OldLanes(Telegram, "clo", "closed\x00", at(1), 9) }), []string(nil))
	equal(t, "not so long", get(t, s, func(tx *Tx) ([]string, error) { return tx.OldLanes(Telegram, "clo", "", start, 9) }), []string(nil))

	do(t, s, func(tx *Tx) error { return tx.Park(rowIn(tx, later), at(40), "500") })
	equal(t, "a parked one", rowOf(t, s, later).Lane, "a")
	s.TakeTouched(Telegram)
	equal(t, "brought home", get(t, s, func(tx *Tx) (int, error) { return tx.BringHome(Telegram, "closed", at(50)) }), 2)
	equal(t, "touched then", touched(s, Telegram), []string{"a", "b", "closed"})
	equal(t, "one that is home", rowOf(t, s, file), Row{
		ID: file, Side: Telegram, Lane: "b", Kind: "call", Payload: "b", State: Queued, Due: at(50), Created: at(50),
	})
	equal(t, "a second time", get(t, s, func(tx *Tx) (int, error) { return tx.BringHome(Telegram, "closed", at(60)) }), 0)
}

// A failure counts if the side has answered other requests since the previous one; the first
// always counts.
func TestCountFailure(t *testing.T) {
	s := open(t)
	id := add(t, s, request("a"))
	for i, c := range []struct {
		counted bool
		want    int
	}{{false, 1}, {false, 1}, {true, 2}, {false, 2}, {true, 3}} {
		do(t, s, func(tx *Tx) error { return tx.CountFailure(id, at(10+i), c.counted) })
		row := rowOf(t, s, id)
		equal(t, fmt.Sprint("failure ", i), []any{row.Failures, row.FirstFailed, row.LastFailed}, []any{c.want, at(10), at(10 + i)})
	}
}

// The rows after a row are those sent later.
func TestQueuedAfter(t *testing.T) {
	s := open(t)
	var ids []RowID
	for i, p := range []Priority{PriorityNews, PriorityPerson, PriorityNews, PriorityNews} {
		r := request("a")
		r.Priority, r.Payload = p, fmt.Sprint(i)
		ids = append(ids, add(t, s, r))
	}
	behind := func(id RowID, n int) (list []string) {
		for _, r := range get(t, s, func(tx *Tx) ([]Row, error) { return tx.QueuedAfter(rowIn(tx, id), n) }) {
			list = append(list, r.Payload)
		}
		return list
	}
	equal(t, "behind the first of the news", behind(ids[0], 9), []string{"2", "3"})
	equal(t, "not all of them", behind(ids[0], 1), []string{"2"})
	equal(t, "behind what a person waits for", behind(ids[1], 9), []string{"0", "2", "3"})
	equal(t, "behind the last", behind(ids[3], 9), []string(nil))
}

// A request that replaces a shelved row returns to its own lane, and has the key.
func TestReplace(t *testing.T) {
	s := open(t)
	r := request("b")
	r.Kind, r.Priority = "file", PriorityNews
	file, other, keyed := add(t, s, r), add(t, s, r), request("b")
	keyed.Priority, keyed.Key = PriorityNews, "k"
	add(t, s, keyed)
	unkeyed := func(lane string, after RowID) (ids []RowID) {
		for _, r := range get(t, s, func(tx *Tx) ([]Row, error) { return tx.Unkeyed(Telegram, lane, PriorityNews, after, 9) }) {
			ids = append(ids, r.ID)
		}
		return ids
	}
	equal(t, "without a key", unkeyed("b", 0), []RowID{file, other})
	equal(t, "behind the first", unkeyed("b", file), []RowID{other})
	line := Request{Lane: "closed", Kind: "call", Payload: "line", Key: "waited", Due: at(2)}
	do(t, s,
		func(tx *Tx) error { return tx.Shelve(rowIn(tx, file), "closed", at(30), "403") },
		func(tx *Tx) error { return tx.Replace(rowIn(tx, file), line, "words") })
	equal(t, "by its key", get(t, s, func(tx *Tx) (Row, error) { return tx.QueuedByKey("waited") }), Row{
		ID: file, Side: Telegram, Lane: "closed", Priority: PriorityNews, Kind: "call", Payload: "line", State: Queued, Attempts: 1, Due: at(30), Created: start, Home: "words",
	})
	absent(t, s, func(tx *Tx) (Row, error) { return tx.QueuedByKey("") })
	line.Lane, line.Key = "words", "elsewhere"
	do(t, s, func(tx *Tx) error { return tx.Replace(rowIn(tx, other), line, "words") })
	equal(t, "one that goes at once", rowOf(t, s, other), Row{
		ID: other, Side: Telegram, Lane: "words", Priority: PriorityNews, Kind: "call", Payload: "line", State: Queued, Due: at(2), Created: start,
	})
}

func TestInterruptedSends(t *testing.T) {
	s := open(t)
	ids := map[RowState]RowID{}
	for _, state := range []RowState{Queued, Sending, Unknown, Done, Parked} {
		ids[state] = bring(t, s, state)
	}
	s.TakeTouched(Telegram)
	rows := get(t, s, (*Tx).InterruptedSends)
	if len(rows) != 1 || rows[0].ID != ids[Sending] || rows[0].State != Unknown || rows[0].Attempts != 1 {
		t.Fatalf("rows %+v", rows)
	}
	for was, id := range ids {
		want := was
		if was == Sending {
			want = Unknown
		}
		equal(t, string(was), rowOf(t, s, id).State, want)
	}
	equal(t, "touched", touched(s, Telegram), []string{"lane of sending"})
	equal(t, "a second time", get(t, s, (*Tx).InterruptedSends), []Row(nil))
}

func TestOutboxCounts(t *testing.T) {
	s := open(t)
	counts := func(side Side) OutboxCounts {
		return get(t, s, func(tx *Tx) (OutboxCounts, error) { return tx.OutboxCounts(side) })
	}
	equal(t, "of nothing", counts(Telegram), OutboxCounts{})
	for _, state := range []RowState{Queued, Sending, Unknown, Unknown, Parked, Done, Refused, Cancelled} {
		bring(t, s, state)
	}
	equal(t, "of everything", counts(Telegram), OutboxCounts{Waiting: 4, Sending: 1, Unknown: 2, Parked: 1, Oldest: start})
	equal(t, "of the other side", counts(Plusofon), OutboxCounts{})
}

func TestPruneOutbox(t *testing.T) {
	s := open(t)
	ids := map[RowState]RowID{}
	states := []RowState{Queued, Sending, Unknown, Done, Refused, Cancelled, Parked}
	for _, state := range states {
		ids[state] = bring(t, s, state)
	}
	left := func() (list []RowState) {
		for _, state := range states {
			err := s.Update(func(tx *Tx) error { _, err := tx.Row(ids[state]); return err })
			if err == nil {
				list = append(list, state)
			} else if !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
		}
		return list
	}
	do(t, s, func(tx *Tx) error { return tx.PruneOutbox(at(1)) }) // they ended just then
	equal(t, "kept as long as promised", left(), states)
	do(t, s, func(tx *Tx) error { return tx.PruneOutbox(at(2)) })
	equal(t, "kept for ever", left(), []RowState{Queued, Sending, Unknown, Parked})
}

// touched takes the names of a side's touched lanes.
func touched(s *Store, side Side) (lanes []string) {
	for _, t := range s.TakeTouched(side) {
		lanes = append(lanes, t.Lane)
	}
	return lanes
}

// TestAddedRows: where rows were added to a lane and nothing else has changed in it, the most
// urgent of them comes with it, as it is stored.
func TestAddedRows(t *testing.T) {
	news := request("a")
	news.Priority = PriorityNews
	keyed := request("a")
	keyed.Key = "k"
	for name, test := range map[string]struct {
		do   []func(*Tx) error // in a transaction each
		want int               // which of the rows added; 0: none
	}{
		"one":                    {[]func(*Tx) error{enqueues(news)}, 1},
		"a more urgent one":      {[]func(*Tx) error{enqueues(news), enqueues(request("a"))}, 2},
		"in one transaction":     {[]func(*Tx) error{enqueues(news, news, request("a"), request("a"))}, 3},
		"a later one":            {[]func(*Tx) error{enqueues(request("a")), enqueues(request("a"), news)}, 1},
		"one that is replaced":   {[]func(*Tx) error{enqueues(keyed), enqueues(keyed)}, 0},
		"one that is sent":       {[]func(*Tx) error{enqueues(news), func(tx *Tx) error { return tx.StartSending(1) }}, 0},
		"after another change":   {[]func(*Tx) error{func(tx *Tx) error { return tx.CancelLane(Telegram, "a", start) }, enqueues(news)}, 0},
		"before another change":  {[]func(*Tx) error{enqueues(news), func(tx *Tx) error { return tx.CancelLane(Telegram, "a", start) }}, 0},
		"beside an earlier row":  {[]func(*Tx) error{enqueues(request("b")), enqueues(news)}, 2},
		"beside a failed change": {[]func(*Tx) error{enqueues(news), nil}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			for _, f := range test.do {
				if f == nil {
					errWanted := errors.New("wanted")
					if err := s.Update(func(tx *Tx) error { return errors.Join(tx.CancelLane(Telegram, "a", start), errWanted) }); !errors.Is(err, errWanted) {
						t.Fatal(err)
					}
					continue
				}
				do(t, s, f)
			}
			want := Touched{Lane: "a"}
			if test.want > 0 {
				row := rowOf(t, s, RowID(test.want))
				want.Added = &row
			}
			taken := s.TakeTouched(Telegram)
			equal(t, "touched", taken[0], want)
		})
	}
}

func enqueues(requests ...Request) func(*Tx) error {
	return func(tx *Tx) error {
		for _, r := range requests {
			if _, err := tx.Enqueue(r, start.Add(time.Microsecond)); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestWake(t *testing.T) {
	s := open(t)
	woken := func(side Side) bool {
		select {
		case <-s.Wake(side):
			return true
		default:
			return false
		}
	}
	if woken(Telegram) || woken(Plusofon) {
		t.Fatal("woken by nothing")
	}
	do(t, s, func(tx *Tx) error {
		_, err1 := tx.Enqueue(request("b"), start)
		_, err2 := tx.Enqueue(request("a"), start)
		if woken(Telegram) {
			t.Error("woken before the commit")
		}
		return errors.Join(err1, err2)
	})
	add(t, s, request("b"))
	if woken(Plusofon) {
		t.Error("the other side is woken")
	}
	if !woken(Telegram) {
		t.Error("not woken")
	}
	if woken(Telegram) {
		t.Error("woken twice though nobody has looked in between")
	}
	equal(t, "touched", touched(s, Telegram), []string{"a", "b"})
	equal(t, "touched since", touched(s, Telegram), []string(nil))
	equal(t, "touched of the other side", touched(s, Plusofon), []string(nil))
	do(t, s, func(tx *Tx) error { _, err := tx.LaneHead(Telegram, "a"); return err })
	if woken(Telegram) {
		t.Error("woken by reading")
	}
	for what, f := range map[string]func(*Tx) error{
		"put off": func(tx *Tx) error { return tx.PutOff(Telegram, "a", start) },
		"cancel":  func(tx *Tx) error { return tx.CancelLane(Telegram, "a", start) },
		"revive":  func(tx *Tx) error { _, err := tx.Revive(Telegram, "b", "a", start); return err },
	} {
		do(t, s, f)
		if !woken(Telegram) {
			t.Errorf("not woken by %s", what)
		}
		equal(t, what, touched(s, Telegram), []string{"a"})
	}
}
