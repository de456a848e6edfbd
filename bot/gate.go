package bot

import (
	"context"
	"errors"
	"io"
	"iter"

	"plusofon-bot/bot/chat"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// gate is Plusofon behind a check: until the account is identified as this company's, every
// request fails as if Plusofon were unreachable, so that reports and retries work as in an
// outage.
type gate struct {
	behind     Plusofon
	identified <-chan struct{}
}

// errUnidentified is why no request is made.
var errUnidentified = errors.New("whose account it is is not known yet")

func (g gate) shut(op string) error {
	select {
	case <-g.identified:
		return nil
	default:
		return &plusofon.Error{Op: op, Kind: plusofon.NotSent, Err: errUnidentified}
	}
}

// retryNow makes the requests that failed at the gate due now.
func (b *Bot) retryNow() {
	err := b.update(func(t *chat.Turn) error {
		_, err := t.Tx.ClampRowTimes(state.Plusofon, t.Now, t.Now)
		return err
	})
	if err != nil {
		b.Log.Error("what waits for Plusofon could not be queued again", "error", err)
	}
}

// Account passes: it is what identifies the account.
func (g gate) Account(ctx context.Context) (plusofon.Account, error) { return g.behind.Account(ctx) }

func (g gate) Tickets(ctx context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	if err := g.shut("list tickets"); err != nil {
		return func(yield func(plusofon.ListedTicket, error) bool) { yield(plusofon.ListedTicket{}, err) }
	}
	return g.behind.Tickets(ctx, open)
}

func (g gate) Ticket(ctx context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	if err := g.shut("read ticket"); err != nil {
		return plusofon.Ticket{}, err
	}
	return g.behind.Ticket(ctx, id)
}

func (g gate) Open(ctx context.Context, subject, description string) (plusofon.Ticket, error) {
	if err := g.shut("open ticket"); err != nil {
		return plusofon.Ticket{}, err
	}
	return g.behind.Open(ctx, subject, description)
}

func (g gate) Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	if err := g.shut("answer ticket"); err != nil {
		return plusofon.Ticket{}, err
	}
	return g.behind.Answer(ctx, id, text)
}

func (g gate) Attach(ctx context.Context, id plusofon.TicketID, post plusofon.PostID, f plusofon.File) error {
	if err := g.shut("attach file"); err != nil {
		return err
	}
	return g.behind.Attach(ctx, id, post, f)
}

func (g gate) Download(ctx context.Context, a plusofon.Attachment) (io.ReadCloser, int64, error) {
	if err := g.shut(plusofon.OpDownload); err != nil {
		return nil, 0, err
	}
	return g.behind.Download(ctx, a)
}
