package conversation

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

const (
	// waitsWhole is how long everything queued for an unreachable chat is kept. After that one
	// line per ticket replaces its news.
	waitsWhole = 7 * 24 * time.Hour
	// condensedAtOnce is how many rows are looked at in one transaction.
	condensedAtOnce = 50
)

// Waited is the position of Condense.
type Waited struct {
	Lane string
	Row  state.RowID
}

// Condense replaces news that has waited for a chat too long to be read in full by one line per
// ticket. It handles a portion from a position and returns the next one; an empty lane means done.
func Condense(t *chat.Turn, from Waited) (Waited, error) {
	lanes, err := t.Tx.OldLanes(state.Telegram, chat.ClosedLanes, from.Lane, t.Now.Add(-waitsWhole), 1)
	if err != nil || len(lanes) == 0 {
		return Waited{}, err
	}
	if lanes[0] != from.Lane {
		from = Waited{Lane: lanes[0]}
	}
	rows, err := t.Tx.Unkeyed(state.Telegram, from.Lane, state.PriorityNews, from.Row, condensedAtOnce)
	if err != nil {
		return Waited{}, err
	}
	for _, row := range rows {
		from.Row = row.ID
		if err := condense(t, row); err != nil {
			return Waited{}, err
		}
	}
	if len(rows) < condensedAtOnce {
		return Waited{Lane: from.Lane + "\x00"}, nil // the next lane
	}
	return from, nil
}

// condense merges a queued row into the line about its ticket.
func condense(t *chat.Turn, row state.Row) error {
	msg, err := chat.Decode[chat.TelegramRow](row)
	if err != nil || msg.Ticket == 0 || msg.Tells != 0 || !chat.SendsMessage(msg.Call) {
		return nil //nolint:nilerr // it says what is wrong with it when it is sent
	}
	key := fmt.Sprintf("waited:%d:%d", msg.Chat, msg.Ticket)
	line, err := t.Tx.QueuedByKey(key)
	if errors.Is(err, state.ErrNotFound) {
		payload, err := waitedLine(t, msg, 1)
		if err != nil {
			return err
		}
		lane := row.Lane
		if lane == chat.ClosedLane(msg.Chat, telegram.ClosedFiles) {
			lane = chat.ChatLane(msg.Chat) // messages may be sent
		}
		return t.Tx.Replace(row, state.Request{Lane: lane, Kind: chat.KindCall, Payload: payload, Key: key, Due: t.Now}, chat.ChatLane(msg.Chat))
	}
	if err != nil {
		return err
	}
	before, err := chat.Decode[chat.TelegramRow](line)
	if err != nil {
		return err
	}
	payload, err := waitedLine(t, msg, before.Waited+1)
	if err != nil {
		return err
	}
	return errors.Join(t.Tx.Rewrite(line.ID, payload), t.Tx.Finish(row.ID, state.Cancelled, t.Now, "a line takes its place"))
}

// waitedLine returns a line that replaces n messages about a ticket.
func waitedLine(t *chat.Turn, msg chat.TelegramRow, n int) (string, error) {
	s, err := t.TextsFor(msg.Chat)
	if err != nil {
		return "", err
	}
	ticket, err := t.Tx.Ticket(msg.Ticket)
	if err != nil {
		return "", err
	}
	text := chat.Header(ticket).Plain("\n" + s.T("news_waited", "Count", n)).Text()
	call, err := telegram.Encode(telegram.SendMessage{
		ChatID: telegram.ChatID(msg.Chat), Text: text.String, Entities: text.Entities, ReplyMarkup: telegram.InlineKeyboard{{
			chat.Button(s.T("button_answer"), chat.Data(chat.PressAnswer, msg.Ticket)), chat.Button(s.T("button_history"), chat.Data(chat.PressHistory, msg.Ticket)),
		}},
	})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(chat.TelegramRow{Call: call, Place: chat.InChat(msg.Chat), Meaning: chat.Meaning{Ticket: msg.Ticket, Chain: true, Topic: true, Waited: n}})
	return string(payload), err
}
