package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// fakeTelegram is a Telegram without a network, so that it works in virtual time. Requests
// and answers take latency each.
type fakeTelegram struct {
	bot.Telegram // unset methods are not called
	updates      chan []telegram.Raw
	accept       func(chat telegram.ChatID, text string, now time.Time) error // a message
	others       func(telegram.Call)                                          // for calls other than messages, if set
	mu           sync.Mutex
	last         telegram.MessageID
	refusals     int
	uneven       bool // paths to it differ in length
	came         int
}

const latency = 40 * time.Millisecond

func (f *fakeTelegram) Me(context.Context) (telegram.Me, error) {
	return telegram.Me{ID: 1000, Username: "plusofon_test_bot"}, nil
}

func (f *fakeTelegram) Updates(ctx context.Context, _ int64, _ int, timeout time.Duration) ([]telegram.Raw, error) {
	select {
	case u := <-f.updates:
		return u, nil
	case <-time.After(timeout):
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *fakeTelegram) Do(_ context.Context, c telegram.Call) (telegram.Result, error) {
	time.Sleep(f.way())
	defer time.Sleep(latency)
	if c.Method != (telegram.SendMessage{}).Method() {
		if f.others != nil {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.others(c)
		}
		return telegram.Result{Raw: json.RawMessage("true")}, nil
	}
	var message struct {
		Chat telegram.ChatID `json:"chat_id"`
		Text string          `json:"text"`
	}
	if err := json.Unmarshal(c.Params, &message); err != nil {
		return telegram.Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.accept(message.Chat, message.Text, time.Now()); err != nil {
		f.refusals++
		return telegram.Result{}, err
	}
	f.last++
	return telegram.Result{MessageID: f.last, Raw: json.RawMessage("{}")}, nil
}

// way is how long a request takes to arrive.
func (f *fakeTelegram) way() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.came++
	if !f.uneven {
		return latency
	}
	return latency + time.Duration(f.came*7%9)*time.Millisecond
}

func tooMany(wait time.Duration) error {
	return &telegram.Error{Method: "sendMessage", Code: 429, Outcome: telegram.RateLimited, RetryAfter: wait}
}

// enforcer refuses what is above Telegram's limits: 30 a second in total, one a second per
// chat with a burst of three, 20 a minute per group.
type enforcer struct {
	all    []time.Time
	chats  map[telegram.ChatID]time.Time // when the chat has its whole burst again
	groups map[telegram.ChatID][]time.Time
}

func newEnforcer() *enforcer {
	return &enforcer{chats: map[telegram.ChatID]time.Time{}, groups: map[telegram.ChatID][]time.Time{}}
}

func (e *enforcer) take(chat telegram.ChatID, now time.Time) error {
	full := func(times []time.Time, most int, span time.Duration) bool {
		return len(times) >= most && now.Sub(times[len(times)-most]) < span
	}
	const burst = 3 * time.Second
	until := e.chats[chat]
	if until.Before(now) {
		until = now
	}
	until = until.Add(time.Second)
	switch {
	case full(e.all, 30, time.Second):
		return tooMany(time.Second)
	case until.Sub(now) > burst:
		return tooMany(time.Second)
	case chat.IsGroup() && full(e.groups[chat], 20, time.Minute):
		return tooMany(time.Minute)
	}
	e.all, e.chats[chat] = append(e.all, now), until
	if chat.IsGroup() {
		e.groups[chat] = append(e.groups[chat], now)
	}
	return nil
}

// idlePlusofon has no tickets.
type idlePlusofon struct{ bot.Plusofon }

func (idlePlusofon) Account(context.Context) (plusofon.Account, error) {
	return plusofon.Account{Email: "company@example.com"}, nil
}

func (idlePlusofon) Tickets(context.Context, bool) iter.Seq2[plusofon.ListedTicket, error] {
	return listOf(nil, nil)
}

// virtual runs the bot on synctest's clock with a real database until f returns.
func virtual(t *testing.T, tg *fakeTelegram, prepare func(*state.Tx) error, f func()) {
	t.Helper()
	between(t, filepath.Join(t.TempDir(), "bot.db"), tg, idlePlusofon{}, idlePlusofon{}, prepare, func(*state.Store) { f() })
}

// between runs the bot between these two until f returns.
func between(t testing.TB, path string, tg *fakeTelegram, pf, background bot.Plusofon, prepare func(*state.Tx) error, f func(*state.Store)) {
	t.Helper()
	tg.updates = make(chan []telegram.Raw)
	store, err := statetest.OpenHurried(path)
	bottest.Must(t, err)
	bottest.Must(t, store.Update(prepare))
	r := bot.New(bot.Config{
		Store: store, Conversation: chat.Config{Language: "ru", Location: time.UTC}, Telegram: tg,
		Plusofon: pf, Background: background, PollInterval: time.Hour,
		Owners: []state.UserID{bottest.AnnaID}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	f(store)
	cancel()
	bottest.Must(t, errors.Join(<-done, store.Close()))
}

// queueNews queues n messages to each chat, numbered.
func queueNews(tx *state.Tx, n int, chats ...telegram.ChatID) error {
	for _, in := range chats {
		if in.IsGroup() {
			if err := tx.SaveGroup(state.Group{Chat: state.ChatID(in), AddedBy: bottest.AnnaID, Present: true}); err != nil {
				return err
			}
		}
	}
	for i := range n {
		for _, in := range chats {
			call, err := telegram.Encode(telegram.SendMessage{ChatID: in, Text: strconv.Itoa(i)})
			if err != nil {
				return err
			}
			payload, err := json.Marshal(chat.TelegramRow{Call: call, Place: chat.InChat(state.ChatID(in))})
			if err != nil {
				return err
			}
			if _, err := tx.Enqueue(state.Request{
				Side: state.Telegram, Lane: fmt.Sprintf("chat:%d", in), Priority: state.PriorityNews, Kind: chat.KindCall, Payload: string(payload),
			}, time.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

var draining = flag.Int("drain", 100, "for how many chats news drains at Telegram's pace")

// Ten messages with news for each of many chats, every fifth of them a group, are sent within 2% of the
// time that Telegram's limits require, in order within each chat and without a refusal; a
// person's command meanwhile is answered within a second.
func TestNewsDrainAtTelegramsPace(t *testing.T) {
	t.Parallel()
	const each = 10
	groups := *draining / 5
	private := *draining - groups
	ideal := time.Duration(each**draining) * time.Second / 30
	var chats []telegram.ChatID
	for i := range private {
		chats = append(chats, telegram.ChatID(bottest.AnnaID+i))
	}
	for i := range groups {
		chats = append(chats, telegram.ChatID(-1-i))
	}
	synctest.Test(t, func(t *testing.T) {
		limits := newEnforcer()
		next := map[telegram.ChatID]int{}
		left := each * len(chats)
		through, answered := make(chan time.Time, 1), make(chan time.Time, 10)
		tg := &fakeTelegram{uneven: true, accept: func(chat telegram.ChatID, text string, now time.Time) error {
			if err := limits.take(chat, now); err != nil {
				return err
			}
			if text != strconv.Itoa(next[chat]) {
				answered <- now // no news
				return nil
			}
			next[chat]++
			if left--; left == 0 {
				through <- now
			}
			return nil
		}}
		virtual(t, tg, func(tx *state.Tx) error { return queueNews(tx, each, chats...) }, func() {
			began := time.Now()
			for i := range 3 {
				time.Sleep(ideal / 4)
				sent := time.Now()
				tg.updates <- []telegram.Raw{{ID: int64(i + 1), JSON: fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"text":"/help",
					"chat":{"id":%d,"type":"private"},"from":{"id":%d,"first_name":"Анна","language_code":"ru"}}}`, i+1, i+1, sent.Unix(), bottest.AnnaID, bottest.AnnaID)}}
				if took := (<-answered).Sub(sent); took > time.Second {
					t.Errorf("a command is answered after %v", took)
				}
			}
			if took := (<-through).Sub(began); took > ideal+ideal/50 {
				t.Errorf("the news took %v, ideal is %v", took, ideal)
			} else {
				t.Logf("the news took %v, ideal is %v", took, ideal)
			}
		})
		if tg.refusals > 0 {
			t.Errorf("Telegram refused %d messages", tg.refusals)
		}
	})
}

// If Telegram asks one chat to wait, it is tried again after exactly that time, nothing is
// lost, and others are not affected.
func TestOneChatIsAskedToWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const flooded, wait = telegram.ChatID(300), 37 * time.Second
		var refused time.Time
		got := map[telegram.ChatID][]string{}
		when := map[telegram.ChatID][]time.Time{}
		tg := &fakeTelegram{accept: func(chat telegram.ChatID, text string, now time.Time) error {
			if chat == flooded && refused.IsZero() {
				refused = now
				return tooMany(wait)
			}
			got[chat], when[chat] = append(got[chat], text), append(when[chat], now)
			return nil
		}}
		var began time.Time
		virtual(t, tg, func(tx *state.Tx) error { return queueNews(tx, 3, flooded, 301, 302, -5) }, func() {
			began = time.Now()
			time.Sleep(2 * time.Minute)
			synctest.Wait()
		})
		for _, chat := range []telegram.ChatID{flooded, 301, 302, -5} {
			if fmt.Sprint(got[chat]) != "[0 1 2]" {
				t.Errorf("chat %d got %v", chat, got[chat])
			}
			if took := when[chat][2].Sub(began); chat != flooded && took > 3*time.Second {
				t.Errorf("chat %d was held up for %v", chat, took)
			}
		}
		// The answer arrives after the latency, and the retry after another.
		if took := when[flooded][0].Sub(refused) - 2*latency; took != wait {
			t.Errorf("asked to wait %v, it waited %v", wait, took)
		}
	})
}

// If Telegram asks everyone to wait, everything stops after a few refusals, for exactly the
// requested time; nothing is lost.
func TestEverybodyIsAskedToWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const wait = 90 * time.Second
		var chats []telegram.ChatID
		for i := range 100 {
			chats = append(chats, telegram.ChatID(300+i))
		}
		var first time.Time
		var early int
		got := map[telegram.ChatID][]string{}
		tg := &fakeTelegram{accept: func(chat telegram.ChatID, text string, now time.Time) error {
			if first.IsZero() {
				first = now
			}
			if left := wait - now.Sub(first); left > 0 {
				early++
				return tooMany(left)
			}
			got[chat] = append(got[chat], text)
			return nil
		}}
		virtual(t, tg, func(tx *state.Tx) error { return queueNews(tx, 2, chats...) }, func() {
			time.Sleep(wait + time.Minute)
			synctest.Wait()
		})
		for _, chat := range chats {
			if fmt.Sprint(got[chat]) != "[0 1]" {
				t.Errorf("chat %d got %v", chat, got[chat])
			}
		}
		// Requests in flight when the first answers arrive can't be stopped.
		if early > 10 {
			t.Errorf("%d messages went while everybody was to wait", early)
		}
	})
}

// If chats are asked to wait while others accept messages, each is paused separately,
// however many there are.
func TestChatsAreAskedToWaitOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const steady, wait, each = telegram.ChatID(303), time.Minute, 20
		refused := map[telegram.ChatID]bool{}
		taken := false // since the last refusal
		var last time.Time
		// Of different length, so that answers arrive in the order decided.
		tg := &fakeTelegram{uneven: true, accept: func(chat telegram.ChatID, _ string, now time.Time) error {
			if chat != steady && !refused[chat] && taken {
				refused[chat], taken = true, false
				return tooMany(wait)
			}
			taken = true
			if chat == steady {
				last = now
			}
			return nil
		}}
		var began time.Time
		virtual(t, tg, func(tx *state.Tx) error { return queueNews(tx, each, 300, 301, 302, steady) }, func() {
			began = time.Now()
			time.Sleep(5 * time.Minute)
			synctest.Wait()
		})
		if len(refused) != 3 {
			t.Fatalf("%d chats were asked to wait", len(refused))
		}
		if took := last.Sub(began); took > (each+5)*time.Second {
			t.Errorf("who was not asked to wait got his news within %v", took)
		}
	})
}
