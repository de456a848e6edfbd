package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	// closedEvery is how many polls pass between two looks at the closed tickets.
	closedEvery = 20
	// staleAtOnce is how many tickets a poll reads in turn where the list shows
	// no sign of activity.
	staleAtOnce = 5
)

// watch polls Plusofon for news.
func (r *Relay) watch(ctx context.Context) error {
	var account plusofon.Account
	silent, started := false, false
	for n := 0; ctx.Err() == nil; n++ {
		if account.Email == "" && n%closedEvery == 0 {
			account = r.account(ctx)
		}
		begun := time.Now()
		open, err := r.poll(ctx, n%closedEvery == 0)
		if ctx.Err() != nil {
			break // the error, if any, is the end itself
		}
		r.Observer.Polled(state.Plusofon, time.Since(begun), err == nil)
		switch {
		case err != nil && silent:
			r.Log.Debug("Plusofon still can't be polled", "error", err)
		case err != nil:
			r.Log.Warn("Plusofon could not be polled; trying on", "error", err, "every", r.PollInterval.String())
		case silent:
			r.Log.Info("Plusofon answers again")
		}
		silent = err != nil
		r.notePoll(err)
		if !started && err == nil {
			started = true
			r.polled <- polled{account, open}
		}
		if !sleep(ctx, r.PollInterval) {
			return nil
		}
	}
	return nil //nolint:nilerr // that ctx ended is no failure
}

// polled is what the first whole poll has shown.
type polled struct {
	account plusofon.Account
	open    int
}

// hello logs, once both sides have answered, what is connected to what.
func (r *Relay) hello(ctx context.Context) error {
	var name string
	var first polled
	for range 2 {
		select {
		case name = <-r.connected:
		case first = <-r.polled:
		case <-ctx.Done():
			return nil
		}
	}
	r.Log.Info("connected", "bot", "@"+name, "account", first.account.Email, "open_tickets", first.open, "poll_interval", r.PollInterval.String())
	return nil
}

// account asks whose account it is: the author of its posts. It is known from
// an earlier run, or not at all, while Plusofon does not answer.
func (r *Relay) account(ctx context.Context) plusofon.Account {
	account, err := r.Plusofon.Account(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.Log.Warn("Plusofon does not tell whose account it is", "error", err)
		}
		return account
	}
	err = r.Store.Update(func(tx *state.Tx) error { return r.Bot.Account(tx, account.Email, account.Name) })
	if err != nil {
		r.Log.Error("the account could not be noted", "error", err)
	}
	return account
}

func (r *Relay) notePoll(failure error) {
	err := r.Store.Update(func(tx *state.Tx) error {
		now := time.Now()
		if err := r.Bot.Polled(tx, now, failure); err != nil {
			return err
		}
		e, ok := errors.AsType[*plusofon.Error](failure)
		switch {
		case failure == nil:
			return r.Bot.AlarmOver(tx, now, bot.AlarmAccess)
		case ok && e.Kind == plusofon.Access:
			return r.Bot.Alarm(tx, now, bot.AlarmAccess)
		}
		return nil
	})
	if err != nil {
		r.Log.Error("the poll could not be noted", "error", err)
	}
}

// poll asks for the open tickets, now and then for the closed ones, and reads
// those that have changed. It returns how many are open.
func (r *Relay) poll(ctx context.Context, closedToo bool) (open int, err error) {
	list, err := r.Background.Tickets(ctx, true)
	if err != nil {
		return 0, err
	}
	r.vitals.polled(state.Plusofon, time.Now())
	if err := r.absorbChanged(ctx, list, true); err != nil {
		return len(list), err
	}
	if slices.ContainsFunc(list, func(e plusofon.ListedTicket) bool { return !e.HasActivity }) {
		if err := r.readStale(ctx); err != nil {
			return len(list), err
		}
	}
	if closedToo {
		closed, err := r.Background.Tickets(ctx, false)
		if err != nil {
			return len(list), err
		}
		return len(list), r.absorbChanged(ctx, closed, false)
	}
	return len(list), nil
}

func (r *Relay) absorbChanged(ctx context.Context, list []plusofon.ListedTicket, open bool) error {
	var changed []bot.Changed
	err := r.Store.Update(func(tx *state.Tx) (err error) {
		changed, err = r.Bot.Listed(tx, time.Now(), list, open)
		return err
	})
	if err != nil {
		return err
	}
	// A ticket that can't be read now keeps its old fingerprint: the next poll
	// tries again. It holds up no other.
	for _, c := range changed {
		if err := r.readOne(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// readOne reads a ticket whose failure is its own matter. It returns an error
// where others would fail as well.
func (r *Relay) readOne(ctx context.Context, c bot.Changed) error {
	err := r.read(ctx, c)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*plusofon.Error](err)
	if ctx.Err() != nil || !ok || e.Kind == plusofon.RateLimited || e.Kind == plusofon.NotSent {
		return err
	}
	r.Log.Warn("a ticket can't be read; the next poll tries again", "ticket", c.ID, "error", err)
	return nil
}

// read reads a ticket and takes it over.
func (r *Relay) read(ctx context.Context, c bot.Changed) error {
	ticket, err := r.Background.Ticket(ctx, plusofon.TicketID(c.ID))
	gone := false
	if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.NotFound {
		gone, err = true, nil
	}
	if err != nil {
		return err
	}
	// A poll of many tickets takes a while; each of them is a sign of life.
	r.vitals.polled(state.Plusofon, time.Now())
	err = r.Store.Update(func(tx *state.Tx) error {
		if gone {
			return r.Bot.Gone(tx, c)
		}
		tx.SetTrace(fmt.Sprintf("ticket-%d", c.ID))
		return r.Bot.Absorb(tx, time.Now(), ticket, c)
	})
	if err == nil && !gone {
		r.Observer.News()
	}
	return err
}

// readStale reads the tickets that the list says nothing about: those that people
// follow in turn, and those never read, whose subject is not even known. One that
// can't be read waits for the others to have their turn.
func (r *Relay) readStale(ctx context.Context) error {
	var bound, others []state.TicketID
	err := r.Store.Update(func(tx *state.Tx) (err error) {
		if bound, err = tx.StaleTickets(staleAtOnce + len(r.asked)); err != nil {
			return err
		}
		others, err = tx.UnreadTickets(staleAtOnce + len(r.asked))
		return err
	})
	if err != nil {
		return err
	}
	asked := func(id state.TicketID) bool { return r.asked[id] }
	bound, others = slices.DeleteFunc(bound, asked), slices.DeleteFunc(others, asked)
	if len(bound) == 0 {
		clear(r.asked)
	}
	for _, id := range slices.Concat(bound[:min(staleAtOnce, len(bound))], others[:min(staleAtOnce, len(others))]) {
		r.asked[id] = true
		if err := r.readOne(ctx, bot.Changed{ID: id, Again: true}); err != nil {
			return err
		}
	}
	return nil
}
