// Package plusofontest is a stand-in for Plusofon's ticket API and the help desk behind it:
// strict about requests, faithful in its oddities, and with a staff side for tests to play.
//
//	srv := plusofontest.New(plusofontest.Config{Token: "t"})
//	if err := srv.Start(); err != nil { … }
//	defer srv.Close()
//	srv.Reply(ticket, "Оператор", "Здравствуйте")
//	err := srv.Wait(ctx, func(tickets []plusofontest.Ticket) bool { … })
//
// By default it does what the help desk is known to do: it replaces or loses emoji, drops
// invisible characters, has its own field names for posts, shows no attachments, uses GMT,
// rejects the text 0 and substitutes {{fullname}}. Each of these has a friendlier variant,
// a switch of Config.
//
// Server is an http.Handler; Start serves it on a free port of 127.0.0.1, StartOn on any
// listener. Everything is in memory. Of files above Config.KeepContent only the size and
// the SHA-256 are kept.
//
// Guarantees: a request with a wrong header, a `state` that is not the word true or false,
// a missing field, broken Base64 or an unknown id is rejected as by the real server or more
// strictly; every request is logged with its effect; faults apply exactly where they are
// set. It does not check passwords seriously, nor persist anything.
//
// # Control
//
// For a separate process, Control serves the staff side over HTTP, in JSON:
//
//	POST /open    {"subject","text"}                      → {"ticket"}
//	POST /reply   {"ticket","name","text","attachments":[{"name","content"}]} → {"post"}
//	POST /customer-reply {"ticket","text"}                → {"post"}
//	POST /note    {"ticket","name","text"}                → {"post"}, internal to the staff
//	POST /edit    {"ticket","post","text"}                → {}
//	POST /delete  {"ticket","post"}                       → {}, without a post: the ticket
//	POST /merge   {"ticket","into"}                       → {}
//	POST /close   {"ticket"}                              → {}
//	POST /reopen  {"ticket"}                              → {}
//	POST /fault   {"op","times","drop_before","drop_after","half_body","effect","delay_ms","status","body","header"} → {}
//	POST /switch  {"down","answer_lost","slow_ms","rate_limited_s"} → {}, absent ones are off
//	POST /expire  {}                                      → {}, invalidates tokens obtained by logging in
//	GET  /download?id=N                                   → the attachment
//	GET  /tickets                                         → [Ticket]
//	GET  /requests?since=N                                → [Request], those with a greater Seq
//
// The content of an attachment is Base64. Failures are {"error"} with 400.
package plusofontest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"plusofon-bot/plusofon"
)

// Dialect is the format of the list of tickets.
type Dialect int

const (
	// Older is XML converted to JSON, with signs of activity.
	Older Dialect = iota
	// Newer is an array of objects with an id, a subject and a status, without a sign of activity.
	Newer
	// NewerWithActivity is Newer with `replies` and `lastactivity`.
	NewerWithActivity
)

// Attachments is how a ticket shows the files of its posts.
type Attachments int

const (
	Hidden Attachments = iota // not at all
	ByLink
	Inline // Base64 in `contents`, if the content is kept
	ByName // only the name
)

// Config configures a server. The zero value works; set a field only if the test is about it.
type Config struct {
	Token    string // always accepted; "" for tokens obtained by logging in only
	Email    string // of the account and the login; default customer@example.com
	Password string // "" means nobody can log in
	Dialect  Dialect
	Clock    func() time.Time // default time.Now
	Location *time.Location   // time zone of `date`; default GMT
	Client   string           // the expected Client header; default 10553

	// The friendlier variants.
	PageNames   bool // posts have the field names of the provider's page instead of the help desk's
	KeepSigns   bool // emoji come back as sent
	KeepMarks   bool // control, format and private-use characters come back too
	Literal     bool // 0 is an ordinary text, and {{fullname}} is kept
	Attachments Attachments

	Wrapped   bool   // a ticket is wrapped in `tickets` and `ticket`
	Signature string // added under the staff's posts, after a line break
	NL2BR     bool   // texts come back with <br />
	Escape    bool   // texts come back as from htmlspecialchars
	Trim      bool   // texts come back trimmed
	// Rewrite, if set, determines how texts come back, whatever else is set.
	Rewrite func(string) string

	AnswerEmpty  bool  // an answer returns {} instead of the ticket
	RefuseClosed bool  // an answer to a closed ticket is refused instead of reopening it
	MergeLeads   bool  // the number of a merged ticket leads to the one it was merged into, instead of to nothing
	KeepContent  int64 // maximum size in bytes of files with kept content; default 4 MiB
	FirstTicket  plusofon.TicketID
}

// Friendly turns on all friendlier variants, for tests about something else.
func (c Config) Friendly() Config {
	c.PageNames, c.KeepSigns, c.KeepMarks, c.Literal = true, true, true, true
	if c.Attachments == Hidden {
		c.Attachments = ByLink
	}
	return c
}

// Server is the stand-in. It is safe for concurrent use.
type Server struct {
	cfg    Config
	mux    *http.ServeMux
	closed chan struct{} // releases delayed requests
	once   sync.Once

	mu       sync.Mutex
	tickets  []*Ticket // by id
	merged   map[plusofon.TicketID]plusofon.TicketID
	nextID   plusofon.TicketID
	nextPost plusofon.PostID
	nextFile int64
	logins   map[string]bool // tokens obtained by logging in
	nLogins  int
	changed  chan struct{} // nil if nobody waits

	requests []Request
	faults   []*Fault
	switches Switches

	http *http.Server
	url  string
	done chan struct{} // the server has stopped
}

// New makes a server; Start starts it.
func New(cfg Config) *Server {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Email == "" {
		cfg.Email = "customer@example.com"
	}
	if cfg.Client == "" {
		cfg.Client = "10553"
	}
	if cfg.KeepContent == 0 {
		cfg.KeepContent = 4 << 20
	}
	if cfg.FirstTicket == 0 {
		cfg.FirstTicket = 23624
	}
	s := &Server{
		cfg: cfg, closed: make(chan struct{}),
		nextID: cfg.FirstTicket, nextPost: 43807, nextFile: 1, logins: make(map[string]bool),
	}
	s.mux = http.NewServeMux()
	s.route("GET /api/v1/ticket", "list", s.list)
	s.route("GET /api/v1/ticket/{id}", "ticket", s.show)
	s.route("POST /api/v1/ticket", "open", s.open)
	s.route("PUT /api/v1/ticket/answer/{id}", "answer", s.answer)
	s.route("POST /api/v1/ticket/attachment", "attach", s.attach)
	s.route("POST /api/v1/login", "login", s.login)
	s.route("GET /api/v1/authuser", "account", s.account)
	s.route("GET /files/{id}/{name}", "download", s.download)
	s.route("/", "other", func(*http.Request, input) reply { return complain(http.StatusNotFound, "error", "Not Found") })
	return s
}

// Start listens on a free port of 127.0.0.1.
func (s *Server) Start() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the stand-in: %w", err)
	}
	s.StartOn(l)
	return nil
}

// StartOn serves on a listener, which Close closes.
func (s *Server) StartOn(l net.Listener) {
	s.url = "http://" + l.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l)
	}()
}

// URL is the address for a client; empty before Start.
func (s *Server) URL() string { return s.url }

// Close stops the server and releases delayed requests.
func (s *Server) Close() {
	s.once.Do(func() { close(s.closed) })
	if s.http != nil {
		_ = s.http.Close()
		<-s.done
	}
}

// Changed returns a channel that is closed at the next change of any ticket or switch.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// Wait returns when the tickets are as wanted, or ctx's error.
func (s *Server) Wait(ctx context.Context, wanted func([]Ticket) bool) error {
	for {
		changed := s.Changed()
		if wanted(s.Tickets()) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for the tickets: %w", ctx.Err())
		case <-s.closed:
			return errors.New("wait for the tickets: the server is closed")
		}
	}
}

// notify wakes waiters. s.mu is held.
func (s *Server) notify() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
