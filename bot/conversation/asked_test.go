package conversation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// The bot's own questions in a group are deleted once they are answered or expired, in any way.
func TestQuestionsInAGroupGo(t *testing.T) {
	t.Parallel()
	opening := func(w *bottest.World, g bottest.Team) telegramtest.Message {
		g.Anna.Send("/new@" + w.Telegram.Bot().Username)
		return w.Sees(g.Anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply })
	}
	answer := func(w *bottest.World, g bottest.Team) telegramtest.Message {
		g.Anna.Press(w.Reads(g.Anna, "Какая модель?").ID, "Ответить")
		return w.Reads(g.Anna, "Напишите ответ")
	}
	held := func(w *bottest.World, g bottest.Team) telegramtest.Message {
		m := g.Anna.Reply(w.Reads(g.Anna, "Какая модель?").ID, "Boris, глянь")
		return w.Sees(g.Anna, "the question", func(q telegramtest.Message) bool { return q.FromBot && q.ReplyTo == m.ID })
	}
	for name, c := range map[string]struct {
		asks func(w *bottest.World, g bottest.Team) telegramtest.Message
		ends func(w *bottest.World, g bottest.Team, q telegramtest.Message)
	}{
		"what is it about, answered": {opening, func(w *bottest.World, g bottest.Team, q telegramtest.Message) { g.Anna.Reply(q.ID, "Весы") }},
		"what is it about, cancelled": {opening, func(w *bottest.World, g bottest.Team, q telegramtest.Message) {
			g.Anna.Send("/cancel")
		}},
		"what is it about, too late": {opening, func(w *bottest.World, g bottest.Team, q telegramtest.Message) { w.Passes(25 * time.Hour) }},
		"what is it about, asked again": {opening, func(w *bottest.World, g bottest.Team, q telegramtest.Message) {
			g.Anna.Send("/new@" + w.Telegram.Bot().Username)
		}},
		"an answer, given": {answer, func(w *bottest.World, g bottest.Team, q telegramtest.Message) { g.Anna.Reply(q.ID, "Атол") }},
		"for a colleague, yes": {held, func(w *bottest.World, g bottest.Team, q telegramtest.Message) {
			g.Anna.Press(q.ID, "Отправить")
		}},
		"for a colleague, no": {held, func(w *bottest.World, g bottest.Team, q telegramtest.Message) {
			g.Anna.Press(q.ID, "Не отправлять")
		}},
		"after a restart": {opening, func(w *bottest.World, g bottest.Team, q telegramtest.Message) {
			w.Restart()
			g.Anna.Reply(q.ID, "Весы")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				id, _ := w.NewTicket(g.Boris, "Касса")
				w.Plusofon.Reply(id, "Ольга", "Какая модель?")
				q := c.asks(w, g)
				w.Passes(time.Minute)
				if !stands(g.Anna, q.ID) {
					t.Fatal("it goes before it is answered")
				}
				c.ends(w, g, q)
				w.Passes(5 * time.Second)
				if stands(g.Anna, q.ID) {
					t.Error("it still stands there")
				}
				w.WantNothingAside()
			})
		})
	}
}

func stands(c *telegramtest.Chat, id int) bool {
	return slices.ContainsFunc(c.Messages(), func(m telegramtest.Message) bool { return m.ID == id })
}

// If a question can't be deleted, one about a colleague is edited to say what became of the
// text; one that asks for a reply can't be edited, and stays.
func TestQuestionThatCanNotBeDeleted(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Telegram.Fail(telegramtest.Fault{Method: "deleteMessage", Times: -1, Status: 400, Description: "Bad Request: message can't be deleted for everyone"})
		g.Anna.Reply(receipt.ID, "Boris, глянь")
		asked := w.Reads(g.Anna, "Похоже, это коллеге")
		g.Anna.Press(asked.ID, "Не отправлять")
		w.Sees(g.Anna, "the end of it", func(m telegramtest.Message) bool {
			return m.ID == asked.ID && strings.HasPrefix(m.Text, "Отменено")
		})
		sent := g.Anna.Reply(receipt.ID, "Boris, и весы")
		asked = w.Reads(g.Anna, "Похоже, это коллеге")
		g.Anna.Press(asked.ID, "Отправить")
		w.Reacts(g.Anna, sent.ID, "👌")
		w.Sees(g.Anna, "the end of it", func(m telegramtest.Message) bool {
			return m.ID == asked.ID && strings.HasPrefix(m.Text, "Отправлено")
		})
		g.Anna.Send("/new@" + w.Telegram.Bot().Username)
		question := w.Reads(g.Anna, "Что случилось?")
		w.Reacts(g.Anna, g.Anna.Reply(question.ID, "Весы").ID, "👌")
		w.Passes(time.Minute)
		if !stands(g.Anna, question.ID) || len(w.Posts(id)) != 2 {
			t.Errorf("posts: %q", w.Posts(id))
		}
	})
}
