package telegramtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// call is a request to a method, with its parameters as encoded strings.
type call struct {
	s       *Server
	name    string
	ctx     context.Context
	params  map[string]string
	uploads map[string]*upload
}

// upload is a file part of a multipart request.
type upload struct {
	name, mime string
	content    []byte
}

// read reads the parameters from the query and a body in any of the four formats.
func (c *call) read(w http.ResponseWriter, r *http.Request) error {
	if err := c.addValues(r.URL.Query()); err != nil {
		return err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return &apiError{code: 405, desc: "Method Not Allowed"}
	}
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	// At most ten files of an album, and room for the fields.
	body := http.MaxBytesReader(w, r.Body, 10*c.s.cfg.MaxUpload+1<<20)
	kind, attrs, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "multipart/form-data":
		err = c.readMultipart(multipart.NewReader(body, attrs["boundary"]))
	case "application/json":
		err = c.readJSON(body)
	case "application/x-www-form-urlencoded":
		var raw []byte
		if raw, err = io.ReadAll(body); err == nil {
			values, perr := url.ParseQuery(string(raw))
			if perr != nil {
				return violate("can't parse the form: %v", perr)
			}
			err = c.addValues(values)
		}
	default:
		if b, rerr := io.ReadAll(body); rerr == nil && len(b) > 0 {
			return strict("a body of type %q is ignored", kind)
		}
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return &apiError{code: 413, desc: "Request Entity Too Large", violation: true}
	}
	return err
}

func (c *call) addValues(values url.Values) error {
	for name, vs := range values {
		for _, v := range vs {
			if err := c.add(name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) add(name, value string) error {
	if _, twice := c.params[name]; twice {
		return strict("parameter %q is given twice", name)
	}
	if !utf8.ValidString(value) || !utf8.ValidString(name) {
		return violate("strings must be encoded in UTF-8")
	}
	c.params[name] = value
	return nil
}

func (c *call) readJSON(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return violate("can't parse the JSON body: %v", err)
	}
	for name, v := range fields {
		value := string(v)
		if v[0] == '"' {
			if err := json.Unmarshal(v, &value); err != nil {
				return violate("can't parse %q: %v", name, err)
			}
		}
		if err := c.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) readMultipart(mr *multipart.Reader) error {
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return violate("can't parse the multipart body: %v", err)
		}
		// A part with a file name is a file, even an empty one.
		_, attrs, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		_, isFile := attrs["filename"]
		content, err := io.ReadAll(io.LimitReader(part, c.s.cfg.MaxUpload+1))
		if err != nil {
			return err
		}
		if int64(len(content)) > c.s.cfg.MaxUpload {
			return &apiError{code: 413, desc: "Request Entity Too Large", violation: true}
		}
		if !isFile {
			if err := c.add(part.FormName(), string(content)); err != nil {
				return err
			}
			continue
		}
		if _, twice := c.uploads[part.FormName()]; twice {
			return strict("file %q is given twice", part.FormName())
		}
		c.uploads[part.FormName()] = &upload{name: part.FileName(), mime: part.Header.Get("Content-Type"), content: content}
	}
}

// canonical normalizes a method's name: Telegram ignores its case.
func canonical(name string) string {
	if m, ok := methodNames[strings.ToLower(name)]; ok {
		return m
	}
	return name
}

func (c *call) has(name string) bool { return c.params[name] != "" }

func (c *call) str(name string) string { return c.params[name] }

// int returns a number already checked to be one.
func (c *call) int(name string) int {
	n, _ := strconv.Atoi(c.params[name])
	return n
}

func (c *call) bool(name string) bool {
	switch c.params[name] {
	case "true", "True", "1":
		return true
	}
	return false
}

// decode decodes a JSON parameter already checked to be well-formed.
func (c *call) decode(name string, into any) error {
	if !c.has(name) {
		return nil
	}
	if err := json.Unmarshal([]byte(c.params[name]), into); err != nil {
		return violate("can't parse %s: %v", name, err)
	}
	return nil
}
