package bot_test

import (
	"context"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
)

// sparing gives out one update, and then nothing more.
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

// An album of which the program had got one item when it ended, and whose others
// wait at Telegram, is one post all the same, however long it did not run.
func TestAlbumCutByARestart(t *testing.T) {
	t.Parallel()
	s := &sparing{stored: make(chan struct{})}
	w := newWorld(t, options{config: func(c *bot.Config) {
		s.Telegram = c.Telegram
		c.Telegram = s
	}})
	id, receipt := w.opened("Тема", "Текст")
	w.stop()
	s.on.Store(true)
	items := make([]telegramtest.Item, 3)
	for i := range items {
		items[i] = telegramtest.Item{Kind: "photo", File: telegramtest.File{Content: []byte{byte(i)}}}
	}
	items[0].Caption = "три снимка"
	album := w.anna.SendAlbum(items, receipt.ID)
	w.start()
	<-s.stored
	w.stop()
	time.Sleep(1100 * time.Millisecond) // by now it would be whole, had the program been there
	s.on.Store(false)
	w.start()
	w.reacts(w.anna, album[0].ID, "👌")
	ticket, _ := w.plusofon.Ticket(id)
	if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "три снимка" || len(ticket.Posts[1].Attachments) != 3 {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}

// The items of an album that come one after another, in polls of their own, are one
// post.
func TestAlbumInSeveralPolls(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		receipt := b.opens()
		var first int
		for n, caption := range []string{"три файла", "", ""} {
			m := b.phone.sends(annaID, receipt, func(msg map[string]any) {
				msg["media_group_id"], msg["caption"] = "album", caption
				msg["document"] = map[string]any{"file_id": "f", "file_unique_id": "u", "file_name": "a.txt", "file_size": 1}
			})
			if n == 0 {
				first = m
			}
			b.passes(700 * time.Millisecond)
		}
		b.passes(time.Minute)
		b.wantReaction(first, "👌")
		if got := b.desk.written(); !slices.Equal(got, []string{"Текст", "три файла"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}
