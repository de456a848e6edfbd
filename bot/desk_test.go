package bot_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// desk is Plusofon: the stand-in, and a client that reaches it without a network.
type desk struct {
	gone
	srv        *plusofontest.Server
	client     atomic.Pointer[plusofon.Client] // remains of a killed life may still use it
	asked      int                             // number of reads of tickets
	askedOf    map[plusofon.TicketID]int       // and of each
	losesAfter bool                            // the next answer arrives, then the desk becomes unreachable
}

func newDesk() *desk {
	return &desk{askedOf: map[plusofon.TicketID]int{}, srv: plusofontest.New(plusofontest.Config{Token: deskToken, FirstTicket: 100})}
}

const deskToken = "token-of-the-desk"

// connect makes a new client for a life of the program.
func (d *desk) connect(t bottest.Tester) {
	t.Helper()
	client, err := plusofon.New(plusofon.Config{BaseURL: "https://desk.test", Token: deskToken, Rate: 1 << 30, Transport: d})
	bottest.Must(t, err)
	d.client.Store(client)
}

// RoundTrip passes requests to the stand-in.
func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	arrives := r.Clone(r.Context())
	if arrives.Body == nil {
		arrives.Body = http.NoBody
	}
	d.srv.ServeHTTP(w, arrives)
	return w.Result(), nil
}

// away is the error of an unreachable desk.
func (d *desk) away(op string) error {
	if d.isLost() {
		return &plusofon.Error{Op: op, Kind: plusofon.NotSent, Message: "no route to host"}
	}
	return nil
}

func (d *desk) Account(ctx context.Context) (plusofon.Account, error) {
	if err := d.away("account"); err != nil {
		return plusofon.Account{}, err
	}
	return d.client.Load().Account(ctx)
}

func (d *desk) Tickets(ctx context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	if err := d.away("list tickets"); err != nil {
		return listOf(nil, err)
	}
	return d.client.Load().Tickets(ctx, open)
}

// listOf yields a whole list, or its error.
func listOf(list []plusofon.ListedTicket, err error) iter.Seq2[plusofon.ListedTicket, error] {
	return func(yield func(plusofon.ListedTicket, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(plusofon.ListedTicket{}, err)
		}
	}
}

// listed reads a whole list.
func (d *desk) listed(ctx context.Context, open bool) (list []plusofon.ListedTicket, err error) {
	for e, err := range d.Tickets(ctx, open) {
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (d *desk) Ticket(ctx context.Context, id plusofon.TicketID) (plusofon.Ticket, error) {
	d.mu.Lock()
	d.asked++
	d.askedOf[id]++
	d.mu.Unlock()
	if err := d.away("read ticket"); err != nil {
		return plusofon.Ticket{}, err
	}
	return d.client.Load().Ticket(ctx, id)
}

func (d *desk) Open(ctx context.Context, subject, description string) (plusofon.Ticket, error) {
	if err := d.away("open ticket"); err != nil {
		return plusofon.Ticket{}, err
	}
	return d.client.Load().Open(ctx, subject, description)
}

func (d *desk) Answer(ctx context.Context, id plusofon.TicketID, text string) (plusofon.Ticket, error) {
	if err := d.away("answer"); err != nil {
		return plusofon.Ticket{}, err
	}
	t, err := d.client.Load().Answer(ctx, id, text)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.losesAfter {
		d.lost, d.losesAfter = true, false
		return plusofon.Ticket{}, &plusofon.UnknownOutcomeError{Op: "answer", Err: io.ErrUnexpectedEOF}
	}
	return t, err
}

func (d *desk) Attach(ctx context.Context, id plusofon.TicketID, post plusofon.PostID, f plusofon.File) error {
	if err := d.away("attach"); err != nil {
		return err
	}
	return d.client.Load().Attach(ctx, id, post, f)
}

func (d *desk) Download(ctx context.Context, a plusofon.Attachment) (io.ReadCloser, int64, error) {
	return d.client.Load().Download(ctx, a)
}

// replies has the staff write.
func (d *desk) replies(id plusofon.TicketID, text string) plusofon.PostID {
	return d.srv.Reply(id, "Оператор", text)
}

// askedFor returns how often a ticket was read.
func (d *desk) askedFor(id plusofon.TicketID) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.askedOf[id]
}

// all returns the current tickets.
func (d *desk) all() []plusofontest.Ticket { return d.srv.Tickets() }

// written returns the texts of all posts, ticket by ticket.
func (d *desk) written() (texts []string) {
	for _, t := range d.all() {
		for _, p := range t.Posts {
			texts = append(texts, p.Text)
		}
	}
	return texts
}
