package state

import (
	"errors"
	"time"
)

// Role is what a person may do.
type Role string

// The roles. Anyone not in the store is a stranger.
const (
	Owner    Role = "owner"
	Member   Role = "member"
	Stranger Role = "stranger"
)

// Source is how a person got their role.
type Source string

// The sources of a role.
const (
	FromConfig Source = "config"
	FromClaim  Source = "claim"
	FromInvite Source = "invite"
	FromOwner  Source = "owner"
)

// Person is someone who has written to the bot.
type Person struct {
	ID       UserID
	Name     string
	Username string
	Language string // "ru", "en" or "" if unknown
	Role     Role
	Source   Source
	Since    time.Time
	Asked    time.Time // when they last requested access; zero once decided
	Removed  time.Time // when their access was revoked; zero: never, or restored
}

const personColumns = `user_id, name, username, language, role, source, since_at, asked_at, removed_at`

func scanPerson(r scanner) (p Person, err error) {
	var since, asked, removed int64
	err = r.Scan(&p.ID, &p.Name, &p.Username, &p.Language, &p.Role, &p.Source, &since, &asked, &removed)
	p.Since, p.Asked, p.Removed = instant(since), instant(asked), instant(removed)
	return p, err
}

// Person returns a person, or a stranger with only the id if unknown.
func (tx *Tx) Person(id UserID) (Person, error) {
	p, err := first(tx, "person", scanPerson, `SELECT `+personColumns+` FROM people WHERE user_id = +?`, id)
	if errors.Is(err, ErrNotFound) {
		return Person{ID: id, Role: Stranger}, nil
	}
	return p, err
}

// SavePerson writes a person.
func (tx *Tx) SavePerson(p Person) error {
	return tx.run("save person", `INSERT OR REPLACE INTO people (`+personColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.Name, p.Username, p.Language, p.Role, p.Source, millis(p.Since), millis(p.Asked), millis(p.Removed))
}

// Writers lists the people who have sent something through the bot in a chat, or in the
// group that it was before. It steps from person to person without scanning what each
// has written.
func (tx *Tx) Writers(c ChatID) ([]Person, error) {
	return all(tx, "writers", scanPerson, `WITH RECURSIVE here (id) AS (SELECT ?1 UNION ALL SELECT chat_id FROM chats WHERE moved_to = +?1 AND moved_to <> 0),
		sender (chat, id) AS (
			SELECT id, (SELECT min(user_id) FROM submissions WHERE chat_id = here.id) FROM here
			UNION ALL SELECT chat, (SELECT min(user_id) FROM submissions WHERE chat_id = sender.chat AND user_id > sender.id) FROM sender WHERE id IS NOT NULL)
		SELECT `+personColumns+` FROM people WHERE user_id IN (SELECT id FROM sender)`, c)
}

// People returns a page of those with a role, owners first.
func (tx *Tx) People(limit, offset int) ([]Person, error) {
	return all(tx, "people", scanPerson, `SELECT `+personColumns+` FROM people WHERE role <> 'stranger'
		ORDER BY role = 'owner' DESC, since_at, user_id LIMIT +? OFFSET +?`, limit, offset)
}

// RemovedPeople returns a page of those whose access was revoked, latest first.
func (tx *Tx) RemovedPeople(limit, offset int) ([]Person, error) {
	return all(tx, "removed people", scanPerson, `SELECT `+personColumns+` FROM people WHERE removed_at > 0
		ORDER BY removed_at DESC, user_id DESC LIMIT +? OFFSET +?`, limit, offset)
}

// CountPeople returns how many have access, and how many had it revoked.
func (tx *Tx) CountPeople() (people, removed int, err error) {
	err1 := tx.one("count people", `SELECT count(*) FROM people WHERE role <> 'stranger'`, nil, &people)
	err2 := tx.one("count removed people", `SELECT count(*) FROM people WHERE removed_at > 0`, nil, &removed)
	return people, removed, errors.Join(err1, err2)
}

// Owners lists the owners.
func (tx *Tx) Owners() ([]Person, error) {
	return all(tx, "owners", scanPerson, `SELECT `+personColumns+` FROM people WHERE role = 'owner' ORDER BY since_at, user_id`)
}

// OwnersOf lists the owners from a source.
func (tx *Tx) OwnersOf(source Source) ([]Person, error) {
	return all(tx, "owners by source", scanPerson, `SELECT `+personColumns+` FROM people WHERE role = 'owner' AND source = +? ORDER BY since_at, user_id`, source)
}

// AskedSince counts the undecided access requests made after t.
func (tx *Tx) AskedSince(t time.Time) (n int, err error) {
	err = tx.one("count access requests", `SELECT count(*) FROM people WHERE asked_at > 0 AND asked_at > ?`, []any{millis(t)}, &n)
	return n, err
}

// ForgetStranger deletes a person without access who has submitted nothing.
func (tx *Tx) ForgetStranger(id UserID) error {
	return tx.run("forget stranger", `DELETE FROM people WHERE user_id = +? AND role = 'stranger' AND removed_at = 0
		AND NOT EXISTS (SELECT 1 FROM submissions WHERE submissions.user_id = people.user_id)`, id)
}

// PruneStrangers deletes strangers' handled updates and rows from before t, and
// strangers whose undecided access request is older than asked.
func (tx *Tx) PruneStrangers(t, asked time.Time) error {
	return errors.Join(
		tx.run("prune strangers' updates", `DELETE FROM inbox WHERE state = 'done' AND stranger = 1 AND received_at < ?`, millis(t)),
		tx.run("prune strangers' rows", `DELETE FROM outbox WHERE priority = 2 AND ended_at > 0 AND ended_at < ?`, millis(t)),
		tx.run("prune strangers", `DELETE FROM people WHERE asked_at > 0 AND asked_at < ? AND role = 'stranger' AND removed_at = 0
			AND NOT EXISTS (SELECT 1 FROM submissions WHERE submissions.user_id = people.user_id)`, millis(asked)))
}

// ErasePerson deletes a person's name, settings and drafts; their id and what they sent
// are kept.
func (tx *Tx) ErasePerson(id UserID) error {
	chat := ChatID(id)
	return errors.Join(
		tx.run("erase person", `UPDATE people SET name = '', username = '', language = '' WHERE user_id = +?`, id),
		tx.run("erase settings", `DELETE FROM chat_settings WHERE chat_id = +?`, chat),
		tx.run("erase what was told", `DELETE FROM told WHERE chat_id = +?`, chat),
		tx.run("erase what is in hand", `DELETE FROM in_hand WHERE user_id = +?`, id),
		tx.run("erase what goes on", `DELETE FROM going_on WHERE user_id = +?`, id),
		tx.run("erase quiet hours", `DELETE FROM nights WHERE chat_id = +?`, chat),
		tx.run("erase updates set aside", `UPDATE inbox SET payload = '' WHERE chat_id = +? AND state = 'failed'`, chat),
		tx.run("erase searches", `DELETE FROM searches WHERE chat_id = +?`, chat),
		tx.run("erase drafted messages", `DELETE FROM items WHERE chat_id = +?1 OR draft_id IN (SELECT draft_id FROM drafts WHERE user_id = +?2)`, chat, id),
		tx.run("erase drafts", `DELETE FROM drafts WHERE user_id = +?`, id))
}
