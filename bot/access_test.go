package bot_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// Whatever a stranger sends or presses, he learns once that the bot is closed
// and his own number, and nothing of it goes anywhere.
func TestStrangerMeetsTheClosedDoor(t *testing.T) {
	w := newWorld(t, options{})
	w.opened("Тайная тема", "Тайный текст")
	w.eve.Send("привет")
	door := w.reads(w.eve, "Этот бот закрыт", fmt.Sprint(eveID))
	for _, word := range []string{"Плюсофон", "Анна", "Тайн"} {
		if strings.Contains(door.Text, word) {
			t.Errorf("the closed door tells %q: %q", word, door.Text)
		}
	}
	if n := len(door.Buttons); n != 1 {
		t.Errorf("%d rows of buttons, want the one to ask for access", n)
	}
	for _, text := range []string{"/start", "/start t_1", "/start чужой", "/help", "/new Тема\nТекст", "/new", "/tickets", "/ticket 1", "/follow 1", "/status", "/invite", "/users", "/нет"} {
		w.eve.Send(text)
	}
	w.eve.Reply(door.ID, "ответ")
	photo := w.eve.SendPhoto(telegramtest.File{Content: []byte("x")}, "/new снимок", 0)
	w.eve.Edit(photo.ID, "/new другой снимок")
	id := w.plusofon.Tickets()[0].ID
	for _, data := range []string{
		fmt.Sprintf("answer:%d", id), fmt.Sprintf("history:%d", id), fmt.Sprintf("page:%d:0", id), fmt.Sprintf("mute:%d", id), fmt.Sprintf("sound:%d", id),
		"tickets:0", "retry:1", "cancel:1", fmt.Sprintf("admit:%d", eveID), "deny:100", "remove:100", "мусор",
	} {
		a := w.pressed(w.eve.PressForged(door.ID, data))
		if a.Text != "Доступа нет. Попросите владельца бота о приглашении." || !a.Alert {
			t.Errorf("a press of %q was answered %+v", data, a)
		}
	}
	// The last of it all: what came before has been decided by then.
	w.pressed(w.eve.Press(door.ID, "Попросить доступ"))
	w.reads(w.anna, "просит доступ")
	if said := w.eve.FromBot(); len(said) != 1 || said[0].Text != door.Text {
		t.Errorf("the stranger was told %d things, want one: %+v", len(said), said)
	}
	for _, m := range w.eve.Messages() {
		if m.Reaction != "" {
			t.Errorf("the stranger's %q got the reaction %s", m.Text, m.Reaction)
		}
	}
	if tickets := w.plusofon.Tickets(); len(tickets) != 1 || len(tickets[0].Posts) != 1 {
		t.Errorf("the stranger reached Plusofon: %+v", tickets)
	}
}

// A stranger whose Telegram is English meets an English door.
func TestClosedDoorInEnglish(t *testing.T) {
	w := newWorld(t, options{})
	w.boris.Send("hello")
	door := w.reads(w.boris, "This bot is closed", fmt.Sprint(borisID))
	if a := w.pressed(w.boris.PressForged(door.ID, "tickets:0")); a.Text != "You have no access. Ask the bot's owner for an invitation." {
		t.Errorf("the press was answered %q", a.Text)
	}
}

// asked lets a stranger ask for access and returns what the owner gets.
func asked(w *world) (door, request telegramtest.Message) {
	w.t.Helper()
	w.eve.Send("привет")
	door = w.reads(w.eve, "Этот бот закрыт")
	if a := w.pressed(w.eve.Press(door.ID, "Попросить доступ")); !strings.Contains(a.Text, "Просьба передана") {
		w.t.Errorf("the request was answered %q", a.Text)
	}
	return door, w.reads(w.anna, "Ева просит доступ к боту", fmt.Sprint(eveID))
}

func TestAskingForAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Start("")
	w.reads(w.anna, "Здравствуйте")
	door, request := asked(w)
	if a := w.pressed(w.eve.Press(door.ID, "Попросить доступ")); !strings.Contains(a.Text, "уже передана") {
		t.Errorf("a second request was answered %q", a.Text)
	}
	w.pressed(w.anna.Press(request.ID, "Пустить"))
	w.reads(w.eve, "Доступ открыт")
	done := w.reads(w.anna, "Ева: доступ открыт")
	if done.ID != request.ID || len(done.Buttons) != 0 {
		t.Errorf("the owner's request did not become the outcome: %+v", done)
	}
	requests := 0
	for _, m := range w.anna.FromBot() {
		if strings.Contains(m.Text, "Ева") {
			requests++
		}
	}
	if requests != 1 {
		t.Errorf("the owner was asked %d times, want once", requests)
	}
	if a := w.pressed(w.eve.Press(door.ID, "Попросить доступ")); !strings.Contains(a.Text, "уже есть") {
		t.Errorf("a member's request was answered %q", a.Text)
	}
	m := w.eve.Send("/new Тема\nТекст")
	w.reacts(w.eve, m.ID, "👌")
}

func TestRefusingAccess(t *testing.T) {
	w := newWorld(t, options{})
	w.anna.Start("")
	w.reads(w.anna, "Здравствуйте")
	_, request := asked(w)
	w.pressed(w.anna.Press(request.ID, "Отказать"))
	w.reads(w.eve, "Владелец бота не открыл доступ")
	w.reads(w.anna, "Ева: доступ не открыт")
	// An old [Пустить] changes nothing any more.
	w.pressed(w.anna.PressForged(request.ID, fmt.Sprintf("admit:%d", eveID)))
	w.eve.Send("/new Тема\nТекст")
	door := w.eve.FromBot()[0]
	if a := w.pressed(w.eve.PressForged(door.ID, "tickets:0")); !strings.Contains(a.Text, "Доступа нет") {
		t.Errorf("the refused person's press was answered %q", a.Text)
	}
	if n := len(w.plusofon.Tickets()); n != 0 {
		t.Errorf("%d tickets, want none", n)
	}
}

// Of two owners the first decides.
func TestTwoOwnersDecideOnce(t *testing.T) {
	w := newWorld(t, options{config: colleagues})
	w.anna.Start("")
	w.reads(w.anna, "Здравствуйте")
	w.boris.Start("")
	w.reads(w.boris, "Hello, Boris")
	_, request := asked(w)
	other := w.reads(w.boris, "Ева asks for access")
	w.pressed(w.anna.Press(request.ID, "Пустить"))
	w.reads(w.eve, "Доступ открыт")
	w.pressed(w.boris.Press(other.ID, "Refuse"))
	w.reads(w.boris, "Ева: has access already")
	m := w.eve.Send("/new Тема\nТекст")
	w.reacts(w.eve, m.ID, "👌")
}

var claimLink = regexp.MustCompile(`https://t\.me/plusofon_test_bot\?start=([A-Za-z0-9_-]{1,64})`)

// Without owners a link is logged: whoever opens it first becomes one. It is
// logged anew at each start while nobody has.
func TestClaimLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: func(c *bot.Config) { c.Owners = nil }})
	polling := func() {
		w.requested("a poll", func(r telegramtest.Request) bool { return r.Method == "getUpdates" })
	}
	polling()
	old := claimLink.FindAllStringSubmatch(w.log.String(), -1)
	w.restart()
	w.eve.Start(old[len(old)-1][1])
	w.reads(w.eve, "Этот бот закрыт") // the new link has replaced it
	links := claimLink.FindAllStringSubmatch(w.log.String(), -1)
	if len(old) != 1 || len(links) != 2 || links[0][1] == links[1][1] {
		t.Fatalf("links: %v, then %v", old, links)
	}
	token := links[1][1]
	w.anna.Start(token)
	w.reads(w.anna, "Теперь вы владелец бота")
	w.boris.Start(token)
	w.reads(w.boris, "This bot is closed")
	w.anna.Send("/users")
	w.reads(w.anna, "Доступ есть у 1 человека", "Анна (@anna), владелец, 100")
	w.restart()
	w.anna.Send("/status")
	w.reads(w.anna, "Всё работает")
	if n := len(claimLink.FindAllString(w.log.String(), -1)); n != 2 {
		t.Errorf("%d links logged, want no third", n)
	}
}

// invited lets a person in by a link of Anna's.
func (w *world) invited(c *telegramtest.Chat) {
	w.t.Helper()
	ask := w.anna.Send("/invite")
	link := w.sees(w.anna, "the link", func(m telegramtest.Message) bool { return m.ReplyTo == ask.ID }).Text
	token := claimLink.FindStringSubmatch(link)
	if token == nil {
		w.t.Fatalf("no link in %q", link)
	}
	start := c.Start(token[1])
	w.sees(c, "the welcome", func(m telegramtest.Message) bool {
		return m.FromBot && m.ID > start.ID && (strings.Contains(m.Text, "Доступ открыт") || strings.Contains(m.Text, "You have access now"))
	})
}

// An invitation lets one person in. A member who opens one does not spend it.
func TestInvitationWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("/invite")
	token := claimLink.FindStringSubmatch(w.reads(w.anna, "действует 24 часа").Text)[1]
	w.anna.Start(token)
	w.reads(w.anna, "Здравствуйте")
	w.boris.Start(token)
	w.reads(w.boris, "You have access now")
	w.eve.Start(token)
	w.reads(w.eve, "Этот бот закрыт")
	for _, command := range []string{"/invite", "/users"} {
		m := w.boris.Send(command)
		w.sees(w.boris, "the refusal", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && x.Text == "Only an owner of the bot can do this."
		})
	}
	for _, data := range []string{"remove:100", "admit:666", "deny:666"} {
		if a := w.pressed(w.boris.PressForged(w.boris.FromBot()[0].ID, data)); a.Text != "Only an owner of the bot can do this." {
			t.Errorf("a member's press of %s was answered %q", data, a.Text)
		}
	}
}

// Removing a person ends his access, his news and his buttons at once, also what
// was under way for him.
func TestRemovalEndsPushesAndButtons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.invited(w.boris)
	m := w.boris.Send("/new Subject\nText")
	w.reacts(w.boris, m.ID, "👌")
	receipt := w.reads(w.boris, "opened")
	id := w.plusofon.Tickets()[0].ID
	// An answer of his is being sent when he is removed.
	underway, release := make(chan struct{}), make(chan struct{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: func() { close(underway); <-release }})
	w.boris.Reply(receipt.ID, "last words")
	<-underway
	w.anna.Send("/users")
	list := w.reads(w.anna, "Доступ есть у 2 человек", "• Boris, 200")
	w.pressed(w.anna.Press(list.ID, "Boris"))
	w.pressed(w.anna.Press(w.reads(w.anna, "Доступ открыт").ID, "Закрыть доступ"))
	asks := w.reads(w.anna, "Закрыть доступ: Boris?", "никто не слышит", fmt.Sprintf("№%d · Subject", id))
	if asks.ID != list.ID {
		t.Error("the question does not stand in the place of the list")
	}
	if a := w.pressed(w.anna.Press(asks.ID, "Закрыть доступ")); a.Text != "Boris: доступ закрыт." {
		t.Errorf("the removal was answered %q", a.Text)
	}
	w.reads(w.anna, "Доступ есть у 1 человека", "Доступ закрыт:\n• Boris, 200")
	close(release)
	w.desk("his last words", func(all []plusofontest.Ticket) bool { return len(all[0].Posts) == 2 })
	said := len(w.boris.FromBot())
	w.anna.Send(fmt.Sprintf("/follow %d", id))
	w.reads(w.anna, "Новости этого обращения будут приходить сюда")
	w.plusofon.Reply(id, "Оператор", "Секрет", plusofontest.Attachment{Name: "секрет.txt", Content: []byte("x")})
	w.plusofon.CloseTicket(id)
	w.reads(w.anna, "Обращение закрыто")
	for _, data := range []string{fmt.Sprintf("history:%d", id), fmt.Sprintf("answer:%d", id)} {
		if a := w.pressed(w.boris.PressForged(receipt.ID, data)); !strings.Contains(a.Text, "You have no access") {
			t.Errorf("his press of %s was answered %q", data, a.Text)
		}
	}
	w.boris.Reply(receipt.ID, "and another thing")
	// What comes to his chat next comes in order: nothing stands before it.
	w.invited(w.boris)
	if after := w.boris.FromBot()[said:]; len(after) != 2 || !strings.Contains(after[0].Text, "This bot is closed") {
		t.Errorf("after his removal he was told: %+v", after)
	}
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 3 {
		t.Errorf("%d posts, want 3: %+v", len(ticket.Posts), ticket.Posts)
	}
}

// Who is no longer named in ADMIN_IDS is a stranger after the restart.
func TestOwnerOfAnEarlierConfiguration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	m := w.boris.Send("/new Subject\nText")
	w.reacts(w.boris, m.ID, "👌")
	receipt := w.reads(w.boris, "opened")
	id := w.plusofon.Tickets()[0].ID
	w.config = nil
	w.restart()
	w.anna.Send(fmt.Sprintf("/follow %d", id))
	w.reads(w.anna, "Новости этого обращения будут приходить сюда")
	w.plusofon.Reply(id, "Оператор", "Секрет", plusofontest.Attachment{Name: "секрет.txt", Content: []byte("x")})
	w.reads(w.anna, "Секрет")
	if a := w.pressed(w.boris.Press(receipt.ID, "History")); !strings.Contains(a.Text, "You have no access") {
		t.Errorf("his press was answered %q", a.Text)
	}
	w.invited(w.boris)
	if said := w.boris.FromBot(); len(said) != 2 {
		t.Errorf("he was told: %+v", said)
	}
}

// colleagues makes Boris an owner as well.
func colleagues(c *bot.Config) { c.Owners = []state.UserID{annaID, borisID} }
