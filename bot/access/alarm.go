package access

import (
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
)

// The alarms that owners get once when something needs a human, and once when
// it is over. The catalogue has a text under each key, and one with "_over".
const (
	AlarmAccess     = "alarm_access"     // Plusofon does not accept the token
	AlarmSilence    = "alarm_silence"    // its lists have failed for an hour
	AlarmUnreadable = "alarm_unreadable" // it answers something that can't be read and is left out
	alarmConflict   = "alarm_conflict"   // another copy polls Telegram with this token
	alarmStuck      = "alarm_stuck"      // the inbox or the outbox stands still
	alarmDisk       = "alarm_disk"       // the disk is nearly full
)

// Alarms are all of them, in the order in which /status shows them.
var Alarms = []string{AlarmAccess, AlarmSilence, AlarmUnreadable, alarmConflict, alarmStuck, alarmDisk}

const (
	// quietAfter is how long no other copy must have been noticed before that is
	// over: while there are two, Telegram answers now one, now the other.
	quietAfter = 3 * time.Minute
	// diskLow is where the alarm begins, diskEnough where it ends; bytes.
	diskLow    = 100 << 20
	diskEnough = 200 << 20
)

// Pulse stores the vitals, and tells the owners what needs a human.
func Pulse(t *chat.Turn, v health.Vitals) error {
	v, err := health.Take(t.Tx, t.Now, v)
	if err != nil {
		return err
	}
	return alarmsOf(t, v)
}

// alarmsOf raises and ends the alarms that the vitals tell of.
func alarmsOf(t *chat.Turn, v health.Vitals) error {
	quietSince := v.Contested
	if quietSince.IsZero() {
		quietSince = v.Started
	}
	for _, a := range []struct {
		alarm    string
		on, over bool
	}{
		{alarmConflict, chat.Recently(v.Contested, t.Now, quietAfter), !chat.Recently(quietSince, t.Now, quietAfter)},
		{alarmStuck, v.Stuck, !v.Stuck},
		{alarmDisk, v.DiskFree >= 0 && v.DiskFree < diskLow, v.DiskFree >= diskEnough},
	} {
		var err error
		switch {
		case a.on:
			err = Alarm(t, a.alarm)
		case a.over:
			err = AlarmOver(t, a.alarm)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	// metaFailingSince is when polls of Plusofon began to fail; "" while they go well.
	metaFailingSince = "plusofon_failing_since"
	// silenceTold is for how long they fail before the owners hear of it.
	silenceTold = time.Hour
)

// Polled raises and ends the alarms of the polls of Plusofon. denied says that it is
// the key that is not accepted: that is told at once, and not again as silence.
func Polled(t *chat.Turn, failed, denied bool) error {
	if !failed {
		return errors.Join(t.Tx.SetMeta(metaFailingSince, ""), AlarmOver(t, AlarmAccess), AlarmOver(t, AlarmSilence))
	}
	if denied {
		if err := Alarm(t, AlarmAccess); err != nil {
			return err
		}
	}
	since, err := t.Tx.Meta(metaFailingSince)
	if err != nil {
		return err
	}
	if since == "" {
		return t.Tx.SetMeta(metaFailingSince, t.Now.UTC().Format(time.RFC3339))
	}
	at, err := time.Parse(time.RFC3339, since)
	if err != nil {
		return fmt.Errorf("read since when polls fail: %w", err)
	}
	known, err := t.Tx.Meta(AlarmAccess)
	if err != nil || known != "" || t.Now.Sub(at) < silenceTold {
		return err
	}
	return Alarm(t, AlarmSilence)
}

// Alarm tells the owners of a trouble unless they know of it already.
func Alarm(t *chat.Turn, alarm string) error {
	return setAlarm(t, alarm, "on", alarm)
}

// AlarmOver tells them that it is over, if they were told of it.
func AlarmOver(t *chat.Turn, alarm string) error {
	return setAlarm(t, alarm, "", alarm+"_over")
}

func setAlarm(t *chat.Turn, alarm, to, text string) error {
	was, err := t.Tx.Meta(alarm)
	if err != nil || was == to {
		return err
	}
	if err := t.Tx.SetMeta(alarm, to); err != nil {
		return err
	}
	return tellOwners(t, func(s texts.Texts) chat.Outgoing { return chat.Outgoing{Text: telegram.Plain(s.T(text))} })
}
