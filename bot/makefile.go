package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// historyFile returns a ticket's history as a file, from the store. Texts no longer there are read
// from Plusofon.
func (b *Bot) historyFile(ctx context.Context, msg chat.TelegramRow) (io.ReadCloser, error) {
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
		// Of a ticket that is gone the file says that the texts were erased.
		if read, err = b.Background.Ticket(ctx, plusofon.TicketID(msg.File.Ticket)); err != nil && !isNotFound(err) {
			return nil, err
		}
	}
	f := reading.NewHistoryFile(msg, read.Posts)
	return parts(func() ([]byte, bool, error) {
		if err := b.update(f.Read); err != nil {
			return nil, false, err
		}
		return f.Write()
	})
}

// postFile returns the text of one post as a file. If the text was erased meanwhile, it is read
// from Plusofon.
func (b *Bot) postFile(ctx context.Context, msg chat.TelegramRow) (io.ReadCloser, error) {
	var p state.Post
	err := b.update(func(t *chat.Turn) (err error) {
		p, err = t.Tx.Post(msg.File.Ticket, msg.File.Post)
		return err
	})
	if err == nil && p.Text == "" {
		read, failure := b.Background.Ticket(ctx, plusofon.TicketID(msg.File.Ticket))
		i := slices.IndexFunc(read.Posts, func(r plusofon.Post) bool { return state.PostID(r.ID) == p.ID })
		switch {
		case failure != nil:
			return nil, failure
		case i < 0:
			return nil, plusofon.ErrNoContent
		}
		p.Text = read.Posts[i].Text
	}
	return io.NopCloser(strings.NewReader(telegram.FromHTML(p.Text).Written())), err
}

// auditAtOnce is how many entries of the audit are read per transaction.
const auditAtOnce = 200

// auditFile returns the whole audit as a file, read part by part while it is sent.
func (b *Bot) auditFile(msg chat.TelegramRow) (io.ReadCloser, error) {
	var last state.AuditID
	f, err := parts(func() (part []byte, more bool, err error) {
		err = b.update(func(t *chat.Turn) (err error) {
			before := last
			part, last, err = access.AuditFile(t, msg.Chat, before, auditAtOnce)
			more = last != before
			return err
		})
		return part, more, err
	})
	if errors.Is(err, state.ErrNotFound) {
		err = fmt.Errorf("%w: its person is no owner", conversation.ErrUnbound)
	}
	return f, err
}

// parts returns a file produced part by part while it is sent. It fails at once if the first part
// can't be made.
func parts(next func() (part []byte, more bool, err error)) (io.ReadCloser, error) {
	f := &partsReader{next: next}
	return io.NopCloser(f), f.advance()
}

type partsReader struct {
	next func() (part []byte, more bool, err error)
	part []byte
	end  bool
}

func (r *partsReader) advance() error {
	part, more, err := r.next()
	r.part, r.end = part, !more
	return err
}

func (r *partsReader) Read(p []byte) (int, error) {
	for len(r.part) == 0 {
		if r.end {
			return 0, io.EOF
		}
		if err := r.advance(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.part)
	r.part = r.part[n:]
	return n, nil
}
