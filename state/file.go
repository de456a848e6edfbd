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

// createPrivate creates an empty file, which SQLite treats as an empty database,
// readable by this user only: the database holds private correspondence.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// inspect rejects a file that must not be written to, before anything is written:
// see verify.
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

// openUntouched opens a database for reading without changing it or the files beside
// it.
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
		// SQLite would create a log and its index just to look for entries. Without a
		// log the file is complete.
		q.Set("immutable", "1")
	}
	db, err := sql.Open("sqlite3", address(path, q))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// header is what can be read from the file without SQLite.
type header struct {
	logged      bool // it uses a write-ahead log
	application int32
}

// readHeader returns the zero header for a file without one: an empty file, or not a
// SQLite database.
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

// fileSize returns 0 for a missing file.
func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// rollBack has SQLite roll back the journal of an interrupted transaction, which takes
// a writable connection. The program leaves a journal only if it dies while switching
// a new file, or a restored copy, to the write-ahead log.
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

// quickCheck looks for corrupt pages. It checks table by table: on the whole database
// FTS would reread all its words to verify its own index, which takes longer than
// everything else. sqlite_schema covers the free pages.
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

// makePrivate restricts the database's files to their owner, and returns warnings for
// those it can't change.
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

// copyName names the copy made before migrating to a version, beside the database.
func copyName(path string, version int) string { return fmt.Sprintf("%s.before-%d", path, version) }

// copies lists the copies made before migrations, newest first.
func copies(path string) []string {
	names, err := filepath.Glob(globbed(path) + ".before-*")
	if err != nil {
		return nil // the pattern is valid
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

// keptCopies is how many copies are kept.
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
