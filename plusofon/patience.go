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

// slowestDownload is the pace, in bytes a second, below which a download is given
// up. It bounds one that trickles.
const slowestDownload = 64 << 10

// patience bounds how long the server may take: each wait, and all waits for a
// body together, by how much has arrived. Time between waits is free.
type patience struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	each    time.Duration // limit of one wait
	left    time.Duration // remaining time for the body
	waiting *time.Timer
}

// newPatience starts waiting.
func newPatience(ctx context.Context, each time.Duration) *patience {
	ctx, cancel := context.WithCancelCause(ctx)
	return &patience{
		ctx: ctx, cancel: cancel, each: each, left: each,
		waiting: time.AfterFunc(each, func() { cancel(errSilence) }),
	}
}

// again starts another wait; pause stops the current one.
func (p *patience) again() { p.waiting.Reset(p.each) }
func (p *patience) pause() { p.waiting.Stop() }

func (p *patience) end() {
	p.waiting.Stop()
	p.cancel(nil)
}

// reader bounds the time that reading a body may take.
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
