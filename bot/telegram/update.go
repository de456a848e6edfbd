package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Raw is an undecoded update. ID is 0 if no update_id could be read.
type Raw struct {
	ID   int64
	JSON json.RawMessage
}

const (
	maxPoll = 50 * time.Second // the server's own maximum
	// MaxBatch is the maximum number of updates per poll.
	MaxBatch = 100
)

// allowedUpdates is sent on every poll: the server remembers the last list, and another
// program with the same token may have set a shorter one.
var allowedUpdates = []string{"message", "edited_message", "callback_query", "my_chat_member"}

type getUpdates struct {
	Offset  int64    `json:"offset,omitempty"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"`
	Allowed []string `json:"allowed_updates"`
}

func (getUpdates) Method() string { return "getUpdates" }

// Updates makes one long poll for at most limit updates. After a TooLargeError, retry with
// a lower limit. A call with a higher offset confirms, and so deletes, everything below it:
// store the updates first, then ask with the largest ID + 1. After a quiet week the ids
// restart at a random number, so don't compare an offset with an earlier one. The updates
// are in the order of the answer, including unreadable ones.
func (c *Client) Updates(ctx context.Context, offset int64, limit int, timeout time.Duration) ([]Raw, error) {
	timeout = min(max(timeout, 0), maxPoll)
	request := getUpdates{Offset: offset, Limit: min(max(limit, 1), MaxBatch), Timeout: int(timeout / time.Second), Allowed: allowedUpdates}
	call, err := Encode(request)
	if err != nil {
		return nil, err
	}
	result, err := c.call(ctx, call, timeout+pollMargin)
	if err != nil {
		return nil, err
	}
	var elements []json.RawMessage
	if err := result.Decode(&elements); err != nil {
		return nil, &Error{Method: call.Method, Err: err}
	}
	updates := make([]Raw, len(elements))
	for i, element := range elements {
		var u struct {
			ID int64 `json:"update_id"`
		}
		if json.Unmarshal(element, &u) != nil {
			u.ID = 0
		}
		updates[i] = Raw{ID: u.ID, JSON: element}
	}
	return updates, nil
}

// Update is one event. At most one of the pointers is set; none for a kind that this
// package does not know.
type Update struct {
	ID       int64
	Message  *Message
	Edited   *Message
	Callback *Callback
	Member   *MemberChange
}

// Callback is a button press.
type Callback struct {
	ID      string
	From    User
	Message *Message // the message with the button; nil if unknown, without content if too old
	Data    string
}

// MemberChange reports that the bot was added, removed, blocked, promoted, …
type MemberChange struct {
	Chat Chat
	From User
	Date time.Time
	New  string // creator, administrator, member, restricted, left, kicked
	// Present: the bot is in the chat now; in a private one, it is not blocked.
	Present bool
	// The bot's rights in the chat now: an administrator sees all messages.
	Admin, ManagesTopics, Pins bool
}

type wireUpdate struct {
	UpdateID      int64         `json:"update_id"`
	Message       *wireMessage  `json:"message"`
	EditedMessage *wireMessage  `json:"edited_message"`
	CallbackQuery *wireCallback `json:"callback_query"`
	MyChatMember  *wireMember   `json:"my_chat_member"`
}

// wireCallback is the library's query with our types; of duplicate names encoding/json uses
// the outer one.
type wireCallback struct {
	tgbotapi.CallbackQuery
	From    *tgbotapi.User `json:"from"`
	Message *wireMessage   `json:"message"`
}

type wireMember struct {
	Chat wireChat      `json:"chat"`
	From tgbotapi.User `json:"from"`
	Date int64         `json:"date"`
	New  chatMember    `json:"new_chat_member"`
}

type chatMember struct {
	Status          string `json:"status"`
	IsMember        bool   `json:"is_member"` // of a restricted member
	CanManageTopics bool   `json:"can_manage_topics"`
	CanPinMessages  bool   `json:"can_pin_messages"`
}

// Parse decodes an update. An unknown kind is not an error.
func Parse(raw json.RawMessage) (Update, error) {
	var w wireUpdate
	if err := json.Unmarshal(raw, &w); err != nil {
		return Update{}, fmt.Errorf("parse an update: %w", err)
	}
	u := Update{ID: w.UpdateID}
	switch {
	case w.Message != nil:
		u.Message = newMessage(w.Message)
	case w.EditedMessage != nil:
		u.Edited = newMessage(w.EditedMessage)
	case w.CallbackQuery != nil:
		q := w.CallbackQuery
		if q.From == nil || q.ID == "" {
			return Update{}, fmt.Errorf("parse update %d: a button press without a person", u.ID)
		}
		u.Callback = &Callback{ID: q.ID, From: newUser(q.From), Data: q.Data}
		if q.Message != nil {
			u.Callback.Message = newMessage(q.Message)
		}
	case w.MyChatMember != nil:
		m := w.MyChatMember
		u.Member = &MemberChange{
			Chat: newChat(m.Chat), From: newUser(&m.From), Date: unix(m.Date),
			New: m.New.Status, Present: m.New.isPresent(),
			Admin: m.New.isAdmin(), ManagesTopics: m.New.isAdmin() && m.New.CanManageTopics, Pins: m.New.isAdmin() && m.New.CanPinMessages,
		}
	}
	return u, nil
}

// ChatID is the chat of the update, or 0.
func (u Update) ChatID() ChatID {
	if m := u.message(); m != nil {
		return m.Chat.ID
	}
	if u.Member != nil {
		return u.Member.Chat.ID
	}
	return 0
}

// From is the person who caused the update, or nil. Anonymous admins and channels are not
// people, see Message.SenderChat.
func (u Update) From() *User {
	switch {
	case u.Callback != nil:
		return &u.Callback.From
	case u.Member != nil:
		return &u.Member.From
	case u.Message != nil:
		return u.Message.From
	case u.Edited != nil:
		return u.Edited.From
	}
	return nil
}

func (u Update) message() *Message {
	switch {
	case u.Message != nil:
		return u.Message
	case u.Edited != nil:
		return u.Edited
	case u.Callback != nil:
		return u.Callback.Message
	}
	return nil
}

func (m chatMember) isAdmin() bool { return m.Status == "administrator" || m.Status == "creator" }

// isPresent reports whether this member is in the chat.
func (m chatMember) isPresent() bool {
	return m.isAdmin() || m.Status == "member" || m.Status == "restricted" && m.IsMember
}

// unix maps 0 to the zero time.
func unix(seconds int64) time.Time {
	if seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
