package state

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Side is the recipient of a row of the outbox.
type Side string

// The two sides.
const (
	Telegram Side = "telegram"
	Plusofon Side = "plusofon"
)

// Priority orders the rows of a lane, and lanes among each other.
type Priority int

// Replies to people come before news, and news before replies to strangers.
const (
	PriorityPerson Priority = iota
	PriorityNews
	PriorityStranger
)

// RowState is the state of a row of the outbox.
type RowState string

// The states of a row. Queued, Sending and Unknown rows are open and block their lane;
// the others are final.
const (
	Queued    RowState = "queued"
	Sending   RowState = "sending" // committed before a request that must not be blindly repeated
	Unknown   RowState = "unknown" // such a request was made; its outcome is unknown
	Done      RowState = "done"
	Refused   RowState = "refused"   // failed without effect; not retried
	Parked    RowState = "parked"    // dead letter: kept until revived or withdrawn
	Cancelled RowState = "cancelled" // no longer wanted
)

// Request is a row to enqueue.
type Request struct {
	Side     Side
	Lane     string
	Priority Priority
	Kind     string
	Payload  string
	// Key, if set, deduplicates: a queued row with the same key is updated in
	// place instead of adding another.
	Key string
	Due time.Time
}

// Row is a row of the outbox.
type Row struct {
	ID        RowID
	Side      Side
	Lane      string
	Priority  Priority
	Kind      string
	Payload   string
	State     RowState
	Attempts  int  // to send it
	Unknowns  int  // how often its outcome was unknown
	Checks    int  // see OutcomeUnknown
	Succeeded bool // see EffectUnseen
	Due       time.Time
	Created   time.Time
	Trace     string // see SetTrace

	Home        string    // see Shelve; "" for a row that is not shelved
	Failures    int       // see CountFailure
	FirstFailed time.Time // the first of them; zero: none
	LastFailed  time.Time // the last failure, counted or not
}

const rowColumns = `id, side, lane, priority, kind, payload, state, attempts, unknowns, checks, succeeded, due_at, created_at, trace,
	home, failures, first_failed_at, last_failed_at`

func scanRow(r scanner) (row Row, err error) {
	var due, created, firstFailed, lastFailed int64
	err = r.Scan(&row.ID, &row.Side, &row.Lane, &row.Priority, &row.Kind, &row.Payload, &row.State,
		&row.Attempts, &row.Unknowns, &row.Checks, &row.Succeeded, &due, &created, &row.Trace,
		&row.Home, &row.Failures, &firstFailed, &lastFailed)
	row.Due, row.Created, row.FirstFailed, row.LastFailed = instant(due), instant(created), instant(firstFailed), instant(lastFailed)
	return row, err
}

// Before reports whether a queued row goes before another one of its lane.
func (r Row) Before(other Row) bool {
	return cmp.Or(cmp.Compare(r.Priority, other.Priority), cmp.Compare(r.ID, other.ID)) < 0
}

// Enqueue puts a request into the outbox.
func (tx *Tx) Enqueue(r Request, now time.Time) (RowID, error) {
	var key any
	if r.Key != "" {
		key = r.Key
	}
	res, err := tx.exec("enqueue", `INSERT INTO outbox (side, lane, priority, kind, payload, key, state, due_at, created_at, trace)
		VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?) ON CONFLICT (key) WHERE key IS NOT NULL AND state = 'queued' DO NOTHING`,
		r.Side, r.Lane, r.Priority, r.Kind, r.Payload, key, millis(r.Due), millis(now), tx.trace)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil {
		return 0, err
	} else if n == 0 {
		return tx.requeue(r)
	}
	id, err := res.LastInsertId()
	tx.added(Row{
		ID: RowID(id), Side: r.Side, Lane: r.Lane, Priority: r.Priority, Kind: r.Kind, Payload: r.Payload, State: Queued,
		Due: instant(millis(r.Due)), Created: instant(millis(now)), Trace: tx.trace,
	})
	return RowID(id), err
}

// requeue puts a request in the place of the queued one with the same key.
func (tx *Tx) requeue(r Request) (id RowID, err error) {
	var side Side
	var lane string
	err = tx.one("enqueue again", `UPDATE outbox SET kind = ?, payload = ?, trace = ? WHERE key = +? AND key IS NOT NULL AND state = 'queued' RETURNING id, side, lane`,
		[]any{r.Kind, r.Payload, tx.trace, r.Key}, &id, &side, &lane)
	if err == nil {
		tx.touch(side, lane)
	}
	return id, err
}

// LaneHead returns the row that a lane is at: the one in flight, else the most urgent
// queued row, oldest first. ErrNotFound if the lane is empty.
func (tx *Tx) LaneHead(side Side, lane string) (Row, error) {
	return first(tx, "lane head", scanRow, `SELECT `+rowColumns+` FROM outbox
		WHERE side = +? AND lane = +? AND ended_at = 0 ORDER BY state = 'queued', priority, id LIMIT 1`, side, lane)
}

// QueuedAfter lists the queued rows of a lane after one of its rows, at most n.
func (tx *Tx) QueuedAfter(r Row, n int) ([]Row, error) {
	return all(tx, "rows behind", scanRow, `SELECT `+rowColumns+` FROM outbox
		WHERE side = +? AND lane = +? AND ended_at = 0 AND (state = 'queued') = 1 AND (priority, id) > (?, ?) ORDER BY priority, id LIMIT +?`,
		r.Side, r.Lane, r.Priority, r.ID, n)
}

// Lanes lists the lanes of a side with open rows.
func (tx *Tx) Lanes(side Side) ([]string, error) {
	return all(tx, "lanes", scanLane,
		`SELECT DISTINCT lane FROM outbox WHERE side = +? AND ended_at = 0 ORDER BY lane`, side)
}

// Row returns a row by its id.
func (tx *Tx) Row(id RowID) (Row, error) {
	return first(tx, "outbox row", scanRow, `SELECT `+rowColumns+` FROM outbox WHERE id = +?`, id)
}

// StartSending marks a queued row as being sent.
func (tx *Tx) StartSending(id RowID) error {
	return tx.transition("start sending", `UPDATE outbox SET state = 'sending', attempts = attempts + 1
		WHERE id = +? AND state = 'queued' RETURNING side, lane`, id)
}

// Retry queues a row again, due at the earliest then. It is for requests that certainly
// had no effect. A row in flight loses its key if a newer row is queued with the same
// key.
func (tx *Tx) Retry(id RowID, due time.Time, reason string) error {
	return tx.transition("queue row again", `UPDATE outbox AS o SET state = 'queued', due_at = ?, error = ?,
		attempts = attempts + (state = 'queued'), checks = 0,
		key = CASE WHEN NOT EXISTS (SELECT 1 FROM outbox WHERE key = o.key AND key IS NOT NULL AND state = 'queued' AND id <> o.id) THEN key END
		WHERE id = +? AND ended_at = 0 RETURNING side, lane`, millis(due), reason, id)
}

// OutcomeUnknown records that the request may or may not have had its effect; due is
// the time of the next read-back, checks the number of consecutive read-backs that
// found no trace.
func (tx *Tx) OutcomeUnknown(id RowID, due time.Time, checks int, reason string) error {
	return tx.transition("mark row unknown", `UPDATE outbox SET state = 'unknown', unknowns = unknowns + (state = 'sending'), due_at = ?, checks = ?, error = ?
		WHERE id = +? AND state IN ('sending', 'unknown') RETURNING side, lane`, millis(due), checks, reason, id)
}

// EffectUnseen records that the request succeeded, but that its answer does not show
// its effect. From due on the effect is looked for as after an unknown outcome; the
// request is never repeated.
func (tx *Tx) EffectUnseen(id RowID, due time.Time) error {
	return tx.transition("mark row successful", `UPDATE outbox SET state = 'unknown', unknowns = unknowns + 1, due_at = ?, checks = 0, succeeded = 1, error = ''
		WHERE id = +? AND state = 'sending' RETURNING side, lane`, millis(due), id)
}

// Rewrite changes the payload of a queued row.
func (tx *Tx) Rewrite(id RowID, payload string) error {
	return tx.transition("rewrite row", `UPDATE outbox SET payload = ? WHERE id = +? AND state = 'queued' RETURNING side, lane`, payload, id)
}

// Learn changes the payload of an open row, also in flight.
func (tx *Tx) Learn(id RowID, payload string) error {
	return tx.transition("keep in row", `UPDATE outbox SET payload = ? WHERE id = +? AND ended_at = 0 RETURNING side, lane`, payload, id)
}

// Annotate changes the payload of a parked row.
func (tx *Tx) Annotate(id RowID, payload string) error {
	return tx.transition("annotate row", `UPDATE outbox SET payload = ? WHERE id = +? AND state = 'parked' RETURNING side, lane`, payload, id)
}

// Finish ends a row in a final state.
func (tx *Tx) Finish(id RowID, end RowState, now time.Time, reason string) error {
	return tx.transition("finish row", `UPDATE outbox SET state = ?, ended_at = ?, error = ?
		WHERE id = +? AND ended_at = 0 RETURNING side, lane`, end, millis(now), reason, id)
}

// Withdraw cancels a queued or parked row.
func (tx *Tx) Withdraw(id RowID, now time.Time, reason string) error {
	return tx.transition("withdraw row", `UPDATE outbox SET state = 'cancelled', ended_at = ?, error = ?
		WHERE id = +? AND state IN ('queued', 'parked') RETURNING side, lane`, millis(now), reason, id)
}

// PutOff postpones the queued rows of a lane until due.
func (tx *Tx) PutOff(side Side, lane string, due time.Time) error {
	tx.touch(side, lane)
	return tx.run("put off lane", `UPDATE outbox SET due_at = max(due_at, ?)
		WHERE side = +? AND lane = +? AND ended_at = 0 AND state = 'queued'`,
		millis(due), side, lane)
}

// CancelLane cancels a lane's queued and parked rows.
func (tx *Tx) CancelLane(side Side, lane string, now time.Time) error {
	tx.touch(side, lane)
	err := tx.run("cancel parked rows", `UPDATE outbox SET state = 'cancelled' WHERE side = +? AND lane = +? AND state = 'parked'`, side, lane)
	if err != nil {
		return err
	}
	return tx.run("cancel lane", `UPDATE outbox SET state = 'cancelled', ended_at = ?
		WHERE side = +? AND lane = +? AND ended_at = 0 AND state = 'queued'`,
		millis(now), side, lane)
}

// transition changes one row and touches its lane; ErrOver if the row's state does not
// allow the change.
func (tx *Tx) transition(what, query string, args ...any) error {
	var side Side
	var lane string
	err := tx.one(what, query, args, &side, &lane)
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: %w", ErrOver, err)
	}
	if err != nil {
		return err
	}
	tx.touch(side, lane)
	return nil
}

// InterruptedSends marks rows that a dead process left in flight as unknown, and
// returns them.
func (tx *Tx) InterruptedSends() ([]Row, error) {
	rows, err := all(tx, "interrupted sends", scanRow, `UPDATE outbox SET state = 'unknown', unknowns = unknowns + 1, checks = 0, error = 'the program ended in the middle'
		WHERE state = 'sending' RETURNING `+rowColumns)
	for _, r := range rows {
		tx.touch(r.Side, r.Lane)
	}
	return rows, err
}

// ClampRowTimes makes the open rows of a side due at t or earlier and created at now or
// earlier, and returns how many were not: their times were written before the clock
// moved back. Shelved rows don't count: they may wait for longer.
func (tx *Tx) ClampRowTimes(side Side, t, now time.Time) (late int, err error) {
	rows, err := all(tx, "clamp times of rows", scanRow, `UPDATE outbox SET due_at = min(due_at, ?1), created_at = min(created_at, ?2)
		WHERE side = +?3 AND ended_at = 0 AND (due_at > ?1 OR created_at > ?2) RETURNING `+rowColumns, millis(t), millis(now), side)
	for _, r := range rows {
		tx.touch(side, r.Lane)
		if r.Home == "" {
			late++
		}
	}
	return late, err
}

// QueuedRows lists the queued rows of a side, in no order.
func (tx *Tx) QueuedRows(side Side) ([]Row, error) {
	return all(tx, "queued rows", scanRow, `SELECT `+rowColumns+` FROM outbox
		WHERE side = +? AND ended_at = 0 AND state = 'queued'`, side)
}

// OutboxCounts counts the rows of the outbox.
type OutboxCounts struct {
	Waiting          int // all open rows; of these:
	Sending, Unknown int
	Parked           int
	Oldest           time.Time // when the oldest open row was created; zero: none
}

// OutboxCounts counts a side's rows.
func (tx *Tx) OutboxCounts(side Side) (c OutboxCounts, err error) {
	var oldest int64
	err1 := tx.one("count outbox", `SELECT count(*), coalesce(sum(state = 'sending'), 0), coalesce(sum(state = 'unknown'), 0), coalesce(min(created_at), 0)
		FROM outbox WHERE side = +? AND ended_at = 0`, []any{side}, &c.Waiting, &c.Sending, &c.Unknown, &oldest)
	err2 := tx.one("count outbox", `SELECT count(*) FROM outbox WHERE side = +? AND state = 'parked'`, []any{side}, &c.Parked)
	c.Oldest = instant(oldest)
	return c, errors.Join(err1, err2)
}

// IsStuck reports whether a side's queue makes no progress: no row has ended since t,
// though some lane's rows were all due before t. Rows that are retried get a new due
// time each time.
func (tx *Tx) IsStuck(side Side, t time.Time) (stuck bool, err error) {
	err = tx.one("look for what is stuck", `SELECT EXISTS (
			SELECT 1 FROM outbox AS o WHERE side = +?1 AND ended_at = 0 AND due_at < ?2 AND NOT EXISTS (
				SELECT 1 FROM outbox AS later WHERE later.side = o.side AND later.lane = o.lane AND later.ended_at = 0 AND later.due_at >= +?2))
		AND NOT EXISTS (SELECT 1 FROM outbox WHERE ended_at > 0 AND ended_at >= +?2 AND side = +?1)`, []any{side, millis(t)}, &stuck)
	return stuck, err
}

// PruneOutbox deletes rows that ended before t, except parked ones, at most PrunedAtOnce.
func (tx *Tx) PruneOutbox(t time.Time) error {
	return tx.run("prune outbox", `DELETE FROM outbox WHERE id IN (
		SELECT id FROM outbox WHERE ended_at > 0 AND ended_at < ? AND state <> 'parked' LIMIT +?)`, millis(t), PrunedAtOnce)
}

// CountFailure records that a row's request failed at now. counted says that its side
// has answered other requests since the row's last failure, so that this failure says
// something about the row itself; the first failure always counts.
func (tx *Tx) CountFailure(id RowID, now time.Time, counted bool) error {
	return tx.transition("count failure", `UPDATE outbox SET failures = failures + (?1 OR failures = 0),
		first_failed_at = iif(failures = 0, ?2, first_failed_at), last_failed_at = ?2
		WHERE id = +?3 AND ended_at = 0 RETURNING side, lane`, counted, millis(now), id)
}

// Shelve moves a queued row to a lane of rows that can't be sent for the same reason,
// due at the earliest then. BringHome moves it back.
func (tx *Tx) Shelve(r Row, lane string, due time.Time, reason string) error {
	tx.touch(r.Side, r.Lane)
	return tx.transition("shelve row", `UPDATE outbox SET home = iif(home = '', lane, home), lane = ?, due_at = ?, error = ?, attempts = attempts + 1
		WHERE id = +? AND state = 'queued' RETURNING side, lane`, lane, millis(due), reason, r.ID)
}

// BringHome moves shelved rows back to their own lanes, due and created now, and
// returns how many there were.
func (tx *Tx) BringHome(side Side, lane string, now time.Time) (int, error) {
	tx.touch(side, lane)
	lanes, err := all(tx, "bring rows home", scanLane, `UPDATE outbox SET lane = home, home = '', due_at = ?1, created_at = ?1, attempts = 0
		WHERE side = +?2 AND lane = +?3 AND ended_at = 0 AND state = 'queued' AND home <> '' RETURNING lane`, millis(now), side, lane)
	for _, lane := range lanes {
		tx.touch(side, lane)
	}
	return len(lanes), err
}

// Park takes an open row out of its lane until it is revived or withdrawn.
func (tx *Tx) Park(r Row, now time.Time, reason string) error {
	tx.touch(r.Side, r.Lane)
	return tx.transition("park row", `UPDATE outbox SET state = 'parked', ended_at = ?, error = ?, lane = iif(home = '', lane, home), home = ''
		WHERE id = +? AND ended_at = 0 RETURNING side, lane`, millis(now), reason, r.ID)
}

const revived = `state = 'queued', due_at = +?1, created_at = +?1, attempts = 0, unknowns = 0, ended_at = 0, key = NULL,
	failures = 0, first_failed_at = 0, last_failed_at = 0`

// Revive queues a lane's parked rows again, in the lane to, and returns how many there
// were. Revived rows lose their keys: a newer row may be queued with the same key.
func (tx *Tx) Revive(side Side, lane, to string, now time.Time) (int, error) {
	tx.touch(side, to)
	ids, err := all(tx, "revive lane", scanID, `UPDATE outbox SET lane = ?2, `+revived+`
		WHERE side = +?3 AND lane = +?4 AND state = 'parked' RETURNING id`, millis(now), to, side, lane)
	return len(ids), err
}

// ReviveRow queues a parked row again, in the lane to.
func (tx *Tx) ReviveRow(id RowID, to string, now time.Time) error {
	return tx.transition("revive row", `UPDATE outbox SET lane = ?2, `+revived+`
		WHERE id = +?3 AND state = 'parked' RETURNING side, lane`, millis(now), to, id)
}

// ReviveSide queues a side's parked rows of a kind ("": any) again in their lanes, and
// returns how many there were. Rows that Telegram refused, rather than failed on, stay
// parked: they would be refused again.
func (tx *Tx) ReviveSide(side Side, kind string, now time.Time) (int, error) {
	lanes, err := all(tx, "revive side", scanLane, `UPDATE outbox SET `+revived+`
		WHERE side = +?2 AND state = 'parked' AND (?3 = '' OR kind = +?3) AND (failures > 0 OR side = 'plusofon') RETURNING lane`, millis(now), side, kind)
	for _, lane := range lanes {
		tx.touch(side, lane)
	}
	return len(lanes), err
}

// CountParked counts the parked rows of a lane.
func (tx *Tx) CountParked(side Side, lane string) (n int, err error) {
	err = tx.one("count parked rows", `SELECT count(*) FROM outbox WHERE side = +? AND lane = +? AND state = 'parked'`, []any{side, lane}, &n)
	return n, err
}

// OldLanes lists lanes of a side with a name prefix and a row queued since before t:
// at most n, by name, starting at from.
func (tx *Tx) OldLanes(side Side, prefix, from string, t time.Time, n int) ([]string, error) {
	return all(tx, "old lanes", scanLane, `SELECT DISTINCT lane FROM outbox
		WHERE side = +?1 AND ended_at = 0 AND lane >= max(?2, ?3) AND lane < ?2 || char(0x10FFFF) AND (state = 'queued') = 1 AND created_at < ?4
		ORDER BY lane LIMIT +?5`, side, prefix, from, millis(t), n)
}

// Unkeyed lists the queued rows of a lane with a priority and without a key, after one
// row, at most n.
func (tx *Tx) Unkeyed(side Side, lane string, p Priority, after RowID, n int) ([]Row, error) {
	return all(tx, "rows without a key", scanRow, `SELECT `+rowColumns+` FROM outbox
		WHERE side = +? AND lane = +? AND ended_at = 0 AND (state = 'queued') = 1 AND priority = +? AND id > ? AND key IS NULL ORDER BY id LIMIT +?`,
		side, lane, p, after, n)
}

// QueuedByKey returns the queued row with a key; ErrNotFound if there is none.
func (tx *Tx) QueuedByKey(key string) (Row, error) {
	return first(tx, "row by key", scanRow, `SELECT `+rowColumns+` FROM outbox WHERE key = +? AND key IS NOT NULL AND state = 'queued'`, key)
}

// Replace replaces a queued request by another one with the same side and priority. If
// the row is shelved in that lane, home is the lane it belongs to.
func (tx *Tx) Replace(r Row, by Request, home string) error {
	tx.touch(r.Side, r.Lane)
	return tx.transition("replace row", `UPDATE outbox SET home = iif(lane = ?1 AND home <> '', ?2, ''), lane = ?1, kind = ?3, payload = ?4, key = ?5, due_at = max(due_at, ?6)
		WHERE id = +?7 AND state = 'queued' RETURNING side, lane`, by.Lane, home, by.Kind, by.Payload, by.Key, millis(by.Due), r.ID)
}

func scanLane(r scanner) (lane string, err error) {
	err = r.Scan(&lane)
	return lane, err
}

func scanID(r scanner) (id RowID, err error) {
	err = r.Scan(&id)
	return id, err
}
