package ticket_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/reading"
	"plusofon-bot/bot/submission"
	"plusofon-bot/bot/ticket"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
)

// After the database was restored from a backup a poll may find an opening, with the answers
// waiting for its ticket: each is matched, and no one is told of their own text.
func TestAnswersThatWentAfterTheCopy(t *testing.T) {
	for _, opened := range []state.SubmissionState{state.SubmissionUnknown, state.SubmissionDoubtful} {
		t.Run(string(opened), func(t *testing.T) {
			d := bottest.NewDesk(t)
			var opening, answer state.SubmissionID
			d.Do(func(turn *chat.Turn) error {
				if err := reading.Account(turn, plusofon.Account{Email: "account@example.com"}); err != nil {
					return err
				}
				return turn.Tx.SavePerson(state.Person{ID: 100, Role: state.Member})
			})
			d.Poll(true, plusofon.Ticket{})
			d.Do(func(turn *chat.Turn) (err error) {
				sub := state.Submission{Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: "Тема", Text: "Текст", State: opened}
				if opening, _, err = turn.Tx.AddSubmission(sub); err != nil {
					return err
				}
				sub = state.Submission{Kind: state.Answer, Chat: 100, User: 100, Message: 51, Opening: opening, Text: "дополнение", State: state.SubmissionQueued}
				if answer, _, err = turn.Tx.AddSubmission(sub); err != nil {
					return err
				}
				return turn.Tx.DoubtWaiting()
			})
			me := plusofon.Author{ID: "1", Name: "account@example.com"}
			d.Poll(true, plusofon.Ticket{Subject: "Тема", Posts: []plusofon.Post{
				{ID: 1, Text: "Текст", Author: me}, {ID: 2, Text: "дополнение", Author: me},
			}}, plusofon.ListedTicket{ID: 7, Subject: "Тема", Open: true, Fingerprint: "1"})
			d.Do(func(turn *chat.Turn) error {
				for _, id := range []state.SubmissionID{opening, answer} {
					sub, err := turn.Tx.Submission(id)
					if err != nil {
						return err
					}
					if sub.State != state.SubmissionDelivered || sub.Ticket != 7 {
						t.Errorf("the %s is %s, in ticket %d", sub.Kind, sub.State, sub.Ticket)
					}
				}
				return nil
			})
			for _, said := range d.Said(100) {
				if strings.Contains(said, "👤") {
					t.Errorf("told of his own words: %s", said)
				}
			}
		})
	}
}

// A poll may see a ticket before the response to its opening is read, or after the opening
// was given up as doubtful: it is matched with the opening, and no news to its author. A
// ticket known before the opening was sent is not, however equal it is.
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
			d := bottest.NewDesk(t)
			var opening state.SubmissionID
			d.Do(func(turn *chat.Turn) (err error) {
				if err := reading.Account(turn, plusofon.Account{Email: "account@example.com"}); err != nil {
					return err
				}
				if err := turn.Tx.SavePerson(state.Person{ID: 100, Role: state.Member}); err != nil {
					return err
				}
				if err := turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll}); err != nil {
					return err
				}
				sub := state.Submission{Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: c.wrote, Text: "Текст", State: c.state}
				if opening, _, err = turn.Tx.AddSubmission(sub); err != nil {
					return err
				}
				sub.ID, sub.After = opening, c.after
				return turn.Tx.SaveSubmission(sub)
			})
			var known []plusofon.ListedTicket
			if c.after == 7 {
				known = append(known, plusofon.ListedTicket{ID: 7, Subject: "Тема &lt;1&gt;", Open: true, Fingerprint: "0", LastActivity: d.Now.Add(-time.Hour)})
			}
			d.Poll(true, plusofon.Ticket{}, known...)
			d.Poll(true, plusofon.Ticket{Subject: "Тема &lt;1&gt;", Posts: []plusofon.Post{
				{ID: 1, Text: "Текст", Author: plusofon.Author{ID: "1", Name: "account@example.com"}},
			}}, plusofon.ListedTicket{ID: 7, Subject: "Тема &lt;1&gt;", Open: true, Fingerprint: "1", LastActivity: d.Now})
			d.Do(func(turn *chat.Turn) error {
				sub, err := turn.Tx.Submission(opening)
				if own := sub.State == state.SubmissionDelivered; own != c.own {
					t.Errorf("the opening is %s", sub.State)
				}
				return err
			})
			news := func(said string) bool { return strings.Contains(said, "👤") }
			if told := slices.ContainsFunc(d.Said(100), news); told == c.own {
				t.Errorf("told of it as news: %v", told)
			}
		})
	}
}

// A post made by one answer is never matched with another whose outcome is unknown, however
// equal their text is.
func TestPostOfAnotherAnswer(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	me := plusofon.Author{ID: "1", Name: "account@example.com"}
	read := plusofon.Ticket{ID: 7, Subject: "Тема", Posts: []plusofon.Post{{ID: 1, Text: "Текст", Author: me}}}
	var doubtful, later state.SubmissionID
	d.Do(func(turn *chat.Turn) error {
		if err := reading.Account(turn, plusofon.Account{Email: "account@example.com"}); err != nil {
			return err
		}
		if err := bottest.Absorb(turn, ticket.Read{Ticket: read}, ticket.Changed{ID: 7, Again: true}); err != nil {
			return err
		}
		for message, id := range map[state.MessageID]*state.SubmissionID{50: &doubtful, 51: &later} {
			sub := state.Submission{Kind: state.Answer, Ticket: 7, Chat: 100, User: 100, Message: message, Text: "Ау", State: state.SubmissionQueued}
			var err error
			if *id, _, err = turn.Tx.AddSubmission(sub); err != nil {
				return err
			}
			if _, _, err = submission.Sending(turn, *id); err != nil {
				return err
			}
		}
		return submission.Doubtful(turn, doubtful)
	})
	read.Posts = append(read.Posts, plusofon.Post{ID: 2, Text: "Ау", Author: me})
	d.Do(func(turn *chat.Turn) error {
		if _, err := ticket.Delivered(turn, later, ticket.Read{Ticket: read}); err != nil {
			return err
		}
		if err := bottest.Absorb(turn, ticket.Read{Ticket: read}, ticket.Changed{ID: 7, Again: true}); err != nil {
			return err
		}
		for id, want := range map[state.SubmissionID]state.SubmissionState{doubtful: state.SubmissionDoubtful, later: state.SubmissionDelivered} {
			if sub, err := turn.Tx.Submission(id); err != nil || sub.State != want {
				t.Errorf("an answer is %s (%v), want %s", sub.State, err, want)
			}
		}
		return nil
	})
}

// What the staff merges into a ticket is no answer of ours to it, though the words are the same: it
// is an answer of before, to another ticket.
func TestMergedAnswerIsNotTheOneUnderWay(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never"}, func(t *testing.T, w *bottest.World) {
		first, receipt := w.Opened("Первая", "Текст")
		second, other := w.Opened("Вторая", "Другое")
		said := w.Anna.Reply(other.ID, "Да")
		w.Reacts(w.Anna, said.ID, "👌")
		w.AtRest()
		// The connection breaks before the answer takes effect; meanwhile the staff merges the tickets.
		w.Plusofon.AddFault(plusofontest.Fault{Op: "answer", DropBefore: true, OnRead: func() { w.Plusofon.Merge(second, first) }})
		w.Later()
		m := w.Anna.Reply(receipt.ID, "Да")
		w.Passes(5 * time.Minute)
		n := 0
		for _, text := range w.Posts(first) {
			n += strings.Count(text, "Да")
		}
		if n != 2 {
			t.Errorf("the ticket has %q; the reaction is %q", w.Posts(first), w.Anna.Message(m.ID).Reaction)
		}
	})
}

// An opening that was answered with success, but not shown, is found in its ticket though the staff
// has merged an older one into it meanwhile.
func TestOpeningIntoWhichAnOlderTicketIsMerged(t *testing.T) {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	me := plusofon.Author{ID: "1", Name: "account@example.com"}
	old := plusofon.Post{ID: 1, Date: d.Now.Add(-time.Hour), Text: "Касса", Author: me}
	var opening state.SubmissionID
	d.Do(func(turn *chat.Turn) (err error) {
		if err := reading.Account(turn, plusofon.Account{Email: "account@example.com"}); err != nil {
			return err
		}
		if err := bottest.Absorb(turn, ticket.Read{Ticket: plusofon.Ticket{ID: 7, Subject: "Касса", Posts: []plusofon.Post{old}}}, ticket.Changed{ID: 7, Again: true}); err != nil {
			return err
		}
		opening, _, err = turn.Tx.AddSubmission(state.Submission{
			Kind: state.Opening, Chat: 100, User: 100, Message: 50, Subject: "Касса снова", Text: "Опять", State: state.SubmissionQueued,
		})
		if err != nil {
			return err
		}
		_, _, err = submission.Sending(turn, opening)
		return err
	})
	ours := plusofon.Post{ID: 2, Date: d.Now, Text: "Опять", Author: me}
	read := ticket.Read{Ticket: plusofon.Ticket{ID: 8, Subject: "Касса снова", Posts: []plusofon.Post{old, ours}}}
	d.Do(func(turn *chat.Turn) error {
		if _, err := ticket.ReadBack(turn, opening, []ticket.Read{read}, true); err != nil {
			return err
		}
		sub, err := turn.Tx.Submission(opening)
		if sub.State != state.SubmissionDelivered || sub.Post != 2 {
			t.Errorf("it is %s, post %d", sub.State, sub.Post)
		}
		return err
	})
}

// hearsOfAll is a desk with a member who hears of all tickets.
func hearsOfAll(t *testing.T) *bottest.Desk {
	d := bottest.NewDesk(t)
	d.Member(100, "ru")
	d.Poll(true, plusofon.Ticket{})
	d.Do(func(turn *chat.Turn) error {
		return turn.Tx.SaveSettings(state.Settings{Chat: 100, News: state.NewsAll})
	})
	return d
}

// Where posts are numbered ticket by ticket, the same words of the same operator in another ticket are
// another post.
func TestCannedAnswersWherePostsAreNumberedTicketByTicket(t *testing.T) {
	d := hearsOfAll(t)
	me, staff := plusofon.Author{ID: "1", Name: "me@example.com"}, plusofon.Author{ID: "9", Name: "Оператор"}
	element := func(id plusofon.TicketID, print string) plusofon.ListedTicket {
		return plusofon.ListedTicket{ID: id, Open: true, Fingerprint: print}
	}
	var before []plusofon.ListedTicket
	for i := range 2 {
		id := plusofon.TicketID(7 + i)
		posts := []plusofon.Post{{ID: 1, Date: d.Now, Text: fmt.Sprint("Вопрос ", i), Author: me}}
		d.Poll(true, plusofon.Ticket{Open: true, OpenKnown: true, Posts: posts}, append(before, element(id, "1"))...)
		d.Said(100)
		d.Now = d.Now.Add(minutes(5))
		posts = append(posts, plusofon.Post{ID: 2, Date: d.Now, Text: "Ваше обращение принято в работу.", Author: staff})
		d.Poll(true, plusofon.Ticket{Open: true, OpenKnown: true, Posts: posts}, append(before, element(id, "2"))...)
		d.Want(d.Said(100), "принято в работу")
		before = append(before, element(id, "2"))
		d.Now = d.Now.Add(minutes(5))
	}
}
