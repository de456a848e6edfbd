package state

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func person(id UserID) func(*Tx) (Person, error) {
	return func(tx *Tx) (Person, error) { return tx.Person(id) }
}

// count returns the number that a query selects.
func count(query string) func(*Tx) (int, error) {
	return func(tx *Tx) (n int, err error) { err = tx.one("", query, nil, &n); return n, err }
}

func TestUnknownPersonIsAStranger(t *testing.T) {
	equal(t, "person", get(t, open(t), person(5)), Person{ID: 5, Role: Stranger})
}

func TestPersonComesBackAsSaved(t *testing.T) {
	s := open(t)
	p := Person{
		ID: 1 << 40, Name: "Анна", Username: "anna", Language: "ru", Role: Member, Source: FromInvite,
		Since: at(1), Asked: at(3), Removed: at(4),
	}
	do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	equal(t, "person", get(t, s, person(p.ID)), p)
	p.Name, p.Role, p.Source, p.Asked, p.Removed = "Аня", Stranger, "", time.Time{}, time.Time{}
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
		{ID: 6, Role: Stranger, Since: at(1), Removed: at(2)},
		{ID: 7, Role: Stranger, Since: at(1), Removed: at(3)},
	} {
		do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	}
	ids := func(f func(*Tx) ([]Person, error)) (list []UserID) {
		for _, p := range get(t, s, f) {
			list = append(list, p.ID)
		}
		return list
	}
	page := func(f func(*Tx, int, int) ([]Person, error), limit, offset int) []UserID {
		return ids(func(tx *Tx) ([]Person, error) { return f(tx, limit, offset) })
	}
	equal(t, "people", page((*Tx).People, 10, 0), []UserID{4, 2, 5, 1})
	equal(t, "a page of them", page((*Tx).People, 2, 1), []UserID{2, 5})
	equal(t, "removed people", page((*Tx).RemovedPeople, 10, 0), []UserID{7, 6})
	equal(t, "a page of them", page((*Tx).RemovedPeople, 1, 1), []UserID{6})
	equal(t, "owners", ids((*Tx).Owners), []UserID{4, 2})
	equal(t, "owners of the configuration", ids(func(tx *Tx) ([]Person, error) { return tx.OwnersOf(FromConfig) }), []UserID{4})
	do(t, s, func(tx *Tx) error {
		people, removed, err := tx.CountPeople()
		equal(t, "counts", [2]int{people, removed}, [2]int{4, 2})
		return err
	})
}

// A stranger whose request led to nothing is forgotten; people who wrote in a group, or had
// access, are kept.
func TestStrangersAreForgotten(t *testing.T) {
	s := open(t)
	people := []Person{
		{ID: 1, Name: "asked long ago", Role: Stranger, Asked: at(1)},
		{ID: 2, Name: "asked lately", Role: Stranger, Asked: at(9)},
		{ID: 3, Name: "has written in a group", Role: Stranger, Asked: at(1)},
		{ID: 4, Name: "removed", Role: Stranger, Asked: at(1), Removed: at(1)},
		{ID: 5, Name: "a member", Role: Member, Asked: at(1)},
		{ID: 6, Name: "speaks in a group", Role: Stranger},
	}
	for _, p := range people {
		do(t, s, func(tx *Tx) error { return tx.SavePerson(p) })
	}
	sub := opening(1)
	sub.User = 3
	do(t, s, func(tx *Tx) error { _, _, err := tx.AddSubmission(sub); return err })
	left := func() (names []string) {
		for _, p := range people {
			if name := get(t, s, person(p.ID)).Name; name != "" {
				names = append(names, name)
			}
		}
		return names
	}
	do(t, s, func(tx *Tx) error { return tx.PruneStrangers(at(0), at(5)) })
	equal(t, "left", left(), []string{"asked lately", "has written in a group", "removed", "a member", "speaks in a group"})
	for _, p := range people {
		do(t, s, func(tx *Tx) error { return tx.ForgetStranger(p.ID) })
	}
	equal(t, "left", left(), []string{"has written in a group", "removed", "a member"})
}

// Strangers' rows are pruned earlier than those of people with access.
func TestWhatStrangersDidIsPruned(t *testing.T) {
	s := open(t)
	do(t, s,
		func(tx *Tx) error {
			return errors.Join(
				tx.Receive(Arrival{Key: "s", Chat: 1, Due: at(0), Stranger: true}, at(0), 0), tx.Receive(Arrival{Key: "m", Chat: 2, Due: at(0)}, at(0), 0),
				tx.Handled(1), tx.Handled(2))
		},
		func(tx *Tx) error {
			for _, p := range []Priority{PriorityStranger, PriorityPerson, PriorityStranger} {
				id, err := tx.Enqueue(Request{Side: Telegram, Lane: "a", Priority: p, Kind: "call"}, at(0))
				if err != nil {
					return err
				}
				if id < 3 { // the third one is pending
					if err := tx.Finish(id, Done, at(1), ""); err != nil {
						return err
					}
				}
			}
			return nil
		},
		func(tx *Tx) error { return tx.PruneStrangers(at(2), at(2)) })
	equal(t, "updates", get(t, s, count(`SELECT sum(seq) FROM inbox`)), 2)
	equal(t, "rows", get(t, s, count(`SELECT sum(id) FROM outbox`)), 2+3)
}

// Erasing keeps the id and what was sent.
func TestErasePerson(t *testing.T) {
	s := open(t)
	sub := opening(1)
	sub.User, sub.Chat = 5, 5
	do(t, s,
		func(tx *Tx) error {
			return tx.SavePerson(Person{ID: 5, Name: "Ева", Username: "eve", Language: "ru", Role: Stranger, Since: at(1), Removed: at(2)})
		},
		func(tx *Tx) error { return tx.SaveSettings(Settings{Chat: 5, News: NewsAll, Zone: "Asia/Omsk"}) },
		func(tx *Tx) error { _, err := tx.TellOnce(5, "a"); return err },
		func(tx *Tx) error {
			_, err := tx.TakeInHand(InHand{Chat: -1, User: 5, Kind: HandOpening, Until: at(1)})
			return errors.Join(err, tx.SaveGoingOn(GoingOn{Chat: 5, User: 5, Submission: 1, Written: at(1)}))
		},
		func(tx *Tx) error { _, _, err := tx.AddSubmission(sub); return err },
		func(tx *Tx) error {
			id, err := tx.AddDraft(Draft{Kind: DraftOpening, Chat: -1, User: 5, State: DraftOpen})
			return errors.Join(err, tx.SaveItem(Item{Chat: -1, Message: 1, Draft: id, Text: "черновик"}, at(1)),
				tx.SaveItem(Item{Chat: 5, Message: 2, Text: "альбом"}, at(1)), tx.SaveItem(Item{Chat: -1, Message: 3, Text: "чужое"}, at(1)))
		},
		func(tx *Tx) error {
			for _, c := range []ChatID{5, 6} {
				if err := tx.Receive(Arrival{Key: fmt.Sprint(c), Chat: c, Payload: "слова", Due: at(1)}, at(1), 0); err != nil {
					return err
				}
			}
			return errors.Join(tx.HandlingFailed(1), tx.HandlingFailed(2))
		},
		func(tx *Tx) error { return tx.ErasePerson(5) })
	equal(t, "updates set aside", get(t, s, count(`SELECT sum(chat_id) FROM inbox WHERE payload = 'слова'`)), 6)
	equal(t, "person", get(t, s, person(5)), Person{ID: 5, Role: Stranger, Since: at(1), Removed: at(2)})
	equal(t, "zone", get(t, s, func(tx *Tx) (Settings, error) { return tx.Settings(5) }).Zone, "")
	equal(t, "drafts", len(get(t, s, func(tx *Tx) ([]Draft, error) { return tx.DraftsOf(5) })), 0)
	kept := func(c ChatID, m MessageID) []Item {
		return get(t, s, func(tx *Tx) ([]Item, error) { return tx.Items(c, m) })
	}
	equal(t, "drafted messages", len(kept(-1, 1))+len(kept(5, 2)), 0)
	equal(t, "another's", kept(-1, 3)[0].Text, "чужое")
	absent(t, s, func(tx *Tx) (InHand, error) { return tx.InHand(-1, 5, at(0)) })
	absent(t, s, func(tx *Tx) (GoingOn, error) { return tx.GoingOn(5, 5) })
	equal(t, "what was sent", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(1) }).User, UserID(5))
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
	equal(t, "chat", chat(), Chat{ID: -100, Kind: "group", Title: "Офис"})
	do(t, s, func(tx *Tx) error { return tx.RefuseReactions(-100, at(1)) })
	equal(t, "a chat that refuses reactions", chat(), Chat{ID: -100, Kind: "group", Title: "Офис", ReactionsRefused: at(1)})
	see("supergroup", "Склад")
	equal(t, "seen again", chat(), Chat{ID: -100, Kind: "supergroup", Title: "Склад", ReactionsRefused: at(1)})
	do(t, s, (*Tx).AllowReactions)
	equal(t, "forgotten", chat(), Chat{ID: -100, Kind: "supergroup", Title: "Склад"})
}
