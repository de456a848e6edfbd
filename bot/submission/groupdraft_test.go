package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// /new as a reply to a colleague's album: a draft of the item replied to, and the card says
// so. It is its author's.
func TestNewFromAColleaguesAlbum(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		album := g.Boris.SendAlbum(bottest.TwoPhotos("смотрите, что с чеками"), 0)
		g.Anna.Reply(album[0].ID, "/new@"+w.Telegram.Bot().Username+" Кривые чеки")
		card := w.Reads(g.Anna, "Кривые чеки", "Пока ничего не отправлено")
		if !strings.Contains(card.Text, "альбом") {
			t.Errorf("the card does not tell that it is one item of an album: %q", card.Text)
		}
		if a := w.Pressed(g.Boris.Press(card.ID, "Отправить")); a.Text == "" || len(w.Plusofon.Tickets()) > 0 {
			t.Errorf("a colleague's press is answered with %q", a.Text)
		}
		// What is written in the meantime is not added to the draft: this is no private chat.
		g.Anna.Send("и вообще пора менять кассу")
		g.Anna.Press(card.ID, "Отправить")
		w.Reads(g.Anna, "создано", "Кривые чеки", "Файлы: 1 из 1")
		w.Passes(time.Minute)
		tickets := w.Plusofon.Tickets()
		if len(tickets) != 1 || !strings.Contains(tickets[0].Posts[0].Text, "Boris") || strings.Contains(tickets[0].Posts[0].Text, "пора менять") {
			t.Errorf("at Plusofon: %+v", tickets)
		}
	})
}

// A person is removed while they have an open draft: none of it can be sent any more, in
// groups either.
func TestRemovedWithAnOpenDraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		w.Anna.Send("/invite")
		link := w.Reads(w.Anna, "?start=").Text
		w.Boris.Start(link[strings.Index(link, "?start=")+len("?start="):])
		w.Reads(w.Boris, "You now have access")
		w.Boris.Send("My phone is dead")
		private := w.Sees(w.Boris, "the card", func(m telegramtest.Message) bool { _, ok := m.Button("Send"); return ok })
		colleague := g.Anna.Send("касса не работает")
		g.Boris.Reply(colleague.ID, "/new Касса")
		shared := w.Reads(g.Boris, "Касса", "Пока ничего не отправлено")

		w.Anna.Send("/users")
		list := w.Reads(w.Anna, "Доступ есть")
		w.Pressed(w.Anna.Press(list.ID, "Boris"))
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Доступ открыт").ID, "Закрыть доступ"))
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Закрыть доступ: Boris?").ID, "Закрыть доступ"))
		w.Reads(w.Anna, "Доступ закрыт:\n• Boris")
		w.Pressed(w.Boris.Press(private.ID, "Send"))
		w.Passes(time.Minute)
		w.Sees(g.Boris, "the card in the group, which sends nothing any more", func(m telegramtest.Message) bool {
			_, ok := m.Button("Отправить")
			return m.ID == shared.ID && !ok
		})
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 0 {
			t.Errorf("%d tickets", n)
		}
	})
}

// An answer that is edited before it is sent arrives as edited; after that its author is
// told.
func TestEditsInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		id, receipt := w.NewTicket(g.Boris, "Касса")
		m := g.Boris.Reply(receipt.ID, "модель Атол")
		w.Reacts(g.Boris, m.ID, "👌")
		g.Boris.Edit(m.ID, "модель Штрих")
		w.Sees(g.Boris, "that it is too late", func(n telegramtest.Message) bool {
			return n.FromBot && n.ReplyTo == m.ID && strings.Contains(n.Text, "остался прежний текст")
		})
		w.Passes(time.Minute)
		if got := w.Posts(id); len(got) != 2 || !strings.HasPrefix(got[1], "модель Атол") {
			t.Errorf("posts: %q", got)
		}
	})
}

// «Тема» asks the draft's author, and only their reply is the subject.
func TestSubjectOfADraftInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		colleague := g.Boris.Send("касса не работает")
		g.Anna.Reply(colleague.ID, "/new")
		card := w.Reads(g.Anna, "касса не работает", "Пока ничего не отправлено")
		ask := func() telegramtest.Message {
			g.Anna.Press(card.ID, "Тема")
			return w.Sees(g.Anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply && strings.HasPrefix(m.Text, "Анна") })
		}
		question := ask()
		g.Boris.Reply(question.ID, "Чужая тема")
		g.Anna.Reply(question.ID, "Касса в зале")
		w.Reads(g.Anna, "Тема: Касса в зале", "Пока ничего не отправлено")
		g.Anna.Press(card.ID, "Отправить")
		w.Reads(g.Anna, "создано", "Касса в зале")
		w.Passes(time.Minute)
		if tickets := w.Plusofon.Tickets(); len(tickets) != 1 || tickets[0].Subject != "Касса в зале" {
			t.Errorf("tickets: %+v", tickets)
		}
	})
}
