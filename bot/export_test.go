package bot

import (
	"context"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Poll is one poll of Plusofon, the closed tickets left out.
func (b *Bot) Poll(ctx context.Context) error {
	_, err := b.poll(ctx, false)
	return err
}

// UpdateKey is the key of an update that comes as JSON.
func UpdateKey(raw string) (string, error) {
	u, err := telegram.Parse([]byte(raw))
	return updateKey(u), err
}

// Pause is how long a request waits before it is repeated.
func (b *Bot) Pause(n int) time.Duration { return b.pause(n) }

// DueAt is when a row goes, and IsDue whether an update is decided about, by a clock
// that may have been set back since they were stored.
func DueAt(row state.Row, now time.Time) time.Time { return dueAt(row, now) }

// IsDue: see DueAt.
func (b *Bot) IsDue(u state.Update, now time.Time) bool { return b.isDue(u, now) }

// Send sends a row to Telegram; meanwhile happens between the request and the
// transaction that stores what came of it.
func (b *Bot) Send(ctx context.Context, row state.Row, meanwhile func()) error {
	t, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	row, t, result, failure := b.request(ctx, row, t)
	meanwhile()
	return b.update(func(turn *chat.Turn) error { return b.settleTelegram(turn, row, t, result, failure) })
}
