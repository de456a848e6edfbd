package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A value's file, or .env, that is a pipe or a device is refused with an explanation, at
// once: nothing ever writes into the pipe, and the device never ends.
func TestFilesThatWouldHangTheStart(t *testing.T) {
	for what, make := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a device": func(path string) error { return os.Symlink("/dev/zero", path) },
		"3 GB": func(path string) error {
			f, err := os.Create(path)
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }() // write-only
			return f.Truncate(3 << 30)
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newSides(t)
			value := filepath.Join(t.TempDir(), "token")
			if err := make(value); err != nil {
				t.Fatal(err)
			}
			p := w.launch(nil, "TELEGRAM_TOKEN_FILE="+value, "PLUSOFON_TOKEN="+plusofonCanary)
			p.logging = false // its output is for a person
			p.exits(t, exitUsage)
			if text := p.stderr.String(); !strings.Contains(text, "TELEGRAM_TOKEN_FILE") {
				t.Errorf("it says %q", text)
			}
			if err := make(filepath.Join(w.folder, ".env")); err != nil {
				t.Fatal(err)
			}
			p = w.command(nil)
			p.logging = false
			p.exits(t, exitUsage)
			if text := p.stderr.String(); !strings.Contains(text, ".env") {
				t.Errorf("it says %q", text)
			}
		})
	}
}

// The log has the version when the program starts, what looks wrong in its settings, and
// that a signal has stopped it.
func TestStartAndStopAreLogged(t *testing.T) {
	w := newSides(t)
	bot := w.start("POLL_INTERVL=10s")
	bot.logs("bot starts", "version=", "commit=", "a setting looks wrong", "variable=POLL_INTERVL", "misspelt POLL_INTERVAL", "connected")
	bot.stops(t)
	bot.logs("bot stopped by a signal")
	if n := strings.Count(bot.stderr.String(), "http:// to another host"); n > 0 {
		t.Errorf("of addresses on this machine it is warned %d times", n)
	}
}
