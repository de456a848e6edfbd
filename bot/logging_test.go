package bot_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// troubled is a Telegram with polls that fail as a test wants.
type troubled struct {
	*fakeTelegram
	polls func(now time.Time) error
}

func (f troubled) Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]telegram.Raw, error) {
	if err := f.polls(time.Now()); err != nil {
		return nil, err
	}
	return f.fakeTelegram.Updates(ctx, offset, limit, min(timeout, time.Second))
}

func said(log *bottest.Log, words string) int { return strings.Count(log.String(), words) }

func silentTelegram() *fakeTelegram {
	return &fakeTelegram{accept: func(telegram.ChatID, string, time.Time) error { return nil }}
}

// Two processes that are refused alternately are one event: the conflict is logged once,
// and once more when it was not seen for three minutes.
func TestTwoCopiesDoNotShout(t *testing.T) {
	t.Parallel()
	n, until := 0, time.Time{}
	tg := troubled{silentTelegram(), func(now time.Time) error {
		if until.IsZero() {
			until = now.Add(20 * time.Minute)
		}
		if n++; n%2 == 0 && now.Before(until) {
			return &telegram.Error{Method: "getUpdates", Code: 409, Outcome: telegram.Conflict, Description: "Conflict: terminated by other getUpdates request"}
		}
		return nil
	}}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(_ *state.Store, log *bottest.Log) {
		time.Sleep(19 * time.Minute)
		synctest.Wait()
		if n := said(log, "another copy of the program polls"); n != 1 {
			t.Errorf("said %d times that there is another copy", n)
		}
		if n := said(log, "to this copy again"); n != 0 {
			t.Errorf("said %d times that it is gone, though it is there", n)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := said(log, "to this copy again"); n != 1 {
			t.Errorf("said %d times that it is gone", n)
		}
		if n := strings.Count(log.String(), "\n"); n > 10 {
			t.Errorf("%d lines:\n%s", n, log)
		}
	})
}

// Losing Telegram is logged once, and so is its return.
func TestTelegramsRecoveryIsLogged(t *testing.T) {
	t.Parallel()
	var lost atomic.Bool
	tg := troubled{silentTelegram(), func(time.Time) error {
		if lost.Load() {
			return &telegram.Error{Method: "getUpdates", Outcome: telegram.NotSent, Description: "no route to host"}
		}
		return nil
	}}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(_ *state.Store, log *bottest.Log) {
		for outage := range 2 {
			time.Sleep(time.Minute)
			lost.Store(true)
			time.Sleep(time.Hour)
			lost.Store(false)
			time.Sleep(time.Minute)
			synctest.Wait()
			if gone, back := said(log, "Telegram could not be polled; retrying"), said(log, "Telegram answers again"); gone != outage+1 || back != outage+1 {
				t.Errorf("outage %d: said %d times that it is lost and %d times that it is back", outage+1, gone, back)
			}
		}
	})
}

// A person who has blocked the bot is one line, however many messages are queued for them.
func TestBlockedPersonIsLoggedOnce(t *testing.T) {
	t.Parallel()
	tg := &fakeTelegram{accept: func(chat telegram.ChatID, _ string, _ time.Time) error {
		if chat == bottest.BorisID {
			return &telegram.Error{Method: "sendMessage", Code: 403, Outcome: telegram.Forbidden, Description: "Forbidden: bot was blocked by the user"}
		}
		return nil
	}}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(store *state.Store, log *bottest.Log) {
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
			return errors.Join(tx.SavePerson(state.Person{ID: bottest.BorisID, Name: "Boris", Role: state.Member}), queueNews(tx, 20, bottest.BorisID))
		}))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if n := said(log, "a chat is closed to the bot"); n != 1 {
			t.Errorf("said %d times:\n%s", n, log)
		}
	})
}

// Repeated failures are one line per row.
func TestRepeatedFailureIsLoggedOnce(t *testing.T) {
	t.Parallel()
	tg := &fakeTelegram{accept: func(telegram.ChatID, string, time.Time) error {
		return &telegram.Error{Method: "sendMessage", Outcome: telegram.Unknown, Description: "half an answer"}
	}}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(store *state.Store, log *bottest.Log) {
		bottest.Must(t, store.Update(func(tx *state.Tx) error { return queueNews(tx, 1, bottest.AnnaID, bottest.BorisID) }))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		rows := map[string]int{}
		for _, line := range regexp.MustCompile(`level=WARN msg="a request failed and will be repeated" (row=\d+)`).FindAllStringSubmatch(log.String(), -1) {
			rows[line[1]]++
		}
		for row, n := range rows {
			if n != 1 {
				t.Errorf("said %d times of %s", n, row)
			}
		}
		if len(rows) < 2 {
			t.Errorf("said of %d rows, want at least the two that were queued", len(rows))
		}
	})
}

// Who was let in, who was refused and which group was added is logged, by id and without names.
func TestWhoCameInIsLogged(t *testing.T) {
	t.Parallel()
	var token string
	tg := &fakeTelegram{accept: func(_ telegram.ChatID, text string, _ time.Time) error {
		if _, after, ok := strings.Cut(text, "?start="); ok {
			token = after
		}
		return nil
	}}
	loops(t, tg, idlePlusofon{}, tg.inBubble, func(_ *state.Store, log *bottest.Log) {
		steps := []func() telegram.Raw{
			func() telegram.Raw { return updateBy(1, bottest.EveID, "впустите") },
			func() telegram.Raw { return updateBy(2, bottest.AnnaID, "/invite") },
			func() telegram.Raw { return updateBy(3, bottest.BorisID, "/start "+token) },
			func() telegram.Raw {
				return telegram.Raw{ID: 4, JSON: fmt.Appendf(nil, `{"update_id":4,"my_chat_member":{"chat":{"id":-7,"type":"group","title":"Тайная группа"},"from":{"id":%d,"first_name":"Анна"},
					"date":%d,"old_chat_member":{"status":"left","user":{"id":1000,"is_bot":true,"first_name":"Бот"}},"new_chat_member":{"status":"member","user":{"id":1000,"is_bot":true,"first_name":"Бот"}}}}`, bottest.AnnaID, time.Now().Unix())}
			},
			func() telegram.Raw {
				return telegram.Raw{ID: 5, JSON: fmt.Appendf(nil, `{"update_id":5,"my_chat_member":{"chat":{"id":-8,"type":"group","title":"Тайная группа"},"from":{"id":%d,"first_name":"Ева"},
					"date":%d,"old_chat_member":{"status":"left","user":{"id":1000,"is_bot":true,"first_name":"Бот"}},"new_chat_member":{"status":"member","user":{"id":1000,"is_bot":true,"first_name":"Бот"}}}}`, bottest.EveID, time.Now().Unix())}
			},
		}
		for _, step := range steps {
			tg.updates <- []telegram.Raw{step()}
			time.Sleep(10 * time.Second)
			synctest.Wait()
		}
		synctest.Wait()
		for _, line := range []string{
			`msg=audit event="owner configured" person=100`, `msg=audit event="stranger refused" person=666`, `msg=audit event="invitation made" by=100`,
			`msg=audit event="invitation used" by=100 person=200`, `msg=audit event="group added" by=100 chat=-7`, `msg=audit event="group refused" by=666 chat=-8`,
		} {
			if said(log, line+"\n") != 1 {
				t.Errorf("no line %s", line)
			}
		}
		for _, secret := range []string{"Тайная", "впустите", token, "Кто-то"} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, log)
			}
		}
	})
}

// halfDesk is a Plusofon that answers one list but not the other.
type halfDesk struct {
	idlePlusofon
	closed func() error
	login  func() error
}

func (d halfDesk) Tickets(_ context.Context, open bool) iter.Seq2[plusofon.ListedTicket, error] {
	return func(yield func(plusofon.ListedTicket, error) bool) {
		var err error
		switch {
		case d.login != nil && d.login() != nil:
			err = d.login()
		case !open:
			err = d.closed()
		}
		if err != nil {
			yield(plusofon.ListedTicket{}, err)
		}
	}
}

func lastVitals(t *testing.T, store *state.Store) (v health.Vitals) {
	t.Helper()
	bottest.Must(t, store.Update(func(tx *state.Tx) (err error) {
		v, err = health.Last(tx)
		return err
	}))
	return v
}

// A list that fails while the other one succeeds is retried at the next poll; after a
// minute the program is unhealthy, after an hour the owner is told, and once more when it
// is over.
func TestListThatFails(t *testing.T) {
	t.Parallel()
	var works atomic.Bool
	desk := halfDesk{closed: func() error {
		if !works.Load() {
			return &plusofon.Error{Op: "list tickets", Kind: plusofon.Temporary, Status: 500}
		}
		return nil
	}}
	var texts []string
	tg := &fakeTelegram{accept: func(_ telegram.ChatID, text string, _ time.Time) error {
		texts = append(texts, text)
		return nil
	}}
	told := func() []string {
		tg.mu.Lock()
		defer tg.mu.Unlock()
		return slices.Clone(texts)
	}
	every := func(c *bot.Config) {
		tg.inBubble(c)
		c.PollInterval = 30 * time.Second
	}
	loops(t, tg, desk, every, func(store *state.Store, _ *bottest.Log) {
		time.Sleep(70 * time.Second)
		synctest.Wait()
		if err := lastVitals(t, store).Ailments(time.Now()); err == nil || !strings.Contains(err.Error(), "a list of tickets can't be read") {
			t.Errorf("after a minute: %v", err)
		}
		if told := told(); len(told) > 0 {
			t.Errorf("the owner is told %q", told)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if told := told(); len(told) != 1 || !strings.Contains(told[0], "не читается уже больше часа") {
			t.Errorf("after an hour the owner is told %q", told)
		}
		works.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := lastVitals(t, store).Ailments(time.Now()); err != nil {
			t.Errorf("when it is over: %v", err)
		}
		if told := told(); len(told) != 2 || !strings.Contains(told[1], "снова читается") {
			t.Errorf("when it is over the owner is told %q", told)
		}
	})
}

// A login that requires more than a password has its own alarm.
func TestLoginThatAsksForMore(t *testing.T) {
	t.Parallel()
	var satisfied atomic.Bool
	desk := halfDesk{closed: func() error { return nil }, login: func() error {
		if !satisfied.Load() {
			return &plusofon.Error{Op: "list tickets: log in", Kind: plusofon.Access, Err: plusofon.ErrLoginAsksMore}
		}
		return nil
	}}
	var told []string
	tg := &fakeTelegram{accept: func(_ telegram.ChatID, text string, _ time.Time) error {
		told = append(told, text)
		return nil
	}}
	every := func(c *bot.Config) {
		tg.inBubble(c)
		c.PollInterval = time.Minute
	}
	loops(t, tg, desk, every, func(*state.Store, *bottest.Log) {
		time.Sleep(10 * time.Minute)
		satisfied.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(told) != 2 || !strings.Contains(told[0], "больше, чем почту и пароль") || !strings.Contains(told[1], "снова входит") {
			t.Errorf("the owner is told %q", told)
		}
	})
}
