package bottest

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"
	"time"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// Buttons returns the labels under a message, row by row.
func Buttons(m telegramtest.Message) string {
	var rows []string
	for _, row := range m.Buttons {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Text)
		}
		rows = append(rows, strings.Join(labels, " "))
	}
	return strings.Join(rows, " / ")
}

// Labels returns the labels of a message's buttons.
func Labels(m telegramtest.Message) string {
	var all []string
	for _, row := range m.Buttons {
		for _, b := range row {
			all = append(all, b.Text)
		}
	}
	return strings.Join(all, ", ")
}

// Texts returns the texts of messages.
func Texts(all []telegramtest.Message) (texts []string) {
	for _, m := range all {
		texts = append(texts, m.Text)
	}
	return texts
}

// Content to send when its details don't matter.
var (
	AnyFile   = telegramtest.File{Content: []byte("содержимое")}
	Forwarded = telegramtest.Origin{Name: "Иван Петров", Date: time.Date(2026, 3, 1, 11, 37, 0, 0, time.UTC)}
)

// LongText returns a text that a client sends in five parts.
func LongText() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "строка %d: 😀 & <b\n", i)
	}
	return strings.TrimSpace(b.String())
}

// TwoPhotos returns an album with a caption on the first item.
func TwoPhotos(caption string) []telegramtest.Item {
	return []telegramtest.Item{
		{Kind: "photo", File: telegramtest.File{Name: "1.jpg", Size: 1}, Caption: caption}, {Kind: "photo", File: telegramtest.File{Name: "2.jpg", Size: 1}},
	}
}

// Picture returns the content of a picture of the given size.
func Picture(width, height int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Pictures returns attachments that Telegram accepts as photos.
func Pictures(names ...string) (list []plusofontest.Attachment) {
	for i, name := range names {
		list = append(list, plusofontest.Attachment{Name: name, Content: Picture(8+i, 8)})
	}
	return list
}

// TenFiles returns an album with the caption on the seventh item.
func TenFiles(caption string) (items []telegramtest.Item) {
	for i := range 10 {
		items = append(items, telegramtest.Item{Kind: "document", File: telegramtest.File{Name: fmt.Sprintf("%d.txt", i), Content: []byte{byte('a' + i)}}})
	}
	items[6].Caption = caption
	return items
}

// IsTen checks that a post was made from TenFiles.
func IsTen(t Tester, post plusofontest.Post, text string) {
	t.Helper()
	if len(post.Attachments) != 10 || post.Text != text {
		t.Fatalf("%d attachments and the text %q", len(post.Attachments), post.Text)
	}
	for i, a := range post.Attachments {
		if a.Name != fmt.Sprintf("%d.txt", i) || string(a.Content) != string(rune('a'+i)) {
			t.Errorf("attachment %d is %s: %q", i, a.Name, a.Content)
		}
	}
}
