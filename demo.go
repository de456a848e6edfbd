package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"plusofon-bot/demo"
	"plusofon-bot/internal/config"
	"plusofon-bot/internal/secret"
)

// runDemo shows the bot between two stand-ins. Neither the environment nor a
// .env file has a say in the bot, so that no real account is ever touched.
func runDemo(ctx context.Context, in invocation) int {
	cfg := demo.Config{Out: in.stdout, Scenario: in.option, Bot: func(ctx context.Context, sides demo.Sides) error {
		cfg := demoConfig(sides)
		return serve(ctx, cfg, newLogger(cfg, in.stderr))
	}}
	if opener := browserOpener(runtime.GOOS, in.env); len(opener) > 0 && isTerminal(in.stdout) {
		cfg.Open = func(address string) { openBrowser(opener, address) }
	}
	if err := demo.Run(ctx, cfg); err != nil {
		complain(in.stderr, err.Error())
		return exitFailed
	}
	return exitOK
}

func demoConfig(sides demo.Sides) config.Config {
	cfg := config.Defaults()
	cfg.TelegramToken, cfg.TelegramAPIURL = secret.String(sides.TelegramToken), config.BaseURL(sides.TelegramURL)
	cfg.PlusofonToken, cfg.PlusofonAPIURL = secret.String(sides.PlusofonToken), config.BaseURL(sides.PlusofonURL)
	cfg.PlusofonRate, cfg.PollInterval = 6000, time.Second
	cfg.DatabasePath, cfg.AdminIDs = sides.DatabasePath, []int64{sides.Owner}
	cfg.Timezone, cfg.LogLevel = time.Local, slog.LevelWarn
	return cfg
}

// browserOpener is the command that shows an address in the person's browser,
// nil where there is no desktop to show it on.
func browserOpener(system string, env []string) []string {
	set := func(names ...string) bool {
		return slices.ContainsFunc(env, func(v string) bool {
			name, value, _ := strings.Cut(v, "=")
			return value != "" && slices.Contains(names, name)
		})
	}
	switch {
	case set("CI", "SSH_CONNECTION", "SSH_TTY"):
		return nil
	case system == "darwin":
		return []string{"open"}
	case set("DISPLAY", "WAYLAND_DISPLAY"):
		return []string{"xdg-open"}
	}
	return nil
}

// isTerminal says whether somebody sits before a stream.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// openBrowser lets the browser outlive the demo and the Ctrl-C that ends it.
// Where it fails, the address stands on the terminal.
func openBrowser(opener []string, address string) {
	cmd := exec.CommandContext(context.Background(), opener[0], append(slices.Clone(opener[1:]), address)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}
