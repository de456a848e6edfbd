package plusofontest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "t0ken"

var noon = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func start(t *testing.T, cfg plusofontest.Config) *plusofontest.Server {
	t.Helper()
	cfg.Token = token
	if cfg.Clock == nil {
		cfg.Clock = func() time.Time { return noon }
	}
	srv := plusofontest.New(cfg)
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return srv
}

// ask sends a request as a correct client would, with changes to its headers; an empty
// value removes a header.
func ask(t *testing.T, srv *plusofontest.Server, method, path, body string, headers ...string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	for k, v := range map[string]string{
		"Accept": "application/json", "Content-Type": "application/json", "Client": "10553", "Authorization": "Bearer " + token,
	} {
		req.Header.Set(k, v)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// TestStrictness checks what the server refuses, and its messages.
func TestStrictness(t *testing.T) {
	list := "/api/v1/ticket?state=true"
	content := base64.StdEncoding.EncodeToString([]byte("abc"))
	attach := "/api/v1/ticket/attachment"
	wrapped := `HTTP/1.1 404 Not Found\r\nServer: nginx\r\n`
	for _, tc := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		says                     string
	}{
		{"right", "GET", list, ``, nil, 200, `{"ticket":{`},
		{"no token", "GET", list, ``, []string{"Authorization", ""}, 401, "Unauthenticated."},
		{"a wrong token", "GET", list, ``, []string{"Authorization", "Bearer x"}, 401, "Unauthenticated."},
		{"a token without Bearer", "GET", list, ``, []string{"Authorization", token}, 401, "Unauthenticated."},
		{"a wrong token without Accept", "GET", list, ``, []string{"Authorization", "", "Accept", ""}, 302, "login"},
		{"no Accept", "GET", list, ``, []string{"Accept", "*/*"}, 400, "Accept"},
		{"no Content-Type", "GET", list, ``, []string{"Content-Type", ""}, 400, "Content-Type"},
		{"no Client", "GET", list, ``, []string{"Client", ""}, 400, "Client"},
		{"a wrong Client", "GET", list, ``, []string{"Client", "1"}, 400, "Client"},
		{"state in the body", "GET", "/api/v1/ticket", `{"state":"false"}`, nil, 200, `[]`},
		{"state in both", "GET", list, `{"state":"true"}`, nil, 200, `{"ticket":{`},
		{"state in both, not the same", "GET", list, `{"state":"false"}`, nil, 500, "Undefined index: all"},
		{"no state", "GET", "/api/v1/ticket", ``, nil, 500, "Undefined index: all"},
		{"state of another word", "GET", "/api/v1/ticket?state=1", ``, nil, 500, "Undefined index: all"},
		{"state as a boolean", "GET", "/api/v1/ticket", `{"state":true}`, nil, 500, "Undefined index: all"},
		{"unknown ticket", "GET", "/api/v1/ticket/1", ``, nil, 500, wrapped},
		{"no number", "GET", "/api/v1/ticket/x", ``, nil, 500, wrapped},
		{"no subject", "POST", "/api/v1/ticket", `{"description":"d"}`, nil, 400, "The subject field is required"},
		{"a blank subject", "POST", "/api/v1/ticket", `{"subject":" ","description":"d"}`, nil, 400, "The subject field is required"},
		{"no description", "POST", "/api/v1/ticket", `{"subject":"s"}`, nil, 400, "The description field is required"},
		{"no JSON", "POST", "/api/v1/ticket", `subject=s`, nil, 400, "not a JSON object"},
		{"no text", "PUT", "/api/v1/ticket/answer/23624", `{}`, nil, 400, "The text field is required"},
		{"an answer to nothing", "PUT", "/api/v1/ticket/answer/1", `{"text":"x"}`, nil, 500, wrapped},
		{"no ticketId", "POST", attach, `{"ticketPostID":43807,"filename":"a","contents":"` + content + `"}`, nil, 400, "The ticketId field is required"},
		{"ticketId as a string", "POST", attach, `{"ticketId":"23624","ticketPostID":43807,"filename":"a","contents":"` + content + `"}`, nil, 400, "The ticketId field is required"},
		{"no ticketPostID", "POST", attach, `{"ticketId":23624,"filename":"a","contents":"` + content + `"}`, nil, 400, "The ticketPostID field is required"},
		{"no filename", "POST", attach, `{"ticketId":23624,"ticketPostID":43807,"filename":"","contents":"` + content + `"}`, nil, 400, "The filename field is required"},
		{"no contents", "POST", attach, `{"ticketId":23624,"ticketPostID":43807,"filename":"a","contents":""}`, nil, 400, "The contents field is required"},
		{"no Base64", "POST", attach, `{"ticketId":23624,"ticketPostID":43807,"filename":"a","contents":"a b"}`, nil, 400, "must be Base64"},
		{"Base64 without padding", "POST", attach, `{"ticketId":23624,"ticketPostID":43807,"filename":"a","contents":"YQ"}`, nil, 400, "must be Base64"},
		{"something after it", "POST", attach, `{"ticketId":23624,"ticketPostID":43807,"filename":"a","contents":"YQ=="}x`, nil, 400, "not a JSON object"},
		{"an unknown post", "POST", attach, `{"ticketId":23624,"ticketPostID":1,"filename":"a","contents":"` + content + `"}`, nil, 500, wrapped},
		{"fields in any order", "POST", attach, ` { "contents" : "` + content + `" , "x":null,"filename":"\u0061\"","ticketPostID":43807, "ticketId":23624 } `, nil, 200, `{"success":true}`},
		{"login without a password", "POST", "/api/v1/login", `{"email":"e"}`, nil, 400, "The password field is required"},
		{"login where nobody can", "POST", "/api/v1/login", `{"email":"e","password":"p"}`, nil, 401, "Неверный логин"},
		{"another path", "GET", "/api/v1/tickets", ``, nil, 404, "Not Found"},
		{"another method", "DELETE", "/api/v1/ticket/23624", ``, nil, 404, "Not Found"},
		{"an unknown file", "GET", "/files/9/a", ``, nil, 404, "Not Found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{})
			srv.OpenInCabinet("s", "d")
			before := srv.Tickets()
			status, body, err := ask(t, srv, tc.method, tc.path, tc.body, tc.headers...)
			if err != nil || status != tc.status || !strings.Contains(body, tc.says) {
				t.Errorf("%d %s (%v), want %d %s", status, body, err, tc.status, tc.says)
			}
			if diff := cmp.Diff(before, srv.Tickets()); tc.status != 200 && diff != "" {
				t.Errorf("refused, and yet: %s", diff)
			}
		})
	}
}

func TestListDialects(t *testing.T) {
	const id, id2 = `"id":23624`, `"id":23625`
	for _, tc := range []struct {
		name    string
		dialect plusofontest.Dialect
		tickets int
		want    func(string) bool
	}{
		{"older, none", plusofontest.Older, 0, func(s string) bool { return s == `[]` }},
		{"older, one", plusofontest.Older, 1, func(s string) bool {
			return strings.HasPrefix(s, `{"ticket":{"@attributes":{"flagtype":"0","id":"23624"}`) && strings.Contains(s, `"tags":[]`)
		}},
		{"older, two", plusofontest.Older, 2, func(s string) bool { return strings.HasPrefix(s, `{"ticket":[{"@attributes"`) }},
		{"newer, none", plusofontest.Newer, 0, func(s string) bool { return s == `[]` }},
		{"newer, two", plusofontest.Newer, 2, func(s string) bool {
			return strings.HasPrefix(s, `[{`) && strings.Contains(s, id) && strings.Contains(s, id2) && !strings.Contains(s, "replies")
		}},
		{"newer with activity", plusofontest.NewerWithActivity, 1, func(s string) bool {
			return strings.HasPrefix(s, `[{`) && strings.Contains(s, `"replies":0`) && strings.Contains(s, `"lastactivity":`+fmt.Sprint(noon.Unix()))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{Dialect: tc.dialect})
			for range tc.tickets {
				srv.OpenInCabinet("s", "d")
			}
			if _, body, err := ask(t, srv, "GET", "/api/v1/ticket?state=true", ""); err != nil || !tc.want(body) {
				t.Errorf("%s, %v", body, err)
			}
		})
	}
}

func TestTicketAsDocumented(t *testing.T) {
	srv := start(t, plusofontest.Config{PageNames: true, Location: time.FixedZone("MSK", 3*60*60)})
	_, body, err := ask(t, srv, "POST", "/api/v1/ticket", `{"subject":"test 3","description":"test ticket 3"}`)
	want := `{"date":"2026-03-02 12:00:00","id":"23624","posts":[{"attachments":[],"author":{"id":"9740","name":"customer@example.com"},` +
		`"date":"2026-03-02 12:00:00","id":"43807","text":"test ticket 3"}],"status":true,"subject":"test 3","unread_messages":false}`
	if err != nil || body != want {
		t.Errorf("%s, %v, want %s", body, err, want)
	}
}

func TestStaffSide(t *testing.T) {
	srv := start(t, plusofontest.Config{KeepContent: 4})
	id := srv.OpenInCabinet("s", "d")
	small := plusofontest.Attachment{Name: "small", Content: []byte("1234")}
	large := plusofontest.Attachment{Name: "large", Content: []byte("12345")}
	first := srv.Reply(id, "Оператор", "x", small, large)
	srv.CloseTicket(id)
	if got, _ := srv.Ticket(id); got.Open || !got.Unread {
		t.Errorf("after closing: %+v", got)
	}
	srv.ReopenTicket(id)
	if got, _ := srv.Ticket(id); !got.Open {
		t.Error("not open again")
	}
	srv.CloseTicket(id)
	second := srv.CustomerReply(id, "y")
	got, _ := srv.Ticket(id)
	want := []plusofontest.Post{
		{ID: 43807, Date: noon, Text: "d", Author: "customer@example.com", AuthorID: 9740},
		{ID: first, Date: noon, Text: "x", Author: "Оператор", AuthorID: 77, Staff: true, Attachments: []plusofontest.File{
			{ID: 1, Name: "small", Size: 4, SHA256: "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4", Content: []byte("1234")},
			{ID: 2, Name: "large", Size: 5, SHA256: "5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5"},
		}},
		{ID: second, Date: noon, Text: "y", Author: "customer@example.com", AuthorID: 9740},
	}
	if diff := cmp.Diff(want, got.Posts); diff != "" || !got.Open {
		t.Errorf("open %v %s", got.Open, diff)
	}
	got.Posts[0].Text = "changed" // a copy
	if again, _ := srv.Ticket(id); again.Posts[0].Text != "d" {
		t.Error("a snapshot is not a copy")
	}
	if status, body, _ := ask(t, srv, "GET", "/files/1/small", "", "Authorization", ""); status != 200 || body != "1234" {
		t.Errorf("download: %d %q", status, body)
	}
	defer func() {
		if recover() == nil {
			t.Error("a reply to an unknown ticket does not panic")
		}
	}()
	srv.Reply(1, "x", "y")
}

func TestWait(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	done := make(chan error, 1)
	asked := make(chan struct{}, 10)
	go func() {
		done <- srv.Wait(t.Context(), func(tickets []plusofontest.Ticket) bool {
			asked <- struct{}{}
			return len(tickets[0].Posts) == 2
		})
	}()
	<-asked
	srv.Reply(id, "x", "y")
	if err := <-done; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func([]plusofontest.Ticket) bool { return false }
	if err := srv.Wait(ctx, never); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	srv.Close()
	if err := srv.Wait(t.Context(), never); err == nil {
		t.Error("closed: no error")
	}
}

func TestRequestLog(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	_, _, _ = ask(t, srv, "POST", "/api/v1/ticket", `{"subject":"s","description":"d"}`)
	_, _, _ = ask(t, srv, "PUT", "/api/v1/ticket/answer/23624", `{"text":"`+strings.Repeat("x", 5000)+`"}`)
	_, _, _ = ask(t, srv, "GET", "/api/v1/ticket?state=x", ``)
	var got []string
	for _, r := range srv.Requests() {
		got = append(got, fmt.Sprint(r.Seq, " ", r.Op, " ", r.Method, " ", r.Path, " ", r.Query, " ", r.Status, " ", r.Effect, " ", len(r.Body)))
	}
	want := []string{
		"1 open POST /api/v1/ticket  200 opened 23624 33",
		"2 answer PUT /api/v1/ticket/answer/23624  200 answered 23624 with 43808 4096",
		"3 list GET /api/v1/ticket state=x 500  0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if since := srv.RequestsSince(2); len(since) != 1 || since[0].Seq != 3 {
		t.Errorf("since 2: %+v", since)
	}
	if far := srv.RequestsSince(99); len(far) != 0 {
		t.Errorf("since 99: %+v", far)
	}
}

// TestFaults: the effect, the answer, and how often.
func TestFaults(t *testing.T) {
	open := func(t *testing.T, srv *plusofontest.Server) string {
		t.Helper()
		status, body, err := ask(t, srv, "POST", "/api/v1/ticket", `{"subject":"s","description":"d"}`)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Sprint(status, " half")
		case err != nil:
			return "no answer"
		case status == 200 && strings.HasPrefix(body, `{"date"`):
			return "ok"
		}
		return fmt.Sprint(status, " ", body)
	}
	for _, tc := range []struct {
		name    string
		fault   plusofontest.Fault
		want    string
		tickets int // after the faulty request
	}{
		{"status", plusofontest.Fault{Status: 503}, "503 ", 0},
		{"body", plusofontest.Fault{Body: "hm"}, "200 hm", 0},
		{"status after it happened", plusofontest.Fault{Effect: true, Status: 502, Body: "bad"}, "502 bad", 1},
		{"header alone", plusofontest.Fault{Header: http.Header{"X-A": {"b"}}}, "ok", 1},
		{"dropped before", plusofontest.Fault{DropBefore: true}, "no answer", 0},
		{"dropped after", plusofontest.Fault{DropAfter: true}, "no answer", 1},
		{"half a body", plusofontest.Fault{HalfBody: true}, "200 half", 1},
		{"delayed", plusofontest.Fault{Delay: time.Millisecond}, "ok", 1},
		{"of another method", plusofontest.Fault{Op: "answer", Status: 503}, "ok", 1},
		{"of another path", plusofontest.Fault{Match: func(m, p string) bool { return m == "GET" }, Status: 503}, "ok", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := start(t, plusofontest.Config{})
			srv.AddFault(tc.fault)
			if got := open(t, srv); got != tc.want || len(srv.Tickets()) != tc.tickets {
				t.Errorf("%q with %d tickets, want %q with %d", got, len(srv.Tickets()), tc.want, tc.tickets)
			}
			if got := open(t, srv); got != "ok" {
				t.Errorf("the next one: %q, want ok", got)
			}
		})
	}
	t.Run("in turn", func(t *testing.T) {
		srv := start(t, plusofontest.Config{})
		srv.AddFault(plusofontest.Fault{Times: 2, Status: 500})
		srv.AddFault(plusofontest.Fault{Times: -1, Status: 501})
		for i, want := range []string{"500 ", "500 ", "501 ", "501 ", "501 "} {
			if got := open(t, srv); got != want {
				t.Errorf("%d: %q, want %q", i, got, want)
			}
		}
		srv.ClearFaults()
		if got := open(t, srv); got != "ok" {
			t.Errorf("cleared: %q", got)
		}
	})
	t.Run("switches", func(t *testing.T) {
		srv := start(t, plusofontest.Config{})
		for i, tc := range []struct {
			on      plusofontest.Switches
			want    string
			tickets int
		}{
			{plusofontest.Switches{Down: true}, "no answer", 0},
			{plusofontest.Switches{AnswerLost: true}, "no answer", 1},
			{plusofontest.Switches{RateLimited: time.Minute}, `429 {"message":"Too Many Attempts."}`, 1},
			{plusofontest.Switches{Slow: time.Millisecond}, "ok", 2},
			{plusofontest.Switches{}, "ok", 3},
		} {
			srv.Switch(tc.on)
			if got := open(t, srv); got != tc.want || len(srv.Tickets()) != tc.tickets {
				t.Errorf("%d: %q with %d tickets, want %q with %d", i, got, len(srv.Tickets()), tc.want, tc.tickets)
			}
		}
		srv.Switch(plusofontest.Switches{AnswerLost: true})
		if status, _, err := ask(t, srv, "GET", "/api/v1/ticket?state=true", ""); err != nil || status != 200 {
			t.Errorf("a read loses its answer too: %d %v", status, err)
		}
	})
}

// Close releases delayed requests, and so does a client that gives up.
func TestDelayEnds(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	arrived := make(chan struct{}, 1)
	srv.AddFault(plusofontest.Fault{Times: -1, Delay: time.Hour, Match: func(string, string) bool { arrived <- struct{}{}; return true }})
	done := make(chan error, 1)
	go func() {
		_, _, err := ask(t, srv, "POST", "/api/v1/ticket", `{"subject":"s","description":"d"}`)
		done <- err
	}()
	<-arrived
	srv.Close()
	if err := <-done; err == nil {
		t.Error("an answer after closing")
	}
	if n := len(srv.Tickets()); n != 0 {
		t.Errorf("%d tickets, want none", n)
	}
}

func TestUploadCutShortDoesNotHappen(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	srv.OpenInCabinet("s", "d")
	whole := `{"ticketId":23624,"ticketPostID":43807,"filename":"a","contents":"` + strings.Repeat("QUFB", 100) + `"}`
	for n := range whole {
		req, err := http.NewRequest("POST", "/api/v1/ticket/attachment", strings.NewReader(whole[:n]))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"Accept": "application/json", "Content-Type": "application/json", "Client": "10553", "Authorization": "Bearer " + token} {
			req.Header.Set(k, v)
		}
		w := &discard{header: http.Header{}}
		srv.ServeHTTP(w, req)
		if w.status != 400 {
			t.Fatalf("%d bytes: status %d, want 400", n, w.status)
		}
	}
	if got, _ := srv.Ticket(23624); len(got.Posts[0].Attachments) != 0 {
		t.Errorf("attachments %+v, want none", got.Posts[0].Attachments)
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

func TestControl(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	control := srv.Control()
	call := func(method, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(method, path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var w recorder
		control.ServeHTTP(&w, req)
		return w.status, strings.TrimSpace(w.body.String())
	}
	for _, tc := range []struct{ method, path, body, want string }{
		{"POST", "/open", `{"subject":"s","text":"d"}`, `200 {"ticket":23624}`},
		{"POST", "/reply", `{"ticket":23624,"name":"Оператор","text":"x","attachments":[{"name":"a","content":"YWJj"}]}`, `200 {"post":43808}`},
		{"POST", "/customer-reply", `{"ticket":23624,"text":"y"}`, `200 {"post":43809}`},
		{"POST", "/close", `{"ticket":23624}`, `200 {}`},
		{"POST", "/reply", `{"ticket":1,"name":"x","text":"x"}`, `400 {"error":"no ticket 1"}`},
		{"POST", "/close", `{"ticket":1}`, `400 {"error":"no ticket 1"}`},
		{"POST", "/fault", `{"op":"account","times":1,"status":503,"body":"b","header":{"X-A":"1"}}`, `200 {}`},
		{"POST", "/switch", `{"slow_ms":1}`, `200 {}`},
		{"POST", "/expire", `{}`, `200 {}`},
	} {
		if status, body := call(tc.method, tc.path, tc.body); fmt.Sprint(status, " ", body) != tc.want {
			t.Errorf("%s %s: %d %s, want %s", tc.method, tc.path, status, body, tc.want)
		}
	}
	if status, body := call("GET", "/download?id=1", ""); status != 200 || body != "abc" {
		t.Errorf("the file: %d %q", status, body)
	}
	for _, id := range []string{"9", "x", ""} {
		if status, _ := call("GET", "/download?id="+id, ""); status != 404 {
			t.Errorf("file %q: %d", id, status)
		}
	}
	for _, bad := range []string{`{"tickets":1}`, `x`, ``} {
		if status, body := call("POST", "/close", bad); status != 400 || !strings.Contains(body, "read the body") {
			t.Errorf("%q: %d %s", bad, status, body)
		}
	}
	if got := srv.Switches(); got != (plusofontest.Switches{Slow: time.Millisecond}) {
		t.Errorf("switches %+v", got)
	}
	var tickets []plusofontest.Ticket
	if _, body := call("GET", "/tickets", ""); json.Unmarshal([]byte(body), &tickets) != nil || cmp.Diff(srv.Tickets(), tickets) != "" {
		t.Errorf("tickets: %s", cmp.Diff(srv.Tickets(), tickets))
	}
	if got := tickets[0]; got.Open || len(got.Posts) != 3 || string(got.Posts[1].Attachments[0].Content) != "abc" {
		t.Errorf("ticket %+v", got)
	}
	if status, body, _ := ask(t, srv, "GET", "/api/v1/authuser", ""); status != 503 || body != "b" {
		t.Errorf("the fault: %d %s", status, body)
	}
	_, _ = call("POST", "/reopen", `{"ticket":23624}`)
	if got, _ := srv.Ticket(23624); !got.Open {
		t.Error("not open again")
	}
	var requests []plusofontest.Request
	if _, body := call("GET", "/requests?since=0", ""); json.Unmarshal([]byte(body), &requests) != nil || len(requests) != 1 || requests[0].Op != "account" {
		t.Errorf("requests: %s", body)
	}
	if _, body := call("GET", "/requests?since=1", ""); body != "[]" {
		t.Errorf("requests since: %s", body)
	}
	if status, _ := call("GET", "/requests?since=x", ""); status != 400 {
		t.Errorf("since x: %d", status)
	}
}

type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}
func (r *recorder) WriteHeader(status int) { r.status = status }
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.body.Write(p)
}

// Concurrent use, for the race detector.
func TestConcurrentUse(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	done := make(chan struct{})
	const n = 10
	for i := range n {
		go func() {
			defer func() { done <- struct{}{} }()
			_, _, _ = ask(t, srv, "PUT", "/api/v1/ticket/answer/23624", `{"text":"x"}`)
			srv.Reply(id, "Оператор", fmt.Sprint(i))
			_ = srv.Tickets()
			_ = srv.Requests()
		}()
	}
	for range n {
		<-done
	}
	got, _ := srv.Ticket(id)
	seen := make(map[plusofon.PostID]bool)
	for _, p := range got.Posts {
		seen[p.ID] = true
	}
	if len(got.Posts) != 2*n+1 || len(seen) != len(got.Posts) {
		t.Errorf("%d posts with %d ids, want %d", len(got.Posts), len(seen), 2*n+1)
	}
}
