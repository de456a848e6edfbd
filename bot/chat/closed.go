package chat

import (
	"errors"
	"fmt"
	"slices"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ClosedError means that a row can't be sent until a closure of its chat is over.
type ClosedError struct {
	Closure telegram.Closure
	Err     error // the failure that revealed it; nil if known from other rows
}

func (e *ClosedError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("what waits for the chat shows that it is closed (%s)", e.Closure)
	}
	return e.Err.Error()
}

func (e *ClosedError) Unwrap() error { return e.Err }

// errAbsent means that the bot is not in the group, and may be added again.
var errAbsent = errors.New("the bot is not in the group")

// Absent is the error for a row to a group that the bot is not in.
func Absent() error { return &ClosedError{telegram.ClosedChat, errAbsent} }

// closures lists all closures.
var closures = []telegram.Closure{telegram.ClosedChat, telegram.ClosedWords, telegram.ClosedFiles, telegram.ClosedTopic}

// ClosuresOf returns the closures that would keep a prepared row from being sent. A reply goes
// to the topic of its message, so whether it may is known only by trying.
func ClosuresOf(row TelegramRow) []telegram.Closure {
	if !SendsMessage(row.Call) {
		return closures[:1]
	}
	list := closures[:2:2]
	if row.File != nil {
		list = append(list, telegram.ClosedFiles)
	}
	if row.Thread == 0 && !HasParam(row.Call, "reply_parameters") {
		list = append(list, telegram.ClosedTopic)
	}
	return list
}

// IsClosed returns a ClosedError if rows already wait for a closure that affects this one too.
// The row in the closure's own lane is exempt: it is tried on behalf of all.
func (t *Turn) IsClosed(row TelegramRow, lane string) error {
	if row.Anyway || row.Chat == 0 {
		return nil
	}
	closed, err := t.Tx.OpenLanesFrom(state.Telegram, closedLanes(row.Chat))
	if err != nil {
		return err
	}
	for _, closure := range ClosuresOf(row) {
		if there := ClosedLane(row.Chat, closure); there != lane && slices.Contains(closed, there) {
			return &ClosedError{Closure: closure}
		}
	}
	return nil
}

// Reopened resumes everything queued for a chat, which accepts messages again.
func (t *Turn) Reopened(c state.ChatID) error { return t.reopened(c, closures) }

// Went does the same after a row was sent, for the closures that this disproves.
func (t *Turn) Went(row TelegramRow) error { return t.reopened(row.Chat, ClosuresOf(row)) }

func (t *Turn) reopened(c state.ChatID, over []telegram.Closure) error {
	if c == 0 {
		return nil
	}
	closed, err := t.Tx.OpenLanesFrom(state.Telegram, closedLanes(c))
	if err != nil || len(closed) == 0 {
		return err
	}
	if ok, err := t.ChatAuthorized(c); err != nil || !ok {
		return err
	}
	moved := 0
	for _, closure := range over {
		if lane := ClosedLane(c, closure); slices.Contains(closed, lane) {
			n, err := t.Tx.BringHome(state.Telegram, lane, t.Now)
			if err != nil {
				return err
			}
			moved += n
		}
	}
	if moved == 0 {
		return nil
	}
	return t.SendAgain(c)
}

// SendAgain revives the parked rows of a chat.
func (t *Turn) SendAgain(c state.ChatID) error {
	lanes, err := t.LanesOf(c)
	for _, lane := range lanes {
		_, failure := t.Tx.Revive(state.Telegram, lane, AgainLane(c), t.Now)
		err = errors.Join(err, failure)
	}
	return err
}
