package config

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"plusofon-bot/internal/secret"
)

// Each variable, what it accepts and as what, and what it rejects.
func TestValues(t *testing.T) {
	tests := []struct {
		name    string
		accepts map[string]any
		refuses []string
	}{
		{
			name: "TELEGRAM_TOKEN",
			accepts: map[string]any{
				"1:a": secret.String("1:a"),
				"123456789:AAE-x_9ABCDEFGHIJKLMNOPQRSTUVWXYZ1": secret.String("123456789:AAE-x_9ABCDEFGHIJKLMNOPQRSTUVWXYZ1"),
			},
			refuses: []string{"1", ":a", "1:", "x:a", "1:a b", " 1:a", "1:a/../x", "1:токен", "1:a\n"},
		},
		{
			name: "TELEGRAM_API_URL",
			accepts: map[string]any{
				"http://127.0.0.1:8081":       BaseURL("http://127.0.0.1:8081"),
				"https://proxy.example/tg//":  BaseURL("https://proxy.example/tg"),
				"HTTPS://api.telegram.org/":   BaseURL("https://api.telegram.org"),
				"http://[::1]:8081/":          BaseURL("http://[::1]:8081"),
				"https://api.telegram.org:44": BaseURL("https://api.telegram.org:44"),
			},
			refuses: []string{
				"api.telegram.org", "localhost:8081", "ftp://x", "https://", "https:///path", "https://:80", "https:x",
				"https://u:p@host", "https://u@host", "https://host/?a=b", "https://host?", "https://host/#", "https://ho st",
				"https://host:port", "https://host\n",
			},
		},
		{
			name:    "PLUSOFON_TOKEN",
			accepts: map[string]any{"eyJ0.a-b_c/d+e=": secret.String("eyJ0.a-b_c/d+e="), "12|abc": secret.String("12|abc")},
			refuses: []string{"Bearer abc", "bearer abc", "a b", "a\nb", "a\x00", "токен", "a\x7f"},
		},
		{
			name:    "PLUSOFON_CLIENT",
			accepts: map[string]any{"10553": "10553"},
			refuses: []string{"x", "1 2", "-1", "1\n"},
		},
		{
			name:    "PLUSOFON_API_URL",
			accepts: map[string]any{"https://restapi.plusofon.ru/": BaseURL("https://restapi.plusofon.ru")},
			refuses: []string{"restapi.plusofon.ru"},
		},
		{
			name:    "PLUSOFON_RATE",
			accepts: map[string]any{"6": PerMinute(6), "6000": PerMinute(6000)},
			refuses: []string{"5", "6001", "0", "-60", "60.5", "1m", "99999999999999999999"},
		},
		{
			name:    "DATABASE_PATH",
			accepts: map[string]any{"/data/a b.db": "/data/a b.db"},
		},
		{
			name: "ADMIN_IDS",
			accepts: map[string]any{
				"1":              []int64{1},
				"3,1, 2":         []int64{3, 1, 2},
				"7 8\t9":         []int64{7, 8, 9},
				"5,5,,5":         []int64{5},
				" , ":            []int64(nil),
				"6012345678,7 8": []int64{6012345678, 7, 8},
			},
			refuses: []string{"0", "-100123", "@name", "1;2", "1.5", "99999999999999999999"},
		},
		{
			name:    "POLL_INTERVAL",
			accepts: map[string]any{"1s": time.Second, "1m30s": 90 * time.Second, "1500ms": 1500 * time.Millisecond},
			refuses: []string{"30", "30.5", "0", "999ms", "-1m", "often", "30 s", "30с", "NaN"},
		},
		{
			name: "LANGUAGE",
			accepts: map[string]any{
				"ru": Language("ru"), "en": Language("en"),
				"en_US:en": Language("en"), "ru_RU.UTF-8": Language("ru"), "en-GB": Language("en"), "ru:en": Language("ru"),
			},
			refuses: []string{"de", "english", "RU", "de_DE:de", "_ru", "русский"},
		},
		{
			name:    "TIMEZONE",
			refuses: []string{"Local", "Moscow", "MSK+3", "../etc/passwd", "+03:00"},
		},
		{
			name: "MAX_FILE_SIZE",
			accepts: map[string]any{
				"1": FileSize(1), "1B": FileSize(1), "512kb": FileSize(512 << 10), "20MB": FileSize(20 << 20),
				"20 MB": FileSize(20 << 20), "1GB": FileSize(1 << 30), "2000MB": FileSize(2000 << 20),
				"2097152000": FileSize(2000 << 20),
			},
			refuses: []string{
				"0", "0MB", "-1", "2001MB", "2GB", "2097152001", "9999999999GB", "99999999999999999999",
				"20M", "20MiB", "1.5MB", "MB", "20  MB", "20МБ",
			},
		},
		{
			name:    "KEEP_CLOSED",
			accepts: map[string]any{"1": Days(1), "365": Days(365), "36500": Days(36500)},
			refuses: []string{"0", "-1", "36501", "1.5", "30d", "год", "99999999999999999999"},
		},
		{
			name: "HTTP_ADDR",
			accepts: map[string]any{
				"127.0.0.1:9090": HTTPAddr("127.0.0.1:9090"), ":0": HTTPAddr(":0"), "[::1]:65535": HTTPAddr("[::1]:65535"), "localhost:80": HTTPAddr("localhost:80"),
			},
			refuses: []string{"9090", "localhost", "127.0.0.1:", ":http", ":65536", ":-1", "http://127.0.0.1:80", "::1:80"},
		},
		{
			name:    "SIGN_POSTS",
			accepts: map[string]any{"auto": "auto", "always": "always", "never": "never"},
			refuses: []string{"yes", "Auto", "true"},
		},
		{
			name:    "LOG_FORMAT",
			accepts: map[string]any{"text": "text", "json": "json"},
			refuses: []string{"logfmt", "JSON"},
		},
		{
			name:    "LOG_LEVEL",
			refuses: []string{"trace", "INFO", "info+1", "0"},
		},
	}
	inFolder(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for value, want := range tt.accepts {
				cfg := mustLoad(t, sufficient.with(vars{tt.name: value}))
				if got := fieldOf(cfg, tt.name); !reflect.DeepEqual(got, want) {
					t.Errorf("%q is read as %v, want %v", value, got, want)
				}
			}
			for _, value := range tt.refuses {
				labels, _ := wrong(t, sufficient.with(vars{tt.name: value}))
				if !slices.Equal(labels, []string{tt.name}) {
					t.Errorf("%q: wrong is %v, want %s alone", value, labels, tt.name)
				}
			}
		})
	}
}

func TestEmail(t *testing.T) {
	inFolder(t, nil)
	pair := sufficient.with(vars{"PLUSOFON_PASSWORD": " any text at all "})
	cfg := mustLoad(t, pair.with(vars{"PLUSOFON_EMAIL": "test704@mail.ru"}))
	if cfg.PlusofonEmail != "test704@mail.ru" || cfg.PlusofonPassword != " any text at all " {
		t.Errorf("read as %q and %q", cfg.PlusofonEmail, cfg.PlusofonPassword.Reveal())
	}
	for _, value := range []string{"test704", "@mail.ru", "test704@", "a b@mail.ru", "a@b.ru\n"} {
		labels, _ := wrong(t, pair.with(vars{"PLUSOFON_EMAIL": value}))
		if !slices.Equal(labels, []string{"PLUSOFON_EMAIL"}) {
			t.Errorf("%q: wrong is %v", value, labels)
		}
	}
}

func fieldOf(cfg Config, variable string) any {
	for field, value := range reflect.ValueOf(cfg).Fields() {
		if field.Tag.Get("env") == variable {
			return value.Interface()
		}
	}
	return nil
}
