package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// A group becomes a supergroup while news is queued: the news arrives there, and access and
// bindings are moved.
func TestGroupBecomesASupergroup(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{"told by a message": true, "told by an error": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				id, receipt := w.NewTicket(g.Boris, "Касса")
				g.Boris.Press(receipt.ID, "Без звука")
				w.Sees(g.Boris, "the button turned", func(m telegramtest.Message) bool { _, ok := m.Button("Вернуть звук"); return ok })
				old := g.ID()
				w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: old, Times: 1, Status: 429, RetryAfter: 2})
				w.Plusofon.Reply(id, "Ольга", "Первая новость")
				w.Plusofon.Reply(id, "Ольга", "Вторая новость")
				w.Requested("the news", func(r telegramtest.Request) bool {
					return strings.Contains(r.Params["text"], "Первая новость")
				})
				if !told {
					// The current poll receives this, and none after it receives anything.
					w.Telegram.Fail(telegramtest.Fault{Method: "getUpdates", Times: -1, Status: 500})
					w.Anna.Send("/help")
					w.Reads(w.Anna, "Чтобы ответить")
				}
				next := g.Moved()
				if told {
					// Messages arriving after the move are queued after what is queued already.
					w.Until("the move", func(*telegramtest.Server) bool {
						var chat state.Chat
						bottest.Must(t, w.Store.Update(func(tx *state.Tx) (err error) { chat, err = tx.Chat(state.ChatID(old)); return err }))
						return chat.MovedTo == state.ChatID(next.ID())
					})
				}
				w.Plusofon.Reply(id, "Ольга", "Третья новость")
				third := w.Reads(next.Anna, "Третья новость")
				news, second := w.Reads(next.Anna, "Первая новость"), w.Reads(next.Anna, "Вторая новость")
				if news.ID > second.ID || second.ID > third.ID {
					t.Errorf("the news comes in the order %d, %d, %d", news.ID, second.ID, third.ID)
				}
				if !told {
					w.Logged("a group has become a supergroup")
				}
				w.Telegram.ClearFaults()
				if !news.Silent || news.Chat != next.ID() || news.Chat == old {
					t.Errorf("news: %+v", news)
				}
				answer := next.Anna.Reply(news.ID, "читаем")
				w.Reacts(next.Anna, answer.ID, "👌")
				w.NewTicket(next.Boris, "Новое")
				w.Quiet(next.Anna, "не подключена")
			})
		})
	}
}

// A draft is moved: a new card is shown, for the old one's buttons are not moved.
func TestDraftInAGroupThatBecomesASupergroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		colleague := g.Anna.Send("касса не работает")
		g.Boris.Reply(colleague.ID, "/new Касса")
		w.Reads(g.Boris, "Касса", "Пока ничего не отправлено")
		next := g.Moved()
		card := w.Reads(next.Boris, "Касса", "Пока ничего не отправлено")
		next.Boris.Press(card.ID, "Отправить")
		receipt := w.Reads(next.Boris, "создано", "Касса")
		m := next.Anna.Reply(receipt.ID, "и весы")
		w.Reacts(next.Anna, m.ID, "👌")
	})
}

// Pending messages move along: the question that holds an answer is asked again, because the
// buttons of the old one stay in the old group, and one message, which is edited, shows an
// opening's progress.
func TestReceiptsInAGroupThatBecomesASupergroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		g.Promote(w.Person(bottest.AnnaID), telegramtest.Rights{})
		w.Reads(g.Anna, "Права бота")
		id, receipt := w.NewTicket(g.Boris, "Касса")
		answer := g.Boris.Reply(receipt.ID, "модель АТОЛ")
		w.Reacts(g.Boris, answer.ID, "👌")
		g.Anna.Reply(answer.ID, "а серийный номер?")
		w.Reads(g.Anna, "Похоже, это коллеге")
		w.PlusofonLine.Cut()
		g.Boris.Send("/new Весы\nврут")
		w.Reads(g.Boris, "Плюсофон сейчас недоступен")
		next := g.Moved()
		w.Passes(time.Minute)
		question := w.Reads(next.Anna, "В №23624: а серийный номер?", "Похоже, это коллеге")
		next.Anna.Send("/cancel@" + w.Telegram.Bot().Username)
		w.Reads(next.Anna, "Ещё не отправлено", "а серийный номер?")
		w.PlusofonLine.Mend()
		w.Reads(next.Boris, "создано", "Весы")
		w.Pressed(next.Anna.Press(question.ID, "Отправить"))
		w.Sees(next.Anna, "the question turned", func(m telegramtest.Message) bool {
			return m.ID == question.ID && strings.Contains(m.Text, "Отправлено в №23624")
		})
		w.Passes(time.Minute)
		w.WantPosts(id, "Подробности", "модель АТОЛ", "а серийный номер?")
		for _, m := range next.Boris.FromBot() {
			if strings.Contains(m.Text, "недоступен") || strings.Contains(m.Text, "Принято") {
				t.Errorf("there still stands %q", m.Text)
			}
			if strings.Contains(m.Text, "👤") {
				t.Errorf("what stands there as it was written is shown again: %q", m.Text)
			}
		}
	})
}

// Telegram tells in any order that a group has become a supergroup, that the bot is in it, and that
// it is not in the group any more; and it names whoever upgraded the group, whom the bot may not
// know. The bot stays, with the rights that it has there.
func TestUpgradeToldOfInAnyOrder(t *testing.T) {
	const old = -7
	for name, c := range map[string]struct {
		by     telegram.UserID // who the bot is told has added it
		events []string
	}{
		"the bot is there first":            {77, []string{"there", "upgraded", "from"}},
		"the same by a member":              {1, []string{"there", "upgraded", "from"}},
		"told by the supergroup":            {77, []string{"there", "from", "upgraded"}},
		"the bot is there last":             {77, []string{"upgraded", "from", "there"}},
		"the bot has left":                  {77, []string{"left", "upgraded", "there"}},
		"the bot has left and is not there": {77, []string{"left", "upgraded", "from"}},
		"it comes and leaves":               {77, []string{"there", "left", "from"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := bottest.NewDesk(t)
			d.Ready(1)
			group := telegram.Chat{ID: old, Type: "group", Title: "Офис"}
			supergroup := telegram.Chat{ID: bottest.Office, Type: "supergroup", Title: "Офис", IsForum: true}
			member := func(in telegram.Chat, by telegram.UserID, status string) telegram.Update {
				admin := status == "administrator"
				return telegram.Update{Member: &telegram.MemberChange{
					Chat: in, From: telegram.User{ID: by, FirstName: "Кто-то"}, Date: d.Now, New: status, Present: status != "left", Admin: admin, ManagesTopics: admin, Pins: admin,
				}}
			}
			d.Decides(old, member(group, 1, "member"))
			rights := false
			for n, event := range c.events {
				var u telegram.Update
				switch event {
				case "there":
					u, rights = member(supergroup, c.by, "administrator"), true
				case "left":
					u = member(group, c.by, "left")
				case "upgraded":
					u = telegram.Update{Message: &telegram.Message{ID: telegram.MessageID(50 + n), Chat: group, Kind: telegram.KindService, MigrateTo: bottest.Office}}
				case "from":
					u = telegram.Update{Message: &telegram.Message{ID: 1, Chat: supergroup, Kind: telegram.KindService, MigrateFrom: old}}
				}
				d.Decides(bottest.Office, u)
			}
			if calls := d.Left(); len(calls) > 0 {
				t.Errorf("it leaves by %q", calls)
			}
			d.Do(func(turn *chat.Turn) error {
				g, err := turn.Tx.Group(bottest.Office)
				if !g.Present || g.AddedBy != 1 || rights && (!g.Admin || !g.ManagesTopics || !g.Pins || !g.Forum) {
					t.Errorf("the group is known as %+v", g)
				}
				return err
			})
		})
	}
}

// In an unauthorized group a member is told so, and nothing is sent.
func TestGroupThatDoesNotCount(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			_, err := tx.DropGroup(state.ChatID(g.ID()))
			return err
		}))
		g.Boris.Send("/new от постороннего")
		m := g.Anna.Send("/new Касса")
		w.Sees(g.Anna, "that it does not count", func(n telegramtest.Message) bool {
			return n.ReplyTo == m.ID && strings.Contains(n.Text, "не подключена")
		})
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 0 {
			t.Errorf("%d tickets", n)
		}
	})
}

// The bot was thrown out of a group whose access was not revoked. A stranger adds it again and
// upgrades the group before the bot has left: it leaves, and nothing is read there.
func TestStrangersReadNothingAfterAnUpgrade(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, _ := w.NewTicket(g.Anna, "Касса")
		g.Kick(w.Person(bottest.AnnaID))
		w.Passes(time.Minute)
		w.Plusofon.Reply(id, "Ольга", "Секретная новость")
		w.Passes(time.Hour)
		w.Stop()
		eve := w.Person(bottest.EveID)
		g.As(eve)
		g.AddBot(eve)
		next := g.Migrate()
		w.Start()
		w.Passes(time.Minute)
		there := next.As(eve)
		there.Send("/tickets")
		w.Passes(time.Minute)
		for _, m := range there.FromBot() {
			if strings.Contains(m.Text, "Касса") {
				t.Errorf("the stranger reads in %d: %q", m.Chat, m.Text)
			}
		}
		if s := next.BotStatus(); s != "left" {
			t.Errorf("in the supergroup the bot is %q", s)
		}
	})
}

// A ticket is followed while Plusofon is slow, and meanwhile the group becomes a supergroup: its
// news comes there once, with its files.
func TestFollowedWhileItIsReadAndUpgraded(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string]bool{"followed": false, "followed, then answered": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
				g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
				id := w.Plusofon.OpenInCabinet("Весы", "Врут")
				w.Polled()
				hang := w.Hangs()
				w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", OnRead: hang.OnRead, Times: -1})
				g.Anna.Send(fmt.Sprintf("/follow@%s %d", w.Telegram.Bot().Username, id))
				hang.Are(1)
				next := g.Moved()
				w.Passes(500 * time.Millisecond)
				hang.End()
				w.Plusofon.ClearFaults()
				receipt := w.Reads(next.Anna, "Новости этого обращения")
				if answers {
					answer := next.Anna.Reply(receipt.ID, "ещё врут")
					w.Reacts(next.Anna, answer.ID, "👌")
				}
				w.Plusofon.Reply(id, "Ольга", "Смотрите", plusofontest.Attachment{Name: "a.txt", Content: []byte("abc")})
				w.Passes(time.Minute)
				news, files := 0, 0
				for _, m := range next.Anna.FromBot() {
					if strings.Contains(m.Text, "Смотрите") {
						news++
					}
					if m.File != nil {
						files++
					}
				}
				if news != 1 || files != 1 {
					t.Errorf("the news comes %d times, the file %d times", news, files)
				}
			})
		})
	}
}

// What the bot asks in a group that becomes a supergroup meanwhile can be answered there.
func TestQuestionInAGroupThatBecomesASupergroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		w.Stop()
		g.Boris.Send("/new@" + w.Telegram.Bot().Username)
		next := g.Moved()
		w.Start()
		question := w.Sees(next.Boris, "the question", func(m telegramtest.Message) bool { return m.ForceReply })
		w.Passes(time.Minute)
		if !stands(next.Boris, question.ID) {
			t.Error("the question goes before it is answered")
		}
		w.Passes(0)
		next.Boris.Reply(question.ID, "Весы врут")
		w.Reads(next.Boris, "создано", "Весы врут")
	})
}
