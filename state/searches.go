package state

import "time"

// SearchID identifies a saved search.
type SearchID int64

// AddSearch saves the words of a search in a chat.
func (tx *Tx) AddSearch(c ChatID, words string, now time.Time) (id SearchID, err error) {
	err = tx.one("keep search", `INSERT INTO searches (chat_id, words, made_at) VALUES (?, ?, ?) RETURNING search_id`, []any{c, words, millis(now)}, &id)
	return id, err
}

// SearchWords returns the words of a chat's search; ErrNotFound if it was pruned.
func (tx *Tx) SearchWords(id SearchID, c ChatID) (words string, err error) {
	err = tx.one("words of search", `SELECT words FROM searches WHERE search_id = +? AND chat_id = +?`, []any{id, c}, &words)
	return words, err
}

// PruneSearches deletes searches made before t.
func (tx *Tx) PruneSearches(t time.Time) error {
	return tx.run("prune searches", `DELETE FROM searches WHERE made_at < ?`, millis(t))
}
