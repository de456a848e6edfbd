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

// lookedAt is how much of what a link leads to is looked at before it is believed
// to be the file.
const lookedAt = 4 << 10

// fileWords stand in the paths of files.
var fileWords = []string{"attachment", "attachments", "download", "downloads", "file", "files", "media", "storage", "upload", "uploads"}

// looksLikeFile tells whether a link into the API leads to a file. Anything may be
// written where a link is expected, and with the token it would be answered: the
// account's data would end up in a chat.
func looksLikeFile(u *url.URL) bool {
	parts := strings.Split(strings.ToLower(strings.Trim(u.Path, "/")), "/")
	if slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(fileWords, part) }) {
		return true
	}
	return !slices.Contains(parts, "api") && path.Ext(parts[len(parts)-1]) != ""
}

// checkFile looks at the beginning of what came. It refuses nothing at all, a page
// (of a login, mostly) under another name than a page's, and an answer in JSON
// that is no file's.
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
	if isPage(begins) && !strings.Contains(ext, "htm") {
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
			notFile.Err = nil // it may be one yet
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

// isPage tells whether something begins as HTML does.
func isPage(begins []byte) bool {
	if strings.HasPrefix(http.DetectContentType(begins), "text/html") {
		return true
	}
	head := bytes.ToLower(begins[:min(len(begins), 1<<10)])
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) && (bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")))
}
