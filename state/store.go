// Package state is the SQLite store: the only place with SQL.
//
// A change is durable, as a whole, when Update returns nil, and has not happened when
// it returns an error. The store makes no decisions: what a row means is the caller's
// business. One process has the database open at a time; Open rejects a second one, and
// a file that is not this program's or is damaged, before writing anything.
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// ErrNotFound is returned by methods that look up one row.
var ErrNotFound = errors.New("not found")

// ErrOver is returned, with ErrNotFound, by methods that change a row of the outbox whose
// state no longer allows the change.
var ErrOver = errors.New("the row is over")

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db     *sql.DB
	lock   *fileLock
	path   string // of the database
	folder string // that contains the database

	warnings []error

	mu      sync.Mutex
	touched touchesBySide
	wake    map[Side]chan struct{}
	untold  chan struct{}
	onWork  []func(Work)
	onAudit func(AuditEntry) // nil: no listener
}

// Close closes the database.
func (s *Store) Close() error {
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	return errors.Join(err, s.lock.release())
}

// Tx is a transaction: all of its changes happen, or none. Inside Update only the Tx
// may be used: there is one connection, so anything else would deadlock.
type Tx struct {
	db      runner
	touched touchesBySide
	audited []AuditEntry
	trace   string
	untold  bool
	work    Work
}

// runner runs statements: the connection of an Update, or the transaction of a View.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// background is the context of statements: they are short, and nothing cuts them off.
var background = context.Background()

// Work is what a transaction did, and how long it occupied the database.
type Work struct {
	Statements int
	Rows       int // returned or changed
	Took       time.Duration
}

// Work returns what the transaction has done so far, without Took.
func (tx *Tx) Work() Work { return tx.work }

// OnWork adds a function called after each Update with what its transaction did.
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

// SetTrace names the origin of rows enqueued from now on: an update, a row, a ticket
// with news. The log follows it from an update to its effects.
func (tx *Tx) SetTrace(trace string) { tx.trace = trace }

// Update runs f in a transaction and commits it if f returns nil. An error or a panic
// of f rolls it back.
func (s *Store) Update(f func(*Tx) error) error {
	tx := &Tx{touched: touchesBySide{}}
	defer func() {
		if tx.db != nil {
			s.worked(tx.work)
		}
	}()
	if err := s.run(tx, f); err != nil {
		return err
	}
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

// run is Update without its listeners, which are called once the connection is free again.
func (s *Store) run(tx *Tx, f func(*Tx) error) (err error) {
	// Not a sql.Tx, which starts a goroutine for each query.
	conn, err := s.db.Conn(background)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	if _, err := conn.ExecContext(background, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	tx.db = conn
	committing, begun := false, time.Now()
	defer func() {
		if !committing {
			_, failure := conn.ExecContext(background, "ROLLBACK")
			err = errors.Join(err, failure)
		}
		tx.work.Took = time.Since(begun)
	}()
	if err := f(tx); err != nil {
		return err
	}
	committing = true
	if _, err := conn.ExecContext(background, "COMMIT"); err != nil {
		_, _ = conn.ExecContext(background, "ROLLBACK") // SQLite may have done so itself
		return fmt.Errorf("commit transaction: %w", err)
	}
	s.announce(tx.touched) // while no other transaction can run: in the order of the commits
	return nil
}

// exec runs a statement, like run, changed, one, all and first. A parameter that is compared with
// = or IS, or limits, is written +? instead of ?: to choose a plan SQLite looks at the values of
// plain ones, and prepares the statement anew each time they are bound, which takes several times
// as long as running it.
func (tx *Tx) exec(what, query string, args ...any) (sql.Result, error) {
	tx.work.Statements++
	res, err := tx.db.ExecContext(background, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if n, err := res.RowsAffected(); err == nil {
		tx.work.Rows += int(n)
	}
	return res, nil
}

// run is exec for callers that need only the error.
func (tx *Tx) run(what, query string, args ...any) error {
	_, err := tx.exec(what, query, args...)
	return err
}

// changed is exec that reports whether a row was changed.
func (tx *Tx) changed(what, query string, args ...any) (bool, error) {
	res, err := tx.exec(what, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// one scans a single row; ErrNotFound if there is none.
func (tx *Tx) one(what, query string, args []any, dest ...any) error {
	tx.work.Statements++
	tx.work.Rows++
	err := tx.db.QueryRowContext(background, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// scanner is implemented by *sql.Row and *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// all scans every row with scan.
func all[T any](tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	tx.work.Statements++
	rows, err := tx.db.QueryContext(background, query, args...)
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

// first scans one row with scan; ErrNotFound if there is none.
func first[T any](tx *Tx, what string, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	tx.work.Statements++
	tx.work.Rows++
	v, err := scan(tx.db.QueryRowContext(background, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return v, fmt.Errorf("%s: %w", what, err)
	}
	return v, nil
}

// millis is a time as stored; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant is the inverse of millis, in UTC.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
