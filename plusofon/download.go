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

// OpDownload is the Op of a failed download's Error.
const OpDownload = "download file"

const maxRedirects = 3

// Download opens an attachment's content: inline content, or what its link leads
// to. The size is -1 if it is not known in advance.
//
// Links are untrusted: they must be https, resolve to a public address when
// dialled, and yield at most Config.MaxDownload bytes after at most three
// redirects, each checked the same way. The configured API host and
// Config.DownloadHosts are trusted; only the API host is sent the token, and only
// if the link looks like a file's. The content must look like a file too: not
// empty, not an HTML page, not an error of the API.
//
// Reading fails with ErrTooLarge above the limit, after Config.Timeout without
// data, and when the data comes too slowly for a file. The caller closes the
// reader.
func (c *Client) Download(ctx context.Context, a Attachment) (io.ReadCloser, int64, error) {
	switch {
	case a.Content != "":
		return c.inline(a.Content)
	case a.URL != "":
		return c.fetch(ctx, a)
	}
	return nil, 0, &Error{Op: OpDownload, Kind: NotFound, Err: ErrNoContent}
}

// inline decodes Base64 in either alphabet, wrapped or not, padded or not, with
// or without the prefix of a data URL.
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
	p.pause() // waiting for the rate limit doesn't count against the server
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
			_ = res.Body.Close() // read-only
			return nil, 0, err
		}
		if res.ContentLength > c.cfg.MaxDownload {
			res.Body.Close()
			return nil, 0, &Error{Op: OpDownload, Status: res.StatusCode, Kind: Refused, Err: ErrTooLarge}
		}
		body := bufio.NewReaderSize(p.reader(res.Body), lookedAt)
		if err := c.checkFile(body, res, u, a.Name); err != nil {
			_ = res.Body.Close() // read-only
			return nil, 0, err
		}
		opened = true
		return &download{body: body, closer: res.Body, left: c.cfg.MaxDownload, patience: p, clean: c.cause}, res.ContentLength, nil
	}
	return nil, 0, &Error{Op: OpDownload, Kind: Refused, Err: fmt.Errorf("%w: too many redirects", ErrBlockedAddress)}
}

// get requests one link without following redirects.
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
			wait = c.limiter.waitBackground
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
		e.Kind = Refused // a denial by another host says nothing about the token
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

// download is a body with a size limit.
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
	// Ask for one byte more than allowed, to tell the end from too much.
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
