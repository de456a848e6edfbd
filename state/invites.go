package state

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// InviteKind is the role that a one-time link gives.
type InviteKind string

// The kinds of links.
const (
	Claim      InviteKind = "claim"  // the first owner
	Invitation InviteKind = "invite" // a member
)

// Invite is a usable one-time link.
type Invite struct {
	ID      InviteID
	Kind    InviteKind
	By      UserID // who made it; 0: the program
	Created time.Time
	Expires time.Time
}

func tokenHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// AddInvite stores a one-time link by the hash of its token. There is one claim link at
// a time: a new one replaces the old.
func (tx *Tx) AddInvite(token string, i Invite) error {
	if i.Kind == Claim {
		if err := tx.DropClaims(); err != nil {
			return err
		}
	}
	return tx.run("add invite", `INSERT INTO invites (token_hash, kind, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
		tokenHash(token), i.Kind, i.By, millis(i.Created), millis(i.Expires))
}

// openInvites matches links usable at ?1: a claim while there is no owner, an invitation
// while its author is an owner.
const openInvites = ` FROM invites WHERE expires_at > ?1 AND CASE kind
	WHEN 'claim' THEN NOT EXISTS (SELECT 1 FROM people WHERE role = 'owner')
	ELSE EXISTS (SELECT 1 FROM people WHERE user_id = created_by AND role = 'owner') END`

const inviteColumns = `invite_id, kind, created_by, created_at, expires_at`

func scanInvite(r scanner) (i Invite, err error) {
	var created, expires int64
	err = r.Scan(&i.ID, &i.Kind, &i.By, &created, &expires)
	i.Created, i.Expires = instant(created), instant(expires)
	return i, err
}

// OpenInvite returns the link with a token; ErrNotFound if it is unknown, used,
// withdrawn, expired or void.
func (tx *Tx) OpenInvite(token string, now time.Time) (Invite, error) {
	return first(tx, "invite", scanInvite, `SELECT `+inviteColumns+openInvites+` AND token_hash = +?2`, millis(now), tokenHash(token))
}

// Invite returns a usable invitation; ErrNotFound if there is none.
func (tx *Tx) Invite(id InviteID, now time.Time) (Invite, error) {
	return first(tx, "invite by number", scanInvite, `SELECT `+inviteColumns+openInvites+` AND invite_id = +?2 AND kind = 'invite'`, millis(now), id)
}

// Invites returns a page of the usable invitations, oldest first.
func (tx *Tx) Invites(now time.Time, limit, offset int) ([]Invite, error) {
	return all(tx, "invites", scanInvite, `SELECT `+inviteColumns+openInvites+` AND kind = 'invite' ORDER BY invite_id LIMIT +?2 OFFSET +?3`,
		millis(now), limit, offset)
}

// CountInvites counts the usable invitations.
func (tx *Tx) CountInvites(now time.Time) (n int, err error) {
	err = tx.one("count invites", `SELECT count(*)`+openInvites+` AND kind = 'invite'`, []any{millis(now)}, &n)
	return n, err
}

// DropInvite deletes a link that was used or withdrawn.
func (tx *Tx) DropInvite(id InviteID) error {
	ok, err := tx.changed("drop invite", `DELETE FROM invites WHERE invite_id = +?`, id)
	if err == nil && !ok {
		err = fmt.Errorf("drop invite: %w", ErrNotFound)
	}
	return err
}

// DropInvitesOf deletes a person's invitations.
func (tx *Tx) DropInvitesOf(u UserID) error {
	return tx.run("drop invites", `DELETE FROM invites WHERE created_by = +? AND kind = 'invite'`, u)
}

// DropClaims deletes the claim link, if there is one.
func (tx *Tx) DropClaims() error {
	return tx.run("drop claims", `DELETE FROM invites WHERE kind = 'claim'`)
}

// PruneInvites deletes links that expired before t.
func (tx *Tx) PruneInvites(t time.Time) error {
	return tx.run("prune invites", `DELETE FROM invites WHERE expires_at < ?`, millis(t))
}
