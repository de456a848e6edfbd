package reading_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// chooses opens a setting by its button and chooses an option, all in one message.
func chooses(w *bottest.World, c *telegramtest.Chat, list telegramtest.Message, setting, choice string) telegramtest.Message {
	w.T.Helper()
	w.Pressed(c.Press(list.ID, setting))
	w.Sees(c, "the choices", func(m telegramtest.Message) bool {
		_, ok := m.Button(choice)
		return m.ID == list.ID && ok
	})
	w.Pressed(c.Press(list.ID, choice))
	return w.Sees(c, "the settings", func(m telegramtest.Message) bool {
		_, ok := m.Button(choice)
		return m.ID == list.ID && !ok && m.Edits > list.Edits+1
	})
}

// All settings are in one message: a tap explains one and shows its options.
func TestSettings(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/settings")
		list := w.Reads(w.Anna, "Настройки этого чата", "Язык: Как в Telegram", "Новости: Мои", "Тихие часы: Нет", "Если долго нет ответа: 4 рабочих часа")
		said := len(w.Anna.FromBot())
		w.Pressed(w.Anna.Press(list.ID, "Тихие часы"))
		quiet := w.Reads(w.Anna, "новости приходят без звука")
		if got := bottest.Buttons(quiet); !strings.HasPrefix(got, "✓ Нет 20:00–8:00 / ") || !strings.HasSuffix(got, "‹ Назад") {
			t.Errorf("buttons: %s", got)
		}
		w.Pressed(w.Anna.Press(list.ID, "‹ Назад"))
		list = w.Reads(w.Anna, "Настройки этого чата")
		list = chooses(w, w.Anna, list, "Часовой пояс", "Омск (UTC+6)")
		list = chooses(w, w.Anna, list, "Тихие часы", "22:00–8:00")
		list = chooses(w, w.Anna, list, "Новости", "Все обращения компании")
		list = chooses(w, w.Anna, list, "Если долго нет ответа", "Не сообщать")
		for _, value := range []string{"Омск (UTC+6)", "22:00–8:00", "Все обращения компании", "Не сообщать"} {
			if !strings.Contains(list.Text, value) {
				t.Errorf("%q is not in the settings: %q", value, list.Text)
			}
		}
		if list = chooses(w, w.Anna, list, "Язык", "English"); !strings.Contains(list.Text, "Settings for this chat") {
			t.Errorf("the settings stay in Russian: %q", list.Text)
		}
		w.Passes(time.Minute)
		if n := len(w.Anna.FromBot()); n != said {
			t.Errorf("%d new messages, want none", n-said)
		}
		// From now on everything is in English, also after a restart.
		w.Restart()
		m := w.Anna.Send("/new No tone\nsince noon")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "Ticket №", "opened")
		w.Plusofon.Reply(w.Plusofon.Tickets()[0].ID, "Оператор", "Ответ")
		if _, ok := w.Reads(w.Anna, "💬 Оператор").Button("Reply"); !ok {
			t.Error("the news is not in the language that was chosen")
		}
	})
}

// A ticket opened in the personal account is announced to chats with all news: the
// customer's own post silently, the staff's with sound.
func TestTicketFromTheCabinet(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Polled()
		w.Anna.Send("/settings")
		list := w.Reads(w.Anna, "Настройки этого чата")
		chooses(w, w.Anna, list, "Новости", "Все обращения компании")
		id := w.Plusofon.OpenInCabinet("Новый номер", "Подключите номер")
		opened := w.Reads(w.Anna, "Новый номер", "Новое обращение.", "👤", "Подключите номер")
		w.Plusofon.Reply(id, "Оператор", "Подключили")
		answer := w.Reads(w.Anna, "💬 Оператор", "Подключили")
		if !opened.Silent || answer.Silent || answer.ReplyTo != opened.ID {
			t.Errorf("silent: %v, then %v; the answer replies to %d, want %d", opened.Silent, answer.Silent, answer.ReplyTo, opened.ID)
		}
		w.Anna.Send("/unfollow " + strconv.Itoa(int(id)))
		w.Reads(w.Anna, "новости всех обращений", "/settings")
		// Answering makes the ticket one's own.
		m := w.Anna.Reply(answer.ID, "Спасибо")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Send("/settings")
		list = w.Sees(w.Anna, "the settings", func(m telegramtest.Message) bool {
			return strings.Contains(m.Text, "Настройки") && m.ID > list.ID
		})
		chooses(w, w.Anna, list, "Новости", "Мои и те, где я отвечаю")
		w.Plusofon.Reply(id, "Оператор", "Пожалуйста")
		w.Reads(w.Anna, "Пожалуйста")
	})
}

// /follow offers what the chat heard of only while it followed all tickets.
func TestFollowOffersWhatWasHeardAsAll(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Member(100, "ru")
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll})
	})
	d.Poll(true, plusofon.Ticket{})
	d.Poll(true, plusofon.Ticket{Subject: "Тема", Posts: []plusofon.Post{{ID: 1, Text: "Текст", Author: plusofon.Author{Name: "Оператор"}}}},
		plusofon.ListedTicket{ID: 7, Open: true, Subject: "Тема", Fingerprint: "1"})
	d.Said(100)
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsBound})
	})
	screen := d.Opens(100, "/follow")
	if screen.Button("№7 Тема") == "" {
		t.Errorf("/follow says %+v", screen)
	}
}

// Who wants the news of a ticket that is gone is not told that it will come, nor that Plusofon is
// silent.
func TestFollowingATicketThatIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		id, _ := w.Opened("Тема", "Текст")
		w.Passes(time.Minute)
		w.Plusofon.DeleteTicket(id)
		w.Reads(w.Anna, "больше нет в Плюсофоне")
		said := len(w.Boris.FromBot())
		w.Boris.Send(fmt.Sprintf("/follow %d", id))
		w.Passes(time.Minute)
		for _, m := range w.Boris.FromBot()[said:] {
			if strings.Contains(m.Text, "not responding") || strings.Contains(m.Text, "will be posted") || strings.Contains(m.Text, "try again") {
				t.Errorf("it says %q", m.Text)
			}
		}
	})
}
