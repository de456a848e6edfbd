package telegramtest

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

type rows = [][]params

func keyboard(b params) params { return params{"inline_keyboard": rows{{b}}} }

// The refusals, each with Telegram's message. A correct bot never gets a violation.
func TestRefusals(t *testing.T) {
	const violation = true
	text := func(more params) params {
		p := params{"chat_id": 100, "text": "текст"}
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	entity := func(e params) params { return text(params{"text": "a👍b", "entities": []params{e}}) }
	markup := func(m params) params { return text(params{"reply_markup": m}) }
	for _, tc := range []struct {
		name, method string
		params       params
		words        string
		violation    bool
	}{
		{"no chat", "sendMessage", params{"text": "а"}, "Bad Request: chat_id is empty", violation},
		{"no text", "sendMessage", params{"chat_id": 100}, "Bad Request: message text is empty", violation},
		{"white space", "sendMessage", text(params{"text": " \n\t "}), "Bad Request: message text is empty", violation},
		{"text too long", "sendMessage", text(params{"text": strings.Repeat("я", 4097)}), "Bad Request: message is too long", violation},
		{"long in UTF-16", "sendMessage", text(params{"text": strings.Repeat("👍", 2049)}), "Bad Request: message is too long", violation},
		{"unknown chat", "sendMessage", params{"chat_id": 1, "text": "а"}, "Bad Request: chat not found", false},
		{"unknown name", "sendMessage", params{"chat_id": "@nobody", "text": "а"}, "Bad Request: chat not found", false},
		{"never started", "sendMessage", params{"chat_id": 200, "text": "а"}, "Forbidden: bot can't initiate conversation with a user", false},
		{"blocked", "sendMessage", params{"chat_id": 300, "text": "а"}, "Forbidden: bot was blocked by the user", false},
		{"deleted account", "sendMessage", params{"chat_id": 400, "text": "а"}, "Forbidden: user is deactivated", false},
		{"unknown parameter", "sendMessage", text(params{"reply_to_message_id": 1}), `Bad Request: (stricter than Telegram) parameter "reply_to_message_id" is unknown`, violation},
		{"number as text", "sendMessage", text(params{"message_thread_id": "x"}), `Bad Request: parameter "message_thread_id" must be an Integer`, violation},
		{"bool as text", "sendMessage", text(params{"disable_notification": "yes"}), `Bad Request: parameter "disable_notification" must be a Boolean`, violation},
		{"null list", "sendMessage", text(params{"entities": nil}), `Bad Request: parameter "entities" is null`, violation},
		{"object for list", "sendMessage", text(params{"entities": params{}}), `Bad Request: parameter "entities" must be of type []MessageEntity`, violation},
		{"unknown field", "sendMessage", text(params{"reply_parameters": params{"message_id": 1, "x": 1}}), `Bad Request: parameter "reply_parameters" has a field "x" unknown to ReplyParameters`, violation},
		{"parse mode", "sendMessage", text(params{"parse_mode": "HTML"}), "Bad Request: (stricter than Telegram) parse_mode is not supported: send entities", violation},
		{"parse mode of a caption", "sendDocument", params{"chat_id": 100, "document": "x", "caption": "а", "parse_mode": "HTML"}, "Bad Request: (stricter than Telegram) parse_mode is not supported: send entities", violation},
		{"parse mode of a quotation", "sendMessage", text(params{"reply_parameters": params{"message_id": 1, "quote": "п", "quote_parse_mode": "HTML"}}), "Bad Request: (stricter than Telegram) quote_parse_mode is not supported: send quote_entities", violation},

		{"entity outside", "sendMessage", entity(params{"type": "bold", "offset": 2, "length": 3}), "Bad Request: entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 5", violation},
		{"entity starts inside a pair", "sendMessage", entity(params{"type": "bold", "offset": 2, "length": 1}), "Bad Request: entity begins in a middle of a UTF-16 symbol at byte offset 2", violation},
		{"entity ends inside a pair", "sendMessage", entity(params{"type": "bold", "offset": 0, "length": 2}), "Bad Request: entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 2", violation},
		{"negative offset", "sendMessage", entity(params{"type": "bold", "offset": -1, "length": 1}), "Bad Request: receive an entity with incorrect offset -1", violation},
		{"empty entity", "sendMessage", entity(params{"type": "bold", "offset": 0, "length": 0}), "Bad Request: (stricter than Telegram) entity at offset 0 is empty", violation},
		{"entity type", "sendMessage", entity(params{"type": "big", "offset": 0, "length": 1}), "Bad Request: can't parse MessageEntity: unsupported type specified", violation},
		{"link without address", "sendMessage", entity(params{"type": "text_link", "offset": 0, "length": 1}), "Bad Request: entity URL '' is invalid: Wrong HTTP URL", violation},
		{"crossing entities", "sendMessage", text(params{"entities": []params{{"type": "bold", "offset": 0, "length": 3}, {"type": "italic", "offset": 2, "length": 3}}}), "Bad Request: (stricter than Telegram) entities bold and italic cross", violation},
		{"bold in code", "sendMessage", text(params{"entities": []params{{"type": "code", "offset": 0, "length": 3}, {"type": "bold", "offset": 0, "length": 1}}}), "Bad Request: (stricter than Telegram) code and bold can't be nested", violation},
		{"quotation in quotation", "sendMessage", text(params{"entities": []params{{"type": "blockquote", "offset": 0, "length": 3}, {"type": "expandable_blockquote", "offset": 0, "length": 1}}}), "Bad Request: (stricter than Telegram) quotations can't be nested", violation},

		{"reply to nothing", "sendMessage", text(params{"reply_parameters": params{"message_id": 999}}), "Bad Request: message to be replied not found", false},
		{"topic without a forum", "sendMessage", text(params{"message_thread_id": 5}), "Bad Request: message thread not found", false},

		{"null keyboard", "sendMessage", markup(params{"inline_keyboard": nil}), `Bad Request: parameter "reply_markup" field "inline_keyboard" is null`, violation},
		{"unknown markup", "sendMessage", markup(params{"x": 1}), `Bad Request: parameter "reply_markup" is an object that does not fit here`, violation},
		{"button without action", "sendMessage", markup(keyboard(params{"text": "a"})), "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard", violation},
		{"button with two", "sendMessage", markup(keyboard(params{"text": "a", "callback_data": "a", "url": "https://example.org"})), `Bad Request: (stricter than Telegram) button "a" does more than one thing: url, callback_data`, violation},
		{"empty data", "sendMessage", markup(keyboard(params{"text": "a", "callback_data": ""})), "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard", violation},
		{"65 bytes of data", "sendMessage", markup(keyboard(params{"text": "a", "callback_data": strings.Repeat("я", 32) + "1"})), "Bad Request: BUTTON_DATA_INVALID", violation},
		{"button without text", "sendMessage", markup(keyboard(params{"text": " ", "callback_data": "a"})), `Bad Request: can't parse inline keyboard button: Field "text" must be non-empty`, violation},
		{"button address", "sendMessage", markup(keyboard(params{"text": "a", "url": "nowhere"})), "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL", violation},
		{"button style", "sendMessage", markup(keyboard(params{"text": "a", "callback_data": "a", "style": "pink"})), "Bad Request: can't parse inline keyboard button: invalid button style specified", violation},
		{"copies nothing", "sendMessage", markup(keyboard(params{"text": "a", "copy_text": params{"text": ""}})), "Bad Request: BUTTON_COPY_TEXT_INVALID", violation},

		{"no photo", "sendPhoto", params{"chat_id": 100}, "Bad Request: there is no photo in the request", violation},
		{"caption too long", "sendDocument", params{"chat_id": 100, "document": "x", "caption": strings.Repeat("я", 1025)}, "Bad Request: message caption is too long", violation},
		{"unknown file", "sendDocument", params{"chat_id": 100, "document": "x"}, "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol", false},
		{"nothing attached", "sendDocument", params{"chat_id": 100, "document": "attach://a"}, `Bad Request: file "a" attached to the request is not found`, violation},
		{"one is no album", "sendMediaGroup", params{"chat_id": 100, "media": []params{{"type": "photo", "media": "x"}}}, "Bad Request: (stricter than Telegram) an album has 2 to 10 items", violation},
		{"unknown file_id", "getFile", params{"file_id": "x"}, "Bad Request: invalid file_id", false},
		{"no file_id", "getFile", nil, "Bad Request: file_id not specified", violation},

		{"edit nothing", "editMessageText", params{"chat_id": 100, "message_id": 999, "text": "а"}, "Bad Request: message to edit not found", false},
		{"edit a person's", "editMessageText", params{"chat_id": 100, "message_id": 1, "text": "а"}, "Bad Request: message can't be edited", false},
		{"edit without id", "editMessageText", params{"chat_id": 100, "text": "а"}, "Bad Request: message identifier is not specified", violation},
		{"delete nothing", "deleteMessage", params{"chat_id": 100, "message_id": 999}, "Bad Request: message to delete not found", false},
		{"answer nothing", "answerCallbackQuery", params{"callback_query_id": "1"}, "Bad Request: query is too old and response timeout expired or query ID is invalid", false},
		{"answer too long", "answerCallbackQuery", params{"callback_query_id": "1", "text": strings.Repeat("я", 201)}, "Bad Request: MESSAGE_TOO_LONG", violation},

		{"react to nothing", "setMessageReaction", params{"chat_id": 100, "message_id": 999, "reaction": []params{{"type": "emoji", "emoji": "👀"}}}, "Bad Request: message to react not found", false},
		{"reaction of no list", "setMessageReaction", params{"chat_id": 100, "message_id": 1, "reaction": []params{{"type": "emoji", "emoji": "✅"}}}, "Bad Request: REACTION_INVALID", violation},
		{"two reactions", "setMessageReaction", params{"chat_id": 100, "message_id": 1, "reaction": []params{{"type": "emoji", "emoji": "👀"}, {"type": "emoji", "emoji": "👌"}}}, "Bad Request: REACTIONS_TOO_MANY", violation},

		{"command in capitals", "setMyCommands", params{"commands": []params{{"command": "Start", "description": "а"}}}, "Bad Request: BOT_COMMAND_INVALID", violation},
		{"command undescribed", "setMyCommands", params{"commands": []params{{"command": "start", "description": ""}}}, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID", violation},
		{"language", "setMyCommands", params{"commands": []params{}, "language_code": "rus"}, "Bad Request: invalid language code specified", violation},
		{"scope", "setMyCommands", params{"commands": []params{}, "scope": params{"type": "galaxy"}}, "Bad Request: can't parse BotCommandScope: unsupported type specified", violation},
		{"scope of a chat unknown", "setMyCommands", params{"commands": []params{}, "scope": params{"type": "chat", "chat_id": 1}}, "Bad Request: chat not found", false},
		{"description", "setMyDescription", params{"description": strings.Repeat("я", 513)}, "Bad Request: description is longer than 512 characters", violation},
		{"action", "sendChatAction", params{"chat_id": 100, "action": "sleeping"}, "Bad Request: wrong parameter action in request", violation},
		{"topic in a private chat", "createForumTopic", params{"chat_id": 100, "name": "а"}, "Bad Request: the chat is not a forum", false},
		{"update kind", "getUpdates", params{"allowed_updates": []string{"mesage"}}, `Bad Request: (stricter than Telegram) allowed_updates: "mesage" is no kind of update`, violation},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := setup(t, Config{})
			b.chat.Send("привет")
			b.AddUser(User{ID: 200, FirstName: "Борис"})
			blocked := b.AddUser(User{ID: 300, FirstName: "Вера"}).Private()
			blocked.Start("")
			blocked.Block()
			gone := b.AddUser(User{ID: 400, FirstName: "Глеб"})
			gone.Private().Start("")
			gone.Deactivate()

			a := b.call(tc.method, tc.params)
			expect(t, "ok", a.OK, false)
			expect(t, "words", a.Description, tc.words)
			status := 400
			if strings.HasPrefix(tc.words, "Forbidden") {
				status = 403
			}
			expect(t, "status", a.Status, status)
			expect(t, "error_code", a.Code, status)
			expect(t, "is a violation", len(b.Violations()) > 0, tc.violation)
			expect(t, "messages by the bot", len(b.chat.FromBot()), 0)
		})
	}
}

func TestWhatJustFitsIsTaken(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	for name, p := range map[string]params{
		"4096 letters":  {"text": strings.Repeat("я", 4096)},
		"4096 units":    {"text": strings.Repeat("👍", 2048)},
		"64 bytes":      {"text": "а", "reply_markup": keyboard(params{"text": "a", "callback_data": strings.Repeat("я", 32)})},
		"a style":       {"text": "а", "reply_markup": keyboard(params{"text": "a", "callback_data": "a", "style": "success"})},
		"copy":          {"text": "а", "reply_markup": keyboard(params{"text": "a", "copy_text": params{"text": "23624"}})},
		"tg link":       {"text": "а", "reply_markup": keyboard(params{"text": "a", "url": "tg://user?id=100"})},
		"forced reply":  {"text": "а", "reply_markup": params{"force_reply": true, "selective": true}},
		"a keyboard":    {"text": "а", "reply_markup": params{"keyboard": rows{{{"text": "a"}}}}},
		"none":          {"text": "а", "reply_markup": params{"remove_keyboard": true}},
		"lost reply":    {"text": "а", "reply_parameters": params{"message_id": 999, "allow_sending_without_reply": true}},
		"nested":        {"text": "абв", "entities": []params{{"type": "bold", "offset": 0, "length": 3}, {"type": "italic", "offset": 1, "length": 1}}},
		"code in quote": {"text": "абв", "entities": []params{{"type": "expandable_blockquote", "offset": 0, "length": 3}, {"type": "code", "offset": 1, "length": 1}}},
		"side by side":  {"text": "абв", "entities": []params{{"type": "code", "offset": 0, "length": 1}, {"type": "bold", "offset": 1, "length": 1}}},
		"around a pair": {"text": "a👍b", "entities": []params{{"type": "bold", "offset": 1, "length": 2}}},
		"a time":        {"text": "14:37", "entities": []params{{"type": "date_time", "offset": 0, "length": 5, "unix_time": 1}}},
		"empty options": {"text": "а", "link_preview_options": params{"is_disabled": true}, "disable_notification": true},
	} {
		p["chat_id"] = 100
		if a := b.call("sendMessage", p); !a.OK {
			t.Errorf("%s: %s", name, a.Description)
		}
	}
	expect(t, "violations", len(b.Violations()), 0)
}

func TestInvalidUTF8IsRefused(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	a := b.do(b.request("sendMessage", strings.NewReader("chat_id=100&text=%FF"), "application/x-www-form-urlencoded"))
	expect(t, "words", a.Description, "Bad Request: strings must be encoded in UTF-8")
	a = b.do(b.request("sendMessage", strings.NewReader("chat_id=100&chat_id=100&text=a"), "application/x-www-form-urlencoded"))
	expect(t, "words", a.Description, `Bad Request: (stricter than Telegram) parameter "chat_id" is given twice`)
	a = b.do(b.request("sendMessage", strings.NewReader("{"), "application/json"))
	expect(t, "status", a.Status, 400)
	a = b.do(b.request("sendMessage", strings.NewReader("a"), "text/plain"))
	expect(t, "status", a.Status, 400)
	expect(t, "violations", len(b.Violations()), 4)
}

func TestEdits(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	yes := keyboard(params{"text": "Да", "callback_data": "y"})
	id := b.send(100, "один", params{"reply_markup": yes, "entities": []params{{"type": "bold", "offset": 0, "length": 4}}})
	forced := b.send(100, "ответьте", params{"reply_markup": params{"force_reply": true}})
	same := "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	bold := []params{{"type": "bold", "offset": 0, "length": 4}}
	for _, tc := range []struct {
		name, method string
		params       params
		words        string
	}{
		{"nothing changes", "editMessageText", params{"message_id": id, "text": "один", "entities": bold, "reply_markup": yes}, same},
		{"only white space", "editMessageText", params{"message_id": id, "text": "один \n", "entities": bold, "reply_markup": yes}, same},
		{"the same keyboard", "editMessageReplyMarkup", params{"message_id": id, "reply_markup": yes}, same},
		{"formatting", "editMessageText", params{"message_id": id, "text": "один", "reply_markup": yes}, ""},
		{"text", "editMessageText", params{"message_id": id, "text": "два", "reply_markup": yes}, ""},
		{"the buttons go when left out", "editMessageText", params{"message_id": id, "text": "два"}, ""},
		{"and are gone", "editMessageReplyMarkup", params{"message_id": id}, same},
		{"to nothing", "editMessageText", params{"message_id": id, "text": ""}, "Bad Request: message text is empty"},
		{"no caption there", "editMessageCaption", params{"message_id": id, "caption": "а"}, "Bad Request: there is no caption in the message to edit"},
		{"a forced reply stays", "editMessageText", params{"message_id": forced, "text": "а"}, "Bad Request: message can't be edited"},
	} {
		tc.params["chat_id"] = 100
		a := b.call(tc.method, tc.params)
		expect(t, tc.name, a.Description, tc.words)
	}
	m := b.chat.Message(id)
	expect(t, "text", m.Text, "два")
	expect(t, "edits", m.Edits, 3)
	expect(t, "buttons", len(m.Buttons), 0)

	doc := b.upload("sendDocument", map[string]string{"chat_id": "100", "caption": "а"}, map[string][]byte{"document": []byte("1")})
	if !doc.OK {
		t.Fatal(doc.Description)
	}
	sent := b.chat.FromBot()
	file := sent[len(sent)-1].ID
	expect(t, "text of a file", b.call("editMessageText", params{"chat_id": 100, "message_id": file, "text": "а"}).Description,
		"Bad Request: there is no text in the message to edit")
	b.must(nil, "editMessageCaption", params{"chat_id": 100, "message_id": file, "caption": "б"})
	expect(t, "caption", b.chat.Message(file).Text, "б")
}

func TestCallbacks(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	id := b.send(100, "?", params{"reply_markup": keyboard(params{"text": "Да", "callback_data": "y"})})
	first, second := b.chat.Press(id, "Да"), b.chat.Press(id, "y")
	expect(t, "presses differ", first == second, false)
	b.must(nil, "answerCallbackQuery", params{"callback_query_id": first, "text": "Принято", "show_alert": true})
	old := "Bad Request: query is too old and response timeout expired or query ID is invalid"
	expect(t, "twice", b.call("answerCallbackQuery", params{"callback_query_id": first}).Description, old)
	b.clock.Add(151 * time.Second)
	expect(t, "late", b.call("answerCallbackQuery", params{"callback_query_id": second}).Description, old)
	expect(t, "answers", len(b.Answers()), 1)
	expect(t, "answer", b.Answers()[0], Answer{ID: first, Text: "Принято", Alert: true})
	defer func() {
		if recover() == nil {
			t.Error("a button that is not there can be pressed")
		}
	}()
	b.chat.Press(id, "Нет")
}

func TestReactions(t *testing.T) {
	b := setup(t, Config{})
	id := b.chat.Send("привет").ID
	react := func(chat int64, id int, emoji string) string {
		list := []params{}
		if emoji != "" {
			list = append(list, params{"type": "emoji", "emoji": emoji})
		}
		return b.call("setMessageReaction", params{"chat_id": chat, "message_id": id, "reaction": list}).Description
	}
	for _, emoji := range []string{"👀", "👌", "💔", "❤‍🔥", "", "👀"} {
		expect(t, emoji, react(100, id, emoji), "")
		expect(t, "shown", b.chat.Message(id).Reaction, emoji)
	}
	g := b.AddGroup(GroupOptions{Title: "Офис", Reactions: []string{}})
	g.AddBot(b.anna)
	in := g.As(b.anna)
	m := in.Send("/new")
	expect(t, "forbidden", react(g.ID(), m.ID, "👀"), "Bad Request: REACTION_INVALID")
	g.SetReactions([]string{"👀"})
	expect(t, "allowed", react(g.ID(), m.ID, "👀"), "")
	expect(t, "another", react(g.ID(), m.ID, "👌"), "Bad Request: REACTION_INVALID")
	expect(t, "violations", len(b.Violations()), 0)

	album := b.chat.SendAlbum([]Item{{"photo", File{Size: 9}, ""}, {"photo", File{Size: 9}, ""}}, 0)
	expect(t, "on an album's second", react(100, album[1].ID, "👀"), "")
	expect(t, "first", b.chat.Message(album[0].ID).Reaction, "👀")
	expect(t, "second", b.chat.Message(album[1].ID).Reaction, "")
}

func TestDeleting(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	id, other := b.send(100, "а", nil), b.send(100, "б", nil)
	b.must(nil, "deleteMessage", params{"chat_id": 100, "message_id": id})
	b.must(nil, "deleteMessages", params{"chat_id": 100, "message_ids": []int{id, 999}})
	b.clock.Add(49 * time.Hour)
	expect(t, "old", b.call("deleteMessage", params{"chat_id": 100, "message_id": other}).Description,
		"Bad Request: message can't be deleted for everyone")
	expect(t, "left", len(b.chat.FromBot()), 1)
}

func TestPrivateMessagesShareOneNumbering(t *testing.T) {
	b := setup(t, Config{})
	boris := b.AddUser(User{ID: 200, FirstName: "Борис"}).Private()
	ids := []int{b.chat.Send("а").ID, boris.Send("б").ID, b.send(100, "в", nil)}
	expect(t, "ids", ids[0] < ids[1] && ids[1] < ids[2], true)
	for range 2 {
		g := b.AddGroup(GroupOptions{Supergroup: true})
		expect(t, "a supergroup counts for itself", g.As(b.anna).Send("г").ID, 1)
	}
}

func TestTooLargeUpload(t *testing.T) {
	b := setup(t, Config{MaxUpload: 1 << 10, MaxPhoto: 1 << 8})
	b.chat.Start("")
	send := func(method, part string, size int) answer {
		return b.upload(method, map[string]string{"chat_id": "100"}, map[string][]byte{part: bytes.Repeat([]byte("x"), size)})
	}
	expect(t, "fits", send("sendDocument", "document", 1<<10).OK, true)
	a := send("sendDocument", "document", 1<<10+1)
	expect(t, "status", a.Status, 413)
	expect(t, "words", a.Description, "Request Entity Too Large")
	expect(t, "photo", send("sendPhoto", "photo", 1<<8+1).Description, `Bad Request: file "photo.pdf" of size 257 bytes is too big for a photo`)
	expect(t, "empty", send("sendDocument", "document", 0).Description, "Bad Request: file must be non-empty")
	expect(t, "stray", send("sendMessage", "document", 5).Description, `Bad Request: (stricter than Telegram) file "document" is sent but not used`)
}
