package ticket

import (
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// quietEnds returns when the quiet hours now in progress in a chat end.
func quietEnds(r chat.Locale, now time.Time) time.Time {
	y, m, d := now.In(r.Zone).Date()
	ends := time.Date(y, m, d, r.Settings.QuietTo, 0, 0, 0, r.Zone)
	if !ends.After(now) {
		ends = time.Date(y, m, d+1, r.Settings.QuietTo, 0, 0, 0, r.Zone)
	}
	return ends
}

// nightsAtOnce is how many chats are told in one transaction.
const nightsAtOnce = 20

// NightsOver tells the chats whose quiet hours are over what the staff answered during
// them. If many end at once, the rest are told on the next call.
func NightsOver(t *chat.Turn) error {
	for range nightsAtOnce {
		c, err := t.Tx.NightOver(t.Now)
		if err != nil {
			return chat.IgnoreAbsent(err)
		}
		if err := tellOfNight(t, c); err != nil {
			return err
		}
	}
	return nil
}

func tellOfNight(t *chat.Turn, c state.ChatID) error {
	night, err := t.Tx.TakeNight(c)
	if err != nil {
		return err
	}
	if ok, err := t.ChatAuthorized(c); err != nil || !ok {
		return err
	}
	r, err := t.Locale(c)
	if err != nil {
		return err
	}
	if r.Settings.News == state.NewsNone {
		return nil
	}
	answers, awaiting := 0, 0
	for _, n := range night {
		answers += n.Answers
		awaits, err := t.Tx.AwaitsCustomer(n.Ticket)
		if err != nil {
			return err
		}
		if awaits {
			awaiting++
		}
	}
	return t.Say(chat.Outgoing{
		Place: chat.InChat(c), News: true, Silent: r.IsQuiet(t.Now), // the hours may have changed since
		Text:    telegram.Plain(r.T("night", "Count", answers, "Awaiting", awaiting)),
		Buttons: [][]telegram.Button{{chat.Button(r.T("button_show"), chat.Data(chat.PressTickets, 0))}},
	})
}
