package conversation_test

import (
	"path/filepath"
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// teamDay is the day of a team in its group. Anna owns the bot, Борис and Вера are only in
// the group.
type teamDay struct {
	*bottest.Day
	group             *telegramtest.Group
	anna, boris, vera *telegramtest.Chat // the group as they see it
}

func newTeamDay(w *bottest.World, o telegramtest.GroupOptions) teamDay {
	w.T.Helper()
	d := teamDay{Day: &bottest.Day{World: w, Lang: "ru"}}
	w.Anna.Start("")
	w.Polled()
	o.Title = "Офис"
	d.group = d.Telegram.AddGroup(o)
	d.anna = d.group.As(d.Person(bottest.AnnaID))
	d.boris = d.group.As(d.Telegram.AddUser(telegramtest.User{ID: 201, FirstName: "Борис", Username: "boris", Language: "ru"}))
	d.vera = d.group.As(d.Telegram.AddUser(telegramtest.User{ID: 202, FirstName: "Вера", Language: "ru"}))
	d.AtRest()
	if o.Forum {
		d.WatchForum(d.anna)
	} else {
		d.Watch(d.anna)
	}
	return d
}

func (d teamDay) part(name string) { d.Scene(name, "") }

// says has someone write, as a reply to a message or not.
func (d teamDay) says(who *telegramtest.Chat, to telegramtest.Message, text string) (m telegramtest.Message) {
	d.T.Helper()
	d.Does("", func() { m = who.Replying(to.ID).Send(text) })
	return m
}

// press has someone press a button.
func (d teamDay) press(who *telegramtest.Chat, name string, m telegramtest.Message, label string) {
	d.T.Helper()
	d.PressesAs(who, name+" нажимает", m, label)
}

// plain stands for no message to reply to.
var plain telegramtest.Message

func TestTeamsDayInAFlatGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(_ *testing.T, w *bottest.World) {
		d := newTeamDay(w, telegramtest.GroupOptions{})
		d.part("Знакомство")
		d.Does("Анна добавляет бота", func() { d.group.AddBot(d.Person(bottest.AnnaID)) })
		d.says(d.boris, plain, "/help@plusofon_test_bot")

		d.part("Обращение")
		d.says(d.anna, plain, "Касса опять не печатает, кто откроет обращение?")
		d.says(d.boris, plain, "/new Касса не печатает чеки\nС утра, на обеих кассах.")
		receipt := d.Last("История")
		id := d.Newest()
		d.says(d.vera, receipt, "Перезагружали, не помогло")
		d.says(d.anna, receipt, "// пусть сначала сами проверят")
		d.says(d.anna, receipt, "@boris а чек-то пробовал печатать тестовый?")
		d.press(d.anna, "Анна", d.Last("Не отправлять"), "Не отправлять")

		d.part("Ответы")
		d.Answers(id, "Ольга", "Какая модель кассы?", plusofontest.Attachment{Name: "models.pdf", Content: []byte("%PDF")})
		news := d.Last("Какая модель кассы?")
		d.press(d.vera, "Вера", news, "Ответить")
		d.says(d.anna, plain, "обед в час?")
		d.says(d.vera, d.Last("Вера"), "Атол 30Ф")
		second := d.says(d.boris, news, "и ещё одна Атол 91Ф")
		d.says(d.anna, news, "Борис, чеки-то приложи")
		d.press(d.anna, "Анна", d.Last("Не отправлять"), "Не отправлять")
		d.says(d.boris, plain, "/tickets")
		d.says(d.vera, d.Last("У Плюсофона"), "а по вывеске что?")
		d.Answers(id, "Ольга", "Спасибо, проверяем.")
		d.Happens("Плюсофон: обращение закрыто", "", func() { d.Plusofon.CloseTicket(id) })

		d.part("Кто пишет")
		d.Does("администратор от имени группы", func() { d.group.AsAnonymous().Send("/new Анонимно") })
		d.says(d.boris, plain, "/new@other_bot Не нам")
		d.says(d.boris, plain, "/invite")
		d.says(d.boris, plain, "/new")

		d.part("Обращение из сообщения коллеги")
		var album []telegramtest.Message
		d.Does("", func() { album = d.vera.SendAlbum(bottest.TwoPhotos("вот такие чеки выходят"), 0) })
		d.says(d.boris, album[0], "/new@plusofon_test_bot Кривые чеки")
		card := d.Last("Отправить")
		d.press(d.vera, "Вера", card, "Отправить")
		d.press(d.boris, "Борис", card, "Отправить")

		d.part("Права")
		d.Does("бот становится администратором", func() { d.group.Promote(d.Person(bottest.AnnaID), telegramtest.Rights{}) })
		d.says(d.vera, second, "точно 91Ф? вроде 92")
		d.press(d.vera, "Вера", d.Last("Не отправлять"), "Не отправлять")
		d.Does("группа становится супергруппой", func() {
			d.group = d.group.Migrate()
			d.Renumbered() // as supergroups do
		})
		d.Happens("Плюсофон: обращение снова открыто", "", func() { d.Plusofon.ReopenTicket(id) })
		d.Answers(id, "Ольга", "Получилось?")
		d.Compare(filepath.Join("testdata", "team.flat.golden"))
		d.keptOut("кто откроет", "сначала сами", "тестовый", "обед", "92", "приложи", "вывеске", "Анонимно", "Не нам")
	})
}

func TestTeamsDayInAForum(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(_ *testing.T, w *bottest.World) {
		d := newTeamDay(w, telegramtest.GroupOptions{Forum: true})
		d.part("Знакомство")
		d.Does("Анна добавляет бота", func() { d.group.AddBot(d.Person(bottest.AnnaID)) })
		d.Does("бот становится администратором", func() { d.group.Promote(d.Person(bottest.AnnaID), bottest.AllRights) })
		d.says(d.anna, plain, "/settings")
		d.press(d.anna, "Анна", d.Last("Обращения"), "Обращения")
		d.press(d.anna, "Анна", d.Last(bottest.ByWriting), bottest.ByWriting)

		d.part("Обращение в своей теме")
		d.says(d.boris, plain, "/new Касса не печатает чеки\nС утра, на обеих кассах.")
		id := d.Newest()
		thread := d.group.Topics()[0].ID
		d.says(d.vera.In(thread), plain, "Перезагружали, не помогло")
		d.says(d.anna.In(thread), plain, "// пусть сначала сами проверят")
		d.says(d.anna.In(thread), plain, "@boris ты тестовый чек печатал?")
		d.press(d.anna, "Анна", d.Last("Не отправлять"), "Не отправлять")
		d.says(d.anna, plain, "обед в час?")
		d.Answers(id, "Ольга", "Какая модель кассы?")
		d.says(d.vera.In(thread), d.Last("Какая модель кассы?"), "Атол 30Ф")

		d.part("Что случается с темами")
		d.Does("тему удалили", func() { d.group.DeleteTopic(thread) })
		d.Answers(id, "Ольга", "Спасибо, проверяем.")
		d.Happens("Плюсофон: тема обращения изменена", "", func() { d.Plusofon.Rename(id, "Кассы Атол") })
		d.Happens("Плюсофон: обращение закрыто", "", func() { d.Plusofon.CloseTicket(id) })
		d.Happens("Плюсофон: обращение снова открыто", "", func() { d.Plusofon.ReopenTicket(id) })
		d.Does("темы в группе выключили", func() { d.group.SetForum(false) })
		d.Answers(id, "Ольга", "Получилось?")
		d.Compare(filepath.Join("testdata", "team.forum.golden"))
		d.keptOut("сначала сами", "тестовый", "обед")
	})
}

// keptOut checks that none of the colleagues' texts is in a request to Plusofon.
func (d teamDay) keptOut(words ...string) {
	d.T.Helper()
	for _, r := range d.Plusofon.Requests() {
		for _, word := range words {
			if strings.Contains(r.Body, word) {
				d.T.Errorf("%q is at Plusofon: %s", word, r.Body)
			}
		}
	}
}

// The link in /help adds the bot to a group with the rights it can use there; the command
// that Telegram sends along is not answered.
func TestLinkThatAddsToAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/help")
		link, ok := w.Reads(w.Anna, "/new").Button("Добавить в группу")
		if want := "https://t.me/plusofon_test_bot?startgroup=added&admin=manage_topics+pin_messages"; !ok || link.URL != want {
			t.Fatalf("the link is %q, want %q", link.URL, want)
		}
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		w.Polled()
		said := len(g.Anna.FromBot())
		g.Anna.Send("/start@plusofon_test_bot added")
		g.Anna.Send("/status")
		w.Reads(g.Anna, "Всё работает")
		if now := g.Anna.FromBot(); len(now) != said+1 {
			t.Errorf("the bot has said %d things more, want the status alone: %+v", len(now)-said, now[said:])
		}
	})
}

// What /help says about a group is true of that group.
func TestHelpInAGroup(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{bottest.ByReplies: "Остальное, что вы здесь пишете, никуда не уходит, и то", bottest.ByWriting: "Всё, что написано в теме обращения, уходит в поддержку"} {
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			g := w.NewForum(bottest.AllRights, rule)
			g.Anna.Send("/help@plusofon_test_bot")
			w.Reads(g.Anna, want)
		})
	}
}
