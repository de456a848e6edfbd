package plusofontest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault makes requests go wrong. Faults wait in a queue: the first one that
// matches a request happens to it.
//
// Without more, a fault with a Status or Body is the answer instead of what was
// asked for, which does not happen. With Effect it does happen, and only the
// answer is replaced. A Header alone is added to the true answer.
type Fault struct {
	Op    string                         // list, ticket, open, answer, attach, login, account, download; "" any
	Match func(method, path string) bool // instead of Op, or on top of it
	Times int                            // how often; 0 once, -1 for ever

	DropBefore bool          // the request is read, then the connection is reset; nothing happens
	DropAfter  bool          // it happens, then the connection is reset
	HalfBody   bool          // it happens, and half the answer is sent
	Trickle    time.Duration // it happens, and its answer comes a byte each so long
	Effect     bool          // it happens before Delay and Status
	Delay      time.Duration // waits so long; ends with the request and with the server
	Status     int           // 200 unless set, where there is a Body
	Body       string        // sent as it is
	Header     http.Header   // on top of the usual ones
	OnRead     func()        // called once the request has been read whole

	unread bool // with DropBefore: the request is not even read
}

// Switches are faults that stay until they are switched off.
type Switches struct {
	Down        bool          // every connection is reset before the request is read
	AnswerLost  bool          // what is written happens, and its answer never comes
	Slow        time.Duration // every answer takes so long
	RateLimited time.Duration // every request is answered with 429 and this Retry-After
}

// AddFault puts a fault at the end of the queue.
func (s *Server) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = f.Header.Clone()
	s.faults = append(s.faults, &f)
}

// ClearFaults empties the queue and switches everything off.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.switches = nil, Switches{}
	s.notify()
}

// Switch sets all the switches.
func (s *Server) Switch(w Switches) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = w
	s.notify()
}

// Switches returns the ones that are set.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// fault takes the one that happens to a request, with the switches on top.
func (s *Server) fault(op string, r *http.Request) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.switches
	switch {
	case w.Down:
		return Fault{DropBefore: true, unread: true}
	case w.RateLimited > 0:
		return Fault{
			Status: http.StatusTooManyRequests, Body: `{"message":"Too Many Attempts."}`,
			Header: http.Header{"Retry-After": {strconv.Itoa(int(w.RateLimited.Round(time.Second) / time.Second))}},
		}
	case w.AnswerLost && (op == "open" || op == "answer" || op == "attach"):
		return Fault{DropAfter: true, Delay: w.Slow}
	}
	for i, f := range s.faults {
		if f.Op != "" && f.Op != op || f.Match != nil && !f.Match(r.Method, r.URL.Path) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		got := *f
		got.Delay += w.Slow
		return got
	}
	return Fault{Delay: w.Slow}
}

// wait holds a request back; false means nobody waits for its answer any more.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-s.closed:
	}
	return false
}

// reset ends the connection without an answer, so that the client sees it at
// once and not as a clean end.
func reset(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
