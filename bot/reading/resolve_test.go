package reading_test

import (
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// [Решено] takes a ticket off «Ждут вас» until the staff writes again; Plusofon is not
// contacted.
func TestResolve(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		history := func() telegramtest.Message {
			w.Anna.Send(fmt.Sprintf("/ticket %d", id))
			w.Polled()
			return w.Reads(w.Anna, "Открыто", "Текст")
		}
		if m := history(); strings.Contains(bottest.Labels(m), "Решено") {
			t.Error("what waits for the staff can be settled")
		}
		w.Plusofon.Reply(id, "Оператор", "Готово")
		w.Reads(w.Anna, "Готово")
		old := history()
		toast := w.Pressed(w.Anna.Press(old.ID, "Решено"))
		if !strings.Contains(toast.Text, "больше не в списке «Ждут вас»") || !strings.Contains(toast.Text, "Плюсофону об этом не сообщается") {
			t.Errorf("the press is answered with %q", toast.Text)
		}
		w.Sees(w.Anna, "a button less", func(m telegramtest.Message) bool {
			return m.ID == old.ID && !strings.Contains(bottest.Labels(m), "Решено")
		})
		w.Anna.Send("/tickets")
		w.Reads(w.Anna, "У Плюсофона · 1 обращение", "решено, поддержка не писала")
		w.Plusofon.Reply(id, "Оператор", "И ещё одно")
		w.Reads(w.Anna, "И ещё одно")
		w.Anna.Send("/tickets")
		w.Reads(w.Anna, "Ждут вас · 1 обращение")
		if toast := w.Pressed(w.Anna.PressForged(old.ID, fmt.Sprintf("resolve:%d:1", id))); !strings.Contains(toast.Text, "ещё раз") {
			t.Errorf("a button of before is answered with %q", toast.Text)
		}
		if ticket, _ := w.Plusofon.Ticket(id); !ticket.Open || len(ticket.Posts) != 3 {
			t.Errorf("Plusofon has %+v", ticket)
		}
	})
}

// The history and the export name the people who wrote through the bot, rather than the
// account that Plusofon shows as their author.
func TestHistoryNamesPeople(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.CustomerReply(id, "Из кабинета")
		w.Reads(w.Anna, "Из кабинета")
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		history := w.Reads(w.Anna, "Открыто", "👤 Анна,", "👤 customer@example.com,", "Из кабинета")
		w.Pressed(w.Anna.Press(history.ID, "Выгрузить"))
		if _, page := w.File(w.Anna, fmt.Sprintf("%d.html", id)); !strings.Contains(page, "<b>Анна</b>") || !strings.Contains(page, "<b>customer@example.com</b>") {
			t.Errorf("the file is %s", page)
		}
	})
}

// [Коллеге] makes a link that shows the ticket to anyone with access, with a button to
// follow it.
func TestTicketIsHandedOver(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		id, receipt := w.Opened("Тема", "Текст")
		w.Pressed(w.Anna.Press(receipt.ID, "Коллеге"))
		link := fmt.Sprintf("https://t.me/plusofon_test_bot?start=t_%d", id)
		w.Reads(w.Anna, "Тема", link)
		w.Boris.Send(fmt.Sprintf("/start t_%d", id))
		history := w.Reads(w.Boris, "Тема", "Текст")
		if _, ok := history.Button(fmt.Sprintf("follow:%d", id)); !ok {
			t.Errorf("the history has %s", bottest.Labels(history))
		}
		w.Pressed(w.Boris.PressForged(history.ID, fmt.Sprintf("follow:%d", id)))
		w.Plusofon.Reply(id, "Оператор", "Готово")
		w.Reads(w.Boris, "Готово")
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		if m := w.Reads(w.Anna, "Открыто", "Текст"); strings.Contains(bottest.Labels(m), "Получать новости") {
			t.Errorf("who hears of it is offered %s", bottest.Labels(m))
		}
		w.Eve.Send(fmt.Sprintf("/start t_%d", id))
		w.Reads(w.Eve, "Этот бот закрыт")
	})
}
