package bot_test

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/internal/secret"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

const (
	annaID  = 100 // an owner
	borisID = 200
	eveID   = 666 // a stranger
)

// patience bounds every wait: what is waited for comes by a signal long before.
const patience = 30 * time.Second

// world is the bot between the two stand-ins: real HTTP, a real database.
type world struct {
	t        testing.TB
	telegram *telegramtest.Server
	plusofon *plusofontest.Server
	path     string
	config   func(*bot.Config)
	log      *lines

	anna  *telegramtest.Chat
	boris *telegramtest.Chat
	eve   *telegramtest.Chat

	store   *state.Store
	hurried bool
	timeout time.Duration
	stop    func()
}

type options struct {
	plusofon plusofontest.Config
	telegram telegramtest.Config
	config   func(*bot.Config)
	language string        // Anna's; "ru" unless set
	hurried  bool          // messages don't wait for Telegram's limits
	timeout  time.Duration // of a request to Plusofon; 5 s unless set
}

// newWorld starts everything. Anna is an owner and has started the bot.
func newWorld(t testing.TB, o options) *world {
	t.Helper()
	o.telegram.Token = "1000:" + telegramCanary
	o.plusofon.Token = plusofonCanary
	w := &world{
		t: t, telegram: telegramtest.New(o.telegram), plusofon: plusofontest.New(o.plusofon),
		path: filepath.Join(t.TempDir(), "bot.db"), config: o.config, log: &lines{grown: make(chan struct{})},
		hurried: o.hurried, timeout: cmp.Or(o.timeout, 5*time.Second),
	}
	must(t, w.telegram.Start())
	t.Cleanup(w.telegram.Close)
	must(t, w.plusofon.Start())
	t.Cleanup(w.plusofon.Close)
	anna := telegramtest.User{ID: annaID, FirstName: "Анна", Username: "anna", Language: "ru"}
	if o.language == "en" {
		anna.FirstName, anna.Language = "Anna", "en"
	}
	w.anna = w.telegram.AddUser(anna).Private()
	w.boris = w.telegram.AddUser(telegramtest.User{ID: borisID, FirstName: "Boris", Language: "en"}).Private()
	w.eve = w.telegram.AddUser(telegramtest.User{ID: eveID, FirstName: "Ева", Language: "ru"}).Private()
	w.start()
	t.Cleanup(func() {
		w.databaseKeepsSecrets()
		w.stop()
		w.t = t
		w.databaseKeepsSecrets()
		w.keepsSecrets()
		if v := w.telegram.Violations(); len(v) > 0 {
			t.Errorf("the strict server found: %s", strings.Join(v, "\n"))
		}
		if t.Failed() {
			t.Logf("log:\n%s", w.log)
		}
	})
	return w
}

// start runs the relay until w.stop, which waits for its end.
func (w *world) start() {
	w.t.Helper()
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store, err := state.Open(w.path)
	must(w.t, err)
	w.store = store
	tg, err := telegram.New(telegram.Config{Token: secret.String(w.telegram.Token()), BaseURL: w.telegram.URL(), Logger: log})
	must(w.t, err)
	pf, err := plusofon.New(plusofon.Config{BaseURL: w.plusofon.URL(), Token: plusofonCanary, Rate: 1_000_000, Logger: log, Timeout: w.timeout})
	must(w.t, err)
	const limit = 20 << 20
	cfg := bot.Config{
		Store: store, Conversation: chat.Config{Language: "ru", MaxFileSize: limit, Signing: chat.SignAuto, Location: time.UTC},
		Telegram: tg, Plusofon: pf, Background: pf.Background(), PollInterval: 10 * time.Millisecond,
		Owners: []state.UserID{annaID}, ReadBackPause: 20 * time.Millisecond, Log: log,
	}
	if w.config != nil {
		w.config(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	r := bot.New(cfg)
	if w.hurried {
		r.LiftLimits()
	}
	go func() { done <- r.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("run: %v", err)
		}
		if err := store.Close(); err != nil {
			w.t.Errorf("close: %v", err)
		}
		tg.CloseIdle()
	})
}

// restart ends the relay and starts it again on the same database.
func (w *world) restart() {
	w.stop()
	w.start()
}

// sees waits until the last message of the bot that fits is in the chat.
func (w *world) sees(c *telegramtest.Chat, what string, fits func(telegramtest.Message) bool) telegramtest.Message {
	w.t.Helper()
	var found telegramtest.Message
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := c.Wait(ctx, func(all []telegramtest.Message) bool {
		for i := len(all) - 1; i >= 0; i-- {
			if fits(all[i]) {
				found = all[i]
				return true
			}
		}
		return false
	})
	if err != nil {
		w.t.Fatalf("waiting for %s: %v", what, err)
	}
	return found
}

// reads waits for a message of the bot that holds all of the texts.
func (w *world) reads(c *telegramtest.Chat, texts ...string) telegramtest.Message {
	w.t.Helper()
	return w.sees(c, strings.Join(texts, " + "), func(m telegramtest.Message) bool {
		for _, text := range texts {
			if !m.FromBot || !strings.Contains(m.Text, text) {
				return false
			}
		}
		return true
	})
}

// reacts waits for the bot's reaction to a message.
func (w *world) reacts(c *telegramtest.Chat, id int, emoji string) {
	w.t.Helper()
	w.sees(c, emoji, func(m telegramtest.Message) bool { return m.ID == id && m.Reaction == emoji })
}

// desk waits until the tickets at Plusofon are as wanted.
func (w *world) desk(what string, wanted func([]plusofontest.Ticket) bool) []plusofontest.Ticket {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.plusofon.Wait(ctx, wanted); err != nil {
		w.t.Fatalf("waiting at Plusofon for %s: %v; there: %+v", what, err, w.plusofon.Tickets())
	}
	return w.plusofon.Tickets()
}

// opened lets Anna open a ticket and returns it with the receipt.
func (w *world) opened(subject, text string) (plusofon.TicketID, telegramtest.Message) {
	w.t.Helper()
	m := w.anna.Send("/new " + subject + "\n" + text)
	w.reacts(w.anna, m.ID, "👌")
	receipt := w.reads(w.anna, "создано", subject)
	tickets := w.plusofon.Tickets()
	return tickets[len(tickets)-1].ID, receipt
}

// pressed waits for the answer to a press.
func (w *world) pressed(id string) telegramtest.Answer {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var found telegramtest.Answer
	err := w.telegram.Wait(ctx, func(s *telegramtest.Server) bool {
		for _, a := range s.Answers() {
			if a.ID == id {
				found = a
				return true
			}
		}
		return false
	})
	if err != nil {
		w.t.Fatalf("waiting for the answer to a press: %v", err)
	}
	return found
}

// lines is a log that can be read while it is written.
type lines struct {
	mu    sync.Mutex
	b     strings.Builder
	grown chan struct{} // closed when more is written
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.grown)
	l.grown = make(chan struct{})
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func must(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// requested waits until Telegram has got a request that fits.
func (w *world) requested(what string, fits func(telegramtest.Request) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := w.telegram.Wait(ctx, func(s *telegramtest.Server) bool {
		return slices.ContainsFunc(s.Requests(), fits)
	})
	if err != nil {
		w.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// logged waits until the log says something.
func (w *world) logged(text string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		w.log.mu.Lock()
		said, grown := strings.Contains(w.log.b.String(), text), w.log.grown
		w.log.mu.Unlock()
		if said {
			return
		}
		select {
		case <-grown:
		case <-ctx.Done():
			w.t.Fatalf("waiting for the log to say %q", text)
		}
	}
}

// labels are what stands on a message's buttons.
func labels(m telegramtest.Message) string {
	var all []string
	for _, row := range m.Buttons {
		for _, b := range row {
			all = append(all, b.Text)
		}
	}
	return strings.Join(all, ", ")
}
