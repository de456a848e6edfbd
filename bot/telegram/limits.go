package telegram

import (
	"sync"
	"time"
)

// Telegram's limits on sending.
const (
	allPerSecond   = 30
	groupPerMinute = 20
	chatBurst      = 3 // short bursts pass

	// margin is what the spans are longer by than Telegram's: requests don't arrive
	// as evenly as they leave.
	margin       = 10 * time.Millisecond
	allSpan      = time.Second + margin
	groupSpan    = time.Minute + margin
	chatInterval = time.Second + margin

	// What news leave of these, so that a person's command or press finds room at
	// once: of a chat's burst, and of a group's minute. Of the second in all they
	// leave nothing, but go evenly, so that it is never used up at its beginning.
	sparePrivate = 1
	spareGroup   = 2
	newsInterval = allSpan / allPerSecond
	newsLate     = 100 * time.Millisecond // is caught up with: timers are not exact
)

// Limits says when a message may go, so that Telegram's limits are kept and
// not hit: 30 a second in all, one a second in a chat with a burst of three, 20 a
// minute in a group with all its topics. News leave some of that to
// what people wait for. It has no clock and
// waits for nothing; time comes in. It forgets chats that are idle. It is safe
// for use by several goroutines.
type Limits struct {
	mu     sync.Mutex
	all    window
	news   time.Time // when the next of the news is due by their even pace
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
	return &Limits{all: window{size: allPerSecond, span: allSpan}, chats: map[ChatID]*chatLimit{}}
}

// Open is the earliest time at which a message to any chat may go; now or before:
// it may go at once.
func (l *Limits) Open(news bool, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open(news, now)
}

func (l *Limits) open(news bool, now time.Time) time.Time {
	next := latest(now, l.paused, l.all.next(allPerSecond))
	if news {
		next = latest(next, l.news.Add(-newsLate))
	}
	return next
}

// Take counts a message to a chat, if it may go now. Where it may not, next is the
// earliest time at which it may; nothing is reserved until then.
func (l *Limits) Take(chat ChatID, group, news bool, now time.Time) (next time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next = l.next(chat, group, news, now)
	if next.After(now) {
		return next, false
	}
	l.took(chat, group, news, now)
	return next, true
}

func (l *Limits) next(chat ChatID, group, news bool, now time.Time) time.Time {
	next := l.open(news, now)
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
	return latest(next, c.paused, c.minute.next(minute), c.full.Add(-time.Duration(burst-1)*chatInterval))
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

// window allows size events in any span of time, by the times of the last size
// of them.
type window struct {
	size  int
	span  time.Duration
	times []time.Time // a ring once it is full
	first int
}

// next is when one more is allowed, where size are; the zero time if at once. size
// is the window's own or less.
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
