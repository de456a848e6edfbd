package conversation_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// wireMessage is a message of a group as Telegram sends it.
type wireMessage struct {
	id   int
	by   int64
	to   int // the message replied to; 0: none
	text string
	more map[string]any
}

func (m wireMessage) update(in int64) map[string]any {
	inside := map[string]any{
		"message_id": m.id, "date": 1, "chat": map[string]any{"id": in, "type": "supergroup"},
		"from": map[string]any{"id": m.by, "first_name": "Кто-то"}, "text": m.text,
	}
	if m.to != 0 {
		inside["reply_to_message"] = map[string]any{"message_id": m.to, "date": 1, "chat": inside["chat"], "text": "…"}
	}
	for name, value := range m.more {
		inside[name] = value
	}
	return map[string]any{"update_id": m.id, "message": inside}
}

// waits puts an update into the inbox, undecided, with the key of a message.
func waits(d *bottest.Desk, in int64, id int, group string, update map[string]any) {
	d.T.Helper()
	b, err := json.Marshal(update)
	bottest.Must(d.T, err)
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.Receive(state.Arrival{Key: fmt.Sprintf("message:%d:%d", in, id), Chat: state.ChatID(in), Group: group, Payload: string(b), Due: d.Now}, d.Now, time.Minute)
	})
}

func parsed(t *testing.T, update map[string]any) telegram.Update {
	t.Helper()
	b, err := json.Marshal(update)
	bottest.Must(t, err)
	u, err := telegram.Parse(b)
	bottest.Must(t, err)
	return u
}

// A reply to an undecided message concerns the bot if that may become a ticket's, and so
// does a reply to such a reply; talk about it does not.
func TestReplyToWhatIsNotDecidedYet(t *testing.T) {
	const in = bottest.Office
	photo := map[string]any{"photo": []map[string]any{{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}}, "media_group_id": "9"}
	for name, c := range map[string]struct {
		before []wireMessage
		album  bool
		reply  string
		want   bool
	}{
		"to a /new":                      {[]wireMessage{{id: 501, by: vera, text: "/new Касса"}}, false, "и весы", true},
		"to an answer":                   {[]wireMessage{{id: 501, by: vera, to: 71, text: "ответ"}}, false, "и весы", true},
		"to a reply to a /new":           {[]wireMessage{{id: 500, by: vera, text: "/new Касса"}, {id: 501, by: boris, to: 500, text: "и весы"}}, false, "и сканер", true},
		"to an album's item":             {[]wireMessage{{id: 500, by: vera, more: with(photo, "caption", "/new Касса")}, {id: 501, by: vera, more: photo}}, true, "и весы", true},
		"to an album that is no command": {[]wireMessage{{id: 500, by: vera, more: photo}, {id: 501, by: vera, more: photo}}, true, "и весы", false},
		"to another command":             {[]wireMessage{{id: 501, by: vera, text: "/tickets"}}, false, "ого", false},
		"to a /new that asks":            {[]wireMessage{{id: 501, by: vera, text: "/new"}}, false, "что там", false},
		"to a /new that makes a draft":   {[]wireMessage{{id: 501, by: vera, to: 400, text: "/new Касса"}}, false, "что там", false},
		"a remark":                       {[]wireMessage{{id: 501, by: vera, text: "/new Касса"}}, false, "// между нами", false},
		"to what nobody knows":           {nil, false, "ого", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := company(t)
			group := ""
			if c.album {
				group = "album:9"
			}
			for _, m := range c.before {
				waits(d, in, m.id, group, m.update(in))
			}
			if got := d.Concerns(parsed(t, wireMessage{id: 502, by: boris, to: 501, text: c.reply}.update(in))); got != c.want {
				t.Errorf("it concerns the bot: %v", got)
			}
		})
	}
}

func with(m map[string]any, name string, value any) map[string]any {
	all := map[string]any{name: value}
	for n, v := range m {
		all[n] = v
	}
	return all
}

// After a member's adding of the bot, or a group's upgrade, that are not decided yet,
// anyone may speak; after a stranger's adding nobody may.
func TestGroupThatWillCount(t *testing.T) {
	const in, old = -1008, -2008
	added := func(in, by int64) map[string]any {
		return map[string]any{"update_id": 1, "my_chat_member": map[string]any{
			"chat": map[string]any{"id": in, "type": "supergroup"}, "from": map[string]any{"id": by, "first_name": "Кто-то"}, "date": 1,
			"old_chat_member": map[string]any{"status": "left"}, "new_chat_member": map[string]any{"status": "member"},
		}}
	}
	moved := wireMessage{id: 1, by: 1087968824, more: map[string]any{"migrate_from_chat_id": old}}.update(in)
	for name, c := range map[string]struct {
		before func(d *bottest.Desk)
		want   bool
	}{
		"added by a member":   {func(d *bottest.Desk) { waits(d, in, 1, "", added(in, vera)) }, true},
		"added by a stranger": {func(d *bottest.Desk) { waits(d, in, 1, "", added(in, 77)) }, false},
		"nothing":             {func(*bottest.Desk) {}, false},
		"moved": {func(d *bottest.Desk) {
			d.Do(func(turn *chat.Turn) error {
				return turn.Tx.SaveGroup(state.Group{Chat: old, AddedBy: boris, Since: d.Now, Present: true})
			})
			waits(d, in, 1, "", moved)
		}, true},
		"moved, and added before": {func(d *bottest.Desk) {
			waits(d, old, 1, "", added(old, vera))
			waits(d, in, 1, "", moved)
		}, true},
		"moved from a group that does not count": {func(d *bottest.Desk) { waits(d, in, 1, "", moved) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := company(t)
			c.before(d)
			u := parsed(t, wireMessage{id: 2, by: 78, text: "/new Касса"}.update(in))
			if got := d.Concerns(u); got != c.want {
				t.Errorf("it concerns the bot: %v", got)
			}
			d.Do(func(turn *chat.Turn) error {
				return turn.Tx.SavePerson(state.Person{ID: 78, Role: state.Stranger, Since: d.Now, Removed: d.Now})
			})
			if c.want && !d.Concerns(u) {
				t.Error("who was removed is not told so")
			}
		})
	}
}

// A reply to the bot without effect at present may have one once earlier updates are
// decided: it is decided after them.
func TestAdviceWaitsForWhatCameBefore(t *testing.T) {
	d := company(t)
	waits(d, bottest.Office, 500, "", wireMessage{id: 500, by: vera, text: "/help"}.update(bottest.Office))
	if !d.Concerns(speaks(d, vera, theBots(80), "ого")) {
		t.Error("it is passed over")
	}
}
