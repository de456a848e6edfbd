package state

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// Role is what a person may do.
type Role string

// The roles. Whoever the store does not know is a stranger.
const (
	Owner    Role = "owner"
	Member   Role = "member"
	Stranger Role = "stranger"
)

// Source is how a person came by his role.
type Source string

// The sources of a role.
const (
	FromConfig Source = "config"
	FromClaim  Source = "claim"
	FromInvite Source = "invite"
	FromOwner  Source = "owner"
)

// Person is somebody who has written to the bot.
type Person struct {
	ID       UserID
	Name     string
	Username string
	Language string // "ru", "en" or "" for unknown
	Role     Role
	Source   Source
	Since    time.Time
	Told     time.Time // when he was last told that the bot is closed
	Asked    time.Time // when he last asked to be let in
}

const personColumns = `user_id, name, username, language, role, source, since_at, told_at, asked_at`

func scanPerson(r scanner) (p Person, err error) {
	var since, told, asked int64
	err = r.Scan(&p.ID, &p.Name, &p.Username, &p.Language, &p.Role, &p.Source, &since, &told, &asked)
	p.Since, p.Told, p.Asked = instant(since), instant(told), instant(asked)
	return p, err
}

// Person returns a person; a stranger with only the id where there is none.
func (tx *Tx) Person(id UserID) (Person, error) {
	p, err := first(tx, "person", scanPerson, `SELECT `+personColumns+` FROM people WHERE user_id = ?`, id)
	if errors.Is(err, ErrNotFound) {
		return Person{ID: id, Role: Stranger}, nil
	}
	return p, err
}

// SavePerson writes a person as given.
func (tx *Tx) SavePerson(p Person) error {
	return tx.run("save person", `INSERT OR REPLACE INTO people (`+personColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.Name, p.Username, p.Language, p.Role, p.Source, millis(p.Since), millis(p.Told), millis(p.Asked))
}

// People lists those with a role, owners first.
func (tx *Tx) People() ([]Person, error) {
	return all(tx, "people", scanPerson, `SELECT `+personColumns+` FROM people WHERE role <> 'stranger'
		ORDER BY role = 'owner' DESC, since_at, user_id`)
}

// Owners lists the owners.
func (tx *Tx) Owners() ([]Person, error) {
	return all(tx, "owners", scanPerson, `SELECT `+personColumns+` FROM people WHERE role = 'owner' ORDER BY since_at, user_id`)
}

// SetConfigOwners makes the owners of the configuration those given: new ones
// come in, and who is no longer named is a stranger again.
func (tx *Tx) SetConfigOwners(ids []UserID, now time.Time) error {
	if err := tx.run("retire owners", `UPDATE people SET role = 'stranger', source = '' WHERE source = 'config'`); err != nil {
		return err
	}
	for _, id := range ids {
		err := tx.run("set owner", `INSERT INTO people (user_id, name, role, source, since_at) VALUES (?, '', 'owner', 'config', ?)
			ON CONFLICT (user_id) DO UPDATE SET role = 'owner', source = 'config'`, id, millis(now))
		if err != nil {
			return err
		}
	}
	return nil
}

// InviteKind is what a one-time link makes of who follows it.
type InviteKind string

// The kinds of links.
const (
	Claim  InviteKind = "claim"  // the first owner
	Invite InviteKind = "invite" // a member
)

func tokenHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// AddInvite keeps a one-time link, by the hash of its token. There is one claim
// link at a time: a new one replaces the old.
func (tx *Tx) AddInvite(token string, kind InviteKind, by UserID, expires time.Time) error {
	if kind == Claim {
		if err := tx.run("drop claim", `DELETE FROM invites WHERE kind = 'claim' AND used_by = 0`); err != nil {
			return err
		}
	}
	return tx.run("add invite", `INSERT INTO invites (token_hash, kind, created_by, expires_at) VALUES (?, ?, ?, ?)`,
		tokenHash(token), kind, by, millis(expires))
}

// UseInvite spends a link. ErrNotFound where it is unknown, spent or expired.
func (tx *Tx) UseInvite(token string, by UserID, now time.Time) (InviteKind, error) {
	var kind InviteKind
	err := tx.one("use invite", `UPDATE invites SET used_by = ? WHERE token_hash = ? AND used_by = 0 AND expires_at > ? RETURNING kind`,
		[]any{by, tokenHash(token), millis(now)}, &kind)
	return kind, err
}

// InviteIsOpen tells whether a link can be used.
func (tx *Tx) InviteIsOpen(token string, now time.Time) (bool, error) {
	var n int
	err := tx.one("open invite", `SELECT count(*) FROM invites WHERE token_hash = ? AND used_by = 0 AND expires_at > ?`,
		[]any{tokenHash(token), millis(now)}, &n)
	return n > 0, err
}
