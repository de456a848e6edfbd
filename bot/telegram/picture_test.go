package telegram

import "testing"

func TestIsPicture(t *testing.T) {
	for name, want := range map[string]bool{
		"a.jpg": true, "a.b.JPEG": true, "снимок.Png": true, "a.gif": false, "a.svg": false, "a.pdf": false, "png": false, ".png": true, "": false,
	} {
		if got := IsPicture(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// A picture sent another way goes to the same place.
func TestPictureAnotherWay(t *testing.T) {
	call := mustEncode(t, SendPhoto{
		ChatID: -100, ThreadID: 6, Silent: true, ReplyParameters: &ReplyParameters{MessageID: 5, AllowSendingWithoutReply: true},
		ReplyMarkup: InlineKeyboard{{{Text: "Ответить", Data: "answer:7"}}},
	})
	album, fields, err := call.AsAlbum(2)
	if err != nil || album.Method != "sendMediaGroup" || len(fields) != 2 {
		t.Fatalf("%+v, %q, %v", album, fields, err)
	}
	const place = `"chat_id":-100,"message_thread_id":6,`
	const reply = `"reply_parameters":{"message_id":5,"allow_sending_without_reply":true},`
	want := `{` + place + `"media":[{"media":"attach://picture1","type":"photo"},{"media":"attach://picture2","type":"photo"}],` + reply + `"disable_notification":true}`
	if got := string(album.Params); got != want {
		t.Errorf("the album is\n%s, want\n%s", got, want)
	}
	document, err := call.AsDocument()
	want = `{` + place + reply + `"reply_markup":{"inline_keyboard":[[{"text":"Ответить","callback_data":"answer:7"}]]},"disable_notification":true,"disable_content_type_detection":true}`
	if got := string(document.Params); err != nil || document.Method != "sendDocument" || got != want {
		t.Errorf("the document is %s %v\n%s, want\n%s", document.Method, err, got, want)
	}
	if _, _, err := mustEncode(t, SendMessage{ChatID: 1}).AsAlbum(2); err == nil {
		t.Error("words are made an album")
	}
}
