package telegramtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhatPeopleSee(t *testing.T) {
	b := setup(t, Config{})
	first := b.chat.Start("t_5")
	expect(t, "payload", first.Text, "/start t_5")
	id := b.send(100, "готово", params{
		"reply_parameters": params{"message_id": first.ID}, "disable_notification": true, "protect_content": true,
		"link_preview_options": params{"is_disabled": true},
		"reply_markup":         keyboard(params{"text": "История", "callback_data": "h:1"}),
	})
	m := b.chat.Message(id)
	expect(t, "reply", m.ReplyTo, first.ID)
	expect(t, "from", m.FromBot && m.From.Username == b.Bot().Username, true)
	expect(t, "flags", fmt.Sprint(m.Silent, m.Protected, m.NoPreview), "true true true")
	button, ok := m.Button("История")
	expect(t, "button", ok && button.Data == "h:1", true)
	_, ok = m.Button("Нет")
	expect(t, "no such button", ok, false)
	forced := b.chat.Message(b.send(100, "Что ответить?", params{"reply_markup": params{"force_reply": true, "input_field_placeholder": "Ответ"}}))
	expect(t, "forced", forced.ForceReply && forced.Placeholder == "Ответ", true)
	expect(t, "all", len(b.chat.Messages()), 3)
	b.chat.Delete(first.ID)
	expect(t, "deleted", len(b.chat.Messages()), 2)
	b.chat.Reply(id, "ответ")
	list := b.updates(0)
	last := b.message(list[len(list)-1], "message")
	expect(t, "the reply shows the buttons", strings.Contains(string(last.ReplyToMessage.ReplyMarkup), "h:1"), true)
}

func TestEditsOfPeople(t *testing.T) {
	b := setup(t, Config{})
	m := b.chat.Send("превет")
	photo := b.chat.SendPhoto(File{Size: 1}, "фото", 0)
	b.chat.Edit(m.ID, "привет")
	b.chat.Edit(photo.ID, "снимок")
	b.chat.Touch(m.ID)
	list := b.updates(0)
	one, two, three := b.message(list[2], "edited_message"), b.message(list[3], "edited_message"), b.message(list[4], "edited_message")
	expect(t, "text", one.Text, "привет")
	expect(t, "date", one.EditDate, b.clock.Now().Unix()-1)
	expect(t, "caption", two.Caption, "снимок")
	expect(t, "nothing visible", three.Text, "привет")
}

func TestForwardsAndPastes(t *testing.T) {
	b := setup(t, Config{})
	m := b.chat.Send("а")
	b.chat.Forward(Origin{User: &User{ID: 5, FirstName: "Пётр"}, Date: b.clock.Now()}, "чужое")
	b.chat.Forwarding(Origin{Name: "Скрытый", Date: b.clock.Now()}).SendVoice(File{Size: 4}, "", 0)
	sent := b.chat.Replying(m.ID).PastePieces(strings.Repeat("я", 9000))
	expect(t, "pieces", len(sent), 3)
	expect(t, "only the first is a reply", fmt.Sprint(sent[0].ReplyTo, sent[1].ReplyTo, sent[2].ReplyTo), fmt.Sprint(m.ID, 0, 0))
	list := b.updates(0)
	expect(t, "who", fmt.Sprint(b.message(list[1], "message").ForwardOrigin["type"]), "user")
	hidden := b.message(list[2], "message")
	expect(t, "hidden", fmt.Sprint(hidden.ForwardOrigin["sender_user_name"]), "Скрытый")
	expect(t, "a voice", hidden.Voice != nil, true)
}

func TestForwardingAndCopyingByTheBot(t *testing.T) {
	b := setup(t, Config{})
	m := b.chat.SendDocument(File{Name: "a.txt", Content: []byte("1")}, "подпись", 0)
	p := params{"chat_id": 100, "from_chat_id": 100, "message_id": m.ID}
	b.must(nil, "forwardMessage", p)
	b.must(nil, "copyMessage", p)
	p["caption"] = "другая"
	b.must(nil, "copyMessage", p)
	sent := b.chat.FromBot()
	expect(t, "forwarded", sent[0].Forwarded && sent[0].Text == "подпись", true)
	expect(t, "copied", !sent[1].Forwarded && sent[1].File.SHA256 == m.File.SHA256, true)
	expect(t, "caption", sent[2].Text, "другая")
	expect(t, "nothing", b.call("copyMessage", params{"chat_id": 100, "from_chat_id": 100, "message_id": 999}).Description,
		"Bad Request: message to copy not found")
}

func TestForgedPresses(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	id := b.send(100, "а", nil)
	b.chat.PressForged(id, "любое")
	list := b.updates(0)
	expect(t, "delivered", strings.Contains(string(list[1].Fields["callback_query"]), `"data":"любое"`), true)
}

func TestMenu(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	b.must(nil, "setMyCommands", params{"commands": []params{{"command": "new", "description": "Новое"}}, "scope": params{"type": "all_private_chats"}, "language_code": "ru"})
	b.must(nil, "setMyCommands", params{"commands": []params{{"command": "users", "description": "Люди"}}, "scope": params{"type": "chat", "chat_id": 100}})
	expect(t, "by scope", b.Commands("all_private_chats", "ru")[0].Command, "new")
	expect(t, "of a chat", b.Commands("chat:100", "")[0].Command, "users")
	var list []Command
	b.must(&list, "getMyCommands", params{"scope": params{"type": "chat", "chat_id": 100}})
	expect(t, "read back", list[0].Description, "Люди")
	b.must(nil, "deleteMyCommands", params{"scope": params{"type": "chat", "chat_id": 100}})
	expect(t, "deleted", len(b.Commands("chat:100", "")), 0)
	b.must(nil, "setMyDescription", params{"description": "Поддержка", "language_code": "ru"})
	expect(t, "description", b.Profile("description", "ru"), "Поддержка")
	var d struct{ Description string }
	b.must(&d, "getMyDescription", params{"language_code": "ru"})
	expect(t, "read back", d.Description, "Поддержка")
	b.must(nil, "setChatMenuButton", params{"menu_button": params{"type": "commands"}})
	b.must(nil, "sendChatAction", params{"chat_id": 100, "action": "typing"})
}

func TestControl(t *testing.T) {
	b := setup(t, Config{})
	ctl := b.Control()
	do := func(method, path, body string) (int, string) {
		w := httptest.NewRecorder()
		ctl.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	ok := func(method, path, body string, into any) {
		t.Helper()
		code, answer := do(method, path, body)
		if code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, code, answer)
		}
		if into != nil {
			if err := json.NewDecoder(bytes.NewBufferString(answer)).Decode(into); err != nil {
				t.Fatal(err)
			}
		}
	}
	g := b.AddGroup(GroupOptions{Title: "Офис"})
	g.AddBot(b.anna)
	var m Message
	ok("POST", "/user", `{"id":7,"first_name":"Вера"}`, nil)
	ok("POST", "/send", `{"user":7,"text":"/start"}`, &m)
	expect(t, "from", m.From.FirstName, "Вера")
	ok("POST", "/edit", fmt.Sprintf(`{"user":7,"message":%d,"text":"б"}`, m.ID), &m)
	expect(t, "edited", m.Text, "б")
	ok("POST", "/send", fmt.Sprintf(`{"user":8,"chat":%d,"text":"/new"}`, g.ID()), &m)
	expect(t, "in the group", m.Chat, g.ID())
	expect(t, "a user made on the way", m.From.FirstName, "User 8")
	ok("POST", "/file", `{"user":7,"kind":"photo","content":"AAAA","caption":"фото"}`, &m)
	expect(t, "file", m.File.Size, int64(3))
	id := b.send(7, "?", params{"reply_markup": keyboard(params{"text": "Да", "callback_data": "y"})})
	var pressed struct{ ID string }
	ok("POST", "/press", fmt.Sprintf(`{"user":7,"message":%d,"data":"y"}`, id), &pressed)
	b.must(nil, "answerCallbackQuery", params{"callback_query_id": pressed.ID, "text": "ок"})
	var answers []Answer
	ok("GET", "/answers", "", &answers)
	expect(t, "answer", answers[0].Text, "ок")
	var list []Message
	ok("GET", "/messages?chat=7", "", &list)
	expect(t, "messages", len(list), 3)
	var log struct {
		Next     int
		Requests []Request
	}
	ok("GET", "/requests?since=1", "", &log)
	expect(t, "requests", log.Next, 2)
	expect(t, "since", len(log.Requests), 1)
	b.call("sendMessage", params{"chat_id": 7, "texd": "а"})
	var bad []string
	ok("GET", "/violations", "", &bad)
	expect(t, "violations", len(bad), 1)
	ok("POST", "/fault", `{"method":"getMe","status":502,"body":"<html>"}`, nil)
	status, _, _ := b.raw(b.request("getMe", nil, ""))
	expect(t, "fault", status, 502)
	ok("POST", "/block", `{"user":7,"blocked":true}`, nil)
	expect(t, "blocked", b.try(7).Status, 403)
	ok("POST", "/block", `{"user":7}`, nil)
	ok("POST", "/down", `{"down":true}`, nil)
	ok("POST", "/down", `{}`, nil)
	ok("POST", "/redeliver", `{}`, nil)
	for _, tc := range []struct{ path, body, words string }{
		{"/send", `{"text":"а"}`, "who does it? user is missing"},
		{"/send", `{"user":7}`, "text is missing"},
		{"/send", `{"user":7,"chat":-5,"text":"а"}`, "no group -5"},
		{"/send", `{"user":7,"txt":"а"}`, `read the body: json: unknown field "txt"`},
		{"/press", fmt.Sprintf(`{"user":7,"message":%d,"data":"n"}`, id), fmt.Sprintf("message %d has no button %q, it has [%q]", id, "n", "Да")},
		{"/file", `{"user":7,"kind":"film"}`, `"film" is no kind of file`},
		{"/edit", `{"user":7,"message":999,"text":"а"}`, "no message 999"},
	} {
		code, answer := do("POST", tc.path, tc.body)
		var e struct{ Error string }
		_ = json.Unmarshal([]byte(answer), &e)
		expect(t, tc.path, fmt.Sprint(code, " ", e.Error), "400 "+tc.words)
	}
}

func TestNoClientSendsTheImpossible(t *testing.T) {
	b := setup(t, Config{})
	for _, text := range []string{"", strings.Repeat("я", 4097)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d characters can be sent", units(text))
				}
			}()
			b.chat.Send(text)
		}()
	}
}
