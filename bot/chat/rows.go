package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Fetch asks Plusofon for a ticket on behalf of a waiting person.
func (t *Turn) Fetch(s Speaker, row FetchRow) error {
	row.Place, row.User = s.Place, s.ID
	return t.Enqueue(state.Plusofon, fetchLane(row.Chat, row.Ticket), KindFetch, state.PriorityPerson, "", row)
}

// The kinds of outbox rows. Each is one request; its payload is the struct named here.
const (
	KindCall   = "call"   // TelegramRow: a call of the Bot API
	KindFile   = "file"   // TelegramRow: a file sent to a chat
	KindOpen   = "open"   // SubmissionRow: open a ticket
	KindAnswer = "answer" // SubmissionRow: answer a ticket
	KindAttach = "attach" // SubmissionRow: add one file to a post
	KindFetch  = "fetch"  // FetchRow: read a ticket for a waiting person
)

// Rights are the bot's in a group.
type Rights struct {
	Admin         bool `json:"admin,omitempty"`
	ManagesTopics bool `json:"manages_topics,omitempty"`
	Pins          bool `json:"pins,omitempty"`
	Forum         bool `json:"forum,omitempty"` // the group has topics
}

// RightsOf returns the bot's rights as Telegram tells of them.
func RightsOf(m *telegram.MemberChange) Rights {
	return Rights{Admin: m.Admin, ManagesTopics: m.ManagesTopics, Pins: m.Pins, Forum: m.Chat.IsForum}
}

// In returns a group in which the bot has these rights.
func (r Rights) In(g state.Group) state.Group {
	g.Admin, g.ManagesTopics, g.Pins, g.Forum = r.Admin, r.ManagesTopics, r.Pins, r.Forum
	return g
}

// Meaning is what a message to a chat is for: it determines where the message goes, and what
// to record once it is sent.
type Meaning struct {
	// Ticket is the ticket that the message belongs to; 0: none.
	Ticket state.TicketID `json:"ticket,omitempty"`
	// Chain makes the message a reply to the ticket's last message in the chat, or
	// puts it into the ticket's topic.
	Chain bool `json:"chain,omitempty"`
	// Topic puts the message into the ticket's topic if the chat uses topics.
	Topic bool `json:"topic,omitempty"`
	// Pin pins the message in its topic.
	Pin bool `json:"pin,omitempty"`
	// Hand is what the message asks a person for; 0: nothing.
	Hand state.HandID `json:"hand,omitempty"`
	// Anyway sends even to an unauthorized group.
	Anyway bool `json:"anyway,omitempty"`
	// Receipt is the submission that the message is the receipt of; 0: none.
	Receipt state.SubmissionID `json:"receipt,omitempty"`
	// Stage is the submission's progress when the message was written.
	Stage string `json:"stage,omitempty"`
	// Draft is the draft that the message is the card of; 0: none.
	Draft state.DraftID `json:"draft,omitempty"`
	// Page means that the message shows a page of tickets on the draft's card.
	Page bool `json:"page,omitempty"`
	// Tells is the parked row that the message reports; 0: none.
	Tells state.RowID `json:"tells,omitempty"`
	// Waited is how many messages about the ticket it replaces because they waited too
	// long; 0: it is an ordinary one.
	Waited int `json:"waited,omitempty"`
	// Waits is the post that the staff has not answered, of the line that says so; 0: it is
	// another message.
	Waits state.PostID `json:"waits,omitempty"`
	// Passing means that later messages about the ticket don't reply to it.
	Passing bool `json:"passing,omitempty"`
	// Names is where the text names the ticket. The name is removed in the ticket's own
	// topic, and when the message is joined to another one about the ticket.
	Names Span `json:"names,omitzero"`
	// Joins means that it may be joined to another message about the ticket.
	Joins bool `json:"joins,omitempty"`
	// Files are sent to the chat once the message is sent.
	Files []AttachmentRef `json:"files,omitempty"`
}

// Span is a range of a text in UTF-16 units.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// TelegramRow is a request to Telegram and what its result means.
type TelegramRow struct {
	Call telegram.Call `json:"call"`
	// Place is where the message goes; its thread is the topic to use when Topic is false.
	Place
	Meaning
	// Makes is the name of the topic that the request creates, or its new name.
	Makes string `json:"-"`
	// Late means that quiet hours have begun since it was written. It is determined when the row
	// is sent.
	Late bool `json:"-"`
	// Plain means that formatting was removed because Telegram rejected it.
	Plain bool `json:"plain,omitempty"`
	// Sync updates the ticket's topic; the call is computed at send time.
	Sync bool `json:"sync,omitempty"`
	// Opens makes Sync open the topic even of a closed ticket: somebody is about to answer.
	Opens bool `json:"opens,omitempty"`
	// Reacts is the submission whose message the request reacts to.
	Reacts state.SubmissionID `json:"reacts,omitempty"`
	// Yields means that the request waits a moment for another one to take its place.
	Yields bool `json:"yields,omitempty"`
	// Here are the bot's rights in the group that the request leaves; nil: not known.
	Here *Rights `json:"here,omitempty"`
	// Expires is when the request becomes pointless; zero: never.
	Expires time.Time `json:"expires,omitzero"`
	// File is what KindFile sends.
	File *AttachmentRef `json:"file,omitempty"`
	// Apart keeps a picture out of the album of the pictures before it.
	Apart bool `json:"apart,omitempty"`
	// Album lists the rows sent in one request, this one first, each prepared; empty if it is
	// sent alone. It is determined when the row is sent.
	Album []AlbumRow `json:"-"`
	// Notices are the messages that report that it was parked.
	Notices []Notice `json:"notices,omitempty"`
}

// AlbumRow is one picture of an album. It remains a row of its own.
type AlbumRow struct {
	Row state.Row
	Msg TelegramRow
}

// Notice is a message that reports a parked row.
type Notice struct {
	Chat    state.ChatID    `json:"chat"`
	Message state.MessageID `json:"message"`
}

// AttachmentRef identifies a file to send to a chat: an attachment by its position in a
// post.
type AttachmentRef struct {
	Ticket state.TicketID `json:"ticket"`
	Post   state.PostID   `json:"post"`
	N      int            `json:"n"`
	Name   string         `json:"name"`
	// Made means that it is not an attachment but generated from the store: a post's
	// text, the whole history if Post is 0, the audit, or the file of the statistics
	// named by Stats.
	Made  bool   `json:"made,omitempty"`
	Audit bool   `json:"audit,omitempty"`
	Stats string `json:"stats,omitempty"`
}

// SubmissionRow is a request to Plusofon that carries out a submission, or adds one of its
// files.
type SubmissionRow struct {
	Submission state.SubmissionID `json:"submission"`
	File       int                `json:"file,omitempty"`
	// Opened is the ticket that the answer to an opening named without its posts.
	Opened state.TicketID `json:"opened,omitempty"`
}

// FetchRow reads a ticket for a waiting person. It is tried once: if Plusofon does not
// answer, what the store has is shown.
type FetchRow struct {
	Ticket  state.TicketID `json:"ticket"`
	Purpose Purpose        `json:"purpose"`
	Place                  // where the person waits
	User    state.UserID   `json:"user"`
	// Message is the person's message to reply to, or the bot's to edit.
	Message state.MessageID `json:"message,omitempty"`
	Page    int             `json:"page"` // from 0; -1: the last
	// Cut locates the page if it is not given by number.
	Cut Cut `json:"cut,omitzero"`
	// Told means that the person was told that Plusofon takes its time. Shown is what
	// they were shown from the store meanwhile.
	Told  bool   `json:"told,omitempty"`
	Shown string `json:"shown,omitempty"`
}

// Cut is a position between two pages of a history: before a part (from 0) of a post. The page
// begins there or, with Back, ends there.
type Cut struct {
	Post state.PostID `json:"post"`
	Part int          `json:"part,omitempty"`
	Back bool         `json:"back,omitempty"`
}

// Purpose is why a ticket is read.
type Purpose string

// The purposes of reading a ticket.
const (
	PurposeHistory Purpose = "history" // to show a page of it
	PurposePage    Purpose = "page"    // to show another page in the same message
	PurposeFollow  Purpose = "follow"  // to bind it to the chat
	PurposeExport  Purpose = "export"  // to send its history as a file
	PurposeWait    Purpose = "wait"    // to see whether its author still waits for the staff
)

// Decode decodes a row's payload.
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

// EnqueueSubmission queues a submission's request. One that may have been made before is
// queued as being sent, so that it is read back first.
func (t *Turn) EnqueueSubmission(lane, kind string, row SubmissionRow, made bool) error {
	id, err := t.enqueued(state.Plusofon, lane, kind, state.PriorityPerson, "", row)
	if err != nil || !made {
		return err
	}
	return t.Tx.StartSending(id)
}

// TopicKey is the key of the rows that update a ticket's topic.
func TopicKey(c state.ChatID, id state.TicketID) string {
	return fmt.Sprintf("topic:%d:%d", c, id)
}

// ReceiptKey is the key of the rows that update a submission's receipt.
func ReceiptKey(id state.SubmissionID) string { return fmt.Sprintf("receipt:%d", id) }

// CardKey is the key of the rows that update a draft's card.
func CardKey(id state.DraftID) string { return fmt.Sprintf("card:%d", id) }

// PageKey is the key of the rows that show a page of tickets on a draft's card.
func PageKey(id state.DraftID) string { return fmt.Sprintf("page:%d", id) }

func reactionKey(c state.ChatID, m state.MessageID) string {
	return fmt.Sprintf("reaction:%d:%d", c, m)
}

// ErrNeedless keeps a row from being sent: it is already done or no longer wanted.
var ErrNeedless = errors.New("nothing is to be done any more")

// IsMessage reports whether a row adds or edits a message in a chat.
func IsMessage(row TelegramRow) bool {
	return SendsMessage(row.Call) || row.Call.Method == telegram.EditMessageText{}.Method()
}

// SendsMessage reports whether a call adds a message to a chat.
func SendsMessage(c telegram.Call) bool {
	return c.Method == telegram.SendMessage{}.Method() || c.FileField() != ""
}

// IsOrnament reports whether a row is only an ornament, which messages don't wait for.
func IsOrnament(row TelegramRow) bool {
	switch row.Call.Method {
	case telegram.SetMessageReaction{}.Method(), telegram.PinChatMessage{}.Method(), telegram.DeleteMessage{}.Method():
		return true
	}
	return row.Sync
}

// IsPicture reports whether a row sends a picture.
func IsPicture(row TelegramRow) bool { return row.Call.Method == telegram.SendPhoto{}.Method() }

// Plainer returns a row without what Telegram may have rejected: a picture becomes a document,
// anything else loses its formatting and its topic; false if it has none of these.
func Plainer(row TelegramRow) (TelegramRow, bool) {
	if IsPicture(row) {
		call, err := row.Call.AsDocument()
		row.Call = call
		return row, err == nil
	}
	if !HasParam(row.Call, "entities") && !row.Topic {
		return row, false
	}
	row = WithoutTopic(row)
	call, err := WithoutParam(row.Call, "entities")
	row.Call, row.Plain = call, true
	return row, err == nil
}

// WithoutTopic returns a row that goes into no topic and replies to nothing.
func WithoutTopic(row TelegramRow) TelegramRow {
	row.Topic, row.Chain, row.Thread = false, false, 0
	if call, err := WithoutParam(row.Call, "reply_parameters"); err == nil {
		row.Call = call
	}
	return row
}

// HasParam reports whether a call has a parameter.
func HasParam(c telegram.Call, name string) bool {
	var params map[string]json.RawMessage
	return json.Unmarshal(c.Params, &params) == nil && params[name] != nil
}

// WithParam returns a call with a parameter set.
func WithParam(c telegram.Call, name string, value any) (telegram.Call, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return c, fmt.Errorf("write %s: %w", name, err)
	}
	return changeParams(c, func(params map[string]json.RawMessage) { params[name] = b })
}

// WithoutParam returns a call without a parameter.
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
