// Package health is the running program's knowledge of its own state: the vitals, stored at each
// pulse, so that anyone who can read the database can tell whether all is well.
package health

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/state"
)

// Vitals are one reading.
type Vitals struct {
	At      time.Time `json:"at"` // of the pulse
	Started time.Time `json:"started"`
	// When each side was last polled successfully; zero: never since the start.
	Telegram     time.Time     `json:"telegram,omitzero"`
	Plusofon     time.Time     `json:"plusofon,omitzero"`
	PollInterval time.Duration `json:"poll_interval"` // of Plusofon
	// Contested is when Telegram last reported another process polling; zero: never.
	Contested time.Time `json:"contested,omitzero"`
	DiskFree  int64     `json:"disk_free"` // bytes; negative: unknown
	// Stuck means that the outbox makes no progress.
	Stuck bool `json:"stuck,omitempty"`
	// Undecided is since when a due update has been waiting; zero: none is.
	Undecided time.Time `json:"undecided,omitzero"`
	// Fault is what the program can't do at the moment; "": nothing.
	Fault string `json:"fault,omitempty"`
	// ListFailing is since when a list of Plusofon's can't be processed, though other
	// lists may be; zero: none fails.
	ListFailing time.Time `json:"list_failing,omitzero"`
	// Aside is when the newest update set aside was received; zero: none.
	Aside time.Time `json:"aside,omitzero"`
}

const (
	// PulseEvery is how often the vitals are stored.
	PulseEvery = 15 * time.Second
	// pulseLost is the maximum age of the last pulse of a working program.
	pulseLost = 3 * PulseEvery
	// sideLost is the maximum time since the last poll of a side that answers: a poll takes
	// up to half a minute, and is known one pulse later.
	sideLost = 55 * time.Second
	// slack is how much longer than the interval a poll of Plusofon may take.
	slack = 25 * time.Second
	// StuckAfter is how long nothing may be sent though something is due: a large file on a
	// slow line takes minutes.
	StuckAfter = 10 * time.Minute
	// undecidedAfter is how long a due update may wait: deciding needs only the disk.
	undecidedAfter = time.Minute
	// AsideFresh is how long an update set aside counts as a current problem.
	AsideFresh = 10 * time.Minute

	metaVitals = "vitals"
)

// Take completes the vitals from the store, and stores them.
func Take(tx *state.Tx, now time.Time, v Vitals) (Vitals, error) {
	v.At = now
	stuck, err := isStuck(tx, now, v.Started)
	if err != nil {
		return v, err
	}
	v.Stuck = stuck
	if v.Undecided, err = oldestUndecided(tx, now, v.Started); err != nil {
		return v, err
	}
	if v.Aside, err = tx.LastAside(); err != nil {
		return v, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return v, fmt.Errorf("write the vitals: %w", err)
	}
	return v, tx.SetMeta(metaVitals, string(text))
}

// oldestUndecided returns since when a due update has been waiting; zero if none is. After a start
// there is time to work off what came while the program was down, here and below.
func oldestUndecided(tx *state.Tx, now, started time.Time) (time.Time, error) {
	due, err := tx.OldestDue()
	switch {
	case err != nil, due.IsZero(), due.After(now):
		return time.Time{}, err
	case due.Before(started):
		return started, nil
	}
	return due, nil
}

// isStuck reports whether rows are due but none is sent.
func isStuck(tx *state.Tx, now, started time.Time) (bool, error) {
	if now.Sub(started) < StuckAfter {
		return false, nil
	}
	for _, side := range []state.Side{state.Plusofon, state.Telegram} {
		if stuck, err := tx.IsStuck(side, now.Add(-StuckAfter)); err != nil || stuck {
			return stuck, err
		}
	}
	return false, nil
}

// Last returns the vitals stored at the last pulse; zero if there was none.
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

// ailment is one problem, described to the operator.
type ailment struct{ english, russian string }

func (a ailment) Error() string { return a.english }

// InRussian returns the Russian text of an error of Ailments; "" for another error.
func InRussian(err error) string {
	var words []string
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	for _, err := range all {
		if a, ok := errors.AsType[ailment](err); ok {
			words = append(words, a.russian)
		}
	}
	return strings.Join(words, "\n")
}

// Ailments returns the program's current problems; nil if it is well.
func (v Vitals) Ailments(now time.Time) error {
	if v.At.IsZero() || now.Sub(v.At) > pulseLost {
		english, russian := since(v.At, now)
		return ailment{"no sign of life " + english, "нет признаков жизни " + russian}
	}
	var wrong []error
	add := func(english, russian string) { wrong = append(wrong, ailment{english, russian}) }
	addSince := func(t time.Time, english, russian string) {
		e, r := since(t, now)
		add(english+" "+e, russian+" "+r)
	}
	if now.Sub(v.Telegram) > sideLost {
		addSince(v.Telegram, "no answer from Telegram", "Телеграм не отвечает")
	}
	if now.Sub(v.Plusofon) > max(sideLost, v.PollInterval+slack) {
		addSince(v.Plusofon, "no answer from Plusofon", "Плюсофон не отвечает")
	}
	if v.Fault != "" {
		add(v.Fault, "сбой: "+v.Fault)
	}
	if v.Stuck {
		add(fmt.Sprintf("the queue is stuck: nothing was sent for %v, though something is due", StuckAfter),
			fmt.Sprintf("очередь стоит: ничего не ушло за %v, хотя пора", StuckAfter))
	}
	if !v.Undecided.IsZero() && now.Sub(v.Undecided) > undecidedAfter {
		addSince(v.Undecided, "what people write is not being handled", "написанное людьми не обрабатывается")
	}
	if !v.ListFailing.IsZero() && now.Sub(v.ListFailing) > sideLost {
		addSince(v.ListFailing, "a list of tickets can't be read from Plusofon", "список обращений не читается")
	}
	if !v.Aside.IsZero() && now.Sub(v.Aside) < AsideFresh {
		ago := now.Sub(v.Aside).Round(time.Second)
		add(fmt.Sprintf("an update of Telegram's was set aside %v ago", ago), fmt.Sprintf("обновление Телеграма отложено %v назад", ago))
	}
	return errors.Join(wrong...)
}

func since(t, now time.Time) (english, russian string) {
	if t.IsZero() {
		return "since the start", "с запуска"
	}
	d := now.Sub(t).Round(time.Second)
	return fmt.Sprintf("for %v", d), fmt.Sprintf("уже %v", d)
}
