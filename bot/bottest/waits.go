package bottest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// patience is the timeout of every wait. In Run it is virtual: longer than any pause of the
// program, and over at once.
const patience = 10 * time.Minute

// Tester is what a check needs of a test; implemented by rapid.T too.
type Tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Must ends the test on an error.
func Must(t Tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Passes lets time pass, and everything settle.
func (w *World) Passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Away lets time pass while the program is stopped: days pass at once.
func (w *World) Away(d time.Duration) {
	w.T.Helper()
	w.Stop()
	time.Sleep(d)
	w.Start()
}

// Part is a named part of a test: failures in it are logged under the name.
func (w *World) Part(name string, f func()) {
	w.T.Helper()
	w.T.Logf("part: %s", name)
	f()
}

// Sees waits for a message in the chat that fits, and returns the last one.
func (w *World) Sees(c *telegramtest.Chat, what string, fits func(telegramtest.Message) bool) telegramtest.Message {
	w.T.Helper()
	var found telegramtest.Message
	w.waits(what, func(ctx context.Context) error {
		_, err := c.Wait(ctx, func(all []telegramtest.Message) bool {
			for _, m := range slices.Backward(all) {
				if fits(m) {
					found = m
					return true
				}
			}
			return false
		})
		return err
	})
	return found
}

// Reads waits for a message of the bot that contains all of the texts.
func (w *World) Reads(c *telegramtest.Chat, texts ...string) telegramtest.Message {
	w.T.Helper()
	return w.Sees(c, strings.Join(texts, " + "), func(m telegramtest.Message) bool {
		for _, text := range texts {
			if !m.FromBot || !strings.Contains(m.Text, text) {
				return false
			}
		}
		return true
	})
}

// Reacts waits for the bot's reaction to a message.
func (w *World) Reacts(c *telegramtest.Chat, id int, emoji string) {
	w.T.Helper()
	w.Sees(c, emoji, func(m telegramtest.Message) bool { return m.ID == id && m.Reaction == emoji })
}

// Pressed waits for the answer to a press.
func (w *World) Pressed(id string) (found telegramtest.Answer) {
	w.T.Helper()
	w.Until("the answer to a press", func(s *telegramtest.Server) bool {
		all := s.Answers()
		i := slices.IndexFunc(all, func(a telegramtest.Answer) bool { return a.ID == id })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// File waits for a document from the bot and returns it with its content.
func (w *World) File(c *telegramtest.Chat, name string) (telegramtest.Message, string) {
	w.T.Helper()
	m := w.Sees(c, name, func(m telegramtest.Message) bool { return m.FromBot && m.File != nil && m.File.Name == name })
	return m, string(w.Telegram.Content(m.File.ID))
}

// Until waits for a condition at Telegram.
func (w *World) Until(what string, done func(*telegramtest.Server) bool) {
	w.T.Helper()
	w.waits(what, func(ctx context.Context) error { return w.Telegram.Wait(ctx, done) })
}

// Requested waits until Telegram has received a request that fits.
func (w *World) Requested(what string, fits func(telegramtest.Request) bool) {
	w.T.Helper()
	w.Until(what, func(s *telegramtest.Server) bool { return slices.ContainsFunc(s.Requests(), fits) })
}

// Stored waits until Telegram has no pending updates: they are all in the inbox.
func (w *World) Stored() {
	w.T.Helper()
	w.Until("the updates to be confirmed", func(s *telegramtest.Server) bool { return s.Pending() == 0 })
}

// Desk waits until the tickets at Plusofon are as wanted.
func (w *World) Desk(what string, wanted func([]plusofontest.Ticket) bool) []plusofontest.Ticket {
	w.T.Helper()
	w.waits(what, func(ctx context.Context) error { return w.Plusofon.Wait(ctx, wanted) })
	return w.Plusofon.Tickets()
}

// Polled waits until the present state of Plusofon has been polled and stored: polls are
// sequential, so the third from now starts after that.
func (w *World) Polled() {
	w.T.Helper()
	lists := make(chan struct{}, 8)
	// Some polls also list the closed tickets.
	w.Plusofon.AddFault(plusofontest.Fault{Op: "list", Times: 6, OnRead: func() { lists <- struct{}{} }})
	for range 6 {
		w.waits("a poll", func(ctx context.Context) error {
			select {
			case <-lists:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
}

// Logged waits until the log contains a text.
func (w *World) Logged(text string) {
	w.T.Helper()
	w.waits("the log to say "+text, func(ctx context.Context) error {
		for {
			said, grown := w.Log.says(text)
			if said {
				return nil
			}
			select {
			case <-grown:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

// Eventually polls a condition that gives no signal.
func (w *World) Eventually(what string, holds func() bool) {
	w.T.Helper()
	w.waits(what, func(ctx context.Context) error {
		for !holds() {
			if err := ctx.Err(); err != nil {
				return err
			}
			time.Sleep(10 * time.Millisecond)
		}
		return nil
	})
}

// AtRest waits until nothing is left to decide or send.
func (w *World) AtRest() {
	w.T.Helper()
	w.Eventually("nothing to do", func() bool {
		var up, down []string
		var pending int
		if w.Telegram.Pending() > 0 {
			return false // checked first: what is no longer there is stored
		}
		Must(w.T, w.Store.Update(func(tx *state.Tx) (err error) {
			var err1, err2 error
			up, err1 = tx.Lanes(state.Plusofon)
			down, err2 = tx.Lanes(state.Telegram)
			pending, _, err = tx.InboxCounts()
			return errors.Join(err, err1, err2)
		}))
		return len(up)+len(down)+pending == 0
	})
}

func (w *World) waits(what string, f func(context.Context) error) {
	w.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := f(ctx); err != nil {
		w.T.Fatalf("waiting for %s: %v; at Plusofon: %+v", what, err, w.Plusofon.Tickets())
	}
}
