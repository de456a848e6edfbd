package state

import "testing"

func TestWhoseADatabaseIs(t *testing.T) {
	s := open(t)
	equal(t, "the bot of a new database", get(t, s, (*Tx).BotID), UserID(0))
	equal(t, "its account", get(t, s, (*Tx).Account), Account{})
	account := Account{ID: "55", Email: "buh@romashka.example"}
	do(t, s,
		func(tx *Tx) error { return tx.SetBotID(1 << 40) },
		func(tx *Tx) error { return tx.SetAccount(Account{ID: "1", Email: "a"}) },
		func(tx *Tx) error { return tx.SetAccount(account) })
	equal(t, "the bot", get(t, s, (*Tx).BotID), UserID(1<<40))
	equal(t, "the account", get(t, s, (*Tx).Account), account)

	do(t, s, func(tx *Tx) error { return tx.SetMeta("bot_id", "nonsense") })
	if err := s.Update(func(tx *Tx) error { _, err := tx.BotID(); return err }); err == nil {
		t.Error("an id that is no number is read")
	}
}

// Files of earlier versions name their owner.
func TestWhoseAnEarlierDatabaseIs(t *testing.T) {
	s := openAt(t, frozen(t, 1))
	equal(t, "the bot", get(t, s, (*Tx).BotID), UserID(7000001))
	equal(t, "the account", get(t, s, (*Tx).Account), Account{Email: "buh@romashka.example"})
}

func TestKnownTickets(t *testing.T) {
	s := open(t)
	for _, id := range []TicketID{7, 3, 1 << 40} {
		save(t, s, ticket(id))
	}
	known := func(ids ...TicketID) []TicketID {
		t.Helper()
		return get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.KnownTickets(ids) })
	}
	equal(t, "some of them", known(1<<40, 8, 3, 3), []TicketID{3, 1 << 40})
	equal(t, "none of them", known(1, 2, 4), []TicketID(nil))
	equal(t, "none of none", known(), []TicketID(nil))

	many := make([]TicketID, MaxTicketsAtOnce+1)
	many[MaxTicketsAtOnce] = 7
	if err := s.Update(func(tx *Tx) error { _, err := tx.KnownTickets(many); return err }); err == nil {
		t.Error("any number of tickets is looked for at once")
	}
	equal(t, "as many as can be", known(many[1:]...), []TicketID{7})
}
