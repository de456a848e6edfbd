package telegramtest

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is a failure of the next calls it matches. Without Status, Body, a drop or HalfBody
// it only delays them.
type Fault struct {
	Method string `json:"method"` // "" any method except getUpdates; "file" a download
	Chat   int64  `json:"chat"`   // 0 any chat
	Text   string `json:"text"`   // part of the text or caption
	Times  int    `json:"times"`  // 0 once, negative forever

	Match func() bool `json:"-"` // whether it applies to a matching call; nil: always

	OnRead     func()        `json:"-"` // called once the request has been read completely
	Delay      time.Duration `json:"delay"`
	DropBefore bool          `json:"drop_before"` // the connection breaks before the request takes effect
	DropAfter  bool          `json:"drop_after"`  // the request takes effect, the answer is lost
	HalfBody   bool          `json:"half_body"`   // the request takes effect, the answer is cut off

	Status      int    `json:"status"`
	Description string `json:"description"`
	RetryAfter  int    `json:"retry_after"`
	MigrateTo   int64  `json:"migrate_to"`
	Body        string `json:"body"` // written verbatim, such as a proxy's HTML page
}

// Fail queues a fault. If several match a call, the oldest applies.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// ClearFaults removes all queued faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// SetDown makes every connection break, including running polls, until called with false.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	s.touch()
}

// takeFault returns a copy of the matching fault and counts it. The lock is held.
func (s *Server) takeFault(c *call) *Fault {
	for i, f := range s.faults {
		if f.Method == "" && c.name == "getUpdates" || f.Method != "" && canonical(f.Method) != c.name {
			continue
		}
		if f.Chat != 0 && c.params["chat_id"] != strconv.FormatInt(f.Chat, 10) {
			continue
		}
		if f.Text != "" && !strings.Contains(c.params["text"], f.Text) && !strings.Contains(c.params["caption"], f.Text) {
			continue
		}
		if f.Match != nil && !f.Match() {
			continue
		}
		fit := *f
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return &fit
	}
	return nil
}

// wait waits for the delay; false means that the client left or the server closed.
func (f *Fault) wait(ctx context.Context, done <-chan struct{}) bool {
	if f.Delay <= 0 {
		return true
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-done:
	}
	return false
}

func (f *Fault) answers() bool { return f.Status != 0 || f.Body != "" }

func (f *Fault) status() int {
	if f.Status == 0 {
		return http.StatusOK
	}
	return f.Status
}

func (f *Fault) write(w http.ResponseWriter) {
	if f.Body != "" {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.status())
		_, _ = io.WriteString(w, f.Body)
		return
	}
	desc := f.Description
	if desc == "" {
		desc = http.StatusText(f.Status)
		if f.Status == 429 {
			desc += ": retry after " + strconv.Itoa(f.RetryAfter)
		}
	}
	writeReply(w, nil, &apiError{code: f.Status, desc: desc, retryAfter: f.RetryAfter, migrateTo: f.MigrateTo})
}

// dropConnection resets the connection without an answer.
func dropConnection(w http.ResponseWriter) {
	hj, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hj.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// writeHalf announces the whole body and breaks off in the middle.
func writeHalf(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body[:len(body)/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}
