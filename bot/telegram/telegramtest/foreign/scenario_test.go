package foreign

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
)

// event is an update as understood by the client.
type event struct {
	kind     string // message, edited, press
	chat     int64
	id       int
	thread   int
	replyTo  int
	text     string
	entities int
	fileID   string
	album    string
	callback string
	data     string
}

// client is what the scenario needs from a library.
type client interface {
	poll(ctx context.Context) <-chan event
	send(ctx context.Context, m outgoing) (int, error)
	answer(ctx context.Context, callback, text string) error
	edit(ctx context.Context, chat int64, id int, text string) error
	react(ctx context.Context, chat int64, id int, emoji string) error
	document(ctx context.Context, chat int64, name, content, caption string) error
	album(ctx context.Context, chat int64, names ...string) error
	fileURL(ctx context.Context, id string) (string, error)
	createTopic(ctx context.Context, chat int64, name string) (int, error)
	// fault takes an error apart.
	fault(err error) (code, retryAfter int, migrateTo int64)
}

type outgoing struct {
	chat    int64
	text    string
	bold    int // the first UTF-16 units
	thread  int
	replyTo int
	button  string
	data    string
}

func TestClients(t *testing.T) {
	for name, open := range map[string]func(t *testing.T, url, token string) client{
		"telego":      newTelego,
		"go-telegram": newGoTelegram,
	} {
		t.Run(name, func(t *testing.T) {
			srv := telegramtest.New(telegramtest.Config{Token: "123456789:aaaabbbbaaaabbbbaaaabbbbaaaabbbbccc", BotID: 123456789})
			if err := srv.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(srv.Close)
			scenario(t, srv, open(t, srv.URL(), srv.Token()))
			for _, v := range srv.Violations() {
				t.Errorf("violation: %s", v)
			}
		})
	}
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func scenario(t *testing.T, srv *telegramtest.Server, c client) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	events := c.poll(ctx)
	next := func(what string) event {
		t.Helper()
		select {
		case e := <-events:
			return e
		case <-ctx.Done():
			t.Fatalf("%s: no update", what)
			return event{}
		}
	}
	ok := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	anna := srv.AddUser(telegramtest.User{ID: 100, FirstName: "Анна", Language: "ru"})
	chat := anna.Private()

	// Updates.
	start := chat.Start("t_5")
	e := next("start")
	expect(t, "text", e.text, "/start t_5")
	expect(t, "a command", e.entities, 1)
	expect(t, "id", e.id, start.ID)
	chat.Edit(start.ID, "/start t_6")
	expect(t, "edited", next("edit").kind, "edited")

	// Sending.
	id, err := c.send(ctx, outgoing{chat: 100, text: "👍 готово", bold: 2, replyTo: start.ID})
	ok("send", err)
	m := chat.Message(id)
	expect(t, "bold", m.Entities[0], telegramtest.Entity{Type: "bold", Length: 2})
	expect(t, "reply", m.ReplyTo, start.ID)
	chat.Reply(id, "ответ")
	expect(t, "the reply", next("reply").replyTo, id)

	// Buttons, edits, reactions.
	id, err = c.send(ctx, outgoing{chat: 100, text: "Отправить?", button: "Да", data: "send:1"})
	ok("send buttons", err)
	press := chat.Press(id, "Да")
	e = next("press")
	expect(t, "callback", e.callback, press)
	expect(t, "data", e.data, "send:1")
	expect(t, "its message", e.id, id)
	ok("answer", c.answer(ctx, press, "Отправлено"))
	expect(t, "answer", srv.Answers()[0].Text, "Отправлено")
	ok("edit", c.edit(ctx, 100, id, "Отправлено"))
	expect(t, "edited", chat.Message(id).Text, "Отправлено")
	ok("react", c.react(ctx, 100, start.ID, "👀"))
	expect(t, "reaction", chat.Message(start.ID).Reaction, "👀")

	// Files.
	ok("document", c.document(ctx, 100, "история.html", "<p>", "подпись"))
	sent := chat.FromBot()
	file := sent[len(sent)-1]
	expect(t, "name", file.File.Name, "история.html")
	expect(t, "caption", file.Text, "подпись")
	ok("album", c.album(ctx, 100, "a.txt", "b.txt"))
	sent = chat.FromBot()
	a, b := sent[len(sent)-2], sent[len(sent)-1]
	expect(t, "album", a.Album != "" && a.Album == b.Album, true)
	chat.SendAlbum([]telegramtest.Item{
		{Kind: "document", File: telegramtest.File{Name: "1.txt", Content: []byte("один")}, Caption: "подпись"},
		{Kind: "document", File: telegramtest.File{Name: "2.txt", Content: []byte("два")}},
	}, 0)
	one, two := next("album"), next("album")
	expect(t, "one album", one.album != "" && one.album == two.album, true)
	url, err := c.fileURL(ctx, two.fileID)
	ok("getFile", err)
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	res, err := http.DefaultClient.Do(req)
	ok("download", err)
	content, err := io.ReadAll(res.Body)
	ok("download", err)
	_ = res.Body.Close()
	expect(t, "content", string(content), "два")

	// Topics.
	forum := srv.AddGroup(telegramtest.GroupOptions{Title: "Офис", Forum: true})
	forum.AddBot(anna)
	forum.Promote(anna, telegramtest.Rights{ManageTopics: true})
	next("joined")
	topic, err := c.createTopic(ctx, forum.ID(), "№5")
	ok("createForumTopic", err)
	next("topic created")
	_, err = c.send(ctx, outgoing{chat: forum.ID(), text: "в теме", thread: topic})
	ok("send to a topic", err)
	forum.As(anna).In(topic).Send("вижу")
	expect(t, "thread", next("in a topic").thread, topic)

	// Refusals.
	fault := func(what string, err error, code, retry int, migrate int64) {
		t.Helper()
		gotCode, gotRetry, gotMigrate := c.fault(err)
		expect(t, what+": code", gotCode, code)
		expect(t, what+": retry_after", gotRetry, retry)
		expect(t, what+": migrate_to_chat_id", gotMigrate, migrate)
	}
	_, err = c.send(ctx, outgoing{chat: 5, text: "а"})
	fault("unknown chat", err, 400, 0, 0)
	fault("unchanged", c.edit(ctx, 100, id, "Отправлено"), 400, 0, 0)
	srv.Fail(telegramtest.Fault{Method: "sendMessage", Status: 429, RetryAfter: 7})
	_, err = c.send(ctx, outgoing{chat: 100, text: "а"})
	fault("too many", err, 429, 7, 0)
	chat.Block()
	_, err = c.send(ctx, outgoing{chat: 100, text: "а"})
	fault("blocked", err, 403, 0, 0)
	group := srv.AddGroup(telegramtest.GroupOptions{Title: "Старая"})
	group.AddBot(anna)
	next("joined")
	moved := group.Migrate()
	_, err = c.send(ctx, outgoing{chat: group.ID(), text: "а"})
	fault("migrated", err, 400, 0, moved.ID())
}
