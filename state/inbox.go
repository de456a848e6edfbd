package state

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Arrival is an update to put into the inbox.
type Arrival struct {
	Key     string // idempotency key: equal for every delivery of the same update
	Chat    ChatID
	Group   string // groups updates that belong together; "" for none
	Payload string
	Due     time.Time
	// Stranger marks an update from someone without access: it has low priority.
	Stranger bool
	// Unreadable marks an update that can't be decoded; it is kept but never handled.
	Unreadable bool
}

// Update is a pending update of the inbox.
type Update struct {
	Seq      int64
	Chat     ChatID
	Group    string
	Payload  string
	Due      time.Time
	Attempts int // failed attempts to handle it
}

// Receive puts an update into the inbox, once. An update of a group postpones the due
// time of the whole group (debounce), but no further than patience after its first.
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
			SELECT min(received_at) FROM inbox WHERE group_key = +?3 AND group_key <> '' AND state = 'pending'))
		WHERE group_key = +?3 AND group_key <> '' AND state = 'pending'`, millis(a.Due), patience.Milliseconds(), a.Group)
}

// ReceiveHandled puts an update into the inbox that this transaction handles, and returns its
// number; ErrNotFound if it was received before. Only its key is kept, to recognize repeats.
func (tx *Tx) ReceiveHandled(a Arrival, now time.Time) (seq int64, err error) {
	res, err := tx.exec("receive handled update", `INSERT INTO inbox (key, chat_id, payload, state, due_at, received_at, stranger)
		VALUES (?, ?, '', 'done', ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
		a.Key, a.Chat, millis(a.Due), millis(now), a.Stranger)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return 0, cmp.Or(err, fmt.Errorf("receive handled update: %w", ErrNotFound))
	}
	return res.LastInsertId()
}

func scanUpdate(r scanner) (u Update, err error) {
	var due int64
	err = r.Scan(&u.Seq, &u.Chat, &u.Group, &u.Payload, &due, &u.Attempts)
	u.Due = instant(due)
	return u, err
}

const updateColumns = `seq, chat_id, group_key, payload, due_at, attempts`

// oldestOfChat matches the oldest pending update of each chat.
const oldestOfChat = ` FROM inbox AS u WHERE state = 'pending' AND NOT EXISTS (
	SELECT 1 FROM inbox AS earlier WHERE earlier.state = 'pending' AND earlier.chat_id = u.chat_id AND earlier.seq < u.seq)`

// NextUpdate returns the update to handle next: of the oldest update of each chat, the
// one due first. It may be due in the future. ErrNotFound if the inbox is empty.
func (tx *Tx) NextUpdate() (Update, error) {
	return first(tx, "next update", scanUpdate, `SELECT `+updateColumns+oldestOfChat+` ORDER BY due_at, seq LIMIT 1`)
}

// NextDue is NextUpdate restricted to updates due at now, with strangers' updates after
// all others. ErrNotFound if nothing is due.
func (tx *Tx) NextDue(now time.Time) (u Update, err error) {
	for _, stranger := range []bool{false, true} {
		u, err = first(tx, "next due update", scanUpdate, `SELECT `+updateColumns+oldestOfChat+` AND stranger = +? AND due_at <= +? ORDER BY due_at, seq LIMIT 1`,
			stranger, millis(now))
		if !errors.Is(err, ErrNotFound) {
			break
		}
	}
	return u, err
}

// UpdatesWait reports whether the inbox has pending updates.
func (tx *Tx) UpdatesWait() (waits bool, err error) {
	err = tx.one("updates wait", `SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 'pending')`, nil, &waits)
	return waits, err
}

// UpdateGroup returns the pending updates of a group in order of arrival.
func (tx *Tx) UpdateGroup(group string) ([]Update, error) {
	return all(tx, "update group", scanUpdate, `SELECT `+updateColumns+` FROM inbox
		WHERE group_key = +? AND group_key <> '' AND state = 'pending' ORDER BY seq`, group)
}

// PendingGroups lists the groups of a chat's pending updates whose names begin with a prefix, the
// most recent first.
func (tx *Tx) PendingGroups(c ChatID, prefix string) ([]string, error) {
	return all(tx, "pending groups", func(r scanner) (group string, err error) {
		err = r.Scan(&group)
		return group, err
	}, `SELECT group_key FROM inbox WHERE chat_id = +? AND state = 'pending' AND group_key GLOB ? || '*' GROUP BY group_key ORDER BY max(seq) DESC LIMIT 20`, c, prefix)
}

// Pending reports whether an update is pending.
func (tx *Tx) Pending(key string) (bool, error) {
	var n int
	err := tx.one("pending update", `SELECT count(*) FROM inbox WHERE key = +? AND state = 'pending'`, []any{key}, &n)
	return n > 0, err
}

// PendingUpdate returns a pending update; ErrNotFound if it is not pending.
func (tx *Tx) PendingUpdate(key string) (Update, error) {
	return first(tx, "pending update", scanUpdate, `SELECT `+updateColumns+` FROM inbox WHERE key = +? AND state = 'pending'`, key)
}

// PendingIn returns the first n pending updates of a chat in order of arrival.
func (tx *Tx) PendingIn(c ChatID, n int) ([]Update, error) {
	return all(tx, "pending updates of a chat", scanUpdate, `SELECT `+updateColumns+` FROM inbox
		WHERE chat_id = +? AND state = 'pending' ORDER BY seq LIMIT +?`, c, n)
}

// Received reports whether an update was received before, whatever its state.
func (tx *Tx) Received(key string) (bool, error) {
	var n int
	err := tx.one("received update", `SELECT count(*) FROM inbox WHERE key = +?`, []any{key}, &n)
	return n > 0, err
}

// ClampUpdateTimes makes pending updates due at t or earlier, and returns how many were
// due later: their times were written before the clock moved back.
func (tx *Tx) ClampUpdateTimes(t time.Time) (int, error) {
	res, err := tx.exec("clamp times of updates", `UPDATE inbox SET due_at = ?1 WHERE state = 'pending' AND due_at > ?1`, millis(t))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Handled marks an update as handled. Its payload is deleted; its key is kept until
// pruned, to recognize repeats.
func (tx *Tx) Handled(seq int64) error {
	return tx.run("mark update handled", `UPDATE inbox SET state = 'done', payload = '' WHERE seq = +?`, seq)
}

// TryLater records a failed attempt to handle an update and postpones it. The rest of
// its chat waits for it, to keep the order; other chats don't.
func (tx *Tx) TryLater(seq int64, due time.Time) error {
	return tx.run("put update off", `UPDATE inbox SET attempts = attempts + 1, due_at = ? WHERE seq = +?`, millis(due), seq)
}

// HandlingFailed sets aside an update that can't be handled; its payload is kept.
func (tx *Tx) HandlingFailed(seq int64) error {
	return tx.run("set update aside", `UPDATE inbox SET state = 'failed' WHERE seq = +?`, seq)
}

// PrunedAtOnce is how many rows of a table are deleted in one transaction: after a long stop there
// are many.
const PrunedAtOnce = 500

// PruneInbox deletes handled updates received before t, at most PrunedAtOnce. Pending updates and
// those set aside are kept.
func (tx *Tx) PruneInbox(t time.Time) error {
	return tx.run("prune inbox", `DELETE FROM inbox WHERE seq IN (SELECT seq FROM inbox WHERE state = 'done' AND received_at < ? LIMIT +?)`, millis(t), PrunedAtOnce)
}

// InboxCounts returns how many updates are pending and how many were set aside.
func (tx *Tx) InboxCounts() (pending, aside int, err error) {
	err1 := tx.one("count inbox", `SELECT count(*) FROM inbox WHERE state = 'pending'`, nil, &pending)
	err2 := tx.one("count inbox", `SELECT count(*) FROM inbox WHERE state IN ('failed', 'unreadable')`, nil, &aside)
	return pending, aside, errors.Join(err1, err2)
}

// LastAside returns when the newest update set aside was received; zero if none.
func (tx *Tx) LastAside() (time.Time, error) {
	var at int64
	err := tx.one("last update set aside", `SELECT coalesce(max(received_at), 0) FROM inbox WHERE state IN ('failed', 'unreadable')`, nil, &at)
	return instant(at), err
}

// OldestDue returns the earliest due time of a pending update; zero if none.
func (tx *Tx) OldestDue() (time.Time, error) {
	var due int64
	err := tx.one("oldest due update", `SELECT coalesce(min(due_at), 0) FROM inbox WHERE state = 'pending'`, nil, &due)
	return instant(due), err
}
