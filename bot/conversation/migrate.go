package conversation

import (
	"encoding/json"
	"errors"
	"fmt"

	"plusofon-bot/bot/access"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Migrated handles an upgrade to a supergroup that was learned from an error.
func Migrated(t *chat.Turn, from, to state.ChatID) error {
	return migrate(t, from, to)
}

// migrate moves all that is known of a group, and the rows queued for it, to the supergroup that
// it was upgraded to. Telegram reports the upgrade up to three times.
func migrate(t *chat.Turn, from, to state.ChatID) error {
	moved, err := t.Tx.MoveChat(from, to)
	if err != nil || !moved {
		return err
	}
	if err := access.Upgraded(t, from, to); err != nil {
		return err
	}
	lanes, err := t.LanesOf(from)
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		rows, err := t.Tx.Waiting(state.Telegram, lane)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := moveRow(t, row, to); err != nil {
				return err
			}
		}
	}
	// The cards, the questions and their buttons are left in the old group: show new ones.
	drafts, err := t.Tx.DraftsIn(to)
	for _, d := range drafts {
		err = errors.Join(err, submission.ShowCard(t, d))
	}
	undecided, failure := t.Tx.AwaitingIn(to)
	err = errors.Join(err, failure)
	for _, sub := range undecided {
		err = errors.Join(err, submission.Progress(t, sub, false))
	}
	return err
}

// moveRow moves a row to another chat. A row that edits a message or reacts to one is cancelled,
// as the message is not there; if it reports a submission, the report is repeated.
func moveRow(t *chat.Turn, row state.Row, to state.ChatID) error {
	r, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	if chat.SendsMessage(r.Call) {
		call, err := r.Call.Moved(telegram.ChatID(to))
		if err != nil {
			return err
		}
		r.Call, r.Chat, r.Thread = call, to, 0
		lane := chat.ChatLane(to)
		if r.File != nil {
			lane = chat.DownLane(to, r.Ticket)
		}
		payload, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("write %s row: %w", row.Kind, err)
		}
		return t.Tx.MoveRow(row, lane, string(payload))
	}
	err = t.Tx.Finish(row.ID, state.Cancelled, t.Now, "the message stays in the group that has become a supergroup")
	switch {
	case err != nil && !errors.Is(err, state.ErrOver): // a parked row has already ended
		return err
	case r.Receipt != 0:
		return MessageGone(t, r)
	case r.Reacts != 0:
		sub, err := t.Tx.Submission(r.Reacts)
		if err != nil {
			return chat.IgnoreAbsent(err)
		}
		return submission.Progress(t, sub, false)
	}
	return nil
}
