package relay

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	// readBacks is how many read-backs must find nothing before a request is
	// repeated.
	readBacks = 2
	// repeats is how often a request is repeated whose outcome is each time
	// unknown and each time nothing.
	repeats = 5
	// saidDone marks, as the count of read-backs, a request that Plusofon has
	// answered with success: it is looked for and never repeated.
	saidDone = -readBacks
	// candidates is how many new tickets of the same subject are looked into.
	candidates = 10
)

// readBack looks at Plusofon for the effect of a submission whose answer never
// came: it is taken over, or after two read-backs without a trace repeated, or
// put to the person.
func (r *Relay) readBack(ctx context.Context, row state.Row, id state.SubmissionID) {
	var sub state.Submission
	if !r.finish(ctx, row, func(tx *state.Tx, _ time.Time) (err error) {
		sub, err = tx.Submission(id)
		return err
	}) {
		return
	}
	var tickets []plusofon.Ticket
	var err error
	if sub.Kind == state.Opening {
		tickets, err = r.openedSince(ctx, sub)
	} else {
		var ticket plusofon.Ticket
		ticket, err = r.Plusofon.Ticket(ctx, plusofon.TicketID(sub.Ticket))
		tickets = []plusofon.Ticket{ticket}
	}
	if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.NotFound && sub.Kind == state.Answer {
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return r.noEffect(tx, now, row, id, e) })
		return
	}
	if err != nil {
		r.readBackFailed(ctx, row, err, func(tx *state.Tx, now time.Time) error { return r.Bot.Doubtful(tx, now, id) })
		return
	}
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
		trace, err := r.Bot.ReadBack(tx, now, id, tickets, row.Checks < 0)
		if err != nil {
			return err
		}
		switch {
		case trace == bot.Found:
			r.Log.Info("a request of unknown outcome had arrived", "submission", id)
			return tx.Finish(row.ID, state.Done, now, "")
		case trace == bot.Ambiguous:
			r.Log.Warn("what became of a request can't be told; its author decides", "submission", id)
			return errors.Join(tx.Finish(row.ID, state.Refused, now, "ambiguous"), r.Bot.Doubtful(tx, now, id))
		case row.Checks == -1:
			r.Log.Warn("a request was answered with success, but its effect can't be found; its author decides", "submission", id)
			return errors.Join(tx.Finish(row.ID, state.Refused, now, "not found after success"), r.Bot.Doubtful(tx, now, id))
		case row.Checks+1 < readBacks:
			return errors.Join(tx.OutcomeUnknown(row.ID, now.Add(r.ReadBackPause), row.Checks+1, "no trace yet"), r.Bot.Unknown(tx, now, id))
		case row.Unknowns > repeats || now.Sub(row.Created) > giveUpAfter:
			r.Log.Error("Plusofon fails on a submission each time", "submission", id, "times", row.Unknowns)
			return errors.Join(tx.Finish(row.ID, state.Refused, now, "fails each time"), r.Bot.Failed(tx, now, id, "fails", ""))
		}
		r.Log.Info("a request of unknown outcome had not arrived; repeating it", "submission", id)
		return errors.Join(tx.Retry(row.ID, now.Add(r.pause(row.Attempts-1)), "no trace"), r.Bot.Requeued(tx, now, id))
	})
}

// openedSince reads the tickets that an opening may have created.
func (r *Relay) openedSince(ctx context.Context, sub state.Submission) ([]plusofon.Ticket, error) {
	list, err := r.Plusofon.Tickets(ctx, true)
	if err != nil {
		return nil, err
	}
	// The newest first: they are the likeliest.
	slices.SortFunc(list, func(a, b plusofon.ListedTicket) int { return cmp.Compare(b.ID, a.ID) })
	var tickets []plusofon.Ticket
	for _, e := range list {
		if int64(e.ID) <= sub.After || e.Subject != "" && !plusofon.SameSubject(sub.Subject, e.Subject) || len(tickets) == candidates {
			continue
		}
		ticket, err := r.Plusofon.Ticket(ctx, e.ID)
		if e, ok := errors.AsType[*plusofon.Error](err); ok && (e.Kind == plusofon.NotFound || e.Kind == plusofon.Access) {
			continue // not this account's, so not this program's
		}
		if err != nil {
			return nil, err
		}
		if plusofon.SameSubject(sub.Subject, ticket.Subject) {
			tickets = append(tickets, ticket)
		}
	}
	return tickets, nil
}

// readBackFile looks whether a file of unknown outcome is among its post's
// attachments. They are counted: a server may show them by other names.
func (r *Relay) readBackFile(ctx context.Context, row state.Row, sub state.Submission, files []state.File, file state.File) {
	ticket, err := r.Plusofon.Ticket(ctx, plusofon.TicketID(sub.Ticket))
	if err != nil {
		r.readBackFailed(ctx, row, err, func(tx *state.Tx, now time.Time) error {
			return r.Bot.AttachFailed(tx, now, sub.ID, file.N, "file_doubtful")
		})
		return
	}
	there := 0
	for _, p := range ticket.Posts {
		if state.PostID(p.ID) != sub.Post {
			continue
		}
		there = len(p.Attachments)
	}
	for _, f := range files {
		if f.State == state.FileDelivered {
			there--
		}
	}
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
		switch {
		case there > 0:
			return r.settleFile(tx, now, row, file, nil)
		case row.Checks+1 < readBacks:
			return tx.OutcomeUnknown(row.ID, now.Add(r.ReadBackPause), row.Checks+1, "no trace yet")
		case row.Unknowns > repeats || now.Sub(row.Created) > giveUpAfter:
			r.Log.Error("Plusofon fails on a file each time", "submission", sub.ID, "times", row.Unknowns)
			return errors.Join(tx.Finish(row.ID, state.Refused, now, "fails each time"), r.Bot.AttachFailed(tx, now, sub.ID, file.N, "file_refused"))
		}
		return tx.Retry(row.ID, now.Add(r.pause(row.Attempts-1)), "no trace")
	})
}

// readBackFailed puts a read-back off, or after a day gives it up.
func (r *Relay) readBackFailed(ctx context.Context, row state.Row, cause error, giveUp func(*state.Tx, time.Time) error) {
	if ctx.Err() != nil {
		return
	}
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
		age := now.Sub(row.Created)
		if age > giveUpAfter {
			return errors.Join(tx.Finish(row.ID, state.Refused, now, cause.Error()), giveUp(tx, now))
		}
		r.Log.Warn("reading back failed and will be repeated", "row", row.ID, "trace", row.Trace, "error", cause)
		return tx.OutcomeUnknown(row.ID, now.Add(min(r.ReadBackPause+age/4, longestPause)), row.Checks, cause.Error())
	})
}
