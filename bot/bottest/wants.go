package bottest

import (
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// WantRead wants all of the texts in messages of the bot that are in a chat now.
func (w *World) WantRead(c *telegramtest.Chat, texts ...string) {
	w.T.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(c.FromBot(), func(m telegramtest.Message) bool { return strings.Contains(m.Text, text) }) {
			w.T.Errorf("nobody reads %q in %q", text, Texts(c.FromBot()))
		}
	}
}

// WantReaction wants a message to have the bot's reaction now, "" for none.
func (w *World) WantReaction(c *telegramtest.Chat, id int, emoji string) {
	w.T.Helper()
	if got := c.Message(id).Reaction; got != emoji {
		w.T.Errorf("the reaction to message %d is %q, want %q", id, got, emoji)
	}
}

// WantLogged wants the log to have said something.
func (w *World) WantLogged(text string) {
	w.T.Helper()
	if !strings.Contains(w.Log.String(), text) {
		w.T.Errorf("the log does not say %q", text)
	}
}

// WantPosts wants a ticket to hold these texts and no others.
func (w *World) WantPosts(id plusofon.TicketID, want ...string) {
	w.T.Helper()
	if posts := w.Posts(id); !slices.Equal(posts, want) {
		w.T.Errorf("ticket %d holds %q, want %q", id, posts, want)
	}
}

// Quiet lets a while pass and wants nothing of a text in a chat.
func (w *World) Quiet(c *telegramtest.Chat, text string) {
	w.T.Helper()
	w.Passes(time.Minute)
	for _, m := range c.Messages() {
		if m.FromBot && strings.Contains(m.Text, text) {
			w.T.Errorf("%q stands in the chat: %q", text, m.Text)
		}
	}
}

// WantNothingAside wants every update to have been handled.
func (w *World) WantNothingAside() {
	w.T.Helper()
	Must(w.T, w.Store.Update(func(tx *state.Tx) error {
		pending, aside, err := tx.InboxCounts()
		if pending+aside > 0 {
			w.T.Errorf("%d updates wait, and %d are set aside", pending, aside)
		}
		return err
	}))
}
