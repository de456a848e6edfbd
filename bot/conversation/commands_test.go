package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

func TestStart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Start("")
		w.Reads(w.Anna, "Здравствуйте, Анна.", "/tickets", "Вы владелец бота", "/invite")
		w.Invited(w.Boris)
		w.Boris.Start("")
		if m := w.Reads(w.Boris, "Hello, Boris.", "/tickets"); strings.Contains(m.Text, "/invite") {
			t.Errorf("a member is told of the owners' commands: %q", m.Text)
		}
	})
}

// A link t_N opens the ticket's history; any other payload is a greeting.
func TestStartLinks(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(_ *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст обращения")
		w.Anna.Start(fmt.Sprintf("t_%d", id))
		w.Reads(w.Anna, "Открыто", "Текст обращения")
	})
	for _, payload := range []string{"t_", "t_x", "t_0", "что-то"} {
		bottest.Run(t, bottest.Options{}, func(_ *testing.T, w *bottest.World) {
			w.Anna.Start(payload)
			w.Reads(w.Anna, "Здравствуйте, Анна.")
		})
	}
}

func TestHelpListsTheCommandsOfTheRole(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		common := []string{"/new", "/tickets", "/ticket", "/search", "/follow", "/unfollow", "/cancel", "/settings", "/status", "/help"}
		w.Anna.Send("/help")
		w.Reads(w.Anna, append(common, "первая строка станет темой", "👀 принято, 👌 Плюсофон получил, 💔 не отправлено", "//", "/invite", "/users")...)
		w.Invited(w.Boris)
		w.Boris.Send("/help")
		if m := w.Reads(w.Boris, append(common, "the first line becomes the subject")...); strings.Contains(m.Text, "/users") {
			t.Errorf("a member is told of the owners' commands: %q", m.Text)
		}
	})
}

// Telegram's menu has the commands by scope and language.
func TestMenu(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		// The menus are set before the first poll.
		w.Requested("a poll", func(r telegramtest.Request) bool { return r.Method == "getUpdates" })
		for _, c := range []struct {
			scope, language, new string
			owners               bool
		}{
			{"all_private_chats", "", "открыть обращение", false},
			{"all_private_chats", "ru", "открыть обращение", false},
			{"all_private_chats", "en", "open a ticket", false},
		} {
			menu := w.Telegram.Commands(c.scope, c.language)
			var names []string
			for _, entry := range menu {
				names = append(names, entry.Command)
			}
			want := []string{"new", "tickets", "ticket", "search", "follow", "unfollow", "cancel", "settings", "status", "stats", "help"}
			if !slices.Equal(names, want) || menu[0].Description != c.new {
				t.Errorf("menu of %s in %q: %v", c.scope, c.language, menu)
			}
		}
		if got := w.Telegram.Profile("description", "en"); !strings.Contains(got, "Plusofon") {
			t.Errorf("the description is %q", got)
		}
		w.Anna.Send("/start")
		w.Reads(w.Anna, "Здравствуйте")
		w.Restart()
		w.Anna.Send("/help")
		w.Reads(w.Anna, "первая строка станет темой")
		menu := w.Telegram.Commands(fmt.Sprintf("chat:%d", bottest.AnnaID), "ru")
		if len(menu) != 14 || menu[12].Command != "users" || menu[13].Command != "audit" {
			t.Errorf("an owner's menu: %v", menu)
		}
	})
}

// A history opens on its last page and pages back and forth in the same message.
func TestTicketHistory(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id := w.Plusofon.OpenInCabinet("Длинная переписка", "Начало переписки")
		for i := range 8 {
			w.Plusofon.Reply(id, "Оператор", fmt.Sprintf("ответ %d\n%s", i, strings.Repeat("слово ", 150)))
		}
		w.Plusofon.Reply(id, "Оператор", "Конец переписки")
		w.Anna.Send(fmt.Sprintf("/ticket №%d", id))
		last := w.Reads(w.Anna, fmt.Sprintf("№%d · Длинная переписка", id), "Открыто", "💬 Оператор", "Конец переписки")
		if strings.Contains(last.Text, "Начало переписки") {
			t.Error("the history has only one page")
		}
		if got := bottest.Buttons(last); got != "‹ 7–10 из 10 / Ответить Получать новости / Выгрузить Скопировать №23624 / Решено" {
			t.Errorf("buttons: %s", got)
		}
		said := len(w.Anna.FromBot())
		w.Pressed(w.Anna.Press(last.ID, "‹"))
		middle := w.Reads(w.Anna, "ответ 4")
		if got := bottest.Buttons(middle); got != "‹ 4–6 из 10 › / Ответить Получать новости / Выгрузить Скопировать №23624 / Решено" {
			t.Errorf("buttons: %s", got)
		}
		w.Pressed(w.Anna.Press(last.ID, "‹"))
		first := w.Reads(w.Anna, "Начало переписки", "👤")
		if got := bottest.Buttons(first); got != "1–4 из 10 › / Ответить Получать новости / Выгрузить Скопировать №23624 / Решено" {
			t.Errorf("buttons: %s", got)
		}
		w.Passes(time.Minute)
		if n := len(w.Anna.FromBot()); n != said || first.ID != last.ID {
			t.Errorf("paging wrote %d new messages", n-said)
		}
		w.Pressed(w.Anna.Press(first.ID, "Ответить"))
		w.Reads(w.Anna, "Напишите ответ в обращение", "Длинная переписка")
	})
}

// «История» under a message of the ticket shows the same.
func TestHistoryButton(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст обращения")
		w.Pressed(w.Anna.Press(receipt.ID, "История"))
		w.Reads(w.Anna, "Открыто", "👤", "Текст обращения")
	})
}

// While Plusofon does not answer, what is known is shown with its age, and what is unknown
// is said to be so.
func TestReadingWhilePlusofonIsDown(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Poll: time.Second}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст обращения")
		w.Polled()
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		w.Logged("Plusofon could not be polled")
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		w.Reads(w.Anna, "Текст обращения", "Плюсофон не отвечает. Показываю то, что было в ")
		for _, c := range []struct{ command, says string }{
			{"/ticket 99", "Плюсофон сейчас не отвечает, а обращение №99 ещё не сохранено здесь"},
			{"/follow 99", "Подписаться на №99 сейчас не получилось"},
			{"/status", "Что вы напишете, сохранится и уйдёт само"},
			{"/tickets", "Плюсофон не отвечает. Показываю то, что было"},
		} {
			w.Anna.Send(c.command)
			w.Reads(w.Anna, c.says)
		}
		w.Plusofon.Switch(plusofontest.Switches{})
		w.Polled()
		w.Anna.Send("/status")
		w.Reads(w.Anna, "Всё работает. Плюсофон ответил только что.", "Учётная запись Плюсофона: ")
	})
}

// The list opens on a tab with tickets.
func TestTicketsOpen(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Моё обращение", "Текст")
		w.Anna.Send("/tickets")
		w.Reads(w.Anna, "У Плюсофона · 1 обращение", "Моё обращение")
		w.Plusofon.Reply(w.Plusofon.OpenInCabinet("Из кабинета", "Текст"), "Оператор", "Ответ")
		w.Polled()
		w.Anna.Send("/tickets")
		w.Reads(w.Anna, "Ждут вас · 1 обращение", "Из кабинета")
	})
}

// The list shows whose turn it is. Its tabs and pages are one message.
func TestTickets(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/tickets")
		list := w.Reads(w.Anna, "Ждут вас · 0 обращений", "Ничего не ждёт вашего ответа")
		mine, _ := w.Opened("Моё обращение", "Текст")
		for i := range 8 {
			id := w.Plusofon.OpenInCabinet(fmt.Sprintf("Из кабинета %d", i), "Текст")
			w.Plusofon.Reply(id, "Оператор", "Ответ")
		}
		closed := w.Plusofon.OpenInCabinet("Старое", "Текст")
		w.Polled()
		w.Plusofon.CloseTicket(closed)
		w.Polled()

		tab := func(label string, texts ...string) telegramtest.Message {
			t.Helper()
			w.Pressed(w.Anna.Press(list.ID, label))
			m := w.Reads(w.Anna, texts...)
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
		if got := bottest.Buttons(first); !strings.Contains(got, "1 / 2 ›") {
			t.Errorf("buttons: %s", got)
		}
		second := tab("›", "Из кабинета 0", "Из кабинета 1")
		if got := bottest.Buttons(second); !strings.Contains(got, "‹ 2 / 2 /") || strings.Count(second.Text, "Из кабинета") != 2 {
			t.Errorf("the second page: %q, buttons %s", second.Text, got)
		}
		// If there are fewer tickets than before, the last existing page is shown.
		for _, ticket := range w.Plusofon.Tickets() {
			if ticket.Subject == "Из кабинета 0" || ticket.Subject == "Из кабинета 1" {
				w.Plusofon.CloseTicket(ticket.ID)
			}
		}
		w.Polled()
		tab("2 / 2", "Ждут вас · 6 обращений", "Из кабинета 7")
		w.Pressed(w.Anna.Press(list.ID, fmt.Sprintf("№%d", mine+8)))
		w.Reads(w.Anna, "Из кабинета 7", "Открыто", "💬 Оператор")
	})
}

func TestFollowAndUnfollow(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		id := w.Plusofon.OpenInCabinet("Из кабинета", "Текст")
		w.Polled()
		w.Boris.Send(fmt.Sprintf("/follow %d", id))
		m := w.Reads(w.Boris, fmt.Sprintf("№%d · Из кабинета", id), "Updates on this ticket will arrive here")
		if got := bottest.Buttons(m); got != "History Mute Stop updates" {
			t.Errorf("buttons: %s", got)
		}
		w.Plusofon.Reply(id, "Оператор", "Первая новость")
		w.Reads(w.Boris, "Первая новость")
		w.Boris.Send(fmt.Sprintf("/unfollow #%d", id))
		w.Reads(w.Boris, fmt.Sprintf("Updates on ticket №%d no longer arrive here", id))
		w.Anna.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Anna, "Новости этого обращения будут приходить сюда")
		w.Plusofon.Reply(id, "Оператор", "Вторая новость")
		w.Reads(w.Anna, "Вторая новость")
		w.Boris.Send(fmt.Sprintf("/unfollow %d", id))
		w.Reads(w.Boris, "were not arriving here anyway")
		w.Passes(time.Minute)
		for _, m := range w.Boris.FromBot() {
			if strings.Contains(m.Text, "Вторая") {
				t.Errorf("news after /unfollow: %q", m.Text)
			}
		}
	})
}

// /status shows what is queued and what needs a decision.
func TestStatus(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Polled()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Нельзя","code":400}`})
		m := w.Anna.Reply(receipt.ID, "отказанный ответ")
		w.Reacts(w.Anna, m.ID, "💔")
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		w.Anna.Reply(receipt.ID, "ждущий ответ")
		w.Telegram.PushRaw(`{"message":{"message_id":"не число"}}`)
		w.Anna.Send("/status")
		w.Reads(w.Anna, "Плюсофон", "Из ваших сообщений не отправлены и ждут вашего решения: 1.", "Отложено как нечитаемое: 1 обновление Telegram")
	})
}

// The numbers in /status are the reader's own; an owner also sees everyone's, separately.
func TestStatusCountsTheReadersOwn(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		m := w.Boris.Send("/new Subject\nText")
		w.Reacts(w.Boris, m.ID, "👌")
		receipt := w.Reads(w.Boris, "opened")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Нельзя","code":400}`})
		refused := w.Boris.Reply(receipt.ID, "a refused reply")
		w.Reacts(w.Boris, refused.ID, "💔")
		w.Boris.Send("/status")
		w.Reads(w.Boris, "Your messages not sent and waiting for your decision: 1.")
		w.Anna.Send("/status")
		if own := w.Reads(w.Anna, "У всех вместе: ждут отправки 0, проверяются 0, ждут решения авторов 1."); strings.Contains(own.Text, "Из ваших") {
			t.Errorf("she is told of another's message as of her own: %q", own.Text)
		}
	})
}

// While the token is rejected, nobody is told that Plusofon does not answer.
func TestStatusWithARefusedKey(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Polled()
		w.Plusofon.AddFault(plusofontest.Fault{Times: -1, Status: 401, Body: `{"message":"Unauthenticated."}`})
		w.Reads(w.Anna, "Плюсофон не принимает ключ доступа")
		for command, says := range map[string]string{"/status": "последний раз принимал", "/tickets": "Показываю то, что было"} {
			w.Anna.Send(command)
			if m := w.Reads(w.Anna, "Плюсофон не принимает ключ доступа", says); strings.Contains(m.Text, "не отвечает") {
				t.Errorf("%s says %q", command, m.Text)
			}
		}
	})
}

// A remark is never sent: not as a plain message, not as an answer, not as a file's
// caption, not in the middle of a question.
func TestNotesAreNeverSent(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Anna.Send("// заметка себе")
		w.Anna.Reply(receipt.ID, "// Боре: они врут")
		w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "// черновик", receipt.ID)
		w.Anna.Send("/new")
		card := w.Reads(w.Anna, "Новое обращение", "Пока ничего не отправлено")
		w.Anna.Reply(card.ID, " // не то")
		w.Anna.Send("Вторая тема")
		w.Reads(w.Anna, "Тема: Вторая тема", "1 сообщение")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "Вторая тема")
		tickets := w.Plusofon.Tickets()
		if first, _ := w.Plusofon.Ticket(id); len(first.Posts) != 1 || len(tickets) != 2 || tickets[1].Subject != "Вторая тема" || tickets[1].Posts[0].Text != "Вторая тема" {
			t.Errorf("at Plusofon: %+v", tickets)
		}
		for _, m := range w.Anna.Messages() {
			if strings.Contains(m.Text, "//") && m.Reaction != "" {
				t.Errorf("a note got the reaction %s", m.Reaction)
			}
		}
	})
}

// A question ends when something is sent: what is written later is not taken for its answer.
func TestQuestionEndsWithWhatIsSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ask  func(w *bottest.World, news telegramtest.Message)
		send func(w *bottest.World, news telegramtest.Message) telegramtest.Message
	}{
		"«Ответить» answered by a reply to the question": {
			func(w *bottest.World, news telegramtest.Message) {
				w.Pressed(w.Anna.Press(news.ID, "Ответить"))
			},
			func(w *bottest.World, news telegramtest.Message) telegramtest.Message {
				return w.Anna.Reply(w.Reads(w.Anna, "Напишите ответ в обращение").ID, "ответ")
			},
		},
		"«Ответить» answered by a reply to the news": {
			func(w *bottest.World, news telegramtest.Message) {
				w.Pressed(w.Anna.Press(news.ID, "Ответить"))
			},
			func(w *bottest.World, news telegramtest.Message) telegramtest.Message {
				w.Reads(w.Anna, "Напишите ответ в обращение")
				return w.Anna.Reply(news.ID, "ответ")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				w.Plusofon.Reply(id, "Оператор", "Уточните")
				news := w.Reads(w.Anna, "Уточните")
				c.ask(w, news)
				m := c.send(w, news)
				w.Reacts(w.Anna, m.ID, "👌")
				before := bottest.CountPosts(w.Plusofon.Tickets())
				w.Later()
				w.Anna.Send("это уже никому")
				w.Reads(w.Anna, "Куда?")
				if after := bottest.CountPosts(w.Plusofon.Tickets()); after != before {
					t.Errorf("%d posts, want still %d", after, before)
				}
			})
		})
	}
}

// What can't be sent does not answer a question, which stays open.
func TestQuestionOutlivesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Уточните")
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "Уточните").ID, "Ответить"))
		w.Anna.SendPoll("Кто виноват?", "я", "не я")
		w.Reads(w.Anna, "отправить нельзя")
		m := w.Anna.Send("Словами")
		w.Reacts(w.Anna, m.ID, "👌")
		if ticket, _ := w.Plusofon.Ticket(id); ticket.Posts[len(ticket.Posts)-1].Text != "Словами" {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// An edit changes what is not sent yet.
func TestEditBeforeDelivery(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		// While one answer is in flight the next ones of its ticket are queued.
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: answers.OnRead})
		first := w.Anna.Reply(receipt.ID, "первый")
		m := w.Anna.Reply(receipt.ID, "с ашибкой")
		note := w.Anna.Reply(receipt.ID, "всё-таки не нужно")
		w.Reacts(w.Anna, note.ID, "👀")
		w.Anna.Edit(m.ID, "с ошибкой")
		w.Anna.Edit(note.ID, "// всё-таки не нужно")
		w.Reads(w.Anna, "Это сообщение в Плюсофон не отправлено.")
		answers.End()
		w.Reacts(w.Anna, first.ID, "👌")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 3 || ticket.Posts[2].Text != "с ошибкой" {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// A refused answer is edited and sent again with the new text.
func TestEditOfWhatFailed(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
		m := w.Anna.Reply(receipt.ID, "грубое слово")
		w.Reacts(w.Anna, m.ID, "💔")
		failed := w.Reads(w.Anna, "не отправлен", "Недопустимое слово")
		w.Anna.Edit(m.ID, "вежливое слово")
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "вежливое слово" {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// After the delivery the person is told, and only if the text has changed.
func TestEditAfterDelivery(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👌")
		// From now on answers are signed: that does not change her text.
		other := w.Boris.Send("/new Subject\nText")
		w.Reacts(w.Boris, other.ID, "👌")
		w.Anna.Touch(m.ID)
		w.Anna.Touch(receipt.ReplyTo)
		w.Later()
		plain := w.Anna.Send("кстати")
		w.Reads(w.Anna, "Куда?")
		w.Anna.Edit(plain.ID, "кстати да")
		w.Anna.Edit(m.ID, "другой ответ")
		w.Sees(w.Anna, "that it is too late", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && strings.Contains(x.Text, "В Плюсофоне остался прежний текст")
		})
		w.Passes(time.Minute)
		told := 0
		for _, x := range w.Anna.FromBot() {
			if strings.Contains(x.Text, "остался прежний текст") {
				told++
			}
		}
		if told != 1 {
			t.Errorf("told %d times, want once", told)
		}
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 || ticket.Posts[1].Text != "ответ" {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// What Telegram shows as a command is one, also with a sign behind it: it is not passed over in a
// group, where the bot sees little else, nor sent as the answer that is in hand.
func TestCommandsWithASignBehind(t *testing.T) {
	t.Parallel()
	t.Run("in a group", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
			g.Anna.Send("/new: касса не печатает\nв зале")
			w.Reads(g.Anna, "создано", "касса не печатает")
			if ticket := w.First(0); ticket.Subject != "касса не печатает" || ticket.Posts[0].Text != "в зале" {
				t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
			}
		})
	})
	t.Run("in private", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			id, receipt := w.Opened("Касса", "Текст")
			w.Pressed(w.Anna.PressForged(receipt.ID, fmt.Sprintf("answer:%d", id)))
			w.Reads(w.Anna, "Напишите ответ")
			w.Anna.Send("/cancel.")
			w.Passes(time.Minute)
			w.WantPosts(id, "Текст")
		})
	})
}
