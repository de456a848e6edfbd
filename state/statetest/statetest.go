// Package statetest inspects a database from outside, for tests that don't trust the
// program that wrote it.
//
// It reads a copy of the files as they are, whether a process has them open or just
// died. It changes nothing except by Hold, Refuse and RefuseChange.
package statetest

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3" // the driver

	"plusofon-bot/state"
)

// Copy is a snapshot of a database.
type Copy struct {
	t  testing.TB
	db *sql.DB
}

// Open copies a database and requires that integrity_check and foreign_key_check pass.
func Open(t testing.TB, path string) *Copy {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, content, 0o600)
		}
		if err != nil && !(suffix != "" && errors.Is(err, fs.ErrNotExist)) {
			t.Fatalf("copy the database: %v", err)
		}
	}
	c := &Copy{t, connect(t, to, nil)}
	t.Cleanup(func() { _ = c.db.Close() })
	if found := c.strings("PRAGMA integrity_check"); len(found) != 1 || found[0] != "ok" {
		t.Errorf("integrity_check: %s", strings.Join(found, "; "))
	}
	if found := c.strings(`SELECT "table" || ' ' || rowid || ' → ' || parent FROM pragma_foreign_key_check`); len(found) > 0 {
		t.Errorf("foreign_key_check: %s", strings.Join(found, "; "))
	}
	return c
}

func connect(t testing.TB, path string, q url.Values) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String())
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// Close closes the copy before its test ends.
func (c *Copy) Close() { _ = c.db.Close() }

func (c *Copy) strings(query string, args ...any) (list []string) {
	c.t.Helper()
	rows, err := c.db.Query(query, args...)
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			c.t.Fatalf("%s: %v", query, err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return list
}

// Unfinished lists what is not final: open rows and pending updates, submissions
// neither delivered nor cancelled, files not delivered.
func (c *Copy) Unfinished() []string {
	c.t.Helper()
	return c.strings(`
		SELECT 'outbox ' || id || ' ' || lane || ' ' || kind || ' ' || state || ' ' || error FROM outbox WHERE ended_at = 0 OR state = 'parked'
		UNION ALL SELECT 'inbox ' || seq || ' ' || key || ' ' || state FROM inbox WHERE state <> 'done'
		UNION ALL SELECT 'file ' || submission_id || ' ' || n || ' ' || state || ' ' || reason FROM files WHERE state <> 'delivered'
		UNION ALL SELECT 'submission ' || submission_id || ' ' || state || ' ' || text FROM submissions WHERE state NOT IN ('delivered', 'cancelled')`)
}

// Message identifies a message.
type Message struct {
	Chat state.ChatID
	ID   state.MessageID
}

// Messages maps messages to tickets.
func (c *Copy) Messages() map[Message]state.TicketID {
	c.t.Helper()
	rows, err := c.db.Query(`SELECT chat_id, message_id, ticket_id FROM messages`)
	if err != nil {
		c.t.Fatalf("messages: %v", err)
	}
	defer rows.Close()
	all := map[Message]state.TicketID{}
	for rows.Next() {
		var m Message
		var id state.TicketID
		if err := rows.Scan(&m.Chat, &m.ID, &id); err != nil {
			c.t.Fatalf("messages: %v", err)
		}
		all[m] = id
	}
	if err := rows.Err(); err != nil {
		c.t.Fatalf("messages: %v", err)
	}
	return all
}

// Drafted is a draft that contains a message.
type Drafted struct {
	Draft state.DraftID
	Kind  state.DraftKind
	State state.DraftState
	Card  state.MessageID
}

// Drafts maps messages to their drafts, including sent ones; to the last one if a message
// was in several.
func (c *Copy) Drafts() map[Message]Drafted {
	c.t.Helper()
	rows, err := c.db.Query(`SELECT i.chat_id, i.message_id, d.draft_id, d.kind, d.state, d.card_message_id
		FROM items AS i JOIN drafts AS d ON d.draft_id = i.draft_id ORDER BY d.draft_id`)
	if err != nil {
		c.t.Fatalf("drafts: %v", err)
	}
	defer rows.Close()
	all := map[Message]Drafted{}
	for rows.Next() {
		var m Message
		var d Drafted
		if err := rows.Scan(&m.Chat, &m.ID, &d.Draft, &d.Kind, &d.State, &d.Card); err != nil {
			c.t.Fatalf("drafts: %v", err)
		}
		all[m] = d
	}
	if err := rows.Err(); err != nil {
		c.t.Fatalf("drafts: %v", err)
	}
	return all
}

// Count returns the number of rows of a table.
func (c *Copy) Count(table string) (n int) {
	c.t.Helper()
	if err := c.db.QueryRow(fmt.Sprintf(`SELECT count(*) FROM %q`, table)).Scan(&n); err != nil {
		c.t.Fatalf("count %s: %v", table, err)
	}
	return n
}

// Hold keeps others from writing to a database until release: their commits wait, and
// fail as on a full disk.
func Hold(t testing.TB, path string) (release func()) {
	t.Helper()
	db := connect(t, path, url.Values{"_txlock": {"immediate"}, "_busy_timeout": {"30000"}})
	tx, err := db.Begin()
	if err != nil {
		t.Errorf("hold %s: %v", path, err)
		return func() {}
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			t.Errorf("release %s: %v", path, err)
		}
	}
}

// Refuse makes a table reject new rows with a value in a column until mend: a
// transaction that adds one fails, as if by a bug.
func Refuse(t testing.TB, path, table, column, value string) (mend func()) {
	t.Helper()
	return refuse(t, path, "INSERT", table, column, value)
}

// RefuseChange makes a table reject changing a column to a value, until mend.
func RefuseChange(t testing.TB, path, table, column, value string) (mend func()) {
	t.Helper()
	return refuse(t, path, "UPDATE", table, column, value)
}

func refuse(t testing.TB, path, what, table, column, value string) (mend func()) {
	t.Helper()
	db := connect(t, path, url.Values{"_busy_timeout": {"30000"}})
	run := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	run(fmt.Sprintf(`CREATE TRIGGER refuse BEFORE %s ON %q WHEN CAST(NEW.%q AS TEXT) = '%s' BEGIN SELECT RAISE(ABORT, 'refused by a test'); END`,
		what, table, column, strings.ReplaceAll(value, "'", "''")))
	return func() {
		t.Helper()
		run(`DROP TRIGGER refuse`)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
