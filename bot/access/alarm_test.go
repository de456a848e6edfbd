package access_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Each problem is announced once when it begins and once when it is over, to each
// owner and nobody else.
func TestAlarms(t *testing.T) {
	well := health.Vitals{Started: noon.Add(-time.Hour), Telegram: noon, Plusofon: noon, PollInterval: time.Second, DiskFree: 1 << 40}
	for name, c := range map[string]struct {
		trouble    func(*health.Vitals)
		waits      bool          // something is due but not sent
		undecided  bool          // an update is due
		aside      bool          // an update can't be parsed
		over       time.Duration // the earliest end
		begun, end string
	}{
		"a second copy": {
			trouble: func(v *health.Vitals) { v.Contested = noon }, over: 4 * time.Minute,
			begun: "ещё одна копия программы", end: "Лишняя копия программы больше не видна",
		},
		"a disk nearly full": {
			trouble: func(v *health.Vitals) { v.DiskFree = 99 << 20 },
			begun:   "меньше 100 МБ", end: "снова достаточно места",
		},
		"a list that fails for an hour": {
			trouble: func(v *health.Vitals) { v.ListFailing = noon.Add(-time.Hour) },
			begun:   "не читается уже больше часа", end: "снова читается",
		},
		"an inbox that stands still": {
			trouble: func(*health.Vitals) {}, undecided: true,
			begun: "стоит уже больше десяти минут", end: "снова движется",
		},
		"an update set aside": {
			trouble: func(*health.Vitals) {}, aside: true, over: time.Hour + time.Minute,
			begun: "не смог обработать", end: "обрабатывает все обновления",
		},
		"a queue that is stuck": {
			trouble: func(*health.Vitals) {}, waits: true,
			begun: "стоит уже больше десяти минут", end: "снова движется",
		},
	} {
		t.Run(name, func(t *testing.T) {
			well := well
			d := bottest.NewDesk(t)
			pulse := func(at time.Duration, v health.Vitals) []string {
				t.Helper()
				d.Now = noon.Add(at)
				d.Do(func(turn *chat.Turn) error { return access.Pulse(turn, v) })
				return sayings(d)
			}
			d.Do(func(turn *chat.Turn) error {
				_, err := access.SetOwners(turn, []state.UserID{1, 2})
				return err
			})
			d.Do(func(turn *chat.Turn) error {
				return turn.Tx.SavePerson(state.Person{ID: 3, Name: "Member", Role: state.Member, Source: state.FromInvite, Since: noon})
			})
			var row state.RowID
			if c.undecided || c.aside {
				at := noon
				if c.undecided {
					at = noon.Add(-11 * time.Minute)
				}
				d.Do(func(turn *chat.Turn) error {
					return turn.Tx.Receive(state.Arrival{Key: "u", Chat: 9, Due: at, Unreadable: c.aside}, at, time.Second)
				})
			} else if c.waits {
				d.Do(func(turn *chat.Turn) (err error) {
					row, err = turn.Tx.Enqueue(state.Request{Side: state.Plusofon, Lane: "a", Kind: chat.KindOpen, Payload: "{}", Due: noon.Add(-time.Hour)}, noon)
					return err
				})
			} else if said := pulse(0, well); len(said) > 0 {
				t.Errorf("all is well, said %q", said)
			}
			ill := well
			c.trouble(&ill)
			said := pulse(time.Second, ill)
			if len(said) != 2 || !strings.Contains(said[0], c.begun) || said[0] != said[1] {
				t.Errorf("said %q, want %q to both owners", said, c.begun)
			}
			if said := pulse(2*time.Second, ill); len(said) > 0 {
				t.Errorf("said again: %q", said)
			}
			if c.over > 0 {
				if said := pulse(time.Minute, ill); len(said) > 0 {
					t.Errorf("said before it is over: %q", said)
				}
				well = ill
			}
			if c.waits {
				d.Do(func(turn *chat.Turn) error { return turn.Tx.Finish(row, state.Done, noon, "") })
			}
			if c.undecided {
				d.Do(func(turn *chat.Turn) error { return turn.Tx.Handled(1) })
			}
			said = pulse(max(c.over, time.Minute), well)
			if len(said) != 2 || !strings.Contains(said[0], c.end) {
				t.Errorf("said %q, want %q to both owners", said, c.end)
			}
			if said := pulse(time.Hour, well); len(said) > 0 {
				t.Errorf("said after all: %q", said)
			}
		})
	}
}

// A problem that begins before the bot has an owner is announced once it has; a list
// that fails for less than an hour raises no alarm.
func TestAlarmWaitsForAnOwner(t *testing.T) {
	d := bottest.NewDesk(t)
	token := d.Ready()
	for range 3 {
		d.Do(func(turn *chat.Turn) error {
			return errors.Join(access.Alarm(turn, access.AlarmAccess), access.Alarm(turn, access.AlarmLogin))
		})
	}
	if said := sayings(d); len(said) > 0 {
		t.Errorf("somebody is told: %q", said)
	}
	d.Do(func(turn *chat.Turn) error {
		_, err := access.FollowLink(turn, state.Person{ID: 1, Role: state.Stranger}, token)
		return err
	})
	sayings(d)
	for i := range 3 {
		d.Do(func(turn *chat.Turn) error {
			return errors.Join(access.Alarm(turn, access.AlarmAccess), access.Alarm(turn, access.AlarmLogin),
				access.Pulse(turn, health.Vitals{Started: noon, DiskFree: 1 << 40, ListFailing: d.Now.Add(time.Second - time.Hour)}))
		})
		said := strings.Join(sayings(d), "\n")
		if told := strings.Contains(said, "не принимает ключ") && strings.Contains(said, "больше, чем почту и пароль"); told != (i == 0) || strings.Contains(said, "не читается") {
			t.Errorf("the %d-th time the owner is told %q", i+1, said)
		}
	}
}

// Between low and enough space, the last alarm state holds.
func TestAlarmOfTheDiskDoesNotFlutter(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Config.Language = "en"
	d.Do(func(turn *chat.Turn) error {
		_, err := access.SetOwners(turn, []state.UserID{1})
		return err
	})
	for i, c := range []struct {
		free int64
		said int
	}{{150 << 20, 0}, {99 << 20, 1}, {101 << 20, 0}, {150 << 20, 0}, {-1, 0}, {99 << 20, 0}, {200 << 20, 1}, {101 << 20, 0}} {
		d.Do(func(turn *chat.Turn) error {
			return access.Pulse(turn, health.Vitals{Started: noon, DiskFree: c.free})
		})
		if said := sayings(d); len(said) != c.said {
			t.Errorf("step %d, %d bytes free: said %q", i, c.free, said)
		}
	}
}

// sayings empties the outbox and returns the texts.
func sayings(d *bottest.Desk) (texts []string) {
	d.T.Helper()
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.QueuedRows(state.Telegram)
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b state.Row) int { return int(a.ID - b.ID) })
		for _, row := range rows {
			r, err := chat.Decode[chat.TelegramRow](row)
			if err != nil {
				return err
			}
			if r.Chat == 3 {
				d.T.Error("it is told to somebody who owns nothing")
			}
			texts = append(texts, textOf(d.T, r.Call))
			if err := turn.Tx.Finish(row.ID, state.Done, noon.Add(-time.Hour), ""); err != nil {
				return err
			}
		}
		return nil
	})
	return texts
}

func textOf(t testing.TB, c telegram.Call) string {
	t.Helper()
	var send struct{ Text string }
	if err := json.Unmarshal(c.Params, &send); err != nil {
		t.Fatal(err)
	}
	return send.Text
}
