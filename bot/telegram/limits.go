package telegram

import (
	"sync"
	"time"
)

// Telegram's limits on sending.
const (
	allPerSecond   = 30
	groupPerMinute = 20
	chatBurst      = 3 // short bursts are allowed

	// margin is added to Telegram's intervals: requests don't arrive as evenly as they
	// are sent.
	margin       = 10 * time.Millisecond
	allSpan      = time.Second + margin
	groupSpan    = time.Minute + margin
	chatInterval = time.Second + margin

	// What news leaves unused, so that replies to people can be sent at once: of a chat's
	// burst, and of a group's minute. Globally news is sent at an even pace, so that it
	// never uses up a second at its beginning.
	sparePrivate = 1
	spareGroup   = 2
	newsInterval = allSpan / allPerSecond
	newsLate     = 100 * time.Millisecond // may be caught up: timers are not exact
)

// Limits computes when a message may be sent within Telegram's limits: 30 a second in
// total, one a second per chat with a burst of three, 20 a minute per group including its
// topics. News leaves some of that to replies to people. An album counts as its pictures and
// is sent when there is room for all of them; if it is larger than a burst, its chat has to
// have been silent for long enough. It has no clock and does not wait; time is passed in. It
// forgets idle chats. It is safe for concurrent use.
type Limits struct {
	mu     sync.Mutex
	all    window
	news   time.Time // when the next news is due at an even pace
	paused time.Time
	chats  map[ChatID]*chatLimit
	swept  time.Time
}

type chatLimit struct {
	// full is when the chat has its whole burst again (a leaky bucket as one number, as
	// in GCRA).
	full   time.Time
	minute window // groups only
	paused time.Time
}

// NewLimits returns limits with nothing sent yet.
func NewLimits() *Limits {
	return &Limits{all: window{size: allPerSecond, span: allSpan}, chats: map[ChatID]*chatLimit{}}
}

// Open returns the earliest time at which n messages at once may be sent to any chat; now or
// before: at once.
func (l *Limits) Open(n int, news bool, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open(n, news, now)
}

func (l *Limits) open(n int, news bool, now time.Time) time.Time {
	next := latest(now, l.paused, l.all.next(allPerSecond-n+1))
	if news {
		next = latest(next, l.news.Add(-newsLate))
	}
	return next
}

// Take counts n messages at once to a chat if they may be sent now. If not, next is the
// earliest time at which they may; nothing is reserved until then.
func (l *Limits) Take(n int, chat ChatID, group, news bool, now time.Time) (next time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next = l.next(n, chat, group, news, now)
	if next.After(now) {
		return next, false
	}
	for range n {
		l.took(chat, group, news, now)
	}
	return next, true
}

func (l *Limits) next(n int, chat ChatID, group, news bool, now time.Time) time.Time {
	next := l.open(n, news, now)
	c := l.chats[chat]
	if c == nil {
		return next
	}
	burst, minute := chatBurst, groupPerMinute
	switch {
	case news && group:
		burst, minute = burst-spareGroup, minute-spareGroup
	case news:
		burst -= sparePrivate
	}
	return latest(next, c.paused, c.minute.next(minute-n+1), c.full.Add(-time.Duration(max(burst-n, 0))*chatInterval))
}

func (l *Limits) took(chat ChatID, group, news bool, now time.Time) {
	l.sweep(now)
	l.all.add(now)
	if news {
		l.news = latest(l.news, now.Add(-newsLate)).Add(newsInterval)
	}
	c := l.chat(chat)
	c.full = latest(c.full, now).Add(chatInterval)
	if group {
		c.minute.size, c.minute.span = groupPerMinute, groupSpan
		c.minute.add(now)
	}
}

// Pause blocks a chat until a time, or with chat 0 everything, as a 429 asks. A pause is never
// shortened.
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

// sweep forgets the chats that no limit affects any more, once a minute.
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

// window allows size events in any span of time, and keeps the times of the last size events.
type window struct {
	size  int
	span  time.Duration
	times []time.Time // a ring once full
	first int
}

// next returns when one more event is allowed under a limit of size; the zero time if at
// once. size is at most the window's own.
func (w *window) next(size int) time.Time {
	if len(w.times) < size || size == 0 {
		return time.Time{}
	}
	return w.times[(w.first+len(w.times)-size)%len(w.times)].Add(w.span)
}

func (w *window) add(t time.Time) {
	if len(w.times) < w.size {
		w.times = append(w.times, t)
		return
	}
	w.times[w.first] = t
	w.first = (w.first + 1) % w.size
}

// idle reports whether all events are outside the window.
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
