package state

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	_ "plusofon-bot/internal/platform" // explains what a build without cgo lacks
)

// Why a file can't be opened. The messages are for the operator; the file is left
// unchanged.
var (
	// ErrForeign means that the file is some other program's database.
	ErrForeign = errors.New("this is not a database of this program: " +
		"set DATABASE_PATH to the bot's own file, or to a new one")
	// ErrNewer means that the database was written by a newer program.
	ErrNewer = errors.New("the database was written by a newer version of the program: " +
		"run that version, or restore a copy from before the update (the newest ….before-N beside it, or a backup)")
	// ErrHistory means that the database was made by other migrations than ours.
	ErrHistory = errors.New("the database was made by other migrations than this program's: " +
		"run the version that wrote it, restore a backup of this version, or start over with a new file in DATABASE_PATH")
	// ErrDamaged means that the file can't be read as a whole.
	ErrDamaged = errors.New("the database is damaged: " +
		"keep the file, restore a copy (a backup, or the newest ….before-N beside it), and check the disk")
)

// damage adds advice to an error that reports a damaged file.
func damage(err error) error {
	e, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case ok && e.Code == sqlite3.ErrCorrupt:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case ok && e.Code == sqlite3.ErrNotADB:
		return fmt.Errorf("%w, if DATABASE_PATH names the right file: %w", ErrDamaged, err)
	}
	return err
}

// IsDamaged reports whether an error says that the database file is corrupt.
func IsDamaged(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}

// IsBroken reports whether an error is the database's own (disk full, file
// unreadable) rather than the caller's.
func IsBroken(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrCantOpen,
		sqlite3.ErrReadonly, sqlite3.ErrNomem, sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return true
	}
	return false
}
