package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// A post that would take more than three messages is shown by its beginning, and the whole
// comes as a file.
func TestVeryLongPostComesAsAFile(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		var b strings.Builder
		for i := 0; b.Len() < 40_000; i++ {
			fmt.Fprintf(&b, "слово%d 😀 & <b ", i)
		}
		text := strings.TrimSpace(b.String())
		post := w.Plusofon.Reply(id, "Оператор", text, plusofontest.Attachment{Name: "схема.txt", Content: []byte("x")})
		m := w.Reads(w.Anna, "💬 Оператор", text[:2000], "весь текст в файле ниже", "📎 схема.txt")
		if n := len(utf16.Encode([]rune(m.Text))); n > 4096 || bottest.Buttons(m) != "Ответить История Без звука" || m.Silent {
			t.Errorf("%d units, buttons %s, silent %v", n, bottest.Buttons(m), m.Silent)
		}
		doc, content := w.File(w.Anna, fmt.Sprintf("%d-%d.txt", id, post))
		if content != text || !doc.Silent {
			t.Errorf("the file holds %d of %d bytes; silent: %v", len(content), len(text), doc.Silent)
		}
		w.File(w.Anna, "схема.txt")
		reply := w.Anna.Reply(doc.ID, "прочитала")
		w.Reacts(w.Anna, reply.ID, "👌")
	})
}

// In quiet hours the staff's answer comes silently.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Stop()
		hour := time.Now().UTC().Hour()
		store, err := state.Open(w.Path)
		bottest.Must(t, err)
		bottest.Must(t, store.Update(func(tx *state.Tx) error {
			return tx.SaveSettings(state.Settings{Chat: bottest.AnnaID, News: state.NewsBound, QuietFrom: hour, QuietTo: (hour + 2) % 24})
		}))
		bottest.Must(t, store.Close())
		w.Start()
		w.Plusofon.Reply(id, "Оператор", "Ночной ответ")
		if m := w.Reads(w.Anna, "Ночной ответ"); !m.Silent {
			t.Error("it made a sound")
		}
	})
}

// Several posts found at once each come as their own message, in order, chained by replies.
func TestSeveralPostsAtOnce(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Stop()
		for i := range 4 {
			w.Plusofon.Reply(id, "Оператор", fmt.Sprintf("ответ %d", i))
		}
		w.Start()
		last := receipt.ID
		for i := range 4 {
			m := w.Reads(w.Anna, fmt.Sprintf("ответ %d", i))
			if m.ReplyTo != last || strings.Count(m.Text, "ответ") != 1 {
				t.Errorf("post %d replies to %d, want %d: %q", i, m.ReplyTo, last, m.Text)
			}
			last = m.ID
		}
	})
}

// Of several messages with news sent to a chat at once only the last of those with a sound makes
// one: each ticket's posts alone, followed by the notice of a closing, and what comes later.
func TestOnlyTheLastOfSeveralSounds(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		other, _ := w.Opened("Другая", "Текст")
		w.Stop()
		for i := range 3 {
			w.Plusofon.Reply(id, "Оператор", fmt.Sprintf("ответ %d", i))
			w.Plusofon.Reply(other, "Оператор", fmt.Sprintf("иное %d", i))
		}
		w.Plusofon.CloseTicket(id)
		w.Plusofon.CloseTicket(other)
		w.Start()
		w.Passes(5 * time.Minute)
		w.Plusofon.ReopenTicket(id)
		w.Plusofon.Reply(id, "Оператор", "позже")
		w.Passes(5 * time.Minute)
		var rang []string
		var last string
		for _, m := range w.Anna.FromBot() {
			if !strings.HasPrefix(m.Text, "💬") {
				continue
			}
			if !m.Silent {
				rang = append(rang, m.Text)
			}
			if !strings.Contains(m.Text, "позже") {
				last = m.Text
			}
		}
		if len(rang) != 2 || rang[0] != last || !strings.Contains(rang[1], "позже") {
			t.Errorf("with a sound came %q, want %q and what came later", rang, last)
		}
	})
}

// Posts of one ticket queued because of Telegram's limits are joined; none is lost, and none
// goes to another ticket's message.
func TestNewsThatPileUpAreJoined(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		other, _ := w.Opened("Другая", "Текст")
		w.Stop()
		for i := range 30 {
			w.Plusofon.Reply(id, "Оператор", fmt.Sprintf("пост %d.", i))
		}
		w.Plusofon.Reply(other, "Оператор", "в другом")
		before := len(w.Anna.FromBot())
		w.Start()
		w.Reads(w.Anna, "пост 29.")
		w.Reads(w.Anna, "в другом")
		var all string
		news := w.Anna.FromBot()[before:]
		for _, m := range news {
			if strings.Contains(m.Text, "пост") && strings.Contains(m.Text, "в другом") {
				t.Errorf("posts of two tickets in one message: %q", m.Text)
			}
			all += m.Text + "\n"
		}
		at := 0
		for i := range 30 {
			next := strings.Index(all[at:], fmt.Sprintf("пост %d.", i))
			if next < 0 {
				t.Fatalf("post %d is missing or out of order", i)
			}
			at += next
		}
		if len(news) > 22 {
			t.Errorf("%d messages for 31 posts: none were joined", len(news))
		}
	})
}

// «Выгрузить» sends the history as one file that contains all of it, escaped.
func TestExport(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема <script>", "Текст с <b>тегом</b>\nи строкой")
		w.Plusofon.Reply(id, "Оператор", `Смотрите <a href="https://example.com/a">здесь</a><script>alert(1)</script>`,
			plusofontest.Attachment{Name: "схема.txt", Content: []byte("x")})
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		history := w.Reads(w.Anna, "Открыто", "здесь")
		w.Pressed(w.Anna.Press(history.ID, "Выгрузить"))
		doc, content := w.File(w.Anna, fmt.Sprintf("%d.html", id))
		for _, part := range []string{
			"<!DOCTYPE html>", `lang="ru"`, fmt.Sprintf("№%d Тема &lt;script&gt;", id), "Открыто",
			"Смотрите здесь (https://example.com/a)", "📎 схема.txt", "Оператор",
		} {
			if !strings.Contains(content, part) {
				t.Errorf("%q is not in the file", part)
			}
		}
		for _, danger := range []string{"<script", "alert(1)", "<a ", "src=", "url("} {
			if strings.Contains(content, danger) {
				t.Errorf("%q is in the file", danger)
			}
		}
		reply := w.Anna.Reply(doc.ID, "сохранила")
		w.Reacts(w.Anna, reply.ID, "👌")
		// While Plusofon does not respond, what is stored is exported.
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		w.Pressed(w.Anna.Press(history.ID, "Выгрузить"))
		w.Sees(w.Anna, "another file", func(m telegramtest.Message) bool { return m.File != nil && m.ID > doc.ID })
	})
}
