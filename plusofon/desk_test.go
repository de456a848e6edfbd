package plusofon

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A ticket with the help desk's own field names: the staff flag, Unix times, an author in
// four fields, and an internal note.
func TestTicketInTheHelpDesksNames(t *testing.T) {
	const ticket = `{"@attributes":{"id":"23624","flagtype":"0"},"displayid":"23624","subject":"\ue47b Срочно","statusid":"4","posts":{"post":[
		{"id":"43807","ticketpostid":"43807","dateline":"1632408267","userid":"9740","fullname":"Иван Петров","email":"ivan@example.com",
		 "staffid":"0","creator":"2","ishtml":"0","contents":"Не работает \ue596 ☎","isprivate":"0","attachments":[]},
		{"id":"43808","dateline":"1632408300","userid":"0","staffid":"77","fullname":"Оператор","email":"op@plusofon.ru","creator":"1","ishtml":"1",
		 "contents":"U+1F600 Проверьте<br /><span class=\"emoji-outer emoji-sizer\"><span class=\"emoji-inner emoji203c\"></span></span>","isprivate":"0",
		 "attachments":{"attachment":{"id":"5","filename":"a.pdf","filesize":"12","filetype":"application/pdf","dateline":"1632408300","contents":"QQ=="}}},
		{"id":"43809","dateline":"1632408400","staffid":"77","fullname":"Оператор","creator":"1","contents":"Клиент скандалит","isprivate":"1"}]}}`
	want := Ticket{ID: 23624, Subject: "🔥 Срочно", Open: true, Posts: []Post{
		{ID: 43807, Date: time.Unix(1632408267, 0), Text: "Не работает ☎ ☎", Author: Author{ID: "9740", Name: "Иван Петров"}, Email: "ivan@example.com", Creator: CreatorUser},
		{ID: 43808, Date: time.Unix(1632408300, 0), Text: "😀 Проверьте<br />‼", Author: Author{ID: "77", Name: "Оператор"}, Email: "op@plusofon.ru", Creator: CreatorStaff,
			Attachments: []Attachment{{ID: "5", Name: "a.pdf", Size: 12, Content: "QQ=="}}},
	}}
	for _, envelope := range []string{"%", `{"ticket":%}`, `{"tickets":{"ticket":%}}`, `{"data":%}`, `{"tickets":[%]}`, `{"data":{"ticket":[%]}}`} {
		got, err := decodeTicket([]byte(replaceFirst(envelope, ticket)), msk)
		if err != nil {
			t.Fatalf("%s: %v", envelope, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", envelope, diff)
		}
		if err := isReadable(got); err != nil {
			t.Error(err)
		}
	}
}

// A post or attachment that can't be parsed is left out and counted; the others are kept.
func TestPostLeftOut(t *testing.T) {
	deep := strings.Repeat("[", maxNesting/2) + strings.Repeat("]", maxNesting/2)
	for post, leftOut := range map[string]int{
		`7`: 1, `"x"`: 1, `{"text":"no id"}`: 1, `{"id":0,"text":"x"}`: 1, `{"id":"9007199254740993","text":"x"}`: 1,
		`{"id":99999999999999999999,"text":"x"}`: 1, `[[1]]`: 1, `null`: 0, `[]`: 0, `{}`: 1,
		`{"id":6,"text":"x","attachments":[true,{"name":"a"}]}`: 1, `{"id":6,"text":"x","attachments":` + deep + `}`: 1,
		`{"id":6,"text":"note","isprivate":1}`: 0, `{"id":6,"text":"note","isprivate":"1"}`: 0, `{"id":6,"text":"note","isprivate":true}`: 0,
	} {
		got, err := decodeTicket([]byte(`{"id":1,"posts":[{"id":5,"text":"a"},`+post+`,{"id":7,"text":"b"}]}`), msk)
		if err != nil || got.LeftOut != leftOut {
			t.Errorf("%s: %d left out, want %d, %v", post, got.LeftOut, leftOut, err)
			continue
		}
		if first, last := got.Posts[0], got.Posts[len(got.Posts)-1]; first.ID != 5 || last.ID != 7 {
			t.Errorf("%s: %+v", post, got.Posts)
		}
		for _, p := range got.Posts {
			if p.Text == "note" {
				t.Errorf("%s: a note is shown", post)
			}
		}
	}
}

// A ticket of which nothing can be parsed is not a ticket without news.
func TestTicketThatShowsNothing(t *testing.T) {
	for name, posts := range map[string]string{
		"all empty":            `[{"id":1,"text":""},{"id":2,"text":[]}]`,
		"of names not known":   `[{"id":1,"body":"a"},{"id":2,"body":"b"}]`,
		"none can be read":     `[{"text":"a"},7]`,
		"signs that are lost ": `[{"id":1,"text":"\uf8ff"}]`,
	} {
		got, err := decodeTicket([]byte(`{"id":1,"posts":`+posts+`}`), msk)
		if err == nil {
			err = isReadable(got)
		}
		if err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, posts := range map[string]string{
		"none": `[]`, "one has words": `[{"id":1,"text":""},{"id":2,"text":"b"}]`, "one has a file": `[{"id":1,"attachments":["a.pdf"]}]`,
		"only notes": `[{"id":1,"contents":"n","isprivate":1}]`,
	} {
		got, err := decodeTicket([]byte(`{"id":1,"posts":`+posts+`}`), msk)
		if err == nil {
			err = isReadable(got)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Outgoing texts avoid what the help desk rejects or substitutes.
func TestOutgoing(t *testing.T) {
	for sent, want := range map[string]string{
		"0": "0.", " 0\n": "0.", "00": "00", "": "", "{{fullname}}, {{title}}": "{ {fullname}}, { {title}}", "{{{{": "{ { { {", "{a}": "{a}",
	} {
		if got := outgoing(sent); got != want || !SameText(sent, got) {
			t.Errorf("%q goes out as %q, want %q", sent, got, want)
		}
	}
}

// Reading a ticket with only empty posts is an error; the answer to a write may show less.
func TestReadThatShowsNothing(t *testing.T) {
	c := fakeClient(t, &fakeAPI{next: func(*http.Request) (*http.Response, error) {
		return response(200, `{"id":7,"posts":[{"id":1,"body":"a"}]}`, nil), nil
	}}, 600)
	if _, err := c.Ticket(t.Context(), 7); kindOfError(err) != Temporary {
		t.Errorf("read: %v", err)
	}
	if got, err := c.Open(t.Context(), "s", "d"); err != nil || got.ID != 7 {
		t.Errorf("opened: %+v, %v", got, err)
	}
	if got, err := c.Answer(t.Context(), 7, "x"); err != nil || got.ID != 7 {
		t.Errorf("answered: %+v, %v", got, err)
	}
}
