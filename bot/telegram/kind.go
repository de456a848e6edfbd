package telegram

// Kind is the type of a message, or of a file.
type Kind string

const (
	KindText Kind = "text"

	KindPhoto     Kind = "photo"
	KindDocument  Kind = "document"
	KindVoice     Kind = "voice"
	KindVideo     Kind = "video"
	KindAudio     Kind = "audio"
	KindAnimation Kind = "animation"
	KindVideoNote Kind = "video_note"

	KindContact  Kind = "contact"
	KindLocation Kind = "location"
	KindVenue    Kind = "venue"
	KindSticker  Kind = "sticker"

	KindPoll      Kind = "poll"
	KindDice      Kind = "dice"
	KindGame      Kind = "game"
	KindStory     Kind = "story"
	KindInvoice   Kind = "invoice"
	KindGiveaway  Kind = "giveaway"
	KindChecklist Kind = "checklist"
	KindPaidMedia Kind = "paid_media"
	KindRich      Kind = "rich_message"

	// KindService is a message by Telegram itself: joined, pinned, renamed, paid, …
	KindService Kind = "service"
	// KindUnknown is newer than this program, or inaccessible.
	KindUnknown Kind = "unknown"
)

// contentKeys are checked in order: an animation is also a document, and a venue a location.
var contentKeys = []struct {
	key  string
	kind Kind
}{
	{"text", KindText},
	{"animation", KindAnimation},
	{"live_photo", KindPhoto},
	{"photo", KindPhoto},
	{"video", KindVideo},
	{"video_note", KindVideoNote},
	{"voice", KindVoice},
	{"audio", KindAudio},
	{"document", KindDocument},
	{"sticker", KindSticker},
	{"contact", KindContact},
	{"venue", KindVenue},
	{"location", KindLocation},
	{"poll", KindPoll},
	{"dice", KindDice},
	{"game", KindGame},
	{"story", KindStory},
	{"invoice", KindInvoice},
	{"giveaway", KindGiveaway},
	{"giveaway_winners", KindGiveaway},
	{"checklist", KindChecklist},
	{"paid_media", KindPaidMedia},
	{"rich_message", KindRich},
}

// serviceKeys mark messages by Telegram itself.
var serviceKeys = []string{
	"new_chat_members", "new_chat_member", "left_chat_member", "chat_owner_left", "chat_owner_changed",
	"new_chat_title", "new_chat_photo", "delete_chat_photo",
	"group_chat_created", "supergroup_chat_created", "channel_chat_created",
	"message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
	"successful_payment", "refunded_payment", "users_shared", "user_shared", "chat_shared",
	"gift", "unique_gift", "gift_upgrade_sent",
	"connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered",
	"boost_added", "chat_background_set", "checklist_tasks_done", "checklist_tasks_added",
	"direct_message_price_changed",
	"forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
	"general_forum_topic_hidden", "general_forum_topic_unhidden",
	"giveaway_created", "giveaway_completed", "managed_bot_created",
	"paid_message_price_changed", "poll_option_added", "poll_option_deleted",
	"suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined",
	"suggested_post_paid", "suggested_post_refunded",
	"video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
	"voice_chat_scheduled", "voice_chat_started", "voice_chat_ended", "voice_chat_participants_invited",
	"web_app_data",
}

func kindOf(w *wireMessage) Kind {
	for _, c := range contentKeys {
		if w.has(c.key) {
			return c.kind
		}
	}
	for _, key := range serviceKeys {
		if w.has(key) {
			return KindService
		}
	}
	return KindUnknown
}
