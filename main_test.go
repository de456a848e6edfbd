package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"plusofon-bot/internal/config"
)

// The secrets of the tests; no output may contain any of them.
const (
	canaryBot      = "123456:AAE-canary-of-the-bot_key"
	canaryPlusofon = "canary.of.plusofon"
)

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

func TestCommandLine(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		vars   vars
		files  vars
		code   int
		stdout []string // all of them, in this order; none: nothing at all
		stderr []string
	}{
		{
			name: "version", args: []string{"version"},
			stdout: []string{"plusofon-bot " + version + " (", ")"},
		},
		{
			name: "help", args: []string{"help"},
			stdout: []string{"check", "version", "TELEGRAM_TOKEN", "LOG_FORMAT", "_FILE", ".env"},
		},
		{name: "--help", args: []string{"--help"}, stdout: []string{"TELEGRAM_TOKEN"}},
		{
			name: "--help in English", args: []string{"--help"}, vars: vars{"LANG": "en_US.UTF-8"},
			stdout: []string{"Usage:", "run the bot", "TELEGRAM_TOKEN", "required", "from @BotFather", "the environment wins"},
		},
		{
			name: "an unknown command in English", args: []string{"serv"}, vars: vars{"LANG": "C"},
			code: 2, stderr: []string{`there is no command "serv"`, "Help: plusofon-bot --help"},
		},
		{
			name: "check without a configuration in English", args: []string{"check"}, vars: vars{"LANG": ""},
			code: 2, stderr: []string{"The configuration is wrong:", "TELEGRAM_TOKEN: the value is not set. Open @BotFather"},
		},
		{name: "healthcheck of nothing in English", args: []string{"healthcheck"}, vars: vars{"LANG": "C"}, code: 1, stderr: []string{"the bot does not run"}},
		{name: "-h", args: []string{"-h"}, stdout: []string{"TELEGRAM_TOKEN"}},
		{name: "help about a command", args: []string{"check", "--help"}, stdout: []string{"TELEGRAM_TOKEN"}},
		{
			name: "an unknown command", args: []string{"serv"}, vars: sufficient,
			code: 2, stderr: []string{`"serv"`, "--help"},
		},
		{
			name: "an unknown flag", args: []string{"--verbose"}, vars: sufficient,
			code: 2, stderr: []string{`"--verbose"`, "--help"},
		},
		{
			name: "--version", args: []string{"--version"},
			stdout: []string{"plusofon-bot " + version + " (", ")"},
		},
		{
			name: "an argument too many", args: []string{"version", "x"},
			code: 2, stderr: []string{"plusofon-bot version", "--help"},
		},
		{
			name: "run without a configuration",
			code: 2, stderr: []string{"TELEGRAM_TOKEN", "@BotFather", "PLUSOFON_TOKEN", "Разработчикам → Доступ к API", "--help"},
		},
		{
			name: "check without a configuration", args: []string{"check"},
			code: 2, stderr: []string{"TELEGRAM_TOKEN", "PLUSOFON_TOKEN"},
		},
		{
			name: "an option of another command", args: []string{"version", "--scenario"},
			code: 2, stderr: []string{"plusofon-bot version", "--help"},
		},
		{
			name: "an option twice", args: []string{"demo", "--scenario", "--scenario"},
			code: 2, stderr: []string{"plusofon-bot demo [--scenario]", "--help"},
		},
		{name: "backup of nothing", args: []string{"backup"}, code: 2, stderr: []string{"backup FILE", "--help"}},
		{name: "backup into nothing", args: []string{"backup", "--keep", "7"}, code: 2, stderr: []string{"backup --keep N FOLDER", "--help"}},
		{name: "backup that keeps nothing", args: []string{"backup", "--keep", "0", "copies"}, code: 2, stderr: []string{"--keep", "--help"}},
		{name: "backup without a database", args: []string{"backup", "--keep", "7", "copies"}, code: 1, stderr: []string{"plusofon-bot.db нет"}},
		{name: "an option without its value", args: []string{"check", "--report"}, code: 2, stderr: []string{"check [--report FILE]"}},
		{name: "an option in the help", args: []string{"help"}, stdout: []string{"demo [--scenario]"}},
		{
			name: "several mistakes at once",
			vars: sufficient.with(vars{"POLL_INTERVAL": "30", "LOG_LEVEL": canaryPlusofon, "ADMIN_IDS": "@boss"}),
			code: 2, stderr: []string{"ADMIN_IDS: не список номеров", "POLL_INTERVAL: число без единицы", "LOG_LEVEL: такого значения нет"},
		},
		{
			name: "a secret given twice", vars: sufficient.with(vars{"TELEGRAM_TOKEN_FILE": "token"}),
			files: vars{"token": canaryBot},
			code:  2, stderr: []string{"TELEGRAM_TOKEN, TELEGRAM_TOKEN_FILE"},
		},
		{
			name:  "a broken .env",
			files: vars{".env": "TELEGRAM_TOKEN " + canaryBot + "\n"},
			code:  2, stderr: []string{".env: строка 1 не разобрана", "TELEGRAM_TOKEN: значение не задано"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inFolder(t, tt.files)
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), tt.args, tt.vars.environ(), &stdout, &stderr); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			wantInOrder(t, "stdout", stdout.String(), tt.stdout)
			wantInOrder(t, "stderr", stderr.String(), tt.stderr)
			if strings.Contains(stdout.String()+stderr.String(), "canary") {
				t.Errorf("a secret is shown:\n%s%s", &stdout, &stderr)
			}
		})
	}
}

func wantInOrder(t *testing.T, stream, got string, want []string) {
	t.Helper()
	if len(want) == 0 && got != "" {
		t.Errorf("%s is not empty:\n%s", stream, got)
	}
	rest := got
	for _, part := range want {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("%s lacks %q at its place:\n%s", stream, part, got)
			return
		}
		rest = after
	}
}

// invoke runs one command as run does, with the given variables.
func invoke(ctx context.Context, t *testing.T, cmd func(context.Context, invocation) int, v vars) (code int, stdout, stderr string) {
	t.Helper()
	inFolder(t, nil)
	var out, errs bytes.Buffer
	code = cmd(ctx, invocation{env: v.environ(), stdout: &out, stderr: &errs})
	return code, out.String(), errs.String()
}

func TestServing(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	leak := fmt.Errorf("polling %s:\nrefused", canaryBot)
	const starts, stopped = `time=\S+ level=INFO msg="bot starts" version=\S+ commit=.*\n`, `time=\S+ level=INFO msg="bot stopped by a signal"\n`
	tests := []struct {
		name   string
		ctx    context.Context
		err    error
		code   int
		stderr string // after the start
	}{
		{name: "an orderly end", ctx: ended, stderr: stopped},
		{name: "stopped by a signal", ctx: ended, err: fmt.Errorf("polling: %w", context.Canceled), stderr: stopped},
		{
			name: "a failure", ctx: t.Context(), err: leak,
			code: 1, stderr: `time=\S+ level=ERROR msg="bot stopped" error="polling \*\*\*:\\nrefused"\n`,
		},
		{
			name: "a failure while stopping", ctx: ended, err: leak,
			code: 1, stderr: `time=\S+ level=ERROR msg="bot stopped" .*\n`,
		},
		{
			name: "a cancelled call that nobody asked to cancel", ctx: t.Context(), err: context.Canceled,
			code: 1, stderr: `.* error="context canceled"\n`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			serve := func(_ context.Context, cfg config.Config, _ *slog.Logger) error {
				if cfg.TelegramToken != canaryBot {
					t.Errorf("the token arrives as %q", cfg.TelegramToken.Reveal())
				}
				return tt.err
			}
			code, stdout, stderr := invoke(tt.ctx, t, serving(serve), sufficient)
			if code != tt.code || stdout != "" {
				t.Errorf("exit code %d, want %d; stdout %q", code, tt.code, stdout)
			}
			if !regexp.MustCompile("^" + starts + tt.stderr + "$").MatchString(stderr) {
				t.Errorf("stderr is %q, want a start and %s", stderr, tt.stderr)
			}
		})
	}
}

func TestLoggerFollowsTheConfiguration(t *testing.T) {
	tests := []struct {
		level, format string
		want          []string
	}{
		{"debug", "text", []string{"level=INFO", "level=DEBUG", "level=INFO", "level=WARN", "level=ERROR", "level=INFO"}}, // including the start and the end
		{"info", "json", []string{`"level":"INFO"`, `"level":"INFO"`, `"level":"WARN"`, `"level":"ERROR"`, `"level":"INFO"`}},
		{"warn", "text", []string{"level=WARN", "level=ERROR"}},
		{"error", "json", []string{`"level":"ERROR"`}},
	}
	for _, tt := range tests {
		t.Run(tt.level+" "+tt.format, func(t *testing.T) {
			serve := func(_ context.Context, _ config.Config, log *slog.Logger) error {
				log.Debug("m")
				log.Info("m")
				log.Warn("m")
				log.Error("m")
				return nil
			}
			_, _, stderr := invoke(t.Context(), t, serving(serve), sufficient.with(vars{"LOG_LEVEL": tt.level, "LOG_FORMAT": tt.format}))
			levels := regexp.MustCompile(`"?level"?[=:]"?[A-Z]+"?`).FindAllString(stderr, -1)
			if !slices.Equal(levels, tt.want) {
				t.Errorf("logged %v, want %v", levels, tt.want)
			}
		})
	}
}

// A stranger's text can't look like a log record.
func TestLogKeepsOneLineARecord(t *testing.T) {
	forged := "x\ntime=2026-01-01T00:00:00Z level=ERROR msg=forged\r\x1b[2K\u2028"
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := newLogger(config.Config{LogFormat: format}, &out)
		log.Info(forged, "text", forged, "error", errors.New(forged), forged, forged, "any", struct{ A string }{forged})
		line, found := strings.CutSuffix(out.String(), "\n")
		if !found || strings.ContainsAny(line, "\n\r\x1b\u2028") {
			t.Errorf("%s: not one plain line: %q", format, &out)
		}
	}
}

func TestChecking(t *testing.T) {
	good := func(_ context.Context, _ config.Config, in invocation) []error {
		_, _ = fmt.Fprintln(in.stdout, "бот @name, токен "+canaryBot)
		return nil
	}
	if code, stdout, stderr := invoke(t.Context(), t, checking(good), sufficient); code != 0 || stdout != "бот @name, токен ***\n" || stderr != "" {
		t.Errorf("good: %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	bad := func(context.Context, config.Config, invocation) []error {
		return []error{errors.New("Plusofon refuses\n" + canaryPlusofon), errors.New("no disk")}
	}
	if code, stdout, stderr := invoke(t.Context(), t, checking(bad), sufficient); code != 1 || stdout != "" || stderr != "Plusofon refuses ***\nno disk\n" {
		t.Errorf("bad: %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

// No command starts with a wrong configuration.
func TestNothingStartsMisconfigured(t *testing.T) {
	for name, cmd := range map[string]func(context.Context, invocation) int{
		"serving": serving(func(context.Context, config.Config, *slog.Logger) error {
			t.Error("it serves")
			return nil
		}),
		"checking": checking(func(context.Context, config.Config, invocation) []error {
			t.Error("it checks")
			return nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if code, _, stderr := invoke(t.Context(), t, cmd, sufficient.with(vars{"TIMEZONE": "nowhere"})); code != 2 || !strings.Contains(stderr, "TIMEZONE") {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
		})
	}
}

func TestAnswersThatCannotBeWritten(t *testing.T) {
	for _, name := range []string{"version", "help"} {
		if code := run(t.Context(), []string{name}, nil, brokenPipe{}, io.Discard); code != 1 {
			t.Errorf("%s: exit code %d, want 1", name, code)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestHelpNamesEveryCommand(t *testing.T) {
	for _, russian := range []bool{false, true} {
		help := helpText(russian)
		for _, c := range commands() {
			if doc := c.doc.In(russian); !strings.Contains(help, "  "+c.usage()) || doc == "" || !strings.Contains(help, doc) {
				t.Errorf("%q is not explained:\n%s", c.name, help)
			}
		}
	}
}

// The version is the source's own; the build knows the commit, if there is one.
func TestCommit(t *testing.T) {
	built := func(modified string) *debug.BuildInfo {
		return &debug.BuildInfo{Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}, {Key: "vcs.modified", Value: modified},
		}}
	}
	for want, info := range map[string]*debug.BuildInfo{
		"0123456789ab":         built("false"),
		"0123456789ab+changes": built("true"),
		"commit unknown":       {Main: debug.Module{Version: "(devel)"}},
	} {
		if got := commitOf(info, true); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := commitOf(nil, false); got != "commit unknown" {
		t.Errorf("no build info: %q", got)
	}
	for commit, want := range map[string]string{"0123456789ab": "1.2.3 (0123456789ab)", noCommit: "1.2.3"} {
		if got := build("1.2.3", commit); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
