package state

import (
	"testing"
	"time"
)

// draft is an open opening of person 70 in a chat.
func draft(c ChatID) Draft {
	return Draft{Kind: DraftOpening, Chat: c, User: 70, State: DraftOpen, Due: at(100)}
}

func addDraft(t testing.TB, s *Store, d Draft) DraftID {
	t.Helper()
	return get(t, s, func(tx *Tx) (DraftID, error) { return tx.AddDraft(d) })
}

func keep(t testing.TB, s *Store, second int, items ...Item) {
	t.Helper()
	for _, i := range items {
		do(t, s, func(tx *Tx) error { return tx.SaveItem(i, at(second)) })
	}
}

// numbers returns the ids of messages.
func numbers(t testing.TB, s *Store, f func(*Tx) ([]Item, error)) (list []MessageID) {
	t.Helper()
	for _, i := range get(t, s, f) {
		list = append(list, i.Message)
	}
	return list
}

func TestDraftThroughItsLife(t *testing.T) {
	s := open(t)
	d := draft(1)
	here := func(c ChatID, u UserID) []Draft {
		t.Helper()
		return get(t, s, func(tx *Tx) ([]Draft, error) { return tx.DraftsHere(c, u) })
	}
	d.ID = addDraft(t, s, d)
	equal(t, "new", here(1, 70), []Draft{d})
	d.Subject, d.Card, d.Due = "Тема", 51, at(200)
	do(t, s, func(tx *Tx) error { return tx.SaveDraft(d) })
	equal(t, "saved", get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(d.ID) }), d)
	equal(t, "by its card", get(t, s, func(tx *Tx) (Draft, error) { return tx.DraftShown(1, 51) }), d)
	absent(t, s, func(tx *Tx) (Draft, error) { return tx.DraftShown(2, 51) })
	absent(t, s, func(tx *Tx) (Draft, error) { return tx.DraftShown(1, 0) })

	going := draft(1)
	going.Kind, going.Ticket, going.Reopens, going.Begun = DraftGoing, 7, true, at(3)
	going.ID = addDraft(t, s, going)
	equal(t, "several at once", here(1, 70), []Draft{d, going})
	equal(t, "another person's, another chat's", len(here(1, 71))+len(here(2, 70)), 0)
	going.Kind, going.Ticket, going.Reopens = DraftQuestion, 0, false
	do(t, s, func(tx *Tx) error { return tx.SaveDraft(going) })
	equal(t, "of another kind", here(1, 70)[1], going)

	d.State = DraftSent
	do(t, s, func(tx *Tx) error { return tx.SaveDraft(d) })
	equal(t, "what is still open", here(1, 70), []Draft{going})
}

func TestDraftsDue(t *testing.T) {
	s := open(t)
	var want []DraftID
	for i := range 3 {
		d := draft(ChatID(i))
		d.Due = at(100 - i)
		want = append([]DraftID{addDraft(t, s, d)}, want...)
	}
	over := draft(9)
	over.State, over.Due = DraftCancelled, at(1)
	addDraft(t, s, over)
	due := func(second, limit int) (list []DraftID) {
		for _, d := range get(t, s, func(tx *Tx) ([]Draft, error) { return tx.DraftsDue(at(second), limit) }) {
			list = append(list, d.ID)
		}
		return list
	}
	equal(t, "nothing yet", due(97, 10), []DraftID(nil))
	equal(t, "the first", due(98, 10), want[:1])
	equal(t, "all", due(100, 10), want)
	equal(t, "the next", get(t, s, (*Tx).NextDraftDue), at(98))
	equal(t, "a few", due(100, 2), want[:2])
}

// A message below the card of the draft in hand has it checked; it is recorded for other drafts
// in the same place, but not for those elsewhere.
func TestDraftsToLookAt(t *testing.T) {
	s := open(t)
	add := func(card MessageID, thread ThreadID) DraftID {
		d := draft(70) // a private chat
		d.Card, d.Thread = card, thread
		return addDraft(t, s, d)
	}
	held, aside, elsewhere, unsent := add(10, 0), add(11, 0), add(10, 5), add(0, 0)
	do(t, s, func(tx *Tx) error {
		_, err := tx.TakeInHand(InHand{Chat: 70, User: 70, Kind: HandDraft, Draft: held})
		return err
	})
	came := func(m MessageID, second int) {
		t.Helper()
		do(t, s, func(tx *Tx) error { return tx.CameBelow(70, 0, m, at(second)) })
	}
	below := func(d DraftID) MessageID {
		t.Helper()
		return get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(d) }).Below
	}
	look := func(second int) (list []DraftID) {
		for _, d := range get(t, s, func(tx *Tx) ([]Draft, error) { return tx.DraftsToLookAt(at(second), 10) }) {
			list = append(list, d.ID)
		}
		return list
	}
	came(10, 1)
	equal(t, "the card itself", look(90), []DraftID(nil))
	came(12, 3)
	came(9, 4) // recorded late
	equal(t, "below", []MessageID{below(held), below(aside), below(elsewhere), below(unsent)}, []MessageID{12, 12, 0, 12})
	equal(t, "not yet", look(3), []DraftID(nil))
	equal(t, "to look at", look(4), []DraftID{held})
	equal(t, "next", get(t, s, (*Tx).NextDraftDue), at(4))
	do(t, s, func(tx *Tx) error { return tx.LookAt(held, time.Time{}) }, func(tx *Tx) error { return tx.LookAt(aside, at(5)) })
	equal(t, "to look at then", look(90), []DraftID{aside})
	over := get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(aside) })
	over.State, over.Moves = DraftSent, true
	do(t, s, func(tx *Tx) error { return tx.SaveDraft(over) })
	equal(t, "of what is over", look(90), []DraftID(nil))
	equal(t, "the next that is due", get(t, s, (*Tx).NextDraftDue), at(100))
}

func TestItems(t *testing.T) {
	s := open(t)
	whole := Item{
		Chat: 1, Message: 12, Draft: 5, Album: "a", Author: "Иван", Authored: start, Text: "текст", GoesOn: true, Titles: true,
		FileID: "f", FileName: "a.txt", FileSize: 3,
	}
	keep(t, s, 0, whole, Item{Chat: 1, Message: 11, Draft: 5, Album: "a"}, Item{Chat: 1, Message: 13, Draft: 6, Album: "b"}, Item{Chat: 2, Message: 11, Album: "a"})
	at12 := func() []Item {
		t.Helper()
		return get(t, s, func(tx *Tx) ([]Item, error) { return tx.Items(1, 12) })
	}
	equal(t, "an item", at12(), []Item{whole})
	of := func(d DraftID) func(*Tx) ([]Item, error) {
		return func(tx *Tx) ([]Item, error) { return tx.DraftItems(d) }
	}
	equal(t, "a draft's, as they were written", numbers(t, s, of(5)), []MessageID{11, 12})
	equal(t, "those of no draft", numbers(t, s, of(0)), []MessageID(nil))
	equal(t, "an album's", numbers(t, s, func(tx *Tx) ([]Item, error) { return tx.AlbumItems(1, "a") }), []MessageID{11, 12})
	equal(t, "those of no album", numbers(t, s, func(tx *Tx) ([]Item, error) { return tx.AlbumItems(1, "") }), []MessageID(nil))

	equal(t, "what titles its draft alone", get(t, s, func(tx *Tx) ([]Item, error) { return tx.AlbumItems(1, "a") })[1].Titles, false)

	others := whole
	others.Draft, others.Author, others.Titles = 7, "", false
	keep(t, s, 0, others)
	equal(t, "in two people's drafts", at12(), []Item{whole, others})
	equal(t, "an album's, each once", numbers(t, s, func(tx *Tx) ([]Item, error) { return tx.AlbumItems(1, "a") }), []MessageID{11, 12})
	whole.Text, others.Text = "другое", "другое"
	do(t, s, func(tx *Tx) error { return tx.EditItem(whole, start) })
	equal(t, "edited wherever it is", at12(), []Item{whole, others})
	do(t, s, func(tx *Tx) error { return tx.DropItem(5, 1, 12) })
	equal(t, "without the one that is taken out", numbers(t, s, of(5)), []MessageID{11})
	equal(t, "which the other keeps", numbers(t, s, of(7)), []MessageID{12})
}

// The messages of an open draft are kept however old they are.
func TestPruneDrafts(t *testing.T) {
	s := open(t)
	kept := addDraft(t, s, draft(1))
	sent := draft(2)
	sent.State, sent.Due = DraftSent, at(9)
	gone := addDraft(t, s, sent)
	keep(t, s, 1, Item{Chat: 1, Message: 1, Draft: kept}, Item{Chat: 1, Message: 2, Draft: gone}, Item{Chat: 1, Message: 3})
	keep(t, s, 10, Item{Chat: 1, Message: 4, Draft: gone}, Item{Chat: 1, Message: 5})
	do(t, s, func(tx *Tx) error { return tx.PruneDrafts(at(10)) })
	var left []MessageID
	for m := range MessageID(6) {
		if len(get(t, s, func(tx *Tx) ([]Item, error) { return tx.Items(1, m) })) > 0 {
			left = append(left, m)
		}
	}
	equal(t, "what is left", left, []MessageID{1, 4, 5})
	get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(kept) })
	absent(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(gone) })
}

// Tickets in doubt are open, or were closed recently, and the chat itself is bound to them.
func TestTicketsInDoubt(t *testing.T) {
	s := open(t)
	for id := range TicketID(8) {
		if id == 0 {
			continue
		}
		tk := ticket(id)
		tk.Open, tk.LastActivity = id != 3 && id != 6, at(int(id))
		save(t, s, tk)
		switch id {
		case 4: // not bound
		case 7:
			do(t, s, func(tx *Tx) error { return tx.BindAsAll(1, id, start) })
		default:
			do(t, s, func(tx *Tx) error { return tx.Bind(1, id, start) })
		}
	}
	of := func(c ChatID, limit int) (list []TicketID) {
		for _, tk := range get(t, s, func(tx *Tx) ([]Ticket, error) { return tx.TicketsInDoubt(c, at(4), limit) }) {
			list = append(list, tk.ID)
		}
		return list
	}
	equal(t, "the chat's, the closed one last", of(1, 10), []TicketID{5, 2, 1, 6})
	equal(t, "a few of them", of(1, 2), []TicketID{5, 2})
	equal(t, "another chat's", of(2, 10), []TicketID(nil))
}

// A draft that was pruned before its messages, in two chats because of an upgrade, is no error.
func TestItemsOfAPrunedDraft(t *testing.T) {
	s := open(t)
	keep(t, s, 0, Item{Chat: 1, Message: 12, Draft: 5}, Item{Chat: 2, Message: 3, Draft: 5})
	equal(t, "the items", numbers(t, s, func(tx *Tx) ([]Item, error) { return tx.DraftItems(5) }), []MessageID{3, 12})
}
