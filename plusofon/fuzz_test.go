package plusofon

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode"
)

func FuzzDecodeList(f *testing.F) {
	for _, s := range []string{`[]`, `{}`, `null`, `{"ticket":{"@attributes":{"id":"1"}}}`, `{"0":{"id":1}}`, `{"data":{"tickets":[{"id":2,"status":"x"}]}}`, `[{"id":1e3}]`,
		`[{"id":1},{"subject":"x"},null]`, `{"tickets":{"ticket":{"id":3,"subject":"\ue47b"}}}`, `{"data":[],"success":false}`, `[{"id":9007199254740993},{"id":4}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		list, leftOut, err := readList(string(body), true)
		if err != nil {
			return
		}
		var v any
		if json.Unmarshal(body, &v) != nil {
			t.Fatal("a list out of what is not JSON")
		}
		switch v := v.(type) {
		case nil:
		case []any:
			if len(list)+leftOut != len(v) {
				t.Fatalf("%d elements became %d tickets and %d left out", len(v), len(list), leftOut)
			}
		case map[string]any:
		default:
			t.Fatalf("a list out of %T", v)
		}
		for _, l := range list {
			if l.ID <= 0 || l.ID > maxExactInt || len(l.Fingerprint) != 16 {
				t.Fatalf("a ticket without an id: %+v", l)
			}
		}
	})
}

func FuzzDecodeTicket(f *testing.F) {
	for _, s := range []string{`{}`, `{"id":1,"posts":{"post":[{"id":2,"text":[" "],"attachments":["/a",{"data":"QQ"}]}]}}`, `{"data":{"ticket":{"id":"7"}}}`,
		`{"tickets":{"ticket":{"displayid":"7","posts":{"post":[{"id":"1","dateline":"1630069143","userid":"0","staffid":"5","fullname":"О","creator":"1","contents":"U+1F600","isprivate":"0","attachments":{"attachment":{"id":"1","filename":"a","filesize":"3","filetype":"x","contents":"QQ=="}}},{"id":"2","contents":"n","isprivate":"1"},{"contents":"no id"}]}}}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ticket, err := decodeTicket(body, msk)
		if err != nil {
			return
		}
		for i, p := range ticket.Posts {
			if p.ID <= 0 || p.ID > maxExactInt || i > 0 && p.ID < ticket.Posts[i-1].ID {
				t.Fatalf("posts without an id or out of order: %+v", ticket.Posts)
			}
		}
	})
}

func FuzzComplaint(f *testing.F) {
	for _, s := range []string{
		`{"message":"HTTP/1.1 404 Not Found\r\n\r\nTicket not Found","code":500}`, `{"errors":{"a":["b"]}}`, `<title>502</title>`,
		`{"success":false}`, `{"error":{"message":"x"}}`, "\x1b[31m",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		said := readComplaint(body)
		text := cleanMessage(said.message)
		if len(text) > maxMessage+len("…") || strings.ContainsFunc(text, unicode.IsControl) {
			t.Fatalf("not fit for a log: %q", text)
		}
		_ = said.kind(500)
		_, _ = decodeAccount(body)
		_, _ = decodeToken(body)
	})
}

// FuzzInline: content included with a ticket is rejected, or returned whole: as many bytes
// as announced, and never more than allowed.
func FuzzInline(f *testing.F) {
	for _, s := range []string{"YWJjZA==", "YWJj\r\nZA", "data:text/plain;base64,-_-_", "=", "not Base64!", "data:"} {
		f.Add(s)
	}
	const most = 64
	c, err := New(Config{BaseURL: "https://api.example", Token: "t0ken", Rate: 60, MaxDownload: most})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if content == "" {
			return
		}
		r, size, err := c.Download(t.Context(), Attachment{Content: content})
		if err != nil {
			return
		}
		defer r.Close()
		b, err := io.ReadAll(r)
		if err != nil || int64(len(b)) != size || size > most {
			t.Fatalf("%q: %d of %d bytes, %v", content, len(b), size, err)
		}
	})
}
