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
	"testing/fstest"
)

// rawDB is a separate connection, without the store's pragmas and timeouts.
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

func allSteps(t testing.TB) []string {
	t.Helper()
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// openSteps opens a database as a program with the given migrations.
func openSteps(t testing.TB, path string, steps []string) *Store {
	t.Helper()
	s, err := openWith(path, steps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // closing twice is harmless
	return s
}

func closed(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
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

// Two migrations with the same number, from different branches, are rejected.
func TestMigrationsAreNumbered(t *testing.T) {
	named := func(names ...string) ([]string, error) {
		files := fstest.MapFS{}
		for _, name := range names {
			files["migrations/"+name] = &fstest.MapFile{Data: []byte(name)}
		}
		return migrationsIn(files)
	}
	steps, err := named("0002_b.sql", "0001_a.sql", "0003_c.sql")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "steps", steps, []string{"0001_a.sql", "0002_b.sql", "0003_c.sql"})
	for what, names := range map[string][]string{
		"two of a number": {"0001_a.sql", "0002_b.sql", "0002_c.sql"},
		"a gap":           {"0001_a.sql", "0003_b.sql"},
	} {
		if _, err := named(names...); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func TestMigration(t *testing.T) {
	steps := allSteps(t)
	next := append(slices.Clone(steps),
		`ALTER TABLE meta ADD COLUMN note TEXT NOT NULL DEFAULT 'x'; INSERT INTO meta (key, value) VALUES ('step', '2');`,
		`INSERT INTO meta (key, value) VALUES ('step3', '3');`)
	path := filepath.Join(t.TempDir(), "50% ?#1.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	closed(t, s)
	s = openSteps(t, path, next)
	equal(t, "version", version(t, s.db), len(next))
	equal(t, "value from before", get(t, s, meta("k")), "v")
	equal(t, "value of the last step", get(t, s, meta("step3")), "3")

	name := fmt.Sprintf("%s.before-%d", path, len(next))
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v (%v), want a file for its user only", info, err)
	}
	if parts, _ := filepath.Glob(path + "*.part"); len(parts) > 0 {
		t.Error("an unfinished copy is left behind")
	}
	closed(t, s)
	closed(t, openSteps(t, path, next))
	if _, err := openWith(path, steps); !errors.Is(err, ErrNewer) {
		t.Errorf("error %v for the older program, want ErrNewer", err)
	}

	// The older program continues with the copy.
	if err := os.Rename(name, path); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	equal(t, "version of the copy", version(t, s.db), len(steps))
	equal(t, "value in the copy", get(t, s, meta("k")), "v")
	equal(t, "known as a copy", get(t, s, (*Tx).IsCopy), true)
}

func TestFailedMigrationLeavesNoHalf(t *testing.T) {
	steps := allSteps(t)
	good := `INSERT INTO meta (key, value) VALUES ('good', 'yes');`
	bad := `INSERT INTO meta (key, value) VALUES ('half', 'yes'); INSERT INTO nowhere VALUES (1);`
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	// An unfinished copy of an earlier attempt does no harm.
	if err := os.WriteFile(fmt.Sprintf("%s.before-%d.part", path, len(steps)+2), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	steps = append(steps[:len(steps):len(steps)], good, bad)
	if _, err := openWith(path, steps); err == nil {
		t.Fatal("migrated")
	}
	s = openSteps(t, path, steps[:len(steps)-1])
	equal(t, "version", version(t, s.db), len(steps)-1)
	equal(t, "finished step", get(t, s, meta("good")), "yes")
	equal(t, "failed step", get(t, s, meta("half")), "")
}

func TestNoMigrationWithoutACopy(t *testing.T) {
	steps := allSteps(t)
	path := filepath.Join(t.TempDir(), "bot.db")
	closed(t, openAt(t, path))
	// A folder in place of the copy can't be replaced by it.
	if err := os.MkdirAll(filepath.Join(fmt.Sprintf("%s.before-%d", path, len(steps)+1), "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	step := `INSERT INTO meta (key, value) VALUES ('k', 'v');`
	if _, err := openWith(path, append(steps[:len(steps):len(steps)], step)); err == nil {
		t.Fatal("migrated")
	}
	s := openAt(t, path)
	equal(t, "version", version(t, s.db), len(steps))
	equal(t, "value", get(t, s, meta("k")), "")
}
