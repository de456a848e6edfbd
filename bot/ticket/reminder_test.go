package ticket_test

import (
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// «Напомнить» makes a ready-made answer that is sent once it is confirmed, and
// once however often the button is pressed.
func TestReminder(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.WaitsLong(id)
		line := w.Reads(w.Anna, "Тема", "Поддержка не отвечает больше 4 рабочих часов")
		if !line.Silent || line.ReplyTo != receipt.ID || bottest.Buttons(line) != "Напомнить Не нужно" {
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
			return m.ID == second.ID && m.Text == "Передано в обращение №23624." && bottest.Labels(m) == "История"
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

// A wait that was due while the program was off is told of after its start.
func TestWaitSurvivesARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Restart()
		w.WaitsLong(id)
		w.Restart()
		line := w.Reads(w.Anna, "Поддержка не отвечает")
		w.Pressed(w.Anna.Press(line.ID, "Не нужно"))
		w.Sees(w.Anna, "one button less", func(m telegramtest.Message) bool {
			return m.ID == line.ID && bottest.Buttons(m) == "Напомнить"
		})
	})
}
