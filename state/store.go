// Package state is the SQLite store: the only place with SQL.
//
// It promises that a change is on disk, whole, when Update returns nil, and
// not there at all when it returns an error. It does not decide anything: what
// a row means is the caller's business. One process holds the database at a
// time; a second one is refused by Open, and so is a file that is not this
// program's, or not whole, before anything is written to it.
package state

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// ErrNotFound is returned by the verbs that look up one row.
var ErrNotFound = errors.New("not found")

// ErrOver is returned, with ErrNotFound, by the verbs that change an open row of
// the outbox which is not in a state to be changed so any more.
var ErrOver = errors.New("the row is over")

// Store is the open database. It is safe for concurrent use.
type Store struct {
	db     *sql.DB
	lock   *fileLock
	folder string // where the database lies

	warnings []error

	mu      sync.Mutex
	touched map[Side]map[string]bool
	wake    map[Side]chan struct{}
	untold  chan struct{}
	onWork  []func(Work)
	onAudit func(AuditEntry) // nil: nobody listens
}

// Close lets go of the database.
func (s *Store) Close() error {
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	return errors.Join(err, s.lock.release())
}

// Tx is one transaction: all of its changes happen, or none. Inside Update
// only the Tx may be used: with one connection anything else would wait for
// ever.
type Tx struct {
	tx      *sql.Tx
	touched map[Side]map[string]bool
	audited []AuditEntry
	trace   string
	untold  bool
	work    Work
}

// Work is what a transaction has done, and how long it has held the database up.
type Work struct {
	Statements int
	Rows       int // that they have returned or changed
	Took       time.Duration
}

// Work tells what the transaction has done so far; how long it took is told in its end.
func (tx *Tx) Work() Work { return tx.work }

// OnWork has f called, too, with what each transaction of Update has done, once it is over.
func (s *Store) OnWork(f func(Work)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onWork = append(s.onWork, f)
}

func (s *Store) worked(w Work) {
	s.mu.Lock()
	listeners := slices.Clone(s.onWork)
	s.mu.Unlock()
	for _, f := range listeners {
		f(w)
	}
}

// SetTrace names the event that what is queued from now on comes from: an update,
// a row, a ticket with news. The log shows it from the update to its effects.
func (tx *Tx) SetTrace(trace string) { tx.trace = trace }

// Update runs f in a transaction and commits it if f returns nil. An error or a
// panic of f rolls everything back.
func (s *Store) Update(f func(*Tx) error) (err error) {
	raw, err := s.db.Begin()
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	tx := &Tx{tx: raw, touched: map[Side]map[string]bool{}}
	over, begun := false, time.Now()
	defer func() {
		if !over {
			err = errors.Join(err, raw.Rollback())
		}
		tx.work.Took = time.Since(begun)
		s.worked(tx.work)
	}()
	if err := f(tx); err != nil {
		return err
	}
	// Committed or not, the transaction is over after this.
	over = true
	if err := raw.Commit(); err != nil {
		return fmt.Errorf("commit transaction: %w", err)
	}
	s.announce(tx.touched)
	if tx.untold {
		select {
		case s.untold <- struct{}{}:
		default:
		}
	}
	for _, e := range tx.audited {
		if s.onAudit != nil {
			s.onAudit(e)
		}
	}
	return nil
}

// announce wakes those who wait for lanes of the outbox to change.
func (s *Store) announce(touched map[Side]map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for side, lanes := range touched {
		for lane := range lanes {
			s.touched[side][lane] = true
		}
		select {
		case s.wake[side] <- struct{}{}:
		default:
		}
	}
}

// Wake signals that lanes of this side have changed: see TakeTouched.
func (s *Store) Wake(side Side) <-chan struct{} { return s.wake[side] }

// Untold signals that news were added: see NextAnnouncement.
func (s *Store) Untold() <-chan struct{} { return s.untold }

// TakeTouched returns the lanes of a side that committed transactions have
// changed since the last call.
func (s *Store) TakeTouched(side Side) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lanes := slices.Sorted(maps.Keys(s.touched[side]))
	clear(s.touched[side])
	return lanes
}

func (tx *Tx) exec(what, query string, args ...any) (sql.Result, error) {
	tx.work.Statements++
	res, err := tx.tx.Exec(query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if n, err := res.RowsAffected(); err == nil {
		tx.work.Rows += int(n)
	}
	return res, nil
}

// run is exec where only the error matters.
func (tx *Tx) run(what, query string, args ...any) error {
	_, err := tx.exec(what, query, args...)
	return err
}

// changed is exec that tells whether a row was changed.
func (tx *Tx) changed(what, query string, args ...any) (bool, error) {
	res, err := tx.exec(what, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// one scans a single row; ErrNotFound where there is none.
func (tx *Tx) one(what, query string, args []any, dest ...any) error {
	tx.work.Statements++
	tx.work.Rows++
	err := tx.tx.QueryRow(query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// scanner is what *sql.Row and *sql.Rows have in common.
type scanner interface{ Scan(dest ...any) error }

// all scans every row with scan.
func all[T any](tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	tx.work.Statements++
	rows, err := tx.tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		list = append(list, v)
		tx.work.Rows++
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}

// first scans one row with scan; ErrNotFound where there is none.
func first[T any](tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	tx.work.Statements++
	tx.work.Rows++
	v, err := scan(tx.tx.QueryRow(query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", what, err)
	}
	return v, nil
}

// millis is how the store writes a time; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant reads it back, in UTC.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
