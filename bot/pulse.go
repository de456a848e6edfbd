package bot

import (
	"context"
	"sync"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/state"
)

// vitals is what the loops tell of themselves.
type vitals struct {
	mu   sync.Mutex
	v    health.Vitals
	beat chan struct{} // something is to be stored at once
}

func newVitals(pollInterval time.Duration) *vitals {
	return &vitals{v: health.Vitals{PollInterval: pollInterval}, beat: make(chan struct{}, 1)}
}

// polled notes that a side has answered a poll.
func (v *vitals) polled(side state.Side, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := &v.v.Telegram
	if side == state.Plusofon {
		at = &v.v.Plusofon
	}
	if at.IsZero() {
		signal(v.beat)
	}
	*at = now
}

// contested notes that another copy polls Telegram.
func (v *vitals) contested(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.v.Contested = now
	signal(v.beat)
}

func (v *vitals) now() health.Vitals {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.v
}

// pulse stores the vitals when a side has answered for the first time, and at each
// beat. Run has stored the first ones.
func (b *Bot) pulse(ctx context.Context) error {
	beat := time.NewTicker(health.PulseEvery)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
		case <-b.vitals.beat:
		case <-ctx.Done():
			return nil
		}
		b.storePulse()
	}
}

func (b *Bot) storePulse() {
	v := b.vitals.now()
	v.DiskFree = -1
	if free, err := b.Store.DiskFree(); err == nil {
		v.DiskFree = free
	}
	err := b.update(func(t *chat.Turn) error { return access.Pulse(t, v) })
	if err != nil {
		b.Log.Error("the pulse could not be stored", "error", err)
	}
}
