package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/ticket"
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
func (b *Bot) readBack(ctx context.Context, row state.Row, id state.SubmissionID) {
	var sub state.Submission
	if !b.finish(ctx, row, func(t *chat.Turn) (err error) {
		sub, err = t.Tx.Submission(id)
		return err
	}) {
		return
	}
	var tickets []plusofon.Ticket
	var err error
	if sub.Kind == state.Opening {
		tickets, err = b.openedSince(ctx, sub)
	} else {
		var ticket plusofon.Ticket
		ticket, err = b.Plusofon.Ticket(ctx, plusofon.TicketID(sub.Ticket))
		tickets = []plusofon.Ticket{ticket}
	}
	if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.NotFound && sub.Kind == state.Answer {
		b.finish(ctx, row, func(t *chat.Turn) error { return b.noEffect(t, row, id, e) })
		return
	}
	if err != nil {
		b.readBackFailed(ctx, row, err, func(t *chat.Turn) error { return submission.Doubtful(t, id) })
		return
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		trace, err := ticket.ReadBack(t, id, tickets, row.Checks < 0)
		if err != nil {
			return err
		}
		switch {
		case trace == ticket.Found:
			b.Log.Info("a request of unknown outcome had arrived", "submission", id)
			return t.Tx.Finish(row.ID, state.Done, t.Now, "")
		case trace == ticket.Ambiguous:
			b.Log.Warn("what became of a request can't be told; its author decides", "submission", id)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "ambiguous"), submission.Doubtful(t, id))
		case row.Checks == -1:
			b.Log.Warn("a request was answered with success, but its effect can't be found; its author decides", "submission", id)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "not found after success"), submission.Doubtful(t, id))
		case row.Checks+1 < readBacks:
			return errors.Join(t.Tx.OutcomeUnknown(row.ID, t.Now.Add(b.ReadBackPause), row.Checks+1, "no trace yet"), submission.Unknown(t, id))
		case row.Unknowns > repeats || t.Now.Sub(row.Created) > giveUpAfter:
			b.Log.Error("Plusofon fails on a submission each time", "submission", id, "times", row.Unknowns)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "fails each time"), submission.Failed(t, id, "fails", ""))
		}
		b.Log.Info("a request of unknown outcome had not arrived; repeating it", "submission", id)
		return errors.Join(t.Tx.Retry(row.ID, t.Now.Add(b.pause(row.Attempts-1)), "no trace"), submission.Requeued(t, id))
	})
}

// openedSince reads the tickets that an opening may have created.
func (b *Bot) openedSince(ctx context.Context, sub state.Submission) ([]plusofon.Ticket, error) {
	list, err := b.Plusofon.Tickets(ctx, true)
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
		ticket, err := b.Plusofon.Ticket(ctx, e.ID)
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
func (b *Bot) readBackFile(ctx context.Context, row state.Row, sub state.Submission, files []state.File, file state.File) {
	ticket, err := b.Plusofon.Ticket(ctx, plusofon.TicketID(sub.Ticket))
	if err != nil {
		b.readBackFailed(ctx, row, err, func(t *chat.Turn) error {
			return submission.AttachFailed(t, sub.ID, file.N, "file_doubtful")
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
	b.finish(ctx, row, func(t *chat.Turn) error {
		switch {
		case there > 0:
			return b.settleFile(t, row, file, nil)
		case row.Checks+1 < readBacks:
			return t.Tx.OutcomeUnknown(row.ID, t.Now.Add(b.ReadBackPause), row.Checks+1, "no trace yet")
		case row.Unknowns > repeats || t.Now.Sub(row.Created) > giveUpAfter:
			b.Log.Error("Plusofon fails on a file each time", "submission", sub.ID, "times", row.Unknowns)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "fails each time"), submission.AttachFailed(t, sub.ID, file.N, "file_refused"))
		}
		return t.Tx.Retry(row.ID, t.Now.Add(b.pause(row.Attempts-1)), "no trace")
	})
}

// readBackFailed puts a read-back off, or after a day gives it up.
func (b *Bot) readBackFailed(ctx context.Context, row state.Row, cause error, giveUp func(*chat.Turn) error) {
	if ctx.Err() != nil {
		return
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		age := t.Now.Sub(row.Created)
		if age > giveUpAfter {
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), giveUp(t))
		}
		b.Log.Log(ctx, b.complaints.level(row.ID), "reading back failed and will be repeated", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", cause)
		return t.Tx.OutcomeUnknown(row.ID, t.Now.Add(min(b.ReadBackPause+age/4, longestPause)), row.Checks, cause.Error())
	})
}
