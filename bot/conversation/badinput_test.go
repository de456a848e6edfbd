package conversation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// crowd makes a world of many owners, each with a separate chat, so that cases that share
// the world don't wait for each other's limits. Nothing is signed.
func crowd(t *testing.T, n int, f func(t *testing.T, w *bottest.World, person func(lang string) *telegramtest.Chat)) {
	t.Helper()
	o := bottest.Options{Signing: "never"}
	for i := range int64(n) {
		o.Owners = append(o.Owners, 5000+i)
	}
	bottest.Run(t, o, func(t *testing.T, w *bottest.World) {
		next := 0
		f(t, w, func(lang string) *telegramtest.Chat {
			next++
			return w.Telegram.AddUser(telegramtest.User{ID: o.Owners[next-1], FirstName: "Коллега", Language: lang}).Private()
		})
	})
}

// Each bad input gets a clear answer in the person's language, and nothing of it is sent to
// Plusofon.
func TestBadInputIsAnswered(t *testing.T) {
	t.Parallel()
	send := func(text string) func(*telegramtest.Chat) telegramtest.Message {
		return func(c *telegramtest.Chat) telegramtest.Message { return c.Send(text) }
	}
	tooBig := telegramtest.File{Name: "видео.bin", Size: 21 << 20}
	cases := []struct {
		name   string
		send   func(*telegramtest.Chat) telegramtest.Message
		ru, en string
	}{
		{"unknown command", send("/prices"), "Команды /prices нет, ничего не отправлено. Все команды: /help", "There is no command /prices; nothing was sent. All commands: /help"},
		{"unknown command with words", send("/New1 не работает"), "Команды /new1 нет", "There is no command /new1"},
		{"a number in words", send("/ticket пять"), "«пять» не похоже на номер обращения", "“пять” does not look like a ticket number"},
		{"a number with more", send("/ticket 12 и 13"), "«12 и 13» не похоже", "“12 и 13” does not look"},
		{"zero", send("/follow 0"), "«0» не похоже", "“0” does not look"},
		{"a negative number", send("/ticket -5"), "«-5» не похоже", "“-5” does not look"},
		{"a fraction", send("/ticket 1.5"), "«1.5» не похоже", "“1.5” does not look"},
		{"a number without end", send("/ticket " + strings.Repeat("9", 30)), "не похоже на номер", "does not look like"},
		{"an essay for a number", send("/ticket " + strings.Repeat("много ", 100)), "…» не похоже", "…” does not look"},
		{"a ticket that does not exist", send("/ticket 404"), "Обращения №404 нет. Номера ваших обращений: /tickets", "There is no ticket №404. Your tickets and their numbers: /tickets"},
		{"following one that does not exist", send("/follow 404"), "Обращения №404 нет", "There is no ticket №404"},
		{"unfollowing one that does not exist", send("/unfollow 404"), "Новости обращения №404 и так не приходят", "Updates on ticket №404 were not arriving here anyway"},
		{"a link to one that does not exist", send("/start t_404"), "Обращения №404 нет", "There is no ticket №404"},
		{"cancelling nothing", send("/cancel"), "Отменять нечего", "There is nothing to cancel"},
		{"a subject that shows nothing", send("/new \u200f\u202e\n\u200b"), "нет ни текста, ни файла", "has neither text nor a file"},
		{"a file over the limit", func(c *telegramtest.Chat) telegramtest.Message {
			return c.SendDocument(tooBig, "/new", 0)
		}, "Файл «видео.bin» (21 МБ) не отправлен: он больше 20 МБ", "The file “видео.bin” (21 MB) was not sent: it is larger than 20 MB"},
		{"a poll", func(c *telegramtest.Chat) telegramtest.Message {
			return c.SendPoll("Как вам?", "хорошо", "плохо")
		}, "отправить нельзя", "can't be sent"},
	}
	crowd(t, 2*len(cases), func(t *testing.T, w *bottest.World, person func(lang string) *telegramtest.Chat) {
		for _, c := range cases {
			for lang, want := range map[string]string{"ru": c.ru, "en": c.en} {
				w.Part(c.name+" in "+lang, func() {
					chat := person(lang)
					m := c.send(chat)
					w.Sees(chat, want, func(x telegramtest.Message) bool {
						return x.FromBot && x.ReplyTo == m.ID && strings.Contains(x.Text, want)
					})
					w.Passes(time.Minute)
					if n := len(chat.FromBot()); n != 1 {
						t.Errorf("%d answers, want one: %+v", n, chat.FromBot())
					}
				})
			}
		}
		w.Passes(time.Minute)
		if tickets := w.Plusofon.Tickets(); len(tickets) != 0 {
			t.Errorf("bad input reached Plusofon: %+v", tickets)
		}
	})
}

// What can't be sent is refused with an explanation where it would have gone to a ticket;
// what can be described goes as a text.
func TestKindsOfMessages(t *testing.T) {
	t.Parallel()
	x := telegramtest.File{Content: []byte("x")}
	cases := []struct {
		name string
		send func(*telegramtest.Chat) telegramtest.Message
		text string // at Plusofon; "" if refused
	}{
		{"poll", func(c *telegramtest.Chat) telegramtest.Message {
			return c.SendPoll("Как вам?", "хорошо", "плохо")
		}, ""},
		{"game", func(c *telegramtest.Chat) telegramtest.Message { return c.SendGame("Змейка") }, ""},
		{"die", func(c *telegramtest.Chat) telegramtest.Message { return c.SendDice("🎲", 6) }, ""},
		{"contact", func(c *telegramtest.Chat) telegramtest.Message { return c.SendContact("+79991234567", "Пётр") }, "Контакт: Пётр, +79991234567"},
		{"place", func(c *telegramtest.Chat) telegramtest.Message { return c.SendLocation(55.75, 37.61) }, "Место на карте: 55.75"},
		{"venue", func(c *telegramtest.Chat) telegramtest.Message {
			return c.SendVenue("Офис", "Тверская, 1", 55.75, 37.61)
		}, "Место: Офис, Тверская, 1 (55.75"},
		{"sticker", func(c *telegramtest.Chat) telegramtest.Message { return c.SendSticker("🐱") }, "Стикер 🐱"},
		{"animation", func(c *telegramtest.Chat) telegramtest.Message { return c.SendAnimation(x, "смотрите", 0) }, "смотрите"},
		{"round video", func(c *telegramtest.Chat) telegramtest.Message { return c.SendVideoNote(x, 0) }, "Файл: "},
	}
	crowd(t, len(cases)+1, func(t *testing.T, w *bottest.World, person func(lang string) *telegramtest.Chat) {
		opener := person("ru")
		receipt := opener.Send("/new Тема\nТекст")
		w.Reacts(opener, receipt.ID, "👌")
		id := w.Plusofon.Tickets()[0].ID
		for _, c := range cases {
			w.Part(c.name, func() {
				chat := person("ru")
				chat.Send(fmt.Sprintf("/follow %d", id))
				card := w.Reads(chat, "Новости этого обращения")
				w.Pressed(chat.PressForged(card.ID, fmt.Sprintf("answer:%d", id)))
				w.Reads(chat, "Напишите ответ")
				before, _ := w.Plusofon.Ticket(id)
				m := c.send(chat)
				if c.text == "" {
					w.Reacts(chat, m.ID, "💔")
					w.Reads(chat, "Такое сообщение отправить нельзя")
				} else {
					w.Reacts(chat, m.ID, "👌")
				}
				after, _ := w.Plusofon.Ticket(id)
				added := after.Posts[len(before.Posts):]
				switch {
				case c.text == "" && len(added) != 0:
					t.Errorf("it went to Plusofon: %+v", added)
				case c.text != "" && (len(added) != 1 || !strings.HasPrefix(added[0].Text, c.text)):
					t.Errorf("posts: %+v, want one that begins with %q", added, c.text)
				}
			})
		}
	})
}

// A long subject is cut at 255 characters; the text then contains all of it.
func TestLongSubject(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		subject := strings.Repeat("очень длинная тема 😀 ", 180)
		m := w.Anna.Send("/new " + strings.TrimSpace(subject) + "\nи текст")
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "создано", "очень длинная тема")
		ticket := w.Plusofon.Tickets()[0]
		if n := len([]rune(ticket.Subject)); n != 255 || !strings.HasPrefix(subject, ticket.Subject) {
			t.Errorf("the subject has %d characters: %q", n, ticket.Subject)
		}
		if want := strings.TrimSpace(subject) + "\nи текст"; ticket.Posts[0].Text != want {
			t.Errorf("the text is not whole: %d of %d bytes", len(ticket.Posts[0].Text), len(want))
		}
	})
}

// nasty are texts that break careless code.
var nasty = map[string]string{
	"an open tag":          "если a <b то & что",
	"tags and entities":    `<b>не жирный</b> &lt;и не тег&gt; &amp; "кавычки" 'и' <script>alert(1)</script>`,
	"surrogate pairs":      "👩‍👩‍👧‍👦 семья 🇷🇺 флаг 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👍🏽",
	"right-to-left marks":  "\u202eтекст наоборот\u202c и \u200fشكرا\u200e",
	"markup of other kind": "*не* _курсив_ `код` [b]bb[/b] {{.Name}} %s %d \\n $1",
	"zeros and controls":   "до\tпосле\u0085конец",
}

// What a person writes arrives character by character, except for braces that the help desk
// would substitute, as an opening and as an answer, however the server returns it.
func TestNastyTextsFromAPerson(t *testing.T) {
	t.Parallel()
	for server, cfg := range map[string]plusofontest.Config{"as sent": {}, "mangled": {NL2BR: true, Escape: true, Trim: true}} {
		for name, text := range nasty {
			t.Run(name+", "+server, func(t *testing.T) {
				t.Parallel()
				bottest.Run(t, bottest.Options{Plusofon: cfg}, func(t *testing.T, w *bottest.World) {
					want := strings.ReplaceAll(text, "{{", "{ {") // a name in double braces would be substituted
					m := w.Anna.Send("/new Тема\n" + text)
					w.Reacts(w.Anna, m.ID, "👌")
					receipt := w.Reads(w.Anna, "создано")
					answer := w.Anna.Reply(receipt.ID, text)
					w.Reacts(w.Anna, answer.ID, "👌")
					w.Passes(time.Minute)
					tickets := w.Plusofon.Tickets()
					if len(tickets) != 1 || len(tickets[0].Posts) != 2 {
						t.Fatalf("at Plusofon: %+v", tickets)
					}
					for _, p := range tickets[0].Posts {
						if p.Text != want {
							t.Errorf("the post is %q, want %q", p.Text, want)
						}
					}
					// Such a subject is shown to everyone as one clean line.
					m = w.Anna.Send("/new " + text)
					w.Reacts(w.Anna, m.ID, "👌")
					if ticket := w.Plusofon.Tickets()[1]; ticket.Posts[0].Text != want || strings.ContainsAny(ticket.Subject, "\u202e\u200f\t\n") {
						t.Errorf("at Plusofon: %q, %q", ticket.Subject, ticket.Posts[0].Text)
					}
				})
			})
		}
	}
}

// What the staff writes is shown: unchanged if it is plain, with the formatting that
// Telegram supports if it is HTML, and never with more.
func TestNastyTextsFromTheStaff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, shown string }{
		"an open tag":         {"если a <b то & что", "если a <b то & что"},
		"an address":          {"пишите <help@example.com>, 5 < 6 & 7 > 6", "пишите <help@example.com>, 5 < 6 & 7 > 6"},
		"scripts":             {"<p>до</p><script>alert('x')</script><style>p{}</style><p onclick=evil()>после</p>", "до\n\nпосле"},
		"unbalanced tags":     {"<b>жирно <i>и косо</b> дальше</i></div></p><u>конец", "жирно и косо дальше\n\nконец"},
		"entities":            {"<p>AT&amp;T &lt;b&gt; &quot;x&quot; &nbsp;y</p>", "AT&T <b> \"x\""},
		"a link that lies":    {`<a href="javascript:alert(1)">жмите</a> <a href="https://example.com/a">сюда</a>`, "жмите сюда"},
		"surrogate pairs":     {"<b>👩‍👩‍👧‍👦</b> и <i>🇷🇺</i> 𝔘", "👩‍👩‍👧‍👦 и 🇷🇺 𝔘"},
		"right-to-left marks": {"\u202eтекст наоборот\u202c", "текст наоборот"},
		"nothing":             {"", "💬 Оператор"},
		"a lone tag":          {"<br>", "💬 Оператор"},
		"markdown":            {"*не* _курсив_ [b]bb[/b] {{.Name}}", "*не* _курсив_"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{}.Friendly()}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				w.Plusofon.Reply(id, "Оператор", c.text)
				news := w.Reads(w.Anna, "💬 Оператор", c.shown)
				for _, bad := range []string{"alert", "onclick", "p{}", "\u202e"} {
					if strings.Contains(news.Text, bad) {
						t.Errorf("the news shows %q: %q", bad, news.Text)
					}
				}
				for _, e := range news.Entities {
					if strings.HasPrefix(e.URL, "javascript") {
						t.Errorf("a link leads to %s", e.URL)
					}
				}
				w.Anna.Send(fmt.Sprintf("/ticket %d", id))
				w.Reads(w.Anna, "Открыто", c.shown)
			})
		})
	}
}

// A subject and an author from the personal account are foreign texts too.
func TestNastySubjectAndAuthor(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id := w.Plusofon.OpenInCabinet("<b>Тема</b>\u202e & \n"+strings.Repeat("длинная ", 30), "Текст")
		w.Polled()
		w.Anna.Send(fmt.Sprintf("/follow %d", id))
		w.Reads(w.Anna, "<b>Тема</b> & длинная")
		w.Plusofon.Reply(id, "<i>Опе\u202eратор</i>\nвторой "+strings.Repeat("очень ", 50), "Ответ")
		news := w.Reads(w.Anna, fmt.Sprintf("💬 <i>Оператор</i>… · №%d <b>Тема</b> & длинн…\nОтвет", id))
		if strings.ContainsRune(news.Text, '\u202e') {
			t.Error("the direction is overridden")
		}
	})
}

// A long text by the staff arrives whole, in order and in parts that Telegram accepts, with
// the buttons on the last one. The history has all of it as well.
func TestLongTextFromTheStaff(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		var b strings.Builder
		for i := 0; b.Len() < 15_000; i++ {
			fmt.Fprintf(&b, "слово%d 😀 & <b ", i)
		}
		text := strings.TrimSpace(b.String())
		w.Plusofon.Reply(id, "Оператор", text)
		last := w.Reads(w.Anna, text[len(text)-40:])
		if got := bottest.Buttons(last); got != "Ответить История Без звука" {
			t.Errorf("the last part's buttons: %s", got)
		}
		w.Passes(time.Minute)
		var shown []string
		for _, m := range w.Anna.FromBot() {
			if n := len(utf16.Encode([]rune(m.Text))); n > 4096 {
				t.Errorf("a part of %d units", n)
			}
			_, body, isFirst := strings.Cut(m.Text, "\n")
			switch {
			case strings.Contains(m.Text, "создано"):
			case strings.Contains(m.Text, "💬 Оператор") && isFirst:
				shown = append(shown, body)
			default:
				shown = append(shown, m.Text)
				if m.ID != last.ID && len(m.Buttons) > 0 {
					t.Error("a part before the last has buttons")
				}
			}
		}
		if strings.Join(strings.Fields(strings.Join(shown, " ")), " ") != text {
			t.Errorf("the parts are not the text: %d of %d bytes", len(strings.Join(shown, " ")), len(text))
		}
		w.Pressed(w.Anna.Press(last.ID, "История"))
		history := w.Reads(w.Anna, "Открыто", text[len(text)-40:])
		for page := 0; page < 12; page++ {
			data := fmt.Sprintf("page:%d:%d", id, page)
			w.Pressed(w.Anna.PressForged(history.ID, data))
		}
	})
}

// A file over the limit does not affect its text, or the other files.
func TestFileOverTheLimit(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		big := telegramtest.File{Name: "большой.bin", Size: 21 << 20}
		m := w.Anna.SendDocument(big, "вот файл", receipt.ID)
		w.Reacts(w.Anna, m.ID, "👌")
		w.Reads(w.Anna, "Отправлено в", "Файлы: 0 из 1", "Не отправлен большой.bin: он больше 20 МБ")
		m = w.Anna.SendDocument(big, "", receipt.ID)
		w.Reacts(w.Anna, m.ID, "💔")
		w.Reads(w.Anna, "Файл «большой.bin» (21 МБ) не отправлен")
		album := w.Anna.SendAlbum([]telegramtest.Item{
			{Kind: "document", File: telegramtest.File{Name: "малый.txt", Content: []byte("x")}},
			{Kind: "document", File: big},
		}, receipt.ID)
		w.Reacts(w.Anna, album[0].ID, "👌")
		w.Reads(w.Anna, "Файлы: 1 из 2", "Не отправлен большой.bin")
		w.Passes(time.Minute)
		ticket, _ := w.Plusofon.Ticket(id)
		if len(ticket.Posts) != 3 || ticket.Posts[1].Text != "вот файл" || len(ticket.Posts[1].Attachments) != 0 {
			t.Errorf("posts: %+v", ticket.Posts)
		}
		if p := ticket.Posts[2]; p.Text != "Файл: малый.txt" || len(p.Attachments) != 1 {
			t.Errorf("the album's post: %+v", p)
		}
	})
}

// An answer to a ticket that Plusofon does not have (any more) is refused with an explanation.
func TestAnswerToATicketThatIsGone(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		w.Pressed(w.Anna.PressForged(receipt.ID, "answer:404"))
		w.Reads(w.Anna, "Напишите ответ в обращение №404")
		m := w.Anna.Send("ответ в никуда")
		w.Reacts(w.Anna, m.ID, "💔")
		w.Reads(w.Anna, "Ответ в №404 не отправлен", "Обращения №404 в Плюсофоне нет. Это можно отправить новым обращением.")
	})
}

// The help desk may refuse answers to closed tickets: its message is shown.
func TestAnswerToAClosedTicket(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{RefuseClosed: true}}, func(t *testing.T, w *bottest.World) {
		id, receipt := w.Opened("Тема", "Текст")
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		m := w.Anna.Reply(receipt.ID, "ещё вопрос")
		w.Pressed(w.Anna.Press(w.Reads(w.Anna, "ответ может открыть его снова").ID, "Отправить"))
		w.Reacts(w.Anna, m.ID, "💔")
		failed := w.Reads(w.Anna, "не отправлен", "Плюсофон отказал")
		if got := bottest.Buttons(failed); got != "Повторить Отменить" {
			t.Errorf("buttons: %s", got)
		}
		w.Plusofon.ReopenTicket(id)
		w.Pressed(w.Anna.Press(failed.ID, "Повторить"))
		w.Reacts(w.Anna, m.ID, "👌")
	})
}
