package bot

import (
	"bytes"
	"context"
	"io"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// uploadStatistics gathers the statistics and sends them with their caption. They are
// gathered when the row is sent, in several transactions: no decision may take as long as
// reading a company's history.
func (b *Bot) uploadStatistics(ctx context.Context, msg chat.TelegramRow) (telegram.Result, error) {
	stats, err := b.statistics(ctx, msg.Chat)
	if err != nil {
		return telegram.Result{}, err
	}
	call := msg.Call
	if words := stats.Caption(*msg.File); words != "" {
		if call, err = chat.WithParam(call, "caption", words); err != nil {
			return telegram.Result{}, err
		}
	}
	return b.Telegram.Upload(ctx, call, telegram.Upload{Field: call.FileField(), Name: msg.File.Name, Open: func(context.Context) (io.ReadCloser, error) {
		content, err := stats.File(*msg.File)
		return io.NopCloser(bytes.NewReader(content)), err
	}})
}

func (b *Bot) statistics(ctx context.Context, c state.ChatID) (stats *reading.Statistics, err error) {
	err = b.update(func(t *chat.Turn) error {
		stats, err = reading.NewStatistics(t, c)
		return err
	})
	for after := state.TicketID(0); err == nil; {
		err = b.update(func(t *chat.Turn) error {
			after, err = stats.Gather(t, after)
			return err
		})
		if after == 0 || ctx.Err() != nil {
			break
		}
	}
	if err == nil {
		err = ctx.Err()
	}
	return stats, err
}
