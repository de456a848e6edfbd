package conversation

import (
	"strconv"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/ticket"
)

// Polled notes how a poll of Plusofon went. After one that went well it is looked
// whether people wait for long.
func Polled(t *chat.Turn, failure error) error {
	if failure != nil {
		return t.Tx.SetMeta(reading.MetaTrouble, "on")
	}
	if err := t.Tx.SetMeta(reading.MetaTrouble, ""); err != nil {
		return err
	}
	if err := t.Tx.SetMeta(reading.MetaPolled, strconv.FormatInt(t.Now.UnixMilli(), 10)); err != nil {
		return err
	}
	return ticket.LookAtWaits(t)
}
