package access_test

import (
	"testing"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
)

// A key that is not accepted is told at once; lists that fail for another reason after
// an hour; neither twice, and each that it is over.
func TestPolledAlarms(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(100)
	d.Says(100, "/help")
	d.Said(100)
	poll := func(after time.Duration, failed, denied bool, want string) {
		t.Helper()
		d.Now = d.Now.Add(after)
		d.Do(func(turn *chat.Turn) error { return access.Polled(turn, failed, denied) })
		d.Want(d.Said(100), want)
	}
	poll(0, false, false, "")
	poll(time.Minute, true, true, "не принимает ключ")
	poll(2*time.Hour, true, true, "")
	poll(time.Minute, false, false, "снова принимает ключ")
	poll(time.Minute, true, false, "")
	poll(59*time.Minute, true, false, "")
	poll(time.Minute, true, false, "не читается уже час")
	poll(time.Hour, true, false, "")
	poll(time.Minute, false, false, "снова читается")
	poll(time.Minute, true, false, "")
	poll(time.Minute, false, false, "")
}
