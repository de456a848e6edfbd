package plusofon_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// withLogin is a server that requires logging in, and its configuration.
func withLogin(t *testing.T) (*plusofontest.Server, plusofon.Config) {
	t.Helper()
	srv := start(t, plusofontest.Config{Email: email, Password: password})
	cfg := config(srv)
	cfg.Token, cfg.Email, cfg.Password = "", email, password
	return srv, cfg
}

func TestLogsInAtFirstNeedAndOnceAgain(t *testing.T) {
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			srv, cfg := withLogin(t)
			srv.OpenInCabinet("s", "d")
			c := client(t, cfg)
			for i, what := range []string{"first need", "token still good", "token expired"} {
				if i == 2 {
					srv.ExpireTokens()
				}
				if err := m.do(t.Context(), c); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			if got := logins(srv); got != 2 {
				t.Errorf("%d logins, want 2", got)
			}
			effects := 0
			for _, r := range srv.Requests() {
				if r.Op == m.op && r.Effect != "" {
					effects++
				}
			}
			if m.write && effects != 3 {
				t.Errorf("%d effects of 3 writes", effects)
			}
		})
	}
}

// A configured token that is rejected is replaced if there are credentials.
func TestReadyTokenIsReplaced(t *testing.T) {
	for name, fault := range map[string]plusofontest.Fault{
		"401":      {},
		"403":      {Status: 403},
		"500":      {Status: 500, Body: `{"message":"Нет доступа"}`},
		"redirect": {Status: 302, Header: http.Header{"Location": {"/login"}}},
	} {
		t.Run(name, func(t *testing.T) {
			srv, cfg := withLogin(t)
			cfg.Token = "stale"
			if fault.Status != 0 {
				srv.AddFault(fault)
			}
			if _, err := client(t, cfg).Open(t.Context(), "s", "d"); err != nil {
				t.Fatal(err)
			}
			if n := len(srv.Tickets()); n != 1 || logins(srv) != 1 {
				t.Errorf("%d tickets after %d logins, want one each", n, logins(srv))
			}
		})
	}
}

func TestStillNoAccessAfterLogin(t *testing.T) {
	srv, cfg := withLogin(t)
	srv.AddFault(plusofontest.Fault{Op: "list", Times: -1, Status: 403, Body: `{"message":"Недостаточно прав"}`})
	c := client(t, cfg)
	bg := c.Background()
	for range 5 {
		if _, err := bg.AllTickets(t.Context(), true); outcome(err) != "no access" || !strings.Contains(err.Error(), "Недостаточно прав") {
			t.Fatalf("error %v, want no access with the server's words", err)
		}
	}
	if got := len(srv.Requests()); got > 4 {
		t.Errorf("%d requests: the API is hammered", got)
	}
	before := len(srv.Requests())
	if _, err := c.AllTickets(t.Context(), true); outcome(err) != "no access" {
		t.Errorf("error %v, want no access", err)
	}
	if len(srv.Requests()) == before {
		t.Error("a person's action was not tried")
	}
	// A successful request ends the pause.
	if _, err := c.Account(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := bg.Account(t.Context()); err != nil {
		t.Errorf("background work still rests: %v", err)
	}
}

// A request for a foreign ticket must not stop the polling.
func TestForbiddenTicketDoesNotStopPolling(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	srv.AddFault(plusofontest.Fault{Op: "ticket", Status: 403})
	c := client(t, config(srv))
	if _, err := c.Ticket(t.Context(), 1); outcome(err) != "no access" {
		t.Fatalf("error %v, want no access", err)
	}
	if _, err := c.Background().AllTickets(t.Context(), true); err != nil {
		t.Errorf("polling stops: %v", err)
	}
}

// A write that waits for a login has certainly not been sent.
func TestFailedLogin(t *testing.T) {
	for _, tc := range []struct {
		name        string
		fault       plusofontest.Fault
		read, write string
	}{
		{"wrong password", plusofontest.Fault{Status: 422, Body: `{"message":"Неверный пароль"}`}, "no access", "no access"},
		{"wrong password, repeated", plusofontest.Fault{Status: 401, Body: `{"message":"` + password + ` is wrong"}`}, "no access", "no access"},
		{"a fault that repeats it", plusofontest.Fault{Status: 500, Body: `{"message":"` + password + ` can't be checked"}`}, "no access", "no access"},
		{"a redirect that repeats it", plusofontest.Fault{Status: 302, Header: http.Header{"Location": {"https://" + password + "/"}}}, "no access", "no access"},
		{"no such address", plusofontest.Fault{Status: 404}, "no access", "no access"},
		{"fault", plusofontest.Fault{Status: 500}, "no access", "no access"},
		{"a page", plusofontest.Fault{Status: 502, Body: "<html></html>"}, "no access", "no access"},
		{"no token in the answer", plusofontest.Fault{Body: `{"token":null}`}, "no access", "no access"},
		{"a second factor", plusofontest.Fault{Body: `{"two_factor":true,"message":"Введите код из СМС"}`}, "no access", "no access"},
		{"answer lost", plusofontest.Fault{DropAfter: true}, "temporary failure", "not sent"},
		{"too many", plusofontest.Fault{Status: 429}, "rate limited", "rate limited"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv, cfg := withLogin(t)
			tc.fault.Op, tc.fault.Times = "login", -1
			srv.AddFault(tc.fault)
			for _, m := range methods {
				want := tc.read
				if m.write {
					want = tc.write
				}
				err := m.do(t.Context(), client(t, cfg))
				if outcome(err) != want {
					t.Errorf("%s: %v, want %s", m.name, err, want)
				}
				checkText(t, err, "log in")
			}
			for _, r := range srv.Requests() {
				if r.Op != "login" {
					t.Errorf("%s was sent", r.Op)
				}
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	srv, cfg := withLogin(t)
	cfg.Password = "wrong-password"
	_, err := client(t, cfg).Account(t.Context())
	if outcome(err) != "no access" || strings.Contains(err.Error(), "wrong-password") {
		t.Errorf("%v, want no access", err)
	}
	if got := logins(srv); got != 1 {
		t.Errorf("%d logins, want 1", got)
	}
}

// A login answered without a token requires more than was given: it is a denial of access
// that pauses background work and raises its own alarm.
func TestLoginThatAsksForMore(t *testing.T) {
	for what, body := range map[string]string{"a code": `{"2fa":true,"phone":"+7 *** **-12"}`, "nothing": `{}`, "an empty token": `{"token":""}`} {
		t.Run(what, func(t *testing.T) {
			srv, cfg := withLogin(t)
			srv.AddFault(plusofontest.Fault{Op: "login", Times: -1, Status: 200, Body: body})
			c := client(t, cfg)
			for range 3 {
				_, err := c.Account(t.Context())
				if e, ok := errors.AsType[*plusofon.Error](err); !ok || e.Kind != plusofon.Access || !errors.Is(err, plusofon.ErrLoginAsksMore) {
					t.Errorf("failed with %v", err)
				}
			}
			if n := logins(srv); n != 1 {
				t.Errorf("%d logins within a minute", n)
			}
		})
	}
}

type inProcess struct{ http.Handler }

func (d inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// A poll that waits until it may log in again keeps no person waiting.
func TestPollWaitingToLogInHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := plusofontest.New(plusofontest.Config{Email: "customer@example.com", Password: "password-of-the-login"})
		defer srv.Close()
		id := srv.OpenInCabinet("Тема", "Текст")
		srv.AddFault(plusofontest.Fault{Op: "login", Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Body: `{"message":"Too Many Attempts."}`})
		c, err := plusofon.New(plusofon.Config{BaseURL: "http://plusofon.test", Email: "customer@example.com", Password: "password-of-the-login", Transport: inProcess{srv}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Background().Ticket(t.Context(), id); err == nil {
			t.Fatal("the login was not refused")
		}
		polled := make(chan error)
		go func() { _, err := c.Background().Ticket(t.Context(), id); polled <- err }()
		synctest.Wait()
		begun := time.Now()
		if _, err := c.Answer(t.Context(), id, "ответ"); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("the answer took %v", took)
		}
		if err := <-polled; err != nil {
			t.Error(err)
		}
	})
}

// A listed ticket that this account may not read is no reason to log in again and again.
func TestOneTicketWithoutAccessIsNoReasonToLogIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := plusofontest.New(plusofontest.Config{Email: email, Password: password})
		mine, other := srv.OpenInCabinet("s", "d"), srv.OpenInCabinet("s", "d")
		srv.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Status: 500, Body: `{"message":"Нет доступа"}`,
			Match: func(_, path string) bool { return strings.HasSuffix(path, "/"+strconv.FormatInt(int64(other), 10)) }})
		c, err := plusofon.New(plusofon.Config{BaseURL: "http://plusofon.test", Email: email, Password: password, Rate: 1_000_000, Transport: inProcess{srv}})
		if err != nil {
			t.Fatal(err)
		}
		bg := c.Background()
		for range 24 * 60 * 2 { // a day of polls
			if _, err := bg.Ticket(t.Context(), mine); err != nil {
				t.Fatal(err)
			}
			if _, err := bg.Ticket(t.Context(), other); outcome(err) != "no access" {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Second)
		}
		if n := logins(srv); n > 200 {
			t.Errorf("%d logins in a day", n)
		}
	})
}
