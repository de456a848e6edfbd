package bottest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Line is the network between the program and one of its sides. It needs no socket, so that
// it works in virtual time, and it can be cut.
type Line struct {
	host     string
	incoming chan net.Conn
	closed   chan struct{}
	close    func()

	mu   sync.Mutex
	cut  bool
	open map[net.Conn]bool
}

func newLine(host string) *Line {
	l := &Line{host: host, incoming: make(chan net.Conn), closed: make(chan struct{}), open: map[net.Conn]bool{}}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// Cut closes all connections and refuses new ones until Mend: whatever was not in transit
// is certainly not sent.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		_ = c.Close()
	}
	clear(l.open)
	l.cut = true
}

// Mend ends a Cut.
func (l *Line) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// Transport connects through the line.
func (l *Line) Transport() *http.Transport { return &http.Transport{DialContext: l.dial} }

func (l *Line) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there, err := l.connect()
	if err != nil {
		return nil, err
	}
	select {
	case l.incoming <- there:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *Line) connect() (here, there net.Conn, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return nil, nil, &net.OpError{Op: "dial", Net: "line", Addr: l.Addr(), Err: errors.New("no route to host")}
	}
	here, there = net.Pipe()
	l.open[there] = true
	return here, lineConn{there, l}, nil
}

// lineConn is the far end of a connection.
type lineConn struct {
	net.Conn
	line *Line
}

func (c lineConn) Close() error {
	c.line.mu.Lock()
	delete(c.line.open, c.Conn)
	c.line.mu.Unlock()
	return c.Conn.Close()
}

// Accept, Close and Addr make the line a net.Listener for its far end.
func (l *Line) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops listening.
func (l *Line) Close() error {
	l.close()
	return nil
}

// Addr is the name of the far end.
func (l *Line) Addr() net.Addr { return address(l.host) }

type address string

func (address) Network() string  { return "line" }
func (a address) String() string { return string(a) }
