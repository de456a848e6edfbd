package demo

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

//go:embed page
var files embed.FS

// maxBody bounds what the page sends: a file of 50 MB in Base64.
const maxBody = 70 << 20

// page shows Anna's chat and the support's desk, and lets both be used.
type page struct {
	telegram   *telegramtest.Server
	plusofon   *plusofontest.Server
	anna       *telegramtest.Chat
	hosts      [2]string // as a browser on this machine names the page
	chat, desk latest
}

func newPage(tg *telegramtest.Server, anna *telegramtest.Chat, pf *plusofontest.Server, address string) *page {
	_, port, _ := net.SplitHostPort(address)
	return &page{
		telegram: tg, plusofon: pf, anna: anna,
		hosts: [2]string{address, net.JoinHostPort("localhost", port)},
		chat:  latest{changed: make(chan struct{})}, desk: latest{changed: make(chan struct{})},
	}
}

// handler serves the page: its files, the stream of what both sides show, and
// the stand-ins' own control surfaces for everything that people do.
func (p *page) handler() http.Handler {
	root, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(root))
	mux.HandleFunc("GET /events", p.events)
	mux.Handle("POST /telegram/", http.StripPrefix("/telegram", p.telegram.Control()))
	mux.Handle("POST /plusofon/", http.StripPrefix("/plusofon", p.plusofon.Control()))
	return p.guard(mux)
}

// guard keeps other sites out, which a browser on this machine may have open: a
// page of theirs can send requests to 127.0.0.1, also under a name of its own.
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
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// chatView is what the left side shows.
type chatView struct {
	About    map[string]string      `json:"about"` // the words of the empty chat, by language
	Messages []telegramtest.Message `json:"messages"`
	// Answer is the bot's last answer to a press.
	Answer *telegramtest.Answer `json:"answer,omitempty"`
}

// follow keeps both views up to date until ctx ends.
func (p *page) follow(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		var failure error
		err := p.telegram.Wait(ctx, func(*telegramtest.Server) bool {
			failure = p.chat.set(p.lookAtChat())
			return failure != nil
		})
		return ended(ctx, errors.Join(failure, err))
	})
	group.Go(func() error {
		var failure error
		err := p.plusofon.Wait(ctx, func(tickets []plusofontest.Ticket) bool {
			failure = p.desk.set(withoutContents(tickets))
			return failure != nil
		})
		return ended(ctx, errors.Join(failure, err))
	})
	return group.Wait()
}

// ended is the error of a wait that did not end because it was to.
func ended(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// withoutContents leaves out what the page does not show of the files.
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

func (p *page) lookAtChat() chatView {
	v := chatView{
		About:    map[string]string{"ru": p.telegram.Profile("description", "ru"), "en": p.telegram.Profile("description", "en")},
		Messages: append([]telegramtest.Message{}, p.anna.Messages()...),
	}
	if answers := p.telegram.Answers(); len(answers) > 0 {
		v.Answer = &answers[len(answers)-1]
	}
	return v
}

// events streams both views, each whole and again whenever it changes.
func (p *page) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	var sentChat, sentDesk []byte
	for {
		chat, chatChanged := p.chat.get()
		desk, deskChanged := p.desk.get()
		for _, part := range []struct {
			name      string
			now, sent *[]byte
		}{{"chat", &chat, &sentChat}, {"desk", &desk, &sentDesk}} {
			if bytes.Equal(*part.now, *part.sent) {
				continue
			}
			if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", part.name, *part.now); err != nil {
				return
			}
			*part.sent = *part.now
		}
		if flush() != nil {
			return
		}
		select {
		case <-chatChanged:
		case <-deskChanged:
		case <-r.Context().Done():
			return
		}
	}
}

// latest is the newest value of a view, as JSON.
type latest struct {
	mu      sync.Mutex
	value   []byte
	changed chan struct{} // closed and replaced with every change
}

func (l *latest) set(v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode what the page shows: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !bytes.Equal(value, l.value) {
		l.value = value
		close(l.changed)
		l.changed = make(chan struct{})
	}
	return nil
}

func (l *latest) get() ([]byte, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.value, l.changed
}
