package demo_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/internal/demo"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience limits every wait: what is waited for arrives by a signal long before.
const patience = 30 * time.Second

// theBot runs the bot as the program does.
func theBot(ctx context.Context, sides demo.Sides) (err error) {
	log := slog.New(slog.DiscardHandler)
	store, err := state.Open(sides.DatabasePath)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	tg, err := telegram.New(telegram.Config{Token: sides.TelegramToken, BaseURL: sides.TelegramURL, Logger: log})
	if err != nil {
		return err
	}
	defer tg.CloseIdle()
	pf, err := plusofon.New(plusofon.Config{BaseURL: sides.PlusofonURL, Token: sides.PlusofonToken, Rate: 1_000_000, Logger: log})
	if err != nil {
		return err
	}
	return bot.New(bot.Config{
		Store: store, Conversation: chat.Config{Language: sides.Language, MaxFileSize: 20 << 20, Signing: chat.SignAuto, Location: sides.Zone},
		Telegram: tg, Plusofon: pf, Background: pf.Background(), PollInterval: 10 * time.Millisecond,
		Owners: []state.UserID{state.UserID(sides.Owner)}, Log: log,
	}).Run(ctx)
}

// shown is a running demo.
type shown struct {
	t       *testing.T
	address string
	client  *http.Client
	stop    func() error
	printed *printed
}

// printed is the demo's terminal output.
type printed struct {
	mu   sync.Mutex
	text string
	more chan struct{} // closed and replaced when there is more
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text += string(b)
	close(p.more)
	p.more = make(chan struct{})
	return len(b), nil
}

func (p *printed) get() (string, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text, p.more
}

func (s *shown) said() string {
	text, _ := s.printed.get()
	return text
}

// terminal waits until the terminal shows a text.
func (s *shown) terminal(text string) {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		said, more := s.printed.get()
		if strings.Contains(said, text) {
			return
		}
		select {
		case <-more:
		case <-timeout:
			s.t.Fatalf("the terminal does not say %q: %s", text, said)
		}
	}
}

func show(t *testing.T, options ...func(*demo.Config)) *shown {
	t.Helper()
	s := &shown{t: t, printed: &printed{more: make(chan struct{})}, client: &http.Client{Timeout: patience, Transport: &http.Transport{}}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		cfg := demo.Config{Bot: theBot, Out: s.printed, Port: 18080, Ports: 1000, Temp: t.TempDir()}
		for _, set := range options {
			set(&cfg)
		}
		done <- demo.Run(ctx, cfg)
	}()
	s.terminal("\n")
	s.address, _, _ = strings.Cut(s.said(), "\n")
	stopped := false
	s.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		err := <-done
		s.client.CloseIdleConnections()
		return err
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return s
}

// request makes a request with these headers, Host among them.
func (s *shown) request(method, path, body string, headers map[string]string) (status int, header http.Header, text string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r.Host = headers["Host"]
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(all)
}

func (s *shown) do(path, body string) {
	s.t.Helper()
	if status, _, text := s.request("POST", path, body, nil); status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, status, text)
	}
}

// stream is the page's event stream.
type stream struct {
	t     *testing.T
	body  io.ReadCloser
	lines *bufio.Reader
}

func (s *shown) stream() *stream {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.address+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		s.t.Errorf("the stream is %q", got)
	}
	return &stream{s.t, answer.Body, bufio.NewReader(answer.Body)}
}

// until reads to the first event of a kind that contains all of the texts.
func (s *stream) until(event string, texts ...string) string {
	s.t.Helper()
	kind := ""
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			s.t.Fatalf("the stream ended before %q: %v", texts, err)
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if name == "event" {
			kind = value
		}
		if name != "data" || kind != event {
			continue
		}
		if !json.Valid([]byte(value)) {
			s.t.Fatalf("an event is not JSON: %s", value)
		}
		found := true
		for _, text := range texts {
			found = found && strings.Contains(value, text)
		}
		if found {
			return value
		}
	}
}

func TestBothSidesAreShown(t *testing.T) {
	s := show(t)
	status, header, text := s.request("GET", "/", "", nil)
	if status != http.StatusOK || !strings.Contains(text, `<script src="app.js" type="module">`) || !strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		t.Fatalf("the page: %d %v %s", status, header, text)
	}
	events := s.stream()
	events.until("chat", `"messages":[]`)
	s.do("/telegram/user", `{"id":100,"first_name":"Анна","language_code":"ru"}`)
	s.do("/telegram/send", `{"user":100,"text":"/new Нет звонков\nС утра."}`)
	events.until("chat", "Обращение №23624 создано", `"reaction":"👌"`)
	s.do("/plusofon/reply", `{"ticket":23624,"name":"Оператор","text":"Чиним.","attachments":[{"name":"план.txt","content":"0JA="}]}`)
	chat := events.until("chat", "💬 Оператор", "Чиним.", `"name":"план.txt"`)
	var v struct {
		Messages []struct {
			ID      int                       `json:"id"`
			Text    string                    `json:"text"`
			Buttons [][]struct{ Data string } `json:"buttons"`
		}
	}
	if err := json.Unmarshal([]byte(chat), &v); err != nil {
		t.Fatal(err)
	}
	for _, m := range v.Messages {
		if strings.Contains(m.Text, "Чиним.") {
			s.do("/telegram/file", `{"user":100,"name":"журнал.txt","content":"0JA=","caption":"вот журнал","reply_to":`+strconv.Itoa(m.ID)+`}`)
			s.do("/telegram/press", `{"user":100,"message":`+strconv.Itoa(m.ID)+`,"data":"mute:23624"}`)
		}
	}
	events.until("answers", "теперь без звука")

	// A page that is opened later is shown everything at once.
	late := s.stream()
	if desk := late.until("desk", "С утра.", "Чиним.", "вот журнал", "журнал.txt"); strings.Contains(desk, `"content"`) {
		t.Errorf("the desk is sent what it does not show: %s", desk)
	}
	s.do("/plusofon/close", `{"ticket":23624}`)
	events.until("desk", `"open":false`)
	events.until("chat", "Обращение закрыто")
}

func TestEverythingEndsAndNothingIsLeft(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	s := show(t, func(c *demo.Config) { c.Temp = "" })
	events := s.stream()
	events.until("cast", "Запустить") // the bot has sent Telegram its texts: it runs
	folders, err := filepath.Glob(filepath.Join(temp, "*", "demo.db"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("databases: %q, %v", folders, err)
	}
	if err := s.stop(); err != nil {
		t.Errorf("run: %v", err)
	}
	if _, err := io.Copy(io.Discard, events.lines); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the stream ended with %v", err)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://")); err == nil {
		_ = c.Close()
		t.Error("the page is still served")
	}
}

// A site open in the same browser can neither act here nor read.
func TestOtherSitesAreRefused(t *testing.T) {
	s := show(t)
	host := strings.TrimPrefix(s.address, "http://")
	_, port, _ := net.SplitHostPort(host)
	for _, c := range []struct {
		name    string
		headers map[string]string
		status  int
	}{
		{"the page itself", map[string]string{"Host": host, "Origin": "http://" + host}, 200},
		{"without an origin", map[string]string{"Host": host}, 200},
		{"by the name localhost", map[string]string{"Host": "localhost:" + port, "Origin": "http://localhost:" + port}, 200},
		{"another site", map[string]string{"Host": host, "Origin": "https://evil.example"}, 403},
		{"a page without an origin of its own", map[string]string{"Host": host, "Origin": "null"}, 403},
		{"another port of this machine", map[string]string{"Host": host, "Origin": "http://127.0.0.1:1"}, 403},
		{"the other name of this machine", map[string]string{"Host": host, "Origin": "http://localhost:" + port}, 403},
		{"another site's name that leads here", map[string]string{"Host": "evil.example:" + port, "Origin": "http://evil.example:" + port}, 403},
		{"that name without an origin", map[string]string{"Host": "evil.example:" + port}, 403},
		{"no port", map[string]string{"Host": "127.0.0.1"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, at := range []struct{ method, path, body string }{
				{"GET", "/", ""}, {"POST", "/telegram/send", `{"user":100,"text":"/help"}`}, {"POST", "/plusofon/open", `{"subject":"x","text":"y"}`},
			} {
				if status, _, text := s.request(at.method, at.path, at.body, c.headers); status != c.status {
					t.Errorf("%s %s: %d, want %d: %s", at.method, at.path, status, c.status, text)
				}
			}
		})
	}
}

// The page consists of plain files and loads nothing from elsewhere.
func TestPageIsSelfContained(t *testing.T) {
	s := show(t)
	_, header, _ := s.request("GET", "/", "", nil)
	policy := header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy %q lacks %s", policy, part)
		}
	}
	for path, want := range map[string]string{
		"/": "text/html", "/theme.js": "text/javascript", "/app.js": "text/javascript", "/words.js": "text/javascript", "/chat.js": "text/javascript",
		"/text.js": "text/javascript", "/base.css": "text/css", "/chat.css": "text/css", "/desk.css": "text/css", "/icon.svg": "image/svg+xml",
	} {
		status, header, text := s.request("GET", path, "", nil)
		if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), want) {
			t.Errorf("%s: %d, %q", path, status, header.Get("Content-Type"))
		}
		for _, foreign := range []string{`src="http`, `href="http`, "@import", "innerHTML", "url("} {
			if strings.Contains(text, foreign) {
				t.Errorf("%s holds %s", path, foreign)
			}
		}
	}
}

func TestWrongOrdersAreExplained(t *testing.T) {
	s := show(t)
	for path, body := range map[string]string{
		"/telegram/send":  `{"user":100}`,
		"/telegram/press": `{"user":100,"message":9,"data":"x"}`,
		"/plusofon/reply": `{"ticket":1,"name":"x","text":"y"}`,
		"/plusofon/close": `not JSON`,
	} {
		status, _, text := s.request("POST", path, body, nil)
		var said struct{ Error string }
		if err := json.Unmarshal([]byte(text), &said); status != http.StatusBadRequest || err != nil || said.Error == "" {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, _, _ := s.request("POST", "/", "", nil); status != http.StatusMethodNotAllowed {
		t.Errorf("a POST of the page: %d", status)
	}
}

// occupied returns a port in use.
func occupied(t *testing.T) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, text, _ := net.SplitHostPort(l.Addr().String())
	port, _ = strconv.Atoi(text)
	return port
}

func TestTakenPortIsPassedOver(t *testing.T) {
	port := occupied(t)
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	err := demo.Run(ctx, demo.Config{Out: &out, Port: port, Ports: 200, Bot: func(ctx context.Context, _ demo.Sides) error {
		cancel()
		return nil
	}})
	address, _, _ := strings.Cut(out.String(), "\n")
	host, got, splitErr := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	n, _ := strconv.Atoi(got)
	if err != nil || splitErr != nil || host != "127.0.0.1" || n <= port || n >= port+200 {
		t.Errorf("it listens at %q, want one of the ports after %d of 127.0.0.1; run: %v", address, port, err)
	}
}

func TestNoFreePort(t *testing.T) {
	port := occupied(t)
	t.Setenv("TMPDIR", t.TempDir())
	var out bytes.Buffer
	err := demo.Run(t.Context(), demo.Config{Out: &out, Port: port, Ports: 1, Bot: func(context.Context, demo.Sides) error {
		t.Error("the bot runs")
		return nil
	}})
	want := "none of the ports " + strconv.Itoa(port) + " to " + strconv.Itoa(port) + " of 127.0.0.1 is free"
	if err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
		t.Errorf("run: %v, want %q; it says %q", err, want, out.String())
	}
}

// What ends the bot ends the demo.
func TestBotThatFails(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	broken := errors.New("broken")
	for want, bot := range map[string]func(context.Context, demo.Sides) error{
		"broken":                  func(context.Context, demo.Sides) error { return broken },
		"the bot ended by itself": func(context.Context, demo.Sides) error { return nil },
	} {
		err := demo.Run(t.Context(), demo.Config{Out: io.Discard, Port: 18080, Ports: 1000, Bot: bot})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("run: %v, want %s", err, want)
		}
	}
	if left, err := fs.Glob(os.DirFS(temp), "*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The scenario plays to its end on an open page, and can be played again.
func TestScenario(t *testing.T) {
	t.Parallel()
	s := show(t, func(c *demo.Config) { c.Scenario, c.Pace = true, time.Millisecond })
	events := s.stream()
	events.until("play", `"running":true`, `"step":1,`)
	events.until("play", `"running":false`, "Сценарий окончен")
	if said := s.said(); !strings.Contains(said, "1/8 Анна открывает бота.") || !strings.Contains(said, "8/8 Ольга починила") {
		t.Errorf("the terminal says %s", said)
	}
	desk := s.stream().until("desk", "Переадресацию включила")
	if n := strings.Count(desk, "Переадресацию включила"); n != 1 {
		t.Errorf("what was written while Plusofon was down is there %d times: %s", n, desk)
	}
	s.stream().until("faults", `"down":false`)

	s.do("/play", `{}`) // once more, beside what the first run has left
	events.until("play", `"running":true`, `"step":3`)
	s.do("/stop", `{}`)
	events.until("play", `"running":false`)
}

func TestScenarioInEnglish(t *testing.T) {
	t.Parallel()
	s := show(t, func(c *demo.Config) { c.Pace = time.Millisecond })
	events := s.stream()
	s.do("/language", `{"language":"en"}`)
	s.do("/play", `{}`)
	events.until("play", `"running":true`)
	if status, _, text := s.request("POST", "/play", `{}`, nil); status != http.StatusBadRequest || !strings.Contains(text, "playing") {
		t.Errorf("played twice at once: %d %s", status, text)
	}
	if end := events.until("play", `"running":false`, `"step":8`); !strings.Contains(end, "The scenario is over") {
		t.Errorf("the end: %s", s.said())
	}
	s.stream().until("desk", `"subject":"No incoming calls"`)
}

// The wait for a page is limited, and a stopped scenario leaves no fault switched on.
func TestScenarioWithoutAPage(t *testing.T) {
	s := show(t, func(c *demo.Config) { c.Scenario, c.Pace, c.OpeningTime = true, time.Hour, time.Millisecond })
	s.terminal("1/8")
	s.do("/stop", `{}`)
	s.terminal("Сценарий остановлен")
	s.do("/stop", `{}`)
	s.do("/telegram/send", `{"user":100,"text":"/help"}`)
	s.stream().until("chat", `"text":"/help"`, `"from_bot":true`)
}

func TestLanguage(t *testing.T) {
	s := show(t)
	events := s.stream()
	events.until("cast", `"language":"ru"`)
	s.do("/language", `{"language":"en"}`)
	events.until("cast", `"language":"en"`)
	s.do("/telegram/send", `{"user":100,"text":"/start"}`)
	events.until("chat", "Hello, Anna")
	for _, body := range []string{`{"language":"de"}`, `{"lang":"ru"}`, `x`} {
		if status, _, text := s.request("POST", "/language", body, nil); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

// The group has the bot once a person adds it, and shows its topics.
func TestGroup(t *testing.T) {
	s := show(t)
	events := s.stream()
	var cast struct{ Group int64 }
	if err := json.Unmarshal([]byte(events.until("cast", `"group":`)), &cast); err != nil {
		t.Fatal(err)
	}
	group := strconv.FormatInt(cast.Group, 10)
	s.do("/telegram/bot", `{"user":100,"chat":`+group+`,"status":"administrator","rights":{"ManageTopics":true,"PinMessages":true}}`)
	events.until("chat", `"id":`+group, `"bot":"administrator"`)
	s.do("/telegram/send", `{"user":200,"chat":`+group+`,"text":"привет"}`)
	events.until("chat", `"id":`+group, "привет")
}

// What was sent can be saved on both sides, and is never executed.
func TestFilesAreSaved(t *testing.T) {
	s := show(t)
	events := s.stream()
	s.do("/telegram/file", `{"user":100,"name":"страница.html","mime":"text/html","content":"PGI+","caption":"/new файл"}`)
	chat := events.until("chat", "страница.html")
	_, rest, _ := strings.Cut(chat, `"file":{"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	events.until("desk", "страница.html")
	for _, path := range []string{"/telegram/download?id=" + id, "/plusofon/download?id=1"} {
		status, header, text := s.request("GET", path, "", nil)
		if status != http.StatusOK || text != "<b>" || header.Get("Content-Type") != "application/octet-stream" ||
			!strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %v %q", path, status, header, text)
		}
	}
	for _, path := range []string{"/telegram/download?id=x", "/plusofon/download?id=9", "/telegram/messages?chat=100", "/plusofon/requests"} {
		if status, _, _ := s.request("GET", path, "", nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestBrowserIsShownTheAddress(t *testing.T) {
	var opened string
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	err := demo.Run(ctx, demo.Config{
		Out: &out, Port: 18080, Ports: 1000, Open: func(address string) { opened = address; cancel() },
		Bot: func(ctx context.Context, _ demo.Sides) error { <-ctx.Done(); return nil },
	})
	if address, _, _ := strings.Cut(out.String(), "\n"); err != nil || opened == "" || opened != address {
		t.Errorf("opened %q, said %q; run: %v", opened, address, err)
	}
}
