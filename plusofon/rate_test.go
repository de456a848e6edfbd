package plusofon

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeAPI answers without a network, so that waits use synctest's clock.
type fakeAPI struct {
	mu    sync.Mutex
	times []time.Time
	next  func(*http.Request) (*http.Response, error)
}

func (f *fakeAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.times = append(f.times, time.Now())
	f.mu.Unlock()
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		defer r.Body.Close()
	}
	if f.next != nil {
		return f.next(r)
	}
	return response(200, `{"id":1}`, nil), nil
}

func (f *fakeAPI) sent() []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Time(nil), f.times...)
}

func response(status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func fakeClient(t *testing.T, api *fakeAPI, perMinute int) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: "https://api.example", Token: "t0ken", Rate: perMinute, Transport: api})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// In any minute, no more requests are sent than allowed, however many are waiting.
func TestRateInAnyMinute(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 4, 10, 60, 100} {
		synctest.Test(t, func(t *testing.T) {
			api := &fakeAPI{}
			c := fakeClient(t, api, limit)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			var wg sync.WaitGroup
			for _, c := range []*Client{c, c.Background(), c} {
				wg.Go(func() {
					for { // bursts with pauses between them
						for range limit {
							if _, err := c.Account(ctx); err != nil {
								return
							}
						}
						if sleep(ctx, 45*time.Second) != nil {
							return
						}
					}
				})
			}
			wg.Wait()
			sent := api.sent()
			for i := range sent {
				n := 0
				for _, s := range sent[i:] {
					if s.Sub(sent[i]) <= time.Minute {
						n++
					}
				}
				if n > limit {
					t.Fatalf("limit %d: %d requests in a minute", limit, n)
				}
			}
			if least := limit * 10 / 2; len(sent) < least {
				t.Errorf("limit %d: only %d requests in ten minutes", limit, len(sent))
			}
		})
	}
}

// Background work and retries leave a reserve, so that people's requests don't wait for
// them. However many retries there are, background work gets its share.
func TestPeopleGoAhead(t *testing.T) {
	for _, again := range []int{0, 1, 30} {
		synctest.Test(t, func(t *testing.T) {
			api := &fakeAPI{}
			c := fakeClient(t, api, 60)
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			goesOn := func(ctx context.Context, c *Client) (done *int) {
				done = new(int)
				wg.Go(func() {
					for {
						if _, err := c.Account(ctx); err != nil {
							return
						}
						*done++
					}
				})
				return done
			}
			polls := goesOn(ctx, c.Background())
			for range again {
				goesOn(LowPriority(ctx), c)
			}
			for range 10 {
				time.Sleep(47 * time.Second)
				synctest.Wait()
				began := time.Now()
				for range 5 {
					if _, err := c.Account(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if waited := time.Since(began); waited != 0 {
					t.Errorf("%d made again: a person waited %v", again, waited)
				}
			}
			cancel()
			wg.Wait()
			n := len(api.sent())
			if n < 5*60 {
				t.Errorf("%d made again: %d requests in eight minutes: what goes behind starves", again, n)
			}
			if behind := n - 10*5; *polls < behind/3 {
				t.Errorf("%d made again: of %d requests behind, background work had %d", again, behind, *polls)
			}
		})
	}
}

func TestPauseAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := true
		api := &fakeAPI{next: func(*http.Request) (*http.Response, error) {
			if limited {
				return response(429, `{}`, http.Header{"Retry-After": {"40"}}), nil
			}
			return response(200, `{"id":1}`, nil), nil
		}}
		c := fakeClient(t, api, 60)
		began := time.Now()
		if _, err := c.Account(t.Context()); err == nil {
			t.Fatal("no error")
		}
		limited = false

		// A wait longer than the deadline is not started.
		ctx, cancel := context.WithTimeout(t.Context(), 39*time.Second)
		defer cancel()
		_, err := c.Background().Account(ctx)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != RateLimited || e.RetryAfter != 40*time.Second || time.Since(began) != 0 {
			t.Errorf("error %#v after %v, want rate limited for 40s at once", err, time.Since(began))
		}
		// People's requests are tried nevertheless.
		if _, err := c.Account(t.Context()); err != nil || time.Since(began) != 0 {
			t.Errorf("a person waits: %v after %v", err, time.Since(began))
		}
		if _, err := c.Background().Account(t.Context()); err != nil || time.Since(began) != 40*time.Second {
			t.Errorf("background work goes on after %v (%v), want 40s", time.Since(began), err)
		}
	})
}

func TestBackoffWithoutRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := 429
		api := &fakeAPI{next: func(*http.Request) (*http.Response, error) { return response(status, `{"id":1}`, nil), nil }}
		c := fakeClient(t, api, 600)
		asked := func() time.Duration {
			_, err := c.Account(t.Context())
			e, _ := errors.AsType[*Error](err)
			if e == nil {
				return 0
			}
			return e.RetryAfter
		}
		for _, want := range []int{15, 30, 60, 120, 120} {
			if got := asked(); got != time.Duration(want)*time.Second {
				t.Errorf("backs off for %v, want %ds", got, want)
			}
		}
		status = 200
		asked()
		status = 429
		if got := asked(); got != 15*time.Second {
			t.Errorf("after a success it backs off for %v, want 15s", got)
		}
	})
}

// Waiting for the limit ends with the context, and gives the token back.
func TestCanceledWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &fakeAPI{}
		c := fakeClient(t, api, 4) // a burst of one, then three a minute
		if _, err := c.Account(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]*Client{"person": c, "background": c.Background()} {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := c.Account(ctx)
			if e, ok := errors.AsType[*Error](err); !ok || e.Kind != NotSent || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want not sent because canceled", name, err)
			}
		}
		began := time.Now()
		if _, err := c.Account(t.Context()); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited > 20*time.Second {
			t.Errorf("waited %v: the canceled ones kept their tokens", waited)
		}
	})
}

func TestRestAfterDenialLastsAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := 401
		api := &fakeAPI{next: func(*http.Request) (*http.Response, error) { return response(status, `{"id":1}`, nil), nil }}
		bg := fakeClient(t, api, 60).Background()
		for range 3 {
			if _, err := bg.Account(t.Context()); err == nil {
				t.Fatal("no error")
			}
		}
		if n := len(api.sent()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
		status = 200
		time.Sleep(59 * time.Second)
		if _, err := bg.Account(t.Context()); err == nil {
			t.Error("the rest ends early")
		}
		time.Sleep(time.Second)
		if _, err := bg.Account(t.Context()); err != nil {
			t.Errorf("the rest does not end: %v", err)
		}
	})
}

// A silent server costs Timeout rather than forever; the outcome depends on whether the
// body was sent.
func TestTimeout(t *testing.T) {
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	synctest.Test(t, func(t *testing.T) {
		c := fakeClient(t, &fakeAPI{next: silent}, 60)
		began := time.Now()
		_, err := c.Open(t.Context(), "s", "d")
		if _, ok := errors.AsType[*UnknownOutcomeError](err); !ok || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("write: %v, want an unknown outcome", err)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("took %v, want 30s", took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Config{BaseURL: "https://api.example", Token: "t0ken", Transport: roundTrip(silent)}) // reads no body
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Open(t.Context(), "s", "d")
		if e, ok := errors.AsType[*Error](err); !ok || e.Kind != NotSent {
			t.Errorf("unread write: %v, want not sent", err)
		}
		began := time.Now()
		size := int64(320 << 10)
		open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }
		if err := c.Attach(t.Context(), 1, 2, File{Size: size, Open: open}); err == nil || time.Since(began) != 40*time.Second {
			t.Errorf("an upload of 320 KiB ends after %v (%v), want 40s", time.Since(began), err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// No transport can repeat a write: it has no body to repeat it with.
func TestWritesCannotBeReplayed(t *testing.T) {
	api := &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || !r.Close || r.Header.Get("Idempotency-Key") != "" || r.ContentLength <= 0 {
			t.Errorf("%s %s can be replayed: GetBody %v, Close %v, length %d", r.Method, r.URL.Path, r.GetBody != nil, r.Close, r.ContentLength)
		}
		return response(200, `{"id":1}`, nil), nil
	}}
	c := fakeClient(t, api, 60)
	_, _ = c.Open(t.Context(), "s", "d")
	_, _ = c.Answer(t.Context(), 1, "x")
	_ = c.Attach(t.Context(), 1, 2, File{Size: 1, Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("x")), nil
	}})
	if n := len(api.sent()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// Of many requests with the same bad token, one logs in and all share the result.
func TestOneLoginForAll(t *testing.T) {
	for _, status := range []int{200, 401} {
		synctest.Test(t, func(t *testing.T) {
			var logins atomic.Int32
			api := &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
				switch {
				case r.URL.Path == "/api/v1/login":
					logins.Add(1)
					time.Sleep(time.Second)
					return response(status, `{"token":"new"}`, nil), nil
				case r.Header.Get("Authorization") == "Bearer new":
					return response(200, `{"id":1}`, nil), nil
				}
				return response(401, `{}`, nil), nil
			}}
			c, err := New(Config{BaseURL: "https://api.example", Token: "stale", Email: "e", Password: "p", Rate: 600, Transport: api})
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for range 5 {
				wg.Go(func() {
					_, err := c.Account(t.Context())
					if e, ok := errors.AsType[*Error](err); (status == 200) != (err == nil) || ok && e.Kind != Access {
						t.Errorf("login answered %d: %v", status, err)
					}
				})
			}
			wg.Wait()
			if n := logins.Load(); n != 1 {
				t.Errorf("login answered %d: %d logins, want 1", status, n)
			}
		})
	}
}

func TestMoscowWithoutZoneDatabase(t *testing.T) {
	if _, offset := time.Unix(1700000000, 0).In(moscow()).Zone(); offset != 3*60*60 {
		t.Errorf("offset %d, want three hours", offset)
	}
}
