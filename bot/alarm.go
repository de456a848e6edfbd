package bot

import (
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/state"
)

// The alarms that owners get once when something needs a human, and once when
// it is over. The catalogue has a text under each key, and one with "_over".
const AlarmAccess = "alarm_access"

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
