package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// otherProcess is the variable that makes the test binary act as the other process of a test.
const otherProcess = "STATE_TEST_DATABASE"

func TestMain(m *testing.M) {
	if path := os.Getenv(otherProcess); path != "" {
		os.Exit(beOtherProcess(path))
	}
	goleak.VerifyTestMain(m)
}

// beOtherProcess opens the database, changes it, leaves another change uncommitted and waits
// to be killed.
func beOtherProcess(path string) int {
	s, err := Open(path)
	switch {
	case errors.Is(err, ErrLocked):
		return 3
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := s.Update(func(tx *Tx) error { return tx.SetMeta("committed", "yes") }); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	err = s.Update(func(tx *Tx) error {
		if err := tx.SetMeta("uncommitted", "yes"); err != nil {
			return err
		}
		fmt.Println("ready")
		select {}
	})
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// start is the start of the tests' clock; at is that many seconds later.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // closing twice is harmless
	return s
}

// empty is an empty database of the current schema.
var empty = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "empty")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	path := filepath.Join(folder, "empty.db")
	s, err := Open(path)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// open opens an empty database, a copy of one whose schema is made once.
func open(t testing.TB) *Store {
	t.Helper()
	content, err := empty()
	path := filepath.Join(t.TempDir(), "bot.db")
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return openAt(t, path)
}

// do makes changes that must succeed.
func do(t testing.TB, s *Store, changes ...func(*Tx) error) {
	t.Helper()
	for _, f := range changes {
		if err := s.Update(f); err != nil {
			t.Fatal(err)
		}
	}
}

// get reads what must be there.
func get[T any](t testing.TB, s *Store, f func(*Tx) (T, error)) T {
	t.Helper()
	var v T
	do(t, s, func(tx *Tx) (err error) {
		v, err = f(tx)
		return err
	})
	return v
}

// absent requires ErrNotFound.
func absent[T any](t testing.TB, s *Store, f func(*Tx) (T, error)) {
	t.Helper()
	err := s.Update(func(tx *Tx) error {
		_, err := f(tx)
		return err
	})
	if !errors.Is(err, ErrNotFound) {
		t.Fatalf("error %v, want ErrNotFound", err)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func meta(key string) func(*Tx) (string, error) {
	return func(tx *Tx) (string, error) { return tx.Meta(key) }
}

func TestUpdateRollsBack(t *testing.T) {
	errWanted := errors.New("wanted")
	for what, f := range map[string]func(){
		"error": func() {},
		"panic": func() { panic("wanted") },
		"exit":  func() { runtime.Goexit() },
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t)
			do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "before") })
			var err error
			var panicked any
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { panicked = recover() }()
				err = s.Update(func(tx *Tx) error {
					if err := tx.SetMeta("k", "after"); err != nil {
						return err
					}
					if _, err := tx.Enqueue(Request{Side: Telegram, Lane: "a", Kind: "call"}, start); err != nil {
						return err
					}
					f()
					return errWanted
				})
			}()
			<-ended
			if what == "panic" {
				equal(t, "panic", panicked, any("wanted"))
			}
			if what == "error" && !errors.Is(err, errWanted) {
				t.Errorf("error %v", err)
			}
			equal(t, "value", get(t, s, meta("k")), "before")
			equal(t, "touched lanes", touched(s, Telegram), []string(nil))
			select {
			case <-s.Wake(Telegram):
				t.Error("woken by what was rolled back")
			default:
			}
			do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "still usable") })
			equal(t, "value", get(t, s, meta("k")), "still usable")
		})
	}
}

func TestFailedCommitIsRolledBack(t *testing.T) {
	s := open(t)
	err := s.Update(func(tx *Tx) error {
		// Deferred constraints are the only way to make the commit fail here.
		if _, err := tx.db.ExecContext(t.Context(), `PRAGMA defer_foreign_keys = on`); err != nil {
			return err
		}
		return errors.Join(tx.SetMeta("k", "v"), tx.Bind(1, 404, start))
	})
	if err == nil {
		t.Fatal("committed")
	}
	equal(t, "value", get(t, s, meta("k")), "")
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "still usable") })
}

func TestTxIsOverAfterUpdate(t *testing.T) {
	s := open(t)
	var leaked *Tx
	do(t, s, func(tx *Tx) error { leaked = tx; return nil })
	if err := leaked.SetMeta("k", "v"); err == nil {
		t.Error("a finished transaction still writes")
	}
}

func TestClosedStore(t *testing.T) {
	s := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(func(*Tx) error { return nil }); err == nil {
		t.Error("a closed store works")
	}
}

func TestUpdatesOfManyGoroutines(t *testing.T) {
	s := open(t)
	const n = 20
	errs := make(chan error)
	for range n {
		go func() {
			errs <- s.Update(func(tx *Tx) error {
				offset, err := tx.Offset()
				return errors.Join(err, tx.SetOffset(offset+1))
			})
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	equal(t, "offset", get(t, s, (*Tx).Offset), int64(n))
}

func TestMeta(t *testing.T) {
	s := open(t)
	equal(t, "offset at first", get(t, s, (*Tx).Offset), int64(0))
	equal(t, "unset value", get(t, s, meta("k")), "")
	do(t, s,
		func(tx *Tx) error { return tx.SetMeta("k", "1") },
		func(tx *Tx) error { return tx.SetMeta("k", "2") },
		func(tx *Tx) error { return tx.SetOffset(1 << 40) })
	equal(t, "value", get(t, s, meta("k")), "2")
	equal(t, "offset", get(t, s, (*Tx).Offset), int64(1<<40))
	do(t, s, func(tx *Tx) error { return tx.SetMeta("offset", "nonsense") })
	if err := s.Update(func(tx *Tx) error { _, err := tx.Offset(); return err }); err == nil {
		t.Error("an offset that is no number is read")
	}
}
