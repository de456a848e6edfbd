package main

import (
	"context"
	"log/slog"
	"time"

	"plusofon-bot/internal/config"
	"plusofon-bot/internal/demo"
)

// runDemo shows the bot between two stand-ins. Neither the environment nor a
// .env file has a say in the bot, so that no real account is ever touched.
func runDemo(ctx context.Context, in invocation) int {
	err := demo.Run(ctx, demo.Config{
		Out: in.stdout, Scenario: in.option, Open: demo.Opener(in.stdout, in.env),
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
	cfg.Timezone, cfg.LogLevel = time.Local, slog.LevelWarn
	return cfg
}
