package plusofon

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// openLink downloads a link at an API that gives a fixed answer.
func openLink(t *testing.T, link, name string, answer func() *http.Response) (content string, asked []string, err error) {
	t.Helper()
	c := fakeClient(t, &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Path)
		return answer(), nil
	}}, 600)
	body, _, err := c.Download(t.Context(), Attachment{URL: link, Name: name})
	if err != nil {
		return "", asked, err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	return string(b), asked, err
}

// A link into the API is requested, with the token, only if it looks like a file's.
func TestOnlyFilesOfTheAPIAreFetched(t *testing.T) {
	good := func() *http.Response { return response(200, "content", nil) }
	for link, want := range map[string]bool{
		"/files/1/договор":                              true,
		"/api/v1/ticket/attachment/17":                  true,
		"https://api.example/storage/a":                 true,
		"https://API.example:443/tickets/contract.pdf":  true,
		"/api/v1/authuser":                              false,
		"/api/v1/authuser?file=contract.pdf":            false,
		"/api/v1/payment/balance":                       false,
		"/api/v1/ticket/5":                              false,
		"/api/v1/ticket/5.pdf":                          false,
		"https://api.example/login":                     false,
		"/":                                             false,
		"/files/../api/v1/authuser":                     false,
		"/api/v1/ticket/attachment/../../authuser":      false,
		"https://api.example/%61pi/v1/payment/balance/": false,
	} {
		content, asked, err := openLink(t, link, "contract.pdf", good)
		if want && (err != nil || content != "content") {
			t.Errorf("%s: %q, %v", link, content, err)
		}
		if !want && (!errors.Is(err, ErrBlockedAddress) || len(asked) != 0) {
			t.Errorf("%s: %v, and asked for %v", link, err, asked)
		}
	}
}

// What comes instead of a file is not passed on as one.
func TestWhatIsNoFile(t *testing.T) {
	page := "\n<!DOCTYPE html>\n<html><head><title>Вход</title></head></html>"
	json := http.Header{"Content-Type": {"application/json"}}
	for _, tc := range []struct {
		what, name, body string
		header           http.Header
		status           int
		is               error // nil: it is a file
	}{
		{what: "a file", name: "a.txt", body: "content"},
		{what: "a file of JSON", name: "a.json", body: `{"a":1}`, header: json},
		{what: "a page that was sent as one", name: "a.html", body: page},
		{what: "a drawing", name: "a.svg", body: `<?xml version="1.0"?><svg></svg>`},
		{what: "a list in a text", name: "a.log", body: `[12:00] started`},
		{what: "nothing", name: "a.txt", is: ErrEmptyFile},
		{what: "a login page", name: "contract.pdf", body: page, is: ErrNotFile},
		{what: "a page of XHTML", name: "contract.pdf", body: `<?xml version="1.0"?><html></html>`, is: ErrNotFile},
		{what: "a page after a redirect", name: "contract.pdf", status: 302, header: http.Header{"Location": {"/login"}}, is: ErrBlockedAddress},
		{what: "the API's refusal", name: "err.pdf", body: `{"success":false,"message":"Файл удалён"}`, header: json, is: ErrNotFile},
		{what: "the API's refusal in a file of JSON", name: "err.json", body: `{"message":"Нет","code":400}`, header: json, is: ErrNotFile},
		{what: "the account", name: "a.pdf", body: `{"user":{"email":"a@example.com","phone":"79990000000"}}`, header: json, is: ErrNotFile},
	} {
		_, _, err := openLink(t, "/files/1/"+tc.name, tc.name, func() *http.Response {
			return response(max(tc.status, 200), tc.body, tc.header)
		})
		if !errors.Is(err, tc.is) {
			t.Errorf("%s: %v, want %v", tc.what, err, tc.is)
		}
	}
}

// A temporary refusal does not condemn the file.
func TestRefusalThatMayPass(t *testing.T) {
	for body, want := range map[string]Kind{
		`{"message":"Server Error","code":500}`:                                 Temporary,
		`{"message":"Unauthenticated.","code":401}`:                             Access,
		`{"message":"HTTP/1.1 404 Not Found\r\n\r\nFile not Found","code":500}`: NotFound,
	} {
		_, _, err := openLink(t, "/files/1/a.pdf", "a.pdf", func() *http.Response { return response(200, body, nil) })
		if kindOfError(err) != want || errors.Is(err, ErrNotFile) != (want == NotFound) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
}

// trickle yields a byte per second, for as long as it is read.
type trickle struct{}

func (trickle) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return copy(p, "x"), nil
}

// A trickling download ends, and a steady one is read completely.
func TestTrickleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, _, err := openLink(t, "/files/1/a.bin", "a.bin", func() *http.Response {
			res := response(200, "", nil)
			res.Body, res.ContentLength = io.NopCloser(trickle{}), -1
			return res
		})
		if took := time.Since(begun); kindOfError(err) != Temporary || took > 2*defaultTimeout {
			t.Errorf("%v after %v", err, took)
		}
	})
	const long = 10 << 20
	synctest.Test(t, func(t *testing.T) {
		content, _, err := openLink(t, "/files/1/a.bin", "a.bin", func() *http.Response {
			res := response(200, "", nil)
			res.Body, res.ContentLength = io.NopCloser(&steady{left: long}), -1
			return res
		})
		if err != nil || len(content) != long {
			t.Errorf("%d bytes, %v", len(content), err)
		}
	})
}

// steady yields data at twice the slowest pace.
type steady struct{ left int } // bytes

func (s *steady) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), s.left)
	time.Sleep(time.Duration(n) * time.Second / (2 * slowestDownload))
	s.left -= n
	return copy(p, strings.Repeat("x", n)), nil
}

// A list that stops or trickles fails; time spent by the consumer does not count.
func TestListThatTrickles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) {
			res := response(200, "", nil)
			res.Body, res.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`[{"id":1},{"id":2,"x":"`), trickle{})), -1
			return res, nil
		}}, 600)
		begun := time.Now()
		_, err := c.AllTickets(t.Context(), true)
		if took := time.Since(begun); kindOfError(err) != Temporary || took > 2*defaultTimeout {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// Stopping does not wait until a long list is parsed.
func TestStopDoesNotWaitForAList(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	c := fakeClient(t, &fakeAPI{next: func(r *http.Request) (*http.Response, error) {
		res := response(200, "", nil)
		endless := &repeating{head: `[{"id":1}`, part: `,{"id":2,"subject":"s"}`, times: 1 << 40}
		res.Body, res.ContentLength = io.NopCloser(untilDone{r.Context(), endless}), -1
		return res, nil
	}}, 600)
	n := 0
	for _, err := range c.Tickets(ctx, true) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v, want that it was canceled", err)
			}
			break
		}
		if n++; n == 100_000 {
			stop()
		}
	}
	if n < 100_000 || n > 200_000 {
		t.Errorf("it ended after %d elements", n)
	}
	stop()
}

// untilDone is a body that ends with its request, as the transport's do.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// A text file that happens to begin like markup is a file.
func TestATextThatBeginsLikeMarkupIsAFile(t *testing.T) {
	for name, body := range map[string]string{
		"config.xml": "<!-- для АТС -->\n<config><line>1</line></config>",
		"ivr.svg":    "<!-- Generator: draw -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>",
		"widget.txt": "<script src=\"https://widget.example/w.js\"></script>",
		"README.md":  "<p align=\"center\">Настройка</p>",
	} {
		content, _, err := openLink(t, "/files/1", name, func() *http.Response {
			return response(200, body, http.Header{"Content-Type": {"application/octet-stream"}})
		})
		if err != nil || content != body {
			t.Errorf("%s: %q, %v", name, content, err)
		}
	}
}
