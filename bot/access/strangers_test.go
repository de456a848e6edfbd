package access_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Twenty presses of a stranger are answered within an hour, in private and in an
// unauthorized group; access requests as long as none was forwarded, and all presses of
// people with access.
func TestStrangersPresses(t *testing.T) {
	for _, in := range []telegram.ChatID{2, bottest.Office} {
		d := bottest.NewDesk(t)
		d.Ready(1)
		for hour := range 2 {
			answered := 0
			for range 100 {
				if d.Presses(2, in, "tickets:0") {
					answered++
				}
			}
			if answered != 20 {
				t.Errorf("chat %d, hour %d: %d presses are answered", in, hour, answered)
			}
			if wish := d.Presses(2, in, string(chat.PressAsk)); wish == in.IsGroup() {
				t.Errorf("chat %d: the wish to be let in concerns the bot: %v", in, wish)
			}
			if !d.Presses(3, in, "tickets:0") {
				t.Errorf("chat %d: another stranger is not answered", in)
			}
			d.Now = d.Now.Add(time.Hour)
		}
		for range 100 {
			if !d.Presses(1, 1, "tickets:0") {
				t.Fatal("the owner is not answered")
			}
		}
	}
}

// An access request concerns the bot once a day, and again after a denial, however many
// other buttons were pressed.
func TestStrangersRequest(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	for range 100 {
		d.Presses(2, 2, "tickets:0")
	}
	for _, c := range []struct {
		asked time.Time
		want  bool
	}{{time.Time{}, true}, {d.Now, false}, {d.Now.Add(time.Second - 24*time.Hour), false}, {d.Now.Add(-24 * time.Hour), true}} {
		d.Do(func(turn *chat.Turn) error {
			return turn.Tx.SavePerson(state.Person{ID: 2, Role: state.Stranger, Asked: c.asked})
		})
		if got := d.Presses(2, 2, string(chat.PressAsk)); got != c.want {
			t.Errorf("asked at %v: %v, want %v", c.asked, got, c.want)
		}
	}
}

// A stranger who was told that the bot is closed can use a link, if it is valid.
func TestLinkForAStrangerWhoWasTold(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	_, token, _ := strings.Cut(d.Says(1, "/invite")[0], "?start=")
	d.Want(d.Says(2, "привет"), "Этот бот закрыт")
	concerns := func(text string) bool {
		return d.Concerns(telegram.Update{Message: &telegram.Message{
			ID: 9, Chat: telegram.Chat{ID: 2, Type: "private"}, From: &telegram.User{ID: 2}, Kind: telegram.KindText, Text: text,
		}})
	}
	for text, want := range map[string]bool{"/start " + token: true, "/start догадка": false, "/start": false, "/new " + token: false} {
		if got := concerns(text); got != want {
			t.Errorf("%q concerns the bot: %v, want %v", text, got, want)
		}
	}
	d.Want(d.Says(2, "/start "+token), "Доступ открыт")
}

// A stranger is answered once an hour, however much they write.
func TestStrangerIsToldOnceAnHour(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Want(d.Says(2, "привет"), "Этот бот закрыт")
	d.Now = d.Now.Add(time.Hour - time.Second)
	d.Want(d.Says(2, "ау"), "")
	d.Now = d.Now.Add(time.Second)
	d.Want(d.Says(2, "ау"), "Этот бот закрыт")
}

// A stranger's request reaches the owners once a day.
func TestStrangerAsksOnceADay(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Says(2, "привет")
	ask := func() []string {
		d.Decides(2, telegram.Update{Callback: &telegram.Callback{
			ID: d.Now.String(), From: telegram.User{ID: 2, FirstName: "Ева"}, Data: string(chat.PressAsk),
			Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 2, Type: "private"}},
		}})
		return d.Said(1)
	}
	d.Want(ask(), "Ева просит доступ")
	d.Now = d.Now.Add(24*time.Hour - time.Second)
	d.Want(ask(), "")
	d.Now = d.Now.Add(time.Second)
	d.Want(ask(), "Ева просит доступ")
}
