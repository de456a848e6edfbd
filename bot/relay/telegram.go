package relay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sendTelegram makes a row's request and stores what came of it.
func (r *Relay) sendTelegram(ctx context.Context, row state.Row) {
	t, err := bot.Decode[bot.TelegramRow](row)
	if err != nil {
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return tx.Finish(row.ID, state.Parked, now, err.Error()) })
		return
	}
	if !t.Expires.IsZero() && time.Now().After(t.Expires) {
		r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return tx.Finish(row.ID, state.Cancelled, now, "too late") })
		return
	}
	t, result, err := r.request(ctx, t)
	if err != nil && ctx.Err() != nil {
		return // still queued: the next start sends it
	}
	r.finish(ctx, row, func(tx *state.Tx, now time.Time) error { return r.settleTelegram(tx, now, row, t, result, err) })
}

// everyone is how many different chats, one after another, make it plain that
// Telegram's "wait" is meant for all of them.
const everyone = 3

// flooded holds back what Telegram asks to hold back: the chat, and with it
// everything where other chats were told the same and none has taken a message
// since.
func (r *Relay) flooded(chat telegram.ChatID, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if chat != 0 {
		r.limits.Pause(chat, until)
	}
	r.told[chat] = true
	if len(r.told) >= everyone {
		r.limits.Pause(0, until)
	}
}

// taken notes that Telegram takes messages.
func (r *Relay) taken() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.told)
}

// request makes the call that is next for a row, with the attachment where it has
// one, and returns the row as it was made ready.
func (r *Relay) request(ctx context.Context, t bot.TelegramRow) (bot.TelegramRow, telegram.Result, error) {
	err := r.Store.Update(func(tx *state.Tx) (err error) {
		t, err = r.Bot.Prepare(tx, t)
		return err
	})
	if err != nil {
		return t, telegram.Result{}, err
	}
	var result telegram.Result
	if t.File == nil || t.Makes != "" {
		result, err = r.Telegram.Do(ctx, t.Call)
	} else {
		result, err = r.upload(ctx, t)
	}
	return t, result, err
}

func (r *Relay) upload(ctx context.Context, t bot.TelegramRow) (telegram.Result, error) {
	return r.Telegram.Upload(ctx, t.Call, "document", t.File.Name, func(ctx context.Context) (io.ReadCloser, error) {
		if t.File.Made {
			return r.makeFile(t)
		}
		return r.openAttachment(ctx, *t.File)
	})
}

// makeFile makes a file of what the store has.
func (r *Relay) makeFile(t bot.TelegramRow) (io.ReadCloser, error) {
	var content []byte
	err := r.Store.Update(func(tx *state.Tx) (err error) {
		content, err = r.Bot.MakeFile(tx, time.Now(), t)
		return err
	})
	return io.NopCloser(bytes.NewReader(content)), err
}

// openAttachment reads the ticket anew: links may have expired since, and
// content is not kept.
func (r *Relay) openAttachment(ctx context.Context, ref bot.AttachmentRef) (io.ReadCloser, error) {
	ticket, err := r.Background.Ticket(ctx, plusofon.TicketID(ref.Ticket))
	if err != nil {
		return nil, err
	}
	for _, p := range ticket.Posts {
		if state.PostID(p.ID) == ref.Post && ref.N < len(p.Attachments) {
			body, _, err := r.Background.Download(ctx, p.Attachments[ref.N])
			return body, err
		}
	}
	return nil, plusofon.ErrNoContent
}

// settleTelegram stores the outcome of a request to Telegram.
func (r *Relay) settleTelegram(tx *state.Tx, now time.Time, row state.Row, t bot.TelegramRow, result telegram.Result, err error) error {
	if settled, err := r.settleTopic(tx, now, row, t, result, err); settled || err != nil {
		return err
	}
	if err == nil || telegram.IsNotModified(err) {
		r.taken()
		return r.sent(tx, now, row, t, result)
	}
	switch {
	case errors.Is(err, bot.ErrUnbound):
		r.Log.Info("an attachment is not sent", "ticket", t.Ticket, "chat", t.Chat, "why", err)
		return tx.Finish(row.ID, state.Cancelled, now, err.Error())
	case errors.Is(err, bot.ErrNeedless):
		return r.needless(tx, now, row, err)
	case errors.Is(err, bot.ErrAbsent):
		return r.closed(tx, now, row, t, err)
	}
	why := missing(err)
	if why == "" && now.Sub(row.Created) > giveUpAfter {
		why = "attachment_missing"
	}
	if t.File != nil && why != "" {
		r.Log.Warn("an attachment can't be passed on", "ticket", t.Ticket, "post", t.File.Post, "error", err)
		return errors.Join(tx.Finish(row.ID, state.Refused, now, err.Error()), r.Bot.AttachmentMissing(tx, now, t, why))
	}
	e, ok := errors.AsType[*telegram.Error](err)
	if !ok {
		return r.repeat(tx, now, row, 0, err)
	}
	switch e.Outcome {
	case telegram.RateLimited:
		until := now.Add(e.RetryAfter)
		r.flooded(telegram.ChatID(t.Chat), until)
		r.Log.Warn("Telegram asks to wait", "chat", t.Chat, "wait", e.RetryAfter)
		return errors.Join(tx.PutOff(state.Telegram, row.Lane, until), tx.Retry(row.ID, until, err.Error()))
	case telegram.Forbidden:
		return r.closed(tx, now, row, t, err)
	case telegram.Refused:
		return r.refused(tx, now, row, t, err)
	}
	return r.repeat(tx, now, row, 0, err)
}

// needless ends a row of which nothing is to be done, unless something is by now:
// what is wanted anew while a row of its key waits is wanted of that row.
func (r *Relay) needless(tx *state.Tx, now time.Time, row state.Row, cause error) error {
	current, err := tx.Row(row.ID)
	if err != nil {
		return err
	}
	t, err := bot.Decode[bot.TelegramRow](current)
	if err != nil {
		return err
	}
	switch _, err := r.Bot.Prepare(tx, t); {
	case err == nil:
		return tx.Retry(row.ID, now, "wanted again")
	case !errors.Is(err, bot.ErrNeedless):
		return err
	}
	return tx.Finish(row.ID, state.Cancelled, now, cause.Error())
}

func (r *Relay) sent(tx *state.Tx, now time.Time, row state.Row, t bot.TelegramRow, result telegram.Result) error {
	current, err := tx.Row(row.ID)
	if err != nil {
		return err
	}
	if err := tx.Finish(row.ID, state.Done, now, ""); err != nil {
		return err
	}
	if err := r.Bot.MessageSent(tx, now, t, state.MessageID(result.MessageID)); err != nil {
		return err
	}
	if err := r.Bot.ChatOpen(tx, now, t.Chat); err != nil {
		return err
	}
	if current.Payload != row.Payload {
		return r.Bot.Superseded(tx, now, current)
	}
	return nil
}

// closed puts a row off whose chat can't be written to, and after a day sets it
// aside: it goes when the person is back.
func (r *Relay) closed(tx *state.Tx, now time.Time, row state.Row, t bot.TelegramRow, cause error) error {
	r.Log.Info("a chat is closed to the bot", "chat", t.Chat, "error", cause)
	if t.Anyway {
		return tx.Finish(row.ID, state.Refused, now, cause.Error())
	}
	if err := r.Bot.ChatClosed(tx, now, t.Chat); err != nil {
		return err
	}
	if now.Sub(row.Created) > giveUpAfter {
		return tx.Finish(row.ID, state.Parked, now, cause.Error())
	}
	return tx.Retry(row.ID, now.Add(r.pause(row.Attempts)), cause.Error())
}

// refused settles what Telegram will never take as it is.
func (r *Relay) refused(tx *state.Tx, now time.Time, row state.Row, t bot.TelegramRow, cause error) error {
	switch {
	case telegram.IsChatGone(cause):
		return r.closed(tx, now, row, t, cause)
	case telegram.IsReactionRefused(cause):
		return errors.Join(tx.Finish(row.ID, state.Refused, now, cause.Error()), r.Bot.ReactionRefused(tx, now, t))
	case telegram.IsMessageNotFound(cause) && (t.Receipt != 0 || t.Draft != 0):
		return errors.Join(tx.Finish(row.ID, state.Refused, now, cause.Error()), r.Bot.MessageGone(tx, now, t))
	case telegram.IsTooOldCallback(cause), telegram.IsMessageNotFound(cause), telegram.IsNoRights(cause) && !bot.IsMessage(t):
		return tx.Finish(row.ID, state.Refused, now, cause.Error())
	}
	r.Log.Error("Telegram refused a request", "method", t.Call.Method, "chat", t.Chat, "row", row.ID, "trace", row.Trace, "error", cause)
	current, err := tx.Row(row.ID)
	if err != nil {
		return err
	}
	if current.Payload != row.Payload {
		// It says something else by now.
		return tx.Retry(row.ID, now, cause.Error())
	}
	if plainer, ok := bot.Plainer(t); ok {
		// Without its formatting it is still the message.
		payload, err := encode(plainer)
		if err != nil {
			return err
		}
		return errors.Join(tx.Rewrite(row.ID, payload), tx.Retry(row.ID, now, cause.Error()))
	}
	return tx.Finish(row.ID, state.Parked, now, cause.Error())
}

// missing tells why an attachment can't be had, by a key of the catalogue; ""
// where a later attempt may succeed.
func missing(err error) string {
	switch {
	case telegram.IsTooBig(err), errors.Is(err, plusofon.ErrTooLarge):
		return "attachment_too_big"
	case errors.Is(err, plusofon.ErrNoContent), errors.Is(err, plusofon.ErrBlockedAddress), errors.Is(err, state.ErrNotFound):
		return "attachment_missing"
	}
	if e, ok := errors.AsType[*plusofon.Error](err); ok && (e.Kind == plusofon.NotFound || e.Kind == plusofon.Refused) {
		return "attachment_missing"
	}
	return ""
}
