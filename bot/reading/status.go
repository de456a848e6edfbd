package reading

import (
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// The keys of what the store remembers about the connection to Plusofon.
const (
	MetaPolled  = "plusofon_polled_at" // Unix milliseconds of the last complete poll
	MetaTrouble = "plusofon_trouble"   // "" while polls succeed
)

// InTrouble reports whether the last poll of Plusofon failed.
func InTrouble(t *chat.Turn) (bool, error) {
	trouble, err := t.Tx.Meta(MetaTrouble)
	return trouble != "", err
}

// Account records the account, the author of the bot's posts.
func Account(t *chat.Turn, account plusofon.Account) error {
	if err := t.Tx.SetAccount(state.Account{ID: account.ID, Email: account.Email}); err != nil {
		return err
	}
	return t.Tx.SetMeta(chat.MetaAccountName, account.Name)
}

// staleness says how old the data is while Plusofon does not answer or rejects the token; ""
// otherwise.
func staleness(t *chat.Turn, s chat.Speaker) (string, error) {
	trouble, err := InTrouble(t)
	if err != nil || !trouble {
		return "", err
	}
	at, err := polledAt(t)
	if err != nil || at.IsZero() {
		return s.T("never_polled"), err
	}
	return cached(t, s, at)
}

// cached says how old the shown data is.
func cached(t *chat.Turn, s chat.Speaker, at time.Time) (string, error) {
	denied, err := access.Denied(t)
	return lastSeen(t, s, chat.Either(denied, "cached_denied", "cached"), at), err
}

// lastSeen fills in a text with a time, and its date if that is not today.
func lastSeen(t *chat.Turn, s chat.Speaker, key string, at time.Time) string {
	at = at.In(s.Zone)
	day := at.Format("02.01")
	if day == t.Now.In(s.Zone).Format("02.01") {
		day = ""
	}
	return s.T(key, "Day", day, "Time", at.Format("15:04"))
}

func polledAt(t *chat.Turn) (time.Time, error) {
	v, err := t.Tx.Meta(MetaPolled)
	if err != nil || v == "" {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	return time.UnixMilli(ms), err
}

// Status tells a person whether all is well.
func Status(t *chat.Turn, s chat.Speaker, m state.MessageID) error {
	var lines []string
	trouble, err := InTrouble(t)
	if err != nil {
		return err
	}
	at, err := polledAt(t)
	if err != nil {
		return err
	}
	denied, err := access.Denied(t)
	if err != nil {
		return err
	}
	switch {
	case at.IsZero():
		lines = append(lines, s.T("never_polled"))
	case denied:
		lines = append(lines, lastSeen(t, s, "status_locked", at), s.T("status_denied"))
	case trouble:
		lines = append(lines, lastSeen(t, s, "status_down", at), s.T("status_silent"))
	default:
		lines = append(lines, s.T("status_well", "Age", chat.Ago(s, t.Now.Sub(at))))
	}
	own, err := t.Tx.Unsent(s.ID, chat.KindOpen, chat.KindAnswer)
	if err != nil {
		return err
	}
	if own.Waiting > 0 {
		lines = append(lines, s.T("status_waiting", "N", own.Waiting))
	}
	if own.Unknown > 0 {
		lines = append(lines, s.T("status_unknown", "N", own.Unknown))
	}
	if own.Undecided > 0 {
		lines = append(lines, s.T("status_undecided", "N", own.Undecided))
	}
	here, err := t.ParkedIn(s.Chat)
	if err != nil {
		return err
	}
	if here > 0 {
		lines = append(lines, s.T("status_parked_here", "Count", here))
	}
	if s.Role == state.Owner {
		more, err := ownerStatus(t, s, own)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: m, Text: telegram.Plain(strings.Join(lines, "\n"))})
}

// ownerStatus is the part of the status for owners only.
func ownerStatus(t *chat.Turn, s chat.Speaker, own state.Unsent) ([]string, error) {
	var lines []string
	everybody, err := t.Tx.Unsent(0, chat.KindOpen, chat.KindAnswer)
	if err != nil {
		return nil, err
	}
	if everybody != own {
		lines = append(lines, s.T("status_everybody", "Waiting", everybody.Waiting, "Unknown", everybody.Unknown, "Undecided", everybody.Undecided))
	}
	down, err := t.Tx.OutboxCounts(state.Telegram)
	if err != nil {
		return nil, err
	}
	if down.Waiting > 1 {
		lines = append(lines, s.T("status_news", "Count", down.Waiting))
	}
	account, err := t.Tx.Meta(chat.MetaAccountName)
	if err != nil {
		return nil, err
	}
	if account != "" {
		lines = append(lines, s.T("status_account", "Name", telegram.Clean(account)))
	}
	_, aside, err := t.Tx.InboxCounts()
	if err != nil {
		return nil, err
	}
	if aside > 0 {
		lines = append(lines, s.T("status_aside", "Count", aside))
	}
	if down.Parked > 0 {
		lines = append(lines, s.T("status_news_parked", "Count", down.Parked))
	}
	for _, alarm := range access.Alarms {
		on, err := t.Tx.Meta(alarm)
		if err != nil {
			return nil, err
		}
		if on != "" {
			lines = append(lines, s.T(alarm))
		}
	}
	v, err := health.Last(t.Tx)
	if err != nil || v.At.IsZero() {
		return lines, err
	}
	return append(lines, s.T("status_running", "Version", t.Version, "Age", chat.Ago(s, t.Now.Sub(v.Started)))), nil
}
