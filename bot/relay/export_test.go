package relay

import "context"

// Poll is one poll of Plusofon, the closed tickets left out.
func (r *Relay) Poll(ctx context.Context) error {
	_, err := r.poll(ctx, false)
	return err
}
