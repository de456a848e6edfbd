package state

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Open opens or creates the database at path and migrates its schema. It fails with
// ErrLocked if another process has the database open, and with ErrForeign, ErrNewer,
// ErrHistory or ErrDamaged if the file must not be written to; such a file is left
// unchanged. Problems that don't prevent working are in Warnings.
func Open(path string) (*Store, error) {
	steps, err := migrations()
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return openWith(path, steps)
}

// openWith is Open with the given migrations.
func openWith(path string, steps []string) (*Store, error) {
	if err := createPrivate(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("create database: %w", err)
	}
	// A symbolic link must share the lock of its target.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find database: %w", err)
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	s := &Store{
		lock:    lock,
		path:    path,
		folder:  filepath.Dir(path),
		untold:  make(chan struct{}, 1),
		touched: touchesBySide{},
		wake:    map[Side]chan struct{}{Telegram: make(chan struct{}, 1), Plusofon: make(chan struct{}, 1)},
	}
	if err := s.open(path, steps); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(path string, steps []string) error {
	toSign, err := inspect(path, steps)
	if err != nil {
		return err
	}
	// SQLite creates the files beside the database with its mode.
	s.warnings = makePrivate(path, os.Chmod)
	s.db, err = sql.Open(DriverName, address(path, url.Values{
		"_journal_mode":    {"WAL"},
		"_synchronous":     {"FULL"},
		"_foreign_keys":    {"on"},
		"_busy_timeout":    {"5000"},
		"_txlock":          {"immediate"},
		"_stmt_cache_size": {"128"},
	}))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	// One connection: no concurrent writers, and a transaction sees everything.
	s.db.SetMaxOpenConns(1)
	if err := checkPragmas(s.db); err != nil {
		return err
	}
	if toSign != nil {
		if err := inTx(s.db, func(tx *sql.Tx) error { return sign(tx, toSign) }); err != nil {
			return fmt.Errorf("note which migrations made the database: %w", err)
		}
	}
	if err := migrate(s.db, path, steps); err != nil {
		return err
	}
	// A statement's temporary tables, such as the list of an IN or what RETURNING returns, are
	// small. In a file each has a page cache of its own, which costs more than the statement.
	// Migrations sort whole tables: theirs are in files.
	if _, err := s.db.Exec("PRAGMA temp_store = MEMORY"); err != nil {
		return fmt.Errorf("keep temporary tables in memory: %w", err)
	}
	s.warnings = append(s.warnings, pruneCopies(path)...)
	return nil
}

// Warnings returns problems with the files that an operator should know about.
func (s *Store) Warnings() []error { return s.warnings }

// address is the driver's name for a file, for any characters in its path.
func address(path string, q url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String()
}

// checkPragmas verifies what the address asked for: the driver ignores unknown keys,
// and its default is synchronous=NORMAL.
func checkPragmas(db *sql.DB) error {
	for _, p := range []struct{ name, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "5000"},
	} {
		var got string
		if err := db.QueryRow("PRAGMA " + p.name).Scan(&got); err != nil {
			return fmt.Errorf("read pragma %s: %w", p.name, err)
		}
		if !strings.EqualFold(got, p.want) {
			return fmt.Errorf("pragma %s is %s, not %s", p.name, got, p.want)
		}
	}
	return nil
}
