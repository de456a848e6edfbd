package state

import (
	"errors"
	"time"
)

// Arrival is an update as it is put into the inbox.
type Arrival struct {
	Key     string // the same for the same update, however often it is delivered
	Chat    ChatID
	Group   string // what belongs together, "" for nothing
	Payload string
	Due     time.Time
	// Stranger says that it is of somebody without access: it goes behind.
	Stranger bool
	// Unreadable keeps an update that can't be decoded; it is never handled.
	Unreadable bool
}

// Update of the inbox: one that waits to be handled.
type Update struct {
	Seq      int64
	Chat     ChatID
	Group    string
	Payload  string
	Due      time.Time
	Attempts int // to handle it that have failed
}

// Receive puts an update into the inbox, once. An item of a group puts off the
// whole group's due time, but not beyond patience after its first item.
func (tx *Tx) Receive(a Arrival, now time.Time, patience time.Duration) error {
	st := "pending"
	if a.Unreadable {
		st = "unreadable"
	}
	added, err := tx.changed("receive update", `INSERT INTO inbox (key, chat_id, group_key, payload, state, due_at, received_at, stranger)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
		a.Key, a.Chat, a.Group, a.Payload, st, millis(a.Due), millis(now), a.Stranger)
	if err != nil || !added || a.Group == "" {
		return err
	}
	return tx.run("put off group", `UPDATE inbox SET due_at = min(?1, ?2 + (
			SELECT min(received_at) FROM inbox WHERE group_key = ?3 AND group_key <> '' AND state = 'pending'))
		WHERE group_key = ?3 AND group_key <> '' AND state = 'pending'`, millis(a.Due), patience.Milliseconds(), a.Group)
}

func scanUpdate(r scanner) (u Update, err error) {
	var due int64
	err = r.Scan(&u.Seq, &u.Chat, &u.Group, &u.Payload, &due, &u.Attempts)
	u.Due = instant(due)
	return u, err
}

const updateColumns = `seq, chat_id, group_key, payload, due_at, attempts`

// oldestOfChat are the updates before which no other of their chat waits.
const oldestOfChat = ` FROM inbox AS u WHERE state = 'pending' AND NOT EXISTS (
	SELECT 1 FROM inbox AS earlier WHERE earlier.state = 'pending' AND earlier.chat_id = u.chat_id AND earlier.seq < u.seq)`

// NextUpdate returns the update to handle next: of each chat only the oldest counts, of
// those the one that is due first. It may be due in the future. ErrNotFound where the inbox
// is empty.
func (tx *Tx) NextUpdate() (Update, error) {
	return first(tx, "next update", scanUpdate, `SELECT `+updateColumns+oldestOfChat+` ORDER BY due_at, seq LIMIT 1`)
}

// NextDue is the same of what is due at now, with strangers' updates behind all others.
// ErrNotFound where nothing is due.
func (tx *Tx) NextDue(now time.Time) (u Update, err error) {
	for _, stranger := range []bool{false, true} {
		u, err = first(tx, "next due update", scanUpdate, `SELECT `+updateColumns+oldestOfChat+` AND stranger = ? AND due_at <= ? ORDER BY due_at, seq LIMIT 1`,
			stranger, millis(now))
		if !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return u, err
}

// UpdatesWait tells whether the inbox holds anything that is to be handled.
func (tx *Tx) UpdatesWait() (waits bool, err error) {
	err = tx.one("updates wait", `SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 'pending')`, nil, &waits)
	return waits, err
}

// UpdateGroup returns all pending updates of a group in the order of arrival.
func (tx *Tx) UpdateGroup(group string) ([]Update, error) {
	return all(tx, "update group", scanUpdate, `SELECT `+updateColumns+` FROM inbox
		WHERE group_key = ? AND group_key <> '' AND state = 'pending' ORDER BY seq`, group)
}

// LastPending returns the newest pending update of a chat; ErrNotFound where
// there is none.
func (tx *Tx) LastPending(c ChatID) (Update, error) {
	return first(tx, "last pending update", scanUpdate, `SELECT `+updateColumns+` FROM inbox
		WHERE chat_id = ? AND state = 'pending' ORDER BY seq DESC LIMIT 1`, c)
}

// Pending tells whether an update waits to be handled.
func (tx *Tx) Pending(key string) (bool, error) {
	var n int
	err := tx.one("pending update", `SELECT count(*) FROM inbox WHERE key = ? AND state = 'pending'`, []any{key}, &n)
	return n > 0, err
}

// PendingUpdate returns an update that waits to be handled; ErrNotFound where it does not.
func (tx *Tx) PendingUpdate(key string) (Update, error) {
	return first(tx, "pending update", scanUpdate, `SELECT `+updateColumns+` FROM inbox WHERE key = ? AND state = 'pending'`, key)
}

// PendingIn returns the first n updates of a chat that wait to be handled, in the order of
// arrival.
func (tx *Tx) PendingIn(c ChatID, n int) ([]Update, error) {
	return all(tx, "pending updates of a chat", scanUpdate, `SELECT `+updateColumns+` FROM inbox
		WHERE chat_id = ? AND state = 'pending' ORDER BY seq LIMIT ?`, c, n)
}

// Received tells whether an update came before, in whatever state it is.
func (tx *Tx) Received(key string) (bool, error) {
	var n int
	err := tx.one("received update", `SELECT count(*) FROM inbox WHERE key = ?`, []any{key}, &n)
	return n > 0, err
}

// HastenUpdates makes the updates that wait due by t at the latest, and returns how
// many were due later: times that were written before the clock was set back.
func (tx *Tx) HastenUpdates(t time.Time) (int, error) {
	res, err := tx.exec("hasten updates", `UPDATE inbox SET due_at = ?1 WHERE state = 'pending' AND due_at > ?1`, millis(t))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Handled marks an update as handled. Its content is dropped; its key stays
// until it is pruned, so that a repeat is known.
func (tx *Tx) Handled(seq int64) error {
	return tx.run("mark update handled", `UPDATE inbox SET state = 'done', payload = '' WHERE seq = ?`, seq)
}

// TryLater counts an attempt to handle an update that has failed, and puts it off.
// Its chat waits with it, for its updates go in order, but no other does.
func (tx *Tx) TryLater(seq int64, due time.Time) error {
	return tx.run("put update off", `UPDATE inbox SET attempts = attempts + 1, due_at = ? WHERE seq = ?`, millis(due), seq)
}

// HandlingFailed sets an update aside that can't be handled; its content stays.
func (tx *Tx) HandlingFailed(seq int64) error {
	return tx.run("set update aside", `UPDATE inbox SET state = 'failed' WHERE seq = ?`, seq)
}

// PruneInbox forgets handled updates that came before t. What waits and what was
// set aside stays.
func (tx *Tx) PruneInbox(t time.Time) error {
	return tx.run("prune inbox", `DELETE FROM inbox WHERE state = 'done' AND received_at < ?`, millis(t))
}

// InboxCounts tells how many updates wait and how many were set aside.
func (tx *Tx) InboxCounts() (pending, aside int, err error) {
	err1 := tx.one("count inbox", `SELECT count(*) FROM inbox WHERE state = 'pending'`, nil, &pending)
	err2 := tx.one("count inbox", `SELECT count(*) FROM inbox WHERE state IN ('failed', 'unreadable')`, nil, &aside)
	return pending, aside, errors.Join(err1, err2)
}

// LastAside is when the last update came that was set aside; zero where none was.
func (tx *Tx) LastAside() (time.Time, error) {
	var at int64
	err := tx.one("last update set aside", `SELECT coalesce(max(received_at), 0) FROM inbox WHERE state IN ('failed', 'unreadable')`, nil, &at)
	return instant(at), err
}

// OldestDue is when the update that has been due the longest became so; zero
// where none waits.
func (tx *Tx) OldestDue() (time.Time, error) {
	var due int64
	err := tx.one("oldest due update", `SELECT coalesce(min(due_at), 0) FROM inbox WHERE state = 'pending'`, nil, &due)
	return instant(due), err
}
