package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Fetch asks Plusofon for a ticket that a person waits for.
func (t *Turn) Fetch(s Speaker, row FetchRow) error {
	row.Place, row.User = s.Place, s.ID
	return t.Enqueue(state.Plusofon, fetchLane(row.Chat, row.Ticket), KindFetch, state.PriorityPerson, "", row)
}

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

// Meaning is what a message to a chat is for: where it goes by that, and what is to
// be noted once it is sent.
type Meaning struct {
	// Ticket is the one that the message belongs to; 0: none.
	Ticket state.TicketID `json:"ticket,omitempty"`
	// Chain makes the message a reply to the ticket's last message in the chat, or
	// puts it into the ticket's topic.
	Chain bool `json:"chain,omitempty"`
	// Topic puts the message into the ticket's topic where the chat has topics.
	Topic bool `json:"topic,omitempty"`
	// Pin pins the message in its topic.
	Pin bool `json:"pin,omitempty"`
	// Hand is what is in somebody's hand and the message asks for; 0: nothing.
	Hand state.HandID `json:"hand,omitempty"`
	// Anyway sends also to a group that does not count.
	Anyway bool `json:"anyway,omitempty"`
	// Receipt is the submission that the message tells of; 0: none.
	Receipt state.SubmissionID `json:"receipt,omitempty"`
	// Stage is how far that submission was when the message was written.
	Stage string `json:"stage,omitempty"`
	// Draft is the draft that the message is the card of; 0: none.
	Draft state.DraftID `json:"draft,omitempty"`
	// Tells is the parked row that the message tells of; 0: none.
	Tells state.RowID `json:"tells,omitempty"`
	// Waited is how many messages about the ticket it stands for, which waited for too long;
	// 0: it is one itself.
	Waited int `json:"waited,omitempty"`
	// Passing says that what is said of the ticket later is no reply to it.
	Passing bool `json:"passing,omitempty"`
	// Names is where the text names the ticket: its own topic does without, and so does
	// what is joined to another message about it.
	Names Span `json:"names,omitzero"`
	// Joins says that it may be joined to another message about the ticket.
	Joins bool `json:"joins,omitempty"`
	// Files are sent down once the message is sent.
	Files []AttachmentRef `json:"files,omitempty"`
}

// Span is a part of a text, in UTF-16 units.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// TelegramRow is a request to Telegram and what its result means.
type TelegramRow struct {
	Call telegram.Call `json:"call"`
	// Place is where a message goes; its thread where it goes to no ticket's topic.
	Place
	Meaning
	// Makes is the name of the topic that the request makes, or names, instead.
	Makes string `json:"-"`
	// Plain says that it was made plain, for it did not go as it was.
	Plain bool `json:"plain,omitempty"`
	// Sync brings the ticket's topic up to date with it; the call is found then.
	Sync bool `json:"sync,omitempty"`
	// Reacts is the submission whose message the request sets a reaction to.
	Reacts state.SubmissionID `json:"reacts,omitempty"`
	// Expires is when the request becomes pointless; zero: never.
	Expires time.Time `json:"expires,omitzero"`
	// File is what KindFile sends.
	File *AttachmentRef `json:"file,omitempty"`
	// Notices are the messages that say that it was given up.
	Notices []Notice `json:"notices,omitempty"`
}

// Notice is a message that says that another was given up.
type Notice struct {
	Chat    state.ChatID    `json:"chat"`
	Message state.MessageID `json:"message"`
}

// AttachmentRef names a file that is sent down: an attachment of a post by its
// place.
type AttachmentRef struct {
	Ticket state.TicketID `json:"ticket"`
	Post   state.PostID   `json:"post"`
	N      int            `json:"n"`
	Name   string         `json:"name"`
	// Made says that it is no attachment but made of what the store has: of the
	// post's words, of the whole history where Post is 0, of the audit, or of the
	// statistics, as which of their files Stats says.
	Made  bool   `json:"made,omitempty"`
	Audit bool   `json:"audit,omitempty"`
	Stats string `json:"stats,omitempty"`
}

// SubmissionRow is a request to Plusofon that carries out a submission, or adds
// one of its files.
type SubmissionRow struct {
	Submission state.SubmissionID `json:"submission"`
	File       int                `json:"file,omitempty"`
	// Opened is the ticket that the answer to an opening has named without its posts.
	Opened state.TicketID `json:"opened,omitempty"`
}

// FetchRow reads a ticket for a person who waits for it. It is tried once: what
// the store knows is shown where Plusofon does not answer.
type FetchRow struct {
	Ticket  state.TicketID `json:"ticket"`
	Purpose Purpose        `json:"purpose"`
	Place                  // where the person waits
	User    state.UserID   `json:"user"`
	// Message is the person's message to reply to, or the bot's to edit.
	Message state.MessageID `json:"message,omitempty"`
	Page    int             `json:"page"` // from 0; -1: the last one
	// Cut is where the page lies, where it is named by that and not by its number.
	Cut Cut `json:"cut,omitzero"`
	// Told says that the person was told meanwhile that Plusofon takes its time, and Shown,
	// where they were shown what the store knows, what that was.
	Told  bool   `json:"told,omitempty"`
	Shown string `json:"shown,omitempty"`
}

// Cut is a place between two pages of a history: before a part, from 0, of a post. A page
// begins there, or ends with what stands before it.
type Cut struct {
	Post state.PostID `json:"post"`
	Part int          `json:"part,omitempty"`
	Back bool         `json:"back,omitempty"`
}

// Purpose is what a ticket is read for.
type Purpose string

// The purposes of reading a ticket.
const (
	PurposeHistory Purpose = "history" // to show a page of it
	PurposePage    Purpose = "page"    // to turn to a page of it in the message that shows one
	PurposeFollow  Purpose = "follow"  // to bind it to the chat
	PurposeExport  Purpose = "export"  // to send its history as a file
	PurposeWait    Purpose = "wait"    // to see whether its author still waits for the staff
)

// Decode reads a row's payload.
func Decode[T any](row state.Row) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(row.Payload), &v); err != nil {
		return v, fmt.Errorf("read %s row %d: %w", row.Kind, row.ID, err)
	}
	return v, nil
}

// Enqueue puts a request into the outbox, due now.
func (t *Turn) Enqueue(side state.Side, lane, kind string, p state.Priority, key string, payload any) error {
	_, err := t.enqueued(side, lane, kind, p, key, payload)
	return err
}

func (t *Turn) enqueued(side state.Side, lane, kind string, p state.Priority, key string, payload any) (state.RowID, error) {
	b, err := json.Marshal(payload)
	if err != nil {
		return 0, fmt.Errorf("write %s row: %w", kind, err)
	}
	return t.Tx.Enqueue(state.Request{
		Side: side, Lane: lane, Priority: p, Kind: kind, Payload: string(b), Key: key, Due: t.Now,
	}, t.Now)
}

// EnqueueSubmission puts a submission's request into the outbox. One that may have
// been made before goes in as being sent: it is read back first.
func (t *Turn) EnqueueSubmission(lane, kind string, row SubmissionRow, made bool) error {
	id, err := t.enqueued(state.Plusofon, lane, kind, state.PriorityPerson, "", row)
	if err != nil || !made {
		return err
	}
	return t.Tx.StartSending(id)
}

// TopicKey is the key of the wish to bring a ticket's topic up to date.
func TopicKey(c state.ChatID, id state.TicketID) string {
	return fmt.Sprintf("topic:%d:%d", c, id)
}

// ReceiptKey is the key of what a submission's receipt says.
func ReceiptKey(id state.SubmissionID) string { return fmt.Sprintf("receipt:%d", id) }

// CardKey is the key of what a draft's card says.
func CardKey(id state.DraftID) string { return fmt.Sprintf("card:%d", id) }

func reactionKey(c state.ChatID, m state.MessageID) string {
	return fmt.Sprintf("reaction:%d:%d", c, m)
}

// ErrNeedless keeps a row from being sent: what was to be done is done, or nobody's wish any
// more.
var ErrNeedless = errors.New("nothing is to be done any more")

// IsMessage tells whether a row brings something to be read into a chat, or
// changes it.
func IsMessage(row TelegramRow) bool {
	return SendsMessage(row.Call) || row.Call.Method == telegram.EditMessageText{}.Method()
}

// SendsMessage tells whether a call puts a new message into a chat.
func SendsMessage(c telegram.Call) bool {
	return c.Method == telegram.SendMessage{}.Method() || c.FileField() != ""
}

// IsOrnament tells whether a row only adorns something: words go without it.
func IsOrnament(row TelegramRow) bool {
	switch row.Call.Method {
	case telegram.SetMessageReaction{}.Method(), telegram.PinChatMessage{}.Method(), telegram.DeleteMessage{}.Method():
		return true
	}
	return row.Sync
}

// Plainer is a row without what Telegram may not take in it: the formatting, and its
// topic. It returns false where there is none.
func Plainer(row TelegramRow) (TelegramRow, bool) {
	if !HasParam(row.Call, "entities") && !row.Topic {
		return row, false
	}
	row = WithoutTopic(row)
	call, err := WithoutParam(row.Call, "entities")
	row.Call, row.Plain = call, true
	return row, err == nil
}

// WithoutTopic is a row that goes into no topic, whatever it replies to.
func WithoutTopic(row TelegramRow) TelegramRow {
	row.Topic, row.Chain, row.Thread = false, false, 0
	if call, err := WithoutParam(row.Call, "reply_parameters"); err == nil {
		row.Call = call
	}
	return row
}

// HasParam tells whether a call has a parameter.
func HasParam(c telegram.Call, name string) bool {
	var params map[string]json.RawMessage
	return json.Unmarshal(c.Params, &params) == nil && params[name] != nil
}

// WithParam is a call with a parameter set.
func WithParam(c telegram.Call, name string, value any) (telegram.Call, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return c, fmt.Errorf("write %s: %w", name, err)
	}
	return changeParams(c, func(params map[string]json.RawMessage) { params[name] = b })
}

// WithoutParam is a call with a parameter left out.
func WithoutParam(c telegram.Call, name string) (telegram.Call, error) {
	return changeParams(c, func(params map[string]json.RawMessage) { delete(params, name) })
}

func changeParams(c telegram.Call, change func(map[string]json.RawMessage)) (telegram.Call, error) {
	params := map[string]json.RawMessage{}
	if err := json.Unmarshal(c.Params, &params); err != nil {
		return c, fmt.Errorf("read %s: %w", c.Method, err)
	}
	change(params)
	var err error
	if c.Params, err = json.Marshal(params); err != nil {
		return c, fmt.Errorf("write %s: %w", c.Method, err)
	}
	return c, nil
}
