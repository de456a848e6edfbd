package bot_test

import (
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// A group becomes a supergroup while news wait: the same news arrive there, and
// access and bindings go along.
func TestGroupBecomesASupergroup(t *testing.T) {
	for name, told := range map[string]bool{"told by a message": true, "told by an error": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, hurried)
			g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
			id, receipt := w.newTicket(g.boris, "Касса")
			g.boris.Press(receipt.ID, "Без звука")
			w.sees(g.boris, "the button turned", func(m telegramtest.Message) bool { _, ok := m.Button("Со звуком"); return ok })
			old := g.ID()
			w.telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: old, Times: 1, Status: 429, RetryAfter: 2})
			w.plusofon.Reply(id, "Ольга", "Первая новость")
			w.plusofon.Reply(id, "Ольга", "Вторая новость")
			w.requested("the news", func(r telegramtest.Request) bool {
				return strings.Contains(r.Params["text"], "Первая новость")
			})
			if !told {
				// The poll under way brings this, and none after it brings anything.
				w.telegram.Fail(telegramtest.Fault{Method: "getUpdates", Times: -1, Status: 500})
				w.anna.Send("/help")
				w.reads(w.anna, "Чтобы ответить")
			}
			next := team{Group: g.Migrate(), anna: g.anna, boris: g.boris}
			if told {
				// What comes once the group has moved stays behind what waits.
				w.until("the move", func(*telegramtest.Server) bool {
					var chat state.Chat
					must(t, w.store.Update(func(tx *state.Tx) (err error) { chat, err = tx.Chat(state.ChatID(old)); return err }))
					return chat.MovedTo == state.ChatID(next.ID())
				})
			}
			w.plusofon.Reply(id, "Ольга", "Третья новость")
			third := w.reads(next.anna, "Третья новость")
			news, second := w.reads(next.anna, "Первая новость"), w.reads(next.anna, "Вторая новость")
			if news.ID > second.ID || second.ID > third.ID {
				t.Errorf("the news come in the order %d, %d, %d", news.ID, second.ID, third.ID)
			}
			if !told {
				w.logged("a group has become a supergroup")
			}
			w.telegram.ClearFaults()
			if !news.Silent || news.Chat != next.ID() || news.Chat == old {
				t.Errorf("news: %+v", news)
			}
			answer := next.anna.Reply(news.ID, "читаем")
			w.reacts(next.anna, answer.ID, "👌")
			w.newTicket(next.boris, "Новое")
			w.quiet(next.anna, "не подключена")
		})
	}
}

// A draft goes along: its card is shown anew, for the old one's buttons stay behind.
func TestDraftInAGroupThatBecomesASupergroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	colleague := g.anna.Send("касса не работает")
	g.boris.Reply(colleague.ID, "/new Касса")
	w.reads(g.boris, "Касса", "Пока ничего не отправлено")
	next := team{Group: g.Migrate(), anna: g.anna, boris: g.boris}
	card := w.reads(next.boris, "Касса", "Пока ничего не отправлено")
	next.boris.Press(card.ID, "Отправить")
	receipt := w.reads(next.boris, "создано", "Касса")
	m := next.anna.Reply(receipt.ID, "и весы")
	w.reacts(next.anna, m.ID, "👌")
}

// A group that does not count: a member is told so, nothing goes out.
func TestGroupThatDoesNotCount(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	must(t, w.store.Update(func(tx *state.Tx) error {
		_, err := tx.DropGroup(state.ChatID(g.ID()))
		return err
	}))
	g.boris.Send("/new от постороннего")
	m := g.anna.Send("/new Касса")
	w.sees(g.anna, "that it does not count", func(n telegramtest.Message) bool {
		return n.ReplyTo == m.ID && strings.Contains(n.Text, "не подключена")
	})
	if n := len(w.plusofon.Tickets()); n != 0 {
		t.Errorf("%d tickets", n)
	}
}
