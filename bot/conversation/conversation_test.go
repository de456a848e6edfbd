package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// The main job: a ticket is opened, the staff answers, the person replies.
func TestConversation(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		m := w.Anna.Send("/new Нет входящих\nС утра не проходят звонки.\nНомер 74951234567")
		receipt := w.Reads(w.Anna, "Обращение №", "создано", "Нет входящих", "ответьте на это сообщение")
		w.Reacts(w.Anna, m.ID, "👌")
		if receipt.ReplyTo != m.ID {
			t.Errorf("the receipt replies to %d, want the person's message %d", receipt.ReplyTo, m.ID)
		}
		ticket := w.Plusofon.Tickets()[0]
		if ticket.Subject != "Нет входящих" || ticket.Posts[0].Text != "С утра не проходят звонки.\nНомер 74951234567" {
			t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
		}

		w.Plusofon.Reply(ticket.ID, "Оператор Ольга", "Проверьте <b>переадресацию</b>.")
		news := w.Reads(w.Anna, fmt.Sprintf("💬 Оператор Ольга · №%d Нет входящих", ticket.ID), "Проверьте переадресацию.")
		if news.Silent {
			t.Error("the staff's answer came without sound")
		}
		if news.ReplyTo != receipt.ID {
			t.Errorf("the news reply to %d, want the ticket's last message %d", news.ReplyTo, receipt.ID)
		}
		for _, button := range []string{"Ответить", "История", "Без звука"} {
			if _, ok := news.Button(button); !ok {
				t.Errorf("the news has no button %q", button)
			}
		}

		answer := w.Anna.Reply(news.ID, "Проверила, всё равно не работает")
		w.Reacts(w.Anna, answer.ID, "👌")
		ticket = w.Plusofon.Tickets()[0]
		if n := len(ticket.Posts); n != 3 || ticket.Posts[2].Text != "Проверила, всё равно не работает" {
			t.Errorf("posts: %+v", ticket.Posts)
		}

		w.Plusofon.CloseTicket(ticket.ID)
		closed := w.Reads(w.Anna, "Обращение закрыто", "нажмите кнопку ниже")
		if !closed.Silent {
			t.Error("closing made a sound")
		}
		w.Plusofon.ReopenTicket(ticket.ID)
		if again := w.Reads(w.Anna, "снова открыто"); !again.Silent {
			t.Error("opening again made a sound")
		}
		w.Passes(time.Minute)
		if n := len(w.Plusofon.Tickets()); n != 1 {
			t.Errorf("%d tickets, want 1", n)
		}
	})
}

// A reply to any message of the ticket goes to the ticket: to the receipt, to news, to the
// person's own message, to a history, to the prompt.
func TestReplyToAnyMessageOfTheTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		targets := []int{receipt.ID, receipt.ReplyTo}
		w.Plusofon.Reply(id, "Оператор", "Ответ")
		targets = append(targets, w.Reads(w.Anna, "💬 Оператор").ID)
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		targets = append(targets, w.Reads(w.Anna, "Открыто", "Ответ").ID)
		for i, target := range targets {
			m := w.Anna.Reply(target, fmt.Sprintf("дополнение %d", i))
			w.Reacts(w.Anna, m.ID, "👌")
			targets = append(targets[:i+1:i+1], targets[i+1:]...)
		}
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if n := len(ticket.Posts); n != 2+len(targets) {
			t.Errorf("%d posts, want %d", n, 2+len(targets))
		}
	})
}

func TestAnswerButtonAsksAndTakesTheNextMessage(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.Reply(id, "Оператор", "Уточните номер")
		news := w.Reads(w.Anna, "Уточните номер")
		w.Pressed(w.Anna.Press(news.ID, "Ответить"))
		if prompt := w.Reads(w.Anna, "Напишите ответ в обращение"); !prompt.ForceReply {
			t.Error("the prompt does not force a reply")
		}
		m := w.Anna.Send("74951234567")
		w.Reacts(w.Anna, m.ID, "👌")
		ticket, _ := w.Plusofon.Ticket(id)
		if last := ticket.Posts[len(ticket.Posts)-1]; last.Text != "74951234567" {
			t.Errorf("the last post is %q", last.Text)
		}
	})
}

// Each kind of file is sent with its text, or with a line that names it.
func TestFilesGoUp(t *testing.T) {
	t.Parallel()
	content := []byte("содержимое")
	for _, c := range []struct {
		name     string
		send     func(*telegramtest.Chat, int) telegramtest.Message
		text     string
		attached string
	}{
		{"document with words", func(c *telegramtest.Chat, to int) telegramtest.Message {
			return c.SendDocument(telegramtest.File{Name: "журнал.txt", Content: content}, "вот журнал", to)
		}, "вот журнал", "журнал.txt"},
		{"document without words", func(c *telegramtest.Chat, to int) telegramtest.Message {
			return c.SendDocument(telegramtest.File{Name: "журнал.txt", Content: content}, "", to)
		}, "Файл: журнал.txt", "журнал.txt"},
		{"photo", func(c *telegramtest.Chat, to int) telegramtest.Message {
			return c.SendPhoto(telegramtest.File{Content: content}, "снимок", to)
		}, "снимок", ".jpg"},
		{"voice", func(c *telegramtest.Chat, to int) telegramtest.Message {
			return c.SendVoice(telegramtest.File{Content: content, MIME: "audio/ogg"}, "", to)
		}, "Файл: voice", ".og"},
		{"video", func(c *telegramtest.Chat, to int) telegramtest.Message {
			return c.SendVideo(telegramtest.File{Name: "экран.mp4", Content: content, MIME: "video/mp4"}, "видно здесь", to)
		}, "видно здесь", "экран.mp4"},
		{"audio", func(c *telegramtest.Chat, to int) telegramtest.Message {
			return c.SendAudio(telegramtest.File{Name: "запись.mp3", Content: content, MIME: "audio/mpeg"}, "запись разговора", to)
		}, "запись разговора", "запись.mp3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
				id, receipt := w.Opened("Тема", "Текст")
				m := c.send(w.Anna, receipt.ID)
				w.Reacts(w.Anna, m.ID, "👌")
				ticket, _ := w.Plusofon.Ticket(id)
				post := ticket.Posts[1]
				if !strings.Contains(post.Text, c.text) {
					t.Errorf("the post is %q, want %q in it", post.Text, c.text)
				}
				if len(post.Attachments) != 1 || !strings.Contains(post.Attachments[0].Name, c.attached) || string(post.Attachments[0].Content) != string(content) {
					t.Errorf("attachments: %+v", post.Attachments)
				}
			})
		})
	}
}

func TestAlbumIsOnePost(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		var items []telegramtest.Item
		for i := range 4 {
			items = append(items, telegramtest.Item{Kind: "document", File: telegramtest.File{Name: fmt.Sprintf("%d.txt", i), Content: []byte{byte('a' + i)}}})
		}
		items[2].Caption = "четыре файла"
		album := w.Anna.SendAlbum(items, receipt.ID)
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 2 || ticket.Posts[1].Text != "четыре файла" {
			t.Fatalf("posts: %+v", ticket.Posts)
		}
		for i, a := range ticket.Posts[1].Attachments {
			if a.Name != fmt.Sprintf("%d.txt", i) {
				t.Errorf("attachment %d is %s", i, a.Name)
			}
		}
		if n := len(ticket.Posts[1].Attachments); n != 4 {
			t.Errorf("%d attachments, want 4", n)
		}
	})
}

func TestOpeningWithAFile(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		m := w.Anna.SendDocument(telegramtest.File{Name: "лог.txt", Content: []byte("x")}, "/new С файлом\nсм. лог", 0)
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "создано", "Файлы: 1 из 1")
		ticket := w.Plusofon.Tickets()[0]
		if ticket.Subject != "С файлом" || ticket.Posts[0].Text != "см. лог" || len(ticket.Posts[0].Attachments) != 1 {
			t.Errorf("at Plusofon: %+v", ticket)
		}
	})
}

func TestAttachmentsComeDown(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]plusofontest.Attachments{"by link": plusofontest.ByLink, "with their content": plusofontest.Inline} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: how}}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				w.Plusofon.Reply(id, "Оператор", "Инструкция", plusofontest.Attachment{Name: "инструкция.pdf", Content: []byte("%PDF")})
				w.Reads(w.Anna, "Инструкция", "📎 инструкция.pdf")
				doc := w.Sees(w.Anna, "the file", func(m telegramtest.Message) bool { return m.File != nil })
				if doc.File.Name != "инструкция.pdf" || doc.File.Size != 4 || !doc.Silent {
					t.Errorf("the file: %+v", doc.File)
				}
				m := w.Anna.Reply(doc.ID, "спасибо")
				w.Reacts(w.Anna, m.ID, "👌")
			})
		})
	}
	t.Run("by name only", func(t *testing.T) {
		t.Parallel()
		bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByName}}, func(t *testing.T, w *bottest.World) {
			id, _ := w.Opened("Тема", "Текст")
			w.Plusofon.Reply(id, "Оператор", "Инструкция", plusofontest.Attachment{Name: "инструкция.pdf", Content: []byte("%PDF")})
			w.Reads(w.Anna, "Инструкция", "📎 инструкция.pdf")
		})
	})
}

// A person whose Telegram is in English is answered in English.
func TestEnglish(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		w.Anna.Send("/invite")
		link := w.Reads(w.Anna, "?start=").Text
		_, token, _ := strings.Cut(link, "?start=")
		w.Boris.Start(token)
		w.Reads(w.Boris, "You now have access")
		m := w.Boris.Send("/new No incoming calls\nsince the morning")
		w.Reacts(w.Boris, m.ID, "👌")
		receipt := w.Reads(w.Boris, "Ticket №", "opened")
		w.Plusofon.Reply(w.Plusofon.Tickets()[0].ID, "Оператор", "Ответ")
		news := w.Reads(w.Boris, "💬 Оператор")
		if _, ok := news.Button("Reply"); !ok {
			t.Error("the news has no button in English")
		}
		_ = receipt
	})
}
