package plusofon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOwnTransportsSpeakPlainHTTP1(t *testing.T) {
	for name, tr := range map[string]*http.Transport{
		"writes": newTransport(time.Second, nil, nil), "reads": newReadTransport(time.Second, nil),
	} {
		if tr.Protocols.HTTP2() || !tr.Protocols.HTTP1() || tr.ResponseHeaderTimeout == 0 || tr.TLSHandshakeTimeout == 0 {
			t.Errorf("%s: %+v", name, tr)
		}
		if keeps := !tr.DisableKeepAlives; keeps != (name == "reads") || keeps && (tr.IdleConnTimeout <= 0 || tr.IdleConnTimeout >= 5*time.Second) {
			t.Errorf("%s keep connections: %v, for %v", name, keeps, tr.IdleConnTimeout)
		}
	}
}

// desk answers every call and records its connection.
type desk struct {
	*httptest.Server
	mu     sync.Mutex
	conns  map[string]int
	calls  []string
	answer func(w http.ResponseWriter, r *http.Request, n int) // nil: a good one
}

func newDesk(t *testing.T) (*desk, *Client) {
	t.Helper()
	d := &desk{conns: make(map[string]int)}
	d.Server = httptest.NewServer(d)
	t.Cleanup(d.Close)
	c, err := New(Config{BaseURL: d.URL, Token: "t0ken", Rate: 10000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return d, c
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	if d.conns[r.RemoteAddr] == 0 {
		d.conns[r.RemoteAddr] = len(d.conns) + 1
	}
	closing := ""
	if r.Close {
		closing = ", closing"
	}
	body := ""
	if d.answer == nil {
		b, _ := io.ReadAll(r.Body)
		body = " " + string(b)
	}
	d.calls = append(d.calls, fmt.Sprintf("%s%s on %d%s", r.Method, strings.TrimRight(body, " "), d.conns[r.RemoteAddr], closing))
	n, answer := len(d.calls), d.answer
	d.mu.Unlock()
	if answer != nil {
		answer(w, r, n)
		return
	}
	goodAnswer(w, r)
}

func goodAnswer(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path == "/api/v1/ticket" {
		_, _ = io.WriteString(w, `[]`)
		return
	}
	_, _ = io.WriteString(w, `{"id":1}`)
}

func (d *desk) seen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.calls...)
}

// A burst of reads shares a connection; each write has its own.
func TestConnections(t *testing.T) {
	d, c := newDesk(t)
	ctx := t.Context()
	_, list := c.AllTickets(ctx, true)
	_, read := c.Ticket(ctx, 1)
	_, answer := c.Answer(ctx, 1, "x")
	_, open := c.Open(ctx, "s", "d")
	_, again := c.Ticket(ctx, 1)
	c.CloseIdle()
	_, last := c.Ticket(ctx, 1)
	for _, err := range []error{list, read, answer, open, again, last} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`GET {"state":"true"} on 1`, `GET on 1`, `PUT {"text":"x"} on 2, closing`,
		`POST {"description":"d","subject":"s"} on 3, closing`, `GET on 1`, `GET on 4`,
	}
	if diff := cmp.Diff(want, d.seen()); diff != "" {
		t.Error(diff)
	}
}

// If a kept connection turns out to be closed, the read is sent again, whole.
func TestReadOnClosedConnectionIsRepeated(t *testing.T) {
	for name, read := range map[string]func(context.Context, *Client) error{
		"with a body":    func(ctx context.Context, c *Client) error { _, err := c.AllTickets(ctx, false); return err },
		"without a body": func(ctx context.Context, c *Client) error { _, err := c.Ticket(ctx, 1); return err },
	} {
		t.Run(name, func(t *testing.T) {
			d, c := newDesk(t)
			var bodies []string
			d.answer = func(w http.ResponseWriter, r *http.Request, n int) {
				b, _ := io.ReadAll(r.Body)
				bodies = append(bodies, string(b))
				if n == 2 {
					hangUp(t, w)
					return
				}
				goodAnswer(w, r)
			}
			for range 2 {
				if err := read(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"GET on 1", "GET on 1", "GET on 2"}, d.seen()); diff != "" {
				t.Error(diff)
			}
			if len(bodies) != 3 || bodies[2] != bodies[1] {
				t.Errorf("bodies %q", bodies)
			}
		})
	}
}

// A write is not, wherever its connection ends.
func TestWriteIsNeverRepeated(t *testing.T) {
	d, c := newDesk(t)
	d.answer = func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.Method == http.MethodGet {
			goodAnswer(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		hangUp(t, w)
	}
	if _, err := c.Ticket(t.Context(), 1); err != nil { // leaves a connection
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context(), "s", "d"); err == nil {
		t.Error("no error")
	}
	if diff := cmp.Diff([]string{"GET on 1", "POST on 2, closing"}, d.seen()); diff != "" {
		t.Error(diff)
	}
}

func hangUp(t *testing.T, w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_ = conn.Close()
}

// A server that ignores the list's body can send a long answer.
func TestLargeListFromServerThatDoesNotReadTheBody(t *testing.T) {
	d, c := newDesk(t)
	const n = 20_000
	large := `[{"id":1}` + strings.Repeat(`,{"id":2,"subject":"`+strings.Repeat("x", 200)+`"}`, n-1) + `]`
	d.answer = func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = io.WriteString(w, large) }
	for range 3 {
		if list, err := c.AllTickets(t.Context(), true); err != nil || len(list) != n {
			t.Fatalf("%d tickets, %v", len(list), err)
		}
	}
}

// Announced sizes are hints: a wrong or missing one does not change what is read.
func TestReadAll(t *testing.T) {
	for _, announced := range []int64{-1, 0, 1, 4, 5, 6, 1 << 20} {
		if b, err := readAll(strings.NewReader("hello"), announced); err != nil || string(b) != "hello" {
			t.Errorf("announced %d: %q, %v", announced, b, err)
		}
	}
}

// The API's old page documents the state in the body, the new one in the query.
func TestStateIsInQueryAndBody(t *testing.T) {
	d, c := newDesk(t)
	var got []string
	d.answer = func(w http.ResponseWriter, r *http.Request, _ int) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, r.URL.RawQuery+" "+string(b))
		goodAnswer(w, r)
	}
	for _, open := range []bool{true, false} {
		if _, err := c.AllTickets(t.Context(), open); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{`state=true {"state":"true"}`, `state=false {"state":"false"}`}, got); diff != "" {
		t.Error(diff)
	}
}
