package bottest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// failing keeps what a test is failed with.
type failing struct {
	*testing.T
	with []string
}

func (f *failing) Errorf(format string, args ...any) {
	f.with = append(f.with, fmt.Sprintf(format, args...))
}

func TestBounded(t *testing.T) {
	const stored = 1000
	store, err := statetest.OpenHurried(filepath.Join(t.TempDir(), "bot.db"))
	Must(t, err)
	t.Cleanup(func() { _ = store.Close() }) // nothing is lost
	Must(t, store.Update(func(tx *state.Tx) (err error) {
		for range stored {
			_, failure := tx.Enqueue(state.Request{Side: state.Telegram, Lane: "a", Kind: "call", Payload: "{}"}, time.Unix(0, 0))
			err = errors.Join(err, failure)
		}
		return err
	}))
	f := &failing{T: t}
	Bounded(f, store)
	for _, c := range []struct {
		ones, lists int // reads of one row, and of all that are stored
		want        []string
	}{
		{mostStatements, 0, nil},
		{mostStatements + 1, 0, []string{"a transaction makes 701 statements, more than 700 hold everybody up"}},
		{0, mostRows / stored, nil},
		{1, mostRows / stored, []string{"a transaction reads or changes 3001 rows, more than 3000 hold everybody up"}},
	} {
		f.with = nil
		Must(t, store.Update(func(tx *state.Tx) (err error) {
			for range c.ones {
				_, failure := tx.Meta("none")
				err = errors.Join(err, failure)
			}
			for range c.lists {
				_, failure := tx.QueuedRows(state.Telegram)
				err = errors.Join(err, failure)
			}
			return err
		}))
		if !slices.Equal(f.with, c.want) {
			t.Errorf("%d reads of one row and %d of %d fail with %q, want %q", c.ones, c.lists, stored, f.with, c.want)
		}
	}
}
