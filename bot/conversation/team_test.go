package conversation_test

import (
	"path/filepath"
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// teamDay is the day of a team in its group. Anna owns the bot, Борис and Вера are only in
// the group.
type teamDay struct {
	*bottest.Day
	group             *telegramtest.Group
	anna, boris, vera *telegramtest.Chat // the group as they see it
}

// teamsDay records a team's day in each language, as the group sees it.
func teamsDay(t *testing.T, name string, o telegramtest.GroupOptions, day func(teamDay)) {
	t.Helper()
	t.Parallel()
	for _, lang := range []string{"ru", "en"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			options := bottest.Options{Language: lang, Configured: lang, Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}
			bottest.Run(t, options, func(_ *testing.T, w *bottest.World) {
				d := newTeamDay(w, lang, o)
				day(d)
				d.Compare(filepath.Join("testdata", "team."+name+"."+lang+".golden"))
			})
		})
	}
}

func newTeamDay(w *bottest.World, lang string, o telegramtest.GroupOptions) teamDay {
	w.T.Helper()
	d := teamDay{Day: &bottest.Day{World: w, Lang: lang}}
	w.Anna.Start("")
	w.Polled()
	o.Title = d.Say("Офис", "Office")
	d.group = d.Telegram.AddGroup(o)
	d.anna = d.group.As(d.Person(bottest.AnnaID))
	d.boris = d.group.As(d.Telegram.AddUser(telegramtest.User{ID: 201, FirstName: d.Say("Борис", "Boris"), Username: "boris", Language: lang}))
	d.vera = d.group.As(d.Telegram.AddUser(telegramtest.User{ID: 202, FirstName: d.Say("Вера", "Vera"), Language: lang}))
	d.AtRest()
	if o.Forum {
		d.WatchForum(d.anna)
	} else {
		d.Watch(d.anna)
	}
	return d
}

// says has someone write, as a reply to a message or not.
func (d teamDay) says(who *telegramtest.Chat, to telegramtest.Message, ru, en string) (m telegramtest.Message) {
	d.T.Helper()
	d.Does("", func() { m = who.Replying(to.ID).Send(d.Say(ru, en)) })
	return m
}

// commands has someone write what is the same in every language.
func (d teamDay) commands(who *telegramtest.Chat, command string) {
	d.T.Helper()
	d.says(who, plain, command, command)
}

// press has someone press a button, by its key in the catalogue.
func (d teamDay) press(who *telegramtest.Chat, ru, en string, m telegramtest.Message, key string) {
	d.T.Helper()
	d.PressesAs(who, d.Say(ru+" нажимает", en+" presses"), m, d.Label(key))
}

// remark has Anna answer the bot that her message was for a colleague.
func (d teamDay) remark() {
	d.T.Helper()
	d.press(d.anna, "Анна", "Anna", d.Last(d.Label("button_dont_send")), "button_dont_send")
}

// olga has the staff write.
func (d teamDay) olga(id plusofon.TicketID, ru, en string, files ...plusofontest.Attachment) {
	d.T.Helper()
	d.Answers(id, d.Say("Ольга", "Olga"), d.Say(ru, en), files...)
}

// plain stands for no message to reply to.
var plain telegramtest.Message

func TestTeamsDayInAFlatGroup(t *testing.T) {
	teamsDay(t, "flat", telegramtest.GroupOptions{}, func(d teamDay) {
		d.Scene("Знакомство", "Getting to know each other")
		d.Does(d.Say("Анна добавляет бота", "Anna adds the bot"), func() { d.group.AddBot(d.Person(bottest.AnnaID)) })
		d.commands(d.boris, "/help@plusofon_test_bot")

		d.Scene("Обращение", "A ticket")
		d.says(d.anna, plain, "Касса опять не печатает, кто откроет обращение?", "The till is not printing again, who will open a ticket?")
		d.says(d.boris, plain, "/new Касса не печатает чеки\nС утра, на обеих кассах.", "/new The till prints no receipts\nSince this morning, on both tills.")
		receipt := d.Last(d.Label("button_history"))
		id := d.Newest()
		d.says(d.vera, receipt, "Перезагружали, не помогло", "We restarted it, that did not help")
		d.says(d.anna, receipt, "// пусть сначала сами проверят", "// let them check it themselves first")
		d.says(d.anna, receipt, "@boris а чек-то пробовал печатать тестовый?", "@boris have you tried to print a test receipt?")
		d.remark()

		d.Scene("Ответы", "Replies")
		d.olga(id, "Какая модель кассы?", "Which model is the till?", plusofontest.Attachment{Name: "models.pdf", Content: []byte("%PDF")})
		news := d.Last("📎 models.pdf")
		d.press(d.vera, "Вера", "Vera", news, "button_answer")
		d.says(d.anna, plain, "обед в час?", "lunch at one?")
		d.says(d.vera, d.Last(d.Say("Вера", "Vera")), "Атол 30Ф", "Atol 30F")
		second := d.says(d.boris, news, "и ещё одна Атол 91Ф", "and one more, an Atol 91F")
		d.says(d.anna, news, "Борис, чеки-то приложи", "Boris, attach the receipts")
		d.remark()
		d.commands(d.boris, "/tickets")
		d.says(d.vera, d.Last(d.Label("tab_closed")), "а по вывеске что?", "and what about the sign?")
		d.olga(id, "Спасибо, проверяем. Настройки такие же?", "Thank you, we are looking into it. Are these your settings?", bottest.Pictures("menu.png", "network.png")...)
		var picture telegramtest.Message
		for _, m := range d.anna.FromBot() {
			if m.Album != "" {
				picture = m
			}
		}
		d.says(d.vera, picture, "Да, сеть такая же", "Yes, the network is the same")
		d.Happens("Плюсофон: обращение закрыто", "Plusofon: the ticket is closed", func() { d.Plusofon.CloseTicket(id) })

		d.Scene("Кто пишет", "Who writes")
		d.Does(d.Say("администратор от имени группы", "an administrator as the group"), func() { d.group.AsAnonymous().Send(d.Say("/new Анонимно", "/new Anonymously")) })
		d.says(d.boris, plain, "/new@other_bot Не нам", "/new@other_bot Not for us")
		d.commands(d.boris, "/invite")
		d.commands(d.boris, "/new")

		d.Scene("Обращение из сообщения коллеги", "A ticket from a colleague's message")
		var album []telegramtest.Message
		d.Does("", func() {
			album = d.vera.SendAlbum(bottest.TwoPhotos(d.Say("вот такие чеки выходят", "this is what the receipts look like")), 0)
		})
		d.says(d.boris, album[0], "/new@plusofon_test_bot Кривые чеки", "/new@plusofon_test_bot Crooked receipts")
		card := d.Last(d.Label("button_send"))
		d.press(d.vera, "Вера", "Vera", card, "button_send")
		d.press(d.boris, "Борис", "Boris", card, "button_send")

		d.Scene("Права", "Rights")
		d.Does(d.Say("бот становится администратором", "the bot becomes an administrator"), func() { d.group.Promote(d.Person(bottest.AnnaID), telegramtest.Rights{}) })
		d.says(d.vera, second, "точно 91Ф? вроде 92", "sure it is a 91F? I think it is a 92")
		d.press(d.vera, "Вера", "Vera", d.Last(d.Label("button_dont_send")), "button_dont_send")
		d.Does(d.Say("группа становится супергруппой", "the group becomes a supergroup"), func() {
			d.group = d.group.Migrate()
			d.Renumbered() // as supergroups do
		})
		d.Happens("Плюсофон: обращение снова открыто", "Plusofon: the ticket is open again", func() { d.Plusofon.ReopenTicket(id) })
		d.olga(id, "Получилось?", "Did it work?")
		d.keptOut("кто откроет", "сначала сами", "тестовый", "обед", "92", "приложи", "вывеске", "Анонимно", "Не нам",
			"who will open", "themselves", "test receipt", "lunch", "attach the", "about the sign", "Anonymously", "Not for us")
	})
}

func TestTeamsDayInAForum(t *testing.T) {
	teamsDay(t, "forum", telegramtest.GroupOptions{Forum: true}, func(d teamDay) {
		d.Scene("Знакомство", "Getting to know each other")
		d.Does(d.Say("Анна добавляет бота", "Anna adds the bot"), func() { d.group.AddBot(d.Person(bottest.AnnaID)) })
		d.Does(d.Say("бот становится администратором", "the bot becomes an administrator"), func() { d.group.Promote(d.Person(bottest.AnnaID), bottest.AllRights) })
		d.commands(d.anna, "/settings")
		d.press(d.anna, "Анна", "Anna", d.Last(d.Label("set_topics")), "set_topics")
		d.press(d.anna, "Анна", "Anna", d.Last(d.Label("topics_answers")), "topics_answers")

		d.Scene("Обращение в своей теме", "A ticket in a topic of its own")
		d.says(d.boris, plain, "/new Касса не печатает чеки\nС утра, на обеих кассах.", "/new The till prints no receipts\nSince this morning, on both tills.")
		id := d.Newest()
		thread := d.group.Topics()[0].ID
		d.says(d.vera.In(thread), plain, "Перезагружали, не помогло", "We restarted it, that did not help")
		d.says(d.anna.In(thread), plain, "// пусть сначала сами проверят", "// let them check it themselves first")
		d.says(d.anna.In(thread), plain, "@boris ты тестовый чек печатал?", "@boris have you printed a test receipt?")
		d.remark()
		d.says(d.anna, plain, "обед в час?", "lunch at one?")
		d.olga(id, "Какая модель кассы?", "Which model is the till?", bottest.Pictures("front.png", "label.png")...)
		d.says(d.vera.In(thread), d.Last("📎 front.png"), "Атол 30Ф", "Atol 30F")

		d.Scene("Что случается с темами", "What becomes of topics")
		d.Does(d.Say("тему удалили", "the topic is deleted"), func() { d.group.DeleteTopic(thread) })
		d.olga(id, "Спасибо, проверяем.", "Thank you, we are looking into it.")
		d.Happens("Плюсофон: тема обращения изменена", "Plusofon: the ticket's subject is changed", func() { d.Plusofon.Rename(id, d.Say("Кассы Атол", "Atol tills")) })
		d.Happens("Плюсофон: обращение закрыто", "Plusofon: the ticket is closed", func() { d.Plusofon.CloseTicket(id) })
		d.Happens("Плюсофон: обращение снова открыто", "Plusofon: the ticket is open again", func() { d.Plusofon.ReopenTicket(id) })
		d.Does(d.Say("темы в группе выключили", "topics are turned off in the group"), func() { d.group.SetForum(false) })
		d.olga(id, "Получилось?", "Did it work?")
		d.keptOut("сначала сами", "тестовый", "обед", "themselves", "test receipt", "lunch")
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
