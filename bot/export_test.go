package bot

import (
	"context"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Poll makes one poll of Plusofon, without closed tickets.
func (b *Bot) Poll(ctx context.Context) error {
	_, err := b.poll(ctx, false)
	return err
}

// Identified lets requests to Plusofon through, as when the account is known.
func (b *Bot) Identified() { close(b.identified) }

// UpdateKey returns the idempotency key of an update in JSON.
func UpdateKey(raw string) (string, error) {
	u, err := telegram.Parse([]byte(raw))
	return updateKey(u), err
}

// Pause is the backoff before a retry.
func (b *Bot) Pause(n int) time.Duration { return b.pause(n) }

// DueAt is when a row is sent, and IsDue reports whether an update is to be decided, by a
// clock that may have moved back since they were stored.
func DueAt(row state.Row, now time.Time) time.Time { return newHead(row, 1, now).at }

// IsDue: see DueAt.
func (b *Bot) IsDue(u state.Update, now time.Time) bool { return b.isDue(u, now) }

// Send sends a row to Telegram; meanwhile is called between the request and the transaction that
// stores its outcome.
func (b *Bot) Send(ctx context.Context, row state.Row, meanwhile func()) error {
	t, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	row, t, result, failure := b.request(ctx, row, t)
	meanwhile()
	return b.update(func(turn *chat.Turn) error { return b.settleTelegram(turn, row, t, result, failure) })
}
