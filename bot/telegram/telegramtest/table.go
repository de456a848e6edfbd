package telegramtest

import "strings"

// method is the table's entry for a Bot API method: its parameters by name, in the order of
// the documentation, required ones marked by an exclamation mark.
type method struct {
	params string
	run    func(*Server, *call) (any, error)
}

const (
	// sending is common to nearly all methods that send.
	sending = " business_connection_id direct_messages_topic_id message_thread_id chat_id! disable_notification" +
		" protect_content allow_paid_broadcast message_effect_id reply_parameters"
	// single adds what albums lack.
	single    = sending + " suggested_post_parameters ephemeral_message_parameters reply_markup"
	captioned = " caption parse_mode caption_entities"
	editing   = " business_connection_id chat_id message_id inline_message_id"
)

// methods is set in init because the functions refer to the table.
var methods map[string]method

// methodNames finds a method regardless of case.
var methodNames = map[string]string{}

func init() {
	ok := func(*Server, *call) (any, error) { return true, nil }
	methods = map[string]method{
		"getMe":          {"", (*Server).getMe},
		"getUpdates":     {"offset limit timeout allowed_updates", nil},
		"setWebhook":     {"url! certificate ip_address max_connections allowed_updates drop_pending_updates secret_token", (*Server).setWebhook},
		"deleteWebhook":  {"drop_pending_updates", (*Server).deleteWebhook},
		"getWebhookInfo": {"", (*Server).getWebhookInfo},

		"sendMessage":    {"text! parse_mode entities link_preview_options" + single, (*Server).sendMessage},
		"sendPhoto":      {"photo! show_caption_above_media has_spoiler" + captioned + single, sendMedia("photo")},
		"sendDocument":   {"document! thumbnail disable_content_type_detection" + captioned + single, sendMedia("document")},
		"sendVoice":      {"voice! duration" + captioned + single, sendMedia("voice")},
		"sendAudio":      {"audio! duration performer title thumbnail" + captioned + single, sendMedia("audio")},
		"sendVideo":      {"video! duration width height thumbnail cover start_timestamp show_caption_above_media has_spoiler supports_streaming" + captioned + single, sendMedia("video")},
		"sendMediaGroup": {"media!" + sending, (*Server).sendMediaGroup},
		"sendChatAction": {"business_connection_id chat_id! message_thread_id action!", (*Server).sendChatAction},
		"forwardMessage": {"chat_id! message_thread_id direct_messages_topic_id from_chat_id! video_start_timestamp disable_notification protect_content" +
			" message_effect_id suggested_post_parameters message_id!", (*Server).forwardMessage},
		"copyMessage": {"chat_id! message_thread_id direct_messages_topic_id from_chat_id! message_id! video_start_timestamp show_caption_above_media" +
			" disable_notification protect_content allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup" + captioned, (*Server).copyMessage},

		"editMessageText":        {"text parse_mode entities link_preview_options rich_message reply_markup" + editing, (*Server).editMessageText},
		"editMessageCaption":     {"show_caption_above_media reply_markup" + captioned + editing, (*Server).editMessageCaption},
		"editMessageReplyMarkup": {"reply_markup" + editing, (*Server).editMessageReplyMarkup},
		"deleteMessage":          {"chat_id! message_id!", (*Server).deleteMessage},
		"deleteMessages":         {"chat_id! message_ids!", (*Server).deleteMessages},
		"setMessageReaction":     {"chat_id! message_id! reaction is_big", (*Server).setMessageReaction},
		"answerCallbackQuery":    {"callback_query_id! text show_alert url cache_time", (*Server).answerCallbackQuery},
		"pinChatMessage":         {"business_connection_id chat_id! message_id! disable_notification", (*Server).pinChatMessage},
		"unpinChatMessage":       {"business_connection_id chat_id! message_id", (*Server).unpinChatMessage},

		"getFile":               {"file_id!", (*Server).getFile},
		"getChat":               {"chat_id!", (*Server).getChat},
		"getChatMember":         {"chat_id! user_id!", (*Server).getChatMember},
		"getChatAdministrators": {"chat_id! return_bots", (*Server).getChatAdministrators},
		"leaveChat":             {"chat_id!", (*Server).leaveChat},

		"setMyCommands":         {"commands! scope language_code", (*Server).setMyCommands},
		"getMyCommands":         {"scope language_code", (*Server).getMyCommands},
		"deleteMyCommands":      {"scope language_code", (*Server).deleteMyCommands},
		"setMyName":             {"name language_code", setProfile("name", 64)},
		"getMyName":             {"language_code", getProfile("name")},
		"setMyDescription":      {"description language_code", setProfile("description", 512)},
		"getMyDescription":      {"language_code", getProfile("description")},
		"setMyShortDescription": {"short_description language_code", setProfile("short_description", 120)},
		"getMyShortDescription": {"language_code", getProfile("short_description")},
		"setChatMenuButton":     {"chat_id menu_button", ok},

		"createForumTopic": {"chat_id! name! icon_color icon_custom_emoji_id", (*Server).createForumTopic},
		"editForumTopic":   {"chat_id! message_thread_id! name icon_custom_emoji_id", (*Server).editForumTopic},
		"closeForumTopic":  {"chat_id! message_thread_id!", (*Server).closeForumTopic},
		"reopenForumTopic": {"chat_id! message_thread_id!", (*Server).reopenForumTopic},
		"deleteForumTopic": {"chat_id! message_thread_id!", (*Server).deleteForumTopic},
	}
	for name := range methods {
		methodNames[strings.ToLower(name)] = name
	}
}

// param is a parameter or a field of an object.
type param struct {
	typ      string
	required bool
}

// fields parses a line of the table. A type follows a colon; without one, a parameter has
// the type its name has everywhere, or is a string.
func fields(owner, line string) map[string]param {
	all := map[string]param{}
	for _, word := range strings.Fields(line) {
		name, typ, typed := strings.Cut(word, ":")
		name, required := strings.CutSuffix(name, "!")
		if _, object := objects[owner]; !typed && !object {
			if typ = typesOf[owner+"."+name]; typ == "" {
				typ = typesOf[name]
			}
		}
		if typ == "" {
			typ = "string"
		}
		all[name] = param{typ, required}
	}
	return all
}

// typesOf gives the types of parameters that are not strings: int, bool, chat (a number or
// @name), file (an upload, or a string that refers to one), []T, or an object of the table
// below. A bar separates alternatives.
var typesOf = map[string]string{
	"offset": "int", "limit": "int", "timeout": "int", "allowed_updates": "[]string",
	"certificate": "upload", "max_connections": "int", "drop_pending_updates": "bool",
	"chat_id": "chat", "from_chat_id": "chat", "setChatMenuButton.chat_id": "int", "user_id": "int",
	"message_id": "int", "message_ids": "[]int", "message_thread_id": "int", "direct_messages_topic_id": "int",
	"disable_notification": "bool", "protect_content": "bool", "allow_paid_broadcast": "bool",
	"suggested_post_parameters": "SuggestedPostParameters", "reply_parameters": "ReplyParameters",
	"reply_markup":                        "InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply",
	"editMessageText.reply_markup":        "InlineKeyboardMarkup",
	"editMessageCaption.reply_markup":     "InlineKeyboardMarkup",
	"editMessageReplyMarkup.reply_markup": "InlineKeyboardMarkup",
	"entities":                            "[]MessageEntity", "caption_entities": "[]MessageEntity",
	"link_preview_options": "LinkPreviewOptions", "rich_message": "InputRichMessage",
	"photo": "file", "document": "file", "voice": "file", "audio": "file", "video": "file", "thumbnail": "file", "cover": "file",
	"media":    "[]InputMediaAudio|[]InputMediaDocument|[]InputMediaLivePhoto|[]InputMediaPhoto|[]InputMediaVideo",
	"duration": "int", "width": "int", "height": "int", "start_timestamp": "int", "video_start_timestamp": "int",
	"supports_streaming": "bool", "has_spoiler": "bool", "show_caption_above_media": "bool", "disable_content_type_detection": "bool",
	"reaction": "[]ReactionType", "is_big": "bool", "show_alert": "bool", "cache_time": "int", "return_bots": "bool",
	"commands": "[]BotCommand", "scope": "BotCommandScope", "menu_button": "MenuButton", "icon_color": "int",
}

// objects are the JSON objects in parameters, with the types of all fields.
var objects = map[string]string{
	"MessageEntity":               "type! offset!:int length!:int url user:User language custom_emoji_id unix_time:int date_time_format",
	"User":                        "id!:int is_bot!:bool first_name! last_name username language_code is_premium:bool",
	"LinkPreviewOptions":          "is_disabled:bool url prefer_small_media:bool prefer_large_media:bool show_above_text:bool",
	"ReplyParameters":             "message_id!:int chat_id:chat allow_sending_without_reply:bool quote quote_parse_mode quote_entities:[]MessageEntity quote_position:int checklist_task_id:int poll_option_id",
	"SuggestedPostParameters":     "price:SuggestedPostPrice send_date:int",
	"SuggestedPostPrice":          "currency! amount!:int",
	"InputRichMessage":            "html markdown is_rtl:bool skip_entity_detection:bool",
	"InlineKeyboardMarkup":        "inline_keyboard!:[][]InlineKeyboardButton",
	"InlineKeyboardButton":        "text! icon_custom_emoji_id style url callback_data web_app:WebAppInfo login_url:LoginUrl switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat:SwitchInlineQueryChosenChat copy_text:CopyTextButton callback_game:CallbackGame pay:bool",
	"CopyTextButton":              "text!",
	"CallbackGame":                "",
	"WebAppInfo":                  "url!",
	"LoginUrl":                    "url! forward_text bot_username request_write_access:bool",
	"ReplyKeyboardMarkup":         "keyboard!:[][]KeyboardButton is_persistent:bool resize_keyboard:bool one_time_keyboard:bool input_field_placeholder selective:bool",
	"KeyboardButton":              "text! icon_custom_emoji_id style request_contact:bool request_location:bool request_poll:KeyboardButtonPollType web_app:WebAppInfo",
	"KeyboardButtonPollType":      "type",
	"ReplyKeyboardRemove":         "remove_keyboard!:bool selective:bool",
	"ForceReply":                  "force_reply!:bool input_field_placeholder selective:bool",
	"ReactionTypeEmoji":           "type! emoji!",
	"ReactionTypeCustomEmoji":     "type! custom_emoji_id!",
	"ReactionTypePaid":            "type!",
	"BotCommand":                  "command! description!",
	"BotCommandScope":             "type! chat_id:chat user_id:int",
	"InputMediaPhoto":             "type! media! caption parse_mode caption_entities:[]MessageEntity show_caption_above_media:bool has_spoiler:bool",
	"InputMediaVideo":             "type! media! thumbnail:string cover:string start_timestamp:int caption parse_mode caption_entities:[]MessageEntity show_caption_above_media:bool width:int height:int duration:int supports_streaming:bool has_spoiler:bool",
	"InputMediaAudio":             "type! media! thumbnail:string caption parse_mode caption_entities:[]MessageEntity duration:int performer title",
	"InputMediaDocument":          "type! media! thumbnail:string caption parse_mode caption_entities:[]MessageEntity disable_content_type_detection:bool",
	"InputMediaLivePhoto":         "type! media! photo!:string caption parse_mode caption_entities:[]MessageEntity show_caption_above_media:bool has_spoiler:bool",
	"MenuButtonCommands":          "type!",
	"MenuButtonDefault":           "type!",
	"MenuButtonWebApp":            "type! text! web_app!:WebAppInfo",
	"SwitchInlineQueryChosenChat": "query allow_user_chats:bool allow_bot_chats:bool allow_group_chats:bool allow_channel_chats:bool",
}

// variant returns the object of a union value, by its type field.
func variant(typ string, v map[string]any) string {
	kind, _ := v["type"].(string)
	switch {
	case typ == "ReactionType":
		return map[string]string{"emoji": "ReactionTypeEmoji", "custom_emoji": "ReactionTypeCustomEmoji", "paid": "ReactionTypePaid"}[kind]
	case typ == "MenuButton":
		return map[string]string{"commands": "MenuButtonCommands", "default": "MenuButtonDefault", "web_app": "MenuButtonWebApp"}[kind]
	case strings.Contains(typ, "InputMedia"):
		return map[string]string{"photo": "InputMediaPhoto", "video": "InputMediaVideo", "audio": "InputMediaAudio",
			"document": "InputMediaDocument", "live_photo": "InputMediaLivePhoto"}[kind]
	case strings.Contains(typ, "ForceReply"):
		for field, object := range map[string]string{"inline_keyboard": "InlineKeyboardMarkup", "keyboard": "ReplyKeyboardMarkup",
			"remove_keyboard": "ReplyKeyboardRemove", "force_reply": "ForceReply"} {
			if _, ok := v[field]; ok {
				return object
			}
		}
		return ""
	}
	return typ
}
