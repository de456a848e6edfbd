package bot_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// bubble is the bot in virtual time, with a real database, between a phone and a
// desk that are plain values: HTTP can't go where days pass at once.
type bubble struct {
	t      tester
	path   string
	log    *lines
	phone  *phone
	desk   *desk
	config func(*bot.Config)
	stop   func()
}

// tester is what the bubble needs of a test, and of a rapid.T.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// inBubble runs f in virtual time. A path's database may be of an earlier bubble:
// each begins at the same moment.
func inBubble(t *testing.T, path string, phone *phone, desk *desk, f func(*bubble)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, path: path, log: &lines{grown: make(chan struct{})}, phone: phone, desk: desk}
		b.begin()
		defer func() {
			b.stop()
			if t.Failed() {
				t.Logf("the chat: %q\nlog:\n%s", phone.reads(), b.log)
			}
		}()
		f(b)
	})
}

// begin starts a bubble: its phone's channels are of this one.
func (b *bubble) begin() {
	b.t.Helper()
	b.phone.moved = make(chan struct{})
	b.start()
}

// overLinks starts the program anew with a link to each side, which may have
// troubles.
func (b *bubble) overLinks() *troubles {
	b.t.Helper()
	b.stop()
	t := newTroubles()
	b.config = func(c *bot.Config) {
		l := newLink(b.phone, b.desk, t)
		c.Telegram, c.Plusofon, c.Background = telegramLink{l}, plusofonLink{l}, plusofonLink{l}
	}
	b.start()
	return t
}

func (b *bubble) start() {
	b.t.Helper()
	store, err := statetest.OpenHurried(b.path)
	must(b.t, err)
	cfg := bot.Config{
		Store: store, Conversation: chat.Config{Language: "ru", MaxFileSize: 1 << 20, Signing: chat.SignNever, Location: time.UTC},
		Telegram: b.phone, Plusofon: b.desk, Background: b.desk, PollInterval: 5 * time.Minute,
		Owners: []state.UserID{annaID, borisID}, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
	if b.config != nil {
		b.config(&cfg)
	}
	r := bot.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("run: %v", err)
		}
		must(b.t, store.Close())
	})
}

// passes lets time go by, and everything come to rest.
func (b *bubble) passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bubble) wantRead(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(b.phone.reads(), func(s string) bool { return strings.Contains(s, text) }) {
			b.t.Errorf("nobody reads %q in %q", text, b.phone.reads())
		}
	}
}

func (b *bubble) wantReaction(id int, emoji string) {
	b.t.Helper()
	if got := b.phone.reaction(id); got != emoji {
		b.t.Errorf("the reaction to message %d is %q, want %q", id, got, emoji)
	}
}

func (b *bubble) wantLogged(text string) {
	b.t.Helper()
	if !strings.Contains(b.log.String(), text) {
		b.t.Errorf("the log does not say %q", text)
	}
}

// gone is a side that can be lost.
type gone struct {
	mu   sync.Mutex
	lost bool
}

func (g *gone) lose(lost bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lost = lost
}

func (g *gone) isLost() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lost
}
