package state

import (
	"path/filepath"
	"testing"
)

// The effect of the migration to the audit on people, links and queues.
func TestUpgradeToTheAudit(t *testing.T) {
	const before = 8 // the schema before
	path := filepath.Join(t.TempDir(), "bot.db")
	old := rawDB(t, path)
	if err := migrate(old, path, allSteps(t)[:before]); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`INSERT INTO people (user_id, name, role, source, since_at, told_at, asked_at) VALUES
			(1, 'owner', 'owner', 'claim', 1000, 0, 0), (2, 'was a member', 'stranger', '', 2000, 3000, 0), (3, 'asked', 'stranger', '', 0, 1, 5000)`,
		`INSERT INTO invites (token_hash, kind, created_by, expires_at, used_by) VALUES
			('spent', 'invite', 1, 9000000, 5), ('open', 'invite', 1, 90000000, 0), ('claim', 'claim', 0, 1000000, 0)`,
		`INSERT INTO outbox (side, lane, priority, kind, payload, state, due_at, created_at) VALUES ('telegram', 'chat:1', 1, 'call', '{}', 'queued', 1, 1)`,
	} {
		if _, err := old.Exec(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	equal(t, "an owner", get(t, s, person(1)).Removed.IsZero(), true)
	equal(t, "who lost access", get(t, s, person(2)).Removed, instant(2000))
	equal(t, "who never had it", get(t, s, person(3)), Person{ID: 3, Name: "asked", Role: Stranger, Asked: instant(5000)})
	invites := get(t, s, func(tx *Tx) ([]Invite, error) { return tx.Invites(instant(1), 9, 0) })
	if len(invites) != 1 || invites[0].Created != instant(90000000-24*3600*1000) {
		t.Errorf("invitations: %+v", invites)
	}
	// The constraint has its third value, and the others as before.
	for priority, ok := range map[Priority]bool{PriorityPerson: true, PriorityStranger: true, 3: false, -1: false} {
		err := s.Update(func(tx *Tx) error {
			_, err := tx.Enqueue(Request{Side: Telegram, Lane: "chat:1", Priority: priority, Kind: "call"}, at(0))
			return err
		})
		if (err == nil) != ok {
			t.Errorf("priority %d: %v", priority, err)
		}
	}
	equal(t, "the most urgent", get(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Telegram, "chat:1") }).Priority, PriorityPerson)
	var verdict string
	if err := s.db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s, %v", verdict, err)
	}
}
