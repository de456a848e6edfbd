package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// Request is a method of the Bot API with its parameters, with the Bot API's names in JSON.
type Request interface{ Method() string }

// Call is a request as stored in an outbox.
type Call struct {
	Method string          `json:"method"`
	Params json.RawMessage `json:"params,omitempty"` // an object, or nothing
}

// Encode converts a request to a Call.
func Encode(r Request) (Call, error) {
	if r == nil {
		return Call{}, errors.New("encode a request: there is none")
	}
	params, err := json.Marshal(r)
	if err != nil {
		return Call{}, fmt.Errorf("encode %s: %w", r.Method(), err)
	}
	return Call{Method: r.Method(), Params: params}, nil
}

// FileField is the parameter for the call's file; "" if it has none.
func (c Call) FileField() string {
	switch c.Method {
	case SendDocument{}.Method():
		return "document"
	case SendPhoto{}.Method():
		return "photo"
	}
	return ""
}

// Moved returns the call for another chat: the supergroup that a group was upgraded to. Ids
// of messages and topics are not valid there, so replies and topics are dropped.
func (c Call) Moved(to ChatID) (Call, error) {
	var p map[string]json.RawMessage
	if err := json.Unmarshal(c.Params, &p); err != nil {
		return Call{}, fmt.Errorf("move %s to another chat: %w", c.Method, err)
	}
	if _, ok := p["chat_id"]; !ok {
		return Call{}, fmt.Errorf("move %s to another chat: it has no chat", c.Method)
	}
	p["chat_id"] = json.RawMessage(strconv.FormatInt(int64(to), 10))
	delete(p, "reply_parameters")
	delete(p, "message_thread_id")
	params, err := json.Marshal(p)
	if err != nil {
		return Call{}, fmt.Errorf("move %s to another chat: %w", c.Method, err)
	}
	return Call{Method: c.Method, Params: params}, nil
}

// params converts the object into form fields: strings bare, everything else as JSON, null
// omitted, because the Bot API refuses a null array.
func (c Call) params() (tgbotapi.Params, error) {
	if c.Method == "" {
		return nil, errors.New("the call names no method")
	}
	params := tgbotapi.Params{}
	if len(c.Params) == 0 {
		return params, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.Params, &fields); err != nil {
		return nil, fmt.Errorf("read the parameters: %w", err)
	}
	for name, value := range fields {
		value = bytes.TrimSpace(value)
		switch {
		case bytes.Equal(value, []byte("null")):
		case value[0] == '"':
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				return nil, fmt.Errorf("read the parameter %s: %w", name, err)
			}
			params[name] = s
		default:
			params[name] = string(value)
		}
	}
	return params, nil
}

// ReplyParameters make a message a reply. With AllowSendingWithoutReply it is sent even if
// the message replied to was deleted.
type ReplyParameters struct {
	MessageID                MessageID `json:"message_id"`
	AllowSendingWithoutReply bool      `json:"allow_sending_without_reply,omitempty"`
}

// LinkPreviewOptions can disable the preview of the first link.
type LinkPreviewOptions struct {
	Disabled bool `json:"is_disabled,omitempty"`
}

// Button is a button under a message: it sends Data (1–64 bytes) in a Callback, opens URL,
// or copies CopyText.
type Button struct {
	Text     string    `json:"text"`
	Data     string    `json:"callback_data,omitempty"`
	URL      string    `json:"url,omitempty"`
	CopyText *CopyText `json:"copy_text,omitempty"`
	Style    Style     `json:"style,omitempty"` // older servers ignore it
}

// Style is the colour of a button.
type Style string

// The styles.
const (
	Danger  Style = "danger"  // red
	Success Style = "success" // green
	Primary Style = "primary" // blue
)

// CopyText is the text that a button copies, 1–256 characters.
type CopyText struct {
	Text string `json:"text"`
}

// InlineKeyboard is the rows of buttons under a message.
type InlineKeyboard [][]Button

// MarshalJSON encodes an empty keyboard as [] rather than null, and omits empty rows: the
// Bot API refuses both.
func (k InlineKeyboard) MarshalJSON() ([]byte, error) {
	rows := make([][]Button, 0, len(k))
	for _, row := range k {
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	return json.Marshal(map[string]any{"inline_keyboard": rows})
}

// UnmarshalJSON decodes what MarshalJSON writes.
func (k *InlineKeyboard) UnmarshalJSON(b []byte) error {
	var markup struct {
		Rows [][]Button `json:"inline_keyboard"`
	}
	if err := json.Unmarshal(b, &markup); err != nil {
		return err
	}
	*k = markup.Rows
	return nil
}

// ForceReply opens the reply prompt; if Selective, only for the person replied to or mentioned.
type ForceReply struct {
	Placeholder string `json:"input_field_placeholder,omitempty"` // 1–64 characters
	Selective   bool   `json:"selective,omitempty"`
}

// MarshalJSON adds the flag for a forced reply.
func (f ForceReply) MarshalJSON() ([]byte, error) {
	type plain ForceReply
	return json.Marshal(struct {
		ForceReply bool `json:"force_reply"`
		plain
	}{true, plain(f)})
}

// Emoji is a reaction; the Bot API allows a fixed list.
type Emoji string

// MarshalJSON encodes a ReactionTypeEmoji.
func (e Emoji) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"type": "emoji", "emoji": string(e)})
}

// BotCommand is a line of the menu.
type BotCommand struct {
	Command     string `json:"command"`     // 1–32 of a–z, 0–9, _
	Description string `json:"description"` // 1–256 characters
}

// CommandScope is where a menu is shown. It gives no rights.
type CommandScope struct {
	Type   string `json:"type"` // ScopeChat and the like
	ChatID ChatID `json:"chat_id,omitempty"`
}

// Values of CommandScope.Type.
const (
	ScopeAllPrivateChats = "all_private_chats"
	ScopeAllGroupChats   = "all_group_chats"
	ScopeChat            = "chat"
)
