package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Anything but a small regular file is refused with an explanation, at once: nothing writes
// into the pipe, and the device never ends.
func TestFilesThatAreRefused(t *testing.T) {
	for what, c := range map[string]struct {
		make func(path string) error
		why  string
	}{
		"a pipe":   {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "не обычный файл"},
		"a device": {func(path string) error { return os.Symlink("/dev/zero", path) }, "не обычный файл"},
		"a folder": {func(path string) error { return os.Mkdir(path, 0o700) }, "не обычный файл"},
		"3 GB":     {func(path string) error { return sparse(path, 3<<30) }, "больше 64 КБ"},
		"64 KB and a byte": {
			func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("\n", maxFile+1)), 0o600) }, "больше 64 КБ",
		},
		"nothing readable": {func(path string) error { return os.Symlink("nowhere", path) }, "такого файла нет"},
	} {
		t.Run(what, func(t *testing.T) {
			inFolder(t, nil)
			if err := c.make("f"); err != nil {
				t.Fatal(err)
			}
			labels, text := wrong(t, sufficient.with(vars{"PLUSOFON_CLIENT_FILE": "f"}))
			if !slices.Equal(labels, []string{"PLUSOFON_CLIENT_FILE"}) || !strings.Contains(text, c.why) {
				t.Errorf("as a value's file: %v\n%s", labels, text)
			}
			if what == "nothing readable" {
				return // a dangling .env is no .env
			}
			if err := os.Rename("f", ".env"); err != nil {
				t.Fatal(err)
			}
			labels, text = wrong(t, sufficient)
			if !slices.Equal(labels, []string{".env"}) || !strings.Contains(text, c.why) {
				t.Errorf("as .env: %v\n%s", labels, text)
			}
		})
	}
}

// sparse makes a file of a size that takes no disk space.
func sparse(path string, size int64) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	return os.Truncate(path, size)
}

// The largest readable file, with a link to it, as systemd and Docker make them.
func TestFilesThatAreRead(t *testing.T) {
	inFolder(t, vars{"target": "1" + strings.Repeat("\n", maxFile-1)})
	if err := os.Symlink(filepath.Join(".", "target"), "f"); err != nil {
		t.Fatal(err)
	}
	if cfg := mustLoad(t, sufficient.with(vars{"PLUSOFON_CLIENT_FILE": "f"})); cfg.PlusofonClient != "1" {
		t.Errorf("read as %q", cfg.PlusofonClient)
	}
}

// A byte order mark and the line breaks around a value are not part of it; those within are.
func TestWhatSurroundsAValue(t *testing.T) {
	for content, want := range map[string]string{
		"\ufeffpass word\r\n": "pass word", "\r\n\npass word\n\n": "pass word", " pass word ": " pass word ", "a\nb\n": "a\nb", "\ufeff\ufeffx": "\ufeffx",
	} {
		inFolder(t, vars{"f": content})
		v := vars{"TELEGRAM_TOKEN": canaryBot, "PLUSOFON_EMAIL": "a@b.ru", "PLUSOFON_PASSWORD_FILE": "f"}
		if got := mustLoad(t, v).PlusofonPassword.Reveal(); got != want {
			t.Errorf("%q is read as %q, want %q", content, got, want)
		}
	}
	inFolder(t, vars{".env": "\ufeffPLUSOFON_CLIENT=77\r\nLOG_FORMAT=json\r\n"})
	if cfg := mustLoad(t, sufficient); cfg.PlusofonClient != "77" || cfg.LogFormat != "json" {
		t.Errorf(".env is read as %q and %q", cfg.PlusofonClient, cfg.LogFormat)
	}
}

// An unreadable line of .env is reported by number, and its content is not shown.
func TestBadLineOfDotEnv(t *testing.T) {
	for content, want := range map[string]string{
		"canary":                             "строка 1 ",
		"A=1\n\n# canary\ncanary words\nB=2": "строка 4 ",
		"A=1\nB='canary\n\nC=2\n":            "строка 2 ",
		"A='1\n2\n3'\ncanary: 4 5\n":         "", // the parser accepts a colon as an equals sign
		"A='1\n2\n3'\nca nary: 4\nB=1\n":     "строка 4 ",
		"export A=1\nB=\"2\"\n=canary\n":     "строка 3 ",
	} {
		inFolder(t, vars{".env": content})
		labels, text := wrong(t, sufficient)
		if want == "" {
			if labels != nil {
				t.Errorf("%q is refused: %s", content, text)
			}
			continue
		}
		if !slices.Equal(labels, []string{".env"}) || !strings.Contains(text, want) || strings.Contains(text, "canary") {
			t.Errorf("%q: %v\n%s", content, labels, text)
		}
	}
}

// The number is found without rereading the rest again and again.
func TestBadLineOfALargeDotEnv(t *testing.T) {
	inFolder(t, vars{".env": strings.Repeat("A=1\n", 8000) + "B='open\n" + strings.Repeat("A=1\n", 8000)})
	if _, text := wrong(t, sufficient); !strings.Contains(text, "строка 8001 ") {
		t.Error(text)
	}
}

// A misspelt name is reported: in .env always as an error, in the environment as a warning,
// because it may be meant for another program, or among other errors.
func TestMisspeltNames(t *testing.T) {
	inFolder(t, nil)
	labels, text := wrong(t, vars{"TELEGRAM_TOKN": canaryBot, "PLUSOFON_TOKEN": canaryPlusofon, "HOME": "/", "PATH": "/bin"})
	if !slices.Equal(labels, []string{"TELEGRAM_TOKEN", "TELEGRAM_TOKN"}) || !strings.Contains(text, "похоже на TELEGRAM_TOKEN.") {
		t.Errorf("named: %v\n%s", labels, text)
	}
	if strings.Contains(text, "canary") {
		t.Errorf("its value is shown:\n%s", text)
	}
	cfg := mustLoad(t, sufficient.with(vars{"ADMIN_ID": "1", "POLL_INTERVAL_FLE": "f", "LANG": "ru_RU.UTF-8"}))
	warnings := Warnings(vars{"ADMIN_ID": "1", "POLL_INTERVAL_FLE": "f", "LANG": "ru_RU.UTF-8"}.environ(), cfg)
	want := []Warning{
		{"ADMIN_ID", "it looks like a misspelt ADMIN_IDS and is not used"},
		{"POLL_INTERVAL_FLE", "it looks like a misspelt POLL_INTERVAL_FILE and is not used"},
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	inFolder(t, vars{".env": "ADMIN_ID=1\n"})
	if labels, _ := wrong(t, sufficient); !slices.Equal(labels, []string{"ADMIN_ID"}) {
		t.Errorf("in .env: %v", labels)
	}
}

func TestWhichNamesAreMisspelt(t *testing.T) {
	for name, meant := range map[string]string{
		"TELEGRAM_TOKN": "TELEGRAM_TOKEN", "TELEGARM_TOKEN": "TELEGRAM_TOKEN", "TELEGRAMM_TOKENS": "TELEGRAM_TOKEN", "telegram_token": "TELEGRAM_TOKEN",
		"TELEGRAMTOKEN": "TELEGRAM_TOKEN", "PLUSOPHON_TOKEN": "PLUSOFON_TOKEN", "ADMIN_ID": "ADMIN_IDS", "TIME_ZONE": "TIMEZONE", "LOG-LEVEL": "LOG_LEVEL",
		"TELEGRAM_TOKEN_FIEL": "TELEGRAM_TOKEN_FILE", "HTTP_ADR": "HTTP_ADDR",
		"HTTP_PROXY": "", "HTTPS_PROXY": "", "NO_PROXY": "", "LANG": "", "LC_ALL": "", "TZ": "", "DATABASE_URL": "", "LOGNAME": "", "TOKEN": "", "": "",
	} {
		if got := misspeltIn(vars{name: "x"})[name]; got != meant {
			t.Errorf("%s is taken for %q, want %q", name, got, meant)
		}
	}
}

// http:// is accepted with a warning, unless it stays on this machine.
func TestPlainAddresses(t *testing.T) {
	inFolder(t, nil)
	for address, warns := range map[string]bool{
		"http://bot-api.example:8081": true, "http://10.0.0.7": true, "http://telegram-bot-api:8081": true, "http://[2001:db8::1]/": true,
		"https://api.telegram.org": false, "http://localhost:8081": false, "http://127.0.0.1": false, "http://127.8.9.1:1": false, "http://[::1]:80": false,
	} {
		for _, name := range []string{"TELEGRAM_API_URL", "PLUSOFON_API_URL"} {
			v := sufficient.with(vars{name: address})
			got := Warnings(v.environ(), mustLoad(t, v))
			if (len(got) == 1 && got[0].Variable == name) != warns || len(got) > 1 {
				t.Errorf("%s=%s: %v", name, address, got)
			}
		}
	}
}
