package bot

import (
	"strings"
	"testing"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// In a copy of the database that was put in its place an opening may be found by a
// poll, with the answers that waited for its ticket: each is taken over, and nobody
// is told of his own words.
func TestAnswersThatWentAfterTheCopy(t *testing.T) {
	for _, opened := range []state.SubmissionState{state.SubmissionUnknown, state.SubmissionDoubtful} {
		t.Run(string(opened), func(t *testing.T) {
			d := newDesk(t)
			var opening, answer state.SubmissionID
			d.do(func(tx *state.Tx) error {
				if err := d.bot.Account(tx, "account@example.com", ""); err != nil {
					return err
				}
				return tx.SavePerson(state.Person{ID: 100, Role: state.Member})
			})
			d.poll(true, plusofon.Ticket{})
			d.do(func(tx *state.Tx) (err error) {
				sub := state.Submission{Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: "Тема", Text: "Текст", State: opened}
				if opening, _, err = tx.AddSubmission(sub); err != nil {
					return err
				}
				sub = state.Submission{Kind: state.Answer, Chat: 100, User: 100, Message: 51, Opening: opening, Text: "дополнение", State: state.SubmissionQueued}
				if answer, _, err = tx.AddSubmission(sub); err != nil {
					return err
				}
				return tx.DoubtWaiting()
			})
			me := plusofon.Author{ID: "1", Name: "account@example.com"}
			d.poll(true, plusofon.Ticket{Subject: "Тема", Posts: []plusofon.Post{
				{ID: 1, Text: "Текст", Author: me}, {ID: 2, Text: "дополнение", Author: me},
			}}, plusofon.ListedTicket{ID: 7, Subject: "Тема", Open: true, Fingerprint: "1"})
			d.do(func(tx *state.Tx) error {
				for _, id := range []state.SubmissionID{opening, answer} {
					sub, err := tx.Submission(id)
					if err != nil {
						return err
					}
					if sub.State != state.SubmissionDelivered || sub.Ticket != 7 {
						t.Errorf("the %s is %s, in ticket %d", sub.Kind, sub.State, sub.Ticket)
					}
				}
				return nil
			})
			for _, said := range d.said(100) {
				if strings.Contains(said, "👤") {
					t.Errorf("told of his own words: %s", said)
				}
			}
		})
	}
}
