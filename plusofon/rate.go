package plusofon

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter keeps the number of requests in any 60 seconds within a limit and gives
// people precedence over background work.
//
// A bucket of capacity b that refills with r tokens a minute passes at most b+r
// requests in any minute: a quarter of the limit is the burst, the rest is the
// refill. The window is two seconds longer than a minute, for requests that
// leave early and arrive late.
type limiter struct {
	mu      sync.Mutex // held from checking the bucket to taking from it
	bucket  *rate.Limiter
	reserve float64       // tokens that low-priority requests leave in the bucket
	line    chan struct{} // full while a low-priority request waits for a token

	pausedUntil time.Time
	refusals    int // consecutive 429s without Retry-After
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

// waitLowPriority takes a token for a low-priority request of a person. These
// wait one after another, so that however many there are, background work gets
// as many tokens as they do.
func (l *limiter) waitLowPriority(ctx context.Context) error {
	select {
	case l.line <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for the rate limit: %w", ctx.Err())
	}
	defer func() { <-l.line }()
	return l.waitBackground(ctx)
}

// waitBackground takes a token for background work: only while more than the
// reserve is left, and not during a pause.
func (l *limiter) waitBackground(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		delay := l.tryBackground()
		if delay == 0 {
			return nil
		}
		if err := sleep(ctx, delay); err != nil {
			return fmt.Errorf("wait for the rate limit: %w", err)
		}
	}
}

// tryBackground takes a token and returns 0, or returns when to try again.
func (l *limiter) tryBackground() time.Duration {
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

// refused records a 429 and returns how long background work pauses.
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

// answered records that the server accepts requests again.
func (l *limiter) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusals = 0
}

// paused returns the rest of the pause after a 429.
func (l *limiter) paused() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, time.Until(l.pausedUntil))
}

// sleep waits for d. It fails at once if the context's deadline comes first.
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
