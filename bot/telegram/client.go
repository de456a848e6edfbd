package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"plusofon-bot/internal/secret"
)

// defaultBaseURL is Telegram's own Bot API server.
const defaultBaseURL = "https://api.telegram.org"

// The library logs addresses that contain the token; what matters is returned as errors and
// logged by the Client.
var _ = tgbotapi.SetLogger(silent{})

type silent struct{}

func (silent) Println(...any)        {}
func (silent) Printf(string, ...any) {}

// Config configures a Client; everything but the token has a default.
type Config struct {
	Token     secret.String
	BaseURL   string            // of the Bot API server; default: Telegram's own
	Transport http.RoundTripper // default: a transport with sane timeouts
	Logger    *slog.Logger      // default: discards
}

// Client calls the Bot API. It is safe for concurrent use.
type Client struct {
	api        tgbotapi.BotAPI
	base       *url.URL
	token      secret.String
	tokenForms []string // as it may appear in an error's text
	transport  http.RoundTripper
	log        *slog.Logger
	older      *older
}

var tokenPattern = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{1,256}$`)

// New validates the configuration and makes no call. Its errors contain neither the token nor
// the address.
func New(cfg Config) (*Client, error) {
	token := cfg.Token.Reveal()
	if !tokenPattern.MatchString(token) {
		return nil, errors.New("check the Telegram token: it does not look like 123456:ABC-DEF")
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = defaultBaseURL
	}
	base, err := url.Parse(strings.TrimRight(cfg.BaseURL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("check the Bot API address: it must be http(s)://host[:port][/path]")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("check the Bot API address: no user, query or fragment is possible in it")
	}
	c := &Client{
		api:        tgbotapi.BotAPI{Token: token},
		base:       base,
		token:      cfg.Token,
		tokenForms: []string{token, url.PathEscape(token), url.QueryEscape(token)},
		transport:  cfg.Transport,
		log:        cfg.Logger,
		older:      &older{},
	}
	// The endpoint is a format for fmt: escape percent signs of the address.
	c.api.SetAPIEndpoint(strings.ReplaceAll(base.String(), "%", "%%") + "/bot%s/%s")
	if c.transport == nil {
		c.transport = newTransport()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Format keeps the token out of a printed Client or copy.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "telegram.Client(%s)", c.base.Host)
}

// LogValue keeps the token out of a logged Client.
func (c Client) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// CloseIdle closes idle connections.
func (c *Client) CloseIdle() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Result is the answer to a call.
type Result struct {
	MessageID MessageID // of the sent or edited message, or 0
	ThreadID  ThreadID  // of the created topic, or of the message's, or 0
	Raw       json.RawMessage
}

// Decode decodes the answer into v.
func (r Result) Decode(v any) error {
	if err := json.Unmarshal(r.Raw, v); err != nil {
		return fmt.Errorf("decode the answer: %w", err)
	}
	return nil
}

// AlbumIDs returns the ids of the messages of a sent album, in order.
func (r Result) AlbumIDs() ([]MessageID, error) {
	var messages []struct {
		ID MessageID `json:"message_id"`
	}
	err := r.Decode(&messages)
	ids := make([]MessageID, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	return ids, err
}

func newResult(raw json.RawMessage) Result {
	r := Result{Raw: raw}
	var ids struct {
		MessageID MessageID `json:"message_id"`
		ThreadID  ThreadID  `json:"message_thread_id"`
	}
	// Most answers are a bare true, without ids.
	if json.Unmarshal(raw, &ids) == nil {
		r.MessageID, r.ThreadID = ids.MessageID, ids.ThreadID
	}
	return r
}

// Do makes a call. A failure is an *Error.
func (c *Client) Do(ctx context.Context, call Call) (Result, error) {
	call = c.older.fit(call)
	result, err := c.call(ctx, call, callIdle)
	e, failed := errors.AsType[*Error](err)
	if !failed {
		return result, err
	}
	plain, may := c.older.again(call, e)
	if !may {
		return result, err
	}
	if result, err = c.call(ctx, plain, callIdle); err == nil && !c.older.known.Swap(true) {
		c.log.InfoContext(ctx, "this Bot API server is older: times are sent as plain text, and buttons that copy are left out", "refused", e)
	}
	return result, err
}

func (c *Client) call(ctx context.Context, call Call, idle time.Duration) (Result, error) {
	params, err := call.params()
	if err != nil {
		return Result{}, &Error{Method: call.Method, Outcome: Refused, Err: err}
	}
	return c.send(call.Method, &exchange{client: c, ctx: ctx, idle: idle}, func(api *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return api.MakeRequest(call.Method, params)
	})
}

// Upload makes a call with files, which are streamed into the request one after another. Each
// is opened when the one before it has been read, the first before Telegram is called, and all
// are opened again by every call, so that the same row of an outbox can be sent again. If one
// can't be opened or read to its end, nothing is sent, and Error.File says which.
func (c *Client) Upload(ctx context.Context, call Call, files ...Upload) (Result, error) {
	params, err := call.params()
	if err != nil {
		return Result{}, &Error{Method: call.Method, Outcome: Refused, Err: err}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sources := make(uploadSources, len(files))
	defer sources.close()
	list := make([]tgbotapi.RequestFile, len(files))
	for i, f := range files {
		sources[i] = &uploadSource{ctx: ctx, upload: f}
		list[i] = tgbotapi.RequestFile{Name: f.Field, Data: sources[i]}
	}
	if err := sources[0].open(); err != nil {
		return Result{}, &Error{Method: call.Method, Outcome: NotSent, File: 1, Err: c.redact(err)}
	}
	x := &exchange{client: c, ctx: ctx, idle: callIdle, source: sources.failure}
	return c.send(call.Method, x, func(api *tgbotapi.BotAPI) (*tgbotapi.APIResponse, error) {
		return api.UploadFiles(call.Method, params, list)
	})
}

func (c *Client) send(method string, x *exchange, request func(*tgbotapi.BotAPI) (*tgbotapi.APIResponse, error)) (Result, error) {
	start := time.Now()
	api := c.api
	api.Client = x
	answer, err := request(&api)
	result, failed := c.outcome(method, x, answer, err)
	if c.log.Enabled(x.ctx, slog.LevelDebug) {
		attrs := []any{"method", method, "took", time.Since(start).Round(time.Millisecond), "status", x.status}
		if failed != nil {
			attrs = append(attrs, "outcome", failed.Outcome.String())
		}
		c.log.DebugContext(x.ctx, "telegram call", attrs...)
	}
	if failed != nil {
		return Result{}, failed
	}
	return result, nil
}

func (c *Client) outcome(method string, x *exchange, answer *tgbotapi.APIResponse, err error) (Result, *Error) {
	_, refused := errors.AsType[*tgbotapi.Error](err)
	switch {
	case refused && answer != nil && answer.ErrorCode != 0:
		answer.Description = c.mask(answer.Description)
		return Result{}, refusal(method, x.status, answer)
	case refused:
		return Result{}, foreign(method, x.status, x.retryAfter, nil)
	case x.err != nil:
		return Result{}, x.failure(method)
	case err != nil && x.status == 0:
		// The library failed before making the request.
		return Result{}, &Error{Method: method, Outcome: NotSent, Err: c.redact(err)}
	case err != nil:
		// Not the error itself: a JSON error may quote the page.
		return Result{}, foreign(method, x.status, x.retryAfter, nil)
	}
	return newResult(answer.Result), nil
}

// Me is the bot's own account.
type Me struct {
	ID                      UserID
	Username                string
	Name                    string
	CanReadAllGroupMessages bool // privacy mode is off
	HasTopics               bool // private chats can have topics
}

// Me asks for the bot's own account, which also checks the token.
func (c *Client) Me(ctx context.Context) (Me, error) {
	r, err := c.call(ctx, Call{Method: "getMe"}, callIdle)
	if err != nil {
		return Me{}, err
	}
	var me struct {
		tgbotapi.User
		HasTopics bool `json:"has_topics_enabled"`
	}
	if err := r.Decode(&me); err != nil {
		return Me{}, &Error{Method: "getMe", Err: err}
	}
	return Me{
		ID: UserID(me.ID), Username: me.UserName, Name: newUser(&me.User).Name(),
		CanReadAllGroupMessages: me.CanReadAllGroupMessages, HasTopics: me.HasTopics,
	}, nil
}

// BotID is the bot's id according to its token; 0 if the token does not look like one.
func (c *Client) BotID() UserID {
	id, _, _ := strings.Cut(c.token.Reveal(), ":")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		return 0
	}
	return UserID(n)
}
