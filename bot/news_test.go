package bot_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// file waits for a document of the bot and returns it with its content.
func (w *world) file(c *telegramtest.Chat, name string) (telegramtest.Message, string) {
	w.t.Helper()
	m := w.sees(c, name, func(m telegramtest.Message) bool { return m.FromBot && m.File != nil && m.File.Name == name })
	return m, string(w.telegram.Content(m.File.ID))
}

// What would take more than three messages is shown by its beginning, and all of
// it comes as a file.
func TestVeryLongPostComesAsAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	var b strings.Builder
	for i := 0; b.Len() < 40_000; i++ {
		fmt.Fprintf(&b, "слово%d 😀 & <b ", i)
	}
	text := strings.TrimSpace(b.String())
	post := w.plusofon.Reply(id, "Оператор", text, plusofontest.Attachment{Name: "схема.txt", Content: []byte("x")})
	m := w.reads(w.anna, "💬 Оператор", text[:2000], "весь текст в файле ниже", "📎 схема.txt")
	if n := len(utf16.Encode([]rune(m.Text))); n > 4096 || buttons(m) != "Ответить История Без звука" || m.Silent {
		t.Errorf("%d units, buttons %s, silent %v", n, buttons(m), m.Silent)
	}
	doc, content := w.file(w.anna, fmt.Sprintf("%d-%d.txt", id, post))
	if content != text || !doc.Silent {
		t.Errorf("the file holds %d of %d bytes; silent: %v", len(content), len(text), doc.Silent)
	}
	w.file(w.anna, "схема.txt")
	reply := w.anna.Reply(doc.ID, "прочитала")
	w.reacts(w.anna, reply.ID, "👌")
}

// In quiet hours the staff's answer comes, without sound.
func TestQuietHours(t *testing.T) {
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	w.stop()
	hour := time.Now().UTC().Hour()
	store, err := state.Open(w.path)
	must(t, err)
	must(t, store.Update(func(tx *state.Tx) error {
		return tx.SaveSettings(state.Settings{Chat: annaID, News: state.NewsBound, QuietFrom: hour, QuietTo: (hour + 2) % 24})
	}))
	must(t, store.Close())
	w.start()
	w.plusofon.Reply(id, "Оператор", "Ночной ответ")
	if m := w.reads(w.anna, "Ночной ответ"); !m.Silent {
		t.Error("it made a sound")
	}
}

// Several posts that are found at once come each as a message of its own, in
// order, chained by replies.
func TestSeveralPostsAtOnce(t *testing.T) {
	w := newWorld(t, options{})
	id, receipt := w.opened("Тема", "Текст")
	w.stop()
	for i := range 4 {
		w.plusofon.Reply(id, "Оператор", fmt.Sprintf("ответ %d", i))
	}
	w.start()
	last := receipt.ID
	for i := range 4 {
		m := w.reads(w.anna, fmt.Sprintf("ответ %d", i))
		if m.ReplyTo != last || strings.Count(m.Text, "ответ") != 1 {
			t.Errorf("post %d replies to %d, want %d: %q", i, m.ReplyTo, last, m.Text)
		}
		last = m.ID
	}
}

// Posts of one ticket that pile up behind Telegram's limits are joined; none is
// lost, none goes to another ticket's message.
func TestNewsThatPileUpAreJoined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: func(c *bot.Config) { c.RepeatPause = time.Millisecond }})
	id, _ := w.opened("Тема", "Текст")
	other, _ := w.opened("Другая", "Текст")
	w.stop()
	for i := range 30 {
		w.plusofon.Reply(id, "Оператор", fmt.Sprintf("пост %d.", i))
	}
	w.plusofon.Reply(other, "Оператор", "в другом")
	before := len(w.anna.FromBot())
	w.start()
	w.reads(w.anna, "пост 29.")
	w.reads(w.anna, "в другом")
	var all string
	news := w.anna.FromBot()[before:]
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
}

// «Выгрузить» sends the history as one file that holds all of it, escaped.
func TestExport(t *testing.T) {
	w := newWorld(t, options{})
	id, _ := w.opened("Тема <script>", "Текст с <b>тегом</b>\nи строкой")
	w.plusofon.Reply(id, "Оператор", `Смотрите <a href="https://example.com/a">здесь</a><script>alert(1)</script>`,
		plusofontest.Attachment{Name: "схема.txt", Content: []byte("x")})
	w.anna.Send(fmt.Sprintf("/ticket %d", id))
	history := w.reads(w.anna, "Открыто", "здесь")
	w.pressed(w.anna.Press(history.ID, "Выгрузить"))
	doc, content := w.file(w.anna, fmt.Sprintf("%d.html", id))
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
	reply := w.anna.Reply(doc.ID, "сохранила")
	w.reacts(w.anna, reply.ID, "👌")
	// While Plusofon is silent, what the store has is exported.
	w.plusofon.Switch(plusofontest.Switches{Down: true})
	w.pressed(w.anna.Press(history.ID, "Выгрузить"))
	w.sees(w.anna, "another file", func(m telegramtest.Message) bool { return m.File != nil && m.ID > doc.ID })
}

// refusing is a Telegram that never takes certain words.
type refusing struct {
	bot.Telegram
	words string
}

func (r refusing) Do(ctx context.Context, c telegram.Call) (telegram.Result, error) {
	if strings.Contains(string(c.Params), r.words) {
		return telegram.Result{}, &telegram.Error{Method: c.Method, Code: 400, Outcome: telegram.Refused, Description: "Bad Request: it can't be so"}
	}
	return r.Telegram.Do(ctx, c)
}

// What Telegram never takes is set aside and not lost: the owners see it in /status,
// and what stands behind it goes.
func TestMessageThatTelegramNeverTakes(t *testing.T) {
	t.Parallel()
	inBubble(t, filepath.Join(t.TempDir(), "bot.db"), newPhone(), &desk{}, func(b *bubble) {
		b.opens()
		b.restarts(func(c *bot.Config) { c.Telegram = refusing{c.Telegram, "непроходимое"} })
		b.desk.replies(100, "непроходимое")
		b.desk.replies(100, "следом")
		b.passes(10 * time.Minute)
		b.wantRead("следом")
		b.wantLogged("Telegram refused a request")
		b.phone.writes(0, "/status")
		b.passes(time.Minute)
		b.wantRead("Не доставлено в Telegram: 1 сообщение")
	})
}
