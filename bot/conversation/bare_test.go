package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// Telegram's menu sends commands without arguments: each leads on.
func TestCommandsTappedInTheMenu(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id := w.Plusofon.OpenInCabinet("Из кабинета", "Текст")
		w.Polled()
		w.Anna.Send("/ticket")
		list := w.Reads(w.Anna, "Из кабинета")
		w.Pressed(w.Anna.Press(list.ID, fmt.Sprintf("№%d", id)))
		w.Reads(w.Anna, "Текст")

		w.Anna.Send("/unfollow")
		w.Reads(w.Anna, "Новости обращений сюда не приходят")
		w.Anna.Send("/follow")
		choice := w.Reads(w.Anna, "Новости какого обращения получать здесь?")
		w.Pressed(w.Anna.Press(choice.ID, fmt.Sprintf("№%d Из кабинета", id)))
		w.Plusofon.Reply(id, "Оператор", "Первая новость")
		w.Reads(w.Anna, "Первая новость")

		w.Anna.Send("/follow")
		w.Reads(w.Anna, "новости которых сюда не приходят, нет")
		w.Anna.Send("/unfollow")
		choice = w.Reads(w.Anna, "Новости какого обращения больше не нужны здесь?")
		w.Pressed(w.Anna.Press(choice.ID, fmt.Sprintf("№%d Из кабинета", id)))
		w.Plusofon.Reply(id, "Оператор", "Вторая новость")
		w.Passes(time.Minute)
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "Вторая") {
				t.Errorf("a ticket that is not followed any more is told of: %q", m.Text)
			}
		}
	})
}

// The part that a person selects in the message they reply to is quoted at Plusofon too.
func TestQuoteIsPassedOn(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Какой номер? И с какого дня?")
		news := w.Reads(w.Anna, "И с какого дня?")
		m := w.Anna.Quoting(news.ID, "И с какого дня?").Send("с понедельника")
		w.Reacts(w.Anna, m.ID, "👌")
		if got, want := w.LastPost(id).Text, "> И с какого дня?\nс понедельника"; got != want {
			t.Errorf("at Plusofon: %q, want %q", got, want)
		}
	})
}

// Photos without a text are counted in the subject, and a greeting is not a subject.
func TestSubjectSaysSomething(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("Здравствуйте!")
		w.Reads(w.Anna, "Тема: Здравствуйте!")
		w.Anna.SendPhoto(telegramtest.File{Name: "a.jpg", Size: 1000}, "", 0)
		w.Reads(w.Anna, "Тема: Фото, 1 шт.")
		w.Anna.Send("Не работает касса")
		w.Reads(w.Anna, "Тема: Не работает касса")
	})
}
