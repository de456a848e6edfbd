package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/ticket"
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
func (b *Bot) watch(ctx context.Context) error {
	var account plusofon.Account
	silent, started := false, false
	for n := 0; ctx.Err() == nil; n++ {
		if account.Email == "" && n%closedEvery == 0 {
			account = b.account(ctx)
		}
		begun := time.Now()
		open, err := b.poll(ctx, n%closedEvery == 0 || b.vitals.fails(state.ClosedList))
		if ctx.Err() != nil {
			break // the error, if any, is the end itself
		}
		b.Observer.Polled(state.Plusofon, time.Since(begun), err == nil)
		switch {
		case err != nil && silent:
			b.Log.Debug("Plusofon still can't be polled", "error", err)
		case err != nil:
			b.Log.Warn("Plusofon could not be polled; trying on", "error", err, "every", b.PollInterval.String())
		case silent:
			b.Log.Info("Plusofon answers again")
		}
		silent = err != nil
		b.notePoll(err)
		if !started && err == nil {
			started = true
			b.polled <- polled{account, open}
		}
		if !sleep(ctx, b.PollInterval) {
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
func (b *Bot) hello(ctx context.Context) error {
	var name string
	var first polled
	for range 2 {
		select {
		case name = <-b.connected:
		case first = <-b.polled:
		case <-ctx.Done():
			return nil
		}
	}
	b.Log.Info("connected", "bot", "@"+name, "account", first.account.Email, "open_tickets", first.open, "poll_interval", b.PollInterval.String())
	return nil
}

// account asks whose account it is: the author of its posts. It is known from
// an earlier run, or not at all, while Plusofon does not answer.
func (b *Bot) account(ctx context.Context) plusofon.Account {
	account, err := b.Plusofon.Account(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.Log.Warn("Plusofon does not tell whose account it is", "error", err)
		}
		return account
	}
	err = b.update(func(t *chat.Turn) error { return reading.Account(t, account.Email, account.Name) })
	if err != nil {
		b.Log.Error("the account could not be noted", "error", err)
	}
	return account
}

func (b *Bot) notePoll(failure error) {
	err := b.update(func(t *chat.Turn) error {
		if err := conversation.Polled(t, failure); err != nil {
			return err
		}
		e, ok := errors.AsType[*plusofon.Error](failure)
		switch {
		case failure == nil:
			return errors.Join(access.AlarmOver(t, access.AlarmAccess), access.AlarmOver(t, access.AlarmLogin))
		case errors.Is(failure, plusofon.ErrLoginAsksMore):
			return access.Alarm(t, access.AlarmLogin)
		case ok && e.Kind == plusofon.Access:
			return access.Alarm(t, access.AlarmAccess)
		}
		return nil
	})
	if err != nil {
		b.Log.Error("the poll could not be noted", "error", err)
	}
}

// poll asks for the open tickets, now and then for the closed ones, and reads
// those that have changed. It returns how many are open.
func (b *Bot) poll(ctx context.Context, closedToo bool) (open int, err error) {
	list, err := b.pollList(ctx, true)
	if err != nil {
		return len(list), err
	}
	if slices.ContainsFunc(list, func(e plusofon.ListedTicket) bool { return !e.HasActivity }) {
		if err := b.readStale(ctx); err != nil {
			return len(list), err
		}
	}
	if closedToo {
		if _, err := b.pollList(ctx, false); err != nil {
			return len(list), err
		}
	}
	return len(list), nil
}

// pollList asks for a list and reads the tickets that have changed in it.
func (b *Bot) pollList(ctx context.Context, open bool) ([]plusofon.ListedTicket, error) {
	list, err := b.Background.Tickets(ctx, open)
	if err == nil {
		if open {
			b.vitals.polled(state.Plusofon, time.Now())
		}
		err = b.absorbChanged(ctx, list, open)
	}
	if ctx.Err() == nil {
		which := state.ClosedList
		if open {
			which = state.OpenList
		}
		b.vitals.listed(which, time.Now(), err)
	}
	return list, err
}

func (b *Bot) absorbChanged(ctx context.Context, list []plusofon.ListedTicket, open bool) error {
	var changed []ticket.Changed
	err := b.update(func(t *chat.Turn) (err error) {
		changed, err = ticket.Listed(t, list, open)
		return err
	})
	if err != nil {
		return err
	}
	// A ticket that can't be read now keeps its old fingerprint: the next poll
	// tries again. It holds up no other.
	for _, c := range changed {
		if err := b.readOne(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// readOne reads a ticket whose failure is its own matter. It returns an error
// where others would fail as well.
func (b *Bot) readOne(ctx context.Context, c ticket.Changed) error {
	err := b.read(ctx, c)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*plusofon.Error](err)
	if ctx.Err() != nil || !ok || e.Kind == plusofon.RateLimited || e.Kind == plusofon.NotSent {
		return err
	}
	b.Log.Warn("a ticket can't be read; the next poll tries again", "ticket", c.ID, "error", err)
	return nil
}

// read reads a ticket and takes it over.
func (b *Bot) read(ctx context.Context, c ticket.Changed) error {
	read, err := b.Background.Ticket(ctx, plusofon.TicketID(c.ID))
	gone := false
	if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.NotFound {
		gone, err = true, nil
	}
	if err != nil {
		return err
	}
	// A poll of many tickets takes a while; each of them is a sign of life.
	b.vitals.polled(state.Plusofon, time.Now())
	err = b.update(func(t *chat.Turn) error {
		if gone {
			return ticket.Gone(t, c)
		}
		t.Tx.SetTrace(fmt.Sprintf("ticket-%d", c.ID))
		return ticket.Absorb(t, read, c)
	})
	if err == nil && !gone {
		b.Observer.News()
	}
	return err
}

// readStale reads the tickets that the list says nothing about: those that people
// follow in turn, and those never read, whose subject is not even known. One that
// can't be read waits for the others to have their turn.
func (b *Bot) readStale(ctx context.Context) error {
	var bound, others []state.TicketID
	err := b.update(func(t *chat.Turn) (err error) {
		if bound, err = t.Tx.StaleTickets(staleAtOnce + len(b.asked)); err != nil {
			return err
		}
		others, err = t.Tx.UnreadTickets(staleAtOnce + len(b.asked))
		return err
	})
	if err != nil {
		return err
	}
	asked := func(id state.TicketID) bool { return b.asked[id] }
	bound, others = slices.DeleteFunc(bound, asked), slices.DeleteFunc(others, asked)
	if len(bound) == 0 {
		clear(b.asked)
	}
	for _, id := range slices.Concat(bound[:min(staleAtOnce, len(bound))], others[:min(staleAtOnce, len(others))]) {
		b.asked[id] = true
		if err := b.readOne(ctx, ticket.Changed{ID: id, Again: true}); err != nil {
			return err
		}
	}
	return nil
}
