package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func hijack(t *testing.T, w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		panic(http.ErrAbortHandler)
	}
	return conn
}

// Every way a call can fail, for every way to make one.
func TestFailures(t *testing.T) {
	const tooMany = `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}`
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    Error
	}{
		{"400", answer(400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`),
			Error{Code: 400, Outcome: Refused, Description: "Bad Request: chat not found"}},
		{"400 in a 200", answer(200, `{"ok":false,"error_code":400,"description":"Bad Request: x"}`),
			Error{Code: 400, Outcome: Refused, Description: "Bad Request: x"}},
		{"400, the group has moved", answer(400, `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001}}`),
			Error{Code: 400, Outcome: Refused, MigrateTo: -1001, Description: "Bad Request: group chat was upgraded to a supergroup chat"}},
		{"400 that repeats the address", answer(400, `{"ok":false,"error_code":400,"description":"Bad Request: POST /bot`+canary+`/x"}`),
			Error{Code: 400, Outcome: Refused, Description: "Bad Request: POST /bot***/x"}},
		{"401", answer(401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`),
			Error{Code: 401, Outcome: Unauthorized, Description: "Unauthorized"}},
		{"403", answer(403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`),
			Error{Code: 403, Outcome: Forbidden, Description: "Forbidden: bot was blocked by the user"}},
		{"404, a wrong token", answer(404, `{"ok":false,"error_code":404,"description":"Not Found"}`),
			Error{Code: 404, Outcome: Unauthorized, Description: "Not Found"}},
		{"404, an older server", answer(404, `{"ok":false,"error_code":404,"description":"Not Found: method not found"}`),
			Error{Code: 404, Outcome: Refused, Description: "Not Found: method not found"}},
		{"409", answer(409, `{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}`),
			Error{Code: 409, Outcome: Conflict, Description: "Conflict: terminated by other getUpdates request"}},
		{"429", answer(429, tooMany),
			Error{Code: 429, Outcome: RateLimited, RetryAfter: 7 * time.Second, Description: "Too Many Requests: retry after 7"}},
		{"429 without a time", answer(429, `{"ok":false,"error_code":429,"description":"Too Many Requests"}`),
			Error{Code: 429, Outcome: RateLimited, RetryAfter: defaultRetryAfter, Description: "Too Many Requests"}},
		{"429 of a proxy", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "9")
			answer(429, "slow down")(w, r)
		}, Error{Code: 429, Outcome: RateLimited, RetryAfter: 9 * time.Second, Description: foreignWords}},
		{"500 of the Bot API", answer(500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`),
			Error{Code: 500, Outcome: Temporary, Description: "Internal Server Error"}},
		{"502 as a page", answer(502, `<html>bot`+canary+`</html>`),
			Error{Code: 502, Outcome: Unknown, Description: foreignWords}},
		{"200 as a page", answer(200, `<html>log in</html>`),
			Error{Code: 200, Outcome: Unknown, Description: foreignWords}},
		{"JSON of something else", answer(200, `{"status":"fine"}`),
			Error{Code: 200, Outcome: Unknown, Description: foreignWords}},
		{"nothing in a 200", answer(200, ``),
			Error{Code: 200, Outcome: Unknown, Description: foreignWords}},
		{"404 as a page", answer(404, `<html>nginx</html>`),
			Error{Code: 404, Outcome: NotSent, Description: foreignWords}},
		{"413 as a page", answer(413, `<html>nginx</html>`),
			Error{Code: 413, Outcome: Refused, Description: foreignWords}},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1"+r.URL.Path)
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, Error{Code: 307, Outcome: NotSent, Description: "a redirect is not followed, check the API address"}},
		{"half an answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			answer(200, `{"ok":true,"result":{"message_id":`)(w, r)
		}, Error{Code: 200, Outcome: Unknown}},
		{"a huge answer", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"ok":true,"result":"`+strings.Repeat("x", maxAnswer)+`"}`)
		}, Error{Code: 200, Outcome: Unknown}},
		{"a reset after the request", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn := hijack(t, w)
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // an orderly end would hide a failure, so the test rejects it
			}
			_ = conn.Close()
		}, Error{Outcome: Unknown}},
	}
	for _, tt := range tests {
		for method, call := range methods {
			t.Run(tt.name+"/"+method, func(t *testing.T) {
				err := call(t, connect(t, tt.handler))
				var got *Error
				if !errors.As(err, &got) {
					t.Fatalf("got %v, want an *Error", err)
				}
				want := tt.want
				want.Method = method
				keepsToken(t, err)
				got.Err = nil
				if *got != want {
					t.Errorf("got  %+v\nwant %+v", *got, want)
				}
			})
		}
	}
}

const foreignWords = "the answer is not the Bot API's"

func TestNotSent(t *testing.T) {
	server := httptest.NewServer(answer(200, `{"ok":true,"result":true}`))
	gone := server.URL
	server.Close()
	nameless := newTransport()
	nameless.DialContext = func(_ context.Context, _, address string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}
	}
	tests := []struct {
		name, address string
		transport     http.RoundTripper
	}{
		{"nobody listens", gone, nil},
		{"TLS with a server that speaks none", strings.Replace(plainListener(t), "http://", "https://", 1), nil},
		{"a name that doesn't resolve", "http://host.invalid", nameless},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := connectTo(t, tt.address, tt.transport).Do(t.Context(), mustEncode(t, LeaveChat{ChatID: 1}))
			var e *Error
			if !errors.As(err, &e) || e.Outcome != NotSent || e.Code != 0 || e.Err == nil {
				t.Errorf("got %v, want: not sent", err)
			}
			keepsToken(t, err)
		})
	}
	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := connect(t, answer(200, "{}")).Do(ctx, mustEncode(t, LeaveChat{ChatID: 1}))
		var e *Error
		if !errors.As(err, &e) || e.Outcome != NotSent || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want: not sent, cancelled", err)
		}
	})
}

func plainListener(t *testing.T) string {
	server := httptest.NewServer(answer(400, ""))
	t.Cleanup(server.Close)
	return server.URL
}

func TestCancelledAfterTheRequestIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := connect(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	_, err := f.Do(ctx, mustEncode(t, SendMessage{ChatID: 1, Text: "x"}))
	var e *Error
	if !errors.As(err, &e) || e.Outcome != Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want: unknown, cancelled", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTokenInATransportErrorIsRedacted(t *testing.T) {
	f := connectTo(t, "http://127.0.0.1", roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("connect to %s: %w", r.URL, io.ErrUnexpectedEOF)
	}))
	_, err := f.Me(t.Context())
	if got, want := fmt.Sprint(err), "call getMe: not sent: connect to http://127.0.0.1/bot***/getMe: unexpected EOF"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAddressIsTakenOutOfATransportError(t *testing.T) {
	f := connectTo(t, "http://127.0.0.1", roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: io.ErrUnexpectedEOF}
	}))
	_, err := f.Me(t.Context())
	if got, want := fmt.Sprint(err), "call getMe: not sent: unexpected EOF"; got != want || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, want %q with its cause", got, want)
	}
}

func TestDeadlines(t *testing.T) {
	silent := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	tests := []struct {
		name string
		call func(context.Context, *Client) error
		want time.Duration
	}{
		{"a call", func(ctx context.Context, c *Client) error { _, err := c.Me(ctx); return err }, 30 * time.Second},
		{"a poll outlives what it asks for", func(ctx context.Context, c *Client) error {
			_, err := c.Updates(ctx, 0, MaxBatch, 50*time.Second)
			return err
		}, 65 * time.Second},
		{"a poll is cut as the server cuts it", func(ctx context.Context, c *Client) error {
			_, err := c.Updates(ctx, 0, MaxBatch, time.Hour)
			return err
		}, 65 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, err := New(Config{Token: canary, Transport: silent})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				err = tt.call(t.Context(), client)
				if took := time.Since(start); took != tt.want || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("took %v, %v; want a timeout after %v", took, err, tt.want)
				}
			})
		})
	}
}

// A slow transfer continues as long as there is progress.
func TestDeadlineIsForSilenceOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := roundTrip(func(r *http.Request) (*http.Response, error) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				return nil, err
			}
			_ = r.Body.Close()
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(`{"ok":true,"result":{"message_id":5}}`))}, nil
		})
		client, err := New(Config{Token: canary, Transport: server})
		if err != nil {
			t.Fatal(err)
		}
		slow := &slowReader{pause: 20 * time.Second, reads: 30}
		result, err := client.Upload(t.Context(), mustEncode(t, SendDocument{ChatID: 1}), Upload{Field: "document", Name: "a", Open: func(context.Context) (io.ReadCloser, error) {
			return slow, nil
		}})
		if err != nil || result.MessageID != 5 {
			t.Errorf("got %+v, %v", result, err)
		}
	})
}

type slowReader struct {
	pause time.Duration
	reads int
}

func (r *slowReader) Close() error { return nil }

func (r *slowReader) Read(p []byte) (int, error) {
	if r.reads == 0 {
		return 0, io.EOF
	}
	r.reads--
	time.Sleep(r.pause) // synctest's clock
	return copy(p, "x"), nil
}

func TestNewChecksItsConfiguration(t *testing.T) {
	for _, cfg := range []Config{
		{},
		{Token: "secret"},
		{Token: "42:sec/ret"},
		{Token: "42:secret\n"},
		{Token: canary, BaseURL: "ftp://secret"},
		{Token: canary, BaseURL: "secret:80"},
		{Token: canary, BaseURL: "http://"},
		{Token: canary, BaseURL: "http://user:secret@host"},
		{Token: canary, BaseURL: "http://host/?secret"},
		{Token: canary, BaseURL: "http://host/%zzsecret"},
	} {
		_, err := New(cfg)
		if err == nil {
			t.Errorf("%q, %q is accepted", cfg.Token.Reveal(), cfg.BaseURL)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the value is in %q", err)
		}
	}
}

func TestAddressWithAPathAndAPercentSign(t *testing.T) {
	var path string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		answer(200, `{"ok":true,"result":{"id":42,"first_name":"Bot"}}`)(w, r)
	}))
	defer server.Close()
	if _, err := connectTo(t, server.URL+"/a%20d/", nil).Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "/a%20d/bot" + canary + "/getMe"; path != want {
		t.Errorf("asked for %q, want %q", path, want)
	}
}

func TestMe(t *testing.T) {
	f := connect(t, answer(200, `{"ok":true,"result":{"id":7000000042,"is_bot":true,"first_name":"Plus","last_name":"Bot","username":"plus_bot","can_read_all_group_messages":true,"has_topics_enabled":true}}`))
	got, err := f.Me(t.Context())
	want := Me{ID: 7000000042, Username: "plus_bot", Name: "Plus Bot", CanReadAllGroupMessages: true, HasTopics: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestResult(t *testing.T) {
	tests := []struct {
		result string
		want   Result
	}{
		{`true`, Result{}},
		{`{"message_id":7,"chat":{"id":1}}`, Result{MessageID: 7}},
		{`{"message_id":7,"message_thread_id":3}`, Result{MessageID: 7, ThreadID: 3}},
		{`{"message_thread_id":9,"name":"№1","icon_color":1}`, Result{ThreadID: 9}},
		{`"surprise"`, Result{}},
	}
	for _, tt := range tests {
		f := connect(t, answer(200, `{"ok":true,"result":`+tt.result+`}`))
		got, err := f.Do(t.Context(), Call{Method: "sendMessage"})
		if err != nil || got.MessageID != tt.want.MessageID || got.ThreadID != tt.want.ThreadID || string(got.Raw) != tt.result {
			t.Errorf("%s: got %+v, %v", tt.result, got, err)
		}
	}
}

// The Bot API must be able to read what is sent as it was meant.
func TestParametersOnTheWire(t *testing.T) {
	var form map[string][]string
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.PostForm
		answer(200, `{"ok":true,"result":true}`)(w, r)
	}))
	call := mustEncode(t, SendMessage{
		ChatID: -1001234567890, Text: "\"quoted\" 😀\n№ 1", Entities: []Entity{{Type: EntityBold, Length: 3}},
		ReplyParameters: &ReplyParameters{MessageID: 5, AllowSendingWithoutReply: true},
		ReplyMarkup:     InlineKeyboard{}, Silent: true,
	})
	stored, err := json.Marshal(call) // as stored in the outbox
	if err != nil {
		t.Fatal(err)
	}
	var loaded Call
	if err := json.Unmarshal(stored, &loaded); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Do(t.Context(), loaded); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"chat_id": "-1001234567890", "text": "\"quoted\" 😀\n№ 1", "disable_notification": "true",
		"entities":         `[{"type":"bold","offset":0,"length":3}]`,
		"reply_parameters": `{"message_id":5,"allow_sending_without_reply":true}`,
		"reply_markup":     `{"inline_keyboard":[]}`,
	}
	if len(form) != len(want) {
		t.Errorf("got the fields %v", form)
	}
	for name, value := range want {
		if got := strings.Join(form[name], "|"); got != value {
			t.Errorf("%s: got %q, want %q", name, got, value)
		}
	}
}

func TestNullIsLeftOut(t *testing.T) {
	params, err := Call{Method: "x", Params: json.RawMessage(`{"a":null,"b": 12345678901234567890,"c":false}`)}.params()
	if err != nil || len(params) != 2 || params["b"] != "12345678901234567890" || params["c"] != "false" {
		t.Errorf("got %v, %v", params, err)
	}
	for _, bad := range []Call{{}, {Method: "x", Params: json.RawMessage(`[]`)}, {Method: "x", Params: json.RawMessage(`{`)}} {
		if _, err := bad.params(); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
