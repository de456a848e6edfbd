package ticket_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// crowd is a desk with many chats that follow ticket 7, some of them because they follow all.
type crowd struct {
	*bottest.Desk
	chats []telegram.UserID
	posts []plusofon.Post
	most  state.Work // of any transaction
}

func newCrowd(t testing.TB, n int) *crowd {
	c := &crowd{Desk: bottest.NewDesk(t)}
	c.Poll(true, plusofon.Ticket{})
	c.posts = []plusofon.Post{{ID: 1, Text: "Вопрос", Author: readCustomer}}
	c.Poll(true, plusofon.Ticket{Subject: "Тема", Open: true, OpenKnown: true, Posts: c.posts}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"})
	for i := range n {
		id := state.UserID(1000 + i)
		c.Member(id, "ru")
		c.chats = append(c.chats, telegram.UserID(id))
		c.Do(func(turn *chat.Turn) error {
			if i%2 == 0 {
				return turn.Tx.SaveSettings(state.Settings{Chat: state.ChatID(id), News: state.NewsAll})
			}
			return turn.Tx.Bind(state.ChatID(id), 7, c.Now)
		})
	}
	c.Store.OnWork(func(w state.Work) {
		c.most.Statements, c.most.Rows = max(c.most.Statements, w.Statements), max(c.most.Rows, w.Rows)
		c.most.Took = max(c.most.Took, w.Took)
	})
	return c
}

// replies adds posts by the staff.
func (c *crowd) replies(n int, text string) {
	for range n {
		id := len(c.posts) + 1
		c.posts = append(c.posts, plusofon.Post{ID: plusofon.PostID(id), Text: fmt.Sprintf("%s %d.", text, id), Author: readStaff})
	}
}

// reads absorbs a read as the bot does, a part per transaction.
func (c *crowd) reads() (parts int) {
	c.T.Helper()
	c.Reads++
	read := ticket.Read{Number: c.Reads, Ticket: plusofon.Ticket{ID: 7, Subject: "Тема", Open: true, OpenKnown: true, Posts: c.posts}}
	for all := false; !all; parts++ {
		c.Do(func(turn *chat.Turn) (err error) {
			all, err = ticket.Absorb(turn, read, ticket.Changed{ID: 7, Again: true})
			return err
		})
	}
	return parts
}

// wantShort: however much was read and however many chats were told, no transaction blocked
// the others for more than this.
func (c *crowd) wantShort() {
	c.T.Helper()
	const bound = 400 // statements
	if c.most.Statements > bound {
		c.T.Errorf("a transaction makes %d statements and %d rows, %d statements at most are wanted", c.most.Statements, c.most.Rows, bound)
	}
	c.T.Logf("the longest: %d statements, %d rows, %v", c.most.Statements, c.most.Rows, c.most.Took.Round(time.Microsecond))
}

// A post for many chats is announced in portions: each chat is told once, whatever follows,
// and in order.
func TestPostForManyChats(t *testing.T) {
	c := newCrowd(t, 200)
	c.replies(1, "Первый")
	c.reads()
	c.replies(2, "Следующий")
	c.reads() // before all were told of the first
	for _, user := range c.chats {
		said := c.Said(user)
		if len(said) != 3 || !strings.Contains(said[0], "Первый 2.") || !strings.Contains(said[1], "Следующий 3.") || !strings.Contains(said[2], "Следующий 4.") {
			t.Fatalf("%d is told %q", user, said)
		}
	}
	c.wantShort()
}

// A chat that starts following a ticket during its announcement may be told, but no chat is
// told twice; one whose access was revoked is not told.
func TestListenersChangeMeanwhile(t *testing.T) {
	c := newCrowd(t, 100)
	c.replies(1, "Первый")
	c.reads()
	first, last := c.chats[0], c.chats[99]
	c.Do(func(turn *chat.Turn) error {
		return turn.Tx.SavePerson(state.Person{ID: state.UserID(first), Role: state.Stranger})
	})
	c.Do(func(turn *chat.Turn) error { return turn.Tx.Bind(state.ChatID(last), 7, c.Now) })
	if said := c.Said(first); len(said) > 0 {
		t.Errorf("%d has no access and is told %q", first, said)
	}
	for _, user := range c.chats[1:] {
		c.Want(c.Said(user), "Первый 2.")
	}
}

// A ticket with a long history is absorbed in parts too, whether it is new or grows; each
// post is announced once, in order.
func TestManyPostsAtOnce(t *testing.T) {
	const many = 300
	c := newCrowd(t, 2)
	c.replies(many, "Ответ")
	if parts := c.reads(); parts < 2 {
		t.Errorf("%d posts are taken over in %d transaction", len(c.posts), parts)
	}
	for _, user := range c.chats {
		var numbers []string
		for _, text := range c.Said(user) {
			for _, field := range strings.Fields(text) {
				if strings.HasSuffix(field, ".") {
					numbers = append(numbers, field)
				}
			}
		}
		var want []string
		for i := range many {
			want = append(want, fmt.Sprintf("%d.", i+2))
		}
		if !slices.Equal(numbers, want) {
			t.Fatalf("%d is told of %d posts, or not in order", user, len(numbers))
		}
	}
	c.wantShort()
}

// The program may end between two portions: what was stored continues, and nothing is
// announced twice or left out.
func TestPortionsGoOnAfterARestart(t *testing.T) {
	c := newCrowd(t, 2)
	c.Reads++
	read := ticket.Read{Number: c.Reads, Ticket: plusofon.Ticket{ID: 8, Subject: "Новое", Open: true, OpenKnown: true}}
	for i := range 200 {
		read.Posts = append(read.Posts, plusofon.Post{ID: plusofon.PostID(10_000 + i), Text: fmt.Sprintf("Пост %d.", i), Author: readStaff})
	}
	element := plusofon.ListedTicket{ID: 8, Open: true, Fingerprint: "1"}
	first := func() (changed []ticket.Changed) {
		c.Do(func(turn *chat.Turn) (err error) {
			changed, err = ticket.Listed(turn, []plusofon.ListedTicket{element}, true, c.Reads)
			return err
		})
		return changed
	}
	changed := first()
	c.Do(func(turn *chat.Turn) error {
		all, err := ticket.Absorb(turn, read, changed[0])
		if all {
			t.Error("it is taken over at once")
		}
		return err
	})
	// After a restart the next poll finds it changed.
	if changed = first(); len(changed) != 1 {
		t.Fatal("the rest is not asked for")
	}
	c.Reads++
	read.Number = c.Reads
	for all := false; !all; {
		c.Do(func(turn *chat.Turn) (err error) {
			all, err = ticket.Absorb(turn, read, changed[0])
			return err
		})
	}
	said := strings.Join(c.Said(c.chats[0]), "\n")
	for i := range 200 {
		if n := strings.Count(said, fmt.Sprintf("Пост %d.", i)); n != 1 {
			t.Errorf("post %d is told %d times", i, n)
		}
	}
	if n := strings.Count(said, "Новое обращение."); n != 1 {
		t.Errorf("that it is new is told %d times", n)
	}
	if len(first()) != 0 {
		t.Error("it is read at every poll")
	}
}
