package plusofon

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var msk = time.FixedZone("MSK", 3*60*60)

// decodeList parses a list without unreadable elements.
func decodeList(body []byte, open bool) ([]ListedTicket, error) {
	list, _, err := readList(string(body), open)
	return list, err
}

func TestListEnvelopes(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       []TicketID
	}{
		{"none, an array", `[]`, nil},
		{"none, an object", `{}`, nil},
		{"none, null", ` null `, nil},
		{"none, older", `{"ticket":[]}`, nil},
		{"none, an empty object inside", `{"ticket":{}}`, nil},
		{"none, null inside", `{"tickets":null}`, nil},
		{"none, beside success", `{"success":true,"data":[]}`, nil},
		{"one, older", `{"ticket":{"@attributes":{"id":"7"},"displayid":"8"}}`, []TicketID{7}},
		{"several, older", `{"ticket":[{"displayid":"7"},{"displayid":"9"}]}`, []TicketID{7, 9}},
		{"newer", `[{"id":7,"status_ticket":true},{"id":"9"}]`, []TicketID{7, 9}},
		{"tickets", `{"tickets":[{"id":7}]}`, []TicketID{7}},
		{"data", `{"data":[{"id":7}],"meta":{"total":1}}`, []TicketID{7}},
		{"nested", `{"data":{"tickets":{"0":{"id":7}}}}`, []TicketID{7}},
		{"one under data", `{"data":{"id":7,"subject":"s"}}`, []TicketID{7}},
		{"numeric keys", `{"10":{"id":3},"9":{"id":2},"0":{"id":1}}`, []TicketID{3, 2, 1}},
		{"a number in a float", `[{"id":7.0}]`, []TicketID{7}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := decodeList([]byte(tc.body), true)
			if err != nil {
				t.Fatal(err)
			}
			var got []TicketID
			for _, l := range list {
				got = append(got, l.ID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Taken for an empty list, any of these would close every ticket.
func TestListOfAnotherShapeIsAnError(t *testing.T) {
	for _, body := range []string{
		``, `"`, `""`, `"ok"`, `0`, `false`, `true`, `<html></html>`, `{"success":true}`, `{"message":"ok"}`,
		`{"id":7,"subject":"a single ticket"}`, `{"ticket":"none"}`, `{"ticket":0}`, `{"ticket":false}`, `{"tickets":""}`,
		`[1]`, `[null]`, `[[]]`, `[{}]`, `[{"subject":"no id"}]`, `[{"id":0}]`, `[{"id":-1}]`, `[{"id":"x"}]`,
		`{"data":{"data":{"data":{"data":{"data":[]}}}}}`, `{"data":{"total":0}}`, `[] []`, `{"0":{"id":1},"x":{"id":2}}`,
		`nul`, `[{"id":1}`, `[{"id":1},]`, `[{"id":1},{"id":2]`, `[{"id":1,"x":tru}]`, `{"ticket":[],"meta":tru}`, `{"ticket":tru,"ticket":[]}`,
		`{"data":{"id":7,"x":tru}}`, `{"0":{"id":1},"0":{"id":2,}}`,
	} {
		if list, err := decodeList([]byte(body), true); err == nil {
			t.Errorf("%s: got %v, want an error", body, list)
		}
	}
}

func TestListedTicket(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("testdata", "list_older.json"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := decodeList(body, true)
	if err != nil {
		t.Fatal(err)
	}
	want := []ListedTicket{{
		ID: 22525, Subject: "test", Open: true,
		LastActivity: time.Unix(1630070164, 0), LastStaffReply: time.Unix(1630070164, 0), LastUserReply: time.Unix(1630069143, 0),
		Creator: CreatorUser, HasActivity: true,
	}}
	if diff := cmp.Diff(want, list, cmpopts.IgnoreFields(ListedTicket{}, "Fingerprint")); diff != "" {
		t.Error(diff)
	}
}

func TestListedFields(t *testing.T) {
	for _, tc := range []struct {
		name, element string
		asked         bool
		want          ListedTicket
	}{
		{"a sign in the subject", `{"id":1,"subject":"\ue47b U+1F600"}`, true, ListedTicket{ID: 1, Open: true, Subject: "🔥 😀"}},
		{"open by what was asked", `{"id":1}`, true, ListedTicket{ID: 1, Open: true}},
		{"closed by what was asked", `{"id":1}`, false, ListedTicket{ID: 1}},
		{"a boolean", `{"id":1,"status":false}`, true, ListedTicket{ID: 1}},
		{"a number", `{"id":1,"status_ticket":1}`, false, ListedTicket{ID: 1, Open: true}},
		{"a string", `{"id":1,"status":"false"}`, true, ListedTicket{ID: 1}},
		{"a zero in a string", `{"id":1,"status_ticket":"0"}`, true, ListedTicket{ID: 1}},
		{"a label decides nothing", `{"id":1,"status":"Закрыто"}`, true, ListedTicket{ID: 1, Open: true}},
		{"a status of the site's own", `{"id":1,"status_ticket":4,"statusid":"1"}`, false, ListedTicket{ID: 1}},
		{"an empty status says nothing", `{"id":1,"status":[],"status_ticket":false}`, true, ListedTicket{ID: 1}},
		{"title", `{"id":1,"title":"t"}`, true, ListedTicket{ID: 1, Open: true, Subject: "t"}},
		{"empty subject", `{"id":1,"subject":[],"fullname":{},"lastreplier":[" "]}`, true, ListedTicket{ID: 1, Open: true}},
		{"numeric subject", `{"id":1,"subject":42}`, true, ListedTicket{ID: 1, Open: true, Subject: "42"}},
		{"a date", `{"id":1,"last_activity":"2021-09-23 17:44:27"}`, true,
			ListedTicket{ID: 1, Open: true, HasActivity: true, LastActivity: time.Date(2021, 9, 23, 14, 44, 27, 0, time.UTC)}},
		{"no time in a zero", `{"id":1,"laststaffreply":"0","creator":"1"}`, true,
			ListedTicket{ID: 1, Open: true, HasActivity: true, Creator: CreatorStaff}},
		{"replies are activity", `{"id":1,"replies":3}`, true, ListedTicket{ID: 1, Open: true, HasActivity: true}},
		{"an empty field is none", `{"id":1,"lastactivity":[]}`, true, ListedTicket{ID: 1, Open: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := decodeList([]byte("["+tc.element+"]"), tc.asked)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]ListedTicket{tc.want}, list, cmpopts.IgnoreFields(ListedTicket{}, "Fingerprint")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTicketAsDocumented(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("testdata", "ticket.json"))
	if err != nil {
		t.Fatal(err)
	}
	date := time.Date(2021, 9, 23, 14, 44, 27, 0, time.UTC)
	want := Ticket{ID: 23624, Subject: "test 3", Open: true, OpenKnown: true, Posts: []Post{{
		ID: 43807, Date: date, Text: "test ticket 3", Author: Author{ID: "9740", Name: "test704@mail.ru"},
	}}}
	for _, envelope := range []string{"%", `{"ticket":%}`, `{"data":%,"success":true}`, `[%]`, `{"data":{"ticket":%}}`} {
		wrapped := replaceFirst(envelope, string(body))
		got, err := decodeTicket([]byte(wrapped), msk)
		if err != nil {
			t.Fatalf("%s: %v", envelope, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", envelope, diff)
		}
	}
}

func replaceFirst(envelope, body string) string {
	for i, r := range envelope {
		if r == '%' {
			return envelope[:i] + body + envelope[i+1:]
		}
	}
	return envelope
}

func TestTicketFields(t *testing.T) {
	one := []Post{{ID: 5, Text: "x"}}
	for _, tc := range []struct {
		name, body string
		want       Ticket
	}{
		{"no ticket", `{}`, Ticket{}},
		{"no ticket, an array", `[]`, Ticket{}},
		{"success only", `{"success":true,"message":"ok"}`, Ticket{}},
		{"open unless it says otherwise", `{"id":1}`, Ticket{ID: 1, Open: true}},
		{"closed", `{"id":1,"status":0}`, Ticket{ID: 1, OpenKnown: true}},
		{"a label decides nothing", `{"id":1,"status":"Закрыт"}`, Ticket{ID: 1, Open: true}},
		{"nor does a number of the site's own", `{"id":1,"status":4}`, Ticket{ID: 1, Open: true}},
		{"posts absent in all ways", `{"id":1,"posts":[" "]}`, Ticket{ID: 1, Open: true}},
		{"posts null", `{"id":1,"posts":null}`, Ticket{ID: 1, Open: true}},
		{"posts an empty object", `{"id":1,"posts":{}}`, Ticket{ID: 1, Open: true}},
		{"one post bare", `{"id":1,"posts":{"id":5,"text":"x"}}`, Ticket{ID: 1, Open: true, Posts: one}},
		{"one post wrapped", `{"id":1,"posts":{"post":{"id":"5","text":"x"}}}`, Ticket{ID: 1, Open: true, Posts: one}},
		{"posts wrapped", `{"id":1,"posts":{"post":[{"id":"5","text":"x"}]}}`, Ticket{ID: 1, Open: true, Posts: one}},
		{"posts by number", `{"id":1,"posts":{"0":{"id":"5","text":"x"}}}`, Ticket{ID: 1, Open: true, Posts: one}},
		{"posts by numeric id", `{"id":1,"posts":[{"id":"10"},{"id":9},{"id":"100"}]}`,
			Ticket{ID: 1, Open: true, Posts: []Post{{ID: 9}, {ID: 10}, {ID: 100}}}},
		{"texts", `{"id":1,"posts":[{"id":1,"text":7},{"id":2,"text":null},{"id":3,"text":[]},{"id":4,"text":{}},{"id":5,"text":[" "]}]}`,
			Ticket{ID: 1, Open: true, Posts: []Post{{ID: 1, Text: "7"}, {ID: 2}, {ID: 3}, {ID: 4}, {ID: 5, Text: " "}}}},
		{"author as a string", `{"id":1,"posts":[{"id":1,"author":"Оператор"}]}`,
			Ticket{ID: 1, Open: true, Posts: []Post{{ID: 1, Author: Author{Name: "Оператор"}}}}},
		{"date in another form", `{"id":1,"posts":[{"id":1,"date":"2021-09-23T14:44:27Z"}]}`,
			Ticket{ID: 1, Open: true, Posts: []Post{{ID: 1, Date: time.Date(2021, 9, 23, 14, 44, 27, 0, time.UTC)}}}},
		{"unreadable date", `{"id":1,"posts":[{"id":1,"date":"yesterday"}]}`, Ticket{ID: 1, Open: true, Posts: []Post{{ID: 1}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := decodeTicket([]byte(tc.body), msk)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, body := range []string{``, `null`, `7`, `"x"`, `[{},{}]`, `{"id":1,"posts":"x"}`} {
		if got, err := decodeTicket([]byte(body), msk); err == nil {
			t.Errorf("%s: got %+v, want an error", body, got)
		}
	}
}

func TestAttachmentForms(t *testing.T) {
	for _, tc := range []struct {
		name, attachments string
		want              []Attachment
	}{
		{"none", `[]`, nil},
		{"none, an object", `{}`, nil},
		{"none, null", `null`, nil},
		{"a name", `["a.txt"]`, []Attachment{{Name: "a.txt"}}},
		{"a lone name", `"a.txt"`, []Attachment{{Name: "a.txt"}}},
		{"a link", `["https://x.example/f/a%20b.txt?k=1"]`, []Attachment{{Name: "a b.txt", URL: "https://x.example/f/a%20b.txt?k=1"}}},
		{"a path", `["/files/a.txt"]`, []Attachment{{Name: "a.txt", URL: "/files/a.txt"}}},
		{"one object", `{"id":1,"filename":"a"}`, []Attachment{{ID: "1", Name: "a"}}},
		{"wrapped", `{"attachment":{"id":"1","file_name":"a"}}`, []Attachment{{ID: "1", Name: "a"}}},
		{"several wrapped", `{"attachment":[{"name":"a"},{"title":"b"}]}`, []Attachment{{Name: "a"}, {Name: "b"}}},
		{"links by all names", `[{"url":"u"},{"link":"l"},{"href":"h"},{"path":"p"}]`,
			[]Attachment{{Name: "u", URL: "u"}, {Name: "l", URL: "l"}, {Name: "h", URL: "h"}, {Name: "p", URL: "p"}}},
		{"sizes", `[{"name":"a","size":"12"},{"name":"b","filesize":13},{"name":"c","size":-1}]`,
			[]Attachment{{Name: "a", Size: 12}, {Name: "b", Size: 13}, {Name: "c"}}},
		{"content by all names", `[{"contents":"QQ=="},{"content":"Qg=="},{"data":"Qw=="}]`,
			[]Attachment{{Content: "QQ=="}, {Content: "Qg=="}, {Content: "Qw=="}}},
		{"nothing in between", `[{},null,"",{"name":"a"}]`, []Attachment{{Name: "a"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := decodeTicket([]byte(`{"id":1,"posts":[{"id":2,"attachments":`+tc.attachments+`}]}`), msk)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Posts[0].Attachments); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAccount(t *testing.T) {
	for body, want := range map[string]Account{
		`{"user":{"id":9740,"email":"a@b.c","first_name":"Иван","last_name":"Петров","role":{"name":"client"}}}`: {ID: "9740", Email: "a@b.c", Name: "Иван Петров"},
		`{"data":{"user":{"id":"1","first_name":null,"name":"N","role":"admin"}}}`:                               {ID: "1", Name: "N"},
		`{"email":"a@b.c"}`: {Email: "a@b.c"},
	} {
		if got, err := decodeAccount([]byte(body)); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", body, got, err, want)
		}
	}
	for _, body := range []string{`{}`, `[]`, `{"user":[]}`, `x`} {
		if got, err := decodeAccount([]byte(body)); err == nil {
			t.Errorf("%s: %+v, want an error", body, got)
		}
	}
}

func TestToken(t *testing.T) {
	for _, body := range []string{`{"token":"x","refresh_token":"y"}`, `{"access_token":"x"}`, `{"data":{"token":"x"}}`, `{"token":"x","data":[]}`} {
		if got, err := decodeToken([]byte(body)); err != nil || got.Reveal() != "x" {
			t.Errorf("%s: %q, %v", body, got.Reveal(), err)
		}
	}
	for _, body := range []string{`{}`, `[]`, `"x"`, `{"token":""}`, `{"token":5}`} {
		if _, err := decodeToken([]byte(body)); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
}
