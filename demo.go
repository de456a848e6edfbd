package main

import (
	"context"
	"log/slog"
	"time"

	"plusofon-bot/demo"
)

// runDemo shows the bot between two stand-ins. Neither the environment nor a
// .env file has a say, so that no real account is ever touched.
func runDemo(ctx context.Context, in invocation) int {
	err := demo.Run(ctx, demo.Config{Out: in.stdout, Bot: func(ctx context.Context, sides demo.Sides) error {
		cfg := demoConfig(sides)
		return serve(ctx, cfg, newLogger(cfg, in.stderr))
	}})
	if err != nil {
		complain(in.stderr, err.Error())
		return exitFailed
	}
	return exitOK
}

func demoConfig(sides demo.Sides) config {
	return config{
		TelegramToken: secret(sides.TelegramToken), TelegramAPIURL: baseURL(sides.TelegramURL),
		PlusofonToken: secret(sides.PlusofonToken), PlusofonAPIURL: baseURL(sides.PlusofonURL),
		PlusofonClient: variableNamed("PLUSOFON_CLIENT").def, PlusofonRate: 6000,
		DatabasePath: sides.DatabasePath, AdminIDs: []int64{sides.Owner}, PollInterval: time.Second,
		Language: "ru", Timezone: time.Local, MaxFileSize: 20 << 20,
		SignPosts: variableNamed("SIGN_POSTS").def, LogLevel: slog.LevelWarn,
	}
}
