package submission_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
)

// apiSpec is the machine-readable Bot API, if it is available.
const apiSpec = "../../../shared/telegram-bot-api.json"

// object is a value whose content does not matter.
var object = map[string]any{}

// refusedKinds can't be carried to Plusofon: the person is told.
var refusedKinds = map[string]any{
	"poll": map[string]any{"id": "1", "question": "?", "options": []any{}}, "dice": map[string]any{"emoji": "🎲", "value": 5}, "game": map[string]any{"title": "x"},
	"story": map[string]any{"id": 1}, "invoice": object, "giveaway": object, "giveaway_winners": object, "checklist": object, "paid_media": object,
	"rich_message": object, "something_of_tomorrow": object,
}

// carriedKinds are sent as files or as text.
var carriedKinds = map[string]struct {
	content map[string]any
	text    string // what the post begins with
	file    bool
}{
	"text":       {map[string]any{"text": "просто текст"}, "просто текст", false},
	"photo":      {nil, "Файл: photo_", true},
	"video":      {nil, "Файл: video.mp4", true},
	"animation":  {nil, "Файл: animation.mp4", true},
	"audio":      {nil, "Файл: audio.mp3", true},
	"voice":      {nil, "Файл: voice_", true},
	"video_note": {nil, "Файл: video_note_", true},
	"document":   {nil, "Файл: x.bin", true},
	"sticker":    {map[string]any{"sticker": map[string]any{"file_id": "f", "emoji": "👍"}}, "Стикер 👍", false},
	"contact":    {map[string]any{"contact": map[string]any{"phone_number": "+7999", "first_name": "Пётр"}}, "Контакт: Пётр, +7999", false},
	"location":   {map[string]any{"location": map[string]any{"latitude": 55.7, "longitude": 37.6, "live_period": 900}}, "Место на карте: 55.700000, 37.600000", false},
	"venue": {map[string]any{
		"location": map[string]any{"latitude": 55.7, "longitude": 37.6},
		"venue":    map[string]any{"location": map[string]any{"latitude": 55.7, "longitude": 37.6}, "title": "Офис", "address": "Тверская, 1"},
	}, "Место: Офис, Тверская, 1", false},
	"live_photo": {nil, "Файл: photo_", true},
}

// toldByTelegram are messages by Telegram itself: no one wrote them, and there is nothing
// to answer.
var toldByTelegram = strings.Fields(`new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo delete_chat_photo
	group_chat_created supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id
	pinned_message successful_payment refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent connected_website
	write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set checklist_tasks_done checklist_tasks_added
	direct_message_price_changed forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden
	general_forum_topic_unhidden giveaway_created giveaway_completed managed_bot_created paid_message_price_changed poll_option_added
	poll_option_deleted suggested_post_approved suggested_post_approval_failed suggested_post_declined suggested_post_paid suggested_post_refunded
	video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited web_app_data`)

// aboutMessages are the fields that describe a message rather than being its content.
var aboutMessages = strings.Fields(`message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot sender_tag
	date guest_query_id business_connection_id chat forward_origin is_topic_message is_automatic_forward reply_to_message external_reply quote
	reply_to_story reply_to_checklist_task_id reply_to_poll_option_id via_bot guest_bot_caller_user guest_bot_caller_chat edit_date
	has_protected_content is_from_offline is_paid_post media_group_id author_signature paid_star_count entities link_preview_options
	suggested_post_info effect_id caption caption_entities show_caption_above_media has_media_spoiler reply_markup`)

// Every kind of message that Telegram knows is carried, turned into text or refused with an
// explanation; none is dropped silently.
func TestEveryKindOfMessage(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{}, func(t *testing.T, w *bottest.World) {
		_, receipt := w.Opened("Тема", "Текст")
		at := w.Anna.Replying(receipt.ID)
		w.Part("carried", func() {
			for _, kind := range slices.Sorted(maps.Keys(carriedKinds)) {
				c := carriedKinds[kind]
				var m telegramtest.Message
				switch {
				case kind == "live_photo":
					photo := w.Anna.SendPhoto(bottest.AnyFile, "// для файла", 0)
					sizes := []map[string]any{{"file_id": photo.File.ID, "file_unique_id": "u", "width": 1, "height": 1, "file_size": photo.File.Size}}
					m = at.SendOther(map[string]any{"live_photo": map[string]any{"file_id": "v", "file_unique_id": "w", "photo": sizes}})
				case c.file:
					m = map[string]func(telegramtest.File, string, int) telegramtest.Message{
						"photo": w.Anna.SendPhoto, "video": w.Anna.SendVideo, "animation": w.Anna.SendAnimation, "audio": w.Anna.SendAudio, "voice": w.Anna.SendVoice,
						"document": func(f telegramtest.File, words string, to int) telegramtest.Message {
							f.Name = "x.bin"
							return w.Anna.SendDocument(f, words, to)
						},
						"video_note": func(f telegramtest.File, _ string, to int) telegramtest.Message { return w.Anna.SendVideoNote(f, to) },
					}[kind](bottest.AnyFile, "", receipt.ID)
				default:
					m = at.SendOther(c.content)
				}
				w.Reacts(w.Anna, m.ID, "👌")
				post := w.LastPost(w.Plusofon.Tickets()[0].ID)
				if !strings.HasPrefix(post.Text, c.text) || (len(post.Attachments) == 1) != c.file {
					t.Errorf("%s became %q with %d files", kind, post.Text, len(post.Attachments))
				}
			}
		})
		before := bottest.CountPosts(w.Plusofon.Tickets())
		w.Part("refused", func() {
			for kind, content := range refusedKinds {
				m := at.SendOther(map[string]any{kind: content})
				w.Sees(w.Anna, "words about "+kind, func(x telegramtest.Message) bool {
					return x.FromBot && x.ReplyTo == m.ID && strings.Contains(x.Text, "отправить нельзя")
				})
				w.Reacts(w.Anna, m.ID, "💔")
			}
		})
		w.Part("told by Telegram", func() {
			said := len(w.Anna.FromBot())
			for _, kind := range toldByTelegram {
				content := any(object)
				switch {
				case strings.HasPrefix(kind, "migrate_"):
					content = -5
				case strings.HasSuffix(kind, "chat_created"), kind == "delete_chat_photo":
					content = true
				case kind == "new_chat_title", kind == "connected_website":
					content = "x"
				case kind == "new_chat_members", kind == "new_chat_photo":
					content = []any{}
				}
				w.Anna.SendOther(map[string]any{kind: content})
			}
			w.Anna.Send("/help")
			w.Reads(w.Anna, "/tickets")
			w.Passes(time.Minute)
			if n := len(w.Anna.FromBot()); n != said+1 {
				t.Errorf("the bot answered %d of them: %+v", n-said-1, w.Anna.FromBot()[said:])
			}
		})
		w.Passes(time.Minute)
		if n := bottest.CountPosts(w.Plusofon.Tickets()); n != before {
			t.Errorf("%d posts, want %d", n, before)
		}
	})
}

// The tables above contain every field of a message that Telegram documents.
func TestKindsAreAll(t *testing.T) {
	raw, err := os.ReadFile(apiSpec)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the machine-readable Bot API is not at hand")
	}
	bottest.Must(t, err)
	var spec struct {
		Types map[string]struct {
			Fields []struct{ Name string }
		}
	}
	bottest.Must(t, json.Unmarshal(raw, &spec))
	known := slices.Concat(toldByTelegram, aboutMessages, slices.Collect(maps.Keys(refusedKinds)), slices.Collect(maps.Keys(carriedKinds)))
	fields := spec.Types["Message"].Fields
	if len(fields) < 100 {
		t.Fatalf("%d fields: the file is not what it was", len(fields))
	}
	for _, f := range fields {
		if !slices.Contains(known, f.Name) {
			t.Errorf("%s is not known", f.Name)
		}
	}
}
