package plusofon_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

const (
	// plenty is where a flood stops if nobody has cut it off.
	plenty = 256 << 20
	// buffered bounds the data between a server that writes and a client that has
	// stopped reading.
	buffered = 64 << 20
)

// flood answers with a gigabyte, or as much of it as is read.
type flood struct {
	status int
	header http.Header
	begin  string
	chunk  []byte
	worth  int // bytes that a chunk expands to, if compressed
	wrote  atomic.Int64
}

func (f *flood) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	maps.Copy(w.Header(), f.header)
	w.WriteHeader(f.status)
	n, err := io.WriteString(w, f.begin)
	f.wrote.Add(int64(n))
	for err == nil && f.wrote.Load() < plenty {
		_, err = w.Write(f.chunk)
		f.wrote.Add(int64(max(f.worth, len(f.chunk))))
	}
}

// bombWorth is how many times a bomb contains the filler.
const bombWorth = 64

// filler is repeated to make a gigabyte, and bomb is a part of it compressed to a few
// kilobytes.
var (
	filler = bytes.Repeat([]byte("x"), 256<<10)
	bomb   = sync.OnceValue(func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for range bombWorth {
			_, _ = z.Write(filler) // into memory
		}
		_ = z.Close()
		return b.Bytes()
	})
)

// floods are the ways to send a gigabyte.
func floods(status int) map[string]*flood {
	return map[string]*flood{
		"without an end": {status: status, begin: `{"message":"`, chunk: filler},
		"announced":      {status: status, begin: `[{"id":"`, chunk: filler, header: http.Header{"Content-Length": {"1073741824"}}},
		"compressed":     {status: status, chunk: bomb(), worth: bombWorth * len(filler), header: http.Header{"Content-Encoding": {"gzip"}}},
	}
}

// allocated returns the bytes allocated meanwhile, freed or not.
func allocated(do func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// checkCut checks that the flood was cut off near a limit. Compressed data is counted
// after decompression, and the buffers may hold gigabytes of it.
func (f *flood) checkCut(t *testing.T, limit int64) {
	t.Helper()
	if n := f.wrote.Load(); f.worth == 0 && n > limit+buffered {
		t.Errorf("%d MB were taken, want %d and what the sockets hold", n>>20, limit>>20)
	}
}

// A gigabyte instead of an answer is cut off at the limit of answers, however it is sent,
// and no more than that is held in memory.
func TestAnswersOfAGigabyte(t *testing.T) {
	login := methods[0] // without a token it logs in first
	login.name = "Login"
	for _, m := range append(methods[:len(methods):len(methods)], login) {
		for status, limit := range map[int]int64{200: 32 << 20, 400: 64 << 10, 500: 64 << 10} {
			if status == 200 && m.name != "Tickets" {
				continue // they take the same path, and 32 MB take time
			}
			for how, f := range floods(status) {
				if t.Failed() {
					return // the rest would fail as slowly
				}
				t.Run(m.name+"/"+http.StatusText(status)+"/"+how, func(t *testing.T) {
					srv := httptest.NewServer(f)
					defer srv.Close()
					cfg := plusofon.Config{BaseURL: srv.URL, Token: token, Email: email, Password: password, Rate: 10000}
					if m.name == "Login" {
						cfg.Token = ""
					}
					c := client(t, cfg)
					var err error
					took := allocated(func() {
						err = m.do(t.Context(), c)
						srv.Close() // waits for the other side to notice
					})
					if outcome(err) == "ok" {
						t.Error("it is taken for an answer")
					}
					// A growing buffer is allocated several times, and twice as often with
					// the race detector.
					if most := 10*limit + 1<<20; took > most {
						t.Errorf("%d MB allocated, want %d at most", took>>20, most>>20)
					}
					f.checkCut(t, limit)
				})
			}
		}
	}
}

// So is a gigabyte instead of an attachment, or of a redirect to one.
func TestDownloadsOfAGigabyte(t *testing.T) {
	const limit = 1 << 20
	api := start(t, plusofontest.Config{})
	for status, want := range map[int]string{200: "refused", 302: "refused", 404: "not found", 500: "temporary failure"} {
		for how, f := range floods(status) {
			t.Run(http.StatusText(status)+"/"+how, func(t *testing.T) {
				if status == 302 {
					f.header = http.Header{"Location": {"https://10.1.2.3/"}, "Content-Encoding": f.header["Content-Encoding"]}
				}
				srv := httptest.NewServer(f)
				defer srv.Close()
				cfg := config(api)
				cfg.DownloadHosts, cfg.MaxDownload = []string{srv.Listener.Addr().String()}, limit
				c := client(t, cfg)
				var n int64
				var err error
				took := allocated(func() {
					n, err = drain(t, c, srv.URL+"/f")
					srv.Close()
				})
				if outcome(err) != want || status == 200 && !errors.Is(err, plusofon.ErrTooLarge) {
					t.Errorf("error %v, want %s", err, want)
				}
				if n > limit || took > 2<<20 {
					t.Errorf("%d bytes came through a limit of %d, %d MB were allocated", n, limit, took>>20)
				}
				f.checkCut(t, limit)
			})
		}
	}
}

// drain reads a download to its end and discards it.
func drain(t *testing.T, c *plusofon.Client, link string) (int64, error) {
	r, _, err := c.Download(t.Context(), plusofon.Attachment{URL: link})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return io.Copy(io.Discard, r)
}

// Nor do headers fill the memory.
func TestHeadersOfAGigabyte(t *testing.T) {
	var wrote atomic.Int64
	line := []byte("X: " + strings.Repeat("x", 64<<10) + "\r\n")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close() //nolint:errcheck // whoever read it is gone
		_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for err == nil && wrote.Load() < plenty {
			_, err = conn.Write(line)
			wrote.Add(int64(len(line)))
		}
	}))
	defer srv.Close()
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			wrote.Store(0)
			c := client(t, plusofon.Config{BaseURL: srv.URL, Token: token, Rate: 10000})
			var err error
			took := allocated(func() { err = m.do(t.Context(), c) })
			if outcome(err) == "ok" || took > 4<<20 {
				t.Errorf("%v after %d MB were allocated", err, took>>20)
			}
		})
	}
}
