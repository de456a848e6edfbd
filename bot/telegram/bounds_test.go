package telegram

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whatever a 429 asks for, the wait is reasonable: no number overflows.
func TestRetryAfterIsBounded(t *testing.T) {
	for seconds, want := range map[string]time.Duration{
		"1": time.Second, "3600": time.Hour, "3601": time.Hour, "10000000000": time.Hour, "9223372036854775807": time.Hour,
		"0": defaultRetryAfter, "-1": defaultRetryAfter, "-9223372036854775808": defaultRetryAfter,
	} {
		for what, handler := range map[string]http.HandlerFunc{
			"the answer": answer(429, fmt.Sprintf(`{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":%s}}`, seconds)),
			"the header": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", seconds)
				answer(429, "slow down")(w, r)
			},
		} {
			_, err := connect(t, handler).Me(t.Context())
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Outcome != RateLimited || e.RetryAfter != want {
				t.Errorf("%s says %s: %v, waits %v, want %v", what, seconds, err, e.RetryAfter, want)
			}
		}
	}
	// A number that can't be parsed counts as none.
	_, err := connect(t, answer(429, `{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":1e30}}`)).Me(t.Context())
	if e, ok := errors.AsType[*Error](err); !ok || e.Outcome != RateLimited || e.RetryAfter != defaultRetryAfter {
		t.Errorf("no number: %v", err)
	}
}

// An answer that is too large is reported, with the update it begins with.
func TestTooLargeAnswer(t *testing.T) {
	filler := strings.Repeat("x", maxAnswer)
	for begins, want := range map[string]int64{
		`{"ok":true,"result":[{"update_id":900000000001,"message":{"text":"`: 900000000001,
		"{ \"ok\" : true,\n\"result\": [ {\"update_id\": 7, \"x\":\"":        7,
		`{"ok":true,"result":[{"message":{"text":"\"update_id\":5,`:          0,
		`{"ok":true,"result":[{"update_id":99999999999999999999,"a":"`:       0,
		`<html>`: 0,
	} {
		_, err := connect(t, answer(200, begins+filler)).Updates(t.Context(), 0, 1, 0)
		large, ok := errors.AsType[*TooLargeError](err)
		if !ok || large.FirstUpdate != want {
			t.Errorf("%.40s…: %v, begins with %d, want %d", begins, err, large.FirstUpdate, want)
		}
	}
}

// The requested number of updates is the caller's, within Telegram's limit.
func TestHowManyUpdatesAreAskedFor(t *testing.T) {
	for limit, want := range map[int]string{1: "1", 50: "50", 100: "100", 1000: "100", 0: "1"} {
		asked := ""
		f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			asked = r.PostForm.Get("limit")
			answer(200, `{"ok":true,"result":[]}`)(w, r)
		}))
		if _, err := f.Updates(t.Context(), 0, limit, 0); err != nil || asked != want {
			t.Errorf("for %d it asks for %s, want %s (%v)", limit, asked, want, err)
		}
	}
}
