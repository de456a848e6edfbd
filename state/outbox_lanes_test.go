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

func TestRevive(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key, r.Payload = "k", "parked"
	parked := add(t, s, r)
	do(t, s,
		func(tx *Tx) error { return tx.Retry(parked, at(1), "once") },
		func(tx *Tx) error { return tx.Finish(parked, Parked, at(1), "403") })
	r.Payload, r.Due = "queued", at(1000)
	queued := add(t, s, r)
	gone, elsewhere := add(t, s, request("a")), add(t, s, request("b"))
	do(t, s,
		func(tx *Tx) error { return tx.Finish(gone, Done, at(1), "") },
		func(tx *Tx) error { return tx.Finish(elsewhere, Parked, at(1), "") },
		func(tx *Tx) error { return tx.Revive(Telegram, "a", at(90)) })
	for _, id := range []RowID{parked, queued} {
		row := rowOf(t, s, id)
		equal(t, "row "+row.Payload, fmt.Sprint(row.State, row.Attempts, row.Due, row.Created), fmt.Sprint(Queued, 0, at(90), at(90)))
	}
	equal(t, "a finished row", rowOf(t, s, gone).State, Done)
	equal(t, "another lane's row", rowOf(t, s, elsewhere).State, Parked)
	r.Payload = "up to date"
	equal(t, "the row that the key stands for", add(t, s, r), queued)
	equal(t, "order", sendLane(t, s, Telegram, "a"), []string{"parked", "up to date"})
}

func TestSeveralParkedRowsOfAKeyRevive(t *testing.T) {
	s := open(t)
	r := request("a")
	r.Key = "k"
	for i := range 3 {
		r.Payload = fmt.Sprint(i)
		id := add(t, s, r)
		do(t, s, func(tx *Tx) error { return tx.Finish(id, Parked, at(1), "") })
	}
	do(t, s, func(tx *Tx) error { return tx.Revive(Telegram, "a", at(2)) })
	equal(t, "order", sendLane(t, s, Telegram, "a"), []string{"0", "1", "2"})
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
	equal(t, "touched", s.TakeTouched(Telegram), []string{"lane of sending"})
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
	equal(t, "touched", s.TakeTouched(Telegram), []string{"a", "b"})
	equal(t, "touched since", s.TakeTouched(Telegram), []string(nil))
	equal(t, "touched of the other side", s.TakeTouched(Plusofon), []string(nil))
	do(t, s, func(tx *Tx) error { _, err := tx.LaneHead(Telegram, "a"); return err })
	if woken(Telegram) {
		t.Error("woken by reading")
	}
	for what, f := range map[string]func(*Tx) error{
		"put off": func(tx *Tx) error { return tx.PutOff(Telegram, "a", start) },
		"cancel":  func(tx *Tx) error { return tx.CancelLane(Telegram, "a", start) },
		"revive":  func(tx *Tx) error { return tx.Revive(Telegram, "a", start) },
	} {
		do(t, s, f)
		if !woken(Telegram) {
			t.Errorf("not woken by %s", what)
		}
		equal(t, what, s.TakeTouched(Telegram), []string{"a"})
	}
}
