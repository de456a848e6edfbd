package telegram

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Every kind of content and service message of the Bot API.
func TestKinds(t *testing.T) {
	const file = `{"file_id":"f","file_unique_id":"u","width":1,"height":1,"duration":1,"length":1}`
	contents := map[Kind][]string{
		KindText:      {`"text":"x"`},
		KindPhoto:     {`"photo":[` + file + `]`, `"live_photo":{"file_id":"v","file_unique_id":"w","photo":[` + file + `]}`, `"photo":[` + file + `],"live_photo":{}`},
		KindDocument:  {`"document":` + file},
		KindVoice:     {`"voice":` + file},
		KindVideo:     {`"video":` + file},
		KindAudio:     {`"audio":` + file},
		KindAnimation: {`"animation":` + file, `"document":` + file + `,"animation":` + file},
		KindVideoNote: {`"video_note":` + file},
		KindContact:   {`"contact":{"phone_number":"+7","first_name":"x"}`},
		KindLocation:  {`"location":{"latitude":1,"longitude":2}`},
		KindVenue:     {`"location":{"latitude":1,"longitude":2},"venue":{"location":{"latitude":1,"longitude":2},"title":"x","address":"y"}`},
		KindSticker:   {`"sticker":{"file_id":"f","emoji":"👍"}`},
		KindPoll:      {`"poll":{"id":"1","question":"?","options":7}`},
		KindDice:      {`"dice":{"emoji":"🎲","value":6}`},
		KindGame:      {`"game":{"title":"x"}`},
		KindStory:     {`"story":{"id":1}`},
		KindInvoice:   {`"invoice":{}`},
		KindGiveaway:  {`"giveaway":{}`, `"giveaway_winners":{}`},
		KindChecklist: {`"checklist":{}`},
		KindPaidMedia: {`"paid_media":{}`},
		KindRich:      {`"rich_message":{"blocks":[]}`},
		KindUnknown:   {`"from_the_future":{}`, `"text":null`},
	}
	files := []Kind{KindPhoto, KindDocument, KindVoice, KindVideo, KindAudio, KindAnimation, KindVideoNote}
	for kind, jsons := range contents {
		for _, j := range jsons {
			m := parseMessage(t, j)
			if m.Kind != kind {
				t.Errorf("%s is %s, want %s", j, m.Kind, kind)
			}
			if slices.Contains(files, kind) != (m.File != nil) || m.File != nil && (m.File.Kind != kind || m.File.ID != "f" || m.File.Name == "") {
				t.Errorf("%s has the file %+v", j, m.File)
			}
		}
	}
	for _, key := range serviceKeys {
		value := `{}`
		switch {
		case strings.HasPrefix(key, "migrate_"):
			value = `-1`
		case strings.HasSuffix(key, "_created") && strings.Contains(key, "chat"), key == "delete_chat_photo":
			value = `true`
		case key == "new_chat_title", key == "connected_website":
			value = `"x"`
		case key == "new_chat_members", key == "new_chat_photo":
			value = `[]`
		}
		if m := parseMessage(t, `"`+key+`":`+value); m.Kind != KindService {
			t.Errorf("%s is %s", key, m.Kind)
		}
	}
}

func TestContent(t *testing.T) {
	m := parseMessage(t, `"contact":{"phone_number":"+7999","first_name":"Пётр","last_name":"С","user_id":8}`)
	if diff := cmp.Diff(&Contact{Phone: "+7999", FirstName: "Пётр", LastName: "С"}, m.Contact); diff != "" {
		t.Error(diff)
	}
	m = parseMessage(t, `"location":{"latitude":55.7,"longitude":37.6},"venue":{"location":{"latitude":55.7,"longitude":37.6},"title":"Офис","address":"Тверская, 1"}`)
	if diff := cmp.Diff(&Venue{Location{55.7, 37.6}, "Офис", "Тверская, 1"}, m.Venue); diff != "" {
		t.Error(diff)
	}
	if m.Location == nil || *m.Location != m.Venue.Location {
		t.Errorf("got the place %+v", m.Location)
	}
	if m = parseMessage(t, `"sticker":{"file_id":"f","emoji":"👍"}`); m.Sticker != "👍" {
		t.Errorf("got the sticker %q", m.Sticker)
	}
}

func TestCommand(t *testing.T) {
	type result struct {
		name, args    string
		ok, elsewhere bool
	}
	tests := []struct {
		text string
		want result
	}{
		{"/new", result{"new", "", true, false}},
		{"/new Не звонит\nс утра\n\nсовсем ", result{"new", "Не звонит\nс утра\n\nсовсем", true, false}},
		{"/new\nтекст", result{"new", "текст", true, false}},
		{"/NEW@Plus_Bot x", result{"new", "x", true, false}},
		{"/new@other_bot x", result{"", "", false, true}},
		{"/start t_5", result{"start", "t_5", true, false}},
		{"//new", result{}},
		{"/", result{}},
		{"/etc/passwd", result{}},
		{"/новое", result{}},
		{"/new@", result{}},
		{"/new, пожалуйста", result{"new", "пожалуйста", true, false}},
		{"/new: касса", result{"new", "касса", true, false}},
		{"/cancel.", result{"cancel", "", true, false}},
		{"/help@Plus_Bot?!", result{"help", "", true, false}},
		{"/new@other_bot, x", result{"", "", false, true}},
		{"/...", result{}},
		{"/new-касса", result{}},
		{"/new.txt", result{}},
		{" /new", result{}},
		{"text /new", result{}},
		{"/" + strings.Repeat("a", 33), result{}},
		{"", result{}},
	}
	for _, tt := range tests {
		m := &Message{Text: tt.text}
		var got result
		got.name, got.args, got.ok = m.Command("plus_bot")
		got.elsewhere = m.CommandElsewhere("plus_bot")
		if got != tt.want {
			t.Errorf("%q: got %+v, want %+v", tt.text, got, tt.want)
		}
	}
	quoted := &Message{Text: "/new x", Entities: []Entity{{Type: EntityCode, Length: 4}}}
	if _, _, ok := quoted.Command("plus_bot"); ok {
		t.Error("a command in code is taken for one")
	}
	var none *Message
	if _, _, ok := none.Command("plus_bot"); ok {
		t.Error("no message is a command")
	}
}

func TestFileNames(t *testing.T) {
	tests := []struct{ json, want string }{
		{`"photo":[{"file_id":"small","width":90,"height":90},{"file_id":"f","width":1280,"height":960},{"file_id":"mid","width":320,"height":320}]`, "photo_2026-11-23_14-37-05.jpg"},
		{`"media_group_id":"a","photo":[{"file_id":"f"}]`, "photo_2026-11-23_14-37-05_3.jpg"},
		{`"voice":{"file_id":"f","mime_type":"audio/ogg"}`, "voice_2026-11-23_14-37-05.ogg"},
		{`"video":{"file_id":"f","mime_type":"video/quicktime"}`, "video_2026-11-23_14-37-05.mov"},
		{`"video_note":{"file_id":"f"}`, "video_note_2026-11-23_14-37-05.mp4"},
		{`"animation":{"file_id":"f","mime_type":"x"}`, "animation_2026-11-23_14-37-05.mp4"},
		{`"audio":{"file_id":"f","mime_type":"audio/mpeg"}`, "audio_2026-11-23_14-37-05.mp3"},
		{`"document":{"file_id":"f","mime_type":"application/pdf"}`, "document_2026-11-23_14-37-05.pdf"},
		{`"document":{"file_id":"f"}`, "document_2026-11-23_14-37-05.bin"},
		{`"document":{"file_id":"f","file_name":"Акт №1.pdf"}`, "Акт №1.pdf"},
		{`"document":{"file_id":"f","file_name":"../../a\u202efdp.exe"}`, "afdp.exe"},
	}
	for _, tt := range tests {
		f := parseMessage(t, tt.json).File
		if f == nil || f.Name != tt.want || f.ID != "f" {
			t.Errorf("%s: got %+v, want %q", tt.json, f, tt.want)
		}
	}
}

func TestSafeFileName(t *testing.T) {
	long := strings.Repeat("я", 200)
	tests := []struct{ name, want string }{
		{"a.txt", "a.txt"},
		{"", "file"}, {".", "file"}, {"..", "file"}, {"/", "file"}, {"\x00", "file"}, {" . ", "file"},
		{"/etc/passwd", "passwd"}, {`C:\dir\a.txt`, "a.txt"}, {"dir/", "dir"},
		{".htaccess", "htaccess"}, {"a. ", "a"},
		{"a\nb\x7f.txt", "a b .txt"}, {`a<>:"|?*b`, "a_______b"},
		{"con.txt", "_con.txt"}, {"COM1", "_COM1"}, {"context.txt", "context.txt"},
		{"bad\xffname", "bad\uFFFDname"},
		{long + ".pdf", strings.Repeat("я", 98) + ".pdf"},
		{"a." + long, "a." + strings.Repeat("я", 99)},
	}
	for _, tt := range tests {
		if got := SafeFileName(tt.name); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzSafeFileName(f *testing.F) {
	f.Add("../a\x00b.txt")
	f.Add("con .txt")
	f.Add(strings.Repeat("😀", 60) + ". .pdf")
	f.Fuzz(func(t *testing.T, s string) {
		name := SafeFileName(s)
		switch {
		case name == "", len(name) > 200, !utf8.ValidString(name), strings.ContainsAny(name, "/\\\x00\n"), strings.HasPrefix(name, "."):
			t.Errorf("%q became %q", s, name)
		case SafeFileName(name) != name:
			t.Errorf("%q became %q and then %q", s, name, SafeFileName(name))
		}
	})
}

func TestUserName(t *testing.T) {
	tests := []struct {
		user User
		want string
	}{
		{User{FirstName: "Анна", LastName: "К."}, "Анна К."},
		{User{FirstName: "Анна\n\u202e"}, "Анна"},
		{User{FirstName: "\u2060", Username: "anna"}, "@anna"},
		{User{}, ""},
	}
	for _, tt := range tests {
		if got := tt.user.Name(); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.user, got, tt.want)
		}
	}
}

func TestIsGroup(t *testing.T) {
	if ChatID(7).IsGroup() || !ChatID(-1001).IsGroup() {
		t.Error("groups have negative ids, people positive ones")
	}
}
