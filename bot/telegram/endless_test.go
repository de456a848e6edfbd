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
	// plenty is where a flood ends that nobody has cut off.
	plenty = 256 << 20
	// buffered is the most that lies between a server that writes and a client that
	// has stopped reading.
	buffered = 64 << 20
	// bombWorth is how many times the filler lies in a bomb.
	bombWorth = 64
)

// filler is what a gigabyte is made of, and bomb a part of it in a few kilobytes.
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

// flood writes a gigabyte, or as much of it as somebody takes.
type flood struct {
	header string // of the answer, name and value
	chunk  []byte
	worth  int // bytes that a chunk stands for
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

// checkCut wants the flood cut off at about a limit and not to lie in memory. What
// is compressed lies in the sockets by the gigabyte.
func (f *flood) checkCut(t *testing.T, limit, took int64) {
	t.Helper()
	if n := f.wrote.Load(); len(f.chunk) == f.worth && n > limit+buffered {
		t.Errorf("%d MB were taken, want %d and what the sockets hold", n>>20, limit>>20)
	}
	// A buffer that grows is allocated several times over, and in a build that
	// looks for races twice as often.
	if most := 10*limit + 2<<20; took > most {
		t.Errorf("%d MB allocated, want %d at most", took>>20, most>>20)
	}
}

// allocated is all that was ever allocated meanwhile, freed or not.
func allocated(do func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// A gigabyte instead of an answer is cut where more can't be one, however it comes,
// and no more than that lies in memory.
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
