package relay

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sendPlusofon makes a row's request and stores what came of it. What goes again
// leaves the rate limit to what goes for the first time.
func (r *Relay) sendPlusofon(ctx context.Context, row state.Row) {
	if goesAgain(row) {
		ctx = plusofon.Behind(ctx)
	}
	switch row.Kind {
	default:
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
			return tx.Finish(row.ID, state.Refused, now, "a kind that is not known")
		})
	case bot.KindFetch:
		r.fetch(ctx, row)
	case bot.KindOpen, bot.KindAnswer:
		r.submit(ctx, row)
	case bot.KindAttach:
		r.attach(ctx, row)
	}
}

// submit opens or answers. A row of unknown outcome is read back instead; so is
// one that is still marked as being sent, for its outcome could not be stored.
func (r *Relay) submit(ctx context.Context, row state.Row) {
	payload, err := bot.Decode[bot.SubmissionRow](row)
	if err != nil {
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return tx.Finish(row.ID, state.Refused, now, err.Error()) })
		return
	}
	if row.State != state.Queued {
		r.readBack(ctx, row, payload.Submission)
		return
	}
	if !r.acquaint(ctx, row, payload.Submission) {
		return
	}
	var sub state.Submission
	var wanted bool
	if !r.finish(ctx, row, func(tx *state.Tx, now time.Time) (err error) {
		if sub, wanted, err = r.Bot.Sending(tx, payload.Submission); err != nil || wanted {
			return errors.Join(err, tx.StartSending(row.ID))
		}
		return tx.Finish(row.ID, state.Cancelled, now, "decided otherwise")
	}) || !wanted {
		return
	}
	ticket, outcome := r.write(ctx, sub)
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
		checks := 0
		if outcome == nil {
			delivered, err := r.Bot.Delivered(tx, now, sub.ID, ticket)
			if err != nil {
				return err
			}
			if delivered {
				r.Log.Info("Plusofon has a submission", "submission", sub.ID, "kind", row.Kind, "ticket", ticket.ID, "trace", row.Trace)
				return tx.Finish(row.ID, state.Done, now, "")
			}
			checks = saidDone
		}
		if e, known := errors.AsType[*plusofon.Error](outcome); known {
			return r.noEffect(tx, now, row, sub.ID, e)
		}
		r.Log.Warn("Plusofon's answer does not tell what became of a request; reading back before anything is repeated",
			"kind", row.Kind, "submission", sub.ID, "trace", row.Trace, "error", outcome)
		return errors.Join(tx.OutcomeUnknown(row.ID, now.Add(r.ReadBackPause), checks, text(outcome)), r.Bot.Unknown(tx, now, sub.ID))
	})
}

// acquaint reads the ticket of an answer that was never read: only what is newer
// than what was known can be the answer's effect. It returns false where the
// request can't be made now.
func (r *Relay) acquaint(ctx context.Context, row state.Row, id state.SubmissionID) bool {
	var sub state.Submission
	known := false
	if !r.finish(ctx, row, func(tx *state.Tx, _ time.Time) (err error) {
		if sub, err = tx.Submission(id); err != nil || sub.Kind == state.Opening {
			known = true
			return err
		}
		ticket, err := tx.Ticket(sub.Ticket)
		known = err == nil && !ticket.Fetched.IsZero()
		if errors.Is(err, state.ErrNotFound) {
			err = nil
		}
		return err
	}) || known {
		return known
	}
	ticket, err := r.Plusofon.Ticket(ctx, plusofon.TicketID(sub.Ticket))
	stored := r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
		if err == nil {
			return r.Bot.Absorb(tx, now, ticket, bot.Changed{ID: sub.Ticket, Again: true})
		}
		e, ok := errors.AsType[*plusofon.Error](err)
		if !ok {
			return r.repeat(tx, now, row, 0, err)
		}
		return r.noEffect(tx, now, row, id, e)
	})
	return stored && err == nil
}

func (r *Relay) write(ctx context.Context, sub state.Submission) (plusofon.Ticket, error) {
	if sub.Kind == state.Opening {
		return r.Plusofon.Open(ctx, sub.Subject, sub.Text)
	}
	return r.Plusofon.Answer(ctx, plusofon.TicketID(sub.Ticket), sub.Text)
}

// noEffect settles a submission whose request certainly had no effect: it goes
// again later, or its person is told why it can't.
func (r *Relay) noEffect(tx *state.Tx, now time.Time, row state.Row, id state.SubmissionID, e *plusofon.Error) error {
	switch e.Kind {
	case plusofon.NotFound:
		return errors.Join(tx.Finish(row.ID, state.Refused, now, e.Error()), r.Bot.Failed(tx, now, id, "not_found", ""))
	case plusofon.Refused:
		r.Log.Warn("Plusofon refused a submission", "submission", id, "error", e)
		return errors.Join(tx.Finish(row.ID, state.Refused, now, e.Error()), r.Bot.Failed(tx, now, id, "refused", e.Message))
	case plusofon.Access:
		// The polls tell the owners where the key is the matter. Where they go
		// well, it is this ticket.
		r.Log.Error("Plusofon gives no access for a submission", "submission", id, "error", e)
		trouble, err := r.Bot.InTrouble(tx)
		if err != nil {
			return err
		}
		if !trouble && e.Status != http.StatusUnauthorized && (e.Status < 300 || e.Status >= 400) {
			return errors.Join(tx.Finish(row.ID, state.Refused, now, e.Error()), r.Bot.Failed(tx, now, id, "no_access", e.Message))
		}
	}
	if now.Sub(row.Created) > giveUpAfter {
		return errors.Join(tx.Finish(row.ID, state.Refused, now, e.Error()), r.Bot.Failed(tx, now, id, "gave_up", ""))
	}
	err := errors.Join(r.Bot.Requeued(tx, now, id), r.repeat(tx, now, row, e.RetryAfter, e))
	if err == nil && row.Attempts+1 >= attemptsUnnoticed {
		err = r.Bot.Waiting(tx, now, id)
	}
	return err
}

// attemptsUnnoticed is how many attempts are made before a person is told that
// Plusofon does not answer.
const attemptsUnnoticed = 3

// attach adds one file to a delivered post, streaming it from Telegram.
func (r *Relay) attach(ctx context.Context, row state.Row) {
	payload, err := bot.Decode[bot.SubmissionRow](row)
	if err != nil {
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return tx.Finish(row.ID, state.Refused, now, err.Error()) })
		return
	}
	var sub state.Submission
	var files []state.File
	if !r.finish(ctx, row, func(tx *state.Tx, _ time.Time) (err error) {
		if sub, err = tx.Submission(payload.Submission); err != nil {
			return err
		}
		files, err = tx.Files(sub.ID)
		return err
	}) {
		return
	}
	file := files[payload.File]
	if row.State != state.Queued {
		r.readBackFile(ctx, row, sub, files, file)
		return
	}
	body, size, err := r.Telegram.OpenFile(ctx, file.FileID, r.MaxFileSize)
	if err != nil {
		if ctx.Err() == nil {
			r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return r.fileUnavailable(tx, now, row, file, err) })
		}
		return
	}
	if size < 0 {
		size = file.Size
	}
	if size <= 0 {
		_ = body.Close() // only read
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
			return errors.Join(tx.Finish(row.ID, state.Refused, now, "its size is not known"), r.Bot.AttachFailed(tx, now, sub.ID, file.N, "file_gone"))
		})
		return
	}
	opened := &reopened{first: body, again: func(ctx context.Context) (io.ReadCloser, error) {
		body, _, err := r.Telegram.OpenFile(ctx, file.FileID, r.MaxFileSize)
		return body, err
	}}
	defer opened.Close()
	if !r.finish(ctx, row, func(tx *state.Tx, _ time.Time) error { return tx.StartSending(row.ID) }) {
		return
	}
	err = r.Plusofon.Attach(ctx, plusofon.TicketID(sub.Ticket), plusofon.PostID(sub.Post), plusofon.File{Name: file.Name, Size: size, Open: opened.Open})
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return r.settleFile(tx, now, row, file, err) })
}

// fileUnavailable settles a file that Telegram does not give.
func (r *Relay) fileUnavailable(tx *state.Tx, now time.Time, row state.Row, file state.File, cause error) error {
	var reason string
	switch e, ok := errors.AsType[*telegram.Error](cause); {
	case telegram.IsTooBig(cause):
		reason = "file_too_big"
	case ok && e.Outcome == telegram.Refused:
		reason = "file_gone"
	case now.Sub(row.Created) > giveUpAfter:
		reason = "file_gave_up"
	default:
		return r.repeat(tx, now, row, 0, cause)
	}
	r.Log.Warn("a file can't be fetched from Telegram", "submission", file.Submission, "error", cause)
	return errors.Join(tx.Finish(row.ID, state.Refused, now, cause.Error()), r.Bot.AttachFailed(tx, now, file.Submission, file.N, reason))
}

// settleFile stores what came of an attachment's request.
func (r *Relay) settleFile(tx *state.Tx, now time.Time, row state.Row, file state.File, err error) error {
	if err == nil {
		return errors.Join(tx.Finish(row.ID, state.Done, now, ""), r.Bot.Attached(tx, now, file.Submission, file.N))
	}
	fail := func(reason string) error {
		r.Log.Warn("a file was not attached", "submission", file.Submission, "error", err)
		return errors.Join(tx.Finish(row.ID, state.Refused, now, err.Error()), r.Bot.AttachFailed(tx, now, file.Submission, file.N, reason))
	}
	e, known := errors.AsType[*plusofon.Error](err)
	_, source := errors.AsType[*plusofon.SourceError](err)
	switch {
	case known && (e.Kind == plusofon.Refused || e.Kind == plusofon.NotFound):
		return fail("file_refused")
	case (known || source) && now.Sub(row.Created) > giveUpAfter:
		return fail("file_gave_up")
	case known:
		return r.repeat(tx, now, row, e.RetryAfter, err)
	case source:
		return r.repeat(tx, now, row, 0, err)
	}
	r.Log.Warn("Plusofon's answer to a file is missing; reading back before it is repeated", "submission", file.Submission, "error", err)
	return tx.OutcomeUnknown(row.ID, now.Add(r.ReadBackPause), 0, text(err))
}

// reopened gives out a stream that is open already, and a new one each time
// after that.
type reopened struct {
	first io.ReadCloser
	again func(context.Context) (io.ReadCloser, error)
}

func (o *reopened) Open(ctx context.Context) (io.ReadCloser, error) {
	if body := o.first; body != nil {
		o.first = nil
		return body, nil
	}
	return o.again(ctx)
}

// Close closes the stream that nobody has taken.
func (o *reopened) Close() {
	if o.first != nil {
		_ = o.first.Close() // only read
	}
}

// fetch reads a ticket for a person who waits. It is tried once.
func (r *Relay) fetch(ctx context.Context, row state.Row) {
	f, err := bot.Decode[bot.FetchRow](row)
	if err != nil {
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return tx.Finish(row.ID, state.Refused, now, err.Error()) })
		return
	}
	limited, cancel := context.WithTimeout(ctx, fetchPatience)
	defer cancel()
	ticket, err := r.Plusofon.Ticket(limited, plusofon.TicketID(f.Ticket))
	if err != nil && ctx.Err() != nil {
		return
	}
	if err != nil {
		r.Log.Info("a ticket could not be read", "ticket", f.Ticket, "error", err)
	}
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error {
		return errors.Join(tx.Finish(row.ID, state.Done, now, text(err)), r.Bot.Fetched(tx, now, f, ticket, err))
	})
}

// fetchPatience is how long a person waits for a ticket before the store's copy
// is shown.
const fetchPatience = 10 * time.Second

// repeat queues a row again after a pause that grows. Who gives up, and when, is
// decided before; words for a chat are never given up.
func (r *Relay) repeat(tx *state.Tx, now time.Time, row state.Row, atLeast time.Duration, cause error) error {
	wait := max(r.pause(row.Attempts), atLeast)
	r.Log.Warn("a request failed and will be repeated", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "in", wait.Round(time.Millisecond), "error", cause)
	return tx.Retry(row.ID, now.Add(wait), text(cause))
}

// finish stores what came of a row. Where that fails (the disk is full) it is
// tried again for as long as it takes: the lane waits meanwhile, for what is sent
// without being noted would be sent again. It returns false where the row was
// decided about otherwise, or ctx has ended.
func (r *Relay) finish(ctx context.Context, row state.Row, f func(*state.Tx, time.Time) error) bool {
	for n := 0; ; n++ {
		err := r.Store.Update(func(tx *state.Tx) error {
			tx.SetTrace(row.Trace)
			return f(tx, time.Now())
		})
		if err == nil {
			return true
		}
		if errors.Is(err, state.ErrOver) {
			r.Log.Info("a row was decided about otherwise", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", err)
			return false
		}
		r.Log.Error("the outcome of a request could not be stored", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", err, "attempt", n+1)
		if !sleep(ctx, r.pause(n)) {
			return false
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
