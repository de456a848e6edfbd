package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plusofon-bot/internal/secret"
)

// The secrets of the tests; no output may contain any of them.
const (
	canaryBotKey   = "AAE-canary-of-the-bot_key"
	canaryBot      = "123456:" + canaryBotKey
	canaryPlusofon = "canary.of.plusofon"
	canaryPassword = `canary "of\ the <password`
)

var canaries = []string{canaryBotKey, canaryPlusofon, canaryPassword, "canary"}

type vars map[string]string

// sufficient is the minimum that the program starts with.
var sufficient = vars{"TELEGRAM_TOKEN": canaryBot, "PLUSOFON_TOKEN": canaryPlusofon}

// with returns the variables with some changed; an empty value unsets.
func (v vars) with(changes vars) vars {
	all := maps.Clone(v)
	maps.Copy(all, changes)
	return all
}

func (v vars) environ() []string {
	list := []string{"LANG=ru_RU.UTF-8"} // the last of a name takes effect
	for name, value := range v {
		list = append(list, name+"="+value)
	}
	return list
}

// inFolder makes a new folder with these files the working folder.
func inFolder(t *testing.T, files vars) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func mustLoad(t *testing.T, v vars) Config {
	t.Helper()
	cfg, err := Load(v.environ())
	if err != nil {
		t.Fatalf("loading the configuration: %v", err)
	}
	return cfg
}

// wrong returns the labels and texts of the problems with the variables.
func wrong(t *testing.T, v vars) (labels []string, text string) {
	t.Helper()
	_, err := Load(v.environ())
	if err == nil {
		return nil, ""
	}
	var bad loadError
	if !errors.As(err, &bad) {
		t.Fatalf("error is %T (%v), want a loadError", err, err)
	}
	for _, p := range bad.problems {
		labels = append(labels, p.label)
	}
	return labels, err.Error()
}

func TestDefaults(t *testing.T) {
	inFolder(t, nil)
	cfg := mustLoad(t, sufficient)
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		TelegramToken:  canaryBot,
		TelegramAPIURL: "https://api.telegram.org",
		PlusofonToken:  canaryPlusofon,
		PlusofonClient: "10553",
		PlusofonAPIURL: "https://restapi.plusofon.ru",
		PlusofonRate:   60,
		DatabasePath:   "plusofon-bot.db",
		PollInterval:   30 * time.Second,
		Language:       "ru",
		Timezone:       moscow,
		MaxFileSize:    20 << 20,
		SignPosts:      "auto",
		LogLevel:       slog.LevelInfo,
		LogFormat:      "text",
	}
	if cfg.Timezone.String() != "Europe/Moscow" {
		t.Errorf("Timezone is %v", cfg.Timezone)
	}
	cfg.Timezone, want.Timezone = nil, nil
	if diff := cmp.Diff(want, cfg); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestTimezoneReadsDates(t *testing.T) {
	inFolder(t, nil)
	for zone, want := range map[string]string{
		"Europe/Moscow":      "2021-09-23T17:44:27+03:00",
		"Asia/Yekaterinburg": "2021-09-23T17:44:27+05:00",
		"UTC":                "2021-09-23T17:44:27Z",
	} {
		cfg := mustLoad(t, sufficient.with(vars{"TIMEZONE": zone}))
		at, err := time.ParseInLocation(time.DateTime, "2021-09-23 17:44:27", cfg.Timezone)
		if err != nil {
			t.Fatal(err)
		}
		if got := at.Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}

// The variables come only from the given environment.
func TestProcessEnvironmentIsNotRead(t *testing.T) {
	inFolder(t, nil)
	for name, value := range sufficient {
		t.Setenv(name, value)
	}
	t.Setenv("LOG_FORMAT", "json")
	if labels, _ := wrong(t, vars{}); !slices.Equal(labels, []string{"TELEGRAM_TOKEN", "PLUSOFON_TOKEN"}) {
		t.Errorf("missing: %v", labels)
	}
	if cfg := mustLoad(t, sufficient); cfg.LogFormat != "text" {
		t.Errorf("LogFormat is %q", cfg.LogFormat)
	}
}

func TestSources(t *testing.T) {
	tests := []struct {
		name  string
		vars  vars
		files vars
		want  string // of PLUSOFON_CLIENT
		wrong []string
	}{
		{name: "nothing said: the default", want: "10553"},
		{name: "the environment", vars: vars{"PLUSOFON_CLIENT": "1"}, want: "1"},
		{name: "empty is not set", vars: vars{"PLUSOFON_CLIENT": ""}, want: "10553"},
		{name: "a file named", vars: vars{"PLUSOFON_CLIENT_FILE": "f"}, files: vars{"f": "2"}, want: "2"},
		{name: "its line end is cut", vars: vars{"PLUSOFON_CLIENT_FILE": "f"}, files: vars{"f": "2\r\n"}, want: "2"},
		{name: ".env", files: vars{".env": "PLUSOFON_CLIENT=3\n"}, want: "3"},
		{name: ".env names a file", files: vars{".env": "PLUSOFON_CLIENT_FILE=f\n", "f": "4\n"}, want: "4"},
		{
			name: "the environment wins over .env", want: "1",
			vars: vars{"PLUSOFON_CLIENT": "1"}, files: vars{".env": "PLUSOFON_CLIENT=3\n"},
		},
		{
			name: "the environment's file wins over .env's value", want: "2",
			vars: vars{"PLUSOFON_CLIENT_FILE": "f"}, files: vars{".env": "PLUSOFON_CLIENT=3\n", "f": "2"},
		},
		{
			name: "the environment's value wins over .env's file", want: "1",
			vars: vars{"PLUSOFON_CLIENT": "1"}, files: vars{".env": "PLUSOFON_CLIENT_FILE=f\n", "f": "4"},
		},
		{
			name: "empty in the environment leaves it to .env", want: "3",
			vars: vars{"PLUSOFON_CLIENT": ""}, files: vars{".env": "PLUSOFON_CLIENT=3\n"},
		},
		{
			name: "the value and the file at once", wrong: []string{"PLUSOFON_CLIENT, PLUSOFON_CLIENT_FILE"},
			vars: vars{"PLUSOFON_CLIENT": "1", "PLUSOFON_CLIENT_FILE": "f"}, files: vars{"f": "1"},
		},
		{
			name: "both in .env", wrong: []string{"PLUSOFON_CLIENT, PLUSOFON_CLIENT_FILE"},
			files: vars{".env": "PLUSOFON_CLIENT=1\nPLUSOFON_CLIENT_FILE=f\n"},
		},
		{name: "no such file", vars: vars{"PLUSOFON_CLIENT_FILE": "f"}, wrong: []string{"PLUSOFON_CLIENT_FILE"}},
		{name: "a folder", vars: vars{"PLUSOFON_CLIENT_FILE": "."}, wrong: []string{"PLUSOFON_CLIENT_FILE"}},
		{
			name: "an empty file", wrong: []string{"PLUSOFON_CLIENT_FILE"},
			vars: vars{"PLUSOFON_CLIENT_FILE": "f"}, files: vars{"f": "\n"},
		},
		{name: ".env is no list of variables", files: vars{".env": "just words\nmore\n"}, wrong: []string{".env"}},
		{name: ".env lacks an equals sign", files: vars{".env": "TELEGRAM_TOKEN 1:a\n"}, wrong: []string{".env"}},
		{name: ".env holds a word alone", files: vars{".env": "word"}, wrong: []string{".env"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inFolder(t, tt.files)
			v := sufficient.with(tt.vars)
			if labels, text := wrong(t, v); !slices.Equal(labels, tt.wrong) {
				t.Fatalf("wrong: %v, want %v\n%s", labels, tt.wrong, text)
			}
			if tt.wrong == nil {
				if got := mustLoad(t, v).PlusofonClient; got != tt.want {
					t.Errorf("PLUSOFON_CLIENT is %q, want %q", got, tt.want)
				}
			}
		})
	}
}

// Every variable has its _FILE form, not only the secrets.
func TestEveryVariableFromAFile(t *testing.T) {
	values := sufficient.with(vars{"PLUSOFON_EMAIL": "a@b.ru", "PLUSOFON_PASSWORD": canaryPassword, "ADMIN_IDS": "1", "HTTP_ADDR": ":9090", "KEEP_CLOSED": "30"})
	files, named := vars{}, vars{}
	for _, v := range variables {
		value := v.def
		if value == "" {
			value = values[v.name]
		}
		files[v.name] = value + "\n"
		named[v.name+"_FILE"] = v.name
	}
	inFolder(t, files)
	fromFiles, direct := mustLoad(t, named), mustLoad(t, values)
	fromFiles.Timezone, direct.Timezone = nil, nil
	if diff := cmp.Diff(direct, fromFiles); diff != "" {
		t.Errorf("from files (-direct +files):\n%s", diff)
	}
}

func TestDotEnvThatIsAFolder(t *testing.T) {
	inFolder(t, nil)
	if err := os.Mkdir(".env", 0o700); err != nil {
		t.Fatal(err)
	}
	if labels, _ := wrong(t, sufficient); !slices.Equal(labels, []string{".env"}) {
		t.Errorf("wrong: %v", labels)
	}
}

func TestWaysIntoPlusofon(t *testing.T) {
	bot := vars{"TELEGRAM_TOKEN": canaryBot}
	tests := []struct {
		name  string
		vars  vars
		wrong []string
	}{
		{name: "a token", vars: vars{"PLUSOFON_TOKEN": "t"}},
		{name: "an e-mail and a password", vars: vars{"PLUSOFON_EMAIL": "a@b.ru", "PLUSOFON_PASSWORD": "p"}},
		{name: "all three", vars: vars{"PLUSOFON_TOKEN": "t", "PLUSOFON_EMAIL": "a@b.ru", "PLUSOFON_PASSWORD": "p"}},
		{name: "nothing", wrong: []string{"PLUSOFON_TOKEN"}},
		{name: "an e-mail alone", vars: vars{"PLUSOFON_EMAIL": "a@b.ru"}, wrong: []string{"PLUSOFON_PASSWORD"}},
		{name: "a password alone", vars: vars{"PLUSOFON_PASSWORD": "p"}, wrong: []string{"PLUSOFON_EMAIL"}},
		{
			name: "a token and half a pair", wrong: []string{"PLUSOFON_PASSWORD"},
			vars: vars{"PLUSOFON_TOKEN": "t", "PLUSOFON_EMAIL": "a@b.ru"},
		},
		{
			name: "what is wrong is not missing too", wrong: []string{"PLUSOFON_EMAIL"},
			vars: vars{"PLUSOFON_EMAIL": "nobody", "PLUSOFON_PASSWORD": "p"},
		},
		{
			name: "an unreadable file is not missing too", wrong: []string{"PLUSOFON_TOKEN_FILE"},
			vars: vars{"PLUSOFON_TOKEN_FILE": "nowhere"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inFolder(t, nil)
			if labels, text := wrong(t, bot.with(tt.vars)); !slices.Equal(labels, tt.wrong) {
				t.Errorf("wrong: %v, want %v\n%s", labels, tt.wrong, text)
			}
		})
	}
}

func TestEverythingWrongIsNamedAtOnce(t *testing.T) {
	inFolder(t, nil)
	v, want := vars{}, []string{}
	for _, row := range variables {
		if row.name == "PLUSOFON_PASSWORD" || row.name == "DATABASE_PATH" {
			continue // any text will do for these two
		}
		v[row.name] = "кан canary\n"
		want = append(want, row.name)
	}
	v["PLUSOFON_PASSWORD"] = canaryPassword
	labels, text := wrong(t, v)
	if !slices.Equal(labels, want) {
		t.Errorf("named: %v\nwant:  %v", labels, want)
	}
	for _, row := range variables {
		if slices.Contains(want, row.name) && !strings.Contains(text, row.hint.RU) {
			t.Errorf("%s: nothing says how to set it:\n%s", row.name, text)
		}
	}
	if got := strings.Count(text, "\n"); got != len(want)+1 {
		t.Errorf("%d line breaks for %d problems:\n%s", got, len(want), text)
	}
}

func TestErrorsHoldNoValue(t *testing.T) {
	cases := map[string]func(*testing.T) vars{
		"every value wrong": func(t *testing.T) vars {
			inFolder(t, nil)
			return everywhere("", "canary:канарейка@canary/?#")
		},
		"a secret where a file's name belongs": func(t *testing.T) vars {
			inFolder(t, nil)
			return everywhere("_FILE", canaryBot)
		},
		"both forms": func(t *testing.T) vars {
			inFolder(t, nil)
			v := everywhere("", canaryBot)
			maps.Copy(v, everywhere("_FILE", canaryBot))
			return v
		},
		".env with a stray line": func(t *testing.T) vars {
			inFolder(t, vars{".env": "TELEGRAM TOKEN!" + canaryBot + "\n"})
			return vars{}
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			labels, text := wrong(t, prepare(t))
			if len(labels) == 0 {
				t.Fatal("nothing is wrong")
			}
			for _, canary := range append(canaries, "канарейка") {
				if strings.Contains(text, canary) {
					t.Errorf("%q is shown:\n%s", canary, text)
				}
			}
		})
	}
}

func everywhere(suffix, value string) vars {
	all := vars{}
	for _, v := range variables {
		all[v.name+suffix] = value
	}
	return all
}

func TestSecretsAreAllOfTheirType(t *testing.T) {
	inFolder(t, nil)
	cfg := mustLoad(t, sufficient.with(vars{"PLUSOFON_EMAIL": "a@b.ru", "PLUSOFON_PASSWORD": canaryPassword}))
	var fields []secret.String
	for _, value := range reflect.ValueOf(cfg).Fields() {
		if s, ok := value.Interface().(secret.String); ok {
			fields = append(fields, s)
		}
	}
	if got := cfg.Secrets(); !slices.Equal(got, fields) || len(got) != 3 {
		t.Errorf("Secrets lists %d values, the struct has %d", len(got), len(fields))
	}
	if text := fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg); strings.Contains(text, "canary") {
		t.Errorf("a printed configuration shows a secret: %s", text)
	}
}
