package check

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// exchange is a recorded request with its answer.
type exchange struct {
	method, path string
	query        []string // names
	status       int
	header       http.Header
	body         []byte
	cut          bool // the body was longer
}

// keptBody is how many bytes of an answer are kept.
const keptBody = 4 << 20

// recorder records requests that pass through it.
type recorder struct {
	next http.RoundTripper

	mu   sync.Mutex
	list []*exchange
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	e := &exchange{method: req.Method, path: req.URL.Path, status: res.StatusCode, header: res.Header}
	for name := range req.URL.Query() {
		e.query = append(e.query, name)
	}
	slices.Sort(e.query)
	r.mu.Lock()
	r.list = append(r.list, e)
	r.mu.Unlock()
	res.Body = &keeper{ReadCloser: res.Body, of: e}
	return res, nil
}

// last returns the latest successful answer for a path.
func (r *recorder) last(path string) *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range slices.Backward(r.list) {
		if e.path == path && e.status == http.StatusOK {
			return e
		}
	}
	return nil
}

type keeper struct {
	io.ReadCloser
	of *exchange
}

func (k *keeper) Read(p []byte) (int, error) {
	n, err := k.ReadCloser.Read(p)
	room := keptBody - len(k.of.body)
	k.of.body = append(k.of.body, p[:min(n, room)]...)
	k.of.cut = k.of.cut || n > room
	return n, err
}

// described is an exchange in the report: only its structure.
type described struct {
	Request string   `json:"request"`
	Query   []string `json:"query,omitempty"`
	Status  int      `json:"status"`
	Headers []string `json:"headers"`
	Type    string   `json:"content_type"`
	Length  int      `json:"length"`
	Shape   *shape   `json:"shape,omitempty"`
}

var number = regexp.MustCompile(`[0-9]+`)

func (e *exchange) describe() described {
	d := described{Request: e.method + " " + safePath(e.path), Status: e.status, Query: e.query, Length: len(e.body), Type: mediaType(e.header)}
	for name := range e.header {
		d.Headers = append(d.Headers, name)
	}
	slices.Sort(d.Headers)
	if s, ok := shapeOf(bytes.NewReader(e.body)); ok {
		s.Cut = s.Cut || e.cut
		d.Shape = s
	}
	return d
}

func safePath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if number.MatchString(part) && part != "v1" {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

// mediaType names only expected types; any other could contain anything.
func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	switch t = strings.TrimSpace(t); t {
	case "", "application/json", "text/html", "text/plain", "text/xml", "application/xml", "application/octet-stream":
		return t
	}
	return "another"
}
