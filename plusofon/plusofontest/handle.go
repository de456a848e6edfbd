package plusofontest

import (
	"bytes"
	"cmp"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// Request is an entry of the log.
type Request struct {
	Seq    int         `json:"seq"` // from 1
	Op     string      `json:"op"`
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  string      `json:"query"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`   // the first 4 KiB
	Status int         `json:"status"` // of the answer; 0 if there is none yet
	Effect string      `json:"effect"` // what it changed: "opened 23624", "answered 23624 with 43808", "attached 1 to 43808"
}

const maxLogged = 4 << 10

// Requests returns the whole log.
func (s *Server) Requests() []Request { return s.RequestsSince(0) }

// RequestsSince returns the entries with a greater Seq.
func (s *Server) RequestsSince(seq int) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq = min(max(seq, 0), len(s.requests))
	list := slices.Clone(s.requests[seq:])
	for i := range list {
		list[i].Header = list[i].Header.Clone()
	}
	return list
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// route serves one method of the API, with faults and logging.
func (s *Server) route(pattern, op string, method func(*http.Request, input) reply) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		seq := s.logged(op, r)
		head := &head{ReadCloser: r.Body}
		r.Body = head
		f := s.fault(op, r)
		if f.unread {
			reset(w)
			return
		}
		// As behind a real server, an incomplete request has no effect, and a complete one
		// is read before anything fails.
		in := s.readInput(r, op)
		s.amend(seq, func(e *Request) { e.Body = head.b.String() })
		if f.OnRead != nil {
			f.OnRead()
		}
		if r.Context().Err() != nil {
			panic(http.ErrAbortHandler)
		}
		if f.DropBefore {
			s.wait(r, f.Delay)
			reset(w)
			return
		}
		var out reply
		act := func() {
			var ok bool
			if out, ok = s.checkHeaders(r, op); ok {
				out = method(r, in)
			}
			s.amend(seq, func(e *Request) { e.Effect = out.effect })
		}
		first := f.Effect || f.DropAfter
		if first {
			act()
		}
		if !s.wait(r, f.Delay) {
			panic(http.ErrAbortHandler) // no answer rather than an empty one
		}
		if !first && (f.HalfBody || f.Status == 0 && f.Body == "") {
			act()
		}
		if f.DropAfter {
			reset(w)
			return
		}
		out = f.replace(out)
		s.amend(seq, func(e *Request) { e.Status = out.status })
		s.write(w, r, out, f)
	})
}

// replace replaces the real answer by the fault's.
func (f Fault) replace(out reply) reply {
	if f.Status != 0 || f.Body != "" {
		return reply{status: cmp.Or(f.Status, http.StatusOK), body: []byte(f.Body), header: f.Header}
	}
	if f.Header != nil {
		h := http.Header{}
		maps.Copy(h, out.header)
		maps.Copy(h, f.Header)
		out.header = h
	}
	return out
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, out reply, f Fault) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Date", s.cfg.Clock().UTC().Format(http.TimeFormat))
	maps.Copy(h, out.header)
	body := out.body
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(out.status)
	for f.Trickle > 0 && len(body) > 0 {
		_, _ = w.Write(body[:1])
		_ = http.NewResponseController(w).Flush()
		if body = body[1:]; !s.wait(r, f.Trickle) {
			panic(http.ErrAbortHandler)
		}
	}
	if f.HalfBody {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

// logged adds an entry and returns its number.
func (s *Server) logged(op string, r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq := len(s.requests) + 1
	s.requests = append(s.requests, Request{
		Seq: seq, Op: op, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Header: r.Header.Clone(),
	})
	return seq
}

func (s *Server) amend(seq int, change func(*Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.requests[seq-1])
}

// head keeps the beginning of a body.
type head struct {
	io.ReadCloser
	b bytes.Buffer
}

func (h *head) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if room := maxLogged - h.b.Len(); room > 0 {
		h.b.Write(p[:min(n, room)])
	}
	return n, err
}
