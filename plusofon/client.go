// Package plusofon is a client of Plusofon's ticket API.
//
// Guarantees:
//
//   - A write (Open, Answer, Attach) is sent once. It returns nil (done), an
//     *Error or a *SourceError (certainly no effect), or an *UnknownOutcomeError
//     (sent, outcome unknown). Nothing below repeats it, net/http included. The
//     one exception is an answer that denies access, which has no effect: the
//     client logs in again and resends.
//   - At most Config.Rate requests leave in any 60 seconds. Requests made for
//     people take precedence over those of a Background client. A read that
//     net/http resends because its kept-alive connection was closed counts once.
//   - A list that can't be parsed is an error, never an empty list. Elements,
//     posts and attachments that can't be parsed are left out and reported.
//   - Answers, waits and downloads are bounded in size and time; lists are never
//     held in memory whole.
//   - Neither errors nor logs contain the token, the password or a query. The
//     token is sent to no host but the configured one.
//
// Texts of posts are returned as they come, plain or HTML, with only their emoji
// restored, and are untrusted. Links in them are not followed; Download takes an
// Attachment only.
package plusofon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"plusofon-bot/internal/secret"
)

// TicketID is the number of a ticket, as people see it.
type TicketID int64

// PostID is the number of a post, unique across tickets.
type PostID int64

// Config configures a client. BaseURL is required, and either Token or Email
// with Password.
type Config struct {
	BaseURL    string         // https://restapi.plusofon.ru
	Token      secret.String  // an existing token
	Email      string         // to log in with if there is no token or it is no longer accepted
	Password   secret.String  // for Email
	ClientCode string         // the application's code; default 10553
	Rate       int            // maximum requests in any 60 seconds; default 60
	Location   *time.Location // time zone of `date`; default Europe/Moscow
	Timeout    time.Duration  // per request; default 30 s; uploads get more according to size
	Transport  http.RoundTripper
	Logger     *slog.Logger

	// MaxDownload is the largest download in bytes; default 20 MiB.
	MaxDownload int64
	// DownloadHosts are hosts ("host:port") that attachments may be fetched
	// from even if their addresses are private or they use plain HTTP. The
	// host of BaseURL is always allowed and is the only one sent the token.
	DownloadHosts []string
}

const (
	defaultClientCode  = "10553"
	defaultRate        = 60
	defaultTimeout     = 30 * time.Second
	defaultMaxDownload = 20 << 20
)

// Client talks to the API. It is safe for concurrent use.
type Client struct {
	*shared
	background bool
}

// shared is the state that a client and its Background view share.
type shared struct {
	cfg        Config
	base       *url.URL
	transport  http.RoundTripper // for writes: a new connection each
	reads      http.RoundTripper
	foreign    http.RoundTripper // for downloads from arbitrary hosts
	vouched    http.RoundTripper // for downloads from Config.DownloadHosts
	limiter    *limiter
	session    *session
	openList   memory
	closedList memory
	log        *slog.Logger
	zoneSaid   atomic.Bool
}

// New validates the configuration; it does not use the network.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("configure plusofon: the base URL is not an http or https address")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("configure plusofon: the base URL holds more than a host and a path")
	}
	if cfg.Token == "" && (cfg.Email == "" || cfg.Password == "") {
		return nil, errors.New("configure plusofon: neither a token nor an e-mail with a password")
	}
	if strings.ContainsFunc(cfg.Token.Reveal(), func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("configure plusofon: the token holds characters that no token has")
	}
	if cfg.Rate < 0 || cfg.MaxDownload < 0 || cfg.Timeout < 0 {
		return nil, errors.New("configure plusofon: a limit is negative")
	}
	base.Path = strings.TrimRight(base.Path, "/")
	if cfg.ClientCode == "" {
		cfg.ClientCode = defaultClientCode
	}
	if cfg.Rate == 0 {
		cfg.Rate = defaultRate
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.MaxDownload == 0 {
		cfg.MaxDownload = defaultMaxDownload
	}
	if cfg.Location == nil {
		cfg.Location = moscow()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &shared{
		cfg:       cfg,
		base:      base,
		transport: cfg.Transport,
		reads:     cfg.Transport,
		foreign:   newTransport(cfg.Timeout, checkAddress, nil),
		vouched:   newTransport(cfg.Timeout, nil, nil),
		limiter:   newLimiter(cfg.Rate),
		session:   newSession(cfg.Token),
		log:       cfg.Logger,
	}
	if s.transport == nil {
		s.transport = newTransport(cfg.Timeout, nil, http.ProxyFromEnvironment)
		s.reads = newReadTransport(cfg.Timeout, http.ProxyFromEnvironment)
	}
	return &Client{shared: s}, nil
}

// Background returns a view of the same client for work that no person is
// waiting for, such as polling. Its requests use the rate limit only while a
// reserve for people is left, wait as long as a 429 asked, and fail at once for
// a minute after access was denied. If the context's deadline is before the end
// of the wait, the wait fails at once.
func (c *Client) Background() *Client { return &Client{shared: c.shared, background: true} }

type lowPriority struct{}

// LowPriority marks requests made with this context as low priority: like those
// of a Background client they use the rate limit only while a reserve is left,
// and wait as long as a 429 asked. It is for retries of people's requests, which
// would otherwise use up what first attempts need.
func LowPriority(ctx context.Context) context.Context {
	return context.WithValue(ctx, lowPriority{}, true)
}

func isLowPriority(ctx context.Context) bool { return ctx.Value(lowPriority{}) != nil }

const opList = "list tickets"

// Tickets lists the open or the closed tickets. They are yielded while the list
// is read, so that it is never held whole; until the end it is unknown whether
// the list is complete. An element that can't be parsed is yielded as a
// *LeftOutError and the list goes on; any other error ends it.
func (c *Client) Tickets(ctx context.Context, open bool) iter.Seq2[ListedTicket, error] {
	return func(yield func(ListedTicket, error) bool) {
		// It is undocumented whether the server reads the query or the body, so
		// both carry the state, as a string: the server fails on any other type.
		state := strconv.FormatBool(open)
		memory := &c.closedList
		if open {
			memory = &c.openList
		}
		err := c.do(ctx, &call{
			op: opList, method: http.MethodGet, path: "/api/v1/ticket",
			query: url.Values{"state": {state}},
			body:  jsonBody(map[string]string{"state": state}),
			stream: func(body io.Reader) (complaint, error) {
				l := newListReader(body, open, c.cfg.Location, memory, yield)
				err := l.read()
				return l.said, err
			},
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(ListedTicket{}, err)
		}
	}
}

// Ticket reads a ticket with its posts, ordered by id.
func (c *Client) Ticket(ctx context.Context, id TicketID) (Ticket, error) {
	var t Ticket
	err := c.do(ctx, &call{
		op: "read ticket", method: http.MethodGet, path: ticketPath("/api/v1/ticket/", id), oneTicket: true,
		decode: func(a *answer) (err error) {
			if t, err = decodeTicket(a.body, c.cfg.Location); err != nil {
				return err
			}
			if t.ID == 0 {
				return errors.New("the answer holds no ticket")
			}
			if t.ID != id {
				return nil
			}
			return isReadable(t)
		},
	})
	if err != nil {
		return Ticket{}, err
	}
	if t.ID != id { // the help desk leads to the ticket that it was merged into
		return Ticket{}, &Error{Op: "read ticket", Kind: NotFound, Err: fmt.Errorf("the answer holds ticket %d instead of %d", t.ID, id)}
	}
	return t, nil
}

// Open opens a ticket. The subject is cut at MaxSubject characters. The returned
// ticket may be incomplete: without posts, or with posts without text.
func (c *Client) Open(ctx context.Context, subject, description string) (Ticket, error) {
	subject, description = CutSubject(outgoing(subject)), outgoing(description)
	var t Ticket
	err := c.do(ctx, &call{
		op: "open ticket", method: http.MethodPost, path: "/api/v1/ticket", write: true,
		body: jsonBody(map[string]string{"subject": subject, "description": description}),
		decode: func(a *answer) (err error) {
			if t, err = decodeTicket(a.body, c.cfg.Location); err != nil {
				return err
			}
			if t.ID == 0 {
				return errors.New("the answer holds no ticket number")
			}
			c.checkZone(t, a.date)
			return nil
		},
	})
	if err != nil {
		return Ticket{}, err
	}
	return t, nil
}

// Answer adds a post to a ticket. The server may not return the ticket, or return
// the one that it was merged into; then only ID is set and Posts is nil.
func (c *Client) Answer(ctx context.Context, id TicketID, text string) (Ticket, error) {
	var t Ticket
	err := c.do(ctx, &call{
		op: "answer ticket", method: http.MethodPut, path: ticketPath("/api/v1/ticket/answer/", id),
		write: true, oneTicket: true,
		body: jsonBody(map[string]string{"text": outgoing(text)}),
		decode: func(a *answer) (err error) {
			if t, err = decodeTicket(a.body, c.cfg.Location); err != nil {
				return err
			}
			if t.ID != id { // {}, {"success":true}, another ticket: accepted, without the ticket
				t = Ticket{ID: id, Open: true}
				return nil
			}
			c.checkZone(t, a.date)
			return nil
		},
	})
	if err != nil {
		return Ticket{}, err
	}
	return t, nil
}

// Account reads the account that the token belongs to.
func (c *Client) Account(ctx context.Context) (Account, error) {
	var acc Account
	err := c.do(ctx, &call{
		op: "read account", method: http.MethodGet, path: "/api/v1/authuser",
		decode: func(a *answer) (err error) {
			acc, err = decodeAccount(a.body)
			return err
		},
	})
	return acc, err
}

func ticketPath(prefix string, id TicketID) string {
	return prefix + strconv.FormatInt(int64(id), 10)
}

// moscow is the provider's time zone. A machine without a zone database gets
// the fixed offset in force since 2014.
func moscow() *time.Location {
	if loc, err := time.LoadLocation("Europe/Moscow"); err == nil {
		return loc
	}
	return time.FixedZone("MSK", 3*60*60)
}

// checkZone compares the time of the post just made with the server's clock. A
// wrong zone shows as a difference of whole hours. It is only logged, once:
// dates of posts are for display, and no decision depends on them.
func (c *Client) checkZone(t Ticket, now time.Time) {
	if now.IsZero() || len(t.Posts) == 0 {
		return
	}
	date := t.Posts[len(t.Posts)-1].Date
	if date.IsZero() {
		return
	}
	const slack = 5 * time.Minute
	diff := date.Sub(now)
	hours := diff.Round(time.Hour)
	if hours == 0 || (diff-hours).Abs() > slack || hours.Abs() > 26*time.Hour {
		return
	}
	if c.zoneSaid.CompareAndSwap(false, true) {
		c.log.Warn("Plusofon's dates seem to be in another time zone than the one set",
			"zone", c.cfg.Location.String(), "ahead_by", hours.String())
	}
}
