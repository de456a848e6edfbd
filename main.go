// Plusofon-bot lets a company's people open and answer Plusofon support tickets from
// Telegram. This package has the command line and the wiring, but none of the bot's
// behaviour.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/health"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/internal/check"
	"plusofon-bot/internal/config"
	"plusofon-bot/internal/demo"
	"plusofon-bot/internal/monitor"
	"plusofon-bot/internal/secret"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// version is the release that this source is, or will become.
const version = "1.0.0"

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // an attempt failed
	exitUsage  = 2 // the command line or the configuration is wrong
)

func main() {
	// The heap is small and mostly idle: half of Go's default headroom for garbage is
	// enough, unless GOGC is set.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the whole program: args exclude its name, and neither the process environment nor
// the standard streams are used directly.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal stops the program in order, the second at once.
	defer context.AfterFunc(ctx, stop)()

	in := invocation{env: env, russian: config.Russian(env), stdout: stdout, stderr: stderr}
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch {
	case asksForHelp(name, args):
		name, args = "help", nil
	case name == "--version":
		name = "version"
	}
	cmd, found := findCommand(name, args)
	if !found {
		return in.misused(in.say("there is no command %q", "нет команды %q", name))
	}
	option := slices.Index(args, cmd.option)
	value := ""
	if option >= 0 {
		end := option + 1
		if cmd.value != "" && end < len(args) {
			value = args[end]
			end++
		}
		args = slices.Delete(slices.Clone(args), option, end)
	}
	if len(args) != len(cmd.args) || option >= 0 && cmd.value != "" && value == "" {
		return in.misused(in.say("wrong number of arguments: plusofon-bot %s", "неверное число аргументов: plusofon-bot %s", cmd.usage()))
	}
	in.args, in.option, in.value = args, option >= 0, value
	return cmd.run(ctx, in)
}

func asksForHelp(name string, args []string) bool {
	for _, arg := range append([]string{name}, args...) {
		if arg == "-h" || arg == "--help" {
			return true
		}
	}
	return false
}

func (in invocation) misused(what string) int {
	complain(in.stderr, what+in.say("\nHelp: plusofon-bot --help", "\nСправка: plusofon-bot --help"))
	return exitUsage
}

// complain writes to the person at the terminal. If the stream is gone nothing can be done,
// but the exit code remains.
func complain(stderr io.Writer, what string) {
	_, _ = fmt.Fprintln(stderr, what)
}

// command is a subcommand; the one without a name runs the bot.
type command struct {
	name   string
	args   []string // names of its arguments, all required
	option string   // an optional option among them
	value  string   // name of the option's value, if it has one
	always bool     // required option: without it another command of the name is meant
	doc    config.Text
	run    func(context.Context, invocation) int
}

func commands() []command {
	return []command{
		{name: "", doc: config.Text{EN: "run the bot", RU: "запустить бота"}, run: serving(serve)},
		{name: "demo", option: "--scenario", doc: config.Text{EN: "show the bot in action on this machine, without tokens; --scenario plays a conversation by itself", RU: "показать бота в действии на этом компьютере, без токенов; --scenario играет разговор сам"}, run: runDemo},
		{name: "check", option: "--report", value: "FILE", doc: config.Text{EN: "check the configuration, the tokens and both connections, and report what the API is like; --report writes the structure of its answers, without their content, to a new file", RU: "проверить настройки, токены и связь с Телеграмом и Плюсофоном и рассказать, как устроен API; --report пишет в новый файл, как устроены его ответы, без их содержания"}, run: checking(runCheck)},
		{name: "backup", args: []string{"FILE"}, doc: config.Text{EN: "write a copy of the database to a new file, even while the bot runs", RU: "записать копию базы данных в новый файл, бот при этом может работать"}, run: runBackup},
		{name: "backup", option: "--keep", value: "N", always: true, args: []string{"FOLDER"}, doc: config.Text{EN: "the same in a folder, named by date; the last N copies are kept, older ones deleted", RU: "то же в папку, с датой в имени; последние N копий остаются, остальные удаляются"}, run: runBackupInto},
		{name: "healthcheck", doc: config.Text{EN: "report whether the bot works: exit code 0 or 1", RU: "узнать, работает ли бот: код выхода 0 или 1"}, run: runHealthcheck},
		{name: "version", doc: config.Text{EN: "show the version", RU: "показать версию"}, run: runVersion},
		{name: "help", doc: config.Text{EN: "show this help", RU: "показать эту справку"}, run: runHelp},
	}
}

// findCommand finds a command by name; of two, the one whose option is given.
func findCommand(name string, args []string) (found command, ok bool) {
	for _, c := range commands() {
		if c.name == name && (!ok || c.always && slices.Contains(args, c.option)) {
			found, ok = c, true
		}
	}
	return found, ok
}

func (c command) usage() string {
	option := strings.TrimSpace(c.option + " " + c.value)
	words := append([]string{c.name}, c.args...)
	switch {
	case c.always:
		words = slices.Insert(words, 1, option)
	case option != "":
		words = append(words, "["+option+"]")
	}
	return strings.Join(words, " ")
}

// invocation is the input of a command.
type invocation struct {
	args           []string
	option         bool   // the command's option was given
	value          string // the option's value
	env            []string
	russian        bool // terminal output is Russian
	stdout, stderr io.Writer
}

// say formats a text in the terminal's language.
func (in invocation) say(english, russian string, args ...any) string {
	return fmt.Sprintf(config.Text{EN: english, RU: russian}.In(in.russian), args...)
}

// configure loads the configuration, or reports on stderr what is wrong with it. From then
// on both streams mask the configured secrets.
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

// serving runs the bot. It logs the start, with the version first, and why the bot ended.
func serving(serve func(context.Context, config.Config, *slog.Logger) error) func(context.Context, invocation) int {
	return func(ctx context.Context, in invocation) int {
		cfg, ok := in.configure()
		if !ok {
			return exitUsage
		}
		log := newLogger(cfg, in.stderr)
		log.Info("bot starts", "version", version, "commit", commit())
		for _, w := range config.Warnings(in.env, cfg) {
			log.Warn("a setting looks wrong", "variable", w.Variable, "why", w.Why)
		}
		if err := serve(ctx, cfg, log); err != nil && !stoppedBySignal(ctx, err) {
			log.Error("bot stopped", "error", err)
			return exitFailed
		}
		log.Info("bot stopped by a signal")
		return exitOK
	}
}

func stoppedBySignal(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Canceled)
}

// checking runs a check that reports to stdout; each problem is one line on stderr.
func checking(check func(context.Context, config.Config, invocation) []error) func(context.Context, invocation) int {
	return func(ctx context.Context, in invocation) int {
		cfg, ok := in.configure()
		if !ok {
			return exitUsage
		}
		failures := check(ctx, cfg, in)
		for _, err := range failures {
			complain(in.stderr, strings.Join(strings.Fields(err.Error()), " "))
		}
		if len(failures) > 0 {
			return exitFailed
		}
		return exitOK
	}
}

// sides makes both clients, without any request.
func sides(cfg config.Config, log *slog.Logger) (*telegram.Client, *plusofon.Client, error) {
	tg, err := telegram.New(telegram.Config{
		Token: cfg.TelegramToken, BaseURL: string(cfg.TelegramAPIURL), Logger: log,
	})
	if err != nil {
		return nil, nil, err
	}
	pf, err := plusofon.New(plusofonConfig(cfg, log))
	return tg, pf, err
}

func plusofonConfig(cfg config.Config, log *slog.Logger) plusofon.Config {
	return plusofon.Config{
		BaseURL: string(cfg.PlusofonAPIURL), Token: cfg.PlusofonToken,
		Email: cfg.PlusofonEmail, Password: cfg.PlusofonPassword,
		ClientCode: cfg.PlusofonClient, Rate: int(cfg.PlusofonRate), Location: cfg.Timezone,
		MaxDownload: maxDownload, Logger: log,
	}
}

// maxDownload is the largest attachment passed on to Telegram, in bytes: its API's limit.
const maxDownload = 50 << 20

// serve runs the bot until ctx ends.
func serve(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	tg, pf, err := sides(cfg, log)
	if err != nil {
		return err
	}
	store, err := state.Open(cfg.DatabasePath)
	switch {
	case errors.Is(err, state.ErrLocked):
		return fmt.Errorf("another copy runs with the database %s; stop it or set DATABASE_PATH: %w", cfg.DatabasePath, err)
	case err != nil:
		return fmt.Errorf("open the database %s: %w", cfg.DatabasePath, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for _, warning := range store.Warnings() {
		log.Warn("the database's files need a look", "error", warning)
	}
	metrics := monitor.NewMetrics(version, commit())
	bridge := bot.New(bot.Config{
		Store: store,
		Conversation: chat.Config{
			Language: string(cfg.Language), MaxFileSize: int64(cfg.MaxFileSize),
			Signing: chat.Signing(cfg.SignPosts), Location: cfg.Timezone, KeepClosed: time.Duration(cfg.KeepClosed) * 24 * time.Hour,
			Version: build(version, commit()),
		},
		Telegram: tg, Plusofon: pf, Background: pf.Background(), PollInterval: cfg.PollInterval,
		BotID: state.UserID(tg.BotID()), Owners: owners(cfg), Observer: metrics, Log: log,
	})
	// Return the memory used by the start at once, rather than in the runtime's own time.
	defer time.AfterFunc(time.Second, debug.FreeOSMemory).Stop()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return bridge.Run(ctx) })
	if cfg.HTTPAddr != "" {
		g.Go(func() error { return serveMonitor(ctx, cfg, store, metrics, log) })
	}
	return g.Wait()
}

func owners(cfg config.Config) []state.UserID {
	list := make([]state.UserID, len(cfg.AdminIDs))
	for i, id := range cfg.AdminIDs {
		list[i] = state.UserID(id)
	}
	return list
}

// serveMonitor serves health and metrics until ctx ends.
func serveMonitor(ctx context.Context, cfg config.Config, store *state.Store, metrics *monitor.Metrics, log *slog.Logger) (err error) {
	reader, err := store.Reader()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", string(cfg.HTTPAddr))
	if err != nil {
		return fmt.Errorf("listen at HTTP_ADDR: %w", err)
	}
	return monitor.New(monitor.Config{Reader: reader, Metrics: metrics, Log: log}).Serve(ctx, l)
}

// runCheck reports what the bot would find.
func runCheck(ctx context.Context, cfg config.Config, in invocation) []error {
	tg, _, err := sides(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return []error{err}
	}
	return check.Run(ctx, check.Config{
		Telegram: tg, Plusofon: plusofonConfig(cfg, slog.New(slog.DiscardHandler)), PollInterval: cfg.PollInterval,
		DatabasePath: cfg.DatabasePath, HTTPAddr: string(cfg.HTTPAddr), English: !in.russian, Report: in.value, Out: in.stdout,
	})
}

// The following commands look after a bot that may run in another process. They need its
// database and no secrets.

func runHealthcheck(ctx context.Context, in invocation) int {
	path, err := config.DatabasePath(in.env)
	if err != nil {
		complain(in.stderr, err.Error())
		return exitFailed
	}
	if wrong := examine(ctx, in, path); wrong != "" {
		complain(in.stderr, wrong)
		return exitFailed
	}
	return printed(fmt.Fprintln(in.stdout, in.say("the bot works", "бот работает")))
}

// examine returns what is wrong with the bot that has the database open; "" if it is well.
func examine(ctx context.Context, in invocation, path string) string {
	held, err := state.IsHeld(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !held:
		return in.say("nothing uses the database %s: the bot does not run", "с базой данных %s никто не работает: бот не запущен", path)
	case err != nil:
		return in.explain(err)
	}
	reader, err := state.OpenReader(path)
	if err != nil {
		return in.explain(err)
	}
	defer reader.Close() //nolint:errcheck // only read
	if err := monitor.Examine(ctx, reader, time.Now()); err != nil {
		return in.say("the bot is running, but has problems: %s", "бот запущен, но не всё в порядке: %s", in.explain(err))
	}
	return ""
}

// explain describes an error in the terminal's language, if the program has a text for it.
func (in invocation) explain(err error) string {
	if !in.russian {
		return err.Error()
	}
	if words := health.InRussian(err); words != "" {
		return words
	}
	for _, known := range []struct {
		err   error
		words string
	}{
		{state.ErrForeign, "это база данных другой программы; укажите в DATABASE_PATH файл бота"},
		{state.ErrNewer, "база данных записана более новой версией программы; запустите её"},
		{state.ErrDamaged, "база данных повреждена; сохраните файл, восстановите копию и проверьте диск"},
		{fs.ErrPermission, "нет прав; запустите команду от пользователя бота"},
		{fs.ErrNotExist, "такой папки или файла нет"},
	} {
		if errors.Is(err, known.err) {
			return known.words
		}
	}
	return err.Error()
}

func runBackup(_ context.Context, in invocation) int {
	to := in.args[0]
	return backup(in, func(reader *state.Reader) (string, error) {
		err := reader.Backup(to)
		switch {
		case err == nil:
			return to, nil
		case errors.Is(err, fs.ErrExist):
			err = errors.New(in.say("%s already exists, choose another name", "%s уже есть, укажите новое имя", to))
		}
		return "", err
	})
}

func runBackupInto(_ context.Context, in invocation) int {
	keep, err := strconv.Atoi(in.value)
	if err != nil || keep < 1 {
		return in.misused(in.say("--keep: set how many of the last copies to keep, at least 1", "--keep: укажите, сколько последних копий оставлять, от 1"))
	}
	return backup(in, func(reader *state.Reader) (string, error) { return reader.BackupInto(in.args[0], keep, time.Now()) })
}

// backup writes a copy and prints its path, which write returns even if something failed
// afterwards.
func backup(in invocation, write func(*state.Reader) (path string, err error)) int {
	path, err := config.DatabasePath(in.env)
	if err != nil {
		complain(in.stderr, err.Error())
		return exitUsage
	}
	reader, err := state.OpenReader(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		complain(in.stderr, in.say("there is no database %s; set DATABASE_PATH", "базы данных %s нет; укажите её в DATABASE_PATH", path))
		return exitFailed
	case err != nil:
		complain(in.stderr, in.explain(err))
		return exitFailed
	}
	defer reader.Close() //nolint:errcheck // only read
	to, err := write(reader)
	switch {
	case err == nil:
		return printed(fmt.Fprintln(in.stdout, in.say("the copy was written: %s", "копия записана: %s", to)))
	case to == "":
		complain(in.stderr, in.say("no copy was written: %s", "копия не записана: %s", in.explain(err)))
	default:
		complain(in.stderr, in.say("the copy was written: %s, but older ones could not be removed: %s", "копия записана: %s, старые удалить не удалось: %s", to, in.explain(err)))
	}
	return exitFailed
}

// runDemo runs the bot between two stand-ins. It ignores the environment and any .env file,
// so that no real account is ever touched.
func runDemo(ctx context.Context, in invocation) int {
	err := demo.Run(ctx, demo.Config{
		Out: in.stdout, English: !in.russian, Scenario: in.option, Open: demo.Opener(in.stdout, in.env),
		Bot: func(ctx context.Context, sides demo.Sides) error {
			cfg := demoConfig(sides)
			return serve(ctx, cfg, newLogger(cfg, in.stderr))
		},
	})
	if err != nil {
		complain(in.stderr, err.Error())
		return exitFailed
	}
	return exitOK
}

func demoConfig(sides demo.Sides) config.Config {
	cfg := config.Defaults()
	cfg.TelegramToken, cfg.TelegramAPIURL = sides.TelegramToken, config.BaseURL(sides.TelegramURL)
	cfg.PlusofonToken, cfg.PlusofonAPIURL = sides.PlusofonToken, config.BaseURL(sides.PlusofonURL)
	cfg.PlusofonRate, cfg.PollInterval = 6000, time.Second
	cfg.DatabasePath, cfg.AdminIDs = sides.DatabasePath, []int64{sides.Owner}
	cfg.Timezone, cfg.Language = sides.Zone, config.Language(sides.Language)
	cfg.LogLevel = slog.LevelError // the switches of the page are there to cause what is warned of
	return cfg
}

func runVersion(_ context.Context, in invocation) int {
	return printed(fmt.Fprintf(in.stdout, "plusofon-bot %s (%s, %s %s/%s)\n", version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH))
}

func runHelp(_ context.Context, in invocation) int {
	return printed(io.WriteString(in.stdout, helpText(in.russian)))
}

// printed turns a failed write into a failed command.
func printed(_ int, err error) int {
	if err != nil {
		return exitFailed
	}
	return exitOK
}

// helpText is the output of --help: the commands and the configuration.
func helpText(russian bool) string {
	say := func(english, russianWords string) string {
		return config.Text{EN: english, RU: russianWords}.In(russian)
	}
	var text strings.Builder
	text.WriteString(say("plusofon-bot: Plusofon support tickets in Telegram.\n\nUsage: plusofon-bot [command]\n\nCommands:\n",
		"plusofon-bot: обращения в поддержку Плюсофона из Телеграма.\n\nЗапуск: plusofon-bot [команда]\n\nКоманды:\n"))
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		usage := c.usage()
		if c.name == "" {
			usage = say("(none)", "(без команды)")
		}
		_, _ = fmt.Fprintf(table, "  %s\t%s\n", usage, c.doc.In(russian))
	}
	_ = table.Flush() // a strings.Builder never fails
	return text.String() + "\n" + config.Help(russian)
}

// build names the program in a chat: its release, and its commit if it is known.
func build(version, commit string) string {
	if commit == noCommit {
		return version
	}
	return version + " (" + commit + ")"
}

// commit is the commit that the program was built from, or noCommit.
func commit() string { return commitOf(debug.ReadBuildInfo()) }

const noCommit = "commit unknown"

// commitOf returns the abbreviated commit. Sources without git, such as an archive, have none.
func commitOf(info *debug.BuildInfo, ok bool) string {
	settings := map[string]string{}
	if ok {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	revision := settings["vcs.revision"]
	if revision == "" {
		return noCommit
	}
	revision = revision[:min(len(revision), 12)]
	if settings["vcs.modified"] == "true" {
		revision += "+changes"
	}
	return revision
}

// newLogger logs one record per line: both handlers escape line breaks.
func newLogger(cfg config.Config, to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
