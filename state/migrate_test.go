package state

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// rawDB is a connection of its own, without the store's pragmas and patience.
func rawDB(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", address(path, url.Values{"_busy_timeout": {"0"}}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func version(t testing.TB, db *sql.DB) (v int) {
	t.Helper()
	if err := db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	if _, err := s.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrNewer) {
		t.Fatalf("error %v, want ErrNewer", err)
	}
	db := rawDB(t, path)
	equal(t, "version", version(t, db), 99)
	var v string
	if err := db.QueryRow(`SELECT value FROM meta`).Scan(&v); err != nil || v != "v" {
		t.Errorf("value %q (%v)", v, err)
	}
}

func TestReopeningKeepsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	ticket := Ticket{ID: 7, Subject: "Нет гудка", Open: true, LastActivity: at(1), LastSide: Staff, ByCustomer: true, Fingerprint: "f", Fetched: at(2)}
	do(t, s,
		func(tx *Tx) error { return tx.SaveTicket(ticket) },
		func(tx *Tx) error { return tx.MapMessage(1, 2, 7, false) },
		func(tx *Tx) error { return receive(tx, "u1", 1, "", 0) },
		func(tx *Tx) error { _, err := tx.Enqueue(request("a"), start); return err })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	equal(t, "ticket", get(t, s, func(tx *Tx) (Ticket, error) { return tx.Ticket(7) }), ticket)
	equal(t, "mapping", get(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(1, 2) }), TicketID(7))
	equal(t, "update", get(t, s, (*Tx).NextUpdate).Payload, "u1")
	equal(t, "lanes", get(t, s, lanes(Telegram)), []string{"a"})
	if copies, _ := filepath.Glob(path + ".before-*"); len(copies) > 0 {
		t.Errorf("a copy was made without a migration: %v", copies)
	}
}

func TestMigration(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	next := append(slices.Clone(steps),
		`ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT 'x'; INSERT INTO meta (key, value) VALUES ('step', '2');`,
		`INSERT INTO meta (key, value) VALUES ('step3', '3');`)
	path := filepath.Join(t.TempDir(), "50% ?#1.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	if err := migrate(s.db, path, next); err != nil {
		t.Fatal(err)
	}
	equal(t, "version", version(t, s.db), len(next))
	equal(t, "value from before", get(t, s, meta("k")), "v")
	equal(t, "value of the last step", get(t, s, meta("step3")), "3")

	name := fmt.Sprintf("%s.before-%d", path, len(next))
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v (%v), want a file for its user only", info, err)
	}
	before := rawDB(t, name)
	equal(t, "version of the copy", version(t, before), len(steps))
	var n int
	if err := before.QueryRow(`SELECT count(*) FROM meta WHERE value = 'v'`).Scan(&n); err != nil || n != 1 {
		t.Errorf("the copy has %d of the values (%v)", n, err)
	}
	if parts, _ := filepath.Glob(path + "*.part"); len(parts) > 0 {
		t.Error("an unfinished copy is left behind")
	}
	if err := migrate(s.db, path, next); err != nil {
		t.Errorf("migrating twice: %v", err)
	}
	if err := migrate(s.db, path, steps); !errors.Is(err, ErrNewer) {
		t.Errorf("error %v for the older program, want ErrNewer", err)
	}
}

func TestFailedMigrationLeavesNoHalf(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	good := `INSERT INTO meta (key, value) VALUES ('good', 'yes');`
	bad := `INSERT INTO meta (key, value) VALUES ('half', 'yes'); INSERT INTO nowhere VALUES (1);`
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	// An unfinished copy of an earlier attempt is in nobody's way.
	if err := os.WriteFile(fmt.Sprintf("%s.before-%d.part", path, len(steps)+2), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := migrate(s.db, path, append(steps[:len(steps):len(steps)], good, bad)); err == nil {
		t.Fatal("migrated")
	}
	equal(t, "version", version(t, s.db), len(steps)+1)
	equal(t, "finished step", get(t, s, meta("good")), "yes")
	equal(t, "failed step", get(t, s, meta("half")), "")
}

func TestNoMigrationWithoutACopy(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	// A folder in the place of the copy can't be replaced by it.
	if err := os.MkdirAll(filepath.Join(fmt.Sprintf("%s.before-%d", path, len(steps)+1), "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	step := `INSERT INTO meta (key, value) VALUES ('k', 'v');`
	if err := migrate(s.db, path, append(steps[:len(steps):len(steps)], step)); err == nil {
		t.Fatal("migrated")
	}
	equal(t, "version", version(t, s.db), len(steps))
	equal(t, "value", get(t, s, meta("k")), "")
}
