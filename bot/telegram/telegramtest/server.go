package telegramtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config describes the bot and the limits of the server. The zero value works.
type Config struct {
	Token    string // default "1000:test-token"
	BotID    int64  // default 1000
	BotName  string // the username without @, default "plusofon_test_bot"
	BotTitle string // the first name, default "Плюсофон"

	// Clock dates messages and drives every limit and expiry. Only the long poll waits in
	// real time.
	Clock func() time.Time

	// PrivacyOff lets the bot see all messages of its groups without being an administrator.
	PrivacyOff bool
	// PrivateTopics lets private chats have topics.
	PrivateTopics bool
	// Older emulates a server without the entity date_time and copy buttons.
	Older bool
	// RateLimits enables 429 for what is sent faster than Telegram allows.
	RateLimits bool

	MaxDownload int64 // the largest file for getFile, default 20 MB
	MaxUpload   int64 // the largest file that can be sent, default 50 MB
	MaxPhoto    int64 // the largest photo that can be sent, default 10 MB

	// FirstUpdateID is the number of the first update, default 700000001.
	FirstUpdateID int
}

// Server is the Bot API for one bot, with the people and groups around it.
// It is safe for concurrent use.
type Server struct {
	cfg Config
	bot User

	http *http.Server
	ln   net.Listener
	done chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at any change below
	down    bool
	faults  []*Fault

	users    map[int64]*User
	chats    map[int64]*chat
	groups   int64
	files    map[string]*file
	fileSeq  int
	privSeq  int // private chats and basic groups share one numbering, as in Telegram
	albumSeq int

	queue      updateQueue
	callbacks  map[string]*callback
	callSeq    int
	answers    []Answer
	menu       menu
	limiter    limiter
	requests   []Request
	violations []string
}

// Request is a call to the server, in order of arrival.
type Request struct {
	Method string            `json:"method"`
	Params map[string]string `json:"params"`
	Time   time.Time         `json:"time"`
	// Status is the HTTP status of the answer; 0 while unanswered or if the connection was dropped.
	Status int `json:"status"`
	// Description is the error's text, empty on success.
	Description string `json:"description,omitempty"`
}

// New makes a server that does not listen yet. It can be used as a handler without Start.
func New(cfg Config) *Server {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	if cfg.BotID == 0 {
		cfg.BotID = 1000
	}
	def(&cfg.Token, fmt.Sprintf("%d:test-token", cfg.BotID))
	def(&cfg.BotName, "plusofon_test_bot")
	def(&cfg.BotTitle, "Плюсофон")
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.MaxDownload == 0 {
		cfg.MaxDownload = 20 << 20
	}
	if cfg.MaxUpload == 0 {
		cfg.MaxUpload = 50 << 20
	}
	if cfg.MaxPhoto == 0 {
		cfg.MaxPhoto = 10 << 20
	}
	if cfg.FirstUpdateID == 0 {
		cfg.FirstUpdateID = 700_000_001
	}
	s := &Server{
		cfg:       cfg,
		bot:       User{ID: cfg.BotID, IsBot: true, FirstName: cfg.BotTitle, Username: cfg.BotName},
		done:      make(chan struct{}),
		changed:   make(chan struct{}),
		users:     map[int64]*User{},
		chats:     map[int64]*chat{},
		files:     map[string]*file{},
		callbacks: map[string]*callback{},
		menu:      newMenu(),
	}
	s.queue.next = cfg.FirstUpdateID
	s.users[s.bot.ID] = &s.bot
	return s
}

// Start listens on a free port of 127.0.0.1.
func (s *Server) Start() error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.StartOn(ln)
	return nil
}

// StartOn serves on a listener, which Close closes.
func (s *Server) StartOn(ln net.Listener) {
	s.ln = ln
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(ln) }()
}

// URL is the address for TELEGRAM_API_URL; calls go to URL/bot<TOKEN>/<method>.
func (s *Server) URL() string { return "http://" + s.ln.Addr().String() }

// Token is the bot's token.
func (s *Server) Token() string { return s.cfg.Token }

// Bot is the bot's own account.
func (s *Server) Bot() User { return s.bot }

// Close ends running polls and the listener.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	s.mu.Unlock()
	if s.http != nil {
		_ = s.http.Close()
	}
}

// Wait blocks until cond holds. cond is called again after every change and may call any
// method of the server except Wait.
func (s *Server) Wait(ctx context.Context, cond func(*Server) bool) error {
	for {
		s.mu.Lock()
		ch := s.changed
		s.mu.Unlock()
		if cond(s) {
			return nil
		}
		select {
		case <-ch:
		case <-s.done:
			return errors.New("wait: the server is closed")
		case <-ctx.Done():
			return fmt.Errorf("wait: %w", ctx.Err())
		}
	}
}

// Requests returns the calls so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Violations returns what a correct bot never does: unknown parameters, entities outside
// the text, captions that are too long and the like. Refusals that any bot may get (a
// blocked chat, a deleted topic, a limit) are not included.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.violations...)
}

// touch wakes all waiters. The lock is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) now() time.Time { return s.cfg.Clock() }

// ServeHTTP serves /bot<TOKEN>/<method> and /file/bot<TOKEN>/<path>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot"); ok {
		s.serveFile(w, r, rest)
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/bot")
	token, name, found := strings.Cut(rest, "/")
	if !ok || !found {
		writeReply(w, nil, &apiError{code: 404, desc: "Not Found"})
		return
	}
	if token != s.cfg.Token {
		writeReply(w, nil, &apiError{code: 401, desc: "Unauthorized"})
		return
	}
	s.serveMethod(w, r, name)
}

func (s *Server) serveMethod(w http.ResponseWriter, r *http.Request, name string) {
	c := &call{s: s, name: canonical(name), ctx: r.Context(), params: map[string]string{}, uploads: map[string]*upload{}}
	parseErr := c.read(w, r)

	s.mu.Lock()
	index := len(s.requests)
	s.requests = append(s.requests, Request{Method: c.name, Params: c.params, Time: s.now()})
	s.touch()
	down := s.down
	var fault *Fault
	if !down {
		fault = s.takeFault(c)
	}
	s.mu.Unlock()

	finish := func(status int, desc string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests[index].Status, s.requests[index].Description = status, desc
		s.touch()
	}
	if down {
		dropConnection(w)
		return
	}
	if fault != nil && fault.OnRead != nil {
		fault.OnRead()
	}
	if fault != nil && !fault.wait(r.Context(), s.done) {
		return
	}
	if fault != nil && fault.DropBefore {
		dropConnection(w)
		return
	}
	if fault != nil && fault.answers() {
		finish(fault.status(), fault.Description)
		fault.write(w)
		return
	}

	var result any
	err := parseErr
	if err == nil {
		result, err = s.run(c)
	} else {
		s.mu.Lock()
		s.note(c, err)
		s.mu.Unlock()
	}
	if errors.Is(err, errGone) {
		dropConnection(w)
		return
	}
	var fail *apiError
	if err != nil && !errors.As(err, &fail) {
		fail = &apiError{code: 500, desc: "Internal Server Error: " + err.Error()}
	}
	switch {
	case fault != nil && fault.DropAfter:
		finish(0, "")
		dropConnection(w)
	case fault != nil && fault.HalfBody:
		finish(200, "")
		writeHalf(w, replyBody(result, fail))
	default:
		if fail != nil {
			finish(fail.code, fail.desc)
		} else {
			finish(200, "")
		}
		writeReply(w, result, fail)
	}
}

// errGone means that the client hung up, or that the server is closing.
var errGone = errors.New("the client is gone")

// run checks a call against the table and carries it out.
func (s *Server) run(c *call) (any, error) {
	m, ok := methods[c.name]
	if !ok {
		return nil, &apiError{code: 404, desc: "Not Found: method not found"}
	}
	err := c.check(m)
	if err == nil && c.name == "getUpdates" {
		return s.getUpdates(c) // it waits, so it locks on its own
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var result any
	if err == nil {
		result, err = m.run(s, c)
	}
	s.note(c, err)
	s.touch()
	return result, err
}

// note records a refusal if it is a violation. The lock is held.
func (s *Server) note(c *call, err error) {
	var fail *apiError
	if errors.As(err, &fail) && fail.violation {
		s.violations = append(s.violations, c.name+": "+fail.desc)
	}
}

// apiError is a refusal.
type apiError struct {
	code       int
	desc       string
	retryAfter int
	migrateTo  int64
	violation  bool
}

func (e *apiError) Error() string { return strconv.Itoa(e.code) + " " + e.desc }

// refuse is a 400 that a correct bot may get.
func refuse(format string, args ...any) *apiError {
	return &apiError{code: 400, desc: "Bad Request: " + fmt.Sprintf(format, args...)}
}

// violate is a 400 that a correct bot never gets, with Telegram's message.
func violate(format string, args ...any) *apiError {
	e := refuse(format, args...)
	e.violation = true
	return e
}

// strict is a 400 that Telegram itself would not return; the message says so.
func strict(format string, args ...any) *apiError {
	return violate("(stricter than Telegram) "+format, args...)
}

func forbid(format string, args ...any) *apiError {
	return &apiError{code: 403, desc: "Forbidden: " + fmt.Sprintf(format, args...)}
}

func replyBody(result any, fail *apiError) []byte {
	reply := map[string]any{"ok": fail == nil}
	if fail == nil {
		reply["result"] = result
	} else {
		reply["error_code"] = fail.code
		reply["description"] = fail.desc
		parameters := map[string]any{}
		if fail.retryAfter > 0 {
			parameters["retry_after"] = fail.retryAfter
		}
		if fail.migrateTo != 0 {
			parameters["migrate_to_chat_id"] = fail.migrateTo
		}
		if len(parameters) > 0 {
			reply["parameters"] = parameters
		}
	}
	if raw, ok := result.(rawResult); ok && fail == nil {
		return append(append([]byte(`{"ok":true,"result":`), raw...), '}')
	}
	body, err := json.Marshal(reply)
	if err != nil {
		panic("telegramtest: encode a reply: " + err.Error())
	}
	return body
}

// rawResult is written verbatim: hand-made updates need not be JSON.
type rawResult []byte

func writeReply(w http.ResponseWriter, result any, fail *apiError) {
	body := replyBody(result, fail)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if fail != nil {
		if fail.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(fail.retryAfter))
		}
		w.WriteHeader(fail.code)
	}
	_, _ = w.Write(body)
}
