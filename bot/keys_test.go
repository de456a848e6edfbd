package bot_test

import (
	"fmt"
	"testing"

	"plusofon-bot/bot"
)

// An update is recognized by its event, not its id: Telegram may restart its numbering, and
// an old id then belongs to another event. An event that happened twice has two keys,
// though it looks the same.
func TestUpdateIsKnownByItsEvent(t *testing.T) {
	const (
		chat   = `"chat":{"id":100,"type":"private"},"from":{"id":100,"first_name":"Анна"}`
		change = `"my_chat_member":{"date":1700000000,"chat":{"id":-5,"type":"group"},"from":{"id":100,"first_name":"Анна"},
			"old_chat_member":{"status":"left","user":{"id":1000,"is_bot":true,"first_name":"Бот"}},
			"new_chat_member":{"status":"member","user":{"id":1000,"is_bot":true,"first_name":"Бот"}}}`
	)
	message := func(id int, text string) string {
		return fmt.Sprintf(`"message":{"message_id":%d,"date":1700000000,%s,"text":%q}`, id, chat, text)
	}
	edit := func(at int, text string) string {
		return fmt.Sprintf(`"edited_message":{"message_id":7,"date":1700000000,"edit_date":%d,%s,"text":%q}`, at, chat, text)
	}
	press := func(id string) string {
		return fmt.Sprintf(`"callback_query":{"id":%q,"from":{"id":100,"first_name":"Анна"},"data":"x"}`, id)
	}
	for _, c := range []struct {
		what string
		a, b string // two events; the ids of their updates
		n, m int
		same bool
	}{
		{"a message under another number", message(7, "раз"), message(7, "раз"), 1, 2, true},
		{"another message under the same number", message(7, "раз"), message(8, "раз"), 1, 1, false},
		{"an edit under another number", edit(1700000001, "два"), edit(1700000001, "два"), 1, 2, true},
		{"a message and its edit", message(7, "раз"), edit(1700000001, "раз"), 1, 1, false},
		{"two edits", edit(1700000001, "два"), edit(1700000002, "два"), 1, 1, false},
		{"two edits within a second", edit(1700000001, "два"), edit(1700000001, "три"), 1, 1, false},
		{"a press under another number", press("a"), press("a"), 1, 2, true},
		{"another press under the same number", press("a"), press("b"), 1, 1, false},
		{"added, removed and added again within a second", change, change, 1, 3, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			key := func(n int, event string) string {
				key, err := bot.UpdateKey(fmt.Sprintf(`{"update_id":%d,%s}`, n, event))
				if err != nil {
					t.Fatal(err)
				}
				return key
			}
			if a, b := key(c.n, c.a), key(c.m, c.b); (a == b) != c.same {
				t.Errorf("the keys are %q and %q", a, b)
			}
		})
	}
}
