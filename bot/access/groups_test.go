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

// The bot leaves channels, whoever adds it; it stays in a group that a member adds it to.
func TestWhereTheBotStays(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		by         telegram.UserID
		want       string
	}{
		{"a member's group", "group", 1, ""},
		{"a member's supergroup", "supergroup", 1, ""},
		{"a stranger's group", "group", 2, "sendMessage leaveChat"},
		{"a stranger's supergroup", "supergroup", 2, "sendMessage leaveChat"},
		{"a member's channel", "channel", 1, "leaveChat"},
		{"a stranger's channel", "channel", 2, "leaveChat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready(1)
			said := d.Joins(c.kind, c.by)
			if got := strings.Join(d.Left(), " "); got != c.want {
				t.Errorf("it leaves by %q, want %q", got, c.want)
			}
			if stays := len(said) > 0; stays != (c.want == "") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// A person who adds the bot to group after group gets the sentence once an hour; it
// leaves all groups.
func TestStrangerAddsTheBotAgainAndAgain(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	sentences := func() int {
		for range 10 {
			d.Joins("group", 2)
		}
		calls := strings.Join(d.Left(), " ")
		d.Do(func(turn *chat.Turn) error {
			return turn.Tx.CancelLane(state.Telegram, chat.LeaveLane(bottest.Office), d.Now)
		})
		if n := strings.Count(calls, "leaveChat"); n != 10 {
			t.Errorf("it leaves %d times of ten", n)
		}
		return strings.Count(calls, "sendMessage")
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {time.Hour - time.Second, 0}, {time.Second, 1}} {
		d.Now = d.Now.Add(c.after)
		if n := sentences(); n != c.want {
			t.Errorf("after %v it says %d sentences, want %d", c.after, n, c.want)
		}
	}
}

// A member adds the bot again before it has left after a stranger's adding: it stays.
func TestMemberAddsTheBotBeforeItLeaves(t *testing.T) {
	for _, how := range []string{"added again", "made an administrator"} {
		t.Run(how, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready(1)
			d.Joins("supergroup", 2)
			if how == "added again" {
				d.Decides(bottest.Office, telegram.Update{Member: &telegram.MemberChange{
					Chat: telegram.Chat{ID: bottest.Office, Type: "supergroup", Title: "Офис"}, From: telegram.User{ID: 1}, Date: d.Now, New: "left",
				}})
			}
			said := d.Joins("supergroup", 1)
			if len(said) == 0 || !strings.Contains(said[0], "Группа подключена") {
				t.Fatalf("it says %q", said)
			}
			if left := d.Left(); len(left) > 0 {
				t.Errorf("it says that the group is connected, and then %q", left)
			}
		})
	}
}
