// Package plusofon is a client of the ticket API of Plusofon.
//
// What it promises:
//
//   - A write (Open, Answer, Attach) is sent once. It returns nil (done), an
//     *Error or a *SourceError (certainly without effect), or an
//     *UnknownOutcomeError (sent, and nobody knows). Nothing below repeats it,
//     net/http included; only after an answer that says "no access", which has
//     no effect, the client logs in anew and sends it again.
//   - No more than Config.Rate requests leave in any 60 seconds. What people do
//     goes ahead of the work of a Background client. A read that net/http sends
//     again, for its kept connection turned out to be closed, counts once.
//   - A list that can't be understood is an error, never an empty one. An element, a
//     post or an attachment that can't be read is left out and told of.
//   - Answers, waits and downloads are bounded in size and time; lists are never
//     held whole.
//   - Neither errors nor logs hold the token, the password or a query. The
//     token never leaves for another host than the configured one.
//
// What it does not: texts of posts are passed on as they come, plain or HTML, but
// for their emoji, and are untrusted. Links in them are not looked at; Download
// takes an Attachment only.
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

// TicketID is the number of a ticket, the one that people see.
type TicketID int64

// PostID is the number of a post within all tickets.
type PostID int64

// Config is what a client needs to know. BaseURL and either Token or Email with
// Password are required.
type Config struct {
	BaseURL    string         // https://restapi.plusofon.ru
	Token      secret.String  // a ready token
	Email      string         // where there is no token, or it stops to be accepted: log in
	Password   secret.String  // goes with Email
	ClientCode string         // the application's code, 10553 unless set
	Rate       int            // requests in any 60 seconds at most, 60 unless set
	Location   *time.Location // the zone of `date`, Europe/Moscow unless set
	Timeout    time.Duration  // of one request, 30 s unless set; uploads get more by their size
	Transport  http.RoundTripper
	Logger     *slog.Logger

	// MaxDownload is the size in bytes above which Download gives up, 20 MiB
	// unless set.
	MaxDownload int64
	// DownloadHosts are hosts ("host:port") that attachments may be fetched
	// from although their addresses are private or they speak plain HTTP. The
	// host of BaseURL always may. None but that one gets the token.
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

// shared is what a client and its Background view have in common.
type shared struct {
	cfg        Config
	base       *url.URL
	transport  http.RoundTripper // for writes: each on a connection of its own
	reads      http.RoundTripper
	foreign    http.RoundTripper // for downloads from hosts that nobody vouches for
	vouched    http.RoundTripper // for downloads from Config.DownloadHosts
	limiter    *limiter
	session    *session
	openList   memory
	closedList memory
	log        *slog.Logger
	zoneSaid   atomic.Bool
}

// New checks the configuration; it does not use the network.
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

// Background returns a view of the same client for work that nobody waits for,
// such as polling. Its requests take a token of the rate limit only while a
// reserve for people is left, wait out what a 429 asked for, and fail at once
// for a minute after access was denied. A context with a deadline that the
// wait would pass ends the wait at once.
func (c *Client) Background() *Client { return &Client{shared: c.shared, background: true} }

type behind struct{}

// Behind makes requests with this context go behind: like those of a Background
// client they take a token of the rate limit only while a reserve is left, and wait
// out what a 429 asked for. It is for requests of people that are made again, which
// would else use up what others need for their first attempt.
func Behind(ctx context.Context) context.Context { return context.WithValue(ctx, behind{}, true) }

func isBehind(ctx context.Context) bool { return ctx.Value(behind{}) != nil }

const opList = "list tickets"

// Tickets lists the open or the closed tickets. They come while the list is read,
// so that none of it has to be held; before the end nobody knows that it is whole.
// An element that can't be read comes as a *LeftOutError, and the list goes on; any
// other error ends it.
func (c *Client) Tickets(ctx context.Context, open bool) iter.Seq2[ListedTicket, error] {
	return func(yield func(ListedTicket, error) bool) {
		// Nobody says whether the server reads the query or the body; both carry
		// the word, a string, for anything else is answered with a fault.
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

// Ticket reads one ticket with its posts, in the order of their ids.
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
				return fmt.Errorf("the answer holds ticket %d instead of %d", t.ID, id)
			}
			return isReadable(t)
		},
	})
	if err != nil {
		return Ticket{}, err
	}
	return t, nil
}

// Open opens a ticket. The subject is cut at MaxSubject characters. The answer may
// hold less than the ticket has: no posts, or posts without their words.
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

// Answer adds a post to a ticket. The server may answer without the ticket;
// then only ID is set, and Posts is nil.
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
			if t.ID == 0 { // {}, {"success":true}: taken, and no more is said
				t = Ticket{ID: id, Open: true}
				return nil
			}
			if t.ID != id {
				return fmt.Errorf("the answer holds ticket %d instead of %d", t.ID, id)
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

// Account reads whose token it is.
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

// moscow is the zone of the provider. A machine without a zone database gets
// the offset that the zone has had since 2014.
func moscow() *time.Location {
	if loc, err := time.LoadLocation("Europe/Moscow"); err == nil {
		return loc
	}
	return time.FixedZone("MSK", 3*60*60)
}

// checkZone compares the time of the post that was just made with the server's
// clock. A zone set wrong shows as a difference of whole hours; it is said
// once, for the dates of posts are for people only and nothing rests on them.
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
		c.log.Warn("the dates of Plusofon seem to be of another time zone than the one set",
			"zone", c.cfg.Location.String(), "ahead_by", hours.String())
	}
}
