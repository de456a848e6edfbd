package bot

import (
	"slices"
	"strings"
	"testing"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// A poll may see a ticket before the answer to its opening is read, or after it was
// given up as doubtful: it is the opening's, and no news to its author. A ticket
// that was known before the opening was sent is not, however equal it is.
func TestPollSeesTheTicketOfAnOpening(t *testing.T) {
	for _, c := range []struct {
		name  string
		state state.SubmissionState
		after int64
		wrote string // its subject
		own   bool
	}{
		{"under way", state.SubmissionSending, 6, "Тема <1>", true},
		{"doubtful", state.SubmissionDoubtful, 6, "Тема <1>", true},
		{"known before", state.SubmissionSending, 7, "Тема <1>", false},
		{"of another subject", state.SubmissionSending, 6, "Тема <2>", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			var opening state.SubmissionID
			d.do(func(tx *state.Tx) (err error) {
				if err := d.bot.Account(tx, "account@example.com", ""); err != nil {
					return err
				}
				if err := tx.SavePerson(state.Person{ID: 100, Role: state.Member}); err != nil {
					return err
				}
				if err := tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll}); err != nil {
					return err
				}
				sub := state.Submission{Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: c.wrote, Text: "Текст", State: c.state}
				if opening, _, err = tx.AddSubmission(sub); err != nil {
					return err
				}
				sub.ID, sub.After = opening, c.after
				return tx.SaveSubmission(sub)
			})
			d.poll(true, plusofon.Ticket{})
			d.poll(true, plusofon.Ticket{Subject: "Тема &lt;1&gt;", Posts: []plusofon.Post{
				{ID: 1, Text: "Текст", Author: plusofon.Author{ID: "1", Name: "account@example.com"}},
			}}, plusofon.ListedTicket{ID: 7, Subject: "Тема &lt;1&gt;", Open: true, Fingerprint: "1"})
			d.do(func(tx *state.Tx) error {
				sub, err := tx.Submission(opening)
				if own := sub.State == state.SubmissionDelivered; own != c.own {
					t.Errorf("the opening is %s", sub.State)
				}
				return err
			})
			news := func(said string) bool { return strings.Contains(said, "👤") }
			if told := slices.ContainsFunc(d.said(100), news); told == c.own {
				t.Errorf("told of it as news: %v", told)
			}
		})
	}
}

// A post that one answer has made is never taken for the effect of another that
// nobody knows the fate of, however equal their words are.
func TestPostOfAnotherAnswer(t *testing.T) {
	d := newDesk(t)
	me := plusofon.Author{ID: "1", Name: "account@example.com"}
	ticket := plusofon.Ticket{ID: 7, Subject: "Тема", Posts: []plusofon.Post{{ID: 1, Text: "Текст", Author: me}}}
	var doubtful, later state.SubmissionID
	d.do(func(tx *state.Tx) error {
		if err := d.bot.Account(tx, "account@example.com", ""); err != nil {
			return err
		}
		if err := d.bot.Absorb(tx, d.now, ticket, Changed{ID: 7, Again: true}); err != nil {
			return err
		}
		for message, id := range map[state.MessageID]*state.SubmissionID{50: &doubtful, 51: &later} {
			sub := state.Submission{Kind: state.Answer, Ticket: 7, Chat: 100, User: 100, Message: message, Text: "Ау", State: state.SubmissionQueued}
			var err error
			if *id, _, err = tx.AddSubmission(sub); err != nil {
				return err
			}
			if _, _, err = d.bot.Sending(tx, *id); err != nil {
				return err
			}
		}
		return d.bot.Doubtful(tx, d.now, doubtful)
	})
	ticket.Posts = append(ticket.Posts, plusofon.Post{ID: 2, Text: "Ау", Author: me})
	d.do(func(tx *state.Tx) error {
		if _, err := d.bot.Delivered(tx, d.now, later, ticket); err != nil {
			return err
		}
		if err := d.bot.Absorb(tx, d.now, ticket, Changed{ID: 7, Again: true}); err != nil {
			return err
		}
		for id, want := range map[state.SubmissionID]state.SubmissionState{doubtful: state.SubmissionDoubtful, later: state.SubmissionDelivered} {
			if sub, err := tx.Submission(id); err != nil || sub.State != want {
				t.Errorf("an answer is %s (%v), want %s", sub.State, err, want)
			}
		}
		return nil
	})
}
