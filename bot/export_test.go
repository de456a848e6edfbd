package bot

import (
	"context"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Poll is one poll of Plusofon, the closed tickets left out.
func (r *Bot) Poll(ctx context.Context) error {
	_, err := r.poll(ctx, false)
	return err
}

// LiftLimits lets every message go at once, where a test is not about limits.
func (r *Bot) LiftLimits() { r.limits = lifted{} }

type lifted struct{}

func (lifted) Open(_ bool, now time.Time) time.Time { return now }
func (lifted) Take(_ telegram.ChatID, _, _ bool, now time.Time) (time.Time, bool) {
	return now, true
}
func (lifted) Pause(telegram.ChatID, time.Time) {}

// UpdateKey is the key of an update that comes as JSON.
func UpdateKey(raw string) (string, error) {
	u, err := telegram.Parse([]byte(raw))
	return updateKey(u), err
}

// Pause is how long a request waits before it is repeated.
func (r *Bot) Pause(n int) time.Duration { return r.pause(n) }

// DueAt is when a row goes, and IsDue whether an update is decided about, by a clock
// that may have been set back since they were stored.
func DueAt(row state.Row, now time.Time) time.Time { return dueAt(row, now) }

// IsDue: see DueAt.
func (r *Bot) IsDue(u state.Update, now time.Time) bool { return r.isDue(u, now) }

// Send sends a row to Telegram; meanwhile happens between the request and the
// transaction that stores what came of it.
func (r *Bot) Send(ctx context.Context, row state.Row, meanwhile func()) error {
	t, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	t, result, failure := r.request(ctx, t)
	meanwhile()
	return r.update(func(turn *chat.Turn) error { return r.settleTelegram(turn, row, t, result, failure) })
}
