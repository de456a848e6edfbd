package telegramtest

import (
	"fmt"
	"slices"
)

// File is a file that a person sends. If Content is nil, Size bytes are generated, the same
// at every download.
type File struct {
	Name     string
	MIME     string
	Size     int64
	Content  []byte
	Duration int
}

// Item is one item of an album: Kind is photo, video, document or audio.
type Item struct {
	Kind    string
	File    File
	Caption string
}

// SendPhoto sends a photo. Here and below, replyTo 0 means no reply.
func (c *Chat) SendPhoto(f File, caption string, replyTo int) Message {
	return c.sendFile("photo", f, caption, replyTo)
}

// SendDocument sends a file uncompressed.
func (c *Chat) SendDocument(f File, caption string, replyTo int) Message {
	return c.sendFile("document", f, caption, replyTo)
}

// SendVoice sends a voice message.
func (c *Chat) SendVoice(f File, caption string, replyTo int) Message {
	return c.sendFile("voice", f, caption, replyTo)
}

// SendVideo sends a video.
func (c *Chat) SendVideo(f File, caption string, replyTo int) Message {
	return c.sendFile("video", f, caption, replyTo)
}

// SendAudio sends a piece of music.
func (c *Chat) SendAudio(f File, caption string, replyTo int) Message {
	return c.sendFile("audio", f, caption, replyTo)
}

// SendAnimation sends a GIF, which the Bot API also shows as a document.
func (c *Chat) SendAnimation(f File, caption string, replyTo int) Message {
	return c.sendFile("animation", f, caption, replyTo)
}

// SendVideoNote sends a round video, which has no caption.
func (c *Chat) SendVideoNote(f File, replyTo int) Message {
	return c.sendFile("video_note", f, "", replyTo)
}

// SendAlbum sends an album: each item is a separate update, and only the shared
// media_group_id connects them.
func (c *Chat) SendAlbum(items []Item, replyTo int) []Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	group := c.s.albumID()
	re := c.replying(replyTo)
	var sent []Message
	for _, item := range items {
		m := c.s.fileMessage(item.Kind, item.File, item.Caption)
		m.wire.MediaGroupID = group
		sent = append(sent, re.sendLocked(m))
	}
	return sent
}

func (c *Chat) sendFile(kind string, f File, caption string, replyTo int) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.replying(replyTo).sendLocked(c.s.fileMessage(kind, f, caption))
}

func (c *Chat) replying(to int) *Chat {
	if to == 0 {
		return c
	}
	return c.Replying(to)
}

func (s *Server) fileMessage(kind string, f File, caption string) *message {
	if !slices.Contains([]string{"photo", "document", "voice", "video", "audio", "animation", "video_note", "sticker"}, kind) {
		panic(fmt.Sprintf("telegramtest: %q is no kind of file", kind))
	}
	defaults := map[string][2]string{
		"photo": {"", "image/jpeg"}, "voice": {"", "audio/ogg"}, "video": {"video.mp4", "video/mp4"},
		"audio": {"audio.mp3", "audio/mpeg"}, "animation": {"animation.mp4", "video/mp4"}, "video_note": {"", "video/mp4"},
	}[kind]
	if f.Name == "" {
		f.Name = defaults[0]
	}
	if f.MIME == "" {
		if f.MIME = defaults[1]; f.MIME == "" {
			f.MIME = mimeOf(f.Name)
		}
	}
	m := &message{}
	m.attach(s.newFile(kind, f.Name, f.MIME, f.Size, f.Content), mediaInfo{Duration: f.Duration, Width: 1280, Height: 720})
	m.wire.Caption, m.wire.CaptionEntities = caption, detect(caption)
	return m
}

// SendContact sends a telephone number.
func (c *Chat) SendContact(phone, name string) Message {
	return c.send(&message{wire: wireMessage{Contact: map[string]any{"phone_number": phone, "first_name": name}}})
}

// SendLocation sends a place.
func (c *Chat) SendLocation(lat, lon float64) Message {
	return c.send(&message{wire: wireMessage{Location: place(lat, lon)}})
}

// SendVenue sends a place with a name. Telegram includes its location twice.
func (c *Chat) SendVenue(title, address string, lat, lon float64) Message {
	return c.send(&message{wire: wireMessage{Location: place(lat, lon),
		Venue: map[string]any{"location": place(lat, lon), "title": title, "address": address}}})
}

func place(lat, lon float64) map[string]any {
	return map[string]any{"latitude": lat, "longitude": lon}
}

// SendSticker sends a sticker for an emoji.
func (c *Chat) SendSticker(emoji string) Message {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	m := &message{}
	m.attach(c.s.newFile("sticker", "", "image/webp", 20_000, nil), mediaInfo{Title: emoji})
	return c.sendLocked(m)
}

// SendPoll sends a poll.
func (c *Chat) SendPoll(question string, options ...string) Message {
	list := []map[string]any{}
	for i, o := range options {
		list = append(list, map[string]any{"persistent_id": fmt.Sprint(i), "text": o, "voter_count": 0})
	}
	return c.send(&message{wire: wireMessage{Poll: map[string]any{"id": "5000000001", "question": question, "options": list,
		"total_voter_count": 0, "is_closed": false, "is_anonymous": true, "type": "regular", "allows_multiple_answers": false,
		"allows_revoting": true, "members_only": false}}})
}

// SendDice throws a die.
func (c *Chat) SendDice(emoji string, value int) Message {
	return c.send(&message{wire: wireMessage{Dice: map[string]any{"emoji": emoji, "value": value}}})
}

// SendGame sends a game.
func (c *Chat) SendGame(title string) Message {
	return c.send(&message{wire: wireMessage{Game: map[string]any{"title": title, "description": title, "photo": []any{}}}})
}

// SendOther sends a message of a kind without its own method: content by the names of the
// Bot API's fields. It also works for service messages.
func (c *Chat) SendOther(content map[string]any) Message {
	return c.send(&message{wire: wireMessage{Other: content}})
}
