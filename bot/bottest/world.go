// Package bottest is the world of the bot's tests: the bot with a real database between the
// two strict stand-ins, and the people of a small office who use it.
//
//	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
//		id, _ := w.Opened("Тема", "Текст")
//		w.Plusofon.Reply(id, "Оператор", "Уточните номер")
//		news := w.Reads(w.Anna, "Уточните номер")
//		…
//	})
//
// In Run, time is virtual: it stands still while anything runs, and waits of seconds or
// days are over at once. Nothing depends on the speed of the machine. The clients speak
// HTTP to the stand-ins over Lines, without sockets; New uses real sockets, for benchmarks.
//
// At the end of every test, no secret may be in the log, in a message or in the database,
// and the stand-in for Telegram must have found nothing that a correct bot never does.
package bottest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/internal/secret"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// The people: Anna is an owner, Boris a colleague without access at first, Eve a stranger.
const (
	AnnaID  = 100
	BorisID = 200
	EveID   = 666
)

// begins is the start of every world in virtual time: noon of a working day in Moscow.
var begins = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// World is the bot between the two stand-ins.
type World struct {
	T        testing.TB
	Telegram *telegramtest.Server
	Plusofon *plusofontest.Server

	// The lines to the two sides; nil in a world made by New.
	TelegramLine, PlusofonLine *Line

	// The private chats as people see them.
	Anna, Boris, Eve *telegramtest.Chat

	Store   *state.Store // while the program runs
	Path    string       // of the database
	Log     *Log
	Options Options // for the next start

	stop func()
}

// Options are the differences of a world from the default.
type Options struct {
	Plusofon plusofontest.Config
	Telegram telegramtest.Config

	Owners     []int64           // in addition to Anna
	Unowned    bool              // nobody is an owner yet, not even Anna
	Unproven   bool              // reads have shown nothing yet; by default they have shown what this Plusofon shows
	Language   string            // Anna's; default "ru"
	Configured string            // the configured default language; default "ru"
	Signing    string            // default "auto"
	Poll       time.Duration     // the pause between polls of Plusofon; default 10 s
	Timeout    time.Duration     // of a request to Plusofon; default 30 s
	Config     func(*bot.Config) // changes anything else
}

// Days are the options of a test in which days pass: Plusofon is polled less often.
var Days = Options{Poll: 5 * time.Minute}

// Run makes a world in virtual time, and ends it after f.
func Run(t *testing.T, o Options, f func(t *testing.T, w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(begins))
		w := newWorld(t, o)
		w.TelegramLine, w.PlusofonLine = newLine("telegram.test"), newLine("plusofon.test")
		w.Telegram.StartOn(w.TelegramLine)
		w.Plusofon.StartOn(w.PlusofonLine)
		w.Start()
		t.Cleanup(w.end)
		f(t, w)
	})
}

// New makes a world in real time over real sockets, for a benchmark.
func New(t testing.TB, o Options) *World {
	t.Helper()
	w := newWorld(t, o)
	Must(t, w.Telegram.Start())
	Must(t, w.Plusofon.Start())
	w.Start()
	t.Cleanup(w.end)
	return w
}

func newWorld(t testing.TB, o Options) *World {
	o.Telegram.Token = "1000:" + TelegramCanary
	o.Plusofon.Token = PlusofonCanary
	w := &World{
		T: t, Telegram: telegramtest.New(o.Telegram), Plusofon: plusofontest.New(o.Plusofon),
		Path: filepath.Join(t.TempDir(), "bot.db"), Log: NewLog(), Options: o,
	}
	w.Anna, w.Boris, w.Eve = w.Person(AnnaID).Private(), w.Person(BorisID).Private(), w.Person(EveID).Private()
	return w
}

// Person returns one of the three.
func (w *World) Person(id int64) *telegramtest.Person {
	anna := telegramtest.User{ID: AnnaID, FirstName: "Анна", Username: "anna", Language: "ru"}
	if w.Options.Language == "en" {
		anna.FirstName, anna.Language = "Anna", "en"
	}
	return w.Telegram.AddUser(map[int64]telegramtest.User{
		AnnaID:  anna,
		BorisID: {ID: BorisID, FirstName: "Boris", Language: "en"},
		EveID:   {ID: EveID, FirstName: "Ева", Language: "ru"},
	}[id])
}

// end stops the program and inspects what it leaves behind.
func (w *World) end() {
	w.databaseKeepsSecrets()
	w.Stop()
	w.databaseKeepsSecrets()
	w.keepsSecrets()
	if v := w.Telegram.Violations(); len(v) > 0 {
		w.T.Errorf("the strict server found: %s", strings.Join(v, "\n"))
	}
	w.Telegram.Close()
	w.Plusofon.Close()
	if w.T.Failed() {
		w.T.Logf("log:\n%s", w.Log)
	}
}

// Start runs the program until Stop.
func (w *World) Start() {
	w.T.Helper()
	log := slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	open := state.Open
	if w.TelegramLine != nil {
		open = statetest.OpenHurried
	}
	store, err := open(w.Path)
	Must(w.T, err)
	Bounded(w.T, store)
	tg, pf := w.clients(log)
	run := w.program(store, tg, pf, log)
	if !w.Options.Unproven {
		Must(w.T, store.Update(func(tx *state.Tx) error { return Proven(tx, w.Options.Plusofon.Attachments != plusofontest.Hidden) }))
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	w.Store = store
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.T.Errorf("run: %v", err)
		}
		if err := store.Close(); err != nil {
			w.T.Errorf("close: %v", err)
		}
		tg.CloseIdle()
	})
}

// Proven records that reads have shown tickets, posts and, with files, files.
func Proven(tx *state.Tx, files bool) error {
	kinds := []ticket.Kind{ticket.KindTicket, ticket.KindPost}
	if files {
		kinds = append(kinds, ticket.KindFile)
	}
	for _, kind := range kinds {
		if err := tx.SetMeta(string(kind), "yes"); err != nil {
			return err
		}
	}
	return nil
}

// Stop stops the program in order.
func (w *World) Stop() { w.stop() }

// Restart restarts the program on the same database.
func (w *World) Restart() {
	w.Stop()
	w.Start()
}

// RestartWith restarts it with another configuration.
func (w *World) RestartWith(config func(*bot.Config)) {
	w.Options.Config = config
	w.Restart()
}

func (w *World) clients(log *slog.Logger) (*telegram.Client, *plusofon.Client) {
	timeout := cmp.Or(w.Options.Timeout, 30*time.Second)
	var toTelegram, toPlusofon http.RoundTripper
	if w.TelegramLine != nil {
		once := w.PlusofonLine.Transport()
		once.DisableKeepAlives, once.ResponseHeaderTimeout = true, timeout // like the client's own transport for writes
		toTelegram, toPlusofon = w.TelegramLine.Transport(), once
	}
	tg, err := telegram.New(telegram.Config{
		Token: secret.String(w.Telegram.Token()), BaseURL: w.Telegram.URL(), Transport: toTelegram, Logger: log,
	})
	Must(w.T, err)
	pf, err := plusofon.New(plusofon.Config{
		BaseURL: w.Plusofon.URL(), Token: PlusofonCanary, Rate: 1_000_000, Timeout: timeout, Transport: toPlusofon, Logger: log,
	})
	Must(w.T, err)
	return tg, pf
}

// program assembles the running bot. Nothing else here knows how.
func (w *World) program(store *state.Store, tg *telegram.Client, pf *plusofon.Client, log *slog.Logger) (run func(context.Context) error) {
	const limit = 20 << 20
	o := w.Options
	c := bot.Config{
		Store: store, Telegram: tg, Plusofon: pf, Background: pf.Background(), PollInterval: cmp.Or(o.Poll, 10*time.Second),
		Conversation: chat.Config{
			Language: cmp.Or(o.Configured, "ru"), MaxFileSize: limit, Signing: chat.Signing(cmp.Or(o.Signing, string(chat.SignAuto))), Location: time.UTC, Version: "1.2.3",
		},
		Log: log,
	}
	if !o.Unowned {
		c.Owners = []state.UserID{AnnaID}
	}
	for _, id := range o.Owners {
		c.Owners = append(c.Owners, state.UserID(id))
	}
	if o.Config != nil {
		o.Config(&c)
	}
	return bot.New(c).Run
}
