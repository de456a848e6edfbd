package conversation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// A group before and after it becomes a supergroup.
const oldGroup = -7

var (
	basic    = telegram.Chat{ID: oldGroup, Type: "group", Title: "Офис"}
	upgraded = telegram.Chat{ID: bottest.Office, Type: "supergroup", Title: "Офис"}
)

// membership tells of the bot's membership in a group.
func membership(d *bottest.Desk, in telegram.Chat, by telegram.UserID, status string) telegram.Update {
	return telegram.Update{Member: &telegram.MemberChange{
		Chat: in, From: telegram.User{ID: by, FirstName: "Кто-то"}, Date: d.Now, New: status, Present: status != "left", Admin: status == "administrator",
	}}
}

// upgrade tells that the group has become a supergroup.
func upgrade() telegram.Update {
	return telegram.Update{Message: &telegram.Message{ID: 900, Chat: basic, Kind: telegram.KindService, MigrateTo: bottest.Office}}
}

// callsIn lists the calls that wait in a lane, as they would be made now.
func callsIn(d *bottest.Desk, lane string) (calls []string) {
	d.Do(func(turn *chat.Turn) error {
		rows, err := turn.Tx.Waiting(state.Telegram, lane)
		for _, row := range rows {
			r, failure := chat.Decode[chat.TelegramRow](row)
			err = errors.Join(err, failure)
			r, failure = conversation.Prepare(turn, r)
			if failure != nil {
				continue // it is not sent
			}
			calls = append(calls, r.Call.Method+" "+string(r.Call.Params))
		}
		return err
	})
	return calls
}

// No stranger gets the bot back into a group that it was thrown out of, not by an upgrade either.
func TestStrangerUpgradesAGroup(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	d.Do(func(turn *chat.Turn) error {
		return errors.Join(turn.Tx.SaveTicket(state.Ticket{ID: 7, Subject: "Касса", Open: true, Fetched: d.Now}), turn.Tx.Bind(oldGroup, 7, d.Now))
	})
	d.Decides(oldGroup, membership(d, basic, 1, "left")) // it was thrown out
	d.Now = d.Now.Add(24 * time.Hour)
	d.Decides(oldGroup, membership(d, basic, 77, "member")) // a stranger adds it again
	d.Decides(oldGroup, upgrade())                          // and upgrades the group at once
	d.Do(func(turn *chat.Turn) error {
		g, err := turn.Tx.Group(bottest.Office)
		if err == nil && g.Present {
			t.Errorf("the group counts again: %+v", g)
		}
		return chat.IgnoreAbsent(err)
	})
	if calls := callsIn(d, chat.LeaveLane(bottest.Office)); !strings.Contains(strings.Join(calls, " "), "leaveChat") {
		t.Errorf("in the supergroup it does %q", calls)
	}
	d.Want(d.InGroup(77, "/tickets"), "")
}

// The bot leaves a group whose access was revoked, also if it becomes a supergroup first.
func TestClosedGroupIsUpgraded(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	d.Screens(1)
	d.Press(1, 1, "ungroup:7")
	d.Decides(oldGroup, upgrade())
	calls := append(callsIn(d, chat.LeaveLane(bottest.Office)), callsIn(d, chat.LeaveLane(oldGroup))...)
	if !strings.Contains(strings.Join(calls, " "), "leaveChat") {
		t.Errorf("of leaving is left: %q", calls)
	}
}

// What is told late of the bot in the group changes nothing in the supergroup.
func TestLateRightsOfTheOldGroup(t *testing.T) {
	for by, name := range map[telegram.UserID]string{77: "a stranger", 1: "a member"} {
		t.Run(name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready(1)
			d.Decides(oldGroup, membership(d, basic, 1, "member"))
			d.Decides(oldGroup, upgrade())
			d.Said(oldGroup)
			d.Said(bottest.Office)
			d.Decides(oldGroup, membership(d, basic, by, "administrator"))
			calls := append(callsIn(d, chat.LeaveLane(oldGroup)), callsIn(d, chat.ChatLane(oldGroup))...)
			calls = append(calls, callsIn(d, chat.ChatLane(bottest.Office))...)
			if len(calls) > 0 {
				t.Errorf("it says in the supergroup: %q", calls)
			}
			d.Do(func(turn *chat.Turn) error {
				n, err := turn.Tx.CountGroups()
				if n != 1 {
					t.Errorf("%d groups", n)
				}
				return err
			})
		})
	}
}

// A ticket that was asked for in the group is followed in the supergroup.
func TestFollowedWhileTheGroupIsUpgraded(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	post := func(id plusofon.PostID, files ...plusofon.Attachment) plusofon.Post {
		return plusofon.Post{ID: id, Text: "Слова", Author: plusofon.Author{ID: "5", Name: "Ольга"}, Attachments: files}
	}
	read := plusofon.Ticket{ID: 7, Subject: "Касса", Open: true, Posts: []plusofon.Post{post(1)}}
	row := chat.FetchRow{Ticket: 7, Purpose: chat.PurposeFollow, Place: chat.InChat(oldGroup), User: 1, Message: 5}
	d.Do(func(turn *chat.Turn) error {
		return bottest.Absorb(turn, ticket.Read{Ticket: read, Number: 1}, ticket.Changed{ID: 7})
	})
	d.Decides(oldGroup, upgrade()) // while the ticket is being read
	d.Do(func(turn *chat.Turn) error {
		return conversation.Fetched(turn, row, ticket.Read{Ticket: read, Number: 2}, nil)
	})
	d.Do(func(turn *chat.Turn) error {
		bound, err := turn.Tx.BindingsOf(7)
		if len(bound) != 1 || bound[0].Chat != bottest.Office {
			t.Errorf("bound: %+v", bound)
		}
		return err
	})
}

// The bot leaves a stranger's supergroup in time, however often its rights there change.
func TestStrangerTurnsRights(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	begun := d.Now
	for n := range 60 {
		d.Decides(bottest.Office, membership(d, upgraded, 77, []string{"administrator", "member"}[n%2]))
		d.Now = d.Now.Add(9 * time.Second)
	}
	d.Do(func(turn *chat.Turn) error {
		head, err := turn.Tx.LaneHead(state.Telegram, chat.LeaveLane(bottest.Office))
		if head.Due.Sub(begun) > time.Minute {
			t.Errorf("it leaves after %v", head.Due.Sub(begun))
		}
		return err
	})
}

// What was written in the group is answered by the settings that were made there.
func TestLocaleOfAnUpgradedGroup(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	d.Do(func(turn *chat.Turn) error {
		set, err := turn.Tx.Settings(oldGroup)
		set.Language, set.WaitingHours = "en", 0
		return errors.Join(err, turn.Tx.SaveSettings(set))
	})
	d.Decides(oldGroup, upgrade())
	d.Do(func(turn *chat.Turn) error {
		r, err := turn.Locale(oldGroup)
		if r.Lang != "en" || r.Settings.WaitingHours != 0 {
			t.Errorf("what was written before the upgrade is spoken of in %q, with %+v", r.Lang, r.Settings)
		}
		return err
	})
}

// /cancel that was written in the group finds what has moved along.
func TestCancelOfBeforeTheUpgrade(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	from := &telegram.User{ID: 1, FirstName: "Анна"}
	write := func(id telegram.MessageID, text string, to *telegram.Message) telegram.Update {
		return telegram.Update{Message: &telegram.Message{ID: id, Chat: basic, From: from, Kind: telegram.KindText, Text: text, ReplyTo: to}}
	}
	words := &telegram.Message{ID: 3, Chat: basic, From: &telegram.User{ID: 2, FirstName: "Борис"}, Kind: telegram.KindText, Text: "касса не работает"}
	d.Decides(oldGroup, write(4, "/new Касса", words))
	d.Decides(oldGroup, upgrade())
	d.Said(oldGroup)
	d.Said(bottest.Office)
	d.Decides(oldGroup, write(5, "/cancel", nil)) // written before the upgrade
	said := d.Said(bottest.Office)
	d.Do(func(turn *chat.Turn) error {
		open, err := turn.Tx.DraftsIn(bottest.Office)
		if len(open) > 0 && strings.Contains(strings.Join(said, "\n"), "нечего") {
			t.Errorf("a draft is open, and it says %q", said)
		}
		return err
	})
}

// A setting that was chosen in the group holds in the supergroup.
func TestSettingsOfBeforeTheUpgrade(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	d.Decides(oldGroup, upgrade())
	d.Said(bottest.Office)
	d.Press(1, oldGroup, "settings:2:3") // no news; pressed before the upgrade
	said := d.Said(bottest.Office)
	d.Do(func(turn *chat.Turn) error {
		set, err := turn.Tx.Settings(bottest.Office)
		if set.News != state.NewsNone {
			t.Errorf("the news is %q, and it says %q", set.News, said)
		}
		return err
	})
}

// A supergroup that a stranger has added the bot to, and that a member then lets it into, keeps it.
func TestMemberKeepsWhatAStrangerAdded(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Анна")
		g := w.NewTeam(telegramtest.GroupOptions{Forum: true})
		g.AddBot(w.Person(bottest.EveID))
		w.Passes(3 * time.Second)
		g.Promote(w.Person(bottest.AnnaID), bottest.AllRights)
		w.Reads(g.Anna, "Группа подключена")
		w.Passes(time.Minute)
		if status := g.BotStatus(); status != "administrator" {
			t.Errorf("it said that the group is authorized, and is %q there", status)
		}
		w.Quiet(g.Anna, "закрыт и выходит")
	})
}

// A group that an owner has closed stays closed while the bot can't leave it: other rights are no
// adding, and neither is an upgrade.
func TestClosedGroupThatTheBotHasNotLeftYet(t *testing.T) {
	for name, changes := range map[string]func(*bottest.Desk){
		"a member changes its rights": func(d *bottest.Desk) { d.Decides(oldGroup, membership(d, basic, 2, "administrator")) },
		"a member upgrades the group": func(d *bottest.Desk) {
			d.Decides(oldGroup, upgrade())
			d.Decides(bottest.Office, membership(d, upgraded, 2, "member"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready(1)
			d.Member(2, "ru")
			d.Decides(oldGroup, membership(d, basic, 1, "member"))
			d.Screens(1)
			d.Press(1, 1, "ungroup:7")
			changes(d)
			calls := append(callsIn(d, chat.LeaveLane(bottest.Office)), callsIn(d, chat.LeaveLane(oldGroup))...)
			if !strings.Contains(strings.Join(calls, " "), "leaveChat") {
				t.Errorf("of leaving is left: %q", calls)
			}
			d.Do(func(turn *chat.Turn) error {
				if n, err := turn.Tx.CountGroups(); err != nil || n != 0 {
					t.Errorf("%d groups count: %v", n, err)
				}
				return nil
			})
		})
	}
}

// That a draft of before the upgrade has expired is no reply to whatever has its number in the
// supergroup.
func TestDraftOfBeforeTheUpgradeExpires(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Decides(oldGroup, membership(d, basic, 1, "member"))
	words := &telegram.Message{ID: 3, Chat: basic, From: &telegram.User{ID: 2, FirstName: "Борис"}, Kind: telegram.KindText, Text: "касса не работает"}
	d.Decides(oldGroup, telegram.Update{Message: &telegram.Message{ID: 4, Chat: basic, From: &telegram.User{ID: 1, FirstName: "Анна"}, Kind: telegram.KindText, Text: "/new", ReplyTo: words}})
	d.Decides(oldGroup, upgrade())
	d.Said(bottest.Office)
	d.Now = d.Now.Add(25 * time.Hour)
	d.Do(func(turn *chat.Turn) error {
		_, err := submission.Due(turn)
		return err
	})
	calls := callsIn(d, chat.ChatLane(bottest.Office))
	if !strings.Contains(strings.Join(calls, " "), "сутки") {
		t.Errorf("it says %q", calls)
	}
	for _, call := range calls {
		if strings.Contains(call, "reply_parameters") {
			t.Errorf("a reply to another message: %s", call)
		}
	}
}
