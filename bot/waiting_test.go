package bot_test

import (
	"testing"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// waitsLong makes it that the author of a ticket's last post has waited for long.
func (w *world) waitsLong(id plusofon.TicketID) {
	w.t.Helper()
	must(w.t, w.store.Update(func(tx *state.Tx) error {
		wait, err := tx.Wait(state.TicketID(id))
		if err != nil {
			return err
		}
		wait.Due = time.Now().Add(-time.Minute)
		return tx.SaveWait(wait)
	}))
}

// «Напомнить» makes a ready-made answer that is sent once it is confirmed, and
// once however often the button is pressed.
func TestReminder(t *testing.T) {
	w := newWorld(t, options{hurried: true})
	id, receipt := w.opened("Тема", "Текст")
	w.waitsLong(id)
	line := w.reads(w.anna, "Тема", "Поддержка не отвечает больше 4 рабочих часов")
	if !line.Silent || line.ReplyTo != receipt.ID || buttons(line) != "Напомнить Не нужно" {
		t.Errorf("silent: %v, replies to %d, buttons %s", line.Silent, line.ReplyTo, buttons(line))
	}
	w.pressed(w.anna.Press(line.ID, "Напомнить"))
	first := w.reads(w.anna, "Отправить в обращение", "есть ли новости", "Здравствуйте")
	w.pressed(w.anna.Press(first.ID, "Отменить"))
	w.sees(w.anna, "the cancelled one", func(m telegramtest.Message) bool {
		return m.ID == first.ID && m.Text == "Отменено. Ничего не отправлено."
	})
	w.pressed(w.anna.Press(line.ID, "Напомнить"))
	second := w.reads(w.anna, "Отправить в обращение", "есть ли новости")
	for range 3 {
		w.pressed(w.anna.PressForged(second.ID, "remindsend:23624"))
	}
	w.sees(w.anna, "the receipt", func(m telegramtest.Message) bool {
		return m.ID == second.ID && m.Text == "Передано в обращение №23624." && labels(m) == "История"
	})
	w.pressed(w.anna.PressForged(second.ID, "remindnot:23624"))
	w.polled()
	ticket, _ := w.plusofon.Ticket(id)
	if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "Здравствуйте. Подскажите, пожалуйста, есть ли новости по этому обращению." {
		t.Errorf("posts: %+v", ticket.Posts)
	}
}

// A wait that was due while the program was off is told of after its start.
func TestWaitSurvivesARestart(t *testing.T) {
	w := newWorld(t, options{hurried: true})
	id, _ := w.opened("Тема", "Текст")
	w.restart()
	w.waitsLong(id)
	w.restart()
	line := w.reads(w.anna, "Поддержка не отвечает")
	w.pressed(w.anna.Press(line.ID, "Не нужно"))
	w.sees(w.anna, "one button less", func(m telegramtest.Message) bool { return m.ID == line.ID && buttons(m) == "Напомнить" })
}
