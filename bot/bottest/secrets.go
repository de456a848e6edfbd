package bottest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"plusofon-bot/plusofon/plusofontest"
)

// The secrets of every world.
const (
	TelegramCanary = "canary-telegram-token"
	PlusofonCanary = "canary-plusofon-token"
)

func (w *World) keepsSecret(where string, text []byte) {
	w.T.Helper()
	for _, canary := range []string{TelegramCanary, PlusofonCanary, plusofontest.Signature} {
		if bytes.Contains(text, []byte(canary)) {
			w.T.Errorf("%s holds %s", where, canary)
		}
	}
}

// databaseKeepsSecrets looks for the secrets in the database's files.
func (w *World) databaseKeepsSecrets() {
	w.T.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(w.Path + suffix)
		if err != nil && !(suffix != "" && errors.Is(err, fs.ErrNotExist)) {
			w.T.Errorf("look for secrets: %v", err)
		}
		w.keepsSecret("the database"+suffix, content)
	}
}

// keepsSecrets looks for the secrets in everything else: the log, which must have one
// record per line, and messages.
func (w *World) keepsSecrets() {
	w.T.Helper()
	log := w.Log.String()
	w.keepsSecret("the log", []byte(log))
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "time=") {
			w.T.Errorf("a line of the log is no record: %q", line)
		}
	}
	for _, r := range w.Telegram.Requests() {
		for name, value := range r.Params {
			w.keepsSecret(name+" of "+r.Method, []byte(value))
		}
	}
}
