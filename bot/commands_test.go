package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// polled waits until what Plusofon holds now has been polled and taken over:
// polls come one after another, so the third from here begins after that.
func (w *world) polled() {
	w.t.Helper()
	lists := make(chan struct{}, 8)
	// Now and then the closed tickets are listed in the same poll.
	w.plusofon.AddFault(plusofontest.Fault{Op: "list", Times: 6, OnRead: func() { lists <- struct{}{} }})
	for range 6 {
		<-lists
	}
}

// buttons are the labels under a message, row by row.
func buttons(m telegramtest.Message) string {
	var rows []string
	for _, row := range m.Buttons {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Text)
		}
		rows = append(rows, strings.Join(labels, " "))
	}
	return strings.Join(rows, " / ")
}

func TestStart(t *testing.T) {
	w := newWorld(t, options{})
	w.anna.Start("")
	w.reads(w.anna, "Здравствуйте, Анна.", "/new", "/tickets", "Вы владелец бота", "/invite")
	w.invited(w.boris)
	w.boris.Start("")
	if m := w.reads(w.boris, "Hello, Boris.", "/new", "/tickets"); strings.Contains(m.Text, "/invite") {
		t.Errorf("a member is told of the owners' commands: %q", m.Text)
	}
}

// A link t_N opens the ticket's history; any other payload is a greeting.
func TestStartLinks(t *testing.T) {
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст обращения")
	w.anna.Start(fmt.Sprintf("t_%d", id))
	w.reads(w.anna, "Открыто", "Текст обращения")
	for _, payload := range []string{"t_", "t_x", "t_0", "что-то"} {
		w := newWorld(t, options{})
		w.anna.Start(payload)
		w.reads(w.anna, "Здравствуйте, Анна.")
	}
}

func TestHelpListsTheCommandsOfTheRole(t *testing.T) {
	w := newWorld(t, options{})
	common := []string{"/new", "/tickets", "/ticket", "/search", "/follow", "/unfollow", "/cancel", "/settings", "/status", "/help"}
	w.anna.Send("/help")
	w.reads(w.anna, append(common, "первая строка станет темой", "👀 принято, 👌 Плюсофон получил, 💔 не отправлено", "//", "/invite", "/users")...)
	w.invited(w.boris)
	w.boris.Send("/help")
	if m := w.reads(w.boris, append(common, "the first line becomes the subject")...); strings.Contains(m.Text, "/users") {
		t.Errorf("a member is told of the owners' commands: %q", m.Text)
	}
}

// Telegram's menu has the commands by scope and language.
func TestMenu(t *testing.T) {
	w := newWorld(t, options{})
	// The menus are set before the first poll.
	w.requested("a poll", func(r telegramtest.Request) bool { return r.Method == "getUpdates" })
	for _, c := range []struct {
		scope, language, new string
		owners               bool
	}{
		{"all_private_chats", "", "открыть обращение", false},
		{"all_private_chats", "ru", "открыть обращение", false},
		{"all_private_chats", "en", "open a ticket", false},
	} {
		menu := w.telegram.Commands(c.scope, c.language)
		var names []string
		for _, entry := range menu {
			names = append(names, entry.Command)
		}
		want := []string{"new", "tickets", "ticket", "search", "follow", "unfollow", "cancel", "settings", "status", "help"}
		if !slices.Equal(names, want) || menu[0].Description != c.new {
			t.Errorf("menu of %s in %q: %v", c.scope, c.language, menu)
		}
	}
	if got := w.telegram.Profile("description", "en"); !strings.Contains(got, "Plusofon") {
		t.Errorf("the description is %q", got)
	}
	w.anna.Send("/start")
	w.reads(w.anna, "Здравствуйте")
	w.restart()
	w.anna.Send("/help")
	w.reads(w.anna, "первая строка станет темой")
	menu := w.telegram.Commands(fmt.Sprintf("chat:%d", annaID), "ru")
	if len(menu) != 13 || menu[11].Command != "users" || menu[12].Command != "audit" {
		t.Errorf("an owner's menu: %v", menu)
	}
}

// A history opens on its last page and pages back and forth in the same message.
func TestTicketHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id := w.plusofon.OpenInCabinet("Длинная переписка", "Начало переписки")
	for i := range 8 {
		w.plusofon.Reply(id, "Оператор", fmt.Sprintf("ответ %d\n%s", i, strings.Repeat("слово ", 150)))
	}
	w.plusofon.Reply(id, "Оператор", "Конец переписки")
	w.anna.Send(fmt.Sprintf("/ticket №%d", id))
	last := w.reads(w.anna, fmt.Sprintf("№%d · Длинная переписка", id), "Открыто", "💬 Оператор", "Конец переписки")
	if strings.Contains(last.Text, "Начало переписки") {
		t.Error("the history has only one page")
	}
	if got := buttons(last); got != "‹ 3 / 3 / Ответить Без звука Выгрузить" {
		t.Errorf("buttons: %s", got)
	}
	said := len(w.anna.FromBot())
	w.pressed(w.anna.Press(last.ID, "‹"))
	middle := w.reads(w.anna, "ответ 4")
	if got := buttons(middle); got != "‹ 2 / 3 › / Ответить Без звука Выгрузить" {
		t.Errorf("buttons: %s", got)
	}
	w.pressed(w.anna.Press(last.ID, "‹"))
	first := w.reads(w.anna, "Начало переписки", "👤")
	if got := buttons(first); got != "1 / 3 › / Ответить Без звука Выгрузить" {
		t.Errorf("buttons: %s", got)
	}
	if n := len(w.anna.FromBot()); n != said || first.ID != last.ID {
		t.Errorf("paging wrote %d new messages", n-said)
	}
	w.pressed(w.anna.Press(first.ID, "Ответить"))
	w.reads(w.anna, "Напишите ответ в обращение", "Длинная переписка")
}

// «История» under a message of the ticket shows the same.
func TestHistoryButton(t *testing.T) {
	w := newWorld(t, options{})
	_, receipt := w.opened("Тема", "Текст обращения")
	w.pressed(w.anna.Press(receipt.ID, "История"))
	w.reads(w.anna, "Открыто", "👤", "Текст обращения")
}

// While Plusofon does not answer, what is known is shown with its age; what is
// not known is said to be so.
func TestReadingWhilePlusofonIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст обращения")
	w.polled()
	w.plusofon.Switch(plusofontest.Switches{Down: true})
	w.anna.Send(fmt.Sprintf("/ticket %d", id))
	w.reads(w.anna, "Текст обращения", "Плюсофон не отвечает. Данные получены: только что.")
	for _, c := range []struct{ command, says string }{
		{"/ticket 99", "Плюсофон сейчас не отвечает, а обращение №99 ещё не сохранено здесь"},
		{"/follow 99", "Подписаться на №99 сейчас не получилось"},
		{"/status", "Что вы напишете, сохранится и уйдёт само"},
		{"/tickets", "Плюсофон не отвечает. Данные получены"},
	} {
		w.anna.Send(c.command)
		w.reads(w.anna, c.says)
	}
	w.plusofon.Switch(plusofontest.Switches{})
	w.polled()
	w.anna.Send("/status")
	w.reads(w.anna, "Всё работает. Плюсофон ответил только что.", "Учётная запись Плюсофона: ")
}

// The list opens where there is something to see.
func TestTicketsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.opened("Моё обращение", "Текст")
	w.anna.Send("/tickets")
	w.reads(w.anna, "У Плюсофона · 1 обращение", "Моё обращение")
	w.plusofon.Reply(w.plusofon.OpenInCabinet("Из кабинета", "Текст"), "Оператор", "Ответ")
	w.polled()
	w.anna.Send("/tickets")
	w.reads(w.anna, "Ждут вас · 1 обращение", "Из кабинета")
}

// The list tells whose turn it is. Its tabs and pages are one message.
func TestTickets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("/tickets")
	list := w.reads(w.anna, "Ждут вас · 0 обращений", "Здесь пусто")
	mine, _ := w.opened("Моё обращение", "Текст")
	for i := range 8 {
		id := w.plusofon.OpenInCabinet(fmt.Sprintf("Из кабинета %d", i), "Текст")
		w.plusofon.Reply(id, "Оператор", "Ответ")
	}
	closed := w.plusofon.OpenInCabinet("Старое", "Текст")
	w.polled()
	w.plusofon.CloseTicket(closed)
	w.polled()

	tab := func(label string, texts ...string) telegramtest.Message {
		t.Helper()
		w.pressed(w.anna.Press(list.ID, label))
		m := w.reads(w.anna, texts...)
		if m.ID != list.ID {
			t.Errorf("%s was shown in another message", label)
		}
		return m
	}
	tab("У Плюсофона", "У Плюсофона · 1 обращение", fmt.Sprintf("№%d · Моё обращение", mine), "у Плюсофона")
	tab("Закрытые", "Закрытые · 1 обращение", fmt.Sprintf("№%d · Старое", closed), "закрыто")
	tab("Мои", "Мои · 1 обращение", "Моё обращение")
	first := tab("Ждут вас", "Ждут вас · 8 обращений", "ждёт вас")
	if n := strings.Count(first.Text, "Из кабинета"); n != 6 {
		t.Errorf("%d tickets on the first page, want 6", n)
	}
	if got := buttons(first); !strings.Contains(got, "1 / 2 ›") {
		t.Errorf("buttons: %s", got)
	}
	second := tab("›", "Из кабинета 0", "Из кабинета 1")
	if got := buttons(second); !strings.Contains(got, "‹ 2 / 2 /") || strings.Count(second.Text, "Из кабинета") != 2 {
		t.Errorf("the second page: %q, buttons %s", second.Text, got)
	}
	// The page is gone when fewer tickets wait: the last one there is is shown.
	for _, ticket := range w.plusofon.Tickets() {
		if ticket.Subject == "Из кабинета 0" || ticket.Subject == "Из кабинета 1" {
			w.plusofon.CloseTicket(ticket.ID)
		}
	}
	w.polled()
	tab("2 / 2", "Ждут вас · 6 обращений", "Из кабинета 7")
	w.pressed(w.anna.Press(list.ID, fmt.Sprintf("№%d", mine+8)))
	w.reads(w.anna, "Из кабинета 7", "Открыто", "💬 Оператор")
}

func TestFollowAndUnfollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	id := w.plusofon.OpenInCabinet("Из кабинета", "Текст")
	w.polled()
	w.boris.Send(fmt.Sprintf("/follow %d", id))
	m := w.reads(w.boris, fmt.Sprintf("№%d · Из кабинета", id), "News of this ticket will come here")
	if got := buttons(m); got != "History Mute" {
		t.Errorf("buttons: %s", got)
	}
	w.plusofon.Reply(id, "Оператор", "Первая новость")
	w.reads(w.boris, "Первая новость")
	w.boris.Send(fmt.Sprintf("/unfollow #%d", id))
	w.reads(w.boris, fmt.Sprintf("News of ticket №%d no longer come here", id))
	w.anna.Send(fmt.Sprintf("/follow %d", id))
	w.reads(w.anna, "Новости этого обращения будут приходить сюда")
	w.plusofon.Reply(id, "Оператор", "Вторая новость")
	w.reads(w.anna, "Вторая новость")
	w.boris.Send(fmt.Sprintf("/unfollow %d", id))
	w.reads(w.boris, "did not come here anyway")
	for _, m := range w.boris.FromBot() {
		if strings.Contains(m.Text, "Вторая") {
			t.Errorf("news after /unfollow: %q", m.Text)
		}
	}
}

// /status tells what waits and what needs a decision.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	_, receipt := w.opened("Тема", "Текст")
	w.polled()
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Нельзя","code":400}`})
	m := w.anna.Reply(receipt.ID, "отказанный ответ")
	w.reacts(w.anna, m.ID, "💔")
	w.plusofon.Switch(plusofontest.Switches{Down: true})
	w.anna.Reply(receipt.ID, "ждущий ответ")
	w.telegram.PushRaw(`{"message":{"message_id":"не число"}}`)
	w.anna.Send("/status")
	w.reads(w.anna, "Плюсофон", "Не отправлено и ждёт решения: 1 сообщение", "Отложено как нечитаемое: 1 обновление Telegram")
}

// A note is nobody's business: not as a plain message, not as an answer, not as
// the words of a file, not in the middle of a question.
func TestNotesAreNeverSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.anna.Send("// заметка себе")
	w.anna.Reply(receipt.ID, "// Боре: они врут")
	w.anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "// черновик", receipt.ID)
	w.anna.Send("/new")
	card := w.reads(w.anna, "Новое обращение", "Пока ничего не отправлено")
	w.anna.Reply(card.ID, " // не то")
	w.anna.Send("Вторая тема")
	w.reads(w.anna, "Тема: Вторая тема", "1 сообщение")
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано", "Вторая тема")
	tickets := w.plusofon.Tickets()
	if first, _ := w.plusofon.Ticket(id); len(first.Posts) != 1 || len(tickets) != 2 || tickets[1].Subject != "Вторая тема" || tickets[1].Posts[0].Text != "Вторая тема" {
		t.Errorf("at Plusofon: %+v", tickets)
	}
	for _, m := range w.anna.Messages() {
		if strings.Contains(m.Text, "//") && m.Reaction != "" {
			t.Errorf("a note got the reaction %s", m.Reaction)
		}
	}
}

// A question is over when something was sent: what is written later is not taken
// for its answer.
func TestQuestionEndsWithWhatIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		ask  func(w *world, news telegramtest.Message)
		send func(w *world, news telegramtest.Message) telegramtest.Message
	}{
		"«Ответить» answered by a reply to the question": {
			func(w *world, news telegramtest.Message) { w.pressed(w.anna.Press(news.ID, "Ответить")) },
			func(w *world, news telegramtest.Message) telegramtest.Message {
				return w.anna.Reply(w.reads(w.anna, "Напишите ответ в обращение").ID, "ответ")
			},
		},
		"«Ответить» answered by a reply to the news": {
			func(w *world, news telegramtest.Message) { w.pressed(w.anna.Press(news.ID, "Ответить")) },
			func(w *world, news telegramtest.Message) telegramtest.Message {
				w.reads(w.anna, "Напишите ответ в обращение")
				return w.anna.Reply(news.ID, "ответ")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			id, _ := w.opened("Тема", "Текст")
			w.plusofon.Reply(id, "Оператор", "Уточните")
			news := w.reads(w.anna, "Уточните")
			c.ask(w, news)
			m := c.send(w, news)
			w.reacts(w.anna, m.ID, "👌")
			before := posts(w.plusofon.Tickets())
			w.anna.Send("это уже никому")
			w.reads(w.anna, "Куда отправить?")
			if after := posts(w.plusofon.Tickets()); after != before {
				t.Errorf("%d posts, want still %d", after, before)
			}
		})
	}
}

func posts(tickets []plusofontest.Ticket) int {
	n := 0
	for _, t := range tickets {
		n += len(t.Posts)
	}
	return n
}

// What can't be sent does not answer a question: the question stays open.
func TestQuestionOutlivesWhatCannotBeSent(t *testing.T) {
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	w.plusofon.Reply(id, "Оператор", "Уточните")
	w.pressed(w.anna.Press(w.reads(w.anna, "Уточните").ID, "Ответить"))
	w.anna.SendPoll("Кто виноват?", "я", "не я")
	w.reads(w.anna, "нельзя передать в Плюсофон")
	m := w.anna.Send("Словами")
	w.reacts(w.anna, m.ID, "👌")
	if ticket, _ := w.plusofon.Ticket(id); ticket.Posts[len(ticket.Posts)-1].Text != "Словами" {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}

// An edit replaces what is not sent yet.
func TestEditBeforeDelivery(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	// While one answer is under way the next ones of its ticket wait.
	hold := make(chan struct{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: func() { <-hold }})
	first := w.anna.Reply(receipt.ID, "первый")
	m := w.anna.Reply(receipt.ID, "с ашибкой")
	note := w.anna.Reply(receipt.ID, "всё-таки не нужно")
	w.reacts(w.anna, note.ID, "👀")
	w.anna.Edit(m.ID, "с ошибкой")
	w.anna.Edit(note.ID, "// всё-таки не нужно")
	w.reads(w.anna, "Отменено. Это сообщение в Плюсофон не уйдёт.")
	close(hold)
	w.reacts(w.anna, first.ID, "👌")
	w.reacts(w.anna, m.ID, "👌")
	ticket, _ := w.plusofon.Ticket(id)
	if len(ticket.Posts) != 3 || ticket.Posts[2].Text != "с ошибкой" {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}

// A refused answer is changed and sent again as it is then.
func TestEditOfWhatFailed(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
	m := w.anna.Reply(receipt.ID, "грубое слово")
	w.reacts(w.anna, m.ID, "💔")
	failed := w.reads(w.anna, "не отправлен", "Недопустимое слово")
	w.anna.Edit(m.ID, "вежливое слово")
	w.pressed(w.anna.Press(failed.ID, "Повторить"))
	w.reacts(w.anna, m.ID, "👌")
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "вежливое слово" {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}

// After the delivery the person is told, and only if the words have changed.
func TestEditAfterDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	id, receipt := w.opened("Тема", "Текст")
	m := w.anna.Reply(receipt.ID, "ответ")
	w.reacts(w.anna, m.ID, "👌")
	// From now on answers are signed: that is no change of her words.
	other := w.boris.Send("/new Subject\nText")
	w.reacts(w.boris, other.ID, "👌")
	w.anna.Touch(m.ID)
	w.anna.Touch(receipt.ReplyTo)
	plain := w.anna.Send("кстати")
	w.reads(w.anna, "Куда отправить?")
	w.anna.Edit(plain.ID, "кстати да")
	w.anna.Edit(m.ID, "другой ответ")
	w.sees(w.anna, "that it is too late", func(x telegramtest.Message) bool {
		return x.ReplyTo == m.ID && strings.Contains(x.Text, "В Плюсофоне его изменить нельзя")
	})
	told := 0
	for _, x := range w.anna.FromBot() {
		if strings.Contains(x.Text, "изменить нельзя") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times, want once", told)
	}
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "ответ" {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}
