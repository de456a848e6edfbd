package bot

import (
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// The alarms that owners get once when something needs a human, and once when
// it is over. The catalogue has a text under each key, and one with "_over".
const (
	AlarmAccess   = "alarm_access"   // Plusofon does not accept the token
	alarmConflict = "alarm_conflict" // another copy polls Telegram with this token
	alarmStuck    = "alarm_stuck"    // the inbox or the outbox stands still
	alarmDisk     = "alarm_disk"     // the disk is nearly full
)

// alarms are all of them, in the order in which /status shows them.
var alarms = []string{AlarmAccess, alarmConflict, alarmStuck, alarmDisk}

const (
	// quietAfter is how long no other copy must have been noticed before that is
	// over: while there are two, Telegram answers now one, now the other.
	quietAfter = 3 * time.Minute
	// diskLow is where the alarm begins, diskEnough where it ends; bytes.
	diskLow    = 100 << 20
	diskEnough = 200 << 20
)

// alarmsOf raises and ends the alarms that the vitals tell of.
func (b *Bot) alarmsOf(tx *state.Tx, now time.Time, v Vitals) error {
	quietSince := v.Contested
	if quietSince.IsZero() {
		quietSince = v.Started
	}
	for _, a := range []struct {
		alarm    string
		on, over bool
	}{
		{alarmConflict, recently(v.Contested, now, quietAfter), !recently(quietSince, now, quietAfter)},
		{alarmStuck, v.Stuck, !v.Stuck},
		{alarmDisk, v.DiskFree >= 0 && v.DiskFree < diskLow, v.DiskFree >= diskEnough},
	} {
		var err error
		switch {
		case a.on:
			err = b.Alarm(tx, now, a.alarm)
		case a.over:
			err = b.AlarmOver(tx, now, a.alarm)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Alarm tells the owners of a trouble unless they know of it already.
func (b *Bot) Alarm(tx *state.Tx, now time.Time, alarm string) error {
	return b.setAlarm(tx, now, alarm, "on", alarm)
}

// AlarmOver tells them that it is over, if they were told of it.
func (b *Bot) AlarmOver(tx *state.Tx, now time.Time, alarm string) error {
	return b.setAlarm(tx, now, alarm, "", alarm+"_over")
}

func (b *Bot) setAlarm(tx *state.Tx, now time.Time, alarm, to, text string) error {
	was, err := tx.Meta(alarm)
	if err != nil || was == to {
		return err
	}
	if err := tx.SetMeta(alarm, to); err != nil {
		return err
	}
	return (&turn{Bot: b, tx: tx, now: now}).tellOwners(func(s texts.Texts) outgoing { return outgoing{text: telegram.Plain(s.T(text))} })
}
