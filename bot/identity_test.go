package bot_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// company is a Plusofon that reports its account, has some tickets, and records openings.
type company struct {
	bot.Plusofon // unset methods are not called
	mu           sync.Mutex
	account      func() (plusofon.Account, error)
	tickets      []plusofon.TicketID
	opened       []string
}

func (c *company) Account(context.Context) (plusofon.Account, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.account()
}

func (c *company) Tickets(_ context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	var list []plusofon.ListedTicket
	if !open {
		return listOf(nil, nil)
	}
	for _, id := range c.tickets {
		list = append(list, plusofon.ListedTicket{ID: id, Open: true, Fingerprint: "1", HasActivity: true})
	}
	return listOf(list, nil)
}

func (c *company) Ticket(_ context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	return plusofon.Ticket{ID: id, Subject: "Тема", Open: true, OpenKnown: true}, nil
}

func (c *company) Open(_ context.Context, subject, _ string) (plusofon.Ticket, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opened = append(c.opened, subject)
	return plusofon.Ticket{}, &plusofon.Error{Op: "open", Kind: plusofon.Refused, Message: "нет"}
}

// owned runs the bot on a database of bot 1000 and of anna@example.com, which has ticket 7
// and a ticket to open, until f returns. It returns the log, and how the bot ended.
func owned(t *testing.T, c bot.Plusofon, tokenOf state.UserID, f func()) (log string, ended error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.db")
	store, err := statetest.OpenHurried(path)
	bottest.Must(t, err)
	cfg := chat.Config{Language: "ru", Location: time.UTC}
	bottest.Must(t, store.Update(func(tx *state.Tx) error {
		turn, err := cfg.NewTurn(tx, time.Now())
		if err != nil {
			return err
		}
		if err := turn.Tx.SavePerson(state.Person{ID: bottest.AnnaID, Role: state.Member}); err != nil {
			return err
		}
		sub := state.Submission{Kind: state.Opening, Chat: bottest.AnnaID, User: bottest.AnnaID, Message: 5, Subject: "Касса", Text: "Касса", State: state.SubmissionQueued}
		if sub.ID, _, err = tx.AddSubmission(sub); err != nil {
			return err
		}
		return errors.Join(
			tx.SetBotID(1000), tx.SetAccount(state.Account{ID: "1", Email: "anna@example.com"}),
			tx.SaveTicket(state.Ticket{ID: 7, Subject: "Тема", Open: true}),
			turn.Enqueue(state.Plusofon, "open:1", chat.KindOpen, state.PriorityPerson, "", chat.SubmissionRow{Submission: sub.ID}))
	}))
	var written bytes.Buffer
	b := bot.New(bot.Config{
		Store: store, Conversation: cfg, Telegram: &fakeTelegram{
			updates: make(chan []telegram.Raw), accept: func(telegram.ChatID, string, time.Time) error { return nil },
		},
		Plusofon: c, Background: c, PollInterval: time.Minute, BotID: tokenOf, Owners: []state.UserID{bottest.AnnaID},
		Log: slog.New(slog.NewTextHandler(&written, nil)),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	f()
	cancel()
	ended = <-done
	bottest.Must(t, store.Close())
	return written.String(), ended
}

func is(id, email string) func() (plusofon.Account, error) {
	return func() (plusofon.Account, error) { return plusofon.Account{ID: id, Email: email}, nil }
}

// A database of another bot or company is not used: nothing is sent, and the error says what to do.
func TestWhoseDatabase(t *testing.T) {
	t.Parallel()
	refused := func() (plusofon.Account, error) {
		return plusofon.Account{}, &plusofon.Error{Op: "read account", Kind: plusofon.Access, Status: 403}
	}
	for name, c := range map[string]struct {
		tokenOf state.UserID
		account func() (plusofon.Account, error)
		tickets []plusofon.TicketID
		refused error
		sent    bool
		says    string
	}{
		"this bot's and this company's":        {1000, is("1", "anna@example.com"), []plusofon.TicketID{7}, nil, true, ""},
		"another bot's, by the token":          {2000, is("1", "anna@example.com"), []plusofon.TicketID{7}, bot.ErrOtherBot, false, "set the token of the former"},
		"a bot's whose token tells nothing":    {0, is("1", "anna@example.com"), []plusofon.TicketID{7}, nil, true, ""},
		"a colleague's account":                {1000, is("2", "boris@example.com"), []plusofon.TicketID{5, 7}, nil, true, "another account of the same company"},
		"the same person with another address": {1000, is("1", "anna@new.example"), nil, nil, true, ""},
		"another company's":                    {1000, is("9", "eve@other.example"), []plusofon.TicketID{5}, bot.ErrOtherCompany, false, "whose lists hold none of its tickets"},
		"another company's that has none":      {1000, is("9", "eve@other.example"), nil, bot.ErrOtherCompany, false, "whose lists hold none of its tickets"},
		"an account that is not told":          {1000, refused, []plusofon.TicketID{7}, nil, true, "is taken on trust"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pf := &company{account: c.account, tickets: c.tickets}
				log, ended := owned(t, pf, c.tokenOf, func() { time.Sleep(10 * time.Second) })
				if !errors.Is(ended, c.refused) {
					t.Errorf("it ends with %v, want %v", ended, c.refused)
				}
				if sent := len(pf.opened) > 0; sent != c.sent {
					t.Errorf("something was sent: %v", sent)
				}
				if words := log + " " + text(ended); !strings.Contains(words, c.says) {
					t.Errorf("%q is said nowhere: %s", c.says, words)
				}
			})
		})
	}
}

// The id of a bot with an uninformative token is known when Telegram answers.
func TestAnotherBotIsKnownByItsAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "bot.db")
		store, err := statetest.OpenHurried(path)
		bottest.Must(t, err)
		bottest.Must(t, store.Update(func(tx *state.Tx) error { return tx.SetBotID(2000) }))
		b := bot.New(bot.Config{
			Store: store, Telegram: &fakeTelegram{updates: make(chan []telegram.Raw)}, Plusofon: idlePlusofon{}, Background: idlePlusofon{},
			PollInterval: time.Minute, Log: slog.New(slog.DiscardHandler),
		})
		if err := b.Run(t.Context()); !errors.Is(err, bot.ErrOtherBot) {
			t.Errorf("it ends with %v", err)
		}
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
			if id, err := tx.BotID(); err != nil || id != 2000 {
				t.Errorf("the database belongs to %d, %v", id, err)
			}
			return nil
		}))
		bottest.Must(t, store.Close())
	})
}

// While the account is unknown nothing is sent; once it is known, it is.
func TestNothingIsSentBeforeTheAccountIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pf := &company{tickets: []plusofon.TicketID{7}, account: func() (plusofon.Account, error) {
			return plusofon.Account{}, &plusofon.Error{Op: "read account", Kind: plusofon.Temporary, Status: 502}
		}}
		log, ended := owned(t, pf, 1000, func() {
			time.Sleep(time.Hour)
			if len(pf.opened) > 0 {
				t.Error("something was sent")
			}
			pf.mu.Lock()
			pf.account = is("1", "anna@example.com")
			pf.mu.Unlock()
			time.Sleep(10 * time.Minute)
		})
		if ended != nil || len(pf.opened) == 0 {
			t.Errorf("it ends with %v, sent %q", ended, pf.opened)
		}
		if !strings.Contains(log, "Plusofon could not be polled") {
			t.Errorf("the log says %s", log)
		}
	})
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// directly is a transport to a server in the same process.
type directly struct{ http.Handler }

func (d directly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// A login that fails once tells nothing about whose account it is: another company's database is
// not taken on trust for it.
func TestAFailedLoginIsNoReasonToTrust(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]plusofontest.Fault{
		"a gateway":       {Status: 502, Body: `<html><title>502 Bad Gateway</title></html>`},
		"a second factor": {Body: `{"two_factor":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := plusofontest.New(plusofontest.Config{Email: "customer@example.com", Password: "password-of-the-login"})
				defer srv.Close()
				srv.OpenInCabinet("Чужое", "другой компании")
				fault.Op = "login"
				srv.AddFault(fault)
				pf, err := plusofon.New(plusofon.Config{
					BaseURL: "http://plusofon.test", Email: "customer@example.com", Password: "password-of-the-login", Transport: directly{srv},
				})
				bottest.Must(t, err)
				_, ended := owned(t, pf, 1000, func() { time.Sleep(10 * time.Minute) })
				opened := 0
				for _, r := range srv.Requests() {
					if r.Op == "open" {
						opened++
					}
				}
				if opened > 0 {
					t.Errorf("%d tickets of one company were opened at another", opened)
				}
				if !errors.Is(ended, bot.ErrOtherCompany) {
					t.Errorf("it ends with %v", ended)
				}
			})
		})
	}
}
