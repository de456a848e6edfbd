package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// «Напомнить» prepares an answer that is sent once it is confirmed, and once however often
// the button is pressed.
func TestReminder(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.WaitsLong(id)
		line := w.Reads(w.Anna, "Тема", "Поддержка молчит уже")
		if !line.Silent || line.ReplyTo != receipt.ID || bottest.Buttons(line) != "Напомнить Подожду" {
			t.Errorf("silent: %v, replies to %d, buttons %s", line.Silent, line.ReplyTo, bottest.Buttons(line))
		}
		w.Pressed(w.Anna.Press(line.ID, "Напомнить"))
		first := w.Reads(w.Anna, "Отправить в обращение", "есть ли новости", "Здравствуйте")
		w.Pressed(w.Anna.Press(first.ID, "Отменить"))
		w.Sees(w.Anna, "the cancelled one", func(m telegramtest.Message) bool {
			return m.ID == first.ID && m.Text == "Хорошо, напоминание не отправлено."
		})
		w.Pressed(w.Anna.Press(line.ID, "Напомнить"))
		second := w.Reads(w.Anna, "Отправить в обращение", "есть ли новости")
		for range 3 {
			w.Pressed(w.Anna.PressForged(second.ID, "remindsend:23624"))
		}
		w.Sees(w.Anna, "the receipt", func(m telegramtest.Message) bool {
			return m.ID == second.ID && m.Text == "Отправлено в №23624." && bottest.Labels(m) == "История"
		})
		w.Pressed(w.Anna.PressForged(second.ID, "remindnot:23624"))
		w.Polled()
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "Здравствуйте. Подскажите, пожалуйста, есть ли новости по этому обращению." {
			t.Errorf("posts: %+v", ticket.Posts)
		}
	})
}

// An old line does not remind the staff of what it has answered since, nor does an old
// confirmation.
func TestLateReminder(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.WaitsLong(id)
		line := w.Reads(w.Anna, "Поддержка молчит уже")
		w.Pressed(w.Anna.Press(line.ID, "Напомнить"))
		confirmation := w.Reads(w.Anna, "Отправить в обращение")
		w.Plusofon.Reply(id, "Оператор", "Уже смотрим")
		w.Reads(w.Anna, "Уже смотрим")
		for _, pressed := range []string{w.Anna.Press(line.ID, "Напомнить"), w.Anna.Press(confirmation.ID, "Отправить")} {
			if said := w.Pressed(pressed); !strings.Contains(said.Text, "Поддержка уже ответила в №23624. Ничего не отправлено.") {
				t.Errorf("it says %q", said.Text)
			}
		}
		w.Plusofon.CloseTicket(id)
		w.Plusofon.CustomerReply(id, "Спасибо")
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		if said := w.Pressed(w.Anna.Press(line.ID, "Напомнить")); !strings.Contains(said.Text, "уже закрыто. Ничего не отправлено") {
			t.Errorf("it says %q", said.Text)
		}
		w.WantPosts(id, "Текст", "Уже смотрим", "Спасибо")
	})
}

// A wait that was due while the program was not running is announced after its start.
func TestWaitSurvivesARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Restart()
		w.WaitsLong(id)
		w.Restart()
		line := w.Reads(w.Anna, "Поддержка молчит")
		w.Pressed(w.Anna.Press(line.ID, "Подожду"))
		w.Sees(w.Anna, "one button less", func(m telegramtest.Message) bool {
			return m.ID == line.ID && bottest.Buttons(m) == "Напомнить"
		})
	})
}

// A reminder can be written in one's own words, and shows who has already reminded the staff
// since it last wrote.
func TestReminderOfAColleague(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		id, _ := w.Opened("Тема", "Текст")
		w.Passes(30 * time.Hour)
		line := w.Reads(w.Anna, "Тема", "Поддержка молчит уже")
		ask := func() telegramtest.Message {
			w.Pressed(w.Anna.PressForged(line.ID, fmt.Sprintf("remind:%d", id)))
			w.AtRest()
			return w.Reads(w.Anna, "Отправить в обращение", "есть ли новости")
		}
		if m := ask(); strings.Contains(m.Text, "Уже напомнили") || bottest.Buttons(m) != "Отправить Своими словами Отменить" {
			t.Errorf("it says %q with %s", m.Text, bottest.Buttons(m))
		}
		w.Boris.Send(fmt.Sprintf("/ticket %d", id))
		history := w.Reads(w.Boris, "Тема", "Текст")
		w.Pressed(w.Boris.PressForged(history.ID, fmt.Sprintf("remind:%d", id)))
		theirs := w.Reads(w.Boris, "есть ли новости")
		w.Pressed(w.Boris.PressForged(theirs.ID, fmt.Sprintf("remindsend:%d", id)))
		w.Reads(w.Boris, "№23624")
		w.Polled()
		w.Passes(2 * time.Hour)
		m := ask()
		if !strings.Contains(m.Text, "Уже напомнили: Boris, 2 часа назад.") {
			t.Errorf("it says %q", m.Text)
		}
		w.Pressed(w.Anna.Press(m.ID, "Своими словами"))
		w.Reads(w.Anna, "Напишите ответ в обращение №23624")
		w.Anna.Send("Ждём с понедельника")
		w.Desk("the words", func([]plusofontest.Ticket) bool {
			return strings.Contains(strings.Join(w.Posts(id), "|"), "Ждём с понедельника")
		})
		w.Plusofon.Reply(id, "Оператор", "Смотрим")
		w.Anna.Reply(w.Reads(w.Anna, "Смотрим").ID, "Когда будет готово?")
		w.Desk("the question", func([]plusofontest.Ticket) bool {
			return strings.Contains(strings.Join(w.Posts(id), "|"), "Когда будет готово?")
		})
		w.AtRest()
		if m := ask(); strings.Contains(m.Text, "Уже напомнили") {
			t.Errorf("of before the staff's answer it says %q", m.Text)
		}
	})
}
