package plusofon

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// File is a file to attach. Open is called once per attempt, with a context
// that ends with the request.
type File struct {
	Name string
	Size int64 // exact; announced before the content is read
	Open func(context.Context) (io.ReadCloser, error)
}

// slowestUpload is the pace, in bytes a second, used to compute the timeout of
// an upload.
const slowestUpload = 32 << 10

const opAttach = "attach file"

// Attach adds a file to an existing post. The file is streamed and never held
// in memory whole. If it can't be read, or its size differs from the announced
// one, the request is aborted and Attach returns a *SourceError.
func (c *Client) Attach(ctx context.Context, ticket TicketID, post PostID, f File) error {
	if f.Size < 0 {
		return &SourceError{Op: opAttach, Err: errors.New("its size is not known")}
	}
	if f.Open == nil {
		return &SourceError{Op: opAttach, Err: errors.New("there is nothing to open")}
	}
	name, err := json.Marshal(f.Name)
	if err != nil {
		return fmt.Errorf("%s: %w", opAttach, err)
	}
	head := fmt.Sprintf(`{"ticketId":%d,"ticketPostID":%d,"filename":%s,"contents":"`, ticket, post, name)
	const tail = `"}`
	encoded := (f.Size + 2) / 3 * 4
	return c.do(ctx, &call{
		op: opAttach, method: http.MethodPost, path: "/api/v1/ticket/attachment", write: true, oneTicket: true,
		extraTime: time.Duration(f.Size/slowestUpload) * time.Second,
		body: func(ctx context.Context) (io.ReadCloser, int64, error) {
			r, err := f.Open(ctx)
			if err != nil {
				return nil, 0, &SourceError{Op: opAttach, Err: err}
			}
			body := &base64Body{source: r, left: f.Size, tail: tail}
			body.ready = append(make([]byte, 0, len(head)+len(body.out)), head...)
			return body, int64(len(head)) + encoded + int64(len(tail)), nil
		},
		decode: func(a *answer) error {
			if b := bytes.TrimSpace(a.body); len(b) > 0 && !json.Valid(b) {
				return errors.New("the answer is not JSON")
			}
			return nil
		},
	})
}

// base64Body is a JSON object whose last member is a file's content, encoded
// while it is read. The closing quote is held back until the file has ended at
// exactly the announced size.
type base64Body struct {
	source io.ReadCloser
	left   int64  // bytes of the file still to come
	tail   string // what follows the content
	ready  []byte // encoded, not yet read
	in     [24 << 10]byte
	out    [32 << 10]byte
	ended  bool
	closed atomic.Bool
}

func (b *base64Body) Read(p []byte) (int, error) {
	if len(b.ready) == 0 {
		if b.ended {
			return 0, io.EOF
		}
		if err := b.fill(); err != nil {
			if b.closed.Load() { // closed by the transport, which gave up: not the file's fault
				return 0, io.ErrClosedPipe
			}
			return 0, &SourceError{Op: opAttach, Err: err}
		}
	}
	n := copy(p, b.ready)
	b.ready = b.ready[n:]
	return n, nil
}

func (b *base64Body) fill() error {
	if b.left > 0 {
		n := min(b.left, int64(len(b.in)))
		if _, err := io.ReadFull(b.source, b.in[:n]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return ErrSizeChanged
			}
			return err
		}
		b.left -= n
		// Every piece but the last is a multiple of three bytes: no padding inside.
		base64.StdEncoding.Encode(b.out[:], b.in[:n])
		b.ready = b.out[:base64.StdEncoding.EncodedLen(int(n))]
		return nil
	}
	switch _, err := io.ReadFull(b.source, b.in[:1]); {
	case err == nil:
		return ErrSizeChanged
	case !errors.Is(err, io.EOF):
		return err
	}
	b.ended = true
	b.ready = append(b.ready[:0], b.tail...)
	return nil
}

func (b *base64Body) Close() error {
	b.closed.Store(true)
	return b.source.Close()
}
