package state

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// found returns the tickets that a search finds, each once.
func found(t *testing.T, s *Store, words string) (ids []TicketID) {
	t.Helper()
	for _, h := range get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search(words, 100) }) {
		if !slices.Contains(ids, h.Ticket) {
			ids = append(ids, h.Ticket)
		}
	}
	return ids
}

func TestSearch(t *testing.T) {
	s := open(t)
	for i, ticket := range []struct{ subject, post string }{
		1: {"Нет входящих звонков", "С утра молчит автоответчик"},
		2: {"Счёт за март", "Пришлите <b>ещё</b> акт сверки, номер 74951234567"},
		3: {"Переадресация", "Не работает Й-модуль, NEAR и OR звонок"},
		4: {"No incoming calls", "The forwarding stopped working"},
	} {
		if i > 0 {
			do(t, s, func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: TicketID(i), Subject: ticket.subject}) },
				func(tx *Tx) error {
					_, err := tx.AddPost(Post{Ticket: TicketID(i), ID: PostID(100 + i), Side: Staff, Text: ticket.post})
					return err
				})
		}
	}
	for words, want := range map[string][]TicketID{
		"звонки":          {1, 3},
		"ЗВОНОК":          {1, 3},
		"входящий звонок": {1},
		"автоответчики":   {1},
		"счета":           {2},
		"счёт":            {2},
		"еще":             {2},
		"ещё акты":        {2},
		"49512":           nil, // words are found by their beginning
		"7495":            {2},
		"переадресацией":  {3},
		"переадресовать":  nil,
		"й":               {3},
		"и-модуль":        {3},
		"calls":           {4},
		"forwarded":       {4},
		"звонки переадресации": nil, // in a subject and in a post, not together
		"":                      nil,
		" \"*()-: ":             nil,
		"nothing":               nil,
		"звонки OR счета":       nil, // no operators
		"NOT звонки":            nil,
		"words:звонки":          nil,
		"\"звонк":               {1, 3},
		"звонк* OR 1=1 --":      nil,
		"near":                  {3},
		"звонков, (входящих).":  {1},
		"не работает; или звон": nil,
	} {
		if got := found(t, s, words); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", words, got, want)
		}
	}
	// A changed subject is found by its new words only.
	do(t, s, func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: 2, Subject: "Договор"}) })
	if a, b := found(t, s, "март"), found(t, s, "договоры"); len(a) != 0 || !slices.Equal(b, []TicketID{2}) {
		t.Errorf("after the change: %v, %v", a, b)
	}
}

func TestSearchIsLimitedAndNewestFirst(t *testing.T) {
	s := open(t)
	do(t, s, func(tx *Tx) error {
		for i := range 30 {
			if err := tx.SaveTicket(Ticket{ID: TicketID(i + 1), Subject: fmt.Sprint("Тема ", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	equal(t, "hits", get(t, s, func(tx *Tx) ([]Hit, error) { return tx.Search("тема", 2) }), []Hit{{Ticket: 30}, {Ticket: 29}})
}

func TestTicketsNumbered(t *testing.T) {
	s := open(t)
	for _, id := range []TicketID{23624, 23625, 36, 7} {
		do(t, s, func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: id}) })
	}
	for digits, want := range map[string][]TicketID{"23624": {23624}, "36": {23625, 23624, 36}, "624": {23624}, "9": nil} {
		if got := get(t, s, func(tx *Tx) ([]TicketID, error) { return tx.TicketsNumbered(digits, 10) }); !slices.Equal(got, want) {
			t.Errorf("%s finds %v, want %v", digits, got, want)
		}
	}
}

// What a database contained before the index existed is found too.
func TestSearchIndexesWhatWasThere(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	before := slices.IndexFunc(steps, func(step string) bool { return strings.Contains(step, "subject_words") })
	path := t.TempDir() + "/bot.db"
	db := rawDB(t, path)
	if err := migrate(db, path, steps[:before]); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO tickets (ticket_id, subject, open) VALUES (7, 'Звонки', 1);
		INSERT INTO posts (ticket_id, post_id, side, author_id, author_name, posted_at, text) VALUES (7, 1, 'staff', '', '', 0, 'Всё в порядке')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	for _, words := range []string{"звонок", "все порядки"} {
		if got := found(t, s, words); !slices.Equal(got, []TicketID{7}) {
			t.Errorf("%q finds %v", words, got)
		}
	}
}
