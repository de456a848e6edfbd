package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// The secrets of all tests that run the program as a process.
const (
	telegramCanary = "canary-of-the-telegram-token"
	plusofonCanary = "canary-of-the-plusofon-token"
	wrongCanary    = "canary-of-a-wrong-token"
	passwordCanary = "canary-of-the-password"
	proxyCanary    = "canary-of-a-proxy"

	email = "customer@example.com"
)

// With an e-mail and a password the program logs in, and again when the login has expired.
func TestLoginInsteadOfAToken(t *testing.T) {
	w := newSides(t)
	bot := w.start("PLUSOFON_TOKEN=", "PLUSOFON_EMAIL="+email, "PLUSOFON_PASSWORD="+passwordCanary)
	opening := w.send("/new Тема\nТекст")
	w.reacts(opening.ID, "👌")
	receipt := w.reads("Обращение №23624 создано")
	w.staff("/expire", m{})
	answer := w.reply(receipt.ID, "Ещё текст")
	w.reacts(answer.ID, "👌")
	bot.stops(t)
	w.staff("/expire", m{})
	bot = w.start("PLUSOFON_TOKEN=", "PLUSOFON_EMAIL="+email, "PLUSOFON_PASSWORD="+wrongCanary)
	bot.logs("Plusofon could not be polled", "no access (status 401): Неверный логин или пароль")
	bot.stops(t)
}

// Either side may quote secrets in its failures: people read them, the log and the database
// keep them, without the secret.
func TestSecretsThatASideRepeats(t *testing.T) {
	w := newSides(t)
	bot := w.start("POLL_INTERVAL=1s")
	opening := w.send("/new Тема\nТекст")
	w.reacts(opening.ID, "👌")
	w.staff("/fault", m{"op": "open", "status": 400, "body": `{"message":"отказ по токену ` + plusofonCanary + `"}`})
	refused := w.send("/new Отказ\nТекст")
	w.reacts(refused.ID, "💔")
	w.reads("Плюсофон отказал: отказ по токену ***")
	w.post(w.telegram.Control+"/fault", m{"method": "setMessageReaction", "status": 400, "description": "Bad Request: REACTION_INVALID in /bot1000:" + telegramCanary}, nil)
	w.send("/new Ещё\nТекст")
	w.reads("Обращение №23625 создано")
	w.staff("/reply", m{"ticket": 23624, "name": "Оператор", "text": "Ответ", "attachments": []m{{"name": "a.txt", "content": "eA=="}}})
	w.reads("💬 Оператор", "Ответ")
	w.sees("the file", func(m telegramtest.Message) bool { return m.File != nil })
	bot.stops(t)
}

// The password of a proxy goes to the proxy and nowhere else, whether it accepts, refuses
// or is unreachable.
func TestProxyWithAPassword(t *testing.T) {
	w := newSides(t)
	proxy := newProxy(t, w)
	through := []string{"HTTP_PROXY=http://bot:" + proxyCanary + "@" + proxy.address, "TELEGRAM_API_URL=http://telegram.invalid", "PLUSOFON_API_URL=http://plusofon.invalid"}
	w.ends(exitOK, []string{"check"}, "Плюсофон: "+email, "", through...)
	proxy.refuses.Store(true)
	w.ends(exitFailed, []string{"check"}, "", "Telegram: нет ответа", through...)
	bot := w.start(through...)
	bot.logs("Telegram can't be reached")
	bot.logs("Plusofon could not be polled")
	bot.stops(t)
	nobody := "127.0.0.1:1"
	for _, at := range [][2]string{{"http", proxy.address}, {"http", nobody}, {"https", proxy.address}, {"https", nobody}, {"socks5", nobody}} {
		w.ends(exitFailed, []string{"check"}, "", "Telegram: нет ответа", "HTTPS_PROXY="+at[0]+"://bot:"+proxyCanary+"@"+at[1],
			"TELEGRAM_API_URL=https://telegram.invalid", "PLUSOFON_API_URL=https://plusofon.invalid")
	}
}

// Strangers' texts can't add a line to the log, in either format.
func TestStrangersWordsInTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			w := newSides(t)
			bot := w.start("POLL_INTERVAL=1s", "LOG_FORMAT="+format)
			const forged = "слово\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged\r{\"time\":\"2026\",\"level\":\"ERROR\"}\u2028\x1b[2K"
			opening := w.send("/new Тема " + forged)
			w.reacts(opening.ID, "👌")
			w.post(w.telegram.Control+"/fault", m{"method": "sendMessage", "status": 400, "description": forged}, nil)
			w.staff("/reply", m{"ticket": 23624, "name": forged, "text": forged, "attachments": []m{{"name": forged, "content": "eA=="}}})
			news := w.reads("💬 слово")
			body, err := json.Marshal(m{"message": forged})
			if err != nil {
				t.Fatal(err)
			}
			w.staff("/fault", m{"op": "answer", "status": 400, "body": string(body)})
			answer := w.reply(news.ID, forged)
			w.reacts(answer.ID, "💔")
			w.reads("Плюсофон отказал: слово")
			bot.logs("Plusofon refused a submission", "forged")
			bot.logs("Telegram refused a request", "forged")
			bot.stops(t)
		})
	}
}

// proxy forwards to the two sides, or requires a better password.
type proxy struct {
	address string
	refuses atomic.Bool
}

func newProxy(t *testing.T, w *twoSides) *proxy {
	t.Helper()
	p := &proxy{}
	sides := map[string]string{"telegram.invalid": w.telegram.API, "plusofon.invalid": w.plusofon.API}
	password := "Basic " + base64.StdEncoding.EncodeToString([]byte("bot:"+proxyCanary))
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		if to, err := url.Parse(sides[r.In.Host]); err == nil {
			r.SetURL(to)
		}
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.refuses.Load() || r.Header.Get("Proxy-Authorization") != password {
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
			http.Error(w, "ask somebody for the password", http.StatusProxyAuthRequired)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p.address = srv.Listener.Addr().String()
	return p
}

// hidden is what must not be shown anywhere, including what Plusofon returns at login and in links.
var hidden = []string{telegramCanary, plusofonCanary, wrongCanary, passwordCanary, proxyCanary, "login-token", plusofontest.Signature}

func wantNoCanary(t *testing.T, name string, text []byte) {
	t.Helper()
	for _, canary := range hidden {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%s holds %s", name, canary)
		}
	}
}

// canariesStayHidden looks for the secrets in everything that programs have written: their
// streams, the files in their folder, and a backup of each database there. A log has one
// record per line.
func canariesStayHidden(t *testing.T, programs []*program, folder string) {
	t.Helper()
	for i, p := range programs {
		wantNoCanary(t, fmt.Sprintf("stdout of run %d", i+1), []byte(p.stdout.String()))
		wantNoCanary(t, fmt.Sprintf("stderr of run %d", i+1), []byte(p.stderr.String()))
		if p.logging {
			wantRecords(t, p.stderr.String())
		}
	}
	for _, file := range matching(t, folder, "*.db*") {
		wantNoCanaryIn(t, file)
	}
	for i, file := range matching(t, folder, "*.db") {
		reader, err := state.OpenReader(file)
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", i))
		if err := reader.Backup(copied); err != nil {
			t.Errorf("back up %s: %v", filepath.Base(file), err)
		}
		_ = reader.Close() // read-only
		wantNoCanaryIn(t, copied)
	}
}

func matching(t *testing.T, folder, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func wantNoCanaryIn(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantNoCanary(t, filepath.Base(file), content)
}

// wantRecords checks that every line of a log is a record.
func wantRecords(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		var record struct{ Time, Level, Msg string }
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &record) == nil && record.Time != "" && record.Msg != "" {
			continue
		}
		if !strings.HasPrefix(line, "time=") || !strings.Contains(line, " msg=") {
			t.Errorf("a line of the log is no record: %q", line)
		}
	}
}

// showsNoCanary checks everything that a running program serves over HTTP.
func (p *program) showsNoCanary(t *testing.T) {
	t.Helper()
	url := p.serves()
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		_, text := fetch(t, url+path)
		wantNoCanary(t, path, []byte(text))
	}
}
