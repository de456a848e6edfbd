package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// BenchmarkUpdateToRequest measures the path of a person's answer: from the update's arrival
// to the request at Plusofon, everything committed with synchronous=FULL. For comparison it
// measures the minimum for a bot that neither loses the text (one commit) nor sends it twice
// (another) between the same two servers.
func BenchmarkUpdateToRequest(b *testing.B) {
	b.Run("floor", echo)
	b.Run("bot", func(b *testing.B) { wayToRequest(b) })
}

// echo is a minimal bot: it polls, stores the update, stores that it sends, and sends.
func echo(b *testing.B) {
	tg := telegramtest.New(telegramtest.Config{Token: "1000:echo"})
	pf := plusofontest.New(plusofontest.Config{Token: "t"})
	bottest.Must(b, tg.Start())
	bottest.Must(b, pf.Start())
	defer tg.Close()
	defer pf.Close()
	store, err := state.Open(filepath.Join(b.TempDir(), "echo.db"))
	bottest.Must(b, err)
	defer store.Close() //nolint:errcheck // a benchmark
	anna := tg.AddUser(telegramtest.User{ID: bottest.AnnaID, FirstName: "Анна"}).Private()
	id := pf.OpenInCabinet("Тема", "Текст")
	arrived := make(chan time.Time, 1)
	pf.AddFault(plusofontest.Fault{Op: "answer", Times: -1, OnRead: func() { arrived <- time.Now() }})

	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- echoes(ctx, tg, pf, store, int64(id)) }()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		sent := time.Now()
		anna.Send(fmt.Sprintf("ответ %d", i))
		select {
		case at := <-arrived:
			took = append(took, at.Sub(sent))
		case err := <-done:
			b.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // as in wayToRequest
	}
	cancel()
	<-done //nolint:errcheck // it was cancelled
	report(b, took)
}

func echoes(ctx context.Context, tg *telegramtest.Server, pf *plusofontest.Server, store *state.Store, ticket int64) error {
	request := func(method, url string, body any, into any) error {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(b))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Client", "10553")
		r.Header.Set("Authorization", "Bearer t")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		return json.NewDecoder(answer.Body).Decode(into)
	}
	for offset := int64(0); ; {
		var updates struct {
			Result []struct {
				ID      int64 `json:"update_id"`
				Message struct{ Text string }
			}
		}
		err := request(http.MethodPost, tg.URL()+"/bot"+tg.Token()+"/getUpdates", map[string]any{"offset": offset, "timeout": 30}, &updates)
		if err != nil {
			return err
		}
		for _, u := range updates.Result {
			offset = u.ID + 1
			for _, step := range []string{"received", "sending"} {
				if err := store.Update(func(tx *state.Tx) error { return tx.SetMeta(step, u.Message.Text) }); err != nil {
					return err
				}
			}
			url := fmt.Sprintf("%s/api/v1/ticket/answer/%d", pf.URL(), ticket)
			if err := request(http.MethodPut, url, map[string]string{"text": u.Message.Text}, &struct{}{}); err != nil {
				return err
			}
		}
	}
}

func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

func report(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkNeighbours measures the same path while others are constantly in trouble.
func BenchmarkNeighbours(b *testing.B) {
	b.Run("peace", func(b *testing.B) { wayToRequest(b) })
	for _, n := range neighbours {
		b.Run(n.name, func(b *testing.B) { wayToRequest(b, n) })
	}
	b.Run("all at once", func(b *testing.B) { wayToRequest(b, neighbours...) })
}

// wayToRequest has Anna answer a hundred tickets in turn, beside these neighbours.
func wayToRequest(b *testing.B, beside ...neighbour) {
	w := bottest.New(b, bottest.Options{Timeout: time.Hour, Config: func(c *bot.Config) {
		c.PollInterval = time.Hour
		c.Log = slog.New(slog.DiscardHandler)
		c.Owners = append(c.Owners, bottest.BorisID)
		c.Telegram = slowLine{c.Telegram}
	}})
	tickets := w.Follows(w.Anna, 100)
	var goesOn []func() error
	for _, n := range beside {
		if again := n.begin(w); again != nil {
			goesOn = append(goesOn, again)
		}
	}
	defer repeats(w, goesOn)()
	arrived := make(chan time.Time, 1)
	w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", Match: toOneOf(tickets), Times: -1, OnRead: func() { arrived <- time.Now() }})
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		sent := time.Now()
		m := w.Anna.Reply(tickets[i%len(tickets)].Message, fmt.Sprintf("ответ %d", i))
		took = append(took, (<-arrived).Sub(sent))
		w.Reacts(w.Anna, m.ID, "👌")
		// People are not faster: what follows the reaction is not measured.
		time.Sleep(10 * time.Millisecond)
	}
	report(b, took)
}

// neighbour is trouble beside the person who is measured. If it would settle, begin returns
// what starts it again.
type neighbour struct {
	name  string
	begin func(*bottest.World) (again func() error)
}

var neighbours = []neighbour{
	{"30 tickets hang", func(w *bottest.World) func() error {
		threads := w.Follows(w.Boris, 30)
		under := make(chan bool, 1000)
		w.Plusofon.AddFault(plusofontest.Fault{
			Op: "answer", Match: toOneOf(threads), Times: -1, Delay: time.Minute, OnRead: func() { under <- true },
		})
		for range 10 { // minutes
			for _, t := range threads {
				w.Boris.Reply(t.Message, "ответ")
			}
		}
		for range threads {
			<-under
		}
		return nil
	}},
	{"files of 20 MB", func(w *bottest.World) func() error {
		for _, t := range w.Follows(w.Boris, 40) {
			w.Boris.SendDocument(telegramtest.File{Name: "запись.bin", Size: 20 << 20}, "файл", t.Message)
		}
		w.Requested("a file", func(r telegramtest.Request) bool { return r.Method == "getFile" })
		return nil
	}},
	{"20 chats blocked", func(w *bottest.World) func() error {
		return newsFor(w, 3000, func(p *telegramtest.Person) { p.Private().Block() })
	}},
	{"20 chats deleted", func(w *bottest.World) func() error {
		return newsFor(w, 4000, func(p *telegramtest.Person) { p.Deactivate() })
	}},
	{"groups migrate", func(w *bottest.World) func() error {
		return func() error {
			g := w.Telegram.AddGroup(telegramtest.GroupOptions{Title: "Офис"})
			g.AddBot(w.Person(bottest.AnnaID))
			g.Migrate()
			return w.Store.Update(func(tx *state.Tx) error { return queueNews(tx, 3, telegram.ChatID(g.ID())) })
		}
	}},
}

// newsFor queues news for twenty people who can't be reached any more, and returns what
// retries all of it.
func newsFor(w *bottest.World, first int64, leave func(*telegramtest.Person)) func() error {
	w.T.Helper()
	var chats []telegram.ChatID
	for i := range int64(20) {
		leave(w.Telegram.AddUser(telegramtest.User{ID: first + i, FirstName: "Коллега"}))
		chats = append(chats, telegram.ChatID(first+i))
	}
	bottest.Must(w.T, w.Store.Update(func(tx *state.Tx) error { return queueNews(tx, 3, chats...) }))
	w.Requested("a refusal", func(r telegramtest.Request) bool {
		return r.Params["chat_id"] == fmt.Sprint(first) && r.Status == 403
	})
	return func() error {
		return w.Store.Update(func(tx *state.Tx) error {
			_, err := tx.ClampRowTimes(state.Telegram, time.Now(), time.Now())
			return err
		})
	}
}

// repeats repeats all of it until end is called.
func repeats(w *bottest.World, all []func() error) (end func()) {
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			for _, again := range all {
				if err := again(); err != nil {
					w.T.Errorf("the trouble ended: %v", err)
				}
			}
			select {
			case <-time.After(100 * time.Millisecond):
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-over
	}
}

// slowLine downloads a file at the pace of an ordinary line: otherwise the two stand-ins would
// take all CPU.
type slowLine struct{ bot.Telegram }

func (l slowLine) OpenFile(ctx context.Context, id string, limit int64) (io.ReadCloser, int64, error) {
	body, size, err := l.Telegram.OpenFile(ctx, id, limit)
	if err != nil {
		return nil, 0, err
	}
	return slowFile{body}, size, nil
}

type slowFile struct{ io.ReadCloser }

func (f slowFile) Read(p []byte) (int, error) {
	const pace = 2 << 20 // bytes a second
	n, err := f.ReadCloser.Read(p)
	time.Sleep(time.Duration(n) * time.Second / pace)
	return n, err
}

// BenchmarkPoll measures one poll of 10,000 open tickets of which 10 have changed. It measures
// CPU time, including that of the stand-in, which answers from memory.
func BenchmarkPoll(b *testing.B) {
	const tickets, changed = 10_000, 10
	desk := newCannedDesk(tickets)
	defer desk.Close()
	store, err := state.Open(filepath.Join(b.TempDir(), "bot.db"))
	bottest.Must(b, err)
	defer store.Close() //nolint:errcheck // a benchmark
	pf, err := plusofon.New(plusofon.Config{BaseURL: desk.URL, Token: "t", Rate: 1_000_000_000})
	bottest.Must(b, err)
	r := bot.New(bot.Config{
		Store: store, Conversation: chat.Config{Language: "ru"}, Plusofon: pf, Background: pf, Log: slog.New(slog.DiscardHandler),
	})
	r.Identified()
	bottest.Must(b, r.Poll(b.Context())) // the baseline
	lists, fetches := desk.lists, desk.fetches
	var spent time.Duration
	polls := 0
	for b.Loop() {
		b.StopTimer()
		desk.change(changed)
		b.StartTimer()
		before := processorTime(b)
		bottest.Must(b, r.Poll(b.Context()))
		spent += processorTime(b) - before
		polls++
	}
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(polls), "cpu-ms/poll")
	b.ReportMetric(float64(desk.lists-lists)/float64(polls), "lists/poll")
	b.ReportMetric(float64(desk.fetches-fetches)/float64(polls), "fetches/poll")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	bottest.Must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// cannedDesk answers lists and tickets with as little work as possible.
type cannedDesk struct {
	*httptest.Server
	elements       [][]byte
	version        int
	list           []byte
	lists, fetches int
}

func newCannedDesk(n int) *cannedDesk {
	d := &cannedDesk{elements: make([][]byte, n)}
	for i := range d.elements {
		d.elements[i] = d.element(i)
	}
	d.render()
	d.Server = httptest.NewServer(d)
	return d
}

func (d *cannedDesk) element(i int) []byte {
	b, _ := json.Marshal(map[string]any{ //nolint:errchkjson // plain values
		"@attributes": map[string]string{"id": fmt.Sprint(20000 + i), "flagtype": "4"}, "displayid": fmt.Sprint(20000 + i),
		"departmentid": "5", "statusid": "4", "priorityid": "2", "userid": "9747", "fullname": "a@example.com", "email": "a@example.com",
		"lastreplier": "Оператор", "subject": fmt.Sprintf("Обращение номер %d", i), "creationtime": "1630069143",
		"lastactivity": fmt.Sprint(1630070164 + d.version), "laststaffreply": fmt.Sprint(1630070164 + d.version), "lastuserreply": "1630069143",
		"replies": fmt.Sprint(1 + d.version), "creator": "2", "ownerstaffname": []string{},
	})
	return b
}

func (d *cannedDesk) render() {
	d.list = append(append([]byte(`{"ticket":[`), bytes.Join(d.elements, []byte(","))...), `]}`...)
}

func (d *cannedDesk) change(n int) {
	d.version++
	for i := range n {
		k := (d.version*n + i) * 7919 % len(d.elements)
		d.elements[k] = d.element(k)
	}
	d.render()
}

func (d *cannedDesk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	id, one := strings.CutPrefix(r.URL.Path, "/api/v1/ticket/")
	if !one {
		d.lists++
		_, _ = w.Write(d.list)
		return
	}
	d.fetches++
	_, _ = fmt.Fprintf(w, `{"id":%q,"subject":"Обращение","status":true,"posts":[{"id":"%s1","date":"2021-09-23 17:44:27","text":"т","author":{"id":"1","name":"a@example.com"},"attachments":[]}]}`, id, id)
}
