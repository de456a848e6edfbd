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

// slowestDownload is the pace, in bytes a second, below which nothing is waited for
// any longer. It bounds what comes drop by drop.
const slowestDownload = 64 << 10

// patience bounds how long the other side may take: each wait, and all of them
// together by how much comes. What is done between the waits costs nothing.
type patience struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	each    time.Duration // of one wait
	left    time.Duration // of all waits for a body
	waiting *time.Timer
}

// newPatience begins to wait.
func newPatience(ctx context.Context, each time.Duration) *patience {
	ctx, cancel := context.WithCancelCause(ctx)
	return &patience{
		ctx: ctx, cancel: cancel, each: each, left: each,
		waiting: time.AfterFunc(each, func() { cancel(errSilence) }),
	}
}

// again begins a wait that is none of those before; pause ends the one under way.
func (p *patience) again() { p.waiting.Reset(p.each) }
func (p *patience) pause() { p.waiting.Stop() }

func (p *patience) end() {
	p.waiting.Stop()
	p.cancel(nil)
}

// reader bounds the time that reading a body takes.
func (p *patience) reader(r io.Reader) io.Reader {
	p.pause()
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
	p.waiting.Reset(min(p.each, p.left))
	begun := time.Now()
	n, err := r.r.Read(b)
	p.pause()
	p.left += time.Duration(n)*time.Second/slowestDownload - time.Since(begun)
	if err != nil && !errors.Is(err, io.EOF) && p.ctx.Err() != nil {
		err = context.Cause(p.ctx)
	}
	return n, err
}
