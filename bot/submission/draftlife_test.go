package submission_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
)

// A draft is dropped after a day without additions, and its card says so.
func TestDraftLivesADay(t *testing.T) {
	due := func(d *bottest.Desk) {
		d.T.Helper()
		d.Do(func(turn *chat.Turn) error {
			_, err := submission.Due(turn)
			return err
		})
	}
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Want(d.Says(1, "не работает"), "Тема: не работает")
	d.Now = d.Now.Add(23 * time.Hour)
	d.Want(d.Says(1, "совсем"), "2 сообщения")
	d.Now = d.Now.Add(24*time.Hour - time.Second)
	due(d)
	d.Want(d.Said(1), "Ещё не отправлено")
	d.Now = d.Now.Add(time.Second)
	due(d)
	if said := d.Said(1); len(said) != 2 || !strings.Contains(said[0], "не отправляли сутки") || said[1] != said[0] {
		t.Errorf("the card and a new message say %q", said)
	}
	due(d)
	d.Want(d.Said(1), "")
	d.Want(d.Says(1, "заново"), "1 сообщение")
}

// Half an hour after its last change a draft's card is sent once more, silently, and says that
// the draft was not sent. What is added to it is shown as before.
func TestForgottenDraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("раз")
		card := w.Reads(w.Anna, "1 сообщение", "Пока ничего не отправлено")
		w.Passes(20 * time.Minute)
		w.Anna.Send("два")
		w.Passes(29 * time.Minute)
		moved := bottom(t, w.Anna, "2 сообщения")
		w.Passes(2 * time.Minute)
		again := bottom(t, w.Anna, "Ещё не отправлено")
		if got := bottest.Buttons(again); !again.Silent || again.ID == moved.ID || moved.ID == card.ID || got != "Отправить / Тема Отменить" || strings.Contains(again.Text, "Пока ничего") {
			t.Errorf("the card is %q with %s", again.Text, got)
		}
		w.Passes(2 * time.Hour)
		if all := w.Anna.FromBot(); len(all) != 1 || all[0].ID != again.ID {
			t.Errorf("the bot's messages are %q", bottest.Texts(all))
		}
		w.Anna.Send("три")
		w.Passes(time.Minute)
		if last := bottom(t, w.Anna, "3 сообщения"); strings.Contains(last.Text, "Ещё не отправлено") {
			t.Errorf("the card is %q", last.Text)
		}
		w.Passes(time.Hour)
		bottom(t, w.Anna, "Ещё не отправлено") // forgotten once more
	})
}

// So it is if the program was not running then, and if the draft was laid aside, once nothing
// else is in hand. There is no reminder of an empty draft.
func TestForgottenDraftLaidAside(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Later()
		w.Anna.Send("/new")
		w.Reads(w.Anna, "Напишите, что случилось")
		w.Away(time.Hour)
		if shows(w.Anna, "Ещё не отправлено") {
			t.Error("an empty draft is reminded of")
		}
		w.Anna.Send("другое")
		w.Passes(4 * time.Second)
		bottom(t, w.Anna, "1 сообщение")
		w.Passes(20 * time.Minute)
		w.Plusofon.Reply(id, "Оператор", "Чек виден?")
		news := w.Reads(w.Anna, "Чек виден?")
		w.Pressed(w.Anna.Press(news.ID, "Ответить"))
		w.Reads(w.Anna, "Напишите ответ")
		w.Passes(20 * time.Minute)
		if shows(w.Anna, "Ещё не отправлено") {
			t.Error("it comes between a person and an answer")
		}
		w.Reacts(w.Anna, w.Anna.Send("виден").ID, "👌")
		w.Passes(10 * time.Second)
		if shows(w.Anna, "Ещё не отправлено") {
			t.Error("it comes before it is quiet")
		}
		w.Away(time.Hour)
		w.Passes(time.Second)
		again := bottom(t, w.Anna, "Ещё не отправлено")
		if got := bottest.Buttons(again); got != "Продолжить / Отправить / Тема Отменить" || len(cards(w.Anna, "Тема")) != 1 {
			t.Errorf("buttons %s; cards %v", got, cards(w.Anna, "Тема"))
		}
		w.Passes(40 * time.Minute)
		w.Pressed(w.Anna.Press(again.ID, "Продолжить"))
		w.Passes(time.Minute)
		if last := bottom(t, w.Anna, "Пока ничего не отправлено"); last.ID != again.ID {
			t.Error("the card moves though it is the last message")
		}
	})
}

// So it is for a question where a message goes.
func TestForgottenQuestion(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Касса", "Текст")
		w.Later()
		w.Anna.Send("а когда?")
		w.Reads(w.Anna, "Пока не отправлено. Куда?")
		w.Passes(31 * time.Minute)
		bottom(t, w.Anna, "Ещё не отправлено\nКуда отправить?")
	})
}
