package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// A colleague's answer shows, silently and under their name, in the other chats bound to the
// ticket, and a reply to it goes to the ticket as well.
func TestColleaguesAnswerShows(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Boris.Send(fmt.Sprintf("/follow %d", id))
		card := w.Reads(w.Boris, "Updates on this ticket will arrive here")
		m := w.Boris.Reply(card.ID, "an answer by Boris")
		w.Reacts(w.Boris, m.ID, "👌")
		shown := w.Reads(w.Anna, fmt.Sprintf("👤 Boris · №%d Тема\n", id), "an answer by Boris")
		if !shown.Silent {
			t.Error("a colleague's answer made a sound")
		}
		if shown.ReplyTo != receipt.ID {
			t.Errorf("it replies to %d, want the ticket's last message %d", shown.ReplyTo, receipt.ID)
		}
		answer := w.Anna.Reply(shown.ID, "ответ Анны")
		w.Reacts(w.Anna, answer.ID, "👌")
		hers := w.Reads(w.Boris, "👤 Анна · №", "ответ Анны")
		if !hers.Silent {
			t.Error("a colleague's answer made a sound")
		}
		// No one is shown their own answer.
		w.Passes(time.Minute)
		for c, own := range map[*telegramtest.Chat]string{w.Anna: "ответ Анны", w.Boris: "an answer by Boris"} {
			for _, m := range c.FromBot() {
				if strings.Contains(m.Text, own) {
					t.Errorf("the author is shown his own %q", m.Text)
				}
			}
		}
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != 3 {
			t.Errorf("%d posts, want 3", n)
		}
	})
}

// The customer's own post in the cabinet is shown silently; the staff's makes a sound, of
// several at once only the last. News of one ticket comes in order, as a chain of replies.
func TestPostsFromTheCabinet(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.CustomerReply(id, "дописано в кабинете", plusofontest.Attachment{Name: "снимок.png", Content: []byte("x")})
		own := w.Reads(w.Anna, "👤 ", "дописано в кабинете")
		if !own.Silent {
			t.Error("the customer's own post made a sound")
		}
		w.Plusofon.Reply(id, "Оператор", "раз")
		w.Plusofon.Reply(id, "Оператор", "два")
		w.Plusofon.Reply(id, "Старший оператор", "три")
		last := w.Reads(w.Anna, "💬 Старший оператор", "три")
		var news []string
		previous := own.ID
		w.Passes(time.Minute)
		for _, m := range w.Anna.FromBot() {
			if !strings.Contains(m.Text, "💬") {
				continue
			}
			if sounds := !m.Silent; sounds != (m.ID == last.ID) {
				t.Errorf("%q came with a sound: %v", m.Text, sounds)
			}
			if m.ReplyTo != previous {
				t.Errorf("%q replies to %d, want %d", m.Text, m.ReplyTo, previous)
			}
			previous = m.ID
			lines := strings.Split(m.Text, "\n")
			news = append(news, lines[len(lines)-1])
		}
		if got := strings.Join(news, " "); got != "раз два три" || previous != last.ID {
			t.Errorf("news: %s", got)
		}
	})
}

// SIGN_POSTS decides when the author's name is added to what goes to Plusofon.
func TestSigning(t *testing.T) {
	t.Parallel()
	const anna, boris = "\n\n— Анна", "\n\n— Boris"
	for signing, want := range map[string][3]string{
		"auto":   {"", boris, anna}, // once more than one person has sent something
		"always": {anna, boris, anna},
		"never":  {"", "", ""},
	} {
		t.Run(signing, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}, Signing: signing}, func(t *testing.T, w *bottest.World) {
				first := w.Anna.Send("/new Тема\nТекст")
				w.Reacts(w.Anna, first.ID, "👌")
				receipt := w.Reads(w.Anna, "создано")
				second := w.Boris.Send("/new Subject\nText")
				w.Reacts(w.Boris, second.ID, "👌")
				third := w.Anna.Reply(receipt.ID, "ответ")
				w.Reacts(w.Anna, third.ID, "👌")
				tickets := w.Plusofon.Tickets()
				got := [3]string{tickets[0].Posts[0].Text, tickets[1].Posts[0].Text, tickets[0].Posts[1].Text}
				for i, text := range []string{"Текст", "Text", "ответ"} {
					if got[i] != text+want[i] {
						t.Errorf("post %d is %q, want %q", i+1, got[i], text+want[i])
					}
				}
				if tickets[0].Subject != "Тема" {
					t.Errorf("the subject is %q", tickets[0].Subject)
				}
			})
		})
	}
}

// The language is Telegram's, and the configuration's for people whose Telegram sends none
// or another one.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ telegram, configured, says string }{
		{"ru", "en", "Здравствуйте, Лея."},
		{"ru-RU", "en", "Здравствуйте, Лея."},
		{"en", "ru", "Hello, Лея."},
		{"en-GB", "ru", "Hello, Лея."},
		{"", "ru", "Здравствуйте, Лея."},
		{"", "en", "Hello, Лея."},
		{"de", "ru", "Здравствуйте, Лея."},
		{"uk", "en", "Hello, Лея."},
	} {
		t.Run(fmt.Sprintf("%q where %s is configured", c.telegram, c.configured), func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Owners: []int64{300}, Configured: c.configured}, func(t *testing.T, w *bottest.World) {
				chat := w.Telegram.AddUser(telegramtest.User{ID: 300, FirstName: "Лея", Language: c.telegram}).Private()
				chat.Start("")
				w.Reads(chat, c.says)
			})
		})
	}
}

// Two people's news of one ticket are each in their own language.
func TestNewsInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Owners: []int64{bottest.BorisID}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Boris.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Boris, "Updates on this ticket will arrive here")
		w.Plusofon.CloseTicket(id)
		if m := w.Reads(w.Boris, "The ticket is closed. If something is still unsolved, press the button below."); bottest.Buttons(m) != "Still unsolved History" {
			t.Errorf("buttons: %s", bottest.Buttons(m))
		}
		if m := w.Reads(w.Anna, "Обращение закрыто. Если вопрос остался, нажмите кнопку ниже."); bottest.Buttons(m) != "Вопрос остался История" {
			t.Errorf("buttons: %s", bottest.Buttons(m))
		}
	})
}

// A file that is still queued when a person stops following is not sent.
func TestFilesEndWithTheBinding(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		downloads := w.Hangs()
		w.Plusofon.AddFault(plusofontest.Fault{Op: "download", OnRead: downloads.OnRead, Status: 502})
		w.Plusofon.Reply(id, "Оператор", "Файл", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
		w.Reads(w.Anna, "📎 a.txt")
		w.Anna.Send(fmt.Sprintf("/unfollow %d", id))
		w.Reads(w.Anna, "больше не приходят")
		downloads.End()
		w.Logged("the chat no longer gets the file")
		w.Passes(time.Minute)
		for _, m := range w.Anna.FromBot() {
			if m.File != nil {
				t.Errorf("the file came: %+v", m.File)
			}
		}
	})
}
