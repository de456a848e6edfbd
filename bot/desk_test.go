package bot_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"plusofon-bot/plusofon"
)

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

func (d *desk) Tickets(_ context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	return listOf(d.list(open))
}

// listOf gives out a list that is whole, or what became of it.
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

func (d *desk) list(open bool) (list []plusofon.ListedTicket, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lost {
		return nil, &plusofon.Error{Op: "list tickets", Kind: plusofon.NotSent, Message: "no route to host"}
	}
	for _, t := range d.tickets {
		if t.Open == open {
			list = append(list, plusofon.ListedTicket{
				ID: t.ID, Subject: t.Subject, Open: t.Open, Creator: plusofon.CreatorUser,
				Fingerprint: fmt.Sprint(len(t.Posts)), HasActivity: true,
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
		d.tickets = append(d.tickets, plusofon.Ticket{ID: id, Subject: subject, Open: true, OpenKnown: true})
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

func (d *desk) Attach(_ context.Context, id plusofon.TicketID, post plusofon.PostID, f plusofon.File) error {
	_, err := d.do("attach", func() plusofon.TicketID { return id }, func(t *plusofon.Ticket) {
		for i, p := range t.Posts {
			if p.ID == post {
				// The copies that were given out have the former list.
				t.Posts[i].Attachments = append(slices.Clone(p.Attachments), plusofon.Attachment{ID: f.Name, Name: f.Name})
			}
		}
	})
	return err
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

// all are the tickets as they are now.
func (d *desk) all() (tickets []plusofon.Ticket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.tickets {
		t.Posts = slices.Clone(t.Posts)
		tickets = append(tickets, t)
	}
	return tickets
}

// written are the texts of all posts.
func (d *desk) written() (texts []string) {
	for _, t := range d.all() {
		for _, p := range t.Posts {
			texts = append(texts, p.Text)
		}
	}
	return texts
}
