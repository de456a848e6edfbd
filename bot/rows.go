package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// The kinds of outbox rows. Each is one request; its payload is the struct named
// beside it.
const (
	KindCall   = "call"   // TelegramRow: a call of the Bot API
	KindFile   = "file"   // TelegramRow: an attachment sent down as a document
	KindOpen   = "open"   // SubmissionRow: open a ticket
	KindAnswer = "answer" // SubmissionRow: answer a ticket
	KindAttach = "attach" // SubmissionRow: add one file to a post
	KindFetch  = "fetch"  // FetchRow: read a ticket for somebody who waits
)

// TelegramRow is a request to Telegram and what its result means.
type TelegramRow struct {
	Call telegram.Call `json:"call"`
	Chat state.ChatID  `json:"chat,omitempty"`
	// Ticket is the one that the message belongs to.
	Ticket state.TicketID `json:"ticket,omitempty"`
	// Chain makes the message a reply to the ticket's last message in the chat.
	Chain bool `json:"chain,omitempty"`
	// Receipt says that the message is what a person is told about a submission.
	Receipt state.SubmissionID `json:"receipt,omitempty"`
	// Stage is how far that submission was when the message was written.
	Stage string `json:"stage,omitempty"`
	// Files are sent down once the message is sent.
	Files []AttachmentRef `json:"files,omitempty"`
	// Reacts says that the request is the reaction to a submission's message.
	Reacts state.SubmissionID `json:"reacts,omitempty"`
	// Expires is when the request becomes pointless; zero: never.
	Expires time.Time `json:"expires,omitzero"`
	// File is what KindFile sends.
	File *AttachmentRef `json:"file,omitempty"`
}

// AttachmentRef names a file that is sent down: an attachment of a post by its
// place.
type AttachmentRef struct {
	Ticket state.TicketID `json:"ticket"`
	Post   state.PostID   `json:"post"`
	N      int            `json:"n"`
	Name   string         `json:"name"`
	// Made says that it is no attachment but made of what the store has: of the
	// post's words, or of the whole history where Post is 0.
	Made bool `json:"made,omitempty"`
}

// SubmissionRow is a request to Plusofon that carries out a submission, or adds
// one of its files.
type SubmissionRow struct {
	Submission state.SubmissionID `json:"submission"`
	File       int                `json:"file,omitempty"`
}

// FetchRow reads a ticket for a person who waits for it. It is tried once: what
// the store knows is shown where Plusofon does not answer.
type FetchRow struct {
	Ticket state.TicketID `json:"ticket"`
	Chat   state.ChatID   `json:"chat"`
	User   state.UserID   `json:"user"`
	// Message is the person's message to reply to, or the bot's to edit.
	Message state.MessageID `json:"message,omitempty"`
	Edit    bool            `json:"edit,omitempty"`
	Page    int             `json:"page"` // from 0; -1: the last one
	Follow  bool            `json:"follow,omitempty"`
	// Export sends the history as a file.
	Export bool `json:"export,omitempty"`
	// Waits looks whether a person still waits for the staff's answer.
	Waits bool `json:"waits,omitempty"`
}

// Decode reads a row's payload.
func Decode[T any](row state.Row) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(row.Payload), &v); err != nil {
		return v, fmt.Errorf("read %s row %d: %w", row.Kind, row.ID, err)
	}
	return v, nil
}

// enqueue puts a request into the outbox, due now.
func (t *turn) enqueue(side state.Side, lane, kind string, p state.Priority, key string, payload any) error {
	b, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("write %s row: %w", kind, err)
	}
	_, err = t.tx.Enqueue(state.Request{
		Side: side, Lane: lane, Priority: p, Kind: kind, Payload: string(b), Key: key, Due: t.now,
	}, t.now)
	return err
}

func chatLane(c state.ChatID) string      { return fmt.Sprintf("chat:%d", c) }
func ticketLane(id state.TicketID) string { return fmt.Sprintf("ticket:%d", id) }
func downLane(c state.ChatID, id state.TicketID) string {
	return fmt.Sprintf("down:%d:%d", c, id)
}
func filesLane(id state.SubmissionID) string  { return fmt.Sprintf("files:%d", id) }
func fetchLane(c state.ChatID) string         { return fmt.Sprintf("fetch:%d", c) }
func receiptKey(id state.SubmissionID) string { return fmt.Sprintf("receipt:%d", id) }
func reactionKey(c state.ChatID, m state.MessageID) string {
	return fmt.Sprintf("reaction:%d:%d", c, m)
}

// ErrUnbound means that a chat no longer gets a ticket's news.
var ErrUnbound = errors.New("the chat does not follow the ticket any more")

// Prepare makes a row's call ready to be sent: a chained message replies to the
// ticket's last message in its chat, which is known only now. ErrUnbound where the
// row is a file for a chat that does not follow the ticket any more.
func (b *Bot) Prepare(tx *state.Tx, row TelegramRow) (telegram.Call, error) {
	if !row.Chain {
		return row.Call, nil
	}
	binding, err := tx.Binding(row.Chat, row.Ticket)
	if errors.Is(err, state.ErrNotFound) && row.File != nil {
		return row.Call, ErrUnbound
	}
	if errors.Is(err, state.ErrNotFound) || err == nil && binding.LastMessage == 0 {
		return row.Call, nil
	}
	if err != nil {
		return telegram.Call{}, err
	}
	return withParam(row.Call, "reply_parameters", replyTo(binding.LastMessage))
}

// Plainer is a row without what Telegram may have refused in it: the formatting.
// It returns false where there is none.
func Plainer(row TelegramRow) (TelegramRow, bool) {
	var params map[string]json.RawMessage
	if err := json.Unmarshal(row.Call.Params, &params); err != nil || params["entities"] == nil {
		return row, false
	}
	delete(params, "entities")
	b, err := json.Marshal(params)
	if err != nil {
		return row, false
	}
	row.Call.Params = b
	return row, true
}

func withParam(c telegram.Call, name string, value any) (telegram.Call, error) {
	params := map[string]json.RawMessage{}
	if err := json.Unmarshal(c.Params, &params); err != nil {
		return c, fmt.Errorf("read %s: %w", c.Method, err)
	}
	b, err := json.Marshal(value)
	if err != nil {
		return c, fmt.Errorf("write %s: %w", name, err)
	}
	params[name] = b
	if c.Params, err = json.Marshal(params); err != nil {
		return c, fmt.Errorf("write %s: %w", c.Method, err)
	}
	return c, nil
}
