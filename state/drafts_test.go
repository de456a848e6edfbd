package state

import (
	"testing"
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

// numbers are the ids of a list of messages.
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
	open := func(tx *Tx) (Draft, error) { return tx.OpenDraft(1, 70) }
	absent(t, s, open)
	d.ID = addDraft(t, s, d)
	equal(t, "new", get(t, s, open), d)
	d.Subject, d.Card, d.Due = "Тема", 51, at(200)
	do(t, s, func(tx *Tx) error { return tx.SaveDraft(d) })
	equal(t, "saved", get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(d.ID) }), d)

	absent(t, s, func(tx *Tx) (Draft, error) { return tx.OpenDraft(1, 71) })
	absent(t, s, func(tx *Tx) (Draft, error) { return tx.OpenDraft(2, 70) })
	q := draft(1)
	q.Kind = DraftQuestion
	q.ID = addDraft(t, s, q)
	equal(t, "the opening, though a question is newer", get(t, s, open), d)
	equal(t, "the newest of any kind", get(t, s, func(tx *Tx) (Draft, error) { return tx.LastDraft(1, 70) }), q)

	d.State = DraftSent
	do(t, s, func(tx *Tx) error { return tx.SaveDraft(d) })
	absent(t, s, open)
	addDraft(t, s, draft(1)) // the next one has its place
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
	equal(t, "a few", due(100, 2), want[:2])
}

func TestItems(t *testing.T) {
	s := open(t)
	whole := Item{
		Chat: 1, Message: 12, Draft: 5, Album: "a", Author: "Иван", Authored: start, Text: "текст", GoesOn: true,
		FileID: "f", FileName: "a.txt", FileSize: 3,
	}
	keep(t, s, 0, whole, Item{Chat: 1, Message: 11, Draft: 5, Album: "a"}, Item{Chat: 1, Message: 13, Draft: 6, Album: "b"}, Item{Chat: 2, Message: 11, Album: "a"})
	equal(t, "an item", get(t, s, func(tx *Tx) (Item, error) { return tx.Item(1, 12) }), whole)
	of := func(d DraftID) func(*Tx) ([]Item, error) {
		return func(tx *Tx) ([]Item, error) { return tx.DraftItems(d) }
	}
	equal(t, "a draft's, as they were written", numbers(t, s, of(5)), []MessageID{11, 12})
	equal(t, "those of no draft", numbers(t, s, of(0)), []MessageID(nil))
	equal(t, "an album's", numbers(t, s, func(tx *Tx) ([]Item, error) { return tx.AlbumItems(1, "a") }), []MessageID{11, 12})
	equal(t, "those of no album", numbers(t, s, func(tx *Tx) ([]Item, error) { return tx.AlbumItems(1, "") }), []MessageID(nil))

	whole.Text = "другое"
	keep(t, s, 0, whole)
	equal(t, "written anew", get(t, s, func(tx *Tx) (Item, error) { return tx.Item(1, 12) }).Text, "другое")
	do(t, s, func(tx *Tx) error { return tx.DropItem(1, 11) })
	equal(t, "without the one that is dropped", numbers(t, s, of(5)), []MessageID{12})
}

// What an open draft holds stays however old it is.
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
		if err := s.Update(func(tx *Tx) error { _, err := tx.Item(1, m); return err }); err == nil {
			left = append(left, m)
		}
	}
	equal(t, "what is left", left, []MessageID{1, 4, 5})
	get(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(kept) })
	absent(t, s, func(tx *Tx) (Draft, error) { return tx.Draft(gone) })
}

// Of the open tickets bound to a chat the lately active come first.
func TestOpenTicketsOf(t *testing.T) {
	s := open(t)
	for id := range TicketID(6) {
		if id == 0 {
			continue
		}
		tk := ticket(id)
		tk.Open, tk.LastActivity = id != 3, at(int(id))
		save(t, s, tk)
		if id != 4 {
			do(t, s, func(tx *Tx) error { return tx.Bind(1, id, start) })
		}
	}
	of := func(c ChatID, limit int) (list []TicketID) {
		for _, tk := range get(t, s, func(tx *Tx) ([]Ticket, error) { return tx.OpenTicketsOf(c, limit) }) {
			list = append(list, tk.ID)
		}
		return list
	}
	equal(t, "the chat's", of(1, 10), []TicketID{5, 2, 1})
	equal(t, "a few of them", of(1, 2), []TicketID{5, 2})
	equal(t, "another chat's", of(2, 10), []TicketID(nil))
}
