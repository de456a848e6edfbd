package telegram

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncode(t *testing.T) {
	tests := []struct {
		request      Request
		method, json string
	}{
		{SendMessage{ChatID: 7, Text: "x"}, "sendMessage", `{"chat_id":7,"text":"x"}`},
		{SendMessage{ChatID: 7, ThreadID: 2, Text: "x", ReplyMarkup: ForceReply{Placeholder: "Ответ", Selective: true}, LinkPreview: &LinkPreviewOptions{Disabled: true}}, "sendMessage",
			`{"chat_id":7,"message_thread_id":2,"text":"x","reply_markup":{"force_reply":true,"input_field_placeholder":"Ответ","selective":true},"link_preview_options":{"is_disabled":true}}`},
		{SendMessage{ChatID: 7, Text: "x", Entities: []Entity{}, ReplyMarkup: InlineKeyboard{{{Text: "A", Data: "a"}}, nil, {{Text: "B", CopyText: &CopyText{Text: "b"}, Style: "danger"}}}}, "sendMessage",
			`{"chat_id":7,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"A","callback_data":"a"}],[{"text":"B","copy_text":{"text":"b"},"style":"danger"}]]}}`},
		{SendMessage{ChatID: 7, Text: "x", ReplyMarkup: InlineKeyboard(nil)}, "sendMessage", `{"chat_id":7,"text":"x","reply_markup":{"inline_keyboard":[]}}`},
		{EditMessageText{ChatID: 7, MessageID: 3, Text: "x"}, "editMessageText", `{"chat_id":7,"message_id":3,"text":"x"}`},
		{EditMessageText{ChatID: 7, MessageID: 3, Text: "x", ReplyMarkup: InlineKeyboard{{{Text: "A", URL: "https://x/"}}}}, "editMessageText",
			`{"chat_id":7,"message_id":3,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"A","url":"https://x/"}]]}}`},
		{EditMessageReplyMarkup{ChatID: 7, MessageID: 3}, "editMessageReplyMarkup", `{"chat_id":7,"message_id":3}`},
		{DeleteMessage{ChatID: 7, MessageID: 3}, "deleteMessage", `{"chat_id":7,"message_id":3}`},
		{SetMessageReaction{ChatID: 7, MessageID: 3, Reaction: []Emoji{"👀"}}, "setMessageReaction", `{"chat_id":7,"message_id":3,"reaction":[{"emoji":"👀","type":"emoji"}]}`},
		{SetMessageReaction{ChatID: 7, MessageID: 3}, "setMessageReaction", `{"chat_id":7,"message_id":3}`},
		{AnswerCallbackQuery{CallbackQueryID: "1", Text: "x", ShowAlert: true}, "answerCallbackQuery", `{"callback_query_id":"1","text":"x","show_alert":true}`},
		{SendDocument{ChatID: 7, Caption: "c", Silent: true, NoTypeDetection: true}, "sendDocument", `{"chat_id":7,"caption":"c","disable_notification":true,"disable_content_type_detection":true}`},
		{LeaveChat{ChatID: -7}, "leaveChat", `{"chat_id":-7}`},
		{SetMyCommands{Commands: []BotCommand{{"new", "x"}}, Scope: &CommandScope{Type: ScopeChat, ChatID: -7}, Language: "ru"}, "setMyCommands",
			`{"commands":[{"command":"new","description":"x"}],"scope":{"type":"chat","chat_id":-7},"language_code":"ru"}`},
		{SetMyDescription{Description: "x", Language: "ru"}, "setMyDescription", `{"description":"x","language_code":"ru"}`},
		{SetMyShortDescription{}, "setMyShortDescription", `{"short_description":""}`},
		{CreateForumTopic{ChatID: -7, Name: "№1"}, "createForumTopic", `{"chat_id":-7,"name":"№1"}`},
		{EditForumTopic{ChatID: -7, ThreadID: 2, Name: "x"}, "editForumTopic", `{"chat_id":-7,"message_thread_id":2,"name":"x"}`},
		{CloseForumTopic{ChatID: -7, ThreadID: 2}, "closeForumTopic", `{"chat_id":-7,"message_thread_id":2}`},
		{ReopenForumTopic{ChatID: -7, ThreadID: 2}, "reopenForumTopic", `{"chat_id":-7,"message_thread_id":2}`},
		{PinChatMessage{ChatID: -7, MessageID: 3, Silent: true}, "pinChatMessage", `{"chat_id":-7,"message_id":3,"disable_notification":true}`},
		{DeleteWebhook{}, "deleteWebhook", `{}`},
	}
	for _, tt := range tests {
		call := mustEncode(t, tt.request)
		if call.Method != tt.method || string(call.Params) != tt.json {
			t.Errorf("%T: got %s %s\nwant %s", tt.request, call.Method, call.Params, tt.json)
		}
		if _, err := call.params(); err != nil {
			t.Errorf("%T: %v", tt.request, err)
		}
	}
	if _, err := Encode(nil); err == nil {
		t.Error("no request is encoded")
	}
	if _, err := Encode(SendMessage{ReplyMarkup: func() {}}); err == nil {
		t.Error("a function is encoded")
	}
}

func TestKeyboardCanBeReadBack(t *testing.T) {
	keyboard := InlineKeyboard{{{Text: "A", Data: "a"}}}
	edit := EditMessageText{ChatID: 7, MessageID: 3, Text: "x", ReplyMarkup: keyboard}
	var got EditMessageText
	if err := json.Unmarshal(mustEncode(t, edit).Params, &got); err != nil || !cmp.Equal(edit, got) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestMoved(t *testing.T) {
	call := mustEncode(t, SendMessage{ChatID: -7, ThreadID: 2, Text: "x", ReplyParameters: &ReplyParameters{MessageID: 3}})
	moved, err := call.Moved(-1007)
	if err != nil || moved.Method != "sendMessage" {
		t.Errorf("got %+v, %v", moved, err)
	}
	if want := `{"chat_id":-1007,"text":"x"}`; string(moved.Params) != want {
		t.Errorf("got %s, want %s", moved.Params, want)
	}
	for _, call := range []Call{{Method: "getMe"}, mustEncode(t, DeleteWebhook{})} {
		if _, err := call.Moved(1); err == nil {
			t.Errorf("%+v has no chat to move", call)
		}
	}
}

func TestDecodeMember(t *testing.T) {
	for _, tt := range []struct {
		raw  string
		want chatMember
		in   bool
	}{
		{`{"status":"administrator","user":{"id":42},"can_manage_topics":true,"can_pin_messages":true}`, chatMember{Status: "administrator", CanManageTopics: true, CanPinMessages: true}, true},
		{`{"status":"restricted","is_member":true}`, chatMember{Status: "restricted", IsMember: true}, true},
		{`{"status":"kicked"}`, chatMember{Status: "kicked"}, false},
	} {
		var got chatMember
		if err := (Result{Raw: json.RawMessage(tt.raw)}).Decode(&got); err != nil || got != tt.want || got.isPresent() != tt.in {
			t.Errorf("%s: got %+v, %v", tt.raw, got, err)
		}
	}
}
