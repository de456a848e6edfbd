package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// presses lets a person press a button of a message in a chat and tells whether it
// is the bot's business.
func (d *desk) presses(user telegram.UserID, chat telegram.ChatID, data string) (concerns bool) {
	d.t.Helper()
	d.last++
	kind := "private"
	if chat.IsGroup() {
		kind = "supergroup"
	}
	d.do(func(tx *state.Tx) (err error) {
		concerns, err = d.bot.Concerns(tx, d.now, telegram.Update{Callback: &telegram.Callback{
			ID: fmt.Sprint(d.last), From: telegram.User{ID: user, FirstName: "Кто-то"}, Data: data,
			Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: chat, Type: kind}},
		}})
		return err
	})
	return concerns
}

// Twenty presses of a stranger are answered within an hour, in private and in a
// group that does not count; the wish to be let in as long as it was not passed on,
// and those of whoever may press all.
func TestStrangersPresses(t *testing.T) {
	for _, chat := range []telegram.ChatID{2, office} {
		d := newDesk(t)
		d.ready(1)
		for hour := range 2 {
			answered := 0
			for range 100 {
				if d.presses(2, chat, "tickets:0") {
					answered++
				}
			}
			if answered != pressesAnswered {
				t.Errorf("chat %d, hour %d: %d presses are answered", chat, hour, answered)
			}
			if wish := d.presses(2, chat, pressAsk); wish == chat.IsGroup() {
				t.Errorf("chat %d: the wish to be let in concerns the bot: %v", chat, wish)
			}
			if !d.presses(3, chat, "tickets:0") {
				t.Errorf("chat %d: another stranger is not answered", chat)
			}
			d.now = d.now.Add(time.Hour)
		}
		for range 100 {
			if !d.presses(1, 1, "tickets:0") {
				t.Fatal("the owner is not answered")
			}
		}
		if n := len(d.bot.strangers.known); n != 2 {
			t.Errorf("%d strangers are remembered, want 2", n)
		}
		d.now = d.now.Add(time.Hour)
		d.presses(4, chat, "tickets:0")
		if n := len(d.bot.strangers.known); n != 1 {
			t.Errorf("%d strangers are remembered after an hour, want the one who is here", n)
		}
	}
}

// The wish to be let in is the bot's business once a day, and again after a refusal,
// however often something else was pressed.
func TestStrangersWish(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	for range 100 {
		d.presses(2, 2, "tickets:0")
	}
	for _, c := range []struct {
		asked time.Time
		want  bool
	}{{time.Time{}, true}, {d.now, false}, {d.now.Add(time.Second - askEvery), false}, {d.now.Add(-askEvery), true}} {
		d.do(func(tx *state.Tx) error {
			return tx.SavePerson(state.Person{ID: 2, Role: state.Stranger, Asked: c.asked})
		})
		if got := d.presses(2, 2, pressAsk); got != c.want {
			t.Errorf("asked at %v: %v, want %v", c.asked, got, c.want)
		}
	}
}

// A stranger who knows that the bot is closed can use a link, and only one that is
// open concerns it.
func TestLinkForAStrangerWhoWasTold(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	_, token, _ := strings.Cut(d.says(1, "/invite")[0], "?start=")
	d.want(d.says(2, "привет"), "Этот бот закрыт")
	concerns := func(text string) (concerns bool) {
		d.do(func(tx *state.Tx) (err error) {
			concerns, err = d.bot.Concerns(tx, d.now, telegram.Update{Message: &telegram.Message{
				ID: 9, Chat: telegram.Chat{ID: 2, Type: "private"}, From: &telegram.User{ID: 2}, Kind: telegram.KindText, Text: text,
			}})
			return err
		})
		return concerns
	}
	for text, want := range map[string]bool{"/start " + token: true, "/start догадка": false, "/start": false, "/new " + token: false} {
		if got := concerns(text); got != want {
			t.Errorf("%q concerns the bot: %v, want %v", text, got, want)
		}
	}
	d.want(d.says(2, "/start "+token), "Доступ открыт")
}

// Who adds the bot to group after group hears the sentence once an hour; it leaves
// them all.
func TestStrangerAddsTheBotAgainAndAgain(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	sentences := func() int {
		for range 10 {
			d.joins("group", 2)
		}
		calls := strings.Join(d.left(), " ")
		d.do(func(tx *state.Tx) error { return tx.CancelLane(state.Telegram, leaveLane(office), d.now) })
		if n := strings.Count(calls, "leaveChat"); n != 10 {
			t.Errorf("it leaves %d times of ten", n)
		}
		return strings.Count(calls, "sendMessage")
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {time.Hour - time.Second, 0}, {time.Second, 1}} {
		d.now = d.now.Add(c.after)
		if n := sentences(); n != c.want {
			t.Errorf("after %v it says %d sentences, want %d", c.after, n, c.want)
		}
	}
}
