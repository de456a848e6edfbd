package bot

import (
	"sync"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// liveness knows whether Telegram answers: a failed request says something about the request
// itself only while others succeed.
type liveness struct {
	mu       sync.Mutex
	answered time.Time // when a request was last answered, polls excluded
	polled   time.Time // when a poll was last answered
	failed   [2]failedRow
}

// failedRow is a row's last failure. Those of the last two rows are kept, latest first.
type failedRow struct {
	row state.RowID
	at  time.Time
}

// noteAnswer records that a request was answered, if only with a refusal.
func (l *liveness) noteAnswer(method string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if method == "getUpdates" || method == "getMe" {
		l.polled = now
		return
	}
	l.answered = now
}

// noteFailure records that a row's request failed.
func (l *liveness) noteFailure(row state.RowID, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed[0].row != row {
		l.failed[1] = l.failed[0]
	}
	l.failed[0] = failedRow{row, now}
}

// failTogether is how long it is taken for Telegram's failure if everything sent fails while polls
// succeed.
const failTogether = time.Hour

// answersOthers reports whether Telegram has answered other requests since a row last failed. If
// there are none, its polls count; if those others fail too, not for the first hour.
func (l *liveness) answersOthers(row state.Row, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := row.LastFailed
	other := l.failed[0]
	if other.row == row.ID {
		other = l.failed[1]
	}
	alone := other.at.IsZero() || l.answered.After(other.at) || now.Sub(other.at) > 2*longestPause || now.Sub(row.FirstFailed) > failTogether
	return !since.IsZero() && (l.answered.After(since) || alone && l.polled.After(since))
}

// closures remembers which chats are unreachable, to log it once when it begins and once when it
// ends.
type closures struct {
	mu sync.Mutex
	on map[string]bool // by lane
}

// begins records a closure, and reports whether it is new.
func (c *closures) begins(id state.ChatID, closure telegram.Closure) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	lane := chat.ClosedLane(id, closure)
	fresh := !c.on[lane]
	c.on[lane] = true
	return fresh
}

// over records that a row was sent, and reports whether that ends a closure.
func (c *closures) over(msg chat.TelegramRow) (ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, closure := range chat.ClosuresOf(msg) {
		lane := chat.ClosedLane(msg.Chat, closure)
		ended = ended || c.on[lane]
		delete(c.on, lane)
	}
	return ended
}
