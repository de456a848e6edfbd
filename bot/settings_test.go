package bot_test

import (
	"strings"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
)

// chooses goes to a setting by its button and takes a choice, all in one message.
func (w *world) chooses(c *telegramtest.Chat, list telegramtest.Message, setting, choice string) telegramtest.Message {
	w.t.Helper()
	w.pressed(c.Press(list.ID, setting))
	w.sees(c, "the choices", func(m telegramtest.Message) bool {
		_, ok := m.Button(choice)
		return m.ID == list.ID && ok
	})
	w.pressed(c.Press(list.ID, choice))
	return w.sees(c, "the settings", func(m telegramtest.Message) bool {
		_, ok := m.Button(choice)
		return m.ID == list.ID && !ok && m.Edits > list.Edits+1
	})
}

// All settings are in one message: a tap explains one and shows its choices.
func TestSettings(t *testing.T) {
	w := newWorld(t, options{})
	w.anna.Send("/settings")
	list := w.reads(w.anna, "Настройки этого чата", "Язык: Как в Telegram", "Новости: Мои", "Тихие часы: Нет", "Долгое ожидание: 4 рабочих часа")
	said := len(w.anna.FromBot())
	w.pressed(w.anna.Press(list.ID, "Тихие часы"))
	quiet := w.reads(w.anna, "новости приходят без звука")
	if got := buttons(quiet); !strings.HasPrefix(got, "✓ Нет 20:00–8:00 / ") || !strings.HasSuffix(got, "‹ Назад") {
		t.Errorf("buttons: %s", got)
	}
	w.pressed(w.anna.Press(list.ID, "‹ Назад"))
	list = w.reads(w.anna, "Настройки этого чата")
	list = w.chooses(w.anna, list, "Часовой пояс", "Омск (UTC+6)")
	list = w.chooses(w.anna, list, "Тихие часы", "22:00–8:00")
	list = w.chooses(w.anna, list, "Новости", "Все обращения компании")
	list = w.chooses(w.anna, list, "Долгое ожидание", "Не сообщать")
	for _, value := range []string{"Омск (UTC+6)", "22:00–8:00", "Все обращения компании", "Не сообщать"} {
		if !strings.Contains(list.Text, value) {
			t.Errorf("%q is not in the settings: %q", value, list.Text)
		}
	}
	if list = w.chooses(w.anna, list, "Язык", "English"); !strings.Contains(list.Text, "Settings of this chat") {
		t.Errorf("the settings stay in Russian: %q", list.Text)
	}
	if n := len(w.anna.FromBot()); n != said {
		t.Errorf("%d new messages, want none", n-said)
	}
	// From now on everything is said in it, after a restart as well.
	w.restart()
	m := w.anna.Send("/new No tone\nsince noon")
	w.reacts(w.anna, m.ID, "👌")
	w.reads(w.anna, "Ticket №", "opened")
	w.plusofon.Reply(w.plusofon.Tickets()[0].ID, "Оператор", "Ответ")
	if _, ok := w.reads(w.anna, "💬 Оператор").Button("Answer"); !ok {
		t.Error("the news are not in the language that was chosen")
	}
}

// A ticket that was opened in the cabinet is announced to who wants all news: the
// customer's own words without sound, the staff's with it.
func TestTicketFromTheCabinet(t *testing.T) {
	w := newWorld(t, options{})
	w.polled()
	w.anna.Send("/settings")
	list := w.reads(w.anna, "Настройки этого чата")
	w.chooses(w.anna, list, "Новости", "Все обращения компании")
	id := w.plusofon.OpenInCabinet("Новый номер", "Подключите номер")
	opened := w.reads(w.anna, "Новый номер", "Новое обращение.", "👤", "Подключите номер")
	w.plusofon.Reply(id, "Оператор", "Подключили")
	answer := w.reads(w.anna, "💬 Оператор", "Подключили")
	if !opened.Silent || answer.Silent || answer.ReplyTo != opened.ID {
		t.Errorf("silent: %v, then %v; the answer replies to %d, want %d", opened.Silent, answer.Silent, answer.ReplyTo, opened.ID)
	}
	w.anna.Send("/unfollow " + strings.TrimPrefix(strings.Fields(opened.Text)[0], "№"))
	w.reads(w.anna, "новости всех обращений", "/settings")
	// Answering makes the ticket one's own.
	m := w.anna.Reply(answer.ID, "Спасибо")
	w.reacts(w.anna, m.ID, "👌")
	w.anna.Send("/settings")
	list = w.sees(w.anna, "the settings", func(m telegramtest.Message) bool {
		return strings.Contains(m.Text, "Настройки") && m.ID > list.ID
	})
	w.chooses(w.anna, list, "Новости", "Мои и те, где я отвечаю")
	w.plusofon.Reply(id, "Оператор", "Пожалуйста")
	w.reads(w.anna, "Пожалуйста")
}
