package e2e_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// While the program runs it holds SQLite's shared lock on its database, also when it serves health
// and metrics. Otherwise another program that opens and closes the database, as Debian's sqlite3
// does, takes itself for the last one: it deletes the log that this one goes on writing, and
// everything committed from then on is gone after a crash, and missing in backups.
func TestDatabaseIsHeld(t *testing.T) {
	w := newSides(t)
	bot := w.start()
	bot.logs("health and metrics are served")
	w.polling()
	f, err := os.OpenFile(filepath.Join(w.folder, "plusofon-bot.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The 510 bytes after the first of those reserved at 2^30.
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 1<<30 + 2, Len: 510}
	err = syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock)
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if lock.Type == syscall.F_UNLCK {
		t.Error("nobody holds the database")
	}
	bot.stops(t)
}
