package conversation

import (
	"errors"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// ErrUnbound means that a file is not sent because its chat no longer gets it: it does not follow
// the ticket, or its person is no owner.
var ErrUnbound = errors.New("the chat no longer gets the file")

// Prepare turns a row into the request to make now: where a message goes, what it replies to and
// whether a topic must be created first are decided at send time. It returns ErrUnbound,
// chat.ErrNeedless or a chat.ClosedError for a row that is not to be sent now.
func Prepare(t *chat.Turn, row chat.TelegramRow) (chat.TelegramRow, error) {
	chatID, err := t.CurrentChat(row.Chat)
	if err != nil {
		return row, err
	}
	if chatID != row.Chat {
		// Queued for a group that was upgraded to a supergroup since.
		if !chat.SendsMessage(row.Call) {
			return row, chat.ErrNeedless
		}
		if row.Call, err = row.Call.Moved(telegram.ChatID(chatID)); err != nil {
			return row, err
		}
		row.Chat, row.Thread = chatID, 0
	}
	if telegram.ChatID(row.Chat).IsGroup() && !row.Anyway {
		g, err := t.Tx.Group(row.Chat)
		switch {
		case errors.Is(err, state.ErrNotFound):
			return row, chat.ErrNeedless
		case err != nil:
			return row, err
		case !g.Present:
			return row, chat.Absent()
		}
	}
	if row.Draft != 0 && chat.SendsMessage(row.Call) {
		sends, err := submission.SendsCard(t, row.Draft)
		if err != nil {
			return row, err
		}
		if !sends {
			return row, chat.ErrNeedless
		}
	}
	if row.Waits != 0 {
		w, err := t.Tx.Wait(row.Ticket)
		if chat.IgnoreAbsent(err) != nil {
			return row, err
		}
		if err != nil || w.Dismissed || w.Post != row.Waits {
			return row, chat.ErrNeedless // the staff or the author has written since
		}
	}
	if row.Sync {
		return topic.NextSync(t, row)
	}
	if row.File != nil && row.Chain {
		if _, err := t.Tx.Binding(row.Chat, row.Ticket); err != nil {
			if errors.Is(err, state.ErrNotFound) {
				err = ErrUnbound
			}
			return row, err
		}
	}
	if row.Topic && row.Ticket != 0 {
		if row, err = topic.InTopic(t, row); err != nil || row.Makes != "" {
			return row, err
		}
	}
	if row.Chain {
		binding, err := t.Tx.Binding(row.Chat, row.Ticket)
		if err != nil || binding.LastMessage == 0 {
			return row, chat.IgnoreAbsent(err)
		}
		row.Thread = 0 // a reply goes where its message is
		row.Call, err = chat.WithParam(row.Call, "reply_parameters", chat.ReplyTo(binding.LastMessage))
		return row, err
	}
	if row.Thread != 0 && chat.SendsMessage(row.Call) {
		row.Call, err = chat.WithParam(row.Call, "message_thread_id", row.Thread)
	}
	return row, err
}
