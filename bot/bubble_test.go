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
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// bubble is the bot in virtual time, with a real database, between a phone and a desk that are
// plain values: they outlive a bubble, and are fast enough for a model's many walks.
type bubble struct {
	t      bottest.Tester
	path   string
	log    *bottest.Log
	phone  *phone
	desk   *desk
	config func(*bot.Config)
	stop   func()
}

// inBubble runs f in virtual time. The database at path may be from an earlier bubble: each
// begins at the same time.
func inBubble(t *testing.T, path string, phone *phone, desk *desk, f func(*bubble)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, path: path, log: bottest.NewLog(), phone: phone, desk: desk}
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

// begin starts a bubble, with new channels for its phone.
func (b *bubble) begin() {
	b.t.Helper()
	b.phone.moved = make(chan struct{})
	b.start()
}

func (b *bubble) start() {
	b.t.Helper()
	b.desk.connect(b.t)
	store, err := statetest.OpenHurried(b.path)
	bottest.Must(b.t, err)
	bottest.Bounded(b.t, store)
	cfg := bot.Config{
		Store: store, Conversation: chat.Config{Language: "ru", MaxFileSize: 1 << 20, Signing: chat.SignNever, Location: time.UTC},
		Telegram: b.phone, Plusofon: b.desk, Background: b.desk, PollInterval: 5 * time.Minute,
		Owners: []state.UserID{bottest.AnnaID, bottest.BorisID}, Log: slog.New(slog.NewTextHandler(b.log, nil)),
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
		bottest.Must(b.t, store.Close())
	})
}

// passes lets time pass, and everything settle.
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

// gone is a side that can be unreachable.
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
