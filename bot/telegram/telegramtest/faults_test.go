package telegramtest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw sends a text and returns the result on the wire.
func (b *bed) raw(ctx *http.Request) (int, string, error) {
	res, err := b.client.Do(ctx)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, string(body), err
}

func (b *bed) text() *http.Request {
	return b.request("sendMessage", strings.NewReader("chat_id=100&text=a"), "application/x-www-form-urlencoded")
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  Fault
		status int // 0: the connection breaks
		body   string
		broken bool
		done   bool // the message is in the chat nevertheless
	}{
		{"dropped before", Fault{DropBefore: true}, 0, "", true, false},
		{"dropped after", Fault{DropAfter: true}, 0, "", true, true},
		{"half a body", Fault{HalfBody: true}, 200, `{"ok":true`, true, true},
		{"a status", Fault{Status: 500, Description: "Internal Server Error"}, 500, `"error_code":500`, false, false},
		{"a limit", Fault{Status: 429, RetryAfter: 7}, 429, `"parameters":{"retry_after":7}`, false, false},
		{"a moved group", Fault{Status: 400, MigrateTo: -1005}, 400, `"migrate_to_chat_id":-1005`, false, false},
		{"a proxy's page", Fault{Status: 502, Body: "<html>Bad Gateway</html>"}, 502, "<html>", false, false},
		{"a page with 200", Fault{Body: "<html>"}, 200, "<html>", false, false},
		{"only slow", Fault{Delay: time.Millisecond}, 200, `"ok":true`, false, true},
		{"another chat", Fault{Chat: 5, DropBefore: true}, 200, `"ok":true`, false, true},
		{"this chat", Fault{Chat: 100, Status: 500}, 500, "", false, false},
		{"other words", Fault{Text: "b", DropBefore: true}, 200, `"ok":true`, false, true},
		{"these words", Fault{Text: "a", Status: 500}, 500, "", false, false},
		{"not this time", Fault{Match: func() bool { return false }, DropBefore: true}, 200, `"ok":true`, false, true},
		{"this time", Fault{Match: func() bool { return true }, Status: 500}, 500, "", false, false},
		{"another method", Fault{Method: "getMe", DropBefore: true}, 200, `"ok":true`, false, true},
		{"this method", Fault{Method: "sendmessage", Status: 500}, 500, "", false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := setup(t, Config{})
			b.chat.Start("")
			b.Fail(tc.fault)
			status, body, err := b.raw(b.text())
			expect(t, "status", status, tc.status)
			expect(t, "broken", err != nil, tc.broken)
			if !strings.Contains(body, tc.body) {
				t.Errorf("body %q lacks %q", body, tc.body)
			}
			expect(t, "done", len(b.chat.FromBot()) == 1, tc.done)
			b.ClearFaults()
			expect(t, "the next", b.do(b.text()).OK, true)
		})
	}
}

func TestFaultsCount(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	b.Fail(Fault{Method: "sendMessage", Times: 2, Status: 500})
	b.Fail(Fault{Method: "sendMessage", Status: 502})
	var got []int
	for range 4 {
		status, _, _ := b.raw(b.text())
		got = append(got, status)
	}
	for i, want := range []int{500, 500, 502, 200} {
		expect(t, "status", got[i], want)
	}
	b.Fail(Fault{Times: -1, Status: 500})
	for range 3 {
		status, _, _ := b.raw(b.text())
		expect(t, "for ever", status, 500)
	}
	expect(t, "polling goes on", b.call("getUpdates", nil).OK, true)
}

func TestDown(t *testing.T) {
	b := setup(t, Config{})
	b.chat.Start("")
	b.updates(b.updates(0)[0].ID + 1)
	done := b.poll(t.Context(), params{"timeout": 50})
	b.SetDown(true)
	if a, ok := <-done; ok {
		t.Errorf("a running poll is answered: %v", a)
	}
	if _, _, err := b.raw(b.text()); err == nil {
		t.Error("it answers while it is down")
	}
	if _, _, err := b.raw(b.request("getUpdates", nil, "")); err == nil {
		t.Error("it polls while it is down")
	}
	b.SetDown(false)
	expect(t, "up again", b.do(b.text()).OK, true)
}

func TestFileFaults(t *testing.T) {
	b := setup(t, Config{})
	m := b.chat.SendDocument(File{Name: "a.bin", Size: 1 << 20}, "", 0)
	var f struct {
		Path string `json:"file_path"`
	}
	b.must(&f, "getFile", params{"file_id": m.File.ID})
	get := func() *http.Request {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL()+"/file/bot"+b.Token()+"/"+f.Path, nil)
		return req
	}
	b.Fail(Fault{Method: "file", HalfBody: true})
	_, body, err := b.raw(get())
	expect(t, "half", errors.Is(err, io.ErrUnexpectedEOF), true)
	expect(t, "size", len(body), 1<<19)
	b.Fail(Fault{Method: "file", Status: 502, Body: "<html>"})
	status, _, _ := b.raw(get())
	expect(t, "status", status, 502)
	// Forever: the client repeats a GET on its own when a kept connection breaks.
	b.Fail(Fault{Method: "file", DropBefore: true, Times: -1})
	_, _, err = b.raw(get())
	expect(t, "dropped", err != nil, true)
	b.ClearFaults()
	_, body, err = b.raw(get())
	expect(t, "whole", err == nil && len(body) == 1<<20, true)
}
