package relay_test

import (
	"bytes"
	"encoding/json"
	"errors"
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
	"plusofon-bot/bot/relay"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// BenchmarkUpdateToRequest measures the way of a person's answer: from the
// update's arrival to the request at Plusofon, everything committed with
// synchronous=FULL.
func BenchmarkUpdateToRequest(b *testing.B) {
	w := newWorld(b, options{config: func(c *relay.Config) {
		c.PollInterval = time.Hour
		c.Log = slog.New(slog.DiscardHandler)
	}})
	// Tickets of ordinary length: a hundred, answered in turn.
	var messages []int
	w.stop()
	store, err := state.Open(w.path)
	must(b, err)
	must(b, store.Update(func(tx *state.Tx) error {
		for i := range 100 {
			id := state.TicketID(w.plusofon.OpenInCabinet(fmt.Sprintf("Тема %d", i), "Текст"))
			m := w.anna.Send("// её сообщение").ID
			messages = append(messages, m)
			if err := errors.Join(tx.SaveTicket(state.Ticket{ID: id, Subject: "Тема", Open: true, Fetched: time.Now()}),
				tx.Bind(annaID, id, time.Now()), tx.MapMessage(annaID, state.MessageID(m), id, true)); err != nil {
				return err
			}
		}
		return nil
	}))
	must(b, store.Close())
	w.start()
	arrived := make(chan time.Time, 1)
	w.plusofon.AddFault(plusofontest.Fault{Op: "answer", Times: -1, OnRead: func() { arrived <- time.Now() }})
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		sent := time.Now()
		m := w.anna.Reply(messages[i%len(messages)], fmt.Sprintf("ответ %d", i))
		took = append(took, (<-arrived).Sub(sent))
		w.reacts(w.anna, m.ID, "👌")
		// People are not faster: what follows the reaction is not measured.
		time.Sleep(10 * time.Millisecond)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkPoll measures one poll over 10,000 open tickets of which 10 have
// changed. The time is the processor's, that of the stand-in included, which
// answers from memory.
func BenchmarkPoll(b *testing.B) {
	const tickets, changed = 10_000, 10
	desk := newCannedDesk(tickets)
	defer desk.Close()
	store, err := state.Open(filepath.Join(b.TempDir(), "bot.db"))
	must(b, err)
	defer store.Close() //nolint:errcheck // a benchmark
	pf, err := plusofon.New(plusofon.Config{BaseURL: desk.URL, Token: "t", Rate: 1_000_000_000})
	must(b, err)
	r := relay.New(relay.Config{
		Store: store, Bot: bot.New(bot.Config{Language: "ru"}), Plusofon: pf, Background: pf, Log: slog.New(slog.DiscardHandler),
	})
	must(b, r.Poll(b.Context())) // the baseline
	lists, fetches := desk.lists, desk.fetches
	var spent time.Duration
	polls := 0
	for b.Loop() {
		b.StopTimer()
		desk.change(changed)
		b.StartTimer()
		before := processorTime(b)
		must(b, r.Poll(b.Context()))
		spent += processorTime(b) - before
		polls++
	}
	b.ReportMetric(float64(spent.Microseconds())/1000/float64(polls), "cpu-ms/poll")
	b.ReportMetric(float64(desk.lists-lists)/float64(polls), "lists/poll")
	b.ReportMetric(float64(desk.fetches-fetches)/float64(polls), "fetches/poll")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
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
