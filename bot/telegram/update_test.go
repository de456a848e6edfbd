package telegram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUpdates(t *testing.T) {
	var form map[string][]string
	f := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.PostForm
		answer(200, `{"ok":true,"result":[
			{"update_id":900000000000,"message":{"message_id":"text"}},
			{"update_id":"x"}, 17, null,
			{"update_id":5,"callback_query":{}}]}`)(w, r)
	}))
	updates, err := f.Updates(t.Context(), 7, MaxBatch, 90*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := []Raw{
		{900000000000, json.RawMessage(`{"update_id":900000000000,"message":{"message_id":"text"}}`)},
		{0, json.RawMessage(`{"update_id":"x"}`)}, {0, json.RawMessage(`17`)}, {0, json.RawMessage(`null`)},
		{5, json.RawMessage(`{"update_id":5,"callback_query":{}}`)},
	}
	if diff := cmp.Diff(want, updates); diff != "" {
		t.Error(diff)
	}
	wantForm := map[string][]string{
		"offset": {"7"}, "limit": {"100"}, "timeout": {"50"},
		"allowed_updates": {`["message","edited_message","callback_query","my_chat_member"]`},
	}
	if diff := cmp.Diff(wantForm, form); diff != "" {
		t.Error(diff)
	}
}

func TestUpdatesNeedAnArray(t *testing.T) {
	for _, result := range []string{`{}`, `true`} {
		if _, err := connect(t, answer(200, `{"ok":true,"result":`+result+`}`)).Updates(t.Context(), 0, MaxBatch, 0); err == nil {
			t.Errorf("%s is taken for updates", result)
		}
	}
}

const (
	private = `"chat":{"id":7,"type":"private","first_name":"Анна"}`
	group   = `"chat":{"id":-1001,"type":"supergroup","title":"Офис","is_forum":true}`
	anna    = `"from":{"id":7,"is_bot":false,"first_name":"Анна","last_name":"К.","username":"anna","language_code":"ru"}`
)

// at is 2026-11-23 14:37:05 UTC.
const at = 1795444625

var (
	annaUser = &User{ID: 7, FirstName: "Анна", LastName: "К.", Username: "anna", Language: "ru"}
	privChat = Chat{ID: 7, Type: "private"}
	office   = Chat{ID: -1001, Type: "supergroup", Title: "Офис", IsForum: true}
	atTime   = time.Unix(at, 0).UTC()
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, json string
		want       Update
		chat       ChatID
		from       UserID
	}{
		{"a text", `{"update_id":1,"message":{"message_id":3,"date":1795444625,` + private + `,` + anna + `,"text":"hi","entities":[{"type":"bold","offset":0,"length":2}]}}`,
			Update{ID: 1, Message: &Message{ID: 3, Chat: privChat, From: annaUser, Date: atTime, Kind: KindText, Text: "hi", Entities: []Entity{{Type: "bold", Length: 2}}}}, 7, 7},
		{"an edit of a caption", `{"update_id":2,"edited_message":{"message_id":3,"date":1795444625,"edit_date":1795444626,` + private + `,` + anna + `,"caption":"c","caption_entities":[{"type":"code","offset":0,"length":1}],"voice":{"file_id":"f","file_unique_id":"u","duration":1,"file_size":9}}}`,
			Update{ID: 2, Edited: &Message{ID: 3, Chat: privChat, From: annaUser, Date: atTime, EditDate: atTime.Add(time.Second), Kind: KindVoice, Text: "c", Entities: []Entity{{Type: "code", Length: 1}},
				File: &File{ID: "f", Size: 9, Kind: KindVoice, Name: "voice_2026-11-23_14-37-05.ogg", Unnamed: true}}}, 7, 7},
		{"a press", `{"update_id":3,"callback_query":{"id":"9","chat_instance":"1",` + anna + `,"data":"t:1","message":{"message_id":4,"date":1795444625,` + group + `,"text":"card","reply_markup":{"inline_keyboard":[[{"text":"A","callback_data":"t:1"},{"text":"B","url":"https://x/"}]]}}}}`,
			Update{ID: 3, Callback: &Callback{ID: "9", From: *annaUser, Data: "t:1", Message: &Message{ID: 4, Chat: office, Date: atTime, Kind: KindText, Text: "card", Buttons: [][]Button{{{Text: "A", Data: "t:1"}, {Text: "B", URL: "https://x/"}}}}}}, -1001, 7},
		{"a press under an inaccessible message", `{"update_id":3,"callback_query":{"id":"9","chat_instance":"1",` + anna + `,"data":"x","message":{"message_id":4,"date":0,` + group + `}}}`,
			Update{ID: 3, Callback: &Callback{ID: "9", From: *annaUser, Data: "x", Message: &Message{ID: 4, Chat: office, Kind: KindUnknown}}}, -1001, 7},
		{"a press without a message", `{"update_id":3,"callback_query":{"id":"9","chat_instance":"1",` + anna + `,"inline_message_id":"x"}}`,
			Update{ID: 3, Callback: &Callback{ID: "9", From: *annaUser}}, 0, 7},
		{"added to a group", `{"update_id":4,"my_chat_member":{` + group + `,` + anna + `,"date":1795444625,"old_chat_member":{"status":"left","user":{"id":42}},"new_chat_member":{"status":"member","user":{"id":42}}}}`,
			Update{ID: 4, Member: &MemberChange{Chat: office, From: *annaUser, Date: atTime, New: "member", Present: true}}, -1001, 7},
		{"restricted and out", `{"update_id":4,"my_chat_member":{` + group + `,` + anna + `,"date":1795444625,"old_chat_member":{"status":"restricted","is_member":true},"new_chat_member":{"status":"restricted","is_member":false}}}`,
			Update{ID: 4, Member: &MemberChange{Chat: office, From: *annaUser, Date: atTime, New: "restricted"}}, -1001, 7},
		{"an anonymous admin in a topic", `{"update_id":5,"message":{"message_id":3,"date":1795444625,` + group + `,"sender_chat":{"id":-1001,"type":"supergroup","title":"Офис"},"message_thread_id":2,"is_topic_message":true,"text":"x","reply_to_message":{"message_id":2,"date":1,` + group + `,"forum_topic_created":{"name":"№1","icon_color":1}}}}`,
			Update{ID: 5, Message: &Message{ID: 3, Chat: office, SenderChat: &Chat{ID: -1001, Type: "supergroup", Title: "Офис"}, Thread: 2, IsTopic: true, Date: atTime, Kind: KindText, Text: "x"}}, -1001, 0},
		{"a real reply in a topic", `{"update_id":5,"message":{"message_id":9,"date":1795444625,` + group + `,"message_thread_id":2,"is_topic_message":true,"text":"x","reply_to_message":{"message_id":5,"date":1795444625,` + group + `,"message_thread_id":2,"text":"card","reply_markup":{"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}}}}`,
			Update{ID: 5, Message: &Message{ID: 9, Chat: office, Thread: 2, IsTopic: true, Date: atTime, Kind: KindText, Text: "x",
				ReplyTo: &Message{ID: 5, Chat: office, Thread: 2, Date: atTime, Kind: KindText, Text: "card", Buttons: [][]Button{{{Text: "A", Data: "a"}}}}}}, -1001, 0},
		{"the first reply of a thread outside of topics", `{"update_id":5,"message":{"message_id":9,"date":1795444625,` + group + `,"message_thread_id":5,"text":"x","reply_to_message":{"message_id":5,"date":1795444625,` + group + `,"text":"y"}}}`,
			Update{ID: 5, Message: &Message{ID: 9, Chat: office, Thread: 5, Date: atTime, Kind: KindText, Text: "x", ReplyTo: &Message{ID: 5, Chat: office, Date: atTime, Kind: KindText, Text: "y"}}}, -1001, 0},
		{"a reply to another chat's message", `{"update_id":5,"message":{"message_id":9,"date":1795444625,` + private + `,"text":"x","external_reply":{"origin":{"type":"hidden_user","sender_user_name":"x","date":1}}}}`,
			Update{ID: 5, Message: &Message{ID: 9, Chat: privChat, Date: atTime, Kind: KindText, Text: "x"}}, 7, 0},
		{"a group that moves", `{"update_id":5,"message":{"message_id":9,"date":1795444625,"chat":{"id":-5,"type":"group"},"migrate_to_chat_id":-1009}}`,
			Update{ID: 5, Message: &Message{ID: 9, Chat: Chat{ID: -5, Type: "group"}, Date: atTime, Kind: KindService, MigrateTo: -1009}}, -5, 0},
		{"a pinned message of any shape", `{"update_id":5,"message":{"message_id":9,"date":1795444625,` + private + `,"pinned_message":{"message_id":[]}}}`,
			Update{ID: 5, Message: &Message{ID: 9, Chat: privChat, Date: atTime, Kind: KindService}}, 7, 0},
		{"an unknown kind", `{"update_id":6,"new_kind":{"x":1}}`, Update{ID: 6}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(json.RawMessage(tt.json))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			var from UserID
			if got.From() != nil {
				from = got.From().ID
			}
			if got.ChatID() != tt.chat || from != tt.from {
				t.Errorf("chat %d from %d, want %d from %d", got.ChatID(), from, tt.chat, tt.from)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{``, `[]`, `"x"`, `{"update_id":1,"message":7}`, `{"update_id":1,"message":{"message_id":"x"}}`, `{"update_id":1,"callback_query":{"id":"1"}}`} {
		if u, err := Parse(json.RawMessage(s)); err == nil {
			t.Errorf("%s is read as %+v", s, u)
		}
	}
}

func TestForward(t *testing.T) {
	tests := []struct {
		json string
		want *Forward
	}{
		{`"forward_origin":{"type":"user","date":1795444625,"sender_user":{"id":8,"first_name":"Пётр"}}`, &Forward{Name: "Пётр", Date: atTime}},
		{`"forward_origin":{"type":"hidden_user","date":1795444625,"sender_user_name":"Тайный\u202e"}`, &Forward{Name: "Тайный", Date: atTime}},
		{`"forward_origin":{"type":"chat","date":1795444625,"sender_chat":{"id":-3,"type":"supergroup","title":"Склад"}}`, &Forward{Name: "Склад", Date: atTime}},
		{`"forward_origin":{"type":"channel","date":1795444625,"message_id":1,"chat":{"id":-4,"type":"channel","title":"Новости"}}`, &Forward{Name: "Новости", Date: atTime}},
		{`"forward_date":1795444625,"forward_sender_name":"Старый сервер"`, &Forward{Name: "Старый сервер", Date: atTime}},
		{`"forward_date":1795444625,"forward_from":{"id":8,"first_name":"Пётр"}`, &Forward{Name: "Пётр", Date: atTime}},
		{`"text":"own"`, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, parseMessage(t, tt.json).Forward); diff != "" {
			t.Errorf("%s: %s", tt.json, diff)
		}
	}
}

func parseMessage(t testing.TB, fields string) *Message {
	t.Helper()
	u, err := Parse(json.RawMessage(fmt.Sprintf(`{"update_id":1,"message":{"message_id":3,"date":%d,%s,%s}}`, at, private, fields)))
	if err != nil {
		t.Fatalf("%s: %v", fields, err)
	}
	return u.Message
}

func FuzzParse(f *testing.F) {
	f.Add(`{"update_id":1,"message":{"message_id":3,"date":1,` + group + `,"photo":[{"file_id":"f","width":1}],"caption":"/new@bot x"}}`)
	f.Add(`{"update_id":1,"callback_query":{"id":"1","from":{"id":1},"message":{"date":0}}}`)
	f.Add(`{"update_id":1,"message":{"venue":{"title":"x"},"reply_to_message":{}}}`)
	f.Add(`{"update_id":1,"my_chat_member":{}}`)
	f.Fuzz(func(t *testing.T, s string) {
		u, err := Parse(json.RawMessage(s))
		if err != nil {
			return
		}
		_, _ = u.ChatID(), u.From()
		if m := u.Message; m != nil {
			_, _, _ = m.Command("bot")
			if m.File != nil && m.File.Name != SafeFileName(m.File.Name) {
				t.Errorf("%q is no safe name", m.File.Name)
			}
		}
	})
}

// A part of a message of another chat that a person quotes here is a quotation too.
func TestQuoteOfAnotherChat(t *testing.T) {
	t.Parallel()
	u, err := Parse(json.RawMessage(`{"update_id":1,"message":{"message_id":7,"date":1,"chat":{"id":100,"type":"private"},
		"from":{"id":100,"first_name":"Анна"},"text":"этот не работает",
		"external_reply":{"origin":{"type":"user","date":1,"sender_user":{"id":5,"is_bot":false,"first_name":"Боря"}},"chat":{"id":-1005,"type":"supergroup"},"message_id":3},
		"quote":{"text":"номер 74951234567","position":10,"is_manual":true}}}`))
	if err != nil || u.Message.Quote != "номер 74951234567" {
		t.Errorf("the quotation is %q: %v", u.Message.Quote, err)
	}
}
