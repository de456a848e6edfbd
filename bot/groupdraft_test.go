package bot_test

import (
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
)

// /new as a reply to a colleague's album: a draft from the item replied to, and the
// card says so. It is its author's.
func TestNewFromAColleaguesAlbum(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	album := g.boris.SendAlbum(twoPhotos("смотрите, что с чеками"), 0)
	g.anna.Reply(album[0].ID, "/new@"+w.telegram.Bot().Username+" Кривые чеки")
	card := w.reads(g.anna, "Кривые чеки", "Пока ничего не отправлено")
	if !strings.Contains(card.Text, "альбом") {
		t.Errorf("the card does not tell that it is one item of an album: %q", card.Text)
	}
	if a := w.pressed(g.boris.Press(card.ID, "Отправить")); a.Text == "" || len(w.plusofon.Tickets()) > 0 {
		t.Errorf("a colleague's press is answered with %q", a.Text)
	}
	// What is written meanwhile does not get into the draft: this is no private chat.
	g.anna.Send("и вообще пора менять кассу")
	g.anna.Press(card.ID, "Отправить")
	w.reads(g.anna, "создано", "Кривые чеки", "Файлы: 1 из 1")
	tickets := w.plusofon.Tickets()
	if len(tickets) != 1 || !strings.Contains(tickets[0].Posts[0].Text, "Boris") || strings.Contains(tickets[0].Posts[0].Text, "пора менять") {
		t.Errorf("at Plusofon: %+v", tickets)
	}
}

// Somebody is removed while his draft is open: nothing of it can be sent any more.
// In a group he stays one of its people.
func TestRemovedWithAnOpenDraft(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	w.anna.Send("/invite")
	link := w.reads(w.anna, "?start=").Text
	w.boris.Start(link[strings.Index(link, "?start=")+len("?start="):])
	w.reads(w.boris, "You have access now")
	w.boris.Send("My phone is dead")
	private := w.sees(w.boris, "the card", func(m telegramtest.Message) bool { _, ok := m.Button("Send"); return ok })
	colleague := g.anna.Send("касса не работает")
	g.boris.Reply(colleague.ID, "/new Касса")
	shared := w.reads(g.boris, "Касса", "Пока ничего не отправлено")

	w.anna.Send("/users")
	list := w.reads(w.anna, "Доступ есть")
	w.anna.Press(list.ID, "Удалить: Boris")
	w.sees(w.anna, "the list without him", func(m telegramtest.Message) bool { return m.ID == list.ID && !strings.Contains(m.Text, "Boris") })
	w.pressed(w.boris.Press(private.ID, "Send"))
	if n := len(w.plusofon.Tickets()); n != 0 {
		t.Errorf("%d tickets", n)
	}
	g.boris.Press(shared.ID, "Отправить")
	w.reads(g.boris, "создано", "Касса")
}

// An answer that is edited before it goes arrives as edited; after that its author
// is told.
func TestEditsInAGroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	id, receipt := w.newTicket(g.boris, "Касса")
	m := g.boris.Reply(receipt.ID, "модель Атол")
	w.reacts(g.boris, m.ID, "👌")
	g.boris.Edit(m.ID, "модель Штрих")
	w.sees(g.boris, "that it is too late", func(n telegramtest.Message) bool {
		return n.FromBot && n.ReplyTo == m.ID && strings.Contains(n.Text, "изменить нельзя")
	})
	if got := w.posts(id); len(got) != 2 || !strings.HasPrefix(got[1], "модель Атол") {
		t.Errorf("posts: %q", got)
	}
}

// «Тема» asks the draft's author, and only his reply is the subject.
func TestSubjectOfADraftInAGroup(t *testing.T) {
	w := newWorld(t, hurried)
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	colleague := g.boris.Send("касса не работает")
	g.anna.Reply(colleague.ID, "/new")
	card := w.reads(g.anna, "касса не работает", "Пока ничего не отправлено")
	ask := func() telegramtest.Message {
		g.anna.Press(card.ID, "Тема")
		return w.sees(g.anna, "the question", func(m telegramtest.Message) bool { return m.ForceReply && strings.HasPrefix(m.Text, "Анна") })
	}
	question := ask()
	g.boris.Reply(question.ID, "Чужая тема")
	g.anna.Reply(question.ID, "Касса в зале")
	w.reads(g.anna, "Тема: Касса в зале", "Пока ничего не отправлено")
	g.anna.Press(card.ID, "Отправить")
	w.reads(g.anna, "создано", "Касса в зале")
	if tickets := w.plusofon.Tickets(); len(tickets) != 1 || tickets[0].Subject != "Касса в зале" {
		t.Errorf("tickets: %+v", tickets)
	}
}
