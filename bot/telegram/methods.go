package telegram

// SendMessage sends a text. ReplyMarkup is an InlineKeyboard, a ForceReply or nil.
type SendMessage struct {
	ChatID          ChatID              `json:"chat_id"`
	ThreadID        ThreadID            `json:"message_thread_id,omitempty"`
	Text            string              `json:"text"`
	Entities        []Entity            `json:"entities,omitempty"`
	ReplyParameters *ReplyParameters    `json:"reply_parameters,omitempty"`
	ReplyMarkup     any                 `json:"reply_markup,omitempty"`
	Silent          bool                `json:"disable_notification,omitempty"`
	LinkPreview     *LinkPreviewOptions `json:"link_preview_options,omitempty"`
}

// EditMessageText replaces a text and its buttons; without ReplyMarkup the buttons are removed.
type EditMessageText struct {
	ChatID      ChatID              `json:"chat_id"`
	MessageID   MessageID           `json:"message_id"`
	Text        string              `json:"text"`
	Entities    []Entity            `json:"entities,omitempty"`
	ReplyMarkup InlineKeyboard      `json:"reply_markup,omitempty"`
	LinkPreview *LinkPreviewOptions `json:"link_preview_options,omitempty"`
}

// EditMessageReplyMarkup replaces the buttons, or removes them.
type EditMessageReplyMarkup struct {
	ChatID      ChatID         `json:"chat_id"`
	MessageID   MessageID      `json:"message_id"`
	ReplyMarkup InlineKeyboard `json:"reply_markup,omitempty"`
}

// DeleteMessage deletes a message up to 48 hours old.
type DeleteMessage struct {
	ChatID    ChatID    `json:"chat_id"`
	MessageID MessageID `json:"message_id"`
}

// SetMessageReaction replaces the bot's reaction to a message; an empty one removes it.
type SetMessageReaction struct {
	ChatID    ChatID    `json:"chat_id"`
	MessageID MessageID `json:"message_id"`
	Reaction  []Emoji   `json:"reaction,omitempty"`
}

// AnswerCallbackQuery stops a button's spinner, optionally with a short text (200 characters).
type AnswerCallbackQuery struct {
	CallbackQueryID string `json:"callback_query_id"`
	Text            string `json:"text,omitempty"`
	ShowAlert       bool   `json:"show_alert,omitempty"`
}

// SendDocument sends a file, by Client.Upload.
type SendDocument struct {
	ChatID          ChatID           `json:"chat_id"`
	ThreadID        ThreadID         `json:"message_thread_id,omitempty"`
	Caption         string           `json:"caption,omitempty"`
	ReplyParameters *ReplyParameters `json:"reply_parameters,omitempty"`
	ReplyMarkup     any              `json:"reply_markup,omitempty"`
	Silent          bool             `json:"disable_notification,omitempty"`
	// Without it Telegram may turn the document into a video or an animation.
	NoTypeDetection bool `json:"disable_content_type_detection,omitempty"`
}

// SendPhoto sends a picture, by Client.Upload. Telegram shows at most 1280 pixels in width.
type SendPhoto struct {
	ChatID          ChatID           `json:"chat_id"`
	ThreadID        ThreadID         `json:"message_thread_id,omitempty"`
	Caption         string           `json:"caption,omitempty"`
	ReplyParameters *ReplyParameters `json:"reply_parameters,omitempty"`
	ReplyMarkup     any              `json:"reply_markup,omitempty"`
	Silent          bool             `json:"disable_notification,omitempty"`
}

// SendMediaGroup sends pictures as one album by Client.Upload. It takes no buttons; the
// messages' ids are Result.AlbumIDs.
type SendMediaGroup struct {
	ChatID          ChatID            `json:"chat_id"`
	ThreadID        ThreadID          `json:"message_thread_id,omitempty"`
	Media           []InputMediaPhoto `json:"media"` // 2–MaxAlbum of them
	ReplyParameters *ReplyParameters  `json:"reply_parameters,omitempty"`
	Silent          bool              `json:"disable_notification,omitempty"`
}

// LeaveChat leaves a group.
type LeaveChat struct {
	ChatID ChatID `json:"chat_id"`
}

// SetMyCommands sets the menu for a scope and a two-letter language.
type SetMyCommands struct {
	Commands []BotCommand  `json:"commands"`
	Scope    *CommandScope `json:"scope,omitempty"`
	Language string        `json:"language_code,omitempty"`
}

// SetMyDescription sets the text shown in an empty chat, up to 512 characters.
type SetMyDescription struct {
	Description string `json:"description"`
	Language    string `json:"language_code,omitempty"`
}

// SetMyShortDescription sets the text shown in the profile, up to 120 characters.
type SetMyShortDescription struct {
	ShortDescription string `json:"short_description"`
	Language         string `json:"language_code,omitempty"`
}

// CreateForumTopic creates a topic; its id is Result.ThreadID. The name has 1–128 characters.
type CreateForumTopic struct {
	ChatID ChatID `json:"chat_id"`
	Name   string `json:"name"`
}

// EditForumTopic renames a topic.
type EditForumTopic struct {
	ChatID   ChatID   `json:"chat_id"`
	ThreadID ThreadID `json:"message_thread_id"`
	Name     string   `json:"name,omitempty"`
}

// CloseForumTopic closes a topic.
type CloseForumTopic struct {
	ChatID   ChatID   `json:"chat_id"`
	ThreadID ThreadID `json:"message_thread_id"`
}

// ReopenForumTopic reopens a closed topic.
type ReopenForumTopic struct {
	ChatID   ChatID   `json:"chat_id"`
	ThreadID ThreadID `json:"message_thread_id"`
}

// PinChatMessage pins a message, in its topic if it has one.
type PinChatMessage struct {
	ChatID    ChatID    `json:"chat_id"`
	MessageID MessageID `json:"message_id"`
	Silent    bool      `json:"disable_notification,omitempty"`
}

// DeleteWebhook enables polling.
type DeleteWebhook struct{}

func (SendMessage) Method() string            { return "sendMessage" }
func (EditMessageText) Method() string        { return "editMessageText" }
func (EditMessageReplyMarkup) Method() string { return "editMessageReplyMarkup" }
func (DeleteMessage) Method() string          { return "deleteMessage" }
func (SetMessageReaction) Method() string     { return "setMessageReaction" }
func (AnswerCallbackQuery) Method() string    { return "answerCallbackQuery" }
func (SendDocument) Method() string           { return "sendDocument" }
func (SendPhoto) Method() string              { return "sendPhoto" }
func (SendMediaGroup) Method() string         { return "sendMediaGroup" }
func (LeaveChat) Method() string              { return "leaveChat" }
func (SetMyCommands) Method() string          { return "setMyCommands" }
func (SetMyDescription) Method() string       { return "setMyDescription" }
func (SetMyShortDescription) Method() string  { return "setMyShortDescription" }
func (CreateForumTopic) Method() string       { return "createForumTopic" }
func (EditForumTopic) Method() string         { return "editForumTopic" }
func (CloseForumTopic) Method() string        { return "closeForumTopic" }
func (ReopenForumTopic) Method() string       { return "reopenForumTopic" }
func (PinChatMessage) Method() string         { return "pinChatMessage" }
func (DeleteWebhook) Method() string          { return "deleteWebhook" }
