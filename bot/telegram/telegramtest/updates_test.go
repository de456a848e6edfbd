package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// poll starts a getUpdates in the background and returns once it is waiting.
func (b *bed) poll(ctx context.Context, p params) <-chan answer {
	b.t.Helper()
	body, _ := json.Marshal(p)
	req := b.request("getUpdates", bytes.NewReader(body), "application/json").WithContext(ctx)
	before := len(b.Requests())
	done := make(chan answer, 1)
	go func() {
		defer close(done)
		res, err := b.client.Do(req)
		if err != nil {
			return
		}
		defer res.Body.Close()
		a := answer{Status: res.StatusCode}
		if json.NewDecoder(res.Body).Decode(&a) == nil {
			done <- a
		}
	}()
	err := b.Wait(within(b.t), func(s *Server) bool { return len(s.Requests()) > before && s.Polling() })
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

func ids(list []polled) []int {
	var out []int
	for _, u := range list {
		out = append(out, u.ID)
	}
	return out
}

func TestOffsetsConfirm(t *testing.T) {
	b := setup(t, Config{FirstUpdateID: 10})
	for _, text := range []string{"а", "б", "в"} {
		b.chat.Send(text)
	}
	for _, tc := range []struct {
		name   string
		offset int
		want   []int
		read   int // messages marked as read
	}{
		{"without an offset, all", 0, []int{10, 11, 12}, 0},
		{"nothing is confirmed by being sent", 0, []int{10, 11, 12}, 0},
		{"at the first, all", 10, []int{10, 11, 12}, 0},
		{"a higher one deletes what is below", 11, []int{11, 12}, 1},
		{"for good", 0, []int{11, 12}, 1},
		{"negative: the last one, the rest forgotten", -1, []int{12}, 2},
		{"past the end", 13, nil, 3},
	} {
		got := ids(b.updates(tc.offset))
		if len(got) != len(tc.want) || len(got) > 0 && got[0] != tc.want[0] {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
		read := 0
		for _, m := range b.chat.Messages() {
			if m.Read {
				read++
			}
		}
		if read != tc.read {
			t.Errorf("%s: %d messages are read, want %d", tc.name, read, tc.read)
		}
	}
	expect(t, "pending", b.Pending(), 0)
}

func TestAskingAgainAtOnceGivesOneUpdate(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Send("а")
	b.chat.Send("б")
	expect(t, "first", len(b.updates(0)), 2)
	var again []polled
	b.must(&again, "getUpdates", params{"offset": 0})
	expect(t, "again", len(again), 1)
	expect(t, "later", len(b.updates(0)), 2)
	b.must(&again, "getUpdates", params{"limit": 1, "offset": -2})
	expect(t, "limit", len(again), 1)
}

func TestLongPollWakesUp(t *testing.T) {
	b := setup(t, Config{})
	done := b.poll(t.Context(), params{"timeout": 50})
	b.chat.Send("привет")
	var list []polled
	if err := json.Unmarshal((<-done).Result, &list); err != nil {
		t.Fatal(err)
	}
	expect(t, "updates", len(list), 1)
	expect(t, "text", b.message(list[0], "message").Text, "привет")
}

func TestSecondPollEndsTheFirst(t *testing.T) {
	b := setup(t, Config{})
	older := b.poll(t.Context(), params{"timeout": 50})
	newer := b.poll(t.Context(), params{"timeout": 50})
	a := <-older
	expect(t, "status", a.Status, 409)
	expect(t, "words", a.Description, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
	b.chat.Send("привет")
	expect(t, "the newer one goes on", (<-newer).OK, true)
}

func TestWebhookForbidsPolling(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Send("а")
	b.must(nil, "setWebhook", params{"url": "https://example.org/hook"})
	a := b.call("getUpdates", nil)
	expect(t, "status", a.Status, 409)
	expect(t, "words", a.Description, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	var info struct {
		URL     string
		Pending int `json:"pending_update_count"`
	}
	b.must(&info, "getWebhookInfo", nil)
	expect(t, "url", info.URL, "https://example.org/hook")
	expect(t, "pending", info.Pending, 1)
	b.must(nil, "deleteWebhook", nil)
	expect(t, "kept", len(b.updates(0)), 1)
	b.must(nil, "setWebhook", params{"url": "", "drop_pending_updates": true})
	expect(t, "dropped", len(b.updates(0)), 0)
}

func TestAClientThatHangsUpLosesNothing(t *testing.T) {
	b := setup(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	done := b.poll(ctx, params{"timeout": 50})
	cancel()
	<-done
	if err := b.Wait(within(t), func(s *Server) bool { return !s.Polling() }); err != nil {
		t.Fatal(err)
	}
	b.chat.Send("а")
	expect(t, "updates", len(b.updates(0)), 1)
}

func TestKindsAreChosenAndRemembered(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис"})
	g.AddBot(b.anna)
	g.Promote(b.anna, Rights{})
	in := g.As(b.anna)
	m := in.Send("а")
	drain := func() {
		list := b.updates(0)
		if len(list) > 0 {
			b.updates(list[len(list)-1].ID + 1)
		}
	}
	drain()
	in.React(m.ID, "👍")
	expect(t, "reactions are not in the default", b.Pending(), 0)
	b.must(nil, "getUpdates", params{"allowed_updates": []string{"message_reaction"}})
	in.React(m.ID, "👍")
	in.Send("б")
	expect(t, "asked for", b.Pending(), 1)
	b.must(nil, "getUpdates", params{"offset": 0})
	in.React(m.ID, "👍")
	expect(t, "remembered", b.Pending(), 2)
	b.must(nil, "getUpdates", params{"offset": -1, "allowed_updates": []string{}})
	in.Send("в")
	expect(t, "an empty list is the default", b.Pending(), 2)
}

func TestUpdatesGoStale(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	id := b.send(100, "?", params{"reply_markup": keyboard(params{"text": "Да", "callback_data": "y"})})
	b.chat.Press(id, "Да")
	expect(t, "fresh", len(b.updates(0)), 2)
	b.clock.Add(150 * time.Second)
	expect(t, "the press is gone", len(b.updates(0)), 1)
	b.clock.Add(24 * time.Hour)
	expect(t, "the message too", len(b.updates(0)), 0)
}

func TestRedeliveryIgnoresTheOffset(t *testing.T) {
	b := setup(t, Config{FirstUpdateID: 10})
	b.chat.Send("а")
	b.updates(11)
	b.Redeliver()
	b.chat.Send("б")
	got := ids(b.updates(11))
	expect(t, "both", len(got), 2)
	expect(t, "the old number", got[0], 10)
	expect(t, "only once", len(b.updates(12)), 0)
}

func TestNumbersStartAgain(t *testing.T) {
	b := setup(t, Config{FirstUpdateID: 900})
	b.chat.Send("а")
	b.updates(901)
	b.Renumber()
	b.chat.Send("б")
	got := b.updates(901)
	if len(got) != 1 || got[0].ID >= 900 {
		t.Fatalf("got %v, want one with a smaller number", ids(got))
	}
	expect(t, "confirmed by its own number", len(b.updates(got[0].ID+1)), 0)
}

func TestHandMadeUpdates(t *testing.T) {
	b := setup(t, Config{FirstUpdateID: 10})
	b.PushRaw(`{"message": "no object"}`)
	b.PushRaw(`{"update_id": 50, "shipping_query": {}}`)
	b.PushRaw(`{}`)
	got := b.updates(0)
	expect(t, "first", got[0].ID, 10)
	expect(t, "own number", got[1].ID, 50)
	expect(t, "next", got[2].ID, 51)
	expect(t, "body", string(got[0].Fields["message"]), `"no object"`)
	b.PushRaw(`not JSON`)
	b.clock.Add(time.Second)
	res, err := b.client.Do(b.request("getUpdates", nil, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	expect(t, "verbatim", strings.Contains(string(body), "not JSON"), true)
	expect(t, "status", res.StatusCode, http.StatusOK)
}

func TestCloseEndsPolls(t *testing.T) {
	b := setup(t, Config{})
	done := b.poll(t.Context(), params{"timeout": 50})
	b.Close()
	if a, ok := <-done; ok {
		t.Errorf("got an answer: %v", a)
	}
}

// People write while the bot polls: every message arrives, in order within its chat, and
// exactly once if each is confirmed.
func TestNothingIsLostUnderLoad(t *testing.T) {
	const people, each = 4, 25
	b := setup(t, Config{Clock: time.Now}) // with a stopped clock, repeated polls would look simultaneous
	for p := range people {
		c := b.AddUser(User{ID: int64(1000 + p), FirstName: "Кто-то"}).Private()
		go func() {
			for i := range each {
				c.Send(strings.Repeat("я", i+1))
			}
		}()
	}
	next := map[int64]int{}
	for got, offset := 0, 0; got < people*each; {
		var list []polled
		b.must(&list, "getUpdates", params{"offset": offset, "timeout": 10})
		if len(list) == 0 {
			t.Fatalf("got %d messages, then none", got)
		}
		for _, u := range list {
			m := b.message(u, "message")
			next[m.Chat.ID]++
			expect(t, "in order", units(m.Text), next[m.Chat.ID])
			offset = u.ID + 1
			got++
		}
	}
}

func TestUpdatesOutOfOrder(t *testing.T) {
	b := setup(t, Config{})
	b.Hold()
	for _, text := range []string{"0", "1", "2", "3"} {
		b.chat.Send(text)
	}
	expect(t, "held", b.Pending(), 0)
	b.Deliver(2, 0)
	expect(t, "delivered", b.Pending(), 2)
	b.Release()
	b.chat.Send("4")
	var texts []string
	for _, u := range b.updates(0) {
		texts = append(texts, b.message(u, "message").Text)
	}
	expect(t, "the order", strings.Join(texts, " "), "2 0 1 3 4")
}

func TestOtherKindsOfMessages(t *testing.T) {
	b := setup(t, Config{})
	m := b.chat.SendOther(map[string]any{"story": map[string]any{"id": 1}})
	b.chat.Reply(m.ID, "ответ")
	list := b.updates(0)
	if got := string(list[0].Fields["message"]); !strings.Contains(got, `"story":{"id":1}`) || !strings.Contains(got, `"message_id"`) {
		t.Errorf("the message is %s", got)
	}
	if got := string(list[1].Fields["message"]); !strings.Contains(got, `"reply_to_message":{`) || !strings.Contains(got, `"story":{"id":1}`) {
		t.Errorf("the reply is %s", got)
	}
}
