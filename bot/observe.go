package bot

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Observer counts what happens. Its methods return at once.
type Observer interface {
	// Updates is called with the number of updates received from Telegram.
	Updates(n int)
	// News is called when a ticket that a poll asked for was read and stored.
	News()
	// Polled is called with the duration and success of a poll.
	Polled(side state.Side, took time.Duration, well bool)
	// Requested is called with a request's outcome: "ok", or the client's name of the
	// failure with underscores.
	Requested(side state.Side, method, outcome string)
	// Transaction is called with the work and duration of a transaction.
	Transaction(state.Work)
}

// unobserved is the default Observer.
type unobserved struct{}

func (unobserved) Updates(int)                            {}
func (unobserved) News()                                  {}
func (unobserved) Polled(state.Side, time.Duration, bool) {}
func (unobserved) Requested(state.Side, string, string)   {}
func (unobserved) Transaction(state.Work)                 {}

// outcome names the outcome of a request.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	name := "unknown"
	if e, ok := errors.AsType[*telegram.Error](err); ok {
		name = e.Outcome.String()
	} else if e, ok := errors.AsType[*plusofon.Error](err); ok {
		name = e.Kind.String()
	}
	return strings.ReplaceAll(name, " ", "_")
}

// observedTelegram counts the requests to Telegram and records whether it answers.
type observedTelegram struct {
	Telegram
	to       Observer
	liveness *liveness
}

func (o observedTelegram) note(method string, err error) {
	o.to.Requested(state.Telegram, method, outcome(err))
	e, failed := errors.AsType[*telegram.Error](err)
	if err == nil || failed && (e.Outcome == telegram.Refused || e.Outcome == telegram.Forbidden) {
		o.liveness.noteAnswer(method, time.Now())
	}
}

func (o observedTelegram) Me(ctx context.Context) (telegram.Me, error) {
	me, err := o.Telegram.Me(ctx)
	o.note("getMe", err)
	return me, err
}

func (o observedTelegram) Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error) {
	begun := time.Now()
	list, err := o.Telegram.Updates(ctx, offset, limit, timeout)
	if ctx.Err() == nil {
		o.note("getUpdates", err)
		o.to.Polled(state.Telegram, time.Since(begun), err == nil)
	}
	return list, err
}

func (o observedTelegram) Do(ctx context.Context, c telegram.Call) (telegram.Result, error) {
	result, err := o.Telegram.Do(ctx, c)
	o.note(c.Method, err)
	return result, err
}

func (o observedTelegram) Upload(ctx context.Context, c telegram.Call, files ...telegram.Upload) (telegram.Result, error) {
	result, err := o.Telegram.Upload(ctx, c, files...)
	o.note(c.Method, err)
	return result, err
}

func (o observedTelegram) OpenFile(ctx context.Context, fileID string, limit int64) (io.ReadCloser, int64, error) {
	body, size, err := o.Telegram.OpenFile(ctx, fileID, limit)
	o.note("getFile", err)
	return body, size, err
}

// observedPlusofon counts the requests to Plusofon.
type observedPlusofon struct {
	Plusofon
	to Observer
}

func (o observedPlusofon) note(method string, err error) {
	o.to.Requested(state.Plusofon, method, outcome(err))
}

func (o observedPlusofon) Account(ctx context.Context) (plusofon.Account, error) {
	account, err := o.Plusofon.Account(ctx)
	o.note("account", err)
	return account, err
}

func (o observedPlusofon) Tickets(ctx context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	return func(yield func(plusofon.ListedTicket, error) bool) {
		var failure error
		for e, err := range o.Plusofon.Tickets(ctx, open) {
			if _, leftOut := errors.AsType[*plusofon.LeftOutError](err); !leftOut {
				failure = err
			}
			if !yield(e, err) {
				break
			}
		}
		o.note("tickets", failure)
	}
}

func (o observedPlusofon) Ticket(ctx context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	ticket, err := o.Plusofon.Ticket(ctx, id)
	o.note("ticket", err)
	return ticket, err
}

func (o observedPlusofon) Open(ctx context.Context, subject, description string) (plusofon.Ticket, error) {
	ticket, err := o.Plusofon.Open(ctx, subject, description)
	o.note("open", err)
	return ticket, err
}

func (o observedPlusofon) Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	ticket, err := o.Plusofon.Answer(ctx, id, text)
	o.note("answer", err)
	return ticket, err
}

func (o observedPlusofon) Attach(ctx context.Context, id plusofon.TicketID, post plusofon.PostID, f plusofon.File) error {
	err := o.Plusofon.Attach(ctx, id, post, f)
	o.note("attach", err)
	return err
}

func (o observedPlusofon) Download(ctx context.Context, a plusofon.Attachment) (io.ReadCloser, int64, error) {
	body, size, err := o.Plusofon.Download(ctx, a)
	o.note("download", err)
	return body, size, err
}
