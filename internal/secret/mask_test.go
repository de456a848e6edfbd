package secret_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"plusofon-bot/internal/secret"
)

// logged runs logging code with either handler of the program, masking secrets.
func logged(work func(*slog.Logger), secrets ...secret.String) map[string]string {
	outputs := map[string]string{}
	for format, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var out bytes.Buffer
		work(slog.New(handler(secret.NewWriter(&out, secrets...))))
		outputs[format] = out.String()
	}
	return outputs
}

// A secret in a foreign error or text is masked wherever a record may contain it.
func TestLogMasksSecrets(t *testing.T) {
	link := &url.Error{Op: "Get", URL: "https://api.telegram.org/bot" + canaryBot + "/getMe", Err: errors.New("refused")}
	records := map[string]func(*slog.Logger){
		"message": func(l *slog.Logger) { l.Info("got " + canaryBot + " back") },
		"string":  func(l *slog.Logger) { l.Info("m", "k", "a "+canaryPlusofon) },
		"several": func(l *slog.Logger) { l.Info(canaryBot+canaryBot, "k", canaryPlusofon+"\n"+canaryPassword) },
		"key":     func(l *slog.Logger) { l.Info("m", canaryPlusofon, 1) },
		"error":   func(l *slog.Logger) { l.Error("m", "error", link) },
		"group": func(l *slog.Logger) {
			l.WithGroup("g").With("k", canaryPlusofon).Info("m", slog.Group("h", "k", canaryBot))
		},
		"any":                func(l *slog.Logger) { l.Info("m", "k", struct{ A string }{canaryPassword}) },
		"what needs quoting": func(l *slog.Logger) { l.Info("m", "k", "x "+canaryPassword+" y") },
		"query":              func(l *slog.Logger) { l.Info("m", "k", "https://host/?p="+url.QueryEscape(canaryPassword)) },
		"path":               func(l *slog.Logger) { l.Info("m", "k", "https://host/"+url.PathEscape(canaryPassword)) },
		"the key alone":      func(l *slog.Logger) { l.Info("m", "k", canaryBotKey) },
	}
	for name, record := range records {
		for format, output := range logged(record, canaryBot, canaryPlusofon, canaryPassword) {
			if strings.Contains(output, "canary") {
				t.Errorf("%s, %s: a secret is shown: %s", name, format, output)
			}
			if !strings.Contains(output, "***") {
				t.Errorf("%s, %s: no stars: %s", name, format, output)
			}
			if format == "json" && !json.Valid([]byte(output)) {
				t.Errorf("%s: the mask breaks the record: %s", name, output)
			}
		}
	}
}

func TestMaskLeavesTheRest(t *testing.T) {
	var out bytes.Buffer
	w := secret.NewWriter(&out, "", "1234", "longer-secret")
	text := "ticket 1234, nothing secret\n"
	if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	if out.String() != text {
		t.Errorf("wrote %q", out.String())
	}

	out.Reset()
	text = "a longer-secret b\n"
	if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
		t.Fatalf("Write = %d, %v: the caller's length counts, not the masked one", n, err)
	}
	if got := out.String(); got != "a *** b\n" {
		t.Errorf("wrote %q", got)
	}
}

func TestMaskReportsAFailedWrite(t *testing.T) {
	if _, err := secret.NewWriter(brokenPipe{}, "longer-secret").Write([]byte("x")); !errors.Is(err, errBroken) {
		t.Errorf("error is %v", err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }
