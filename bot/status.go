package bot

import (
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// The keys of what the store remembers about the two connections.
const (
	metaPolled  = "plusofon_polled_at" // Unix milliseconds of the last whole poll
	metaTrouble = "plusofon_trouble"   // "" while polls go well
)

// Polled notes how a poll of Plusofon went. After one that went well it is looked
// whether people wait for long.
func (b *Bot) Polled(tx *state.Tx, now time.Time, failure error) error {
	if failure != nil {
		return tx.SetMeta(metaTrouble, "on")
	}
	if err := tx.SetMeta(metaTrouble, ""); err != nil {
		return err
	}
	if err := tx.SetMeta(metaPolled, strconv.FormatInt(now.UnixMilli(), 10)); err != nil {
		return err
	}
	return (&turn{Bot: b, tx: tx, now: now}).lookAtWaits()
}

// InTrouble tells whether the last poll of Plusofon has failed.
func (b *Bot) InTrouble(tx *state.Tx) (bool, error) {
	trouble, err := tx.Meta(metaTrouble)
	return trouble != "", err
}

// Account notes whose account it is: the author of its posts.
func (b *Bot) Account(tx *state.Tx, email, name string) error {
	if err := tx.SetMeta(metaAccountEmail, email); err != nil {
		return err
	}
	return tx.SetMeta(metaAccountName, name)
}

// silence tells how old the data is while Plusofon does not answer; "" while it
// does.
func (t *turn) silence(s speakerTexts) (string, error) {
	trouble, err := t.tx.Meta(metaTrouble)
	if err != nil || trouble == "" {
		return "", err
	}
	at, err := t.polledAt()
	if err != nil || at.IsZero() {
		return s.T("never_polled"), err
	}
	return s.T("cached", "Age", ago(s, t.now.Sub(at))), nil
}

func (t *turn) polledAt() (time.Time, error) {
	v, err := t.tx.Meta(metaPolled)
	if err != nil || v == "" {
		return time.Time{}, err
	}
	ms, err := strconv.ParseInt(v, 10, 64)
	return time.UnixMilli(ms), err
}

// status tells a person whether all is well.
func (t *turn) status(s speaker, m state.MessageID) error {
	var lines []string
	silence, err := t.silence(s)
	if err != nil {
		return err
	}
	at, err := t.polledAt()
	if err != nil {
		return err
	}
	switch {
	case silence != "":
		lines = append(lines, silence, s.T("status_silent"))
	case at.IsZero():
		lines = append(lines, s.T("never_polled"))
	default:
		lines = append(lines, s.T("status_well", "Age", ago(s, t.now.Sub(at))))
	}
	up, err := t.tx.OutboxCounts(state.Plusofon)
	if err != nil {
		return err
	}
	down, err := t.tx.OutboxCounts(state.Telegram)
	if err != nil {
		return err
	}
	if up.Waiting > 0 {
		lines = append(lines, s.T("status_waiting", "Count", up.Waiting))
	}
	if up.Unknown > 0 {
		lines = append(lines, s.T("status_unknown", "Count", up.Unknown))
	}
	undecided, err := t.tx.Undecided()
	if err != nil {
		return err
	}
	if undecided > 0 {
		lines = append(lines, s.T("status_undecided", "Count", undecided))
	}
	if down.Waiting > 1 {
		lines = append(lines, s.T("status_news", "Count", down.Waiting))
	}
	if s.Role == state.Owner {
		more, err := t.ownerStatus(s, down)
		if err != nil {
			return err
		}
		lines = append(lines, more...)
	}
	return t.say(outgoing{chat: s.chat, replyTo: m, text: telegram.Plain(strings.Join(lines, "\n"))})
}

// ownerStatus is what only the owners of this copy need to know.
func (t *turn) ownerStatus(s speaker, down state.OutboxCounts) ([]string, error) {
	var lines []string
	account, err := t.tx.Meta(metaAccountName)
	if err != nil {
		return nil, err
	}
	if account != "" {
		lines = append(lines, s.T("status_account", "Name", telegram.Clean(account)))
	}
	_, aside, err := t.tx.InboxCounts()
	if err != nil {
		return nil, err
	}
	if aside > 0 {
		lines = append(lines, s.T("status_aside", "Count", aside))
	}
	if down.Parked > 0 {
		lines = append(lines, s.T("status_news_parked", "Count", down.Parked))
	}
	for _, alarm := range alarms {
		on, err := t.tx.Meta(alarm)
		if err != nil {
			return nil, err
		}
		if on != "" {
			lines = append(lines, s.T(alarm))
		}
	}
	v, err := LastVitals(t.tx)
	if err != nil || v.At.IsZero() {
		return lines, err
	}
	return append(lines, s.T("status_running", "Age", ago(s, t.now.Sub(v.Started)))), nil
}
