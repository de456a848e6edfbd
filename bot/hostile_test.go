package bot_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// harmless is a text that can't be mistaken for anything else.
const harmless = "обычные слова"

// hostile are texts that pretend to be more: markup, buttons, mentions, the bot's own lines, a log
// record, a path.
var hostile = map[string]string{
	"HTML": `<b>жирно</b> <a href="tg://user?id=100">Анна</a> <a href="TG://resolve?domain=x">x</a> <a href="javascript:alert(1)">y</a>` +
		` <tg-spoiler>нет</tg-spoiler> <tg-emoji emoji-id="5">👍</tg-emoji> <button data="answer:1">Ответить</button> <a href="https://example.com/">здесь</a>`,
	"Markdown": "[Анна](tg://user?id=100) ![👍](tg://emoji?id=5) *жирно* __черта__ ||нет|| [Ответить](buttonurl://example.com) `код` ```\nблок```",
	"BBCode":   "[url=tg://user?id=100]Анна[/url] [url=javascript:alert(1)]x[/url] [url]tg://user?id=100[/url] [b]жирно[/b]",
	"commands": "@anna @plusofon_test_bot /start /new@plusofon_test_bot /cancel #тег tg://user?id=100",
	"nothing to see": "\u202eоборот\u202c \u2066изолят\u2069 не\u200bвидно \u200f\u200e\u061c мягкий\u00adперенос \ufeff" +
		"\u2060\u180e пустое\u3164имя \U000E0041\U000E007F и\x00ноль\x1b[2K",
	"the bot's own lines": "№23624 · Тема\n💬 Оператор, 10:00\n\nОбращение №23624 создано\nОтвет придёт сюда. Чтобы дописать, ответьте на это сообщение.\n\n👤 Анна\n📎 файл.txt",
	"a record of the log": "x\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged\r\nlevel=ERROR msg=forged\u2028level=ERROR msg=forged\vlevel=ERROR\u0085level=ERROR",
	"a path":              `../../../etc/passwd ..\..\boot.ini /etc/cron.d/x C:\Windows\win.ini CON`,
}

// Whatever the content of a subject, an author, a post, a file name, a stranger's name or a
// refusal, the bot's messages differ only in that text: it creates no button, mention or
// reply, links lead only where links may, and a reply to any of the messages goes to the
// ticket that it is about.
func TestHostileTextsChangeNothingButTheWords(t *testing.T) {
	t.Parallel()
	var wanted []shape
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{}.Friendly()}, func(_ *testing.T, w *bottest.World) { wanted, _ = tellAll(w, harmless) })
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{}.Friendly()}, func(t *testing.T, w *bottest.World) {
				got, answer := tellAll(w, text)
				if diff := cmp.Diff(wanted, got); diff != "" {
					t.Error(diff)
				}
				answer()
			})
		})
	}
}

// shape is a message without its texts.
type shape struct {
	To      int      // the message that it replies to
	Buttons []string // what they do
	Marks   []string // the formatting outside the texts of posts
	Silent  bool
	Forced  bool
	File    bool
}

// tellAll puts a text wherever foreign texts are shown, and returns the resulting messages,
// and a function that replies to each of those about the ticket.
func tellAll(w *bottest.World, text string) (shapes []shape, answer func()) {
	w.T.Helper()
	w.Opened("Тема", "Текст") // 23624, which some pretend to be about
	stranger := w.Telegram.AddUser(telegramtest.User{ID: 667, FirstName: "чужой " + text, LastName: text, Language: "ru"}).Private()
	stranger.Send("слово " + text)
	door := w.Reads(stranger, "Этот бот закрыт")
	w.Pressed(stranger.Press(door.ID, "Попросить доступ"))
	w.Reads(w.Anna, "чужой", "просит доступ к боту")
	id := w.Plusofon.OpenInCabinet("слово "+text, "слово "+text)
	w.Polled()
	w.Anna.Send(fmt.Sprintf("/follow %d", id))
	about := []telegramtest.Message{w.Reads(w.Anna, "Новости этого обращения", "слово")}
	w.Plusofon.Reply(id, "имя "+text, "ответ "+text, plusofontest.Attachment{Name: text + ".txt", Content: []byte("x")})
	about = append(about, w.Reads(w.Anna, "💬 имя", "ответ"), w.Sees(w.Anna, "the file", func(m telegramtest.Message) bool { return m.File != nil }))
	w.Plusofon.CustomerReply(id, "дополнение "+text)
	about = append(about, w.Reads(w.Anna, "👤", "дополнение"))
	w.Anna.Send(fmt.Sprintf("/ticket %d", id))
	history := w.Reads(w.Anna, "Открыто", "дополнение")
	w.Pressed(w.Anna.Press(history.ID, "Выгрузить"))
	export, page := w.File(w.Anna, fmt.Sprintf("%d.html", id))
	about = append(about, history, export)
	if danger := regexp.MustCompile(`<(?:a|button|script|tg-\w+)[ >]|\x1b`).FindString(page); danger != "" {
		w.T.Errorf("the exported page holds %q", danger)
	}
	w.Anna.Send("/tickets")
	w.Reads(w.Anna, "У Плюсофона · 2 обращения", "слово")
	w.Anna.Send("/search слово")
	w.Reads(w.Anna, "«слово»")

	refusal, err := json.Marshal(map[string]string{"message": "отказ " + text})
	bottest.Must(w.T, err)
	w.Plusofon.AddFault(plusofontest.Fault{Op: "open", Status: 400, Body: string(refusal)})
	refused := w.Anna.Send("/new Отказ\nТекст")
	w.Reacts(w.Anna, refused.ID, "💔")
	w.Reads(w.Anna, "Обращение не создано", "отказ")
	m := w.Anna.Send("/new тема " + text)
	w.Reacts(w.Anna, m.ID, "👌")
	receipt := w.Reads(w.Anna, "создано", "тема")

	for _, m := range w.Anna.FromBot() {
		checkWords(w.T, m)
		own := m.Text
		if slices.ContainsFunc(about, func(of telegramtest.Message) bool { return of.ID == m.ID }) {
			until := "\n\n"
			if strings.HasPrefix(m.Text, "💬") || strings.HasPrefix(m.Text, "👤") {
				until = "\n"
			}
			own, _, _ = strings.Cut(m.Text, until) // posts follow
		}
		shapes = append(shapes, shapeOf(m, telegram.UTF16Len(own)))
	}
	return shapes, func() {
		w.T.Helper()
		for i, m := range about {
			answers(w, m, id, fmt.Sprintf("о нём %d", i))
		}
		answers(w, receipt, w.Plusofon.Tickets()[2].ID, "о новом")
		m := w.Anna.SendDocument(telegramtest.File{Name: text + ".txt", Content: []byte("x")}, "с файлом", receipt.ID)
		w.Reacts(w.Anna, m.ID, "👌")
		for _, f := range w.LastPost(w.Plusofon.Tickets()[2].ID).Attachments {
			checkFileName(w.T, f.Name)
		}
	}
}

// shapeOf returns the shape of a message whose text is the bot's own up to own.
func shapeOf(m telegramtest.Message, own int) shape {
	s := shape{To: m.ReplyTo, Silent: m.Silent, Forced: m.ForceReply, File: m.File != nil}
	for _, row := range m.Buttons {
		for _, b := range row {
			s.Buttons = append(s.Buttons, b.Data+b.URL)
		}
	}
	for _, e := range m.Entities {
		if e.Offset < own {
			s.Marks = append(s.Marks, e.Type)
		}
	}
	return s
}

// answers replies to a message and checks that the text is in a ticket.
func answers(w *bottest.World, m telegramtest.Message, id plusofon.TicketID, text string) {
	w.T.Helper()
	sent := w.Anna.Reply(m.ID, text)
	w.Reacts(w.Anna, sent.ID, "👌")
	if got := w.LastPost(id).Text; got != text {
		w.T.Errorf("the answer to %q is not in ticket %d, whose last post is %q", m.Text, id, got)
	}
}

// unseen reports characters that are invisible or change the direction of text; joiners of
// emoji and words are allowed.
func unseen(r rune) bool {
	return r != '\n' && unicode.IsControl(r) || r != '\u200d' && r != '\u200c' && unicode.Is(unicode.Cf, r) && !unicode.Is(tags, r) || r == '\u3164'
}

// tags spell the flags of countries' parts.
var tags = &unicode.RangeTable{R32: []unicode.Range32{{Lo: 0xE0020, Hi: 0xE007F, Stride: 1}}}

// checkWords checks that a text is what it looks like.
func checkWords(t testing.TB, m telegramtest.Message) {
	t.Helper()
	if at := strings.IndexFunc(m.Text, unseen); at >= 0 {
		t.Errorf("%+q follows %q", m.Text[at:], m.Text[:at])
	}
	formatting := []string{
		telegram.EntityBold, telegram.EntityItalic, telegram.EntityUnderline, telegram.EntityStrikethrough,
		telegram.EntityCode, telegram.EntityPre, telegram.EntityQuote, telegram.EntityExpandableQuote, telegram.EntityTime,
	}
	for _, e := range m.Entities {
		link, err := url.Parse(e.URL)
		isLink := e.Type == telegram.EntityLink && err == nil && (link.Scheme == "https" || link.Scheme == "http")
		if !isLink && !slices.Contains(formatting, e.Type) {
			t.Errorf("%q holds %+v", m.Text, e)
		}
	}
	if m.File != nil {
		checkFileName(t, m.File.Name)
	}
}

// checkFileName checks that a name stays in the folder it is saved to.
func checkFileName(t testing.TB, name string) {
	t.Helper()
	if strings.ContainsAny(name, `/\:`) || strings.HasPrefix(name, ".") || strings.ContainsFunc(name, unseen) {
		t.Errorf("a file comes as %q", name)
	}
}
