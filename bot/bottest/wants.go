package bottest

import (
	"slices"
	"strings"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// WantRead checks that all of the texts are in messages of the bot in a chat.
func (w *World) WantRead(c *telegramtest.Chat, texts ...string) {
	w.T.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(c.FromBot(), func(m telegramtest.Message) bool { return strings.Contains(m.Text, text) }) {
			w.T.Errorf("nobody reads %q in %q", text, Texts(c.FromBot()))
		}
	}
}

// WantReaction checks the bot's reaction to a message; "" for none.
func (w *World) WantReaction(c *telegramtest.Chat, id int, emoji string) {
	w.T.Helper()
	if got := c.Message(id).Reaction; got != emoji {
		w.T.Errorf("the reaction to message %d is %q, want %q", id, got, emoji)
	}
}

// WantLogged checks that the log contains a text.
func (w *World) WantLogged(text string) {
	w.T.Helper()
	if !strings.Contains(w.Log.String(), text) {
		w.T.Errorf("the log does not say %q", text)
	}
}

// WantPosts checks that a ticket has exactly these texts.
func (w *World) WantPosts(id plusofon.TicketID, want ...string) {
	w.T.Helper()
	if posts := w.Posts(id); !slices.Equal(posts, want) {
		w.T.Errorf("ticket %d holds %q, want %q", id, posts, want)
	}
}

// Quiet lets a while pass and checks that a text is not in a chat.
func (w *World) Quiet(c *telegramtest.Chat, text string) {
	w.T.Helper()
	w.Passes(time.Minute)
	for _, m := range c.Messages() {
		if m.FromBot && strings.Contains(m.Text, text) {
			w.T.Errorf("%q stands in the chat: %q", text, m.Text)
		}
	}
}

// WantNothingAside checks that every update was handled.
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
