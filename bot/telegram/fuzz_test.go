package telegram

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
)

// canned answers every request the same way, without a network.
type canned struct {
	status int
	body   string
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(c.body)), ContentLength: -1, Request: r}, nil
}

// FuzzAnswer: whatever a server answers, a call ends with a result or an *Error with a
// single-line text without the token, and an unreadable update does not affect others.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"ok":true,"result":[{"update_id":1,"message":{}},{"update_id":"x"},7]}`,
		`{"ok":true,"result":{"message_id":5,"message_thread_id":6,"id":1,"username":"b"}}`,
		`{"ok":false,"error_code":429,"description":"Too Many Requests\nlevel=ERROR","parameters":{"retry_after":-3}}`,
		`{"ok":false,"error_code":400,"description":"group chat was upgraded","parameters":{"migrate_to_chat_id":-100}}`,
		`{"ok":false,"description":"` + canary + `"}`, `<html>502</html>`, `{"ok":true}`, ``,
	} {
		f.Add(200, s)
	}
	f.Add(502, "Bad\x1b[31m\u2028Gateway")
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		c := connectTo(t, "http://127.0.0.1", canned{status, body})
		judge := func(err error) {
			if err == nil {
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%q: %T is no *Error", body, err)
			}
			if strings.ContainsFunc(e.Error(), func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
				t.Fatalf("%q: not one line: %q", body, e.Error())
			}
			if e.RetryAfter < 0 || e.Outcome == RateLimited && e.RetryAfter == 0 {
				t.Fatalf("%q: to wait %v", body, e.RetryAfter)
			}
		}
		_, err := c.Do(t.Context(), Call{Method: "sendMessage"})
		judge(err)
		_, err = c.Me(t.Context())
		judge(err)
		updates, err := c.Updates(t.Context(), 0, MaxBatch, time.Second)
		judge(err)
		for _, u := range updates {
			if len(u.JSON) == 0 {
				t.Fatalf("%q: an update without its JSON", body)
			}
			_, _ = Parse(u.JSON) // it must not panic
		}
	})
}
