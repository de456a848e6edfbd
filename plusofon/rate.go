package plusofon

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter keeps the number of requests in any 60 seconds at or below a limit
// and lets people go ahead of background work.
//
// A bucket of capacity b that refills with r tokens a minute lets through at
// most b+r of them in a minute, whichever minute one looks at: a quarter of the
// limit is the burst, the rest refills. The minute is taken two seconds longer
// than it is, for requests that left early and arrive late.
type limiter struct {
	mu      sync.Mutex // held from looking at the bucket to taking from it
	bucket  *rate.Limiter
	reserve float64       // what goes behind leaves in the bucket
	line    chan struct{} // full while the first of those in line waits for a token

	pausedUntil time.Time
	refusals    int // 429s in a row that named no time
}

const (
	rateWindow     = 62 * time.Second
	firstBackoff   = 15 * time.Second
	longestBackoff = 2 * time.Minute
)

func newLimiter(perMinute int) *limiter {
	burst := max(1, perMinute/4)
	refill := perMinute - burst
	if refill == 0 { // one request a minute: the burst is all there is
		refill = 1
	}
	return &limiter{
		bucket:  rate.NewLimiter(rate.Limit(float64(refill)/rateWindow.Seconds()), burst),
		reserve: float64(burst / 3),
		line:    make(chan struct{}, 1),
	}
}

// wait takes a token for a person's request.
func (l *limiter) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	r := l.bucket.Reserve()
	l.mu.Unlock()
	delay := r.Delay()
	if err := sleep(ctx, delay); err != nil {
		r.Cancel()
		return fmt.Errorf("wait for the rate limit: %w", err)
	}
	return nil
}

// waitInLine takes a token for a person's request that goes behind. Those wait one
// after another, so that however many they are, background work gets as many tokens
// as they do.
func (l *limiter) waitInLine(ctx context.Context) error {
	select {
	case l.line <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for the rate limit: %w", ctx.Err())
	}
	defer func() { <-l.line }()
	return l.waitBehind(ctx)
}

// waitBehind takes a token for background work: only while more than the
// reserve is left, and not during a pause.
func (l *limiter) waitBehind(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		delay := l.tryBehind()
		if delay == 0 {
			return nil
		}
		if err := sleep(ctx, delay); err != nil {
			return fmt.Errorf("wait for the rate limit: %w", err)
		}
	}
}

// tryBehind takes a token, or says after how long to look again.
func (l *limiter) tryBehind() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if d := l.pausedUntil.Sub(now); d > 0 {
		return d
	}
	missing := l.reserve + 1 - l.bucket.TokensAt(now)
	if missing <= 0 && l.bucket.AllowN(now, 1) {
		return 0
	}
	d := time.Duration(missing / float64(l.bucket.Limit()) * float64(time.Second))
	return max(d, time.Millisecond)
}

// refused notes a 429 and returns how long background work pauses for it.
func (l *limiter) refused(retryAfter time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if retryAfter <= 0 {
		retryAfter = min(firstBackoff<<min(l.refusals, 8), longestBackoff)
		l.refusals++
	}
	if until := time.Now().Add(retryAfter); until.After(l.pausedUntil) {
		l.pausedUntil = until
	}
	return retryAfter
}

// answered notes that the server takes requests again.
func (l *limiter) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals = 0
}

// paused returns how long background work has to wait for a 429.
func (l *limiter) paused() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.pausedUntil))
}

// sleep waits for d. A deadline that d would pass ends it at once: there is
// nothing to gain by waiting for it.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return context.DeadlineExceeded
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
