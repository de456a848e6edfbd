package telegram

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
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
		result, err := f.Upload(t.Context(), call, Upload{Field: "document", Name: "/etc/../Акт \"1\"\r\n.pdf", Open: open})
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
	_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), Upload{Field: "document", Name: "a", Open: func(context.Context) (io.ReadCloser, error) {
		return &pattern{left: 100_000, closed: &closed, fail: broken}, nil
	}})
	var e *Error
	if !errors.As(err, &e) || e.Outcome != NotSent || closed != 1 {
		t.Errorf("got %v, closed %d times; want: not sent, closed once", err, closed)
	}
	keepsToken(t, err)
	if <-complete {
		t.Error("the server took the half file for a whole one")
	}

	_, err = f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), Upload{Field: "document", Name: "a", Open: func(context.Context) (io.ReadCloser, error) {
		return nil, io.ErrUnexpectedEOF
	}})
	if !errors.As(err, &e) || e.Outcome != NotSent || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("can't open: got %v, want: not sent", err)
	}
}

// The files of one call stream one after another. If one fails, the error says which, and the
// server has not received a complete request.
func TestUploadOfSeveralFiles(t *testing.T) {
	complete := make(chan bool, 1)
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		complete <- err == nil
		answer(200, `{"ok":true,"result":[{"message_id":8},{"message_id":9},{"message_id":10}]}`)(w, r)
	}))
	album, fields, err := mustEncode(t, SendPhoto{ChatID: 1}).AsAlbum(3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		fails, opens int // which file fails, and which can't be opened; 0: none
		opened       int
	}{
		{"all are there", 0, 0, 3}, {"the second breaks off", 2, 0, 2}, {"the third can't be opened", 0, 3, 3}, {"the first can't be opened", 0, 1, 1},
	} {
		opened, closed := 0, 0
		files := make([]Upload, 3)
		for i := range files {
			files[i] = Upload{Field: fields[i], Name: "a.png", Open: func(context.Context) (io.ReadCloser, error) {
				if opened++; opened-closed > 1 {
					t.Errorf("%s: %d files are open at once", c.name, opened-closed)
				}
				if i+1 == c.opens {
					closed++
					return nil, io.ErrUnexpectedEOF
				}
				p := &pattern{left: 100_000, closed: &closed}
				if i+1 == c.fails {
					p.fail = io.ErrUnexpectedEOF
				}
				return p, nil
			}}
		}
		result, err := f.Upload(t.Context(), album, files...)
		if opened != c.opened || closed != opened {
			t.Errorf("%s: %d files opened and %d closed", c.name, opened, closed)
		}
		broken := max(c.fails, c.opens)
		if broken == 0 {
			ids, failure := result.AlbumIDs()
			if err != nil || failure != nil || !slices.Equal(ids, []MessageID{8, 9, 10}) || !<-complete {
				t.Errorf("%s: %v, %v, %v", c.name, ids, err, failure)
			}
			continue
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || e.File != broken || e.Outcome != NotSent || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", c.name, err)
		}
		if broken > 1 && <-complete {
			t.Errorf("%s: the server has got all of it", c.name)
		}
	}
}

// The answer may come before the whole file was sent.
func TestUploadRefusedEarly(t *testing.T) {
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		answer(413, `{"ok":false,"error_code":413,"description":"Request Entity Too Large"}`)(w, r)
	}))
	closed := 0
	_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), Upload{Field: "document", Name: "a", Open: func(context.Context) (io.ReadCloser, error) {
		return &pattern{left: 1 << 10, closed: &closed}, nil
	}})
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
	_, err := f.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), Upload{Field: "document", Name: "a", Open: func(context.Context) (io.ReadCloser, error) {
		rest := readerFunc(func(p []byte) (int, error) { <-first; return 0, io.EOF })
		return io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, 256<<10)), rest)), nil
	}})
	if err != nil {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
