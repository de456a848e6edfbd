package bot_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// newForum makes a group with topics in which the bot may do what rights say, and
// chooses a topic for each ticket.
func (w *world) newForum(rights telegramtest.Rights, choice string) team {
	w.t.Helper()
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{Forum: true}))
	g.Promote(w.person(annaID), rights)
	w.reads(g.anna, "Права бота")
	w.choose(g.anna, choice)
	return g
}

// choose makes a choice in /settings of a chat.
func (w *world) choose(c *telegramtest.Chat, choice string) {
	w.t.Helper()
	c.Send("/settings")
	list := w.sees(c, "the settings", func(m telegramtest.Message) bool { _, ok := m.Button("Темы"); return ok })
	c.Press(list.ID, "Темы")
	w.sees(c, "the choices", func(m telegramtest.Message) bool { _, ok := m.Button(choice); return ok && m.ID == list.ID })
	c.Press(list.ID, choice)
	w.sees(c, "the choice", func(m telegramtest.Message) bool {
		return m.ID == list.ID && strings.Contains(m.Text, "Темы: "+choice)
	})
}

const (
	byReplies = "У каждого обращения своя тема"
	byWriting = "Своя тема, писать в теме = отвечать"
)

var allRights = telegramtest.Rights{ManageTopics: true, PinMessages: true}

// topics waits until the topics of a group are as wanted.
func (w *world) topics(g team, wanted func([]telegramtest.Topic) bool) []telegramtest.Topic {
	w.t.Helper()
	var found []telegramtest.Topic
	w.until(fmt.Sprintf("the topics; there: %v", g.Topics()), func(*telegramtest.Server) bool {
		found = g.Topics()
		return wanted(found)
	})
	return found
}

func one(closed bool, name string) func([]telegramtest.Topic) bool {
	return func(all []telegramtest.Topic) bool {
		return len(all) == 1 && all[0].Closed == closed && all[0].Name == name
	}
}

// A topic per ticket, from its opening on: its card pinned, closed, opened and
// renamed with the ticket. General stays as it is.
func TestTopicPerTicket(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, receipt := w.newTicket(g.boris, "Касса")
	topic := w.topics(g, one(false, fmt.Sprintf("№%d Касса", id)))[0]
	if receipt.Thread != topic.ID || receipt.ReplyTo != 0 {
		t.Errorf("the receipt: %+v", receipt)
	}
	w.sees(g.anna, "the pinned receipt", func(m telegramtest.Message) bool { return m.ID == receipt.ID && m.Pinned })

	w.plusofon.Reply(id, "Ольга", "Какая модель?")
	news := w.reads(g.anna, "Какая модель?")
	if news.Thread != topic.ID || news.Silent {
		t.Errorf("news: %+v", news)
	}
	in := g.anna.In(topic.ID)
	in.Send("это между нами") // it "replies" to the topic's first message, as all do
	answer := in.Reply(news.ID, "Атол")
	w.reacts(g.anna, answer.ID, "👌")
	if got := w.posts(id); len(got) != 3 || !strings.HasPrefix(got[2], "Атол") {
		t.Errorf("posts: %q", got)
	}

	w.plusofon.Rename(id, strings.Repeat("Длинная тема ", 20))
	renamed := w.topics(g, func(all []telegramtest.Topic) bool { return strings.Contains(all[0].Name, "Длинная тема") })[0]
	if n := len([]rune(renamed.Name)); n > 128 || !strings.HasSuffix(renamed.Name, "…") {
		t.Errorf("the name has %d characters: %s", n, renamed.Name)
	}
	w.plusofon.CloseTicket(id)
	w.topics(g, func(all []telegramtest.Topic) bool { return all[0].Closed })
	if m := w.reads(g.anna, "Обращение закрыто"); m.Thread != topic.ID || !m.Silent {
		t.Errorf("closing: %+v", m)
	}
	w.plusofon.ReopenTicket(id)
	w.topics(g, func(all []telegramtest.Topic) bool { return !all[0].Closed })
	w.reads(g.anna, "снова открыто")
	for _, m := range g.anna.Messages() {
		if m.FromBot && m.Thread == 0 && strings.Contains(m.Text, "Касса") {
			t.Errorf("in General: %q", m.Text)
		}
	}
}

// A ticket that the group hears of first by news gets its topic then.
func TestTopicOnFirstNews(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, _ := w.opened("Склад", "Нет света")
	g.anna.Send(fmt.Sprintf("/follow %d", id))
	w.reads(g.anna, "будут приходить сюда")
	w.plusofon.Reply(id, "Ольга", "Проверьте щиток")
	news := w.reads(g.anna, "Проверьте щиток")
	topic := w.topics(g, one(false, fmt.Sprintf("№%d Склад", id)))[0]
	if news.Thread != topic.ID {
		t.Errorf("news: %+v", news)
	}
}

// «Писать в теме = отвечать», where the group has chosen it.
func TestWritingInATopicAnswers(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byWriting)
	id, receipt := w.newTicket(g.boris, "Касса")
	in := g.anna.In(receipt.Thread)
	m := in.Send("Атол")
	w.reacts(g.anna, m.ID, "👌")
	in.Send("// между нами")
	asked := in.Send("@boris это так?")
	w.sees(g.anna, "a question", func(m telegramtest.Message) bool {
		return m.ReplyTo == asked.ID && m.Thread == receipt.Thread && strings.Contains(m.Text, "обращено к коллеге")
	})
	g.anna.Send("в общей теме")
	g.anna.In(g.CreateTopic(w.person(annaID), "Обеды")).Send("обед в час?")
	last := in.Send("спасибо")
	w.reacts(g.anna, last.ID, "👌")
	if got := w.posts(id); len(got) != 3 || !strings.HasPrefix(got[1], "Атол") || !strings.HasPrefix(got[2], "спасибо") {
		t.Errorf("posts: %q", got)
	}
}

// A topic that somebody has deleted is made anew, and goes on.
func TestTopicDeleted(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, receipt := w.newTicket(g.boris, "Касса")
	g.DeleteTopic(receipt.Thread)
	w.plusofon.Reply(id, "Ольга", "Первая")
	w.plusofon.Reply(id, "Ольга", "Вторая")
	first, second := w.reads(g.anna, "Первая"), w.reads(g.anna, "Вторая")
	topic := w.topics(g, one(false, fmt.Sprintf("№%d Касса", id)))[0]
	if topic.ID == receipt.Thread || first.Thread != topic.ID || second.Thread != topic.ID || first.ID > second.ID {
		t.Errorf("topic %+v, news %+v, %+v", topic, first, second)
	}
	here := w.reads(g.anna, "Тему удалили, продолжаю здесь")
	if here.Thread != topic.ID || here.ID > first.ID {
		t.Errorf("going on: %+v", here)
	}
	w.sees(g.anna, "the pinned card", func(m telegramtest.Message) bool { return m.ID == here.ID && m.Pinned })
	answer := g.anna.In(topic.ID).Reply(second.ID, "видим")
	w.reacts(g.anna, answer.ID, "👌")
	// A ticket that is closed while its topic is gone.
	g.DeleteTopic(topic.ID)
	w.plusofon.CloseTicket(id)
	w.topics(g, func(all []telegramtest.Topic) bool { return len(all) == 1 && all[0].Closed })
}

// Without the right, or with topics off, it goes on in one feed, and that is said
// once; with the right it goes on in topics.
func TestTopicsRefused(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, receipt := w.newTicket(g.boris, "Касса")
	if receipt.Thread == 0 {
		t.Errorf("the receipt: %+v", receipt)
	}
	// Nobody tells the bot that topics were switched off.
	g.SetForum(false)
	w.plusofon.Reply(id, "Ольга", "Без тем")
	w.reads(g.anna, "Без тем")
	w.reads(g.anna, "Темы в группе выключены")
	w.plusofon.Reply(id, "Ольга", "И ещё")
	w.reads(g.anna, "И ещё")
	if n := len(slices.DeleteFunc(g.anna.FromBot(), func(m telegramtest.Message) bool {
		return !strings.HasPrefix(m.Text, "Темы в группе выключены. ")
	})); n != 1 {
		t.Errorf("said %d times", n)
	}
	g.SetForum(true)
	w.newTicket(g.boris, "Весы") // by this the bot sees that they are on
	w.plusofon.Reply(id, "Ольга", "Снова в теме")
	if m := w.reads(g.anna, "Снова в теме"); m.Thread == 0 {
		t.Errorf("news: %+v", m)
	}

	g.Demote(w.person(annaID))
	w.reads(g.anna, "нет права управлять темами, поэтому")
	if _, receipt := w.newTicket(g.boris, "Сканер"); receipt.Thread != 0 {
		t.Errorf("the receipt: %+v", receipt)
	}
	w.choose(g.anna, byWriting)
	w.reads(g.anna, "Создать тему не получилось: у бота нет права")
	g.Promote(w.person(annaID), allRights)
	w.sees(g.anna, "the new rights", func(m telegramtest.Message) bool {
		return strings.Contains(m.Text, "выберите это в /settings") && m.ID > receipt.ID
	})
	if _, receipt := w.newTicket(g.boris, "Принтер"); receipt.Thread == 0 {
		t.Errorf("the receipt: %+v", receipt)
	}
}

// The right is lost unseen: the row finds out.
func TestRightToTopicsLostUnseen(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	w.telegram.Fail(telegramtest.Fault{Method: "createForumTopic", Status: 400, Description: "Bad Request: not enough rights to create a topic"})
	_, receipt := w.newTicket(g.boris, "Касса")
	if receipt.Thread != 0 {
		t.Errorf("the receipt: %+v", receipt)
	}
	w.reads(g.anna, "Создать тему не получилось")
}

// A topic closed by hand: news still come there, and it is opened with the ticket.
func TestTopicClosedByHand(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, receipt := w.newTicket(g.boris, "Касса")
	g.CloseTopic(w.person(annaID), receipt.Thread, true)
	w.plusofon.Reply(id, "Ольга", "Какая модель?")
	if m := w.reads(g.anna, "Какая модель?"); m.Thread != receipt.Thread {
		t.Errorf("news: %+v", m)
	}
	if !g.Topics()[0].Closed {
		t.Error("it was opened against somebody's will")
	}
	w.plusofon.CloseTicket(id)
	w.reads(g.anna, "Обращение закрыто")
	// Until the bot has closed it as well it is no matter of the ticket's.
	w.requested("the closing", func(r telegramtest.Request) bool { return r.Method == "closeForumTopic" })
	w.plusofon.ReopenTicket(id)
	w.topics(g, func(all []telegramtest.Topic) bool { return !all[0].Closed })
	// Where only those may write there who manage topics, and the bot may not.
	g.CloseTopic(w.person(annaID), receipt.Thread, true)
	g.Promote(w.person(annaID), telegramtest.Rights{PinMessages: true})
	w.plusofon.Reply(id, "Ольга", "Ещё вопрос")
	if m := w.reads(g.anna, "Ещё вопрос"); m.Thread == receipt.Thread && g.Topics()[0].Closed {
		t.Errorf("news: %+v", m)
	}
}

// The file of an answer goes into the topic too.
func TestAttachmentsInATopic(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, receipt := w.newTicket(g.boris, "Касса")
	w.plusofon.Reply(id, "Ольга", "Схема", pdf)
	file := w.sees(g.anna, "the file", func(m telegramtest.Message) bool { return m.File != nil })
	if file.Thread != receipt.Thread {
		t.Errorf("the file: %+v", file)
	}
}

// Commands are answered where they were given.
func TestCommandsInATopic(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	id, receipt := w.newTicket(g.boris, "Касса")
	in := g.anna.In(g.CreateTopic(w.person(annaID), "Обеды"))
	for _, c := range []struct{ command, answer string }{
		{"/tickets", "У Плюсофона · 1"}, {fmt.Sprintf("/ticket %d", id), "Открыто"}, {"/help", "Чтобы открыть обращение"},
	} {
		sent := in.Send(c.command)
		answer := w.sees(g.anna, "the answer to "+c.command, func(m telegramtest.Message) bool {
			return m.FromBot && m.ID > sent.ID && strings.Contains(m.Text, c.answer)
		})
		if answer.Thread != sent.Thread || answer.Thread == receipt.Thread {
			t.Errorf("%s is answered in topic %d", c.command, answer.Thread)
		}
	}
}

// The topic in which somebody asks is gone before he is answered.
func TestAnswerToADeletedTopic(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newForum(allRights, byReplies)
	topic := g.CreateTopic(w.person(annaID), "Обеды")
	w.telegram.Fail(telegramtest.Fault{Method: "sendMessage", Status: 400, Description: "Bad Request: message thread not found"})
	g.anna.In(topic).Send("/tickets")
	if m := w.reads(g.anna, "Ждут вас"); m.Thread != 0 {
		t.Errorf("the answer: %+v", m)
	}
}

// A private chat has topics by choice, and goes on without where they fail.
func TestTopicsInPrivate(t *testing.T) {
	w := newWorld(t, options{hurried: true, telegram: telegramtest.Config{PrivateTopics: true}})
	w.anna.Start("")
	w.choose(w.anna, byWriting)
	id, receipt := w.newTicket(w.anna, "Касса")
	topics := w.anna.Topics()
	if len(topics) != 1 || topics[0].ID != receipt.Thread || topics[0].Name != fmt.Sprintf("№%d Касса", id) {
		t.Errorf("topics %+v, receipt %+v", topics, receipt)
	}
	w.sees(w.anna, "the pinned receipt", func(m telegramtest.Message) bool { return m.ID == receipt.ID && m.Pinned })
	m := w.anna.In(receipt.Thread).Send("ещё вопрос")
	w.reacts(w.anna, m.ID, "👌")
	w.plusofon.CloseTicket(id)
	w.reads(w.anna, "Обращение закрыто")
	w.telegram.Fail(telegramtest.Fault{Method: "createForumTopic", Status: 400, Description: "Bad Request: the bot has no topics"})
	_, second := w.newTicket(w.anna, "Весы")
	w.reads(w.anna, "Создать тему здесь не получилось")
	if second.Thread != 0 {
		t.Errorf("the receipt: %+v", second)
	}
}

// Where private chats can't have topics there is no such choice.
func TestNoTopicsInPrivate(t *testing.T) {
	w := newWorld(t, hurried)
	w.anna.Send("/settings")
	list := w.reads(w.anna, "Настройки этого чата")
	if _, has := list.Button("Темы"); has {
		t.Error("topics can be chosen")
	}
}

// until waits for something at Telegram.
func (w *world) until(what string, done func(*telegramtest.Server) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.telegram.Wait(ctx, done); err != nil {
		w.t.Fatalf("waiting for %s: %v", what, err)
	}
}

var pdf = plusofontest.Attachment{Name: "scheme.pdf", Content: []byte("%PDF")}

// A ticket is opened again at the moment at which its topic is found to need
// nothing: the row that was to close it opens it.
func TestTicketOpenedAgainWhileItsTopicIsLookedAt(t *testing.T) {
	t.Parallel()
	const group, id, thread = -5, 7, 3
	store, err := state.Open(filepath.Join(t.TempDir(), "bot.db"))
	must(t, err)
	defer func() { must(t, store.Close()) }()
	cfg := chat.Config{Language: "ru", Location: time.UTC}
	now := time.Now()
	reads := func(tx *state.Tx, open bool) error {
		turn, err := cfg.NewTurn(tx, now)
		must(t, err)
		return ticket.Absorb(turn, plusofon.Ticket{ID: id, Subject: "Касса", Open: open, OpenKnown: true}, ticket.Changed{ID: id, Again: true})
	}
	var row state.Row
	must(t, store.Update(func(tx *state.Tx) error {
		if err := reads(tx, true); err != nil {
			return err
		}
		// Somebody has closed it by hand.
		topic := state.Topic{Chat: group, Ticket: id, Thread: thread, Name: "№7 Касса", Closed: true}
		err := errors.Join(tx.SaveGroup(state.Group{Chat: group, AddedBy: annaID, Present: true}), tx.SaveTopic(topic), reads(tx, false))
		if err != nil {
			return err
		}
		row, err = tx.LaneHead(state.Telegram, "chat:-5")
		return err
	}))
	r := bot.New(bot.Config{Store: store, Conversation: cfg, Log: slog.New(slog.DiscardHandler)})
	must(t, r.Send(t.Context(), row, func() { must(t, store.Update(func(tx *state.Tx) error { return reads(tx, true) })) }))
	must(t, store.Update(func(tx *state.Tx) error {
		head, err := tx.LaneHead(state.Telegram, "chat:-5")
		if err != nil {
			t.Error("nothing is left to open the topic")
			return nil //nolint:nilerr // it is said
		}
		payload, err := chat.Decode[chat.TelegramRow](head)
		if err != nil {
			return err
		}
		turn, err := cfg.NewTurn(tx, now)
		if err != nil {
			return err
		}
		payload, err = conversation.Prepare(turn, payload)
		if err != nil || payload.Call.Method != (telegram.ReopenForumTopic{}).Method() {
			t.Errorf("what is next is %s, %v", payload.Call.Method, err)
		}
		return nil
	}))
}
