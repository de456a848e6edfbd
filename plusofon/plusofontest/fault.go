package plusofontest

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault makes requests fail. Faults are queued: the first one that matches a request applies to it.
//
// By default, a Status or Body replaces the answer and the request has no effect. With
// Effect it has, and only the answer is replaced. A Header alone is added to the real
// answer.
type Fault struct {
	Op    string                         // list, ticket, open, answer, attach, login, account, download; "" any
	Match func(method, path string) bool // instead of Op, or in addition
	Times int                            // how often; 0 once, -1 forever

	DropBefore bool          // the request is read, then the connection is reset; no effect
	DropAfter  bool          // the request takes effect, then the connection is reset
	HalfBody   bool          // the request takes effect, and half the answer is sent
	Trickle    time.Duration // the request takes effect, and the answer is sent a byte at a time with this pause
	Effect     bool          // the request takes effect before Delay and Status
	Delay      time.Duration // waits this long, or until the request or the server ends
	Status     int           // default 200 if there is a Body
	Body       string        // sent verbatim
	Header     http.Header   // added to the usual ones
	OnRead     func()        // called once the request has been read completely

	unread bool // with DropBefore: the request is not read
}

// Switches are faults that last until switched off.
type Switches struct {
	Down        bool          // every connection is reset before the request is read
	AnswerLost  bool          // writes take effect without an answer
	Slow        time.Duration // delay of every answer
	RateLimited time.Duration // every request is answered with 429 and this Retry-After
}

// AddFault appends a fault to the queue.
func (s *Server) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	f.Header = f.Header.Clone()
	s.faults = append(s.faults, &f)
}

// ClearFaults empties the queue and turns all switches off.
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

// Switches returns the current switches.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// fault returns the fault for a request, combined with the switches.
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

// wait delays a request; false if nobody waits for its answer any more.
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

// reset ends the connection without an answer, so that the client notices at once and does
// not see a clean end.
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
