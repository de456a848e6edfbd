// Package bot is the running bot: it moves updates in and requests out.
//
// Input (updates from Telegram, tickets from Plusofon) is stored before it is confirmed. An
// update is decided in the transaction that stores it if no other one waits. Output is a row of
// the outbox, committed together with the decision that wants it. Decisions are made in between
// by conversation and the packages below it, inside one transaction, without network or clock.
//
// Guarantees:
//
//   - An update received from Telegram is in the inbox, to be decided or decided already,
//     before the next poll confirms it, and is decided once.
//   - A request that opens, answers or attaches is committed as being sent before it is
//     made. If its outcome is unknown it is read back, never blindly repeated.
//   - Rows of one lane (a chat, a ticket) are sent in order; a lane that waits delays no
//     other. Failures are retried with backoff. What Plusofon fails on for a day is parked;
//     so is what Telegram fails on for ten minutes while it answers other requests. A
//     parked row is shown to a person, who decides.
//   - Pictures of one post are sent as one album. One that can't be fetched is left out and
//     reported; if Telegram rejects the album, each is sent alone, and as a document if it is
//     rejected again.
//
// A message to Telegram with an unknown outcome is sent again, an album whole: a rare duplicate
// is better than a loss. This is the only possible duplicate.
package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// Telegram is the part of the Bot API client that the bot needs.
type Telegram interface {
	Me(context.Context) (telegram.Me, error)
	Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error)
	Do(context.Context, telegram.Call) (telegram.Result, error)
	Upload(ctx context.Context, c telegram.Call, files ...telegram.Upload) (telegram.Result, error)
	OpenFile(ctx context.Context, fileID string, limit int64) (io.ReadCloser, int64, error)
}

// Plusofon is the part of the ticket API client that the bot needs.
type Plusofon interface {
	Account(context.Context) (plusofon.Account, error)
	Tickets(ctx context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error]
	Ticket(context.Context, plusofon.TicketID) (plusofon.Ticket, error)
	Open(ctx context.Context, subject, description string) (plusofon.Ticket, error)
	Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error)
	Attach(context.Context, plusofon.TicketID, plusofon.PostID, plusofon.File) error
	Download(context.Context, plusofon.Attachment) (io.ReadCloser, int64, error)
}

// Config is what the bot connects.
type Config struct {
	Store        *state.Store
	Conversation chat.Config
	Telegram     Telegram
	Plusofon     Plusofon
	// Background is Plusofon for requests that no person waits for, with lower priority.
	Background   Plusofon
	PollInterval time.Duration
	BotID        state.UserID // from the token; 0: unknown until Telegram is asked
	Owners       []state.UserID
	// ReadBackPause is how long Plusofon gets to finish what it may be doing before a
	// read-back; default 3 s.
	ReadBackPause time.Duration
	// RepeatPause is the backoff before the first retry; default 1 s. It doubles with each
	// retry, up to five minutes.
	RepeatPause time.Duration
	Observer    Observer // nil: none
	Log         *slog.Logger
}

// limits says when a message may be sent.
type limits interface {
	Open(n int, news bool, now time.Time) time.Time
	Take(n int, chat telegram.ChatID, group, news bool, now time.Time) (next time.Time, ok bool)
	Pause(chat telegram.ChatID, until time.Time)
}

// Bot is the bot. Make one with New and call Run once.
type Bot struct {
	Config
	conversation  *conversation.Conversation // its memory is the rate limit of strangers
	arrived       chan struct{}              // the inbox has something new
	sooner        chan struct{}              // something is due earlier than known
	draftsDue     atomic.Int64               // when the next draft is due, as far as known; Unix milliseconds
	listening     atomic.Bool                // Telegram has no more pending updates
	connected     chan string                // the bot's @name, once
	introduction  Plusofon                   // Plusofon before the account is identified
	asked         chan struct{}              // closed once the account was requested, whatever the answer
	identified    chan struct{}              // closed once the database is known to belong to the account's company
	polled        chan polled                // the first complete poll, once
	limits        limits
	mu            sync.Mutex
	liveness      liveness
	closures      closures
	told          map[telegram.ChatID]bool // chats told to wait since the last message that any chat accepted
	reads         atomic.Int64             // the number of the last read or answer, see ticket.Read
	rests         map[state.TicketID]int   // number of polls for which readStale skips a ticket that could not be read
	leftOut       leftOut                  // what the polls could not read; used by watch only
	leftOutLogged leftOut                  // the same as last logged
	passed        passed                   // recently dropped updates; used by receive only
	vitals        *vitals
	complaints    complaints
}

// New returns a bot.
func New(cfg Config) *Bot {
	if cfg.ReadBackPause == 0 {
		cfg.ReadBackPause = 3 * time.Second
	}
	if cfg.RepeatPause == 0 {
		cfg.RepeatPause = time.Second
	}
	if cfg.Observer == nil {
		cfg.Observer = unobserved{}
	}
	identified := make(chan struct{})
	b := &Bot{
		Config: cfg, conversation: &conversation.Conversation{}, arrived: make(chan struct{}, 1), sooner: make(chan struct{}, 1),
		connected: make(chan string, 1), polled: make(chan polled, 1), asked: make(chan struct{}), identified: identified,
		limits: telegram.NewLimits(), rests: map[state.TicketID]int{}, leftOut: leftOut{}, leftOutLogged: leftOut{}, told: map[telegram.ChatID]bool{}, vitals: newVitals(cfg.PollInterval),
		closures: closures{on: map[string]bool{}},
	}
	b.Telegram = observedTelegram{cfg.Telegram, cfg.Observer, &b.liveness}
	b.introduction = observedPlusofon{cfg.Plusofon, cfg.Observer}
	b.Plusofon = gate{b.introduction, identified}
	b.Background = gate{observedPlusofon{cfg.Background, cfg.Observer}, identified}
	return b
}

const (
	// longPoll is how long Telegram holds a poll. It allows 50 s; with less, a lost
	// connection is noticed within a minute.
	longPoll = 30 * time.Second
	// longestPollPause caps the backoff between failed polls of Telegram: button presses
	// waiting there expire after two and a half minutes.
	longestPollPause = 15 * time.Second
	// stopGrace is how long requests in flight may continue after the stop. What is cut off
	// then has an unknown outcome and is read back at the next start.
	stopGrace = 3 * time.Second
	// giveUpAfter is how long a request to Plusofon is retried.
	giveUpAfter = 24 * time.Hour
	// settling is how long after a start nothing is given up: while the program did not run,
	// nothing was tried.
	settling = 10 * time.Minute
	// longestPause caps the backoff between retries.
	longestPause = 5 * time.Minute
)

// Run works until ctx ends, and then returns nil within stopGrace plus a little, after
// finishing the requests in flight that are quick.
func (b *Bot) Run(ctx context.Context) error {
	b.vitals.begins(time.Now())
	b.Store.OnWork(b.Observer.Transaction)
	b.Store.OnAudit(func(e state.AuditEntry) { logAudit(b.Log, e) })
	if err := b.checkBot(b.BotID); err != nil {
		return err
	}
	if err := b.recover(); err != nil {
		return err
	}
	b.storePulse() // before anything is known of either side
	g, ctx := errgroup.WithContext(ctx)
	// Senders run a little longer than pollers.
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(stopGrace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cut()
		case <-sending.Done():
		}
	})
	defer stop()
	g.Go(func() error { return b.receive(ctx) })
	g.Go(func() error { return b.handle(ctx) })
	g.Go(func() error { return b.watch(ctx) })
	g.Go(func() error { return b.hello(ctx) })
	g.Go(func() error { return b.prune(ctx) })
	g.Go(func() error { return b.due(ctx) })
	g.Go(func() error { return b.announce(ctx) })
	g.Go(func() error { return b.pulse(ctx) })
	g.Go(func() error { return b.newDispatcher(state.Telegram, b.sendTelegram).run(ctx, sending) })
	g.Go(func() error {
		select {
		case <-b.asked:
			return b.newDispatcher(state.Plusofon, b.sendPlusofon).run(ctx, sending)
		case <-ctx.Done():
			return nil
		}
	})
	return g.Wait()
}

// update makes one decision in a transaction.
func (b *Bot) update(f func(*chat.Turn) error) error {
	return b.Store.Update(func(tx *state.Tx) error {
		t, err := b.Conversation.NewTurn(tx, time.Now())
		if err != nil {
			return err
		}
		return f(t)
	})
}

// prune deletes old rows once an hour. Bindings of messages to tickets are kept forever.
func (b *Bot) prune(ctx context.Context) error {
	const (
		keep = 7 * 24 * time.Hour
		// keepWritten is how long an album can be found by one of its items, an edited
		// message compared with the original, and the pages of a search turned.
		keepWritten = 30 * 24 * time.Hour
		// keepStrangers is how long strangers' handled updates are kept, so that a repeated
		// delivery is not answered again.
		keepStrangers = time.Hour
	)
	for {
		now := time.Now()
		before := now.Add(-keep)
		if kept := b.Conversation.KeepClosed; kept > 0 && kept < keep {
			before = now.Add(-kept) // sent rows contain texts too
		}
		var err error
		for more := true; more && err == nil && ctx.Err() == nil; {
			err = b.Store.Update(func(tx *state.Tx) error {
				err := errors.Join(tx.PruneInbox(before), tx.PruneOutbox(before), tx.PruneDrafts(now.Add(-keepWritten)),
					tx.PruneStrangers(now.Add(-keepStrangers), before), tx.PruneInvites(now), tx.PruneSearches(now.Add(-keepWritten)))
				more = tx.Work().Rows >= state.PrunedAtOnce
				return err
			})
		}
		if err == nil {
			err = errors.Join(b.forget(ctx), b.condense(ctx))
		}
		if err != nil {
			b.Log.Error("old rows could not be pruned", "error", err)
		}
		if !sleep(ctx, time.Hour) {
			return nil
		}
	}
}

// forget erases the texts of tickets closed long ago, a portion at a time.
func (b *Bot) forget(ctx context.Context) error {
	for all := false; !all && ctx.Err() == nil; {
		err := b.update(func(t *chat.Turn) (err error) {
			all, err = ticket.Forget(t)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// condense shortens what has waited long for unreachable chats, a portion at a time.
func (b *Bot) condense(ctx context.Context) error {
	var from conversation.Waited
	for ctx.Err() == nil {
		err := b.update(func(t *chat.Turn) (err error) {
			from, err = conversation.Condense(t, from)
			return err
		})
		if err != nil || from.Lane == "" {
			return err
		}
	}
	return nil
}

// announce distributes news to the chats that the first transaction had no room for.
func (b *Bot) announce(ctx context.Context) error {
	for ctx.Err() == nil {
		all := false
		err := b.update(func(t *chat.Turn) (err error) {
			all, err = ticket.TellNext(t)
			return err
		})
		switch {
		case err != nil:
			b.Log.Error("news could not be told", "error", err)
			sleep(ctx, b.pause(2))
		case all:
			select {
			case <-b.Store.Untold():
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// wakeDue wakes due if something just decided is due earlier than it knows.
func (b *Bot) wakeDue(tx *state.Tx) error {
	next, err := tx.NextDraftDue()
	if err == nil && !next.IsZero() && next.UnixMilli() < b.draftsDue.Load() {
		signal(b.sooner)
	}
	return err
}

// due does what is due at a certain time, according to the store.
func (b *Bot) due(ctx context.Context) error {
	last := time.Now()
	for ctx.Err() == nil {
		now := time.Now()
		b.noteClock(last, now)
		last = now
		var next time.Time
		b.draftsDue.Store(math.MaxInt64)
		err := b.update(func(t *chat.Turn) (err error) {
			next, err = submission.Due(t)
			return err
		})
		if err != nil {
			b.Log.Error("what is due could not be done", "error", err)
			next = time.Now().Add(time.Minute)
		}
		b.draftsDue.Store(next.UnixMilli())
		// The clock may be set meanwhile.
		timer := time.NewTimer(min(time.Until(next), time.Minute))
		select {
		case <-timer.C:
		case <-b.sooner:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// pause is the backoff before attempt n+1: it doubles each time, with some jitter so that
// requests that failed together are not retried together.
func (b *Bot) pause(n int) time.Duration {
	d := min(b.RepeatPause<<min(max(n, 0), 16), longestPause)
	return d - rand.N(d/5+1)
}

// givesUp reports whether Plusofon has failed on a row for so long that it is given up.
func (b *Bot) givesUp(row state.Row, now time.Time) bool {
	return triedFor(row, now) > giveUpAfter && now.Sub(b.vitals.awakeSince()) > settling
}

// triedFor returns for how long a row may have waited for Plusofon: until it last failed at Telegram,
// it waited for that.
func triedFor(row state.Row, now time.Time) time.Duration {
	if row.LastFailed.After(row.Created) {
		return now.Sub(row.LastFailed)
	}
	return now.Sub(row.Created)
}

// sleep waits for d; false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// signal wakes whoever waits on c, now or the next time they wait.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// guard turns a panic of f into an error, so that one bad update or row does not end the
// program.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
