package bottest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// Opened has Anna open a ticket and returns it with the receipt.
func (w *World) Opened(subject, text string) (plusofon.TicketID, telegramtest.Message) {
	w.T.Helper()
	return w.opened(w.Anna, subject, text)
}

// NewTicket has a Russian speaker open a ticket, and returns it with the receipt.
func (w *World) NewTicket(c *telegramtest.Chat, subject string) (plusofon.TicketID, telegramtest.Message) {
	w.T.Helper()
	return w.opened(c, subject, "Подробности")
}

func (w *World) opened(c *telegramtest.Chat, subject, text string) (plusofon.TicketID, telegramtest.Message) {
	w.T.Helper()
	m := c.Send("/new " + subject + "\n" + text)
	w.Reacts(c, m.ID, "👌")
	receipt := w.Reads(c, "создано", subject)
	return w.Newest(), receipt
}

// Newest is the ticket opened last.
func (w *World) Newest() plusofon.TicketID {
	all := w.Plusofon.Tickets()
	return all[len(all)-1].ID
}

// First returns the first ticket at Plusofon once its post has a number of files.
func (w *World) First(files int) plusofontest.Ticket {
	w.T.Helper()
	return w.Desk(fmt.Sprintf("a ticket with %d files", files), func(tickets []plusofontest.Ticket) bool {
		return len(tickets) > 0 && len(tickets[0].Posts[0].Attachments) == files
	})[0]
}

// Posts returns the texts of a ticket at Plusofon.
func (w *World) Posts(id plusofon.TicketID) (texts []string) {
	ticket, _ := w.Plusofon.Ticket(id)
	for _, p := range ticket.Posts {
		texts = append(texts, p.Text)
	}
	return texts
}

// Written returns the texts of all posts at Plusofon, ticket by ticket.
func (w *World) Written() (texts []string) {
	for _, t := range w.Plusofon.Tickets() {
		texts = append(texts, w.Posts(t.ID)...)
	}
	return texts
}

// LastPost returns the newest post of a ticket.
func (w *World) LastPost(id plusofon.TicketID) plusofontest.Post {
	w.T.Helper()
	ticket, ok := w.Plusofon.Ticket(id)
	if !ok {
		w.T.Fatalf("no ticket %d", id)
	}
	return ticket.Posts[len(ticket.Posts)-1]
}

// CountPosts counts the posts of all tickets.
func CountPosts(tickets []plusofontest.Ticket) int {
	n := 0
	for _, t := range tickets {
		n += len(t.Posts)
	}
	return n
}

// Follow has Anna follow a ticket in private.
func (w *World) Follow(id plusofon.TicketID) {
	w.T.Helper()
	w.Anna.Send(fmt.Sprintf("/follow %d", id))
	w.Reads(w.Anna, "будут приходить сюда")
}

// Thread is a ticket that someone follows, with one of its messages to reply to.
type Thread struct {
	ID      plusofon.TicketID
	Message int
}

// Follows has someone follow n more tickets in private.
func (w *World) Follows(c *telegramtest.Chat, n int) []Thread {
	w.T.Helper()
	threads := make([]Thread, n)
	for i := range threads {
		threads[i] = Thread{w.Plusofon.OpenInCabinet(fmt.Sprintf("Тема %d", i), "Текст"), c.Send("// её сообщение").ID}
	}
	Must(w.T, w.Store.Update(func(tx *state.Tx) error {
		for _, t := range threads {
			id, chat, now := state.TicketID(t.ID), state.ChatID(c.ID()), time.Now()
			if err := errors.Join(tx.SaveTicket(state.Ticket{ID: id, Subject: "Тема", Open: true, Fetched: now}),
				tx.Bind(chat, id, now), tx.MapMessage(chat, state.MessageID(t.Message), id, true)); err != nil {
				return err
			}
		}
		return nil
	}))
	return threads
}

// Later passes enough time that messages no longer continue an answer.
func (w *World) Later() { w.Passes(3 * time.Minute) }

// Asked waits for «Куда?» under a message of Anna's.
func (w *World) Asked(m telegramtest.Message) telegramtest.Message {
	w.T.Helper()
	return w.Sees(w.Anna, "the question where it goes", func(x telegramtest.Message) bool {
		return x.FromBot && x.ReplyTo == m.ID && strings.Contains(x.Text, "Куда?")
	})
}

// Put presses a ticket's button under that question.
func (w *World) Put(question telegramtest.Message, id plusofon.TicketID) string {
	w.T.Helper()
	for _, row := range question.Buttons {
		if strings.HasPrefix(row[0].Text, fmt.Sprintf("№%d ", id)) {
			return w.Anna.PressForged(question.ID, row[0].Data)
		}
	}
	w.T.Fatalf("no button for ticket %d: %s", id, Buttons(question))
	return ""
}

// WaitsLong makes the author of a ticket's last post have waited long.
func (w *World) WaitsLong(id plusofon.TicketID) {
	w.T.Helper()
	Must(w.T, w.Store.Update(func(tx *state.Tx) error {
		wait, err := tx.Wait(state.TicketID(id))
		if err != nil {
			return err
		}
		wait.Since, wait.Due = time.Now().Add(-14*24*time.Hour), time.Now().Add(-time.Minute)
		return tx.SaveWait(wait)
	}))
}
