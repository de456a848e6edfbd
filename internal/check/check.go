// Package check tells an operator, before the bot runs, whether both sides can be reached
// with the configuration and what is there. It only reads.
package check

import (
	"context"
	"errors"
	"fmt"
	"io"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
)

// Run tells whether both sides can be reached and what is there.
func Run(ctx context.Context, tg *telegram.Client, pf *plusofon.Client, out io.Writer) error {
	var failures error
	if me, err := tg.Me(ctx); err != nil {
		failures = errors.Join(failures, fmt.Errorf("telegram: %s: %w", telegramAdvice(err), err))
	} else {
		_, _ = fmt.Fprintf(out, "Telegram: бот @%s (%s)\n", me.Username, me.Name)
	}
	if account, err := pf.Account(ctx); err != nil {
		failures = errors.Join(failures, fmt.Errorf("plusofon: %s: %w", plusofonAdvice(err), err))
	} else if open, err := pf.Tickets(ctx, true); err != nil {
		failures = errors.Join(failures, fmt.Errorf("plusofon: %s: %w", plusofonAdvice(err), err))
	} else {
		_, _ = fmt.Fprintf(out, "Плюсофон: %s, открытых обращений: %d\n", account.Email, len(open))
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
