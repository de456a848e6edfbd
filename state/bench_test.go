package state

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// fill runs a statement that generates rows.
func fill(b *testing.B, s *Store, query string, n int) {
	b.Helper()
	do(b, s, func(tx *Tx) error {
		return tx.run("generate rows", `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) `+query, n)
	})
}

func BenchmarkOpenWithAMillionMessages(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bot.db")
	s := openAt(b, path)
	fill(b, s, `INSERT INTO messages (chat_id, message_id, ticket_id) SELECT i % 1000, i, i % 20000 FROM n`, 1_000_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Update(func(tx *Tx) error { _, err := tx.MessageTicket(500, 500_500); return err }); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuickCheck measures the search for corrupt pages at each start, by the size of
// the file: short rows, which take the longest, and long ones.
func BenchmarkQuickCheck(b *testing.B) {
	for what, query := range map[string]string{
		"messages": `INSERT INTO messages (chat_id, message_id, ticket_id) SELECT i % 1000, i, i % 20000 FROM n`,
		"posts": `INSERT INTO posts (ticket_id, post_id, side, author_id, author_name, posted_at, text)
			SELECT 7, i, 'staff', '8', 'Пётр', i, replace(hex(zeroblob(100)), '00', 'слово ' || i || ' ') FROM n WHERE i <= 20000`,
	} {
		b.Run(what, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bot.db")
			s := openAt(b, path)
			save(b, s, ticket(7))
			fill(b, s, query, 1_000_000)
			closed(b, s)
			db, err := openUntouched(path)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close() //nolint:errcheck // only read
			b.SetBytes(fileSize(path))
			for b.Loop() {
				if err := quickCheck(db); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUpdateWithEnqueue(b *testing.B) {
	s := open(b)
	n := 0
	for b.Loop() {
		n++
		r := request(fmt.Sprint("chat:", n%100))
		do(b, s, func(tx *Tx) error { _, err := tx.Enqueue(r, start); return err })
	}
}

func BenchmarkNextUpdateOfTenThousand(b *testing.B) {
	for what, chat := range map[string]string{"one chat": "1", "a thousand chats": "i % 1000", "a chat each": "i"} {
		b.Run(what, func(b *testing.B) {
			s := open(b)
			fill(b, s, `INSERT INTO inbox (key, chat_id, payload, state, due_at, received_at)
				SELECT 'u' || i, `+chat+`, '{}', 'pending', 1000 + i, 1000 + i FROM n`, 10_000)
			do(b, s, func(tx *Tx) error {
				for b.Loop() {
					if _, err := tx.NextUpdate(); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	// The worst case: many updates of a chat wait for its album.
	b.Run("behind an album", func(b *testing.B) {
		s := open(b)
		fill(b, s, `INSERT INTO inbox (key, chat_id, payload, state, due_at, received_at)
			SELECT 'u' || i, 1, '{}', 'pending', iif(i = 1, 99999, 1000 + i), 1000 + i FROM n`, 10_000)
		do(b, s, func(tx *Tx) error {
			for b.Loop() {
				if _, err := tx.NextUpdate(); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func BenchmarkLaneHeadOfTenThousand(b *testing.B) {
	s := open(b)
	fill(b, s, `INSERT INTO outbox (side, lane, priority, kind, payload, state, due_at, created_at)
		SELECT 'telegram', 'chat:' || (i % 1000), i % 2, 'call', '{}', 'queued', 1000 + i, 1000 + i FROM n`, 10_000)
	n := 0
	do(b, s, func(tx *Tx) error {
		for b.Loop() {
			n++
			if _, err := tx.LaneHead(Telegram, fmt.Sprint("chat:", n%1000)); err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkOtherSendersOfAHundredThousand(b *testing.B) {
	s := open(b)
	fill(b, s, `INSERT INTO submissions (kind, chat_id, message_id, user_id, text, state, created_at)
		SELECT 'opening', 1, i, i % 20, '', 'delivered', 1 FROM n`, 100_000)
	do(b, s, func(tx *Tx) (err error) {
		for b.Loop() {
			_, e := tx.OtherSenders(1)
			err = errors.Join(err, e)
		}
		return err
	})
}
