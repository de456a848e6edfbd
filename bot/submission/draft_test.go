package submission_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// A person who has read no help sends three chatty messages, a forwarded voice note and two
// photos: they become one ticket, with one card that shows its state.
func TestDraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("Добрый день!")
		card := w.Reads(w.Anna, "Новое обращение", "Тема: Добрый день!", "1 сообщение\n", "Пока ничего не отправлено")
		w.Anna.Send("у нас не работает телефон")
		w.Anna.Send("с утра")
		w.Anna.Forwarding(bottest.Forwarded).SendVoice(bottest.AnyFile, "", 0)
		w.Anna.SendAlbum([]telegramtest.Item{{Kind: "photo", File: bottest.AnyFile}, {Kind: "photo", File: bottest.AnyFile, Caption: "вот так выглядит"}}, 0)
		shown := w.Reads(w.Anna, "5 сообщений, 3 файла")
		if shown.ID != card.ID {
			t.Error("a second card")
		}
		if got := bottest.Buttons(shown); got != "Отправить / Тема Отменить" {
			t.Errorf("buttons: %s", got)
		}
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 0 {
			t.Fatalf("%d tickets before it was sent", n)
		}
		card = bottom(t, w.Anna, "5 сообщений, 3 файла")
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		ticket := w.First(3)
		w.Reads(w.Anna, fmt.Sprintf("Обращение №%d создано", ticket.ID), "у нас не работает телефон", "Файлы: 3 из 3", "Ответ придёт сюда. Чтобы дописать, ответьте на это сообщение.")
		receipt := w.Anna.Message(card.ID)
		if got := bottest.Buttons(receipt); got != "История Без звука Коллеге" || !strings.Contains(receipt.Text, "создано") {
			t.Errorf("the card is %q with %s", receipt.Text, got)
		}
		w.Passes(time.Minute)
		if n := len(w.Anna.FromBot()); n != 1 {
			t.Errorf("the bot said %d things, want one card: %+v", n, w.Anna.FromBot())
		}
		post := ticket.Posts[0]
		want := "Добрый день!\nу нас не работает телефон\nс утра\n\nПереслано: Иван Петров, 01.03.2026 11:37\nФайл: voice"
		if ticket.Subject != "у нас не работает телефон" || !strings.HasPrefix(post.Text, want) || !strings.HasSuffix(post.Text, "\n\nвот так выглядит") {
			t.Errorf("at Plusofon: %q\n%s", ticket.Subject, post.Text)
		}
		w.Part("a reply to the card or to a message of the draft goes to the ticket", func() {
			for _, to := range []int{card.ID, 1, card.ID - 1} {
				m := w.Anna.Reply(to, "дополнение")
				w.Reacts(w.Anna, m.ID, "👌")
			}
			w.Passes(time.Minute)
			if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 4 || len(w.Plusofon.Tickets()) != 1 {
				t.Errorf("%d posts, want 4", n)
			}
		})
	})
}

// A draft is stored: it does not depend on the process that started it.
func TestDraftSurvivesRestarts(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/new")
		card := w.Reads(w.Anna, "Новое обращение", "Напишите, что случилось", "Пока ничего не отправлено")
		if got := bottest.Buttons(card); got != "Отменить" {
			t.Errorf("the buttons of an empty draft: %s", got)
		}
		w.Restart()
		w.Anna.Send("первое")
		w.Reads(w.Anna, "1 сообщение")
		w.Restart()
		w.Anna.Send("второе")
		w.Reads(w.Anna, "2 сообщения")
		w.Restart()
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "первое")
		if ticket := w.Plusofon.Tickets()[0]; ticket.Posts[0].Text != "первое\nвторое" {
			t.Errorf("at Plusofon: %q", ticket.Posts[0].Text)
		}
	})
}

// However often and however late the button is pressed, a draft is sent once.
func TestDraftIsSentOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("один раз")
		card := w.Reads(w.Anna, "Пока ничего не отправлено")
		send, _ := card.Button("Отправить")
		first, second := w.Anna.Press(card.ID, "Отправить"), w.Anna.PressForged(card.ID, send.Data)
		if a := w.Pressed(first); a.Text != "" {
			t.Errorf("the first press was answered %q", a.Text)
		}
		if a := w.Pressed(second); a.Text != "Уже отправлено." {
			t.Errorf("the second press was answered %q", a.Text)
		}
		w.Reads(w.Anna, "создано")
		w.Restart()
		w.Telegram.Redeliver()
		if a := w.Pressed(w.Anna.PressForged(card.ID, send.Data)); a.Text != "Уже отправлено." {
			t.Errorf("a late press was answered %q", a.Text)
		}
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d posts, want 1", n)
		}
	})
}

func TestDraftsSubject(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("Добрый день\nне работает телефон")
		card := w.Reads(w.Anna, "Тема: не работает телефон")
		ask := func() telegramtest.Message {
			w.Pressed(w.Anna.Press(card.ID, "Тема"))
			return w.Reads(w.Anna, "Какой будет тема?")
		}
		question := ask()
		if !question.ForceReply {
			t.Error("the question does not force a reply")
		}
		w.Anna.Reply(question.ID, "Нет гудка")
		w.Reads(w.Anna, "Новое обращение", "Тема: Нет гудка", "1 сообщение\n")
		ask()
		w.Anna.Send("это уже не тема,\nа продолжение")
		w.Reads(w.Anna, "Тема: Нет гудка", "2 сообщения")
		ask()
		w.Anna.Send("/cancel") // the question, not the draft
		w.Reads(w.Anna, "тема остаётся прежней")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "Нет гудка")
		if ticket := w.Plusofon.Tickets()[0]; ticket.Subject != "Нет гудка" ||
			ticket.Posts[0].Text != "Добрый день\nне работает телефон\nэто уже не тема,\nа продолжение" {
			t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
		}
	})
}

func TestDraftCancelled(t *testing.T) {
	t.Parallel()
	for name, cancel := range map[string]func(*bottest.World, telegramtest.Message){
		"by its button": func(w *bottest.World, card telegramtest.Message) { w.Anna.Press(card.ID, "Отменить") },
		"by /cancel":    func(w *bottest.World, _ telegramtest.Message) { w.Anna.Send("/cancel") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				w.Anna.Send("передумаю")
				card := w.Reads(w.Anna, "Пока ничего не отправлено")
				send, _ := card.Button("Отправить")
				cancel(w, card)
				if gone := w.Reads(w.Anna, "Черновик удалён, из него ничего не отправлено."); gone.ID != card.ID || len(gone.Buttons) != 0 {
					t.Errorf("the card is %+v", gone)
				}
				if a := w.Pressed(w.Anna.PressForged(card.ID, send.Data)); !strings.Contains(a.Text, "больше не действует") {
					t.Errorf("sending what is cancelled was answered %q", a.Text)
				}
				w.Anna.Send("сначала")
				w.Reads(w.Anna, "Тема: сначала", "1 сообщение")
				w.Passes(time.Minute)
				if n := len(w.Plusofon.Tickets()); n != 0 {
					t.Errorf("%d tickets, want none", n)
				}
			})
		})
	}
}

// A deleted card is shown again as soon as there is something to show.
func TestDeletedCard(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("раз")
		card := w.Reads(w.Anna, "1 сообщение")
		w.Anna.Delete(card.ID)
		w.Anna.Send("два")
		again := w.Reads(w.Anna, "2 сообщения")
		w.Anna.Press(again.ID, "Отправить")
		w.Reads(w.Anna, "создано", "раз")
	})
}

// An edit of the original changes the draft; a message that becomes a remark leaves it.
func TestEditsChangeTheDraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		first := w.Anna.Send("не роботает")
		second := w.Anna.Send("Боря, глянь?")
		w.Anna.Send("с утра")
		card := w.Reads(w.Anna, "3 сообщения")
		w.Anna.Touch(first.ID)
		w.Anna.Edit(first.ID, "не работает")
		w.Reads(w.Anna, "Тема: не работает")
		w.Anna.Edit(second.ID, "// Боря, глянь?")
		w.Reads(w.Anna, "2 сообщения")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано")
		if got := w.Plusofon.Tickets()[0].Posts[0].Text; got != "не работает\nс утра" {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}

// Every file's fate is shown; that of one that can't be sent, before sending.
func TestDraftTellsEveryFilesFate(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("три файла")
		w.Anna.SendDocument(telegramtest.File{Name: "плохой.exe", Content: []byte("x")}, "", 0)
		w.Anna.SendDocument(telegramtest.File{Name: "хороший.txt", Content: []byte("x")}, "", 0)
		w.Anna.SendDocument(telegramtest.File{Name: "огромный.bin", Size: 21 << 20}, "", 0)
		card := w.Reads(w.Anna, "4 сообщения, 3 файла", "Не отправлен огромный.bin: он больше 20 МБ")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "attach", Status: 400, Body: `{"message":"Тип файла не разрешён","code":400}`})
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "Файлы: 1 из 3", "Не отправлен огромный.bin: он больше 20 МБ", "Не отправлен плохой.exe: Плюсофон его не принял")
	})
}

// While Plusofon does not respond, the card says that it will be sent automatically.
func TestDraftThatPlusofonRefuses(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
		m := w.Anna.Send("грубое слово")
		card := w.Reads(w.Anna, "Пока ничего не отправлено")
		w.Anna.Press(card.ID, "Отправить")
		failed := w.Reads(w.Anna, "Обращение не создано.", "Недопустимое слово")
		w.Reacts(w.Anna, m.ID, "💔")
		w.Anna.Edit(m.ID, "вежливое слово")
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		w.Reads(w.Anna, "создано", "вежливое слово")
		if failed.ID != card.ID || len(w.Plusofon.Tickets()) != 1 {
			t.Errorf("the card is %d, the failure %d; %d tickets", card.ID, failed.ID, len(w.Plusofon.Tickets()))
		}
	})
}

// A draft that is not sent is dropped when it is due, even if the program was not running
// then.
func TestDraftExpires(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Тема", "Текст")
		w.Later()
		m := w.Anna.Send("куда бы это")
		question := w.Asked(m)
		w.Anna.Send("/new")
		card := w.Reads(w.Anna, "Новое обращение")
		w.Stop()
		store, err := state.Open(w.Path)
		bottest.Must(t, err)
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
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
		bottest.Must(t, store.Close())
		w.Start()
		w.Sees(w.Anna, "that the draft is dropped", func(x telegramtest.Message) bool {
			return x.ID == card.ID && strings.Contains(x.Text, "Черновик не отправляли сутки") && len(x.Buttons) == 0
		})
		w.Sees(w.Anna, "that the message went nowhere", func(x telegramtest.Message) bool {
			return x.ID == question.ID && strings.Contains(x.Text, "никуда не ушло") && len(x.Buttons) == 0
		})
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d posts, want 1", n)
		}
	})
}

// A draft with only a file that can't be sent can't be sent, and the press says so.
func TestDraftOfNothingThatCanGo(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.SendDocument(telegramtest.File{Name: "огромный.bin", Size: 21 << 20}, "", 0)
		card := w.Reads(w.Anna, "1 сообщение, 1 файл", "Не отправлен огромный.bin")
		if strings.Contains(card.Text, "Тема") {
			t.Errorf("a subject of nothing: %q", card.Text)
		}
		if a := w.Pressed(w.Anna.Press(card.ID, "Отправить")); !strings.Contains(a.Text, "Отправлять нечего: файлы больше 20 МБ не уходят") || !a.Alert {
			t.Errorf("the press was answered %q", a.Text)
		}
		w.Anna.Send("опишу словами")
		w.Reads(w.Anna, "Тема: опишу словами")
		w.Anna.Press(card.ID, "Отправить")
		w.Reads(w.Anna, "создано", "Файлы: 0 из 1")
	})
}

func TestDraftHoldsAHundredMessages(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		for i := range 100 {
			w.Anna.Send(fmt.Sprint(i))
		}
		w.Reads(w.Anna, "100 сообщений")
		m := w.Anna.Send("лишнее")
		w.Reacts(w.Anna, m.ID, "💔")
		w.Reads(w.Anna, "больше он не вмещает")
	})
}

// A draft's subject in a group: the reply to the question, if it can be one.
func TestDraftsSubjectInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Telegram: telegramtest.Config{PrivacyOff: true}}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		colleague := g.Boris.Send("касса не работает")
		g.Anna.Reply(colleague.ID, "/new")
		card := w.Reads(g.Anna, "Тема: касса не работает", "Пока ничего не отправлено")
		w.Pressed(g.Anna.Press(card.ID, "Тема"))
		question := w.Reads(g.Anna, "Какой будет тема?")
		essay := g.Anna.Reply(question.ID, "это скорее\nрассказ")
		w.Reacts(g.Anna, essay.ID, "💔")
		w.Reads(g.Anna, "Темой может быть одна строка")
		g.Anna.Reply(question.ID, "Касса")
		w.Reads(g.Anna, "Тема: Касса", "Пока ничего не отправлено")
		// An edit of the original changes the draft here, too.
		g.Boris.Edit(colleague.ID, "касса не работает с утра")
		g.Anna.Press(card.ID, "Отправить")
		w.Reads(g.Anna, "создано", "Касса")
		got := w.Plusofon.Tickets()[0].Posts[0].Text
		if !strings.HasPrefix(got, "Переслано: Boris, ") || !strings.HasSuffix(got, "касса не работает с утра") {
			t.Errorf("at Plusofon: %q", got)
		}
	})
}
