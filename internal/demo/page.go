package demo

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

//go:embed page
var files embed.FS

// maxBody limits what the page sends: files of 50 MB in Base64.
const maxBody = 70 << 20

// policy lets the page load and run only its own files. Images may also come from memory:
// those about to be sent.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// page shows both sides and lets both be used.
type page struct {
	*cast
	hosts  [2]string // as a browser on this machine names the page
	board  *board
	opened chan struct{} // closed once the page is opened
	open   sync.Once
	outage outage // only for follow, when it looks at Telegram
}

// outage tracks what was written while Plusofon was down.
type outage struct {
	held map[messageKey]bool
	over bool // some of it has arrived
}

type messageKey struct {
	chat int64
	id   int
}

// see records a message that the bot accepted while Plusofon is down, or one of those that
// has arrived. It reports whether the message is waiting.
func (o *outage) see(m telegramtest.Message, down bool) (waits bool) {
	key := messageKey{m.Chat, m.ID}
	switch m.Reaction {
	case "👀":
		o.held[key] = o.held[key] || down
		return o.held[key]
	case "👌":
		o.over = o.over || o.held[key]
	}
	return false
}

// outageView is what the page is told about an outage.
type outageView struct {
	Held bool `json:"held"` // something written then is waiting
	Over bool `json:"over"`
}

func newPage(c *cast, address string) *page {
	_, port, _ := net.SplitHostPort(address)
	return &page{
		cast: c, hosts: [2]string{address, net.JoinHostPort("localhost", port)},
		board: newBoard(), opened: make(chan struct{}), outage: outage{held: map[messageKey]bool{}},
	}
}

// handler serves the page: its files, the stream of what both sides show, and the
// stand-ins' control interfaces for everything that people do.
func (p *page) handler(play *player) http.Handler {
	root, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	tg, pf := http.StripPrefix("/telegram", p.telegram.Control()), http.StripPrefix("/plusofon", p.plusofon.Control())
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(root))
	mux.HandleFunc("GET /events", p.events)
	mux.Handle("POST /telegram/", tg)
	mux.Handle("GET /telegram/download", tg)
	mux.Handle("POST /plusofon/", pf)
	mux.Handle("GET /plusofon/download", pf)
	mux.HandleFunc("POST /language", order(func(in struct{ Language string }) error {
		if in.Language != "ru" && in.Language != "en" {
			return fmt.Errorf("%q is neither ru nor en", in.Language)
		}
		p.speak(in.Language)
		return nil
	}))
	mux.HandleFunc("POST /play", order(func(struct{}) error { return play.start() }))
	mux.HandleFunc("POST /stop", order(func(struct{}) error { play.stop(); return nil }))
	return p.guard(mux)
}

// order responds as the stand-ins do: {} or {"error"} with 400.
func order[In any](do func(In) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		err := d.Decode(&in)
		if err == nil {
			err = do(in)
		}
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]string{}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			answer["error"] = err.Error()
		}
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// guard rejects requests from other sites open in the same browser: their pages can send
// requests to 127.0.0.1, also under a host name of their own.
func (p *page) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != p.hosts[0] && r.Host != p.hosts[1] {
			http.Error(w, "open the demo at http://"+p.hosts[0], http.StatusForbidden)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
			http.Error(w, "other sites have no business here", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// castView lists the people.
type castView struct {
	Language string            `json:"language"`
	Bot      telegramtest.User `json:"bot"`
	People   []person          `json:"people"`
	Group    int64             `json:"group"`
	Title    both              `json:"title"`
	Staff    both              `json:"staff"`
	About    both              `json:"about"` // what the bot says before it is started
}

// chatView is a chat with everything its people see.
type chatView struct {
	ID       int64                            `json:"id"`
	Messages []telegramtest.Message           `json:"messages"`
	Menus    map[int64][]telegramtest.Command `json:"menus"` // by person
	// Of a group:
	Topics []telegramtest.Topic `json:"topics,omitempty"`
	Bot    string               `json:"bot,omitempty"` // its status
}

// lastAnswers is how many answers to button presses the page is sent.
const lastAnswers = 20

// follow keeps the board up to date until ctx ends.
func (p *page) follow(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		var failure error
		err := p.telegram.Wait(ctx, func(*telegramtest.Server) bool {
			failure = p.look()
			return failure != nil
		})
		return ended(ctx, errors.Join(failure, err))
	})
	group.Go(func() error {
		var failure error
		err := p.plusofon.Wait(ctx, func(tickets []plusofontest.Ticket) bool {
			failure = errors.Join(
				p.board.set("desk", withoutContents(tickets)),
				p.board.set("faults", faults(p.plusofon.Switches())))
			return failure != nil
		})
		return ended(ctx, errors.Join(failure, err))
	})
	return group.Wait()
}

// ended returns the error of a wait that was not meant to end.
func ended(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// withoutContents drops the file contents that the page does not show.
func withoutContents(tickets []plusofontest.Ticket) []plusofontest.Ticket {
	for _, t := range tickets {
		for _, post := range t.Posts {
			for i := range post.Attachments {
				post.Attachments[i].Content = nil
			}
		}
	}
	return tickets
}

// faultsView holds the switches under the names used to set them.
type faultsView struct {
	Down       bool  `json:"down"`
	AnswerLost bool  `json:"answer_lost"`
	SlowMS     int64 `json:"slow_ms"`
	LimitedS   int64 `json:"rate_limited_s"`
}

func faults(w plusofontest.Switches) faultsView {
	return faultsView{w.Down, w.AnswerLost, w.Slow.Milliseconds(), int64(w.RateLimited.Seconds())}
}

// look puts Telegram's side on the board.
func (p *page) look() error {
	err := p.board.set("cast", castView{
		Language: p.speaks(), Bot: p.telegram.Bot(), People: people, Group: p.group.ID(), Title: groupTitle, Staff: staffName,
		About: both{RU: p.telegram.Profile("description", "ru"), EN: p.telegram.Profile("description", "en")},
	})
	down, waits := p.plusofon.Switches().Down, false
	for _, who := range people {
		c := p.private[who.ID]
		messages := append([]telegramtest.Message{}, c.Messages()...)
		for _, m := range messages {
			waits = p.outage.see(m, down) || waits
		}
		err = errors.Join(err, p.board.set(fmt.Sprintf("chat:%d", who.ID), chatView{
			ID: c.ID(), Messages: messages,
			Menus: map[int64][]telegramtest.Command{who.ID: c.Menu()},
		}))
	}
	answers := p.telegram.Answers()
	return errors.Join(err,
		p.board.set("outage", outageView{waits, p.outage.over}),
		p.board.set(fmt.Sprintf("chat:%d", p.group.ID()), chatView{
			ID: p.office.ID(), Messages: append([]telegramtest.Message{}, p.office.Messages()...),
			Menus:  map[int64][]telegramtest.Command{Anna: p.office.Menu(), boris: p.office.Menu()},
			Topics: p.group.Topics(), Bot: p.group.BotStatus(),
		}),
		p.board.set("answers", append([]telegramtest.Answer{}, answers[max(0, len(answers)-lastAnswers):]...)))
}

// events streams the board: each value in full, and again whenever it changes.
func (p *page) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	p.open.Do(func() { close(p.opened) })
	flush := http.NewResponseController(w).Flush
	sent := map[string][]byte{}
	for {
		list, more := p.board.news(sent)
		for _, it := range list {
			event, _, _ := strings.Cut(it.name, ":")
			if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, it.value); err != nil {
				return
			}
		}
		if flush() != nil {
			return
		}
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}
