package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// stepTime limits what a step waits for.
const stepTime = 30 * time.Second

// step is one event of the scenario.
type step struct {
	said both
	who  int64  // whose Telegram is shown
	side string // the side to look at if only one is shown: chat, desk
	do   func(*show) error
}

// playView is the scenario's progress; Step counts from 1, 0 is before the first.
type playView struct {
	Running bool   `json:"running"`
	Step    int    `json:"step"`
	Of      int    `json:"of"`
	Who     int64  `json:"who,omitempty"`
	Side    string `json:"side,omitempty"`
	Said    both   `json:"said"`
}

// player plays the scenario on request, one at a time.
type player struct {
	page    *page
	out     io.Writer
	pace    time.Duration
	asked   chan struct{}
	auto    bool
	opening time.Duration

	mu   sync.Mutex
	quit context.CancelFunc // set while it plays
}

func newPlayer(p *page, cfg Config) *player {
	return &player{page: p, out: cfg.Out, pace: cfg.Pace, asked: make(chan struct{}, 1), auto: cfg.Scenario, opening: cfg.OpeningTime}
}

// start requests the scenario.
func (pl *player) start() error {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if pl.quit != nil {
		return errors.New("the scenario is playing")
	}
	select {
	case pl.asked <- struct{}{}:
	default:
	}
	return nil
}

// stop ends the scenario after the current step.
func (pl *player) stop() {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if pl.quit != nil {
		pl.quit()
	}
}

// run plays on each request, until ctx ends.
func (pl *player) run(ctx context.Context) error {
	if err := pl.page.board.set("play", playView{}); err != nil {
		return err
	}
	if pl.auto {
		pl.print(both{"Сценарий начнётся, когда откроется страница.", "The scenario begins when the page is opened."}.in(pl.page.speaks()))
		select {
		case <-pl.page.opened:
		case <-time.After(pl.opening):
		case <-ctx.Done():
			return nil
		}
		_ = pl.start() // nothing is playing yet
	}
	for {
		select {
		case <-pl.asked:
		case <-ctx.Done():
			return nil
		}
		if err := pl.play(ctx); err != nil {
			return err
		}
	}
}

// play goes through the steps. A step that fails ends the scenario, not the demo.
func (pl *player) play(ctx context.Context) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	pl.mu.Lock()
	pl.quit = quit
	pl.mu.Unlock()
	defer func() {
		pl.mu.Lock()
		pl.quit = nil
		pl.mu.Unlock()
	}()
	s := &show{cast: pl.page.cast, ctx: ctx, pace: pl.pace}
	view := playView{Running: true, Of: len(steps)}
	var failure error
	for i, st := range steps {
		view.Step, view.Who, view.Side, view.Said = i+1, st.who, st.side, st.said
		pl.print(fmt.Sprintf("%d/%d %s", view.Step, view.Of, st.said.in(s.speaks())))
		if err := pl.page.board.set("play", view); err != nil {
			return err
		}
		if failure = s.rest(); failure != nil {
			break
		}
		if failure = st.do(s); failure != nil {
			break
		}
	}
	pl.page.plusofon.ClearFaults()
	switch {
	case ctx.Err() != nil:
		view.Said = both{"Сценарий остановлен. Дальше пробуйте сами.", "The scenario is stopped. Go on by yourself."}
	case failure != nil:
		view.Said = both{"Сценарий прерван: шаг не удался за отведённое время. Дальше пробуйте сами.", "The scenario broke off: a step did not finish in time. Go on by yourself."}
		pl.print(failure.Error())
	default:
		view.Said = both{"Сценарий окончен. Дальше пробуйте сами.", "The scenario is over. Go on by yourself."}
	}
	view.Running = false
	pl.print(view.Said.in(s.speaks()))
	return pl.page.board.set("play", view)
}

// print reports progress. A terminal that is gone is no reason to end.
func (pl *player) print(line string) { _, _ = fmt.Fprintln(pl.out, line) }

// show is one performance.
type show struct {
	*cast
	ctx    context.Context
	pace   time.Duration
	ticket plusofon.TicketID
	answer int // the bot's message with the support's answer
	posts  int // of the ticket, at the last look
}

// rest leaves time to read.
func (s *show) rest() error {
	t := time.NewTimer(s.pace)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// say returns a text in the current language.
func (s *show) say(ru, en string) string { return both{ru, en}.in(s.speaks()) }

// messageAfter waits for a message in a chat, after the given one, that matches.
func (s *show) messageAfter(chat int64, after int, wanted func(telegramtest.Message) bool) (telegramtest.Message, error) {
	ctx, cancel := context.WithTimeout(s.ctx, stepTime)
	defer cancel()
	var found telegramtest.Message
	_, err := s.private[chat].Wait(ctx, func(list []telegramtest.Message) bool {
		for _, m := range list {
			if m.ID > after && wanted(m) {
				found = m
				return true
			}
		}
		return false
	})
	return found, err
}

// reaction waits for the bot's reaction to a message.
func (s *show) reaction(chat int64, id int, emoji string) error {
	_, err := s.messageAfter(chat, id-1, func(m telegramtest.Message) bool { return m.ID == id && m.Reaction == emoji })
	return err
}

// arrived waits for one more post, with so many files, in the ticket.
func (s *show) arrived(files int) error {
	ctx, cancel := context.WithTimeout(s.ctx, stepTime)
	defer cancel()
	return s.plusofon.Wait(ctx, func(list []plusofontest.Ticket) bool {
		for _, t := range list {
			if t.ID == s.ticket && len(t.Posts) > s.posts && len(t.Posts[len(t.Posts)-1].Attachments) >= files {
				s.posts = len(t.Posts)
				return true
			}
		}
		return false
	})
}

func fromBot(m telegramtest.Message) bool { return m.FromBot && m.Service == "" }

func withText(part string) func(telegramtest.Message) bool {
	return func(m telegramtest.Message) bool { return fromBot(m) && strings.Contains(m.Text, part) }
}
