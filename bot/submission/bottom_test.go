package submission_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/state"
)

// bottom returns the last message of a chat, which is the bot's.
func bottom(t *testing.T, c *telegramtest.Chat, text string) telegramtest.Message {
	t.Helper()
	all := c.Messages()
	last := all[len(all)-1]
	if !last.FromBot || !strings.Contains(last.Text, text) {
		t.Fatalf("at the bottom of the chat is %+v, want %q", last, text)
	}
	return last
}

// cards returns the messages in a chat that have a button.
func cards(c *telegramtest.Chat, label string) (ids []int) {
	for _, m := range c.FromBot() {
		if _, ok := m.Button(label); ok {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// shows reports whether a message of the bot's contains a text.
func shows(c *telegramtest.Chat, text string) bool {
	return slices.ContainsFunc(c.FromBot(), func(m telegramtest.Message) bool { return strings.Contains(m.Text, text) })
}

// The card of a draft in hand moves below newer messages, once no more come, and is the only
// one.
func TestCardStaysAtTheBottom(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Anna.Send("/new")
		w.Reads(w.Anna, "Напишите, что случилось")
		w.Anna.Send("раз")
		card := w.Reads(w.Anna, "1 сообщение")
		for i := range 4 {
			w.Passes(2 * time.Second)
			w.Anna.Send(fmt.Sprint("ещё ", i))
		}
		if shown := w.Reads(w.Anna, "5 сообщений"); shown.ID != card.ID {
			t.Error("the card moves before it is quiet")
		}
		w.Passes(4 * time.Second)
		moved := bottom(t, w.Anna, "5 сообщений")
		if got := cards(w.Anna, "Тема"); !slices.Equal(got, []int{moved.ID}) || !moved.Silent {
			t.Errorf("cards %v; without a sound: %v", got, moved.Silent)
		}
		w.Passes(10 * time.Minute)
		if last := bottom(t, w.Anna, "5 сообщений"); last.ID != moved.ID {
			t.Error("a card that is the last message moves")
		}
		w.Part("what is looked up, and what the staff writes, leaves it above", func() {
			w.Anna.Send("/tickets")
			w.Passes(4 * time.Second)
			bottom(t, w.Anna, "5 сообщений")
			w.Plusofon.Reply(id, "Оператор", "Чек виден?")
			w.Reads(w.Anna, "Чек виден?")
			w.Passes(4 * time.Second)
			bottom(t, w.Anna, "5 сообщений")
		})
		w.Part("a line that is asked for is not pushed up", func() {
			w.Pressed(w.Anna.Press(bottom(t, w.Anna, "").ID, "Тема"))
			question := w.Reads(w.Anna, "Какой будет тема?")
			w.Passes(time.Minute)
			if all := w.Anna.Messages(); all[len(all)-1].ID != question.ID {
				t.Errorf("below the question stands %+v", all[len(all)-1])
			}
			w.Anna.Send("Печать чеков")
			w.Passes(4 * time.Second)
			card = bottom(t, w.Anna, "Тема: Печать чеков")
		})
		w.Part("it becomes the receipt", func() {
			w.Pressed(w.Anna.Press(card.ID, "Отправить"))
			if receipt := w.Reads(w.Anna, "создано", "Печать чеков"); receipt.ID != card.ID {
				t.Error("the receipt is another message")
			}
			w.Passes(time.Hour)
			if got := cards(w.Anna, "Тема"); len(got) > 0 {
				t.Errorf("cards of nothing: %v", got)
			}
		})
	})
}

// A question where messages go, and an answer held for a closed ticket, do the same.
func TestQuestionStaysAtTheBottom(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Later()
		first := w.Anna.Send("а когда?")
		w.Reads(w.Anna, "Куда?")
		w.Anna.Send("и во сколько")
		w.Passes(4 * time.Second)
		question := bottom(t, w.Anna, "2 сообщения")
		if question.ReplyTo != first.ID {
			t.Errorf("the question replies to %d", question.ReplyTo)
		}
		w.Pressed(w.Anna.Press(question.ID, question.Buttons[0][0].Text))
		w.Reacts(w.Anna, first.ID, "👌")
		w.WantPosts(id, "Текст", "а когда?\nи во сколько")
	})
}

// The card of a draft that was laid aside stays where it is; resumed, it moves down.
func TestLaidAsideCardStays(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Касса", "Текст")
		w.Later()
		w.Anna.Send("/new")
		w.Anna.Send("другое")
		w.Passes(4 * time.Second)
		card := bottom(t, w.Anna, "1 сообщение")
		w.Anna.Send("и ещё")
		w.Reads(w.Anna, "2 сообщения")
		w.Anna.Reply(receipt.ID, "сначала это")
		w.Passes(time.Minute)
		aside := w.Anna.Message(card.ID)
		if _, ok := aside.Button("Продолжить"); !ok {
			t.Fatalf("the card that was laid aside is %+v", aside)
		}
		w.Part("also where it was on its way down then", func() {
			w.Pressed(w.Anna.Press(card.ID, "Продолжить"))
			w.Passes(2 * time.Second)
			hang := w.Hangs()
			w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", OnRead: hang.OnRead})
			hang.Are(1)
			w.Anna.Reply(receipt.ID, "и это")
			w.Passes(time.Second)
			hang.End()
			w.Passes(time.Minute)
			if got := cards(w.Anna, "Продолжить"); !slices.Equal(got, []int{card.ID}) || len(cards(w.Anna, "Тема")) != 1 {
				t.Errorf("cards %v, of them laid aside %v", cards(w.Anna, "Тема"), got)
			}
		})
		w.Pressed(w.Anna.Press(card.ID, "Продолжить"))
		w.Passes(4 * time.Second)
		if moved := bottom(t, w.Anna, "2 сообщения"); moved.ID == card.ID || len(cards(w.Anna, "Тема")) != 1 {
			t.Errorf("cards %v", cards(w.Anna, "Тема"))
		}
	})
}

// A question that was laid aside has «Продолжить» on each page of tickets that it shows.
func TestPagesOfALaidAsideQuestion(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Касса", "Текст")
		w.Later()
		question := w.Asked(w.Anna.Send("а когда?"))
		w.Opened("Другое", "Текст")
		for _, button := range []string{"Другое…", "‹ Назад"} {
			before := w.Sees(w.Anna, "the button", func(m telegramtest.Message) bool { _, ok := m.Button(button); return ok && m.ID == question.ID })
			w.Pressed(w.Anna.Press(before.ID, button))
			w.Sees(w.Anna, "the page", func(m telegramtest.Message) bool { _, ok := m.Button(button); return !ok && m.ID == question.ID })
			if got := bottest.Buttons(w.Anna.Message(question.ID)); !strings.HasPrefix(got, "Продолжить / ") {
				t.Errorf("after %s: %s", button, got)
			}
		}
	})
}

// A page of tickets that was asked for before its question was laid aside does not show the
// question as if it were in hand, though all of it is decided at once.
func TestPageBeforeAQuestionIsLaidAside(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Касса", "Текст")
		w.Later()
		question := w.Asked(w.Anna.Send("а когда?"))
		w.Stop()
		w.Anna.Send("и ещё")
		w.Anna.Press(question.ID, "Другое…")
		w.Anna.Send("/new Другое\nТекст")
		w.Start()
		w.Passes(time.Minute)
		if got := bottest.Buttons(w.Anna.Message(question.ID)); !strings.HasPrefix(got, "Продолжить / ") {
			t.Errorf("its buttons are %s", got)
		}
	})
}

// /new while an empty draft is in hand sends its card again.
func TestNewShowsAnEmptyDraftAnew(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/new")
		card := w.Reads(w.Anna, "Напишите, что случилось")
		again := w.Anna.Send("/new")
		w.Sees(w.Anna, "the card anew", func(m telegramtest.Message) bool { return m.FromBot && m.ID > again.ID })
		w.Passes(time.Minute)
		if got := cards(w.Anna, "Отменить"); len(got) != 1 || got[0] == card.ID {
			t.Errorf("cards %v", got)
		}
		bottom(t, w.Anna, "Напишите, что случилось")
	})
}

// A card that can't be deleted is edited to a line that says that it is no longer the card.
func TestCardThatCantBeDeleted(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("раз")
		card := w.Reads(w.Anna, "1 сообщение")
		w.Telegram.Fail(telegramtest.Fault{Method: "deleteMessage", Status: 400, Description: "Bad Request: message can't be deleted for everyone"})
		w.Anna.Send("два")
		w.Passes(4 * time.Second)
		bottom(t, w.Anna, "2 сообщения")
		if old := w.Anna.Message(card.ID); old.Text != "Эта карточка устарела: вместо неё есть другая." || len(old.Buttons) != 0 {
			t.Errorf("the old card is %+v", old)
		}
	})
}

// A card that a person has deleted is still sent once.
func TestCardThatIsDeletedBeforeItMoves(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("раз")
		card := w.Reads(w.Anna, "1 сообщение")
		w.Anna.Send("два")
		w.Reads(w.Anna, "2 сообщения")
		w.Anna.Delete(card.ID)
		w.Passes(time.Minute)
		bottom(t, w.Anna, "2 сообщения")
		if got := cards(w.Anna, "Тема"); len(got) != 1 {
			t.Errorf("cards %v", got)
		}
	})
}

// A press on a card that is being replaced takes effect, once, and leaves one message.
func TestPressOnACardThatMoves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ button, left string }{
		"sent":      {"Отправить", "создано"},
		"cancelled": {"Отменить", "Черновик удалён"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, when := range []string{"while it waits", "before it is there", "after it"} {
				bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
					w.Anna.Send("раз")
					card := w.Reads(w.Anna, "1 сообщение")
					w.Anna.Send("два")
					w.Reads(w.Anna, "2 сообщения")
					switch when {
					case "while it waits":
						w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Status: 429, Description: "Too Many Requests", RetryAfter: 10})
						w.Passes(4 * time.Second)
						w.Anna.Press(card.ID, c.button)
					case "before it is there":
						hang := w.Hangs()
						w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", OnRead: hang.OnRead})
						hang.Are(1)
						w.Anna.Press(card.ID, c.button)
						w.Passes(time.Second)
						hang.End()
					case "after it":
						w.Telegram.Hold()
						w.Anna.Press(card.ID, c.button)
						w.Passes(4 * time.Second)
						bottom(t, w.Anna, "2 сообщения")
						w.Telegram.Release()
					}
					w.Passes(time.Minute)
					sent := 0
					for _, r := range w.Telegram.Requests() {
						if r.Method == "sendMessage" {
							sent++
						}
					}
					if sent != 2 { // a queued card is not sent only to be deleted
						t.Errorf("%s: %d messages were sent or tried", when, sent)
					}
					if all := w.Anna.FromBot(); len(all) != 1 || !strings.Contains(all[0].Text, c.left) {
						t.Errorf("%s: the bot's messages are %q", when, bottest.Texts(all))
					}
					if n, want := len(w.Plusofon.Tickets()), map[bool]int{true: 1}[name == "sent"]; n != want {
						t.Errorf("%s: %d tickets, want %d", when, n, want)
					}
				})
			}
		})
	}
}

// A page of tickets shown on a card that is gone by then adds no further card.
func TestPageOnACardThatIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Opened("Касса", "Текст")
		w.Later()
		question := w.Asked(w.Anna.Send("а когда?"))
		w.Anna.Send("и во сколько")
		w.Reads(w.Anna, "Куда?", "2 сообщения")
		hang := w.Hangs()
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", OnRead: hang.OnRead})
		hang.Are(1)
		w.Anna.Press(question.ID, "Другое…")
		w.Passes(time.Second)
		hang.End()
		w.Passes(time.Minute)
		if got := cards(w.Anna, "Другое…"); len(got) != 1 {
			t.Errorf("cards %v", got)
		}
	})
}

// What is written while the card is being sent again is shown on it.
func TestWrittenWhileTheCardMoves(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("раз")
		w.Reads(w.Anna, "1 сообщение")
		w.Anna.Send("два")
		w.Reads(w.Anna, "2 сообщения")
		hang := w.Hangs()
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", OnRead: hang.OnRead})
		hang.Are(1)
		w.Anna.Send("три")
		w.Passes(time.Second)
		hang.End()
		w.Reads(w.Anna, "3 сообщения")
		w.Passes(time.Minute)
		bottom(t, w.Anna, "3 сообщения")
		if got := cards(w.Anna, "Тема"); len(got) != 1 {
			t.Errorf("cards %v", got)
		}
	})
}

// The move survives a restart, and so does a card whose id was not stored.
func TestCardMovesAfterARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("раз")
		w.Reads(w.Anna, "1 сообщение")
		w.Anna.Send("два")
		w.Reads(w.Anna, "2 сообщения")
		w.Away(time.Minute)
		w.Passes(time.Second)
		card := bottom(t, w.Anna, "2 сообщения")
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", DropAfter: true})
		w.Anna.Send("три")
		w.Reads(w.Anna, "3 сообщения")
		w.Passes(3 * time.Second)
		copied := bottom(t, w.Anna, "3 сообщения")
		if copied.ID == card.ID {
			t.Fatal("the card did not move")
		}
		w.Pressed(w.Anna.Press(copied.ID, "Отправить"))
		if receipt := w.Reads(w.Anna, "создано"); receipt.ID != copied.ID {
			t.Errorf("the receipt is message %d, want %d", receipt.ID, copied.ID)
		}
		w.Passes(time.Minute)
		if all := w.Anna.FromBot(); len(all) != 1 {
			t.Errorf("the bot's messages are %q", bottest.Texts(all))
		}
	})
}

// A reply to a replaced card still leads to its draft.
func TestReplyToAnOldCard(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Ready(1)
	d.Want(d.Says(1, "раз"), "1 сообщение")
	d.Do(func(turn *chat.Turn) error {
		drafts, err := turn.Tx.DraftsHere(1, 1)
		if err != nil {
			return err
		}
		drafts[0].Card = 50
		return turn.Tx.SaveDraft(drafts[0])
	})
	d.Says(1, "/new другое") // what was in hand is laid aside
	d.Last++
	d.Want(d.Decides(1, telegram.Update{Message: &telegram.Message{
		ID: d.Last, Chat: telegram.Chat{ID: 1, Type: "private"}, From: &telegram.User{ID: 1, FirstName: "Кто-то"}, Kind: telegram.KindText, Text: "два",
		ReplyTo: &telegram.Message{
			ID: 40, Chat: telegram.Chat{ID: 1, Type: "private"}, From: &telegram.User{ID: 1000, IsBot: true, Username: "plusofon_bot"},
			Buttons: [][]telegram.Button{{{Text: "Отправить", Data: "send:1"}}},
		},
	}}), "2 сообщения")
}

// In a group a card stays where it was requested.
func TestCardStaysInAGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Telegram: telegramtest.Config{PrivacyOff: true}}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))
		colleague := g.Boris.Send("касса не работает")
		g.Anna.Reply(colleague.ID, "/new")
		card := w.Reads(g.Anna, "Тема: касса не работает")
		g.Anna.Send("/tickets")
		w.Passes(40 * time.Minute)
		if now := g.Anna.Message(card.ID); now.Text != card.Text {
			t.Errorf("the card is %+v", now)
		}
		if got := cards(g.Anna, "Тема"); len(got) != 1 {
			t.Errorf("cards %v", got)
		}
	})
}

// However many cards are due at once, no transaction does too much.
func TestManyCardsAtOnce(t *testing.T) {
	d := bottest.NewDesk(t)
	const people = 150
	for id := range telegram.UserID(people) {
		d.Member(state.UserID(id+1), "ru")
		d.Says(id+1, "раз")
	}
	d.Now = d.Now.Add(time.Hour)
	for n := 0; ; n++ {
		var next time.Time
		d.Do(func(turn *chat.Turn) (err error) {
			next, err = submission.Due(turn)
			return err
		})
		if !next.IsZero() {
			break
		}
		if n > people {
			t.Fatal("there is no end of it")
		}
	}
	for id := range telegram.UserID(people) {
		d.Want(d.Said(id+1), "Ещё не отправлено")
	}
}
