package plusofon

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// withPassword is a client that logs in at the test's own API.
func withPassword(t *testing.T, api *fakeAPI) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: "https://api.example", Email: "a@example.com", Password: "pa55word", Rate: 6000, Transport: api})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A login without a token is retried after growing pauses, whoever asks and however often:
// a password tried every second looks like an attack.
func TestLoginRests(t *testing.T) {
	for name, answer := range map[string]func() *http.Response{
		"a second factor": func() *http.Response { return response(200, `{"two_factor":true}`, nil) },
		"a fault":         func() *http.Response { return response(500, `{"message":"Server Error"}`, nil) },
		"refused":         func() *http.Response { return response(401, `{"message":"Неверный пароль"}`, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tried []time.Duration
				begun := time.Now()
				good := false
				c := withPassword(t, &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
					if !strings.HasSuffix(r.URL.Path, "/login") {
						return response(200, `{"user":{"id":1}}`, nil), nil
					}
					tried = append(tried, time.Since(begun).Round(time.Minute))
					if good {
						return response(200, `{"token":"t0ken"}`, nil), nil
					}
					return answer(), nil
				}})
				for time.Since(begun) < 40*time.Minute {
					for _, as := range []*Client{c, c.Background()} {
						if _, err := as.Account(t.Context()); kindOfError(err) != Access {
							t.Fatalf("%v, want no access", err)
						}
					}
					time.Sleep(time.Second)
				}
				if got, want := fmt.Sprint(tried), "[0s 1m0s 3m0s 7m0s 15m0s 30m0s]"; got != want {
					t.Errorf("tried after %s, want %s", got, want)
				}
				good = true
				time.Sleep(longestRest)
				if _, err := c.Account(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// An unreachable network is not a denial: the next request tries again.
func TestLoginWithoutNetworkDoesNotRest(t *testing.T) {
	down := true
	c := withPassword(t, &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
		switch {
		case down:
			return nil, errors.New("no route to host")
		case strings.HasSuffix(r.URL.Path, "/login"):
			return response(200, `{"token":"t0ken"}`, nil), nil
		}
		return response(200, `{"user":{"id":1}}`, nil), nil
	}})
	if _, err := c.Account(t.Context()); err == nil || kindOfError(err) == Access {
		t.Errorf("%v, want a failure that passes", err)
	}
	down = false
	if _, err := c.Account(t.Context()); err != nil {
		t.Error(err)
	}
}

// Text that quotes a former token does not reveal it either.
func TestFormerTokensAreHidden(t *testing.T) {
	n := 0
	c := withPassword(t, &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/login") {
			n++
			return response(200, fmt.Sprintf(`{"token":"canary-%d"}`, n), nil), nil
		}
		if n < 3 {
			return response(401, `{"message":"Unauthenticated."}`, nil), nil
		}
		return response(400, `{"message":"canary-1, canary-2 and canary-3 have expired"}`, nil), nil
	}})
	for range 3 {
		_, err := c.Account(t.Context())
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", err)
		}
	}
}
