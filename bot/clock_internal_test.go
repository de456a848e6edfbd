package bot

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// The clock is set back by two hours while the program runs and a row that is older than that
// waits to be tried again: it doesn't wait for the clock to catch up.
func TestClockIsSetBackUnderOldRows(t *testing.T) {
	store, err := statetest.OpenHurried(filepath.Join(t.TempDir(), "bot.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }() // nothing depends on it
	b := New(Config{Store: store, Conversation: chat.Config{Language: "ru", Location: time.UTC}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	d := b.newDispatcher(state.Telegram, nil)
	now := time.Now()
	err = store.Update(func(tx *state.Tx) error {
		id, err := tx.Enqueue(state.Request{Side: state.Telegram, Lane: "chat:1", Kind: "call", Payload: `{"call":{"method":"sendMessage"}}`, Due: now}, now.Add(-3*time.Hour))
		if err != nil {
			return err
		}
		return tx.Retry(id, now.Add(4*time.Minute), "no route to host")
	})
	if err != nil {
		t.Fatal(err)
	}
	begun := false
	begin := func(state.Row) { begun = true }
	if err := d.refresh(nil, true); err != nil {
		t.Fatal(err)
	}
	if wait := d.start(now, begin); wait > 5*time.Minute {
		t.Fatalf("it waits for %v", wait)
	}
	now = now.Round(0).Add(4*time.Minute - 2*time.Hour) // four minutes later
	b.noteClock(time.Now(), now)
	if err := d.refresh(store.TakeTouched(state.Telegram), false); err != nil {
		t.Fatal(err)
	}
	wait := d.start(now, begin)
	if !begun && wait > longestPause {
		t.Errorf("after the clock was set back it waits for %v", wait)
	}
}
