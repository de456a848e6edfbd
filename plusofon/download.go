package plusofon

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	opDownload   = "download file"
	maxRedirects = 3
)

// Download opens an attachment's content: what the API sent along, or what its
// link leads to. The size is -1 where it is not known before the end.
//
// A link is data from strangers: it must be https, lead to a public address at
// the moment of dialling, and give up to Config.MaxDownload bytes after up to
// three redirects, each checked likewise. The configured API host and
// Config.DownloadHosts are trusted; only the first is sent the token.
//
// Reading ends with an error that is ErrTooLarge above the limit, and after
// Config.Timeout without any data. The caller closes the reader.
func (c *Client) Download(ctx context.Context, a Attachment) (io.ReadCloser, int64, error) {
	switch {
	case a.Content != "":
		return c.inline(a.Content)
	case a.URL != "":
		return c.fetch(ctx, a.URL)
	}
	return nil, 0, &Error{Op: opDownload, Kind: NotFound, Err: ErrNoContent}
}

// inline decodes Base64 in any alphabet, wrapped, padded or not, and with the
// prefix of a data URL or without.
func (c *Client) inline(s string) (io.ReadCloser, int64, error) {
	if strings.HasPrefix(s, "data:") {
		_, s, _ = strings.Cut(s, ",")
	}
	s = strings.NewReplacer(" ", "", "\n", "", "\r", "", "\t", "", "-", "+", "_", "/").Replace(s)
	s = strings.TrimRight(s, "=")
	size := int64(base64.RawStdEncoding.DecodedLen(len(s)))
	if size > c.cfg.MaxDownload {
		return nil, 0, &Error{Op: opDownload, Kind: Refused, Err: ErrTooLarge}
	}
	if _, err := io.Copy(io.Discard, base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(s))); err != nil {
		return nil, 0, &Error{Op: opDownload, Kind: Refused, Err: errors.New("the content is not Base64")}
	}
	return io.NopCloser(base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(s))), size, nil
}

func (c *Client) fetch(ctx context.Context, link string) (io.ReadCloser, int64, error) {
	u, err := c.base.Parse(link)
	if err != nil {
		return nil, 0, &Error{Op: opDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	ctx, cancelCause := context.WithCancelCause(ctx)
	cancel := func() { cancelCause(nil) }
	idle := time.AfterFunc(c.cfg.Timeout, func() { cancelCause(errSilence) })
	idle.Stop() // runs only while the other side is to say something
	opened := false
	defer func() {
		if !opened {
			idle.Stop()
			cancel()
		}
	}()
	for range maxRedirects + 1 {
		res, err := c.get(ctx, u, idle)
		if err != nil {
			return nil, 0, err
		}
		if res.StatusCode >= 300 && res.StatusCode < 400 {
			next, err := u.Parse(res.Header.Get("Location"))
			res.Body.Close()
			if err != nil || res.Header.Get("Location") == "" {
				return nil, 0, &Error{Op: opDownload, Status: res.StatusCode, Kind: Refused, Err: ErrBlockedAddress}
			}
			u = next
			continue
		}
		if res.StatusCode != http.StatusOK {
			err := c.downloadError(res, sameOrigin(u, c.base))
			_ = res.Body.Close() // only read
			return nil, 0, err
		}
		if res.ContentLength > c.cfg.MaxDownload {
			res.Body.Close()
			return nil, 0, &Error{Op: opDownload, Status: res.StatusCode, Kind: Refused, Err: ErrTooLarge}
		}
		opened = true
		return &download{body: res.Body, left: c.cfg.MaxDownload, idle: idle, timeout: c.cfg.Timeout, cancel: cancel, clean: c.cause},
			res.ContentLength, nil
	}
	return nil, 0, &Error{Op: opDownload, Kind: Refused, Err: fmt.Errorf("%w: too many redirects", ErrBlockedAddress)}
}

// get asks for one link, without following it further.
func (c *Client) get(ctx context.Context, u *url.URL, idle *time.Timer) (*http.Response, error) {
	if u.User != nil || u.Host == "" {
		return nil, &Error{Op: opDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &Error{Op: opDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	req.Close = true
	req.Header.Set("User-Agent", "plusofon-bot")
	transport := c.foreign
	switch {
	case sameOrigin(u, c.base):
		token, err := c.token(ctx)
		if err != nil {
			return nil, duringLogin(&call{op: opDownload}, err)
		}
		wait := c.limiter.wait
		if c.background {
			wait = c.limiter.waitBehind
		}
		if err := wait(ctx); err != nil {
			return nil, &Error{Op: opDownload, Kind: NotSent, Err: err}
		}
		req.Header.Set("Client", c.cfg.ClientCode)
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
		transport = c.transport
	case slices.Contains(c.cfg.DownloadHosts, u.Host) && (u.Scheme == "http" || u.Scheme == "https"):
		transport = c.vouched
	case u.Scheme != "https":
		return nil, &Error{Op: opDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	idle.Reset(c.cfg.Timeout)
	res, err := transport.RoundTrip(req)
	if errors.Is(err, ErrBlockedAddress) {
		return nil, &Error{Op: opDownload, Kind: Refused, Err: c.cause(err)}
	}
	if err != nil {
		return nil, &Error{Op: opDownload, Kind: Temporary, Err: c.cause(err)}
	}
	return res, nil
}

func (c *Client) downloadError(res *http.Response, own bool) error {
	a, _ := readAnswer(res)
	said := readComplaint(a.body)
	e := &Error{Op: opDownload, Status: a.status, Message: c.clean(said.message)}
	if said.wrapped != 0 {
		e.Status = said.wrapped
	}
	e.Kind = said.kind(e.Status)
	if e.Kind == Access && !own {
		e.Kind = Refused // another host's rights say nothing of the token
	}
	e.RetryAfter = retryAfter(a.header, a.date)
	return e
}

// sameOrigin compares scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// download is a body with a limit on its size and on its silence.
type download struct {
	body    io.ReadCloser
	left    int64
	idle    *time.Timer
	timeout time.Duration
	cancel  context.CancelFunc
	clean   func(error) error
}

func (d *download) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than allowed is asked for, to tell the end from too much.
	if int64(len(p)) > d.left+1 {
		p = p[:d.left+1]
	}
	n, err := d.body.Read(p)
	d.idle.Reset(d.timeout)
	if int64(n) > d.left {
		return int(d.left), &Error{Op: opDownload, Kind: Refused, Err: ErrTooLarge}
	}
	d.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &Error{Op: opDownload, Kind: Temporary, Err: d.clean(err)}
	}
	return n, err
}

func (d *download) Close() error {
	d.idle.Stop()
	d.cancel()
	return d.body.Close()
}
