package plusofontest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// upload is the body of an attachment. Its content is decoded while it arrives; only small
// files are kept.
type upload struct {
	ticket, post int64
	file         File
	has          map[string]bool // fields that are present and not empty
}

// maxSmall is the maximum size of a field other than the content.
const maxSmall = 64 << 10

func readUpload(body io.Reader, keep int64) (*upload, error) {
	r := &uploadReader{Reader: bufio.NewReaderSize(body, 64<<10)}
	up := &upload{has: make(map[string]bool)}
	if err := r.expect('{'); err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		c, err := r.next()
		switch {
		case err != nil:
			return nil, err
		case c == '}':
			return up, r.end()
		case c == ',' && !first:
			if c, err = r.next(); err != nil {
				return nil, err
			}
		case !first:
			return nil, errNotJSON
		}
		if c != '"' {
			return nil, errNotJSON
		}
		key, err := r.shortString()
		if err != nil {
			return nil, err
		}
		if err := r.expect(':'); err != nil {
			return nil, err
		}
		if err := r.field(up, key, keep); err != nil {
			return nil, err
		}
	}
}

// The server's messages.
var (
	errNotJSON   = errors.New("The body is not a JSON object")     //nolint:staticcheck // its words
	errNotBase64 = errors.New("The contents field must be Base64") //nolint:staticcheck // its words
)

func (r *uploadReader) field(up *upload, key string, keep int64) error {
	c, err := r.next()
	if err != nil {
		return err
	}
	switch {
	case key == "contents" && c == '"':
		f, err := r.content(keep)
		if err != nil {
			return err
		}
		f.Name = up.file.Name
		up.file = f
		up.has[key] = f.Size > 0 // an empty field counts as missing
		return nil
	case key == "contents":
		return errors.New("The contents field must be a string") //nolint:staticcheck // the server's words
	}
	var value any
	if c == '"' {
		value, err = r.shortString()
	} else {
		value, err = r.scalar(c)
	}
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case string:
		if key == "filename" {
			up.file.Name, up.has[key] = v, v != ""
		}
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		switch {
		case err != nil:
			return nil //nolint:nilerr // a number that is no id counts as a missing one
		case key == "ticketId":
			up.ticket, up.has[key] = n, true
		case key == "ticketPostID":
			up.post, up.has[key] = n, true
		}
	}
	return nil
}

type uploadReader struct{ *bufio.Reader }

// next returns the next byte that is not white space.
func (r *uploadReader) next() (byte, error) {
	for {
		c, err := r.ReadByte()
		if err != nil {
			return 0, fmt.Errorf("The body ends early: %w", err) //nolint:staticcheck // the server's words
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, nil
		}
	}
}

func (r *uploadReader) expect(want byte) error {
	c, err := r.next()
	if err == nil && c != want {
		return errNotJSON
	}
	return err
}

// end checks that nothing follows, and that the body is complete.
func (r *uploadReader) end() error {
	for {
		c, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case c != ' ' && c != '\n' && c != '\r' && c != '\t':
			return errNotJSON
		}
	}
}

// shortString reads a string after its opening quote.
func (r *uploadReader) shortString() (string, error) {
	raw := []byte{'"'}
	for escaped := false; len(raw) < maxSmall; {
		c, err := r.ReadByte()
		if err != nil {
			return "", err
		}
		raw = append(raw, c)
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			var s string
			if json.Unmarshal(raw, &s) != nil {
				return "", errNotJSON
			}
			return s, nil
		}
	}
	return "", errors.New("A field is too long") //nolint:staticcheck // the server's words
}

// scalar reads a number, a boolean or null that begins with c.
func (r *uploadReader) scalar(c byte) (any, error) {
	raw := []byte{c}
	for len(raw) < maxSmall {
		p, err := r.Peek(1)
		if err != nil {
			return nil, err
		}
		if bytes.ContainsRune([]byte(" \t\r\n,}"), rune(p[0])) {
			d := json.NewDecoder(bytes.NewReader(raw))
			d.UseNumber()
			var v any
			if d.Decode(&v) != nil {
				return nil, errNotJSON
			}
			return v, nil
		}
		raw = append(raw, p[0])
		_, _ = r.Discard(1)
	}
	return nil, errNotJSON
}

// content decodes Base64 up to the closing quote.
func (r *uploadReader) content(keep int64) (File, error) {
	hash := sha256.New()
	kept := &keeper{limit: keep}
	quoted := &untilQuote{r: r.Reader}
	// Strict: no line breaks, no stray bits at the end.
	size, err := io.Copy(io.MultiWriter(hash, kept), base64.NewDecoder(base64.StdEncoding.Strict(), quoted))
	if err != nil || quoted.err != nil {
		if quoted.err != nil {
			return File{}, quoted.err
		}
		return File{}, errNotBase64
	}
	f := File{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
	if size <= keep {
		f.Content = append([]byte{}, kept.b...)
	}
	return f, nil
}

// untilQuote reads a JSON string without escapes, except for \/.
type untilQuote struct {
	r    *bufio.Reader
	done bool
	err  error
}

func (u *untilQuote) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && !u.done {
		if _, err := u.r.Peek(1); err != nil {
			u.err, u.done = fmt.Errorf("The body ends early: %w", err), true //nolint:staticcheck // the server's words
			break
		}
		ready, _ := u.r.Peek(min(u.r.Buffered(), len(p)-n))
		plain := bytes.IndexAny(ready, "\"\\\r\n")
		if plain < 0 {
			plain = len(ready)
		}
		n += copy(p[n:], ready[:plain])
		_, _ = u.r.Discard(plain)
		if plain == len(ready) {
			continue
		}
		switch c, _ := u.r.ReadByte(); c {
		case '"':
			u.done = true
		case '\\':
			if c, err := u.r.ReadByte(); err != nil || c != '/' {
				u.err, u.done = errNotBase64, true
				continue
			}
			p[n] = '/'
			n++
		default:
			u.err, u.done = errNotJSON, true
		}
	}
	if n == 0 && u.done {
		return 0, io.EOF
	}
	return n, nil
}

// keeper keeps what is written up to a limit.
type keeper struct {
	b     []byte
	limit int64
	over  bool
}

func (k *keeper) Write(p []byte) (int, error) {
	if k.over || int64(len(k.b)+len(p)) > k.limit {
		k.over, k.b = true, nil
	} else {
		k.b = append(k.b, p...)
	}
	return len(p), nil
}
