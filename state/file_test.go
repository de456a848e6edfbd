package state

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// crashed copies a database's files while it is in use, as a dead process leaves them.
func crashed(t testing.TB, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "bot.db")
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		content, err := os.ReadFile(path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

const pageSize = 4096

// destroy overwrites a page of a file; the first has the number 1.
func destroy(t testing.TB, path string, page int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, pageSize), (page-1)*pageSize); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whichever page is corrupt, the program refuses to run with the database.
func TestDamagedDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	path := frozen(t, unsigned)
	closed(t, openAt(t, path))
	change(t, path, `VACUUM`) // no free pages
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for page := int64(1); page <= int64(len(whole))/pageSize; page++ {
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		destroy(t, path, page)
		refused(t, path, allSteps(t), ErrDamaged, "restore a copy")
	}
}

func TestDamagedListOfFreePagesIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	closed(t, openAt(t, path))
	change(t, path, `CREATE TABLE large (x); INSERT INTO large VALUES (zeroblob(100000)); DROP TABLE large`)
	header, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	destroy(t, path, int64(header[34])<<8|int64(header[35])) // the first page of the list
	refused(t, path, allSteps(t), ErrDamaged, "restore a copy")
}

// A damaged unsigned file stays unsigned, and its log stays in place.
func TestDamageIsFoundBeforeAnythingIsWritten(t *testing.T) {
	path := frozen(t, 1)
	change(t, path, `DELETE FROM outbox`, `VACUUM`)
	destroy(t, path, fileSize(path)/pageSize)
	refused(t, path, allSteps(t), ErrDamaged, "restore a copy")

	path = filepath.Join(t.TempDir(), "bot.db")
	closed(t, openAt(t, path))
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	left := crashed(t, path)
	destroy(t, left, fileSize(left)/pageSize)
	refused(t, left, allSteps(t), ErrDamaged, "restore a copy")
}

// The contents of a log belong to the database that is checked.
func TestWhatADeadProcessHasLeftIsLookedAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	equal(t, "value in the log", get(t, openAt(t, crashed(t, path)), meta("k")), "v")
	change(t, path, `PRAGMA application_id = 1`)
	refused(t, crashed(t, path), allSteps(t), ErrForeign, "application id 1")
}

// A journal remains if the program ends while switching a copy to the log.
func TestBrokenOffTransactionIsUndone(t *testing.T) {
	broken := func(t *testing.T, path string) string {
		t.Helper()
		db := rawDB(t, path)
		db.SetMaxOpenConns(1)
		for _, statement := range []string{`PRAGMA journal_mode = DELETE`, `PRAGMA cache_size = 1`, `BEGIN`, `UPDATE meta SET value = value || 'x'`,
			`CREATE TABLE large (x)`, `INSERT INTO large VALUES (zeroblob(1000000))`} {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		if fileSize(path+"-journal") == 0 {
			t.Fatal("there is no journal")
		}
		left := crashed(t, path)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return left
	}
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	closed(t, s)
	equal(t, "value", get(t, openAt(t, broken(t, path)), meta("k")), "v")

	change(t, path, `PRAGMA application_id = 1`)
	refused(t, broken(t, path), allSteps(t), ErrForeign, "application id 1")
}

func TestModesAreTightened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	path = crashed(t, path)
	names := []string{path, path + "-wal", path + "-shm", path + ".lock", path + ".before-3"}
	for _, name := range names {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Close(), os.Chmod(name, 0o664)); err != nil {
			t.Fatal(err)
		}
	}
	s = openAt(t, path)
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mode of "+filepath.Base(name), info.Mode().Perm(), fs.FileMode(0o600))
	}
	if w := s.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}
}

func TestModesThatStayAreTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o644)); err != nil {
		t.Fatal(err)
	}
	for what, chmod := range map[string]func(string, fs.FileMode) error{
		"operation not permitted":  func(string, fs.FileMode) error { return errors.New("operation not permitted") },
		"the file system keeps it": func(string, fs.FileMode) error { return nil },
	} {
		warnings := makePrivate(path, chmod)
		if want := fmt.Sprintf("other users of this machine may read %s (mode 0644), let its owner run chmod 600: %s", path, what); len(warnings) != 1 || warnings[0].Error() != want {
			t.Errorf("warnings %v, want %q", warnings, want)
		}
	}
}

func TestLastCopiesStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b*t.db")
	closed(t, openAt(t, path))
	others := []string{"before-x", "before-07", "before-1.part2", "before-1.txt", "copy"}
	for _, suffix := range append([]string{"before-2", "before-3", "before-5", "before-6"}, others...) {
		if err := os.WriteFile(path+"."+suffix, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	steps := slices.Clone(allSteps(t))
	steps = append(steps, `INSERT INTO meta (key, value) VALUES ('one_more', '')`)
	s := openSteps(t, path, steps)
	var left []string
	for name := range folder(t, path) {
		if rest, ok := strings.CutPrefix(name, "b*t.db."); ok {
			left = append(left, rest)
		}
	}
	slices.Sort(left)
	equal(t, "copies", left, slices.Sorted(slices.Values(append([]string{"before-5", "before-6", fmt.Sprint("before-", len(steps))}, others...))))
	if w := s.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}
}
