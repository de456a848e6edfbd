package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func reader(t testing.TB, path string) *Reader {
	t.Helper()
	r, err := OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func view[T any](t testing.TB, r *Reader, f func(*Tx) (T, error)) (v T) {
	t.Helper()
	err := r.View(t.Context(), func(tx *Tx) (err error) {
		v, err = f(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A reader sees what is committed, also during another transaction, and changes nothing.
func TestReaderSeesWhatIsCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "база ?#%.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "old") })
	r := reader(t, path)
	do(t, s, func(tx *Tx) error {
		if err := tx.SetMeta("k", "new"); err != nil {
			return err
		}
		equal(t, "value before the commit", view(t, r, meta("k")), "old")
		return nil
	})
	equal(t, "value after it", view(t, r, meta("k")), "new")
	err := r.View(t.Context(), func(tx *Tx) error {
		// Nor does it block writers: it keeps seeing its snapshot.
		do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "newer") })
		return tx.SetMeta("k", "by the reader")
	})
	if err == nil {
		t.Error("the reader writes")
	}
	equal(t, "value after all", get(t, s, meta("k")), "newer")
}

func TestReaderOfNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	if _, err := OpenReader(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that the file is missing", err)
	}
	if _, err := IsHeld(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that the file is missing", err)
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(files) > 0 {
		t.Errorf("looking leaves %v behind", files)
	}
}

// A file of an earlier version can be read, and copied before it is migrated.
func TestReaderOfEarlierVersions(t *testing.T) {
	t.Parallel()
	for n := 1; n <= unsigned; n++ {
		path := frozen(t, n)
		r := reader(t, path)
		equal(t, "offset", view(t, r, (*Tx).Offset), int64(870123456))
		if err := r.Backup(path + ".copy"); err != nil {
			t.Fatal(err)
		}
		equal(t, "version of the copy", version(t, rawDB(t, path+".copy")), n)
		equal(t, "offset in the copy", get(t, openAt(t, path+".copy"), (*Tx).Offset), int64(870123456))
	}
}

func TestReaderRefusesWhatIsNotForIt(t *testing.T) {
	for what, c := range map[string]struct {
		statement string
		want      error
	}{
		"another program's": {`PRAGMA application_id = 1`, ErrForeign},
		"a newer program's": {`PRAGMA user_version = 99`, ErrNewer},
	} {
		path := filepath.Join(t.TempDir(), "bot.db")
		closed(t, openAt(t, path))
		change(t, path, c.statement)
		before := folder(t, path)
		if _, err := OpenReader(path); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", what, err, c.want)
		}
		equal(t, "the folder", folder(t, path), before)
	}
	path := filepath.Join(t.TempDir(), "bot.db")
	closed(t, openAt(t, path))
	destroy(t, path, 1)
	if _, err := OpenReader(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v, want %v", err, ErrDamaged)
	}
}

// A damaged database gives no copy.
func TestBackupOfADamagedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	closed(t, openAt(t, path))
	db := rawDB(t, path)
	var root int64
	if err := db.QueryRow(`SELECT rootpage FROM sqlite_schema WHERE name = 'people'`).Scan(&root); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	destroy(t, path, root)
	if err := reader(t, path).Backup(path + ".copy"); !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v, want %v", err, ErrDamaged)
	}
	if copies, _ := filepath.Glob(path + ".copy*"); len(copies) > 0 {
		t.Errorf("%v is left behind", copies)
	}
	// Nor does a copy corrupted by the disk.
	if err := sealCopy(path); !errors.Is(err, ErrDamaged) {
		t.Errorf("error %v for a spoilt copy, want %v", err, ErrDamaged)
	}
}

func TestIsHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	held := func() bool {
		t.Helper()
		held, err := IsHeld(path)
		if err != nil {
			t.Fatal(err)
		}
		return held
	}
	s := openAt(t, path)
	equal(t, "held while it is open", held(), true)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "held after it was closed", held(), false)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	equal(t, "held without a lock file", held(), false)
}

// IsHeld takes the lock for a moment, which does not keep a program from starting.
func TestLookingAtTheLockIsNoObstacle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	if err := openAt(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := IsHeld(path); err != nil { // it keeps nothing
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		look, err := os.Open(path + ".lock") // what IsHeld does, stopped in the middle
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Flock(int(look.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
			t.Fatal(err)
		}
		opened := make(chan error)
		go func() {
			s, err := Open(path)
			if err == nil {
				err = s.Close()
			}
			opened <- err
		}()
		synctest.Wait() // it has found the lock taken, and pauses
		if err := look.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-opened; err != nil {
			t.Error(err)
		}
	})
}

// A backup is a complete snapshot, for its user only, and marked as a copy.
func TestBackup(t *testing.T) {
	folder := t.TempDir()
	path, to := filepath.Join(folder, "bot.db"), filepath.Join(folder, "копия ?#%.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "committed") },
		func(tx *Tx) error { return receive(tx, "u1", 1, "", 0) },
		func(tx *Tx) error {
			if err := tx.SetMeta("k", "not yet"); err != nil {
				return err
			}
			return reader(t, path).Backup(to)
		})
	info, err := os.Stat(to)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mode", info.Mode().Perm(), os.FileMode(0o600))
	if parts, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(parts) > 0 {
		t.Errorf("unfinished copies are left behind: %v", parts)
	}
	copied := openAt(t, to)
	equal(t, "value", get(t, copied, meta("k")), "committed")
	equal(t, "update", get(t, copied, (*Tx).NextUpdate).Payload, "u1")
	equal(t, "known as a copy", get(t, copied, (*Tx).IsCopy), true)
	do(t, copied, (*Tx).TakeCopied)
	equal(t, "known as a copy twice", get(t, copied, (*Tx).IsCopy), false)
	equal(t, "the original known as one", get(t, s, (*Tx).IsCopy), false)
}

func TestBackupOfAStoppedProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := reader(t, path).Backup(path + ".copy"); err != nil {
		t.Fatal(err)
	}
	equal(t, "value", get(t, openAt(t, path+".copy"), meta("k")), "v")
}

// An existing file of the name is kept, whatever it is.
func TestBackupReplacesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bot.db")
	openAt(t, path)
	r := reader(t, path)
	file, link, dir := filepath.Join(folder, "file"), filepath.Join(folder, "link"), filepath.Join(folder, "dir")
	if err := errors.Join(os.WriteFile(file, []byte("mine"), 0o600), os.Symlink("nowhere", link), os.Mkdir(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{file, link, dir, path} {
		if err := r.Backup(to); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: error %v, want that it exists", to, err)
		}
		// Someone may create the file while the copy is made.
		if err := copyTo(r.db, to, publish); err == nil {
			t.Errorf("%s is replaced", to)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "mine" {
		t.Errorf("the file holds %q (%v)", b, err)
	}
	if parts, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(parts) > 0 {
		t.Errorf("unfinished copies are left behind: %v", parts)
	}
	if err := r.Backup(filepath.Join(folder, "none", "copy.db")); err == nil {
		t.Error("a copy was written into a folder that is not there")
	}
}

// Dated copies collect in a folder, the last ones are kept, and nothing else is touched. The
// newest is the one just made, whatever the clock says.
func TestBackupInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	folder := t.TempDir()
	r := reader(t, path)
	into := func(keep int, when time.Time) string {
		t.Helper()
		name, err := r.BackupInto(folder, keep, when)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Base(name)
	}
	left := func() (names []string) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	day := func(n int) time.Time {
		return time.Date(2026, 11, n, 3, 30, 0, 0, time.FixedZone("", 3*60*60)) // half past midnight in UTC
	}
	equal(t, "name", into(2, day(1)), "plusofon-bot-20261101T003000Z.db")
	into(2, day(2))
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "the third day") })
	third := into(2, day(3))
	equal(t, "copies", left(), []string{"plusofon-bot-20261102T003000Z.db", third})

	others := []string{"plusofon-bot-2026.db", "plusofon-bot-20261032T003000Z.db", "plusofon-bot.db", third + ".jpg"}
	stale, young := "plusofon-bot-20261101T003000Z.db.1234.part", "plusofon-bot-20261104T003000Z.db.1234.part"
	for _, name := range append([]string{stale, young}, others...) {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(
		os.Mkdir(filepath.Join(folder, "plusofon-bot-20200101T003000Z.db"), 0o700),
		os.Chtimes(filepath.Join(folder, stale), day(1), day(1)), os.Chtimes(filepath.Join(folder, young), day(4), day(4)),
	); err != nil {
		t.Fatal(err)
	}
	fourth := into(1, day(4))
	want := append([]string{"plusofon-bot-20200101T003000Z.db", young, fourth}, others...)
	slices.Sort(want)
	equal(t, "what stays beside others", left(), want)

	back := into(1, day(2))
	equal(t, "value", get(t, openAt(t, filepath.Join(folder, back)), meta("k")), "the third day")
	if slices.Contains(left(), fourth) {
		t.Error("the copy of a clock that was ahead outlives a newer one")
	}
	if _, err := r.BackupInto(folder, 1, day(2)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("twice in a second: %v, want that it exists", err)
	}
}

// A queue is stuck if something is due and nothing ends; postponed rows and slow progress
// don't count.
func TestIsStuck(t *testing.T) {
	stuck := func(s *Store, side Side, second int) bool {
		return get(t, s, func(tx *Tx) (bool, error) { return tx.IsStuck(side, at(second)) })
	}
	s := open(t)
	equal(t, "an empty queue", stuck(s, Telegram, 100), false)
	first := add(t, s, request("a"))
	add(t, s, request("a"))
	equal(t, "nothing was due before", stuck(s, Telegram, 0), false)
	equal(t, "due and not sent", stuck(s, Telegram, 100), true)
	equal(t, "on the other side", stuck(s, Plusofon, 100), false)

	do(t, s, func(tx *Tx) error { return tx.Retry(first, at(150), "no answer") })
	equal(t, "the head was put off", stuck(s, Telegram, 100), false)
	equal(t, "and is not sent either", stuck(s, Telegram, 200), true)

	do(t, s, func(tx *Tx) error { return tx.Finish(first, Done, at(250), "") })
	equal(t, "another row ended since", stuck(s, Telegram, 200), false)
	equal(t, "nothing has ended since", stuck(s, Telegram, 300), true)
}

func TestOldestDue(t *testing.T) {
	s := open(t)
	equal(t, "of none", get(t, s, (*Tx).OldestDue).IsZero(), true)
	do(t, s, func(tx *Tx) error { return receive(tx, "u1", 1, "", 5) }, func(tx *Tx) error { return receive(tx, "u2", 2, "", 3) })
	equal(t, "of two", get(t, s, (*Tx).OldestDue), at(3))
}
