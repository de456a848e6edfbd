package bottest

import (
	"context"
	"sync"
)

// Hang keeps requests in flight until the test ends them, or ends itself.
type Hang struct {
	w     *World
	under chan bool
	ended chan struct{}
	// End ends them all, including later ones.
	End func()
}

// Hangs makes a Hang, whose OnRead is for a fault.
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

// Are waits until n more requests are in flight.
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
