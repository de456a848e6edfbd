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

// driver uses the control server.
type driver struct {
	t *testing.T
	h http.Handler
}

func (d driver) do(method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

func (d driver) ok(path, body string, into any) {
	d.t.Helper()
	w := d.do("POST", path, body)
	if w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(into); err != nil {
			d.t.Fatal(err)
		}
	}
}

func (d driver) refused(path, body, words string) {
	d.t.Helper()
	w := d.do("POST", path, body)
	var e struct{ Error string }
	_ = json.Unmarshal(w.Body.Bytes(), &e)
	expect(d.t, path+" "+body, fmt.Sprint(w.Code, " ", e.Error), "400 "+words)
}

func TestControlOfAlbums(t *testing.T) {
	b := setup(t, Config{})
	d := driver{t, b.Control()}
	var sent []Message
	d.ok("/album", `{"user":100,"items":[{"kind":"photo","content":"AAAA","caption":"два"},{"kind":"video","content":"AAAA"}]}`, &sent)
	expect(t, "one album", len(sent) == 2 && sent[0].Album != "" && sent[0].Album == sent[1].Album, true)
	expect(t, "caption", sent[0].Text, "два")
	one := `{"content":"AAAA"}`
	d.refused("/album", `{"user":100,"items":[`+one+`]}`, "an album has 2 to 10 items, not 1")
	d.refused("/album", `{"user":100,"items":[`+strings.Repeat(one+",", 10)+one+`]}`, "an album has 2 to 10 items, not 11")
	d.refused("/album", `{"user":100,"items":[`+one+`,{"kind":"photo","content":"AAAA"}]}`, "document and photo do not go into one album")
	d.refused("/album", `{"user":100,"items":[`+one+`,{"kind":"voice","content":"AAAA"}]}`, `"voice" does not go into an album`)
	d.refused("/file", `{"user":100,"content":"AAAA","caption":"`+strings.Repeat("я", 1025)+`"}`, "a caption has at most 1024 characters, not 1025")
}

// A person edits their own messages, to what a client could send.
func TestControlOfEdits(t *testing.T) {
	b := setup(t, Config{})
	d := driver{t, b.Control()}
	b.chat.Start("")
	bots := b.send(100, "от бота", nil)
	mine, fw := b.chat.Send("а").ID, b.chat.Forward(Origin{Name: "Пётр"}, "чужое").ID
	edit := func(id int, text string) string {
		return fmt.Sprintf(`{"user":100,"message":%d,"text":%q}`, id, text)
	}
	d.refused("/edit", edit(bots, "б"), fmt.Sprintf("message %d is somebody else's", bots))
	d.refused("/edit", edit(fw, "б"), fmt.Sprintf("message %d can't be edited", fw))
	d.refused("/edit", edit(mine, ""), "a text has 1 to 4096 characters, not 0")
	d.refused("/edit", edit(mine, strings.Repeat("я", 4097)), "a text has 1 to 4096 characters, not 4097")
}

func TestControlOfForwards(t *testing.T) {
	b := setup(t, Config{})
	d := driver{t, b.Control()}
	g := b.AddGroup(GroupOptions{Title: "Офис", Supergroup: true})
	boris := b.AddUser(User{ID: 200, FirstName: "Борис"})
	m := g.As(boris).SendPhoto(File{Name: "а.png", Content: []byte("png")}, "снимок", 0)
	var fw Message
	d.ok("/forward", fmt.Sprintf(`{"user":100,"from_chat":%d,"message":%d}`, g.ID(), m.ID), &fw)
	expect(t, "forward", fmt.Sprintln(fw.Forwarded, fw.Chat, fw.Text, fw.From.ID, fw.File.ID == m.File.ID), "true 100 снимок 100 true\n")
	list := b.updates(0)
	expect(t, "origin", strings.Contains(string(list[len(list)-1].Fields["message"]), `"first_name":"Борис"`), true)
	d.refused("/forward", `{"user":100,"message":999}`, "there is no message 999 to forward")
}

func TestControlOfTheBotsStanding(t *testing.T) {
	b := setup(t, Config{})
	d := driver{t, b.Control()}
	g := b.AddGroup(GroupOptions{Title: "Офис", Forum: true})
	to := func(status string) string {
		return fmt.Sprintf(`{"user":100,"chat":%d,"status":%q,"rights":{"ManageTopics":true}}`, g.ID(), status)
	}
	d.refused("/bot", to("left"), `the bot can't go from "" to "left"`)
	d.refused("/bot", `{"user":100,"status":"member"}`, "which group? chat is missing")
	for _, status := range []string{"administrator", "member", "left", "member", "administrator"} {
		d.ok("/bot", to(status), nil)
		if status == "left" {
			status = "kicked"
		}
		expect(t, "standing", g.BotStatus(), status)
	}
	expect(t, "the rights come along", b.managesTopics(g.ch), true)
	d.refused("/bot", to("creator"), `the bot can't go from "administrator" to "creator"`)
}

// Types that may be displayed are listed; anything else is downloaded.
func TestControlOfDownloads(t *testing.T) {
	b := setup(t, Config{})
	d := driver{t, b.Control()}
	for _, c := range []struct{ mime, as, saved string }{
		{"image/png", "image/png", ""},
		{"text/html", "application/octet-stream", "attachment; filename*=UTF-8''%D0%B0.x"},
		{"image/svg+xml", "application/octet-stream", "attachment; filename*=UTF-8''%D0%B0.x"},
	} {
		m := b.chat.SendDocument(File{Name: "а.x", MIME: c.mime, Content: []byte("<b>")}, "", 0)
		w := d.do("GET", "/download?id="+m.File.ID, "")
		h := w.Header()
		expect(t, c.mime, fmt.Sprintln(w.Code, w.Body, h.Get("Content-Type"), h.Get("Content-Disposition"), h.Get("X-Content-Type-Options")), fmt.Sprintln(200, "<b>", c.as, c.saved, "nosniff"))
	}
	expect(t, "unknown", d.do("GET", "/download?id=x", "").Code, 404)
}

// A client offers the list of the narrowest scope, in its language if there is one.
func TestMenuOfAPerson(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис", Forum: true})
	g.AddBot(b.anna)
	boris := b.AddUser(User{ID: 200, FirstName: "Борис", Language: "ru"})
	b.chat.Start("")
	set := func(command, language string, scope params) {
		b.must(nil, "setMyCommands", params{"commands": []params{{"command": command, "description": "х"}}, "language_code": language, "scope": scope})
	}
	first := func(c *Chat) string {
		if list := c.Menu(); len(list) > 0 {
			return list[0].Command
		}
		return ""
	}
	private, group := boris.Private(), g.As(boris)
	expect(t, "nothing", first(private), "")
	for _, c := range []struct {
		command, language string
		scope             params
		private, group    string
	}{
		{"any", "", params{"type": "default"}, "any", "any"},
		{"people", "", params{"type": "all_private_chats"}, "people", "any"},
		{"ru", "ru", params{"type": "all_private_chats"}, "ru", "any"},
		{"groups", "", params{"type": "all_group_chats"}, "ru", "groups"},
		{"this", "", params{"type": "chat", "chat_id": g.ID()}, "ru", "this"},
	} {
		set(c.command, c.language, c.scope)
		expect(t, c.command, first(private)+" "+first(group), c.private+" "+c.group)
	}
	set("admins", "", params{"type": "chat_administrators", "chat_id": g.ID()})
	expect(t, "a member", first(group), "this")
	g.SetAdmin(boris, Rights{})
	expect(t, "an administrator", first(group), "admins")
	b.AddUser(User{ID: 200, FirstName: "Boris", Language: "en"})
	expect(t, "another language", first(private), "people")
	expect(t, "another name", private.Send("х").From.FirstName, "Boris")
}

func TestSelectiveForcedReply(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	m := b.chat.Message(b.send(100, "?", params{"reply_markup": params{"force_reply": true, "selective": true}}))
	expect(t, "selective", m.ForceReply && m.Selective, true)
}
