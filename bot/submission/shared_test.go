package submission_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// refusal is one response of Plusofon that rejects a request.
func refusal(op string) plusofontest.Fault {
	return plusofontest.Fault{Op: op, Status: 400, Body: `{"message":"Недопустимое слово","code":400}`}
}

// A message can be in the drafts of several people: none removes it from another's, and its
// author's edit reaches all of them.
func TestMessageInSeveralDrafts(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Telegram: telegramtest.Config{PrivacyOff: true}}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		m := g.Boris.Send("касса не работает")
		card := func(c *telegramtest.Chat, subject string) telegramtest.Message {
			c.Reply(m.ID, "/new "+subject)
			return w.Reads(g.Anna, subject, "1 сообщение")
		}
		annas, boriss := card(g.Anna, "Касса у Анны"), card(g.Boris, "Касса у Бориса")
		g.Boris.Edit(m.ID, "касса не работает с утра")
		for c, shown := range map[*telegramtest.Chat]telegramtest.Message{g.Anna: annas, g.Boris: boriss} {
			w.Pressed(c.Press(shown.ID, "Отправить"))
		}
		w.Reads(g.Anna, "создано", "Касса у Анны")
		w.Reads(g.Anna, "создано", "Касса у Бориса")
		w.Passes(time.Minute)
		for _, ticket := range w.Plusofon.Tickets() {
			if len(ticket.Posts) != 1 || !strings.Contains(ticket.Posts[0].Text, "касса не работает с утра") {
				t.Errorf("%q holds %+v", ticket.Subject, ticket.Posts)
			}
		}
	})
}

// An edit of one's own message in a waiting opening made of several messages changes only
// its text, not a message that belongs to another ticket, nor a colleague's.
func TestEditInAnOpeningOfOthersWordsToo(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Telegram: telegramtest.Config{PrivacyOff: true}}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		_, receipt := w.NewTicket(g.Boris, "Связь")
		theirs := g.Boris.Reply(receipt.ID, "касса тоже молчит")
		w.Reacts(g.Boris, theirs.ID, "👌")
		g.Anna.Reply(theirs.ID, "/new Касса")
		w.Reads(g.Anna, "Касса", "1 сообщение")
		own := g.Anna.Send("это с утра")
		g.Anna.Reply(own.ID, "/new")
		card := w.Reads(g.Anna, "Касса", "2 сообщения")
		w.Plusofon.AddFault(refusal("open"))
		w.Pressed(g.Anna.Press(card.ID, "Отправить"))
		failed := w.Reads(g.Anna, "Обращение не создано.")
		g.Anna.Edit(own.ID, "это со вчера")
		w.Stored()
		w.Pressed(g.Anna.Press(failed.ID, "Повторить"))
		w.Reads(g.Anna, "создано", "Касса")
		if got := w.Posts(w.Newest())[0]; !strings.Contains(got, "касса тоже молчит") || !strings.Contains(got, "это со вчера") || strings.Contains(got, "с утра") {
			t.Errorf("at Plusofon: %q", got)
		}
		// The colleague's edit changes theirs, in their name.
		g.Anna.Reply(theirs.ID, "/new Ещё одна")
		card = w.Reads(g.Anna, "Ещё одна", "1 сообщение")
		w.Plusofon.AddFault(refusal("open"))
		w.Pressed(g.Anna.Press(card.ID, "Отправить"))
		failed = w.Sees(g.Anna, "that it failed", func(m telegramtest.Message) bool {
			return m.ID == card.ID && strings.Contains(m.Text, "не создано")
		})
		g.Boris.Edit(theirs.ID, "касса заработала")
		w.Stored()
		w.Pressed(g.Anna.Press(failed.ID, "Повторить"))
		w.Reads(g.Anna, "создано", "Ещё одна")
		if got := w.Posts(w.Newest())[0]; !strings.Contains(got, "касса заработала") || !strings.HasPrefix(got, "Переслано: Boris") || strings.Contains(got, "— Boris") {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// A waiting answer that is edited to mention a colleague is held like a new one.
func TestEditThatNamesAColleague(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		m := g.Boris.Reply(receipt.ID, "проверь чек")
		w.Sees(g.Boris, "that it waits", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && strings.Contains(x.Text, "уйдёт само")
		})
		g.Boris.Edit(m.ID, "@anna проверь чек")
		asked := w.Sees(g.Boris, "that it is asked about", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && strings.Contains(x.Text, "Похоже, это коллеге")
		})
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		if got := w.Posts(id); len(got) != 1 {
			t.Fatalf("it went unasked: %q", got)
		}
		w.WantReaction(g.Boris, m.ID, "") // it is not sent
		// A reply to it is among colleagues too, and so is a reply to the question, though that was
		// its receipt.
		g.Anna.Reply(m.ID, "уже смотрю")
		g.Boris.Reply(m.ID, "жду")
		g.Anna.Reply(asked.ID, "посмотрела")
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 1 {
			t.Fatalf("talk went out: %q", got)
		}
		w.Pressed(g.Boris.Press(asked.ID, "Отправить"))
		w.Reacts(g.Boris, m.ID, "👌")
		if got := w.Posts(id); len(got) != 2 || !strings.HasPrefix(got[1], "@anna проверь чек") {
			t.Errorf("posts: %q", got)
		}
	})
}

// So is one that its author has sent from a card.
func TestEditOfWhatACardHasSentThatNamesAColleague(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		w.Plusofon.CloseTicket(id)
		w.Reads(g.Boris, "Обращение закрыто")
		m := g.Boris.Reply(receipt.ID, "всё ещё")
		card := w.Reads(g.Boris, "ответ может открыть его снова")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: -1, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		w.Pressed(g.Boris.Press(card.ID, "Отправить"))
		w.Reads(g.Boris, "уйдёт само")
		g.Boris.Edit(m.ID, "@anna всё ещё")
		w.Reads(g.Boris, "Похоже, это коллеге")
		w.Plusofon.ClearFaults()
		w.Passes(10 * time.Minute)
		w.WantPosts(id, "Подробности")
	})
}

// What waited for a decision for a day is dropped, and a new message says so: the card may
// be far above.
func TestExpiryIsSaid(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Later()
		question := w.Anna.Send("куда бы это")
		w.Asked(question)
		w.Anna.Send("/new")
		draft := w.Anna.Send("черновик")
		w.Reads(w.Anna, "Тема: черновик")
		end := w.Anna.Send("/help")
		w.Passes(25 * time.Hour)
		for _, c := range []struct {
			of   telegramtest.Message
			says string
		}{{question, "Вы не выбрали, куда отправить: это никуда не ушло."}, {draft, "Черновик не отправляли сутки, и он удалён."}} {
			w.Sees(w.Anna, c.says, func(m telegramtest.Message) bool {
				return m.ID > end.ID && m.ReplyTo == c.of.ID && strings.Contains(m.Text, c.says)
			})
		}
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d posts, want 1", n)
		}
	})
}
