package telegram

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

const (
	// plenty is where a flood stops if nobody has cut it off.
	plenty = 256 << 20
	// buffered bounds the data between a server that writes and a client that has
	// stopped reading.
	buffered = 64 << 20
	// bombWorth is how many times a bomb contains the filler.
	bombWorth = 64
)

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

// flood writes a gigabyte, or as much of it as is read.
type flood struct {
	header string // of the answer, name and value
	chunk  []byte
	worth  int // bytes that a chunk expands to
	wrote  atomic.Int64
	done   chan struct{} // nothing more is written
}

// floods are the ways to send a gigabyte.
func floods() map[string]*flood {
	return map[string]*flood{
		"without an end": {chunk: filler, worth: len(filler), done: make(chan struct{})},
		"announced":      {header: "Content-Length: 1073741824", chunk: filler, worth: len(filler), done: make(chan struct{})},
		"compressed":     {header: "Content-Encoding: gzip", chunk: bomb(), worth: bombWorth * len(filler), done: make(chan struct{})},
	}
}

func (f *flood) answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer close(f.done)
		_, _ = io.Copy(io.Discard, r.Body)
		if name, value, ok := strings.Cut(f.header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		for err := error(nil); err == nil && f.wrote.Load() < plenty; f.wrote.Add(int64(f.worth)) {
			_, err = w.Write(f.chunk)
		}
	}
}

// checkCut checks that the flood was cut off near a limit and not held in memory. The
// sockets may buffer gigabytes in compressed form.
func (f *flood) checkCut(t *testing.T, limit, took int64) {
	t.Helper()
	if n := f.wrote.Load(); len(f.chunk) == f.worth && n > limit+buffered {
		t.Errorf("%d MB were taken, want %d and what the sockets hold", n>>20, limit>>20)
	}
	// A growing buffer is allocated several times, and twice as often with the
	// race detector.
	if most := 10*limit + 2<<20; took > most {
		t.Errorf("%d MB allocated, want %d at most", took>>20, most>>20)
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

// A gigabyte instead of an answer is cut off at the limit of answers, however it is sent,
// and no more than that is held in memory.
func TestAnswersOfAGigabyte(t *testing.T) {
	for _, c := range []struct {
		method string
		status int
		how    string
	}{
		{"getUpdates", 200, "without an end"},
		{"getUpdates", 200, "announced"},
		{"getUpdates", 200, "compressed"},
		{"getUpdates", 502, "without an end"},
		{"sendMessage", 200, "without an end"},
		{"sendDocument", 200, "without an end"},
		{"getFile", 200, "without an end"},
	} {
		t.Run(fmt.Sprint(c.method, "/", c.status, "/", c.how), func(t *testing.T) {
			f := floods()[c.how]
			client := connect(t, f.answer(c.status))
			var err error
			took := allocated(func() {
				err = methods[c.method](t, client)
				<-f.done
			})
			if err == nil {
				t.Error("it is taken for an answer")
			}
			f.checkCut(t, maxAnswer, took)
		})
	}
}

// So is a gigabyte instead of a file.
func TestDownloadsOfAGigabyte(t *testing.T) {
	const limit = 1 << 20
	for how, f := range floods() {
		t.Run(how, func(t *testing.T) {
			client := connect(t, files("a", 0, f.answer(200)))
			var n int64
			var err error
			took := allocated(func() {
				var body io.ReadCloser
				if body, _, err = client.OpenFile(t.Context(), "id", limit); err == nil {
					n, err = io.Copy(io.Discard, body)
					_ = body.Close() // it has failed
				}
				<-f.done
			})
			if !IsTooBig(err) || n > limit {
				t.Errorf("%d bytes came through a limit of %d: %v", n, limit, err)
			}
			f.checkCut(t, limit, took)
		})
	}
	t.Run("a failure", func(t *testing.T) {
		f := floods()["without an end"]
		client := connect(t, files("a", 0, f.answer(502)))
		var err error
		took := allocated(func() {
			_, _, err = client.OpenFile(t.Context(), "id", limit)
			<-f.done
		})
		if err == nil {
			t.Error("it is taken for a file")
		}
		f.checkCut(t, 0, took)
	})
}
