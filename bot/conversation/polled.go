package conversation

import (
	"errors"
	"strconv"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/state"
)

// Polled notes how a poll of Plusofon went. After one that went well it is looked
// whether people wait for long. Whatever came of it, quiet hours may have ended.
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
		// It is back: what it did not take for a day goes again.
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

// TelegramIsBack lets go again what Telegram did not take, or give, while it failed.
func TelegramIsBack(t *chat.Turn) error {
	_, err1 := t.Tx.ReviveSide(state.Telegram, "", t.Now)
	_, err2 := t.Tx.ReviveSide(state.Plusofon, chat.KindAttach, t.Now)
	return errors.Join(err1, err2)
}
