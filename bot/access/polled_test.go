package access_test

import (
	"testing"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
)

// A list that fails raises an alarm after an hour, unless owners know that the token is
// rejected; once, and once that it is over.
func TestAlarmOfAListThatFails(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(100)
	d.Says(100, "/help")
	d.Said(100)
	begun := d.Now
	var failing time.Time
	pulse := func(after time.Duration, want string) {
		t.Helper()
		d.Now = d.Now.Add(after)
		d.Do(func(turn *chat.Turn) error {
			return access.Pulse(turn, health.Vitals{Started: begun, Telegram: d.Now, Plusofon: d.Now, DiskFree: 1 << 40, ListFailing: failing})
		})
		d.Want(d.Said(100), want)
	}
	denied := func(on bool, want string) {
		t.Helper()
		d.Do(func(turn *chat.Turn) error {
			if on {
				return access.Alarm(turn, access.AlarmAccess)
			}
			return access.AlarmOver(turn, access.AlarmAccess)
		})
		d.Want(d.Said(100), want)
	}
	pulse(time.Minute, "")
	failing = d.Now
	denied(true, "не принимает ключ")
	pulse(2*time.Hour, "")
	denied(false, "снова принимает ключ")
	failing = d.Now
	pulse(59*time.Minute, "")
	pulse(time.Minute, "не читается уже больше часа")
	pulse(time.Hour, "")
	failing = time.Time{}
	pulse(time.Minute, "снова читается")
	pulse(time.Minute, "")
}
