package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// notFoundPage is the answer of a web server that does not know the address, as while its
// backend is being updated.
var notFoundPage = plusofontest.Fault{
	Op: "ticket", Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"text/html"}},
	Body: "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center><hr><center>nginx</center></body></html>",
}

// A temporary not-found of a listed ticket loses nothing: the next poll reads it.
func TestPassingNotFound(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Passes(time.Minute)
		fault := notFoundPage
		fault.Times = 3
		w.Plusofon.AddFault(fault)
		w.Plusofon.Reply(id, "Оператор", "Ответ, который не потеряется")
		w.Reads(w.Anna, "Ответ, который не потеряется")
		w.Passes(20 * time.Minute)
		w.Quiet(w.Anna, "больше нет в Плюсофоне")
	})
}

// A ticket that was deleted or merged is reported as gone, once in each chat that follows
// it, and is no longer read. An answer that waited for it is reported to its author.
func TestTicketIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		id, receipt := w.Opened("Тема", "Текст")
		other, _ := w.Opened("Другая", "Текст")
		w.Boris.Send(fmt.Sprintf("/follow %d", id))
		w.Passes(time.Minute)
		w.PlusofonLine.Cut()
		answer := w.Anna.Reply(receipt.ID, "вдогонку")
		w.Passes(time.Minute)
		w.Plusofon.Merge(id, other)
		w.PlusofonLine.Mend()
		w.Passes(10 * time.Minute)
		w.WantReaction(w.Anna, answer.ID, "💔")
		for chat, text := range map[*telegramtest.Chat]string{
			w.Anna: "Этого обращения больше нет в Плюсофоне", w.Boris: "This ticket no longer exists at Plusofon",
		} {
			n := 0
			for _, m := range chat.Messages() {
				n += strings.Count(m.Text, text)
			}
			if n != 1 {
				t.Errorf("%q is said %d times", text, n)
			}
		}
		before := asked(w, id)
		w.Passes(time.Hour)
		if n := asked(w, id) - before; n != 0 {
			t.Errorf("it is asked for %d times in an hour", n)
		}
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		w.Reads(w.Anna, "Здесь то, что сохранилось", "Текст")
	})
}

// Whether a file has arrived in a ticket that is gone can't be found out: its author is
// told, and the bot stops looking.
func TestFileOfATicketThatIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Passes(time.Minute)
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", DropAfter: true, OnRead: func() { w.Plusofon.DeleteTicket(id) }})
		w.Anna.SendDocument(telegramtest.File{Name: "акт.txt", Content: []byte("акт")}, "вот акт", receipt.ID)
		w.Passes(10 * time.Minute)
		w.Reads(w.Anna, "Не отправлен акт.txt")
		before := asked(w, id)
		w.Passes(time.Hour)
		if n := asked(w, id) - before; n != 0 {
			t.Errorf("it is asked for %d times in an hour", n)
		}
	})
}

// asked returns how often a ticket was read.
func asked(w *bottest.World, id plusofon.TicketID) (n int) {
	for _, r := range w.Plusofon.Requests() {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, fmt.Sprintf("/ticket/%d", id)) {
			n++
		}
	}
	return n
}
