package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/reading"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// makeFile makes a file of what the store has. Words that it does not keep are read.
func (b *Bot) makeFile(ctx context.Context, msg chat.TelegramRow) (io.ReadCloser, error) {
	needsReading := false
	err := b.update(func(t *chat.Turn) (err error) {
		needsReading, err = reading.NeedsReading(t, msg)
		return err
	})
	if err != nil {
		return nil, err
	}
	var read plusofon.Ticket
	if needsReading {
		if read, err = b.Background.Ticket(ctx, plusofon.TicketID(msg.File.Ticket)); err != nil {
			return nil, err
		}
	}
	var content []byte
	err = b.update(func(t *chat.Turn) (err error) {
		content, err = reading.MakeFile(t, msg, read.Posts)
		return err
	})
	return io.NopCloser(bytes.NewReader(content)), err
}

// auditAtOnce is how many entries of the audit are read in one transaction.
const auditAtOnce = 200

// auditFile is the whole audit as a file, which is read part by part as it is sent.
func (b *Bot) auditFile(msg chat.TelegramRow) (io.ReadCloser, error) {
	f := &auditReader{bot: b, chat: msg.Chat}
	err := f.next()
	if errors.Is(err, state.ErrNotFound) {
		err = fmt.Errorf("%w: its person is no owner any more", conversation.ErrUnbound)
	}
	return io.NopCloser(f), err
}

type auditReader struct {
	bot  *Bot
	chat state.ChatID
	part []byte
	last state.AuditID
	end  bool
}

// next reads the next part.
func (r *auditReader) next() error {
	return r.bot.update(func(t *chat.Turn) (err error) {
		before := r.last
		r.part, r.last, err = access.AuditFile(t, r.chat, before, auditAtOnce)
		r.end = r.last == before
		return err
	})
}

func (r *auditReader) Read(p []byte) (int, error) {
	for len(r.part) == 0 {
		if r.end {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.part)
	r.part = r.part[n:]
	return n, nil
}
