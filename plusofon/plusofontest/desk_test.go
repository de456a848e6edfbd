package plusofontest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"plusofon-bot/plusofon/plusofontest"
)

// show requests a ticket and returns it with its posts.
func show(t *testing.T, srv *plusofontest.Server) (ticket map[string]any, posts []map[string]any) {
	t.Helper()
	_, body, err := ask(t, srv, "GET", "/api/v1/ticket/23624", "")
	if err != nil || json.Unmarshal([]byte(body), &ticket) != nil {
		t.Fatalf("%s, %v", body, err)
	}
	list, _ := ticket["posts"].([]any)
	for _, p := range list {
		post, _ := p.(map[string]any)
		posts = append(posts, post)
	}
	return ticket, posts
}

// By default a post has the help desk's own field names and time.
func TestPostInTheHelpDesksNames(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	srv.Reply(id, "Оператор", "x")
	srv.Note(id, "Оператор", "между нами")
	ticket, posts := show(t, srv)
	if ticket["date"] != "2026-03-02 09:00:00" { // GMT
		t.Errorf("the ticket's date is %v", ticket["date"])
	}
	for i, want := range []map[string]any{
		{"id": "43807", "contents": "d", "dateline": "1772442000", "fullname": "customer@example.com", "email": "customer@example.com", "creator": "2", "userid": "9740", "staffid": "0", "isprivate": "0"},
		{"id": "43808", "contents": "x", "fullname": "Оператор", "creator": "1", "userid": "0", "staffid": "77", "isprivate": "0"},
		{"id": "43809", "contents": "между нами", "creator": "1", "isprivate": "1"},
	} {
		for name, value := range want {
			if posts[i][name] != value {
				t.Errorf("post %d: %s is %v, want %v", i, name, posts[i][name], value)
			}
		}
		for _, name := range []string{"text", "date", "author"} {
			if _, ok := posts[i][name]; ok {
				t.Errorf("post %d has the page's %s", i, name)
			}
		}
	}
	if _, body, _ := ask(t, srv, "GET", "/api/v1/ticket?state=true", ""); !strings.Contains(body, `"replies":"1"`) {
		t.Errorf("a note counts as an answer: %s", body)
	}
}

// Emoji come back as other characters in subjects, lists and texts; reading loses more
// than the answer to the write.
func TestSigns(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	_, written, err := ask(t, srv, "POST", "/api/v1/ticket", `{"subject":"🔥 Тема 🙂","description":"👍 😀 ‼ \u202a8-800\u202c"}`)
	if err != nil || !strings.Contains(written, "\ue47b Тема \"") || !strings.Contains(written, "\ue4f9 U+1F600 ") || !strings.Contains(written, "emoji203c") || !strings.Contains(written, "\u202a") {
		t.Errorf("written: %s, %v", written, err)
	}
	ticket, posts := show(t, srv)
	text, _ := posts[0]["contents"].(string)
	if ticket["subject"] != "\ue47b Тема " || strings.ContainsAny(text, "\ue4f9\u202a\u202c") || !strings.Contains(text, "U+1F600") || !strings.Contains(text, "8-800") {
		t.Errorf("read: %v, %q", ticket["subject"], text)
	}
	if _, list, _ := ask(t, srv, "GET", "/api/v1/ticket?state=true", ""); !strings.Contains(list, "\ue47b Тема ") {
		t.Errorf("listed: %s", list)
	}
}

// A ticket does not show the files of its posts.
func TestAttachmentsAreHidden(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	srv.Reply(id, "Оператор", "вот", plusofontest.Attachment{Name: "a.txt", Content: []byte("a")})
	_, posts := show(t, srv)
	if files, ok := posts[1]["attachments"].([]any); !ok || len(files) != 0 || posts[1]["hasattachments"] != "1" {
		t.Errorf("%+v", posts[1])
	}
}

// To the help desk 0 is empty, and double braces are substituted.
func TestZeroAndBraces(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	for _, body := range []string{`{"text":"0"}`, `{"text":" 0\n"}`} {
		if status, said, err := ask(t, srv, "PUT", "/api/v1/ticket/answer/23624", body); err != nil || status != 400 {
			t.Errorf("%s: %d %s, %v", body, status, said, err)
		}
	}
	srv.CustomerReply(id, "Это {{fullname}} из {{ organization }}, { {title}}")
	_, posts := show(t, srv)
	if got := posts[1]["contents"]; got != "Это customer@example.com из , { {title}}" {
		t.Errorf("%v", got)
	}
}

// An answer reopens a closed ticket.
func TestAnswerOpensAgain(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	id := srv.OpenInCabinet("s", "d")
	srv.CloseTicket(id)
	if status, said, err := ask(t, srv, "PUT", "/api/v1/ticket/answer/23624", `{"text":"спасибо"}`); err != nil || status != 200 {
		t.Fatalf("%d %s, %v", status, said, err)
	}
	if got, _ := srv.Ticket(id); !got.Open {
		t.Error("it is still closed")
	}
}

// The staff edits and deletes posts, and merges tickets.
func TestStaffChangesTickets(t *testing.T) {
	srv := start(t, plusofontest.Config{})
	first, second := srv.OpenInCabinet("s", "d"), srv.OpenInCabinet("s2", "d2")
	p := srv.Reply(first, "Оператор", "x")
	srv.Edit(first, p, "другое")
	if _, posts := show(t, srv); posts[1]["contents"] != "другое" {
		t.Errorf("edited: %v", posts[1]["contents"])
	}
	srv.Merge(second, first)
	if _, posts := show(t, srv); len(posts) != 3 || posts[1]["contents"] != "d2" {
		t.Errorf("merged: %v", posts)
	}
	if _, ok := srv.Ticket(second); ok {
		t.Error("the ticket that was merged is still there")
	}
	srv.Delete(first, p)
	if _, posts := show(t, srv); len(posts) != 2 {
		t.Errorf("deleted: %v", posts)
	}
	srv.DeleteTicket(first)
	if status, said, err := ask(t, srv, "GET", "/api/v1/ticket/23624", ""); err != nil || status != 500 || !strings.Contains(said, "404 Not Found") {
		t.Errorf("%d %s, %v", status, said, err)
	}
}

// The friendlier variants are switches.
func TestFriendly(t *testing.T) {
	srv := start(t, plusofontest.Config{}.Friendly())
	id := srv.OpenInCabinet("🔥", "👍 {{fullname}} \u202a")
	srv.Reply(id, "Оператор", "вот", plusofontest.Attachment{Name: "a.txt", Content: []byte("a")})
	srv.Note(id, "Оператор", "между нами")
	ticket, posts := show(t, srv)
	if ticket["subject"] != "🔥" || len(posts) != 2 || posts[0]["text"] != "👍 {{fullname}} \u202a" {
		t.Errorf("%v, %v", ticket["subject"], posts)
	}
	if files, _ := posts[1]["attachments"].([]any); len(files) != 1 {
		t.Errorf("%v", posts[1])
	}
	if status, _, err := ask(t, srv, "PUT", "/api/v1/ticket/answer/23624", `{"text":"0"}`); err != nil || status != 200 {
		t.Errorf("0: %d, %v", status, err)
	}
	srv = start(t, plusofontest.Config{Signature: "С уважением", Wrapped: true})
	srv.Reply(srv.OpenInCabinet("s", "d"), "Оператор", "x")
	if _, body, _ := ask(t, srv, "GET", "/api/v1/ticket/23624", ""); !strings.HasPrefix(body, `{"tickets":{"ticket":{`) || !strings.Contains(body, `"x\nС уважением"`) {
		t.Errorf("%s", body)
	}
}
