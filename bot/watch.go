package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	// closedEvery is the number of polls between two of the closed tickets.
	closedEvery = 20
	// staleAtOnce is how many tickets a poll reads in rotation if the list has no sign of activity.
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
			if account, err = b.identify(ctx); err != nil && !identified && ctx.Err() == nil {
				b.vitals.listed(state.OpenList, time.Now(), err) // it could not even be requested
			}
		}
		switch {
		case errors.Is(err, ErrOtherCompany):
			return err
		case err == nil && !identified:
			identified = true
			close(b.identified)
			if n > 0 {
				b.retryNow()
			}
		}
		if n == 0 {
			close(b.asked)
		}
		if identified {
			open, err = b.poll(ctx, n%closedEvery == 0 || b.vitals.fails(state.ClosedList))
		}
		if ctx.Err() != nil {
			break // any error is due to ctx
		}
		b.Observer.Polled(state.Plusofon, time.Since(begun), err == nil)
		switch {
		case err != nil && silent:
			b.Log.Debug("Plusofon still can't be polled", "error", err)
		case err != nil:
			b.Log.Warn("Plusofon could not be polled; retrying", "error", err, "every", b.PollInterval.String())
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

// polled is the result of the first complete poll.
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

// poll reads the list of open tickets, now and then that of closed ones, and the tickets
// that have changed. It returns how many are open.
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
		closed, err := b.pollList(ctx, false)
		if err != nil {
			return list.elements, err
		}
		if closed.silent {
			if err := b.readLatelyClosed(ctx); err != nil {
				return list.elements, err
			}
		}
		if !list.partly && !closed.partly {
			if err := b.tellOfVanished(list.number); err != nil {
				return list.elements, err
			}
		}
	}
	return list.elements, nil
}

// tellOfVanished reports tickets that are gone, after both lists were read completely; lists
// is the number of the first of these reads.
func (b *Bot) tellOfVanished(lists state.ReadNumber) error {
	for all := false; !all; {
		err := b.update(func(t *chat.Turn) (err error) {
			all, err = ticket.Vanished(t, lists)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pollList reads a list and the tickets that have changed in it.
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
	// A ticket that can't be read keeps its old fingerprint, so that the next poll tries
	// again. It does not delay others.
	for _, c := range changed {
		if err := b.readOne(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// readOne reads a ticket. It returns an error only if other reads would fail as well.
func (b *Bot) readOne(ctx context.Context, c ticket.Changed) error {
	err := b.read(ctx, c)
	if err == nil {
		delete(b.rests, c.ID)
		return nil
	}
	e, ok := errors.AsType[*plusofon.Error](err)
	if ctx.Err() != nil || !ok || e.Kind == plusofon.RateLimited || e.Kind == plusofon.NotSent {
		return err
	}
	level := slog.LevelWarn
	if b.rests[c.ID] > 0 {
		level = slog.LevelDebug // it failed a poll ago, too
	}
	b.rests[c.ID] = closedEvery
	b.Log.Log(ctx, level, "a ticket can't be read; the next poll tries again", "ticket", c.ID, "listed", c.Element != nil, "error", err)
	return nil
}

// nextRead numbers a read that begins, or the answer to a write that has arrived.
func (b *Bot) nextRead() state.ReadNumber { return state.ReadNumber(b.reads.Add(1)) }

// readTicket reads a ticket, numbered as of now.
func (b *Bot) readTicket(ctx context.Context, from Plusofon, id state.TicketID) (ticket.Read, error) {
	number := b.nextRead()
	read, err := from.Ticket(ctx, plusofon.TicketID(id))
	return ticket.Read{Ticket: read, Number: number}, err
}

// isNotFound reports whether Plusofon says that there is no such ticket.
func isNotFound(err error) bool {
	e, ok := errors.AsType[*plusofon.Error](err)
	return ok && e.Kind == plusofon.NotFound
}

// read reads a ticket and stores it.
func (b *Bot) read(ctx context.Context, c ticket.Changed) error {
	read, err := b.readTicket(ctx, b.Background, c.ID)
	if err != nil {
		if isNotFound(err) {
			b.noteLeftOut(chat.TicketName(c.ID), 0) // what doesn't exist has nothing unread
			err = errors.Join(err, b.update(func(t *chat.Turn) error { return ticket.NotFound(t, c.ID, read.Number, c.Element != nil) }))
		}
		return err
	}
	// A poll of many tickets takes a while; each of them is a sign of life.
	b.vitals.polled(state.Plusofon, time.Now())
	b.noteLeftOut(chat.TicketName(c.ID), read.LeftOut)
	for all := false; !all && err == nil; {
		err = b.update(func(t *chat.Turn) (err error) {
			t.Tx.SetTrace(fmt.Sprintf("ticket-%d", c.ID))
			all, err = ticket.Absorb(t, read, c)
			return err
		})
	}
	if err == nil {
		b.Observer.News()
	}
	return err
}

// readLatelyClosed reads closed tickets whose changes the list does not show.
func (b *Bot) readLatelyClosed(ctx context.Context) error {
	var ids []state.TicketID
	err := b.update(func(t *chat.Turn) (err error) {
		ids, err = ticket.LatelyClosed(t)
		return err
	})
	for _, id := range ids {
		if err == nil {
			err = b.readOne(ctx, ticket.Changed{ID: id, Again: true})
		}
	}
	return err
}

// readStale reads, in rotation, tickets whose changes the list does not show: those with
// followers and, if some chat follows all tickets, the others; otherwise those never read,
// whose subject is not even known.
func (b *Bot) readStale(ctx context.Context) error {
	for id := range b.rests {
		if b.rests[id]--; b.rests[id] <= 0 {
			delete(b.rests, id)
		}
	}
	var bound, others []state.TicketID
	err := b.update(func(t *chat.Turn) (err error) {
		bound, others, err = ticket.Stale(t, staleAtOnce+len(b.rests))
		return err
	})
	if err != nil {
		return err
	}
	rests := func(id state.TicketID) bool { return b.rests[id] > 0 }
	bound, others = slices.DeleteFunc(bound, rests), slices.DeleteFunc(others, rests)
	for _, id := range slices.Concat(bound[:min(staleAtOnce, len(bound))], others[:min(staleAtOnce, len(others))]) {
		if err := b.readOne(ctx, ticket.Changed{ID: id, Again: true}); err != nil {
			return err
		}
	}
	return nil
}
