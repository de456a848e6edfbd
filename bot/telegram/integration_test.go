package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/internal/secret"
)

// world is a strict Bot API server with a person and a forum.
type world struct {
	*telegram.Client
	t      *testing.T
	server *telegramtest.Server
	anna   *telegramtest.Person
	forum  *telegramtest.Group
	offset int64
}

func newWorld(t *testing.T) *world { return newWorldWith(t, telegramtest.Config{}) }

func newWorldWith(t *testing.T, cfg telegramtest.Config) *world {
	server := telegramtest.New(cfg)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	client, err := telegram.New(telegram.Config{Token: secret.String(server.Token()), BaseURL: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if v := server.Violations(); len(v) > 0 {
			t.Errorf("violations: %q", v)
		}
		client.CloseIdle()
		server.Close()
	})
	w := &world{Client: client, t: t, server: server}
	w.anna = server.AddUser(telegramtest.User{ID: 7, FirstName: "Анна"})
	w.forum = server.AddGroup(telegramtest.GroupOptions{Title: "Офис", Supergroup: true, Forum: true})
	return w
}

// updates polls once and parses the updates.
func (w *world) updates() []telegram.Update {
	w.t.Helper()
	raws, err := w.Updates(w.t.Context(), w.offset, telegram.MaxBatch, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var updates []telegram.Update
	for _, raw := range raws {
		u, err := telegram.Parse(raw.JSON)
		if err != nil {
			w.t.Fatal(err)
		}
		updates = append(updates, u)
		w.offset = max(w.offset, raw.ID+1)
	}
	return updates
}

func (w *world) do(r telegram.Request) (telegram.Result, error) {
	w.t.Helper()
	call, err := telegram.Encode(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.Do(w.t.Context(), call)
}

func (w *world) must(r telegram.Request) telegram.Result {
	w.t.Helper()
	result, err := w.do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	return result
}

func TestConversationWithAStrictServer(t *testing.T) {
	w := newWorld(t)
	me, err := w.Me(t.Context())
	if err != nil || me.Username != w.server.Bot().Username {
		t.Fatalf("got %+v, %v", me, err)
	}
	chat := w.anna.Private()
	chat.Send("/new Не звонит\nс утра")
	message := w.updates()[0].Message
	if name, args, ok := message.Command(me.Username); !ok || name != "new" || args != "Не звонит\nс утра" {
		t.Errorf("got %q, %q, %t", name, args, ok)
	}
	w.must(telegram.SetMessageReaction{ChatID: message.Chat.ID, MessageID: message.ID, Reaction: []telegram.Emoji{"👀"}})
	var b telegram.Builder
	b.Bold("№1").Plain(" создано ").Italic("сегодня").Quote(telegram.Plain("подпись"), true)
	card := w.must(telegram.SendMessage{
		ChatID: 7, Text: b.Text().String, Entities: b.Text().Entities,
		ReplyParameters: &telegram.ReplyParameters{MessageID: message.ID, AllowSendingWithoutReply: true},
		ReplyMarkup:     telegram.InlineKeyboard{{{Text: "Ответить", Data: "a:1"}}}, Silent: true,
	})
	chat.Press(int(card.MessageID), "Ответить")
	press := w.updates()[0].Callback
	if press == nil || press.Data != "a:1" || press.Message.ID != card.MessageID {
		t.Fatalf("got %+v", press)
	}
	w.must(telegram.AnswerCallbackQuery{CallbackQueryID: press.ID})
	edit := telegram.EditMessageText{ChatID: 7, MessageID: card.MessageID, Text: "готово"}
	w.must(edit)
	if _, err := w.do(edit); !telegram.IsNotModified(err) {
		t.Errorf("the same edit again: %v", err)
	}
	chat.Reply(int(card.MessageID), "ответ")
	if reply := w.updates()[0].Message.ReplyTo; reply == nil || reply.ID != card.MessageID {
		t.Errorf("got the reply to %+v", reply)
	}
	w.must(telegram.SendMessage{ChatID: 7, Text: "Ваш ответ", ReplyMarkup: telegram.ForceReply{Placeholder: "Текст", Selective: true}})
	chat.Block()
	if u := w.updates(); len(u) != 1 || u[0].Member == nil || u[0].Member.Present {
		t.Errorf("got %+v", u)
	}
	if _, err := w.do(telegram.SendMessage{ChatID: 7, Text: "x"}); telegram.ClosureOf(err) != telegram.ClosedChat {
		t.Errorf("a message to who blocked the bot: %v", err)
	}
}

func TestFilesWithAStrictServer(t *testing.T) {
	w := newWorld(t)
	content := bytes.Repeat([]byte("0123456789"), 50_000)
	w.anna.Private().SendDocument(telegramtest.File{Name: "Акт №1.pdf", MIME: "application/pdf", Content: content}, "вот", 0)
	file := w.updates()[0].Message.File
	if file == nil || file.Name != "Акт №1.pdf" || file.Size != int64(len(content)) {
		t.Fatalf("got %+v", file)
	}
	open := func(ctx context.Context) (io.ReadCloser, error) {
		body, _, err := w.OpenFile(ctx, file.ID, 1<<20)
		return body, err
	}
	call, err := telegram.Encode(telegram.SendDocument{ChatID: 7, Caption: "копия"})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := w.Upload(t.Context(), call, telegram.Upload{Field: "document", Name: file.Name, Open: open})
	if err != nil {
		t.Fatal(err)
	}
	original, copied := w.anna.Private().Messages()[0], w.anna.Private().Message(int(sent.MessageID))
	if copied.File == nil || copied.File.SHA256 != original.File.SHA256 || copied.File.Name != original.File.Name {
		t.Errorf("got %+v, want %+v", copied.File, original.File)
	}
}

func TestTopicsWithAStrictServer(t *testing.T) {
	w := newWorld(t)
	w.forum.AddBot(w.anna)
	group := telegram.ChatID(w.forum.ID())
	if _, err := w.do(telegram.CreateForumTopic{ChatID: group, Name: "№1"}); !telegram.IsNoRights(err) {
		t.Errorf("a topic without the right: %v", err)
	}
	w.forum.Promote(w.anna, telegramtest.Rights{ManageTopics: true, PinMessages: true})
	thread := w.must(telegram.CreateForumTopic{ChatID: group, Name: "№1 Тема"}).ThreadID
	if thread == 0 {
		t.Fatal("the topic has no id")
	}
	receipt := w.must(telegram.SendMessage{ChatID: group, ThreadID: thread, Text: "создано"})
	w.must(telegram.PinChatMessage{ChatID: group, MessageID: receipt.MessageID, Silent: true})
	w.updates()
	inTopic := w.forum.As(w.anna).In(int(thread))
	inTopic.Send("мимо")
	inTopic.Reply(int(receipt.MessageID), "ответ")
	updates := w.updates()
	if len(updates) != 2 {
		t.Fatalf("got %+v", updates)
	}
	if m := updates[0].Message; !m.IsTopic || m.Thread != thread || m.ReplyTo != nil {
		t.Errorf("talk in the topic: %+v", m)
	}
	if m := updates[1].Message; m.ReplyTo == nil || m.ReplyTo.ID != receipt.MessageID {
		t.Errorf("a reply in the topic: %+v", m)
	}
	w.must(telegram.EditForumTopic{ChatID: group, ThreadID: thread, Name: "№1"})
	w.must(telegram.CloseForumTopic{ChatID: group, ThreadID: thread})
	w.must(telegram.ReopenForumTopic{ChatID: group, ThreadID: thread})
	w.forum.DeleteTopic(int(thread))
	if _, err := w.do(telegram.SendMessage{ChatID: group, ThreadID: thread, Text: "x"}); !telegram.IsThreadNotFound(err) {
		t.Errorf("a message to a deleted topic: %v", err)
	}
	w.forum.SetReactions([]string{})
	last := w.forum.As(w.anna).Send("/help@" + w.server.Bot().Username)
	if _, err := w.do(telegram.SetMessageReaction{ChatID: group, MessageID: telegram.MessageID(last.ID), Reaction: []telegram.Emoji{"👌"}}); !telegram.IsReactionRefused(err) {
		t.Errorf("a reaction where none is allowed: %v", err)
	}
	var member struct {
		CanManageTopics bool `json:"can_manage_topics"`
	}
	if err := w.must(getChatMember{ChatID: group, UserID: telegram.UserID(w.server.Bot().ID)}).Decode(&member); err != nil || !member.CanManageTopics {
		t.Errorf("got %+v, %v", member, err)
	}
	w.must(telegram.LeaveChat{ChatID: group})
}

// getChatMember is a request that the bot does not make.
type getChatMember struct {
	ChatID telegram.ChatID `json:"chat_id"`
	UserID telegram.UserID `json:"user_id"`
}

func (getChatMember) Method() string { return "getChatMember" }

func TestMenuWithAStrictServer(t *testing.T) {
	w := newWorld(t)
	commands := []telegram.BotCommand{{Command: "new", Description: "Новое обращение"}}
	w.must(telegram.SetMyCommands{Commands: commands, Scope: &telegram.CommandScope{Type: telegram.ScopeAllPrivateChats}, Language: "ru"})
	w.must(telegram.SetMyDescription{Description: "Обращения", Language: "ru"})
	w.must(telegram.SetMyShortDescription{ShortDescription: "Обращения"})
	w.must(telegram.DeleteWebhook{})
	if got := w.server.Commands("all_private_chats", "ru"); len(got) != 1 || got[0].Command != "new" {
		t.Errorf("got the menu %+v", got)
	}
}

// Whatever the staff writes, Telegram accepts it in parts.
func TestStaffTextWithAStrictServer(t *testing.T) {
	w := newWorld(t)
	w.anna.Private().Send("/start")
	html := `<h1>Ответ</h1><blockquote><b>цитата <i>😀</i></b><pre>  a</pre></blockquote>` +
		`<b>a<i>b</b>c</i> <a href="https://example.org/?q=я">ссылка <code>x</code></a><table><tr><td>1<td>2</table>` +
		strings.Repeat("<p>абзац <b>жирный <u>и</u></b> 👨‍👩‍👧</p>", 300)
	parts := telegram.FromHTML(html).Split(telegram.MaxText)
	if len(parts) < 2 {
		t.Fatalf("%d parts", len(parts))
	}
	for _, part := range parts {
		sent := w.must(telegram.SendMessage{ChatID: 7, Text: part.String, Entities: part.Entities})
		if got := w.anna.Private().Message(int(sent.MessageID)); got.Text != part.String {
			t.Errorf("sent %q, arrived %q", part.String, got.Text)
		}
	}
}

func TestLostAnswerIsUnknown(t *testing.T) {
	w := newWorld(t)
	w.anna.Private().Send("/start")
	w.server.Fail(telegramtest.Fault{Method: "sendMessage", DropAfter: true})
	_, err := w.do(telegram.SendMessage{ChatID: 7, Text: "дошло"})
	var e *telegram.Error
	if !errors.As(err, &e) || e.Outcome != telegram.Unknown {
		t.Errorf("got %v, want: unknown", err)
	}
	if got := w.anna.Private().FromBot(); len(got) != 1 || got[0].Text != "дошло" {
		t.Errorf("got %+v", got)
	}
}
