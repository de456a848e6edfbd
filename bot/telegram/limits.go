package telegram

import (
	"sync"
	"time"
)

// Telegram's limits on sending.
const (
	allPerSecond   = 30
	groupPerMinute = 20
	chatInterval   = time.Second
	privateBurst   = 3 // short bursts pass in a private chat
)

// Limits says when a message may go, so that Telegram's limits are kept and
// not hit: 30 a second in all, one a second in a chat with a burst of three in
// private, 20 a minute in a group with all its topics. It has no clock and
// waits for nothing; time comes in. It forgets chats that are idle. It is safe
// for use by several goroutines.
type Limits struct {
	mu     sync.Mutex
	all    window
	paused time.Time
	chats  map[ChatID]*chatLimit
	swept  time.Time
}

type chatLimit struct {
	// full is when the chat has its whole burst again (a leaky bucket in one
	// number, as in GCRA).
	full   time.Time
	minute window // groups only
	paused time.Time
}

// NewLimits makes limits under which nothing has been sent yet.
func NewLimits() *Limits {
	return &Limits{all: window{size: allPerSecond, span: time.Second}, chats: map[ChatID]*chatLimit{}}
}

// Next is the earliest time at which a message to this chat may go; now or
// before: it may go at once. It reserves nothing.
func (l *Limits) Next(chat ChatID, group bool, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next(chat, group, now)
}

func (l *Limits) next(chat ChatID, group bool, now time.Time) time.Time {
	next := latest(now, l.paused, l.all.next())
	if c := l.chats[chat]; c != nil {
		next = latest(next, c.paused, c.minute.next(), c.full.Add(-time.Duration(burst(group)-1)*chatInterval))
	}
	return next
}

// Took counts a message that goes now, in time or not.
func (l *Limits) Took(chat ChatID, group bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took(chat, group, now)
}

func (l *Limits) took(chat ChatID, group bool, now time.Time) {
	l.sweep(now)
	l.all.add(now)
	c := l.chat(chat)
	c.full = latest(c.full, now).Add(chatInterval)
	if group {
		c.minute.size, c.minute.span = groupPerMinute, time.Minute
		c.minute.add(now)
	}
}

// Take is Next and, where the message may go now, Took, in one step.
func (l *Limits) Take(chat ChatID, group bool, now time.Time) (next time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next = l.next(chat, group, now)
	if next.After(now) {
		return next, false
	}
	l.took(chat, group, now)
	return next, true
}

// Pause holds a chat back until a time, or with chat 0 everything: what a 429
// asks for. A pause is never shortened.
func (l *Limits) Pause(chat ChatID, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if chat == 0 {
		l.paused = latest(l.paused, until)
		return
	}
	c := l.chat(chat)
	c.paused = latest(c.paused, until)
}

func (l *Limits) chat(id ChatID) *chatLimit {
	c := l.chats[id]
	if c == nil {
		c = &chatLimit{}
		l.chats[id] = c
	}
	return c
}

// sweep forgets the chats that no limit holds any more, once a minute.
func (l *Limits) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute && !now.Before(l.swept) {
		return
	}
	l.swept = now
	for id, c := range l.chats {
		if !c.full.After(now) && !c.paused.After(now) && c.minute.idle(now) {
			delete(l.chats, id)
		}
	}
}

func burst(group bool) int {
	if group {
		return 1
	}
	return privateBurst
}

// window allows size events in any span of time, by the times of the last size
// of them.
type window struct {
	size  int
	span  time.Duration
	times []time.Time // a ring once it is full
	first int
}

// next is when one more is allowed; the zero time if at once.
func (w *window) next() time.Time {
	if w.size == 0 || len(w.times) < w.size {
		return time.Time{}
	}
	return w.times[w.first].Add(w.span)
}

func (w *window) add(t time.Time) {
	if len(w.times) < w.size {
		w.times = append(w.times, t)
		return
	}
	w.times[w.first] = t
	w.first = (w.first + 1) % w.size
}

// idle: all of the events are out of the window.
func (w *window) idle(now time.Time) bool {
	for _, t := range w.times {
		if t.Add(w.span).After(now) {
			return false
		}
	}
	return true
}

func latest(t time.Time, others ...time.Time) time.Time {
	for _, o := range others {
		if o.After(t) {
			t = o
		}
	}
	return t
}
