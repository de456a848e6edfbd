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
	// denialRest is how long background work pauses after access was denied, and
	// how long nobody logs in after a failed login. The latter grows with each
	// failure: repeated logins look like guessing the password.
	denialRest  = time.Minute
	longestRest = 15 * time.Minute
	// formerTokens is how many replaced tokens are remembered for masking:
	// requests in flight may still quote one.
	formerTokens = 16
)

// session holds the current token and the last denial of access.
type session struct {
	login chan struct{} // held during a login: one at a time

	mu          sync.Mutex
	token       secret.String
	former      []secret.String // replaced tokens, latest last
	loggedIn    time.Time       // when the token was obtained by logging in
	failure     *Error          // of the last login
	failures    int             // consecutive failed logins
	useless     int             // consecutive logins after which the request was still denied
	restsUntil  time.Time       // no login before this time
	deniedUntil time.Time
	denial      *Error
}

func newSession(token secret.String) *session {
	return &session{login: make(chan struct{}, 1), token: token}
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

// tokens returns all tokens that an error may quote.
func (s *session) tokens() []secret.String {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.former), s.token)
}

// mayHelp reports whether a new login may help: always after a 401. Any other
// denial of a token just obtained would only repeat itself; that of one ticket
// is hardly about the token if no login has helped.
func (s *session) mayHelp(status int, oneTicket bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := denialRest
	if oneTicket && !concernsToken(status) {
		rest = min(denialRest<<min(s.useless, 8), longestRest)
	}
	return status == http.StatusUnauthorized || s.loggedIn.IsZero() || time.Since(s.loggedIn) > rest
}

// helped records whether a login has ended the denial that was its reason.
func (s *session) helped(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.useless++; yes {
		s.useless = 0
	}
}

// deny pauses background requests for a minute.
func (s *session) deny(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denyFor(e, denialRest)
}

func (s *session) denyFor(e *Error, d time.Duration) {
	s.denial, s.deniedUntil = e, time.Now().Add(d)
}

// allow ends the pause: a request was accepted.
func (s *session) allow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denial = nil
}

// denied returns the last denial while background work is paused for it.
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

// loginFailed pauses logins, longer each time, and background requests with
// them.
func (s *session) loginFailed(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := min(denialRest<<min(s.failures, 8), longestRest)
	s.failures++
	s.failure, s.restsUntil = e, time.Now().Add(rest)
	s.denyFor(e, rest)
}

// loginRests returns the last login's failure while logins are paused.
func (s *session) loginRests() *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil && time.Now().Before(s.restsUntil) {
		return s.failure
	}
	return nil
}

func (c *Client) canLogin() bool { return c.cfg.Email != "" && c.cfg.Password != "" }

// token returns the current token, or logs in to get the first one.
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

// login replaces the used token, if there are credentials. Of concurrent callers
// with the same token the first logs in and the others share the result. An
// answer without a token is a denial whatever its status: a second factor is
// required, or the server offers no login.
func (c *Client) login(ctx context.Context, used secret.String) error {
	if e := c.session.loginRests(); e != nil && c.session.current() == used {
		return e
	}
	// Not while holding the login: a poll may wait for as long as a 429 asked.
	if err := c.admit(ctx, opLogin); err != nil {
		return err
	}
	select {
	case c.session.login <- struct{}{}:
		defer func() { <-c.session.login }()
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
	err := c.send(ctx, &call{
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

// ErrLoginAsksMore is in the chain of an access error if a login was answered
// without a token, for instance because a code is required besides the password.
var ErrLoginAsksMore = errors.New("the answer holds no token: the login asks for more than an e-mail and a password")

func decodeToken(body []byte) (secret.String, error) {
	var v struct {
		Token       string          `json:"token"`
		AccessToken string          `json:"access_token"`
		Data        json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return "", errors.New("the answer is not of a login") // may contain a token: don't quote
	}
	var data struct {
		Token string `json:"token"`
	}
	_ = json.Unmarshal(v.Data, &data) // it may be absent, or of another shape
	token := firstNonEmpty(v.Token, v.AccessToken, data.Token)
	if token == "" {
		return "", ErrLoginAsksMore
	}
	return secret.String(token), nil
}
