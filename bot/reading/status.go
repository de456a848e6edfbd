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

// The keys of what the store remembers about the two connections.
const (
	MetaPolled  = "plusofon_polled_at" // Unix milliseconds of the last whole poll
	MetaTrouble = "plusofon_trouble"   // "" while polls go well
)

// InTrouble tells whether the last poll of Plusofon has failed.
func InTrouble(t *chat.Turn) (bool, error) {
	trouble, err := t.Tx.Meta(MetaTrouble)
	return trouble != "", err
}

// Account notes whose account it is: the author of its posts.
func Account(t *chat.Turn, account plusofon.Account) error {
	if err := t.Tx.SetAccount(state.Account{ID: account.ID, Email: account.Email}); err != nil {
		return err
	}
	return t.Tx.SetMeta(chat.MetaAccountName, account.Name)
}

// Staleness tells how old the data is while Plusofon does not answer; "" while it
// does.
func Staleness(t *chat.Turn, s chat.SpeakerTexts) (string, error) {
	trouble, err := t.Tx.Meta(MetaTrouble)
	if err != nil || trouble == "" {
		return "", err
	}
	at, err := polledAt(t)
	if err != nil || at.IsZero() {
		return s.T("never_polled"), err
	}
	return s.T("cached", "Age", chat.Ago(s, t.Now.Sub(at))), nil
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
	silence, err := Staleness(t, s)
	if err != nil {
		return err
	}
	at, err := polledAt(t)
	if err != nil {
		return err
	}
	switch {
	case silence != "":
		lines = append(lines, silence, s.T("status_silent"))
	case at.IsZero():
		lines = append(lines, s.T("never_polled"))
	default:
		lines = append(lines, s.T("status_well", "Age", chat.Ago(s, t.Now.Sub(at))))
	}
	up, err := t.Tx.OutboxCounts(state.Plusofon)
	if err != nil {
		return err
	}
	down, err := t.Tx.OutboxCounts(state.Telegram)
	if err != nil {
		return err
	}
	if up.Waiting > 0 {
		lines = append(lines, s.T("status_waiting", "Count", up.Waiting))
	}
	if up.Unknown > 0 {
		lines = append(lines, s.T("status_unknown", "Count", up.Unknown))
	}
	undecided, err := t.Tx.Undecided()
	if err != nil {
		return err
	}
	if undecided > 0 {
		lines = append(lines, s.T("status_undecided", "Count", undecided))
	}
	if down.Waiting > 1 {
		lines = append(lines, s.T("status_news", "Count", down.Waiting))
	}
	here, err := t.ParkedIn(s.Chat)
	if err != nil {
		return err
	}
	if here > 0 {
		lines = append(lines, s.T("status_parked_here", "Count", here))
	}
	if s.Role == state.Owner {
		more, err := ownerStatus(t, s, down)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: m, Text: telegram.Plain(strings.Join(lines, "\n"))})
}

// ownerStatus is what only the owners of this copy need to know.
func ownerStatus(t *chat.Turn, s chat.Speaker, down state.OutboxCounts) ([]string, error) {
	var lines []string
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
