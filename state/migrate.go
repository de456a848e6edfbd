package state

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sort"
)

// ErrNewer means that the database was written by a newer program.
var ErrNewer = errors.New("the database was written by a newer version of the program")

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the schema's steps in order; the schema's version, SQLite's
// user_version, is how many of them a database has seen.
func migrations() ([]string, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	steps := make([]string, len(names))
	for i, name := range names {
		b, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		steps[i] = string(b)
	}
	return steps, nil
}

// migrate runs the missing steps, each in a transaction of its own, after a
// copy of a database that already holds something.
func migrate(db *sql.DB, path string, steps []string) error {
	var version int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > len(steps) {
		return fmt.Errorf("schema version %d, this program knows %d: %w", version, len(steps), ErrNewer)
	}
	if version > 0 && version < len(steps) {
		if err := backupTo(db, fmt.Sprintf("%s.before-%d", path, len(steps))); err != nil {
			return fmt.Errorf("copy the database before migrating it: %w", err)
		}
	}
	for ; version < len(steps); version++ {
		if err := step(db, steps[version], version+1); err != nil {
			return fmt.Errorf("migrate to schema version %d: %w", version+1, err)
		}
	}
	return nil
}

func step(db *sql.DB, script string, version int) (err error) {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if _, err := tx.Exec(script); err != nil {
		return err
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// backupTo writes a whole copy of the database to path, which takes its name
// only once the copy is checked.
func backupTo(db *sql.DB, path string) error {
	tmp := path + ".part"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// SQLite fills an empty file, and it is nobody else's to read.
	if err := createPrivate(tmp); err != nil {
		return err
	}
	if _, err := db.Exec("VACUUM INTO ?", tmp); err != nil {
		return err
	}
	copied, err := sql.Open("sqlite3", address(tmp, url.Values{"mode": {"ro"}}))
	if err != nil {
		return err
	}
	defer copied.Close() //nolint:errcheck // only read
	var verdict string
	if err := copied.QueryRow("PRAGMA quick_check").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("the copy is damaged: %s", verdict)
	}
	return os.Rename(tmp, path)
}
