package state

import (
	"fmt"
	"path/filepath"
	"testing"
)

// The effect of the migration that counts failures on queued and parked rows.
func TestUpgradeToDelivery(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	old := rawDB(t, path)
	if err := migrate(old, path, allSteps(t)[:9]); err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		`INSERT INTO chats (chat_id, kind, reactions, blocked_at) VALUES (1, 'private', 0, 5000)`,
		`INSERT INTO submissions (submission_id, kind, chat_id, message_id, user_id, ticket_id, text, state, reason, created_at) VALUES
			(1, 'answer', 1, 1, 1, 7, 'Слова', 'parked', 'gave_up', 1), (2, 'answer', 1, 2, 1, 7, 'Слова', 'refused', 'refused', 1)`,
		`INSERT INTO outbox (id, side, lane, priority, kind, payload, state, due_at, created_at, ended_at) VALUES
			(1, 'telegram', 'chat:1', 0, 'call', '{"call":{"method":"setMessageReaction"},"chat":1}', 'queued', 1, 1, 0),
			(2, 'telegram', 'chat:1', 0, 'call', '{"call":{"method":"sendMessage"},"chat":1}', 'queued', 1, 1, 0),
			(3, 'telegram', 'chat:1', 0, 'call', 'of another program', 'queued', 1, 1, 0),
			(4, 'plusofon', 'ticket:7', 0, 'answer', '{"submission":1}', 'refused', 1, 1, 2),
			(5, 'plusofon', 'ticket:7', 0, 'answer', '{"submission":1}', 'refused', 1, 1, 3),
			(6, 'plusofon', 'ticket:7', 0, 'answer', '{"submission":2}', 'refused', 1, 1, 4),
			(7, 'plusofon', 'ticket:7', 0, 'answer', 'of another program', 'refused', 1, 1, 4)`,
	} {
		if _, err := old.Exec(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	var got []string
	for id := range RowID(7) {
		r := rowOf(t, s, id+1)
		got = append(got, fmt.Sprint(r.ID, " ", r.Lane, " ", r.State))
	}
	equal(t, "rows", got, []string{
		"1 ornament:1:1 queued", "2 chat:1 queued", "3 chat:1 queued",
		"4 ticket:7 refused", "5 ticket:7 parked", "6 ticket:7 refused", "7 ticket:7 refused",
	})
	equal(t, "a chat that had refused reactions and was blocked", get(t, s, func(tx *Tx) (Chat, error) { return tx.Chat(1) }), Chat{ID: 1, Kind: "private"})
}
