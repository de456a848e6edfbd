// Package check reports what a bot would find with a configuration: whether both sides
// answer, what the ticket API is like, and whether the database and the monitor's address
// can be opened. It is read-only.
//
// Its report describes the structure of the API's answers and is safe to share: field
// names, types and lengths, but no values.
package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Telegram is the part of the Bot API client that is needed.
type Telegram interface {
	Me(context.Context) (telegram.Me, error)
}

// Config is what to check, and where to report.
type Config struct {
	Telegram     Telegram
	Plusofon     plusofon.Config
	PollInterval time.Duration
	DatabasePath string
	HTTPAddr     string // "": none
	English      bool
	Report       string    // the report file to write; "": none
	Out          io.Writer // findings, one line each
}

// checker is one check.
type checker struct {
	Config
	words
	record   *recorder
	failures []error
}

// Run checks everything and returns the problems, each fit for one line.
func Run(ctx context.Context, cfg Config) []error {
	c := &checker{Config: cfg, words: russian}
	if cfg.English {
		c.words = english
	}
	if cfg.Report != "" {
		if _, err := os.Lstat(cfg.Report); err == nil {
			return []error{fmt.Errorf(c.reportExists, cfg.Report)}
		}
	}
	c.telegram(ctx)
	c.plusofon(ctx)
	if held := c.database(); !held { // the running bot listens on the address
		c.address(ctx)
	}
	if cfg.Report != "" {
		c.writeReport()
	}
	return c.failures
}

func (c *checker) say(format string, args ...any) { _, _ = fmt.Fprintf(c.Out, format+"\n", args...) }

func (c *checker) fail(what string, cause error) {
	c.failures = append(c.failures, fmt.Errorf("%s: %w", what, cause))
}

func (c *checker) telegram(ctx context.Context) {
	me, err := c.Telegram.Me(ctx)
	if err != nil {
		what := c.telegramSilent
		if e, ok := errors.AsType[*telegram.Error](err); ok && e.Outcome == telegram.Unauthorized {
			what = c.telegramToken
		}
		c.fail(what, err)
		return
	}
	c.say(c.bot, me.Username, me.Name)
	if me.CanReadAllGroupMessages {
		c.say(c.privacyOff)
	} else {
		c.say(c.privacyOn)
	}
}

func (c *checker) plusofon(ctx context.Context) {
	c.record = &recorder{next: c.Plusofon.Transport}
	if c.record.next == nil {
		t, _ := http.DefaultTransport.(*http.Transport)
		t = t.Clone()
		t.DisableKeepAlives = true
		c.record.next = t
	}
	c.Plusofon.Transport = c.record
	client, err := plusofon.New(c.Plusofon)
	if err == nil {
		err = c.api(ctx, client)
	}
	if err != nil {
		what := c.plusofonSilent
		if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.Access {
			what = c.plusofonToken
		}
		c.fail(what, err)
	}
}

// database checks the database, and reports whether the running bot has it open.
func (c *checker) database() (held bool) {
	path := c.DatabasePath
	held, err := state.IsHeld(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		var probe *os.File
		if probe, err = os.CreateTemp(filepath.Dir(path), ".plusofon-bot-check-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
		if err == nil {
			c.say(c.databaseNew, path)
			return false
		}
	case err == nil && held:
		c.say(c.databaseHeld, path)
		return true
	case err == nil:
		var r *state.Reader
		if r, err = state.OpenReader(path); err == nil {
			err = errors.Join(r.View(context.Background(), func(tx *state.Tx) error {
				_, err := tx.Meta("")
				return err
			}), r.Close())
		}
		if err == nil {
			c.say(c.words.database, path)
			return false
		}
	}
	c.fail(fmt.Sprintf(c.databaseBad, path), err)
	return false
}

func (c *checker) address(ctx context.Context) {
	if c.HTTPAddr == "" {
		return
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.HTTPAddr)
	if err != nil {
		c.fail(fmt.Sprintf(c.addressBad, c.HTTPAddr), err)
		return
	}
	_ = l.Close()
	c.say(c.words.address, c.HTTPAddr)
}

// writeReport writes the structure of all answers, failed ones included.
func (c *checker) writeReport() {
	answers := []described{}
	for _, e := range c.record.list {
		answers = append(answers, e.describe())
	}
	text, err := json.MarshalIndent(map[string]any{"answers": answers}, "", "  ")
	if err != nil {
		c.fail(c.reportBad, err)
		return
	}
	f, err := os.OpenFile(c.Report, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(append(text, '\n'))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		c.fail(c.reportBad, err)
		return
	}
	c.say(c.report, c.Report)
}
