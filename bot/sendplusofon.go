package bot

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sendPlusofon makes a row's request and stores its outcome. Retries leave the rate limit to first
// attempts.
func (b *Bot) sendPlusofon(ctx context.Context, row state.Row) {
	if goesAgain(row) {
		ctx = plusofon.LowPriority(ctx)
	}
	switch row.Kind {
	default:
		b.finish(ctx, row, func(t *chat.Turn) error {
			return t.Tx.Finish(row.ID, state.Refused, t.Now, "a kind that is not known")
		})
	case chat.KindFetch:
		b.fetch(ctx, row)
	case chat.KindOpen, chat.KindAnswer:
		b.submit(ctx, row)
	case chat.KindAttach:
		b.attach(ctx, row)
	}
}

// submit opens or answers. A row of unknown outcome is read back instead; so is one still marked as
// being sent because its outcome could not be stored.
func (b *Bot) submit(ctx context.Context, row state.Row) {
	payload, err := chat.Decode[chat.SubmissionRow](row)
	if err != nil {
		b.finish(ctx, row, func(t *chat.Turn) error { return t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()) })
		return
	}
	if row.State != state.Queued {
		b.readBack(ctx, row, payload)
		return
	}
	sub, begun := b.begin(ctx, row, payload.Submission)
	if !begun {
		return
	}
	written, outcome := b.write(ctx, sub)
	answered := ticket.Read{Ticket: written, Number: b.nextRead()}
	if outcome == nil && sub.Kind == state.Opening && len(answered.Posts) == 0 {
		// The answer names the ticket and nothing else.
		payload.Opened = state.TicketID(answered.ID)
		if read, err := b.readTicket(ctx, b.Plusofon, payload.Opened); err == nil {
			answered = read
		}
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		due := t.Now.Add(b.ReadBackPause)
		if outcome == nil {
			delivered, err := ticket.Delivered(t, sub.ID, answered)
			if err != nil {
				return err
			}
			if delivered {
				b.Log.Info("Plusofon has a submission", "submission", sub.ID, "kind", row.Kind, "ticket", answered.ID, "trace", row.Trace)
				// It takes submissions: retry those that were parked while polls succeeded.
				_, err1 := t.Tx.ReviveSide(state.Plusofon, chat.KindOpen, t.Now)
				_, err2 := t.Tx.ReviveSide(state.Plusofon, chat.KindAnswer, t.Now)
				return errors.Join(t.Tx.Finish(row.ID, state.Done, t.Now, ""), err1, err2)
			}
			if err := learn(t, row, payload); err != nil {
				return err
			}
			b.Log.Warn("Plusofon has answered a request with success, but does not show its effect; looking for it",
				"kind", row.Kind, "submission", sub.ID, "trace", row.Trace)
			return errors.Join(t.Tx.EffectUnseen(row.ID, due), submission.Unknown(t, sub.ID))
		}
		if e, known := errors.AsType[*plusofon.Error](outcome); known {
			return b.noEffect(t, row, sub.ID, e)
		}
		b.Log.Warn("Plusofon's answer does not tell what became of a request; reading back before anything is repeated",
			"kind", row.Kind, "submission", sub.ID, "trace", row.Trace, "error", outcome)
		return errors.Join(t.Tx.OutcomeUnknown(row.ID, due, 0, text(outcome)), submission.Unknown(t, sub.ID))
	})
}

// begin commits that a submission is being sent. It returns false if it is not: it was decided
// otherwise meanwhile, or the request can't be made now.
func (b *Bot) begin(ctx context.Context, row state.Row, id state.SubmissionID) (sub state.Submission, begun bool) {
	// Without a baseline a read-back could not tell the answer from older posts.
	var unread state.TicketID
	if !b.finish(ctx, row, func(t *chat.Turn) (err error) {
		if unread, err = t.Tx.UnreadTicket(id); err != nil || unread != 0 {
			return err
		}
		sub, begun, err = sending(t, row, id)
		return err
	}) {
		return sub, false
	}
	if unread == 0 {
		return sub, begun
	}
	if !b.ensureBaseline(ctx, row, id, unread) {
		return sub, false
	}
	stored := b.finish(ctx, row, func(t *chat.Turn) (err error) {
		sub, begun, err = sending(t, row, id)
		return err
	})
	return sub, stored && begun
}

// sending marks a row and its submission as being sent; false if the submission was decided
// otherwise meanwhile.
func sending(t *chat.Turn, row state.Row, id state.SubmissionID) (state.Submission, bool, error) {
	sub, wanted, err := submission.Sending(t, id)
	if err != nil {
		return sub, false, err
	}
	if !wanted {
		return sub, false, t.Tx.Finish(row.ID, state.Cancelled, t.Now, "decided otherwise")
	}
	return sub, true, t.Tx.StartSending(row.ID)
}

// ensureBaseline fetches an answer's ticket so that a read-back can tell old posts from
// new. It returns false if that fails, after settling the row.
func (b *Bot) ensureBaseline(ctx context.Context, row state.Row, id state.SubmissionID, of state.TicketID) bool {
	read, err := b.readTicket(ctx, b.Plusofon, of)
	if err == nil {
		return b.absorbFetched(ctx, row, read)
	}
	b.finish(ctx, row, func(t *chat.Turn) error {
		e, ok := errors.AsType[*plusofon.Error](err)
		if !ok {
			return b.repeat(t, row, 0, err)
		}
		return b.noEffect(t, row, id, e)
	})
	return false
}

// absorbFetched stores a ticket that was read for a row.
func (b *Bot) absorbFetched(ctx context.Context, row state.Row, read ticket.Read) bool {
	for all := false; !all; {
		stored := b.finish(ctx, row, func(t *chat.Turn) (err error) {
			all, err = ticket.AbsorbFetched(t, read)
			return err
		})
		if !stored {
			return false
		}
	}
	return true
}

func (b *Bot) write(ctx context.Context, sub state.Submission) (plusofon.Ticket, error) {
	if sub.Kind == state.Opening {
		return b.Plusofon.Open(ctx, sub.Subject, sub.Text)
	}
	return b.Plusofon.Answer(ctx, plusofon.TicketID(sub.Ticket), sub.Text)
}

// noEffect settles a submission whose request certainly had no effect: it is retried later,
// or its author is told why it can't be sent.
func (b *Bot) noEffect(t *chat.Turn, row state.Row, id state.SubmissionID, e *plusofon.Error) error {
	switch e.Kind {
	case plusofon.NotFound:
		sub, err := t.Tx.Submission(id)
		if err != nil {
			return chat.IgnoreAbsent(err) // withdrawn
		}
		if sub.Kind == state.Opening { // no ticket is missing: the address is, maybe for a moment
			if row.Attempts+1 >= attemptsUnnoticed {
				return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, e.Error()), submission.Failed(t, id, state.ReasonFails))
			}
			break
		}
		known, err := t.Tx.Ticket(sub.Ticket)
		if err := errors.Join(chat.IgnoreAbsent(err), ticket.NotFound(t, sub.Ticket, b.nextRead(), false)); err != nil {
			return err
		}
		// A listed ticket exists: a 404 contradicts the list and may pass.
		if known.Listed == state.Unlisted || ticket.IsGone(known) || row.Attempts+1 >= attemptsUnnoticed {
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, e.Error()), submission.Refused(t, id, state.ReasonNotFound, ""))
		}
	case plusofon.Refused:
		b.Log.Warn("Plusofon refused a submission", "submission", id, "error", e)
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, e.Error()), submission.Refused(t, id, state.ReasonRefused, e.Message))
	case plusofon.Access:
		// If the token is the problem, polls fail too and alert the owners. If polls
		// succeed, it is this ticket.
		if !goesAgain(row) {
			b.Log.Error("Plusofon gives no access for a submission", "submission", id, "trace", row.Trace, "error", e)
		}
		trouble, err := reading.InTrouble(t)
		if err != nil {
			return err
		}
		if !trouble && !e.Login && e.Status != http.StatusUnauthorized && (e.Status < 300 || e.Status >= 400) {
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, e.Error()), submission.Refused(t, id, state.ReasonNoAccess, e.Message))
		}
	}
	// A rejected token is for the owners to fix: submissions are kept meanwhile.
	if e.Kind != plusofon.Access && b.givesUp(row, t.Now) {
		return errors.Join(t.Tx.Park(row, t.Now, e.Error()), submission.Parked(t, id))
	}
	again := submission.Requeued
	if row.Attempts+1 >= attemptsUnnoticed {
		again = submission.Waiting
	}
	return errors.Join(again(t, id), b.repeat(t, row, e.RetryAfter, e))
}

// attemptsUnnoticed is the number of attempts before the author is told that Plusofon does
// not answer.
const attemptsUnnoticed = 3

// attach adds a file to a delivered post, streaming it from Telegram.
func (b *Bot) attach(ctx context.Context, row state.Row) {
	payload, err := chat.Decode[chat.SubmissionRow](row)
	if err != nil {
		b.finish(ctx, row, func(t *chat.Turn) error { return t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()) })
		return
	}
	var sub state.Submission
	var files []state.File
	var file state.File
	wanted := true
	if !b.finish(ctx, row, func(t *chat.Turn) (err error) {
		if sub, err = t.Tx.Submission(payload.Submission); err != nil {
			return err
		}
		if row.State == state.Queued {
			if wanted, err = submission.SendsFile(t, sub, payload.File); err != nil {
				return err
			}
		}
		if files, err = t.Tx.Files(sub.ID); err != nil {
			return err
		}
		// It may have been dropped while it was uncertain whether one before it had been sent.
		at := slices.IndexFunc(files, func(f state.File) bool { return f.N == payload.File })
		if wanted = wanted && at >= 0; !wanted {
			return t.Tx.Finish(row.ID, state.Cancelled, t.Now, "decided otherwise")
		}
		file = files[at]
		return nil
	}) || !wanted {
		return
	}
	if row.State != state.Queued {
		b.readBackFile(ctx, row, sub, files, file)
		return
	}
	body, size, err := b.Telegram.OpenFile(ctx, file.FileID, b.Conversation.MaxFileSize)
	if err != nil {
		if ctx.Err() == nil {
			b.finish(ctx, row, func(t *chat.Turn) error { return b.fileUnavailable(t, row, file, err) })
		}
		return
	}
	if size < 0 {
		size = file.Size
	}
	if size <= 0 {
		_ = body.Close() // read-only
		b.finish(ctx, row, func(t *chat.Turn) error {
			return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, "its size is not known"), submission.AttachFailed(t, sub.ID, file.N, state.FileReasonGone))
		})
		return
	}
	opened := &reopened{first: body, again: func(ctx context.Context) (io.ReadCloser, error) {
		body, _, err := b.Telegram.OpenFile(ctx, file.FileID, b.Conversation.MaxFileSize)
		return body, err
	}}
	defer opened.Close()
	if !b.finish(ctx, row, func(t *chat.Turn) error { return t.Tx.StartSending(row.ID) }) {
		return
	}
	err = b.Plusofon.Attach(ctx, plusofon.TicketID(sub.Ticket), plusofon.PostID(sub.Post), plusofon.File{Name: file.Name, Size: size, Open: opened.Open})
	b.finish(ctx, row, func(t *chat.Turn) error { return b.settleFile(t, row, file, err) })
}

// fileUnavailable settles a file that Telegram does not serve.
func (b *Bot) fileUnavailable(t *chat.Turn, row state.Row, file state.File, cause error) error {
	var reason state.FileReason
	switch e, ok := errors.AsType[*telegram.Error](cause); {
	case telegram.IsTooBig(cause):
		reason = state.FileReasonTooBig
	case ok && e.Outcome == telegram.Refused:
		reason = state.FileReasonGone
	case b.givesUp(row, t.Now):
		return b.parkFile(t, row, file, cause)
	default:
		return b.repeat(t, row, 0, cause)
	}
	b.Log.Warn("a file can't be fetched from Telegram", "submission", file.Submission, "error", cause)
	return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), submission.AttachFailed(t, file.Submission, file.N, reason))
}

// settleFile stores the outcome of an attachment's request.
func (b *Bot) settleFile(t *chat.Turn, row state.Row, file state.File, err error) error {
	if err == nil {
		return errors.Join(t.Tx.Finish(row.ID, state.Done, t.Now, ""), submission.Attached(t, file.Submission, file.N))
	}
	fail := func(reason state.FileReason) error {
		b.Log.Warn("a file was not attached", "submission", file.Submission, "error", err)
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()), submission.AttachFailed(t, file.Submission, file.N, reason))
	}
	e, known := errors.AsType[*plusofon.Error](err)
	_, source := errors.AsType[*plusofon.SourceError](err)
	switch {
	case known && e.Kind == plusofon.NotFound && row.Attempts+1 < attemptsUnnoticed: // it may pass, as an answer's
		return b.repeat(t, row, e.RetryAfter, err)
	case known && (e.Kind == plusofon.Refused || e.Kind == plusofon.NotFound):
		return fail(state.FileReasonRefused)
	case (known || source) && b.givesUp(row, t.Now):
		return b.parkFile(t, row, file, err)
	case known:
		return b.repeat(t, row, e.RetryAfter, err)
	case source:
		return b.repeat(t, row, 0, err)
	}
	b.Log.Warn("Plusofon's answer to a file is missing; reading back before it is repeated", "submission", file.Submission, "error", err)
	return t.Tx.OutcomeUnknown(row.ID, t.Now.Add(b.ReadBackPause), 0, text(err))
}

// parkFile parks a file that could not be passed on for a day. It is revived when the side
// that failed is back.
func (b *Bot) parkFile(t *chat.Turn, row state.Row, file state.File, cause error) error {
	b.Log.Warn("a file could not be passed on for a day", "submission", file.Submission, "error", cause)
	return errors.Join(t.Tx.Park(row, t.Now, cause.Error()), submission.AttachFailed(t, file.Submission, file.N, state.FileReasonGaveUp))
}

// reopened returns an already open stream first, and a new one each time after that.
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

// Close closes the stream if it was not used.
func (o *reopened) Close() {
	if o.first != nil {
		_ = o.first.Close() // read-only
	}
}

// repeat queues a row again with backoff. Giving up is decided by the caller.
func (b *Bot) repeat(t *chat.Turn, row state.Row, atLeast time.Duration, cause error) error {
	wait := max(b.pause(row.Attempts), atLeast)
	b.Log.Log(context.Background(), b.complaints.level(row.ID), "a request failed and will be repeated",
		"row", row.ID, "kind", row.Kind, "trace", row.Trace, "in", wait.Round(time.Millisecond), "error", cause)
	return t.Tx.Retry(row.ID, t.Now.Add(wait), text(cause))
}

// finish stores the outcome of a row. If that fails (the disk is full) it retries for as
// long as it takes, which blocks the lane: a request without a recorded outcome would be
// repeated. It returns false if the row was decided otherwise, or ctx has ended.
func (b *Bot) finish(ctx context.Context, row state.Row, f func(*chat.Turn) error) bool {
	for n := 0; ; n++ {
		err := b.update(func(t *chat.Turn) error {
			t.Tx.SetTrace(row.Trace)
			return f(t)
		})
		if err == nil {
			return true
		}
		if errors.Is(err, state.ErrOver) {
			b.Log.Info("a row was decided otherwise", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", err)
			return false
		}
		b.Log.Error("the outcome of a request could not be stored", "row", row.ID, "kind", row.Kind, "trace", row.Trace, "error", err, "attempt", n+1)
		if !sleep(ctx, b.pause(n)) {
			return false
		}
	}
}

// learn stores in a row what its request has revealed.
func learn(t *chat.Turn, row state.Row, payload any) error {
	b, err := encode(payload)
	if err != nil {
		return err
	}
	return t.Tx.Learn(row.ID, b)
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
