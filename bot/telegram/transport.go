package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	maxAnswer   = 16 << 20         // 100 updates take at most a few megabytes
	callIdle    = 30 * time.Second // without progress
	pollMargin  = 15 * time.Second // in addition to the poll
	dialTimeout = 10 * time.Second
)

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: dialTimeout,
		// Without pings a dead HTTP/2 connection is reused until every
		// request on it has reached its own deadline.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// exchange is the library's HTTPClient for a single call. It adds what the library lacks: a
// context, a deadline, a limit on the answer, and a record of how far the request got.
type exchange struct {
	client *Client
	ctx    context.Context //nolint:containedctx // one exchange lives for one call
	idle   time.Duration
	source func() (int, error) // which of the upload's own files failed, and why; nil without any

	wrote      atomic.Bool // the request's headers were sent
	status     int         // 0 without an answer
	retryAfter time.Duration
	err        error // why there is no answer
}

// Do uses the RoundTripper directly instead of an http.Client: no redirects, no cookies,
// and no URL, which contains the token, in errors.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	ctx, watch := watchdog(x.ctx, x.idle)
	defer watch.stop()
	trace := &httptrace.ClientTrace{WroteHeaders: func() { x.wrote.Store(true) }}
	req = req.WithContext(httptrace.WithClientTrace(ctx, trace))
	if req.Body != nil {
		req.Body = &watchedBody{ReadCloser: req.Body, watch: watch}
		req.GetBody = nil
	}
	resp, err := x.client.transport.RoundTrip(req)
	if err != nil {
		return nil, x.fail(ctx, err)
	}
	defer resp.Body.Close()
	// An answer proves that the request was sent, even if a RoundTripper without the
	// net/http hooks didn't report it.
	x.wrote.Store(true)
	x.status = resp.StatusCode
	x.retryAfter = retryAfter(resp.Header)
	watch.progress()
	answer, err := io.ReadAll(io.LimitReader(&watchedBody{ReadCloser: resp.Body, watch: watch}, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = newTooLargeError(answer)
	}
	if err != nil {
		return nil, x.fail(ctx, err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	return resp, nil
}

func (x *exchange) fail(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	x.err = x.client.redact(err)
	return x.err
}

// failure is the error of a call that the Bot API has not answered.
func (x *exchange) failure(method string) *Error {
	e := &Error{Method: method, Code: x.status, Err: x.err}
	if x.source != nil {
		if n, err := x.source(); err != nil {
			e.Err, e.File = x.client.redact(err), n
			e.Outcome = NotSent
			return e
		}
	}
	if !x.wrote.Load() {
		e.Outcome = NotSent
	}
	return e
}

// redact keeps the token out of an error. An error with a clean text keeps its chain, so
// that errors.Is works.
func (c *Client) redact(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := c.mask(text); clean != text {
		return errors.New(clean)
	}
	return err
}

// mask removes the token from a text, also from a server's message: some servers repeat the
// requested address.
func (c *Client) mask(text string) string {
	for _, form := range c.tokenForms {
		text = strings.ReplaceAll(text, form, secret.Mask)
	}
	return text
}

// errIdle is a timeout both for net.Error and for context.DeadlineExceeded.
type errIdle time.Duration

func (e errIdle) Error() string        { return fmt.Sprintf("no progress for %v", time.Duration(e)) }
func (e errIdle) Timeout() bool        { return true }
func (e errIdle) Temporary() bool      { return true }
func (e errIdle) Is(target error) bool { return target == context.DeadlineExceeded }

// watch cancels its context after a time without progress: a large file on a slow line may
// take long, a dead connection may not.
type watch struct {
	idle   time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
	mu     sync.Mutex
	done   bool
}

func watchdog(ctx context.Context, idle time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{idle: idle, cancel: cancel}
	w.timer = time.AfterFunc(idle, func() { cancel(errIdle(idle)) })
	return ctx, w
}

func (w *watch) progress() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.done {
		w.timer.Reset(w.idle)
	}
}

func (w *watch) stop() {
	w.mu.Lock()
	w.done = true
	w.timer.Stop()
	w.mu.Unlock()
	w.cancel(context.Canceled)
}

// watchedBody reports reads as progress.
type watchedBody struct {
	io.ReadCloser
	watch *watch
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.watch.progress()
	}
	return n, err
}

func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseInt(h.Get("Retry-After"), 10, 64)
	if err != nil {
		return 0
	}
	return boundedWait(seconds)
}

// longestWait is the maximum wait after a 429. After that Telegram will say if more is needed.
const longestWait = time.Hour

// boundedWait is the wait that a server asks for, bounded.
func boundedWait(seconds int64) time.Duration {
	return time.Duration(min(max(seconds, 0), int64(longestWait/time.Second))) * time.Second
}
