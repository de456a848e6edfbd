package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// A colleague's answer shows, silently and under his name, in the other chats
// bound to the ticket, and a reply to it goes to the ticket as well.
func TestColleaguesAnswerShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{config: colleagues})
	id, receipt := w.opened("Тема", "Текст")
	w.boris.Send(fmt.Sprintf("/follow %d", id))
	card := w.reads(w.boris, "News of this ticket will come here")
	m := w.boris.Reply(card.ID, "an answer by Boris")
	w.reacts(w.boris, m.ID, "👌")
	shown := w.reads(w.anna, fmt.Sprintf("№%d · Тема", id), "👤 Boris, ", "an answer by Boris")
	if !shown.Silent {
		t.Error("a colleague's answer made a sound")
	}
	if shown.ReplyTo != receipt.ID {
		t.Errorf("it replies to %d, want the ticket's last message %d", shown.ReplyTo, receipt.ID)
	}
	answer := w.anna.Reply(shown.ID, "ответ Анны")
	w.reacts(w.anna, answer.ID, "👌")
	hers := w.reads(w.boris, "👤 Анна, ", "ответ Анны")
	if !hers.Silent {
		t.Error("a colleague's answer made a sound")
	}
	// Nobody is shown his own answer.
	for c, own := range map[*telegramtest.Chat]string{w.anna: "ответ Анны", w.boris: "an answer by Boris"} {
		for _, m := range c.FromBot() {
			if strings.Contains(m.Text, own) {
				t.Errorf("the author is shown his own %q", m.Text)
			}
		}
	}
	if n := posts(w.plusofon.Tickets()); n != 3 {
		t.Errorf("%d posts, want 3", n)
	}
}

// The customer's own post in the cabinet is shown silently; the staff's makes a
// sound. News of one ticket come in order and chained.
func TestPostsFromTheCabinet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	w.plusofon.CustomerReply(id, "дописано в кабинете", plusofontest.Attachment{Name: "снимок.png", Content: []byte("x")})
	own := w.reads(w.anna, "👤 ", "дописано в кабинете")
	if !own.Silent {
		t.Error("the customer's own post made a sound")
	}
	w.plusofon.Reply(id, "Оператор", "раз")
	w.plusofon.Reply(id, "Оператор", "два")
	w.plusofon.Reply(id, "Старший оператор", "три")
	last := w.reads(w.anna, "💬 Старший оператор", "три")
	var news []string
	previous := own.ID
	for _, m := range w.anna.FromBot() {
		if !strings.Contains(m.Text, "💬") {
			continue
		}
		if m.Silent {
			t.Errorf("%q came without sound", m.Text)
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
}

// SIGN_POSTS says when the author's name stands under what goes to Plusofon.
func TestSigning(t *testing.T) {
	const anna, boris = "\n\n— Анна", "\n\n— Boris"
	for signing, want := range map[chat.Signing][3]string{
		chat.SignAuto:   {"", boris, anna}, // once more than one person has sent something
		chat.SignAlways: {anna, boris, anna},
		chat.SignNever:  {"", "", ""},
	} {
		t.Run(string(signing), func(t *testing.T) {
			w := newWorld(t, options{config: func(c *bot.Config) {
				colleagues(c)
				c.Conversation.Signing = signing
			}})
			first := w.anna.Send("/new Тема\nТекст")
			w.reacts(w.anna, first.ID, "👌")
			receipt := w.reads(w.anna, "создано")
			second := w.boris.Send("/new Subject\nText")
			w.reacts(w.boris, second.ID, "👌")
			third := w.anna.Reply(receipt.ID, "ответ")
			w.reacts(w.anna, third.ID, "👌")
			tickets := w.plusofon.Tickets()
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
	}
}

// The language is Telegram's, and the configuration's for people whose Telegram
// does not tell or tells another one.
func TestLanguage(t *testing.T) {
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
			w := newWorld(t, options{config: func(cfg *bot.Config) {
				cfg.Conversation.Language = c.configured
				cfg.Owners = append(cfg.Owners, 300)
			}})
			chat := w.telegram.AddUser(telegramtest.User{ID: 300, FirstName: "Лея", Language: c.telegram}).Private()
			chat.Start("")
			w.reads(chat, c.says)
		})
	}
}

// Two people's news of one ticket are each in their own language.
func TestNewsInTheReadersLanguage(t *testing.T) {
	w := newWorld(t, options{config: colleagues})
	id, _ := w.opened("Тема", "Текст")
	w.boris.Send(fmt.Sprintf("/follow %d", id))
	w.reads(w.boris, "News of this ticket will come here")
	w.plusofon.CloseTicket(id)
	if m := w.reads(w.boris, "The ticket is closed. If the question remains, reply to this message."); buttons(m) != "Answer History Mute" {
		t.Errorf("buttons: %s", buttons(m))
	}
	if m := w.reads(w.anna, "Обращение закрыто. Если вопрос остался, ответьте на это сообщение."); buttons(m) != "Ответить История Без звука" {
		t.Errorf("buttons: %s", buttons(m))
	}
}

// A file that still waits when somebody stops following is not sent.
func TestFilesEndWithTheBinding(t *testing.T) {
	w := newWorld(t, options{})
	id, _ := w.opened("Тема", "Текст")
	hold := make(chan struct{})
	w.plusofon.AddFault(plusofontest.Fault{Op: "download", OnRead: func() { <-hold }, Status: 502})
	w.plusofon.Reply(id, "Оператор", "Файл", plusofontest.Attachment{Name: "a.txt", Content: []byte("x")})
	w.reads(w.anna, "📎 a.txt")
	w.anna.Send(fmt.Sprintf("/unfollow %d", id))
	w.reads(w.anna, "больше не приходят")
	close(hold)
	w.logged("the chat does not follow the ticket any more")
	for _, m := range w.anna.FromBot() {
		if m.File != nil {
			t.Errorf("the file came: %+v", m.File)
		}
	}
}
