package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// current is the chat that a chat is now: the supergroup that a group has become.
func (t *turn) current(c state.ChatID) (state.ChatID, error) {
	if !telegram.ChatID(c).IsGroup() {
		return c, nil
	}
	chat, err := t.tx.Chat(c)
	if err == nil && chat.MovedTo != 0 {
		return chat.MovedTo, nil
	}
	return c, ignoreAbsent(err)
}

// Migrated notes that a group has become a supergroup, as an error tells.
func (b *Bot) Migrated(tx *state.Tx, now time.Time, from, to state.ChatID) error {
	return (&turn{Bot: b, tx: tx, now: now}).migrate(from, to)
}

// migrate moves all that is known of a group, and all that waits to be sent there,
// to the supergroup that it has become. It is told up to three times.
func (t *turn) migrate(from, to state.ChatID) error {
	moved, err := t.tx.MoveChat(from, to)
	if err != nil || !moved {
		return err
	}
	lanes, err := t.tx.LanesFrom(state.Telegram, downLanes(from))
	if err != nil {
		return err
	}
	for _, lane := range append(lanes, chatLane(from)) {
		rows, err := t.tx.Waiting(state.Telegram, lane)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := t.moveRow(row, to); err != nil {
				return err
			}
		}
	}
	// The cards stayed behind with their buttons.
	drafts, err := t.tx.DraftsIn(to)
	for _, d := range drafts {
		err = errors.Join(err, t.card(d))
	}
	return err
}

// moveRow moves a row to another chat. What edits a message, or reacts to one,
// has no message there: where it tells of a submission, that is told anew.
func (t *turn) moveRow(row state.Row, to state.ChatID) error {
	r, err := Decode[TelegramRow](row)
	if err != nil {
		return err
	}
	if sends(r.Call) {
		call, err := r.Call.Moved(telegram.ChatID(to))
		if err != nil {
			return err
		}
		r.Call, r.Chat, r.Thread = call, to, 0
		lane := chatLane(to)
		if r.File != nil {
			lane = downLane(to, r.Ticket)
		}
		payload, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("write %s row: %w", row.Kind, err)
		}
		return t.tx.MoveRow(row, lane, string(payload))
	}
	err = t.tx.Finish(row.ID, state.Cancelled, t.now, "the message stays in the group that has become a supergroup")
	switch {
	case err != nil && !errors.Is(err, state.ErrOver): // a parked one is over
		return err
	case r.Receipt != 0:
		return t.MessageGone(t.tx, t.now, r)
	case r.Reacts != 0:
		sub, err := t.tx.Submission(r.Reacts)
		if err != nil {
			return err
		}
		return t.progress(sub, false)
	}
	return nil
}
