package plusofon

import (
	"net"
	"net/http"
	"net/url"
	"time"
)

// newTransport speaks HTTP/1.1 only and keeps no connection: net/http can
// neither repeat a request in silence nor lose a write on a connection that the
// server has just closed.
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

// idleRead is how long a connection is kept after a read: for the burst of a
// list and its changed tickets, and below the five seconds after which common
// servers close it.
const idleRead = 4 * time.Second

// newReadTransport is newTransport for the API's reads, which may be repeated.
// It keeps connections, for another reason than speed too: the list is asked
// for with a body that not every server reads. One that closes after its answer
// as it is told to, with the body unread, makes the kernel reset the connection
// and drop what is still on its way; one that keeps it must read the body
// first.
func newReadTransport(timeout time.Duration, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	t := newTransport(timeout, nil, proxy)
	t.DisableKeepAlives = false
	t.IdleConnTimeout = idleRead
	return t
}

// CloseIdle closes the connections that are kept after reads. They close by
// themselves within seconds; the client can be used on.
func (c *Client) CloseIdle() {
	if t, ok := c.reads.(*http.Transport); ok && c.cfg.Transport == nil {
		t.CloseIdleConnections()
	}
}
