package state

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// modelRow is a row in the model: the row itself and its hidden fields.
type modelRow struct {
	Row
	key   string
	ended time.Time
}

func (r *modelRow) open() bool { return r.ended.IsZero() }

// outboxModel is the outbox as a plain list, newest last.
type outboxModel struct {
	rows    []*modelRow
	touched map[string]bool
	heads   map[string]Row // as they were at the last comparison
}

func (m *outboxModel) lane(lane string) (open []*modelRow) {
	for _, r := range m.rows {
		if r.open() && r.Lane == lane {
			open = append(open, r)
		}
	}
	slices.SortStableFunc(open, func(a, b *modelRow) int {
		waits := func(r *modelRow) int {
			if r.State == Queued {
				return 1
			}
			return 0
		}
		return cmp.Or(waits(a)-waits(b), int(a.Priority-b.Priority))
	})
	return open
}

func (m *outboxModel) waiting(key string) *modelRow {
	for _, r := range m.rows {
		if key != "" && r.key == key && r.State == Queued {
			return r
		}
	}
	return nil
}

// TestOutboxAgainstAModel does at random what senders and deciders do and compares the lanes
// with the model after each step.
func TestOutboxAgainstAModel(t *testing.T) {
	t.Parallel()
	s := open(t)
	// This test is not about power cuts.
	if _, err := s.db.Exec("PRAGMA synchronous = OFF"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		const closed = "closed"
		names := []string{"a", "b", "c", closed}
		lane := rapid.SampledFrom(names[:3])
		m := &outboxModel{touched: map[string]bool{}, heads: map[string]Row{}}
		now := 0
		update := func(f func(*Tx) error) {
			now++
			if err := s.Update(f); err != nil {
				t.Fatal(err)
			}
		}
		update(func(tx *Tx) error { return tx.run("empty outbox", `DELETE FROM outbox`) })
		s.TakeTouched(Telegram)

		// some draws a row in any state, and whether the model allows changing it.
		some := func(t *rapid.T) *modelRow {
			if len(m.rows) == 0 {
				t.Skip("no rows")
			}
			return rapid.SampledFrom(m.rows).Draw(t, "row")
		}
		// change tries a verb on a row; the model says whether it is allowed.
		change := func(r *modelRow, allowed bool, verb func(*Tx) error, then func()) {
			now++
			err := s.Update(verb)
			switch {
			case allowed && err == nil:
				then()
				m.touched[r.Lane] = true
			case allowed || !errors.Is(err, ErrNotFound):
				t.Fatalf("row %d is %s; error %v", r.ID, r.State, err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"enqueue": func(t *rapid.T) {
				name := lane.Draw(t, "lane")
				r := Request{
					Side: Telegram, Lane: name, Kind: "call", Due: at(now),
					Priority: rapid.SampledFrom([]Priority{PriorityPerson, PriorityNews}).Draw(t, "priority"),
					Payload:  rapid.StringMatching(`[a-z]{3}`).Draw(t, "payload"),
				}
				if n := rapid.IntRange(0, 2).Draw(t, "key"); n > 0 {
					r.Key = fmt.Sprintf("%s%d", name, n) // keys belong to lanes
				}
				var id RowID
				update(func(tx *Tx) (err error) {
					id, err = tx.Enqueue(r, at(now))
					return err
				})
				if old := m.waiting(r.Key); old != nil {
					old.Payload = r.Payload
					m.touched[old.Lane] = true // it may be shelved
					if id != old.ID {
						t.Fatalf("row %d, want the old one, %d", id, old.ID)
					}
					return
				}
				m.touched[name] = true
				m.rows = append(m.rows, &modelRow{key: r.Key, Row: Row{
					ID: id, Side: Telegram, Lane: name, Priority: r.Priority, Kind: "call", Payload: r.Payload, State: Queued, Due: r.Due, Created: at(now),
				}})
			},
			"start sending": func(t *rapid.T) {
				r := some(t)
				change(r, r.State == Queued, func(tx *Tx) error { return tx.StartSending(r.ID) }, func() {
					r.State = Sending
					r.Attempts++
				})
			},
			"retry": func(t *rapid.T) {
				r := some(t)
				due := at(now + 30)
				change(r, r.open(), func(tx *Tx) error { return tx.Retry(r.ID, due, "") }, func() {
					if r.State == Queued {
						r.Attempts++
					} else if m.waiting(r.key) != nil {
						r.key = ""
					}
					r.State, r.Due, r.Checks = Queued, due, 0
				})
			},
			"unknown": func(t *rapid.T) {
				r := some(t)
				due, checks := at(now+3), rapid.IntRange(0, 2).Draw(t, "checks")
				change(r, r.State == Sending || r.State == Unknown, func(tx *Tx) error { return tx.OutcomeUnknown(r.ID, due, checks, "") }, func() {
					if r.State == Sending {
						r.Unknowns++
					}
					r.State, r.Due, r.Checks = Unknown, due, checks
				})
			},
			"rewrite": func(t *rapid.T) {
				r := some(t)
				change(r, r.State == Queued, func(tx *Tx) error { return tx.Rewrite(r.ID, "plain") }, func() { r.Payload = "plain" })
			},
			"finish": func(t *rapid.T) {
				r := some(t)
				end := rapid.SampledFrom([]RowState{Done, Refused, Parked, Cancelled}).Draw(t, "end")
				ended := at(now)
				change(r, r.open(), func(tx *Tx) error { return tx.Finish(r.ID, end, ended, "") }, func() { r.State, r.ended = end, ended })
			},
			"put off": func(t *rapid.T) {
				name, due := lane.Draw(t, "lane"), at(now+rapid.IntRange(0, 60).Draw(t, "seconds"))
				update(func(tx *Tx) error { return tx.PutOff(Telegram, name, due) })
				for _, r := range m.lane(name) {
					if r.State == Queued && r.Due.Before(due) {
						r.Due = due
					}
				}
				m.touched[name] = true
			},
			"cancel lane": func(t *rapid.T) {
				name, ended := lane.Draw(t, "lane"), at(now)
				update(func(tx *Tx) error { return tx.CancelLane(Telegram, name, ended) })
				for _, r := range m.rows {
					switch {
					case r.Lane != name:
					case r.State == Queued:
						r.State, r.ended = Cancelled, ended
					case r.State == Parked:
						r.State = Cancelled
					}
				}
				m.touched[name] = true
			},
			"shelve": func(t *rapid.T) {
				r, due := some(t), at(now+rapid.IntRange(0, 60).Draw(t, "seconds"))
				was := r.Lane
				change(r, r.State == Queued, func(tx *Tx) error { return tx.Shelve(r.Row, closed, due, "") }, func() {
					if r.Home == "" {
						r.Home = r.Lane
					}
					r.Lane, r.Due = closed, due
					r.Attempts++
					m.touched[was] = true
				})
			},
			"bring home": func(*rapid.T) {
				due := at(now)
				update(func(tx *Tx) error { _, err := tx.BringHome(Telegram, closed, due); return err })
				for _, r := range m.rows {
					if r.Lane != closed || r.State != Queued {
						continue
					}
					r.Lane, r.Home, r.Due, r.Created, r.Attempts = r.Home, "", due, due, 0
					m.touched[r.Lane] = true
				}
				m.touched[closed] = true
			},
			"fail": func(t *rapid.T) {
				r, failed, counted := some(t), at(now), rapid.Bool().Draw(t, "counted")
				change(r, r.open(), func(tx *Tx) error { return tx.CountFailure(r.ID, failed, counted) }, func() {
					if r.Failures == 0 {
						r.FirstFailed = failed
					}
					if counted || r.Failures == 0 {
						r.Failures++
					}
					r.LastFailed = failed
				})
			},
			"park": func(t *rapid.T) {
				r, ended := some(t), at(now)
				was := r.Lane
				change(r, r.open(), func(tx *Tx) error { return tx.Park(r.Row, ended, "") }, func() {
					if r.Home != "" {
						r.Lane, r.Home = r.Home, ""
					}
					r.State, r.ended = Parked, ended
					m.touched[was] = true
				})
			},
			"revive": func(t *rapid.T) {
				name, due := lane.Draw(t, "lane"), at(now)
				update(func(tx *Tx) error { _, err := tx.Revive(Telegram, name, name, due); return err })
				for _, r := range m.rows {
					if r.Lane != name || r.State != Parked {
						continue
					}
					r.key, r.State, r.Due, r.Created, r.Attempts, r.Unknowns, r.ended = "", Queued, due, due, 0, 0, time.Time{}
					r.Failures, r.FirstFailed, r.LastFailed = 0, time.Time{}, time.Time{}
				}
				m.touched[name] = true
			},
			"restart": func(t *rapid.T) {
				update(func(tx *Tx) error { _, err := tx.InterruptedSends(); return err })
				for _, r := range m.rows {
					if r.State == Sending {
						r.State, r.Checks = Unknown, 0
						r.Unknowns++
						m.touched[r.Lane] = true
					}
				}
			},
			"the clock is set back": func(t *rapid.T) {
				back := at(now - rapid.IntRange(0, 40).Draw(t, "seconds"))
				late, want := 0, 0
				update(func(tx *Tx) (err error) {
					late, err = tx.ClampRowTimes(Telegram, back.Add(10*time.Second), back)
					return err
				})
				for _, r := range m.rows {
					if !r.open() || !r.Due.After(back.Add(10*time.Second)) && !r.Created.After(back) {
						continue
					}
					if r.Home == "" {
						want++
					}
					m.touched[r.Lane] = true
					if r.Due.After(back.Add(10 * time.Second)) {
						r.Due = back.Add(10 * time.Second)
					}
					if r.Created.After(back) {
						r.Created = back
					}
				}
				if late != want {
					t.Fatalf("%d rows were late, want %d", late, want)
				}
			},
			"prune": func(t *rapid.T) {
				before := at(now - 10)
				update(func(tx *Tx) error { return tx.PruneOutbox(before) })
				m.rows = slices.DeleteFunc(m.rows, func(r *modelRow) bool {
					return !r.open() && r.State != Parked && r.ended.Before(before)
				})
			},
			"": func(t *rapid.T) {
				var touched []string
				var counts OutboxCounts
				update(func(tx *Tx) error {
					for _, name := range names {
						head, err := tx.LaneHead(Telegram, name)
						open := m.lane(name)
						if len(open) == 0 {
							if !errors.Is(err, ErrNotFound) {
								t.Fatalf("lane %s is empty; head %v, error %v", name, head, err)
							}
							continue
						}
						if diff := gocmp.Diff(open[0].Row, head); err != nil || diff != "" {
							t.Fatalf("head of lane %s, error %v (-want +got):\n%s", name, err, diff)
						}
						for _, r := range open {
							switch r.State {
							case Sending:
								counts.Sending++
							case Unknown:
								counts.Unknown++
							}
							if counts.Oldest.IsZero() || r.Created.Before(counts.Oldest) {
								counts.Oldest = r.Created
							}
						}
						counts.Waiting += len(open)
					}
					for _, r := range m.rows {
						if m.touched[r.Lane] && !slices.Contains(touched, r.Lane) {
							touched = append(touched, r.Lane)
						}
						if r.State == Parked {
							counts.Parked++
						}
					}
					got, err := tx.OutboxCounts(Telegram)
					if diff := gocmp.Diff(counts, got); diff != "" {
						t.Fatalf("counts (-want +got):\n%s", diff)
					}
					return err
				})
				// A lane may be touched needlessly, but never changed without being touched.
				taken := s.TakeTouched(Telegram)
				for _, name := range touched {
					if !slices.ContainsFunc(taken, func(t Touched) bool { return t.Lane == name }) {
						t.Fatalf("lane %s has changed, only %v are touched", name, taken)
					}
				}
				for _, lane := range taken {
					var before *Row
					if row, ok := m.heads[lane.Lane]; ok {
						before = &row
					}
					if head := lane.Head(before); head != nil {
						if diff := gocmp.Diff(m.lane(lane.Lane)[0].Row, *head); diff != "" {
							t.Fatalf("head of lane %s after a row was added (-want +got):\n%s", lane.Lane, diff)
						}
					}
				}
				clear(m.touched)
				clear(m.heads)
				for _, name := range names {
					if open := m.lane(name); len(open) > 0 {
						m.heads[name] = open[0].Row
					}
				}
			},
		})
	})
}
