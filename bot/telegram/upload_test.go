package telegram

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
)

// pattern is a file with a known pattern, generated while it is read.
type pattern struct {
	left   int
	closed *int
	fail   error // instead of the end
}

func (p *pattern) Read(b []byte) (int, error) {
	if p.left == 0 {
		if p.fail != nil {
			return 0, p.fail
		}
		return 0, io.EOF
	}
	n := min(len(b), p.left)
	for i := range b[:n] {
		b[i] = 'x'
	}
	p.left -= n
	return n, nil
}

func (p *pattern) Close() error { *p.closed++; return nil }

func TestUpload(t *testing.T) {
	const size = 3 << 20
	var name, caption string
	var got int
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reader, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		for part, err := reader.NextPart(); err == nil; part, err = reader.NextPart() {
			content, _ := io.ReadAll(part)
			switch part.FormName() {
			case "document":
				name, got = part.FileName(), len(content)
			case "caption":
				caption = string(content)
			}
		}
		answer(200, `{"ok":true,"result":{"message_id":8}}`)(w, r)
	}))
	closed := 0
	open := func(context.Context) (io.ReadCloser, error) { return &pattern{left: size, closed: &closed}, nil }
	call := mustEncode(t, SendDocument{ChatID: 1, Caption: "Файл"})
	for range 2 { // a retry opens the file again
		result, err := f.Upload(t.Context(), call, "document", "/etc/../Акт \"1\"\r\n.pdf", open)
		if err != nil || result.MessageID != 8 {
			t.Fatalf("got %+v, %v", result, err)
		}
	}
	if name != "Акт _1_ .pdf" || caption != "Файл" || got != size {
		t.Errorf("got name %q, caption %q, %d bytes", name, caption, got)
	}
	if closed != 2 {
		t.Errorf("two files were opened, %d closed", closed)
	}
}

func TestUploadOfAFileThatFails(t *testing.T) {
	broken := errors.New("read https://host/bot" + canary + "/x: broken")
	complete := make(chan bool, 1)
	f := connect(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		complete <- err == nil
	}))
	closed := 0
	_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), "document", "a", func(context.Context) (io.ReadCloser, error) {
		return &pattern{left: 100_000, closed: &closed, fail: broken}, nil
	})
	var e *Error
	if !errors.As(err, &e) || e.Outcome != NotSent || closed != 1 {
		t.Errorf("got %v, closed %d times; want: not sent, closed once", err, closed)
	}
	keepsToken(t, err)
	if <-complete {
		t.Error("the server took the half file for a whole one")
	}

	_, err = f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), "document", "a", func(context.Context) (io.ReadCloser, error) {
		return nil, io.ErrUnexpectedEOF
	})
	if !errors.As(err, &e) || e.Outcome != NotSent || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("can't open: got %v, want: not sent", err)
	}
}

// The answer may come before the whole file was sent.
func TestUploadRefusedEarly(t *testing.T) {
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		answer(413, `{"ok":false,"error_code":413,"description":"Request Entity Too Large"}`)(w, r)
	}))
	closed := 0
	_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), "document", "a", func(context.Context) (io.ReadCloser, error) {
		return &pattern{left: 1 << 10, closed: &closed}, nil
	})
	if !IsTooBig(err) || closed != 1 {
		t.Errorf("got %v, closed %d times; want: too big, closed once", err, closed)
	}
}

func TestUploadStreams(t *testing.T) {
	first := make(chan struct{})
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buffer := make([]byte, 4096)
		if _, err := io.ReadFull(r.Body, buffer); err != nil {
			t.Error(err)
		}
		close(first) // the file's second half waits for this
		_, _ = io.Copy(io.Discard, r.Body)
		answer(200, `{"ok":true,"result":{"message_id":8}}`)(w, r)
	}))
	_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), "document", "a", func(context.Context) (io.ReadCloser, error) {
		rest := readerFunc(func(p []byte) (int, error) { <-first; return 0, io.EOF })
		return io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, 256<<10)), rest)), nil
	})
	if err != nil {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
