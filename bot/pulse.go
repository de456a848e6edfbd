package bot

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/state"
)

// vitals collects the state of the loops.
type vitals struct {
	mu      sync.Mutex
	v       health.Vitals
	faults  map[string]bool          // what currently fails
	failing map[state.List]time.Time // since when a list can't be processed
	beat    chan struct{}            // store the vitals now
	awake   time.Time                // since when the program has run without a break
}

func newVitals(pollInterval time.Duration) *vitals {
	return &vitals{
		v: health.Vitals{PollInterval: pollInterval}, faults: map[string]bool{}, failing: map[state.List]time.Time{}, beat: make(chan struct{}, 1),
	}
}

func (v *vitals) begins(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.v.Started, v.awake = now, now
}

// wakes records that the program did not run for a while: the machine was suspended.
func (v *vitals) wakes(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.awake = now
}

func (v *vitals) awakeSince() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.awake
}

// damaged is a fault that no later success ends.
const damaged = "the database is damaged: restore a copy"

// report records the result of something that must always work; fault names its failure.
func (v *vitals) report(fault string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if state.IsDamaged(err) {
		fault = damaged
	}
	if failed := err != nil; v.faults[fault] != failed && fault != "" {
		v.faults[fault] = failed
		signal(v.beat)
	}
}

// listed records the result of processing a list of Plusofon's.
func (v *vitals) listed(list state.List, now time.Time, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch since := v.failing[list]; {
	case err == nil:
		delete(v.failing, list)
	case since.IsZero():
		v.failing[list] = now
	}
}

// fails reports whether a list could not be processed last time.
func (v *vitals) fails(list state.List) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.failing[list].IsZero()
}

// polled records that a side has answered a poll.
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

// contested records that another process polls Telegram.
func (v *vitals) contested(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.v.Contested = now
	signal(v.beat)
}

func (v *vitals) now() health.Vitals {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.v
	var faults []string
	for _, fault := range slices.Sorted(maps.Keys(v.faults)) {
		if v.faults[fault] {
			faults = append(faults, fault)
		}
	}
	now.Fault = strings.Join(faults, "; ")
	for _, since := range v.failing {
		if now.ListFailing.IsZero() || since.Before(now.ListFailing) {
			now.ListFailing = since
		}
	}
	return now
}

// pulse stores the vitals at every beat, and early after a change of note. Run stores the first.
func (b *Bot) pulse(ctx context.Context) error {
	beat := time.NewTicker(health.PulseEvery)
	defer beat.Stop()
	for last := time.Now(); ; {
		select {
		case <-beat.C:
		case <-b.vitals.beat:
		case <-ctx.Done():
			return nil
		}
		now := time.Now()
		if now.Round(0).Sub(last.Round(0)) > 4*health.PulseEvery { // by the wall clock
			b.vitals.wakes(now)
		}
		last = now
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
	b.vitals.report("", err)
	if err != nil {
		b.Log.Error("the pulse could not be stored", "error", err)
	}
}
