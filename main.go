// Plusofon-bot lets a company's people open and answer Plusofon support tickets
// from Telegram. This package holds the command line, the configuration and the
// wiring, and no behaviour of the bot.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"plusofon-bot/internal/config"
	"plusofon-bot/internal/secret"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work
	exitUsage  = 2 // the command line or the configuration is wrong
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the whole program: args come without its name, and neither the process
// environment nor the standard streams are used behind its back.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal asks for an orderly end, a second one ends at once.
	defer context.AfterFunc(ctx, stop)()

	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	if asksForHelp(name, args) {
		name, args = "help", nil
	}
	cmd, found := findCommand(name)
	if !found {
		return misused(stderr, fmt.Sprintf("нет команды %q", name))
	}
	option := slices.Index(args, cmd.option)
	if option >= 0 {
		args = slices.Delete(slices.Clone(args), option, option+1)
	}
	if len(args) != len(cmd.args) {
		return misused(stderr, "неверное число аргументов: plusofon-bot "+cmd.usage())
	}
	return cmd.run(ctx, invocation{args: args, option: option >= 0, env: env, stdout: stdout, stderr: stderr})
}

func asksForHelp(name string, args []string) bool {
	for _, arg := range append([]string{name}, args...) {
		if arg == "-h" || arg == "--help" {
			return true
		}
	}
	return false
}

func misused(stderr io.Writer, what string) int {
	complain(stderr, what+"\nСправка: plusofon-bot --help")
	return exitUsage
}

// complain writes to the person at the terminal. Nothing can be done about a
// stream that is gone, the exit code still tells.
func complain(stderr io.Writer, what string) {
	_, _ = fmt.Fprintln(stderr, what)
}

// invocation is what a command gets to work with.
type invocation struct {
	args           []string
	option         bool // the command's option was given
	env            []string
	stdout, stderr io.Writer
}

// configure loads the configuration or says on stderr what is wrong with it.
// From then on both streams mask the configured secrets.
func (in *invocation) configure() (config.Config, bool) {
	cfg, err := config.Load(in.env)
	if err != nil {
		complain(in.stderr, err.Error())
		return config.Config{}, false
	}
	in.stdout = secret.NewWriter(in.stdout, cfg.Secrets()...)
	in.stderr = secret.NewWriter(in.stderr, cfg.Secrets()...)
	return cfg, true
}

// serving runs the bot and logs the one reason for which it ended by itself.
func serving(serve func(context.Context, config.Config, *slog.Logger) error) func(context.Context, invocation) int {
	return func(ctx context.Context, in invocation) int {
		cfg, ok := in.configure()
		if !ok {
			return exitUsage
		}
		log := newLogger(cfg, in.stderr)
		if err := serve(ctx, cfg, log); err != nil && !stoppedBySignal(ctx, err) {
			log.Error("bot stopped", "error", err)
			return exitFailed
		}
		return exitOK
	}
}

func stoppedBySignal(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Canceled)
}

// checking runs a check that explains itself on stdout; what is wrong closes
// it as one line on stderr.
func checking(check func(context.Context, config.Config, io.Writer) error) func(context.Context, invocation) int {
	return func(ctx context.Context, in invocation) int {
		cfg, ok := in.configure()
		if !ok {
			return exitUsage
		}
		if err := check(ctx, cfg, in.stdout); err != nil {
			complain(in.stderr, strings.Join(strings.Fields(err.Error()), " "))
			return exitFailed
		}
		return exitOK
	}
}

func runVersion(_ context.Context, in invocation) int {
	return printed(fmt.Fprintln(in.stdout, "plusofon-bot", version(debug.ReadBuildInfo())))
}

func runHelp(_ context.Context, in invocation) int {
	return printed(io.WriteString(in.stdout, helpText()))
}

// printed makes a command fail whose answer could not be written.
func printed(_ int, err error) int {
	if err != nil {
		return exitFailed
	}
	return exitOK
}

// version is the module's version where the build knows one, else the commit.
func version(info *debug.BuildInfo, ok bool) string {
	const unknown = "devel"
	if !ok {
		return unknown
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return unknown
	}
	if settings["vcs.modified"] == "true" {
		commit += "+dirty"
	}
	return commit
}

// newLogger writes one line a record: both handlers escape line breaks.
func newLogger(cfg config.Config, to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
