package bot

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/conversation"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// settleTopic settles results that concern a topic, or an upgrade to a supergroup. It
// returns false for others.
func (b *Bot) settleTopic(t *chat.Turn, row state.Row, msg chat.TelegramRow, result telegram.Result, cause error) (bool, error) {
	e, refused := errors.AsType[*telegram.Error](cause)
	refused = refused && e.Outcome == telegram.Refused
	next := func(steps ...error) (bool, error) {
		// The row itself is next. If this keeps happening, it backs off.
		due := t.Now
		if row.Attempts > 3 {
			due = t.Now.Add(b.pause(row.Attempts))
		}
		reason := ""
		if cause != nil {
			reason = cause.Error()
		}
		return true, errors.Join(append(steps, t.Tx.Retry(row.ID, due, reason))...)
	}
	making := msg.Makes != "" && !msg.Sync
	switch {
	case making && cause == nil:
		return next(topic.Made(t, msg, state.ThreadID(result.ThreadID)))
	case refused && e.MigrateTo != 0:
		b.Log.Info("a group has become a supergroup", "chat", msg.Chat, "now", e.MigrateTo)
		if err := conversation.Migrated(t, msg.Chat, state.ChatID(e.MigrateTo)); err != nil {
			return true, err
		}
		if current, err := t.Tx.Row(row.ID); err != nil || current.State != state.Queued {
			return true, err // it was about a message of the old group
		}
		return next()
	case making && (refused || e != nil && e.Outcome == telegram.Forbidden && telegram.IsNoRights(cause)):
		b.Log.Warn("a topic can't be made", "chat", msg.Chat, "ticket", msg.Ticket, "error", cause)
		return next(topic.Refused(t, msg, cause))
	case telegram.ClosureOf(cause) == telegram.ClosedTopic && (msg.Thread != 0 || chat.HasParam(msg.Call, "reply_parameters")):
		return b.withoutTopic(t, row, cause)
	case telegram.IsThreadNotFound(cause) && msg.Thread != 0:
		remade, err := topic.Gone(t, msg)
		switch {
		case err != nil:
			return true, err
		case msg.Sync:
			return true, t.Tx.Finish(row.ID, state.Refused, t.Now, cause.Error())
		case remade:
			return next()
		}
		return b.withoutTopic(t, row, cause)
	}
	return false, nil
}

// withoutTopic retries a row outside topics, and not as a reply, which would go to its
// message's topic.
func (b *Bot) withoutTopic(t *chat.Turn, row state.Row, cause error) (bool, error) {
	current, err := t.Tx.Row(row.ID) // it may have been updated in flight
	if err != nil {
		return true, err
	}
	msg, err := chat.Decode[chat.TelegramRow](current)
	if err != nil {
		return true, err
	}
	payload, err := encode(chat.WithoutTopic(msg))
	if err != nil {
		return true, err
	}
	return true, errors.Join(t.Tx.Rewrite(row.ID, payload), t.Tx.Retry(row.ID, t.Now, cause.Error()))
}
