package plusofon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token     = "canary-token-7e2a"
	email     = "customer@example.com"
	password  = "canary-password-91bc"
	signature = "canary-signature-4d0f" // of a link
)

// canaries must not be in any error or log, including what the stand-in returns at login
// and in links.
var canaries = []string{token, password, signature, "login-token", plusofontest.Signature}

func holdsCanary(text string) bool {
	return slices.ContainsFunc(canaries, func(canary string) bool { return strings.Contains(text, canary) })
}

// noon is the clock of every stand-in.
var noon = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func start(t *testing.T, cfg plusofontest.Config) *plusofontest.Server {
	t.Helper()
	if cfg.Token == "" && cfg.Password == "" {
		cfg.Token = token
	}
	if cfg.Clock == nil {
		cfg.Clock = func() time.Time { return noon }
	}
	srv := plusofontest.New(cfg)
	if err := srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	return srv
}

func config(srv *plusofontest.Server) plusofon.Config {
	return plusofon.Config{BaseURL: srv.URL(), Token: token, Rate: 10000, Location: time.FixedZone("MSK", 3*60*60)}
}

// client logs everything, and checks that no secret is logged.
func client(t *testing.T, cfg plusofon.Config) *plusofon.Client {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = newLog(t).logger()
	}
	c, err := plusofon.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func file(name, content string) plusofon.File {
	return plusofon.File{Name: name, Size: int64(len(content)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(content))), nil
	}}
}

// outcome names what an error means: "ok", "unknown", "source" or its kind; or that it
// reveals a secret, which none may.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if holdsCanary(fmt.Sprintf("%v %+v", err, err)) {
		return "one that tells a secret"
	}
	if _, ok := errors.AsType[*plusofon.UnknownOutcomeError](err); ok {
		if _, ok := errors.AsType[*plusofon.Error](err); ok {
			return "both known and unknown"
		}
		return "unknown"
	}
	if _, ok := errors.AsType[*plusofon.SourceError](err); ok {
		return "source"
	}
	if e, ok := errors.AsType[*plusofon.Error](err); ok {
		return e.Kind.String()
	}
	return "of another type"
}

// logBuffer is a log that tests read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// newLog is a log that must not contain secrets.
func newLog(t *testing.T) *logBuffer {
	l := new(logBuffer)
	t.Cleanup(func() {
		if text := l.String(); holdsCanary(text) {
			t.Errorf("the log holds a secret: %s", text)
		}
	})
	return l
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
