package telegramtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
)

// download fetches a file by id, as a bot does.
func (b *bed) download(id string) (size int64, sum string) {
	b.t.Helper()
	var f struct {
		Path string `json:"file_path"`
	}
	b.must(&f, "getFile", params{"file_id": id})
	req, _ := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.URL()+"/file/bot"+b.Token()+"/"+f.Path, nil)
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	h := sha256.New()
	size, err = io.Copy(h, res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	expect(b.t, "Content-Length", res.ContentLength, size)
	return size, hex.EncodeToString(h.Sum(nil))
}

func TestDownloads(t *testing.T) {
	b := setup(t, Config{})
	for name, m := range map[string]Message{
		"content":   b.chat.SendDocument(File{Name: "договор.pdf", Content: []byte("текст")}, "", 0),
		"generated": b.chat.SendVideo(File{Size: 3 << 20}, "", 0),
		"limit":     b.chat.SendDocument(File{Name: "a.bin", Size: 20 << 20}, "", 0),
		"empty":     b.chat.SendDocument(File{Name: "a.txt"}, "", 0),
	} {
		size, sum := b.download(m.File.ID)
		expect(t, name+" size", size, m.File.Size)
		expect(t, name+" content", sum, m.File.SHA256)
	}
	big := b.chat.SendDocument(File{Name: "b.bin", Size: 20<<20 + 1}, "", 0)
	expect(t, "over the limit", b.call("getFile", params{"file_id": big.File.ID}).Description, "Bad Request: file is too big")
	a, c := b.chat.SendVoice(File{Size: 100}, "", 0), b.chat.SendVoice(File{Size: 100}, "", 0)
	expect(t, "two generated files are alike", a.File.SHA256 == c.File.SHA256, false)
}

func TestPhotosHaveSizes(t *testing.T) {
	b := setup(t, Config{})
	b.chat.SendPhoto(File{Size: 64_000}, "фото", 0)
	photo := b.message(b.updates(0)[0], "message").Photo
	if len(photo) != 3 {
		t.Fatalf("got %d sizes", len(photo))
	}
	for _, p := range photo {
		size, _ := b.download(p.FileID)
		expect(t, "size", size, p.FileSize)
	}
	expect(t, "the largest is the last", photo[2].FileSize, int64(64_000))
}

func TestUploads(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	a := b.upload("sendDocument", map[string]string{"chat_id": "100", "caption": "история"}, map[string][]byte{"document": []byte("содержание")})
	if !a.OK {
		t.Fatal(a.Description)
	}
	var m wireMessage
	if err := json.Unmarshal(a.Result, &m); err != nil {
		t.Fatal(err)
	}
	shown := b.chat.Message(m.MessageID)
	expect(t, "name", shown.File.Name, "document.pdf")
	expect(t, "type", shown.File.MIME, "application/pdf")
	expect(t, "caption", shown.Text, "история")
	_, sum := b.download(m.Document.FileID)
	expect(t, "content", sum, shown.File.SHA256)

	again := b.call("sendDocument", params{"chat_id": 100, "document": m.Document.FileID})
	expect(t, "sent again by its id", again.OK, true)
	other := b.call("sendPhoto", params{"chat_id": 100, "photo": m.Document.FileID})
	expect(t, "as another kind", other.Description, "Bad Request: can't use file of type Document as Photo")
	link := b.call("sendPhoto", params{"chat_id": 100, "photo": "https://example.org/a.png"})
	expect(t, "by address", link.Description, "Bad Request: failed to get HTTP URL content")
}

func TestAlbums(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	media := `[{"type":"document","media":"attach://a","caption":"два файла"},{"type":"document","media":"attach://b"}]`
	a := b.upload("sendMediaGroup", map[string]string{"chat_id": "100", "media": media}, map[string][]byte{"a": []byte("1"), "b": []byte("22")})
	if !a.OK {
		t.Fatal(a.Description)
	}
	sent := b.chat.FromBot()
	expect(t, "messages", len(sent), 2)
	expect(t, "one album", sent[0].Album != "" && sent[0].Album == sent[1].Album, true)
	expect(t, "caption", sent[0].Text, "два файла")
	mixed := `[{"type":"document","media":"attach://a"},{"type":"photo","media":"attach://b"}]`
	a = b.upload("sendMediaGroup", map[string]string{"chat_id": "100", "media": mixed}, map[string][]byte{"a": []byte("1"), "b": []byte("22")})
	expect(t, "mixed", a.Description, "Bad Request: photo can't be mixed with other media types")
	a = b.upload("sendMediaGroup", map[string]string{"chat_id": "100", "media": media}, map[string][]byte{"a": []byte("1"), "b": []byte("2"), "c": []byte("3")})
	expect(t, "one too many", a.Description, `Bad Request: (stricter than Telegram) file "c" is sent but not used`)
}

// What can't be shown as a photo is rejected, in an album with its position.
func TestPhotosThatCantBeShown(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	picture := func(width, height int) []byte {
		var content bytes.Buffer
		if err := png.Encode(&content, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return content.Bytes()
	}
	const media = `[{"type":"photo","media":"attach://a"},{"type":"photo","media":"attach://b"}]`
	for content, want := range map[string]string{
		string(picture(200, 10)):    "",
		string(picture(210, 10)):    "PHOTO_INVALID_DIMENSIONS",
		string(picture(5001, 5000)): "PHOTO_INVALID_DIMENSIONS",
		"<svg/>":                    "IMAGE_PROCESS_FAILED",
	} {
		one := b.upload("sendPhoto", map[string]string{"chat_id": "100"}, map[string][]byte{"photo": []byte(content)})
		two := b.upload("sendMediaGroup", map[string]string{"chat_id": "100", "media": media}, map[string][]byte{"a": picture(9, 9), "b": []byte(content)})
		if want == "" {
			expect(t, "shown", one.OK && two.OK, true)
			continue
		}
		expect(t, "alone", one.Description, "Bad Request: "+want)
		expect(t, "in an album", two.Description, `Bad Request: failed to send message #2 with the error message "`+want+`"`)
	}
	expect(t, "messages", len(b.chat.FromBot()), 3)
	for media, want := range map[string]string{
		`[{"type":"photo","media":"attach://a"},{"type":"photo","media":"attach://c"}]`:                               `Bad Request: file "c" attached to the request is not found`,
		`[{"type":"photo","media":"attach://a"},{"type":"animation","media":"attach://a"}]`:                           `Bad Request: parameter "media" [1] is an object that does not fit here`,
		`[` + strings.Repeat(`{"type":"photo","media":"attach://a"},`, 10) + `{"type":"photo","media":"attach://a"}]`: "Bad Request: too many messages to send as an album",
	} {
		a := b.upload("sendMediaGroup", map[string]string{"chat_id": "100", "media": media}, map[string][]byte{"a": picture(9, 9)})
		expect(t, media, a.Description, want)
	}
}

func TestAlbumsOfPeople(t *testing.T) {
	b := setup(t, Config{})
	first := b.chat.Send("вопрос")
	b.chat.SendAlbum([]Item{{"photo", File{Size: 9}, "подпись"}, {"video", File{Size: 9}, ""}}, first.ID)
	list := b.updates(0)
	expect(t, "an update each", len(list), 3)
	one, two := b.message(list[1], "message"), b.message(list[2], "message")
	expect(t, "group", one.MediaGroupID != "" && one.MediaGroupID == two.MediaGroupID, true)
	expect(t, "caption on one", one.Caption+"|"+two.Caption, "подпись|")
	expect(t, "each is a reply", one.ReplyToMessage.MessageID == first.ID && two.ReplyToMessage.MessageID == first.ID, true)
	other := b.chat.SendAlbum([]Item{{"photo", File{Size: 9}, ""}, {"photo", File{Size: 9}, ""}}, 0)
	expect(t, "the next is another", other[0].Album == one.MediaGroupID, false)
}
