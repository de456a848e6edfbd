package bot_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// A card that the original showed after the copy was made is of a draft that the copy does not
// have: its buttons do nothing to a draft begun since the copy was restored.
func TestCardFromAfterTheCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		restore := copied(w)
		w.Anna.Send("Касса не печатает")
		lost := w.Reads(w.Anna, "Касса не печатает", "Пока ничего не отправлено")
		w.Passes(time.Minute) // Telegram knows that it has come
		restore()
		w.Start()
		w.Anna.Send("Весы врут")
		w.Reads(w.Anna, "Весы врут", "Пока ничего не отправлено")
		w.Pressed(w.Anna.Press(lost.ID, "Отправить"))
		w.Passes(time.Minute)
		for _, ticket := range w.Plusofon.Tickets() {
			t.Errorf("[Отправить] under the card of %q has opened %q", "Касса не печатает", ticket.Subject)
		}
	})
}

// A receipt that the original wrote after the copy was made is about an answer that the copy does
// not have: a reply to it never goes to the ticket of another answer.
func TestReceiptFromAfterTheCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		_, till := w.Opened("Касса", "Не печатает")
		scales, other := w.Opened("Весы", "Врут")
		restore := copied(w)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: http.StatusBadRequest, Body: `{"message":"Нельзя","code":400}`})
		w.Anna.Reply(till.ID, "модель АТОЛ")
		lost := w.Sees(w.Anna, "that it was refused", func(m telegramtest.Message) bool { _, ok := m.Button("Повторить"); return ok })
		w.Passes(time.Minute) // Telegram knows that it has come
		restore()
		w.Start()
		m := w.Anna.Reply(other.ID, "модель Штрих")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Anna.Reply(lost.ID, "повторите, пожалуйста, про АТОЛ")
		w.Later()
		if posts := w.Posts(scales); slices.ContainsFunc(posts, func(p string) bool { return strings.Contains(p, "АТОЛ") }) {
			t.Errorf("a reply about the till is in the scales' ticket: %q", posts)
		}
	})
}
