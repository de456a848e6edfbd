package bot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// Whatever happens to the request of an opening or an answer, it has exactly one effect at
// Plusofon, and the person reads what became of it.
func TestOneEffectWhateverHappensToTheRequest(t *testing.T) {
	t.Parallel()
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
				bottest.Run(t, bottest.Options{Plusofon: server}, func(t *testing.T, w *bottest.World) {
					f := f
					f.Op = "open"
					w.Plusofon.AddFault(f)
					m := w.Anna.Send("/new Тема <1>\nстрока & ещё\nвторая \"строка\"")
					w.Reacts(w.Anna, m.ID, "👌")
					receipt := w.Reads(w.Anna, "№", "создано")
					f.Op = "answer"
					w.Plusofon.AddFault(f)
					answer := w.Anna.Reply(receipt.ID, "ответ <2>\nи ещё")
					w.Reacts(w.Anna, answer.ID, "👌")
					w.Passes(time.Minute)
					tickets := w.Plusofon.Tickets()
					if len(tickets) != 1 || len(tickets[0].Posts) != 2 {
						t.Errorf("%d tickets, want one with two posts: %+v", len(tickets), tickets)
					}
				})
			})
		}
	}
}

// The same text twice on purpose gives two posts, though the outcome of the first answer was
// unknown when the second was written.
func TestSameWordsTwiceOnPurpose(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropAfter: true})
		first := w.Anna.Reply(receipt.ID, "ау")
		second := w.Anna.Reply(receipt.ID, "ау")
		w.Reacts(w.Anna, first.ID, "👌")
		w.Reacts(w.Anna, second.ID, "👌")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 3 {
			t.Errorf("%d posts, want 3", len(ticket.Posts))
		}
	})
}

// Two equal openings at once, both answers lost: two tickets, one receipt each.
func TestEqualOpeningsAtOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		first := w.Anna.Send("/new Не работает")
		second := w.Anna.Send("/new Не работает")
		w.Reacts(w.Anna, first.ID, "👌")
		w.Reacts(w.Anna, second.ID, "👌")
		w.Sees(w.Anna, "two receipts", func(m telegramtest.Message) bool {
			return m.ReplyTo == first.ID && strings.Contains(m.Text, "создано")
		})
		w.Sees(w.Anna, "two receipts", func(m telegramtest.Message) bool {
			return m.ReplyTo == second.ID && strings.Contains(m.Text, "создано")
		})
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 2 {
			t.Errorf("%d tickets, want 2", n)
		}
	})
}

// While the outcome is unknown, the person reads that it is being checked.
func TestPersonReadsThatItIsChecked(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		// Reading back fails as well, for a while.
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Status: 502, Body: "<html>"})
		m := w.Anna.Send("/new Тема\nТекст")
		notice := w.Reads(w.Anna, "Проверяю, не создано ли обращение, чтобы не отправить дважды")
		w.Plusofon.ClearFaults()
		w.Reacts(w.Anna, m.ID, "👌")
		receipt := w.Reads(w.Anna, "№", "создано")
		if receipt.ID != notice.ID {
			t.Error("the notice did not become the receipt")
		}
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d tickets, want 1", n)
		}
	})
}

// Something new may or may not be the lost answer: the person decides.
func TestAmbiguousIsPutToThePerson(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{true, false} {
		bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
			id, receipt := w.Opened("Тема", "Текст")
			// The request is lost, and at the same time someone writes in the personal account.
			w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() {
				w.Plusofon.CustomerReply(id, "что-то из кабинета")
			}})
			m := w.Anna.Reply(receipt.ID, "мой ответ")
			doubt := w.Reads(w.Anna, "не подтвердил ответ")
			button := "Не отправлять"
			if again {
				button = "Отправить ещё раз"
			}
			w.Pressed(w.Anna.Press(doubt.ID, button))
			want := 2
			if again {
				want = 3
				w.Reacts(w.Anna, m.ID, "👌")
			} else {
				w.Reads(w.Anna, "бот это сообщение не отправит")
			}
			w.Passes(time.Minute)
			if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != want {
				t.Errorf("again %v: %d posts, want %d", again, len(ticket.Posts), want)
			}
		})
	}
}

// A refusal is certain: the person is told in Russian and may retry.
func TestRefusalCanBeRepeated(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Превышен лимит обращений","code":400}`})
		m := w.Anna.Send("/new Тема\nТекст")
		w.Reacts(w.Anna, m.ID, "💔")
		failed := w.Reads(w.Anna, "Обращение не создано", "Превышен лимит обращений")
		press := w.Anna.Press(failed.ID, "Повторить")
		again := w.Anna.Press(failed.ID, "Повторить") // a double press sends once
		w.Pressed(press)
		w.Pressed(again)
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "№", "создано")
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d tickets, want 1", n)
		}
		w.Part("an English error stays in the log", func() {
			w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"The subject field is required","code":400}`})
			m := w.Anna.Send("/new Другая\nТекст")
			w.Reacts(w.Anna, m.ID, "💔")
			failed := w.Reads(w.Anna, "Обращение не создано")
			if strings.Contains(failed.Text, "required") {
				t.Errorf("the chat shows the server's English: %q", failed.Text)
			}
		})
	})
}

// That a message is stored is shown a moment later: where Plusofon is quicker, the reaction says
// at once that it is delivered.
func TestReactionsWhileSending(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		takes time.Duration
		want  []string
	}{
		{0, []string{"👌"}},
		{time.Second, []string{"👀", "👌"}},
	} {
		t.Run(c.takes.String(), func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
				_, receipt := w.Opened("Тема", "Текст")
				w.Passes(time.Minute)
				w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Delay: c.takes})
				m := w.Anna.Reply(receipt.ID, "ответ")
				w.Passes(time.Minute)
				w.WantReaction(w.Anna, m.ID, "👌")
				var got []string
				for _, r := range w.Telegram.Requests() {
					if r.Method == "setMessageReaction" && fmt.Sprint(r.Params["message_id"]) == fmt.Sprint(m.ID) {
						var reaction []struct{ Emoji string }
						if err := json.Unmarshal([]byte(fmt.Sprint(r.Params["reaction"])), &reaction); err != nil {
							t.Fatal(err)
						}
						got = append(got, reaction[0].Emoji)
					}
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("reactions %q, want %q", got, c.want)
				}
			})
		})
	}
}

// While Plusofon is down, messages are kept, people are told, and the messages are sent when it
// is back.
func TestPlusofonDown(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: 3, Status: 429, Header: http.Header{"Retry-After": {"1"}}})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "👀")
		w.Reads(w.Anna, "Сообщение сохранено и уйдёт само")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "Отправлено в")
	})
}

// A rejected token is reported to the owner once, and once that it is over; queued messages are
// sent then.
func TestAccessLostAndBack(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Times: -1, Status: 401, Body: `{"message":"Unauthenticated."}`})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reads(w.Anna, "Плюсофон не принимает ключ доступа")
		w.Plusofon.ClearFaults()
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "снова принимает ключ")
		w.Passes(time.Minute)
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 2 {
			t.Errorf("%d posts, want 2", len(ticket.Posts))
		}
		w.Passes(time.Minute)
		alarms := 0
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "не принимает ключ") {
				alarms++
			}
		}
		if alarms != 1 {
			t.Errorf("%d alarms, want 1", alarms)
		}
	})
}

// If a chat refuses reactions, one message says the same, and is edited.
func TestWordsWhereReactionsAreRefused(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Telegram.Fail(telegramtest.Fault{Method: "setMessageReaction", Times: -1, Status: 400, Description: "Bad Request: REACTION_INVALID"})
		w.Anna.Reply(receipt.ID, "раз")
		w.Reads(w.Anna, "Отправлено в")
		before := len(w.Anna.FromBot())
		m := w.Anna.Reply(receipt.ID, "два")
		w.Sees(w.Anna, "the words", func(x telegramtest.Message) bool {
			return x.ReplyTo == m.ID && strings.Contains(x.Text, "Отправлено")
		})
		w.Passes(time.Minute)
		if n := len(w.Anna.FromBot()); n != before+1 {
			t.Errorf("%d messages for one answer, want 1", n-before)
		}
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 3 {
			t.Errorf("%d posts, want 3", len(ticket.Posts))
		}
	})
}

// A file is attached once even if the upload's answer is lost.
func TestFileOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]plusofontest.Fault{
		"after the effect":  {Op: "attach", DropAfter: true},
		"before the effect": {Op: "attach", DropBefore: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Тема", "Текст")
				w.Plusofon.AddFault(fault)
				m := w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "файл", receipt.ID)
				w.Reacts(w.Anna, m.ID, "👌")
				ticket, _ := w.Plusofon.Ticket(id)
				if n := len(ticket.Posts[1].Attachments); n != 1 {
					t.Errorf("%d attachments, want 1", n)
				}
			})
		})
	}
}

// The outcome of every file is reported.
func TestFateOfFiles(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", Status: 400, Body: `{"message":"bad file","code":400}`})
		m := w.Anna.SendDocument(telegramtest.File{Name: "a.txt", Content: []byte("x")}, "файл", receipt.ID)
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "Отправлено в", "Файлы: 0 из 1", "a.txt: Плюсофон его не принял")
	})
}

// News that Telegram did not confirm is sent again; a person who blocked the bot gets it when
// they are back.
func TestNewsAreNotLost(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		for name, fault := range map[string]telegramtest.Fault{
			"connection lost":    {Method: "sendMessage", DropBefore: true},
			"an HTML page":       {Method: "sendMessage", Status: 502, Body: "<html>Bad Gateway</html>"},
			"429":                {Method: "sendMessage", Status: 429, RetryAfter: 1, Description: "Too Many Requests: retry after 1"},
			"formatting refused": {Method: "sendMessage", Status: 400, Description: "Bad Request: can't parse entities"},
		} {
			w.Telegram.Fail(fault)
			w.Plusofon.Reply(id, "Оператор", "новость: "+name)
			w.Reads(w.Anna, "новость: "+name)
		}
		w.Anna.Block()
		w.Plusofon.Reply(id, "Оператор", "пока вас не было")
		w.Plusofon.Reply(id, "Оператор", "и ещё")
		w.Requested("a 403", func(r telegramtest.Request) bool { return r.Method == "sendMessage" && r.Status == 403 })
		w.Anna.Unblock()
		w.Reads(w.Anna, "пока вас не было")
		last := w.Reads(w.Anna, "и ещё")
		if first := w.Reads(w.Anna, "пока вас не было"); first.ID > last.ID {
			t.Error("the news came out of order")
		}
	})
}

// A message written before the ticket exists, as a reply to one's own message or to the notice
// about it, waits for the ticket and is sent to it in order.
func TestAdditionsBeforeTheTicketExists(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", DropAfter: true})
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Status: 502, Body: "<html>"})
		m := w.Anna.Send("/new Тема\nТекст")
		notice := w.Reads(w.Anna, "Проверяю, не создано ли")
		// A chat's messages are sent in order: once the next one is there, this one's
		// id is stored.
		w.Anna.Send("/status")
		w.Reads(w.Anna, "проверяются, дошли ли")
		first := w.Anna.Reply(notice.ID, "первое дополнение")
		w.Reacts(w.Anna, first.ID, "👀")
		second := w.Anna.Reply(m.ID, "второе дополнение")
		third := w.Anna.Reply(second.ID, "третье дополнение")
		w.Reacts(w.Anna, third.ID, "👀")
		w.Plusofon.ClearFaults()
		w.Reacts(w.Anna, third.ID, "👌")
		var texts []string
		for _, p := range w.Plusofon.Tickets()[0].Posts {
			texts = append(texts, p.Text)
		}
		if got := strings.Join(texts, "|"); got != "Текст|первое дополнение|второе дополнение|третье дополнение" {
			t.Errorf("posts: %s", got)
		}
	})
}

// An addition whose opening fails is not lost: it waits until the opening is retried, and is
// sent with it.
func TestAdditionsFailWithTheirOpening(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		openings := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, OnRead: openings.OnRead, Body: `{"message":"Нельзя","code":400}`})
		m := w.Anna.Send("/new Тема\nТекст")
		addition := w.Anna.Reply(m.ID, "дополнение")
		w.Reacts(w.Anna, addition.ID, "👀")
		openings.End()
		w.Reacts(w.Anna, addition.ID, "💔")
		w.Sees(w.Anna, "the addition's receipt", func(x telegramtest.Message) bool {
			return x.ReplyTo == addition.ID && strings.Contains(x.Text, "больше не отправляется")
		})
		opening := w.Reads(w.Anna, "Обращение не создано", "Нельзя")
		w.Pressed(w.Anna.Press(opening.ID, "Повторить"))
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reacts(w.Anna, addition.ID, "👌")
		if ticket := w.Plusofon.Tickets()[0]; len(ticket.Posts) != 2 {
			t.Errorf("%d posts, want 2", len(ticket.Posts))
		}
	})
}

// A server that fails on a text each time is not retried forever: after a few times the person
// is told.
func TestRepeatingHasAnEnd(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: 500, Body: `{"message":"Server Error","code":500}`})
		m := w.Anna.Send("/new Тема\nТекст")
		w.Reads(w.Anna, "Дошло ли сообщение раньше, неизвестно", "каждый раз отвечает ошибкой")
		w.Reacts(w.Anna, m.ID, "💔")
		asked := 0
		for _, r := range w.Plusofon.Requests() {
			if r.Op == "open" {
				asked++
			}
		}
		if asked > 7 {
			t.Errorf("it was asked %d times", asked)
		}
	})
}

// Success is success, even if the server has changed the text beyond recognition and the
// author's name does not help: no duplicate, and one's own text is not news.
func TestWordsChangedBeyondRecognition(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		t.Run(fmt.Sprintf("an answer is taken with {}: %v", silent), func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{
				Dialect: plusofontest.Newer, Email: "somebody@example.com", AnswerEmpty: silent,
				Rewrite: func(string) string { return "[удалено]" },
			}}, func(t *testing.T, w *bottest.World) {
				m := w.Anna.Send("/new Тема\nТекст")
				w.Reacts(w.Anna, m.ID, "👌")
				receipt := w.Reads(w.Anna, "№", "создано")
				answer := w.Anna.Reply(receipt.ID, "ответ")
				w.Reacts(w.Anna, answer.ID, "👌")
				w.Passes(time.Minute)
				if tickets := w.Plusofon.Tickets(); len(tickets) != 1 || len(tickets[0].Posts) != 2 {
					t.Errorf("at Plusofon: %+v", tickets)
				}
				w.Quiet(w.Anna, "[удалено]") // her own text is not news
			})
		})
	}
}

// A post by the staff that equals an answer of unknown outcome is the staff's.
func TestEqualWordsOfTheStaff(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() {
			w.Plusofon.CustomerReply(id, "из кабинета")
		}})
		w.Anna.Reply(receipt.ID, "Спасибо")
		doubt := w.Reads(w.Anna, "не подтвердил ответ")
		w.Plusofon.Reply(id, "Оператор", "Спасибо")
		news := w.Reads(w.Anna, "💬 Оператор", "Спасибо")
		if news.Silent {
			t.Error("the staff's words came as the customer's")
		}
		w.Part("and the doubtful answer does not take a later equal one's place", func() {
			again := w.Anna.Reply(receipt.ID, "Спасибо")
			w.Reacts(w.Anna, again.ID, "👌")
			w.Pressed(w.Anna.Press(doubt.ID, "Не отправлять"))
			w.Passes(time.Minute)
			ticket, _ := w.Plusofon.Ticket(id)
			if n := len(ticket.Posts); n != 4 {
				t.Errorf("%d posts, want 4", n)
			}
		})
	})
}

// A ticket that can't be read does not delay the news of others.
func TestOneUnreadableTicket(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]plusofontest.Fault{
		"no access": {Status: http.StatusForbidden, Body: `{"message":"Недостаточно прав"}`},
		"a failure": {Status: http.StatusInternalServerError, Body: `{"message":"Server Error"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				other := w.Plusofon.OpenInCabinet("Чужое", "Текст")
				fault.Op, fault.Times = "ticket", -1
				fault.Match = func(_, path string) bool { return strings.HasSuffix(path, fmt.Sprint(other)) }
				w.Plusofon.AddFault(fault)
				w.Plusofon.Reply(other, "Оператор", "нечитаемое")
				w.Plusofon.Reply(id, "Оператор", "новость")
				w.Reads(w.Anna, "💬 Оператор", "новость")
				w.Passes(time.Minute)
				for _, m := range w.Anna.FromBot() {
					if strings.Contains(m.Text, "ключ доступа") {
						t.Errorf("an alarm for one ticket: %q", m.Text)
					}
				}
			})
		})
	}
}

// A token that may read but not write is reported to the author, without a flood.
func TestKeyThatMayNotWrite(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Times: -1, Status: http.StatusForbidden, Body: `{"message":"Недостаточно прав"}`})
		m := w.Anna.Send("/new Тема\nТекст")
		w.Reacts(w.Anna, m.ID, "💔")
		w.Reads(w.Anna, "Обращение не создано", "нет нужных прав")
	})
}
