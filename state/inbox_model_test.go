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

// modelUpdate is an update in the model: the update itself and its hidden fields.
type modelUpdate struct {
	Update
	key      string
	state    string
	received time.Time
}

// inboxModel is the inbox as a plain list in order of arrival.
type inboxModel []*modelUpdate

func (m inboxModel) pending(fits func(*modelUpdate) bool) (list []*modelUpdate) {
	for _, u := range m {
		if u.state == "pending" && fits(u) {
			list = append(list, u)
		}
	}
	return list
}

func (m inboxModel) inChat(c ChatID) []*modelUpdate {
	return m.pending(func(u *modelUpdate) bool { return u.Chat == c })
}

func (m inboxModel) inGroup(group string) []*modelUpdate {
	return m.pending(func(u *modelUpdate) bool { return group != "" && u.Group == group })
}

// next is the one due first among the oldest of each chat.
func (m inboxModel) next() *modelUpdate {
	oldest := m.pending(func(u *modelUpdate) bool { return m.inChat(u.Chat)[0] == u })
	if len(oldest) == 0 {
		return nil
	}
	return slices.MinFunc(oldest, func(a, b *modelUpdate) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Seq, b.Seq)) })
}

// TestInboxAgainstAModel does at random what Telegram and deciders do, including repeats and
// failures, and compares the results with the model.
func TestInboxAgainstAModel(t *testing.T) {
	t.Parallel()
	s := open(t)
	// This test is not about power cuts.
	if _, err := s.db.Exec("PRAGMA synchronous = OFF"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var m inboxModel
		now := 0
		update := func(f func(*Tx) error) {
			if err := s.Update(f); err != nil {
				t.Fatal(err)
			}
		}
		update(func(tx *Tx) error { return tx.run("empty inbox", `DELETE FROM inbox`) })
		chat := rapid.SampledFrom([]ChatID{1, 2, 3})
		// event is what is to be handled next: an update, or all of its group.
		event := func(t *rapid.T) []*modelUpdate {
			next := m.next()
			switch {
			case next == nil:
				t.Skip("nothing waits")
			case next.Group != "":
				return m.inGroup(next.Group)
			}
			return []*modelUpdate{next}
		}
		t.Repeat(map[string]func(*rapid.T){
			"time passes": func(t *rapid.T) { now += rapid.IntRange(1, 20).Draw(t, "seconds") },
			"receive": func(t *rapid.T) {
				a := Arrival{Chat: chat.Draw(t, "chat"), Due: at(now)}
				if rapid.Bool().Draw(t, "album") {
					a.Group, a.Due = fmt.Sprint("album ", a.Chat), at(now+1)
				}
				a.Unreadable = rapid.IntRange(0, 9).Draw(t, "readable") == 0
				a.Key = fmt.Sprint(rapid.IntRange(0, 60).Draw(t, "key"))
				a.Payload = "payload of " + a.Key
				var seq int64 // ids may have gaps
				update(func(tx *Tx) error {
					return errors.Join(tx.Receive(a, at(now), patience), tx.one("newest update", `SELECT max(seq) FROM inbox`, nil, &seq))
				})
				if slices.ContainsFunc(m, func(u *modelUpdate) bool { return u.key == a.Key }) {
					return // a repeat
				}
				u := &modelUpdate{key: a.Key, state: "pending", received: at(now), Update: Update{
					Seq: seq, Chat: a.Chat, Group: a.Group, Payload: a.Payload, Due: a.Due,
				}}
				if a.Unreadable {
					u.state = "unreadable"
				}
				m = append(m, u)
				items := m.inGroup(a.Group)
				last := at(now).Add(patience)
				for _, item := range items { // after the clock moved back the first is not the earliest
					if l := item.received.Add(patience); l.Before(last) {
						last = l
					}
				}
				for _, item := range items {
					item.Due = a.Due
					if a.Due.After(last) {
						item.Due = last
					}
				}
			},
			"handle": func(t *rapid.T) {
				for _, u := range event(t) {
					update(func(tx *Tx) error { return tx.Handled(u.Seq) })
					u.state, u.Payload = "done", ""
				}
			},
			"fail": func(t *rapid.T) {
				first := event(t)[0]
				due := at(now + rapid.IntRange(0, 5).Draw(t, "seconds"))
				update(func(tx *Tx) error { return tx.TryLater(first.Seq, due) })
				first.Attempts, first.Due = first.Attempts+1, due
			},
			"set aside": func(t *rapid.T) {
				for _, u := range event(t) {
					update(func(tx *Tx) error { return tx.HandlingFailed(u.Seq) })
					u.state = "failed"
				}
			},
			"the clock is set back": func(t *rapid.T) {
				now -= rapid.IntRange(0, 40).Draw(t, "seconds")
				latest, want := at(now).Add(patience), 0
				for _, u := range m.pending(func(u *modelUpdate) bool { return u.Due.After(latest) }) {
					u.Due = latest
					want++
				}
				update(func(tx *Tx) error {
					late, err := tx.ClampUpdateTimes(latest)
					if late != want {
						t.Fatalf("%d updates were late, want %d", late, want)
					}
					return err
				})
			},
			"prune": func(*rapid.T) {
				before := at(now - 30)
				update(func(tx *Tx) error { return tx.PruneInbox(before) })
				m = slices.DeleteFunc(m, func(u *modelUpdate) bool { return u.state == "done" && u.received.Before(before) })
			},
			"": func(t *rapid.T) {
				update(func(tx *Tx) error {
					got, err := tx.NextUpdate()
					next := m.next()
					if waits, err := tx.UpdatesWait(); err != nil || waits != (next != nil) {
						t.Fatalf("updates wait: %v, error %v; the model's next is %v", waits, err, next)
					}
					if next == nil {
						if !errors.Is(err, ErrNotFound) {
							t.Fatalf("nothing waits; next %v, error %v", got, err)
						}
					} else if diff := gocmp.Diff(next.Update, got); err != nil || diff != "" {
						t.Fatalf("next, error %v (-want +got):\n%s", err, diff)
					}
					if next != nil && next.Group != "" {
						var want []Update
						for _, u := range m.inGroup(next.Group) {
							want = append(want, u.Update)
						}
						items, err := tx.UpdateGroup(next.Group)
						if diff := gocmp.Diff(want, items); err != nil || diff != "" {
							t.Fatalf("items of %s, error %v (-want +got):\n%s", next.Group, err, diff)
						}
					}
					var first time.Time
					pending := m.pending(func(*modelUpdate) bool { return true })
					for _, u := range pending {
						if first.IsZero() || u.Due.Before(first) {
							first = u.Due
						}
					}
					due, err := tx.OldestDue()
					if err != nil || !due.Equal(first) {
						t.Fatalf("the first is due at %v (%v), want %v", due, err, first)
					}
					aside := len(slices.DeleteFunc(slices.Clone(m), func(u *modelUpdate) bool { return u.state != "failed" && u.state != "unreadable" }))
					waits, kept, err := tx.InboxCounts()
					if err != nil || waits != len(pending) || kept != aside {
						t.Fatalf("%d wait and %d are set aside (%v), want %d and %d", waits, kept, err, len(pending), aside)
					}
					return nil
				})
			},
		})
	})
}
