package telegramtest

import (
	"testing"
	"time"
)

func (b *bed) try(chat int64) answer {
	b.t.Helper()
	return b.call("sendMessage", params{"chat_id": chat, "text": "а"})
}

// burst sends until the first refusal and returns how many were accepted.
func (b *bed) burst(chat int64) (int, answer) {
	b.t.Helper()
	for n := 0; ; n++ {
		if a := b.try(chat); !a.OK {
			return n, a
		}
		if n > 100 {
			b.t.Fatal("nothing is limited")
		}
	}
}

func TestOneASecondInAChat(t *testing.T) {
	b := setup(t, Config{RateLimits: true})
	b.chat.Start("")
	n, a := b.burst(100)
	expect(t, "a short burst passes", n, chatBurst)
	expect(t, "status", a.Status, 429)
	expect(t, "words", a.Description, "Too Many Requests: retry after 1")
	expect(t, "parameters", a.Parameters.RetryAfter, 1)
	b.clock.Add(time.Second)
	expect(t, "after a second", b.try(100).OK, true)
	expect(t, "one", b.try(100).OK, false)
	other := b.AddUser(User{ID: 200, FirstName: "Борис"}).Private()
	other.Start("")
	expect(t, "another chat", b.try(200).OK, true)
	expect(t, "a limit is no violation", len(b.Violations()), 0)
}

func TestTwentyAMinuteInAGroup(t *testing.T) {
	b := setup(t, Config{RateLimits: true})
	g := b.AddGroup(GroupOptions{Forum: true})
	g.AddBot(b.anna)
	for range groupPerMin {
		if a := b.try(g.ID()); !a.OK {
			t.Fatal(a.Description)
		}
		b.clock.Add(time.Second)
	}
	a := b.try(g.ID())
	expect(t, "retry after", a.Parameters.RetryAfter, 40)
	b.clock.Add(40 * time.Second)
	expect(t, "later", b.try(g.ID()).OK, true)
}

func TestThirtyASecondInAll(t *testing.T) {
	b := setup(t, Config{RateLimits: true})
	passed := 0
	for id := int64(1); id <= 31; id++ {
		b.AddUser(User{ID: id, FirstName: "Кто-то"}).Private().Start("")
		if b.try(id).OK {
			passed++
		}
	}
	expect(t, "passed", passed, 30)
	b.clock.Add(time.Second)
	expect(t, "later", b.try(31).OK, true)
}

func TestWithoutLimitsAllPasses(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	for range 40 {
		b.must(nil, "sendMessage", params{"chat_id": 100, "text": "а"})
	}
}
