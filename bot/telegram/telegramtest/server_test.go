package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock moved by the test.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// bed is a server with a person who has written to the bot.
type bed struct {
	*Server
	t      *testing.T
	clock  *clock
	client *http.Client
	anna   *Person
	chat   *Chat
}

func setup(t *testing.T, cfg Config) *bed {
	t.Helper()
	b := &bed{t: t, clock: newClock()}
	if cfg.Clock == nil {
		cfg.Clock = b.clock.Now
	}
	b.Server = New(cfg)
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	b.client = &http.Client{Transport: transport}
	t.Cleanup(func() { b.Close(); transport.CloseIdleConnections() })
	b.anna = b.AddUser(User{ID: 100, FirstName: "Анна", Username: "anna", Language: "ru"})
	b.chat = b.anna.Private()
	return b
}

type answer struct {
	Status      int `json:"-"`
	OK          bool
	Result      json.RawMessage
	Code        int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	}
}

func (b *bed) do(req *http.Request) answer {
	b.t.Helper()
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{Status: res.StatusCode}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		b.t.Fatalf("decode the answer: %v", err)
	}
	return a
}

func (b *bed) request(method string, body io.Reader, kind string) *http.Request {
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.URL()+"/bot"+b.Token()+"/"+method, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req
}

type params map[string]any

// call sends a method as JSON.
func (b *bed) call(method string, p params) answer {
	b.t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(b.request(method, bytes.NewReader(body), "application/json"))
}

// must makes a call that succeeds; its result is decoded into out.
func (b *bed) must(out any, method string, p params) {
	b.t.Helper()
	a := b.call(method, p)
	if !a.OK {
		b.t.Fatalf("%s: %d %s", method, a.Code, a.Description)
	}
	if out != nil {
		if err := json.Unmarshal(a.Result, out); err != nil {
			b.t.Fatalf("%s: decode %s: %v", method, a.Result, err)
		}
	}
}

// send sends a text from the bot and returns the message's id.
func (b *bed) send(chat int64, text string, more params) int {
	b.t.Helper()
	p := params{"chat_id": chat, "text": text}
	for k, v := range more {
		p[k] = v
	}
	var m struct {
		ID int `json:"message_id"`
	}
	b.must(&m, "sendMessage", p)
	return m.ID
}

// upload sends a method as multipart, files by part name.
func (b *bed) upload(method string, p map[string]string, files map[string][]byte) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range p {
		_ = w.WriteField(k, v)
	}
	for k, v := range files {
		part, err := w.CreateFormFile(k, k+".pdf")
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write(v)
	}
	_ = w.Close()
	return b.do(b.request(method, &body, w.FormDataContentType()))
}

type polled struct {
	ID     int `json:"update_id"`
	Fields map[string]json.RawMessage
}

func (p *polled) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, &p.Fields); err != nil {
		return err
	}
	return json.Unmarshal(p.Fields["update_id"], &p.ID)
}

// updates polls once without waiting.
func (b *bed) updates(offset int) []polled {
	b.t.Helper()
	b.clock.Add(time.Second) // longer than the interval in which Telegram thins out repeated polls
	var list []polled
	b.must(&list, "getUpdates", params{"offset": offset})
	return list
}

// message decodes an update's message.
func (b *bed) message(u polled, kind string) wireMessage {
	b.t.Helper()
	var m wireMessage
	if err := json.Unmarshal(u.Fields[kind], &m); err != nil {
		b.t.Fatalf("update %v: %v", u.Fields, err)
	}
	return m
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func expect[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestAddresses(t *testing.T) {
	b := setup(t, Config{})
	for _, tc := range []struct {
		path, words string
		status      int
	}{
		{"/bot" + "wrong:token/getMe", "Unauthorized", 401},
		{"/bot" + b.Token() + "/sendMail", "Not Found: method not found", 404},
		{"/bot" + b.Token(), "Not Found", 404},
		{"/", "Not Found", 404},
		{"/file/botwrong:token/documents/file_1", "Unauthorized", 401},
		{"/file/bot" + b.Token() + "/documents/file_1", "Not Found", 404},
		{"/bot" + b.Token() + "/GETME", "", 200},
	} {
		t.Run(tc.path, func(t *testing.T) {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL()+tc.path, nil)
			a := b.do(req)
			expect(t, "status", a.Status, tc.status)
			expect(t, "words", a.Description, tc.words)
			expect(t, "ok", a.OK, tc.status == 200)
		})
	}
}

func TestEveryWayOfSendingParameters(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	values := url.Values{"chat_id": {"100"}, "text": {"Привет & пока"}, "entities": {`[{"type":"bold","offset":0,"length":6}]`}}
	query := b.request("sendMessage?"+values.Encode(), nil, "")
	query.Method = http.MethodGet
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for k, v := range values {
		_ = w.WriteField(k, v[0])
	}
	_ = w.Close()
	for name, req := range map[string]*http.Request{
		"query":      query,
		"urlencoded": b.request("sendMessage", strings.NewReader(values.Encode()), "application/x-www-form-urlencoded"),
		"multipart":  b.request("sendMessage", &form, w.FormDataContentType()),
		"json": b.request("sendMessage", strings.NewReader(
			`{"chat_id":100,"text":"Привет & пока","entities":[{"type":"bold","offset":0,"length":6}]}`), "application/json; charset=utf-8"),
	} {
		t.Run(name, func(t *testing.T) {
			a := b.do(req)
			if !a.OK {
				t.Fatal(a.Description)
			}
			sent := b.chat.FromBot()
			last := sent[len(sent)-1]
			expect(t, "text", last.Text, "Привет & пока")
			expect(t, "entities", fmt.Sprint(last.Entities), fmt.Sprint([]Entity{{Type: "bold", Length: 6}}))
		})
	}
}

func TestRequestsAreKept(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	b.send(100, "а", nil)
	b.call("sendMessage", params{"chat_id": 7, "text": "б"})
	all := b.Requests()
	expect(t, "count", len(all), 2)
	expect(t, "status", all[0].Status, 200)
	expect(t, "text", all[0].Params["text"], "а")
	expect(t, "refused", all[1].Status, 400)
	expect(t, "why", all[1].Description, "Bad Request: chat not found")
}

func TestWaitEnds(t *testing.T) {
	b := setup(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Wait(ctx, func(*Server) bool { return false }); err == nil {
		t.Error("a cancelled wait gives no error")
	}
	if _, err := b.chat.Wait(ctx, func([]Message) bool { return false }); err == nil {
		t.Error("a cancelled wait gives no error")
	}
	done := make(chan error)
	go func() { done <- b.Wait(t.Context(), func(s *Server) bool { return len(s.Requests()) > 0 }) }()
	b.call("getMe", nil)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
