package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// Whatever happens to the request of an opening or an answer, it has exactly one
// effect at Plusofon, and the person reads what became of it.
func TestOneEffectWhateverHappensToTheRequest(t *testing.T) {
	faults := map[string]plusofontest.Fault{
		"answer lost after the effect":      {DropAfter: true},
		"connection lost before the effect": {DropBefore: true},
		"half an answer":                    {HalfBody: true},
		"an HTML page after the effect":     {Effect: true, Status: http.StatusBadGateway, Body: "<html>Bad Gateway</html>"},
		"an HTML page instead of it":        {Status: http.StatusBadGateway, Body: "<html>Bad Gateway</html>"},
		"500 after the effect":              {Effect: true, Status: 500, Body: `{"message":"Server Error","code":500}`},
		"500 instead of it":                 {Status: 500, Body: `{"message":"Server Error","code":500}`},
		"429":                               {Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}},
		"success without a ticket":          {Effect: true, Status: 200, Body: `{}`},
	}
	mangled := map[string]plusofontest.Config{
		"as sent":                 {},
		"escaped and with <br />": {NL2BR: true, Escape: true, Trim: true},
	}
	for fault, f := range faults {
		for text, server := range mangled {
			t.Run(fault+", text "+text, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, options{plusofon: server})
				f := f
				f.Op = "open"
				w.plusofon.AddFault(f)
				m := w.anna.Send("/new Тема <1>\nстрока & ещё\nвторая \"строка\"")
				w.reacts(w.anna, m.ID, "👌")
				receipt := w.reads(w.anna, "№", "создано")
				f.Op = "answer"
				w.plusofon.AddFault(f)
				answer := w.anna.Reply(receipt.ID, "ответ <2>\nи ещё")
				w.reacts(w.anna, answer.ID, "👌")
				tickets := w.plusofon.Tickets()
				if len(tickets) != 1 || len(tickets[0].Posts) != 2 {
					t.Errorf("%d tickets, want one with two posts: %+v", len(tickets), tickets)
				}
			})
		}
	}
}

// The same words twice on purpose are two posts, though the first answer's fate
// was unknown when the second was written.
func TestSameWordsTwiceOnPurpose(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
	first := w.anna.Reply(receipt.ID, "ау")
	second := w.anna.Reply(receipt.ID, "ау")
	w.reacts(w.anna, first.ID, "👌")
	w.reacts(w.anna, second.ID, "👌")
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 3 {
		t.Errorf("%d posts, want 3", len(ticket.Posts))
	}
}

// Two equal openings at once, both answers lost: two tickets, one receipt each.
func TestEqualOpeningsAtOnce(t *testing.T) {
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
	first := w.anna.Send("/new Не работает")
	second := w.anna.Send("/new Не работает")
	w.reacts(w.anna, first.ID, "👌")
	w.reacts(w.anna, second.ID, "👌")
	w.sees(w.anna, "two receipts", func(m telegramtest.Message) bool {
		return m.ReplyTo == first.ID && strings.Contains(m.Text, "создано")
	})
	w.sees(w.anna, "two receipts", func(m telegramtest.Message) bool {
		return m.ReplyTo == second.ID && strings.Contains(m.Text, "создано")
	})
	if n := len(w.plusofon.Tickets()); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
}

// While nobody knows the outcome the person reads that it is being checked.
func TestPersonReadsThatItIsChecked(t *testing.T) {
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
	// Reading back fails as well, for a while.
	w.plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Status: 502, Body: "<html>"})
	m := w.anna.Send("/new Тема\nТекст")
	notice := w.reads(w.anna, "Проверяю, не создано ли обращение, чтобы не отправить дважды")
	w.plusofon.ClearFaults()
	w.reacts(w.anna, m.ID, "👌")
	receipt := w.reads(w.anna, "№", "создано")
	if receipt.ID != notice.ID {
		t.Error("the notice did not become the receipt")
	}
	if n := len(w.plusofon.Tickets()); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
}

// Something new is there that may be the lost answer or not: the person decides.
func TestAmbiguousIsPutToThePerson(t *testing.T) {
	for _, again := range []bool{true, false} {
		w := newWorld(t, options{})
		id, receipt := w.opened("Тема", "Текст")
		// The request is lost, and at the same time somebody writes in the cabinet.
		w.plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() {
			w.plusofon.CustomerReply(id, "что-то из кабинета")
		}})
		m := w.anna.Reply(receipt.ID, "мой ответ")
		doubt := w.reads(w.anna, "не подтвердил ответ")
		button := "Не отправлять"
		if again {
			button = "Отправить ещё раз"
		}
		w.pressed(w.anna.Press(doubt.ID, button))
		want := 2
		if again {
			want = 3
			w.reacts(w.anna, m.ID, "👌")
		} else {
			w.reads(w.anna, "Это сообщение в Плюсофон не уйдёт")
		}
		if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != want {
			t.Errorf("again %v: %d posts, want %d", again, len(ticket.Posts), want)
		}
	}
}

// A refusal is certain: the person is told in Russian words and may repeat it.
func TestRefusalCanBeRepeated(t *testing.T) {
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Превышен лимит обращений","code":400}`})
	m := w.anna.Send("/new Тема\nТекст")
	w.reacts(w.anna, m.ID, "💔")
	failed := w.reads(w.anna, "Обращение не создано", "Превышен лимит обращений")
	press := w.anna.Press(failed.ID, "Повторить")
	again := w.anna.Press(failed.ID, "Повторить") // a double press sends once
	w.pressed(press)
	w.pressed(again)
	w.reacts(w.anna, m.ID, "👌")
	w.reads(w.anna, "№", "создано")
	if n := len(w.plusofon.Tickets()); n != 1 {
		t.Errorf("%d tickets, want 1", n)
	}
	t.Run("an English error stays in the log", func(t *testing.T) {
		w.plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"The subject field is required","code":400}`})
		m := w.anna.Send("/new Другая\nТекст")
		w.reacts(w.anna, m.ID, "💔")
		failed := w.reads(w.anna, "Обращение не создано")
		if strings.Contains(failed.Text, "required") {
			t.Errorf("the chat shows the server's English: %q", failed.Text)
		}
	})
}

// While Plusofon is down what people write is kept, they are told, and it goes
// by itself.
func TestPlusofonDown(t *testing.T) {
	w := newWorld(t, options{})
	_, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: 3, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
	m := w.anna.Reply(receipt.ID, "ответ")
	w.reacts(w.anna, m.ID, "👀")
	w.reads(w.anna, "Оно сохранено и уйдёт само")
	w.reacts(w.anna, m.ID, "👌")
	w.reads(w.anna, "Передано в обращение")
}

// A refused key is said to the owner once, and once that it is over; what people
// wrote goes then.
func TestAccessLostAndBack(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Times: -1, Status: 401, Body: `{"message":"Unauthenticated."}`})
	m := w.anna.Reply(receipt.ID, "ответ")
	w.reads(w.anna, "Плюсофон не принимает ключ доступа")
	w.plusofon.ClearFaults()
	w.reacts(w.anna, m.ID, "👌")
	w.reads(w.anna, "снова принимает ключ")
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 2 {
		t.Errorf("%d posts, want 2", len(ticket.Posts))
	}
	alarms := 0
	for _, m := range w.anna.FromBot() {
		if strings.Contains(m.Text, "не принимает ключ") {
			alarms++
		}
	}
	if alarms != 1 {
		t.Errorf("%d alarms, want 1", alarms)
	}
}

// Where a chat refuses reactions, words say the same: one message, edited.
func TestWordsWhereReactionsAreRefused(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.telegram.Fail(telegramtest.Fault{Method: "setMessageReaction", Times: -1, Status: 400, Description: "Bad Request: REACTION_INVALID"})
	w.anna.Reply(receipt.ID, "раз")
	w.reads(w.anna, "Передано в обращение")
	before := len(w.anna.FromBot())
	m := w.anna.Reply(receipt.ID, "два")
	w.sees(w.anna, "the words", func(x telegramtest.Message) bool {
		return x.ReplyTo == m.ID && strings.Contains(x.Text, "Передано")
	})
	if n := len(w.anna.FromBot()); n != before+1 {
		t.Errorf("%d messages for one answer, want 1", n-before)
	}
	if ticket, _ := w.plusofon.Ticket(id); len(ticket.Posts) != 3 {
		t.Errorf("%d posts, want 3", len(ticket.Posts))
	}
}

// A file whose upload's answer is lost is attached once.
func TestFileOfUnknownOutcome(t *testing.T) {
	for name, fault := range map[string]plusofontest.Fault{
		"after the effect":  {Op: "attach", DropAfter: true},
		"before the effect": {Op: "attach", DropBefore: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{})
			id, receipt := w.opened("Тема", "Текст")
			w.plusofon.AddFault(fault)
			m := w.anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "файл", receipt.ID)
			w.reacts(w.anna, m.ID, "👌")
			ticket, _ := w.plusofon.Ticket(id)
			if n := len(ticket.Posts[1].Attachments); n != 1 {
				t.Errorf("%d attachments, want 1", n)
			}
		})
	}
}

// The fate of every file is told.
func TestFateOfFiles(t *testing.T) {
	w := newWorld(t, options{})
	_, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Op: "attach", Status: 400, Body: `{"message":"bad file","code":400}`})
	m := w.anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "файл", receipt.ID)
	w.reacts(w.anna, m.ID, "👌")
	w.reads(w.anna, "Передано в обращение", "Файлы: 0 из 1", "a.txt: Плюсофон его не принял")
}

// News that Telegram did not confirm are sent again; a blocked chat gets them
// when its person is back.
func TestNewsAreNotLost(t *testing.T) {
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	for name, fault := range map[string]telegramtest.Fault{
		"connection lost":    {Method: "sendMessage", DropBefore: true},
		"an HTML page":       {Method: "sendMessage", Status: 502, Body: "<html>Bad Gateway</html>"},
		"429":                {Method: "sendMessage", Status: 429, RetryAfter: 1, Description: "Too Many Requests: retry after 1"},
		"formatting refused": {Method: "sendMessage", Status: 400, Description: "Bad Request: can't parse entities"},
	} {
		w.telegram.Fail(fault)
		w.plusofon.Reply(id, "Оператор", "новость: "+name)
		w.reads(w.anna, "новость: "+name)
	}
	w.anna.Block()
	w.plusofon.Reply(id, "Оператор", "пока вас не было")
	w.plusofon.Reply(id, "Оператор", "и ещё")
	w.requested("a 403", func(r telegramtest.Request) bool { return r.Method == "sendMessage" && r.Status == 403 })
	w.anna.Unblock()
	w.reads(w.anna, "пока вас не было")
	last := w.reads(w.anna, "и ещё")
	if first := w.reads(w.anna, "пока вас не было"); first.ID > last.ID {
		t.Error("the news came out of order")
	}
}

// What is written before the ticket exists, as a reply to one's own message or to
// the notice about it, waits for the ticket and goes into it in order.
func TestAdditionsBeforeTheTicketExists(t *testing.T) {
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
	w.plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Status: 502, Body: "<html>"})
	m := w.anna.Send("/new Тема\nТекст")
	notice := w.reads(w.anna, "Проверяю, не создано ли")
	// A chat's messages go in order: once the next one is there, this one's id is
	// stored.
	w.anna.Send("/status")
	w.reads(w.anna, "Проверяется, дошло ли")
	first := w.anna.Reply(notice.ID, "первое дополнение")
	w.reacts(w.anna, first.ID, "👀")
	second := w.anna.Reply(m.ID, "второе дополнение")
	third := w.anna.Reply(second.ID, "третье дополнение")
	w.reacts(w.anna, third.ID, "👀")
	w.plusofon.ClearFaults()
	w.reacts(w.anna, third.ID, "👌")
	var texts []string
	for _, p := range w.plusofon.Tickets()[0].Posts {
		texts = append(texts, p.Text)
	}
	if got := strings.Join(texts, "|"); got != "Текст|первое дополнение|второе дополнение|третье дополнение" {
		t.Errorf("posts: %s", got)
	}
}

// An addition whose opening fails is not lost: it waits for the opening to be
// repeated, and goes with it.
func TestAdditionsFailWithTheirOpening(t *testing.T) {
	w := newWorld(t, options{})
	hold := make(chan struct{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, OnRead: func() { <-hold }, Body: `{"message":"Нельзя","code":400}`})
	m := w.anna.Send("/new Тема\nТекст")
	addition := w.anna.Reply(m.ID, "дополнение")
	w.reacts(w.anna, addition.ID, "👀")
	close(hold)
	w.reacts(w.anna, addition.ID, "💔")
	w.sees(w.anna, "the addition's receipt", func(x telegramtest.Message) bool {
		return x.ReplyTo == addition.ID && strings.Contains(x.Text, "не создано")
	})
	opening := w.reads(w.anna, "Обращение не создано", "Нельзя")
	w.pressed(w.anna.Press(opening.ID, "Повторить"))
	w.reacts(w.anna, m.ID, "👌")
	w.reacts(w.anna, addition.ID, "👌")
	if ticket := w.plusofon.Tickets()[0]; len(ticket.Posts) != 2 {
		t.Errorf("%d posts, want 2", len(ticket.Posts))
	}
}

// A server that fails on a text each time is not asked for ever: after a few
// times the person is told.
func TestRepeatingHasAnEnd(t *testing.T) {
	w := newWorld(t, options{config: func(c *bot.Config) { c.RepeatPause = time.Millisecond }})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: 500, Body: `{"message":"Server Error","code":500}`})
	m := w.anna.Send("/new Тема\nТекст")
	w.reads(w.anna, "Обращение не создано", "каждый раз отвечает ошибкой")
	w.reacts(w.anna, m.ID, "💔")
	asked := 0
	for _, r := range w.plusofon.Requests() {
		if r.Op == "open" {
			asked++
		}
	}
	if asked > 7 {
		t.Errorf("it was asked %d times", asked)
	}
}

// Success is success, even if the server has changed the words beyond recognition
// and the author's name says nothing: no second copy, and no news of one's own
// words.
func TestWordsChangedBeyondRecognition(t *testing.T) {
	for _, silent := range []bool{false, true} {
		t.Run(fmt.Sprintf("an answer is taken with {}: %v", silent), func(t *testing.T) {
			changedWords(t, newWorld(t, options{plusofon: plusofontest.Config{
				Dialect: plusofontest.Newer, Email: "somebody@example.com", AnswerEmpty: silent,
				Rewrite: func(string) string { return "[удалено]" },
			}}))
		})
	}
}

func changedWords(t *testing.T, w *world) {
	m := w.anna.Send("/new Тема\nТекст")
	w.reacts(w.anna, m.ID, "👌")
	receipt := w.reads(w.anna, "№", "создано")
	answer := w.anna.Reply(receipt.ID, "ответ")
	w.reacts(w.anna, answer.ID, "👌")
	if tickets := w.plusofon.Tickets(); len(tickets) != 1 || len(tickets[0].Posts) != 2 {
		t.Errorf("at Plusofon: %+v", tickets)
	}
	for _, m := range w.anna.FromBot() {
		if strings.Contains(m.Text, "[удалено]") {
			t.Errorf("her own words came as news: %q", m.Text)
		}
	}
}

// The staff's words, equal to an answer whose fate is in doubt, are the staff's.
func TestEqualWordsOfTheStaff(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() {
		w.plusofon.CustomerReply(id, "из кабинета")
	}})
	w.anna.Reply(receipt.ID, "Спасибо")
	doubt := w.reads(w.anna, "не подтвердил ответ")
	w.plusofon.Reply(id, "Оператор", "Спасибо")
	news := w.reads(w.anna, "💬 Оператор", "Спасибо")
	if news.Silent {
		t.Error("the staff's words came as the customer's")
	}
	t.Run("and the doubtful answer does not take a later equal one's place", func(t *testing.T) {
		again := w.anna.Reply(receipt.ID, "Спасибо")
		w.reacts(w.anna, again.ID, "👌")
		w.pressed(w.anna.Press(doubt.ID, "Не отправлять"))
		ticket, _ := w.plusofon.Ticket(id)
		if n := len(ticket.Posts); n != 4 {
			t.Errorf("%d posts, want 4", n)
		}
	})
}

// One ticket that can't be read holds up no other's news.
func TestOneUnreadableTicket(t *testing.T) {
	for name, fault := range map[string]plusofontest.Fault{
		"no access": {Status: http.StatusForbidden, Body: `{"message":"Недостаточно прав"}`},
		"a failure": {Status: http.StatusInternalServerError, Body: `{"message":"Server Error"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options{})
			id, _ := w.opened("Тема", "Текст")
			other := w.plusofon.OpenInCabinet("Чужое", "Текст")
			fault.Op, fault.Times = "ticket", -1
			fault.Match = func(_, path string) bool { return strings.HasSuffix(path, fmt.Sprint(other)) }
			w.plusofon.AddFault(fault)
			w.plusofon.Reply(other, "Оператор", "нечитаемое")
			w.plusofon.Reply(id, "Оператор", "новость")
			w.reads(w.anna, "💬 Оператор", "новость")
			for _, m := range w.anna.FromBot() {
				if strings.Contains(m.Text, "ключ доступа") {
					t.Errorf("an alarm for one ticket: %q", m.Text)
				}
			}
		})
	}
}

// A key that may read and not write is said to the author, without a flood.
func TestKeyThatMayNotWrite(t *testing.T) {
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: http.StatusForbidden, Body: `{"message":"Недостаточно прав"}`})
	m := w.anna.Send("/new Тема\nТекст")
	w.reacts(w.anna, m.ID, "💔")
	w.reads(w.anna, "Обращение не создано", "нет нужных прав")
}
