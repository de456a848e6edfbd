package telegramtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/jpeg" // what a photo can be
	_ "image/png"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// file is a file on Telegram's side. Its content is stored or generated, so that large
// files cost no memory.
type file struct {
	id, unique string
	kind       string // photo, document, voice, video, audio, sticker, video_note, animation
	name, mime string
	size       int64
	content    []byte // nil: generated
	seed       int
	path       string // set by getFile
	sum        string
	fault      string // why it can't be shown as a photo; "": it can, or it is none
}

func (s *Server) newFile(kind, name, mime string, size int64, content []byte) *file {
	s.fileSeq++
	f := &file{kind: kind, name: name, mime: mime, size: size, content: content, seed: s.fileSeq,
		id:     fmt.Sprintf("BQACAgIAAxkBAAI%06dZ%s", s.fileSeq, kind),
		unique: fmt.Sprintf("AgAD%06d", s.fileSeq)}
	if content != nil {
		f.size = int64(len(content))
	}
	s.files[f.id] = f
	return f
}

// open returns a reader of the content.
func (f *file) open() io.Reader {
	if f.content != nil {
		return bytes.NewReader(f.content)
	}
	return &generator{left: f.size, seed: f.seed}
}

// Content returns the content of a file; nil if there is no such file.
func (s *Server) Content(fileID string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[fileID]
	if f == nil {
		return nil
	}
	content, _ := io.ReadAll(f.open()) // from memory
	return content
}

// sha256 returns the checksum of the content, in hex.
func (f *file) sha256() string {
	if f.sum == "" {
		h := sha256.New()
		_, _ = io.Copy(h, f.open())
		f.sum = hex.EncodeToString(h.Sum(nil))
	}
	return f.sum
}

// generator produces bytes that depend on the file and the position, with a period that
// fits no common block size, so that lost or swapped blocks are noticed.
type generator struct {
	left int64
	seed int
	at   int
}

const period = 65_521

var pattern = func() []byte {
	b := make([]byte, period)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}()

func (g *generator) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, io.EOF
	}
	from := (g.at + g.seed*977) % period
	n := copy(p[:min(int64(len(p)), g.left)], pattern[from:])
	g.at += n
	g.left -= int64(n)
	return n, nil
}

// mediaInfo is what a sender says about a file.
type mediaInfo struct {
	Duration, Width, Height int
	Performer, Title        string
}

// attach makes a file the content of a message.
func (m *message) attach(f *file, info mediaInfo) {
	m.file = f
	if f.kind == "photo" {
		m.wire.Photo = photoSizes(f)
		return
	}
	w := &wireMedia{FileID: f.id, FileUniqueID: f.unique, FileSize: f.size}
	switch f.kind {
	case "document":
		w.FileName, w.MIMEType = f.name, f.mime
		m.wire.Document = w
	case "voice":
		w.MIMEType, w.Duration = f.mime, &info.Duration
		m.wire.Voice = w
	case "audio":
		w.FileName, w.MIMEType, w.Duration, w.Performer, w.Title = f.name, f.mime, &info.Duration, info.Performer, info.Title
		m.wire.Audio = w
	case "video", "animation":
		w.FileName, w.MIMEType, w.Duration = f.name, f.mime, &info.Duration
		w.Width, w.Height = max(info.Width, 1), max(info.Height, 1)
		if f.kind == "video" {
			m.wire.Video = w
			return
		}
		m.wire.Animation, m.wire.Document = w, &wireMedia{FileID: f.id, FileUniqueID: f.unique, FileName: f.name, MIMEType: f.mime, FileSize: f.size}
	case "video_note":
		w.Length, w.Duration = 240, &info.Duration
		m.wire.VideoNote = w
	case "sticker":
		no := false
		w.Type, w.Width, w.Height, w.IsAnimated, w.IsVideo, w.Emoji, w.SetName = "regular", 512, 512, &no, &no, info.Title, "test_set"
		m.wire.Sticker = w
	}
}

// photoSizes returns the three sizes of a photo, the largest being the file itself.
func photoSizes(f *file) []photoSize {
	sizes := []photoSize{
		{FileID: f.id + "_s", FileUniqueID: f.unique + "s", Width: 90, Height: 67, FileSize: max(f.size/64, 1)},
		{FileID: f.id + "_m", FileUniqueID: f.unique + "m", Width: 320, Height: 240, FileSize: max(f.size/8, 1)},
		{FileID: f.id, FileUniqueID: f.unique, Width: 1280, Height: 960, FileSize: f.size},
	}
	return sizes
}

// fileByID finds a file; smaller sizes of a photo are separate files.
func (s *Server) fileByID(id string) *file {
	if f := s.files[id]; f != nil {
		return f
	}
	large, size, ok := strings.Cut(id, "_")
	f := s.files[large]
	if !ok || f == nil || f.kind != "photo" {
		return nil
	}
	for _, p := range photoSizes(f) {
		if p.FileID == id {
			small := &file{id: id, unique: p.FileUniqueID, kind: "photo", mime: f.mime, size: p.FileSize, seed: f.seed + len(size)}
			s.files[id] = small
			return small
		}
	}
	return nil
}

// Saved returns a file and its bytes, as people can save it.
func (s *Server) Saved(id string) (FileInfo, io.Reader, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[id]
	if f == nil {
		return FileInfo{}, nil, false
	}
	return f.info(), f.open(), true
}

func (f *file) info() FileInfo {
	return FileInfo{ID: f.id, Kind: f.kind, Name: f.name, MIME: f.mime, Size: f.size, SHA256: f.sha256()}
}

// inputFile resolves what a call sends: an uploaded part, attach://part or a file_id.
func (s *Server) inputFile(c *call, kind, field, value string) (*file, error) {
	name, attached := strings.CutPrefix(value, "attach://")
	up := c.uploads[field]
	if attached {
		up = c.uploads[name]
	}
	switch {
	case up != nil:
		return s.uploaded(kind, up)
	case attached:
		return nil, violate("file %q attached to the request is not found", name)
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		return nil, refuse("failed to get HTTP URL content")
	case value == "":
		return nil, violate("there is no %s in the request", kind)
	}
	f := s.fileByID(value)
	if f == nil {
		return nil, refuse("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
	}
	if f.kind != kind {
		return nil, violate("can't use file of type %s as %s", title(f.kind), title(kind))
	}
	return f, nil
}

func (s *Server) uploaded(kind string, up *upload) (*file, error) {
	size := int64(len(up.content))
	switch {
	case size == 0:
		return nil, violate("file must be non-empty")
	case kind == "photo" && size > s.cfg.MaxPhoto:
		return nil, violate("file %q of size %d bytes is too big for a photo", up.name, size)
	}
	mime := up.mime
	if mime == "" || mime == "application/octet-stream" {
		mime = mimeOf(up.name)
	}
	// Telegram keeps only the last part of a name.
	f := s.newFile(kind, path.Base(strings.ReplaceAll(up.name, `\`, "/")), mime, size, up.content)
	if kind == "photo" {
		f.fault = photoFault(up.content)
	}
	return f, nil
}

// photoFault returns Telegram's error for an upload it can't show as a photo; "": it can.
func photoFault(content []byte) string {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	switch {
	case err != nil:
		return "IMAGE_PROCESS_FAILED"
	case c.Width+c.Height > 10_000, c.Width > 20*c.Height, c.Height > 20*c.Width:
		return "PHOTO_INVALID_DIMENSIONS"
	}
	return ""
}

func mimeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt":
		return "text/plain"
	case ".html":
		return "text/html"
	case ".pdf":
		return "application/pdf"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".mp4":
		return "video/mp4"
	case ".mp3":
		return "audio/mpeg"
	case ".ogg", ".oga":
		return "audio/ogg"
	}
	return "application/octet-stream"
}

func title(kind string) string {
	return strings.ToUpper(kind[:1]) + kind[1:]
}

func (s *Server) getFile(c *call) (any, error) {
	f := s.fileByID(c.str("file_id"))
	if f == nil {
		return nil, refuse("invalid file_id")
	}
	if f.size > s.cfg.MaxDownload {
		return nil, refuse("file is too big")
	}
	ext := path.Ext(f.name)
	if f.kind == "photo" {
		ext = ".jpg"
	}
	f.path = fmt.Sprintf("%ss/file_%d%s", f.kind, f.seed, ext)
	if strings.HasSuffix(f.id, "_s") || strings.HasSuffix(f.id, "_m") {
		f.path = fmt.Sprintf("photos/file_%d%s%s", f.seed, f.id[len(f.id)-2:], ext)
	}
	return map[string]any{"file_id": f.id, "file_unique_id": f.unique, "file_size": f.size, "file_path": f.path}, nil
}

// serveFile streams a file that getFile has given a path. Faults with the method "file" apply here.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	down := s.down
	var found *file
	for _, f := range s.files {
		if f.path != "" && f.path == name {
			found = f
		}
	}
	var fault *Fault
	if !down {
		fault = s.takeFault(&call{name: "file"})
	}
	broken := down || fault != nil && fault.DropBefore
	req := Request{Method: "file", Params: map[string]string{"file_path": name}, Time: s.now(), Status: http.StatusOK}
	switch {
	case broken:
		req.Status = 0
	case token != s.cfg.Token:
		req.Status = http.StatusUnauthorized
	case fault != nil && fault.answers():
		req.Status = fault.status()
	case found == nil:
		req.Status = http.StatusNotFound
	}
	s.requests = append(s.requests, req)
	s.touch()
	s.mu.Unlock()

	if broken {
		dropConnection(w)
		return
	}
	if fault != nil && !fault.wait(r.Context(), s.done) {
		return
	}
	switch req.Status {
	case http.StatusUnauthorized:
		writeReply(w, nil, &apiError{code: req.Status, desc: "Unauthorized"})
		return
	case http.StatusNotFound:
		writeReply(w, nil, &apiError{code: req.Status, desc: "Not Found"})
		return
	}
	if fault != nil && fault.answers() {
		fault.write(w)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(found.size, 10))
	if fault != nil && (fault.HalfBody || fault.DropAfter) {
		_, _ = io.CopyN(w, found.open(), found.size/2)
		panic(http.ErrAbortHandler)
	}
	_, _ = io.Copy(w, found.open())
}
