package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// The pictures of one post queued one after another are an album: at most ten, and none that
// must be sent alone.
func TestAlbum(t *testing.T) {
	for name, c := range map[string]struct {
		files   string // names, with the post's number if it is another
		changes map[int]func(*chat.Turn, state.Row) error
		want    string
	}{
		"one picture":             {"a.png", nil, ""},
		"a document":              {"a.pdf b.png", nil, ""},
		"three":                   {"a.png b.jpg c.jpeg", nil, "a.png b.jpg c.jpeg"},
		"a document behind two":   {"a.png b.png c.pdf d.png", nil, "a.png b.png"},
		"another post's":          {"a.png b.png c.png/6 d.png/6", nil, "a.png b.png"},
		"eleven":                  {"0.png 1.png 2.png 3.png 4.png 5.png 6.png 7.png 8.png 9.png 10.png", nil, "0.png 1.png 2.png 3.png 4.png 5.png 6.png 7.png 8.png 9.png"},
		"the third was set apart": {"a.png b.png c.png d.png", map[int]func(*chat.Turn, state.Row) error{2: setsApart}, "a.png b.png"},
		"the first was set apart": {"a.png b.png", map[int]func(*chat.Turn, state.Row) error{0: setsApart}, "a.png b.png"},
		"the second is due later": {"a.png b.png c.png", map[int]func(*chat.Turn, state.Row) error{1: isDueLater}, ""},
		"the first tries a chat":  {"a.png b.png", map[int]func(*chat.Turn, state.Row) error{0: waitsForItsChat, 1: waitsForItsChat}, ""},
		"one is made of words":    {"a.png b.png 7-5.txt", nil, "a.png b.png"},
	} {
		t.Run(name, func(t *testing.T) {
			d := bottest.NewDesk(t)
			d.Ready()
			lane := chat.DownLane(100, 7)
			var got []string
			d.Do(func(turn *chat.Turn) error {
				for n, file := range strings.Fields(c.files) {
					file, other, _ := strings.Cut(file, "/")
					ref := chat.AttachmentRef{Ticket: 7, Post: 5, N: n, Name: file}
					if other != "" {
						ref.Post = 6
					}
					if err := ticket.SendDown(turn, 100, ref); err != nil {
						return err
					}
				}
				rows, err := turn.Tx.Waiting(state.Telegram, lane)
				if err != nil {
					return err
				}
				for n, change := range c.changes {
					if err := change(turn, rows[n]); err != nil {
						return err
					}
				}
				if _, shelved := c.changes[0]; shelved && name == "the first tries a chat" {
					lane = "closed"
				}
				head, err := turn.Tx.LaneHead(state.Telegram, lane)
				if err != nil {
					return err
				}
				album, err := ticket.Album(turn.Tx, head)
				for _, item := range album {
					got = append(got, item.Msg.File.Name)
				}
				return err
			})
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("the album is %q, want %q", got, c.want)
			}
		})
	}
}

func setsApart(t *chat.Turn, row state.Row) error {
	return t.Tx.Rewrite(row.ID, strings.TrimSuffix(row.Payload, "}")+`,"apart":true}`)
}

func isDueLater(t *chat.Turn, row state.Row) error {
	return t.Tx.Retry(row.ID, t.Now.Add(time.Second), "it has failed")
}

func waitsForItsChat(t *chat.Turn, row state.Row) error {
	return t.Tx.Shelve(row, "closed", t.Now, "403")
}

// A file that the staff has added to a post, of which only the name is given, is told of by name.
func TestAddedFileIsToldOfByName(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	d.Poll(true, plusofon.Ticket{})
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll})
	})
	post := plusofon.Post{ID: 1, Date: d.Now, Text: "Смотрите счёт", Author: plusofon.Author{ID: "9", Name: "Оператор"}}
	d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{post}}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"})
	d.Want(d.Said(100), "Смотрите счёт")
	post.Attachments = []plusofon.Attachment{{Name: "счёт.pdf"}}
	d.Poll(true, plusofon.Ticket{Posts: []plusofon.Post{post}}, plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "2"})
	d.Want(d.Said(100), "счёт.pdf")
}

// If the staff removes an attachment before it is sent, the others are still sent under their own
// names, and it is said to be missing.
func TestAttachmentRemovedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Касса", "Текст")
		w.Polled()
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Text: "Два файла", Times: 1, Status: 429, RetryAfter: 60})
		post := w.Plusofon.Reply(id, "Ольга", "Два файла", plusofontest.Attachment{Name: "a.txt", Content: []byte("первый")},
			plusofontest.Attachment{Name: "b.txt", Content: []byte("второй")})
		w.Requested("the news", func(r telegramtest.Request) bool { return strings.Contains(r.Params["text"], "Два файла") })
		b := w.LastPost(id).Attachments[1]
		w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: -1, Body: fmt.Sprintf(`{"id":%d,"subject":"Касса","status":true,"posts":[
			{"id":%d,"date":"2026-03-02 09:00:10","text":"Два файла","author":{"id":"77","name":"Ольга"},
			"attachments":[{"id":1,"filename":"b.txt","url":"%s/files/%d/b.txt?signature=%s"}]}]}`, id, post, w.Plusofon.URL(), b.ID, plusofontest.Signature)})
		if _, content := w.File(w.Anna, "b.txt"); content != "второй" {
			t.Errorf("b.txt holds %q", content)
		}
		w.Reads(w.Anna, "a.txt", "не удалось получить")
		for _, m := range w.Anna.FromBot() {
			if m.File != nil && m.File.Name == "a.txt" {
				t.Error("something else is sent as a.txt")
			}
		}
	})
}
