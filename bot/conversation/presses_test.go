package conversation_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// A button without a meaning (any more) says so in the person's language and does nothing else.
func TestExpiredButtons(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Boris.Send("/status")
		english := w.Reads(w.Boris, "Plusofon")
		said := len(w.Anna.FromBot())
		for _, data := range []string{
			"мусор", "delete:1", "answer", "answer:", "answer:0", "answer:-1", "answer:x", "answer:1:2:3", "history:99999999999999999999",
			"page:1:-1", "page:1:x", "retry:1", "retry:77", "cancel:77", "retry", "draft:1", "tickets:x", fmt.Sprintf("answer:%d ", id),
		} {
			if a := w.Pressed(w.Anna.PressForged(receipt.ID, data)); a.Text != "Эта кнопка больше не действует." || !a.Alert {
				t.Errorf("the press of %q was answered %+v", data, a)
			}
			if a := w.Pressed(w.Boris.PressForged(english.ID, data)); a.Text != "This button no longer works." {
				t.Errorf("the press of %q was answered %+v", data, a)
			}
		}
		w.Anna.Send("/cancel")
		w.Reads(w.Anna, "Отменять нечего")
		w.Passes(time.Minute)
		if n := len(w.Anna.FromBot()); n != said+1 {
			t.Errorf("%d messages after presses that mean nothing, want none", n-said-1)
		}
		if ticket, _ := w.Plusofon.Ticket(id); len(ticket.Posts) != 1 {
			t.Errorf("%d posts, want 1", len(ticket.Posts))
		}
	})
}

// Pages that do not exist show one that does.
func TestPagesBeyondTheEnd(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст обращения")
		w.Pressed(w.Anna.Press(receipt.ID, "История"))
		history := w.Reads(w.Anna, "Открыто", "Текст обращения")
		w.Pressed(w.Anna.PressForged(history.ID, fmt.Sprintf("page:%d:9223372036854775807", id)))
		w.Pressed(w.Anna.PressForged(history.ID, "tickets:3:9223372036854775807"))
		w.Reads(w.Anna, "Мои · 1 обращение", "Тема")
		w.Pressed(w.Anna.PressForged(history.ID, "tickets:9"))
		w.Reads(w.Anna, "Ждут вас · 0 обращений")
	})
}

// «Без звука» mutes one ticket's news in one chat and changes into its opposite; news is
// still sent.
func TestMute(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Boris.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Boris, "Updates on this ticket will arrive here")
		if a := w.Pressed(w.Anna.Press(receipt.ID, "Без звука")); a.Text != fmt.Sprintf("Новости №%d теперь без звука.", id) || a.Alert {
			t.Errorf("the press was answered %+v", a)
		}
		w.Sees(w.Anna, "the button turned round", func(m telegramtest.Message) bool {
			return m.ID == receipt.ID && bottest.Buttons(m) == "История Вернуть звук Коллеге"
		})
		w.Plusofon.Reply(id, "Оператор", "тихая новость")
		quiet := w.Reads(w.Anna, "тихая новость")
		if !quiet.Silent || bottest.Buttons(quiet) != "Ответить История Вернуть звук" {
			t.Errorf("muted news: silent %v, buttons %s", quiet.Silent, bottest.Buttons(quiet))
		}
		if loud := w.Reads(w.Boris, "тихая новость"); loud.Silent {
			t.Error("muting in one chat made another silent")
		}
		w.Pressed(w.Anna.Press(quiet.ID, "Вернуть звук"))
		w.Sees(w.Anna, "the button turned back", func(m telegramtest.Message) bool {
			return m.ID == quiet.ID && bottest.Buttons(m) == "Ответить История Без звука"
		})
		w.Plusofon.Reply(id, "Оператор", "громкая новость")
		if loud := w.Reads(w.Anna, "громкая новость"); loud.Silent {
			t.Error("the news is still silent")
		}
		// A double press has the effect of one.
		w.Pressed(w.Anna.PressForged(quiet.ID, fmt.Sprintf("sound:%d", id)))
		w.Pressed(w.Anna.PressForged(quiet.ID, fmt.Sprintf("sound:%d", id)))
		w.Boris.Send(fmt.Sprintf("/unfollow %d", id))
		card := w.Reads(w.Boris, "no longer arrive here")
		if a := w.Pressed(w.Boris.PressForged(card.ID, fmt.Sprintf("mute:%d", id))); !strings.Contains(a.Text, "do not arrive in this chat") {
			t.Errorf("muting what is not followed was answered %+v", a)
		}
	})
}

// What failed in one chat is retried or cancelled only there.
func TestFailuresBelongToTheirChat(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Boris.Send("/status")
		card := w.Reads(w.Boris, "Plusofon")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Нельзя","code":400}`})
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Reacts(w.Anna, m.ID, "💔")
		failed := w.Reads(w.Anna, "не отправлен", "Нельзя")
		retry, _ := failed.Button("Повторить")
		cancel, _ := failed.Button("Отменить")
		for _, b := range []telegramtest.Button{retry, cancel} {
			if a := w.Pressed(w.Boris.PressForged(card.ID, b.Data)); a.Text != "This button no longer works." {
				t.Errorf("a colleague's press of %q was answered %q", b.Data, a.Text)
			}
		}
		w.Pressed(w.Anna.Press(failed.ID, "Отменить"))
		done := w.Reads(w.Anna, "Это сообщение в Плюсофон не отправлено.")
		if done.ID != failed.ID || len(done.Buttons) != 0 {
			t.Errorf("the failure did not become the outcome: %+v", done)
		}
		w.Sees(w.Anna, "no reaction", func(x telegramtest.Message) bool { return x.ID == m.ID && x.Reaction == "" })
		// An old client's buttons have expired.
		if a := w.Pressed(w.Anna.PressForged(failed.ID, retry.Data)); !strings.Contains(a.Text, "больше не действует") {
			t.Errorf("repeating what is cancelled was answered %q", a.Text)
		}
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d posts, want 1", n)
		}
	})
}

// Two presses of «Ответить» ask twice but take one answer.
func TestDoublePressOfAnswer(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Уточните")
		news := w.Reads(w.Anna, "Уточните")
		w.Pressed(w.Anna.Press(news.ID, "Ответить"))
		w.Pressed(w.Anna.Press(news.ID, "Ответить"))
		m := w.Anna.Send("уточняю")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Later()
		after := w.Anna.Send("а это просто так")
		w.Sees(w.Anna, "the question where it goes", func(x telegramtest.Message) bool {
			return x.ReplyTo == after.ID && strings.Contains(x.Text, "Куда?")
		})
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 3 {
			t.Errorf("%d posts, want 3", n)
		}
	})
}

// The answer to a press is worthless after two and a half minutes: it is not sent then, but
// the effect of the press is reported.
func TestAnswerToAPressThatComesTooLate(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Pressed(w.Anna.Press(receipt.ID, "Без звука"))
		w.Telegram.Fail(telegramtest.Fault{Times: -1, Status: http.StatusBadGateway}) // everything except updates
		w.Anna.Press(receipt.ID, "История")
		w.Passes(10 * time.Minute)
		w.Telegram.ClearFaults()
		said := len(w.Telegram.Requests())
		w.Passes(10 * time.Minute)
		for _, r := range w.Telegram.Requests()[said:] {
			if r.Method == "answerCallbackQuery" {
				t.Errorf("the answer goes all the same: %v", r.Params)
			}
		}
		w.WantRead(w.Anna, "Открыто")
	})
}

// In a group everyone is told who has muted a ticket for all of them, once and silently; in
// private that is not necessary.
func TestWhoHasSilencedATicketIsTold(t *testing.T) {
	d := company(t)
	d.Do(func(turn *chat.Turn) error { return turn.Tx.Bind(bottest.Office, 7, d.Now) })
	d.Screens(bottest.Office)
	d.Press(vera, bottest.Office, "mute:7")
	d.Press(boris, bottest.Office, "mute:7")
	said := d.Screens(bottest.Office)
	if len(said) != 1 || said[0].Text != "Новости №7 теперь без звука для всей группы. Кто выключил: Кто-то." || said[0].Button("Вернуть звук") != "sound:7" {
		t.Errorf("in the group: %+v", said)
	}
	d.Press(vera, bottest.Office, "sound:7")
	d.Want(d.Said(bottest.Office), "")
	d.Press(boris, boris, "mute:7")
	d.Want(d.Said(boris), "")
}

// Buttons about a ticket that the database does not know (it was restored from an older copy) are
// answered.
func TestButtonsOfATicketThatTheCopyDoesNotKnow(t *testing.T) {
	for _, action := range chat.Actions() {
		t.Run(string(action), func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready(1)
			for _, data := range []string{fmt.Sprintf("%s:99", action), fmt.Sprintf("%s:99:99", action), fmt.Sprintf("%s:99:99:99", action)} {
				d.Last++
				u := telegram.Update{Callback: &telegram.Callback{
					ID: fmt.Sprint("press", d.Last), From: telegram.User{ID: 1, FirstName: "Кто-то"}, Data: data,
					Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 1, Type: "private"}},
				}}
				err := d.Store.Update(func(tx *state.Tx) error {
					turn, err := d.Config.NewTurn(tx, d.Now)
					if err != nil {
						return err
					}
					return d.Conversation.Decide(turn, []telegram.Update{u})
				})
				if err != nil {
					t.Errorf("%s: %v", data, err)
				}
			}
		})
	}
}
