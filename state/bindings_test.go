package state

import (
	"errors"
	"testing"
)

func binding(c ChatID, id TicketID) func(*Tx) (Binding, error) {
	return func(tx *Tx) (Binding, error) { return tx.Binding(c, id) }
}

func TestBindings(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7), ticket(8))
	of := func(id TicketID) (chats []ChatID) {
		for _, b := range get(t, s, func(tx *Tx) ([]Binding, error) { return tx.BindingsOf(id) }) {
			chats = append(chats, b.Chat)
		}
		return chats
	}
	unbind := func(c ChatID, id TicketID) bool {
		return get(t, s, func(tx *Tx) (bool, error) { return tx.Unbind(c, id) })
	}
	absent(t, s, binding(1, 7))
	do(t, s, func(tx *Tx) error {
		return errors.Join(tx.SeeChat(1, "private", ""), tx.Bind(1, 7, start), tx.Bind(-5, 7, start), tx.Bind(1, 8, start))
	})
	equal(t, "bound", of(7), []ChatID{-5, 1})
	equal(t, "one binding", get(t, s, binding(1, 7)), Binding{Chat: 1, Ticket: 7})
	if !unbind(-5, 7) || unbind(-5, 7) {
		t.Error("a binding ends once")
	}
	equal(t, "left", of(7), []ChatID{1})
	do(t, s, func(tx *Tx) error { return tx.UnbindAll(1) })
	equal(t, "left in the end", append(of(7), of(8)...), []ChatID(nil))
}

func TestBindingTwiceKeepsWhatIsSet(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	do(t, s,
		func(tx *Tx) error { return tx.Bind(1, 7, start) },
		func(tx *Tx) error { return tx.SetMuted(1, 7, true) },
		func(tx *Tx) error { return tx.MapMessage(1, 50, 7, true) },
		func(tx *Tx) error { return tx.Bind(1, 7, at(9)) })
	equal(t, "binding", get(t, s, binding(1, 7)), Binding{Chat: 1, Ticket: 7, Muted: true, LastMessage: 50})
	do(t, s, func(tx *Tx) error { return tx.SetMuted(1, 7, false) })
	equal(t, "muted", get(t, s, binding(1, 7)).Muted, false)
}

func TestOnlyABoundChatIsMuted(t *testing.T) {
	s := open(t)
	err := s.Update(func(tx *Tx) error { return tx.SetMuted(1, 7, true) })
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}

func TestMessagesLeadToTheirTicket(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7), ticket(8))
	of := func(c ChatID, m MessageID) func(*Tx) (TicketID, error) {
		return func(tx *Tx) (TicketID, error) { return tx.MessageTicket(c, m) }
	}
	twice := func(tx *Tx) error { return tx.MapMessage(1, 52, 7, false) }
	do(t, s,
		func(tx *Tx) error { return tx.Bind(1, 7, start) },
		func(tx *Tx) error { return tx.MapMessage(1, 50, 7, true) },
		func(tx *Tx) error { return tx.MapMessage(1, 51, 8, true) })
	do(t, s, twice)
	do(t, s, twice)
	equal(t, "ticket of 50", get(t, s, of(1, 50)), TicketID(7))
	equal(t, "ticket of 51", get(t, s, of(1, 51)), TicketID(8))
	absent(t, s, of(1, 53))
	absent(t, s, of(2, 50))
	absent(t, s, binding(1, 8)) // a message does not bind by itself

	last := func() MessageID { return get(t, s, binding(1, 7)).LastMessage }
	equal(t, "last message", last(), MessageID(50))
	do(t, s, func(tx *Tx) error { return tx.MapMessage(1, 60, 7, true) })
	equal(t, "last message after a newer one", last(), MessageID(60))
	do(t, s, func(tx *Tx) error { return tx.MapMessage(1, 50, 7, true) })
	equal(t, "last message after an older one was edited", last(), MessageID(60))

	do(t, s,
		func(tx *Tx) error { return tx.UnbindAll(1) },
		func(tx *Tx) error { return tx.MapMessage(1, 50, 8, false) })
	equal(t, "ticket of a message that was mapped anew", get(t, s, of(1, 50)), TicketID(8))
	equal(t, "ticket of 60, though its chat is not bound any more", get(t, s, of(1, 60)), TicketID(7))
}

// Orphans are the open tickets that only these chats follow. Chats without access, chats
// that want no news, and chats that followed only because they followed all don't count.
func TestOrphans(t *testing.T) {
	s := open(t)
	do(t, s, withRole(1, Member), withRole(2, Member), withRole(3, Stranger), withRole(4, Member), withRole(5, Member),
		func(tx *Tx) error {
			return errors.Join(tx.SaveSettings(Settings{Chat: 4, News: NewsNone}), tx.SaveGroup(Group{Chat: -9, AddedBy: 1, Since: at(1)}))
		},
		func(tx *Tx) (err error) {
			for id := TicketID(1); id <= 7; id++ {
				err = errors.Join(err, tx.SaveTicket(Ticket{ID: id, Open: id != 7, LastActivity: at(int(id))}), tx.Bind(1, id, at(0)))
			}
			return errors.Join(err, tx.Bind(2, 1, at(0)), tx.Bind(3, 2, at(0)), tx.Bind(4, 3, at(0)), tx.BindAsAll(5, 4, at(0)), tx.Bind(-9, 5, at(0)))
		})
	orphans := func(n int, chats ...ChatID) (ids []TicketID, total int) {
		do(t, s, func(tx *Tx) error {
			tickets, all, err := tx.Orphans(chats, n)
			for _, ticket := range tickets {
				ids = append(ids, ticket.ID)
			}
			total = all
			return err
		})
		return ids, total
	}
	want := func(what string, ids []TicketID, total int, wanted ...TicketID) {
		t.Helper()
		equal(t, what, ids, wanted)
		equal(t, what, total, len(wanted))
	}
	ids, total := orphans(10, 1)
	want("of one chat", ids, total, 6, 4, 3, 2)
	ids, total = orphans(10, 1, -9)
	want("with a group", ids, total, 6, 5, 4, 3, 2)
	ids, total = orphans(1, 1)
	equal(t, "the first", ids, []TicketID{6})
	equal(t, "of all", total, 4)
	ids, total = orphans(10, 2)
	want("of a chat that others hear with", ids, total)
	do(t, s, func(tx *Tx) error { return tx.SaveSettings(Settings{Chat: 5, News: NewsAll}) })
	ids, total = orphans(10, 1)
	want("where somebody hears of all", ids, total)
}
