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
	silent, started, identified := false, false, false
	for n := 0; ctx.Err() == nil; n++ {
		begun := time.Now()
		var open int
		var err error
		if account.Email == "" && (!identified || n%closedEvery == 0) {
			account, err = b.identify(ctx)
		}
		switch {
		case errors.Is(err, ErrOtherCompany):
			return err
		case err == nil && !identified:
			identified = true
			close(b.identified)
		}
		if identified {
			open, err = b.poll(ctx, n%closedEvery == 0 || b.vitals.fails(state.ClosedList))
		}
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

func (b *Bot) notePoll(failure error) {
	err := b.update(func(t *chat.Turn) error {
		if err := conversation.Polled(t, failure); err != nil {
			return err
		}
		e, ok := errors.AsType[*plusofon.Error](failure)
		switch {
		case errors.Is(failure, plusofon.ErrLoginAsksMore):
			return access.Alarm(t, access.AlarmLogin)
		case ok && e.Kind == plusofon.Access:
			return access.Alarm(t, access.AlarmAccess)
		case failure != nil:
			return nil //nolint:nilerr // what has failed is noted
		}
		if err := errors.Join(access.AlarmOver(t, access.AlarmAccess), access.AlarmOver(t, access.AlarmLogin)); err != nil {
			return err
		}
		return b.leftOut.tell(t)
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
		return list.elements, err
	}
	if list.silent {
		if err := b.readStale(ctx); err != nil {
			return list.elements, err
		}
	}
	if closedToo {
		if _, err := b.pollList(ctx, false); err != nil {
			return list.elements, err
		}
	}
	return list.elements, nil
}

// pollList asks for a list and reads the tickets that have changed in it.
func (b *Bot) pollList(ctx context.Context, open bool) (compared, error) {
	list, err := b.compare(ctx, open)
	if err == nil {
		err = b.absorbChanged(ctx, list.changed)
	}
	if ctx.Err() == nil {
		b.vitals.listed(state.List(chat.Either(open, string(state.OpenList), string(state.ClosedList))), time.Now(), err)
	}
	return list, err
}

func (b *Bot) absorbChanged(ctx context.Context, changed []ticket.Changed) error {
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
	b.noteLeftOut(chat.TicketName(c.ID), read.LeftOut)
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
