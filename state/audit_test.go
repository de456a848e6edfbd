package state

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAuditIsReadInBothDirections(t *testing.T) {
	s := open(t)
	whole := AuditEntry{At: at(1), Event: AuditSetting, By: 1, Person: 2, Chat: -3, Ticket: 4, Detail: "news"}
	do(t, s, func(tx *Tx) error {
		return errors.Join(tx.AddAudit(whole), tx.AddAudit(AuditEntry{At: at(2), Event: AuditInvited, By: 1}), tx.AddAudit(AuditEntry{At: at(3), Event: AuditJoined, Person: 5}))
	})
	whole.ID = 1
	ids := func(list []AuditEntry) (ids []AuditID) {
		for _, e := range list {
			ids = append(ids, e.ID)
		}
		return ids
	}
	read := func(f func(*Tx, AuditID, int) ([]AuditEntry, error), from AuditID, n int) []AuditEntry {
		return get(t, s, func(tx *Tx) ([]AuditEntry, error) { return f(tx, from, n) })
	}
	equal(t, "the first", read((*Tx).AuditAfter, 0, 1)[0], whole)
	equal(t, "the last two", ids(read((*Tx).AuditBefore, 0, 2)), []AuditID{3, 2})
	equal(t, "before those", ids(read((*Tx).AuditBefore, 2, 2)), []AuditID{1})
	equal(t, "after the first", ids(read((*Tx).AuditAfter, 1, 9)), []AuditID{2, 3})
}

// A listener is called for what was committed, and nothing else; what is only announced is
// not stored.
func TestAuditIsAnnouncedOnceItIsCommitted(t *testing.T) {
	s := open(t)
	var heard []AuditEvent
	s.OnAudit(func(e AuditEntry) { heard = append(heard, e.Event) })
	failure := errors.New("not committed")
	err := s.Update(func(tx *Tx) error { return errors.Join(tx.AddAudit(AuditEntry{Event: AuditRemoved}), failure) })
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	do(t, s, func(tx *Tx) error {
		tx.Announce(AuditEntry{Event: AuditStrangerTold})
		if len(heard) > 0 {
			t.Errorf("heard before the commit: %v", heard)
		}
		return tx.AddAudit(AuditEntry{Event: AuditInvited})
	})
	if diff := cmp.Diff([]AuditEvent{AuditStrangerTold, AuditInvited}, heard); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	stored := get(t, s, func(tx *Tx) ([]AuditEntry, error) { return tx.AuditAfter(0, 9) })
	if len(stored) != 1 || stored[0].Event != AuditInvited {
		t.Errorf("stored: %+v", stored)
	}
}
