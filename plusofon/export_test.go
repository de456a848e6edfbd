package plusofon

import (
	"context"
	"errors"
)

// AllTickets reads a whole list without unreadable elements.
func (c *Client) AllTickets(ctx context.Context, open bool) (list []ListedTicket, err error) {
	for t, err := range c.Tickets(ctx, open) {
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// MostTickets reads a whole list and counts what is left out.
func (c *Client) MostTickets(ctx context.Context, open bool) (list []ListedTicket, leftOut int, err error) {
	for t, err := range c.Tickets(ctx, open) {
		if _, ok := errors.AsType[*LeftOutError](err); ok {
			leftOut++
			continue
		}
		if err != nil {
			return list, leftOut, err
		}
		list = append(list, t)
	}
	return list, leftOut, nil
}
