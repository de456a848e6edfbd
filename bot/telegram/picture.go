package telegram

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// Telegram's limits on what is sent.
const (
	MaxAlbum  = 10       // pictures in an album
	MaxPhoto  = 10 << 20 // bytes; a larger picture can only be sent as a document
	MaxUpload = 50 << 20 // bytes of a request
)

// IsPicture reports whether, by its name, a file can be sent as a photo.
func IsPicture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png":
		return true
	}
	return false
}

// InputMediaPhoto is a picture of an album, uploaded as the field.
type InputMediaPhoto struct{ Field string }

// MarshalJSON writes the object of the Bot API.
func (p InputMediaPhoto) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"type": "photo", "media": "attach://" + p.Field})
}

// AsAlbum returns the call that sends n pictures as one album to where c sends one, and the
// fields that they are uploaded as.
func (c Call) AsAlbum(n int) (Call, []string, error) {
	photo, err := c.photo()
	if err != nil {
		return Call{}, nil, err
	}
	album := SendMediaGroup{ChatID: photo.ChatID, ThreadID: photo.ThreadID, ReplyParameters: photo.ReplyParameters, Silent: photo.Silent}
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf("picture%d", i+1)
		album.Media = append(album.Media, InputMediaPhoto{fields[i]})
	}
	call, err := Encode(album)
	return call, fields, err
}

// AsDocument returns the call that sends a picture as a document.
func (c Call) AsDocument() (Call, error) {
	photo, err := c.photo()
	if err != nil {
		return Call{}, err
	}
	document := SendDocument{
		ChatID: photo.ChatID, ThreadID: photo.ThreadID, Caption: photo.Caption, ReplyParameters: photo.ReplyParameters, Silent: photo.Silent, NoTypeDetection: true,
	}
	if len(photo.ReplyMarkup) > 0 {
		document.ReplyMarkup = photo.ReplyMarkup
	}
	return Encode(document)
}

// encodedPhoto is a SendPhoto as it is stored in a row.
type encodedPhoto struct {
	SendPhoto
	ReplyMarkup json.RawMessage `json:"reply_markup"`
}

func (c Call) photo() (photo encodedPhoto, err error) {
	if c.Method != photo.Method() {
		return photo, fmt.Errorf("send %s another way: it is no %s", c.Method, photo.Method())
	}
	if err := json.Unmarshal(c.Params, &photo); err != nil {
		return photo, fmt.Errorf("read %s: %w", c.Method, err)
	}
	return photo, nil
}
