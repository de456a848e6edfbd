package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Meta returns a value that the program stores about itself; "" if unset.
func (tx *Tx) Meta(key string) (string, error) {
	var v string
	err := tx.one("read meta", `SELECT value FROM meta WHERE key = +?`, []any{key}, &v)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return v, err
}

// Metas returns the values that are set, by key.
func (tx *Tx) Metas(keys ...string) (map[string]string, error) {
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("read meta: %w", err)
	}
	pairs, err := all(tx, "read meta", func(s scanner) (pair [2]string, err error) {
		return pair, s.Scan(&pair[0], &pair[1])
	}, `SELECT key, value FROM meta WHERE key IN (SELECT value FROM json_each(?))`, string(list))
	values := make(map[string]string, len(pairs))
	for _, pair := range pairs {
		values[pair[0]] = pair[1]
	}
	return values, err
}

// SetMeta stores a value.
func (tx *Tx) SetMeta(key, value string) error {
	return tx.run("write meta", `INSERT INTO meta (key, value) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
}

// Offset is the next offset for Telegram's getUpdates; initially 0.
func (tx *Tx) Offset() (int64, error) {
	v, err := tx.Meta("offset")
	if err != nil || v == "" {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

// SetOffset stores the offset, in the transaction that stores the updates below it.
func (tx *Tx) SetOffset(offset int64) error {
	return tx.SetMeta("offset", strconv.FormatInt(offset, 10))
}

const metaCopied = "copied_at"

// IsCopy reports whether this database is a copy that replaced the original, until TakeCopied.
// What waited to be sent when the copy was made may have been sent since.
func (tx *Tx) IsCopy() (bool, error) {
	v, err := tx.Meta(metaCopied)
	return v != "", err
}

// SkipNumbers leaves out the numbers that the original may have given to submissions, drafts and
// other things after the copy was made: buttons in chats and replies still name them.
func (tx *Tx) SkipNumbers() error {
	return errors.Join(
		tx.run("note what is numbered", `INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM sqlite_schema
			WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)`),
		tx.run("skip numbers", `UPDATE sqlite_sequence SET seq = seq + ?`, skippedNumbers))
}

// skippedNumbers is more than the original gives out after a copy, and leaves room for many
// restored copies below 2^53.
const skippedNumbers = 1 << 32

// TakeCopied ends IsCopy.
func (tx *Tx) TakeCopied() error {
	return errors.Join(
		tx.run("take the mark of a copy", `DELETE FROM meta WHERE key = +?`, metaCopied),
		tx.run("note how far a copy goes", `INSERT INTO meta (key, value) SELECT ?, coalesce(max(submission_id), 0) FROM submissions WHERE true
			ON CONFLICT (key) DO UPDATE SET value = excluded.value`, metaCopiedUpTo))
}

const metaCopiedUpTo = "copied_up_to"

// IsCopied reports whether a submission was in the copy that replaced the original: it
// may have been sent after the copy was made.
func (tx *Tx) IsCopied(id SubmissionID) (bool, error) {
	v, err := tx.Meta(metaCopiedUpTo)
	if err != nil || v == "" {
		return false, err
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return false, fmt.Errorf("read how far a copy goes: %w", err)
	}
	return int64(id) <= n, nil
}
