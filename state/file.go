package state

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// createPrivate creates an empty file, which SQLite takes for an empty database,
// that only this user can read: the database holds people's correspondence.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// inspect refuses a file that is no database to write to, before anything is
// written: see verify.
func inspect(path string, steps []string) (toSign []string, err error) {
	db, err := openUntouched(path)
	if err != nil {
		return nil, err
	}
	defer db.Close() //nolint:errcheck // only read
	if toSign, err = verify(db, steps); err != nil {
		return nil, err
	}
	return toSign, quickCheck(db)
}

// openUntouched opens a file for reading so that it, and what lies beside it, stays
// as it is.
func openUntouched(path string) (*sql.DB, error) {
	h, err := readHeader(path)
	if err != nil {
		return nil, err
	}
	if h.application != 0 && h.application != applicationID {
		return nil, fmt.Errorf("%w (application id %d)", ErrForeign, h.application)
	}
	if fileSize(path+"-journal") > 0 {
		if err := rollBack(path); err != nil {
			return nil, err
		}
	}
	q := url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}}
	if h.logged && fileSize(path+"-wal") == 0 {
		// SQLite would make a log and its index to look into the log. Without one
		// the file is all there is.
		q.Set("immutable", "1")
	}
	db, err := sql.Open("sqlite3", address(path, q))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// header is what the beginning of a file tells without SQLite.
type header struct {
	logged      bool // changes go to a write-ahead log
	application int32
}

// readHeader returns the zero header for a file that has none: there is nothing in
// it yet, or nothing that SQLite takes for a database.
func readHeader(path string) (header, error) {
	f, err := os.Open(path)
	if err != nil {
		return header{}, fmt.Errorf("open database: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	var b [100]byte
	_, err = io.ReadFull(f, b[:])
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), err == nil && !bytes.HasPrefix(b[:], []byte("SQLite format 3\x00")):
		return header{}, nil
	case err != nil:
		return header{}, fmt.Errorf("read database: %w", err)
	}
	return header{logged: b[19] == 2, application: int32(binary.BigEndian.Uint32(b[68:]))}, nil
}

// fileSize is 0 for what is not there.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// rollBack has SQLite undo what the journal of a broken-off transaction tells of.
// It takes a connection that may write. The program leaves a journal only where it
// ends while it turns a new file, or a copy that was put in its place, to the
// write-ahead log.
func rollBack(path string) error {
	db, err := sql.Open("sqlite3", address(path, url.Values{"mode": {"rw"}, "_busy_timeout": {"5000"}}))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer db.Close() //nolint:errcheck // only read
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil {
		return fmt.Errorf("roll back the journal: %w", damage(err))
	}
	return nil
}

// quickCheck looks for destroyed pages. It goes from table to table, for the whole
// at once would have FTS read all words again to look for mistakes of its own,
// which takes longer than all the rest. With sqlite_schema come the free pages.
func quickCheck(db *sql.DB) error {
	var found string
	err := db.QueryRow(`SELECT quick_check FROM (SELECT 'sqlite_schema' AS name UNION ALL SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0) AS t,
		pragma_quick_check(t.name) WHERE quick_check <> 'ok' LIMIT 1`).Scan(&found)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("check the database: %w", damage(err))
	}
	return fmt.Errorf("%w (%s)", ErrDamaged, strings.Join(strings.Fields(found), " "))
}

// makePrivate makes the database's files such that only their user can read them,
// and tells of those which it can't change.
func makePrivate(path string, chmod func(string, fs.FileMode) error) (warnings []error) {
	const private, others = 0o600, 0o077
	for _, name := range append([]string{path, path + "-wal", path + "-shm", path + ".lock"}, copies(path)...) {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&others == 0 {
			continue
		}
		err = chmod(name, private)
		if after, e := os.Stat(name); err == nil && e == nil && after.Mode().Perm()&others != 0 {
			err = errors.New("the file system keeps it")
		}
		if err != nil {
			warnings = append(warnings, fmt.Errorf("other users of this machine may read %s (mode %#o), let its owner run chmod 600: %w", name, info.Mode().Perm(), err))
		}
	}
	return warnings
}

// copyName is what a copy that is made before the schema becomes a version is
// called, beside the database.
func copyName(path string, version int) string { return fmt.Sprintf("%s.before-%d", path, version) }

// copies lists the copies of before migrations, the newest first.
func copies(path string) []string {
	names, err := filepath.Glob(globbed(path) + ".before-*")
	if err != nil {
		return nil // it is a pattern
	}
	version := func(name string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(name, path+".before-"))
		if err != nil {
			return 0
		}
		return n
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		info, err := os.Lstat(name)
		return copyName(path, version(name)) != name || err != nil || !info.Mode().IsRegular()
	})
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	return names
}

// keptCopies is how many of them stay.
const keptCopies = 3

func pruneCopies(path string) (warnings []error) {
	names := copies(path)
	for _, name := range names[min(keptCopies, len(names)):] {
		if err := os.Remove(name); err != nil {
			warnings = append(warnings, fmt.Errorf("an old copy of the database stays: %w", err))
		}
	}
	return warnings
}
