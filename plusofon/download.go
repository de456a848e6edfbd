package plusofon

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// OpDownload is what an Error calls a download that failed.
const OpDownload = "download file"

const maxRedirects = 3

// Download opens an attachment's content: what the API sent along, or what its
// link leads to. The size is -1 where it is not known before the end.
//
// A link is data from strangers: it must be https, lead to a public address at
// the moment of dialling, and give up to Config.MaxDownload bytes after up to
// three redirects, each checked likewise. The configured API host and
// Config.DownloadHosts are trusted; only the first is sent the token, and only
// where the link looks like a file's. What comes must look like one too: neither
// nothing, nor a page, nor a refusal of the API's.
//
// Reading ends with an error that is ErrTooLarge above the limit, after
// Config.Timeout without any data, and where it comes slower than files do. The
// caller closes the reader.
func (c *Client) Download(ctx context.Context, a Attachment) (io.ReadCloser, int64, error) {
	switch {
	case a.Content != "":
		return c.inline(a.Content)
	case a.URL != "":
		return c.fetch(ctx, a)
	}
	return nil, 0, &Error{Op: OpDownload, Kind: NotFound, Err: ErrNoContent}
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
		return nil, 0, &Error{Op: OpDownload, Kind: Refused, Err: ErrTooLarge}
	}
	if _, err := io.Copy(io.Discard, base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(s))); err != nil {
		return nil, 0, &Error{Op: OpDownload, Kind: Refused, Err: errors.New("the content is not Base64")}
	}
	if size == 0 {
		return nil, 0, &Error{Op: OpDownload, Kind: Refused, Err: ErrEmptyFile}
	}
	return io.NopCloser(base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(s))), size, nil
}

func (c *Client) fetch(ctx context.Context, a Attachment) (io.ReadCloser, int64, error) {
	u, err := c.base.Parse(a.URL)
	if err != nil {
		return nil, 0, &Error{Op: OpDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	p := newPatience(ctx, c.cfg.Timeout)
	p.pause() // waiting for the rate limit is not for the other side
	opened := false
	defer func() {
		if !opened {
			p.end()
		}
	}()
	for range maxRedirects + 1 {
		res, err := c.get(p, u)
		if err != nil {
			return nil, 0, err
		}
		if res.StatusCode >= 300 && res.StatusCode < 400 {
			next, err := u.Parse(res.Header.Get("Location"))
			res.Body.Close()
			if err != nil || res.Header.Get("Location") == "" {
				return nil, 0, &Error{Op: OpDownload, Status: res.StatusCode, Kind: Refused, Err: ErrBlockedAddress}
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
			return nil, 0, &Error{Op: OpDownload, Status: res.StatusCode, Kind: Refused, Err: ErrTooLarge}
		}
		body := bufio.NewReaderSize(p.reader(res.Body), lookedAt)
		if err := c.checkFile(body, res, u, a.Name); err != nil {
			_ = res.Body.Close() // only read
			return nil, 0, err
		}
		opened = true
		return &download{body: body, closer: res.Body, left: c.cfg.MaxDownload, patience: p, clean: c.cause}, res.ContentLength, nil
	}
	return nil, 0, &Error{Op: OpDownload, Kind: Refused, Err: fmt.Errorf("%w: too many redirects", ErrBlockedAddress)}
}

// get asks for one link, without following it further.
func (c *Client) get(p *patience, u *url.URL) (*http.Response, error) {
	ctx := p.ctx
	if u.User != nil || u.Host == "" {
		return nil, &Error{Op: OpDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &Error{Op: OpDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	req.Close = true
	req.Header.Set("User-Agent", "plusofon-bot")
	transport := c.foreign
	switch {
	case sameOrigin(u, c.base) && !looksLikeFile(u):
		return nil, &Error{Op: OpDownload, Kind: Refused, Err: fmt.Errorf("%w: no file of the API's", ErrBlockedAddress)}
	case sameOrigin(u, c.base):
		token, err := c.token(ctx)
		if err != nil {
			return nil, duringLogin(&call{op: OpDownload}, err)
		}
		wait := c.limiter.wait
		if c.background {
			wait = c.limiter.waitBehind
		}
		if err := wait(ctx); err != nil {
			return nil, &Error{Op: OpDownload, Kind: NotSent, Err: err}
		}
		req.Header.Set("Client", c.cfg.ClientCode)
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
		transport = c.transport
	case slices.Contains(c.cfg.DownloadHosts, u.Host) && (u.Scheme == "http" || u.Scheme == "https"):
		transport = c.vouched
	case u.Scheme != "https":
		return nil, &Error{Op: OpDownload, Kind: Refused, Err: ErrBlockedAddress}
	}
	p.again()
	res, err := transport.RoundTrip(req)
	if err != nil && p.ctx.Err() != nil {
		err = context.Cause(p.ctx)
	}
	if errors.Is(err, ErrBlockedAddress) {
		return nil, &Error{Op: OpDownload, Kind: Refused, Err: c.cause(err)}
	}
	if err != nil {
		return nil, &Error{Op: OpDownload, Kind: Temporary, Err: c.cause(err)}
	}
	return res, nil
}

func (c *Client) downloadError(res *http.Response, own bool) error {
	a, _ := readAnswer(res)
	said := readComplaint(a.body)
	e := &Error{Op: OpDownload, Status: a.status, Message: c.clean(said.message)}
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

// download is a body with a limit on its size.
type download struct {
	body     io.Reader
	closer   io.Closer
	left     int64
	patience *patience
	clean    func(error) error
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
	if int64(n) > d.left {
		return int(d.left), &Error{Op: OpDownload, Kind: Refused, Err: ErrTooLarge}
	}
	d.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &Error{Op: OpDownload, Kind: Temporary, Err: d.clean(err)}
	}
	return n, err
}

func (d *download) Close() error {
	d.patience.end()
	return d.closer.Close()
}
