package chat

import (
	"errors"
	"fmt"
	"slices"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// ClosedError means that a row can't go where it is for until a closure there is over.
type ClosedError struct {
	Closure telegram.Closure
	Err     error // what has shown it; nil where others wait for the same
}

func (e *ClosedError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("what waits for the chat shows that it is closed (%s)", e.Closure)
	}
	return e.Err.Error()
}

func (e *ClosedError) Unwrap() error { return e.Err }

// errAbsent means that the bot is out of the group and waits to be added again.
var errAbsent = errors.New("the bot is not in the group")

// Absent is the error of a row for a group that the bot is out of.
func Absent() error { return &ClosedError{telegram.ClosedChat, errAbsent} }

// closures are all of them.
var closures = []telegram.Closure{telegram.ClosedChat, telegram.ClosedWords, telegram.ClosedFiles, telegram.ClosedTopic}

// ClosuresOf are those that keep a row, made ready, from going. A reply goes where its
// message is: whether it may is known only when it is tried.
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

// IsClosed returns a ClosedError where rows wait that can't go where this one is for: it
// would meet the same. The one that is tried for all of them stands in their lane itself.
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

// Reopened lets go what waits for a chat: it takes rows again.
func (t *Turn) Reopened(c state.ChatID) error { return t.reopened(c, closures) }

// Went does so after a row has gone, as far as that shows that the chat is open.
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

// SendAgain lets go what was given up of what is for a chat.
func (t *Turn) SendAgain(c state.ChatID) error {
	lanes, err := t.LanesOf(c)
	for _, lane := range lanes {
		_, failure := t.Tx.Revive(state.Telegram, lane, AgainLane(c), t.Now)
		err = errors.Join(err, failure)
	}
	return err
}
