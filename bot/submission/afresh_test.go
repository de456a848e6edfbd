package submission_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// refusedAnswer is an answer to a ticket that has just vanished, and the message that says so.
func refusedAnswer(w *bottest.World, answer func(to int) telegramtest.Message) (m, refusal telegramtest.Message) {
	w.T.Helper()
	id, receipt := w.Opened("Касса", "Текст")
	w.Plusofon.DeleteTicket(id)
	m = answer(receipt.ID)
	w.Reacts(w.Anna, m.ID, "💔")
	return m, w.Reads(w.Anna, "не отправлен", "в Плюсофоне нет. Это можно отправить новым обращением.")
}

// A rejected answer to a ticket that Plusofon does not have becomes a draft with its text and
// files, once, on the message that says so; they are sent unchanged.
func TestRefusedAnswerOpensAfresh(t *testing.T) {
	t.Parallel()
	file := telegramtest.File{Name: "чек.pdf", Content: []byte("%PDF")}
	for name, c := range map[string]struct {
		answer           func(c *telegramtest.Chat, to int) telegramtest.Message
		shows            string
		text, files      string
		subject, signing string
	}{
		"words and a file": {
			func(c *telegramtest.Chat, to int) telegramtest.Message {
				return c.SendDocument(file, "не печатает", to)
			},
			"1 сообщение, 1 файл", "не печатает\n\n— Анна", "Файлы: 1 из 1", "не печатает", "always",
		},
		"a file alone": {
			func(c *telegramtest.Chat, to int) telegramtest.Message { return c.SendDocument(file, "", to) },
			"1 сообщение, 1 файл", "Файл: чек.pdf\n\n— Анна", "Файлы: 1 из 1", "Файл: чек.pdf", "always",
		},
		"a photo alone": {
			func(c *telegramtest.Chat, to int) telegramtest.Message { return c.SendPhoto(bottest.AnyFile, "", to) },
			"1 сообщение, 1 файл", "", "Файлы: 1 из 1", "Фото, 1 шт.", "always",
		},
		"an album": {
			func(c *telegramtest.Chat, to int) telegramtest.Message {
				return c.SendAlbum(bottest.TwoPhotos("вот"), to)[0]
			},
			"1 сообщение, 2 файла", "вот", "Файлы: 2 из 2", "вот", "never",
		},
		"a long text": {
			func(c *telegramtest.Chat, to int) telegramtest.Message {
				return c.Replying(to).PastePieces(bottest.LongText())[0]
			},
			"1 сообщение\n", bottest.LongText(), "", "строка 0: 😀 & <b", "never",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Signing: c.signing}, func(t *testing.T, w *bottest.World) {
				m, refusal := refusedAnswer(w, func(to int) telegramtest.Message { return c.answer(w.Anna, to) })
				if got := bottest.Buttons(refusal); got != "Новое обращение / Повторить Отменить" {
					t.Errorf("buttons: %s", got)
				}
				fresh, _ := refusal.Button("Новое обращение")
				w.Pressed(w.Anna.Press(refusal.ID, "Новое обращение"))
				card := w.Reads(w.Anna, "Тема: "+c.subject, c.shows, "Пока ничего не отправлено")
				if card.ID != refusal.ID {
					t.Errorf("the card is message %d, the refusal %d", card.ID, refusal.ID)
				}
				w.Passes(time.Second)
				w.WantReaction(w.Anna, m.ID, "")
				if a := w.Pressed(w.Anna.PressForged(refusal.ID, fresh.Data)); !strings.Contains(a.Text, "больше не действует") {
					t.Errorf("a second press is answered %q", a.Text)
				}
				w.Pressed(w.Anna.Press(card.ID, "Отправить"))
				w.Reads(w.Anna, "создано", c.subject, c.files)
				if c.text != "" {
					w.WantPosts(w.Newest(), c.text)
				}
				reply := w.Anna.Reply(m.ID, "и это")
				w.Reacts(w.Anna, reply.ID, "👌")
			})
		})
	}
}

// An answer that failed for another reason is not taken from its ticket.
func TestOtherFailuresDontOpenAfresh(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Касса", "Текст")
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Status: 400, Body: `{"message":"Недопустимое слово","code":400}`})
		w.Anna.Reply(receipt.ID, "грубое слово")
		refusal := w.Reads(w.Anna, "Недопустимое слово")
		if got := bottest.Buttons(refusal); got != "Повторить Отменить" {
			t.Errorf("buttons: %s", got)
		}
		retry, _ := refusal.Button("Повторить")
		forged := strings.Replace(retry.Data, string(chat.PressRetry), string(chat.PressAfresh), 1)
		if a := w.Pressed(w.Anna.PressForged(refusal.ID, forged)); !strings.Contains(a.Text, "больше не действует") {
			t.Errorf("a forged press is answered %q", a.Text)
		}
	})
}

// A retry is offered only if the ticket may exist.
func TestRefusedAnswerToATicketNeverSeen(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Pressed(w.Anna.PressForged(receipt.ID, "answer:404"))
		w.Reads(w.Anna, "Напишите ответ в обращение №404")
		m := w.Anna.Send("ответ в никуда")
		w.Reacts(w.Anna, m.ID, "💔")
		if got := bottest.Buttons(w.Reads(w.Anna, "Обращения №404 в Плюсофоне нет")); got != "Новое обращение Отменить" {
			t.Errorf("buttons: %s", got)
		}
	})
}

// What an answer was changed to while it was in flight, and again in the draft that it became, is
// what the draft sends. What was offered as a correction promises nothing else.
func TestCorrectionOfWhatOpensAfresh(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Касса", "Текст")
		w.Plusofon.DeleteTicket(id)
		answers := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", OnRead: answers.OnRead})
		m := w.Anna.Reply(receipt.ID, "первые слова")
		answers.Are(1)
		w.Anna.Edit(m.ID, "вторые слова")
		correction := tooLate(w, m)
		answers.End()
		refusal := w.Reads(w.Anna, "не отправлен", "в Плюсофоне нет")
		w.Pressed(w.Anna.Press(refusal.ID, "Новое обращение"))
		card := w.Reads(w.Anna, "Тема: вторые слова", "Пока ничего не отправлено")
		w.Passes(time.Second)
		if got := w.Anna.Message(correction.ID); !strings.Contains(got.Text, "его заменил новый") || len(got.Buttons) > 0 {
			t.Errorf("beside a draft that nobody has sent it says %q, with %s", got.Text, bottest.Buttons(got))
		}
		w.Anna.Edit(m.ID, "третьи слова")
		w.Reads(w.Anna, "Тема: третьи слова")
		w.Pressed(w.Anna.Press(card.ID, "Отправить"))
		w.Reads(w.Anna, "создано", "третьи слова")
		w.WantNothingAside()
	})
}

// An answer that opens a new ticket is signed once, whatever its author is called by now.
func TestOpensAfreshUnderAnotherName(t *testing.T) {
	t.Parallel()
	d := bottest.NewDesk(t)
	d.Config.Signing = chat.SignAlways
	d.Ready(1)
	person := func(name string) {
		d.Do(func(turn *chat.Turn) error {
			p, err := turn.Tx.Person(1)
			p.Name = name
			return errors.Join(err, turn.Tx.SavePerson(p))
		})
	}
	person("Анна")
	var id state.SubmissionID
	d.Do(func(turn *chat.Turn) (err error) {
		id, _, err = turn.Tx.AddSubmission(state.Submission{
			Kind: state.Answer, Chat: 1, User: 1, Message: 61, Ticket: 7, Text: "не печатает\n\n— Анна", State: state.SubmissionQueued,
		})
		return errors.Join(err, submission.Refused(turn, id, state.ReasonNotFound, ""))
	})
	d.Said(1)
	d.Do(func(turn *chat.Turn) error {
		p, err := turn.Tx.Person(1)
		p.Name = "Аня"
		if err := errors.Join(err, turn.Tx.SavePerson(p)); err != nil {
			return err
		}
		s, err := turn.Speaker(p, chat.InChat(1))
		if err != nil {
			return err
		}
		c := &telegram.Callback{ID: "1", Message: &telegram.Message{ID: 70, Chat: telegram.Chat{ID: 1, Type: "private"}}}
		return submission.Afresh(turn, s, c, id)
	})
	d.Do(func(turn *chat.Turn) error {
		drafts, err := turn.Tx.DraftsHere(1, 1)
		for _, draft := range drafts {
			items, failure := turn.Tx.DraftItems(draft.ID)
			err = errors.Join(err, failure)
			for _, i := range items {
				if strings.Contains(i.Text, "— Анна") {
					t.Errorf("the draft says %q, and is signed when it is sent", i.Text)
				}
			}
		}
		return err
	})
}
