package e2e_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// What must be true of a crowd at the end.

// settle lets the program run in peace until everything is in its place and nothing is left to do.
func (c *crowd) settle() {
	c.t.Helper()
	c.telegram.ClearFaults()
	c.plusofon.ClearFaults()
	p := c.run()
	c.eventually("everything to arrive", func() bool { return c.missing() == "" })
	for range 20 {
		p.logs("msg=connected")
		p.signal(os.Interrupt)
		p.exitsWithin(c.t, stopTime, exitOK)
		left := slices.DeleteFunc(c.copy().Unfinished(), isDoubtfulFile)
		if len(left) == 0 || c.t.Failed() {
			return
		}
		c.t.Logf("left: %s", strings.Join(left, "; "))
		p = c.run()
		select {
		case <-p.done:
		case <-time.After(time.Second): // its rows have due times
		}
	}
	c.t.Errorf("the database does not come to an end: %s", strings.Join(c.copy().Unfinished(), "; "))
}

// missing returns what has not arrived yet.
func (c *crowd) missing() string {
	tickets := c.plusofon.Tickets()
	for _, w := range c.wishes {
		posts := found(tickets, w.text)
		if len(posts) == 0 || len(posts[0].Attachments) < w.files && !c.doubts(w) {
			return fmt.Sprintf("%q, a reply to %q, answered with %q", w.text, c.words(w.chat, w.to), c.answers(w))
		}
		// A reaction that failed three times, in whichever life, is replaced by words.
		inWords := slices.ContainsFunc(c.answers(w), func(s string) bool { return strings.Contains(s, "Отправлено в №") })
		if w.chat.Message(w.sent).Reaction != "👌" && !inWords {
			return "👌 under " + w.text
		}
	}
	for _, p := range c.posts {
		for _, chat := range c.followers(p.ticket) {
			if !slices.ContainsFunc(chat.FromBot(), func(m telegramtest.Message) bool { return strings.Contains(m.Text, p.text) }) {
				return p.text
			}
		}
	}
	if n := c.telegram.Pending(); n > 0 {
		return fmt.Sprintf("%d updates", n)
	}
	return ""
}

// doubts reports whether someone was told that it can't be found out whether a file has
// arrived: if the help desk shows none, the author decides.
func (c *crowd) doubts(w *wish) bool {
	return slices.ContainsFunc(c.answers(w), func(s string) bool { return strings.Contains(s, "узнать, дошёл ли он") })
}

func isDoubtfulFile(left string) bool {
	return strings.HasPrefix(left, "file ") && strings.HasSuffix(left, " doubtful ")
}

func (c *crowd) words(chat *telegramtest.Chat, id int) string {
	if id == 0 {
		return ""
	}
	return chat.Message(id).Text
}

// answers returns the bot's messages about a message.
func (c *crowd) answers(w *wish) (texts []string) {
	for _, m := range w.chat.FromBot() {
		if m.ReplyTo == w.sent {
			texts = append(texts, m.Text)
		}
	}
	return texts
}

// check checks the guarantees.
func (c *crowd) check() {
	c.t.Helper()
	tickets := c.plusofon.Tickets()
	wanted := map[string]int{}
	for _, w := range c.wishes {
		wanted[w.text]++
	}
	for text, n := range wanted {
		if posts := found(tickets, text); len(posts) != n {
			c.t.Errorf("%q is at Plusofon %d times, want %d", text, len(posts), n)
		}
	}
	all := 0
	for _, t := range tickets {
		all += len(t.Posts)
	}
	if want := len(c.wishes) + len(c.posts); all != want {
		c.t.Errorf("%d posts at Plusofon, want %d", all, want)
	}
	for _, w := range c.wishes {
		for _, p := range found(tickets, w.text) {
			if n := len(p.Attachments); n > w.files || n < w.files && !c.doubts(w) {
				c.t.Errorf("%q has %d files, want %d", w.text, len(p.Attachments), w.files)
			}
		}
		if w.twins {
			continue
		}
		i := slices.IndexFunc(tickets, func(t plusofontest.Ticket) bool { return t.ID == w.into() })
		if i < 0 || len(found(tickets[i:i+1], w.text)) != wanted[w.text] {
			c.t.Errorf("%q is not in its ticket %d", w.text, w.into())
		}
	}
	c.checkOrder(tickets)
	c.checkNews()
	c.checkMap()
}

// checkOrder: a person's texts in a ticket are in the order written.
func (c *crowd) checkOrder(tickets []plusofontest.Ticket) {
	c.t.Helper()
	for _, chat := range c.people {
		for _, t := range tickets {
			last := 0
			for _, p := range t.Posts {
				i := slices.IndexFunc(c.wishes, func(w *wish) bool { return w.chat == chat && w.text == p.Text && !w.twins })
				if i < 0 {
					continue
				}
				if c.wishes[i].sent < last {
					c.t.Errorf("%q stands in ticket %d behind what was written after it", p.Text, t.ID)
				}
				last = c.wishes[i].sent
			}
		}
	}
}

// checkNews: every post of the staff's is in every chat bound to its ticket, in order; a
// duplicate comes right after the original.
func (c *crowd) checkNews() {
	c.t.Helper()
	copies := 0
	for _, chat := range c.people {
		messages := chat.FromBot()
		next := map[plusofon.TicketID]int{} // the next expected post, as an index of c.posts
		for _, m := range messages {
			at := slices.IndexFunc(c.posts, func(p post) bool { return strings.Contains(m.Text, p.text) })
			if at < 0 || !strings.Contains(m.Text, "💬") {
				continue
			}
			switch id := c.posts[at].ticket; {
			case at+1 == next[id]:
				copies++
			case at < next[id]:
				c.t.Errorf("%q came again after later news of ticket %d", c.posts[at].text, id)
			default:
				next[id] = at + 1
			}
		}
	}
	c.t.Logf("%d submissions and %d news over %d runs; %d second copies", len(c.wishes), len(c.posts), len(c.programs), copies)
}

// checkMap: the map of messages is correct, and includes every message of a person's that
// was sent to a ticket.
func (c *crowd) checkMap() {
	c.t.Helper()
	known := c.copy().Messages()
	at := func(chat *telegramtest.Chat, id int) state.TicketID {
		return known[statetest.Message{Chat: state.ChatID(chat.ID()), ID: state.MessageID(id)}]
	}
	for _, w := range c.wishes {
		if got := at(w.chat, w.sent); w.twins && got == 0 || !w.twins && got != state.TicketID(w.into()) {
			c.t.Errorf("the message %q leads to %d, want %d", w.text, got, w.into())
		}
	}
	news := map[string]bool{} // the news with a mapped message, by chat and post
	for _, chat := range c.people {
		for _, m := range chat.FromBot() {
			id := at(chat, m.ID)
			if id != 0 && ticketOf(m.Text) != 0 && plusofon.TicketID(id) != ticketOf(m.Text) {
				c.t.Errorf("the message %q leads to %d", m.Text, id)
			}
			for _, p := range c.posts {
				key := fmt.Sprint(chat.ID(), " ", p.text)
				news[key] = news[key] || id != 0 && strings.Contains(m.Text, p.text)
			}
		}
	}
	for _, p := range c.posts {
		for _, chat := range c.followers(p.ticket) {
			if !news[fmt.Sprint(chat.ID(), " ", p.text)] {
				c.t.Errorf("no message with %q leads anywhere", p.text)
			}
		}
	}
}
