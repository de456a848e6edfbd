package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

type getFile struct {
	FileID string `json:"file_id"`
}

func (getFile) Method() string { return "getFile" }

// OpenFile opens a file as a stream; the size is -1 if neither Telegram nor the answer says. Files
// larger than limit fail with ErrFileTooBig, at once if the size is known, else in the reader; a
// limit of 0 or less means none. A stream that ends early fails with io.ErrUnexpectedEOF.
//
// A self-hosted server with --local answers with a path on its disk. To keep the server from making
// the bot read arbitrary files, such a path is accepted only from a server other than Telegram's,
// and only below a folder named after the bot's token, where the server keeps the bot's files; no
// symbolic link can lead out of that folder.
func (c *Client) OpenFile(ctx context.Context, fileID string, limit int64) (io.ReadCloser, int64, error) {
	call, err := Encode(getFile{FileID: fileID})
	if err != nil {
		return nil, 0, err
	}
	result, err := c.Do(ctx, call)
	if err != nil {
		return nil, 0, err
	}
	var file struct {
		Path string `json:"file_path"`
		Size int64  `json:"file_size"`
	}
	if err := result.Decode(&file); err != nil {
		return nil, 0, &Error{Method: call.Method, Err: err}
	}
	if file.Path == "" {
		return nil, 0, &Error{Method: call.Method, Outcome: Refused, Description: "the file has no path and can't be downloaded"}
	}
	if limit > 0 && file.Size > limit {
		return nil, 0, ErrFileTooBig
	}
	var body io.ReadCloser
	var size int64
	if isAbsolute(file.Path) {
		body, size, err = c.openLocal(file.Path)
	} else {
		body, size, err = c.download(ctx, file.Path)
	}
	if err != nil {
		return nil, 0, err
	}
	if size < 0 && file.Size > 0 {
		size = file.Size
	}
	if limit > 0 && size > limit {
		_ = body.Close() // not read
		return nil, 0, ErrFileTooBig
	}
	return &fileReader{body: body, redact: c.redact, size: size, limit: limit}, size, nil
}

// isAbsolute also recognizes the paths of other systems.
func isAbsolute(name string) bool {
	return strings.HasPrefix(name, "/") || strings.HasPrefix(name, `\`) || len(name) > 1 && name[1] == ':'
}

const downloadMethod = "download"

func (c *Client) download(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	parts := strings.Split(name, "/")
	if slices.Contains(parts, "..") || slices.Contains(parts, ".") || slices.Contains(parts, "") {
		return nil, 0, &Error{Method: downloadMethod, Outcome: Refused, Description: "the file's path leaves its folder"}
	}
	for i, part := range parts {
		parts[i] = url.PathEscape(part) // otherwise «100%» would be read as an escape
	}
	address := c.base.JoinPath(append([]string{"file", "bot" + c.token.Reveal()}, parts...)...)
	ctx, watch := watchdog(ctx, callIdle)
	body, size, err := c.get(ctx, address.String(), watch)
	if err != nil {
		watch.stop()
		return nil, 0, err
	}
	return body, size, nil
}

// get passes the watchdog on to the returned body.
func (c *Client) get(ctx context.Context, address string, watch *watch) (io.ReadCloser, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, &Error{Method: downloadMethod, Outcome: NotSent, Err: c.redact(err)}
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		// Reading has no effect, so none that could be unknown.
		return nil, 0, &Error{Method: downloadMethod, Outcome: NotSent, Err: c.redact(err)}
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // not read
		e := foreign(downloadMethod, resp.StatusCode, retryAfter(resp.Header), nil)
		switch {
		case resp.StatusCode == http.StatusNotFound:
			e.Outcome, e.Description = Refused, "the file is not there any more"
		case e.Outcome == Unknown:
			e.Outcome = Temporary
		}
		return nil, 0, e
	}
	watch.progress()
	body := &downloadBody{watchedBody{ReadCloser: resp.Body, watch: watch}, ctx}
	return body, resp.ContentLength, nil
}

type downloadBody struct {
	watchedBody
	ctx context.Context //nolint:containedctx // tells why reading failed
}

func (b *downloadBody) Read(p []byte) (int, error) {
	n, err := b.watchedBody.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && b.ctx.Err() != nil {
		err = context.Cause(b.ctx)
	}
	return n, err
}

func (b *downloadBody) Close() error {
	err := b.ReadCloser.Close()
	b.watch.stop()
	return err
}

func (c *Client) openLocal(name string) (io.ReadCloser, int64, error) {
	refused := func(why string) error {
		return &Error{Method: downloadMethod, Outcome: Refused, Description: why}
	}
	if c.base.Hostname() == "api.telegram.org" {
		return nil, 0, refused("a path on the disk is not taken from this server")
	}
	parts := strings.Split(filepath.ToSlash(filepath.Clean(name)), "/")
	token := c.token.Reveal()
	i := slices.IndexFunc(parts, func(part string) bool {
		// On Windows names can't contain a colon.
		return part == token || part == strings.ReplaceAll(token, ":", "~")
	})
	if i < 0 || i == len(parts)-1 {
		return nil, 0, refused("the path on the disk is not in the bot's folder")
	}
	root, err := os.OpenRoot(filepath.FromSlash(strings.Join(parts[:i+1], "/")))
	if err != nil {
		return nil, 0, &Error{Method: downloadMethod, Outcome: NotSent, Err: c.redact(err)}
	}
	defer root.Close() //nolint:errcheck // only read
	inner := path.Join(parts[i+1:]...)
	// Check before opening: opening a pipe would wait for its writer.
	info, err := root.Stat(inner)
	if err != nil {
		return nil, 0, &Error{Method: downloadMethod, Outcome: NotSent, Err: c.redact(err)}
	}
	if !info.Mode().IsRegular() {
		return nil, 0, refused("the path on the disk is not a file's")
	}
	file, err := root.Open(inner)
	if err != nil {
		return nil, 0, &Error{Method: downloadMethod, Outcome: NotSent, Err: c.redact(err)}
	}
	return file, info.Size(), nil
}

// fileReader enforces a stream's size and limit.
type fileReader struct {
	body        io.ReadCloser
	redact      func(error) error
	size, limit int64
	read        int64
}

func (r *fileReader) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.read += int64(n)
	switch {
	case r.limit > 0 && r.read > r.limit:
		return max(0, n-int(r.read-r.limit)), ErrFileTooBig
	case errors.Is(err, io.EOF) && err == io.EOF && r.size >= 0 && r.read < r.size:
		return n, fmt.Errorf("download the file: %d of %d bytes: %w", r.read, r.size, io.ErrUnexpectedEOF)
	case err == nil || err == io.EOF:
		return n, err
	}
	return n, fmt.Errorf("download the file: %w", r.redact(err))
}

func (r *fileReader) Close() error { return r.body.Close() }
