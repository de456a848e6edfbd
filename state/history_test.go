package state

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// releasedHashes are the hashes of released migrations. They never change: databases made
// by them are recognized by them.
var releasedHashes = []string{
	"11e2d74afbb85ecd1924b7a5eac3e90e32acc1fa7be5530179531b18d52f3436",
	"72dbfbf9857a8bb0ed121e60e944e0e9c1fd4939f80212148c93611d9160c28a",
	"dd9f45137a37af8f018596fc524466acc3e411fdace524ec7cca002c5f8925dd",
	"553044a28e2bae5b85df68eb88924b6f7e767490d308801b1775ef5416e095ce",
	"4999b5a160c79067632f0f227db1a7c853cd9680d4f050015b8c4822ec077d9c",
	"6a81733d6fb762bb21a3e29c481d479c13f919ae9ec3bb7a40717947466107eb",
	"c47cb088aa1dea4bd13c17eb9c86eb6386868dc6eee690fee527b5763d23547b",
}

func TestReleasedMigrationsNeverChange(t *testing.T) {
	var got []string
	for _, script := range allSteps(t)[:len(releasedHashes)] {
		got = append(got, hashOf(script))
	}
	equal(t, "hashes", got, releasedHashes)
}

// folder lists the files beside a database with their modes, except the lock file.
func folder(t testing.TB, path string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() == filepath.Base(path)+".lock" || info.IsDir() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(filepath.Dir(path), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(e.Name(), "-shm") {
			content = nil // the index of an existing log, which SQLite rebuilds to read it
		}
		files[e.Name()] = fmt.Sprint(info.Mode().Perm(), " ", hashOf(string(content)))
	}
	return files
}

// refused checks that Open rejects a database with an error that says what to do, and leaves
// it unchanged.
func refused(t testing.TB, path string, steps []string, want error, words string) {
	t.Helper()
	before := folder(t, path)
	s, err := openWith(path, steps)
	if err == nil {
		closed(t, s)
		t.Fatal("opened")
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), words) {
		t.Errorf("error %q, want %q with %q", err, want, words)
	}
	equal(t, "the folder after a refusal", folder(t, path), before)
}

// change runs statements on a file from outside.
func change(t testing.TB, path string, statements ...string) {
	t.Helper()
	db := rawDB(t, path)
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// signed reports whether a database has all hashes and the program's id.
func signed(t testing.TB, s *Store) bool {
	t.Helper()
	var id int
	if err := s.db.QueryRow(`PRAGMA application_id`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for n, script := range allSteps(t) {
		want[strconv.Itoa(n+1)] = hashOf(script)
	}
	hashes, err := signature(s.db)
	if err != nil {
		t.Fatal(err)
	}
	return id == applicationID && maps.Equal(hashes, want)
}

func TestDatabasesAreSigned(t *testing.T) {
	t.Parallel()
	equal(t, "a new database is signed", signed(t, open(t)), true)
	for n := 1; n <= unsigned; n++ {
		path := frozen(t, n)
		equal(t, fmt.Sprintf("a file of schema %d is signed", n), signed(t, openAt(t, path)), true)
	}
	// Parts of the signature lost by SQLite's own tools are recovered if databases
	// without it are known.
	for _, loss := range []string{`PRAGMA application_id = 0`, `DELETE FROM meta WHERE key LIKE 'migration_%'`} {
		path := filepath.Join(t.TempDir(), "bot.db")
		s, err := openWith(path, allSteps(t)[:unsigned])
		if err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		change(t, path, loss)
		equal(t, "signed after "+loss, signed(t, openAt(t, path)), true)
	}
}

// SQLite's internal tables, and how a file was written, are not differences.
func TestUnsignedDatabaseIsComparedByItsSchemaAlone(t *testing.T) {
	t.Parallel()
	for _, use := range []string{`ANALYZE`, `VACUUM`, `PRAGMA journal_mode = DELETE`, `PRAGMA auto_vacuum = FULL; VACUUM`, `REINDEX`} {
		path := frozen(t, unsigned)
		change(t, path, use)
		equal(t, "signed after "+use, signed(t, openAt(t, path)), true)
	}
}

func TestEarlierWordingIsRefused(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		n         int
		statement string
		differs   string
	}{
		"another index":   {7, `DROP INDEX outbox_open; CREATE INDEX outbox_open ON outbox (side, lane, priority, id) WHERE ended_at = 0`, "index outbox_open"},
		"no index":        {1, `DROP INDEX tickets_unread`, "index tickets_unread"},
		"an index more":   {3, `CREATE INDEX more ON meta (value)`, "index more"},
		"a table more":    {5, `CREATE TABLE more (x)`, "table more"},
		"a column more":   {6, `ALTER TABLE told ADD COLUMN x TEXT`, "table told"},
		"another trigger": {4, `DROP TRIGGER post_words_added; CREATE TRIGGER post_words_added AFTER DELETE ON posts BEGIN SELECT 1; END`, "trigger post_words_added"},
		"another comment": {7, `DROP TABLE told; CREATE TABLE told ( -- what is said once
    chat_id INTEGER NOT NULL,
    what    TEXT    NOT NULL,
    PRIMARY KEY (chat_id, what)
) STRICT, WITHOUT ROWID`, "table told"},
		"the next schema": {6, `PRAGMA user_version = 7`, "table inbox, table outbox"},
	} {
		t.Run(what, func(t *testing.T) {
			path := frozen(t, c.n)
			change(t, path, c.statement)
			refused(t, path, allSteps(t), ErrHistory, "of an earlier wording: "+c.differs+")")
		})
	}
}

func TestEditedHistoryIsRefused(t *testing.T) {
	t.Parallel()
	n := len(allSteps(t))
	counted := func(hashes int) string {
		return fmt.Sprintf("it bears the hashes of %d, and its schema is %d", hashes, n)
	}
	for what, c := range map[string]struct{ statement, words string }{
		"another hash": {`UPDATE meta SET value = 'abc' WHERE key = 'migration_3'`, "the hash of migration 3 differs"},
		"no hash":      {`DELETE FROM meta WHERE key = 'migration_2'`, counted(n - 1)},
		"a hash more":  {fmt.Sprintf(`INSERT INTO meta VALUES ('migration_%d', 'abc')`, n+1), counted(n + 1)},
		"another key":  {`UPDATE meta SET key = 'migration_x' WHERE key = 'migration_4'`, "the hash of migration 4 differs"},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bot.db")
			closed(t, openAt(t, path))
			change(t, path, c.statement)
			refused(t, path, allSteps(t), ErrHistory, c.words)
		})
	}
	t.Run("another program of as many migrations", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bot.db")
		closed(t, openAt(t, path))
		steps := slices.Clone(allSteps(t))
		steps[1] += "-- edited\n"
		refused(t, path, steps, ErrHistory, "the hash of migration 2 differs")
	})
	t.Run("hashes missing where they never were", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bot.db")
		steps := append(slices.Clone(allSteps(t)), `CREATE TABLE more (x)`)
		closed(t, openSteps(t, path, steps))
		change(t, path, `DELETE FROM meta WHERE key LIKE 'migration_%'`)
		refused(t, path, steps, ErrHistory, "it bears the hashes of 0")
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	closed(t, openAt(t, path))
	for n := 1; n < len(allSteps(t)); n++ {
		refused(t, path, allSteps(t)[:n], ErrNewer, fmt.Sprintf("its schema is %d, this version knows %d", len(allSteps(t)), n))
	}
	change(t, path, `PRAGMA user_version = 99`)
	refused(t, path, allSteps(t), ErrNewer, "its schema is 99")
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	ours := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "bot.db")
		closed(t, openAt(t, path))
		return path
	}
	empty := func(t *testing.T) string { return filepath.Join(t.TempDir(), "bot.db") }
	for what, c := range map[string]struct {
		path      func(*testing.T) string
		statement string
		words     string
	}{
		"another program's id":         {ours, `PRAGMA application_id = 252006674`, "application id 252006674"},
		"another program's empty file": {empty, `PRAGMA application_id = 252006674`, "application id 252006674"},
		"a schema without a version":   {ours, `PRAGMA user_version = 0`, "schema 0"},
		"tables without a version":     {empty, `CREATE TABLE notes (x)`, "schema 0, 1 tables"},
		"tables with a version":        {empty, `CREATE TABLE notes (x); CREATE TABLE meta (x); PRAGMA user_version = 3`, "schema 3, 2 tables"},
		"a log of another program":     {empty, `PRAGMA journal_mode = WAL; CREATE TABLE notes (x)`, "schema 0, 1 tables"},
		"a version without an id":      {ours, `PRAGMA application_id = 0; PRAGMA user_version = 99`, "application id 0, schema 99"},
	} {
		t.Run(what, func(t *testing.T) {
			path := c.path(t)
			change(t, path, c.statement)
			refused(t, path, allSteps(t), ErrForeign, c.words)
		})
	}
}
