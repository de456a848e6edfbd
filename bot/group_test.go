package bot_test

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

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// team is a group with people of the office in it, as each of them sees it.
type team struct {
	*telegramtest.Group
	anna, boris *telegramtest.Chat // Anna owns the bot, Boris is only in the group
}

// newTeam makes a group; the bot is not in it yet.
func (w *world) newTeam(o telegramtest.GroupOptions) team {
	w.t.Helper()
	if o.Title == "" {
		o.Title = "Офис"
	}
	g := w.telegram.AddGroup(o)
	return team{g, g.As(w.person(annaID)), g.As(w.person(borisID))}
}

func (w *world) person(id int64) *telegramtest.Person {
	names := map[int64]telegramtest.User{
		annaID:  {ID: annaID, FirstName: "Анна", Username: "anna", Language: "ru"},
		borisID: {ID: borisID, FirstName: "Boris", Language: "en"},
		eveID:   {ID: eveID, FirstName: "Ева", Language: "ru"},
	}
	return w.telegram.AddUser(names[id])
}

// letIn lets Anna add the bot and waits until the group counts.
func (w *world) letIn(g team) team {
	w.t.Helper()
	w.anna.Start("")
	w.reads(w.anna, "Анна")
	g.AddBot(w.person(annaID))
	w.reads(g.anna, "Группа подключена")
	return g
}

// newTicket opens a ticket in a group and returns it with the receipt.
func (w *world) newTicket(c *telegramtest.Chat, subject string) (plusofon.TicketID, telegramtest.Message) {
	w.t.Helper()
	m := c.Send("/new " + subject + "\nПодробности")
	w.reacts(c, m.ID, "👌")
	receipt := w.reads(c, "создано", subject)
	tickets := w.plusofon.Tickets()
	return tickets[len(tickets)-1].ID, receipt
}

// posts are the texts of a ticket at Plusofon.
func (w *world) posts(id plusofon.TicketID) (texts []string) {
	ticket, _ := w.plusofon.Ticket(id)
	for _, p := range ticket.Posts {
		texts = append(texts, p.Text)
	}
	return texts
}

// quiet tells that nothing of a text stands in a chat.
func (w *world) quiet(c *telegramtest.Chat, text string) {
	w.t.Helper()
	for _, m := range c.Messages() {
		if m.FromBot && strings.Contains(m.Text, text) {
			w.t.Errorf("%q stands in the chat: %q", text, m.Text)
		}
	}
}

// twoPhotos are an album with a caption on the first.
func twoPhotos(caption string) []telegramtest.Item {
	return []telegramtest.Item{
		{Kind: "photo", File: telegramtest.File{Name: "1.jpg", Size: 1}, Caption: caption}, {Kind: "photo", File: telegramtest.File{Name: "2.jpg", Size: 1}},
	}
}

var hurried = options{hurried: true}

// A member adds the bot: everybody in the group may open and answer.
func TestMemberAddsTheBot(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	w.reads(g.anna, "Группа подключена", "видит только команды", "Темы в группе выключены")
	id, receipt := w.newTicket(g.boris, "Не работает телефон")
	answer := g.anna.Reply(receipt.ID, "и факс тоже")
	w.reacts(g.anna, answer.ID, "👌")
	if got := w.posts(id); !slices.Equal(got, []string{"Подробности", "и факс тоже\n\n— Анна"}) {
		t.Errorf("at Plusofon: %q", got)
	}
	w.plusofon.Reply(id, "Ольга", "Проверьте провода")
	news := w.reads(g.boris, "Ольга", "Проверьте провода")
	if news.Silent || news.ReplyTo != answer.ID {
		t.Errorf("news: %+v", news)
	}
}

func TestStrangerAddsTheBot(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.newTeam(telegramtest.GroupOptions{})
	g.AddBot(w.person(eveID))
	w.requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
	said := slices.DeleteFunc(g.anna.FromBot(), func(m telegramtest.Message) bool { return m.Text == "" })
	if len(said) != 1 || !strings.Contains(said[0].Text, "закрыт и выходит") || strings.Contains(said[0].Text, "Плюсофон") {
		t.Errorf("it says %+v", said)
	}
	if g.BotStatus() != "left" {
		t.Errorf("it is %s", g.BotStatus())
	}
}

// The set-up names what is missing, and what an administrator bot sees.
func TestSetUpNamesWhatIsMissing(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{Forum: true}))
	w.reads(g.anna, "видит только команды", "нет права управлять темами")
	g.Promote(w.person(annaID), telegramtest.Rights{ManageTopics: true})
	w.reads(g.anna, "Права бота", "видит все сообщения группы", "выберите это в /settings", "нет права закреплять")
	g.Demote(w.person(annaID))
	w.reads(g.anna, "Права бота", "видит только команды", "нет права управлять темами")
}

// An owner removes a group: pushes, buttons and bindings end at once.
func TestOwnerRemovesAGroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{Title: "Склад"}))
	id, receipt := w.newTicket(g.boris, "Касса")
	w.telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: g.ID(), Times: -1, Status: 502})
	w.plusofon.Reply(id, "Ольга", "ждёт отправки")
	w.requested("the news", func(r telegramtest.Request) bool {
		return strings.Contains(r.Params["text"], "ждёт отправки")
	})
	w.anna.Send("/users")
	list := w.reads(w.anna, "Группы", "Склад")
	w.anna.Press(list.ID, "Склад")
	w.anna.Press(w.reads(w.anna, "Склад", "Кто добавил: Анна (@anna)").ID, "Отключить группу")
	w.requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
	w.telegram.ClearFaults()
	w.sees(w.anna, "the list without the group", func(m telegramtest.Message) bool { return m.ID == list.ID && !strings.Contains(m.Text, "Склад") })
	w.reads(w.anna, "теперь никто не слышит", fmt.Sprintf("№%d · Касса", id))
	if a := w.pressed(g.boris.Press(receipt.ID, "История")); !strings.Contains(a.Text, "Доступа нет") {
		t.Errorf("the press is answered with %q", a.Text)
	}
	// Nothing that comes later goes there: Anna hears of it, the group does not.
	w.follow(id)
	w.plusofon.Reply(id, "Ольга", "а это позже")
	w.reads(w.anna, "а это позже")
	w.quiet(g.anna, "ждёт отправки")
	w.quiet(g.anna, "а это позже")
	must(t, w.store.Update(func(tx *state.Tx) error {
		bound, err := tx.BindingsOf(state.TicketID(id))
		if len(bound) != 1 {
			t.Errorf("bound: %+v", bound)
		}
		return err
	}))
}

// follow lets Anna hear of a ticket in private.
func (w *world) follow(id plusofon.TicketID) {
	w.t.Helper()
	w.anna.Send(fmt.Sprintf("/follow %d", id))
	w.reads(w.anna, "будут приходить сюда")
}

// What is said among colleagues reaches neither Plusofon nor the disk, though an
// administrator bot is given all of it.
func TestTalkIsNobodysBusiness(t *testing.T) {
	const canary = "канарейка"
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{Forum: true}))
	g.Promote(w.person(annaID), telegramtest.Rights{ManageTopics: true})
	w.reads(g.anna, "видит все сообщения группы")
	id, receipt := w.newTicket(g.boris, "Касса")
	topic := g.CreateTopic(w.person(annaID), canary+" тема")
	talk := g.anna.Send(canary + " обед в час?")
	g.boris.Reply(talk.ID, canary+" я за")
	g.boris.Reply(receipt.ID, "// "+canary+" не отправлять")
	g.boris.Send("// /new " + canary)
	g.boris.Send("/new@other_bot " + canary)
	g.boris.Send("/weather " + canary)
	g.anna.Edit(talk.ID, canary+" обед в два?")
	g.anna.In(topic).Send(canary + " в теме")
	g.anna.SendAlbum(twoPhotos(canary+" фото"), 0)
	g.anna.Forward(telegramtest.Origin{Name: canary, Date: time.Now()}, "/new "+canary)
	g.anna.Send(strings.Repeat(canary+" ", 400))
	g.AsAnonymous().Send(canary + " от имени группы")
	g.Join(w.person(eveID))
	g.Rename(w.person(annaID), "Офис 2")

	w.telegram.PushRaw(fmt.Sprintf(`{"message":{"message_id":"?","date":1,"chat":{"id":%d,"type":"supergroup"},"text":%q}}`, g.ID(), canary))

	// Behind all of it comes something that does concern the bot.
	answer := g.boris.Reply(receipt.ID, "последнее")
	w.reacts(g.boris, answer.ID, "👌")
	for _, r := range w.plusofon.Requests() {
		if strings.Contains(r.Body+r.Query, canary) {
			t.Errorf("at Plusofon: %s", r.Body)
		}
	}
	if got := w.posts(id); len(got) != 2 {
		t.Errorf("posts: %q", got)
	}
	if strings.Contains(w.log.String(), canary) {
		t.Error("talk is in the log")
	}
	files, err := filepath.Glob(w.path + "*")
	must(t, err)
	for _, name := range files {
		b, err := os.ReadFile(name)
		must(t, err)
		escaped := strings.Trim(strconv.QuoteToASCII(canary), `"`)
		if bytes.Contains(b, []byte(canary)) || bytes.Contains(b, []byte(escaped)) {
			t.Errorf("talk is in %s", filepath.Base(name))
		}
	}
}

// An answer that names a colleague may be for him alone: its author is asked.
func TestNamingAColleagueAsksFirst(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	g.Promote(w.person(annaID), telegramtest.Rights{})
	id, receipt := w.newTicket(g.boris, "Касса")
	m := g.anna.Reply(receipt.ID, "@boris глянь, что они пишут")
	question := w.reads(g.anna, "обращено к коллеге", fmt.Sprint(id))
	if question.ReplyTo != m.ID {
		t.Errorf("it replies to %d", question.ReplyTo)
	}
	if a := w.pressed(g.boris.Press(question.ID, "Отправить")); !strings.Contains(a.Text, "только автор") {
		t.Errorf("a colleague's press is answered with %q", a.Text)
	}
	g.boris.Reply(m.ID, "гляну") // to a colleague, as long as nobody has said else
	g.boris.Reply(question.ID, "не надо")
	g.anna.Press(question.ID, "Не отправлять")
	w.sees(g.anna, "the end of it", func(m telegramtest.Message) bool {
		return m.ID == question.ID && strings.Contains(m.Text, "Отменено")
	})

	named := g.anna.Replying(receipt.ID).SendEntities("Борис сказал, что горит", []telegramtest.Entity{{Type: "text_mention", Length: 5, User: &w.person(borisID).User}})
	second := w.sees(g.anna, "a question", func(m telegramtest.Message) bool { return m.FromBot && m.ReplyTo == named.ID })
	g.anna.Press(second.ID, "Отправить")
	w.reacts(g.anna, named.ID, "👌")
	g.boris.Reply(m.ID, "уже глянул")
	toBot := g.anna.Reply(receipt.ID, "@"+w.telegram.Bot().Username+" спасибо")
	w.reacts(g.anna, toBot.ID, "👌")
	if got := w.posts(id); len(got) != 3 || strings.Contains(strings.Join(got, "\n"), "глянь") || !strings.HasPrefix(got[1], "Борис сказал") {
		t.Errorf("posts: %q", got)
	}
}

// «Ответить» asks whom it is for, and only a reply to the question is the answer.
func TestAnswerButtonInAGroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	g.Promote(w.person(annaID), telegramtest.Rights{})
	id, _ := w.newTicket(g.boris, "Касса")
	w.plusofon.Reply(id, "Ольга", "Какая модель?")
	news := w.reads(g.anna, "Какая модель?")
	g.anna.Press(news.ID, "Ответить")
	question := w.sees(g.anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply })
	if !strings.HasPrefix(question.Text, "Анна") || len(question.Entities) == 0 || question.Entities[0].Type != "text_mention" {
		t.Errorf("it asks %+v", question)
	}
	w.requested("a selective question", func(r telegramtest.Request) bool {
		return strings.Contains(r.Params["reply_markup"], `"selective":true`)
	})
	g.anna.Send("кто-нибудь знает модель?")
	answer := g.anna.Reply(question.ID, "Атол")
	w.reacts(g.anna, answer.ID, "👌")
	if got := w.posts(id); len(got) != 3 || !strings.HasPrefix(got[2], "Атол") {
		t.Errorf("posts: %q", got)
	}
}

// /new alone asks, and nobody else's reply is the answer.
func TestNewAloneInAGroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	command := g.anna.Send("/new@" + w.telegram.Bot().Username)
	question := w.sees(g.anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply && m.ReplyTo == command.ID })
	g.boris.Reply(question.ID, "это не ответ Анны")
	m := g.anna.Reply(question.ID, "Касса\nне печатает")
	w.reacts(g.anna, m.ID, "👌")
	tickets := w.plusofon.Tickets()
	if len(tickets) != 1 || tickets[0].Subject != "Касса" {
		t.Errorf("tickets: %+v", tickets)
	}
}

// Who writes as the group or as a channel is told once how to change it.
func TestNobodyKnowsWhoWrites(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{Supergroup: true}))
	_, receipt := w.newTicket(g.boris, "Касса")
	first := g.AsAnonymous().Reply(receipt.ID, "от имени группы")
	w.sees(g.anna, "how to change it", func(m telegramtest.Message) bool {
		return m.ReplyTo == first.ID && strings.Contains(m.Text, "Выключите анонимность")
	})
	g.AsAnonymous().Send("/new снова")
	channel := g.AsChannel(-1007, "Новости").Send("/new от канала")
	w.sees(g.anna, "how to change it", func(m telegramtest.Message) bool {
		return m.ReplyTo == channel.ID && strings.Contains(m.Text, "от имени канала")
	})
	told := 0
	for _, m := range g.anna.FromBot() {
		if strings.Contains(m.Text, "Выключите анонимность") {
			told++
		}
	}
	if n := len(w.plusofon.Tickets()); told != 1 || n != 1 {
		t.Errorf("told %d times; %d tickets", told, n)
	}
}

// Kicked and added again by a member: what was missed comes. A stranger who adds
// it gets one sentence and nothing of what waits.
func TestKickedAndAddedAgain(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	id, _ := w.newTicket(g.boris, "Касса")
	w.follow(id)
	g.Kick(w.person(eveID))
	w.plusofon.Reply(id, "Ольга", "тайна")
	w.reads(w.anna, "тайна")
	g.AddBot(w.person(eveID))
	w.requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
	w.quiet(g.anna, "тайна")
	g.AddBot(w.person(annaID))
	w.reads(g.anna, "тайна")
}

// Reactions are forbidden: one reply tells it, and is edited.
func TestReactionsForbiddenInAGroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{Reactions: []string{}}))
	m := g.boris.Send("/new Касса\nне печатает")
	receipt := w.reads(g.anna, "создано", "Касса")
	answer := g.boris.Reply(receipt.ID, "и не включается")
	w.sees(g.anna, "words", func(m telegramtest.Message) bool {
		return m.ReplyTo == answer.ID && strings.Contains(m.Text, "Передано")
	})
	for _, id := range []int{m.ID, answer.ID} {
		if n := len(slices.DeleteFunc(g.anna.FromBot(), func(m telegramtest.Message) bool { return m.ReplyTo != id })); n != 1 {
			t.Errorf("message %d has %d replies", id, n)
		}
	}
}

// Several people and chats: the others see an answer silently with its author's
// name, Plusofon sees it signed, and two at once both arrive.
func TestSeveralPeopleAndChats(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	id, receipt := w.newTicket(g.boris, "Касса")
	w.follow(id)
	first, second := g.boris.Reply(receipt.ID, "первый"), g.anna.Reply(receipt.ID, "второй")
	w.reacts(g.boris, first.ID, "👌")
	w.reacts(g.anna, second.ID, "👌")
	if got := w.posts(id); len(got) != 3 || !strings.HasPrefix(got[1], "первый") || got[2] != "второй\n\n— Анна" {
		t.Errorf("posts: %q", got)
	}
	for name, text := range map[string]string{"Boris": "первый", "Анна": "второй"} {
		shown := w.reads(w.anna, "👤 "+name, text)
		if !shown.Silent || strings.Contains(shown.Text, "— Анна") {
			t.Errorf("shown: %+v", shown)
		}
	}
	w.quiet(g.anna, "👤")
}

// Privacy mode hides the rest of an album and of a long text: that is told where
// it matters.
func TestWhatPrivacyModeHides(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	album := g.boris.SendAlbum(twoPhotos("/new Касса"), 0)
	w.sees(g.anna, "what is hidden", func(m telegramtest.Message) bool {
		return m.ReplyTo == album[0].ID && strings.Contains(m.Text, "Остальные файлы этого альбома бот не видит")
	})
	w.reads(g.anna, "создано", "Касса", "Файлы: 1 из 1")
	pieces := g.boris.PastePieces("/new Длинно\n" + strings.Repeat("слово ", 700))
	w.sees(g.anna, "what is hidden", func(m telegramtest.Message) bool {
		return m.ReplyTo == pieces[0].ID && strings.Contains(m.Text, "бот его не видит")
	})
	// An administrator sees all of it.
	g.Promote(w.person(annaID), telegramtest.Rights{})
	w.reads(g.anna, "видит все сообщения группы")
	g.boris.SendAlbum(twoPhotos("/new Альбом"), 0)
	w.reads(g.anna, "создано", "Альбом", "Файлы: 2 из 2")
	captionLast := twoPhotos("")
	captionLast[1].Caption = "/new Подпись на втором"
	g.boris.SendAlbum(captionLast, 0)
	w.reads(g.anna, "создано", "Подпись на втором", "Файлы: 2 из 2")
	whole := "Совсем длинно\n" + strings.Repeat("слово ", 700)
	g.boris.PastePieces("/new " + whole)
	w.reads(g.anna, "создано", "Совсем длинно")
	tickets := w.plusofon.Tickets()
	if last := tickets[len(tickets)-1].Posts[0].Text; len(last) < 6*700 {
		t.Errorf("the text has %d bytes", len(last))
	}
}
