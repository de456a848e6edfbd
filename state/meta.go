package state

import (
	"errors"
	"strconv"
)

// Meta returns a value that the program remembers about itself, "" if unset.
func (tx *Tx) Meta(key string) (string, error) {
	var v string
	err := tx.one("read meta", `SELECT value FROM meta WHERE key = ?`, []any{key}, &v)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return v, err
}

// SetMeta remembers a value.
func (tx *Tx) SetMeta(key, value string) error {
	return tx.run("write meta", `INSERT INTO meta (key, value) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
}

// Offset is the next offset to ask Telegram's getUpdates for; 0 at first.
func (tx *Tx) Offset() (int64, error) {
	v, err := tx.Meta("offset")
	if err != nil || v == "" {
		return 0, err
	}
	return strconv.ParseInt(v, 10, 64)
}

// SetOffset moves the offset. It belongs in the transaction that stores the
// updates below it.
func (tx *Tx) SetOffset(offset int64) error {
	return tx.SetMeta("offset", strconv.FormatInt(offset, 10))
}

const metaCopied = "copied_at"

// TakeCopied tells, once, that this database is a copy that was put in the place
// of the original. What waited when the copy was made may have been sent since.
func (tx *Tx) TakeCopied() (bool, error) {
	return tx.changed("take the mark of a copy", `DELETE FROM meta WHERE key = ?`, metaCopied)
}
