package conversation

import (
	"errors"
	"strconv"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/state"
)

// Polled records the result of a poll of Plusofon. After a successful one it checks for people who
// have waited long. In either case quiet hours may have ended.
func Polled(t *chat.Turn, failure error) error {
	if err := ticket.NightsOver(t); err != nil {
		return err
	}
	if failure != nil {
		return t.Tx.SetMeta(reading.MetaTrouble, "on")
	}
	if silent, err := reading.InTrouble(t); err != nil {
		return err
	} else if silent {
		// It is back: retry what was parked.
		if _, err := t.Tx.ReviveSide(state.Plusofon, "", t.Now); err != nil {
			return err
		}
	}
	if err := t.Tx.SetMeta(reading.MetaTrouble, ""); err != nil {
		return err
	}
	if err := t.Tx.SetMeta(reading.MetaPolled, strconv.FormatInt(t.Now.UnixMilli(), 10)); err != nil {
		return err
	}
	return ticket.LookAtWaits(t)
}

// TelegramIsBack revives the rows parked while Telegram failed: messages to it and files from it.
func TelegramIsBack(t *chat.Turn) error {
	_, err1 := t.Tx.ReviveSide(state.Telegram, "", t.Now)
	_, err2 := t.Tx.ReviveSide(state.Plusofon, chat.KindAttach, t.Now)
	return errors.Join(err1, err2)
}
