package bot

import (
	"context"
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sendTelegram makes a row's request and stores its outcome.
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
	row, msg, result, err := b.request(ctx, row, msg)
	if err != nil && ctx.Err() != nil {
		return // still queued: sent after the next start
	}
	b.finish(ctx, row, func(t *chat.Turn) error { return b.settleTelegram(t, row, msg, result, err) })
}

// floodedChats is how many different chats in a row must be told to wait before that is
// taken to apply to all.
const floodedChats = 3

// flooded pauses what Telegram asks to pause: the chat, and everything if several chats
// were told to wait and none has accepted a message since.
func (b *Bot) flooded(chat telegram.ChatID, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if chat != 0 {
		b.limits.Pause(chat, until)
	}
	b.told[chat] = true
	if len(b.told) >= floodedChats {
		b.limits.Pause(0, until)
	}
}

// taken records that Telegram accepts messages.
func (b *Bot) taken() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.told)
}

// request makes the next call for a row, with its attachment if it has one, and returns the
// row as prepared.
func (b *Bot) request(ctx context.Context, row state.Row, msg chat.TelegramRow) (state.Row, chat.TelegramRow, telegram.Result, error) {
	stored := row
	err := b.update(func(t *chat.Turn) (err error) {
		if row, msg, err = ticket.Join(t, stored, msg); err != nil {
			return err
		}
		if msg, err = conversation.Prepare(t, msg); err != nil {
			return err
		}
		if msg, err = ticket.Hush(t, row, msg); err != nil {
			return err
		}
		if msg.Album, err = album(t, row, msg); err != nil {
			return err
		}
		return t.IsClosed(msg, row.Lane)
	})
	if err != nil {
		return stored, msg, telegram.Result{}, err
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
	return row, msg, result, err
}

// How often, and for how long, a link is tried before its file is reported as missing.
const (
	linkAttempts = 5
	linkPatience = 10 * time.Minute
)

// isLinkFailure reports whether a failure is only of an attachment's link.
func isLinkFailure(err error) bool {
	e, ok := errors.AsType[*plusofon.Error](err)
	return ok && e.Op == plusofon.OpDownload && e.Kind == plusofon.Temporary
}

// stepAside moves a file that could not be fetched, with the rest of its album, to a lane of
// its own, out of the way of the other files of the ticket.
func stepAside(t *chat.Turn, row state.Row, msg chat.TelegramRow) error {
	aside := chat.AsideLane(msg.Chat, msg.Ticket, row.ID)
	if msg.File == nil || row.Lane == aside {
		return nil
	}
	err := t.Tx.MoveRow(row, aside, row.Payload)
	for _, item := range msg.Album {
		err = errors.Join(err, t.Tx.MoveRow(item.Row, aside, item.Row.Payload))
	}
	return err
}

// missingReason returns why an attachment can't be fetched, as a key of the catalogue; ""
// if a later attempt may succeed.
func missingReason(err error) string {
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
