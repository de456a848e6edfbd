package plusofon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"plusofon-bot/internal/secret"
)

const (
	// denialRest is how long background work leaves the API alone after access was
	// denied, and everybody the login after it has failed. That one grows: asking
	// on with a password looks like guessing it.
	denialRest  = time.Minute
	longestRest = 15 * time.Minute
	// formerTokens is how many tokens are remembered that were in use before: what
	// is still under way may quote one.
	formerTokens = 16
)

// session holds the token in use and remembers a denial of access.
type session struct {
	turn chan struct{} // one login at a time

	mu          sync.Mutex
	token       secret.String
	former      []secret.String // the tokens before, the latest last
	loggedIn    time.Time       // when the token was got by logging in
	failure     *Error          // of the last login
	failures    int             // of logins in a row
	restsUntil  time.Time       // no login before
	deniedUntil time.Time
	denial      *Error
}

func newSession(token secret.String) *session {
	return &session{turn: make(chan struct{}, 1), token: token}
}

func (s *session) current() secret.String {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token
}

func (s *session) replace(token secret.String) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" {
		s.former = append(s.former, s.token)
		s.former = s.former[max(0, len(s.former)-formerTokens):]
	}
	s.token, s.loggedIn = token, time.Now()
	s.failure, s.failures, s.restsUntil = nil, 0, time.Time{}
}

// tokens are all that an error may quote.
func (s *session) tokens() []secret.String {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.former), s.token)
}

// mayHelp: 401 always asks for a new login; other denials of a token that has
// just been got would only be repeated.
func (s *session) mayHelp(status int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return status == http.StatusUnauthorized || s.loggedIn.IsZero() || time.Since(s.loggedIn) > denialRest
}

// deny pauses background requests.
func (s *session) deny(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denyFor(e, denialRest)
}

func (s *session) denyFor(e *Error, d time.Duration) {
	s.denial, s.deniedUntil = e, time.Now().Add(d)
}

// allow ends the rest: something was just let through.
func (s *session) allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denial = nil
}

// denied returns the last denial while background work rests from it.
func (s *session) denied(op string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.denial == nil || !time.Now().Before(s.deniedUntil) {
		return nil
	}
	e := *s.denial
	e.Op = op
	return &e
}

// loginFailed pauses the logins, for longer each time, and background requests
// with them.
func (s *session) loginFailed(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := min(denialRest<<min(s.failures, 8), longestRest)
	s.failures++
	s.failure, s.restsUntil = e, time.Now().Add(rest)
	s.denyFor(e, rest)
}

// loginRests returns the last login's failure while there is to be none.
func (s *session) loginRests() *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil && time.Now().Before(s.restsUntil) {
		return s.failure
	}
	return nil
}

func (c *Client) canLogin() bool { return c.cfg.Email != "" && c.cfg.Password != "" }

// token returns the one in use, or logs in for the first one.
func (c *Client) token(ctx context.Context) (secret.String, error) {
	if token := c.session.current(); token != "" {
		return token, nil
	}
	if err := c.login(ctx, ""); err != nil {
		return "", err
	}
	return c.session.current(), nil
}

const opLogin = "log in"

// login replaces the token that was used, where there are credentials. Of many
// callers that come with the same one, the first logs in and the others share
// what came of it. An answer without a token is a denial, whatever its status: a
// second factor is asked for, or the server has no login to give.
func (c *Client) login(ctx context.Context, used secret.String) error {
	select {
	case c.session.turn <- struct{}{}:
		defer func() { <-c.session.turn }()
	case <-ctx.Done():
		return &Error{Op: opLogin, Kind: NotSent, Err: ctx.Err()}
	}
	if c.session.current() != used {
		return nil
	}
	if e := c.session.loginRests(); e != nil {
		return e
	}
	var token secret.String
	err := c.once(ctx, &call{
		op: opLogin, method: http.MethodPost, path: "/api/v1/login", login: true,
		body: jsonBody(map[string]string{"email": c.cfg.Email, "password": c.cfg.Password.Reveal()}),
		decode: func(a *answer) (err error) {
			token, err = decodeToken(a.body)
			return err
		},
	}, "")
	if e, ok := errors.AsType[*Error](err); ok && e.Status != 0 && e.Kind != RateLimited && e.Kind != NotSent && ctx.Err() == nil {
		denied := *e
		denied.Kind, denied.RetryAfter = Access, 0
		c.session.loginFailed(&denied)
		return &denied
	}
	if err != nil {
		return err
	}
	c.session.replace(token)
	return nil
}

// ErrLoginAsksMore is in the chain of an error of access where a login was answered
// without a token: as when a code has to be entered besides the password.
var ErrLoginAsksMore = errors.New("the answer holds no token: the login asks for more than an e-mail and a password")

func decodeToken(body []byte) (secret.String, error) {
	var v struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
		Data        struct {
			Token string `json:"token"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return "", errors.New("the answer is not of a login") // it may hold a token: not quoted
	}
	token := firstNonEmpty(v.Token, v.AccessToken, v.Data.Token)
	if token == "" {
		return "", ErrLoginAsksMore
	}
	return secret.String(token), nil
}
