// Package bot is the running bot: it carries what comes in and what goes out.
//
// What comes in (updates from Telegram, tickets from Plusofon) is stored before it is
// confirmed or acted on. What goes out is a row of the outbox, committed together with
// the decision that wants it. Between them stand the rooms below: conversation and what
// it leads to decide inside one transaction, and use no network and no clock.
//
// The promises:
//
//   - An update that Telegram has given out is in the inbox before the next poll
//     confirms it, and is decided about once.
//   - A request that opens, answers or attaches is committed as being sent before it is
//     made. One of unknown outcome is read back and never repeated blindly.
//   - Rows of one lane (a chat, a ticket) go in order; a lane that waits holds up no
//     other. Failures are repeated with growing pauses for a day, then a person decides.
//
// A message to Telegram whose outcome is unknown is sent again: a rare second copy is
// better than a loss. This is the only duplicate possible.
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

// Telegram is the part of the Bot API's client that the bot needs.
type Telegram interface {
	Me(context.Context) (telegram.Me, error)
	Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error)
	Do(context.Context, telegram.Call) (telegram.Result, error)
	Upload(ctx context.Context, c telegram.Call, field, name string, open func(context.Context) (io.ReadCloser, error)) (telegram.Result, error)
	OpenFile(ctx context.Context, fileID string, limit int64) (io.ReadCloser, int64, error)
}

// Plusofon is the part of the ticket API's client that the bot needs.
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
	// Background is Plusofon for what nobody waits for: it goes behind.
	Background   Plusofon
	PollInterval time.Duration
	BotID        state.UserID // as the token tells; 0: not known before Telegram is asked
	Owners       []state.UserID
	// ReadBackPause is how long Plusofon gets to finish what it may be doing
	// before it is asked what it did; 3 s unless set.
	ReadBackPause time.Duration
	// RepeatPause is how long a request waits before it is first repeated; 1 s
	// unless set. Each further pause is twice as long, up to five minutes.
	RepeatPause time.Duration
	Observer    Observer // nil: nobody counts
	Log         *slog.Logger
}

// limits says when a message may go.
type limits interface {
	Open(news bool, now time.Time) time.Time
	Take(chat telegram.ChatID, group, news bool, now time.Time) (next time.Time, ok bool)
	Pause(chat telegram.ChatID, until time.Time)
}

// Bot runs the bot. Make one with New and call Run once.
type Bot struct {
	Config
	conversation *conversation.Conversation // what is remembered of strangers between decisions
	arrived      chan struct{}              // the inbox has something new
	sooner       chan struct{}              // something is due sooner than was known
	draftsDue    atomic.Int64               // when the next draft is due, as far as is known; Unix milliseconds
	listening    atomic.Bool                // Telegram has given all it had
	connected    chan string                // the bot's @name, once
	introduction Plusofon                   // for what is asked before it is known whose account it is
	asked        chan struct{}              // closed once Plusofon was asked whose account it is, whatever it says
	identified   chan struct{}              // closed once the database is known to be this company's
	polled       chan polled                // the first whole poll, once
	limits       limits
	mu           sync.Mutex
	liveness     liveness
	closures     closures
	told         map[telegram.ChatID]bool // to wait, since any chat took a message
	reads        atomic.Int64             // the number of the last read or answer, see ticket.Read
	rests        map[state.TicketID]int   // for how many polls readStale leaves a ticket alone that could not be read
	leftOut      leftOut                  // what the polls could not read; watch's own
	passed       passed                   // what was passed over a moment ago; receive's own
	vitals       *vitals
	complaints   complaints
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
		limits: telegram.NewLimits(), rests: map[state.TicketID]int{}, leftOut: leftOut{}, told: map[telegram.ChatID]bool{}, vitals: newVitals(cfg.PollInterval),
		closures: closures{on: map[string]bool{}},
	}
	b.Telegram = observedTelegram{cfg.Telegram, cfg.Observer, &b.liveness}
	b.introduction = observedPlusofon{cfg.Plusofon, cfg.Observer}
	b.Plusofon = gate{b.introduction, identified}
	b.Background = gate{observedPlusofon{cfg.Background, cfg.Observer}, identified}
	return b
}

const (
	// longPoll is how long Telegram holds a poll. It allows 50 s; with less the
	// loss of the connection is noticed within a minute.
	longPoll = 30 * time.Second
	// longestPollPause caps the pauses between polls of Telegram that fail: a press
	// of a button waits there for two minutes and a half only.
	longestPollPause = 15 * time.Second
	// stopGrace is how long requests under way may go on after the stop. What
	// is then cut off is of unknown outcome and read back at the next start.
	stopGrace = 3 * time.Second
	// giveUpAfter is how long a request is repeated.
	giveUpAfter = 24 * time.Hour
	// longestPause is the cap of the growing pauses between repeats.
	longestPause = 5 * time.Minute
)

// Run works until ctx ends; then it returns nil within stopGrace and a little.
// Requests to people that are under way are finished if they are quick.
func (b *Bot) Run(ctx context.Context) error {
	b.vitals.v.Started = time.Now()
	b.Store.OnWork(b.Observer.Transaction)
	b.Store.OnAudit(func(e state.AuditEntry) { logAudit(b.Log, e) })
	if err := b.checkBot(b.BotID); err != nil {
		return err
	}
	if err := b.recover(); err != nil {
		return err
	}
	b.storePulse() // before anything can be said of either side
	g, ctx := errgroup.WithContext(ctx)
	// Senders have a moment longer than pollers.
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

// recover takes up what a former process left in the middle of a request: its
// outcome is unknown. In a copy of the database that was put in its place the same
// goes for what waited: it may have been sent after the copy was made.
func (b *Bot) recover() error {
	return b.update(func(t *chat.Turn) error {
		copied, err := t.Tx.TakeCopied()
		if err != nil {
			return err
		}
		if copied {
			b.Log.Warn("the database is a copy that was put in its place; what waited in it is looked for at Plusofon before it is sent")
			if err := b.doubt(t); err != nil {
				return err
			}
		}
		if err := t.Tx.AllowReactions(); err != nil {
			return err
		}
		last, err := t.Tx.LastRead()
		if err != nil {
			return err
		}
		b.reads.Store(int64(last))
		rows, err := t.Tx.InterruptedSends()
		if len(rows) > 0 {
			b.Log.Warn("requests were interrupted by the program's end; reading back what became of them", "requests", len(rows))
		}
		return errors.Join(err, b.hasten(t.Tx, t.Now))
	})
}

// hasten makes nothing wait for longer than it ever has to: the clock may have
// been set back since its time was written.
func (b *Bot) hasten(tx *state.Tx, now time.Time) error {
	late, err := tx.ClampUpdateTimes(now.Add(patience))
	for _, side := range []state.Side{state.Telegram, state.Plusofon} {
		n, failure := tx.ClampRowTimes(side, now.Add(longestPause), now)
		late, err = late+n, errors.Join(err, failure)
	}
	if late > 0 {
		b.Log.Warn("what waits was due much later, as when the clock has been set back; it goes soon", "waiting", late)
	}
	return err
}

// doubt marks what waits for Plusofon as being sent, with the answers that wait for
// their ticket.
func (b *Bot) doubt(t *chat.Turn) error {
	rows, err := t.Tx.QueuedRows(state.Plusofon)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Kind == chat.KindFetch {
			continue
		}
		sent := true
		if row.Kind != chat.KindAttach {
			payload, err := chat.Decode[chat.SubmissionRow](row)
			if err != nil {
				return err
			}
			if _, sent, err = submission.Sending(t, payload.Submission); err != nil {
				return err
			}
		}
		if sent {
			if err := t.Tx.StartSending(row.ID); err != nil {
				return err
			}
		}
	}
	return t.Tx.DoubtWaiting()
}

// update makes one decision in a transaction of its own.
func (b *Bot) update(f func(*chat.Turn) error) error {
	return b.Store.Update(func(tx *state.Tx) error {
		t, err := b.Conversation.NewTurn(tx, time.Now())
		if err != nil {
			return err
		}
		return f(t)
	})
}

// prune forgets old rows once an hour. Bindings of messages to tickets are kept
// for ever.
func (b *Bot) prune(ctx context.Context) error {
	const (
		keep = 7 * 24 * time.Hour
		// keepWritten is how long an album can be found by one of its items, a
		// message that is edited be compared with what it was, and the pages of what
		// was found be turned.
		keepWritten = 30 * 24 * time.Hour
		// keepStrangers is how long what strangers did is known, so that it is not
		// answered again where it is delivered again.
		keepStrangers = time.Hour
	)
	for {
		now := time.Now()
		before := now.Add(-keep)
		if kept := b.Conversation.KeepClosed; kept > 0 && kept < keep {
			before = now.Add(-kept) // what was sent holds words too
		}
		err := b.Store.Update(func(tx *state.Tx) error {
			return errors.Join(tx.PruneInbox(before), tx.PruneOutbox(before), tx.PruneDrafts(now.Add(-keepWritten)),
				tx.PruneStrangers(now.Add(-keepStrangers), before), tx.PruneInvites(now), tx.PruneSearches(now.Add(-keepWritten)))
		})
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

// forget erases the words of what has been closed for long, a portion at a time.
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

// condense shortens what has waited for long for chats that can't be written to, a portion
// at a time.
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

// announce tells of what one transaction had no room for to tell every chat.
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

// wakeDue wakes due where something that was just decided is due sooner than it knows.
func (b *Bot) wakeDue(tx *state.Tx) error {
	next, err := tx.NextDraftDue()
	if err == nil && !next.IsZero() && next.UnixMilli() < b.draftsDue.Load() {
		signal(b.sooner)
	}
	return err
}

// due does what is to be done at a certain time. The store knows when.
func (b *Bot) due(ctx context.Context) error {
	for ctx.Err() == nil {
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

// pause is how long to wait before attempt n+1: twice as long each time, with
// some jitter so that what failed together is not repeated together.
func (b *Bot) pause(n int) time.Duration {
	d := min(b.RepeatPause<<min(max(n, 0), 16), longestPause)
	return d - rand.N(d/5+1)
}

// sleep waits; false where ctx ended first.
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

// signal wakes whoever waits on c, now or at his next wait.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// guard turns a panic of f into an error, so that one bad update or row does not
// end the program.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
