package plusofon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"plusofon-bot/internal/secret"
)

const (
	maxAnswer      = 32 << 20  // bytes read of a successful answer
	maxStream      = 512 << 20 // bytes read of a streamed one
	maxErrorAnswer = 64 << 10  // bytes read of an error
)

// call is one API request with its arguments.
type call struct {
	op, method, path string
	query            url.Values
	body             bodyFunc
	extraTime        time.Duration // on top of Config.Timeout
	write            bool          // modifies something: the outcome can be unknown
	oneTicket        bool          // a 403 may be about this ticket rather than the account
	login            bool          // needs no token
	decode           func(*answer) error
	// stream, instead of decode, parses a successful answer while it arrives.
	stream func(io.Reader) (complaint, error)
}

// reads reports whether sending the call twice is harmless.
func (c *call) reads() bool { return c.method == http.MethodGet }

// bodyFunc opens a new body for each attempt and returns its exact length.
type bodyFunc func(context.Context) (io.ReadCloser, int64, error)

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
	date   time.Time // the server's clock
}

func jsonBody(v any) bodyFunc {
	return func(context.Context) (io.ReadCloser, int64, error) {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, 0, err
		}
		return io.NopCloser(bytes.NewReader(b)), int64(len(b)), nil
	}
}

// do makes a call. It logs in if there is no token, and once more if the token
// is not accepted.
func (c *Client) do(ctx context.Context, call *call) error {
	if c.background {
		if err := c.session.denied(call.op); err != nil {
			return err
		}
	}
	for attempt := 0; ; attempt++ {
		token, err := c.token(ctx)
		if err != nil {
			return duringLogin(call, err)
		}
		err = c.once(ctx, call, token)
		if err == nil {
			c.session.allow()
			if attempt > 0 {
				c.session.helped(true)
			}
			return nil
		}
		denied, ok := errors.AsType[*Error](err)
		if !ok || denied.Kind != Access {
			return err
		}
		if attempt > 0 {
			c.session.helped(false)
		}
		if attempt == 0 && c.canLogin() && c.session.mayHelp(denied.Status, call.oneTicket) {
			if err := c.login(ctx, token); err != nil {
				return duringLogin(call, err)
			}
			continue
		}
		if !call.oneTicket || concernsToken(denied.Status) {
			c.session.deny(denied)
		}
		return err
	}
}

// concernsToken reports a status that is never about a single ticket.
func concernsToken(status int) bool {
	return status == http.StatusUnauthorized || status >= 300 && status < 400
}

// duringLogin turns a login error into the error of the call that needed the
// login: the call itself certainly had no effect.
func duringLogin(call *call, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	copied := *e
	copied.Op, copied.Login = call.op+": "+e.Op, true
	if call.write && e.Kind == Temporary {
		copied.Kind = NotSent
	}
	return &copied
}

// once sends a call a single time, when the rate limit allows it.
func (c *Client) once(ctx context.Context, call *call, token secret.String) error {
	if err := c.admit(ctx, call.op); err != nil {
		return err
	}
	return c.send(ctx, call, token)
}

// admit waits for the rate limit.
func (c *Client) admit(ctx context.Context, op string) error {
	wait := c.limiter.wait
	switch {
	case c.background:
		wait = c.limiter.waitBackground
	case isLowPriority(ctx):
		wait = c.limiter.waitLowPriority
	}
	if err := wait(ctx); err != nil {
		if left := c.limiter.paused(); c.background && left > 0 {
			return &Error{Op: op, Kind: RateLimited, RetryAfter: left, Err: err}
		}
		return &Error{Op: op, Kind: NotSent, Err: err}
	}
	return nil
}

// send sends a call now.
func (c *Client) send(ctx context.Context, call *call, token secret.String) error {
	var p *patience
	if call.stream != nil {
		p = newPatience(ctx, c.cfg.Timeout)
		defer p.end()
		ctx = p.ctx
	} else {
		limited, cancel := context.WithTimeout(ctx, c.cfg.Timeout+call.extraTime)
		defer cancel()
		ctx = limited
	}
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})

	req, body, err := c.request(ctx, call, token)
	if err != nil {
		if source, ok := errors.AsType[*SourceError](err); ok {
			if ctx.Err() == nil {
				return source
			}
			err = source.Err // ended by the context, not by the file
		}
		return &Error{Op: call.op, Kind: NotSent, Err: c.cause(err)}
	}
	defer body.Close() //nolint:errcheck // only read
	res, err := c.roundTripper(call).RoundTrip(req)
	if err != nil {
		// If the transport never took the last byte of a write, the write can't
		// have taken effect: Content-Length announced more.
		if source := body.failure(); source != nil {
			if ctx.Err() == nil {
				return &SourceError{Op: call.op, Err: source}
			}
			err = source
		}
		if call.write && !body.complete.Load() || !call.write && !wrote.Load() {
			return &Error{Op: call.op, Kind: NotSent, Err: c.cause(err)}
		}
		return c.lost(call, &answer{}, err)
	}
	defer res.Body.Close()
	if call.stream != nil && isGood(res.StatusCode) {
		return c.streamed(call, res, p)
	}
	a, err := readAnswer(res)
	return c.judge(call, a, err)
}

// streamed parses a successful answer while it arrives.
func (c *Client) streamed(call *call, res *http.Response, p *patience) error {
	a := &answer{status: res.StatusCode, header: res.Header}
	said, err := call.stream(p.reader(io.LimitReader(res.Body, maxStream)))
	switch {
	case errors.Is(err, errStopped):
		return err
	case err != nil:
		return c.lost(call, a, err)
	case said.failed():
		said.unwrap()
		return c.verdict(call, a, said)
	}
	c.limiter.answered()
	return nil
}

func (c *Client) roundTripper(call *call) http.RoundTripper {
	if call.reads() {
		return c.reads
	}
	return c.transport
}

func (c *Client) request(ctx context.Context, call *call, token secret.String) (*http.Request, *trackedBody, error) {
	u := *c.base
	u.Path += call.path
	u.RawQuery = call.query.Encode()
	req, err := http.NewRequestWithContext(ctx, call.method, u.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	body := &trackedBody{}
	if call.body != nil {
		r, size, err := call.body(ctx)
		if err != nil {
			return nil, nil, err
		}
		body.source, body.left = r, size
		req.Body, req.ContentLength = body, size
		// Without GetBody the transport can't resend the request, as it must for
		// a read if the kept-alive connection turns out to be closed.
		if call.reads() {
			req.GetBody = func() (io.ReadCloser, error) {
				r, _, err := call.body(ctx)
				return r, err
			}
		}
	}
	req.Close = !call.reads()
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Client", c.cfg.ClientCode)
	req.Header.Set("User-Agent", "plusofon-bot")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	return req, body, nil
}

// trackedBody records whether its last byte was read, and whether its source
// failed.
type trackedBody struct {
	source   io.ReadCloser
	left     int64
	complete atomic.Bool
	failed   atomic.Pointer[SourceError]
	closing  sync.Once
}

func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.source.Read(p)
	b.left -= int64(n)
	if b.left <= 0 {
		b.complete.Store(true)
	}
	if source, ok := errors.AsType[*SourceError](err); ok {
		b.failed.Store(source)
	}
	return n, err
}

// Close is called by the transport, at any time, and by once, so that the source
// is closed when the call returns.
func (b *trackedBody) Close() (err error) {
	b.closing.Do(func() {
		if b.source != nil {
			err = b.source.Close()
		}
	})
	return err
}

func (b *trackedBody) failure() error {
	if e := b.failed.Load(); e != nil {
		return e.Err
	}
	return nil
}

func readAnswer(res *http.Response) (*answer, error) {
	a := &answer{status: res.StatusCode, header: res.Header}
	a.date, _ = http.ParseTime(res.Header.Get("Date"))
	limit := int64(maxAnswer)
	good := isGood(a.status)
	if !good {
		limit = maxErrorAnswer
	}
	b, err := readAll(io.LimitReader(res.Body, limit+1), min(res.ContentLength, limit))
	if err == nil && int64(len(b)) > limit && good {
		return a, fmt.Errorf("the answer is larger than %d bytes", limit)
	}
	a.body = b[:min(int64(len(b)), limit)]
	return a, err
}

// readAll preallocates the announced size, if any.
func readAll(r io.Reader, announced int64) ([]byte, error) {
	var b bytes.Buffer
	if announced > 0 {
		b.Grow(int(announced) + bytes.MinRead) // otherwise it would grow just to find the end
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

func isGood(status int) bool { return status >= 200 && status < 300 }

// judge turns an answer into an error or nil. readErr says why the body is
// incomplete.
func (c *Client) judge(call *call, a *answer, readErr error) error {
	good := isGood(a.status)
	if good && readErr != nil {
		return c.lost(call, a, readErr)
	}
	var said complaint
	if isShallow(a.body) {
		said = readComplaint(a.body)
	} else if good {
		return c.lost(call, a, errTooLarge)
	}
	if a.status >= 500 {
		said.refused = false // on a 5xx "success": false means a fault, not a refusal
	}
	if good && !said.failed() {
		c.limiter.answered()
		if err := call.decode(a); err != nil {
			return c.lost(call, a, err)
		}
		return nil
	}
	return c.verdict(call, a, said)
}

// verdict returns the error for an answer that reports a failure.
func (c *Client) verdict(call *call, a *answer, said complaint) error {
	e := &Error{Op: call.op, Status: a.status, Message: c.clean(said.message)}
	if isGood(a.status) && said.code >= 400 {
		e.Status = said.code
	}
	if said.wrapped != 0 {
		e.Status = said.wrapped
	}
	e.Kind = said.kind(e.Status)
	switch {
	case a.status >= 300 && a.status < 400:
		e.Kind, e.Message = Access, c.clean("redirected"+redirectHost(a.header))
	case e.Kind == RateLimited:
		e.RetryAfter = c.limiter.refused(retryAfter(a.header, a.date))
	case e.Status == http.StatusRequestTimeout && call.write:
		e.Kind = NotSent // the server did not receive the whole request
	case e.Kind == Temporary:
		return c.lost(call, a, errors.New(firstNonEmpty(e.Message, "the server failed")))
	}
	return e
}

// lost returns the error for a call that was sent and got no usable answer.
func (c *Client) lost(call *call, a *answer, err error) error {
	err = c.cause(err)
	if call.write {
		return &UnknownOutcomeError{Op: call.op, Status: a.status, Err: err}
	}
	e := &Error{Op: call.op, Status: a.status, Kind: Temporary, Err: err}
	if a.header != nil {
		e.RetryAfter = retryAfter(a.header, a.date)
	}
	return e
}

// retryAfter parses the Retry-After header: seconds, or a date on the server's
// clock. It is capped at a day; more must be a mistake.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	const most = 24 * time.Hour
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(most/time.Second))) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if now.IsZero() {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), most)
}

// redirectHost returns the host that a redirect leads to, without path and query.
func redirectHost(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || u.Host == "" {
		return ""
	}
	return " to " + u.Host
}

// cause keeps the identity of an error and makes its text safe to log.
func (c *Client) cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // its text contains the whole URL
	}
	return &cause{text: c.clean(err.Error()), err: err}
}

// clean makes foreign text a single line without secrets.
func (c *Client) clean(text string) string {
	for _, s := range append(c.session.tokens(), c.cfg.Token, c.cfg.Password) {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s.Reveal(), secret.Mask)
		}
	}
	return cleanMessage(text)
}

func firstNonEmpty(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
