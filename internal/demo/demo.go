// Package demo runs the bot on this machine alone: between the stand-ins of
// Telegram and of Plusofon, with a page that shows both sides.
//
// It promises to need no account, to listen on 127.0.0.1 only, to send nothing
// anywhere else, and to leave nothing behind when it ends by itself or by a
// signal. What is shown is what the bot really does: it is the same program,
// with a database in a temporary folder. Nothing of it outlives the process.
//
// The page holds a small cast: Anna, who owns the bot, her colleague Boris, a
// stranger, a group with topics, and the support's desk. A scenario can play
// all of them by itself.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/internal/secret"
	"plusofon-bot/plusofon/plusofontest"
)

const (
	telegramToken = "1000:demo-token"
	plusofonToken = "demo-token"
)

// Sides is where the bot finds Telegram, Plusofon and its database.
type Sides struct {
	TelegramURL, PlusofonURL     string
	TelegramToken, PlusofonToken secret.String
	Owner                        int64
	DatabasePath                 string
	Language                     string         // of the configuration: that of the page
	Zone                         *time.Location // this machine's
}

// Config is what the demo needs from outside.
type Config struct {
	// Bot runs the bot until its context ends; it may be run again after that.
	Bot func(context.Context, Sides) error
	// Out receives the page's address and the progress of the scenario.
	Out io.Writer
	// Port is the first to try, Ports how many in a row; 8080 and 20 unless set.
	Port, Ports int
	// Open opens an address in a browser; nil: none is opened.
	Open func(address string)
	// English is the language of Out, and of the people until the page is in another one;
	// Russian unless set.
	English bool
	// Scenario plays the conversation automatically, once the page is open or after
	// OpeningTime without one.
	Scenario bool
	// Pace is how long a step of the scenario stays on display, OpeningTime how long it waits
	// for a page: 3 s and 30 s unless set.
	Pace, OpeningTime time.Duration
	// Temp is the directory for temporary files; the system's unless set.
	Temp string
}

func (c Config) withDefaults() Config {
	if c.Port == 0 {
		c.Port = 8080
	}
	if c.Ports == 0 {
		c.Ports = 20
	}
	if c.Pace == 0 {
		c.Pace = 3 * time.Second
	}
	if c.OpeningTime == 0 {
		c.OpeningTime = 30 * time.Second
	}
	return c
}

// Run shows the demo until ctx ends, which is not an error.
func Run(ctx context.Context, cfg Config) (err error) {
	cfg = cfg.withDefaults()
	listener, err := listen(ctx, cfg.Port, cfg.Ports)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the page's server may have closed it
	folder, err := os.MkdirTemp(cfg.Temp, "plusofon-bot-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	zone := named(time.Local, time.Now())
	tg := telegramtest.New(telegramtest.Config{Token: telegramToken, BotName: "plusofon_demo_bot"})
	if err := tg.Start(); err != nil {
		return fmt.Errorf("start the stand-in of Telegram: %w", err)
	}
	defer tg.Close()
	pf := plusofontest.New(plusofontest.Config{Token: plusofonToken, Email: "anna@example.com", Location: zone, KeepContent: maxBody}.Friendly())
	if err := pf.Start(); err != nil {
		return fmt.Errorf("start the stand-in of Plusofon: %w", err)
	}
	defer pf.Close()

	address := "http://" + listener.Addr().String()
	language := "ru"
	if cfg.English {
		language = "en"
	}
	_, err = fmt.Fprintf(cfg.Out, "%s\n%s\n", address,
		both{"Откройте этот адрес в браузере; чтобы завершить, нажмите Ctrl-C.", "Open this address in a browser; press Ctrl-C to stop."}.in(language))
	if err != nil {
		return fmt.Errorf("print the address: %w", err)
	}

	group, ctx := errgroup.WithContext(ctx)
	p := newPage(newCast(tg, pf, language), listener.Addr().String())
	play := newPlayer(p, cfg)
	group.Go(func() error { return p.follow(ctx) })
	group.Go(func() error { return play.run(ctx) })
	group.Go(func() error { return servePage(ctx, listener, p.handler(play)) })
	group.Go(func() error {
		return p.runBot(ctx, cfg.Bot, Sides{
			TelegramURL: tg.URL(), TelegramToken: telegramToken,
			PlusofonURL: pf.URL(), PlusofonToken: plusofonToken,
			Owner: Anna, DatabasePath: filepath.Join(folder, "demo.db"), Zone: zone,
		})
	})
	if cfg.Open != nil {
		cfg.Open(address)
	}
	return group.Wait()
}

// named returns a zone under a displayable name: this machine's may be called "Local".
func named(zone *time.Location, now time.Time) *time.Location {
	if zone.String() != "Local" {
		return zone
	}
	now = now.In(zone)
	_, offset := now.Zone()
	return time.FixedZone(now.Format("UTC-07:00"), offset)
}

// listen takes the first free one of several ports in a row.
func listen(ctx context.Context, first, count int) (net.Listener, error) {
	var failure error
	for port := first; port < first+count; port++ {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return l, nil
		}
		failure = err
	}
	return nil, fmt.Errorf("none of the ports %d to %d of 127.0.0.1 is free, end what uses one of them: %w", first, first+count-1, failure)
}

// servePage serves until ctx ends. Event streams end with their requests, whose contexts
// derive from ctx.
func servePage(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the page: %w", err)
	}
	return nil
}
