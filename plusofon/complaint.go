package plusofon

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// complaint is what an answer says about a failure, in any of the API's known
// forms.
type complaint struct {
	message string
	code    int  // `code` in the body
	wrapped int  // the status of an upstream's answer passed on as text
	refused bool // `success` is false
}

func (s complaint) failed() bool { return s.refused || s.code >= 400 }

// kind goes by the message first: the API answers 500 for many errors that are
// not its own.
func (s complaint) kind(status int) Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == http.StatusUnauthorized, status == http.StatusForbidden, deniesAccess(s.message):
		return Access
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusRequestTimeout:
		return Temporary
	case s.refused, status >= 400 && status < 500:
		return Refused
	}
	return Temporary
}

func deniesAccess(message string) bool {
	m := strings.ToLower(message)
	for _, words := range []string{"нет доступа", "недостаточно прав", "доступ запрещ", "unauthenticated", "unauthorized"} {
		if strings.Contains(m, words) {
			return true
		}
	}
	return false
}

func readComplaint(body []byte) complaint {
	var s complaint
	var fields object
	if json.Unmarshal(body, &fields) == nil {
		s = complaintIn(fields)
	} else {
		s.message = plainMessage(body)
	}
	s.unwrap()
	return s
}

func complaintIn(fields object) complaint {
	s := complaint{message: messageOf(fields), code: numberOf(fields["code"])}
	var success any
	if json.Unmarshal(fields["success"], &success) == nil {
		switch success {
		case false, "false", "0", float64(0):
			s.refused = true
		}
	}
	return s
}

// messageOf looks in the known places: `message`, `error` (a string or an
// object with a message), `errors` (field → reasons).
func messageOf(fields object) string {
	message := firstNonEmpty(looseText(fields["message"]), looseText(fields["error"]))
	if message == "" {
		message = looseText(asObject(fields["error"])["message"])
	}
	reasons := reasonsOf(fields["errors"])
	switch {
	case message == "":
		return reasons
	case reasons == "" || strings.Contains(message, reasons):
		return message
	}
	return message + ": " + reasons
}

func reasonsOf(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	var out []string
	var collect func(any)
	collect = func(v any) {
		switch v := v.(type) {
		case string:
			out = append(out, v)
		case []any:
			for _, e := range v {
				collect(e)
			}
		case map[string]any:
			keys := make([]string, 0, len(v))
			for k := range v {
				keys = append(keys, k)
			}
			sort.Strings(keys)
			for _, k := range keys {
				collect(v[k])
			}
		}
	}
	collect(v)
	return strings.Join(out, " ")
}

func numberOf(raw json.RawMessage) int {
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil {
		return 0
	}
	return n
}

var htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// plainMessage extracts a message from a body that is not JSON. Of an HTML page
// only the title is kept.
func plainMessage(body []byte) string {
	body = bytes.TrimSpace(body)
	if len(body) > maxErrorAnswer || bytes.HasPrefix(body, []byte("[")) || bytes.HasPrefix(body, []byte("{")) {
		return ""
	}
	if m := htmlTitle.FindSubmatch(body); m != nil {
		return NormalText(string(m[1]))
	}
	if bytes.HasPrefix(body, []byte("<")) {
		return ""
	}
	return string(body)
}

var wrappedStatus = regexp.MustCompile(`^\s*HTTP/\d(?:\.\d)? (\d{3})\b`)

// unwrap handles a message that quotes an upstream's whole HTTP answer: its
// status replaces ours, and its body becomes the message.
func (s *complaint) unwrap() {
	m := wrappedStatus.FindStringSubmatch(s.message)
	if m == nil {
		return
	}
	if status, _ := strconv.Atoi(m[1]); status >= 400 {
		s.wrapped = status
	}
	text := strings.ReplaceAll(s.message, "\r\n", "\n")
	_, text, _ = strings.Cut(text, "\n\n")
	if page := htmlTitle.FindStringSubmatch(text); page != nil {
		text = page[1]
	}
	s.message = NormalText(text)
}
