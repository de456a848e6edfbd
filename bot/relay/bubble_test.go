package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/relay"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// bubble is the bot in virtual time, with a real database, between a phone and a
// desk that are plain values: HTTP can't go where days pass at once.
type bubble struct {
	t     *testing.T
	path  string
	log   *lines
	phone *phone
	desk  *desk
	stop  func()
}

// inBubble runs f in virtual time. A path's database may be of an earlier bubble:
// each begins at the same moment.
func inBubble(t *testing.T, path string, phone *phone, desk *desk, f func(*bubble)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{t: t, path: path, log: &lines{grown: make(chan struct{})}, phone: phone, desk: desk}
		phone.moved = make(chan struct{})
		b.start()
		defer func() {
			b.stop()
			if t.Failed() {
				t.Logf("the chat: %q\nlog:\n%s", phone.reads(), b.log)
			}
		}()
		f(b)
	})
}

func (b *bubble) start() {
	b.t.Helper()
	store, err := state.Open(b.path)
	must(b.t, err)
	r := relay.New(relay.Config{
		Store: store, Bot: bot.New(bot.Config{Language: "ru", MaxFileSize: 1 << 20, Signing: bot.SignNever, Location: time.UTC}),
		Telegram: b.phone, Plusofon: b.desk, Background: b.desk, PollInterval: 5 * time.Minute,
		Owners: []state.UserID{annaID}, MaxFileSize: 1 << 20, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("run: %v", err)
		}
		must(b.t, store.Close())
	})
}

// passes lets time go by, and everything come to rest.
func (b *bubble) passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bubble) wantRead(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(b.phone.reads(), func(s string) bool { return strings.Contains(s, text) }) {
			b.t.Errorf("nobody reads %q in %q", text, b.phone.reads())
		}
	}
}

func (b *bubble) wantReaction(id int, emoji string) {
	b.t.Helper()
	if got := b.phone.reaction(id); got != emoji {
		b.t.Errorf("the reaction to message %d is %q, want %q", id, got, emoji)
	}
}

func (b *bubble) wantLogged(text string) {
	b.t.Helper()
	if !strings.Contains(b.log.String(), text) {
		b.t.Errorf("the log does not say %q", text)
	}
}

// gone is a side that can be lost.
type gone struct {
	mu   sync.Mutex
	lost bool
}

func (g *gone) lose(lost bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lost = lost
}

func (g *gone) isLost() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lost
}

// phone is Telegram as Anna has it.
type phone struct {
	gone
	updates   []telegram.Raw
	numbers   int
	texts     map[int]string // the bot's messages
	order     []int
	buttons   map[int]telegram.InlineKeyboard
	reactions map[int]string
	moved     chan struct{} // there is an update
}

func newPhone() *phone {
	return &phone{texts: map[int]string{}, buttons: map[int]telegram.InlineKeyboard{}, reactions: map[int]string{}}
}

func (p *phone) arrives(update map[string]any) {
	id := int64(p.numbers)
	update["update_id"] = id
	text, err := json.Marshal(update)
	if err != nil {
		panic(err)
	}
	p.updates = append(p.updates, telegram.Raw{ID: id, JSON: text})
	close(p.moved)
	p.moved = make(chan struct{})
}

// anna is she, and her chat.
var anna = map[string]any{"id": annaID, "type": "private", "first_name": "Анна", "language_code": "ru"}

func (p *phone) message(id int, text string) map[string]any {
	msg := map[string]any{"message_id": id, "date": time.Now().Unix(), "chat": anna, "from": anna, "text": text}
	if command, _, _ := strings.Cut(text, " "); strings.HasPrefix(text, "/") {
		msg["entities"] = []map[string]any{{"type": "bot_command", "offset": 0, "length": len(command)}}
	}
	return msg
}

// writes lets Anna write, and reply to a message where to is not 0.
func (p *phone) writes(to int, text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.numbers++
	msg := p.message(p.numbers, text)
	if to != 0 {
		msg["reply_to_message"] = p.message(to, p.texts[to])
	}
	p.arrives(map[string]any{"message": msg})
	return p.numbers
}

// presses lets Anna press a button of the last message that has it.
func (p *phone) presses(label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range slices.Backward(p.order) {
		for _, row := range p.buttons[id] {
			for _, button := range row {
				if button.Text == label {
					p.numbers++
					p.arrives(map[string]any{"callback_query": map[string]any{
						"id": fmt.Sprint("press ", p.numbers), "from": anna, "message": p.message(id, p.texts[id]), "data": button.Data,
					}})
					return
				}
			}
		}
	}
	panic("no button " + label)
}

// reads are the bot's messages as they are now.
func (p *phone) reads() (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.order {
		texts = append(texts, p.texts[id])
	}
	return texts
}

func (p *phone) find(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range slices.Backward(p.order) {
		if strings.Contains(p.texts[id], text) {
			return id
		}
	}
	panic("no message with " + text)
}

func (p *phone) reaction(id int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reactions[id]
}

func (p *phone) Me(context.Context) (telegram.Me, error) {
	if p.isLost() {
		return telegram.Me{}, &telegram.Error{Method: "getMe", Outcome: telegram.NotSent, Description: "no route to host"}
	}
	return telegram.Me{ID: 1000, Username: "test_bot"}, nil
}

func (p *phone) Updates(ctx context.Context, offset int64, timeout time.Duration) ([]telegram.Raw, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		p.mu.Lock()
		lost, moved := p.lost, p.moved
		p.updates = slices.DeleteFunc(p.updates, func(u telegram.Raw) bool { return u.ID < offset })
		list := slices.Clone(p.updates)
		p.mu.Unlock()
		if lost {
			return nil, &telegram.Error{Method: "getUpdates", Outcome: telegram.NotSent, Description: "no route to host"}
		}
		if len(list) > 0 {
			return list, nil
		}
		select {
		case <-moved:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (p *phone) Do(_ context.Context, c telegram.Call) (telegram.Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost {
		return telegram.Result{}, &telegram.Error{Method: c.Method, Outcome: telegram.NotSent, Description: "no route to host"}
	}
	var what struct {
		ID       int                      `json:"message_id"`
		Text     string                   `json:"text"`
		Markup   telegram.InlineKeyboard  `json:"reply_markup"`
		Reaction []struct{ Emoji string } `json:"reaction"`
	}
	if err := json.Unmarshal(c.Params, &what); err != nil && len(c.Params) > 0 {
		return telegram.Result{}, err
	}
	switch c.Method {
	case "setMessageReaction":
		p.reactions[what.ID] = ""
		for _, r := range what.Reaction {
			p.reactions[what.ID] = r.Emoji
		}
	case "sendMessage":
		p.numbers++
		what.ID = p.numbers
		p.order = append(p.order, what.ID)
		fallthrough
	case "editMessageText":
		p.texts[what.ID], p.buttons[what.ID] = what.Text, what.Markup
	}
	return telegram.Result{MessageID: telegram.MessageID(what.ID)}, nil
}

func (p *phone) Upload(ctx context.Context, c telegram.Call, _, _ string, _ func(context.Context) (io.ReadCloser, error)) (telegram.Result, error) {
	return p.Do(ctx, c)
}

func (p *phone) OpenFile(context.Context, string, int64) (io.ReadCloser, int64, error) {
	return io.NopCloser(strings.NewReader("x")), 1, nil
}

// desk is Plusofon.
type desk struct {
	gone
	tickets    []plusofon.Ticket
	posts      int
	asked      int  // how often a ticket was asked for
	losesAfter bool // the next answer arrives, and then the desk is lost
}

func (d *desk) at(id plusofon.TicketID) *plusofon.Ticket {
	i := slices.IndexFunc(d.tickets, func(t plusofon.Ticket) bool { return t.ID == id })
	if i < 0 {
		return nil
	}
	return &d.tickets[i]
}

// do gives out a copy of a ticket after f; a lost desk and an absent ticket are
// errors.
func (d *desk) do(op string, id func() plusofon.TicketID, f func(*plusofon.Ticket)) (plusofon.Ticket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost {
		return plusofon.Ticket{}, &plusofon.Error{Op: op, Kind: plusofon.NotSent, Message: "no route to host"}
	}
	t := d.at(id())
	if t == nil {
		return plusofon.Ticket{}, &plusofon.Error{Op: op, Kind: plusofon.NotFound, Status: 404}
	}
	f(t)
	copied := *t
	copied.Posts = slices.Clone(t.Posts)
	return copied, nil
}

func (d *desk) post(t *plusofon.Ticket, author plusofon.Author, text string) {
	d.posts++
	t.Posts = append(t.Posts, plusofon.Post{ID: plusofon.PostID(d.posts), Date: time.Now(), Text: text, Author: author})
}

var (
	customer = plusofon.Author{ID: "7", Name: "customer@example.com"}
	operator = plusofon.Author{ID: "3", Name: "Оператор"}
)

func (d *desk) Account(context.Context) (plusofon.Account, error) {
	if d.isLost() {
		return plusofon.Account{}, &plusofon.Error{Op: "account", Kind: plusofon.NotSent}
	}
	return plusofon.Account{ID: customer.ID, Email: customer.Name}, nil
}

func (d *desk) Tickets(_ context.Context, open bool) (list []plusofon.ListedTicket, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost {
		return nil, &plusofon.Error{Op: "list tickets", Kind: plusofon.NotSent, Message: "no route to host"}
	}
	for _, t := range d.tickets {
		if t.Open == open {
			list = append(list, plusofon.ListedTicket{
				ID: t.ID, Subject: t.Subject, Open: t.Open, Replies: len(t.Posts) - 1, Creator: plusofon.CreatorUser,
				Email: customer.Name, Fingerprint: fmt.Sprint(len(t.Posts)), HasActivity: true,
			})
		}
	}
	return list, nil
}

func (d *desk) Ticket(_ context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	d.mu.Lock()
	d.asked++
	d.mu.Unlock()
	return d.do("read ticket", func() plusofon.TicketID { return id }, func(*plusofon.Ticket) {})
}

func (d *desk) Open(_ context.Context, subject, description string) (plusofon.Ticket, error) {
	return d.do("open ticket", func() plusofon.TicketID {
		id := plusofon.TicketID(100 + len(d.tickets))
		d.tickets = append(d.tickets, plusofon.Ticket{ID: id, Subject: subject, Date: time.Now(), Open: true, OpenKnown: true})
		return id
	}, func(t *plusofon.Ticket) { d.post(t, customer, description) })
}

func (d *desk) Answer(_ context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	cut := false
	t, err := d.do("answer", func() plusofon.TicketID { return id }, func(t *plusofon.Ticket) {
		d.post(t, customer, text)
		cut, d.lost, d.losesAfter = d.losesAfter, d.losesAfter, false
	})
	if cut {
		return plusofon.Ticket{}, &plusofon.UnknownOutcomeError{Op: "answer", Err: io.ErrUnexpectedEOF}
	}
	return t, err
}

func (d *desk) Attach(context.Context, plusofon.TicketID, plusofon.PostID, plusofon.File) error {
	return nil
}

func (d *desk) Download(context.Context, plusofon.Attachment) (io.ReadCloser, int64, error) {
	return nil, 0, plusofon.ErrNoContent
}

// replies lets the staff write.
func (d *desk) replies(id plusofon.TicketID, text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.post(d.at(id), operator, text)
}

// written are the posts of all tickets.
func (d *desk) written() (texts []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.tickets {
		for _, p := range t.Posts {
			texts = append(texts, p.Text)
		}
	}
	return texts
}
