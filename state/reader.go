package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Reader reads a database that this or another process has open, without blocking it:
// each View is a snapshot. It can't write.
type Reader struct{ db *sql.DB }

// OpenReader opens an existing database at path. It also reads databases of earlier
// versions, as far as they have what is asked for, and fails with ErrForeign, ErrNewer
// or ErrDamaged.
func OpenReader(path string) (*Reader, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find database: %w", err)
	}
	if err := identifyFile(path); err != nil {
		return nil, err
	}
	return openReader(path)
}

// Reader returns a reader of the store's database. OpenReader is for those of other processes: it
// looks into the file itself, and closing that would end the locks by which SQLite knows that this
// process has the database open. Another program that opens and closes it would then take itself
// for the last one and delete the log that this one goes on writing.
func (s *Store) Reader() (*Reader, error) { return openReader(s.path) }

func openReader(path string) (*Reader, error) {
	db, err := sql.Open("sqlite3", address(path, url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}}))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	r := &Reader{db: db}
	if err := r.db.Ping(); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", damage(err)), r.Close())
	}
	return r, nil
}

// identifyFile rejects a file that is not ours before creating anything beside it.
func identifyFile(path string) error {
	steps, err := migrations()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	db, err := openUntouched(path)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read
	_, _, err = identify(db, len(steps))
	return err
}

// Close closes the database.
func (r *Reader) Close() error { return r.db.Close() }

// View runs f on a snapshot of the database. Methods that write fail.
func (r *Reader) View(ctx context.Context, f func(*Tx) error) error {
	raw, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin reading: %w", err)
	}
	defer raw.Rollback() //nolint:errcheck // nothing was written
	return f(&Tx{db: raw, touched: touchesBySide{}})
}

// Backup writes a consistent copy of the database to path, which appears only once the
// copy is checked and synced. It fails with fs.ErrExist if path exists.
func (r *Reader) Backup(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("write %s: %w", path, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return copyTo(r.db, path, publish)
}

// datedCopy is the name of a copy by BackupInto. Names sort by time.
const datedCopy = "plusofon-bot-20060102T150405Z.db"

// BackupInto writes a copy, as Backup does, to a folder, named after the time, and
// returns its path. Of the copies so named only the last keep are kept, this one always
// among them; other files are left alone.
func (r *Reader) BackupInto(folder string, keep int, now time.Time) (path string, err error) {
	path = filepath.Join(folder, now.UTC().Format(datedCopy))
	if err := r.Backup(path); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return path, fmt.Errorf("look for older copies: %w", err)
	}
	var others []string
	for _, e := range entries {
		name := e.Name()
		copied, unfinished := isDated(name)
		switch {
		case !e.Type().IsRegular() || name == filepath.Base(path):
		case copied:
			others = append(others, name)
		case unfinished: // by a process that died: no copy takes a day
			if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > 24*time.Hour {
				_ = os.Remove(filepath.Join(folder, name)) // retried next time
			}
		}
	}
	var failed error
	for _, name := range others[:max(len(others)-(keep-1), 0)] {
		failed = errors.Join(failed, os.Remove(filepath.Join(folder, name)))
	}
	return path, failed
}

// isDated reports whether a name is that of a dated copy, or of an unfinished one.
func isDated(name string) (copied, unfinished bool) {
	if len(name) < len(datedCopy) {
		return false, false
	}
	_, err := time.Parse(datedCopy, name[:len(datedCopy)])
	rest := name[len(datedCopy):]
	return err == nil && rest == "", err == nil && strings.HasSuffix(rest, ".part")
}

// publish renames a finished file without replacing an existing one.
func publish(tmp, path string) error {
	err := os.Link(tmp, path)
	switch {
	case err == nil:
		return os.Remove(tmp)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// A file system without hard links.
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("write %s: %w", path, fs.ErrExist)
	}
	return os.Rename(tmp, path)
}

// IsHeld reports whether a program has the database at path open, by taking the lock
// for a moment.
func IsHeld(path string) (bool, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false, fmt.Errorf("find database: %w", err)
	}
	f, err := os.Open(path + ".lock")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open lock file: %w", err)
	}
	defer f.Close() //nolint:errcheck // it lets go of the lock all the same
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the lock: %w", err)
	}
	return false, nil
}

// DiskFree returns how many bytes can still be written beside the database.
func (s *Store) DiskFree() (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(s.folder, &fs); err != nil {
		return 0, fmt.Errorf("look at the free space: %w", err)
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil //nolint:unconvert // the types differ from system to system
}
