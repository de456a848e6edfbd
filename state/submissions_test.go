package state

import (
	"testing"
)

func addSubmission(t testing.TB, s *Store, sub Submission) SubmissionID {
	t.Helper()
	return get(t, s, func(tx *Tx) (SubmissionID, error) {
		id, added, err := tx.AddSubmission(sub)
		if err == nil && !added {
			t.Errorf("message %d has submitted something already", sub.Message)
		}
		return id, err
	})
}

func saveSubmission(t testing.TB, s *Store, sub Submission) {
	t.Helper()
	do(t, s, func(tx *Tx) error { return tx.SaveSubmission(sub) })
}

// answer is a queued answer to ticket 7 by a message.
func answer(m MessageID) Submission {
	return Submission{Kind: Answer, Chat: 1, Message: m, User: 70, Ticket: 7, Text: "да", State: SubmissionQueued, Created: start}
}

// opening is a queued opening by a message.
func opening(m MessageID) Submission {
	return Submission{Kind: Opening, Chat: 1, Message: m, User: 70, Subject: "Нет гудка", Text: "совсем", State: SubmissionQueued, Created: start}
}

// ids are the ids of a list of submissions.
func ids(t testing.TB, s *Store, f func(*Tx) ([]Submission, error)) (list []SubmissionID) {
	t.Helper()
	for _, sub := range get(t, s, f) {
		list = append(list, sub.ID)
	}
	return list
}

func TestSubmissionThroughItsLife(t *testing.T) {
	s := open(t)
	sub := opening(50)
	sub.ID = addSubmission(t, s, sub)
	read := func(tx *Tx) (Submission, error) { return tx.Submission(sub.ID) }
	equal(t, "new", get(t, s, read), sub)

	sub.Ticket, sub.Post, sub.Subject, sub.Text, sub.State = 7, 1, "Гудок", "есть", SubmissionRefused
	sub.Reason, sub.Detail, sub.Receipt, sub.After = ReasonRefused, "Слова сервера", 51, 6
	saveSubmission(t, s, sub)
	equal(t, "saved", get(t, s, read), sub)
	equal(t, "by its message", get(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionOf(1, 50) }), sub)
	equal(t, "by its receipt", get(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionTold(1, 51) }), sub)

	absent(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(sub.ID + 1) })
	absent(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionOf(1, 51) })
	absent(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionOf(2, 50) })
	absent(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionTold(2, 51) })
}

func TestNoReceiptIsNobodysReceipt(t *testing.T) {
	s := open(t)
	addSubmission(t, s, opening(50))
	absent(t, s, func(tx *Tx) (Submission, error) { return tx.SubmissionTold(1, 0) })
}

func TestAMessageSubmitsOnce(t *testing.T) {
	s := open(t)
	first := addSubmission(t, s, answer(50))
	again := answer(50)
	again.Text = "ещё раз"
	added := get(t, s, func(tx *Tx) (bool, error) { _, added, err := tx.AddSubmission(again); return added, err })
	equal(t, "added again", added, false)
	equal(t, "text", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(first) }).Text, "да")
	elsewhere := answer(50)
	elsewhere.Chat = 2
	addSubmission(t, s, elsewhere)
}

func TestUnreadTicket(t *testing.T) {
	s := open(t)
	save(t, s, Ticket{ID: 1}, Ticket{ID: 2, Fetched: start})
	for i, c := range []struct {
		what string
		sub  Submission
		want TicketID
	}{
		{"never read", Submission{Kind: Answer, Ticket: 1}, 1},
		{"read", Submission{Kind: Answer, Ticket: 2}, 0},
		{"not known", Submission{Kind: Answer, Ticket: 3}, 3},
		{"an opening", Submission{Kind: Opening}, 0},
		{"an opening delivered", Submission{Kind: Opening, Ticket: 1}, 0},
	} {
		c.sub.Chat, c.sub.Message, c.sub.Text, c.sub.State = 100, MessageID(i+1), "text", SubmissionQueued
		var id SubmissionID
		do(t, s, func(tx *Tx) (err error) {
			id, _, err = tx.AddSubmission(c.sub)
			return err
		})
		equal(t, c.what, get(t, s, func(tx *Tx) (TicketID, error) { return tx.UnreadTicket(id) }), c.want)
	}
	equal(t, "withdrawn", get(t, s, func(tx *Tx) (TicketID, error) { return tx.UnreadTicket(99) }), TicketID(0))
}

func TestWaitingForATicket(t *testing.T) {
	s := open(t)
	first, second := addSubmission(t, s, opening(50)), addSubmission(t, s, opening(51))
	waits := func(m MessageID, opening SubmissionID) SubmissionID {
		sub := answer(m)
		sub.Ticket, sub.Opening = 0, opening
		return addSubmission(t, s, sub)
	}
	a, b, c := waits(52, first), waits(53, second), waits(54, first)
	list := func(id SubmissionID) []SubmissionID {
		return ids(t, s, func(tx *Tx) ([]Submission, error) { return tx.WaitingFor(id) })
	}
	equal(t, "waiting for the first", list(first), []SubmissionID{a, c})
	equal(t, "waiting for the second", list(second), []SubmissionID{b})
	equal(t, "waiting for nothing", list(0), []SubmissionID(nil))
	got := get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(a) })
	got.Ticket = 7
	saveSubmission(t, s, got)
	equal(t, "waiting after one got its ticket", list(first), []SubmissionID{c})
}

func TestDoubtWaiting(t *testing.T) {
	s := open(t)
	first := addSubmission(t, s, opening(50))
	waits, told, given, queued := answer(51), answer(54), answer(52), answer(53)
	waits.Ticket, waits.Opening = 0, first
	told.Ticket, told.Opening, told.State = 0, first, SubmissionWaiting
	given.Ticket, given.Opening, given.State = 0, first, SubmissionCancelled
	want := map[SubmissionID]SubmissionState{
		first: SubmissionQueued, addSubmission(t, s, waits): SubmissionSending,
		addSubmission(t, s, told): SubmissionSending, addSubmission(t, s, given): SubmissionCancelled, addSubmission(t, s, queued): SubmissionQueued,
	}
	do(t, s, (*Tx).DoubtWaiting)
	for id, state := range want {
		equal(t, "the state", get(t, s, func(tx *Tx) (Submission, error) { return tx.Submission(id) }).State, state)
	}
}

// reasons are the possible reasons of a submission in each state.
var reasons = map[SubmissionState][]Reason{
	SubmissionHeld:      {ReasonMention, ReasonReply, ReasonClosed},
	SubmissionQueued:    {""},
	SubmissionWaiting:   {""},
	SubmissionSending:   {""},
	SubmissionUnknown:   {""},
	SubmissionDoubtful:  {""},
	SubmissionParked:    {ReasonGaveUp},
	SubmissionRefused:   {ReasonNotFound, ReasonRefused, ReasonNoAccess},
	SubmissionFailed:    {ReasonNoOpening, ReasonFails},
	SubmissionDelivered: {""},
	SubmissionCancelled: {"", ReasonMention, ReasonReply, ReasonClosed},
}

// The store and the methods of states agree on what is in flight and what awaits a person.
func TestInFlightAndUndecided(t *testing.T) {
	s := open(t)
	var want, wantOpenings []SubmissionID
	var m MessageID
	undecided := 0
	for state, why := range reasons {
		m++
		a, o, other, again := answer(m), opening(m+100), answer(m+200), answer(m+300)
		other.Ticket = 8
		var added []SubmissionID
		for _, sub := range []Submission{a, o, other, again} {
			sub.State, sub.Reason = state, why[0]
			added = append(added, addSubmission(t, s, sub))
		}
		again.ID, again.State, again.Reason, again.Doubted = added[3], state, why[0], true
		saveSubmission(t, s, again)
		switch state {
		case SubmissionSending, SubmissionUnknown, SubmissionDoubtful:
			want, wantOpenings = append(want, added[0]), append(wantOpenings, added[1])
		}
		if state != SubmissionDelivered && state != SubmissionCancelled {
			want = append(want, added[3])
		}
		if state.AwaitsPerson() {
			undecided += len(added)
		}
	}
	equal(t, "answers", ids(t, s, func(tx *Tx) ([]Submission, error) { return tx.InFlight(7) }), want)
	equal(t, "openings", ids(t, s, func(tx *Tx) ([]Submission, error) { return tx.InFlight(0) }), wantOpenings)
	equal(t, "undecided", get(t, s, func(tx *Tx) (Unsent, error) { return tx.Unsent(0) }).Undecided, undecided)
}

func TestSubmissionStates(t *testing.T) {
	type answers struct{ goes, stopped, notSent, awaits bool }
	want := map[SubmissionState]answers{
		SubmissionHeld:      {notSent: true, awaits: true},
		SubmissionQueued:    {goes: true, notSent: true},
		SubmissionWaiting:   {goes: true, notSent: true},
		SubmissionSending:   {},
		SubmissionUnknown:   {},
		SubmissionDoubtful:  {awaits: true},
		SubmissionParked:    {stopped: true, notSent: true, awaits: true},
		SubmissionRefused:   {stopped: true, notSent: true, awaits: true},
		SubmissionFailed:    {stopped: true, notSent: true, awaits: true},
		SubmissionDelivered: {},
		SubmissionCancelled: {},
	}
	for state := range reasons {
		got := answers{state.GoesByItself(), state.Stopped(), state.CertainlyNotSent(), state.AwaitsPerson()}
		if got != want[state] {
			t.Errorf("%s: %+v, want %+v", state, got, want[state])
		}
	}
}

func TestOtherSenders(t *testing.T) {
	s := open(t)
	others := func(but UserID) int {
		return get(t, s, func(tx *Tx) (int, error) { return tx.OtherSenders(but) })
	}
	equal(t, "of nobody", others(70), 0)
	for i, user := range []UserID{70, 70, 71, 71, 72} {
		sub := answer(MessageID(i + 1))
		sub.User = user
		addSubmission(t, s, sub)
	}
	equal(t, "than one of them", others(70), 2)
	equal(t, "than somebody else", others(99), 3)
}

func TestFiles(t *testing.T) {
	s := open(t)
	id := addSubmission(t, s, answer(50))
	list := func() []File {
		return get(t, s, func(tx *Tx) ([]File, error) { return tx.Files(id) })
	}
	equal(t, "none", list(), []File(nil))
	first := File{Submission: id, N: 0, FileID: "AgAC", Name: "фото.jpg", Size: 3 << 32, State: FileQueued}
	second := File{Submission: id, N: 1, FileID: "BQAC", Name: "фото.jpg", State: FileQueued}
	for _, f := range []File{second, first} {
		do(t, s, func(tx *Tx) error { return tx.SaveFile(f) })
	}
	equal(t, "in their order", list(), []File{first, second})
	second.State, second.Reason = FileFailed, FileReasonGone
	do(t, s, func(tx *Tx) error { return tx.SaveFile(second) })
	equal(t, "one has failed", list(), []File{first, second})
}

func TestOneEffectHasOneCause(t *testing.T) {
	s := open(t)
	opened, again := opening(50), opening(51)
	opened.ID, again.ID = addSubmission(t, s, opened), addSubmission(t, s, again)
	posted, twice := answer(52), answer(53)
	posted.ID, twice.ID = addSubmission(t, s, posted), addSubmission(t, s, twice)
	opened.Ticket, opened.Post = 7, 1
	posted.Post = 2
	saveSubmission(t, s, opened)
	saveSubmission(t, s, posted)

	refused := func(what string, sub Submission) {
		t.Helper()
		if err := s.Update(func(tx *Tx) error { return tx.SaveSubmission(sub) }); err == nil {
			t.Error(what)
		}
	}
	again.Ticket = 7
	refused("two openings made one ticket", again)
	twice.Post = 2
	refused("two answers made one post", twice)
	twice.Post = 1
	refused("an answer made the post of an opening", twice)
	twice.Post = 3
	saveSubmission(t, s, twice)
	other := answer(54)
	other.Ticket = 8
	other.ID = addSubmission(t, s, other)
	other.Post = 2
	saveSubmission(t, s, other) // another ticket's post with the same id
}
