package plusofon

import (
	"net"
	"net/http"
	"net/url"
	"time"
)

// newTransport uses HTTP/1.1 without keep-alive: net/http can then neither repeat
// a request silently nor lose a write on a connection that the server has just
// closed.
func newTransport(timeout time.Duration, check func(network, address string) error, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	d := &net.Dialer{Timeout: min(timeout, 10*time.Second)}
	if check != nil {
		d.ControlContext = dialControl(check)
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            d.DialContext,
		TLSHandshakeTimeout:    min(timeout, 10*time.Second),
		ResponseHeaderTimeout:  timeout,
		MaxResponseHeaderBytes: 256 << 10,
		DisableKeepAlives:      true,
		Protocols:              &protocols,
	}
}

// idleRead is how long a connection is kept after a read: enough for a list and
// its changed tickets, and less than the five seconds after which common servers
// close it.
const idleRead = 4 * time.Second

// newReadTransport is newTransport for the API's reads, which may be repeated.
// Keep-alive is not only for speed: the list request has a body that not every
// server reads. A server that closes the connection with the body unread makes
// the kernel reset it and drop what is still in flight; a server that keeps the
// connection must read the body first.
func newReadTransport(timeout time.Duration, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	t := newTransport(timeout, nil, proxy)
	t.DisableKeepAlives = false
	t.IdleConnTimeout = idleRead
	return t
}

// CloseIdle closes the connections kept after reads. They close by themselves
// within seconds; the client remains usable.
func (c *Client) CloseIdle() {
	if t, ok := c.reads.(*http.Transport); ok && c.cfg.Transport == nil {
		t.CloseIdleConnections()
	}
}
