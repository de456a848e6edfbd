package state

import (
	"errors"
	"fmt"
	"testing"

	"github.com/mattn/go-sqlite3"
)

func TestWhatKindOfFailure(t *testing.T) {
	for code, want := range map[error][2]bool{ // broken, damaged
		sqlite3.ErrFull: {true, false}, sqlite3.ErrIoErr: {true, false}, sqlite3.ErrCorrupt: {true, true}, sqlite3.ErrNotADB: {true, true},
		sqlite3.ErrConstraint: {false, false},
	} {
		no, _ := errors.AsType[sqlite3.ErrNo](code)
		err := fmt.Errorf("read it: %w", sqlite3.Error{Code: no})
		if got := [2]bool{IsBroken(err), IsDamaged(err)}; got != want {
			t.Errorf("%v: %v, want %v", code, got, want)
		}
	}
	if IsBroken(errors.New("x")) || IsDamaged(nil) {
		t.Error("another failure is the database's")
	}
}
