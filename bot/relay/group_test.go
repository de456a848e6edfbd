package relay_test

import (
	"slices"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// team is a group with people of the office in it, as each of them sees it.
type team struct {
	*telegramtest.Group
	anna, boris *telegramtest.Chat // Anna owns the bot, Boris is only in the group
}

// newTeam makes a group; the bot is not in it yet.
func (w *world) newTeam(o telegramtest.GroupOptions) team {
	w.t.Helper()
	if o.Title == "" {
		o.Title = "Офис"
	}
	g := w.telegram.AddGroup(o)
	return team{g, g.As(w.person(annaID)), g.As(w.person(borisID))}
}

func (w *world) person(id int64) *telegramtest.Person {
	names := map[int64]telegramtest.User{
		annaID:  {ID: annaID, FirstName: "Анна", Username: "anna", Language: "ru"},
		borisID: {ID: borisID, FirstName: "Boris", Language: "en"},
		eveID:   {ID: eveID, FirstName: "Ева", Language: "ru"},
	}
	return w.telegram.AddUser(names[id])
}

// letIn lets Anna add the bot and waits until the group counts.
func (w *world) letIn(g team) team {
	w.t.Helper()
	w.anna.Start("")
	w.reads(w.anna, "Анна")
	g.AddBot(w.person(annaID))
	w.reads(g.anna, "Группа подключена")
	return g
}

func TestMemberAddsTheBot(t *testing.T) {
	w := newWorld(t, options{})
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	w.reads(g.anna, "Группа подключена", "видит только команды", "Темы в группе выключены")

	m := g.boris.Send("/new Не работает телефон\nНи один")
	w.reacts(g.boris, m.ID, "👌")
	receipt := w.reads(g.anna, "создано", "Не работает телефон")
	tickets := w.plusofon.Tickets()
	if len(tickets) != 1 || tickets[0].Posts[0].Text != "Ни один" {
		t.Fatalf("at Plusofon: %+v", tickets)
	}
	answer := g.anna.Reply(receipt.ID, "и факс тоже")
	w.reacts(g.anna, answer.ID, "👌")
	w.desk("the answer", func(all []plusofontest.Ticket) bool { return len(all[0].Posts) == 2 })
}

func TestStrangerAddsTheBot(t *testing.T) {
	w := newWorld(t, options{})
	g := w.newTeam(telegramtest.GroupOptions{})
	g.AddBot(w.person(eveID))
	w.requested("leaving", func(r telegramtest.Request) bool { return r.Method == "leaveChat" && r.Status == 200 })
	said := g.anna.FromBot()
	said = slices.DeleteFunc(said, func(m telegramtest.Message) bool { return m.Text == "" })
	if len(said) != 1 || !strings.Contains(said[0].Text, "закрыт и выходит") {
		t.Errorf("it says %+v", said)
	}
	if g.BotStatus() != "left" {
		t.Errorf("it is %s", g.BotStatus())
	}
}
