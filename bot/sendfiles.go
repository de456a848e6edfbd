package bot

import (
	"context"
	"errors"
	"io"
	"slices"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

func (b *Bot) upload(ctx context.Context, msg chat.TelegramRow) (telegram.Result, error) {
	if len(msg.Album) > 0 {
		return b.uploadAlbum(ctx, msg)
	}
	return b.Telegram.Upload(ctx, msg.Call, telegram.Upload{Field: msg.Call.FileField(), Name: msg.File.Name, Open: func(ctx context.Context) (io.ReadCloser, error) {
		switch {
		case msg.File.Audit:
			return b.auditFile(msg)
		case msg.File.Made && msg.File.Post != 0:
			return b.postFile(ctx, msg)
		case msg.File.Made:
			return b.historyFile(ctx, msg)
		}
		// The ticket is read again: links may have expired since, and content is not kept.
		read, err := b.Background.Ticket(ctx, plusofon.TicketID(msg.File.Ticket))
		if err != nil {
			return nil, err
		}
		if chat.IsPicture(msg) {
			return b.openPicture(ctx, read, *msg.File, new(int64(telegram.MaxUpload)))
		}
		body, _, err := b.openAttachment(ctx, read, *msg.File)
		return body, err
	}})
}

// openAttachment opens an attachment: the one in its place, or, if the staff has removed one before
// it, the one with its name.
func (b *Bot) openAttachment(ctx context.Context, read plusofon.Ticket, ref chat.AttachmentRef) (io.ReadCloser, int64, error) {
	for _, p := range read.Posts {
		if state.PostID(p.ID) != ref.Post {
			continue
		}
		at, names := ref.N, ticket.AttachmentNames(p)
		if at >= len(names) || names[at] != ref.Name {
			at = slices.Index(names, ref.Name)
		}
		if at >= 0 {
			return b.Background.Download(ctx, p.Attachments[at])
		}
	}
	return nil, 0, plusofon.ErrNoContent
}

// album lists the rows of the album that a prepared picture begins, prepared like it; none if
// it is sent alone.
func album(t *chat.Turn, row state.Row, msg chat.TelegramRow) ([]chat.AlbumRow, error) {
	if msg.Makes != "" {
		return nil, nil
	}
	list, err := ticket.Album(t.Tx, row)
	for i := range list {
		ready := msg
		ready.File, ready.Notices, ready.Apart = list[i].Msg.File, list[i].Msg.Notices, list[i].Msg.Apart
		list[i].Msg = ready
	}
	return list, err
}

// uploadAlbum sends an album. Its pictures are streamed one after another, so it needs no more
// memory than a single file.
func (b *Bot) uploadAlbum(ctx context.Context, msg chat.TelegramRow) (telegram.Result, error) {
	call, fields, err := msg.Call.AsAlbum(len(msg.Album))
	if err != nil {
		return telegram.Result{}, err
	}
	read, err := b.Background.Ticket(ctx, plusofon.TicketID(msg.File.Ticket))
	if err != nil {
		return telegram.Result{}, err
	}
	left := int64(telegram.MaxUpload)
	files := make([]telegram.Upload, len(msg.Album))
	for i, item := range msg.Album {
		files[i] = telegram.Upload{Field: fields[i], Name: item.Msg.File.Name, Open: func(ctx context.Context) (io.ReadCloser, error) {
			return b.openPicture(ctx, read, *item.Msg.File, &left)
		}}
	}
	return b.Telegram.Upload(ctx, call, files...)
}

// Why a picture exceeds Telegram's limits: it is too large for a photo, or too large together
// with the pictures before it in the request.
var (
	errNoPhoto   = errors.New("the picture is too large for a photo")
	errFullAlbum = errors.New("the pictures are too large for one album")
)

// openPicture opens an attachment that may be no larger than a photo and than what is left of
// its request, and subtracts what is read from that.
func (b *Bot) openPicture(ctx context.Context, read plusofon.Ticket, ref chat.AttachmentRef, left *int64) (io.ReadCloser, error) {
	body, size, err := b.openAttachment(ctx, read, ref)
	if err != nil {
		return nil, err
	}
	p := &picture{ReadCloser: body, left: left}
	if err := p.fits(size); err != nil {
		_ = body.Close() // nothing was read
		return nil, err
	}
	return p, nil
}

// picture applies Telegram's limits to a stream whose size may not be known in advance.
type picture struct {
	io.ReadCloser
	read int64
	left *int64
}

func (p *picture) fits(more int64) error {
	switch {
	case p.read+more > telegram.MaxPhoto:
		return errNoPhoto
	case more > *p.left:
		return errFullAlbum
	}
	return nil
}

func (p *picture) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	if limit := p.fits(int64(n)); limit != nil {
		return 0, limit
	}
	p.read += int64(n)
	*p.left -= int64(n)
	return n, err
}
