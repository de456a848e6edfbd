package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// A reply to what an anonymous administrator has written is for a colleague, though the message is
// in a ticket.
func TestReplyToAnAnonymousColleague(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		w.Reads(g.Anna, "видит все сообщения группы")
		talk := g.AsAnonymous().Send("касса не печатает чеки")
		g.Anna.Reply(talk.ID, "/new Касса")
		card := w.Reads(g.Anna, "Касса", "Пока ничего не отправлено")
		g.Anna.Press(card.ID, "Отправить")
		w.Reads(g.Anna, "создано", "Касса")
		g.Boris.Reply(talk.ID, "это вы её вчера уронили, не говорите им")
		w.Passes(time.Minute)
		if got := strings.Join(w.Written(), "\n"); strings.Contains(got, "уронили") {
			t.Errorf("a remark to a colleague is at Plusofon: %q", got)
		}
		w.WantRead(g.Anna, "Похоже, это коллеге")
	})
}

// The rest of a long remark in a topic in which writing answers is a remark.
func TestRestOfALongRemarkInATopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByWriting)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		g.Anna.In(receipt.Thread).PastePieces("// между нами: " + strings.Repeat("слово ", 700) + "и пароль от сейфа")
		w.Passes(time.Minute)
		w.WantPosts(id, "Подробности")
	})
}

// The rest of a long command of another bot's is not for this one.
func TestRestOfAnotherBotsCommandInATopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByWriting)
		id, receipt := w.NewTicket(g.Boris, "Касса")
		g.Anna.In(receipt.Thread).PastePieces("/ask@other_bot " + strings.Repeat("слово ", 700) + "и пароль от сейфа")
		w.Passes(time.Minute)
		w.WantPosts(id, "Подробности")
	})
}

// A remark is never sent, as the caption of any item of an album either.
func TestRemarkUnderASecondPhoto(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		_, receipt := w.NewTicket(g.Boris, "Касса")
		album := bottest.TwoPhotos("чек целиком")
		album[1].Caption = "// это не им, тут видно пароль"
		g.Anna.SendAlbum(album, receipt.ID)
		w.Passes(time.Minute)
		if got := strings.Join(w.Written(), "\n"); strings.Contains(got, "пароль") {
			t.Errorf("a remark is at Plusofon: %q", got)
		}
	})
}

// The pinned card of a topic says what goes out of it.
func TestPinnedCardSaysWhatGoes(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, choice := range []string{bottest.ByReplies, bottest.ByWriting} {
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			g := w.NewForum(bottest.AllRights, choice)
			_, receipt := w.NewTicket(g.Boris, "Касса")
			m := w.Sees(g.Anna, "the pinned card", func(m telegramtest.Message) bool { return m.ID == receipt.ID && m.Pinned })
			texts[choice] = m.Text
		})
	}
	if texts[bottest.ByReplies] == texts[bottest.ByWriting] {
		t.Errorf("the pinned card says the same under both rules: %q", texts[bottest.ByWriting])
	}
}

// What an anonymous administrator's message says in a draft follows its edits.
func TestAnonymousEditsWhatIsInADraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		w.Reads(g.Anna, "видит все сообщения группы")
		other := g.Boris.Send("касса не печатает")
		talk := g.AsAnonymous().Send("пароль от кассы 12345")
		g.Anna.Reply(other.ID, "/new Касса")
		card := w.Reads(g.Anna, "Касса", "Пока ничего не отправлено")
		g.Anna.Reply(talk.ID, "/new")
		w.Sees(g.Anna, "the card", func(m telegramtest.Message) bool {
			return m.ID == card.ID && strings.Contains(m.Text, "2 сообщения")
		})
		g.AsAnonymous().Edit(talk.ID, "// пароль не отправляйте")
		w.Passes(time.Minute)
		g.Anna.Press(card.ID, "Отправить")
		w.Reads(g.Anna, "создано", "Касса")
		w.Passes(time.Minute)
		if got := strings.Join(w.Written(), "\n"); strings.Contains(got, "12345") {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A draft of a group that becomes a supergroup keeps its messages in order.
func TestDraftKeepsItsOrderOverAnUpgrade(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		for i := range 40 {
			g.Boris.Send(fmt.Sprint("болтовня ", i))
		}
		first := g.Boris.Send("сначала пропал звук")
		g.Anna.Reply(first.ID, "/new")
		w.Reads(g.Anna, "сначала пропал звук", "Пока ничего не отправлено")
		g = g.Moved()
		w.Passes(time.Minute)
		second := g.Boris.Send("потом всё погасло")
		g.Anna.Reply(second.ID, "/new")
		card := w.Reads(g.Anna, "2 сообщения", "Пока ничего не отправлено")
		g.Anna.Press(card.ID, "Отправить")
		w.Reads(g.Anna, "создано")
		w.Passes(time.Minute)
		text := strings.Join(w.Written(), "\n")
		if strings.Index(text, "сначала") > strings.Index(text, "потом") {
			t.Errorf("the messages stand in the wrong order: %q", text)
		}
		if s := w.Plusofon.Tickets()[0].Subject; !strings.Contains(s, "сначала") {
			t.Errorf("the subject is %q", s)
		}
	})
}

// A reply to an earlier question is not taken for the answer to one that is not there yet.
func TestReplyToAnEarlierQuestion(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, _ := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.Reply(id, "Ольга", "Какая модель?")
		news := w.Reads(g.Anna, "Какая модель?")
		g.Anna.Send("/new")
		question := w.Sees(g.Anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply })
		w.Passes(time.Minute)
		w.Stop()
		g.Anna.Press(news.ID, "Ответить")
		g.Anna.Reply(question.ID, "Весы сломались")
		w.Start()
		w.Passes(2 * time.Minute)
		if got := strings.Join(w.Posts(id), "\n"); strings.Contains(got, "Весы") {
			t.Errorf("a new question's words are in ticket %d: %q", id, got)
		}
	})
}

// A person who answers the search question with a picture is not told of subjects.
func TestPictureForASearchInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Anna.Send("/search@plusofon_test_bot")
		question := w.Sees(g.Anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply })
		g.Anna.SendPhoto(telegramtest.File{Name: "1.jpg", Size: 1}, "", question.ID)
		w.Quiet(g.Anna, "Темой может быть")
	})
}

// While a question is on its way, a remark under another message of the bot's is not its answer.
func TestReplyToTheGreetingIsNoAnswer(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		hello := w.Reads(g.Anna, "Группа подключена")
		w.Passes(time.Minute)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: g.ID(), Status: 429, RetryAfter: 30})
		g.Anna.Send("/new@plusofon_test_bot")
		w.Passes(5 * time.Second)
		g.Anna.Reply(hello.ID, "коллеги, это теперь у нас такой бот")
		w.Passes(2 * time.Minute)
		if got := w.Written(); len(got) > 0 {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A colleague who is addressed under any photo of an album is asked about.
func TestColleagueNamedUnderASecondPhoto(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		_, receipt := w.NewTicket(g.Boris, "Касса")
		album := bottest.TwoPhotos("чек целиком")
		album[1].Caption = "Boris, глянь, тут видно пароль"
		g.Anna.SendAlbum(album, receipt.ID)
		w.Passes(time.Minute)
		if got := strings.Join(w.Written(), "\n"); strings.Contains(got, "пароль") {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A reply to what a press that is not decided yet sends is judged after it.
func TestReplyBehindAPressThatSends(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		id, receipt := w.NewTicket(g.Boris, "Касса")
		m := g.Anna.Reply(receipt.ID, "@boris говорит, что горит")
		question := w.Reads(g.Anna, "Похоже, это коллеге")
		w.Stop()
		g.Boris.SendAlbum(bottest.TwoPhotos("вот фото"), receipt.ID)
		g.Anna.Press(question.ID, "Отправить")
		g.Anna.Reply(m.ID, "и дым идёт")
		w.Start()
		w.Passes(time.Minute)
		if got := strings.Join(w.Posts(id), "\n"); !strings.Contains(got, "горит") || !strings.Contains(got, "дым") {
			t.Errorf("posts: %q", got)
		}
	})
}

// A channel's post that is edited asks nobody who can't answer.
func TestChannelEditsItsPost(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		w.Reads(g.Anna, "видит все сообщения группы")
		// As Telegram forwards the posts of a linked channel, and reports their edits.
		channel := g.As(w.Telegram.AddUser(telegramtest.User{ID: 777000, FirstName: "Telegram"})).Forwarding(telegramtest.Origin{Name: "Новости", Date: time.Now()})
		post := channel.Send("касса не печатает")
		g.Anna.Reply(post.ID, "/new Касса")
		g.Anna.Press(w.Reads(g.Anna, "Касса", "Пока ничего не отправлено").ID, "Отправить")
		w.Reads(g.Anna, "создано", "Касса")
		w.Telegram.PushRaw(fmt.Sprintf(`{"edited_message":{"message_id":%d,"date":%d,"edit_date":%d,"is_automatic_forward":true,
			"chat":{"id":%d,"type":"supergroup","title":"Офис"},"from":{"id":777000,"first_name":"Telegram"},"sender_chat":{"id":-1001,"type":"channel","title":"Новости"},
			"forward_origin":{"type":"channel","date":%[2]d,"chat":{"id":-1001,"type":"channel","title":"Новости"},"message_id":5},"text":"касса не печатает вовсе"}}`,
			post.ID, time.Now().Unix()-60, time.Now().Unix(), g.ID()))
		w.Passes(time.Minute)
		for _, m := range g.Anna.FromBot() {
			if strings.Contains(m.Text, "Отправить исправление") {
				a := w.Pressed(g.Anna.Press(m.ID, "Отправить исправление"))
				t.Errorf("the group is asked %q, and Anna's answer is answered %q", m.Text, a.Text)
			}
		}
	})
}
