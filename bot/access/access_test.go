package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// Whatever a stranger sends or presses, they learn once that the bot is closed and
// their own id, and nothing of theirs is sent anywhere.
func TestStrangerMeetsTheClosedDoor(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тайная тема", "Тайный текст")
		w.Eve.Send("привет")
		door := w.Reads(w.Eve, "Этот бот закрыт", fmt.Sprint(bottest.EveID))
		for _, word := range []string{"Плюсофон", "Анна", "Тайн"} {
			if strings.Contains(door.Text, word) {
				t.Errorf("the closed door tells %q: %q", word, door.Text)
			}
		}
		if n := len(door.Buttons); n != 1 {
			t.Errorf("%d rows of buttons, want the one to ask for access", n)
		}
		for _, text := range []string{"/start", "/start t_1", "/start чужой", "/help", "/new Тема\nТекст", "/new", "/tickets", "/ticket 1", "/follow 1", "/status", "/invite", "/users", "/нет"} {
			w.Eve.Send(text)
		}
		w.Eve.Reply(door.ID, "ответ")
		photo := w.Eve.SendPhoto(telegramtest.File{Content: []byte("x")}, "/new снимок", 0)
		w.Eve.Edit(photo.ID, "/new другой снимок")
		id := w.Plusofon.Tickets()[0].ID
		for _, data := range []string{
			fmt.Sprintf("answer:%d", id), fmt.Sprintf("history:%d", id), fmt.Sprintf("page:%d:0", id), fmt.Sprintf("mute:%d", id), fmt.Sprintf("sound:%d", id),
			"tickets:0", "retry:1", "cancel:1", fmt.Sprintf("admit:%d", bottest.EveID), "deny:100", "remove:100", "мусор",
		} {
			a := w.Pressed(w.Eve.PressForged(door.ID, data))
			if a.Text != "Доступа нет. Попросите владельца бота о приглашении." || !a.Alert {
				t.Errorf("a press of %q was answered %+v", data, a)
			}
		}
		// This is the last event: everything before it has been decided by then.
		w.Pressed(w.Eve.Press(door.ID, "Попросить доступ"))
		w.Reads(w.Anna, "просит доступ")
		w.Passes(time.Minute)
		if said := w.Eve.FromBot(); len(said) != 1 || said[0].Text != door.Text {
			t.Errorf("the stranger was told %d things, want one: %+v", len(said), said)
		}
		for _, m := range w.Eve.Messages() {
			if m.Reaction != "" {
				t.Errorf("the stranger's %q got the reaction %s", m.Text, m.Reaction)
			}
		}
		if tickets := w.Plusofon.Tickets(); len(tickets) != 1 || len(tickets[0].Posts) != 1 {
			t.Errorf("the stranger reached Plusofon: %+v", tickets)
		}
	})
}

// A stranger whose Telegram is in English is refused in English.
func TestClosedDoorInEnglish(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Boris.Send("hello")
		door := w.Reads(w.Boris, "This bot is private", fmt.Sprint(bottest.BorisID))
		if a := w.Pressed(w.Boris.PressForged(door.ID, "tickets:0")); a.Text != "You have no access. Ask the bot's owner for an invitation." {
			t.Errorf("the press was answered %q", a.Text)
		}
	})
}

// asked has a stranger request access and returns what the owner gets.
func asked(w *bottest.World) (door, request telegramtest.Message) {
	w.T.Helper()
	w.Eve.Send("привет")
	door = w.Reads(w.Eve, "Этот бот закрыт")
	if a := w.Pressed(w.Eve.Press(door.ID, "Попросить доступ")); !strings.Contains(a.Text, "Просьба передана") {
		w.T.Errorf("the request was answered %q", a.Text)
	}
	return door, w.Reads(w.Anna, "Ева просит доступ к боту", fmt.Sprint(bottest.EveID))
}

func TestAskingForAccess(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Здравствуйте")
		door, request := asked(w)
		if a := w.Pressed(w.Eve.Press(door.ID, "Попросить доступ")); !strings.Contains(a.Text, "уже передана") {
			t.Errorf("a second request was answered %q", a.Text)
		}
		w.Pressed(w.Anna.Press(request.ID, "Пустить"))
		w.Reads(w.Eve, "Доступ открыт")
		done := w.Reads(w.Anna, "Ева: доступ открыт")
		if done.ID != request.ID || len(done.Buttons) != 0 {
			t.Errorf("the owner's request did not become the outcome: %+v", done)
		}
		w.Passes(time.Minute)
		requests := 0
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "Ева") {
				requests++
			}
		}
		if requests != 1 {
			t.Errorf("the owner was asked %d times, want once", requests)
		}
		if a := w.Pressed(w.Eve.Press(door.ID, "Попросить доступ")); !strings.Contains(a.Text, "уже есть") {
			t.Errorf("a member's request was answered %q", a.Text)
		}
		m := w.Eve.Send("/new Тема\nТекст")
		w.Reacts(w.Eve, m.ID, "👌")
	})
}

func TestRefusingAccess(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Здравствуйте")
		_, request := asked(w)
		w.Pressed(w.Anna.Press(request.ID, "Отказать"))
		w.Reads(w.Eve, "Владелец бота не открыл доступ")
		w.Reads(w.Anna, "Ева: доступ не открыт")
		// An old [Пустить] has no effect.
		w.Pressed(w.Anna.PressForged(request.ID, fmt.Sprintf("admit:%d", bottest.EveID)))
		w.Eve.Send("/new Тема\nТекст")
		door := w.Eve.FromBot()[0]
		if a := w.Pressed(w.Eve.PressForged(door.ID, "tickets:0")); !strings.Contains(a.Text, "Доступа нет") {
			t.Errorf("the refused person's press was answered %q", a.Text)
		}
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 0 {
			t.Errorf("%d tickets, want none", n)
		}
	})
}

// Of two owners the first decides.
func TestTwoOwnersDecideOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Здравствуйте")
		w.Boris.Start("")
		w.Reads(w.Boris, "Hello, Boris")
		_, request := asked(w)
		other := w.Reads(w.Boris, "Ева is asking for access")
		w.Pressed(w.Anna.Press(request.ID, "Пустить"))
		w.Reads(w.Eve, "Доступ открыт")
		w.Pressed(w.Boris.Press(other.ID, "Refuse"))
		w.Reads(w.Boris, "Ева already has access")
		m := w.Eve.Send("/new Тема\nТекст")
		w.Reacts(w.Eve, m.ID, "👌")
	})
}

// Without owners a link is logged: whoever opens it first becomes one. As long as
// nobody has, each start logs a new one.
func TestClaimLink(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Unowned: true}, func(t *testing.T, w *bottest.World) {
		polling := func() {
			w.Requested("a poll", func(r telegramtest.Request) bool { return r.Method == "getUpdates" })
		}
		polling()
		old := bottest.StartLink.FindAllStringSubmatch(w.Log.String(), -1)
		w.Restart()
		w.Eve.Start(old[len(old)-1][1])
		w.Reads(w.Eve, "Этот бот закрыт") // the new link has replaced it
		links := bottest.StartLink.FindAllStringSubmatch(w.Log.String(), -1)
		if len(old) != 1 || len(links) != 2 || links[0][1] == links[1][1] {
			t.Fatalf("links: %v, then %v", old, links)
		}
		token := links[1][1]
		w.Anna.Start(token)
		w.Reads(w.Anna, "Теперь вы владелец бота")
		w.Boris.Start(token)
		w.Reads(w.Boris, "This bot is private")
		w.Anna.Send("/users")
		w.Reads(w.Anna, "Доступ есть у 1 человека", "Анна (@anna), владелец, 100")
		w.Restart()
		w.Anna.Send("/status")
		w.Reads(w.Anna, "Всё работает")
		if n := len(bottest.StartLink.FindAllString(w.Log.String(), -1)); n != 2 {
			t.Errorf("%d links logged, want no third", n)
		}
	})
}

// An invitation lets one person in. A member who opens one does not use it up.
func TestInvitationWorksOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/invite")
		token := bottest.StartLink.FindStringSubmatch(w.Reads(w.Anna, "действует 24 часа").Text)[1]
		w.Anna.Start(token)
		w.Reads(w.Anna, "Здравствуйте")
		w.Boris.Start(token)
		w.Reads(w.Boris, "You now have access")
		w.Eve.Start(token)
		w.Reads(w.Eve, "Этот бот закрыт")
		for _, command := range []string{"/invite", "/users"} {
			m := w.Boris.Send(command)
			w.Sees(w.Boris, "the refusal", func(x telegramtest.Message) bool {
				return x.ReplyTo == m.ID && x.Text == "Only an owner of the bot can do this."
			})
		}
		for _, data := range []string{"remove:100", "admit:666", "deny:666"} {
			if a := w.Pressed(w.Boris.PressForged(w.Boris.FromBot()[0].ID, data)); a.Text != "Only an owner of the bot can do this." {
				t.Errorf("a member's press of %s was answered %q", data, a.Text)
			}
		}
	})
}

// Removing a person ends their access, news and buttons at once, including what was
// in flight for them.
func TestRemovalEndsPushesAndButtons(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		m := w.Boris.Send("/new Subject\nText")
		w.Reacts(w.Boris, m.ID, "👌")
		receipt := w.Reads(w.Boris, "opened")
		id := w.Plusofon.Tickets()[0].ID
		// One of their answers is being sent when they are removed.
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: answers.OnRead})
		w.Boris.Reply(receipt.ID, "last words")
		answers.Are(1)
		w.Anna.Send("/users")
		list := w.Reads(w.Anna, "Доступ есть у 2 человек", "• Boris, 200")
		w.Pressed(w.Anna.Press(list.ID, "Boris"))
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Доступ открыт").ID, "Закрыть доступ"))
		asks := w.Reads(w.Anna, "Закрыть доступ: Boris?", "никто не слышит", fmt.Sprintf("№%d · Subject", id))
		if asks.ID != list.ID {
			t.Error("the question does not stand in the place of the list")
		}
		if a := w.Pressed(w.Anna.Press(asks.ID, "Закрыть доступ")); a.Text != "Boris: доступ закрыт." {
			t.Errorf("the removal was answered %q", a.Text)
		}
		w.Reads(w.Anna, "Доступ есть у 1 человека", "Доступ закрыт:\n• Boris, 200")
		answers.End()
		w.Desk("his last words", func(all []plusofontest.Ticket) bool { return len(all[0].Posts) == 2 })
		said := len(w.Boris.FromBot())
		w.Anna.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Anna, "Новости этого обращения будут приходить сюда")
		w.Plusofon.Reply(id, "Оператор", "Секрет", plusofontest.Attachment{Name: "секрет.txt", Content: []byte("x")})
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		for _, data := range []string{fmt.Sprintf("history:%d", id), fmt.Sprintf("answer:%d", id)} {
			if a := w.Pressed(w.Boris.PressForged(receipt.ID, data)); !strings.Contains(a.Text, "You have no access") {
				t.Errorf("his press of %s was answered %q", data, a.Text)
			}
		}
		w.Boris.Reply(receipt.ID, "and another thing")
		// What is sent to their chat next comes in order: nothing is queued before it.
		w.Invited(w.Boris)
		w.Passes(time.Minute)
		if after := w.Boris.FromBot()[said:]; len(after) != 2 || !strings.Contains(after[0].Text, "This bot is private") {
			t.Errorf("after his removal he was told: %+v", after)
		}
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 3 {
			t.Errorf("%d posts, want 3: %+v", len(ticket.Posts), ticket.Posts)
		}
	})
}

// An owner no longer named in ADMIN_IDS is a stranger after the restart.
func TestOwnerOfAnEarlierConfiguration(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		m := w.Boris.Send("/new Subject\nText")
		w.Reacts(w.Boris, m.ID, "👌")
		receipt := w.Reads(w.Boris, "opened")
		id := w.Plusofon.Tickets()[0].ID
		w.Options.Owners = nil
		w.Restart()
		w.Anna.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Anna, "Новости этого обращения будут приходить сюда")
		w.Plusofon.Reply(id, "Оператор", "Секрет", plusofontest.Attachment{Name: "секрет.txt", Content: []byte("x")})
		w.Reads(w.Anna, "Секрет")
		if a := w.Pressed(w.Boris.Press(receipt.ID, "History")); !strings.Contains(a.Text, "You have no access") {
			t.Errorf("his press was answered %q", a.Text)
		}
		w.Invited(w.Boris)
		w.Passes(time.Minute)
		if said := w.Boris.FromBot(); len(said) != 2 {
			t.Errorf("he was told: %+v", said)
		}
	})
}
