package conversation_test

import (
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
)

// Talk in a group does not concern the bot, nor do accounts without a person.
func TestWhatDoesNotConcernTheBot(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	owner := &telegram.User{ID: 1, FirstName: "Анна"}
	group := telegram.Chat{ID: -100, Type: "supergroup"}
	for name, u := range map[string]telegram.Update{
		"talk in a group":  {Message: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "новости"}},
		"a remark there":   {Message: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "// /new"}},
		"another's there":  {Message: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "/new@other_bot"}},
		"a stranger there": {Message: &telegram.Message{ID: 1, Chat: group, From: &telegram.User{ID: 2}, Kind: telegram.KindText, Text: "/new"}},
		"an edit there":    {Edited: &telegram.Message{ID: 1, Chat: group, From: owner, Kind: telegram.KindText, Text: "/new"}},
		"nobody":           {Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 1, Type: "private"}, Kind: telegram.KindText, Text: "/new"}},
		"an unknown kind":  {ID: 5},
		"a lonely press":   {Callback: &telegram.Callback{ID: "1", From: *owner, Data: "tickets:0"}},
		"a stranger's own": {Edited: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 2, Type: "private"}, From: &telegram.User{ID: 2}, Text: "x"}},
	} {
		if d.Concerns(u) {
			t.Errorf("%s concerns the bot", name)
		}
	}
}
