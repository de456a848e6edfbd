package conversation_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// A member adds the bot: anyone in the group may open and answer.
func TestMemberAddsTheBot(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		w.Reads(g.Anna, "Группа подключена", "видит только команды", "Темы в группе выключены")
		id, receipt := w.NewTicket(g.Boris, "Не работает телефон")
		answer := g.Anna.Reply(receipt.ID, "и факс тоже")
		w.Reacts(g.Anna, answer.ID, "👌")
		w.Passes(time.Minute)
		if got := w.Posts(id); !slices.Equal(got, []string{"Подробности", "и факс тоже\n\n— Анна"}) {
			t.Errorf("at Plusofon: %q", got)
		}
		w.Plusofon.Reply(id, "Ольга", "Проверьте провода")
		news := w.Reads(g.Boris, "Ольга", "Проверьте провода")
		if news.Silent || news.ReplyTo != answer.ID {
			t.Errorf("news: %+v", news)
		}
	})
}

func TestStrangerAddsTheBot(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewTeam(telegramtest.GroupOptions{})
		g.AddBot(w.Person(bottest.EveID))
		w.Requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
		w.Passes(time.Minute)
		said := slices.DeleteFunc(g.Anna.FromBot(), func(m telegramtest.Message) bool { return m.Text == "" })
		if len(said) != 1 || !strings.Contains(said[0].Text, "закрыт и выходит") || strings.Contains(said[0].Text, "Плюсофон") {
			t.Errorf("it says %+v", said)
		}
		if g.BotStatus() != "left" {
			t.Errorf("it is %s", g.BotStatus())
		}
	})
}

// The set-up message says what is missing, and what an administrator bot sees.
func TestSetUpNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Forum: true}))
		w.Reads(g.Anna, "видит только команды", "нет права управлять темами")
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{ManageTopics: true})
		w.Reads(g.Anna, "Права бота", "видит все сообщения группы", "выберите это в /settings", "нет права закреплять")
		g.Demote(w.Person(bottest.AnnaID))
		w.Reads(g.Anna, "Права бота", "видит только команды", "нет права управлять темами")
	})
}

// An owner removes a group: news, buttons and bindings end at once.
func TestOwnerRemovesAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Title: "Склад"}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: g.ID(), Times: -1, Status: 502})
		w.Plusofon.Reply(id, "Ольга", "ждёт отправки")
		w.Requested("the news", func(r telegramtest.Request) bool {
			return strings.Contains(r.Params["text"], "ждёт отправки")
		})
		w.Anna.Send("/users")
		list := w.Reads(w.Anna, "Группы", "Склад")
		w.Anna.Press(list.ID, "Склад")
		w.Anna.Press(w.Reads(w.Anna, "Склад", "Кто добавил: Анна (@anna)").ID, "Отключить группу")
		w.Requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
		w.Telegram.ClearFaults()
		w.Sees(w.Anna, "the list without the group", func(m telegramtest.Message) bool { return m.ID == list.ID && !strings.Contains(m.Text, "Склад") })
		w.Reads(w.Anna, "теперь никто не слышит", fmt.Sprintf("№%d · Касса", id))
		if a := w.Pressed(g.Boris.Press(receipt.ID, "История")); !strings.Contains(a.Text, "Доступа нет") {
			t.Errorf("the press is answered with %q", a.Text)
		}
		// Nothing later is sent there: Anna gets it, the group does not.
		w.Follow(id)
		w.Plusofon.Reply(id, "Ольга", "а это позже")
		w.Reads(w.Anna, "а это позже")
		w.Quiet(g.Anna, "ждёт отправки")
		w.Quiet(g.Anna, "а это позже")
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			bound, err := tx.BindingsOf(state.TicketID(id))
			if len(bound) != 1 {
				t.Errorf("bound: %+v", bound)
			}
			return err
		}))
	})
}

// Talk among colleagues reaches neither Plusofon nor the disk, though an administrator bot
// receives all of it.
func TestTalkIsNobodysBusiness(t *testing.T) {
	t.Parallel()
	const canary = "канарейка"
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Forum: true}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{ManageTopics: true})
		rights := w.Reads(g.Anna, "видит все сообщения группы")
		id, receipt := w.NewTicket(g.Boris, "Касса")
		g.Boris.Reply(rights.ID, canary+" зачем это?")
		w.Reads(g.Boris, nowhere)
		topic := g.CreateTopic(w.Person(bottest.AnnaID), canary+" тема")
		talk := g.Anna.Send(canary + " обед в час?")
		g.Boris.Reply(talk.ID, canary+" я за")
		g.Boris.Reply(receipt.ID, "// "+canary+" не отправлять")
		g.Boris.Send("// /new " + canary)
		g.Boris.Send("/new@other_bot " + canary)
		g.Boris.Send("/weather " + canary)
		g.Anna.Edit(talk.ID, canary+" обед в два?")
		g.Anna.In(topic).Send(canary + " в теме")
		g.Anna.SendAlbum(bottest.TwoPhotos(canary+" фото"), 0)
		g.Anna.Forward(telegramtest.Origin{Name: canary, Date: time.Now()}, "/new "+canary)
		g.Anna.Send(strings.Repeat(canary+" ", 400))
		g.AsAnonymous().Send(canary + " от имени группы")
		g.Join(w.Person(bottest.EveID))
		g.Rename(w.Person(bottest.AnnaID), "Офис 2")

		w.Telegram.PushRaw(fmt.Sprintf(`{"message":{"message_id":"?","date":1,"chat":{"id":%d,"type":"supergroup"},"text":%q}}`, g.ID(), canary))

		// After all of that comes something that does concern the bot.
		answer := g.Boris.Reply(receipt.ID, "последнее")
		w.Reacts(g.Boris, answer.ID, "👌")
		for _, r := range w.Plusofon.Requests() {
			if strings.Contains(r.Body+r.Query, canary) {
				t.Errorf("at Plusofon: %s", r.Body)
			}
		}
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 2 {
			t.Errorf("posts: %q", got)
		}
		if strings.Contains(w.Log.String(), canary) {
			t.Error("talk is in the log")
		}
		files, err := filepath.Glob(w.Path + "*")
		bottest.Must(t, err)
		for _, name := range files {
			b, err := os.ReadFile(name)
			bottest.Must(t, err)
			escaped := strings.Trim(strconv.QuoteToASCII(canary), `"`)
			if bytes.Contains(b, []byte(canary)) || bytes.Contains(b, []byte(escaped)) {
				t.Errorf("talk is in %s", filepath.Base(name))
			}
		}
	})
}

// An answer that names a colleague may be for them alone: its author is asked.
func TestNamingAColleagueAsksFirst(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		id, receipt := w.NewTicket(g.Boris, "Касса")
		m := g.Anna.Reply(receipt.ID, "@boris глянь, что они пишут")
		question := w.Reads(g.Anna, "Похоже, это коллеге", fmt.Sprint(id))
		if question.ReplyTo != m.ID {
			t.Errorf("it replies to %d", question.ReplyTo)
		}
		if a := w.Pressed(g.Boris.Press(question.ID, "Отправить")); !strings.Contains(a.Text, "только автор") {
			t.Errorf("a colleague's press is answered with %q", a.Text)
		}
		g.Boris.Reply(m.ID, "гляну") // to a colleague, unless someone says otherwise
		g.Boris.Reply(question.ID, "не надо")
		if a := w.Pressed(g.Anna.Press(question.ID, "Не отправлять")); !strings.Contains(a.Text, "Отменено") {
			t.Errorf("her own press is answered with %q", a.Text)
		}

		named := g.Anna.Replying(receipt.ID).SendEntities("Борис сказал, что горит", []telegramtest.Entity{{Type: "text_mention", Length: 5, User: &w.Person(bottest.BorisID).User}})
		second := w.Sees(g.Anna, "a question", func(m telegramtest.Message) bool { return m.FromBot && m.ReplyTo == named.ID })
		g.Anna.Press(second.ID, "Отправить")
		w.Reacts(g.Anna, named.ID, "👌")
		g.Boris.Reply(m.ID, "уже глянул")
		toBot := g.Anna.Reply(receipt.ID, "@"+w.Telegram.Bot().Username+" спасибо")
		w.Reacts(g.Anna, toBot.ID, "👌")
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 3 || strings.Contains(strings.Join(got, "\n"), "глянь") || !strings.HasPrefix(got[1], "Борис сказал") {
			t.Errorf("posts: %q", got)
		}
	})
}

// «Ответить» asks the person who pressed it, and only a reply to the question is the answer.
func TestAnswerButtonInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		id, _ := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.Reply(id, "Ольга", "Какая модель?")
		news := w.Reads(g.Anna, "Какая модель?")
		g.Anna.Press(news.ID, "Ответить")
		question := w.Sees(g.Anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply })
		if !strings.HasPrefix(question.Text, "Анна") || len(question.Entities) == 0 || question.Entities[0].Type != "text_mention" {
			t.Errorf("it asks %+v", question)
		}
		w.Requested("a selective question", func(r telegramtest.Request) bool {
			return strings.Contains(r.Params["reply_markup"], `"selective":true`)
		})
		g.Anna.Send("кто-нибудь знает модель?")
		answer := g.Anna.Reply(question.ID, "Атол")
		w.Reacts(g.Anna, answer.ID, "👌")
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 3 || !strings.HasPrefix(got[2], "Атол") {
			t.Errorf("posts: %q", got)
		}
	})
}

// /new without arguments asks, and nobody else's reply is the answer.
func TestNewAloneInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		command := g.Anna.Send("/new@" + w.Telegram.Bot().Username)
		question := w.Sees(g.Anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply && m.ReplyTo == command.ID })
		g.Boris.Reply(question.ID, "это не ответ Анны")
		m := g.Anna.Reply(question.ID, "Касса\nне печатает")
		w.Reacts(g.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		tickets := w.Plusofon.Tickets()
		if len(tickets) != 1 || tickets[0].Subject != "Касса" {
			t.Errorf("tickets: %+v", tickets)
		}
	})
}

// A person who writes as the group or as a channel is told once how to change that.
func TestNobodyKnowsWhoWrites(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		_, receipt := w.NewTicket(g.Boris, "Касса")
		first := g.AsAnonymous().Reply(receipt.ID, "от имени группы")
		w.Sees(g.Anna, "how to change it", func(m telegramtest.Message) bool {
			return m.ReplyTo == first.ID && strings.Contains(m.Text, "Выключите анонимность")
		})
		g.AsAnonymous().Send("/new снова")
		channel := g.AsChannel(-1007, "Новости").Send("/new от канала")
		w.Sees(g.Anna, "how to change it", func(m telegramtest.Message) bool {
			return m.ReplyTo == channel.ID && strings.Contains(m.Text, "от имени канала")
		})
		w.Passes(time.Minute)
		told := 0
		for _, m := range g.Anna.FromBot() {
			if strings.Contains(m.Text, "Выключите анонимность") {
				told++
			}
		}
		if n := len(w.Plusofon.Tickets()); told != 1 || n != 1 {
			t.Errorf("told %d times; %d tickets", told, n)
		}
	})
}

// Kicked and added again by a member: what was missed is sent. A stranger who adds it gets
// one sentence and none of the queued messages.
func TestKickedAndAddedAgain(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, _ := w.NewTicket(g.Boris, "Касса")
		w.Follow(id)
		g.Kick(w.Person(bottest.EveID))
		w.Plusofon.Reply(id, "Ольга", "тайна")
		w.Reads(w.Anna, "тайна")
		g.AddBot(w.Person(bottest.EveID))
		w.Requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
		w.Quiet(g.Anna, "тайна")
		g.AddBot(w.Person(bottest.AnnaID))
		w.Reads(g.Anna, "тайна")
	})
}

// Reactions are forbidden: one reply replaces them, and is edited.
func TestReactionsForbiddenInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Reactions: []string{}}))
		m := g.Boris.Send("/new Касса\nне печатает")
		receipt := w.Reads(g.Anna, "создано", "Касса")
		answer := g.Boris.Reply(receipt.ID, "и не включается")
		w.Sees(g.Anna, "words", func(m telegramtest.Message) bool {
			return m.ReplyTo == answer.ID && strings.Contains(m.Text, "Отправлено в №")
		})
		w.Passes(time.Minute)
		for _, id := range []int{m.ID, answer.ID} {
			if n := len(slices.DeleteFunc(g.Anna.FromBot(), func(m telegramtest.Message) bool { return m.ReplyTo != id })); n != 1 {
				t.Errorf("message %d has %d replies", id, n)
			}
		}
	})
}

// Several people and chats: the others get an answer silently with its author's name,
// Plusofon gets it signed, and two at once both arrive.
func TestSeveralPeopleAndChats(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Follow(id)
		first, second := g.Boris.Reply(receipt.ID, "первый"), g.Anna.Reply(receipt.ID, "второй")
		w.Reacts(g.Boris, first.ID, "👌")
		w.Reacts(g.Anna, second.ID, "👌")
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 3 || !strings.HasPrefix(got[1], "первый") || got[2] != "второй\n\n— Анна" {
			t.Errorf("posts: %q", got)
		}
		for name, text := range map[string]string{"Boris": "первый", "Анна": "второй"} {
			shown := w.Reads(w.Anna, "👤 "+name, text)
			if !shown.Silent || strings.Contains(shown.Text, "— Анна") {
				t.Errorf("shown: %+v", shown)
			}
		}
		w.Quiet(g.Anna, "👤")
	})
}

// Privacy mode hides the rest of an album and of a long text: people are told when it matters.
func TestWhatPrivacyModeHides(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		album := g.Boris.SendAlbum(bottest.TwoPhotos("/new Касса"), 0)
		w.Sees(g.Anna, "what is hidden", func(m telegramtest.Message) bool {
			return m.ReplyTo == album[0].ID && strings.Contains(m.Text, "Остальные файлы этого альбома бот не видит")
		})
		w.Reads(g.Anna, "создано", "Касса", "Файлы: 1 из 1")
		pieces := g.Boris.PastePieces("/new Длинно\n" + strings.Repeat("слово ", 700))
		w.Sees(g.Anna, "what is hidden", func(m telegramtest.Message) bool {
			return m.ReplyTo == pieces[0].ID && strings.Contains(m.Text, "бот его не видит")
		})
		// An administrator sees all of it.
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		w.Reads(g.Anna, "видит все сообщения группы")
		g.Boris.SendAlbum(bottest.TwoPhotos("/new Альбом"), 0)
		w.Reads(g.Anna, "создано", "Альбом", "Файлы: 2 из 2")
		captionLast := bottest.TwoPhotos("")
		captionLast[1].Caption = "/new Подпись на втором"
		g.Boris.SendAlbum(captionLast, 0)
		w.Reads(g.Anna, "создано", "Подпись на втором", "Файлы: 2 из 2")
		whole := "Совсем длинно\n" + strings.Repeat("слово ", 700)
		g.Boris.PastePieces("/new " + whole)
		w.Reads(g.Anna, "создано", "Совсем длинно")
		tickets := w.Plusofon.Tickets()
		if last := tickets[len(tickets)-1].Posts[0].Text; len(last) < 6*700 {
			t.Errorf("the text has %d bytes", len(last))
		}
	})
}

// What somebody else writes between the parts of a long text in a group does not tear it apart.
func TestPartsOfATextWithAColleagueBetween(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{}) // it sees all messages
		w.Reads(g.Anna, "видит все сообщения группы")
		id, receipt := w.NewTicket(g.Boris, "Касса")
		first, rest := strings.Repeat("я", 4096), "и вот самое важное"
		m := g.Anna.Reply(receipt.ID, first)
		g.Boris.Reply(receipt.ID, "у меня тоже")
		g.Anna.Send(rest)
		w.Reacts(g.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if got := strings.Join(w.Posts(id), "\n"); !strings.Contains(got, rest) {
			t.Errorf("the second part is lost: %d posts", len(w.Posts(id)))
		}
	})
}
