package bot

import (
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// MessageSent takes Telegram's answer to a row.
func (b *Bot) MessageSent(tx *state.Tx, now time.Time, row TelegramRow, message state.MessageID) error {
	t := &turn{Bot: b, tx: tx, now: now}
	for _, ref := range row.Files {
		if err := t.sendDown(row.Chat, ref); err != nil {
			return err
		}
	}
	if row.Sync {
		return t.topicSynced(row)
	}
	if message == 0 {
		return nil
	}
	if row.Asks != 0 {
		if err := tx.PromptSent(row.Chat, row.Asks, message); err != nil {
			return err
		}
	}
	if row.Pin && row.Thread != 0 {
		if err := t.pin(row, message); err != nil {
			return err
		}
	}
	if row.Receipt != 0 {
		sub, err := t.receiptSent(row, message)
		if err != nil {
			return err
		}
		row.Ticket = sub.Ticket
		if sub.Reason == reasonMention {
			row.Ticket = 0
		}
	}
	if row.Draft != 0 {
		return t.cardSent(row.Draft, message)
	}
	if row.Ticket == 0 {
		return nil
	}
	return tx.MapMessage(row.Chat, message, row.Ticket, true)
}

// receiptSent notes a submission's receipt. Where the submission has moved on
// since that was written, it is brought up to date.
func (t *turn) receiptSent(row TelegramRow, message state.MessageID) (state.Submission, error) {
	sub, err := t.tx.Submission(row.Receipt)
	if err != nil || sub.Receipt != 0 {
		return sub, err
	}
	sub.Receipt = message
	if err := t.tx.SaveSubmission(sub); err != nil {
		return sub, err
	}
	files, err := t.tx.Files(sub.ID)
	if err != nil || stage(sub, files) == row.Stage {
		return sub, err
	}
	return sub, t.progress(sub, false)
}

// MessageGone notes that a person has deleted the receipt or the card that was to
// be edited: what it says is said anew.
func (b *Bot) MessageGone(tx *state.Tx, now time.Time, row TelegramRow) error {
	if row.Draft != 0 {
		return (&turn{Bot: b, tx: tx, now: now}).cardGone(row.Draft)
	}
	sub, err := tx.Submission(row.Receipt)
	if err != nil {
		return err
	}
	sub.Receipt = 0
	if err := tx.SaveSubmission(sub); err != nil {
		return err
	}
	return (&turn{Bot: b, tx: tx, now: now}).progress(sub, false)
}

// Superseded is called where a row was brought up to date while its request was
// under way: what it says now has not been said.
func (b *Bot) Superseded(tx *state.Tx, now time.Time, row state.Row) error {
	t := &turn{Bot: b, tx: tx, now: now}
	r, err := Decode[TelegramRow](row)
	if err != nil {
		return err
	}
	if r.Draft != 0 {
		return t.cardOf(r.Draft)
	}
	if r.Receipt == 0 {
		return t.enqueue(row.Side, row.Lane, row.Kind, row.Priority, "", r)
	}
	sub, err := tx.Submission(r.Receipt)
	if err != nil {
		return err
	}
	return t.progress(sub, false)
}

// ReactionRefused notes that a chat takes no reactions: words are used there.
func (b *Bot) ReactionRefused(tx *state.Tx, now time.Time, row TelegramRow) error {
	if err := tx.RefuseReactions(row.Chat); err != nil {
		return err
	}
	if row.Reacts == 0 {
		return nil
	}
	sub, err := tx.Submission(row.Reacts)
	if err != nil {
		return err
	}
	return (&turn{Bot: b, tx: tx, now: now}).progress(sub, true)
}

// ChatClosed notes that a chat answers 403.
func (b *Bot) ChatClosed(tx *state.Tx, now time.Time, chat state.ChatID) error {
	if ok, err := (&turn{Bot: b, tx: tx, now: now}).counts(chat); err != nil || !ok && telegram.ChatID(chat).IsGroup() {
		return err
	}
	return tx.BlockChat(chat, now)
}

// ChatOpen notes that a chat takes messages, and lets go what was held back
// while it did not.
func (b *Bot) ChatOpen(tx *state.Tx, now time.Time, chat state.ChatID) error {
	opened, err := tx.UnblockChat(chat)
	if err != nil || !opened {
		return err
	}
	if ok, err := (&turn{Bot: b, tx: tx, now: now}).counts(chat); err != nil || !ok {
		return err
	}
	return tx.Revive(state.Telegram, chatLane(chat), now)
}
