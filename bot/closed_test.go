package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// withFiles is a world in which days pass and posts have files.
var withFiles = bottest.Options{Poll: 5 * time.Minute, Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}

// attempts counts the requests of a method to a chat.
func attempts(w *bottest.World, method string, chat int64) (n int) {
	for _, r := range w.Telegram.Requests() {
		if r.Method == method && r.Params["chat_id"] == fmt.Sprint(chat) {
			n++
		}
	}
	return n
}

// wantOrder checks that the bot's messages with these texts are in a chat, once each and in
// order.
func wantOrder(w *bottest.World, c *telegramtest.Chat, texts ...string) {
	w.T.Helper()
	var got []string
	for _, m := range c.FromBot() {
		for _, text := range texts {
			if isFile := strings.HasSuffix(text, ".txt"); !isFile && strings.Contains(m.Text, text) || isFile && m.File != nil && m.File.Name == text {
				got = append(got, text)
			}
		}
	}
	if !slices.Equal(got, texts) {
		w.T.Errorf("the chat reads %q, want %q", got, texts)
	}
}

func wantLogs(w *bottest.World, n int, text string) {
	w.T.Helper()
	if got := strings.Count(w.Log.String(), text); got != n {
		w.T.Errorf("the log says %d times %q, want %d", got, text, n)
	}
}

// posted has a group open a ticket that only the group follows.
func posted(w *bottest.World, g bottest.Team, subject string) plusofon.TicketID {
	w.T.Helper()
	m := g.Anna.Send("/new " + subject + "\nТекст")
	w.Reacts(g.Anna, m.ID, "👌")
	return w.Newest()
}

const (
	closes = "a chat is closed to the bot"
	opens  = "a chat can be written to again"
)

// A group in which the bot may not write for more than a day loses nothing: texts and files
// come in order once it may, after probing by one request at a time and one line in the log.
func TestMutedGroupLosesNothing(t *testing.T) {
	t.Parallel()
	bottest.Run(t, withFiles, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		one, two := posted(w, g, "Первая"), posted(w, g, "Вторая")
		w.Passes(10 * time.Minute)
		g.Mute(true)
		w.Plusofon.Reply(one, "Оператор", "новость раз", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
		w.Passes(10 * time.Minute)
		w.Plusofon.Reply(two, "Оператор", "новость два")
		w.Passes(time.Hour)
		w.Away(24 * time.Hour)
		w.Plusofon.Reply(one, "Оператор", "новость три")
		before := attempts(w, "sendMessage", g.ID())
		w.Passes(2 * time.Hour)
		if n := attempts(w, "sendMessage", g.ID()) - before; n == 0 || n > 2*16 {
			t.Errorf("%d attempts in two hours for all that waits", n)
		}
		g.Boris.Send("/tickets@plusofon_test_bot") // somebody writes: the bot still may not
		w.Passes(time.Minute)
		wantLogs(w, 2, closes) // once per run of the program
		wantLogs(w, 0, opens)
		wantOrder(w, g.Anna)

		w.Restart() // the closure survives a restart
		w.Passes(time.Hour)
		g.Mute(false)
		w.Passes(10 * time.Minute)
		wantOrder(w, g.Anna, "новость раз", "новость два", "новость три", "a.txt")
		wantLogs(w, 1, opens)
	})
}

// If only files are forbidden, texts are sent, and the files once they may be.
func TestFilesForbidden(t *testing.T) {
	t.Parallel()
	bottest.Run(t, withFiles, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		id := posted(w, g, "Тема")
		g.ForbidFiles(true)
		for _, name := range []string{"a.txt", "b.txt"} {
			w.Plusofon.Reply(id, "Оператор", "новость про "+name[:1], plusofontest.Attachment{Name: name, Content: []byte("x")})
		}
		w.Passes(time.Hour)
		w.Plusofon.Reply(id, "Оператор", "без файла")
		w.Passes(10 * time.Minute)
		wantOrder(w, g.Anna, "новость про a", "новость про b", "без файла")
		wantLogs(w, 1, closes)
		g.ForbidFiles(false)
		w.Passes(10 * time.Minute)
		w.File(g.Anna, "a.txt")
		w.File(g.Anna, "b.txt")
		wantLogs(w, 1, opens)
	})
}

// A forum with a closed General is probed now and then, with one line in the log; messages in
// topics are sent.
func TestGeneralClosed(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		inTopic := posted(w, g, "В теме")
		w.Passes(time.Minute)
		g.Demote(w.Person(bottest.AnnaID))
		w.Passes(time.Minute)
		flat := posted(w, g, "Без темы")
		w.Passes(time.Minute)
		g.CloseGeneral(true)
		w.Plusofon.Reply(flat, "Оператор", "новость в General")
		w.Passes(5*time.Minute + 30*time.Second)
		if n := attempts(w, "sendMessage", g.ID()); n > 12 {
			t.Errorf("%d requests", n)
		}
		wantLogs(w, 1, closes)
		w.Plusofon.Reply(inTopic, "Оператор", "новость в теме")
		w.Passes(20 * time.Minute)
		wantOrder(w, g.Anna, "новость в теме")
		g.CloseGeneral(false)
		w.Passes(10 * time.Minute)
		wantOrder(w, g.Anna, "новость в теме", "новость в General")
		wantLogs(w, 1, opens)
	})
}

// What was queued while the bot was out of a group for days is sent when it is back: texts and
// files. The rare retries are not taken for a clock that moved back.
func TestFilesOfBeforeComeWhenTheBotIsBack(t *testing.T) {
	t.Parallel()
	bottest.Run(t, withFiles, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		id := posted(w, g, "Тема")
		g.Kick(w.Person(bottest.AnnaID))
		w.Plusofon.Reply(id, "Оператор", "пока бота не было", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
		w.Passes(time.Hour)
		w.Away(24 * time.Hour)
		w.Passes(time.Hour)
		w.Restart()
		w.Passes(10 * time.Minute)
		wantLogs(w, 0, "was due much later")
		g.AddBot(w.Person(bottest.AnnaID))
		w.Passes(5 * time.Minute)
		wantOrder(w, g.Anna, "пока бота не было", "a.txt")
	})
}

// A person who has blocked the bot gets everything queued as soon as they are back.
func TestBackAfterDays(t *testing.T) {
	t.Parallel()
	bottest.Run(t, withFiles, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Anna.Block()
		w.Plusofon.Reply(id, "Оператор", "новость", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
		w.Passes(time.Hour)
		w.Away(24 * time.Hour)
		w.Passes(time.Hour)
		wantLogs(w, 2, closes) // once per run of the program
		w.Anna.Unblock()
		w.Passes(time.Minute)
		wantOrder(w, w.Anna, "новость", "a.txt")
	})
}

// A chat that has refused a reaction is tried again after a day, and after a restart.
func TestReactionsAreTriedAgain(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Days, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		refuse := func() {
			w.Telegram.Fail(telegramtest.Fault{Method: "setMessageReaction", Status: 400, Description: "Bad Request: REACTION_INVALID"})
			m := w.Anna.Reply(receipt.ID, "раз")
			w.Sees(w.Anna, "words", func(x telegramtest.Message) bool {
				return x.ReplyTo == m.ID && strings.Contains(x.Text, "Отправлено в")
			})
		}
		reaction := func(text string) string {
			m := w.Anna.Reply(receipt.ID, text)
			w.Passes(time.Minute)
			return w.Anna.Message(m.ID).Reaction
		}
		refuse()
		if got := reaction("тогда же"); got != "" {
			t.Errorf("the chat is asked again at once: %q", got)
		}
		w.Passes(25 * time.Hour)
		if got := reaction("через день"); got != "👌" {
			t.Errorf("a day later there is %q", got)
		}
		refuse()
		w.Restart()
		if got := reaction("после перезапуска"); got != "👌" {
			t.Errorf("after a restart there is %q", got)
		}
	})
}
