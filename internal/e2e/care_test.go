package e2e_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// serves waits for the address in the log.
func (p *program) serves() (url string) {
	p.t.Helper()
	p.logs("health and metrics are served")
	found := regexp.MustCompile(`"?address"?[=:]"?(127\.0\.0\.1:\d+)`).FindStringSubmatch(p.stderr.String())
	if found == nil {
		p.t.Fatal("the log does not tell the address")
	}
	return "http://" + found[1]
}

func fetch(t *testing.T, url string) (code int, text string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// ends runs a command to its end and checks its output.
func (w *twoSides) ends(code int, args []string, stdout, stderr string, set ...string) {
	w.t.Helper()
	c := w.command(args, set...)
	c.exits(w.t, code)
	if out, err := c.stdout.String(), c.stderr.String(); !strings.Contains(out, stdout) || !strings.Contains(err, stderr) || (stderr == "") != (err == "") {
		w.t.Errorf("%q says %q and %q, want %q and %q", args, out, err, stdout, stderr)
	}
}

// withoutSecrets is the configuration needed to inspect a running bot.
var withoutSecrets = []string{"TELEGRAM_TOKEN=", "PLUSOFON_TOKEN=", "ADMIN_IDS="}

func TestHealthOfARunningBot(t *testing.T) {
	w := newSides(t)
	w.ends(exitFailed, []string{"healthcheck"}, "", "бот не запущен", withoutSecrets...)
	bot := w.start()
	url := bot.serves()
	w.send("/help") // Telegram answers a poll at once if something is pending
	w.eventually("the bot to be ready", func() bool { code, _ := fetch(t, url+"/readyz"); return code == http.StatusOK })
	if code, text := fetch(t, url+"/healthz"); code != http.StatusOK || text != "alive\n" {
		t.Errorf("/healthz answers %d %q", code, text)
	}
	code, text := fetch(t, url+"/metrics")
	if code != http.StatusOK || !strings.Contains(text, `plusofon_bot_requests_total{method="tickets",outcome="ok",side="plusofon"}`) || !strings.Contains(text, "plusofon_bot_updates_total 1\n") {
		t.Errorf("/metrics answers %d %s", code, text)
	}
	w.ends(exitOK, []string{"healthcheck"}, "бот работает", "", withoutSecrets...)
	w.ends(exitFailed, []string{"healthcheck"}, "", "бот не запущен", append(withoutSecrets, "DATABASE_PATH=another.db")...)
	bot.kill()
	w.ends(exitFailed, []string{"healthcheck"}, "", "бот не запущен", withoutSecrets...)
}

// Also without HTTP_ADDR, and with a description of the side that is lost.
func TestHealthWithOneSideLost(t *testing.T) {
	t.Parallel()
	for lost, c := range map[string]struct{ set, logged, told string }{
		"Telegram": {"TELEGRAM_API_URL=http://127.0.0.1:1", "Telegram can't be reached", "Телеграм не отвечает"},
		"Plusofon": {"PLUSOFON_API_URL=http://127.0.0.1:1", "Plusofon could not be polled", "Плюсофон не отвечает"},
	} {
		t.Run(lost, func(t *testing.T) {
			w := newSides(t)
			bot := w.start(c.set, "HTTP_ADDR=")
			bot.logs(c.logged)
			w.ends(exitFailed, []string{"healthcheck"}, "", c.told)
			w.ends(exitFailed, []string{"healthcheck"}, "", "no answer from "+lost, "LANG=C")
			if strings.Contains(bot.stderr.String(), "served") {
				t.Error("something is served without HTTP_ADDR")
			}
			bot.stops(t)
		})
	}
}

func TestHTTPAddressInUse(t *testing.T) {
	w := newSides(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nobody has called
	bot := w.start("HTTP_ADDR=" + l.Addr().String())
	bot.exits(t, exitFailed)
	bot.logs("bot stopped", "listen at HTTP_ADDR")
}

// A copy made while the bot runs is the bot's whole state: another machine continues with it.
func TestBackupAndRestore(t *testing.T) {
	w := newSides(t)
	w.ends(exitFailed, []string{"backup", "copy.db"}, "", "базы данных plusofon-bot.db нет", withoutSecrets...)
	bot := w.start("POLL_INTERVAL=1s")
	opening := w.send("/new Тема\nТекст")
	w.reacts(opening.ID, "👌")
	receipt := w.reads("Обращение №23624 создано")
	w.ends(exitOK, []string{"backup", "copy.db"}, "копия записана: copy.db", "", withoutSecrets...)
	w.ends(exitFailed, []string{"backup", "copy.db"}, "", "copy.db уже есть", withoutSecrets...)
	w.ends(exitFailed, []string{"backup", "--keep", "1", "copies"}, "", "копия не записана", withoutSecrets...)
	if err := os.Mkdir(filepath.Join(w.folder, "copies"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.ends(exitOK, []string{"backup", "--keep", "1", "copies"}, "копия записана: copies/plusofon-bot-", "", withoutSecrets...)
	bot.stops(t)

	restored := filepath.Join(w.folder, "elsewhere.db")
	if err := os.Rename(filepath.Join(w.folder, "copy.db"), restored); err != nil {
		t.Fatal(err)
	}
	bot = w.start("POLL_INTERVAL=1s", "DATABASE_PATH="+restored)
	answer := w.reply(receipt.ID, "Ответ после восстановления.")
	w.reacts(answer.ID, "👌")
	w.staff("/reply", m{"ticket": 23624, "name": "Оператор", "text": "Всё на месте."})
	w.reads("№23624 Тема", "Всё на месте.")
	bot.stops(t)
	if got := posts(w.ticket(23624)); len(w.tickets()) != 1 || len(got) != 3 {
		t.Errorf("at Plusofon: %q", got)
	}
}
