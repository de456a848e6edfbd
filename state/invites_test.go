package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// invite adds a link by owner 1, or a claim, that expires at 60.
func invite(token string, kind InviteKind) func(*Tx) error {
	by := UserID(1)
	if kind == Claim {
		by = 0
	}
	return func(tx *Tx) error {
		return tx.AddInvite(token, Invite{Kind: kind, By: by, Created: at(0), Expires: at(60)})
	}
}

func withRole(id UserID, role Role) func(*Tx) error {
	return func(tx *Tx) error { return tx.SavePerson(Person{ID: id, Role: role}) }
}

// use uses a link, if it is valid.
func use(token string, now time.Time) func(*Tx) (InviteKind, error) {
	return func(tx *Tx) (InviteKind, error) {
		i, err := tx.OpenInvite(token, now)
		if err != nil {
			return "", err
		}
		return i.Kind, tx.DropInvite(i.ID)
	}
}

func TestInviteIsUsedOnce(t *testing.T) {
	s := open(t)
	do(t, s, withRole(1, Owner), invite("token", Invitation))
	absent(t, s, use("another", at(1)))
	equal(t, "kind", get(t, s, use("token", at(1))), Invitation)
	absent(t, s, use("token", at(2)))
	if err := s.Update(func(tx *Tx) error { return tx.DropInvite(1) }); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is dropped twice: %v", err)
	}
}

func TestInviteExpires(t *testing.T) {
	s := open(t)
	do(t, s, withRole(1, Owner), invite("token", Invitation))
	absent(t, s, use("token", at(60)))
	absent(t, s, func(tx *Tx) (Invite, error) { return tx.Invite(1, at(60)) })
	equal(t, "listed", get(t, s, func(tx *Tx) (int, error) { return tx.CountInvites(at(60)) }), 0)
	do(t, s, func(tx *Tx) error { return tx.PruneInvites(at(60)) })
	equal(t, "just in time", get(t, s, use("token", at(60).Add(-time.Millisecond))), Invitation)
}

// A claim is valid while the bot has no owner, an invitation while its author is an owner;
// once deleted, it stays so when they become an owner again.
func TestInvitesEndWithRights(t *testing.T) {
	s := open(t)
	do(t, s, withRole(2, Member), invite("claim", Claim), invite("invitation", Invitation))
	opens := func(token string) bool {
		t.Helper()
		err := s.Update(func(tx *Tx) error { _, err := tx.OpenInvite(token, at(1)); return err })
		if err != nil && !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	equal(t, "without owners: the claim, the invitation", [2]bool{opens("claim"), opens("invitation")}, [2]bool{true, false})
	do(t, s, withRole(1, Owner))
	equal(t, "with its author as owner", [2]bool{opens("claim"), opens("invitation")}, [2]bool{false, true})
	do(t, s, withRole(3, Owner), withRole(1, Member))
	equal(t, "with another owner", [2]bool{opens("claim"), opens("invitation")}, [2]bool{false, false})
	do(t, s, func(tx *Tx) error { return tx.DropInvitesOf(1) }, withRole(1, Owner))
	equal(t, "withdrawn", opens("invitation"), false)
}

func TestNewClaimReplacesTheOld(t *testing.T) {
	s := open(t)
	do(t, s, invite("first claim", Claim), invite("second claim", Claim))
	absent(t, s, use("first claim", at(1)))
	equal(t, "the second claim", get(t, s, use("second claim", at(1))), Claim)
}

func TestInvitesAreListed(t *testing.T) {
	s := open(t)
	do(t, s, withRole(1, Owner), invite("a", Invitation), invite("claim", Claim), invite("b", Invitation))
	listed := get(t, s, func(tx *Tx) ([]Invite, error) { return tx.Invites(at(1), 10, 0) })
	want := Invite{ID: 1, Kind: Invitation, By: 1, Created: at(0), Expires: at(60)}
	if len(listed) != 2 || listed[0] != want {
		t.Errorf("listed: %+v", listed)
	}
	equal(t, "by number", get(t, s, func(tx *Tx) (Invite, error) { return tx.Invite(1, at(1)) }), want)
	absent(t, s, func(tx *Tx) (Invite, error) { return tx.Invite(2, at(1)) }) // claims are not listed
}

func TestTokensAreNotInTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	const unused, used = "canary-of-the-unused-link", "canary-of-the-used-link"
	do(t, s, withRole(1, Owner), invite(unused, Invitation), invite(used, Invitation))
	get(t, s, use(used, at(1)))
	search := func(token string) (n int) {
		for _, name := range []string{path, path + "-wal"} {
			b, err := os.ReadFile(name)
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			n += bytes.Count(b, []byte(token))
		}
		return n
	}
	check := func() {
		t.Helper()
		if search(tokenHash(unused)) == 0 {
			t.Error("the hash is not there: the search finds nothing at all")
		}
		if search(unused)+search(used)+search("canary") > 0 {
			t.Error("a token is in the database")
		}
	}
	check()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check()
}
