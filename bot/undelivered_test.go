package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// A message on which Telegram fails forever delays its chat for minutes, not forever: it is
// sent plain, then parked, and reported in the chat. [Повторить] sends it again.
func TestMessageThatFailsForEver(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Passes(time.Hour)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Text: "непроходимое", Times: -1, Status: 500})
		w.Plusofon.Reply(id, "Оператор", "<b>непроходимое</b>")
		w.Plusofon.Reply(id, "Оператор", "следом")
		w.Passes(8 * time.Minute)
		for _, m := range w.Anna.FromBot() {
			if strings.Contains(m.Text, "следом") {
				t.Error("news go past what has failed for a few minutes only")
			}
		}
		w.Passes(22 * time.Minute)
		w.WantRead(w.Anna, "следом")
		told := w.Reads(w.Anna, "Сообщение об обращении №", "не доставлено")
		plain, formatted := 0, 0
		for _, r := range w.Telegram.Requests() {
			if strings.Contains(r.Params["text"], "непроходимое") {
				if r.Params["entities"] == "" {
					plain++
				} else {
					formatted++
				}
			}
		}
		if formatted < 5 || plain == 0 {
			t.Errorf("it was sent %d times with its formatting and %d times without", formatted, plain)
		}
		w.Anna.Send("/status")
		w.Passes(time.Minute)
		w.WantRead(w.Anna, "Сюда не доставлено: 1 сообщение")

		w.Telegram.ClearFaults()
		w.Passes(3 * time.Hour) // nobody retries it
		wantOrder(w, w.Anna, "следом")
		if got := w.Pressed(w.Anna.Press(told.ID, "Повторить")); got.Text != "Отправляю ещё раз." {
			t.Errorf("the press is answered with %q", got.Text)
		}
		w.Passes(time.Minute)
		wantOrder(w, w.Anna, "следом", "непроходимое")
		if got := w.Anna.Message(told.ID); len(got.Buttons) > 0 || !strings.Contains(got.Text, "Отправляю ещё раз") {
			t.Errorf("the line says %q", got.Text)
		}
	})
}

// While Telegram fails for everyone nothing is given up, though its polls succeed.
func TestNothingIsGivenUpWhileNobodyIsAnswered(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		id, _ := w.Opened("Тема", "Текст")
		w.Boris.Send("/follow " + strings.TrimPrefix(ticketName(id), "№"))
		w.Passes(time.Hour)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Times: -1, Status: 500})
		w.Plusofon.Reply(id, "Оператор", "<b>раз</b>.")
		w.Plusofon.Reply(id, "Оператор", "два.")
		w.Passes(50 * time.Minute)
		w.Telegram.ClearFaults()
		w.Passes(10 * time.Minute)
		for _, c := range []*telegramtest.Chat{w.Anna, w.Boris} {
			wantOrder(w, c, "раз.", "два.")
		}
		wantLogs(w, 0, "Telegram fails on a request")
	})
}

// The change of a card that has waited for longer than its draft is kept holds up nothing, though
// the card was deleted meanwhile.
func TestCardOfAPrunedDraft(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/start")
		w.AtRest()
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			_, err := tx.Enqueue(state.Request{
				Side: state.Telegram, Lane: chat.ChatLane(bottest.AnnaID), Priority: state.PriorityPerson, Kind: chat.KindCall,
				Payload: fmt.Sprintf(`{"call":{"method":"editMessageText","params":{"chat_id":%d,"message_id":999,"text":"Черновик отменён"}},"chat":%[1]d,"draft":77}`, bottest.AnnaID),
				Due:     time.Now(),
			}, time.Now())
			return err
		}))
		w.Anna.Send("/help")
		w.Passes(time.Minute)
		w.WantRead(w.Anna, "Чтобы ответить")
	})
}

// If a chat can't be told anything, the owners are.
func TestWhatCantBeToldInItsChatIsToldTheOwners(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		id := posted(w, g, "Тема")
		w.Passes(time.Hour)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: g.ID(), Times: -1, Status: 500})
		w.Plusofon.Reply(id, "Оператор", "новость")
		// Someone else is answered meanwhile.
		for range 30 {
			w.Passes(4 * time.Minute)
			w.Anna.Send("/help")
		}
		told := w.Reads(w.Anna, "Сообщить об этом в тот чат", "Сообщение об обращении")
		w.Telegram.ClearFaults()
		w.Passes(10 * time.Minute)
		w.Pressed(w.Anna.Press(told.ID, "Повторить"))
		w.Passes(time.Minute)
		w.WantRead(g.Anna, "новость")
	})
}

// An owner who is one no longer, and was told that, does not see what becomes of it.
func TestFormerOwnerIsNotToldWhatIsSentAgain(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		become := func(role state.Role) {
			bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
				p, err := tx.Person(bottest.BorisID)
				p.Role = role
				return errors.Join(err, tx.SavePerson(p))
			}))
		}
		become(state.Owner)
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		id := posted(w, g, "Тема")
		w.Passes(time.Hour)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Chat: g.ID(), Times: -1, Status: 500})
		w.Plusofon.Reply(id, "Оператор", "новость")
		for range 30 {
			w.Passes(4 * time.Minute)
			w.Anna.Send("/help")
		}
		told := w.Reads(w.Anna, "Сообщить об этом в тот чат")
		before := w.Reads(w.Boris, "can't be told either")
		become(state.Stranger)
		w.Telegram.ClearFaults()
		w.Passes(10 * time.Minute)
		w.Pressed(w.Anna.Press(told.ID, "Повторить"))
		w.Passes(time.Minute)
		w.WantRead(g.Anna, "новость")
		if now := w.Boris.Message(before.ID); now.Text != before.Text {
			t.Errorf("a stranger reads %q", now.Text)
		}
	})
}

// On a server that fails on every reaction, receipts and news are still sent at once, and
// messages replace the reactions.
func TestReactionsThatFailForEver(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Telegram.Fail(telegramtest.Fault{Method: "setMessageReaction", Times: -1, Status: 500})
		w.Anna.Send("/new Тема\nТекст")
		w.Passes(2 * time.Second)
		w.WantRead(w.Anna, "создано")
		receipt := w.Reads(w.Anna, "создано")
		answer := w.Anna.Reply(receipt.ID, "ответ")
		w.Plusofon.Reply(w.Newest(), "Оператор", "новость")
		w.Passes(20 * time.Second)
		w.WantRead(w.Anna, "новость")
		w.Passes(20 * time.Minute)
		w.Sees(w.Anna, "words under the answer", func(m telegramtest.Message) bool {
			return m.FromBot && m.ReplyTo == answer.ID && strings.Contains(m.Text, "Отправлено в")
		})
	})
}

// A pin or a topic's name that fails forever delays no messages either.
func TestOrnamentsHoldUpNoWords(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		for _, method := range []string{"pinChatMessage", "closeForumTopic", "editForumTopic"} {
			w.Telegram.Fail(telegramtest.Fault{Method: method, Times: -1, Status: 500})
		}
		id := posted(w, g, "Тема")
		w.Reads(g.Anna, "создано")
		w.Plusofon.Reply(id, "Оператор", "новость")
		w.Passes(20 * time.Second)
		w.WantRead(g.Anna, "новость")
		w.Plusofon.CloseTicket(id)
		w.Passes(5 * time.Minute) // closed tickets are polled now and then
		w.Plusofon.Reply(id, "Оператор", "ещё новость")
		w.Passes(5 * time.Minute)
		w.WantRead(g.Anna, "ещё новость")
	})
}

// A file that Telegram fails on forever delays no other, and is reported.
func TestFileThatFailsForEver(t *testing.T) {
	t.Parallel()
	bottest.Run(t, withFiles, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Passes(time.Hour)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendDocument", Times: 40, Status: 500})
		w.Plusofon.Reply(id, "Оператор", "файл", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
		w.Passes(2 * time.Hour)
		told := w.Reads(w.Anna, "Файл a.txt не доставлен")
		w.Telegram.ClearFaults()
		w.Plusofon.Reply(id, "Оператор", "ещё файл", plusofontest.Attachment{Name: "b.txt", Content: []byte("x")})
		w.Passes(10 * time.Minute)
		w.File(w.Anna, "b.txt")
		w.Pressed(w.Anna.Press(told.ID, "Повторить"))
		w.File(w.Anna, "a.txt")
	})
}

// A parked message that was sent when its chat came back is not offered to be sent again.
func TestNoticeOfWhatWentByItself(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Passes(time.Hour)
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Text: "непроходимое", Times: -1, Status: 500})
		w.Plusofon.Reply(id, "Оператор", "непроходимое")
		w.Plusofon.Reply(id, "Оператор", "следом")
		w.Passes(30 * time.Minute)
		told := w.Reads(w.Anna, "не доставлено")
		w.Telegram.ClearFaults()
		w.Anna.Block()
		w.Plusofon.Reply(id, "Оператор", "пока нет")
		w.Passes(time.Hour)
		w.Anna.Unblock()
		w.Passes(10 * time.Minute)
		w.WantRead(w.Anna, "непроходимое")
		if got := w.Anna.Message(told.ID); len(got.Buttons) > 0 || !strings.Contains(got.Text, "Отправляю ещё раз") {
			t.Errorf("the line says %q with %s", got.Text, bottest.Buttons(got))
		}
	})
}
