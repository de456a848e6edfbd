package bot_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
)

// sparing delivers one update, and then nothing more.
type sparing struct {
	bot.Telegram
	on     atomic.Bool
	given  bool
	stored chan struct{} // closed when the update is in the inbox
}

func (s *sparing) Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error) {
	if s.on.Load() && s.given {
		close(s.stored)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	updates, err := s.Telegram.Updates(ctx, offset, limit, timeout)
	if s.on.Load() && len(updates) > 0 {
		s.given = true
		updates = updates[:1]
	}
	return updates, err
}

// If the program ends after receiving one item of an album, while the others are pending at
// Telegram, the album is still one post, however long the program was down.
func TestAlbumCutByARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Stop()
		s := &sparing{stored: make(chan struct{})}
		s.on.Store(true)
		w.Options.Config = func(c *bot.Config) { s.Telegram, c.Telegram = c.Telegram, s }
		items := make([]telegramtest.Item, 3)
		for i := range items {
			items[i] = telegramtest.Item{Kind: "photo", File: telegramtest.File{Content: []byte{byte(i)}}}
		}
		items[0].Caption = "три снимка"
		album := w.Anna.SendAlbum(items, receipt.ID)
		w.Start()
		<-s.stored
		w.Stop()
		time.Sleep(1100 * time.Millisecond) // by now it would be complete, had the program been running
		s.on.Store(false)
		w.Start()
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "три снимка" || len(ticket.Posts[1].Attachments) != 3 {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// The items of an album that arrive in separate polls are one post.
func TestAlbumInSeveralPolls(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Telegram.Hold()
		album := w.Anna.SendAlbum(bottest.TenFiles("три файла")[4:7], receipt.ID)
		for n := range album {
			w.Telegram.Deliver(n)
			w.Passes(700 * time.Millisecond)
		}
		w.Passes(time.Minute)
		w.WantReaction(w.Anna, album[0].ID, "👌")
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "три файла"}) {
			t.Errorf("at Plusofon: %q", got)
		}
		if n := len(w.LastPost(id).Attachments); n != 3 {
			t.Errorf("%d files, want 3", n)
		}
	})
}
