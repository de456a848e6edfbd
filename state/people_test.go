package state

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func person(id UserID) func(*Tx) (Person, error) {
	return func(tx *Tx) (Person, error) { return tx.Person(id) }
}

func TestUnknownPersonIsAStranger(t *testing.T) {
	equal(t, "person", get(t, open(t), person(5)), Person{ID: 5, Role: Stranger})
}

func TestPersonComesBackAsSaved(t *testing.T) {
	s := open(t)
	p := Person{
		ID: 1 << 40, Name: "Анна", Username: "anna", Language: "ru", Role: Member, Source: FromInvite,
		Since: at(1), Told: at(2), Asked: at(3),
	}
	do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	equal(t, "person", get(t, s, person(p.ID)), p)
	p.Name, p.Role, p.Source, p.Told, p.Asked = "Аня", Stranger, "", time.Time{}, time.Time{}
	do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	equal(t, "person saved again", get(t, s, person(p.ID)), p)
}

func TestPeopleAndOwners(t *testing.T) {
	s := open(t)
	for _, p := range []Person{
		{ID: 1, Role: Member, Source: FromInvite, Since: at(1)},
		{ID: 2, Role: Owner, Source: FromClaim, Since: at(9)},
		{ID: 3, Role: Stranger, Since: at(0)},
		{ID: 4, Role: Owner, Source: FromConfig, Since: at(5)},
		{ID: 5, Role: Member, Source: FromOwner, Since: at(0)},
	} {
		do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	}
	ids := func(f func(*Tx) ([]Person, error)) (list []UserID) {
		for _, p := range get(t, s, f) {
			list = append(list, p.ID)
		}
		return list
	}
	equal(t, "people", ids((*Tx).People), []UserID{4, 2, 5, 1})
	equal(t, "owners", ids((*Tx).Owners), []UserID{4, 2})
}

func TestConfigOwnersComeAndGo(t *testing.T) {
	s := open(t)
	for _, p := range []Person{
		{ID: 1, Name: "Claimed", Role: Owner, Source: FromClaim, Since: start},
		{ID: 2, Name: "Invited", Role: Member, Source: FromInvite, Since: start},
	} {
		do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	}
	set := func(ids ...UserID) {
		do(t, s, func(tx *Tx) error { return tx.SetConfigOwners(ids, at(1)) })
	}
	role := func(id UserID) [2]string {
		p := get(t, s, person(id))
		return [2]string{string(p.Role), string(p.Source)}
	}
	owner, stranger := [2]string{"owner", "config"}, [2]string{"stranger", ""}

	set(2, 3)
	equal(t, "a new one", role(3), owner)
	equal(t, "a member who is named", role(2), owner)
	equal(t, "his name", get(t, s, person(2)).Name, "Invited")
	equal(t, "the owner by the claim link", role(1), [2]string{"owner", "claim"})
	set(3, 4)
	equal(t, "one who stays", role(3), owner)
	equal(t, "one who comes", role(4), owner)
	equal(t, "one who is no longer named", role(2), stranger)
	set()
	equal(t, "the last", role(3), stranger)
	equal(t, "the owner by the claim link", role(1), [2]string{"owner", "claim"})
}

func use(token string, by UserID, now time.Time) func(*Tx) (InviteKind, error) {
	return func(tx *Tx) (InviteKind, error) { return tx.UseInvite(token, by, now) }
}

// isOpen asks whether a link can be used.
func isOpen(token string, now time.Time) func(*Tx) (bool, error) {
	return func(tx *Tx) (bool, error) { return tx.InviteIsOpen(token, now) }
}

func TestInviteIsUsedOnce(t *testing.T) {
	s := open(t)
	do(t, s, func(tx *Tx) error { return tx.AddInvite("token", Invite, 1, at(60)) })
	absent(t, s, use("another", 2, at(1)))
	equal(t, "another is open", get(t, s, isOpen("another", at(1))), false)
	equal(t, "it is open", get(t, s, isOpen("token", at(1))), true)
	equal(t, "kind", get(t, s, use("token", 2, at(1))), Invite)
	equal(t, "it is still open", get(t, s, isOpen("token", at(1))), false)
	absent(t, s, use("token", 3, at(2)))
	absent(t, s, use("token", 2, at(2)))
}

func TestInviteExpires(t *testing.T) {
	s := open(t)
	do(t, s, func(tx *Tx) error { return tx.AddInvite("token", Invite, 1, at(60)) })
	equal(t, "it is open", get(t, s, isOpen("token", at(60))), false)
	absent(t, s, use("token", 2, at(60)))
	equal(t, "it is open just in time", get(t, s, isOpen("token", at(60).Add(-time.Millisecond))), true)
	equal(t, "just in time", get(t, s, use("token", 2, at(60).Add(-time.Millisecond))), Invite)
}

func TestNewClaimReplacesTheOld(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error { return tx.AddInvite("first claim", Claim, 0, at(60)) },
		func(tx *Tx) error { return tx.AddInvite("invite", Invite, 1, at(60)) },
		func(tx *Tx) error { return tx.AddInvite("second claim", Claim, 0, at(60)) })
	absent(t, s, use("first claim", 2, at(1)))
	equal(t, "the second claim", get(t, s, use("second claim", 2, at(1))), Claim)
	equal(t, "invites are many", get(t, s, use("invite", 3, at(1))), Invite)
}

func TestTokensAreNotInTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	const unused, used = "canary-of-the-unused-link", "canary-of-the-used-link"
	do(t, s,
		func(tx *Tx) error { return tx.AddInvite(unused, Invite, 1, at(60)) },
		func(tx *Tx) error { return tx.AddInvite(used, Claim, 1, at(60)) })
	get(t, s, use(used, 2, at(1)))
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
		if search(tokenHash(used)) == 0 {
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

func TestChat(t *testing.T) {
	s := open(t)
	chat := func() Chat {
		t.Helper()
		return get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(-100) })
	}
	absent(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(-100) })
	see := func(kind, title string) {
		t.Helper()
		do(t, s, func(tx *Tx) error { return tx.SeeChat(-100, kind, title) })
	}
	see("group", "Офис")
	equal(t, "chat", chat(), Chat{ID: -100, Kind: "group", Title: "Офис", Reactions: true})

	do(t, s,
		func(tx *Tx) error { return tx.BlockChat(-100, at(1)) },
		func(tx *Tx) error { return tx.BlockChat(-100, at(2)) },
		func(tx *Tx) error { return tx.RefuseReactions(-100) })
	equal(t, "blocked since the first time", chat(), Chat{ID: -100, Kind: "group", Title: "Офис", Blocked: at(1)})
	see("supergroup", "Склад")
	equal(t, "seen again", chat(), Chat{ID: -100, Kind: "supergroup", Title: "Склад"})

	unblock := func() bool {
		t.Helper()
		return get(t, s, func(tx *Tx) (bool, error) { return tx.UnblockChat(-100) })
	}
	equal(t, "opened though it was open", unblock(), false)
	do(t, s, func(tx *Tx) error { return tx.BlockChat(-100, at(3)) })
	equal(t, "opened", unblock(), true)
	equal(t, "opened chat", chat(), Chat{ID: -100, Kind: "supergroup", Title: "Склад"})
}
