package ticket

import (
	"encoding/json"
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// joinAfter is how many messages with news must be queued in a chat before they are joined: by
// then Telegram's limit (20 messages a minute in a group) delays them by a minute.
const joinAfter = 20

// Join appends the news queued right after row to it, if they are of the same ticket, fit
// into one message, and many are queued. Only the sender of a row joins others to it: a
// row in flight is never changed.
func Join(t *chat.Turn, row state.Row, msg chat.TelegramRow) (state.Row, chat.TelegramRow, error) {
	// A row held by a closed chat is not limited by rate, and a row Telegram rejects must not
	// fail others with it.
	if !msg.Joins || row.Priority != state.PriorityNews || row.Home != "" || row.Failures > 0 {
		return row, msg, nil
	}
	queued, err := t.Tx.QueuedAfter(row, joinAfter-1)
	if err != nil || len(queued) < joinAfter-1 {
		return row, msg, err
	}
	joined := false
	for _, next := range queued {
		other, err := chat.Decode[chat.TelegramRow](next)
		if err != nil || !other.Joins || other.Ticket != msg.Ticket || next.Priority != row.Priority {
			break // its own sending reports what is wrong
		}
		call, fits, err := joinCalls(msg.Call, other)
		if err != nil {
			return row, msg, err
		}
		if !fits {
			break
		}
		joined = true
		msg.Call, msg.Files = call, append(msg.Files, other.Files...)
		if err := t.Tx.Finish(next.ID, state.Cancelled, t.Now, fmt.Sprintf("joined to row %d", row.ID)); err != nil {
			return row, msg, err
		}
	}
	if !joined {
		return row, msg, nil
	}
	payload, err := json.Marshal(msg)
	if err != nil {
		return row, msg, fmt.Errorf("write a message that waits: %w", err)
	}
	row.Payload = string(payload)
	return row, msg, t.Tx.Rewrite(row.ID, row.Payload)
}

// Hush silences news about to be sent if others with a sound are queued right after them: of
// several sent to a chat at once only the last makes a sound. Rows in backoff don't count,
// because it is unknown when they will be sent.
func Hush(t *chat.Turn, row state.Row, msg chat.TelegramRow) (chat.TelegramRow, error) {
	if row.Priority != state.PriorityNews || !makesSound(msg.Call) {
		return msg, nil
	}
	r, err := t.Locale(msg.Chat)
	if err != nil {
		return msg, err
	}
	if r.IsQuiet(t.Now) { // they have begun since it was written
		msg.Late = msg.Ticket != 0 && msg.Tells == 0 && msg.Chain // not the further parts of a long post
		msg.Call, err = chat.WithParam(msg.Call, "disable_notification", true)
		return msg, err
	}
	queued, err := t.Tx.QueuedAfter(row, joinAfter)
	if err != nil {
		return msg, err
	}
	for _, next := range queued {
		other, err := chat.Decode[chat.TelegramRow](next)
		if err != nil || next.Priority != row.Priority || next.Failures > 0 || next.Due.After(t.Now) || !makesSound(other.Call) {
			continue
		}
		msg.Call, err = chat.WithParam(msg.Call, "disable_notification", true)
		return msg, err
	}
	return msg, nil
}

// Came notes a message with news that was sent: if it was written before quiet hours and came in
// them, the line at their end counts it.
func Came(t *chat.Turn, msg chat.TelegramRow) error {
	if !msg.Late {
		return nil
	}
	r, err := t.Locale(msg.Chat)
	if err != nil {
		return err
	}
	return t.Tx.AddNight(msg.Chat, msg.Ticket, quietEnds(r, t.Now))
}

func makesSound(c telegram.Call) bool {
	return chat.SendsMessage(c) && !chat.HasParam(c, "disable_notification")
}

// joinCalls appends the text of another row to a call; false if it does not fit.
func joinCalls(call telegram.Call, other chat.TelegramRow) (telegram.Call, bool, error) {
	var first, second telegram.SendMessage
	if err := json.Unmarshal(call.Params, &first); err != nil {
		return call, false, fmt.Errorf("read a message that waits: %w", err)
	}
	if err := json.Unmarshal(other.Call.Params, &second); err != nil {
		return call, false, fmt.Errorf("read a message that waits: %w", err)
	}
	more := telegram.Text{String: second.Text, Entities: second.Entities}.Without(other.Names.From, other.Names.To)
	whole := new(telegram.Builder).Append(telegram.Text{String: first.Text, Entities: first.Entities}).Plain("\n").Append(more).Text()
	if telegram.UTF16Len(whole.String) > telegram.MaxText || len(whole.Entities) > telegram.MaxEntities {
		return call, false, nil
	}
	second.Text, second.Entities, second.Silent = whole.String, whole.Entities, first.Silent && second.Silent
	joined, err := telegram.Encode(second)
	return joined, true, err
}
