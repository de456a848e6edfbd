package monitor_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/internal/monitor"
	"plusofon-bot/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ bot.Observer = (*monitor.Metrics)(nil)

// world is a monitor of a database, with the test playing the program.
type world struct {
	t       *testing.T
	store   *state.Store
	metrics *monitor.Metrics
	*monitor.Monitor
}

func newWorld(t *testing.T) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.db")
	store, err := state.Open(path)
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	reader, err := state.OpenReader(path)
	must(t, err)
	t.Cleanup(func() { must(t, reader.Close()) })
	metrics := monitor.NewMetrics("1.2.3", "0123456789ab")
	return &world{t, store, metrics, monitor.New(monitor.Config{Reader: reader, Metrics: metrics, Log: slog.New(slog.DiscardHandler)})}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) pulse(v health.Vitals) {
	w.t.Helper()
	must(w.t, w.store.Update(func(tx *state.Tx) error {
		_, err := health.Take(tx, time.Now(), v)
		return err
	}))
}

func (w *world) get(path string) (code int, body string) {
	w.t.Helper()
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer.Code, answer.Body.String()
}

func (w *world) wants(path string, code int, words string) {
	w.t.Helper()
	if got, body := w.get(path); got != code || !strings.Contains(body, words) {
		w.t.Errorf("%s answers %d %q, want %d %q", path, got, body, code, words)
	}
}

func well() health.Vitals {
	now := time.Now()
	return health.Vitals{Started: now, Telegram: now, Plusofon: now, PollInterval: time.Second, DiskFree: 1 << 30}
}

// Ready means that both sides answer; alive means that the process does.
func TestHealth(t *testing.T) {
	w := newWorld(t)
	w.wants("/healthz", 200, "alive")
	w.wants("/readyz", 503, "no sign of life since the start")
	w.pulse(well())
	w.wants("/readyz", 200, "ready")
	lost := well()
	lost.Telegram = time.Now().Add(-time.Minute)
	w.pulse(lost)
	w.wants("/readyz", 503, "no answer from Telegram for 1m0s")
	w.wants("/healthz", 200, "alive")
	w.pulse(well())
	w.wants("/readyz", 200, "ready")
	w.wants("/", 404, "")
	w.wants("/readyz/x", 404, "")
}

// The store is broken: the process still answers, and says that it can't work.
func TestHealthWithoutAStore(t *testing.T) {
	w := newWorld(t)
	must(t, w.Reader.Close())
	w.wants("/healthz", 200, "alive")
	w.wants("/readyz", 503, "closed")
	w.wants("/metrics", 200, "plusofon_bot_updates_total")
}

func TestMetrics(t *testing.T) {
	w := newWorld(t)
	w.metrics.Updates(3)
	w.metrics.News()
	w.metrics.Polled(state.Telegram, 2*time.Second, true)
	w.metrics.Polled(state.Plusofon, time.Second, false)
	w.metrics.Requested(state.Plusofon, "open", "ok")
	w.metrics.Requested(state.Telegram, "sendMessage", "rate_limited")
	w.metrics.Transaction(state.Work{Statements: 40, Rows: 7, Took: 20 * time.Millisecond})
	begun := time.Now()
	must(t, w.store.Update(func(tx *state.Tx) error {
		var rows []state.RowID
		for range 5 {
			id, err := tx.Enqueue(state.Request{Side: state.Plusofon, Lane: "a", Kind: chat.KindOpen, Payload: "канарейка"}, begun.Add(-90*time.Second))
			if err != nil {
				return err
			}
			rows = append(rows, id)
		}
		return errors.Join(tx.StartSending(rows[0]), tx.StartSending(rows[1]), tx.OutcomeUnknown(rows[1], begun, 0, "канарейка"),
			tx.Finish(rows[2], state.Parked, begun, "канарейка"),
			tx.Receive(state.Arrival{Key: "u", Chat: 1, Payload: "канарейка", Due: begun}, begun, time.Second),
			tx.Receive(state.Arrival{Key: "v", Chat: 1, Payload: "канарейка", Due: begun, Unreadable: true}, begun, time.Second))
	}))
	v := well()
	v.Plusofon = begun.Add(-time.Hour)
	w.pulse(v)

	code, text := w.get("/metrics")
	if code != 200 {
		t.Fatalf("answered %d %s", code, text)
	}
	for _, line := range []string{
		`plusofon_bot_updates_total 3`,
		`plusofon_bot_news_total 1`,
		`plusofon_bot_poll_duration_seconds_count{result="ok",side="telegram"} 1`,
		`plusofon_bot_poll_duration_seconds_sum{result="failed",side="plusofon"} 1`,
		`plusofon_bot_requests_total{method="open",outcome="ok",side="plusofon"} 1`,
		`plusofon_bot_requests_total{method="sendMessage",outcome="rate_limited",side="telegram"} 1`,
		`plusofon_bot_rate_limited_total{side="telegram"} 1`,
		`plusofon_bot_transaction_duration_seconds_bucket{le="0.025"} 1`,
		`plusofon_bot_transaction_statements_sum 40`,
		`plusofon_bot_rate_limited_total{side="plusofon"} 0`,
		`plusofon_bot_outbox_rows{side="plusofon",state="queued"} 2`,
		`plusofon_bot_outbox_rows{side="plusofon",state="sending"} 1`,
		`plusofon_bot_outbox_rows{side="plusofon",state="unknown"} 1`,
		`plusofon_bot_outbox_rows{side="plusofon",state="parked"} 1`,
		`plusofon_bot_outbox_rows{side="telegram",state="queued"} 0`,
		`plusofon_bot_outbox_oldest_age_seconds{side="telegram"} 0`,
		`plusofon_bot_inbox_rows{state="pending"} 1`,
		`plusofon_bot_inbox_rows{state="set_aside"} 1`,
		`plusofon_bot_disk_free_bytes 1.073741824e+09`,
		`plusofon_bot_ready 0`,
		`plusofon_bot_build_info{commit="0123456789ab",version="1.2.3"} 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for _, pattern := range []string{
		`plusofon_bot_outbox_oldest_age_seconds\{side="plusofon"\} 9\d\.`,
		`plusofon_bot_poll_age_seconds\{side="plusofon"\} 36\d\d\.`,
		`plusofon_bot_poll_age_seconds\{side="telegram"\} \d+\.`,
		`process_resident_memory_bytes \d`,
		`go_goroutines \d`,
	} {
		if !regexp.MustCompile(`(?m)^` + pattern).MatchString(text) {
			t.Errorf("no line like %s", pattern)
		}
	}
	for line := range strings.Lines(text) {
		// Go's own metrics have the names that dashboards look for.
		if !regexp.MustCompile(`^(#|plusofon_bot_|go_|process_)`).MatchString(line) {
			t.Errorf("a name that is neither the program's nor Go's: %s", line)
		}
	}
	if strings.Contains(text, "канарейка") {
		t.Error("the metrics hold what people write")
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("the metrics are not as is usual: %v (%v)", problems, err)
	}
}

// It serves until it is stopped, and frees its address.
func TestServe(t *testing.T) {
	w := newWorld(t)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address := l.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- w.Serve(ctx, l) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + address + "/healthz")
	must(t, err)
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	must(t, answer.Body.Close())
	if string(text) != "alive\n" {
		t.Errorf("answered %q", text)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("ended with %v", err)
	}
	if l, err := net.Listen("tcp", address); err != nil {
		t.Errorf("the address is still in use: %v", err)
	} else {
		must(t, l.Close())
	}
}
