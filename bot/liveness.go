package bot

import (
	"sync"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// liveness knows whether Telegram answers: that a request fails tells something of the
// request alone while others go well.
type liveness struct {
	mu       sync.Mutex
	answered time.Time // when a request was answered last, polls not counted
	polled   time.Time // when a poll was
	failed   [2]failedRow
}

// failedRow is a row's last failure. Those of two rows are remembered, the later first.
type failedRow struct {
	row state.RowID
	at  time.Time
}

// answers notes that a request was answered, if only with a refusal.
func (l *liveness) answers(method string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if method == "getUpdates" || method == "getMe" {
		l.polled = now
		return
	}
	l.answered = now
}

// fails notes that a row's request has failed.
func (l *liveness) fails(row state.RowID, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed[0].row != row {
		l.failed[1] = l.failed[0]
	}
	l.failed[0] = failedRow{row, now}
}

// failTogether is how long it is taken for Telegram's failure where all that is sent fails
// though its polls go well.
const failTogether = time.Hour

// answersOthers tells whether Telegram has answered others since a row failed last. Where
// there are no others its polls tell; where those fail as well, not before an hour is over.
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

// closures remembers which chats are closed, so that it is said once when they are and
// once when they are not any more.
type closures struct {
	mu sync.Mutex
	on map[string]bool // by lane
}

// begins notes a closure, and tells whether it is new.
func (c *closures) begins(id state.ChatID, closure telegram.Closure) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	lane := chat.ClosedLane(id, closure)
	fresh := !c.on[lane]
	c.on[lane] = true
	return fresh
}

// over notes that a row has gone, and tells whether that has ended a closure.
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
