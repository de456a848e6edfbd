package bot

import (
	"errors"
	"testing"
	"time"

	"plusofon-bot/state"
)

// A failing operation is a fault until it succeeds; each is named once, and stored at once.
func TestFaults(t *testing.T) {
	v := newVitals(time.Second)
	failure := errors.New("the disk is full")
	for i, c := range []struct {
		fault string
		err   error
		want  string
		beats bool
	}{
		{"inbox", failure, "inbox", true},
		{"inbox", failure, "inbox", false},
		{"outbox", failure, "inbox; outbox", true},
		{"inbox", nil, "outbox", true},
		{"outbox", nil, "", true},
		{"outbox", nil, "", false},
		{"", failure, "", false},
	} {
		v.report(c.fault, c.err)
		if got := v.now().Fault; got != c.want {
			t.Errorf("step %d: %q, want %q", i, got, c.want)
		}
		beats := false
		select {
		case <-v.beat:
			beats = true
		default:
		}
		if beats != c.beats {
			t.Errorf("step %d: stored at once: %v", i, beats)
		}
	}
}

// Of two lists that fail, the one that has failed longer counts.
func TestFailingLists(t *testing.T) {
	v := newVitals(time.Second)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	failure := errors.New("500")
	v.listed(state.ClosedList, now, failure)
	v.listed(state.OpenList, now.Add(time.Minute), failure)
	v.listed(state.ClosedList, now.Add(time.Minute), failure)
	if got := v.now().ListFailing; !got.Equal(now) {
		t.Errorf("failing since %v", got)
	}
	v.listed(state.ClosedList, now.Add(2*time.Minute), nil)
	if got := v.now().ListFailing; !got.Equal(now.Add(time.Minute)) {
		t.Errorf("failing since %v", got)
	}
	v.listed(state.OpenList, now.Add(2*time.Minute), nil)
	if got := v.now().ListFailing; !got.IsZero() || v.fails(state.ClosedList) {
		t.Errorf("failing since %v", got)
	}
}
