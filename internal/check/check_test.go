package check_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/internal/check"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bot is a Telegram that knows one bot, or fails.
type bot struct {
	me  telegram.Me
	err error
}

func (b bot) Me(context.Context) (telegram.Me, error) { return b.me, b.err }

// desk is a stand-in with a number of tickets, and the check's configuration.
func desk(t *testing.T, cfg plusofontest.Config, tickets int) (*plusofontest.Server, check.Config) {
	t.Helper()
	cfg.Token = "canary-token"
	srv := plusofontest.New(cfg)
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	for range tickets {
		srv.Reply(srv.OpenInCabinet("Тема", "Текст"), "Оператор", "Ответ", plusofontest.Attachment{Name: "a.txt", Content: []byte("a")})
	}
	return srv, config(t, srv.URL())
}

func config(t *testing.T, url string) check.Config {
	return check.Config{
		Telegram: bot{me: telegram.Me{Username: "plusofon_bot", Name: "Поддержка"}}, English: true, PollInterval: 30 * time.Second,
		Plusofon: plusofon.Config{BaseURL: url, Token: "canary-token"}, DatabasePath: filepath.Join(t.TempDir(), "bot.db"),
	}
}

// run runs the check and returns findings and failures.
func run(t *testing.T, cfg check.Config) (told, wrong string) {
	t.Helper()
	var out bytes.Buffer
	cfg.Out = &out
	var lines []string
	for _, err := range check.Run(t.Context(), cfg) {
		lines = append(lines, err.Error())
	}
	return out.String(), strings.Join(lines, "\n")
}

// What is reported about each kind of API.
func TestWhatTheAPIIsLike(t *testing.T) {
	moscow := time.FixedZone("MSK", 3*60*60)
	for _, tc := range []struct {
		name    string
		desk    plusofontest.Config
		tickets int
		want    []string
	}{
		{"the help desk's", plusofontest.Config{}, 2, []string{
			"customer@example.com", "2 open tickets, 0 closed", "older form", "shows when something happens", "as the help desk does", "shows no attachments", "in seconds", "don't tell how many",
		}},
		{"the page's", plusofontest.Config{PageNames: true, Attachments: plusofontest.ByLink, Location: moscow}, 1, []string{
			"as the API's page does", "as links", "zone UTC+03:00",
		}},
		{"in GMT", plusofontest.Config{PageNames: true, Attachments: plusofontest.Inline}, 1, []string{"as content", "zone UTC+00:00"}},
		{"the newer page's", plusofontest.Config{PageNames: true, Dialect: plusofontest.Newer, Attachments: plusofontest.ByName}, 11, []string{
			"newer form", "within 1m30s", "by name only", "nothing tells which time zone",
		}},
		{"newer with activity", plusofontest.Config{Dialect: plusofontest.NewerWithActivity, Wrapped: true}, 1, []string{"newer form", "shows when something happens", "as the help desk does"}},
		{"empty", plusofontest.Config{}, 0, []string{"0 open tickets, 0 closed", "there are no tickets"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv, cfg := desk(t, tc.desk, tc.tickets)
			told, wrong := run(t, cfg)
			if wrong != "" {
				t.Errorf("wrong: %s", wrong)
			}
			for _, want := range append(tc.want, "@plusofon_bot (Поддержка)", "sees only commands", "will be created") {
				if !strings.Contains(told, want) {
					t.Errorf("does not tell %q:\n%s", want, told)
				}
			}
			for _, r := range srv.Requests() {
				if r.Method != http.MethodGet {
					t.Errorf("it is to read only, and it did %s %s", r.Method, r.Path)
				}
			}
			if entries, _ := os.ReadDir(filepath.Dir(cfg.DatabasePath)); len(entries) != 0 {
				t.Errorf("it leaves %v", entries)
			}
		})
	}
}

// An announced rate limit is reported, and so is what could not be parsed.
func TestLimitsAndLeftOut(t *testing.T) {
	srv, cfg := desk(t, plusofontest.Config{}, 1)
	srv.AddFault(plusofontest.Fault{Op: "list", Body: `[{"id":23624,"replies":1},{"subject":"no id"}]`, Header: http.Header{"X-Ratelimit-Limit": {"60"}}})
	told, wrong := run(t, cfg)
	if wrong != "" || !strings.Contains(told, "X-Ratelimit-Limit") || !strings.Contains(told, "1 can't be read") {
		t.Errorf("%s\n%s", told, wrong)
	}
}

// Every failure has its own line, and none hides another.
func TestEachFailureIsTold(t *testing.T) {
	srv, cfg := desk(t, plusofontest.Config{}, 1)
	srv.AddFault(plusofontest.Fault{Times: -1, Status: http.StatusForbidden, Body: `{"message":"Недостаточно прав"}`})
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nothing was sent
	cfg.Telegram = bot{err: errors.New("no route to host")}
	cfg.DatabasePath, cfg.HTTPAddr = filepath.Join(t.TempDir(), "none", "bot.db"), taken.Addr().String()
	told, wrong := run(t, cfg)
	for i, want := range []string{"Telegram: no answer", "Plusofon: no access", "Database: ", "HTTP_ADDR: "} {
		if lines := strings.Split(wrong, "\n"); len(lines) != 4 || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("wrong:\n%s\nwant line %d to begin with %q", wrong, i, want)
		}
	}
	if told != "" {
		t.Errorf("told: %s", told)
	}
	cfg.English = false
	if _, wrong := run(t, cfg); !strings.Contains(wrong, "Плюсофон: доступа нет") {
		t.Errorf("in Russian: %s", wrong)
	}
}

// The database of a running bot, of a stopped one, and no database.
func TestDatabase(t *testing.T) {
	_, cfg := desk(t, plusofontest.Config{}, 0)
	store, err := state.Open(cfg.DatabasePath)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // by the bot
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nothing was sent
	cfg.HTTPAddr = taken.Addr().String()
	if told, wrong := run(t, cfg); wrong != "" || !strings.Contains(told, "is in use by the bot") {
		t.Errorf("%s\n%s", told, wrong)
	}
	cfg.HTTPAddr = ""
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if told, wrong := run(t, cfg); wrong != "" || !strings.Contains(told, "can be opened") {
		t.Errorf("%s\n%s", told, wrong)
	}
	if err := os.WriteFile(cfg.DatabasePath, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, wrong := run(t, cfg); !strings.HasPrefix(wrong, "Database: ") {
		t.Errorf("wrong: %s", wrong)
	}
}

// canary is an API with a canary in every value, key, header and path, in every known form
// of answers.
func canary(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "canary/canary-type")
	w.Header().Set("X-Canary", "canary-header")
	answers := map[string]string{
		"/api/v1/login":         `{"token":"canary-token-2","refresh_token":"canary-refresh","canary1@example.com":"canary-key"}`,
		"/api/v1/authuser":      `{"user":{"id":770011,"email":"canary@example.com","phone":"+770012","first_name":"Canary","role":{"name":"canary-role"}}}`,
		"/api/v1/ticket":        `{"ticket":[{"@attributes":{"id":"770013"},"displayid":"770013","subject":"Canary тема","fullname":"Canary","lastactivity":"1770014000","770015":"canary","canary 7700@x":1770016,"n":770017.5,"b":true,"z":null,"tags":["canary"],"deep":{"a":[{"b":"canary"}]}}]}`,
		"/api/v1/ticket/770013": `{"id":"770013","subject":"Canary","date":"2026-07-07 07:07:07","posts":[{"id":770018,"contents":"Canary текст U+1F600 <b>770019</b>","fullname":"Canary Иван","dateline":"1770020000","attachments":[{"id":7,"filename":"canary.pdf","url":"https://canary.example/770021?token=canary","contents":"Y2FuYXJ5"}]},"canary"]}`,
	}
	_, _ = io.WriteString(w, answers[r.URL.Path])
}

// The report describes the structure of answers, and none of their values.
func TestReportTellsNoValue(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(canary))
	defer srv.Close()
	cfg := config(t, srv.URL)
	cfg.Plusofon.Token, cfg.Plusofon.Email, cfg.Plusofon.Password = "", "canary@example.com", "canary-password"
	cfg.Report = filepath.Join(t.TempDir(), "report.json")
	if _, wrong := run(t, cfg); wrong != "" {
		t.Fatal(wrong)
	}
	report, err := os.ReadFile(cfg.Report)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"canary", "Canary", "7700", "Иван", "тема", "текст", "07:07", "2026", "Y2Fu", srv.Listener.Addr().String()} {
		for line := range strings.Lines(string(report)) {
			if strings.Contains(line, secret) && !strings.Contains(line, `"X-Canary"`) { // a header's name
				t.Errorf("the report holds %q: %s", secret, line)
			}
		}
	}
	var read struct {
		Answers []struct {
			Request string
			Shape   any
		}
	}
	if err := json.Unmarshal(report, &read); err != nil {
		t.Fatal(err)
	}
	var requests []string
	for _, a := range read.Answers {
		requests = append(requests, a.Request)
	}
	if got, want := fmt.Sprint(requests), "[POST /api/v1/login GET /api/v1/authuser GET /api/v1/ticket GET /api/v1/ticket GET /api/v1/ticket/{id}]"; got != want {
		t.Errorf("answers of %s, want %s", got, want)
	}
	for _, want := range []string{`"contents"`, `"dateline"`, `"@attributes"`, `"digits"`, `"like 0000-00-00 00:00:00"`, `"with tags"`, `"with signs by name"`, `"a link"`, `"(a number)"`, `"(another key)"`} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report does not tell %s:\n%s", want, report)
		}
	}
	if _, wrong := run(t, cfg); !strings.Contains(wrong, "exists already") {
		t.Errorf("written over: %s", wrong)
	}
	if info, err := os.Stat(cfg.Report); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Failed answers are in the report too: that is when it is needed most.
func TestReportOfFailures(t *testing.T) {
	srv, cfg := desk(t, plusofontest.Config{}, 1)
	srv.AddFault(plusofontest.Fault{Op: "list", Times: -1, Body: `{"canaries":{"items":[{"id":"canary"}]}}`})
	cfg.Report = filepath.Join(t.TempDir(), "report.json")
	_, wrong := run(t, cfg)
	report, err := os.ReadFile(cfg.Report)
	if err != nil || wrong == "" || !strings.Contains(string(report), `"items"`) || strings.Contains(string(report), `canary"`) {
		t.Errorf("%v, wrong: %s, report: %s", err, wrong, report)
	}
}
