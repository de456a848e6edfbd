package bot_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

var byLink = plusofontest.Config{Attachments: plusofontest.ByLink, KeepContent: 20 << 20}

// came returns the bot's files in a chat as people see them: «photo a.png», the pictures of an
// album in brackets.
func came(c *telegramtest.Chat) string {
	var b strings.Builder
	album := ""
	for _, m := range c.FromBot() {
		if m.File == nil {
			continue
		}
		if m.Album != album && album != "" {
			b.WriteString("]")
		}
		b.WriteString(" ")
		if m.Album != album && m.Album != "" {
			b.WriteString("[")
		}
		album = m.Album
		b.WriteString(m.File.Kind + " " + m.File.Name)
	}
	if album != "" {
		b.WriteString("]")
	}
	return strings.TrimSpace(b.String())
}

func wantCame(w *bottest.World, c *telegramtest.Chat, want string) {
	w.T.Helper()
	if got := came(c); got != want {
		w.T.Errorf("there came %s\nwant       %s", got, want)
	}
}

// The pictures of a post are sent as one album, in order and before its other files, silently
// and as a reply to its text. A reply to any of them goes to the ticket.
func TestPicturesComeAsAnAlbum(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]plusofontest.Attachments{"by link": plusofontest.ByLink, "with their content": plusofontest.Inline} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: plusofontest.Config{Attachments: form}}, picturesComeAsAnAlbum)
		})
	}
}

func picturesComeAsAnAlbum(t *testing.T, w *bottest.World) {
	id, _ := w.Opened("Тема", "Текст")
	pictures := bottest.Pictures("a.png", "b.JPG", "c.jpeg")
	files := slices.Insert(slices.Clone(pictures), 1, plusofontest.Attachment{Name: "act.pdf", Content: []byte("%PDF")})
	w.Plusofon.Reply(id, "Оператор", "Смотрите", files...)
	news := w.Reads(w.Anna, "Смотрите")
	w.File(w.Anna, "act.pdf")
	wantCame(w, w.Anna, "[photo a.png photo b.JPG photo c.jpeg] document act.pdf")
	want := []string{"Текст", "Смотрите"}
	i := 0
	for _, m := range w.Anna.FromBot() {
		if m.Album == "" {
			continue
		}
		if !m.Silent || m.ReplyTo != news.ID && i == 0 {
			t.Errorf("picture %d: silent %v, a reply to %d", i, m.Silent, m.ReplyTo)
		}
		if !bytes.Equal(w.Telegram.Content(m.File.ID), pictures[i].Content) {
			t.Errorf("picture %d is another", i)
		}
		answer := fmt.Sprintf("про снимок %d", i)
		w.Reacts(w.Anna, w.Anna.Reply(m.ID, answer).ID, "👌")
		want = append(want, answer)
		i++
	}
	w.WantPosts(id, want...)
}

// One picture is sent alone, eleven as an album of ten and one more, and those added to a known
// post as an album too.
func TestAlbumsAreOfTwoToTen(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		var names []string
		for i := range 11 {
			names = append(names, fmt.Sprintf("%02d.png", i))
		}
		w.Plusofon.Reply(id, "Оператор", "Одна", bottest.Pictures("one.png")...)
		w.File(w.Anna, "one.png")
		if m, _ := w.File(w.Anna, "one.png"); bottest.Buttons(m) != "Ответить" {
			t.Errorf("under the picture stands %q", bottest.Buttons(m))
		}
		w.Plusofon.Reply(id, "Оператор", "Много", bottest.Pictures(names...)...)
		w.File(w.Anna, "10.png")
		wantCame(w, w.Anna, "photo one.png [photo "+strings.Join(names[:10], " photo ")+"] photo 10.png")
	})
}

// A bad picture does not prevent the others from being sent, and is sent as what it can be.
func TestPictureThatIsNoGood(t *testing.T) {
	t.Parallel()
	large := append(bottest.Picture(8, 8), make([]byte, telegram.MaxPhoto)...)
	for name, c := range map[string]struct {
		content []byte
		fault   plusofontest.Fault
		want    string
		said    string
	}{
		"too wide":              {bottest.Picture(9000, 8), plusofontest.Fault{}, "photo a.png document bad.png photo c.png", ""},
		"no picture":            {[]byte("<svg/>"), plusofontest.Fault{}, "photo a.png document bad.png photo c.png", ""},
		"too large for a photo": {large, plusofontest.Fault{}, "photo a.png document bad.png photo c.png", ""},
		"not there":             {bottest.Picture(8, 8), plusofontest.Fault{Status: http.StatusNotFound, Times: -1}, "[photo a.png photo c.png]", "«bad.png»"},
		"a dead link":           {bottest.Picture(8, 8), plusofontest.Fault{Status: http.StatusBadGateway, Times: -1}, "[photo a.png photo c.png]", "«bad.png»"},
		"cut off once":          {append(bottest.Picture(8, 8), make([]byte, 1<<20)...), plusofontest.Fault{HalfBody: true}, "[photo a.png photo c.png] photo bad.png", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				if f := c.fault; f.Status != 0 || f.HalfBody {
					f.Op, f.Match = "download", func(_, path string) bool { return strings.Contains(path, "bad.png") }
					w.Plusofon.AddFault(f)
				}
				files := bottest.Pictures("a.png", "bad.png", "c.png")
				files[1].Content = c.content
				w.Plusofon.Reply(id, "Оператор", "Смотрите", files...)
				w.File(w.Anna, "c.png")
				w.Passes(20 * time.Minute)
				wantCame(w, w.Anna, c.want)
				if c.said != "" {
					w.Reads(w.Anna, c.said)
				}
				wantLogs(w, 0, "level=ERROR")
			})
		})
	}
}

// Whatever happens to an album's request, its pictures arrive and lead to the ticket: twice if
// the outcome is unknown.
func TestAlbumWhateverHappensToItsRequest(t *testing.T) {
	t.Parallel()
	const album = "[photo a.png photo b.png]"
	for name, c := range map[string]struct {
		fault telegramtest.Fault
		want  string
	}{
		"429":                      {telegramtest.Fault{Status: 429, RetryAfter: 7}, album},
		"not sent":                 {telegramtest.Fault{DropBefore: true}, album},
		"its answer is lost":       {telegramtest.Fault{DropAfter: true}, album + " " + album},
		"fails twice":              {telegramtest.Fault{Status: 500, Times: 2}, album},
		"fails each time":          {telegramtest.Fault{Status: 500, Times: -1}, "photo a.png photo b.png"},
		"refused":                  {telegramtest.Fault{Status: 400, Description: "Bad Request: group send failed", Times: -1}, "photo a.png photo b.png"},
		"too large for the server": {telegramtest.Fault{Status: 413, Body: "<html>", Times: -1}, "photo a.png photo b.png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
				id, _ := w.Opened("Тема", "Текст")
				f := c.fault
				f.Method = "sendMediaGroup"
				w.Telegram.Fail(f)
				w.Plusofon.Reply(id, "Оператор", "Смотрите", bottest.Pictures("a.png", "b.png")...)
				w.File(w.Anna, "b.png")
				w.AtRest()
				wantCame(w, w.Anna, c.want)
				last, _ := w.File(w.Anna, "b.png")
				w.Reacts(w.Anna, w.Anna.Reply(last.ID, "вижу").ID, "👌")
				w.WantPosts(id, "Текст", "Смотрите", "вижу")
			})
		})
	}
}

// An album in flight when the program ended is sent whole, again if it had arrived.
func TestAlbumOverARestart(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		under := w.Hangs()
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMediaGroup", OnRead: under.OnRead, DropAfter: true})
		w.Plusofon.Reply(id, "Оператор", "Смотрите", bottest.Pictures("a.png", "b.png", "c.png")...)
		under.Are(1)
		w.Stop()
		under.End()
		w.Start()
		w.AtRest()
		got := came(w.Anna)
		const album = "[photo a.png photo b.png photo c.png]"
		if got != album && got != album+" "+album {
			t.Errorf("there came %s", got)
		}
		last, _ := w.File(w.Anna, "a.png")
		w.Reacts(w.Anna, w.Anna.Reply(last.ID, "вижу").ID, "👌")
		w.WantPosts(id, "Текст", "Смотрите", "вижу")
	})
}

// A picture withdrawn while its album is in flight does not affect the others.
func TestAlbumOfWhichOneIsWithdrawn(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		under := w.Hangs()
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMediaGroup", OnRead: under.OnRead})
		w.Plusofon.Reply(id, "Оператор", "Смотрите", bottest.Pictures("a.png", "b.png", "c.png")...)
		under.Are(1)
		bottest.Must(t, w.Store.Update(func(tx *state.Tx) error {
			rows, err := tx.Waiting(state.Telegram, chat.DownLane(bottest.AnnaID, state.TicketID(id)))
			return errors.Join(err, tx.Withdraw(rows[1].ID, time.Now(), "for a test"))
		}))
		under.End()
		w.AtRest()
		wantCame(w, w.Anna, "[photo a.png photo b.png photo c.png]")
		last, _ := w.File(w.Anna, "c.png")
		w.Reacts(w.Anna, w.Anna.Reply(last.ID, "вижу").ID, "👌")
	})
}

// While a ticket can't be read its pictures wait, and are then an album all the same.
func TestAlbumAfterAnOutage(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Telegram.Fail(telegramtest.Fault{Method: "sendMessage", Text: "Смотрите", OnRead: func() {
			w.Plusofon.AddFault(plusofontest.Fault{Op: "ticket", Times: 3, Status: 502, Body: "<html>"})
		}})
		w.Plusofon.Reply(id, "Оператор", "Смотрите", bottest.Pictures("a.png", "b.png", "c.png")...)
		w.File(w.Anna, "c.png")
		wantCame(w, w.Anna, "[photo a.png photo b.png photo c.png]")
	})
}

// An album is not larger than Telegram's limit on a request.
func TestLargePicturesAreSeveralAlbums(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		files := bottest.Pictures("0.png", "1.png", "2.png", "3.png", "4.png", "5.png", "6.png")
		for i := range files {
			files[i].Content = append(files[i].Content, make([]byte, 9<<20)...)
		}
		w.Plusofon.Reply(id, "Оператор", "Смотрите", files...)
		w.File(w.Anna, "6.png")
		wantCame(w, w.Anna, "[photo 0.png photo 1.png photo 2.png photo 3.png photo 4.png] [photo 5.png photo 6.png]")
	})
}

// In a forum an album is in its ticket's topic, or in a new one if that was deleted.
func TestAlbumInATopic(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		g := w.NewForum(bottest.AllRights, bottest.ByReplies)
		id := posted(w, g, "Тема")
		w.AtRest()
		for n, names := range [][]string{{"a.png", "b.png"}, {"c.png", "d.png"}} {
			w.Plusofon.Reply(id, "Оператор", fmt.Sprint("Смотрите ", n), bottest.Pictures(names...)...)
			m, _ := w.File(g.Anna, names[1])
			first, _ := w.File(g.Anna, names[0])
			if topics := g.Group.Topics(); m.Album == "" || m.Thread == 0 || m.Thread != first.Thread || m.Thread != topics[len(topics)-1].ID {
				t.Errorf("the album %q of %v stands in %d and %d, of %+v", m.Album, names, first.Thread, m.Thread, topics)
			}
			w.AtRest()
			g.Group.DeleteTopic(m.Thread)
		}
	})
}

// If photos are forbidden and documents are not, they are sent as documents.
func TestAlbumWherePhotosAreForbidden(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink}, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		for _, method := range []string{"sendMediaGroup", "sendPhoto"} {
			w.Telegram.Fail(telegramtest.Fault{Method: method, Times: -1, Status: 400, Description: "Bad Request: not enough rights to send photos to the chat"})
		}
		w.Plusofon.Reply(id, "Оператор", "Смотрите", bottest.Pictures("a.png", "b.png")...)
		w.File(w.Anna, "b.png")
		wantCame(w, w.Anna, "document a.png document b.png")
	})
}

// An album takes as much of the limits as its pictures, and is sent in its turn even if its
// group has more news, all the time, than Telegram accepts.
func TestAlbumInABusyGroup(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Plusofon: byLink, Telegram: telegramtest.Config{RateLimits: true}}, func(t *testing.T, w *bottest.World) {
		g := w.LetIn(w.NewTeam(telegramtest.GroupOptions{Supergroup: true}))
		id, other := posted(w, g, "Первая"), posted(w, g, "Вторая")
		w.AtRest()
		names := []string{"0.png", "1.png", "2.png", "3.png", "4.png", "5.png", "6.png", "7.png"}
		for n := range 100 {
			if n == 20 {
				w.Plusofon.Reply(id, "Оператор", "Смотрите", bottest.Pictures(names...)...)
			}
			w.Plusofon.Reply(other, "Оператор", fmt.Sprintf("новость %d.", n))
			w.Passes(2 * time.Second)
		}
		album, _ := w.File(g.Anna, names[0])
		words := w.Reads(g.Anna, "Смотрите")
		if later := album.Date.Sub(words.Date); later > time.Minute {
			t.Errorf("the album comes %v after its words", later)
		}
		w.AtRest()
		wantCame(w, g.Anna, "[photo "+strings.Join(names, " photo ")+"]")
		for _, r := range w.Telegram.Requests() {
			if r.Status == 429 {
				t.Errorf("%s is refused: too many", r.Method)
			}
		}
	})
}
