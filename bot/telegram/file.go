package telegram

import (
	"fmt"
	"mime"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"
)

// File is a file of a message, to be downloaded by OpenFile with its ID.
type File struct {
	ID   string
	Name string // never empty and safe as a file name; made up if Telegram has none
	MIME string // may be empty
	Size int64  // 0 if unknown
	Kind Kind
	// Unnamed means that the name was made up, from the message's time in UTC.
	Unnamed bool
}

// maxFileName is in bytes; file systems allow 255.
const maxFileName = 200

func newFile(w *wireMessage, m *Message) *File {
	var f *File
	size := func(n int) int64 { return int64(max(n, 0)) }
	switch {
	case w.Animation != nil:
		a := w.Animation
		f = &File{ID: a.FileID, Name: a.FileName, MIME: a.MimeType, Size: size(a.FileSize), Kind: KindAnimation}
	case len(w.Photo) > 0 || w.LivePhoto != nil && len(w.LivePhoto.Photo) > 0:
		sizes := w.Photo
		if len(sizes) == 0 {
			sizes = w.LivePhoto.Photo
		}
		p := largest(sizes)
		f = &File{ID: p.FileID, MIME: "image/jpeg", Size: size(p.FileSize), Kind: KindPhoto}
	case w.Video != nil:
		v := w.Video
		f = &File{ID: v.FileID, Name: v.FileName, MIME: v.MimeType, Size: size(v.FileSize), Kind: KindVideo}
	case w.VideoNote != nil:
		v := w.VideoNote
		f = &File{ID: v.FileID, MIME: "video/mp4", Size: size(v.FileSize), Kind: KindVideoNote}
	case w.Voice != nil:
		v := w.Voice
		f = &File{ID: v.FileID, MIME: v.MimeType, Size: size(v.FileSize), Kind: KindVoice}
	case w.Audio != nil:
		a := w.Audio
		f = &File{ID: a.FileID, Name: a.FileName, MIME: a.MimeType, Size: size(a.FileSize), Kind: KindAudio}
	case w.Document != nil:
		d := w.Document
		f = &File{ID: d.FileID, Name: d.FileName, MIME: d.MimeType, Size: size(d.FileSize), Kind: KindDocument}
	default:
		return nil
	}
	f.MIME = Clean(f.MIME)
	if f.Name == "" {
		f.Name, f.Unnamed = MadeUpName(f, m, time.UTC), true
	}
	f.Name = SafeFileName(f.Name)
	return f
}

func largest(sizes []tgbotapi.PhotoSize) tgbotapi.PhotoSize {
	best := sizes[0]
	for _, p := range sizes[1:] {
		if p.Width*p.Height >= best.Width*best.Height {
			best = p
		}
	}
	return best
}

// MadeUpName returns a name like "photo_2026-11-23_14-37-05.jpg", from the message's time
// in a zone. Items of an album have the same time, so their names include the message's id.
func MadeUpName(f *File, m *Message, zone *time.Location) string {
	date := m.Date
	if date.IsZero() {
		date = time.Unix(0, 0)
	}
	name := string(f.Kind) + "_" + date.In(zone).Format("2006-01-02_15-04-05")
	if m.MediaGroup != "" {
		name += fmt.Sprintf("_%d", m.ID)
	}
	return name + extension(f)
}

// IsPhotoName reports whether a file has the made-up name of a photo.
func IsPhotoName(name string) bool { return strings.HasPrefix(name, string(KindPhoto)+"_") }

// extensions is our own table, because the mime package's answers depend on the machine.
var extensions = map[string]string{
	"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
	"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm",
	"audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a", "audio/aac": ".aac",
	"audio/wav": ".wav", "audio/x-wav": ".wav", "audio/flac": ".flac",
	"application/pdf": ".pdf", "application/zip": ".zip", "text/plain": ".txt", "text/csv": ".csv",
}

func extension(f *File) string {
	mediaType, _, err := mime.ParseMediaType(f.MIME)
	if ext, ok := extensions[mediaType]; ok && err == nil {
		return ext
	}
	switch f.Kind {
	case KindVoice:
		return ".ogg"
	case KindAudio:
		return ".mp3"
	case KindVideo, KindAnimation, KindVideoNote:
		return ".mp4"
	case KindPhoto:
		return ".jpg"
	}
	return ".bin"
}

// SafeFileName turns a name into a plain file name for any system: no path, no control or invisible
// characters, nothing reserved by Windows, at most 200 bytes including the extension, never empty.
func SafeFileName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	name = Clean(path.Base(name))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*/`, r) {
			return '_'
		}
		return r
	}, name)
	// A leading dot hides a file; Windows drops trailing dots and spaces.
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	if name == "" || name == "_" {
		return "file"
	}
	stem, _, _ := strings.Cut(name, ".")
	if reservedName(stem) {
		name = "_" + name
	}
	if len(name) > maxFileName {
		ext := path.Ext(name)
		if len(ext) > 32 {
			ext = ""
		}
		name = strings.TrimRight(cutBytes(name[:len(name)-len(ext)], maxFileName-len(ext)), ". ") + ext
	}
	return name
}

func reservedName(stem string) bool {
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}

// cutBytes cuts at the beginning of a rune.
func cutBytes(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
