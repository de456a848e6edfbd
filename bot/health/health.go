// Package health is what the running program knows of its own state: the vitals, stored
// at each pulse, so that whoever can read the database can tell whether all is well.
package health

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/state"
)

// Vitals are one reading.
type Vitals struct {
	At      time.Time `json:"at"` // of the pulse
	Started time.Time `json:"started"`
	// When each side was last polled with success; zero: never since the start.
	Telegram     time.Time     `json:"telegram,omitzero"`
	Plusofon     time.Time     `json:"plusofon,omitzero"`
	PollInterval time.Duration `json:"poll_interval"` // of Plusofon
	// Contested is when Telegram last said that another copy polls; zero: never.
	Contested time.Time `json:"contested,omitzero"`
	DiskFree  int64     `json:"disk_free"` // bytes; negative: not known
	// Stuck says that the inbox or the outbox stands still.
	Stuck bool `json:"stuck,omitempty"`
}

const (
	// PulseEvery is how often the vitals are stored.
	PulseEvery = 10 * time.Second
	// pulseLost is how old the last pulse of a program that works may be.
	pulseLost = 3 * PulseEvery
	// sideLost is how long ago a side that answers may have been polled last: a
	// poll takes up to half a minute, and a pulse later it is known here.
	sideLost = 55 * time.Second
	// slack is what a poll of Plusofon may take beyond the interval.
	slack = 25 * time.Second
	// stuckAfter is how long nothing may move though something is due.
	stuckAfter = 10 * time.Minute

	metaVitals = "vitals"
)

// Take completes the vitals with what the store tells, and stores them.
func Take(tx *state.Tx, now time.Time, v Vitals) (Vitals, error) {
	v.At = now
	stuck, err := isStuck(tx, now, v.Started)
	if err != nil {
		return v, err
	}
	v.Stuck = stuck
	text, err := json.Marshal(v)
	if err != nil {
		return v, fmt.Errorf("write the vitals: %w", err)
	}
	return v, tx.SetMeta(metaVitals, string(text))
}

// isStuck tells whether nothing moves that is due. A start has time to move what
// waited while the program did not run.
func isStuck(tx *state.Tx, now, started time.Time) (bool, error) {
	if now.Sub(started) < stuckAfter {
		return false, nil
	}
	before := now.Add(-stuckAfter)
	due, err := tx.OldestDue()
	if err != nil || !due.IsZero() && due.Before(before) {
		return err == nil, err
	}
	for _, side := range []state.Side{state.Plusofon, state.Telegram} {
		if stuck, err := tx.IsStuck(side, before); err != nil || stuck {
			return stuck, err
		}
	}
	return false, nil
}

// Last returns what the last pulse has stored; zero where there was none.
func Last(tx *state.Tx) (v Vitals, err error) {
	text, err := tx.Meta(metaVitals)
	if err != nil || text == "" {
		return v, err
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("read the vitals: %w", err)
	}
	return v, nil
}

// Ailments tells what is wrong with the program at this moment, in words for
// whoever runs it; nil: it is well.
func (v Vitals) Ailments(now time.Time) error {
	if v.At.IsZero() || now.Sub(v.At) > pulseLost {
		return fmt.Errorf("no sign of life %s", since(v.At, now))
	}
	var wrong error
	if now.Sub(v.Telegram) > sideLost {
		wrong = errors.Join(wrong, fmt.Errorf("no answer from Telegram %s", since(v.Telegram, now)))
	}
	if now.Sub(v.Plusofon) > max(sideLost, v.PollInterval+slack) {
		wrong = errors.Join(wrong, fmt.Errorf("no answer from Plusofon %s", since(v.Plusofon, now)))
	}
	if v.Stuck {
		wrong = errors.Join(wrong, fmt.Errorf("the queue is stuck: nothing has moved for %v, though something is due", stuckAfter))
	}
	return wrong
}

func since(t, now time.Time) string {
	if t.IsZero() {
		return "since the start"
	}
	return fmt.Sprintf("for %v", now.Sub(t).Round(time.Second))
}
