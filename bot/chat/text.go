package chat

import (
	"math"
	"strconv"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Header is the first line of everything about a ticket.
func Header(ticket state.Ticket) *telegram.Builder {
	return new(telegram.Builder).Bold(TicketName(ticket.ID) + Dotted(telegram.Clean(ticket.Subject), 255))
}

// Dotted formats a subject after a ticket's name; "" if there is none.
func Dotted(subject string, n int) string {
	if subject == "" {
		return ""
	}
	return " · " + CutRunes(subject, n)
}

// TicketName is how a ticket is called everywhere.
func TicketName(id state.TicketID) string { return "№" + TicketNumber(id) }

// TicketNumber is a ticket's number without the sign.
func TicketNumber(id state.TicketID) string { return strconv.FormatInt(int64(id), 10) }

// JoinLines joins lines, omitting empty ones.
func JoinLines(lines ...string) string {
	kept := lines[:0:0]
	for _, l := range lines {
		if l != "" {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "\n")
}

// Either returns a if first is true, else b.
func Either(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// CutUnits cuts a text to n UTF-16 units, ending in an ellipsis if it was longer.
func CutUnits(s string, n int) string {
	if telegram.UTF16Len(s) <= n {
		return s
	}
	return telegram.Text{String: s}.Split(n - 1)[0].String + "…"
}

// CutRunes cuts a text to n characters, ending in an ellipsis if it was longer.
func CutRunes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimRight(string(r[:n-1]), " \t\n,.;:·–—-") + "…"
}

// Size formats a number of bytes in the usual binary units up to 2^20.
func Size(s SpeakerTexts, n int64) string {
	switch {
	case n >= 1<<20:
		return s.T("size_mb", "N", tenths(s, float64(n)/(1<<20)))
	case n >= 1<<10:
		return s.T("size_kb", "N", tenths(s, float64(n)/(1<<10)))
	}
	return s.T("size_b", "N", n)
}

// SpeakerTexts is the part of a catalogue needed to format values.
type SpeakerTexts interface {
	T(key string, pairs ...any) string
}

// tenths formats a number with at most one decimal. It rounds up: a value over a limit must not
// look like the limit.
func tenths(s SpeakerTexts, f float64) string {
	n := strconv.FormatFloat(math.Ceil(f*10)/10, 'f', 1, 64)
	return strings.Replace(strings.TrimSuffix(n, ".0"), ".", s.T("decimal_mark"), 1)
}

// Ago formats a time since an event in the largest whole unit.
func Ago(s SpeakerTexts, d time.Duration) string {
	switch {
	case d < time.Minute:
		return s.T("ago_now")
	case d < time.Hour:
		return s.T("ago_minutes", "Count", int(d.Minutes()))
	case d < 24*time.Hour:
		return s.T("ago_hours", "Count", int(d.Hours()))
	}
	return s.T("ago_days", "Count", int(d.Hours()/24))
}

// Lasting formats a duration in the largest whole unit.
func Lasting(s SpeakerTexts, d time.Duration) string {
	switch {
	case d < time.Hour:
		return s.T("lasting_minutes", "Count", max(1, int(d.Minutes())))
	case d < 24*time.Hour:
		return s.T("lasting_hours", "Count", int(d.Hours()))
	}
	return s.T("lasting_days", "Count", int(d.Hours()/24))
}

// ParseTicket parses a ticket's number as people write it: 23624, №23624, #23624.
func ParseTicket(s string) (state.TicketID, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimLeft(s, "№#")
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n <= 0 || strings.HasPrefix(strings.TrimSpace(s), "+") {
		return 0, false
	}
	return state.TicketID(n), true
}
