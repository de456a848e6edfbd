package telegramtest

import (
	"fmt"
	"math"
	"time"
)

// Telegram's limits on sending.
const (
	globalRate   = 30 // messages a second
	chatRate     = 1  // messages a second in one chat
	chatBurst    = 5  // that may be sent at once
	groupPerMin  = 20 // messages a minute in a group, all topics together
	groupsWindow = time.Minute
)

type limiter struct {
	global bucket
	chats  map[int64]*bucket
	groups map[int64][]time.Time
}

// bucket allows burst at once and refills at rate a second.
type bucket struct {
	left float64
	at   time.Time
}

func (b *bucket) fill(now time.Time, rate, burst float64) {
	if b.at.IsZero() {
		b.left = burst
	} else {
		b.left = math.Min(burst, b.left+now.Sub(b.at).Seconds()*rate)
	}
	b.at = now
}

// wait returns the seconds until n are allowed.
func (b *bucket) wait(n int, rate, burst float64) float64 {
	return (math.Min(float64(n), burst) - b.left) / rate
}

// limit counts n messages to a chat, or refuses them all.
func (s *Server) limit(ch *chat, n int) error {
	if !s.cfg.RateLimits {
		return nil
	}
	l, now := &s.limiter, s.now()
	if l.chats == nil {
		l.chats, l.groups = map[int64]*bucket{}, map[int64][]time.Time{}
	}
	id := ch.wire.ID
	if l.chats[id] == nil {
		l.chats[id] = &bucket{}
	}
	one := l.chats[id]
	l.global.fill(now, globalRate, globalRate)
	one.fill(now, chatRate, chatBurst)
	wait := math.Max(l.global.wait(n, globalRate, globalRate), one.wait(n, chatRate, chatBurst))
	if ch.wire.Type != "private" {
		recent := l.groups[id]
		for len(recent) > 0 && now.Sub(recent[0]) >= groupsWindow {
			recent = recent[1:]
		}
		l.groups[id] = recent
		if over := len(recent) + n - groupPerMin; over > 0 {
			wait = math.Max(wait, (groupsWindow - now.Sub(recent[over-1])).Seconds())
		}
	}
	// A thousandth of a second is floating point noise.
	if wait > 0.001 {
		after := int(math.Ceil(wait - 0.001))
		return &apiError{code: 429, desc: fmt.Sprintf("Too Many Requests: retry after %d", after), retryAfter: after}
	}
	l.global.left -= float64(n)
	one.left -= float64(n)
	if ch.wire.Type != "private" {
		for range n {
			l.groups[id] = append(l.groups[id], now)
		}
	}
	return nil
}
