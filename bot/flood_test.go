package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// loops runs the bot on synctest's clock between two sides, with a log, until f returns.
func loops(t *testing.T, tg bot.Telegram, pf bot.Plusofon, change func(*bot.Config), f func(*state.Store, *bottest.Log)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store, err := statetest.OpenHurried(filepath.Join(t.TempDir(), "bot.db"))
		bottest.Must(t, err)
		log := bottest.NewLog()
		cfg := bot.Config{
			Store: store, Conversation: chat.Config{Language: "ru", Location: time.UTC}, Telegram: tg, Plusofon: pf, Background: pf,
			PollInterval: time.Hour, Owners: []state.UserID{bottest.AnnaID}, Log: slog.New(slog.NewTextHandler(log, nil)),
		}
		if change != nil {
			change(&cfg)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		b := bot.New(cfg)
		go func() { done <- b.Run(ctx) }()
		synctest.Wait()
		f(store, log)
		cancel()
		bottest.Must(t, <-done)
		bottest.Must(t, store.Close())
	})
}

// inBubble makes what must belong to a bubble.
func (f *fakeTelegram) inBubble(*bot.Config) { f.updates = make(chan []telegram.Raw) }

// updateBy is someone's private message.
func updateBy(n int, user telegram.UserID, text string) telegram.Raw {
	return telegram.Raw{ID: int64(n), JSON: fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"text":%q,
		"chat":{"id":%d,"type":"private"},"from":{"id":%d,"first_name":"Кто-то","language_code":"ru"}}}`, n, n, time.Now().Unix(), text, user, user)}
}

// 6,000 updates of 2,000 strangers: an owner who writes meanwhile is answered next. The
// hourly number of strangers are answered, the rest is dropped before it is stored.
func TestFloodOfStrangersDelaysNobody(t *testing.T) {
	t.Parallel()
	const strangers, each, batch = 2000, 3, 100
	var mu sync.Mutex
	var order []telegram.ChatID // the recipients of messages
	tg := &fakeTelegram{accept: func(chat telegram.ChatID, _ string, _ time.Time) error {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, chat)
		return nil
	}}
	sent := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(order)
	}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(store *state.Store, _ *bottest.Log) {
		n := 0
		for round := range strangers * each / batch {
			var all []telegram.Raw
			for i := range batch {
				n++
				all = append(all, updateBy(n, telegram.UserID(10_000+(round*batch+i)%strangers), "впустите"))
			}
			tg.updates <- all
			if round%12 == 6 {
				n++
				before := sent()
				tg.updates <- []telegram.Raw{updateBy(n, bottest.AnnaID, "/help")}
				synctest.Wait()
				for range 20 {
					time.Sleep(latency)
					synctest.Wait()
				}
				mu.Lock()
				ahead := 0
				for ; before+ahead < len(order) && order[before+ahead] != bottest.AnnaID; ahead++ {
				}
				if before+ahead == len(order) {
					t.Error("the owner is not answered")
				}
				// What was in flight to strangers when the owner wrote, and no more.
				if ahead > 8 {
					t.Errorf("%d strangers are told before the owner is answered", ahead)
				}
				mu.Unlock()
			}
		}
		time.Sleep(2 * time.Minute)
		told := sent() - 5 // answers to the owner
		if told != 500 {
			t.Errorf("%d strangers are told within an hour, want 500", told)
		}
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
			people, removed, err := tx.CountPeople()
			if people != 1 || removed != 0 {
				t.Errorf("%d people and %d removed are known", people, removed)
			}
			p, failure := tx.Person(10_000)
			if failure != nil || p.Name != "" {
				t.Errorf("a stranger is kept: %+v, %v", p, failure)
			}
			return err
		}))
	})
}

// largeTelegram delivers updates only to requests for few enough.
type largeTelegram struct {
	*fakeTelegram
	asking sync.Mutex // guards the following fields
	fits   int
	stuck  int64 // the update that is too large by itself; 0: none
	waits  []telegram.Raw
	limits []int
}

func (l *largeTelegram) Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error) {
	updates, waiting, err := l.next(offset, limit)
	if !waiting {
		return l.fakeTelegram.Updates(ctx, offset, limit, timeout)
	}
	return updates, err
}

// next returns pending updates, if any.
func (l *largeTelegram) next(offset int64, limit int) (updates []telegram.Raw, waiting bool, err error) {
	l.asking.Lock()
	defer l.asking.Unlock()
	for len(l.waits) > 0 && l.waits[0].ID < offset {
		l.waits = l.waits[1:]
	}
	if len(l.waits) == 0 {
		return nil, false, nil
	}
	l.limits = append(l.limits, limit)
	n := min(limit, len(l.waits))
	if n > l.fits || slices.ContainsFunc(l.waits[:n], func(u telegram.Raw) bool { return u.ID == l.stuck }) {
		return nil, true, &telegram.Error{Method: "getUpdates", Err: &telegram.TooLargeError{FirstUpdate: l.waits[0].ID}}
	}
	return l.waits[:n], true, nil
}

// A hundred messages that are too large together are read in parts, without a pause; one
// that is too large by itself is set aside, and later ones are handled.
func TestLargeUpdatesDoNotWedgeThePoll(t *testing.T) {
	t.Parallel()
	answered, alarmed := 0, 0
	tg := &largeTelegram{fits: 30, stuck: 50, fakeTelegram: &fakeTelegram{accept: func(chat telegram.ChatID, text string, _ time.Time) error {
		switch {
		case strings.Contains(text, "не смог обработать"):
			alarmed++
		case chat == bottest.AnnaID:
			answered++
		}
		return nil
	}}}
	for n := range 100 {
		tg.waits = append(tg.waits, updateBy(n+1, telegram.UserID(10_000+n), "большое"))
	}
	tg.waits = append(tg.waits, updateBy(101, bottest.AnnaID, "/help"))
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(store *state.Store, log *bottest.Log) {
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if answered != 1 || alarmed != 1 {
			t.Errorf("the owner behind them is answered %d times and alarmed %d times; asked for %v", answered, alarmed, tg.limits)
		}
		if most := 40; len(tg.limits) > most {
			t.Errorf("%d polls for 101 updates: %v", len(tg.limits), tg.limits)
		}
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
			_, aside, err := tx.InboxCounts()
			offset, failure := tx.Offset()
			if aside != 1 || offset != 102 || failure != nil {
				t.Errorf("%d are set aside, the offset is %d, %v", aside, offset, failure)
			}
			return err
		}))
		if !strings.Contains(log.String(), "is too large to be read and is set aside") {
			t.Error("the log does not tell of it")
		}
		// Once nothing is pending, the limit is back at its maximum.
		tg.asking.Lock()
		tg.waits = []telegram.Raw{updateBy(200, bottest.AnnaID, "/help")}
		tg.limits, tg.fits, tg.stuck = nil, 100, 0
		tg.asking.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		tg.asking.Lock()
		defer tg.asking.Unlock()
		if len(tg.limits) == 0 || tg.limits[0] != telegram.MaxBatch {
			t.Errorf("then %v are asked for", tg.limits)
		}
	})
}
