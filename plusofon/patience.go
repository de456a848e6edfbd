package plusofon

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	errSilence = errors.New("the server has stopped sending")
	errSlow    = errors.New("the server sends too slowly")
)

// patience bounds how long the other side may take. It ends a context after a time
// that only runs while something is waited for, and it bounds all of that time.
type patience struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	each    time.Duration // of one wait
	left    time.Duration // of all waits for a body
	waiting *time.Timer
}

// readingTimes is how many times as long as for an answer to begin is waited for
// the rest of it, if it keeps coming.
const readingTimes = 10

// newPatience begins to wait.
func newPatience(ctx context.Context, each time.Duration) *patience {
	ctx, cancel := context.WithCancelCause(ctx)
	return &patience{
		ctx: ctx, cancel: cancel, each: each, left: readingTimes * each,
		waiting: time.AfterFunc(each, func() { cancel(context.DeadlineExceeded) }),
	}
}

func (p *patience) end() {
	p.waiting.Stop()
	p.cancel(nil)
}

// reader bounds the time that reading a body takes. What is done between the reads
// costs no patience.
func (p *patience) reader(r io.Reader) io.Reader {
	p.waiting.Stop()
	return &patientReader{p, r}
}

type patientReader struct {
	p *patience
	r io.Reader
}

func (r *patientReader) Read(b []byte) (int, error) {
	p := r.p
	if p.left <= 0 {
		return 0, errSlow
	}
	silence := time.AfterFunc(min(p.each, p.left), func() { p.cancel(errSilence) })
	begun := time.Now()
	n, err := r.r.Read(b)
	silence.Stop()
	p.left -= time.Since(begun)
	if err != nil && !errors.Is(err, io.EOF) && p.ctx.Err() != nil {
		err = context.Cause(p.ctx)
	}
	return n, err
}
