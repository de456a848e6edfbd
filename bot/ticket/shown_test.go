package ticket_test

import (
	"fmt"
	"testing"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// What a server shows is learned from reads alone: the response to a write may contain what
// no read ever will.
func TestWhatIsShownIsLearnedFromReads(t *testing.T) {
	d := bottest.NewDesk(t)
	me := plusofon.Author{ID: "1", Name: "account@example.com"}
	known := func(want string) {
		t.Helper()
		d.Do(func(turn *chat.Turn) error {
			var got []bool
			for _, kind := range []ticket.Kind{ticket.KindTicket, ticket.KindPost, ticket.KindFile} {
				shown, err := ticket.Shows(turn, kind)
				if err != nil {
					return err
				}
				got = append(got, shown)
			}
			if fmt.Sprint(got) != want {
				t.Errorf("ticket, post and file are known to be shown: %v, want %s", got, want)
			}
			return nil
		})
	}
	var sub state.SubmissionID
	d.Do(func(turn *chat.Turn) (err error) {
		if err := reading.Account(turn, plusofon.Account{ID: me.ID, Email: me.Name}); err != nil {
			return err
		}
		if err := turn.Tx.SavePerson(state.Person{ID: 100, Role: state.Member}); err != nil {
			return err
		}
		if sub, _, err = turn.Tx.AddSubmission(state.Submission{Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: "Тема", Text: "Текст", State: state.SubmissionQueued}); err != nil {
			return err
		}
		_, _, err = submission.Sending(turn, sub)
		return err
	})
	d.Poll(true, plusofon.Ticket{})
	file := []plusofon.Attachment{{Name: "a.txt"}}
	read := plusofon.Ticket{ID: 7, Subject: "Тема", Posts: []plusofon.Post{{ID: 1, Text: "Текст", Author: me, Attachments: file}}}
	d.Do(func(turn *chat.Turn) error {
		delivered, err := ticket.Delivered(turn, sub, ticket.Read{Ticket: read})
		if !delivered {
			t.Error("not delivered")
		}
		return err
	})
	known("[false false false]")
	element := plusofon.ListedTicket{ID: 7, Open: true, Fingerprint: "1"}
	read.Posts[0].Attachments = nil
	d.Poll(true, read, element)
	known("[true true false]")
	element.Fingerprint, read.Posts = "2", append(read.Posts, plusofon.Post{ID: 2, Text: "Вот", Author: plusofon.Author{ID: "9", Name: "Оператор"}, Attachments: file})
	d.Poll(true, read, element)
	known("[true true false]") // the staff's file is not ours
	element.Fingerprint, read.Posts[0].Attachments = "3", file
	d.Poll(true, read, element)
	known("[true true true]")
}

// After a success the ticket in the response is the opening's, whatever happened to its
// text, and an answer is the customer's new post, whatever its id.
func TestSuccessIsTheEffect(t *testing.T) {
	d := bottest.NewDesk(t)
	me := plusofon.Author{ID: "1", Name: "account@example.com"}
	send := func(sub state.Submission) (id state.SubmissionID) {
		d.Do(func(turn *chat.Turn) (err error) {
			if id, _, err = turn.Tx.AddSubmission(sub); err != nil {
				return err
			}
			_, _, err = submission.Sending(turn, id)
			return err
		})
		return id
	}
	delivered := func(id state.SubmissionID, answer plusofon.Ticket, post state.PostID) {
		t.Helper()
		d.Do(func(turn *chat.Turn) error {
			if _, err := ticket.Delivered(turn, id, ticket.Read{Ticket: answer}); err != nil {
				return err
			}
			sub, err := turn.Tx.Submission(id)
			if sub.State != state.SubmissionDelivered || sub.Post != post {
				t.Errorf("it is %s with post %d, want post %d", sub.State, sub.Post, post)
			}
			return err
		})
	}
	d.Do(func(turn *chat.Turn) error {
		if err := turn.Tx.SavePerson(state.Person{ID: 100, Role: state.Member}); err != nil {
			return err
		}
		// An id above all later ones.
		return turn.Tx.SaveTicket(state.Ticket{ID: 1 << 50, Open: true})
	})
	opening := send(state.Submission{Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: "🔥", Text: "Текст", State: state.SubmissionQueued})
	posts := []plusofon.Post{{ID: 1 << 50, Text: "совсем другое", Author: me}}
	delivered(opening, plusofon.Ticket{ID: 7, Subject: "Другая тема", Posts: posts}, 1<<50)
	answer := send(state.Submission{Kind: state.Answer, Ticket: 7, Chat: 100, User: 100, Message: 51, Text: "ответ", State: state.SubmissionQueued})
	posts = append([]plusofon.Post{{ID: 5, Text: "[скрыто]", Author: me}, {ID: 6, Text: "Уточните", Author: plusofon.Author{ID: "9", Name: "Оператор"}}}, posts...)
	delivered(answer, plusofon.Ticket{ID: 7, Posts: posts}, 5)
}
