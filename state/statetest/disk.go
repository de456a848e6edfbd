package statetest

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// Disk is what a database that is opened after it can be written on.
type Disk struct {
	t    testing.TB
	path string
}

// writers are the connections of the databases that have a Disk.
var writers sync.Map

// The driver is one for all; it tells of each connection.
func init() {
	db, err := sql.Open("sqlite3", "")
	if err != nil {
		panic(err)
	}
	driver, ok := db.Driver().(*sqlite3.SQLiteDriver)
	if !ok {
		panic("the driver is another one")
	}
	_ = db.Close() // it never connected
	driver.ConnectHook = func(c *sqlite3.SQLiteConn) error {
		if path := c.GetFilename("main"); path != "" {
			if _, wanted := writers.Load(path); wanted {
				writers.Store(path, c)
			}
		}
		return nil
	}
}

// NewDisk is for a database that is not open yet.
func NewDisk(t testing.TB, path string) *Disk {
	t.Helper()
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	d := &Disk{t, filepath.Join(folder, filepath.Base(path))}
	writers.Store(d.path, (*sqlite3.SQLiteConn)(nil))
	t.Cleanup(func() { writers.Delete(d.path) })
	return d
}

// Fill leaves no room: SQLite says that the disk is full to whatever makes the file
// grow. Nobody may be writing at that moment.
func (d *Disk) Fill() { d.pages("1") } // no fewer than there are

// Free makes room again; nobody may be writing either.
func (d *Disk) Free() { d.pages("1073741823") }

func (d *Disk) pages(most string) {
	d.t.Helper()
	c, _ := writers.Load(d.path)
	writer, ok := c.(*sqlite3.SQLiteConn)
	if !ok || writer == nil {
		d.t.Fatalf("nobody has opened %s", d.path)
	}
	if _, err := writer.Exec("PRAGMA max_page_count = "+most, nil); err != nil {
		d.t.Fatal(err)
	}
}
