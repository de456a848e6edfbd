package plusofon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"plusofon-bot/internal/secret"
)

// denialRest is how long background work leaves the API alone after access was
// denied.
const denialRest = time.Minute

// session holds the token in use and remembers a denial of access.
type session struct {
	turn chan struct{} // one login at a time

	mu          sync.Mutex
	token       secret.String
	loggedIn    time.Time // when the token was got by logging in
	failedAt    time.Time // when a login was last denied
	failure     *Error
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
	s.token, s.loggedIn = token, time.Now()
	s.failure, s.failedAt = nil, time.Time{}
}

// mayHelp: 401 always asks for a new login; other denials of a token that has
// just been got would only be repeated.
func (s *session) mayHelp(status int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return status == http.StatusUnauthorized || s.loggedIn.IsZero() || time.Since(s.loggedIn) > denialRest
}

// deny makes background work rest.
func (s *session) deny(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denial, s.deniedUntil = e, time.Now().Add(denialRest)
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

func (s *session) loginFailed(e *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.failedAt = e, time.Now()
}

// failedSince returns the denial of a login that someone else tried since.
func (s *session) failedSince(t time.Time) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil && s.failedAt.After(t) {
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

// login replaces the token that was used, where there are credentials. Of many
// callers that come with the same one, the first logs in and the others share
// what came of it.
func (c *Client) login(ctx context.Context, used secret.String) error {
	const op = "log in"
	came := time.Now()
	select {
	case c.session.turn <- struct{}{}:
		defer func() { <-c.session.turn }()
	case <-ctx.Done():
		return &Error{Op: op, Kind: NotSent, Err: ctx.Err()}
	}
	if c.session.current() != used {
		return nil
	}
	if e := c.session.failedSince(came); e != nil {
		return e
	}
	var token secret.String
	err := c.once(ctx, &call{
		op: op, method: http.MethodPost, path: "/api/v1/login", login: true,
		body: jsonBody(map[string]string{"email": c.cfg.Email, "password": c.cfg.Password.Reveal()}),
		decode: func(a *answer) (err error) {
			token, err = decodeToken(a.body)
			return err
		},
	}, "")
	e, ok := errors.AsType[*Error](err)
	if ok && errors.Is(err, ErrLoginAsksMore) {
		e.Kind = Access
	}
	if ok && e.Kind == Access {
		c.session.loginFailed(e)
		c.session.deny(e)
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
