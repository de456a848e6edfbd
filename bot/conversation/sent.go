package conversation

import (
	"encoding/json"
	"errors"
	"fmt"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/bot/topic"
	"plusofon-bot/state"
)

// MessageSent handles Telegram's answer to a row.
func MessageSent(t *chat.Turn, row chat.TelegramRow, message state.MessageID) error {
	if err := messageSent(t, row, message); err != nil || message == 0 || !chat.SendsMessage(row.Call) {
		return err
	}
	return submission.CameBelow(t, row.Place, message)
}

func messageSent(t *chat.Turn, row chat.TelegramRow, message state.MessageID) error {
	for _, ref := range row.Files {
		if err := ticket.SendDown(t, row.Chat, ref); err != nil {
			return err
		}
	}
	if row.Sync {
		return topic.Synced(t, row)
	}
	if err := ticket.Came(t, row); err != nil {
		return err
	}
	if message == 0 {
		return nil
	}
	if row.Tells != 0 {
		if err := recordNotice(t, row, message); err != nil {
			return err
		}
	}
	if row.Hand != 0 {
		err := errors.Join(t.Tx.HandAsked(row.Hand, message), submission.Asked(t, row.Chat, message), submission.ClearQuestions(t, row.Chat))
		if err != nil {
			return err
		}
	}
	if row.Pin && row.Thread != 0 {
		if err := topic.Pin(t, row, message); err != nil {
			return err
		}
	}
	if row.Receipt != 0 {
		sub, err := receiptSent(t, row, message)
		if err != nil {
			return err
		}
		row.Ticket = sub.Ticket
		if sub.Reason.ForColleague() {
			row.Ticket = 0
		}
	}
	if row.Draft != 0 && !chat.SendsMessage(row.Call) {
		return nil
	}
	if row.Draft != 0 {
		return submission.CardSent(t, row.Draft, message)
	}
	if row.Ticket == 0 {
		return nil
	}
	if chat.SendsMessage(row.Call) && !telegram.ChatID(row.Chat).IsGroup() {
		if err := submission.SaidOf(t, row.Chat, row.Ticket); err != nil {
			return err
		}
	}
	// A question in a group will be deleted: nothing may reply to it.
	passing := row.Passing || row.Hand != 0 && telegram.ChatID(row.Chat).IsGroup()
	return t.Tx.MapMessage(row.Chat, message, row.Ticket, !passing)
}

// receiptSent records a submission's receipt, and updates it if the submission has changed since
// it was written.
func receiptSent(t *chat.Turn, row chat.TelegramRow, message state.MessageID) (state.Submission, error) {
	sub, err := t.Tx.Submission(row.Receipt)
	if errors.Is(err, state.ErrNotFound) {
		return sub, correctWithdrawn(t, row, message)
	}
	if err != nil || sub.ReceiptIn(row.Chat) != 0 {
		return sub, err
	}
	sub.TellIn(row.Chat, message)
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return sub, err
	}
	files, err := t.Tx.Files(sub.ID)
	if err != nil || submission.ReceiptStage(sub, files) == row.Stage {
		return sub, err
	}
	return sub, submission.Progress(t, sub, false)
}

// correctWithdrawn corrects the receipt of a submission that was withdrawn while the receipt was
// in flight. A receipt written on a card is followed by the card's own text.
func correctWithdrawn(t *chat.Turn, row chat.TelegramRow, message state.MessageID) error {
	if !chat.SendsMessage(row.Call) {
		return nil
	}
	if _, err := t.Tx.DraftShown(row.Chat, message); !errors.Is(err, state.ErrNotFound) {
		return err // it has become a card meanwhile
	}
	s, err := t.TextsFor(row.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: row.Place, Edit: message, Text: telegram.Plain(s.T("receipt_cancelled"))})
}

// MessageGone handles that a person has deleted the receipt or card to be edited: a new one is
// sent.
func MessageGone(t *chat.Turn, row chat.TelegramRow) error {
	if row.Draft != 0 {
		card, err := messageOf(row)
		return errors.Join(err, submission.CardGone(t, row.Draft, card))
	}
	sub, err := t.Tx.Submission(row.Receipt)
	if err != nil {
		return chat.IgnoreAbsent(err) // withdrawn
	}
	sub.Receipt = 0
	if err := t.Tx.SaveSubmission(sub); err != nil {
		return err
	}
	return submission.Progress(t, sub, false)
}

// Superseded handles a row that was updated while its request was in flight: its new content has
// not been sent. sent is the row as the request was made.
func Superseded(t *chat.Turn, sent, row state.Row) error {
	was, err := chat.Decode[chat.TelegramRow](sent)
	if err != nil {
		return err
	}
	r, err := chat.Decode[chat.TelegramRow](row)
	if err != nil {
		return err
	}
	if r.Page {
		return pageSuperseded(t, row, r)
	}
	if r.Draft != 0 {
		return submission.ShowCardOf(t, r.Draft)
	}
	if r.Receipt == 0 && r.Chat != was.Chat {
		return nil // the group became a supergroup meanwhile: the content is the same
	}
	if r.Receipt == 0 {
		return t.Enqueue(row.Side, row.Lane, row.Kind, row.Priority, "", r)
	}
	sub, err := t.Tx.Submission(r.Receipt)
	if err != nil {
		return chat.IgnoreAbsent(err) // withdrawn
	}
	return submission.Progress(t, sub, false)
}

// pageSuperseded is Superseded for a page of tickets: it is shown unless the card has become
// something else meanwhile.
func pageSuperseded(t *chat.Turn, row state.Row, r chat.TelegramRow) error {
	card, err := messageOf(r)
	if err != nil {
		return err
	}
	if shows, err := submission.ShowsPage(t, r.Draft, card); err != nil || !shows {
		return err
	}
	return t.Enqueue(row.Side, row.Lane, row.Kind, row.Priority, chat.PageKey(r.Draft), r)
}

// ReactionRefused records that a chat doesn't accept reactions: messages are used instead.
func ReactionRefused(t *chat.Turn, row chat.TelegramRow) error {
	if err := t.Tx.RefuseReactions(row.Chat, t.Now); err != nil {
		return err
	}
	if row.Reacts == 0 {
		return nil
	}
	sub, err := t.Tx.Submission(row.Reacts)
	if err != nil {
		return chat.IgnoreAbsent(err) // withdrawn
	}
	return submission.Progress(t, sub, true)
}

// NotDeleted handles that a message can't be deleted: if it asked about a submission, or was a
// draft's card, it is edited to say what became of that. Any other question can't be edited.
func NotDeleted(t *chat.Turn, row chat.TelegramRow) error {
	message, err := messageOf(row)
	switch {
	case err != nil:
		return err
	case row.Draft != 0:
		return submission.CardStays(t, row.Place, message)
	case row.Receipt != 0:
		return submission.QuestionStays(t, row.Receipt, message)
	}
	return nil
}

// messageOf is the message that a row edits or deletes.
func messageOf(row chat.TelegramRow) (state.MessageID, error) {
	var what struct {
		Message state.MessageID `json:"message_id"`
	}
	if err := json.Unmarshal(row.Call.Params, &what); err != nil {
		return 0, fmt.Errorf("read %s: %w", row.Call.Method, err)
	}
	return what.Message, nil
}
