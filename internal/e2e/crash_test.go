package e2e_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// The program as it is built for use, killed again and again at random moments while people
// write, the staff answers and both sides misbehave. A run is repeated, as far as the
// kernel's scheduling allows, with the seed that a failure prints.
var (
	crashes     = flag.Int("crashes", 20, "how often TestCrashes kills the program")
	crashFaults = flag.Int("crash-faults", 15, "how many of a hundred requests go wrong in TestCrashes")
	crashSeed   = flag.Uint64("crash-seed", 0, "what TestCrashes does at random; 0: something else each time")
)

// crashDesks are the help desks of the worlds that share the crashes: one that shows no
// attachments, and one that does.
var crashDesks = []plusofontest.Config{{}, {Attachments: plusofontest.ByLink}}

// longestLife is the maximum duration of a run between two crashes: enough for a start, a
// poll of each side and some requests.
const longestLife = 500 * time.Millisecond

func TestCrashes(t *testing.T) {
	t.Parallel()
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	for n, desk := range crashDesks {
		t.Run(fmt.Sprintf("seed %d, world %d", seed, n), func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, rand.New(rand.NewPCG(seed, uint64(n))), desk)
			c.settle()
			for i := range (*crashes + len(crashDesks) - 1) / len(crashDesks) {
				if t.Failed() {
					t.Fatalf("after %d crashes", i)
				}
				c.faults()
				p := c.run()
				end := time.After(c.life())
				for alive := true; alive; {
					c.act()
					select {
					case <-end:
						alive = false
					case <-time.After(time.Duration(c.rng.IntN(100)) * time.Millisecond):
					}
				}
				p.kill()
				c.copy().Close()
			}
			c.settle()
			c.check()
		})
	}
}

// life is how long a run lasts: often too short for a whole start.
func (c *crowd) life() time.Duration {
	return 5*time.Millisecond + time.Duration(c.rng.Float64()*c.rng.Float64()*float64(longestLife-5*time.Millisecond))
}

// What can go wrong with a request to either side.
var (
	deskFaults = []plusofontest.Fault{
		{DropAfter: true},
		{DropBefore: true},
		{HalfBody: true},
		{Effect: true, Status: http.StatusBadGateway, Body: "<html>Bad Gateway</html>"},
		{Status: http.StatusInternalServerError, Body: `{"message":"Server Error","code":500}`},
		{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}},
		{Effect: true, Delay: longestLife, Status: http.StatusOK, Body: `{}`},
		{Delay: 50 * time.Millisecond},
	}
	phoneFaults = []telegramtest.Fault{
		{DropAfter: true},
		{DropBefore: true},
		{HalfBody: true},
		{Status: http.StatusBadGateway, Body: "<html>Bad Gateway</html>"},
		{Status: http.StatusTooManyRequests, RetryAfter: 1},
		{Delay: longestLife},
	}
)

// faults plans the faults of the next run: a few certain ones on either side, and random
// ones with any request.
func (c *crowd) faults() {
	c.telegram.ClearFaults()
	c.plusofon.ClearFaults()
	for range c.rng.IntN(3) {
		f := pickAny(c.rng, deskFaults)
		f.Op = pickAny(c.rng, []string{"open", "answer", "attach", "ticket", "list"})
		c.plusofon.AddFault(f)
	}
	for range c.rng.IntN(3) {
		f := pickAny(c.rng, phoneFaults)
		f.Method = pickAny(c.rng, []string{"sendMessage", "editMessageText", "setMessageReaction", "file", "sendMessage", "getUpdates"})
		if f.Method == "getUpdates" && f.Status == http.StatusTooManyRequests {
			f.Status, f.Body = http.StatusBadGateway, "<html>"
		}
		c.telegram.Fail(f)
	}
	for _, f := range deskFaults {
		happens := c.happens(len(deskFaults))
		f.Times, f.Match = -1, func(string, string) bool { return happens() }
		c.plusofon.AddFault(f)
	}
	for _, f := range phoneFaults {
		f.Times, f.Match = -1, c.happens(len(phoneFaults))
		c.telegram.Fail(f)
	}
	if c.rng.IntN(40) == 0 {
		c.telegram.Redeliver()
	}
}

// happens draws whether one of a number of equally likely faults happens to a request.
func (c *crowd) happens(faults int) func() bool {
	rng, mu := rand.New(rand.NewPCG(c.rng.Uint64(), 0)), sync.Mutex{}
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return rng.Float64()*100 < float64(*crashFaults)/float64(faults)
	}
}

func pickAny[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// act is one random action.
func (c *crowd) act() {
	switch p := pickAny(c.rng, c.people); c.rng.IntN(12) {
	case 0:
		c.open(p)
	case 1:
		// Two people write exactly the same at once.
		text := c.token("равная тема 🔥")
		for _, twin := range c.people[:2] {
			c.expect(&wish{chat: twin, text: text, opening: true, twins: true, sent: twin.Send("/new " + text).ID})
		}
	case 2:
		c.answerWith(p, 1+c.rng.IntN(3))
	case 3:
		// The same text twice, on purpose.
		w := c.answer(p)
		again := *w
		again.sent = p.Reply(w.to, w.text).ID
		c.expect(&again)
	case 4, 5, 6:
		c.answer(p)
	case 7:
		if tickets := c.plusofon.Tickets(); len(tickets) > 0 {
			ticket := pickAny(c.rng, tickets)
			c.plusofon.CloseTicket(ticket.ID)
			c.plusofon.ReopenTicket(ticket.ID)
		}
	default:
		c.reply()
	}
}

// Each named crash point is hit on purpose: the program dies exactly there, and after the
// next start there is one effect, and everyone knows of it.
func TestCrashPoints(t *testing.T) {
	t.Parallel()
	const held = patience // an answer that comes when nobody waits for it any more
	ok := plusofontest.Fault{Effect: true, Delay: held, Status: http.StatusOK, Body: "{}"}
	for _, point := range []struct {
		name string
		dies func(*crowd, *program)
	}{
		{"after the commit of sending an opening, before the request has an effect", func(c *crowd, p *program) {
			c.plusofon.AddFault(plusofontest.Fault{Op: "open", DropBefore: true, OnRead: p.kill})
			c.open(c.people[0])
		}},
		{"after the commit of sending an answer, before the request has an effect", func(c *crowd, p *program) {
			c.plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: p.kill})
			c.answer(c.people[0])
		}},
		{"after the request of an opening, before its answer", func(c *crowd, p *program) {
			f := ok
			f.Op = "open"
			c.plusofon.AddFault(f)
			w := c.open(c.people[0])
			c.desk("the effect", func(tickets []plusofontest.Ticket) bool { return len(found(tickets, w.text)) == 1 })
			p.kill()
		}},
		{"after the request of an answer, before its answer", func(c *crowd, p *program) {
			f := ok
			f.Op = "answer"
			c.plusofon.AddFault(f)
			w := c.answer(c.people[0])
			c.desk("the effect", func(tickets []plusofontest.Ticket) bool { return len(found(tickets, w.text)) == 1 })
			p.kill()
		}},
		{"after the answer to an opening, before the commit of the result", func(c *crowd, p *program) {
			c.diesBeforeCommit(p, "open", func() { c.open(c.people[0]) })
		}},
		{"after the answer to an answer, before the commit of the result", func(c *crowd, p *program) {
			c.diesBeforeCommit(p, "answer", func() { c.answer(c.people[0]) })
		}},
		{"after a file, before the commit of the result", func(c *crowd, p *program) {
			c.diesBeforeCommit(p, "attach", func() { c.answerWith(c.people[0], 1) })
		}},
		{"between two files of an album", func(c *crowd, p *program) {
			c.plusofon.AddFault(plusofontest.Fault{Op: "attach", Header: http.Header{"X-First": {"1"}}})
			c.plusofon.AddFault(plusofontest.Fault{Op: "attach", DropBefore: true, OnRead: p.kill})
			c.answerWith(c.people[0], 3)
		}},
		{"after the second file of an album has arrived", func(c *crowd, p *program) {
			c.plusofon.AddFault(plusofontest.Fault{Op: "attach", Header: http.Header{"X-First": {"1"}}})
			f := ok
			f.Op = "attach"
			c.plusofon.AddFault(f)
			w := c.answerWith(c.people[0], 3)
			c.desk("two files", func(tickets []plusofontest.Ticket) bool {
				posts := found(tickets, w.text)
				return len(posts) == 1 && len(posts[0].Attachments) == 2
			})
			p.kill()
		}},
		{"while news is with Telegram, before the commit of the result", func(c *crowd, p *program) {
			c.telegram.Fail(telegramtest.Fault{Method: "sendMessage", DropAfter: true, OnRead: p.kill})
			c.reply()
		}},
		{"while news is with Telegram, which never got them", func(c *crowd, p *program) {
			c.telegram.Fail(telegramtest.Fault{Method: "sendMessage", DropBefore: true, OnRead: p.kill})
			c.reply()
		}},
		{"after updates are given out, before they are stored", func(c *crowd, p *program) {
			p.logs("msg=connected")
			c.eventually("a poll that waits", func() bool { _, waits := c.polls(); return waits })
			release := c.hold()
			defer release()
			given, _ := c.polls()
			c.answer(c.people[0])
			c.eventually("the update to be given out", func() bool { n, _ := c.polls(); return n > given })
			p.kill()
		}},
	} {
		t.Run(point.name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, rand.New(rand.NewPCG(1, 1)), plusofontest.Config{})
			c.settle()
			p := c.run()
			point.dies(c, p)
			<-p.done
			c.copy()
			c.plusofon.ClearFaults()
			c.telegram.ClearFaults()
			c.settle()
			c.check()
		})
	}
}

// diesBeforeCommit kills the program when it has Plusofon's answer and can't store it: from
// the moment the request is read nothing can be written.
func (c *crowd) diesBeforeCommit(p *program, op string, act func()) {
	var release func()
	held := make(chan struct{})
	c.plusofon.AddFault(plusofontest.Fault{Op: op, Header: http.Header{"X-Held": {"1"}}, OnRead: func() {
		release = c.hold()
		close(held)
	}})
	before := len(c.plusofon.Requests())
	act()
	<-held
	c.answered(op, before)
	p.kill()
	release()
}
