package health_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/health"
	"plusofon-bot/state"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Problems are derived from the times alone, whoever reads them.
func TestAilments(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	well := health.Vitals{
		At: ago(5 * time.Second), Started: ago(time.Hour), Telegram: ago(40 * time.Second), Plusofon: ago(45 * time.Second), PollInterval: 30 * time.Second,
	}
	for _, c := range []struct {
		name   string
		change func(*health.Vitals)
		want   []string // none: well
	}{
		{"all is well", func(*health.Vitals) {}, nil},
		{"never started", func(v *health.Vitals) { *v = health.Vitals{} }, []string{"no sign of life since the start"}},
		{"hung for a minute", func(v *health.Vitals) { v.At = ago(time.Minute) }, []string{"no sign of life for 1m0s"}},
		{"Telegram not polled yet", func(v *health.Vitals) { v.Telegram = time.Time{} }, []string{"no answer from Telegram since the start"}},
		{"Telegram lost for a minute", func(v *health.Vitals) { v.Telegram = ago(time.Minute) }, []string{"no answer from Telegram for 1m0s"}},
		{"Plusofon not polled yet", func(v *health.Vitals) { v.Plusofon = time.Time{} }, []string{"no answer from Plusofon since the start"}},
		{"Plusofon lost for a minute", func(v *health.Vitals) { v.Plusofon = ago(time.Minute) }, []string{"no answer from Plusofon for 1m0s"}},
		{"both lost", func(v *health.Vitals) { v.Telegram, v.Plusofon = ago(time.Hour), time.Time{} }, []string{"no answer from Telegram for 1h0m0s", "no answer from Plusofon"}},
		{"Plusofon polled seldom", func(v *health.Vitals) { v.PollInterval, v.Plusofon = 10*time.Minute, ago(10*time.Minute) }, nil},
		{"seldom, and lost", func(v *health.Vitals) { v.PollInterval, v.Plusofon = 10*time.Minute, ago(11*time.Minute) }, []string{"no answer from Plusofon for 11m0s"}},
		{"polled often", func(v *health.Vitals) { v.PollInterval, v.Plusofon = time.Second, ago(30*time.Second) }, nil},
		{"nothing moves", func(v *health.Vitals) { v.Stuck = true }, []string{"the queue is stuck"}},
		{"an update that waits for a moment", func(v *health.Vitals) { v.Undecided = ago(time.Minute) }, nil},
		{"nothing is decided", func(v *health.Vitals) { v.Undecided = ago(61 * time.Second) }, []string{"what people write is not being handled for 1m1s"}},
		{"the disk is full", func(v *health.Vitals) { v.Fault = "the inbox can't be worked on" }, []string{"the inbox can't be worked on"}},
		{"a list that failed once", func(v *health.Vitals) { v.ListFailing = ago(40 * time.Second) }, nil},
		{"a list that fails", func(v *health.Vitals) { v.ListFailing = ago(time.Minute) }, []string{"a list of tickets can't be read from Plusofon for 1m0s"}},
		{"an update was set aside just now", func(v *health.Vitals) { v.Aside = noon }, []string{"an update of Telegram's was set aside 0s ago"}},
		{"an update was set aside lately", func(v *health.Vitals) { v.Aside = ago(9 * time.Minute) }, []string{"was set aside 9m0s ago"}},
		{"an update was set aside once", func(v *health.Vitals) { v.Aside = ago(10 * time.Minute) }, nil},
		{"the clock was set back", func(v *health.Vitals) {
			v.At, v.Telegram, v.Plusofon = ago(-time.Hour), ago(-time.Hour), ago(-time.Hour)
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := well
			c.change(&v)
			err := v.Ailments(noon)
			if (err != nil) != (c.want != nil) {
				t.Fatalf("told: %v, want %q", err, c.want)
			}
			for _, words := range c.want {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("told: %v, want %q", err, words)
				}
			}
			if err == nil {
				return
			}
			russian := health.InRussian(err)
			if strings.Count(russian, "\n") != strings.Count(err.Error(), "\n") {
				t.Errorf("in Russian %q, want as many lines as in %q", russian, err)
			}
			for line := range strings.Lines(russian) {
				if !regexp.MustCompile(`^\p{Cyrillic}`).MatchString(line) {
					t.Errorf("in Russian: %q", line)
				}
			}
		})
	}
}

// The pulse can be read back, and reports what is stuck.
func TestPulse(t *testing.T) {
	kinds := map[state.Side]string{state.Telegram: "call", state.Plusofon: "answer"}
	request := func(side state.Side) func(*state.Tx) error {
		return func(tx *state.Tx) error {
			_, err := tx.Enqueue(state.Request{Side: side, Lane: "a", Kind: kinds[side], Payload: "{}", Due: noon}, noon)
			return err
		}
	}
	for _, c := range []struct {
		name    string
		waits   func(*state.Tx) error
		started time.Duration // after noon
		at      time.Duration
		stuck   bool
	}{
		{"nothing waits", func(*state.Tx) error { return nil }, -time.Hour, time.Hour, false},
		{"a message just queued", request(state.Telegram), -time.Hour, time.Minute, false},
		{"a message that does not go", request(state.Telegram), -time.Hour, 11 * time.Minute, true},
		{"an answer that does not go", request(state.Plusofon), -time.Hour, 11 * time.Minute, true},
		{"it waited while the program did not run", request(state.Plusofon), time.Hour, time.Hour + time.Minute, false},
		{"and goes on waiting", request(state.Plusofon), time.Hour, time.Hour + 10*time.Minute, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := openStore(t)
			given := health.Vitals{Started: noon.Add(c.started), Telegram: noon, PollInterval: time.Second, DiskFree: 7}
			var got health.Vitals
			change(t, store, c.waits, func(tx *state.Tx) error {
				_, err := health.Take(tx, noon.Add(c.at), given)
				return err
			}, func(tx *state.Tx) (err error) {
				got, err = health.Last(tx)
				return err
			})
			want := given
			want.At, want.Stuck = noon.Add(c.at), c.stuck
			if got != want {
				t.Errorf("stored %+v, want %+v", got, want)
			}
		})
	}
}

// The pulse reports due updates, and those set aside, at once.
func TestPulseTellsOfUpdates(t *testing.T) {
	receive := func(unreadable bool) func(*state.Tx) error {
		return func(tx *state.Tx) error {
			return tx.Receive(state.Arrival{Key: "u", Chat: 1, Payload: "{}", Due: noon, Unreadable: unreadable}, noon, time.Second)
		}
	}
	for _, c := range []struct {
		name             string
		comes            func(*state.Tx) error
		started          time.Duration // after noon
		undecided, aside time.Duration // after noon; negative: never
	}{
		{"one that is due", receive(false), -time.Hour, 0, -1},
		{"one of before the start", receive(false), time.Minute, time.Minute, -1},
		{"one that can't be read", receive(true), -time.Hour, -1, 0},
		{"none", func(*state.Tx) error { return nil }, -time.Hour, -1, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v health.Vitals
			change(t, openStore(t), c.comes, func(tx *state.Tx) (err error) {
				v, err = health.Take(tx, noon.Add(2*time.Minute), health.Vitals{Started: noon.Add(c.started)})
				return err
			})
			after := func(d time.Duration) time.Time {
				if d < 0 {
					return time.Time{}
				}
				return noon.Add(d)
			}
			if !v.Undecided.Equal(after(c.undecided)) || !v.Aside.Equal(after(c.aside)) || v.Stuck {
				t.Errorf("the vitals are %+v", v)
			}
		})
	}
}

func openStore(t *testing.T) *state.Store {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func change(t *testing.T, store *state.Store, changes ...func(*state.Tx) error) {
	t.Helper()
	for _, f := range changes {
		if err := store.Update(f); err != nil {
			t.Fatal(err)
		}
	}
}
