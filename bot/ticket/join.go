package ticket

import (
	"encoding/json"
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// joinBehind is how many messages of a chat wait when Telegram's limits (20 a
// minute in a group) hold its news back for so long that they are joined.
const joinBehind = 20

// Join adds to news that are about to go those that wait right behind them, if they are of
// the same ticket, there is room, and many wait. Nobody but who sends a row joins it to
// others: one that is under way is never changed.
func Join(t *chat.Turn, row state.Row, msg chat.TelegramRow) (state.Row, chat.TelegramRow, error) {
	// A closed chat is no limit, and what Telegram fails on takes no others down with it.
	if !msg.Joins || row.Priority != state.PriorityNews || row.Home != "" || row.Failures > 0 {
		return row, msg, nil
	}
	behind, err := t.Tx.QueuedAfter(row, joinBehind-1)
	if err != nil || len(behind) < joinBehind-1 {
		return row, msg, err
	}
	joined := false
	for _, next := range behind {
		other, err := chat.Decode[chat.TelegramRow](next)
		if err != nil || !other.Joins || other.Ticket != msg.Ticket || next.Priority != row.Priority {
			break // it says what is wrong with it when it is sent
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

// Hush silences news that are about to go if others that make a sound wait right behind them:
// of several that come to a chat at once only the last one rings. What can't go yet does not
// count, as nobody knows when it will.
func Hush(t *chat.Turn, row state.Row, msg chat.TelegramRow) (chat.TelegramRow, error) {
	if row.Priority != state.PriorityNews || !makesSound(msg.Call) {
		return msg, nil
	}
	behind, err := t.Tx.QueuedAfter(row, joinBehind)
	if err != nil {
		return msg, err
	}
	for _, next := range behind {
		other, err := chat.Decode[chat.TelegramRow](next)
		if err != nil || next.Priority != row.Priority || next.Failures > 0 || next.Due.After(t.Now) || !makesSound(other.Call) {
			continue
		}
		msg.Call, err = chat.WithParam(msg.Call, "disable_notification", true)
		return msg, err
	}
	return msg, nil
}

func makesSound(c telegram.Call) bool {
	return chat.SendsMessage(c) && !chat.HasParam(c, "disable_notification")
}

// joinCalls puts what another row says under what a call says; false where there is no
// room for it.
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
