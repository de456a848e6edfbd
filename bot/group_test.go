package bot

import (
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const office = -1007 // a group

// joins lets the bot into the group, by somebody.
func (d *desk) joins(kind string, by telegram.UserID) []string {
	d.t.Helper()
	return d.decides(office, telegram.Update{Member: &telegram.MemberChange{
		Chat: telegram.Chat{ID: office, Type: kind, Title: "Офис"}, From: telegram.User{ID: by, FirstName: "Кто-то"}, Date: d.now,
		Old: "left", New: "member", Present: true,
	}})
}

// inGroup lets somebody write in the group.
func (d *desk) inGroup(by telegram.UserID, text string) []string {
	d.t.Helper()
	d.last++
	return d.decides(office, telegram.Update{Message: &telegram.Message{
		ID: d.last, Chat: telegram.Chat{ID: office, Type: "supergroup", Title: "Офис"},
		From: &telegram.User{ID: by, FirstName: "Кто-то"}, Kind: telegram.KindText, Text: text,
	}})
}

// left tells which calls wait in the lane for leaving the group.
func (d *desk) left() (methods []string) {
	d.t.Helper()
	d.do(func(tx *state.Tx) error {
		rows, err := tx.Waiting(state.Telegram, leaveLane(office))
		for _, row := range rows {
			r, err := Decode[TelegramRow](row)
			if err != nil {
				return err
			}
			methods = append(methods, r.Call.Method)
		}
		return err
	})
	return methods
}

// A channel is no place for the bot, whoever adds it; a group is, for a member.
func TestWhereTheBotStays(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		by         telegram.UserID
		want       string
	}{
		{"a member's group", "group", 1, ""},
		{"a member's supergroup", "supergroup", 1, ""},
		{"a stranger's group", "group", 2, "sendMessage leaveChat"},
		{"a member's channel", "channel", 1, "leaveChat"},
		{"a stranger's channel", "channel", 2, "leaveChat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.ready(1)
			said := d.joins(c.kind, c.by)
			if got := strings.Join(d.left(), " "); got != c.want {
				t.Errorf("it leaves by %q, want %q", got, c.want)
			}
			if stays := len(said) > 0; stays != (c.want == "") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// The group's messages a minute are shared by all its topics: what people wait for
// goes ahead of whatever news wait, and those are joined by tickets, in order.
func TestPeopleGoAheadOfNewsInAGroup(t *testing.T) {
	d := newDesk(t)
	d.ready(1)
	d.joins("supergroup", 1)
	d.do(func(tx *state.Tx) error {
		set, err := tx.Settings(office)
		if err != nil {
			return err
		}
		set.Layout = state.Topics
		return tx.SaveSettings(set)
	})
	for _, id := range []plusofon.TicketID{5, 6} {
		ticket := plusofon.Ticket{ID: id, Subject: "Тема", Open: true, OpenKnown: true}
		absorb := func() {
			d.do(func(tx *state.Tx) error {
				return d.bot.Absorb(tx, d.now, ticket, Changed{ID: state.TicketID(id), Again: true})
			})
		}
		absorb()
		d.do(func(tx *state.Tx) error { return tx.Bind(office, state.TicketID(id), d.now) })
		for n := range 30 {
			ticket.Posts = append(ticket.Posts, plusofon.Post{
				ID: plusofon.PostID(int(id)*100 + n), Text: fmt.Sprintf("пост %d-%d.", id, n), Author: plusofon.Author{ID: "9", Name: "Ольга"},
			})
		}
		absorb()
	}
	said := d.inGroup(3, "/status")
	if len(said) < 2 || !strings.Contains(said[0], "Плюсофон") || strings.Contains(said[0], "пост") {
		t.Fatalf("first is %q", said[0])
	}
	news := said[1:]
	if len(news) > 30 {
		t.Errorf("%d messages for 60 posts", len(news))
	}
	all := strings.Join(news, "\n")
	for _, id := range []int{5, 6} {
		at := 0
		for n := range 30 {
			next := strings.Index(all[at:], fmt.Sprintf("пост %d-%d.", id, n))
			if next < 0 {
				t.Fatalf("post %d of %d is missing or out of order", n, id)
			}
			at += next
		}
	}
	for _, text := range news {
		if strings.Contains(text, "пост 5-") && strings.Contains(text, "пост 6-") {
			t.Errorf("two tickets in one message: %q", text)
		}
	}
}
