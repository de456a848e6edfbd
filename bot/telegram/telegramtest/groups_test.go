package telegramtest

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestPrivacy(t *testing.T) {
	const sees, not = true, false
	for _, tc := range []struct {
		name   string
		send   func(c *Chat, bots int)
		member bool
		admin  bool
	}{
		{"talk", func(c *Chat, _ int) { c.Send("болтовня") }, not, sees},
		{"a command", func(c *Chat, _ int) { c.Send("/new не работает") }, sees, sees},
		{"a command to the bot", func(c *Chat, _ int) { c.Send("/new@Plusofon_Test_Bot") }, sees, sees},
		{"another bot's command", func(c *Chat, _ int) { c.Send("/new@other_bot") }, not, sees},
		{"a command later on", func(c *Chat, _ int) { c.Send("см. /new") }, not, sees},
		{"a reply to the bot", func(c *Chat, bots int) { c.Reply(bots, "ответ") }, sees, sees},
		{"a reply to a person", func(c *Chat, _ int) { c.Reply(c.Send("а").ID, "ответ") }, not, sees},
		{"a file with a command", func(c *Chat, _ int) { c.SendPhoto(File{Size: 1}, "/new", 0) }, sees, sees},
		{"a file", func(c *Chat, _ int) { c.SendPhoto(File{Size: 1}, "", 0) }, not, sees},
		{"remarks", func(c *Chat, _ int) { c.Send("// не отправлять") }, not, sees},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := setup(t, Config{})
			g := b.AddGroup(GroupOptions{Title: "Офис", Supergroup: true})
			g.AddBot(b.anna)
			in := g.As(b.anna)
			bots := b.send(g.ID(), "я тут", nil)
			before := b.Pending()
			tc.send(in, bots)
			expect(t, "a member sees it", b.Pending() > before, tc.member)
			g.Promote(b.anna, Rights{})
			before = b.Pending()
			tc.send(in, bots)
			expect(t, "an administrator sees it", b.Pending() > before, tc.admin)
		})
	}
	b := setup(t, Config{PrivacyOff: true})
	g := b.AddGroup(GroupOptions{})
	g.AddBot(b.anna)
	before := b.Pending()
	g.As(b.anna).Send("болтовня")
	expect(t, "without privacy", b.Pending() > before, true)
}

func TestMembershipIsTold(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис", Supergroup: true})
	expect(t, "not yet", b.try(g.ID()).Description, "Forbidden: bot is not a member of the supergroup chat")
	g.AddBot(b.anna)
	g.Promote(b.anna, Rights{ManageTopics: true})
	g.Demote(b.anna)
	g.Kick(b.anna)
	expect(t, "kicked", b.try(g.ID()).Description, "Forbidden: bot was kicked from the supergroup chat")
	basic := b.AddGroup(GroupOptions{})
	basic.AddBot(b.anna)
	b.must(nil, "leaveChat", params{"chat_id": basic.ID()})
	expect(t, "left", b.try(basic.ID()).Description, "Forbidden: bot is not a member of the group chat")
	expect(t, "status", basic.BotStatus(), "left")
	b.chat.Start("")
	b.chat.Block()
	b.chat.Send("снова")

	var steps []string
	for _, u := range b.updates(0) {
		var m struct {
			From     User
			Old, New struct{ Status string }
			OldM     struct{ Status string } `json:"old_chat_member"`
			NewM     struct {
				Status string
				User   User
			} `json:"new_chat_member"`
		}
		if raw, ok := u.Fields["my_chat_member"]; ok {
			if err := json.Unmarshal(raw, &m); err != nil {
				t.Fatal(err)
			}
			expect(t, "whose", m.NewM.User.ID, b.Bot().ID)
			steps = append(steps, m.OldM.Status+">"+m.NewM.Status)
		}
	}
	expect(t, "steps", fmt.Sprint(steps), "[left>member member>administrator administrator>member member>kicked left>member member>left member>kicked kicked>member]")
}

func TestMembers(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис", Supergroup: true, Reactions: []string{"👍"}})
	boris := b.AddUser(User{ID: 200, FirstName: "Борис"})
	g.AddBot(b.anna)
	g.SetAdmin(boris, Rights{ManageTopics: true})
	status := func(id int64) string {
		var m struct {
			Status string
			Topics bool `json:"can_manage_topics"`
		}
		b.must(&m, "getChatMember", params{"chat_id": g.ID(), "user_id": id})
		return fmt.Sprint(m.Status, m.Topics)
	}
	expect(t, "anna", status(100), "memberfalse")
	expect(t, "boris", status(200), "administratortrue")
	expect(t, "the bot", status(b.Bot().ID), "memberfalse")
	b.AddUser(User{ID: 300, FirstName: "Вера"})
	expect(t, "a stranger", status(300), "leftfalse")
	expect(t, "nobody", b.call("getChatMember", params{"chat_id": g.ID(), "user_id": 9}).Description, "Bad Request: member not found")
	g.Leave(boris)
	expect(t, "gone", status(200), "leftfalse")
	g.Join(boris)
	g.Promote(b.anna, Rights{})
	var admins []json.RawMessage
	b.must(&admins, "getChatAdministrators", params{"chat_id": g.ID()})
	expect(t, "administrators", len(admins), 1)
	var full struct {
		ID        int64
		Title     string
		Type      string
		Reactions []json.RawMessage `json:"available_reactions"`
	}
	g.Rename(b.anna, "Офис 2")
	b.must(&full, "getChat", params{"chat_id": g.ID()})
	expect(t, "id", full.ID, g.ID())
	expect(t, "title", full.Title, "Офис 2")
	expect(t, "type", full.Type, "supergroup")
	expect(t, "reactions", len(full.Reactions), 1)
}

func TestMigration(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис"})
	g.AddBot(b.anna)
	in := g.As(b.anna)
	next := g.Migrate()
	a := b.try(g.ID())
	expect(t, "words", a.Description, "Bad Request: group chat was upgraded to a supergroup chat")
	expect(t, "the new id", a.Parameters.MigrateTo, next.ID())
	expect(t, "goes on there", b.try(next.ID()).OK, true)
	expect(t, "people are there at once", in.ID(), next.ID())
	list := b.updates(0)
	from, to := b.message(list[len(list)-1], "message"), b.message(list[len(list)-2], "message")
	expect(t, "old says", to.MigrateToChatID, next.ID())
	expect(t, "in the old chat", to.Chat.ID, g.ID())
	expect(t, "new says", from.MigrateFromChatID, g.ID())
	expect(t, "in the new chat", from.Chat.ID, next.ID())
}

func TestNobodyKnowsWhoWrites(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис", Supergroup: true})
	g.AddBot(b.anna)
	g.AsAnonymous().Send("/new")
	g.AsChannel(-1007, "Новости").Send("/new")
	list := b.updates(0)
	anonymous, channel := b.message(list[2], "message"), b.message(list[3], "message")
	expect(t, "anonymous", anonymous.From.Username, "GroupAnonymousBot")
	expect(t, "as the group", anonymous.SenderChat.ID, g.ID())
	expect(t, "channel", channel.SenderChat.Title, "Новости")
}

func TestRepliesMakeThreadsThatAreNoTopics(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Supergroup: true})
	g.AddBot(b.anna)
	g.Promote(b.anna, Rights{})
	in := g.As(b.anna)
	first := in.Send("а")
	second := in.Reply(first.ID, "б")
	in.Reply(second.ID, "в")
	list := b.updates(0)
	last := b.message(list[len(list)-1], "message")
	expect(t, "the thread's root", last.MessageThreadID, first.ID)
	expect(t, "no topic", last.IsTopicMessage, false)
	expect(t, "answers", last.ReplyToMessage.MessageID, second.ID)
	expect(t, "without its own reply", last.ReplyToMessage.ReplyToMessage == nil, true)
	expect(t, "not to be sent to", b.call("sendMessage", params{"chat_id": g.ID(), "text": "а", "message_thread_id": first.ID}).Description,
		"Bad Request: message thread not found")
}

func TestPins(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Supergroup: true})
	g.AddBot(b.anna)
	id := b.send(g.ID(), "а", nil)
	pin := func(method string, id int) string {
		return b.call(method, params{"chat_id": g.ID(), "message_id": id}).Description
	}
	expect(t, "without the right", pin("pinChatMessage", id), "Bad Request: not enough rights to manage pinned messages in the chat")
	g.Promote(b.anna, Rights{PinMessages: true})
	expect(t, "nothing", pin("pinChatMessage", 999), "Bad Request: message to pin not found")
	expect(t, "pinned", pin("pinChatMessage", id), "")
	expect(t, "shown", g.As(b.anna).Message(id).Pinned, true)
	list := b.updates(0)
	expect(t, "told", b.message(list[len(list)-1], "message").PinnedMessage.MessageID, id)
	expect(t, "unpinned", pin("unpinChatMessage", id), "")
	expect(t, "twice", pin("unpinChatMessage", id), "Bad Request: message to unpin not found")
}

func TestTopics(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис", Forum: true})
	g.AddBot(b.anna)
	create := params{"chat_id": g.ID(), "name": "№23624"}
	expect(t, "without the right", b.call("createForumTopic", create).Description, "Bad Request: not enough rights to create a topic")
	g.Promote(b.anna, Rights{ManageTopics: true})
	var topic struct {
		ID   int `json:"message_thread_id"`
		Name string
	}
	b.must(&topic, "createForumTopic", create)
	expect(t, "name", topic.Name, "№23624")
	do := func(method string, thread int, name string) string {
		p := params{"chat_id": g.ID(), "message_thread_id": thread}
		if name != "" {
			p["name"] = name
		}
		return b.call(method, p).Description
	}
	send := func(thread int) string {
		return b.call("sendMessage", params{"chat_id": g.ID(), "text": "а", "message_thread_id": thread}).Description
	}
	const same = "Bad Request: TOPIC_NOT_MODIFIED"
	expect(t, "into it", send(topic.ID), "")
	expect(t, "into General by its number", send(1), "Bad Request: message thread not found")
	expect(t, "the same name", do("editForumTopic", topic.ID, "№23624"), same)
	expect(t, "a name too long", do("editForumTopic", topic.ID, string(make([]rune, 129))), "Bad Request: TOPIC_TITLE_INVALID")
	expect(t, "another name", do("editForumTopic", topic.ID, "№23624 Связь"), "")
	expect(t, "open already", do("reopenForumTopic", topic.ID, ""), same)
	expect(t, "close", do("closeForumTopic", topic.ID, ""), "")
	expect(t, "closed already", do("closeForumTopic", topic.ID, ""), same)
	expect(t, "those who manage topics still write", send(topic.ID), "")
	expect(t, "topics", fmt.Sprint(g.Topics()), fmt.Sprint([]Topic{{topic.ID, "№23624 Связь", true}}))
	g.Promote(b.anna, Rights{})
	expect(t, "others don't", send(topic.ID), "Bad Request: TOPIC_CLOSED")
	inside := g.As(b.anna).In(topic.ID).Send("а")
	expect(t, "nor by a reply", b.call("sendMessage", params{"chat_id": g.ID(), "text": "а", "reply_parameters": params{"message_id": inside.ID}}).Description,
		"Bad Request: TOPIC_CLOSED")
	g.Promote(b.anna, Rights{ManageTopics: true})
	expect(t, "reopen", do("reopenForumTopic", topic.ID, ""), "")
	g.DeleteTopic(topic.ID)
	expect(t, "deleted", send(topic.ID), "Bad Request: message thread not found")
	expect(t, "nor closed", do("closeForumTopic", topic.ID, ""), "Bad Request: TOPIC_ID_INVALID")
	expect(t, "nor deleted again", do("deleteForumTopic", topic.ID, ""), "Bad Request: TOPIC_ID_INVALID")
	expect(t, "its messages are gone", len(g.As(b.anna).In(topic.ID).Messages()), 0)
}

func TestInATopicEverythingReplies(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Forum: true})
	g.AddBot(b.anna)
	g.Promote(b.anna, Rights{ManageTopics: true})
	topic := g.CreateTopic(b.anna, "Связь")
	in := g.As(b.anna).In(topic)
	talk := in.Send("болтовня")
	in.Reply(talk.ID, "ответ")
	g.As(b.anna).Send("в общей")
	list := b.updates(0)
	n := len(list)
	plain, reply, general := b.message(list[n-3], "message"), b.message(list[n-2], "message"), b.message(list[n-1], "message")
	expect(t, "in the topic", plain.IsTopicMessage && plain.MessageThreadID == topic, true)
	expect(t, "to its first message", plain.ReplyToMessage.MessageID, topic)
	expect(t, "which is a service message", plain.ReplyToMessage.ForumTopicCreated != nil, true)
	expect(t, "people see no reply", talk.ReplyTo, 0)
	expect(t, "a real reply", reply.ReplyToMessage.MessageID, talk.ID)
	expect(t, "General has no thread", general.MessageThreadID == 0 && !general.IsTopicMessage, true)

	var sent wireMessage
	b.must(&sent, "sendMessage", params{"chat_id": g.ID(), "text": "а", "reply_parameters": params{"message_id": talk.ID}})
	expect(t, "a reply goes where the message is", sent.MessageThreadID, topic)
	id := b.send(g.ID(), "б", params{"message_thread_id": topic, "reply_markup": keyboard(params{"text": "Да", "callback_data": "y"})})
	in.Press(id, "Да")
	list = b.updates(0)
	var press struct {
		Message wireMessage
		Data    string
	}
	if err := json.Unmarshal(list[len(list)-1].Fields["callback_query"], &press); err != nil {
		t.Fatal(err)
	}
	expect(t, "data", press.Data, "y")
	expect(t, "the press knows the topic", press.Message.MessageThreadID, topic)
	expect(t, "and the buttons", len(press.Message.ReplyMarkup) > 0, true)
}

// What keeps the bot from writing in a group for a while, and what it may do nevertheless.
func TestRestrictions(t *testing.T) {
	b := setup(t, Config{})
	g := b.AddGroup(GroupOptions{Title: "Офис", Forum: true})
	g.AddBot(b.anna)
	topic := g.CreateTopic(b.anna, "Тема")
	in := func(thread int) string {
		return b.call("sendMessage", params{"chat_id": g.ID(), "text": "слова", "message_thread_id": thread}).Description
	}
	file := func() string {
		return b.call("sendDocument", params{"chat_id": g.ID(), "document": "unknown"}).Description
	}
	const unknownFile = "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol"
	g.Mute(true)
	expect(t, "muted", in(0), "Bad Request: not enough rights to send text messages to the chat")
	g.Promote(b.anna, Rights{})
	expect(t, "an administrator", in(0), "")
	g.Demote(b.anna)
	g.Mute(false)
	g.ForbidFiles(true)
	expect(t, "words without files", in(0), "")
	expect(t, "files", file(), "Bad Request: not enough rights to send documents to the chat")
	g.ForbidFiles(false)
	expect(t, "files again", file(), unknownFile)
	g.CloseGeneral(true)
	expect(t, "General", in(0), "Bad Request: TOPIC_CLOSED")
	expect(t, "a topic", in(topic), "")
	g.Promote(b.anna, Rights{ManageTopics: true})
	expect(t, "who manages topics", in(0), "")
}
