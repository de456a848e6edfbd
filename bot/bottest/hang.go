package bottest

import (
	"context"
	"sync"
)

// Hang keeps requests under way until the test lets them end, or ends itself.
type Hang struct {
	w     *World
	under chan bool
	ended chan struct{}
	// End lets them all end, those that come later as well.
	End func()
}

// Hangs makes a Hang, whose OnRead is a fault's.
func (w *World) Hangs() *Hang {
	h := &Hang{w: w, under: make(chan bool, 1000), ended: make(chan struct{})}
	h.End = sync.OnceFunc(func() { close(h.ended) })
	w.T.Cleanup(h.End)
	return h
}

// OnRead holds a request.
func (h *Hang) OnRead() {
	h.under <- true
	<-h.ended
}

// Are waits until n requests more are under way.
func (h *Hang) Are(n int) {
	h.w.T.Helper()
	for range n {
		h.w.waits("requests that hang", func(ctx context.Context) error {
			select {
			case <-h.under:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
}
