package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

var (
	forwarded = telegramtest.Origin{Name: "Иван Петров", Date: time.Date(2026, 3, 1, 11, 37, 0, 0, time.UTC)}
	anyFile   = telegramtest.File{Content: []byte("содержимое")}
)

// first is the first ticket at Plusofon once its post has so many files.
func (w *world) first(files int) plusofontest.Ticket {
	w.t.Helper()
	return w.desk(fmt.Sprintf("a ticket with %d files", files), func(tickets []plusofontest.Ticket) bool {
		return len(tickets) > 0 && len(tickets[0].Posts[0].Attachments) == files
	})[0]
}

// Somebody who has read no help: three chatty messages, a forwarded voice note
// and two photos become one ticket, with one card that tells where it stands.
func TestDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("Добрый день!")
	card := w.reads(w.anna, "Новое обращение", "Тема: Добрый день!", "1 сообщение\n", "Пока ничего не отправлено")
	w.anna.Send("у нас не работает телефон")
	w.anna.Send("с утра")
	w.anna.Forwarding(forwarded).SendVoice(anyFile, "", 0)
	w.anna.SendAlbum([]telegramtest.Item{{Kind: "photo", File: anyFile}, {Kind: "photo", File: anyFile, Caption: "вот так выглядит"}}, 0)
	shown := w.reads(w.anna, "5 сообщений, 3 файла")
	if shown.ID != card.ID {
		t.Error("a second card")
	}
	if got := buttons(shown); got != "Отправить / Тема Отменить" {
		t.Errorf("buttons: %s", got)
	}
	if n := len(w.plusofon.Tickets()); n != 0 {
		t.Fatalf("%d tickets before it was sent", n)
	}
	w.pressed(w.anna.Press(card.ID, "Отправить"))
	ticket := w.first(3)
	w.reads(w.anna, fmt.Sprintf("Обращение №%d создано", ticket.ID), "Добрый день!", "Файлы: 3 из 3", "Чтобы дополнить, ответьте на это сообщение.")
	receipt := w.anna.Message(card.ID)
	if got := buttons(receipt); got != "История Без звука" || !strings.Contains(receipt.Text, "создано") {
		t.Errorf("the card is %q with %s", receipt.Text, got)
	}
	if n := len(w.anna.FromBot()); n != 1 {
		t.Errorf("the bot said %d things, want one card: %+v", n, w.anna.FromBot())
	}
	post := ticket.Posts[0]
	want := "Добрый день!\nу нас не работает телефон\nс утра\n\nПереслано: Иван Петров, 01.03.2026 11:37\nФайл: voice"
	if ticket.Subject != "Добрый день!" || !strings.HasPrefix(post.Text, want) || !strings.HasSuffix(post.Text, "\n\nвот так выглядит") {
		t.Errorf("at Plusofon: %q\n%s", ticket.Subject, post.Text)
	}
	t.Run("a reply to the card or to a message of the draft goes to the ticket", func(t *testing.T) {
		w.t = t
		for _, to := range []int{card.ID, card.ID - 1, card.ID + 2} {
			m := w.anna.Reply(to, "дополнение")
			w.reacts(w.anna, m.ID, "👌")
		}
		if n := posts(w.plusofon.Tickets()); n != 4 || len(w.plusofon.Tickets()) != 1 {
			t.Errorf("%d posts, want 4", n)
		}
	})
}

// A draft is on disk: nothing of it needs the process that began it.
func TestDraftSurvivesRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("/new")
	card := w.reads(w.anna, "Новое обращение", "Напишите, что случилось", "Пока ничего не отправлено")
	if got := buttons(card); got != "Отменить" {
		t.Errorf("the buttons of an empty draft: %s", got)
	}
	w.restart()
	w.anna.Send("первое")
	w.reads(w.anna, "1 сообщение")
	w.restart()
	w.anna.Send("второе")
	w.reads(w.anna, "2 сообщения")
	w.restart()
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано", "первое")
	if ticket := w.plusofon.Tickets()[0]; ticket.Posts[0].Text != "первое\nвторое" {
		t.Errorf("at Plusofon: %q", ticket.Posts[0].Text)
	}
}

// However often and however late it is pressed, a draft is sent once.
func TestDraftIsSentOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("один раз")
	card := w.reads(w.anna, "Пока ничего не отправлено")
	send, _ := card.Button("Отправить")
	first, second := w.anna.Press(card.ID, "Отправить"), w.anna.PressForged(card.ID, send.Data)
	if a := w.pressed(first); a.Text != "" {
		t.Errorf("the first press was answered %q", a.Text)
	}
	if a := w.pressed(second); a.Text != "Уже отправлено." {
		t.Errorf("the second press was answered %q", a.Text)
	}
	w.reads(w.anna, "создано")
	w.restart()
	w.telegram.Redeliver()
	if a := w.pressed(w.anna.PressForged(card.ID, send.Data)); a.Text != "Уже отправлено." {
		t.Errorf("a late press was answered %q", a.Text)
	}
	if n := posts(w.plusofon.Tickets()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
}

func TestDraftsSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("Добрый день\nне работает телефон")
	card := w.reads(w.anna, "Тема: Добрый день")
	ask := func() telegramtest.Message {
		w.pressed(w.anna.Press(card.ID, "Тема"))
		return w.reads(w.anna, "Какой будет тема?")
	}
	question := ask()
	if !question.ForceReply {
		t.Error("the question does not force a reply")
	}
	w.anna.Reply(question.ID, "Нет гудка")
	w.reads(w.anna, "Новое обращение", "Тема: Нет гудка", "1 сообщение\n")
	ask()
	w.anna.Send("это уже не тема,\nа продолжение")
	w.reads(w.anna, "Тема: Нет гудка", "2 сообщения")
	w.anna.Send("/cancel") // the question, not the draft
	w.reads(w.anna, "Отменено. Ничего не отправлено.")
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано", "Нет гудка")
	if ticket := w.plusofon.Tickets()[0]; ticket.Subject != "Нет гудка" ||
		ticket.Posts[0].Text != "Добрый день\nне работает телефон\nэто уже не тема,\nа продолжение" {
		t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
	}
}

func TestDraftCancelled(t *testing.T) {
	for name, cancel := range map[string]func(*world, telegramtest.Message){
		"by its button": func(w *world, card telegramtest.Message) { w.anna.Press(card.ID, "Отменить") },
		"by /cancel":    func(w *world, _ telegramtest.Message) { w.anna.Send("/cancel") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.anna.Send("передумаю")
			card := w.reads(w.anna, "Пока ничего не отправлено")
			send, _ := card.Button("Отправить")
			cancel(w, card)
			if gone := w.reads(w.anna, "Черновик удалён, ничего не отправлено."); gone.ID != card.ID || len(gone.Buttons) != 0 {
				t.Errorf("the card is %+v", gone)
			}
			if a := w.pressed(w.anna.PressForged(card.ID, send.Data)); !strings.Contains(a.Text, "больше не действует") {
				t.Errorf("sending what is cancelled was answered %q", a.Text)
			}
			w.anna.Send("сначала")
			w.reads(w.anna, "Тема: сначала", "1 сообщение")
			if n := len(w.plusofon.Tickets()); n != 0 {
				t.Errorf("%d tickets, want none", n)
			}
		})
	}
}

// A card that was deleted is shown again as soon as there is something to show.
func TestDeletedCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.Send("раз")
	card := w.reads(w.anna, "1 сообщение")
	w.anna.Delete(card.ID)
	w.anna.Send("два")
	again := w.reads(w.anna, "2 сообщения")
	w.anna.Press(again.ID, "Отправить")
	w.reads(w.anna, "создано", "раз")
}

// The original's edit changes the draft; what becomes a remark leaves it.
func TestEditsChangeTheDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	first := w.anna.Send("не роботает")
	second := w.anna.Send("Боря, глянь?")
	w.anna.Send("с утра")
	card := w.reads(w.anna, "3 сообщения")
	w.anna.Touch(first.ID)
	w.anna.Edit(first.ID, "не работает")
	w.reads(w.anna, "Тема: не работает")
	w.anna.Edit(second.ID, "// Боря, глянь?")
	w.reads(w.anna, "2 сообщения")
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано")
	if got := w.plusofon.Tickets()[0].Posts[0].Text; got != "не работает\nс утра" {
		t.Errorf("at Plusofon: %q", got)
	}
}

// Every file's fate is told, that of one which can't go before it is sent.
func TestDraftTellsEveryFilesFate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: func(c *bot.Config) { c.RepeatPause = time.Millisecond }})
	w.anna.Send("три файла")
	w.anna.SendDocument(telegramtest.File{Name: "плохой.exe", Content: []byte("x")}, "", 0)
	w.anna.SendDocument(telegramtest.File{Name: "хороший.txt", Content: []byte("x")}, "", 0)
	w.anna.SendDocument(telegramtest.File{Name: "огромный.bin", Size: 21 << 20}, "", 0)
	card := w.reads(w.anna, "4 сообщения, 3 файла", "Не отправлен огромный.bin: он больше 20 МБ")
	w.plusofon.AddFault(plusofontest.Fault{Op: "attach", Status: 400, Body: `{"message":"Тип файла не разрешён","code":400}`})
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано", "Файлы: 1 из 3", "Не отправлен огромный.bin: он больше 20 МБ", "Не отправлен плохой.exe: Плюсофон его не принял")
}

// While Plusofon does not answer the card says that it goes by itself.
func TestDraftThatPlusofonRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
	m := w.anna.Send("грубое слово")
	card := w.reads(w.anna, "Пока ничего не отправлено")
	w.anna.Press(card.ID, "Отправить")
	failed := w.reads(w.anna, "Обращение не создано.", "Недопустимое слово")
	w.reacts(w.anna, m.ID, "💔")
	w.anna.Edit(m.ID, "вежливое слово")
	w.pressed(w.anna.Press(failed.ID, "Повторить"))
	w.reads(w.anna, "создано", "вежливое слово")
	if failed.ID != card.ID || len(w.plusofon.Tickets()) != 1 {
		t.Errorf("the card is %d, the failure %d; %d tickets", card.ID, failed.ID, len(w.plusofon.Tickets()))
	}
}

// A draft that nobody sends is dropped when its time has come, though the program
// did not run then.
func TestDraftExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.opened("Тема", "Текст")
	m := w.anna.Send("куда бы это")
	question := w.asked(m)
	w.anna.Send("/new")
	card := w.reads(w.anna, "Новое обращение")
	w.stop()
	store, err := state.Open(w.path)
	must(t, err)
	must(t, store.Update(func(tx *state.Tx) error {
		drafts, err := tx.DraftsDue(time.Now().Add(25*time.Hour), 10)
		if err != nil || len(drafts) != 2 {
			t.Errorf("%d drafts, want 2", len(drafts))
		}
		for _, d := range drafts {
			d.Due = d.Due.Add(-25 * time.Hour)
			err = errors.Join(err, tx.SaveDraft(d))
		}
		return err
	}))
	must(t, store.Close())
	w.start()
	w.sees(w.anna, "that the draft is dropped", func(x telegramtest.Message) bool {
		return x.ID == card.ID && strings.Contains(x.Text, "Черновик не отправляли сутки") && len(x.Buttons) == 0
	})
	w.sees(w.anna, "that the message went nowhere", func(x telegramtest.Message) bool {
		return x.ID == question.ID && strings.Contains(x.Text, "никуда не отправлено") && len(x.Buttons) == 0
	})
	if n := posts(w.plusofon.Tickets()); n != 1 {
		t.Errorf("%d posts, want 1", n)
	}
}

// A file that can't go is no draft to be sent, and the press says so.
func TestDraftOfNothingThatCanGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.anna.SendDocument(telegramtest.File{Name: "огромный.bin", Size: 21 << 20}, "", 0)
	card := w.reads(w.anna, "1 сообщение, 1 файл", "Не отправлен огромный.bin")
	if strings.Contains(card.Text, "Тема") {
		t.Errorf("a subject of nothing: %q", card.Text)
	}
	if a := w.pressed(w.anna.Press(card.ID, "Отправить")); !strings.Contains(a.Text, "Отправлять нечего: файлы больше 20 МБ не уходят") || !a.Alert {
		t.Errorf("the press was answered %q", a.Text)
	}
	w.anna.Send("опишу словами")
	w.reads(w.anna, "Тема: опишу словами")
	w.anna.Press(card.ID, "Отправить")
	w.reads(w.anna, "создано", "Файлы: 0 из 1")
}

func TestDraftHoldsAHundredMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	for i := range 100 {
		w.anna.Send(fmt.Sprint(i))
	}
	w.reads(w.anna, "100 сообщений")
	m := w.anna.Send("лишнее")
	w.reacts(w.anna, m.ID, "💔")
	w.reads(w.anna, "больше он не вмещает")
}

// A draft's subject in a group: the reply to the question, if it can be one.
func TestDraftsSubjectInAGroup(t *testing.T) {
	w := newWorld(t, options{hurried: true, telegram: telegramtest.Config{PrivacyOff: true}})
	g := w.letIn(w.newTeam(telegramtest.GroupOptions{}))
	colleague := g.boris.Send("касса не работает")
	g.anna.Reply(colleague.ID, "/new")
	card := w.reads(g.anna, "Тема: касса не работает", "Пока ничего не отправлено")
	w.pressed(g.anna.Press(card.ID, "Тема"))
	question := w.reads(g.anna, "Какой будет тема?")
	essay := g.anna.Reply(question.ID, "это скорее\nрассказ")
	w.reacts(g.anna, essay.ID, "💔")
	w.reads(g.anna, "Темой может быть одна строка")
	g.anna.Reply(question.ID, "Касса")
	w.reads(g.anna, "Тема: Касса", "Пока ничего не отправлено")
	// The original's edit changes the draft here, too.
	g.boris.Edit(colleague.ID, "касса не работает с утра")
	g.anna.Press(card.ID, "Отправить")
	w.reads(g.anna, "создано", "Касса")
	got := w.plusofon.Tickets()[0].Posts[0].Text
	if !strings.HasPrefix(got, "Переслано: Boris, ") || !strings.HasSuffix(got, "касса не работает с утра") {
		t.Errorf("at Plusofon: %q", got)
	}
}
