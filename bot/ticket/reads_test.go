package ticket_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// day is when the desk's day begins.
var day = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

var (
	readStaff    = plusofon.Author{ID: "9", Name: "Оператор"}
	readCustomer = plusofon.Author{ID: "1", Name: annaMail}
)

// followed is a desk with ticket 7, in which Anna has answered and waits.
type followed struct {
	*waiting
	posts []plusofon.Post  // as they are at Plusofon
	since state.ReadNumber // added to the numbers in a test
}

func newFollowed(t *testing.T) *followed {
	w := newWaiting(t)
	w.Said(100)
	return &followed{w, w.read.Posts, w.Reads}
}

// reads absorbs a read, numbered relative to since, of the first n posts.
func (f *followed) reads(number state.ReadNumber, open bool, n int) {
	f.T.Helper()
	f.Do(func(turn *chat.Turn) error {
		return bottest.Absorb(turn, ticket.Read{Number: f.since + number, Ticket: plusofon.Ticket{ID: 7, Open: open, OpenKnown: true, Posts: f.posts[:n]}},
			ticket.Changed{ID: 7, Again: true})
	})
}

// replies adds a post by the staff at Plusofon.
func (f *followed) replies(text string) {
	f.posts = append(f.posts, plusofon.Post{ID: plusofon.PostID(len(f.posts) + 1), Text: text, Author: readStaff})
}

func (f *followed) ticket() (known state.Ticket) {
	f.T.Helper()
	f.Do(func(turn *chat.Turn) (err error) {
		known, err = turn.Tx.Ticket(7)
		return err
	})
	return known
}

// waits reports whether Anna is still waiting for the staff.
func (f *followed) waits() (waits bool) {
	f.T.Helper()
	f.Do(func(turn *chat.Turn) error {
		_, err := turn.Tx.Wait(7)
		waits = err == nil
		return chat.IgnoreAbsent(err)
	})
	return waits
}

// A read that began before another may end after it: what it shows of the ticket is stale.
// It announces no closing, does not change whose turn it is, and ends no wait.
func TestOvertakenReadChangesNothing(t *testing.T) {
	f := newFollowed(t)
	all := len(f.posts)
	f.reads(5, true, all)
	before := f.ticket()
	f.reads(4, false, all-1) // the staff wrote last, and the ticket was closed
	f.Want(f.Said(100), "")
	if after := f.ticket(); after != before {
		t.Errorf("the ticket was %+v, is %+v", before, after)
	}
	if !f.waits() {
		t.Error("the wait is over")
	}
}

// A post that only a stale read shows existed: it is announced, once.
func TestOvertakenReadAddsPosts(t *testing.T) {
	f := newFollowed(t)
	all := len(f.posts)
	f.replies("Ответ, который потом удалили")
	f.reads(5, true, all)
	f.reads(4, true, all+1)
	f.Want(f.Said(100), "Ответ, который потом удалили")
	if f.ticket().LastSide != state.Customer || !f.waits() {
		t.Error("the overtaken read has turned whose turn it is")
	}
	f.reads(6, true, all+1)
	f.Want(f.Said(100), "")
}

// An edited post has the text of the newest read, and no older read reverts it.
func TestOvertakenReadTakesNoEditBack(t *testing.T) {
	f := newFollowed(t)
	f.replies("Первый ответ")
	f.posts[len(f.posts)-1].Date = f.Now
	f.reads(4, true, len(f.posts))
	f.Want(f.Said(100), "Первый ответ")
	old := f.posts
	f.posts = append([]plusofon.Post(nil), old...)
	f.posts[len(old)-1].Text = "Исправленный ответ"
	f.reads(6, true, len(old))
	f.Want(f.Said(100), "Исправленный ответ")
	f.posts = old
	f.reads(5, true, len(old))
	f.Want(f.Said(100), "")
}

// The response to a write is as of its arrival: a read that began before is older.
func TestAnswerOvertakesAReadUnderWay(t *testing.T) {
	f := newFollowed(t)
	f.reads(3, false, len(f.posts))
	f.Want(f.Said(100), "Обращение закрыто")
	const began = 4 // a read, of the closed ticket
	sub := f.submits(state.Submission{Kind: state.Answer, Ticket: 7, Text: "И ещё вопрос"})
	closed := len(f.posts)
	f.posts = append(f.posts, plusofon.Post{ID: plusofon.PostID(closed + 1), Text: "И ещё вопрос", Author: readCustomer})
	f.Do(func(turn *chat.Turn) error {
		_, err := ticket.Delivered(turn, sub, ticket.Read{Number: f.since + 5, Ticket: plusofon.Ticket{ID: 7, Open: true, OpenKnown: true, Posts: f.posts}})
		return err
	})
	f.Said(100)
	f.reads(began, false, closed)
	f.Want(f.Said(100), "")
	if !f.ticket().Open || !f.waits() {
		t.Error("the answer has opened the ticket, and its author waits")
	}
}

// A list requested before an answer does not prove that the ticket has left it since, if
// only lists show the state.
func TestListThatIsOlderThanAnAnswer(t *testing.T) {
	f := newFollowed(t)
	f.reads(5, true, len(f.posts))
	f.Said(100)
	f.Do(func(turn *chat.Turn) error {
		return bottest.Absorb(turn, ticket.Read{Number: f.since + 6, Ticket: plusofon.Ticket{ID: 7, Posts: f.posts}}, ticket.Changed{ID: 7, Number: f.since + 4})
	})
	f.Want(f.Said(100), "")
	f.Do(func(turn *chat.Turn) error {
		return bottest.Absorb(turn, ticket.Read{Number: f.since + 8, Ticket: plusofon.Ticket{ID: 7, Posts: f.posts}}, ticket.Changed{ID: 7, Number: f.since + 7})
	})
	f.Want(f.Said(100), "Обращение закрыто")
}

// If a member has opened a ticket before the first list was read, what happened in it until
// then is news; the rest of that list is the baseline.
func TestAnswerBeforeTheFirstList(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	f := &followed{waiting: &waiting{Desk: d}}
	sub := f.submits(state.Submission{Kind: state.Opening, Subject: "Тема", Text: "Текст"})
	f.posts = []plusofon.Post{{ID: 1, Text: "Текст", Author: readCustomer}}
	f.Do(func(turn *chat.Turn) error {
		_, err := ticket.Delivered(turn, sub, ticket.Read{Ticket: plusofon.Ticket{ID: 7, Subject: "Тема", Open: true, Posts: f.posts}})
		return err
	})
	f.Said(100)
	f.replies("Быстрый ответ")
	ids := d.Poll(true, plusofon.Ticket{Open: true, OpenKnown: true, Posts: f.posts},
		plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"}, plusofon.ListedTicket{ID: 6, Open: true, Fingerprint: "1"})
	if len(ids) != 1 || ids[0] != 7 {
		t.Errorf("%v are read, want only the one that was opened here", ids)
	}
	f.Want(f.Said(100), "Быстрый ответ")
}

// Looking at a ticket just before a poll takes no news from those who follow all.
func TestLookingAtATicketEatsNoNews(t *testing.T) {
	staffAt := func(minute int, text string) plusofon.Post {
		return plusofon.Post{ID: plusofon.PostID(10 + minute), Text: text, Author: readStaff, Date: day.Add(minutes(minute))}
	}
	for _, c := range []struct {
		name     string
		baseline []plusofon.ListedTicket
		then     plusofon.ListedTicket
		posts    []plusofon.Post
		later    []plusofon.Post // posted between the look and the poll
		want     []string
	}{
		{
			"one that has just appeared", nil, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"},
			[]plusofon.Post{staffAt(30, "Первое"), staffAt(31, "Второе")}, nil, []string{"Первое", "Второе"},
		},
		{
			"one in which something goes on",
			[]plusofon.ListedTicket{{ID: 7, Open: true, Fingerprint: "1", LastActivity: day.Add(minutes(20))}},
			plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "2", LastActivity: day.Add(minutes(31))},
			[]plusofon.Post{staffAt(10, "Давнее"), staffAt(31, "Второе")}, nil, []string{"Второе"},
		},
		{
			"one that is answered after the look", nil, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"},
			[]plusofon.Post{staffAt(30, "Первое")}, []plusofon.Post{staffAt(31, "Второе")}, []string{"Первое", "Второе"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Member(100, "ru")
			d.Member(200, "ru")
			d.Do(func(turn *chat.Turn) error {
				return turn.Tx.SaveSettings(state.Settings{Chat: 200, News: state.NewsAll})
			})
			d.Poll(true, plusofon.Ticket{}, c.baseline...)
			for range 2 { // looking again changes nothing
				fetch(d, plusofon.Ticket{ID: 7, Open: true, OpenKnown: true, Posts: c.posts}, nil)
			}
			if said := d.Said(200); len(said) > 0 {
				t.Errorf("before the poll it is told %q", said)
			}
			read := plusofon.Ticket{Open: true, OpenKnown: true, Posts: append(c.posts, c.later...)}
			d.Poll(true, read, c.then)
			said := d.Said(200)
			if len(said) != len(c.want) {
				t.Fatalf("it is told %q, want %q", said, c.want)
			}
			for i, text := range c.want {
				if !strings.Contains(said[i], text) {
					t.Errorf("it is told %q, want %q", said[i], text)
				}
			}
			d.Poll(true, read, c.then)
			d.Want(d.Said(200), "")
		})
	}
}

// If lists show no activity, chats that follow all tickets get news of unbound ones, which
// are read in turn; what is older than the first list is no news.
func TestAllNewsWhereListsShowNoActivity(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(200, "ru")
	bare := plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "same"}
	d.Poll(true, plusofon.Ticket{}, bare)
	stale := func() (others []state.TicketID) {
		d.Do(func(turn *chat.Turn) (err error) {
			_, others, err = ticket.Stale(turn, 5)
			return err
		})
		return others
	}
	posts := []plusofon.Post{
		{ID: 1, Text: "Давнее", Author: readStaff, Date: d.Now.Add(-minutes(60))},
		{ID: 2, Text: "Свежее", Author: readStaff, Date: d.Now.Add(minutes(1))},
	}
	reads := func(number state.ReadNumber) {
		d.Do(func(turn *chat.Turn) error {
			return bottest.Absorb(turn, ticket.Read{Number: d.Reads + number, Ticket: plusofon.Ticket{ID: 7, Open: true, OpenKnown: true, Posts: posts}}, ticket.Changed{ID: 7, Again: true})
		})
	}
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 200, News: state.NewsAll})
	})
	if ids := stale(); len(ids) != 1 {
		t.Fatalf("%v are read in turn", ids)
	}
	reads(1)
	d.Want(d.Said(200), "Свежее")
	d.Do(func(turn *chat.Turn) error { return turn.Tx.UnbindAll(200) })
	if ids := stale(); len(ids) != 1 {
		t.Fatalf("%v are read in turn, want the ticket again", ids)
	}
	posts = append(posts, plusofon.Post{ID: 3, Text: "Ещё одно", Author: readStaff})
	reads(2)
	d.Want(d.Said(200), "Ещё одно")
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 200, News: state.NewsBound})
	})
	d.Do(func(turn *chat.Turn) error { return turn.Tx.UnbindAll(200) })
	if ids := stale(); len(ids) != 0 {
		t.Errorf("%v are read in turn, and nobody hears of them", ids)
	}
}
