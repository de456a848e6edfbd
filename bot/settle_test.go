package bot_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// A ticket is reopened at the moment its topic is found to need no change: the row that was
// to close it reopens it.
func TestTicketOpenedAgainWhileItsTopicIsLookedAt(t *testing.T) {
	t.Parallel()
	const group, id, thread = -5, 7, 3
	store, err := state.Open(filepath.Join(t.TempDir(), "bot.db"))
	bottest.Must(t, err)
	defer func() { bottest.Must(t, store.Close()) }()
	cfg := chat.Config{Language: "ru", Location: time.UTC}
	now := time.Now()
	reads := func(tx *state.Tx, open bool) error {
		turn, err := cfg.NewTurn(tx, now)
		bottest.Must(t, err)
		return bottest.Absorb(turn, ticket.Read{Ticket: plusofon.Ticket{ID: id, Subject: "Касса", Open: open, OpenKnown: true}}, ticket.Changed{ID: id, Again: true})
	}
	var row state.Row
	bottest.Must(t, store.Update(func(tx *state.Tx) error {
		if err := reads(tx, true); err != nil {
			return err
		}
		// Someone has closed it by hand.
		topic := state.Topic{Chat: group, Ticket: id, Thread: thread, Name: "№7 Касса", Closed: true}
		err := errors.Join(tx.SaveGroup(state.Group{Chat: group, AddedBy: bottest.AnnaID, Present: true}), tx.SaveTopic(topic), reads(tx, false))
		if err != nil {
			return err
		}
		row, err = tx.LaneHead(state.Telegram, "ornament:-5:topic:7")
		return err
	}))
	r := bot.New(bot.Config{Store: store, Conversation: cfg, Log: slog.New(slog.DiscardHandler)})
	bottest.Must(t, r.Send(t.Context(), row, func() { bottest.Must(t, store.Update(func(tx *state.Tx) error { return reads(tx, true) })) }))
	bottest.Must(t, store.Update(func(tx *state.Tx) error {
		head, err := tx.LaneHead(state.Telegram, "ornament:-5:topic:7")
		if err != nil {
			t.Error("nothing is left to open the topic")
			return nil //nolint:nilerr // it is said
		}
		payload, err := chat.Decode[chat.TelegramRow](head)
		if err != nil {
			return err
		}
		turn, err := cfg.NewTurn(tx, now)
		if err != nil {
			return err
		}
		payload, err = conversation.Prepare(turn, payload)
		if err != nil || payload.Call.Method != (telegram.ReopenForumTopic{}).Method() {
			t.Errorf("what is next is %s, %v", payload.Call.Method, err)
		}
		return nil
	}))
}
