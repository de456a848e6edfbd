package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/state/statetest"
)

// An update that makes the program panic delays only its own chat, and only for seconds: it
// is set aside, its author is told, and their next messages are sent.
func TestUpdateThatCantBeHandled(t *testing.T) {
	t.Parallel()
	o := bottest.Days
	o.Owners, o.Signing = []int64{bottest.BorisID}, "never"
	bottest.Run(t, o, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		mend := statetest.Refuse(t, w.Path, "submissions", "text", "яд")
		bad := w.Anna.Reply(receipt.ID, "яд")
		next := w.Anna.Reply(receipt.ID, "следом")
		other := w.Boris.Send("/new Его тема\nЕго текст")
		w.Passes(700 * time.Millisecond) // less than the backoff before the second attempt
		w.WantReaction(w.Boris, other.ID, "👌")
		w.WantReaction(w.Anna, next.ID, "") // a person's messages are sent in order
		w.Passes(10 * time.Second)
		w.WantReaction(w.Anna, next.ID, "👌")
		w.WantReaction(w.Anna, bad.ID, "")
		w.WantRead(w.Anna, "Сообщение не удалось обработать, оно никуда не отправлено")
		w.WantLogged("its chat waits, and it is tried again")
		w.WantLogged("an update is set aside, it can't be handled")
		mend()
		w.Passes(time.Hour)
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "следом", "Его текст"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// An update that succeeds at a later attempt is handled once, and the failed attempts are
// not reported.
func TestUpdateThatCanBeHandledLater(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		mend := statetest.Refuse(t, w.Path, "submissions", "text", "ответ")
		m := w.Anna.Reply(receipt.ID, "ответ")
		w.Passes(500 * time.Millisecond)
		w.WantReaction(w.Anna, m.ID, "")
		w.Stop()
		mend()
		w.Start() // failed attempts survive a restart
		w.Passes(10 * time.Second)
		w.WantReaction(w.Anna, m.ID, "👌")
		if n := strings.Count(w.Log.String(), "it is tried again"); n != 1 {
			t.Errorf("the log tells of %d attempts", n)
		}
		if got := w.Written(); !slices.Equal(got, []string{"Текст", "ответ"}) {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// If even that report fails, the update is set aside nevertheless.
func TestUpdateWhoseAuthorCantBeTold(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		mend := statetest.Refuse(t, w.Path, "outbox", "lane", "chat:100")
		w.Anna.Send("/help")
		w.Passes(10 * time.Second)
		w.WantLogged("its author could not be told")
		mend()
		m := w.Anna.Reply(receipt.ID, "ещё раз")
		w.Passes(10 * time.Second)
		w.WantReaction(w.Anna, m.ID, "👌")
		w.Anna.Send("/status")
		w.Passes(10 * time.Second)
		w.WantRead(w.Anna, "Отложено")
	})
}
