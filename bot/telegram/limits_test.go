package telegram

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Unix(1_800_000_000, 0)

// send sends as many messages as are sent by the end, each as early as allowed, and
// returns when they were sent.
func send(l *Limits, chat ChatID, count int, from time.Time) []time.Duration {
	var went []time.Duration
	now := from
	for range count {
		for ok := false; !ok; {
			now, ok = l.Take(1, chat, chat.IsGroup(), false, now)
		}
		went = append(went, now.Sub(from))
	}
	return went
}

// next returns when a reply to a person may be sent.
func next(l *Limits, chat ChatID, group bool, now time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next(1, chat, group, false, now)
}

// take counts a message, whether or not it may be sent.
func take(l *Limits, chat ChatID, group bool, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took(chat, group, false, now)
}

func TestAChatTakesAShortBurst(t *testing.T) {
	for _, chat := range []ChatID{7, -1} {
		got := send(NewLimits(), chat, 6, epoch)
		for i, want := range []int{0, 0, 0, 1, 2, 3} {
			if got[i] != time.Duration(want)*chatInterval {
				t.Errorf("message %d in %d went after %v, want %d intervals", i, chat, got[i], want)
			}
		}
	}
}

func TestAPrivateChatRecovers(t *testing.T) {
	l := NewLimits()
	send(l, 7, 3, epoch)
	got := send(l, 7, 3, epoch.Add(2*chatInterval))
	for i, want := range []int{0, 0, 1} {
		if got[i] != time.Duration(want)*chatInterval {
			t.Errorf("message %d went after %v, want %d intervals", i, got[i], want)
		}
	}
}

func TestAGroupTakesTwentyAMinute(t *testing.T) {
	got := send(NewLimits(), -1, 41, epoch)
	for i, went := range got {
		if want := time.Duration(i/20)*groupSpan + time.Duration(max(i%20-2, 0))*chatInterval; went != want {
			t.Errorf("message %d went after %v, want %v", i, went, want)
		}
	}
}

func TestThirtyASecondInAll(t *testing.T) {
	l := NewLimits()
	for i := range 30 {
		if _, ok := l.Take(1, ChatID(i+1), false, false, epoch); !ok {
			t.Fatalf("message %d is held back", i)
		}
	}
	if next, ok := l.Take(1, 99, false, false, epoch.Add(allSpan-1)); ok || !next.Equal(epoch.Add(allSpan)) {
		t.Errorf("the 31st goes at %v, %t", next.Sub(epoch), ok)
	}
	if _, ok := l.Take(1, 99, false, false, epoch.Add(allSpan)); !ok {
		t.Error("a second later nothing goes")
	}
}

func TestAWaitingChatHoldsUpNobodyElse(t *testing.T) {
	l := NewLimits()
	send(l, -1, 20, epoch)
	now := epoch.Add(20 * time.Second)
	if next(l, -1, true, now).Equal(now) || !next(l, -2, true, now).Equal(now) || !next(l, 7, false, now).Equal(now) {
		t.Error("another chat waits, or this one doesn't")
	}
}

func TestPause(t *testing.T) {
	l := NewLimits()
	until := epoch.Add(time.Minute)
	l.Pause(7, until)
	l.Pause(7, epoch.Add(time.Second)) // a pause is never shortened
	if got := next(l, 7, false, epoch); !got.Equal(until) {
		t.Errorf("the chat goes after %v", got.Sub(epoch))
	}
	if got := next(l, 8, false, epoch); !got.Equal(epoch) {
		t.Errorf("another chat goes after %v", got.Sub(epoch))
	}
	l.Pause(0, until)
	if got := next(l, 8, false, epoch); !got.Equal(until) {
		t.Errorf("with everything paused a chat goes after %v", got.Sub(epoch))
	}
	if got := next(l, 7, false, until); !got.Equal(until) {
		t.Errorf("after the pause the chat goes %v later", got.Sub(until))
	}
}

func TestIdleChatsAreForgotten(t *testing.T) {
	l := NewLimits()
	now := epoch
	for i := range 10_000 {
		take(l, ChatID(i+1), false, now)
		take(l, ChatID(-i-1), true, now)
		now = now.Add(100 * time.Millisecond)
	}
	l.Pause(5, now.Add(time.Hour))
	take(l, 1, false, now.Add(2*time.Minute))
	if len(l.chats) != 2 {
		t.Errorf("%d chats are kept; want the paused and the last one", len(l.chats))
	}
	if got, want := next(l, 5, false, now), now.Add(time.Hour); !got.Equal(want) {
		t.Error("a pause is forgotten")
	}
}

// However much news is queued, a reply to a person can be sent: at once in its chat, and
// globally within the pace of news.
func TestNewsLeaveRoom(t *testing.T) {
	l := NewLimits()
	now := epoch
	went := 0
	for now.Before(epoch.Add(5 * time.Minute)) {
		for _, chat := range []ChatID{7, -1} {
			if _, ok := l.Take(1, chat, chat.IsGroup(), true, now); ok {
				went++
			}
		}
		if at := next(l, 7, false, now); at.After(now) {
			t.Fatalf("a private chat has no room for %v after %v", at.Sub(now), now.Sub(epoch))
		}
		if at := next(l, -1, true, now); at.After(now) {
			t.Fatalf("a group has no room for %v after %v", at.Sub(now), now.Sub(epoch))
		}
		now = now.Add(50 * time.Millisecond)
	}
	if want := int(5*time.Minute/chatInterval) + 5*18; went < want {
		t.Errorf("%d news went, want %d", went, want)
	}
	// Thirty a second, one after another.
	l = NewLimits()
	for i := range 300 {
		now := epoch
		for ok := false; !ok; {
			now, ok = l.Take(1, ChatID(i+1), false, true, now)
		}
		if at := l.Open(1, false, now); at.Sub(now) > time.Second/4 {
			t.Fatalf("after %d news nobody has room for %v", i, at.Sub(now))
		}
	}
	if at := l.Open(1, true, epoch); at.Sub(epoch) > 10*allSpan {
		t.Errorf("300 messages take more than %v", at.Sub(epoch))
	}
}

// Whatever is sent and when, no window contains more than Telegram allows, and the time
// promised by Take holds unless others take the place.
func TestLimitsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := NewLimits()
		now := epoch
		var all []time.Time
		chats := map[ChatID][]time.Time{}
		paused := map[ChatID]time.Time{}
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			chat := ChatID(rapid.IntRange(-3, 40).Filter(func(n int) bool { return n != 0 }).Draw(t, "chat"))
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0:
				now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
			case 1:
				until := now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
				l.Pause(chat, until)
				paused[chat] = latest(paused[chat], until)
			case 2: // wait for it
				now = next(l, chat, chat.IsGroup(), now)
				fallthrough
			default:
				n := max(rapid.IntRange(-20, MaxAlbum).Draw(t, "messages"), 1) // an album now and then
				news := rapid.Bool().Draw(t, "news")
				next, ok := l.Take(n, chat, chat.IsGroup(), news, now)
				if ok != !next.After(now) || next.Before(now) {
					t.Fatalf("take at %v: %v, %t", now, next, ok)
				}
				if !ok {
					break
				}
				if now.Before(paused[chat]) {
					t.Fatalf("chat %d goes in its pause", chat)
				}
				if idle := l.chats[chat].full.Add(-time.Duration(n) * chatInterval); n >= chatBurst && idle.After(now) {
					t.Fatalf("an album of %d goes to chat %d, which is idle in %v", n, chat, idle.Sub(now))
				}
				for range n {
					all = append(all, now)
					chats[chat] = append(chats[chat], now)
				}
			}
		}
		window := func(what any, times []time.Time, limit int, span time.Duration) {
			for i := limit; i < len(times); i++ {
				if times[i].Sub(times[i-limit]) < span {
					t.Fatalf("%v: %d messages in %v", what, limit+1, times[i].Sub(times[i-limit]))
				}
			}
		}
		window("all", all, 30, time.Second+margin)
		for chat, times := range chats {
			if chat.IsGroup() {
				window(chat, times, 20, time.Minute+margin)
			}
			for count := 3; count < len(times); count++ {
				// An album is a burst of its own.
				window(chat, times, count+MaxAlbum-3, time.Duration(count-2)*(time.Second+margin))
			}
		}
	})
}

// An album waits until its chat has been silent for a burst, and the chat then waits as long as
// for its pictures one by one. A group's minute and the global second have room for all of them.
func TestAnAlbumCountsAsItsPictures(t *testing.T) {
	for _, c := range []struct {
		name      string
		chat      ChatID
		before, n int
		at, then  time.Duration // when it is sent, and how long after that another message may be
	}{
		{"two are a burst", 7, 1, 2, 0, chatInterval},
		{"ten in a silent chat", 7, 0, 10, 0, 8 * chatInterval},
		{"ten behind words", 7, 1, 10, chatInterval, 8 * chatInterval},
		{"ten in a group", -7, 8, 10, 8 * chatInterval, 8 * chatInterval},
		{"ten in a group that is half through its minute", -7, 11, 10, groupSpan, 8 * chatInterval}, // by then a new minute has begun
	} {
		l := NewLimits()
		for range c.before {
			take(l, c.chat, c.chat.IsGroup(), epoch)
		}
		at, ok := l.Take(c.n, c.chat, c.chat.IsGroup(), false, epoch)
		if !ok {
			_, ok = l.Take(c.n, c.chat, c.chat.IsGroup(), false, at)
		}
		if !ok || at.Sub(epoch) != c.at {
			t.Errorf("%s: it goes %v after %v, want after %v", c.name, ok, at.Sub(epoch), c.at)
		}
		if then := next(l, c.chat, false, at); then.Sub(at) != c.then {
			t.Errorf("%s: the next goes after %v, want %v", c.name, then.Sub(at), c.then)
		}
	}
	l := NewLimits()
	for i := range 21 {
		take(l, ChatID(100+i), false, epoch)
	}
	if at := l.Open(10, false, epoch); !at.Equal(epoch.Add(allSpan)) {
		t.Errorf("in all it may go after %v", at.Sub(epoch))
	}
}
