package telegramtest

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// captionFits returns why no client could send a caption.
func captionFits(caption string) error {
	if n := units(caption); n > maxCaption {
		return fmt.Errorf("a caption has at most %d characters, not %d", maxCaption, n)
	}
	return nil
}

func (s *Server) controlFile(o order) (any, error) {
	c, err := s.seat(o)
	if err != nil {
		return nil, err
	}
	switch o.Kind = cmp.Or(o.Kind, "document"); o.Kind {
	case "photo", "document", "voice", "video", "audio", "animation", "video_note":
	default:
		return nil, fmt.Errorf("%q is no kind of file", o.Kind)
	}
	if err := captionFits(o.Caption); err != nil {
		return nil, err
	}
	return c.sendFile(o.Kind, File{Name: o.Name, MIME: o.MIME, Size: o.Size, Content: o.Content}, o.Caption, o.ReplyTo), nil
}

// controlAlbum sends 2 to 10 files at once; documents and audio are not mixed with other
// kinds, as in every client.
func (s *Server) controlAlbum(o order) (any, error) {
	c, err := s.seat(o)
	if err != nil {
		return nil, err
	}
	if n := len(o.Items); n < 2 || n > 10 {
		return nil, fmt.Errorf("an album has 2 to 10 items, not %d", n)
	}
	var items []Item
	first := cmp.Or(o.Items[0].Kind, "document")
	for _, it := range o.Items {
		kind := cmp.Or(it.Kind, "document")
		if !slices.Contains([]string{"photo", "video", "document", "audio"}, kind) {
			return nil, fmt.Errorf("%q does not go into an album", kind)
		}
		if kind != first && (kind == "document" || kind == "audio" || first == "document" || first == "audio") {
			return nil, fmt.Errorf("%s and %s do not go into one album", first, kind)
		}
		if err := captionFits(it.Caption); err != nil {
			return nil, err
		}
		items = append(items, Item{Kind: kind, Caption: it.Caption, File: File{Name: it.Name, MIME: it.MIME, Size: it.Size, Content: it.Content}})
	}
	return c.SendAlbum(items, o.ReplyTo), nil
}

// shownTypes are types that a page may display; anything else is downloaded.
var shownTypes = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// controlDownload serves a file as people can save it.
func (s *Server) controlDownload(w http.ResponseWriter, r *http.Request) {
	info, content, ok := s.Saved(r.FormValue("id"))
	if !ok {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.FormatInt(info.Size, 10))
	if kind := strings.ToLower(info.MIME); slices.Contains(shownTypes, kind) {
		h.Set("Content-Type", kind)
	} else {
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(cmp.Or(info.Name, info.Kind)))
	}
	_, _ = io.Copy(w, content)
}
