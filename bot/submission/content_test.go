package submission

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// What messages become: their text in the order of writing, other authors' names above
// their text, files separately.
func TestContent(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC)
	text := func(s string) state.Item { return state.Item{Text: s} }
	file := func(name, caption, album string) state.Item {
		return state.Item{Text: caption, FileID: "id " + name, FileName: name, FileSize: 1, Album: album}
	}
	by := func(name string, i state.Item) state.Item {
		i.Author, i.Authored = name, at
		return i
	}
	long := strings.Repeat("ы", telegram.MaxText)
	for _, c := range []struct {
		name     string
		items    []state.Item
		text     string
		headline string
		files    string // those that are sent; "!" marks one that is too large
		messages int
		torn     bool
	}{
		{"one message", []state.Item{text("Не работает")}, "Не работает", "Не работает", "", 1, false},
		{"several messages", []state.Item{text("Добрый день"), text("не работает")}, "Добрый день\nне работает", "не работает", "", 2, false},
		{"a greeting alone", []state.Item{text("Здравствуйте!")}, "Здравствуйте!", "Здравствуйте!", "", 1, false},
		{"a greeting and a file", []state.Item{text("Здравствуйте"), file("акт.pdf", "", "")}, "Здравствуйте", "Файл: акт.pdf", "акт.pdf", 2, false},
		{"photos without words", []state.Item{file("photo_1.jpg", "", "al"), file("photo_2.jpg", "", "al")}, "Файлы: photo_1.jpg, photo_2.jpg", "Фото, 2 шт.", "photo_1.jpg photo_2.jpg", 1, false},
		{"a quotation and words", []state.Item{text("> какой номер?\n> и с какого дня?\n74951234567")}, "> какой номер?\n> и с какого дня?\n74951234567", "74951234567", "", 1, false},
		{"a text that was split", []state.Item{{Text: long, GoesOn: true}, text("конец")}, long + "конец", long, "", 1, false},
		{"a file without words", []state.Item{file("a.txt", "", "")}, "Файл: a.txt", "Файл: a.txt", "a.txt", 1, false},
		{"a file with words", []state.Item{file("a.txt", "вот", "")}, "вот", "вот", "a.txt", 1, false},
		{"a file over the limit", []state.Item{{Text: "вот", FileID: "x", FileName: "b.txt", FileSize: 11}}, "вот", "вот", "b.txt!", 1, false},
		{"an album", []state.Item{file("a.jpg", "вот так", "al"), file("b.jpg", "", "al")}, "вот так", "вот так", "a.jpg b.jpg", 1, false},
		{"an album of which one item is there", []state.Item{file("a.jpg", "", "al")}, "Файл: a.jpg", "Файл: a.jpg", "a.jpg", 1, true},
		{
			"somebody else's words", []state.Item{by("Борис", text("у нас тишина")), text("это с утра")},
			"Переслано: Борис, 01.03.2026 09:05\nу нас тишина\n\nэто с утра", "это с утра", "", 2, false,
		},
		{
			"two of the same author stand apart", []state.Item{by("Борис", text("раз")), by("Борис", text("два"))},
			"Переслано: Борис, 01.03.2026 09:05\nраз\n\nПереслано: Борис, 01.03.2026 09:05\nдва", "раз", "", 2, false,
		},
		{"somebody else's file", []state.Item{by("Борис", file("a.ogg", "", ""))}, "Переслано: Борис, 01.03.2026 09:05\nФайл: a.ogg", "", "a.ogg", 1, false},
		{"nothing", []state.Item{text(" \n ")}, "", "", "", 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compose(&chat.Config{MaxFileSize: 10}, c.items)
			var files []string
			for _, f := range got.files {
				files = append(files, f.Name+chat.Either(f.State == state.FileFailed, "!", ""))
			}
			if got.text != c.text {
				t.Errorf("the text is %q, want %q", got.text, c.text)
			}
			if c.headline != "" && got.headline != c.headline {
				t.Errorf("the headline is %q, want %q", got.headline, c.headline)
			}
			if strings.Join(files, " ") != c.files || got.messages != c.messages || got.torn != c.torn {
				t.Errorf("files %q, %d messages, torn %v; want %q, %d, %v", files, got.messages, got.torn, c.files, c.messages, c.torn)
			}
		})
	}
}

// A greeting says nothing about the subject, whoever is greeted.
func TestGreetings(t *testing.T) {
	for line, want := range map[string]bool{
		"Здравствуйте": true, "здравствуйте!": true, "Добрый день": true, "Добрый день, Пётр": true, "Добрый день, коллеги!": true, "Привет всем": true,
		"Коллеги": true, "Уважаемые коллеги,": true, "Hello": true, "Hi there": true, "Добрый вечер, Анна Петровна 🙂": true, "Доброго времени суток": true,
		"Здравствуйте, не работает телефон": false, "Приветственное сообщение не проигрывается": false, "Коллеги сообщают, что нет гудка": false,
		"Hipchat": false, "Не работает": false, "": false, "Добрый день 74951234567": false,
	} {
		if got := isGreeting(line); got != want {
			t.Errorf("%q: %t", line, got)
		}
	}
}

// The part of a message that a person quotes is sent with their text; what a client
// quotes by itself is not, and a remark stays one.
func TestQuoteGoesAlong(t *testing.T) {
	item := func(m telegram.Message) state.Item {
		m.Kind = telegram.KindText
		i, refused := readItem(&m, 1, "bot", time.UTC)
		if refused != "" {
			t.Fatal(refused)
		}
		return i
	}
	if got, want := item(telegram.Message{Text: "да", Quote: "Номер верный?\nИ договор?"}).Text, "> Номер верный?\n> И договор?\nда"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := item(telegram.Message{Text: "да"}).Text; got != "да" {
		t.Errorf("without a quotation: %q", got)
	}
	if !IsRemark(item(telegram.Message{Text: "// Борису", Quote: "Номер верный?"}).Text) || IsRemark("> // Борису\nда") {
		t.Error("a remark is told by what it quotes")
	}
}

// A file without a name from Telegram is named by the time in the company's zone.
func TestFileWithoutAName(t *testing.T) {
	moscow := time.FixedZone("MSK", 3*60*60)
	m := &telegram.Message{Date: time.Date(2026, 11, 23, 17, 59, 5, 0, time.UTC), File: &telegram.File{ID: "f", Name: "voice_2026-11-23_17-59-05.ogg", MIME: "audio/ogg", Kind: telegram.KindVoice, Unnamed: true}}
	if i, _ := readItem(m, 1, "bot", moscow); i.FileName != "voice_2026-11-23_20-59-05.ogg" {
		t.Errorf("it is called %q", i.FileName)
	}
	m.File.Unnamed, m.File.Name = false, "отчёт.ogg"
	if i, _ := readItem(m, 1, "bot", moscow); i.FileName != "отчёт.ogg" {
		t.Errorf("it is called %q", i.FileName)
	}
}
