package state

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns the schema's steps in order; the schema version, SQLite's
// user_version, is the number of steps a database has seen.
func migrations() ([]string, error) { return migrationsIn(migrationFiles) }

// migrationsIn rejects files not numbered 1, 2, 3 and so on: of two files with the same
// number, made on different branches, the name would decide the order, and one added
// later could precede one that databases have already seen.
func migrationsIn(files fs.FS) ([]string, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	steps := make([]string, len(names))
	for i, name := range names {
		if !strings.HasPrefix(path.Base(name), fmt.Sprintf("%04d_", i+1)) {
			return nil, fmt.Errorf("%s is migration %d of %d", name, i+1, len(names))
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(b)
	}
	return steps, nil
}

// migrate runs the missing steps, each in its own transaction, after copying a database
// that is not empty.
func migrate(db *sql.DB, path string, steps []string) error {
	var version int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > 0 && version < len(steps) {
		// Unfinished copies of a process that died.
		parts, err := filepath.Glob(globbed(path) + ".before-*.part")
		if err != nil {
			return err
		}
		for _, part := range parts {
			_ = os.Remove(part) // does no harm if it stays
		}
		if err := copyTo(db, copyName(path, len(steps)), os.Rename); err != nil {
			return fmt.Errorf("copy the database before migrating it: %w", err)
		}
	}
	for ; version < len(steps); version++ {
		if err := step(db, steps[:version+1]); err != nil {
			return fmt.Errorf("migrate to schema version %d: %w", version+1, err)
		}
	}
	return nil
}

// step runs the last of the steps.
func step(db *sql.DB, steps []string) error {
	return inTx(db, func(tx *sql.Tx) error {
		if _, err := tx.Exec(steps[len(steps)-1]); err != nil {
			return err
		}
		if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", len(steps))); err != nil {
			return err
		}
		return sign(tx, steps)
	})
}

func inTx(db *sql.DB, f func(*sql.Tx) error) (err error) {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// copyTo writes a complete copy of the database beside path; publish then gives the
// copy, checked and synced, that name.
func copyTo(db *sql.DB, path string, publish func(tmp, path string) error) (err error) {
	// SQLite fills the empty file, which is private from the start.
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	tmp := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(tmp) // it may already be renamed
		}
	}()
	defer f.Close() //nolint:errcheck // what matters is synced
	if _, err := db.Exec("VACUUM INTO ?", tmp); err != nil {
		return damage(err)
	}
	if err := sealCopy(tmp); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := publish(tmp, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// globbed returns a glob pattern that matches only path.
func globbed(path string) string {
	return regexp.MustCompile(`[\\*?\[]`).ReplaceAllString(path, `\$0`)
}

// sealCopy checks a copy and marks it as one: see TakeCopied.
func sealCopy(path string) error {
	copied, err := sql.Open("sqlite3", address(path, url.Values{"mode": {"rw"}}))
	if err != nil {
		return err
	}
	defer copied.Close() //nolint:errcheck // what was written is committed
	if err := quickCheck(copied); err != nil {
		return err
	}
	_, err = copied.Exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
		metaCopied, millis(time.Now()))
	return err
}

// syncFolder makes a new name durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // only synced
	return d.Sync()
}
