package relay

import (
	"errors"
	"time"

	"plusofon-bot/bot"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// settleTopic settles what a row met on its way into a topic, or into a group that
// has become a supergroup. It returns false where there was nothing of that.
func (r *Relay) settleTopic(tx *state.Tx, now time.Time, row state.Row, t bot.TelegramRow, result telegram.Result, cause error) (bool, error) {
	e, refused := errors.AsType[*telegram.Error](cause)
	refused = refused && e.Outcome == telegram.Refused
	next := func(steps ...error) (bool, error) {
		// The row itself is next. One that meets this again and again waits.
		due := now
		if row.Attempts > 3 {
			due = now.Add(r.pause(row.Attempts))
		}
		reason := ""
		if cause != nil {
			reason = cause.Error()
		}
		return true, errors.Join(append(steps, tx.Retry(row.ID, due, reason))...)
	}
	making := t.Makes != "" && !t.Sync
	switch {
	case making && cause == nil:
		return next(r.Bot.TopicMade(tx, now, t, state.ThreadID(result.ThreadID)))
	case refused && e.MigrateTo != 0:
		r.Log.Info("a group has become a supergroup", "chat", t.Chat, "now", e.MigrateTo)
		if err := r.Bot.Migrated(tx, now, t.Chat, state.ChatID(e.MigrateTo)); err != nil {
			return true, err
		}
		if current, err := tx.Row(row.ID); err != nil || current.State != state.Queued {
			return true, err // it was for a message of the group's
		}
		return next()
	case making && (refused || e != nil && e.Outcome == telegram.Forbidden && telegram.IsNoRights(cause)):
		r.Log.Warn("a topic can't be made", "chat", t.Chat, "ticket", t.Ticket, "error", cause)
		return next(r.Bot.TopicsRefused(tx, now, t, cause))
	case telegram.IsTopicClosed(cause):
		return r.withoutTopic(tx, now, row, cause)
	case telegram.IsThreadNotFound(cause) && t.Thread != 0:
		remade, err := r.Bot.TopicGone(tx, t)
		switch {
		case err != nil:
			return true, err
		case t.Sync:
			return true, tx.Finish(row.ID, state.Refused, now, cause.Error())
		case remade:
			return next()
		}
		return r.withoutTopic(tx, now, row, cause)
	}
	return false, nil
}

// withoutTopic lets a row go to its chat in no topic. A reply would go where its
// message is.
func (r *Relay) withoutTopic(tx *state.Tx, now time.Time, row state.Row, cause error) (bool, error) {
	t, err := bot.Decode[bot.TelegramRow](row)
	if err != nil {
		return true, err
	}
	t = bot.WithoutTopic(t)
	payload, err := encode(t)
	if err != nil {
		return true, err
	}
	return true, errors.Join(tx.Rewrite(row.ID, payload), tx.Retry(row.ID, now, cause.Error()))
}
