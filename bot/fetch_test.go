package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

const soFar = "Плюсофон пока не ответил. Показываю то, что было"

// A person who asks for tickets while Plusofon hangs gets each known one at once, and is not told
// again what has not changed.
func TestTicketsAreShownWhilePlusofonHangs(t *testing.T) {
	t.Parallel()
	bottest.Run(t, endless(10*time.Second), func(t *testing.T, w *bottest.World) {
		threads := w.Follows(w.Anna, 6)
		w.Passes(time.Minute) // they are polled: nothing in them is news
		reads := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, OnRead: reads.OnRead})
		begun, said := time.Now(), len(w.Anna.FromBot())
		for _, thread := range threads {
			w.Anna.Send(fmt.Sprintf("/ticket %d", thread.ID))
		}
		for _, thread := range threads {
			w.Sees(w.Anna, "the history", func(m telegramtest.Message) bool {
				return strings.Contains(m.Text, fmt.Sprintf("№%d", thread.ID)) && strings.Contains(m.Text, soFar)
			})
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("six tickets are shown after %v", took)
		}
		reads.End()
		w.Passes(time.Minute)
		if n := len(w.Anna.FromBot()) - said; n != len(threads) {
			t.Errorf("%d messages for %d tickets", n, len(threads))
		}
	})
}

// Plusofon's late answer is shown if it is new: for a ticket that was unknown, which is
// said at once, and for one that has changed.
func TestTicketsAreShownOncePlusofonAnswers(t *testing.T) {
	t.Parallel()
	bottest.Run(t, endless(time.Hour), func(t *testing.T, w *bottest.World) {
		known := w.Follows(w.Anna, 1)[0].ID
		unknown := w.Plusofon.OpenInCabinet("Из кабинета", "Вопрос из кабинета")
		reads := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, OnRead: reads.OnRead})
		begun := time.Now()
		w.Anna.Send(fmt.Sprintf("/ticket %d", unknown))
		w.Anna.Send(fmt.Sprintf("/ticket %d", known))
		w.Reads(w.Anna, fmt.Sprintf("Спрашиваю у Плюсофона обращение №%d", unknown))
		w.Reads(w.Anna, fmt.Sprintf("№%d", known), soFar)
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("the person is answered after %v", took)
		}
		w.Plusofon.Reply(known, "Оператор", "Ответ в последний миг")
		reads.End()
		w.Reads(w.Anna, "Вопрос из кабинета")
		m := w.Sees(w.Anna, "the history", func(m telegramtest.Message) bool {
			return strings.Contains(m.Text, "Ответ в последний миг") && strings.Contains(m.Text, "Открыто")
		})
		if strings.Contains(m.Text, soFar) {
			t.Errorf("it is said to be old: %q", m.Text)
		}
	})
}

// What only needs a known ticket is done at once; for an unknown one the person is told that it is
// being requested, and finally that Plusofon does not answer.
func TestFollowingAndExportingWhilePlusofonHangs(t *testing.T) {
	t.Parallel()
	bottest.Run(t, endless(time.Hour), func(t *testing.T, w *bottest.World) {
		id := w.Follows(w.Boris, 1)[0].ID
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		history := w.Reads(w.Anna, fmt.Sprintf("№%d", id), "Открыто")
		reads := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, OnRead: reads.OnRead})
		begun := time.Now()
		w.Anna.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Anna, "Новости этого обращения будут приходить сюда")
		w.Pressed(w.Anna.Press(history.ID, "Выгрузить"))
		m, _ := w.File(w.Anna, fmt.Sprintf("%d.html", id))
		if !strings.Contains(m.Text, soFar) {
			t.Errorf("the file's caption is %q", m.Text)
		}
		w.Anna.Send("/follow 99")
		w.Reads(w.Anna, "Спрашиваю у Плюсофона обращение №99")
		if took := time.Since(begun); took > 6*time.Second {
			t.Errorf("the person is answered after %v", took)
		}
		w.Reads(w.Anna, "Подписаться на №99 сейчас не получилось")
	})
}
