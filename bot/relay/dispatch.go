package relay

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"plusofon-bot/state"
)

// dispatch sends the outbox rows of one side. Of each lane it has only the head
// in memory: lanes that committed transactions have touched are looked up anew.
// Rows go to send side by side, one of a lane at a time, slots at most; turn, if
// not nil, says when a row may go by the limits of the other side, or counts it
// as going.
//
// When ctx ends nothing new is sent, and dispatch returns when what is under way
// has ended; sending is the context of that.
func (r *Relay) dispatch(ctx, sending context.Context, side state.Side, slots int,
	turn func(state.Row, time.Time) (time.Time, bool), send func(context.Context, state.Row),
) error {
	heads := map[string]state.Row{}
	busy := map[string]bool{}
	ended := make(chan string)
	var wg sync.WaitGroup
	defer wg.Wait()

	var touched []string // since the heads were looked up
	loaded := false
	for ctx.Err() == nil {
		wait := time.Hour
		touched = append(touched, r.Store.TakeTouched(side)...)
		if err := r.refresh(side, touched, heads, !loaded); err != nil {
			r.Log.Error("the outbox can't be read", "side", side, "error", err)
			wait = r.pause(2)
		} else {
			loaded = true
			touched = touched[:0]
			wait = r.start(heads, busy, slots, turn, wait, func(row state.Row) {
				wg.Go(func() {
					if err := guard(func() error { send(sending, row); return nil }); err != nil {
						r.Log.Error("a row could not be sent", "row", row.ID, "kind", row.Kind, "error", err)
						sleep(ctx, longestPause) // it will hardly go better at once
					}
					select {
					case ended <- row.Lane:
					case <-ctx.Done():
					}
				})
			})
		}
		timer := time.NewTimer(wait)
		select {
		case lane := <-ended:
			delete(busy, lane)
			touched = append(touched, lane)
		case <-r.Store.Wake(side):
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// refresh looks the heads of lanes up, at first of every lane.
func (r *Relay) refresh(side state.Side, lanes []string, heads map[string]state.Row, all bool) error {
	if len(lanes) == 0 && !all {
		return nil
	}
	return r.Store.Update(func(tx *state.Tx) (err error) {
		if all {
			if lanes, err = tx.Lanes(side); err != nil {
				return err
			}
		}
		for _, lane := range lanes {
			row, err := tx.LaneHead(side, lane)
			switch {
			case errors.Is(err, state.ErrNotFound):
				delete(heads, lane)
			case err != nil:
				return err
			default:
				heads[lane] = row
			}
		}
		return nil
	})
}

// start starts the rows whose time has come, the most urgent first, and returns
// how long to wait for the next.
func (r *Relay) start(heads map[string]state.Row, busy map[string]bool, slots int,
	turn func(state.Row, time.Time) (time.Time, bool), wait time.Duration, send func(state.Row),
) time.Duration {
	now := time.Now()
	var due []state.Row
	for lane, row := range heads {
		switch {
		case busy[lane]:
		case row.Due.After(now):
			wait = min(wait, row.Due.Sub(now))
		default:
			due = append(due, row)
		}
	}
	slices.SortFunc(due, func(a, b state.Row) int {
		if a.Priority != b.Priority {
			return int(a.Priority) - int(b.Priority)
		}
		return int(a.ID - b.ID)
	})
	for _, row := range due {
		if len(busy) >= slots {
			break
		}
		if turn != nil {
			at, ok := turn(row, now)
			if !ok {
				wait = min(wait, max(at.Sub(now), time.Millisecond))
				continue
			}
		}
		busy[row.Lane] = true
		send(row)
	}
	return wait
}
