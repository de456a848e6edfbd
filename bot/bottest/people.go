package bottest

import (
	"fmt"
	"regexp"
	"strings"

	"plusofon-bot/bot/telegram/telegramtest"
)

// StartLink matches a link that lets someone in, with its token.
var StartLink = regexp.MustCompile(`https://t\.me/plusofon_test_bot\?start=([A-Za-z0-9_-]{1,64})`)

// Invited lets a person in by a link of Anna's.
func (w *World) Invited(c *telegramtest.Chat) {
	w.T.Helper()
	ask := w.Anna.Send("/invite")
	link := w.Sees(w.Anna, "the link", func(m telegramtest.Message) bool { return m.ReplyTo == ask.ID }).Text
	token := StartLink.FindStringSubmatch(link)
	if token == nil {
		w.T.Fatalf("no link in %q", link)
	}
	start := c.Start(token[1])
	w.Sees(c, "the welcome", func(m telegramtest.Message) bool {
		return m.FromBot && m.ID > start.ID && (strings.Contains(m.Text, "Доступ открыт") || strings.Contains(m.Text, "You now have access"))
	})
}

// Team is a group with people of the office, as each of them sees it.
type Team struct {
	*telegramtest.Group
	Anna, Boris *telegramtest.Chat // Anna owns the bot, Boris is only in the group
}

// NewTeam creates a group without the bot.
func (w *World) NewTeam(o telegramtest.GroupOptions) Team {
	w.T.Helper()
	if o.Title == "" {
		o.Title = "Офис"
	}
	g := w.Telegram.AddGroup(o)
	return Team{g, g.As(w.Person(AnnaID)), g.As(w.Person(BorisID))}
}

// LetIn has Anna add the bot and waits until the group is authorized.
func (w *World) LetIn(g Team) Team {
	w.T.Helper()
	w.Anna.Start("")
	w.Reads(w.Anna, "Анна")
	g.AddBot(w.Person(AnnaID))
	w.Reads(g.Anna, "Группа подключена")
	return g
}

// Moved upgrades the group to a supergroup.
func (g Team) Moved() Team { return Team{Group: g.Migrate(), Anna: g.Anna, Boris: g.Boris} }

// The options for topics in /settings.
const (
	ByReplies = "Темы, уходят только ответы"
	ByWriting = "Темы, уходит всё"
)

// AllRights are all rights that the bot can use in a group.
var AllRights = telegramtest.Rights{ManageTopics: true, PinMessages: true}

// NewForum creates a group with topics, gives the bot rights and chooses a topic for each ticket.
func (w *World) NewForum(rights telegramtest.Rights, choice string) Team {
	w.T.Helper()
	g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Forum: true}))
	g.Promote(w.Person(AnnaID), rights)
	w.Reads(g.Anna, "Права бота")
	w.ChooseTopics(g.Anna, choice)
	return g
}

// ChooseTopics chooses an option for topics in a chat's /settings.
func (w *World) ChooseTopics(c *telegramtest.Chat, choice string) {
	w.T.Helper()
	c.Send("/settings")
	list := w.Sees(c, "the settings", func(m telegramtest.Message) bool { _, ok := m.Button("Обращения"); return ok })
	c.Press(list.ID, "Обращения")
	w.Sees(c, "the choices", func(m telegramtest.Message) bool { _, ok := m.Button(choice); return ok && m.ID == list.ID })
	c.Press(list.ID, choice)
	w.Sees(c, "the choice", func(m telegramtest.Message) bool {
		return m.ID == list.ID && strings.Contains(m.Text, "Обращения: "+choice)
	})
}

// Topics waits until the topics of a group are as wanted.
func (w *World) Topics(g Team, wanted func([]telegramtest.Topic) bool) []telegramtest.Topic {
	w.T.Helper()
	var found []telegramtest.Topic
	w.Until(fmt.Sprintf("the topics; there: %v", g.Group.Topics()), func(*telegramtest.Server) bool {
		found = g.Group.Topics()
		return wanted(found)
	})
	return found
}
