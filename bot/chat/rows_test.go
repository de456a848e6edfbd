package chat

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// The outbox contains rows written by other versions of the program: names in them must
// not change.
func TestStoredPayloadsStayReadable(t *testing.T) {
	for _, c := range []struct {
		stored string
		read   func(state.Row) (any, error)
		want   any
	}{
		{
			`{"call":{"method":"m","params":{}},"chat":-1,"ticket":7,"chain":true,"topic":true,"thread":61,"sync":true,"pin":true,"hand":100,"anyway":true,` +
				`"receipt":3,"draft":4,"stage":"queued  0 0","files":[{"ticket":7,"post":5,"n":1,"name":"a.txt"}],"reacts":8,"page":true,"yields":true,"here":{"admin":true,"manages_topics":true,"pins":true,"forum":true},"expires":"2026-03-01T10:00:00Z",` +
				`"file":{"ticket":7,"post":6,"n":0,"name":"b.txt","made":true}}`,
			func(row state.Row) (any, error) { return Decode[TelegramRow](row) },
			TelegramRow{
				Call: telegram.Call{Method: "m", Params: json.RawMessage(`{}`)}, Place: Place{Chat: -1, Thread: 61},
				Meaning: Meaning{
					Ticket: 7, Chain: true, Topic: true, Pin: true, Hand: 100, Anyway: true, Receipt: 3, Draft: 4, Page: true, Stage: "queued  0 0",
					Files: []AttachmentRef{{Ticket: 7, Post: 5, N: 1, Name: "a.txt"}},
				},
				Sync: true, Reacts: 8, Yields: true, Here: &Rights{Admin: true, ManagesTopics: true, Pins: true, Forum: true}, Expires: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), File: &AttachmentRef{Ticket: 7, Post: 6, Name: "b.txt", Made: true},
			},
		},
		{
			`{"ticket":7,"chat":-1,"user":100,"message":9,"page":-1,"thread":61,"purpose":"history"}`,
			func(row state.Row) (any, error) { return Decode[FetchRow](row) },
			FetchRow{Ticket: 7, Purpose: PurposeHistory, Place: Place{Chat: -1, Thread: 61}, User: 100, Message: 9, Page: -1},
		},
		{
			`{"submission":3,"file":1}`,
			func(row state.Row) (any, error) { return Decode[SubmissionRow](row) },
			SubmissionRow{Submission: 3, File: 1},
		},
	} {
		got, err := c.read(state.Row{Payload: c.stored})
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.stored, err, diff)
		}
		written, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.read(state.Row{Payload: string(written)}); err != nil || !cmp.Equal(again, c.want) {
			t.Errorf("written as %s it is read as %v (%v)", written, again, err)
		}
	}
}
