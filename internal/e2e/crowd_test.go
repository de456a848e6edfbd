package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state/statetest"
)

// crowd is some people, the staff and the real program between them, with a record of
// everything expected.
type crowd struct {
	t        *testing.T
	rng      *rand.Rand
	telegram *telegramtest.Server
	plusofon *plusofontest.Server
	database string
	people   []*telegramtest.Chat
	tokens   int
	programs []*program
	wishes   []*wish
	posts    []post
	// follows holds who besides its opener is bound to a ticket.
	follows map[plusofon.TicketID][]*telegramtest.Chat
}

// wish is what a person wants to be at Plusofon: once, and in its place.
type wish struct {
	chat    *telegramtest.Chat
	sent    int // the person's message
	to      int // the message replied to
	text    string
	opening bool
	twins   bool // another one has the same text: which ticket is whose does not matter
	files   int
	into    func() plusofon.TicketID // its ticket; 0: not known yet
}

// post is what the staff has written, for all followers of the ticket.
type post struct {
	ticket plusofon.TicketID
	text   string
}

const (
	crowdToken = "1000:" + telegramCanary
	crowdSize  = 4
	firstID    = 500
)

func newCrowd(t *testing.T, rng *rand.Rand, desk plusofontest.Config) *crowd {
	t.Helper()
	desk.Token = plusofonCanary
	c := &crowd{
		t: t, rng: rng, database: filepath.Join(t.TempDir(), "bot.db"),
		telegram: telegramtest.New(telegramtest.Config{Token: crowdToken}),
		plusofon: plusofontest.New(desk),
		follows:  map[plusofon.TicketID][]*telegramtest.Chat{},
	}
	for _, start := range []func() error{c.telegram.Start, c.plusofon.Start} {
		if err := start(); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, p := range c.programs {
			p.kill()
		}
		c.telegram.Close()
		c.plusofon.Close()
		if found := c.telegram.Violations(); len(found) > 0 {
			t.Errorf("the strict server found: %s", strings.Join(found, "\n"))
		}
		canariesStayHidden(t, c.programs, filepath.Dir(c.database))
		for i, p := range c.programs {
			if t.Failed() && i >= len(c.programs)-3 {
				t.Logf("run %d:\n%s", i+1, p.stderr)
			}
		}
	})
	for i := range crowdSize {
		c.people = append(c.people, c.telegram.AddUser(telegramtest.User{ID: int64(firstID + i), FirstName: fmt.Sprintf("Человек %d", i+1), Language: "ru"}).Private())
	}
	// One ticket each, and everyone follows their neighbour's.
	p := c.run()
	for i, chat := range c.people {
		w := c.open(chat)
		c.eventually("the first ticket", func() bool { return chat.Message(w.sent).Reaction == "👌" })
		neighbour := c.people[(i+1)%len(c.people)]
		neighbour.Send(fmt.Sprintf("/follow %d", w.into()))
		c.eventually("following", func() bool {
			return slices.ContainsFunc(neighbour.FromBot(), func(m telegramtest.Message) bool {
				return ticketOf(m.Text) == w.into()
			})
		})
		c.follows[w.into()] = append(c.follows[w.into()], neighbour)
	}
	p.kill()
	return c
}

// run starts the program.
func (c *crowd) run() *program {
	c.t.Helper()
	owners := make([]string, crowdSize)
	for i := range owners {
		owners[i] = strconv.Itoa(firstID + i)
	}
	p := launch(c.t, filepath.Dir(c.database), nil, "TELEGRAM_TOKEN="+crowdToken, "PLUSOFON_TOKEN="+plusofonCanary,
		"TELEGRAM_API_URL="+c.telegram.URL(), "PLUSOFON_API_URL="+c.plusofon.URL(), "DATABASE_PATH="+c.database,
		"ADMIN_IDS="+strings.Join(owners, ","), "PLUSOFON_RATE=6000", "POLL_INTERVAL=1s", "SIGN_POSTS=never", "LOG_LEVEL=debug")
	c.programs = append(c.programs, p)
	return p
}

func (c *crowd) token(what string) string {
	c.tokens++
	return fmt.Sprintf("%s %d.", what, c.tokens)
}

func (c *crowd) expect(w *wish) *wish {
	c.wishes = append(c.wishes, w)
	return w
}

// open has a person open a ticket.
func (c *crowd) open(chat *telegramtest.Chat) *wish {
	w := &wish{chat: chat, text: c.token("текст ☎ 😀"), opening: true}
	w.into = func() plusofon.TicketID {
		for _, t := range c.plusofon.Tickets() {
			if len(t.Posts) > 0 && t.Posts[0].Text == w.text {
				return t.ID
			}
		}
		return 0
	}
	w.sent = chat.Send("/new " + c.token("тема") + "\n" + w.text).ID
	return c.expect(w)
}

// target chooses a message of a ticket to reply to, the bot's or the person's own.
func (c *crowd) target(chat *telegramtest.Chat) (id int, into func() plusofon.TicketID) {
	for {
		switch m := pickAny(c.rng, chat.Messages()); {
		case m.FromBot && ticketOf(m.Text) != 0:
			return m.ID, func() plusofon.TicketID { return ticketOf(m.Text) }
		case !m.FromBot:
			own := slices.IndexFunc(c.wishes, func(w *wish) bool { return w.chat == chat && w.sent == m.ID && !w.twins })
			if own >= 0 {
				return m.ID, c.wishes[own].into
			}
		}
	}
}

// answer has a person reply to some message of some ticket.
func (c *crowd) answer(chat *telegramtest.Chat) *wish {
	w := &wish{chat: chat, text: c.token("ответ \u202a+7\u202c")}
	w.to, w.into = c.target(chat)
	w.sent = chat.Reply(w.to, w.text).ID
	return c.expect(w)
}

// answerWith is an answer with files, several of them as an album.
func (c *crowd) answerWith(chat *telegramtest.Chat, files int) *wish {
	w := &wish{chat: chat, text: c.token("с файлами ❤"), files: files}
	w.to, w.into = c.target(chat)
	file := func(n int) telegramtest.File {
		return telegramtest.File{Name: fmt.Sprintf("%d.txt", n), Content: []byte(fmt.Sprint(w.text, n))}
	}
	if files == 1 {
		w.sent = chat.SendDocument(file(0), w.text, w.to).ID
		return c.expect(w)
	}
	items := make([]telegramtest.Item, files)
	for i := range items {
		items[i] = telegramtest.Item{Kind: "document", File: file(i)}
	}
	items[0].Caption = w.text
	w.sent = chat.SendAlbum(items, w.to)[0].ID
	return c.expect(w)
}

// reply has the staff write in a ticket.
func (c *crowd) reply() {
	tickets := c.plusofon.Tickets()
	ticket := pickAny(c.rng, tickets).ID
	p := post{ticket, c.token("новость")}
	c.plusofon.Reply(ticket, "Оператор", p.text)
	c.posts = append(c.posts, p)
}

// followers returns the people who get a ticket's news.
func (c *crowd) followers(ticket plusofon.TicketID) []*telegramtest.Chat {
	list := slices.Clone(c.follows[ticket])
	for _, w := range c.wishes {
		if w.opening && !w.twins && w.into() == ticket {
			list = append(list, w.chat)
		}
	}
	return list
}

var ticketNumber = regexp.MustCompile(`№(\d+)`)

// ticketOf returns the ticket that a message of the bot's is about, by its text.
func ticketOf(text string) plusofon.TicketID {
	found := ticketNumber.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(found[1], 10, 64)
	return plusofon.TicketID(n)
}

// found returns the posts with a text, wherever they are.
func found(tickets []plusofontest.Ticket, text string) (posts []plusofontest.Post) {
	for _, t := range tickets {
		for _, p := range t.Posts {
			if p.Text == text {
				posts = append(posts, p)
			}
		}
	}
	return posts
}

// copy is the current state of the database's files.
func (c *crowd) copy() *statetest.Copy {
	c.t.Helper()
	return statetest.Open(c.t, c.database)
}

func (c *crowd) hold() (release func()) { return statetest.Hold(c.t, c.database) }

// drained is the timeout for everything to arrive: what the crashes have delayed is sent at
// Telegram's pace, a message a second per chat.
const drained = 4 * time.Minute

func (c *crowd) eventually(what string, holds func() bool) {
	c.t.Helper()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	timeout := time.After(drained)
	for !holds() {
		select {
		case <-look.C:
		case <-timeout:
			c.t.Fatalf("waiting for %s: %s is missing; unfinished: %s", what, c.missing(), strings.Join(c.copy().Unfinished(), "; "))
		}
	}
}

// desk waits until the tickets at Plusofon are as wanted.
func (c *crowd) desk(what string, wanted func([]plusofontest.Ticket) bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.plusofon.Wait(ctx, wanted); err != nil {
		c.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// polls counts the answered polls of Telegram, and reports whether one of the current run
// is waiting.
func (c *crowd) polls() (answered int, waits bool) {
	for _, r := range c.telegram.Requests() {
		switch r.Method {
		case "getMe": // a run begins
			waits = false
		case "getUpdates":
			waits = r.Status == 0
			if r.Status == http.StatusOK {
				answered++
			}
		}
	}
	return answered, waits
}

// answered waits until Plusofon has answered a request after since.
func (c *crowd) answered(op string, since int) {
	c.t.Helper()
	c.eventually("the answer to "+op, func() bool {
		return slices.ContainsFunc(c.plusofon.RequestsSince(since), func(r plusofontest.Request) bool {
			return r.Op == op && r.Effect != "" && r.Status != 0
		})
	})
}
