package access

import (
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
)

// The alarms that owners get once when something needs a human, and once when it is
// over. The catalogue has a text for each key, and one for the key with "_over".
const (
	AlarmAccess     = "alarm_access"     // Plusofon does not accept the token
	AlarmLogin      = "alarm_login"      // logging in to Plusofon takes more than an e-mail and a password
	AlarmUnreadable = "alarm_unreadable" // Plusofon returns something unreadable, which is left out
	alarmList       = "alarm_list"       // a list of tickets can't be read
	alarmConflict   = "alarm_conflict"   // another process polls Telegram with this token
	alarmStuck      = "alarm_stuck"      // the inbox or the outbox makes no progress
	alarmAside      = "alarm_aside"      // updates can't be handled
	alarmDisk       = "alarm_disk"       // the disk is nearly full
)

// Alarms lists all of them, in the order of /status.
var Alarms = []string{AlarmAccess, AlarmLogin, alarmList, AlarmUnreadable, alarmConflict, alarmStuck, alarmAside, alarmDisk}

const (
	// QuietAfter is how long no other process may have been noticed before the conflict
	// is over: while there are two, Telegram answers them alternately.
	QuietAfter = 3 * time.Minute
	// listFails is how long a list must fail before owners are alerted: nothing is
	// lost meanwhile, and most such failures pass.
	listFails = time.Hour
	// asideOver is how long no update may have been set aside before the alarm is over.
	asideOver = time.Hour
	// diskLow raises the alarm, diskEnough ends it; bytes.
	diskLow    = 100 << 20
	diskEnough = 200 << 20
)

// Pulse stores the vitals and alerts the owners to what needs a human.
func Pulse(t *chat.Turn, v health.Vitals) error {
	v, err := health.Take(t.Tx, t.Now, v)
	if err != nil {
		return err
	}
	return alarmsOf(t, v)
}

// alarmsOf raises and ends alarms according to the vitals.
func alarmsOf(t *chat.Turn, v health.Vitals) error {
	quietSince := v.Contested
	if quietSince.IsZero() {
		quietSince = v.Started
	}
	raised, err := raised(t)
	if err != nil {
		return err
	}
	// A rejected token has its own alarm.
	denied := raised[AlarmAccess] || raised[AlarmLogin]
	stalled := !v.Undecided.IsZero() && t.Now.Sub(v.Undecided) >= health.StuckAfter
	for _, a := range []struct {
		alarm    string
		on, over bool
	}{
		{alarmConflict, chat.Recently(v.Contested, t.Now, QuietAfter), !chat.Recently(quietSince, t.Now, QuietAfter)},
		{alarmStuck, v.Stuck || stalled, !v.Stuck && !stalled},
		{alarmList, !v.ListFailing.IsZero() && t.Now.Sub(v.ListFailing) >= listFails && !denied, v.ListFailing.IsZero()},
		{alarmAside, chat.Recently(v.Aside, t.Now, health.AsideFresh), !chat.Recently(v.Aside, t.Now, asideOver)},
		{alarmDisk, v.DiskFree >= 0 && v.DiskFree < diskLow, v.DiskFree >= diskEnough},
	} {
		var err error
		switch {
		case a.on && !raised[a.alarm]:
			err = Alarm(t, a.alarm)
		case a.over && raised[a.alarm]:
			err = AlarmOver(t, a.alarm)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// raised returns the alarms that owners were told of and that are not over.
func raised(t *chat.Turn) (map[string]bool, error) {
	set, err := t.Tx.Metas(Alarms...)
	on := make(map[string]bool, len(set))
	for alarm, v := range set {
		on[alarm] = v != ""
	}
	return on, err
}

// Alarm alerts the owners to a problem, once. Without owners it does nothing, so that
// the next call raises it.
func Alarm(t *chat.Turn, alarm string) error {
	return setAlarm(t, alarm, "on", alarm)
}

// AlarmOver tells the owners that it is over, if they were alerted.
func AlarmOver(t *chat.Turn, alarm string) error {
	return setAlarm(t, alarm, "", alarm+"_over")
}

func setAlarm(t *chat.Turn, alarm, to, text string) error {
	was, err := t.Tx.Meta(alarm)
	if err != nil || was == to {
		return err
	}
	if owners, err := t.Tx.Owners(); err != nil || len(owners) == 0 {
		return err
	}
	if err := t.Tx.SetMeta(alarm, to); err != nil {
		return err
	}
	return TellOwners(t, func(s texts.Texts) chat.Outgoing { return chat.Outgoing{Text: telegram.Plain(s.T(text))} })
}

// Denied reports whether Plusofon rejects our credentials.
func Denied(t *chat.Turn) (bool, error) {
	raised, err := raised(t)
	return raised[AlarmAccess] || raised[AlarmLogin], err
}
