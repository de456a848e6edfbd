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
	// readBacks is how many read-backs must find nothing before a request is repeated.
	readBacks = 2
	// repeats is how often a request is repeated whose outcome is unknown each time, and not found
	// each time.
	repeats = 5
	// candidates is how many new tickets with the same subject are read.
	candidates = 10
)

// readBack looks at Plusofon for the effect of a submission that was not answered. If found, it is
// recorded; after two read-backs without a trace the request is repeated, or its author decides.
func (b *Bot) readBack(ctx context.Context, row state.Row, payload chat.SubmissionRow) {
	id := payload.Submission
	var sub state.Submission
	if !b.finish(ctx, row, func(t *chat.Turn) (err error) {
		sub, err = t.Tx.Submission(id)
		return err
	}) {
		return
	}
	var tickets []ticket.Read
	var partly bool // what was not read may be it
	var err error
	if at := max(sub.Ticket, payload.Opened); at != 0 {
		var read ticket.Read
		read, err = b.readTicket(ctx, b.Plusofon, at)
		tickets, partly = []ticket.Read{read}, read.LeftOut > 0
	} else {
		tickets, partly, err = b.openedSince(ctx, sub)
	}
	if sub.Kind == state.Answer && b.endsWithTicket(ctx, row, sub.Ticket, err, func(t *chat.Turn) error {
		// It may have arrived before the ticket was merged into another one, which has it now.
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()), submission.Doubtful(t, id))
	}) {
		return
	}
	if err != nil {
		b.readBackFailed(ctx, row, err, func(t *chat.Turn) error { return submission.Doubtful(t, id) })
		return
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		trace, err := ticket.ReadBack(t, id, tickets, row.Succeeded)
		if err != nil {
			return err
		}
		looked := ticket.KindPost
		if sub.Kind == state.Opening {
			looked = ticket.KindTicket
		}
		shows, err := ticket.Shows(t, looked)
		if err != nil {
			return err
		}
		switch {
		case trace == ticket.Found:
			b.Log.Info("a request of unknown outcome had arrived", "submission", id)
			return t.Tx.Finish(row.ID, state.Done, t.Now, "")
		case trace == ticket.Ambiguous, partly && row.Checks+1 >= readBacks:
			b.Log.Warn("what became of a request can't be told; its author decides", "submission", id)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "ambiguous"), submission.Doubtful(t, id))
		case row.Checks+1 < readBacks:
			return errors.Join(t.Tx.OutcomeUnknown(row.ID, t.Now.Add(b.ReadBackPause), row.Checks+1, "no trace yet"), submission.Unknown(t, id))
		case row.Succeeded:
			b.Log.Warn("a request was answered with success, but its effect can't be found; its author decides", "submission", id)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "not found after success"), submission.Doubtful(t, id))
		case !shows:
			b.Log.Warn("reads have never shown what is looked for, so they prove nothing; the author decides", "submission", id)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "never shown"), submission.Doubtful(t, id))
		case row.Unknowns > repeats || b.givesUp(row, t.Now):
			b.Log.Error("Plusofon fails on a submission each time", "submission", id, "times", row.Unknowns)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "fails each time"), submission.Failed(t, id, state.ReasonFails))
		}
		b.Log.Info("a request of unknown outcome had not arrived; repeating it", "submission", id)
		return errors.Join(t.Tx.Retry(row.ID, t.Now.Add(b.pause(row.Attempts-1)), "no trace"), submission.Requeued(t, id))
	})
}

// openedSince reads the tickets that an opening may have created: the newest with its subject among
// those not known when it was sent. partly means that some that may be it were not read.
func (b *Bot) openedSince(ctx context.Context, sub state.Submission) (tickets []ticket.Read, partly bool, err error) {
	var like []plusofon.TicketID
	elements := 0
	for _, open := range []bool{true, false} { // the staff may have closed it meanwhile
		for e, err := range b.Plusofon.Tickets(ctx, open) {
			if _, leftOut := errors.AsType[*plusofon.LeftOutError](err); leftOut {
				partly = true
				continue
			}
			if err != nil {
				return nil, false, err
			}
			elements++
			isNew := open || int64(e.ID) > sub.After // there are too many closed ones to look them all up
			if isNew && (e.Subject == "" || plusofon.SameSubject(sub.Subject, e.Subject)) {
				like = append(like, e.ID)
			}
		}
	}
	err = b.update(func(t *chat.Turn) error {
		if elements == 0 {
			return nil
		}
		known, err := t.Tx.SeenAmong(ticketIDs(like))
		like = slices.DeleteFunc(like, func(id plusofon.TicketID) bool {
			_, seen := known[state.TicketID(id)]
			return seen && int64(id) <= sub.After
		})
		return errors.Join(err, ticket.Shown(t, ticket.KindTicket))
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(like, func(a, b plusofon.TicketID) int { return cmp.Compare(b, a) })
	partly = partly || len(like) > candidates // one of the others may be it
	var denied error
	for _, id := range like[:min(len(like), candidates)] {
		read, err := b.readTicket(ctx, b.Plusofon, state.TicketID(id))
		if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.Access {
			denied = err // hardly ours, but it may be the one
			continue
		}
		if err != nil {
			return nil, false, err // not-found too: it is listed, and may be the one
		}
		if partly = partly || read.LeftOut > 0; plusofon.SameSubject(sub.Subject, read.Subject) {
			tickets = append(tickets, read)
		}
	}
	if len(tickets) == 0 && denied != nil {
		return nil, false, denied
	}
	return tickets, partly || denied != nil, nil
}

func ticketIDs(list []plusofon.TicketID) []state.TicketID {
	ids := make([]state.TicketID, len(list))
	for i, id := range list {
		ids[i] = state.TicketID(id)
	}
	return ids
}

// readBackFile looks for a file of unknown outcome among its post's attachments. It counts them,
// since a server may rename them. If reads have never shown an attachment of ours, a missing one
// proves nothing.
func (b *Bot) readBackFile(ctx context.Context, row state.Row, sub state.Submission, files []state.File, file state.File) {
	doubtful := func(t *chat.Turn) error { return submission.AttachDoubtful(t, sub.ID, file.N) }
	read, err := b.Plusofon.Ticket(ctx, plusofon.TicketID(sub.Ticket))
	if b.endsWithTicket(ctx, row, sub.Ticket, err, func(t *chat.Turn) error {
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()), doubtful(t))
	}) {
		return
	}
	if err != nil {
		b.readBackFailed(ctx, row, err, doubtful)
		return
	}
	there := 0
	for _, p := range read.Posts {
		if state.PostID(p.ID) != sub.Post {
			continue
		}
		there = len(p.Attachments)
	}
	shown, doubted := there > 0, 0
	for _, f := range files {
		switch f.State {
		case state.FileDelivered:
			there--
		case state.FileDoubtful:
			doubted++
		}
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		if shown {
			if err := ticket.Shown(t, ticket.KindFile); err != nil {
				return err
			}
		}
		shows, err := ticket.Shows(t, ticket.KindFile)
		if err != nil {
			return err
		}
		switch {
		case there > doubted:
			return b.settleFile(t, row, file, nil)
		case row.Checks+1 < readBacks:
			return t.Tx.OutcomeUnknown(row.ID, t.Now.Add(b.ReadBackPause), row.Checks+1, "no trace yet")
		case read.LeftOut > 0, there > 0: // it may be the file
			b.Log.Warn("what became of a request can't be told; its author decides", "submission", sub.ID, "file", file.N)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "ambiguous"), doubtful(t))
		case !shows:
			b.Log.Warn("reads have never shown a file of ours, so they prove nothing; the author decides", "submission", sub.ID)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "never shown"), doubtful(t))
		case row.Unknowns > repeats || b.givesUp(row, t.Now):
			b.Log.Error("Plusofon fails on a file each time", "submission", sub.ID, "times", row.Unknowns)
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "fails each time"), submission.AttachFailed(t, sub.ID, file.N, state.FileReasonFails))
		}
		return t.Tx.Retry(row.ID, t.Now.Add(b.pause(row.Attempts-1)), "no trace")
	})
}

// endsWithTicket settles what was looked for in a ticket that is gone, and reports whether nothing
// is left to do. A single not-found proves nothing: existing tickets may give one temporarily.
func (b *Bot) endsWithTicket(ctx context.Context, row state.Row, id state.TicketID, cause error, settle func(*chat.Turn) error) bool {
	if e, ok := errors.AsType[*plusofon.Error](cause); !ok || e.Kind != plusofon.NotFound {
		return false
	}
	gone := false
	stored := b.finish(ctx, row, func(t *chat.Turn) error {
		if err := ticket.NotFound(t, id, b.nextRead(), false); err != nil {
			return err
		}
		of, err := t.Tx.Ticket(id)
		if gone = ticket.IsGone(of); err != nil || !gone {
			return err
		}
		return settle(t)
	})
	return gone || !stored
}

// readBackFailed postpones a read-back, or after a day gives up.
func (b *Bot) readBackFailed(ctx context.Context, row state.Row, cause error, giveUp func(*chat.Turn) error) {
	if ctx.Err() != nil {
		return
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		age := t.Now.Sub(row.Created)
		if b.givesUp(row, t.Now) {
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), giveUp(t))
		}
		b.Log.Log(ctx, b.complaints.level(row.ID), "reading back failed and will be repeated", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", cause)
		return t.Tx.OutcomeUnknown(row.ID, t.Now.Add(min(b.ReadBackPause+age/4, longestPause)), row.Checks, cause.Error())
	})
}
