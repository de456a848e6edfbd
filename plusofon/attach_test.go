package plusofon_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// source is a file with a given reader.
func source(size int64, r io.Reader) plusofon.File {
	return plusofon.File{Name: "a.bin", Size: size, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(r), nil }}
}

func TestAttachArrivesWhole(t *testing.T) {
	const piece = 24 << 10 // encoded at a time
	for _, size := range []int{1, 2, 3, 4, 100, piece - 1, piece, piece + 1, 3*piece + 2, 1 << 20} {
		content := bytes.Repeat([]byte("0123456789abcde"), size/15+1)[:size]
		srv := start(t, plusofontest.Config{})
		id := srv.OpenInCabinet("s", "d")
		f := source(int64(size), iotest.HalfReader(bytes.NewReader(content)))
		f.Name = "отчёт \"за\" день\\.pdf"
		if err := client(t, config(srv)).Attach(t.Context(), id, firstPost, f); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		ticket, _ := srv.Ticket(id)
		got := ticket.Posts[0].Attachments[0]
		if got.Name != f.Name || !bytes.Equal(got.Content, content) {
			t.Errorf("%d bytes arrived as %d under the name %q", size, len(got.Content), got.Name)
		}
		r := srv.Requests()[0]
		if r.Header.Get("Content-Length") == "" || r.Header.Get("Transfer-Encoding") != "" {
			t.Errorf("%d bytes: the length is not announced", size)
		}
		srv.Close()
	}
}

var errBroken = errors.New("the source broke")

// A file that can't be read as announced never becomes an attachment, and gets its own
// kind of error.
func TestAttachFromBadSource(t *testing.T) {
	big := strings.Repeat("x", 300<<10)
	for _, tc := range []struct {
		name string
		file plusofon.File
		want error
	}{
		{"shorter", source(10, strings.NewReader("123456789")), plusofon.ErrSizeChanged},
		{"longer", source(10, strings.NewReader("12345678901")), plusofon.ErrSizeChanged},
		{"longer, by a piece", source(300<<10, strings.NewReader(big+big)), plusofon.ErrSizeChanged},
		{"much shorter", source(600<<10, strings.NewReader(big)), plusofon.ErrSizeChanged},
		{"empty", source(1, strings.NewReader("")), plusofon.ErrSizeChanged},
		{"broken at once", source(10, iotest.ErrReader(errBroken)), errBroken},
		{"broken midway", source(600<<10, io.MultiReader(strings.NewReader(big), iotest.ErrReader(errBroken))), errBroken},
		{"broken at the very end", source(300<<10, io.MultiReader(strings.NewReader(big), iotest.ErrReader(errBroken))), errBroken},
		{"can't be opened", plusofon.File{Size: 1, Open: func(context.Context) (io.ReadCloser, error) { return nil, errBroken }}, errBroken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{})
			id := srv.OpenInCabinet("s", "d")
			err := client(t, config(srv)).Attach(t.Context(), id, firstPost, tc.file)
			if outcome(err) != "source" || !errors.Is(err, tc.want) {
				t.Errorf("error %v, want a source error of %v", err, tc.want)
			}
			srv.Close() // waits for nothing, but nothing happens after it
			ticket, _ := srv.Ticket(id)
			if n := len(ticket.Posts[0].Attachments); n != 0 {
				t.Errorf("%d attachments, want none", n)
			}
		})
	}
	srv := start(t, plusofontest.Config{})
	c := client(t, config(srv))
	for name, f := range map[string]plusofon.File{"size not known": {Size: -1, Open: file("", "").Open}, "nothing to open": {Size: 1}} {
		if err := c.Attach(t.Context(), 1, 1, f); outcome(err) != "source" {
			t.Errorf("%s: %v, want a source error", name, err)
		}
	}
	if n := len(srv.Requests()); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

// An upload cut off by the server before its end certainly had no effect.
func TestAttachCutOffMidway(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	srv.Switch(plusofontest.Switches{Down: true})
	size := int64(64 << 20) // more than the sockets can buffer
	err := client(t, config(srv)).Attach(t.Context(), id, firstPost, source(size, io.LimitReader(zeros{}, size)))
	if outcome(err) != "not sent" {
		t.Errorf("error %v, want not sent", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The source ends with the caller's context; its failure then is not the file's fault.
func TestAttachCanceledMidway(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	f := plusofon.File{Size: 10 << 20, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return io.NopCloser(readerFunc(func([]byte) (int, error) {
			cancel()
			<-ctx.Done()
			return 0, ctx.Err()
		})), nil
	}}
	err := client(t, config(srv)).Attach(ctx, 1, 1, f)
	if outcome(err) != "not sent" || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want not sent because canceled", err)
	}
}

func TestAttachOpensAgainAfterLogin(t *testing.T) {
	srv, cfg := withLogin(t)
	cfg.Token = "stale"
	id := srv.OpenInCabinet("s", "d")
	var mu sync.Mutex
	opened, closed := 0, 0
	f := plusofon.File{Name: "a", Size: 3, Open: func(context.Context) (io.ReadCloser, error) {
		mu.Lock()
		defer mu.Unlock()
		opened++
		return &closer{strings.NewReader("abc"), func() { mu.Lock(); closed++; mu.Unlock() }}, nil
	}}
	if err := client(t, cfg).Attach(t.Context(), id, firstPost, f); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if opened != 2 || closed != 2 {
		t.Errorf("opened %d times and closed %d times, want twice each", opened, closed)
	}
}

type closer struct {
	io.Reader
	close func()
}

func (c *closer) Close() error { c.close(); return nil }

func TestAttachAnswers(t *testing.T) {
	for body, want := range map[string]string{
		` `: "ok", `{}`: "ok", `[]`: "ok", `{"success":true,"message":"ok"}`: "ok", `null`: "ok",
		`{"success":false,"message":"too large"}`: "refused", `{"success":false,"code":403}`: "no access", `<p>hm</p>`: "unknown",
	} {
		srv := start(t, plusofontest.Config{})
		srv.AddFault(plusofontest.Fault{Body: body})
		if got := outcome(client(t, config(srv)).Attach(t.Context(), 1, 1, file("a", "b"))); got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

// zeros is a file of any size that takes no memory.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Four large files at once: neither side holds them in memory.
func TestLargeUploadsTakeLittleMemory(t *testing.T) {
	const size, files = 20 << 20, 4
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	c := client(t, config(srv))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	errs := make(chan error, files)
	for range files {
		go func() { errs <- c.Attach(t.Context(), id, firstPost, source(size, io.LimitReader(zeros{}, size))) }()
	}
	for range files {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	runtime.ReadMemStats(&after)
	// Everything ever allocated, freed or not.
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("%d MB allocated for %d MB of files", took>>20, files*size>>20)
	}
	h := sha256.New()
	_, _ = io.CopyN(h, zeros{}, size)
	want := hex.EncodeToString(h.Sum(nil))
	ticket, _ := srv.Ticket(id)
	if n := len(ticket.Posts[0].Attachments); n != files {
		t.Errorf("%d files arrived, want %d", n, files)
	}
	for _, f := range ticket.Posts[0].Attachments {
		if f.Size != size || f.SHA256 != want || f.Content != nil {
			t.Errorf("arrived as %d bytes, %s, content kept: %v", f.Size, f.SHA256, f.Content != nil)
		}
	}
}

// BenchmarkAttach shows in B/op that memory does not grow with the file.
func BenchmarkAttach(b *testing.B) {
	for name, size := range map[string]int64{"1MB": 1 << 20, "20MB": 20 << 20, "200MB": 200 << 20} {
		b.Run(name, func(b *testing.B) {
			c, err := plusofon.New(plusofon.Config{BaseURL: "https://api.example", Token: token, Rate: 1 << 30, Transport: discard{}})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Attach(b.Context(), 1, 1, source(size, io.LimitReader(zeros{}, size))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// discard accepts every request.
type discard struct{}

func (discard) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, r.Body.Close()
}
