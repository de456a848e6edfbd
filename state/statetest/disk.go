package statetest

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mattn/go-sqlite3"

	"plusofon-bot/state"
)

// Disk simulates a full disk for a database opened after it.
type Disk struct {
	t    testing.TB
	path string
}

// writers holds the connections of databases that have a Disk or are hurried.
var writers sync.Map

// The driver is global; its hook sees each connection.
func init() {
	db, err := sql.Open(state.DriverName, "")
	if err != nil {
		panic(err)
	}
	driver, ok := db.Driver().(*sqlite3.SQLiteDriver)
	if !ok {
		panic("the driver is another one")
	}
	_ = db.Close() // it never connected
	connected := driver.ConnectHook
	driver.ConnectHook = func(c *sqlite3.SQLiteConn) error {
		if err := connected(c); err != nil {
			return err
		}
		if path := c.GetFilename("main"); path != "" {
			if _, wanted := writers.Load(path); wanted {
				writers.Store(path, c)
			}
		}
		return nil
	}
}

// OpenHurried opens a database whose commits don't wait for the disk, for tests of
// decisions and loops, which don't simulate power cuts. A new one starts as a copy of
// an empty database, whose schema is made once.
func OpenHurried(path string) (*state.Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		content, err := empty()
		if err == nil {
			err = os.WriteFile(path, content, 0o600)
		}
		if err != nil {
			return nil, err
		}
	}
	name, err := nameOf(path)
	if err != nil {
		return nil, err
	}
	if _, hasDisk := writers.LoadOrStore(name, (*sqlite3.SQLiteConn)(nil)); !hasDisk {
		defer writers.Delete(name)
	}
	s, err := state.Open(path)
	if err != nil {
		return nil, err
	}
	return s, run(name, "PRAGMA synchronous = OFF")
}

// empty is an empty database of the current schema.
var empty = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "empty")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	path := filepath.Join(folder, "empty.db")
	s, err := state.Open(path)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// nameOf returns SQLite's name for a file.
func nameOf(path string) (string, error) {
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}

// run runs a statement on the writer's connection.
func run(name, statement string) error {
	c, _ := writers.Load(name)
	writer, ok := c.(*sqlite3.SQLiteConn)
	if !ok || writer == nil {
		return fmt.Errorf("nobody has opened %s", name)
	}
	_, err := writer.Exec(statement, nil)
	return err
}

// NewDisk prepares a database that is not open yet.
func NewDisk(t testing.TB, path string) *Disk {
	t.Helper()
	name, err := nameOf(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &Disk{t, name}
	writers.Store(d.path, (*sqlite3.SQLiteConn)(nil))
	t.Cleanup(func() { writers.Delete(d.path) })
	return d
}

// Fill makes the disk full: SQLite fails whatever makes the file grow, after free pages
// are given up. Nothing may be writing at that moment.
func (d *Disk) Fill() {
	d.t.Helper()
	if err := run(d.path, "VACUUM"); err != nil {
		d.t.Fatal(err)
	}
	d.pages("1") // capped at the current number
}

// Free makes room again; nothing may be writing either.
func (d *Disk) Free() { d.pages("1073741823") }

func (d *Disk) pages(most string) {
	d.t.Helper()
	if err := run(d.path, "PRAGMA max_page_count = "+most); err != nil {
		d.t.Fatal(err)
	}
}
