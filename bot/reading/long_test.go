package reading_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// long is a desk with a ticket of many posts of 5 KB.
type long struct {
	*bottest.Desk
	read ticket.Read
	most state.Work // maximum over all transactions
}

func newLong(t testing.TB, posts int) *long {
	l := &long{Desk: bottest.NewDesk(t)}
	l.Member(1, "ru")
	l.read.Ticket = plusofon.Ticket{ID: 7, Subject: "Тема", Open: true, OpenKnown: true}
	for i := range posts {
		l.read.Posts = append(l.read.Posts, plusofon.Post{
			ID: plusofon.PostID(10 * (i + 1)), Author: plusofon.Author{ID: "2", Name: "Сотрудник"},
			Text: fmt.Sprintf("<p>Пост %d.</p>%s", i+1, strings.Repeat("<p>Проверьте <b>переадресацию</b> &amp; номер</p>", 65)),
		})
	}
	l.absorbs()
	l.Store.OnWork(func(w state.Work) {
		l.most.Statements, l.most.Rows = max(l.most.Statements, w.Statements), max(l.most.Rows, w.Rows)
		l.most.Took = max(l.most.Took, w.Took)
	})
	return l
}

func (l *long) absorbs() {
	l.Reads++
	l.read.Number = l.Reads
	for all := false; !all; {
		l.Do(func(turn *chat.Turn) (err error) {
			all, err = ticket.AbsorbFetched(turn, l.read)
			return err
		})
	}
}

// shown is a page of the history, with the data of its buttons by label.
type shown struct {
	text    string
	buttons map[string]string
}

// presses returns what the button with that data shows; "": the command.
func (l *long) presses(data string) (s shown) {
	l.Last++
	u := telegram.Update{Callback: &telegram.Callback{
		ID: fmt.Sprint(l.Last), From: telegram.User{ID: 1}, Data: data, Message: &telegram.Message{ID: 1, Chat: telegram.Chat{ID: 1, Type: "private"}},
	}}
	l.Do(func(turn *chat.Turn) error {
		if data != "" {
			return l.Conversation.Decide(turn, []telegram.Update{u})
		}
		p, err := turn.Tx.Person(1)
		if err != nil {
			return err
		}
		s, err := turn.Speaker(p, chat.InChat(1))
		if err != nil {
			return err
		}
		return reading.ShowHistory(turn, s, chat.FetchRow{Ticket: 7, Place: s.Place, Page: -1}, true, nil)
	})
	l.Do(func(turn *chat.Turn) error {
		row, err := turn.Tx.LaneHead(state.Telegram, chat.ChatLane(1))
		if err != nil {
			return err
		}
		r, err := chat.Decode[chat.TelegramRow](row)
		if err != nil {
			return err
		}
		var params struct {
			Text   string
			Markup struct {
				Rows [][]struct {
					Text string
					Data string `json:"callback_data"`
				} `json:"inline_keyboard"`
			} `json:"reply_markup"`
		}
		if err := json.Unmarshal(r.Call.Params, &params); err != nil {
			return err
		}
		s = shown{text: params.Text, buttons: map[string]string{}}
		for _, b := range slices.Concat(params.Markup.Rows...) {
			s.buttons[b.Text] = b.Data
		}
		return turn.Tx.Finish(row.ID, state.Done, l.Now, "")
	})
	return s
}

// file returns the exported history.
func (l *long) file() string {
	var all strings.Builder
	f := reading.NewHistoryFile(chat.TelegramRow{Place: chat.InChat(1), File: &chat.AttachmentRef{Ticket: 7, Made: true}}, nil)
	for more := true; more; {
		l.Do(f.Read)
		part, again, err := f.Write()
		if err != nil {
			l.T.Fatal(err)
		}
		all.Write(part)
		more = again
	}
	return all.String()
}

var postMark = regexp.MustCompile(`Пост (\d+)\.`)

// numbers returns the posts that begin in a text, in order.
func numbers(text string) (list []int) {
	for _, m := range postMark.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		list = append(list, n)
	}
	return list
}

func upTo(n int) (list []int) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

// However long a history is, its pages and its file are read in portions: no
// transaction blocks everyone else for long.
func TestLongHistory(t *testing.T) {
	const posts = 200
	l := newLong(t, posts)
	const mostRows = 120 // including the counts for a page's position and the rest of the decision
	short := func(what string) {
		t.Helper()
		if l.most.Rows > mostRows {
			t.Errorf("%s: a transaction reads or changes %d rows, %d at most are wanted", what, l.most.Rows, mostRows)
		}
		t.Logf("%s: %d statements, %d rows, %v at most", what, l.most.Statements, l.most.Rows, l.most.Took.Round(time.Microsecond))
		l.most = state.Work{}
	}

	// It opens on its last page, and [‹] leads back through all of it without repetitions.
	page := l.presses("")
	last, seen, pages := page, numbers(page.text), 1
	for data := page.buttons["‹"]; data != "" && pages < posts; data = page.buttons["‹"] {
		page = l.presses(data)
		seen, pages = append(numbers(page.text), seen...), pages+1
	}
	// The first page is full, so it may repeat the beginning of the second.
	if seen = slices.Compact(seen); !slices.Equal(seen, upTo(posts)) {
		t.Errorf("going back, %d posts are seen, or not in order", len(seen))
	}
	first := page
	seen = numbers(page.text)
	for data := page.buttons["›"]; data != ""; data = page.buttons["›"] {
		page = l.presses(data)
		seen = append(seen, numbers(page.text)...)
	}
	if !slices.Equal(seen, upTo(posts)) {
		t.Errorf("going forth, %d posts are seen, or not in order", len(seen))
	}
	if !strings.Contains(last.text, "Пост 200.") || !strings.Contains(page.text, "Проверьте") {
		t.Errorf("the last pages: %q, %q", last.text, page.text)
	}
	short("pages")

	// Buttons with a page number count from the first page.
	if p := l.presses("page:7:0"); p.text != first.text {
		t.Errorf("page 0 is %q, want the first", p.text)
	}
	if p, want := l.presses("page:7:1"), l.presses(first.buttons["›"]); p.text != want.text {
		t.Errorf("page 1 is %q, want %q", p.text, want.text)
	}
	if p := l.presses("page:7:500"); p.text != last.text {
		t.Errorf("a page far behind is %q, want the last", p.text)
	}
	short("numbered pages")

	if got := numbers(l.file()); !slices.Equal(got, upTo(posts)) {
		t.Errorf("the file has %d posts, or not in order", len(got))
	}
	short("the file")
}

// If a page no longer exists, or the post where it began has become shorter, a
// neighbouring page is shown.
func TestPagesThatAreGone(t *testing.T) {
	l := newLong(t, 20)
	last := l.presses("").text
	for data, want := range map[string]string{
		"from:7:10000:50": last, "from:7:999999:0": last, "upto:7:999999:0": last, "upto:7:0:0": l.presses("page:7:0").text, "from:7:0:0": l.presses("page:7:0").text,
	} {
		if got := l.presses(data).text; got != want {
			t.Errorf("%s shows %q, want %q", data, got, want)
		}
	}
}

// BenchmarkHistory measures a page of 1,000 posts of 5 KB, its file, and reading it again.
func BenchmarkHistory(b *testing.B) {
	l := newLong(b, 1000)
	measure := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			l.most = state.Work{}
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(l.most.Took.Microseconds())/1000, "ms-longest-transaction")
		})
	}
	measure("last page", func() { l.presses("") })
	measure("page in the middle", func() { l.presses("from:7:5000:0") })
	measure("page before the middle", func() { l.presses("upto:7:5000:0") })
	measure("file", func() { l.file() })
	measure("read again", l.absorbs)
}

// The history of a ticket whose words are blanked and that is gone at Plusofon still comes as a file.
func TestExportOfABlankedTicketThatIsGone(t *testing.T) {
	t.Parallel()
	o := bottest.Days
	o.Config = func(c *bot.Config) { c.Conversation.KeepClosed = 24 * time.Hour }
	bottest.Run(t, o, func(t *testing.T, w *bottest.World) {
		id, _ := w.Opened("Тема", "Текст")
		w.Plusofon.CloseTicket(id)
		w.Reads(w.Anna, "Обращение закрыто")
		time.Sleep(72 * time.Hour)
		w.Plusofon.DeleteTicket(id)
		time.Sleep(12 * time.Hour)
		w.Anna.Send(fmt.Sprintf("/ticket %d", id))
		time.Sleep(time.Minute)
		all := w.Anna.FromBot()
		history := all[len(all)-1]
		w.Pressed(w.Anna.Press(history.ID, "Выгрузить"))
		time.Sleep(10 * time.Minute)
		all = w.Anna.FromBot()
		last := all[len(all)-1]
		if last.File == nil {
			t.Errorf("instead of the file comes %q", last.Text)
		}
	})
}
