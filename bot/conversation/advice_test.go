package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

const nowhere = "Это никуда не отправлено: чтобы ответить поддержке"

// A reply to the bot without effect is answered with one sentence, once per message,
// whoever replies; a remark, or a reply to that sentence, is not answered.
func TestReplyToTheBotInAGroupIsNotPassedOver(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(w *bottest.World, g bottest.Team) telegramtest.Message{
		"a list": func(w *bottest.World, g bottest.Team) telegramtest.Message {
			w.NewTicket(g.Boris, "Касса")
			w.NewTicket(g.Boris, "Весы")
			g.Boris.Send("/tickets")
			return w.Reads(g.Anna, "2 обращения")
		},
		"what a search has found": func(w *bottest.World, g bottest.Team) telegramtest.Message {
			w.NewTicket(g.Boris, "Касса")
			g.Boris.Send("/search касса")
			return w.Reads(g.Anna, "«касса»: 1 обращение")
		},
		"a notice": func(w *bottest.World, g bottest.Team) telegramtest.Message {
			return w.Reads(g.Anna, "Группа подключена")
		},
		"a question to a colleague": func(w *bottest.World, g bottest.Team) telegramtest.Message {
			g.Boris.Send("/new@" + w.Telegram.Bot().Username)
			return w.Reads(g.Anna, "Что случилось?")
		},
		"a colleague's card": func(w *bottest.World, g bottest.Team) telegramtest.Message {
			g.Boris.Reply(g.Boris.Send("касса не работает").ID, "/new Касса")
			return w.Reads(g.Anna, "Новое обращение", "Пока ничего не отправлено")
		},
		"a question that has been answered and stays": func(w *bottest.World, g bottest.Team) telegramtest.Message {
			w.Telegram.Fail(telegramtest.Fault{Method: "deleteMessage", Times: -1, Status: 400, Description: "Bad Request: message can't be deleted for everyone"})
			g.Anna.Send("/new@" + w.Telegram.Bot().Username)
			question := w.Reads(g.Anna, "Что случилось?")
			m := g.Anna.Reply(question.ID, "Касса")
			w.Reacts(g.Anna, m.ID, "👌")
			return question
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
				w.Reads(g.Anna, "Права бота")
				about := ask(w, g)
				tickets := len(w.Plusofon.Tickets())
				g.Anna.Reply(about.ID, "// это не боту")
				w.Quiet(g.Anna, nowhere)
				reply := g.Anna.Reply(about.ID, "ого")
				said := w.Reads(g.Anna, nowhere)
				if said.ReplyTo != reply.ID {
					t.Errorf("it replies to %d", said.ReplyTo)
				}
				g.As(w.Person(bottest.EveID)).Reply(about.ID, "угу")
				g.Anna.Reply(said.ID, "понятно")
				g.Anna.Reply(about.ID, "ещё раз")
				w.Passes(time.Minute)
				n := 0
				for _, text := range bottest.Texts(g.Anna.FromBot()) {
					if strings.Contains(text, nowhere) {
						n++
					}
				}
				if n != 1 || len(w.Plusofon.Tickets()) != tickets {
					t.Errorf("it was said %d times; %d tickets", n, len(w.Plusofon.Tickets()))
				}
			})
		})
	}
}

// A reply to the card by the author of the draft goes into it; after the end of the draft
// it has no effect.
func TestReplyToOnesOwnCardInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		first := g.Boris.Send("касса не работает")
		g.Boris.Reply(first.ID, "/new@"+w.Telegram.Bot().Username+" Касса")
		card := w.Reads(g.Boris, "Новое обращение", "1 сообщение")
		g.Boris.Reply(card.ID, "и весы тоже")
		w.Reads(g.Boris, "Новое обращение", "2 сообщения")
		g.Boris.Press(card.ID, "Отправить")
		w.Reads(g.Boris, "создано", "Касса")
		w.WantPosts(w.Plusofon.Tickets()[0].ID, "касса не работает\nи весы тоже")
		w.Quiet(g.Anna, nowhere)
	})
}

// theBots is a message of the bot's as a reply shows it.
func theBots(id telegram.MessageID, data ...string) *telegram.Message {
	m := &telegram.Message{
		ID: id, Chat: telegram.Chat{ID: bottest.Office, Type: "supergroup"}, From: &telegram.User{ID: 1000, IsBot: true, Username: "plusofon_bot"},
		Kind: telegram.KindText, Text: "…",
	}
	for _, d := range data {
		m.Buttons = append(m.Buttons, []telegram.Button{chat.Button("x", d)})
	}
	return m
}

// speaks makes a message in the office's group.
func speaks(d *bottest.Desk, by telegram.UserID, to *telegram.Message, text string) telegram.Update {
	d.Last = max(d.Last, 1000) + 1
	return telegram.Update{ID: int64(d.Last), Message: &telegram.Message{
		ID: d.Last, Chat: telegram.Chat{ID: bottest.Office, Type: "supergroup", Title: "Офис"}, From: &telegram.User{ID: by, FirstName: "Кто-то"},
		Kind: telegram.KindText, Text: text, ReplyTo: to,
	}}
}

// Those for whom the sentence is wrong get a fitting one, and nobody learns anything by it.
func TestReplyToTheBotByThoseWhoMayNotUseIt(t *testing.T) {
	d := company(t)
	d.Screens(bottest.Office)
	list := theBots(80, "show:7", "tickets:0")
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SavePerson(state.Person{ID: eve, Role: state.Stranger, Since: d.Now, Removed: d.Now})
	})
	d.Want(d.Decides(bottest.Office, speaks(d, eve, list, "ого")), "Ваш доступ к боту закрыт")
	d.Want(d.Decides(bottest.Office, speaks(d, eve, list, "ого")), "") // once an hour

	channel := speaks(d, 136817688, list, "ого")
	channel.Message.From.IsBot, channel.Message.SenderChat = true, &telegram.Chat{ID: -5, Type: "channel"}
	d.Want(d.Decides(bottest.Office, channel), "Вы пишете от имени канала")
	d.Want(d.Decides(bottest.Office, speaks(d, vera, list, "ого")), "") // it was said under this message

	another := theBots(81, "show:7", "tickets:0")
	channel = speaks(d, 136817688, another, "ого")
	channel.Message.From.IsBot, channel.Message.SenderChat = true, &telegram.Chat{ID: -5, Type: "channel"}
	d.Want(d.Decides(bottest.Office, channel), "Вы пишете от имени канала")

	d.Do(func(turn *chat.Turn) error {
		_, err := turn.Tx.DropGroup(bottest.Office)
		return err
	})
	third := theBots(82)
	d.Want(d.Decides(bottest.Office, speaks(d, 77, third, "ого")), "")
	d.Want(d.Decides(bottest.Office, speaks(d, vera, third, "ого")), "Эта группа не подключена")
	d.Want(d.Decides(bottest.Office, speaks(d, boris, third, "ого")), "")
}

// A repeated update was handled the first time: it gets no advice.
func TestAdviceIsNotGivenForARepeat(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Anna.Send("/new@" + w.Telegram.Bot().Username)
		m := g.Anna.Reply(w.Reads(g.Anna, "Что случилось?").ID, "Касса")
		w.Reacts(g.Anna, m.ID, "👌")
		w.Telegram.Redeliver()
		w.Stored()
		w.Quiet(g.Anna, nowhere)
	})
}

// Message ids are not moved when a group becomes a supergroup: advice under a message there
// says nothing about the message with the same id here.
func TestAdviceStaysBehindInTheOldGroup(t *testing.T) {
	d := company(t)
	const super = -1009
	d.Screens(bottest.Office)
	d.Want(d.Decides(bottest.Office, speaks(d, vera, theBots(80), "ого")), nowhere)
	u := speaks(d, boris, nil, "")
	u.Message.Kind, u.Message.MigrateTo = telegram.KindService, super
	d.Decides(bottest.Office, u)
	next := speaks(d, vera, theBots(80), "ого")
	next.Message.Chat.ID = super
	d.Want(d.Decides(super, next), nowhere)
}

// Of a reply without effect only ids are stored.
func TestReplyThatLeadsNowhereIsNotStored(t *testing.T) {
	d := company(t)
	if d.Concerns(speaks(d, vera, theBots(80), "между нами")) {
		t.Error("it is to be stored")
	}
	d.Decides(bottest.Office, speaks(d, vera, theBots(80), "между нами"))
	if said := d.Screens(bottest.Office); slices.ContainsFunc(said, func(s bottest.Screen) bool { return strings.Contains(s.Text, "между") }) {
		t.Errorf("it says %v", said)
	}
}
