package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
)

func TestSecretPrintsStars(t *testing.T) {
	s := secret(canaryBot)
	whole := struct {
		Token secret
		Ptr   *secret
	}{s, &s}

	outputs := map[string]string{
		"String":   s.String(),
		"Sprint":   fmt.Sprint(s),
		"an error": fmt.Errorf("calling %q: %w", s, errors.New("refused")).Error(),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%10.3s"} {
		outputs[verb] = fmt.Sprintf(verb, s)
		outputs["struct "+verb] = fmt.Sprintf(verb, whole)
	}
	var err error
	var encoded []byte
	if encoded, err = json.Marshal(whole); err != nil {
		t.Fatal(err)
	}
	outputs["json"] = string(encoded)
	for name, output := range logged(func(log *slog.Logger) { log.Info("start", "token", s, "cfg", whole) }) {
		outputs["slog "+name] = output
	}

	hexadecimal := fmt.Sprintf("%x", canaryBotKey)
	for name, output := range outputs {
		if strings.Contains(output, "canary") || strings.Contains(output, hexadecimal) {
			t.Errorf("%s shows the secret: %s", name, output)
		}
		if !strings.Contains(output, "***") && !strings.HasPrefix(name, "struct ") {
			t.Errorf("%s has no stars: %s", name, output)
		}
	}
	if string(s) != canaryBot {
		t.Error("a conversion does not give the value")
	}
}

// logged runs what logs with either handler behind the mask.
func logged(work func(*slog.Logger)) map[string]string {
	outputs := map[string]string{}
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		cfg := config{LogFormat: format, TelegramToken: canaryBot, PlusofonToken: canaryPlusofon, PlusofonPassword: canaryPassword}
		work(newLogger(cfg, newMaskingWriter(&out, cfg.secrets()...)))
		outputs[format] = out.String()
	}
	return outputs
}

// A secret that comes by way of somebody else's error or text is masked
// wherever a record can hold it.
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
		for format, output := range logged(record) {
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

// Words that a stranger wrote can't look like a record of their own.
func TestLogKeepsOneLineARecord(t *testing.T) {
	forged := "x\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged\r\x1b[2K\u2028"
	outputs := logged(func(l *slog.Logger) {
		l.Info(forged, "text", forged, "error", errors.New(forged), forged, forged, "any", struct{ A string }{forged})
	})
	for format, output := range outputs {
		line, found := strings.CutSuffix(output, "\n")
		if !found || strings.ContainsAny(line, "\n\r\x1b\u2028") {
			t.Errorf("%s: not one plain line: %q", format, output)
		}
	}
}

func TestMaskLeavesTheRest(t *testing.T) {
	var out bytes.Buffer
	w := newMaskingWriter(&out, "", "1234", "longer-secret")
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
	if _, err := newMaskingWriter(brokenPipe{}, "longer-secret").Write([]byte("x")); !errors.Is(err, errBroken) {
		t.Errorf("error is %v", err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }
