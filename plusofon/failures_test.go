package plusofon_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

const firstTicket, firstPost = 23624, 43807

// methods are all calls of the API that need a token.
var methods = []struct {
	name, op string
	write    bool
	do       func(context.Context, *plusofon.Client) error
}{
	{"Tickets", "list", false, func(ctx context.Context, c *plusofon.Client) error { _, err := c.AllTickets(ctx, true); return err }},
	{"Ticket", "ticket", false, func(ctx context.Context, c *plusofon.Client) error { _, err := c.Ticket(ctx, firstTicket); return err }},
	{"Account", "account", false, func(ctx context.Context, c *plusofon.Client) error { _, err := c.Account(ctx); return err }},
	{"Open", "open", true, func(ctx context.Context, c *plusofon.Client) error { _, err := c.Open(ctx, "s", "d"); return err }},
	{"Answer", "answer", true, func(ctx context.Context, c *plusofon.Client) error {
		_, err := c.Answer(ctx, firstTicket, "text")
		return err
	}},
	{"Attach", "attach", true, func(ctx context.Context, c *plusofon.Client) error {
		return c.Attach(ctx, firstTicket, firstPost, file("a.txt", "content"))
	}},
}

// TestFailures runs every method against every possible answer.
func TestFailures(t *testing.T) {
	wrapped404 := `{"message":"HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\nTicket not Found","code":500}`
	cases := []struct {
		name        string
		fault       plusofontest.Fault
		read, write string // the outcome
		attach      string // of Attach, if different
		effect      bool   // a write took effect
		says        string // part of the error's text
	}{
		{name: "nothing wrong", read: "ok", write: "ok", effect: true},
		{name: "401", fault: plusofontest.Fault{Status: 401, Body: `{"message":"Unauthenticated."}`},
			read: "no access", write: "no access", says: "Unauthenticated."},
		{name: "403", fault: plusofontest.Fault{Status: 403, Body: `{"error":"Недостаточно прав"}`},
			read: "no access", write: "no access", says: "Недостаточно прав"},
		{name: "no access in a 500", fault: plusofontest.Fault{Status: 500, Body: `{"error":{"message":"нет доступа"}}`},
			read: "no access", write: "no access", says: "нет доступа"},
		{name: "401 that repeats the token", fault: plusofontest.Fault{Status: 401, Body: `{"message":"` + token + ` has expired"}`},
			read: "no access", write: "no access", says: "*** has expired"},
		{name: "500 that repeats the token", fault: plusofontest.Fault{Status: 500, Body: "<title>Bearer " + token + "</title>"},
			read: "temporary failure", write: "unknown", says: "Bearer ***"},
		{name: "a redirect that repeats the token", fault: plusofontest.Fault{Status: 302, Header: http.Header{"Location": {"https://" + token + ".example/?" + token}}},
			read: "no access", write: "no access", says: "redirected to ***.example"},
		{name: "404", fault: plusofontest.Fault{Status: 404, Body: `{"error":"Not Found"}`},
			read: "not found", write: "not found"},
		{name: "404 wrapped in a 500", fault: plusofontest.Fault{Status: 500, Body: wrapped404},
			read: "not found", write: "not found", says: "not found (status 404): Ticket not Found"},
		{name: "400", fault: plusofontest.Fault{Status: 400, Body: `{"message":"The subject field is required","code":400}`},
			read: "refused", write: "refused", says: "The subject field is required"},
		{name: "422 with a map of reasons", fault: plusofontest.Fault{Status: 422, Body: `{"errors":{"text":["too long"],"file":"no file"}}`},
			read: "refused", write: "refused", says: "no file too long"},
		{name: "200 without success", fault: plusofontest.Fault{Body: `{"success":false,"code":500,"message":"Обращение закрыто"}`},
			read: "refused", write: "refused", says: "Обращение закрыто"},
		{name: "200 with a code of 400", fault: plusofontest.Fault{Body: `{"code":"400","message":"bad"}`},
			read: "refused", write: "refused"},
		{name: "429", fault: plusofontest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}},
			read: "rate limited", write: "rate limited"},
		{name: "408", fault: plusofontest.Fault{Status: 408}, read: "temporary failure", write: "not sent"},
		{name: "500", fault: plusofontest.Fault{Status: 500, Body: `{"message":"Server Error"}`},
			read: "temporary failure", write: "unknown", says: "Server Error"},
		{name: "500 that also says no success", fault: plusofontest.Fault{Status: 500, Body: `{"success":false}`},
			read: "temporary failure", write: "unknown"},
		{name: "500 after it happened", fault: plusofontest.Fault{Effect: true, Status: 500},
			read: "temporary failure", write: "unknown", effect: true},
		{name: "502 page", fault: plusofontest.Fault{Status: 502, Body: "<html><head><title>502 Bad Gateway</title></head></html>"},
			read: "temporary failure", write: "unknown", says: "502 Bad Gateway"},
		{name: "a page instead of an answer", fault: plusofontest.Fault{Body: "<html>hello</html>"},
			read: "temporary failure", write: "unknown"},
		{name: "another JSON instead of an answer", fault: plusofontest.Fault{Body: `"hello"`},
			read: "temporary failure", write: "unknown", attach: "ok"},
		{name: "huge answer", fault: plusofontest.Fault{Body: strings.Repeat(" ", 33<<20)},
			read: "temporary failure", write: "unknown", says: "larger than"},
		{name: "huge complaint", fault: plusofontest.Fault{Status: 400, Body: strings.Repeat("x", 1<<20)},
			read: "refused", write: "refused", says: "…"},
		{name: "reset before it happened", fault: plusofontest.Fault{DropBefore: true},
			read: "temporary failure", write: "unknown"},
		{name: "reset after it happened", fault: plusofontest.Fault{DropAfter: true},
			read: "temporary failure", write: "unknown", effect: true},
		{name: "half an answer", fault: plusofontest.Fault{HalfBody: true},
			read: "temporary failure", write: "unknown", effect: true},
		{name: "half a refusal", fault: plusofontest.Fault{HalfBody: true, Status: 400, Body: `{"message":"no no no"}`},
			read: "refused", write: "refused", effect: true},
	}
	for _, m := range methods {
		for _, tc := range cases {
			t.Run(m.name+"/"+tc.name, func(t *testing.T) {
				srv := start(t, plusofontest.Config{})
				srv.OpenInCabinet("first", "first")
				tc.fault.Op = m.op
				srv.AddFault(tc.fault)

				err := m.do(t.Context(), client(t, config(srv)))

				want := tc.read
				if m.write {
					want = tc.write
				}
				if m.op == "attach" && tc.attach != "" {
					want = tc.attach
				}
				if got := outcome(err); got != want {
					t.Errorf("outcome %q, want %q (%v)", got, want, err)
				}
				if err != nil {
					checkText(t, err, tc.says)
				}
				requests := srv.Requests()
				if len(requests) != 1 {
					t.Errorf("%d requests, want 1", len(requests))
				}
				if m.write && (requests[0].Effect != "") != tc.effect {
					t.Errorf("effect %q, want some: %v", requests[0].Effect, tc.effect)
				}
			})
		}
	}
}

func checkText(t *testing.T, err error, says string) {
	t.Helper()
	text := err.Error()
	if !strings.Contains(text, says) {
		t.Errorf("error %q does not say %q", text, says)
	}
	if len(text) > 700 || strings.ContainsAny(text, "\r\n\x00\x1b") {
		t.Errorf("error is not fit for a log line: %q", text)
	}
	if holdsCanary(text) || strings.Contains(text, "?state") {
		t.Errorf("error holds what is secret: %q", text)
	}
}

func TestNoConnectionIsNotSent(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	cfg := config(srv)
	srv.Close()
	for _, m := range methods {
		if got := outcome(m.do(t.Context(), client(t, cfg))); got != "not sent" {
			t.Errorf("%s: outcome %q, want not sent", m.name, got)
		}
	}
}

// A caller that gives up learns whether the request was sent.
func TestCanceled(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name+"/before", func(t *testing.T) {
			srv := start(t, plusofontest.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := m.do(ctx, client(t, config(srv)))
			if outcome(err) != "not sent" || !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want not sent because canceled", err)
			}
			if n := len(srv.Requests()); n != 0 {
				t.Errorf("%d requests, want none", n)
			}
		})
		t.Run(m.name+"/after", func(t *testing.T) {
			srv := start(t, plusofontest.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			srv.AddFault(plusofontest.Fault{Delay: time.Hour, OnRead: cancel})
			err := m.do(ctx, client(t, config(srv)))
			want := "temporary failure"
			if m.write {
				want = "unknown"
			}
			if outcome(err) != want || !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want %s because canceled", err, want)
			}
		})
	}
}

// A redirect is a denial of access; its target is never contacted, so the token is not
// leaked.
func TestRedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, m := range methods {
			srv := start(t, plusofontest.Config{})
			srv.AddFault(plusofontest.Fault{Status: status, Header: http.Header{"Location": {other.URL + "/login?next=" + signature}}})
			err := m.do(t.Context(), client(t, config(srv)))
			if outcome(err) != "no access" {
				t.Errorf("%s, %d: error %v, want no access without the query", m.name, status, err)
			}
			srv.Close()
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the other host was asked %d times", n)
	}
}

// A server's text can't forge a log line, and an echoed secret is masked.
func TestHostileMessage(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	srv.AddFault(plusofontest.Fault{Status: 400, Body: `{"message":"bad\r\nlevel=ERROR \u001b[31m\u202e\u0000 ` + token + `"}`})
	_, err := client(t, config(srv)).Open(t.Context(), "s", "d")
	if want := "open ticket: refused (status 400): bad level=ERROR [31m ***"; err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

// A transport's error may contain the whole address: its query must not be shown.
func TestAddressIsTakenOutOfATransportError(t *testing.T) {
	c := client(t, plusofon.Config{BaseURL: "https://api.example", Token: token, Transport: lost{}})
	for _, m := range methods {
		if err := m.do(t.Context(), c); outcome(err) != "not sent" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v, want not sent with its cause", m.name, err)
		}
	}
}

// lost fails every request before it is sent, with its address in the error.
type lost struct{}

func (lost) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: r.Method, URL: r.URL.String() + "?signature=" + signature, Err: io.ErrUnexpectedEOF}
}

func TestRetryAfter(t *testing.T) {
	for _, tc := range []struct {
		name, header string
		want         time.Duration
	}{
		{"seconds", "7", 7 * time.Second},
		{"a date on the server's clock", noon.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{"a date in the past backs off", noon.Add(-time.Hour).Format(http.TimeFormat), 15 * time.Second},
		{"nothing backs off", "", 15 * time.Second},
		{"nonsense backs off", "soon", 15 * time.Second},
		{"too long", "99999999999999", 24 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{})
			srv.AddFault(plusofontest.Fault{Status: 429, Header: http.Header{"Retry-After": {tc.header}}})
			_, err := client(t, config(srv)).Open(t.Context(), "s", "d")
			e, ok := errors.AsType[*plusofon.Error](err)
			if !ok || e.Kind != plusofon.RateLimited || e.RetryAfter != tc.want {
				t.Errorf("error %#v, want rate limited for %v", err, tc.want)
			}
		})
	}
}
