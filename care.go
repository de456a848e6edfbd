package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"plusofon-bot/internal/config"
	"plusofon-bot/internal/monitor"
	"plusofon-bot/state"
)

// The commands that look after a bot that runs in another process. They need its
// database and none of its secrets.

func runHealthcheck(ctx context.Context, in invocation) int {
	path, err := config.DatabasePath(in.env)
	if err == nil {
		err = examine(ctx, path)
	}
	if err != nil {
		complain(in.stderr, err.Error())
		return exitFailed
	}
	return printed(fmt.Fprintln(in.stdout, "бот работает"))
}

// examine tells what is wrong with the bot that has the database open, if one has.
func examine(ctx context.Context, path string) (err error) {
	held, err := state.IsHeld(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !held:
		return fmt.Errorf("с базой данных %s никто не работает: бот не запущен", path)
	case err != nil:
		return err
	}
	reader, err := state.OpenReader(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	if err := monitor.Examine(ctx, reader, time.Now()); err != nil {
		return fmt.Errorf("бот запущен, но не всё в порядке: %w", err)
	}
	return nil
}

func runBackup(_ context.Context, in invocation) int {
	path, err := config.DatabasePath(in.env)
	if err != nil {
		complain(in.stderr, err.Error())
		return exitUsage
	}
	if err := backup(path, in.args[0]); err != nil {
		complain(in.stderr, err.Error())
		return exitFailed
	}
	return printed(fmt.Fprintln(in.stdout, "копия записана:", in.args[0]))
}

func backup(path, to string) (err error) {
	reader, err := state.OpenReader(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("базы данных %s нет; укажите её в DATABASE_PATH", path)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	err = reader.Backup(to)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s уже есть; копия не записана, укажите новое имя", to)
	}
	if err != nil {
		return fmt.Errorf("копия не записана: %w", err)
	}
	return nil
}
