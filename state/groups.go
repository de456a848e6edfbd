package state

import (
	"errors"
	"fmt"
	"time"
)

// Group is a group that a member has added the bot to: anyone in it may answer
// tickets there.
type Group struct {
	Chat    ChatID
	AddedBy UserID
	Since   time.Time
	Present bool // false while the bot is not in it
	// The bot's rights there.
	Admin, ManagesTopics, Pins bool
	Forum                      bool
	Title                      string // the chat's; not saved with the group
}

const groupColumns = `chat_id, added_by, since_at, present, admin, manages_topics, pins, forum`

func scanGroup(r scanner) (g Group, err error) {
	var since int64
	err = r.Scan(&g.Chat, &g.AddedBy, &since, &g.Present, &g.Admin, &g.ManagesTopics, &g.Pins, &g.Forum, &g.Title)
	g.Since = instant(since)
	return g, err
}

// Group returns a group; ErrNotFound if the chat is not an authorized group.
func (tx *Tx) Group(id ChatID) (Group, error) {
	return first(tx, "group", scanGroup, selectGroups+` WHERE chat_id = +?`, id)
}

const selectGroups = `SELECT ` + groupColumns + `, coalesce((SELECT title FROM chats WHERE chats.chat_id = groups.chat_id), '') FROM groups`

// Groups returns a page of the groups, oldest first.
func (tx *Tx) Groups(limit, offset int) ([]Group, error) {
	return all(tx, "groups", scanGroup, selectGroups+` ORDER BY since_at, chat_id LIMIT +? OFFSET +?`, limit, offset)
}

// GroupsAddedBy lists the groups that a person has added the bot to, oldest first.
func (tx *Tx) GroupsAddedBy(u UserID) ([]Group, error) {
	return all(tx, "groups of a person", scanGroup, selectGroups+` WHERE added_by = +? ORDER BY since_at, chat_id`, u)
}

// CountGroups counts the groups.
func (tx *Tx) CountGroups() (n int, err error) {
	err = tx.one("count groups", `SELECT count(*) FROM groups`, nil, &n)
	return n, err
}

// SaveGroup writes a group, except for its title.
func (tx *Tx) SaveGroup(g Group) error {
	return tx.run("save group", `INSERT OR REPLACE INTO groups (`+groupColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		g.Chat, g.AddedBy, millis(g.Since), g.Present, g.Admin, g.ManagesTopics, g.Pins, g.Forum)
}

// DropGroup revokes a group's access; false if it had none.
func (tx *Tx) DropGroup(id ChatID) (bool, error) {
	return tx.changed("drop group", `DELETE FROM groups WHERE chat_id = +?`, id)
}

// TellOnce records that a notice was sent to a chat; false if it already was.
func (tx *Tx) TellOnce(c ChatID, what string) (bool, error) {
	return tx.changed("tell once", `INSERT INTO told (chat_id, what) VALUES (?, ?) ON CONFLICT DO NOTHING`, c, what)
}

// Told reports whether a notice was sent to a chat.
func (tx *Tx) Told(c ChatID, what string) (bool, error) {
	var n int
	err := tx.one("told", `SELECT count(*) FROM told WHERE chat_id = +? AND what = +?`, []any{c, what}, &n)
	return n > 0, err
}

// AdviceUnder is the TellOnce key for a message of the bot's: replying to it had no
// effect, and someone was told so.
func AdviceUnder(m MessageID) string { return fmt.Sprintf("%s%d", adviceUnder, m) }

const adviceUnder = "advice:"

// TellAgain forgets that a notice was sent to a chat.
func (tx *Tx) TellAgain(c ChatID, what string) error {
	return tx.run("tell again", `DELETE FROM told WHERE chat_id = +? AND what = +?`, c, what)
}

// MoveChat moves what is known of a group to the supergroup that it was upgraded to.
// Message ids, and what refers to them, are not moved: the supergroup numbers its
// messages from 1, so an old id would mean a different message there. It returns false
// if the chat was already moved.
func (tx *Tx) MoveChat(from, to ChatID) (bool, error) {
	moved, err := tx.changed("move chat", `UPDATE chats SET moved_to = ?2 WHERE chat_id = +?1 AND moved_to = 0`, from, to)
	if err != nil || !moved {
		return false, err
	}
	return true, errors.Join(
		tx.run("move chat", `INSERT INTO chats (chat_id, kind, title)
			SELECT ?2, 'supergroup', title FROM chats WHERE chat_id = +?1 ON CONFLICT DO NOTHING`, from, to),
		// Telegram may have told of the bot and its rights in the supergroup before. If the bot was
		// told that it left the old group, it is in the supergroup all the same.
		tx.run("move group", `UPDATE OR IGNORE groups SET chat_id = ?2, present = 1 WHERE chat_id = +?1`, from, to),
		tx.run("join groups", `UPDATE groups AS g SET added_by = old.added_by, since_at = old.since_at, present = 1
			FROM groups AS old WHERE old.chat_id = +?1 AND g.chat_id = +?2`, from, to),
		tx.run("forget group", `DELETE FROM groups WHERE chat_id = +?`, from),
		tx.run("move settings", `UPDATE OR REPLACE chat_settings SET chat_id = ?2 WHERE chat_id = +?1`, from, to),
		tx.run("move waits", `UPDATE waits SET chat_id = ?2 WHERE chat_id = +?1`, from, to),
		tx.run("move quiet hours", `INSERT INTO nights (chat_id, ticket_id, answers, ends_at)
			SELECT ?2, ticket_id, answers, ends_at FROM nights WHERE chat_id = +?1
			ON CONFLICT DO UPDATE SET answers = answers + excluded.answers`, from, to),
		tx.run("forget quiet hours", `DELETE FROM nights WHERE chat_id = +?`, from),
		tx.run("move bindings", `INSERT INTO bindings (chat_id, ticket_id, muted, as_all, bound_at)
			SELECT ?2, ticket_id, muted, as_all, bound_at FROM bindings WHERE chat_id = +?1 ON CONFLICT DO NOTHING`, from, to),
		tx.run("move bindings", `DELETE FROM bindings WHERE chat_id = +?`, from),
		tx.run("move what was told", `UPDATE OR REPLACE told SET chat_id = ?2 WHERE chat_id = +?1 AND what NOT GLOB ?3`, from, to, adviceUnder+"*"),
		tx.run("move drafts", `UPDATE drafts SET chat_id = ?2, thread_id = 0, card_message_id = 0 WHERE chat_id = +?1 AND state = 'open'`, from, to),
		tx.run("move drafts in hand", `UPDATE OR REPLACE in_hand SET chat_id = ?2 WHERE chat_id = +?1 AND (kind = 'draft' OR message_id = 0)`, from, to))
}

// Waiting lists a lane's queued and parked rows, in order.
func (tx *Tx) Waiting(side Side, lane string) ([]Row, error) {
	return all(tx, "rows that wait", scanRow, `SELECT `+rowColumns+` FROM outbox
		WHERE side = +?1 AND lane = +?2 AND ended_at = 0 AND state = 'queued'
		UNION ALL SELECT `+rowColumns+` FROM outbox WHERE side = +?1 AND lane = +?2 AND state = 'parked' ORDER BY 1`, side, lane)
}

// LanesFrom lists the lanes of a side with a name prefix, including lanes with only
// parked rows.
func (tx *Tx) LanesFrom(side Side, prefix string) ([]string, error) {
	return all(tx, "lanes by prefix", scanLane, `SELECT DISTINCT lane FROM outbox WHERE side = +?1 AND ended_at = 0 AND lane >= +?2 AND lane < ?2 || char(0x10FFFF)
		UNION SELECT DISTINCT lane FROM outbox WHERE side = +?1 AND state = 'parked' AND lane >= +?2 AND lane < ?2 || char(0x10FFFF) ORDER BY lane`, side, prefix)
}

// OpenLanesFrom lists the lanes of a side with a name prefix and open rows.
func (tx *Tx) OpenLanesFrom(side Side, prefix string) ([]string, error) {
	return all(tx, "open lanes by prefix", scanLane, `SELECT DISTINCT lane FROM outbox
		WHERE side = +?1 AND ended_at = 0 AND lane >= +?2 AND lane < ?2 || char(0x10FFFF) ORDER BY lane`, side, prefix)
}

// MoveRow moves a queued or parked row to another lane with another payload.
func (tx *Tx) MoveRow(r Row, lane, payload string) error {
	tx.touch(r.Side, r.Lane)
	tx.touch(r.Side, lane)
	return tx.run("move row", `UPDATE outbox SET lane = ?, home = '', payload = ? WHERE id = +? AND state IN ('queued', 'parked')`, lane, payload, r.ID)
}
