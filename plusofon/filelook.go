package plusofon

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// lookedAt is how many bytes are inspected to decide whether a download is a
// file.
const lookedAt = 4 << 10

// fileWords are path elements typical of files.
var fileWords = []string{"attachment", "attachments", "download", "downloads", "file", "files", "media", "storage", "upload", "uploads"}

// looksLikeFile reports whether a link into the API leads to a file. Attachments
// may carry any link; one to an API method would be answered, thanks to the
// token, and put the account's data into a chat.
func looksLikeFile(u *url.URL) bool {
	parts := strings.Split(strings.ToLower(strings.Trim(u.Path, "/")), "/")
	if slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(fileWords, part) }) {
		return true
	}
	return !slices.Contains(parts, "api") && path.Ext(parts[len(parts)-1]) != ""
}

// checkFile inspects the beginning of a download. It rejects an empty body, an
// HTML page (usually a login page) unless the file is named as one, and a JSON
// answer that is not a file.
func (c *Client) checkFile(body *bufio.Reader, res *http.Response, u *url.URL, name string) error {
	begins, err := body.Peek(lookedAt)
	whole := errors.Is(err, io.EOF)
	if len(begins) == 0 {
		if whole {
			return &Error{Op: OpDownload, Status: res.StatusCode, Kind: Refused, Err: ErrEmptyFile}
		}
		return &Error{Op: OpDownload, Status: res.StatusCode, Kind: Temporary, Err: c.cause(err)}
	}
	if name == "" {
		name = path.Base(u.Path)
	}
	ext, kind := strings.ToLower(path.Ext(name)), strings.ToLower(res.Header.Get("Content-Type"))
	notFile := &Error{Op: OpDownload, Status: res.StatusCode, Kind: Refused, Err: ErrNotFile}
	if isPage(begins, kind) && !strings.Contains(ext, "htm") {
		return notFile
	}
	if start := bytes.TrimSpace(begins); len(start) == 0 || start[0] != '{' && start[0] != '[' {
		return nil
	}
	said := complaint{}
	if whole && json.Valid(begins) && isShallow(begins) {
		said = readComplaint(begins)
	}
	own := sameOrigin(u, c.base)
	switch {
	case own && said.failed():
		status := said.code
		if said.wrapped != 0 {
			status = said.wrapped
		}
		notFile.Message, notFile.Kind = c.clean(said.message), said.kind(status)
		if notFile.Kind == Temporary || notFile.Kind == RateLimited || notFile.Kind == Access {
			notFile.Err = nil // it may still become one
		}
		return notFile
	case strings.Contains(ext, "json"):
		return nil
	case own && (strings.Contains(kind, "json") || said.message != ""), said.failed():
		notFile.Message = c.clean(said.message)
		return notFile
	}
	return nil
}

// isPage reports whether a body is HTML: it begins as a whole page, or like HTML and is called that.
func isPage(begins []byte, kind string) bool {
	if strings.HasPrefix(kind, "text/html") && strings.HasPrefix(http.DetectContentType(begins), "text/html") {
		return true
	}
	head := bytes.ToLower(begins[:min(len(begins), 1<<10)])
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) && (bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")))
}
