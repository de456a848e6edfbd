package state

import (
	"errors"
	"testing"
	"time"
)

// At most one thing is in hand, and a requested line takes precedence over it.
func TestInHand(t *testing.T) {
	s := open(t)
	hand := func(c ChatID, u UserID, second int) func(*Tx) (InHand, error) {
		return func(tx *Tx) (InHand, error) { return tx.InHand(c, u, at(second)) }
	}
	line := func(second int) func(*Tx) (InHand, error) {
		return func(tx *Tx) (InHand, error) { return tx.LineAsked(1, 70, at(second)) }
	}
	take := func(h InHand) InHand {
		t.Helper()
		h.ID = get(t, s, func(tx *Tx) (HandID, error) { return tx.TakeInHand(h) })
		return h
	}
	absent(t, s, hand(1, 70, 0))
	answer := take(InHand{Chat: 1, User: 70, Kind: HandAnswer, Ticket: 7, Reopens: true, Until: at(10)})
	others := take(InHand{Chat: 1, User: 71, Kind: HandOpening, Until: at(10)})
	equal(t, "an answer", get(t, s, hand(1, 70, 10)), answer)
	absent(t, s, hand(1, 70, 11)) // it has expired
	absent(t, s, hand(2, 70, 0))

	inHand := take(InHand{Chat: 1, User: 70, Kind: HandDraft, Draft: 3})
	equal(t, "a draft in its place", get(t, s, hand(1, 70, 1000)), inHand)
	subject := take(InHand{Chat: 1, User: 70, Kind: HandSubject, Draft: 3, Until: at(20)})
	do(t, s, func(tx *Tx) error { return tx.HandAsked(subject.ID, 55) })
	subject.Message = 55
	equal(t, "a line in front", get(t, s, line(20)), subject)
	equal(t, "and the draft behind", get(t, s, hand(1, 70, 20)), inHand)
	do(t, s, func(tx *Tx) error { return tx.HandAsked(answer.ID, 56) }) // of something no longer in hand
	search := take(InHand{Chat: 1, User: 70, Kind: HandSearch, Until: at(20)})
	equal(t, "another line in its place", get(t, s, line(20)), search)
	do(t, s, func(tx *Tx) error { return tx.DropLine(1, 70) })
	absent(t, s, line(0))
	equal(t, "given back", get(t, s, hand(1, 70, 20)), inHand)

	take(InHand{Chat: 1, User: 70, Kind: HandSubject, Draft: 3, Until: at(20)})
	take(InHand{Chat: 1, User: 70, Kind: HandAnswer, Ticket: 8, Until: at(20)})
	absent(t, s, line(0)) // nothing is left
	take(InHand{Chat: 1, User: 70, Kind: HandDraft, Draft: 3})
	do(t, s, func(tx *Tx) error { return tx.LetGoDraft(3) })
	absent(t, s, hand(1, 70, 0))
	take(InHand{Chat: 1, User: 70, Kind: HandDraft, Draft: 4})
	do(t, s, func(tx *Tx) error { return tx.LetGo(1, 70) })
	absent(t, s, hand(1, 70, 0))
	equal(t, "another person's", get(t, s, hand(1, 71, 0)), others)
}

func TestGoingOn(t *testing.T) {
	s := open(t)
	going := func(tx *Tx) (GoingOn, error) { return tx.GoingOn(1, 70) }
	absent(t, s, going)
	g := GoingOn{Chat: 1, User: 70, Submission: 3, Reopens: true, Written: at(5)}
	do(t, s, func(tx *Tx) error { return tx.SaveGoingOn(GoingOn{Chat: 1, User: 70, Submission: 2, Written: at(1)}) },
		func(tx *Tx) error { return tx.SaveGoingOn(g) })
	equal(t, "the last", get(t, s, going), g)
	do(t, s, func(tx *Tx) error { return tx.EndGoingOn(1, 70) })
	absent(t, s, going)
}

// A submission taken back is as if it had never been made.
func TestUnsubmit(t *testing.T) {
	s := open(t)
	save(t, s, ticket(7))
	sub := Submission{Kind: Answer, Chat: 1, Message: 5, User: 70, Ticket: 7, Draft: 4, Text: "слова", State: SubmissionQueued, Created: start}
	add := func(tx *Tx) error {
		id, added, err := tx.AddSubmission(sub)
		if err == nil && !added {
			err = errors.New("it is still there")
		}
		return errors.Join(err, tx.AddPart(id, 1, 6), tx.SaveFile(File{Submission: id, FileID: "f", State: FileQueued}),
			tx.MapMessage(1, 5, 7, false), tx.MapMessage(1, 6, 7, false), tx.MapMessage(1, 9, 7, false),
			tx.SaveGoingOn(GoingOn{Chat: 1, User: 70, Submission: id, Written: time.Unix(1, 0)}))
	}
	do(t, s, add)
	id := get(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionFrom(4) }).ID
	do(t, s, func(tx *Tx) error { return tx.Unsubmit(id) })
	for _, m := range []MessageID{5, 6} {
		absent(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionOf(1, m) })
		absent(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(1, m) })
	}
	absent(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionFrom(4) })
	absent(t, s, func(tx *Tx) (GoingOn, error) { return tx.GoingOn(1, 70) })
	equal(t, "another message", get(t, s, func(tx *Tx) (TicketID, error) { return tx.MessageTicket(1, 9) }), TicketID(7))
	do(t, s, add)
}
