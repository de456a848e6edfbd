package topic_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

func one(closed bool, name string) func([]telegramtest.Topic) bool {
	return func(all []telegramtest.Topic) bool {
		return len(all) == 1 && all[0].Closed == closed && all[0].Name == name
	}
}

// A topic per ticket from its opening on: with its card pinned, and closed, reopened and
// renamed with the ticket. General is unchanged.
func TestTopicPerTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		topic := w.Topics(g, one(false, fmt.Sprintf("№%d Касса", id)))[0]
		if receipt.Thread != topic.ID || receipt.ReplyTo != 0 {
			t.Errorf("the receipt: %+v", receipt)
		}
		w.Sees(g.Anna, "the pinned receipt", func(m telegramtest.Message) bool { return m.ID == receipt.ID && m.Pinned })

		w.Plusofon.Reply(id, "Ольга", "Какая модель?")
		news := w.Reads(g.Anna, "Какая модель?")
		if news.Thread != topic.ID || news.Silent {
			t.Errorf("news: %+v", news)
		}
		in := g.Anna.In(topic.ID)
		in.Send("это между нами") // like all messages it "replies" to the topic's first message
		answer := in.Reply(news.ID, "Атол")
		w.Reacts(g.Anna, answer.ID, "👌")
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 3 || !strings.HasPrefix(got[2], "Атол") {
			t.Errorf("posts: %q", got)
		}

		w.Plusofon.Rename(id, strings.Repeat("Длинная тема ", 20))
		renamed := w.Topics(g, func(all []telegramtest.Topic) bool { return strings.Contains(all[0].Name, "Длинная тема") })[0]
		if n := len([]rune(renamed.Name)); n > 128 || !strings.HasSuffix(renamed.Name, "…") {
			t.Errorf("the name has %d characters: %s", n, renamed.Name)
		}
		w.Plusofon.CloseTicket(id)
		w.Topics(g, func(all []telegramtest.Topic) bool { return all[0].Closed })
		if m := w.Reads(g.Anna, "Обращение закрыто"); m.Thread != topic.ID || !m.Silent {
			t.Errorf("closing: %+v", m)
		}
		w.Plusofon.ReopenTicket(id)
		w.Topics(g, func(all []telegramtest.Topic) bool { return !all[0].Closed })
		w.Reads(g.Anna, "снова открыто")
		var general []telegramtest.Message
		for _, m := range g.Anna.Messages() {
			if m.FromBot && m.Thread == 0 && strings.Contains(m.Text, "Касса") {
				general = append(general, m)
			}
		}
		link := fmt.Sprintf("https://t.me/c/%d/%d", -1_000_000_000_000-g.ID(), topic.ID)
		if len(general) != 1 || !general[0].Silent || !slices.ContainsFunc(general[0].Entities, func(e telegramtest.Entity) bool { return e.URL == link }) {
			t.Fatalf("in General: %+v, want one silent line with %s", general, link)
		}
		about := g.Boris.Reply(general[0].ID, "и ещё одна")
		w.Reacts(g.Boris, about.ID, "👌")
	})
}

// A ticket that the group first learns of by news gets its topic then.
func TestTopicOnFirstNews(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, _ := w.Opened("Склад", "Нет света")
		g.Anna.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(g.Anna, "будут приходить сюда")
		w.Plusofon.Reply(id, "Ольга", "Проверьте щиток")
		news := w.Reads(g.Anna, "Проверьте щиток")
		topic := w.Topics(g, one(false, fmt.Sprintf("№%d Склад", id)))[0]
		if news.Thread != topic.ID {
			t.Errorf("news: %+v", news)
		}
	})
}

// «Писать в теме = отвечать», if the group has chosen it.
func TestWritingInATopicAnswers(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByWriting)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		in := g.Anna.In(receipt.Thread)
		m := in.Send("Атол")
		w.Reacts(g.Anna, m.ID, "👌")
		in.Send("// между нами")
		asked := in.Send("@boris это так?")
		w.Sees(g.Anna, "a question", func(m telegramtest.Message) bool {
			return m.ReplyTo == asked.ID && m.Thread == receipt.Thread && strings.Contains(m.Text, "Похоже, это коллеге")
		})
		g.Anna.Send("в общей теме")
		g.Anna.In(g.CreateTopic(w.Person(bottest.AnnaID), "Обеды")).Send("обед в час?")
		last := in.Send("спасибо")
		w.Reacts(g.Anna, last.ID, "👌")
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 3 || !strings.HasPrefix(got[1], "Атол") || !strings.HasPrefix(got[2], "спасибо") {
			t.Errorf("posts: %q", got)
		}
	})
}

// A topic that someone has deleted is recreated and continues.
func TestTopicDeleted(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		g.DeleteTopic(receipt.Thread)
		w.Plusofon.Reply(id, "Ольга", "Первая")
		w.Plusofon.Reply(id, "Ольга", "Вторая")
		first, second := w.Reads(g.Anna, "Первая"), w.Reads(g.Anna, "Вторая")
		topic := w.Topics(g, one(false, fmt.Sprintf("№%d Касса", id)))[0]
		if topic.ID == receipt.Thread || first.Thread != topic.ID || second.Thread != topic.ID || first.ID > second.ID {
			t.Errorf("topic %+v, news %+v, %+v", topic, first, second)
		}
		here := w.Reads(g.Anna, "Тему удалили, продолжаю здесь")
		if here.Thread != topic.ID || here.ID > first.ID {
			t.Errorf("going on: %+v", here)
		}
		w.Sees(g.Anna, "the pinned card", func(m telegramtest.Message) bool { return m.ID == here.ID && m.Pinned })
		answer := g.Anna.In(topic.ID).Reply(second.ID, "видим")
		w.Reacts(g.Anna, answer.ID, "👌")
		// A ticket closed while its topic is deleted.
		g.DeleteTopic(topic.ID)
		w.Plusofon.CloseTicket(id)
		w.Topics(g, func(all []telegramtest.Topic) bool { return len(all) == 1 && all[0].Closed })
	})
}

// Without the right, or with topics off, messages are sent without topics, and that is
// said once; with the right, topics are used.
func TestTopicsRefused(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		if receipt.Thread == 0 {
			t.Errorf("the receipt: %+v", receipt)
		}
		// The bot is not notified when topics are turned off.
		g.SetForum(false)
		w.Plusofon.Reply(id, "Ольга", "Без тем")
		w.Reads(g.Anna, "Без тем")
		w.Reads(g.Anna, "Темы в группе выключены")
		w.Plusofon.Reply(id, "Ольга", "И ещё")
		w.Reads(g.Anna, "И ещё")
		w.Passes(time.Minute)
		if n := len(slices.DeleteFunc(g.Anna.FromBot(), func(m telegramtest.Message) bool {
			return !strings.HasPrefix(m.Text, "Темы в группе выключены. ")
		})); n != 1 {
			t.Errorf("said %d times", n)
		}
		g.SetForum(true)
		w.NewTicket(g.Boris, "Весы") // this shows the bot that they are on
		w.Plusofon.Reply(id, "Ольга", "Снова в теме")
		if m := w.Reads(g.Anna, "Снова в теме"); m.Thread == 0 {
			t.Errorf("news: %+v", m)
		}

		g.Demote(w.Person(bottest.AnnaID))
		w.Reads(g.Anna, "нет права управлять темами, поэтому")
		if _, receipt := w.NewTicket(g.Boris, "Сканер"); receipt.Thread != 0 {
			t.Errorf("the receipt: %+v", receipt)
		}
		w.ChooseTopics(g.Anna, bottest.ByWriting)
		w.Reads(g.Anna, "Создать тему не получилось: у бота нет права")
		g.Promote(w.Person(bottest.AnnaID), bottest.AllRights)
		w.Sees(g.Anna, "the new rights", func(m telegramtest.Message) bool {
			return strings.Contains(m.Text, "выберите это в /settings") && m.ID > receipt.ID
		})
		if _, receipt := w.NewTicket(g.Boris, "Принтер"); receipt.Thread == 0 {
			t.Errorf("the receipt: %+v", receipt)
		}
	})
}

// The right is lost without notice: the next row finds out.
func TestRightToTopicsLostUnseen(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		w.Telegram.Fail(telegramtest.Fault{Method: "createForumTopic", Status: 400, Description: "Bad Request: not enough rights to create a topic"})
		_, receipt := w.NewTicket(g.Boris, "Касса")
		if receipt.Thread != 0 {
			t.Errorf("the receipt: %+v", receipt)
		}
		w.Reads(g.Anna, "Создать тему не получилось")
	})
}

// A topic closed by hand: news is still sent there, and it is reopened with the ticket.
func TestTopicClosedByHand(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		g.CloseTopic(w.Person(bottest.AnnaID), receipt.Thread, true)
		w.Plusofon.Reply(id, "Ольга", "Какая модель?")
		if m := w.Reads(g.Anna, "Какая модель?"); m.Thread != receipt.Thread {
			t.Errorf("news: %+v", m)
		}
		if !g.Topics()[0].Closed {
			t.Error("it was opened against somebody's will")
		}
		w.Plusofon.CloseTicket(id)
		w.Reads(g.Anna, "Обращение закрыто")
		// Until the bot has closed it as well, the ticket does not reopen it.
		w.Requested("the closing", func(r telegramtest.Request) bool { return r.Method == "closeForumTopic" })
		w.Plusofon.ReopenTicket(id)
		w.Topics(g, func(all []telegramtest.Topic) bool { return !all[0].Closed })
		// Only those who manage topics may write there, and the bot may not.
		g.CloseTopic(w.Person(bottest.AnnaID), receipt.Thread, true)
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{PinMessages: true})
		w.Plusofon.Reply(id, "Ольга", "Ещё вопрос")
		if m := w.Reads(g.Anna, "Ещё вопрос"); m.Thread == receipt.Thread && g.Topics()[0].Closed {
			t.Errorf("news: %+v", m)
		}
	})
}

// Only administrators can write in a closed topic: who has more to ask has it opened, and it
// stays so until the ticket, opened again by the answer, is closed once more.
func TestClosedTopicIsOpenedForAnAnswer(t *testing.T) {
	t.Parallel()
	for _, choice := range []string{bottest.ByReplies, bottest.ByWriting} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
				g := w.NewForum(bottest.AllRights, choice)
				id, receipt := w.NewTicket(g.Boris, "Касса")
				isClosed := func(closed bool) {
					w.Topics(g, func(all []telegramtest.Topic) bool { return all[0].Closed == closed })
				}
				w.Plusofon.CloseTicket(id)
				isClosed(true)
				w.Pressed(g.Boris.Press(w.Reads(g.Boris, "Обращение закрыто").ID, "Вопрос остался"))
				prompt := w.Reads(g.Boris, "Напишите ответ в обращение")
				isClosed(false)
				w.Passes(10 * time.Minute)
				if g.Topics()[0].Closed {
					t.Error("it was closed again before the answer")
				}
				in := g.Boris.In(receipt.Thread)
				if choice == bottest.ByReplies {
					in = in.Replying(prompt.ID)
				}
				m := in.Send("так и не печатает")
				w.Reacts(g.Boris, m.ID, "👌")
				w.WantPosts(id, "Подробности", "так и не печатает")
				w.Passes(time.Minute)
				w.Plusofon.CloseTicket(id)
				isClosed(true)
			})
		})
	}
}

// The file of an answer goes into the topic too.
func TestAttachmentsInATopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.Reply(id, "Ольга", "Схема", pdf)
		file := w.Sees(g.Anna, "the file", func(m telegramtest.Message) bool { return m.File != nil })
		if file.Thread != receipt.Thread {
			t.Errorf("the file: %+v", file)
		}
	})
}

// Commands are answered where they were given.
func TestCommandsInATopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		in := g.Anna.In(g.CreateTopic(w.Person(bottest.AnnaID), "Обеды"))
		for _, c := range []struct{ command, answer string }{
			{"/tickets", "У Плюсофона · 1"}, {fmt.Sprintf("/ticket %d", id), "Открыто"}, {"/help", "Чтобы открыть обращение"},
		} {
			sent := in.Send(c.command)
			answer := w.Sees(g.Anna, "the answer to "+c.command, func(m telegramtest.Message) bool {
				return m.FromBot && m.ID > sent.ID && strings.Contains(m.Text, c.answer)
			})
			if answer.Thread != sent.Thread || answer.Thread == receipt.Thread {
				t.Errorf("%s is answered in topic %d", c.command, answer.Thread)
			}
		}
	})
}

// The topic in which someone asks is deleted before the answer.
func TestAnswerToADeletedTopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		topic := g.CreateTopic(w.Person(bottest.AnnaID), "Обеды")
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Status: 400, Description: "Bad Request: message thread not found"})
		g.Anna.In(topic).Send("/tickets")
		if m := w.Reads(g.Anna, "Ждут вас"); m.Thread != 0 {
			t.Errorf("the answer: %+v", m)
		}
	})
}

// A private chat has topics by choice, and messages are sent without if they fail.
func TestTopicsInPrivate(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Telegram: telegramtest.Config{PrivateTopics: true}}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.ChooseTopics(w.Anna, bottest.ByWriting)
		id, receipt := w.NewTicket(w.Anna, "Касса")
		topics := w.Anna.Topics()
		if len(topics) != 1 || topics[0].ID != receipt.Thread || topics[0].Name != fmt.Sprintf("№%d Касса", id) {
			t.Errorf("topics %+v, receipt %+v", topics, receipt)
		}
		w.Sees(w.Anna, "the pinned receipt", func(m telegramtest.Message) bool { return m.ID == receipt.ID && m.Pinned })
		m := w.Anna.In(receipt.Thread).Send("ещё вопрос")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		w.Telegram.Fail(telegramtest.Fault{Method: "createForumTopic", Status: 400, Description: "Bad Request: the bot has no topics"})
		_, second := w.NewTicket(w.Anna, "Весы")
		w.Reads(w.Anna, "Создать тему здесь не получилось")
		if second.Thread != 0 {
			t.Errorf("the receipt: %+v", second)
		}
	})
}

// If private chats can't have topics, the option is not offered.
func TestNoTopicsInPrivate(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/settings")
		list := w.Reads(w.Anna, "Настройки этого чата")
		if _, has := list.Button("Обращения"); has {
			t.Error("topics can be chosen")
		}
	})
}

var pdf = plusofontest.Attachment{Name: "scheme.pdf", Content: []byte("%PDF")}

// A long post that takes two messages is in its ticket's topic with both.
func TestLongNewsStaysInItsTopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.Reply(id, "Ольга", "Начало "+strings.Repeat("слово ", 1000)+" конец")
		if m := w.Reads(g.Anna, "Начало"); m.Thread != receipt.Thread {
			t.Errorf("the beginning is in topic %d, want %d", m.Thread, receipt.Thread)
		}
		if m := w.Reads(g.Anna, " конец"); m.Thread != receipt.Thread {
			t.Errorf("the end is in topic %d, want %d", m.Thread, receipt.Thread)
		}
	})
}

// A file added to a known post and a new post, found together, are for one topic.
func TestFileAddedToAPostAndNewsMakeOneTopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Forum: true}))
		g.Promote(w.Person(bottest.AnnaID), bottest.AllRights)
		w.Reads(g.Anna, "Права бота")
		id, _ := w.NewTicket(g.Boris, "Касса")
		other := w.Plusofon.OpenInCabinet("Другая", "Текст")
		w.Plusofon.Reply(other, "Ольга", "с файлом", pdf)
		first := w.Plusofon.Reply(id, "Ольга", "Первая")
		w.Reads(g.Anna, "Первая")
		w.ChooseTopics(g.Anna, bottest.ByReplies)
		file := w.LastPost(other).Attachments[0]
		link := fmt.Sprintf("%s/files/%d/%s?signature=%s", w.Plusofon.URL(), file.ID, file.Name, plusofontest.Signature)
		body := fmt.Sprintf(`{"id":%d,"subject":"Касса","status":true,"posts":[
			{"id":%d,"date":"2026-03-02 09:00:00","text":"Подробности","author":{"id":"9740","name":"customer@example.com"}},
			{"id":%d,"date":"2026-03-02 09:00:10","text":"Первая","author":{"id":"77","name":"Ольга"},"attachments":[{"id":1,"filename":"scheme.pdf","url":%q}]},
			{"id":%d,"date":"2026-03-02 09:00:20","text":"Вторая","author":{"id":"77","name":"Ольга"}}]}`, id, w.First(0).Posts[0].ID, first, link, first+1)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Body: body})
		w.Plusofon.Reply(id, "Ольга", "Вторая")
		w.Telegram.Fail(telegramtest.Fault{Method: "createForumTopic", Delay: 3 * time.Second})
		second := w.Reads(g.Anna, "Вторая")
		f := w.Sees(g.Anna, "the file", func(m telegramtest.Message) bool { return m.File != nil })
		w.Passes(time.Minute)
		if f.Thread != second.Thread {
			t.Errorf("the post is in topic %d, the file in %d", second.Thread, f.Thread)
		}
		for _, m := range g.Anna.FromBot() {
			if strings.Contains(m.Text, "Тему удалили") {
				t.Errorf("nobody has deleted a topic, but it says %q", m.Text)
			}
		}
	})
}

// What is written in a ticket's topic of a private chat does not continue an answer to another
// ticket, nor is it the answer that another ticket's topic waits for.
func TestPrivateTopicsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *bottest.World, first telegramtest.Message){
		"going on": func(w *bottest.World, first telegramtest.Message) {
			m := w.Anna.In(first.Thread).Replying(first.ID).Send("ответ первому")
			w.Reacts(w.Anna, m.ID, "👌")
		},
		"in hand": func(w *bottest.World, first telegramtest.Message) {
			w.Later()
			w.Pressed(w.Anna.PressForged(first.ID, "answer:23624"))
			w.Reads(w.Anna, "Напишите ответ")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Telegram: telegramtest.Config{PrivateTopics: true}}, func(t *testing.T, w *bottest.World) {
				w.Anna.Start("")
				w.ChooseTopics(w.Anna, bottest.ByReplies)
				id, first := w.NewTicket(w.Anna, "Касса")
				_, second := w.NewTicket(w.Anna, "Весы")
				if first.Thread == 0 || second.Thread == 0 || first.Thread == second.Thread {
					t.Fatalf("topics %d and %d", first.Thread, second.Thread)
				}
				begin(w, first)
				w.Anna.In(second.Thread).Send("весы показывают ноль")
				w.Passes(2 * time.Minute)
				for _, text := range w.Posts(id) {
					if text == "весы показывают ноль" {
						t.Errorf("what was written in the topic of another ticket went to №%d: %q", id, w.Posts(id))
					}
				}
			})
		})
	}
}

// When a group chooses that writing in a topic answers, or the opposite, its topics are told: their
// pinned cards say what was so before.
func TestRuleOfTopicsChanges(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		_, receipt := w.NewTicket(g.Boris, "Касса")
		if !strings.Contains(receipt.Text, "только ответы") {
			t.Errorf("the pinned card says %q", receipt.Text)
		}
		w.ChooseTopics(g.Anna, bottest.ByWriting)
		if told := w.Reads(g.Anna, "уходит всё, что вы пишете"); told.Thread != receipt.Thread || !told.Silent {
			t.Errorf("told in topic %d, want %d; silent: %v", told.Thread, receipt.Thread, told.Silent)
		}
	})
}
