package bot_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// teamDay is the day of a team in its group. Anna owns the bot, Борис and Вера are
// only in the group.
type teamDay struct {
	*day
	group             *telegramtest.Group
	anna, boris, vera *telegramtest.Chat // the group as they see it
}

func newTeamDay(t *testing.T, o telegramtest.GroupOptions) teamDay {
	t.Helper()
	d := teamDay{day: &day{world: newWorld(t, options{hurried: true}), lang: "ru"}}
	d.day.anna.Start("")
	d.polled()
	o.Title = "Офис"
	d.group = d.telegram.AddGroup(o)
	d.anna = d.group.As(d.person(annaID))
	d.boris = d.group.As(d.telegram.AddUser(telegramtest.User{ID: 201, FirstName: "Борис", Username: "boris", Language: "ru"}))
	d.vera = d.group.As(d.telegram.AddUser(telegramtest.User{ID: 202, FirstName: "Вера", Language: "ru"}))
	d.settle()
	d.watch("", d.anna)
	if o.Forum {
		d.watched[0].forum = map[int]int{}
	}
	return d
}

func (d teamDay) part(name string) { d.scene(name, "") }

// says lets somebody write; to is the message replied to, or none.
func (d teamDay) says(who *telegramtest.Chat, to telegramtest.Message, text string) (m telegramtest.Message) {
	d.t.Helper()
	d.does("", func() { m = who.Replying(to.ID).Send(text) })
	return m
}

// press lets somebody press a button.
func (d teamDay) press(who *telegramtest.Chat, name string, m telegramtest.Message, label string) {
	d.t.Helper()
	d.does(name+" нажимает ["+label+"]", func() {
		if a := d.pressed(who.Press(m.ID, label)); a.Text != "" {
			fmt.Fprintf(&d.b, "%s\n", indent("‹"+a.Text+"›"))
		}
	})
}

// plain is no message to reply to.
var plain telegramtest.Message

func TestTeamsDayInAFlatGroup(t *testing.T) {
	d := newTeamDay(t, telegramtest.GroupOptions{})
	d.part("Знакомство")
	d.does("Анна добавляет бота", func() { d.group.AddBot(d.person(annaID)) })
	d.says(d.boris, plain, "/help@plusofon_test_bot")

	d.part("Обращение")
	d.says(d.anna, plain, "Касса опять не печатает, кто откроет обращение?")
	d.says(d.boris, plain, "/new Касса не печатает чеки\nС утра, на обеих кассах.")
	receipt := d.last("История")
	id := d.newest()
	d.says(d.vera, receipt, "Перезагружали, не помогло")
	d.says(d.anna, receipt, "// пусть сначала сами проверят")
	d.says(d.anna, receipt, "@boris а чек-то пробовал печатать тестовый?")
	d.press(d.anna, "Анна", d.last("Не отправлять"), "Не отправлять")

	d.part("Ответы")
	d.answers(id, "Ольга", "Какая модель кассы?", plusofontest.Attachment{Name: "models.pdf", Content: []byte("%PDF")})
	news := d.last("Какая модель кассы?")
	d.press(d.vera, "Вера", news, "Ответить")
	d.says(d.anna, plain, "обед в час?")
	d.says(d.vera, d.last("Вера"), "Атол 30Ф")
	d.says(d.boris, news, "и ещё одна Атол 91Ф")
	d.answers(id, "Ольга", "Спасибо, проверяем.")
	d.happens("Плюсофон: обращение закрыто", "", func() { d.plusofon.CloseTicket(id) })

	d.part("Кто пишет")
	d.does("администратор от имени группы", func() { d.group.AsAnonymous().Send("/new Анонимно") })
	d.says(d.boris, plain, "/new@other_bot Не нам")
	d.says(d.boris, plain, "/invite")
	d.says(d.boris, plain, "/new")

	d.part("Обращение из сообщения коллеги")
	var album []telegramtest.Message
	d.does("", func() { album = d.vera.SendAlbum(twoPhotos("вот такие чеки выходят"), 0) })
	d.says(d.boris, album[0], "/new@plusofon_test_bot Кривые чеки")
	card := d.last("Отправить")
	d.press(d.vera, "Вера", card, "Отправить")
	d.press(d.boris, "Борис", card, "Отправить")

	d.part("Права")
	d.does("бот становится администратором", func() { d.group.Promote(d.person(annaID), telegramtest.Rights{}) })
	d.does("группа становится супергруппой", func() {
		d.group = d.group.Migrate()
		d.watched[0].seen = map[int]string{} // a supergroup numbers its messages anew
	})
	d.happens("Плюсофон: обращение снова открыто", "", func() { d.plusofon.ReopenTicket(id) })
	d.answers(id, "Ольга", "Получилось?")
	d.compare(filepath.Join("testdata", "team.flat.golden"))
	d.keptOut("кто откроет", "сначала сами", "тестовый", "обед", "Анонимно", "Не нам")
}

func TestTeamsDayInAForum(t *testing.T) {
	d := newTeamDay(t, telegramtest.GroupOptions{Forum: true})
	d.part("Знакомство")
	d.does("Анна добавляет бота", func() { d.group.AddBot(d.person(annaID)) })
	d.does("бот становится администратором", func() { d.group.Promote(d.person(annaID), allRights) })
	d.says(d.anna, plain, "/settings")
	d.press(d.anna, "Анна", d.last("Темы"), "Темы")
	d.press(d.anna, "Анна", d.last(byWriting), byWriting)

	d.part("Обращение в своей теме")
	d.says(d.boris, plain, "/new Касса не печатает чеки\nС утра, на обеих кассах.")
	id := d.newest()
	thread := d.group.Topics()[0].ID
	d.says(d.vera.In(thread), plain, "Перезагружали, не помогло")
	d.says(d.anna.In(thread), plain, "// пусть сначала сами проверят")
	d.says(d.anna.In(thread), plain, "@boris ты тестовый чек печатал?")
	d.press(d.anna, "Анна", d.last("Не отправлять"), "Не отправлять")
	d.says(d.anna, plain, "обед в час?")
	d.answers(id, "Ольга", "Какая модель кассы?")
	d.says(d.vera.In(thread), d.last("Какая модель кассы?"), "Атол 30Ф")

	d.part("Что случается с темами")
	d.does("тему удалили", func() { d.group.DeleteTopic(thread) })
	d.answers(id, "Ольга", "Спасибо, проверяем.")
	d.happens("Плюсофон: тема обращения изменена", "", func() { d.plusofon.Rename(id, "Кассы Атол") })
	d.happens("Плюсофон: обращение закрыто", "", func() { d.plusofon.CloseTicket(id) })
	d.happens("Плюсофон: обращение снова открыто", "", func() { d.plusofon.ReopenTicket(id) })
	d.does("темы в группе выключили", func() { d.group.SetForum(false) })
	d.answers(id, "Ольга", "Получилось?")
	d.compare(filepath.Join("testdata", "team.forum.golden"))
	d.keptOut("сначала сами", "тестовый", "обед")
}

// keptOut tells that none of the colleagues' words is in a request to Plusofon.
func (d teamDay) keptOut(words ...string) {
	d.t.Helper()
	for _, r := range d.plusofon.Requests() {
		for _, word := range words {
			if strings.Contains(r.Body, word) {
				d.t.Errorf("%q is at Plusofon: %s", word, r.Body)
			}
		}
	}
}
