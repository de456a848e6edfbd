package telegramtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// apiSpec is the machine-readable specification beside the module where the program is
// developed. It is not part of the repository.
const apiSpec = "../../../../shared/telegram-bot-api.json"

type specField struct {
	Name     string
	Types    []string
	Required bool
}

type spec struct {
	Methods map[string]struct{ Fields []specField }
	Types   map[string]struct {
		Fields   []specField
		Subtypes []string
	}
}

// specType converts a type of the table to the specification's notation.
func specType(typ string) string {
	if rest, ok := strings.CutPrefix(typ, "[]"); ok && !strings.Contains(typ, "|") {
		return "Array of " + specType(rest)
	}
	if names := strings.Split(typ, "|"); len(names) > 1 {
		for i := range names {
			names[i] = specType(names[i])
		}
		slices.Sort(names)
		return strings.Join(names, "/")
	}
	switch typ {
	case "int":
		return "Integer"
	case "bool":
		return "Boolean"
	case "string":
		return "String"
	case "chat":
		return "Integer/String"
	case "file":
		return "InputFile/String"
	case "upload":
		return "InputFile"
	}
	return typ
}

func compare(t *testing.T, owner string, table map[string]param, want []specField, partial bool) {
	t.Helper()
	known := map[string]bool{}
	for _, f := range want {
		known[f.Name] = true
		p, ok := table[f.Name]
		if !ok {
			if !partial {
				t.Errorf("%s lacks %s", owner, f.Name)
			}
			continue
		}
		slices.Sort(f.Types)
		if got, want := specType(p.typ), strings.Join(f.Types, "/"); got != want {
			t.Errorf("%s.%s is %s, want %s", owner, f.Name, got, want)
		}
		if p.required != f.Required {
			t.Errorf("%s.%s required: %v, want %v", owner, f.Name, p.required, f.Required)
		}
	}
	for name := range table {
		if !known[name] {
			t.Errorf("%s has %s, which does not exist", owner, name)
		}
	}
}

func TestTableMatchesTheSpecification(t *testing.T) {
	raw, err := os.ReadFile(filepath.FromSlash(apiSpec))
	if os.IsNotExist(err) {
		t.Log("the specification is not at hand: nothing to compare with")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	for name, m := range methods {
		want, ok := s.Methods[name]
		if !ok {
			t.Errorf("method %s does not exist", name)
			continue
		}
		compare(t, name, fields(name, m.params), want.Fields, false)
	}
	// People send a reduced User, and the bot uses no keyboard that requests chats.
	partial := map[string]bool{"User": true, "KeyboardButton": true}
	for name, line := range objects {
		want, ok := s.Types[name]
		if !ok {
			t.Errorf("object %s does not exist", name)
			continue
		}
		for _, sub := range want.Subtypes {
			for _, f := range s.Types[sub].Fields {
				if !slices.ContainsFunc(want.Fields, func(have specField) bool { return have.Name == f.Name }) {
					f.Required = f.Name == "type"
					want.Fields = append(want.Fields, f)
				}
			}
		}
		compare(t, name, fields(name, line), want.Fields, partial[name])
	}
	for _, kind := range s.Types["Update"].Fields {
		if kind.Name != "update_id" && !slices.Contains(updateKinds, kind.Name) {
			t.Errorf("update kind %s is missing", kind.Name)
		}
	}
}

// Every kind of update that the server makes is checked field by field: Telegram must
// have been able to send it.
func TestUpdatesMatchTheSpecification(t *testing.T) {
	raw, err := os.ReadFile(filepath.FromSlash(apiSpec))
	if os.IsNotExist(err) {
		t.Log("the specification is not at hand: nothing to compare with")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	b := setup(t, Config{})
	everything(b)
	var updates []map[string]any
	b.must(&updates, "getUpdates", params{"limit": 100})
	seen := map[string]bool{}
	for _, u := range updates {
		for k := range u {
			seen[k] = true
		}
		s.check(t, "Update", u)
	}
	for _, kind := range []string{"message", "edited_message", "callback_query", "my_chat_member", "message_reaction"} {
		expect(t, kind+" is among them", seen[kind], true)
	}
	var full map[string]any
	b.must(&full, "getChat", params{"chat_id": 100})
	s.check(t, "ChatFullInfo", full)
	var me map[string]any
	b.must(&me, "getMe", nil)
	s.check(t, "User", me)
}

// check checks a value against a type of the specification.
func (s *spec) check(t *testing.T, typ string, v any) {
	t.Helper()
	if rest, ok := strings.CutPrefix(typ, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			t.Errorf("%v is no %s", v, typ)
		}
		for _, e := range list {
			s.check(t, rest, e)
		}
		return
	}
	ok := true
	switch typ {
	case "Integer", "Float":
		_, ok = v.(float64)
	case "String":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	default:
		s.checkObject(t, typ, v)
	}
	if !ok {
		t.Errorf("%v is no %s", v, typ)
	}
}

func (s *spec) checkObject(t *testing.T, typ string, v any) {
	t.Helper()
	object, ok := v.(map[string]any)
	if !ok {
		t.Errorf("%v is no %s", v, typ)
		return
	}
	switch typ {
	case "MaybeInaccessibleMessage":
		typ = "Message"
	case "ChatMember":
		typ = map[any]string{"creator": "ChatMemberOwner", "administrator": "ChatMemberAdministrator", "member": "ChatMemberMember",
			"left": "ChatMemberLeft", "kicked": "ChatMemberBanned"}[object["status"]]
	case "MessageOrigin":
		typ = map[any]string{"user": "MessageOriginUser", "hidden_user": "MessageOriginHiddenUser", "chat": "MessageOriginChat"}[object["type"]]
	case "ReactionType":
		typ = "ReactionTypeEmoji"
	}
	have := map[string]bool{}
	for _, f := range s.Types[typ].Fields {
		have[f.Name] = true
		value, given := object[f.Name]
		if given {
			s.check(t, f.Types[0], value)
		} else if f.Required {
			t.Errorf("%s lacks %s: %v", typ, f.Name, object)
		}
	}
	for name := range object {
		if !have[name] {
			t.Errorf("%s has no field %s", typ, name)
		}
	}
}

// everything makes one of each.
func everything(b *bed) {
	b.must(nil, "getUpdates", params{"allowed_updates": updateKinds})
	c := b.chat
	first := c.Start("t_1")
	c.Edit(first.ID, "/start t_2")
	c.Reply(first.ID, "ответ https://example.org")
	for _, kind := range []string{"photo", "document", "voice", "video", "audio", "animation", "video_note"} {
		c.sendFile(kind, File{Name: "a.bin", Size: 5, Duration: 3}, "подпись", 0)
	}
	c.SendAlbum([]Item{{"photo", File{Size: 9}, "альбом"}, {"photo", File{Size: 9}, ""}}, 0)
	c.SendContact("+79990000000", "Иван")
	c.SendLocation(55.75, 37.62)
	c.SendVenue("Офис", "Тверская, 1", 55.75, 37.62)
	c.SendSticker("👍")
	c.SendPoll("Когда?", "утром", "вечером")
	c.SendDice("🎲", 4)
	c.SendGame("Игра")
	c.Forward(Origin{User: &User{ID: 5, FirstName: "Пётр"}, Date: b.clock.Now()}, "чужое")
	c.Forward(Origin{Name: "Скрытый", Date: b.clock.Now()}, "чужое")
	id := b.send(100, "кнопки", params{"reply_markup": params{"inline_keyboard": [][]params{{{"text": "Да", "callback_data": "y"}}}}})
	c.Press(id, "Да")
	c.Block()
	c.Unblock()
	g := b.AddGroup(GroupOptions{Title: "Офис", Forum: true})
	g.AddBot(b.anna)
	g.Promote(b.anna, Rights{ManageTopics: true, PinMessages: true})
	topic := g.CreateTopic(b.anna, "Связь")
	in := g.As(b.anna).In(topic)
	m := in.Send("в теме")
	in.React(m.ID, "👍")
	b.must(nil, "pinChatMessage", params{"chat_id": g.ID(), "message_id": m.ID})
	b.must(nil, "editForumTopic", params{"chat_id": g.ID(), "message_thread_id": topic, "name": "Связь 2"})
	g.CloseTopic(b.anna, topic, true)
	g.CloseTopic(b.anna, topic, false)
	g.AsAnonymous().Send("аноним")
	g.AsChannel(-1001, "Канал").Send("канал")
	g.Rename(b.anna, "Офис 2")
	g.Kick(b.anna)
	old := b.AddGroup(GroupOptions{Title: "Старая"})
	old.AddBot(b.anna)
	old.Migrate()
}
