package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"plusofon-bot/bot"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/monitor"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// sides makes the two clients. It makes no call.
func sides(cfg config, log *slog.Logger) (*telegram.Client, *plusofon.Client, error) {
	tg, err := telegram.New(telegram.Config{
		Token: telegram.Secret(cfg.TelegramToken), BaseURL: string(cfg.TelegramAPIURL), Logger: log,
	})
	if err != nil {
		return nil, nil, err
	}
	pf, err := plusofon.New(plusofon.Config{
		BaseURL: string(cfg.PlusofonAPIURL), Token: plusofon.Secret(cfg.PlusofonToken),
		Email: cfg.PlusofonEmail, Password: plusofon.Secret(cfg.PlusofonPassword),
		ClientCode: cfg.PlusofonClient, Rate: int(cfg.PlusofonRate), Location: cfg.Timezone,
		MaxDownload: maxDownload, Logger: log,
	})
	return tg, pf, err
}

// maxDownload is the largest attachment that is passed on to Telegram, in bytes:
// what its API takes.
const maxDownload = 50 << 20

// serve runs the bot until ctx ends.
func serve(ctx context.Context, cfg config, log *slog.Logger) (err error) {
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
	metrics := monitor.NewMetrics(version(debug.ReadBuildInfo()))
	bridge := bot.New(bot.Config{
		Store: store,
		Conversation: chat.Config{
			Language: string(cfg.Language), MaxFileSize: int64(cfg.MaxFileSize),
			Signing: chat.Signing(cfg.SignPosts), Location: cfg.Timezone,
		},
		Telegram: tg, Plusofon: pf, Background: pf.Background(), PollInterval: cfg.PollInterval,
		Owners: owners(cfg), Observer: metrics, Log: log,
	})
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return bridge.Run(ctx) })
	if cfg.HTTPAddr != "" {
		g.Go(func() error { return serveMonitor(ctx, cfg, metrics, log) })
	}
	return g.Wait()
}

func owners(cfg config) []state.UserID {
	list := make([]state.UserID, len(cfg.AdminIDs))
	for i, id := range cfg.AdminIDs {
		list[i] = state.UserID(id)
	}
	return list
}

// serveMonitor serves health and metrics until ctx ends.
func serveMonitor(ctx context.Context, cfg config, metrics *monitor.Metrics, log *slog.Logger) (err error) {
	reader, err := state.OpenReader(cfg.DatabasePath)
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

// check tells whether both sides can be reached with what cfg holds, and what is
// there.
func check(ctx context.Context, cfg config, out io.Writer) error {
	tg, pf, err := sides(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	var failures error
	if me, err := tg.Me(ctx); err != nil {
		failures = errors.Join(failures, fmt.Errorf("telegram: %s: %w", telegramAdvice(err), err))
	} else {
		_, _ = fmt.Fprintf(out, "Telegram: бот @%s (%s)\n", me.Username, me.Name)
	}
	if account, err := pf.Account(ctx); err != nil {
		failures = errors.Join(failures, fmt.Errorf("plusofon: %s: %w", plusofonAdvice(err), err))
	} else {
		open := 0
		for _, err := range pf.Tickets(ctx, true) {
			if err != nil {
				return errors.Join(failures, fmt.Errorf("plusofon: %s: %w", plusofonAdvice(err), err))
			}
			open++
		}
		_, _ = fmt.Fprintf(out, "Плюсофон: %s, открытых обращений: %d\n", account.Email, open)
	}
	return failures
}

// telegramAdvice says what a person can do about a failed check.
func telegramAdvice(err error) string {
	if e, ok := errors.AsType[*telegram.Error](err); ok && e.Outcome == telegram.Unauthorized {
		return "токен не принят, скопируйте его у @BotFather в TELEGRAM_TOKEN"
	}
	return "нет ответа, проверьте сеть и TELEGRAM_API_URL"
}

func plusofonAdvice(err error) string {
	if e, ok := errors.AsType[*plusofon.Error](err); ok && e.Kind == plusofon.Access {
		return "доступа нет, возьмите ключ в личном кабинете (Разработчикам → Доступ к API) и задайте PLUSOFON_TOKEN"
	}
	return "нет ответа, проверьте сеть и PLUSOFON_API_URL"
}
