package state

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// A database of every earlier schema opens, with what it holds, and goes on; the
// program of that schema refuses it from then on.
func TestEverySchemaOpens(t *testing.T) {
	steps, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= len(steps); n++ {
		t.Run(fmt.Sprintf("schema %d", n), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bot.db")
			old := rawDB(t, path)
			if err := migrate(old, path, steps[:n]); err != nil {
				t.Fatal(err)
			}
			// Rows by the names of the first schema, which later ones keep.
			for _, row := range []string{
				`INSERT INTO meta (key, value) VALUES ('offset', '42')`,
				`INSERT INTO people (user_id, name, role, since_at) VALUES (100, 'Анна', 'owner', 1)`,
				`INSERT INTO chats (chat_id, kind) VALUES (100, 'private')`,
				`INSERT INTO tickets (ticket_id, subject, open) VALUES (7, 'Тема', 1)`,
				`INSERT INTO posts (ticket_id, post_id, side, author_id, author_name, posted_at, text) VALUES (7, 1, 'staff', 'a', 'b', 1, 'Текст')`,
				`INSERT INTO bindings (chat_id, ticket_id, bound_at) VALUES (100, 7, 1)`,
				`INSERT INTO messages (chat_id, message_id, ticket_id) VALUES (100, 5, 7)`,
				`INSERT INTO submissions (kind, chat_id, message_id, user_id, ticket_id, text, state, created_at) VALUES ('answer', 100, 6, 100, 7, 'Ответ', 'queued', 1)`,
				`INSERT INTO inbox (key, chat_id, payload, state, due_at, received_at) VALUES ('u', 100, '{}', 'pending', 1, 1)`,
				`INSERT INTO outbox (side, lane, priority, kind, payload, state, due_at, created_at) VALUES ('plusofon', 'ticket:7', 0, 'answer', '{}', 'queued', 1, 1)`,
			} {
				if _, err := old.Exec(row); err != nil {
					t.Fatal(err)
				}
			}
			s := openAt(t, path)
			equal(t, "version", version(t, s.db), len(steps))
			equal(t, "offset", get(t, s, (*Tx).Offset), int64(42))
			equal(t, "person", get(t, s, func(tx *Tx) (Person, error) { return tx.Person(100) }).Role, Owner)
			equal(t, "ticket", get(t, s, func(tx *Tx) (Ticket, error) { return tx.Ticket(7) }).Subject, "Тема")
			equal(t, "post", get(t, s, func(tx *Tx) (Post, error) { return tx.Post(7, 1) }).Text, "Текст")
			equal(t, "message", get(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(100, 5) }), TicketID(7))
			equal(t, "submission", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(1) }).Text, "Ответ")
			equal(t, "update", get(t, s, (*Tx).NextUpdate).Payload, "{}")
			equal(t, "row", get(t, s, func(tx *Tx) (Row, error) { return tx.LaneHead(Plusofon, "ticket:7") }).Kind, "answer")
			if n < len(steps) {
				if err := migrate(s.db, path, steps[:n]); !errors.Is(err, ErrNewer) {
					t.Errorf("the program of schema %d opens it too: %v", n, err)
				}
			}
		})
	}
}
