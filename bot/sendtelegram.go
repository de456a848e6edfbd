package bot

import (
	"context"
	"errors"
	"io"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sendTelegram makes a row's request and stores what came of it.
func (b *Bot) sendTelegram(ctx context.Context, row state.Row) {
	msg, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		b.finish(ctx, row, func(t *chat.Turn) error { return t.Tx.Finish(row.ID, state.Parked, t.Now, err.Error()) })
		return
	}
	if !msg.Expires.IsZero() && time.Now().After(msg.Expires) {
		b.finish(ctx, row, func(t *chat.Turn) error { return t.Tx.Finish(row.ID, state.Cancelled, t.Now, "too late") })
		return
	}
	msg, result, err := b.request(ctx, msg)
	if err != nil && ctx.Err() != nil {
		return // still queued: the next start sends it
	}
	b.finish(ctx, row, func(t *chat.Turn) error { return b.settleTelegram(t, row, msg, result, err) })
}

// everyone is how many different chats, one after another, make it plain that
// Telegram's "wait" is meant for all of them.
const everyone = 3

// flooded holds back what Telegram asks to hold back: the chat, and with it
// everything where other chats were told the same and none has taken a message
// since.
func (b *Bot) flooded(chat telegram.ChatID, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if chat != 0 {
		b.limits.Pause(chat, until)
	}
	b.told[chat] = true
	if len(b.told) >= everyone {
		b.limits.Pause(0, until)
	}
}

// taken notes that Telegram takes messages.
func (b *Bot) taken() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.told)
}

// request makes the call that is next for a row, with the attachment where it has
// one, and returns the row as it was made ready.
func (b *Bot) request(ctx context.Context, msg chat.TelegramRow) (chat.TelegramRow, telegram.Result, error) {
	err := b.update(func(t *chat.Turn) (err error) {
		msg, err = conversation.Prepare(t, msg)
		return err
	})
	if err != nil {
		return msg, telegram.Result{}, err
	}
	var result telegram.Result
	switch {
	case msg.File == nil || msg.Makes != "":
		result, err = b.Telegram.Do(ctx, msg.Call)
	case msg.File.Stats != "":
		result, err = b.uploadStatistics(ctx, msg)
	default:
		result, err = b.upload(ctx, msg)
	}
	return msg, result, err
}

func (b *Bot) upload(ctx context.Context, msg chat.TelegramRow) (telegram.Result, error) {
	return b.Telegram.Upload(ctx, msg.Call, msg.Call.FileField(), msg.File.Name, func(ctx context.Context) (io.ReadCloser, error) {
		if msg.File.Audit {
			return b.auditFile(msg)
		}
		if msg.File.Made {
			return b.makeFile(ctx, msg)
		}
		return b.openAttachment(ctx, *msg.File)
	})
}

// openAttachment reads the ticket anew: links may have expired since, and
// content is not kept.
func (b *Bot) openAttachment(ctx context.Context, ref chat.AttachmentRef) (io.ReadCloser, error) {
	ticket, err := b.Background.Ticket(ctx, plusofon.TicketID(ref.Ticket))
	if err != nil {
		return nil, err
	}
	for _, p := range ticket.Posts {
		if state.PostID(p.ID) == ref.Post && ref.N < len(p.Attachments) {
			body, _, err := b.Background.Download(ctx, p.Attachments[ref.N])
			return body, err
		}
	}
	return nil, plusofon.ErrNoContent
}

// settleTelegram stores the outcome of a request to Telegram.
func (b *Bot) settleTelegram(t *chat.Turn, row state.Row, msg chat.TelegramRow, result telegram.Result, err error) error {
	if settled, err := b.settleTopic(t, row, msg, result, err); settled || err != nil {
		return err
	}
	if err == nil || telegram.IsNotModified(err) {
		b.taken()
		return b.sent(t, row, msg, result)
	}
	switch {
	case errors.Is(err, conversation.ErrUnbound):
		b.Log.Info("an attachment is not sent", "ticket", msg.Ticket, "chat", msg.Chat, "why", err)
		return t.Tx.Finish(row.ID, state.Cancelled, t.Now, err.Error())
	case errors.Is(err, chat.ErrNeedless):
		return b.needless(t, row, err)
	case errors.Is(err, chat.ErrAbsent):
		return b.closed(t, row, msg, err)
	}
	why := missing(err)
	if age := t.Now.Sub(row.Created); why == "" && (age > giveUpAfter || isLinks(err) && row.Attempts+1 >= linkAttempts && age > linkPatience) {
		why = "attachment_missing"
	}
	if msg.File != nil && !msg.File.Audit && why != "" {
		b.Log.Warn("an attachment can't be passed on", "ticket", msg.Ticket, "post", msg.File.Post, "error", err)
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, err.Error()), ticket.AttachmentMissing(t, msg, why))
	}
	if _, files := errors.AsType[*plusofon.Error](err); files {
		return errors.Join(stepAside(t, row, msg), b.repeat(t, row, 0, err))
	}
	e, ok := errors.AsType[*telegram.Error](err)
	if !ok {
		return b.repeat(t, row, 0, err)
	}
	switch e.Outcome {
	case telegram.RateLimited:
		until := t.Now.Add(e.RetryAfter)
		b.flooded(telegram.ChatID(msg.Chat), until)
		b.Log.Warn("Telegram asks to wait", "chat", msg.Chat, "wait", e.RetryAfter)
		return errors.Join(t.Tx.PutOff(state.Telegram, row.Lane, until), t.Tx.Retry(row.ID, until, err.Error()))
	case telegram.Forbidden:
		return b.closed(t, row, msg, err)
	case telegram.Refused:
		return b.refused(t, row, msg, err)
	}
	return b.repeat(t, row, 0, err)
}

// needless ends a row of which nothing is to be done, unless something is by now:
// what is wanted anew while a row of its key waits is wanted of that row.
func (b *Bot) needless(t *chat.Turn, row state.Row, cause error) error {
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	msg, err := chat.Decode[chat.TelegramRow](current)
	if err != nil {
		return err
	}
	switch _, err := conversation.Prepare(t, msg); {
	case err == nil:
		return t.Tx.Retry(row.ID, t.Now, "wanted again")
	case !errors.Is(err, chat.ErrNeedless):
		return err
	}
	return t.Tx.Finish(row.ID, state.Cancelled, t.Now, cause.Error())
}

func (b *Bot) sent(t *chat.Turn, row state.Row, msg chat.TelegramRow, result telegram.Result) error {
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	if err := t.Tx.Finish(row.ID, state.Done, t.Now, ""); err != nil {
		return err
	}
	if err := conversation.MessageSent(t, msg, state.MessageID(result.MessageID)); err != nil {
		return err
	}
	if err := t.ChatReachable(msg.Chat); err != nil {
		return err
	}
	if current.Payload != row.Payload {
		return conversation.Superseded(t, current)
	}
	return nil
}

// closed puts a row off whose chat can't be written to, and after a day sets it
// aside: it goes when the person is back.
func (b *Bot) closed(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	if msg.Anyway {
		return t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
	}
	fresh, err := conversation.ChatUnreachable(t, msg.Chat)
	if err != nil {
		return err
	}
	if fresh {
		b.Log.Info("a chat is closed to the bot; what is for it waits", "chat", msg.Chat, "error", cause)
	}
	if t.Now.Sub(row.Created) > giveUpAfter {
		return t.Tx.Finish(row.ID, state.Parked, t.Now, cause.Error())
	}
	return t.Tx.Retry(row.ID, t.Now.Add(b.pause(row.Attempts)), cause.Error())
}

// refused settles what Telegram will never take as it is.
func (b *Bot) refused(t *chat.Turn, row state.Row, msg chat.TelegramRow, cause error) error {
	switch {
	case telegram.IsChatGone(cause):
		return b.closed(t, row, msg, cause)
	case telegram.IsReactionRefused(cause):
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), conversation.ReactionRefused(t, msg))
	case telegram.IsMessageNotFound(cause) && (msg.Receipt != 0 || msg.Draft != 0):
		return errors.Join(t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error()), conversation.MessageGone(t, msg))
	case telegram.IsTooOldCallback(cause), telegram.IsMessageNotFound(cause), telegram.IsNoRights(cause) && !chat.IsMessage(msg):
		return t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
	}
	b.Log.Error("Telegram refused a request", "method", msg.Call.Method, "chat", msg.Chat, "row", row.ID, "trace", row.Trace, "error", cause)
	current, err := t.Tx.Row(row.ID)
	if err != nil {
		return err
	}
	if current.Payload != row.Payload {
		// It says something else by now.
		return t.Tx.Retry(row.ID, t.Now, cause.Error())
	}
	if plainer, ok := chat.Plainer(msg); ok {
		// Without its formatting it is still the message.
		payload, err := encode(plainer)
		if err != nil {
			return err
		}
		return errors.Join(t.Tx.Rewrite(row.ID, payload), t.Tx.Retry(row.ID, t.Now, cause.Error()))
	}
	return t.Tx.Finish(row.ID, state.Parked, t.Now, cause.Error())
}

// What a link leads to is asked for this often, and for this long, before its file
// is said to be missing.
const (
	linkAttempts = 5
	linkPatience = 10 * time.Minute
)

// isLinks tells whether a failure is that of an attachment's link alone.
func isLinks(err error) bool {
	e, ok := errors.AsType[*plusofon.Error](err)
	return ok && e.Op == plusofon.OpDownload && e.Kind == plusofon.Temporary
}

// stepAside lets the other files of a chat's ticket go before one that could not be
// had.
func stepAside(t *chat.Turn, row state.Row, msg chat.TelegramRow) error {
	aside := chat.AsideLane(msg.Chat, msg.Ticket, row.ID)
	if msg.File == nil || row.Lane == aside {
		return nil
	}
	return t.Tx.MoveRow(row, aside, row.Payload)
}

// missing tells why an attachment can't be had, by a key of the catalogue; ""
// where a later attempt may succeed.
func missing(err error) string {
	switch {
	case errors.Is(err, plusofon.ErrEmptyFile):
		return "attachment_empty"
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
