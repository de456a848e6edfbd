package telegramtest

import "encoding/json"

// User is a Telegram account, as in the Bot API.
type User struct {
	ID        int64  `json:"id"`
	IsBot     bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	// Language may be empty: Telegram omits language_code for many people.
	Language string `json:"language_code,omitempty"`
}

// Entity is a formatted range of a text. Offset and Length count UTF-16 code units.
type Entity struct {
	Type           string `json:"type"`
	Offset         int    `json:"offset"`
	Length         int    `json:"length"`
	URL            string `json:"url,omitempty"`
	User           *User  `json:"user,omitempty"`
	Language       string `json:"language,omitempty"`
	CustomEmojiID  string `json:"custom_emoji_id,omitempty"`
	UnixTime       int64  `json:"unix_time,omitempty"`
	DateTimeFormat string `json:"date_time_format,omitempty"`
}

// Button is one button of an inline keyboard.
type Button struct {
	Text  string `json:"text"`
	Data  string `json:"callback_data,omitempty"`
	URL   string `json:"url,omitempty"`
	Style string `json:"style,omitempty"`
	Copy  *struct {
		Text string `json:"text"`
	} `json:"copy_text,omitempty"`
}

type wireChat struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

type wireMessage struct {
	MessageID       int             `json:"message_id"`
	MessageThreadID int             `json:"message_thread_id,omitempty"`
	From            *User           `json:"from,omitempty"`
	SenderChat      *wireChat       `json:"sender_chat,omitempty"`
	Date            int64           `json:"date"`
	Chat            wireChat        `json:"chat"`
	ForwardOrigin   map[string]any  `json:"forward_origin,omitempty"`
	IsTopicMessage  bool            `json:"is_topic_message,omitempty"`
	ReplyToMessage  *wireMessage    `json:"reply_to_message,omitempty"`
	Quote           map[string]any  `json:"quote,omitempty"`
	EditDate        int64           `json:"edit_date,omitempty"`
	Protected       bool            `json:"has_protected_content,omitempty"`
	MediaGroupID    string          `json:"media_group_id,omitempty"`
	Text            string          `json:"text,omitempty"`
	Entities        []Entity        `json:"entities,omitempty"`
	LinkPreview     json.RawMessage `json:"link_preview_options,omitempty"`

	Animation *wireMedia  `json:"animation,omitempty"`
	Audio     *wireMedia  `json:"audio,omitempty"`
	Document  *wireMedia  `json:"document,omitempty"`
	Photo     []photoSize `json:"photo,omitempty"`
	Sticker   *wireMedia  `json:"sticker,omitempty"`
	Video     *wireMedia  `json:"video,omitempty"`
	VideoNote *wireMedia  `json:"video_note,omitempty"`
	Voice     *wireMedia  `json:"voice,omitempty"`

	Caption         string   `json:"caption,omitempty"`
	CaptionEntities []Entity `json:"caption_entities,omitempty"`

	Contact  any `json:"contact,omitempty"`
	Dice     any `json:"dice,omitempty"`
	Game     any `json:"game,omitempty"`
	Poll     any `json:"poll,omitempty"`
	Venue    any `json:"venue,omitempty"`
	Location any `json:"location,omitempty"`

	NewChatMembers        []User       `json:"new_chat_members,omitempty"`
	LeftChatMember        *User        `json:"left_chat_member,omitempty"`
	NewChatTitle          string       `json:"new_chat_title,omitempty"`
	GroupChatCreated      bool         `json:"group_chat_created,omitempty"`
	SupergroupChatCreated bool         `json:"supergroup_chat_created,omitempty"`
	MigrateToChatID       int64        `json:"migrate_to_chat_id,omitempty"`
	MigrateFromChatID     int64        `json:"migrate_from_chat_id,omitempty"`
	PinnedMessage         *wireMessage `json:"pinned_message,omitempty"`
	ForumTopicCreated     any          `json:"forum_topic_created,omitempty"`
	ForumTopicEdited      any          `json:"forum_topic_edited,omitempty"`
	ForumTopicClosed      any          `json:"forum_topic_closed,omitempty"`
	ForumTopicReopened    any          `json:"forum_topic_reopened,omitempty"`

	ReplyMarkup json.RawMessage `json:"reply_markup,omitempty"`

	// Other is content of a kind without a field here, by name.
	Other map[string]any `json:"-"`
}

func (m wireMessage) MarshalJSON() ([]byte, error) {
	type plain wireMessage
	b, err := json.Marshal(plain(m))
	if err != nil || len(m.Other) == 0 {
		return b, err
	}
	other, err := json.Marshal(m.Other)
	if err != nil {
		return nil, err
	}
	return append(append(b[:len(b)-1], ','), other[1:]...), nil
}

// service returns the kind of a service message, "" for an ordinary one.
func (m *wireMessage) service() string {
	switch {
	case m.NewChatMembers != nil:
		return "new_chat_members"
	case m.LeftChatMember != nil:
		return "left_chat_member"
	case m.NewChatTitle != "":
		return "new_chat_title"
	case m.GroupChatCreated:
		return "group_chat_created"
	case m.SupergroupChatCreated:
		return "supergroup_chat_created"
	case m.MigrateToChatID != 0:
		return "migrate_to_chat_id"
	case m.MigrateFromChatID != 0:
		return "migrate_from_chat_id"
	case m.PinnedMessage != nil:
		return "pinned_message"
	case m.ForumTopicCreated != nil:
		return "forum_topic_created"
	case m.ForumTopicEdited != nil:
		return "forum_topic_edited"
	case m.ForumTopicClosed != nil:
		return "forum_topic_closed"
	case m.ForumTopicReopened != nil:
		return "forum_topic_reopened"
	}
	return ""
}

// wireMedia is any file object except a photo; fields that a kind lacks are omitted.
type wireMedia struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Type         string `json:"type,omitempty"` // sticker
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	Length       int    `json:"length,omitempty"` // video note
	Duration     *int   `json:"duration,omitempty"`
	Performer    string `json:"performer,omitempty"`
	Title        string `json:"title,omitempty"`
	Emoji        string `json:"emoji,omitempty"`
	SetName      string `json:"set_name,omitempty"`
	IsAnimated   *bool  `json:"is_animated,omitempty"`
	IsVideo      *bool  `json:"is_video,omitempty"`
	FileName     string `json:"file_name,omitempty"`
	MIMEType     string `json:"mime_type,omitempty"`
	FileSize     int64  `json:"file_size,omitempty"`
}

type photoSize struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	FileSize     int64  `json:"file_size,omitempty"`
}
