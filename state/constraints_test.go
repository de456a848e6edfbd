package state

import (
	"errors"
	"slices"
	"testing"

	"github.com/mattn/go-sqlite3"
)

func addSub(tx *Tx, sub Submission) error {
	_, _, err := tx.AddSubmission(sub)
	return err
}

// TestBadValuesAreRefused checks that a bug in the caller does not reach the disk: the
// file outlives the program that wrote it.
func TestBadValuesAreRefused(t *testing.T) {
	t.Parallel()
	discard := func(_ any, err error) error { return err }
	for what, f := range map[string]func(*Tx) error{
		"a role":               func(tx *Tx) error { return tx.SavePerson(Person{ID: 1, Role: "admin"}) },
		"no role":              func(tx *Tx) error { return tx.SavePerson(Person{ID: 1}) },
		"the source of a role": func(tx *Tx) error { return tx.SavePerson(Person{ID: 1, Role: Owner, Source: "luck"}) },
		"the kind of a link":   func(tx *Tx) error { return tx.AddInvite("t", Invite{Kind: "key", By: 1}) },
		"a token twice": func(tx *Tx) error {
			return errors.Join(tx.AddInvite("t", Invite{Kind: Invitation, By: 1}), tx.AddInvite("t", Invite{Kind: Invitation, By: 1}))
		},
		"an invitation of nobody's":      func(tx *Tx) error { return tx.AddInvite("t", Invite{Kind: Invitation}) },
		"a claim of somebody's":          func(tx *Tx) error { return tx.AddInvite("t", Invite{Kind: Claim, By: 1}) },
		"the kind of a chat":             func(tx *Tx) error { return tx.SeeChat(1, "channel", "") },
		"the side of a ticket":           func(tx *Tx) error { return tx.SaveTicket(Ticket{ID: 8, LastSide: "nobody"}) },
		"a post of no ticket":            func(tx *Tx) error { return discard(tx.AddPost(post(404, 1))) },
		"the side of a post":             func(tx *Tx) error { return discard(tx.AddPost(Post{Ticket: 7, ID: 2})) },
		"an attachment of no post":       func(tx *Tx) error { return tx.SetAttachments(7, 404, []string{"a"}) },
		"a binding of no ticket":         func(tx *Tx) error { return tx.Bind(1, 404, start) },
		"the kind of what is in hand":    func(tx *Tx) error { return discard(tx.TakeInHand(InHand{Chat: 1, User: 2, Kind: "guess"})) },
		"a subject of no draft":          func(tx *Tx) error { return discard(tx.TakeInHand(InHand{Chat: 1, User: 2, Kind: HandSubject})) },
		"a draft in hand that is none":   func(tx *Tx) error { return discard(tx.TakeInHand(InHand{Chat: 1, User: 2, Kind: HandDraft})) },
		"an answer to no ticket in hand": func(tx *Tx) error { return discard(tx.TakeInHand(InHand{Chat: 1, User: 2, Kind: HandAnswer})) },
		"the kind of a draft":            func(tx *Tx) error { return discard(tx.AddDraft(Draft{Kind: "guess", State: DraftOpen})) },
		"the state of a draft":           func(tx *Tx) error { return discard(tx.AddDraft(Draft{Kind: DraftOpening, State: "lost"})) },
		"a correction of nothing":        func(tx *Tx) error { return discard(tx.AddDraft(Draft{Kind: DraftCorrection, State: DraftOpen})) },
		"what goes on to nothing":        func(tx *Tx) error { return discard(tx.AddDraft(Draft{Kind: DraftGoing, State: DraftOpen})) },
		"what is held for no ticket":     func(tx *Tx) error { return discard(tx.AddDraft(Draft{Kind: DraftClosed, State: DraftOpen})) },
		"an opening of a ticket": func(tx *Tx) error {
			return discard(tx.AddDraft(Draft{Kind: DraftOpening, State: DraftOpen, Ticket: 7}))
		},
		"the kind of a submission": func(tx *Tx) error {
			return addSub(tx, Submission{Kind: "guess", Message: 2, Ticket: 7, State: SubmissionQueued})
		},
		"the state of a submission": func(tx *Tx) error { return addSub(tx, Submission{Kind: Opening, Message: 2, State: "lost"}) },
		"an answer to nothing":      func(tx *Tx) error { return addSub(tx, Submission{Kind: Answer, Message: 2, State: SubmissionQueued}) },
		"a file of no submission":   func(tx *Tx) error { return tx.SaveFile(File{Submission: 404, State: FileQueued}) },
		"the state of a file":       func(tx *Tx) error { return tx.SaveFile(File{Submission: 1, State: "lost"}) },
		"the kind of a request": func(tx *Tx) error {
			return discard(tx.Enqueue(Request{Side: Telegram, Lane: "a", Kind: "guess"}, start))
		},
		"a request to the other side": func(tx *Tx) error {
			return discard(tx.Enqueue(Request{Side: Plusofon, Lane: "a", Kind: "call"}, start))
		},
		"fewer read-backs than none":  func(tx *Tx) error { return tx.run("", `UPDATE outbox SET checks = -1`) },
		"whether a request succeeded": func(tx *Tx) error { return tx.run("", `UPDATE outbox SET state = 'unknown', succeeded = 2`) },
		"a success that goes again":   func(tx *Tx) error { return tx.run("", `UPDATE outbox SET succeeded = 1`) },
		"a success that is under way": func(tx *Tx) error { return tx.run("", `UPDATE outbox SET state = 'sending', succeeded = 1`) },
		"the side of a request":       func(tx *Tx) error { return discard(tx.Enqueue(Request{Side: "third", Lane: "a", Kind: "call"}, start)) },
		"the priority of a request": func(tx *Tx) error {
			return discard(tx.Enqueue(Request{Side: Telegram, Kind: "call", Priority: 3}, start))
		},
		"an end at no time":             func(tx *Tx) error { return tx.Finish(1, Done, instant(0), "") },
		"text where a number should be": func(tx *Tx) error { return tx.run("", `UPDATE people SET asked_at = 'today'`) },
		"the state of an update":        func(tx *Tx) error { return tx.run("", `UPDATE inbox SET state = 'lost'`) },
		"whether a ticket is open":      func(tx *Tx) error { return tx.run("", `UPDATE tickets SET open = 2`) },
		"whether one is the customer's": func(tx *Tx) error { return tx.run("", `UPDATE tickets SET by_customer = 2`) },
		"whether a binding is muted":    func(tx *Tx) error { return tx.run("", `UPDATE bindings SET muted = 2`) },
		"fewer failures than none":      func(tx *Tx) error { return tx.run("", `UPDATE outbox SET failures = -1`) },
		"a ticket gone from its posts":  func(tx *Tx) error { return tx.run("", `DELETE FROM tickets`) },
		"a post gone from its files":    func(tx *Tx) error { return tx.run("", `DELETE FROM posts`) },
		"a submission gone from files":  func(tx *Tx) error { return tx.run("", `DELETE FROM submissions`) },
		"an open row that has ended":    func(tx *Tx) error { return tx.run("", `UPDATE outbox SET ended_at = 1`) },
		"an ended row that has not":     func(tx *Tx) error { return tx.run("", `UPDATE outbox SET state = 'done'`) },
	} {
		t.Run(what, func(t *testing.T) {
			s := open(t)
			withFile := post(7, 1)
			withFile.Files = []string{"a"}
			save(t, s, ticket(7))
			addPost(t, s, withFile)
			id := addSubmission(t, s, opening(1))
			do(t, s,
				func(tx *Tx) error { return tx.SaveFile(File{Submission: id, State: FileQueued}) },
				func(tx *Tx) error { return tx.Bind(1, 7, start) },
				func(tx *Tx) error { return tx.SeeChat(1, "private", "") },
				func(tx *Tx) error { return tx.SavePerson(Person{ID: 9, Role: Stranger}) },
				func(tx *Tx) error { return receive(tx, "u", 1, "", 0) })
			add(t, s, request("a"))
			err := s.Update(f)
			if e, ok := errors.AsType[sqlite3.Error](err); !ok || e.Code != sqlite3.ErrConstraint {
				t.Errorf("error %v, want a violated constraint", err)
			}
		})
	}
}

// A submission or file in a state can have the reasons of that state and no others.
func TestReasonsBelongToStates(t *testing.T) {
	s := open(t)
	refused := func(f func(*Tx) error) bool {
		t.Helper()
		err := s.Update(func(tx *Tx) error { return errors.Join(f(tx), errRollBack) })
		if e, ok := errors.AsType[sqlite3.Error](err); ok && e.Code != sqlite3.ErrConstraint {
			t.Fatal(err)
		} else if ok {
			return true
		}
		return false
	}
	all := []Reason{"guess"}
	for _, some := range reasons {
		all = append(all, some...)
	}
	for state, allowed := range reasons {
		for _, reason := range all {
			sub := answer(50)
			sub.State, sub.Reason = state, reason
			if got, want := !refused(func(tx *Tx) error { return addSub(tx, sub) }), slices.Contains(allowed, reason); got != want {
				t.Errorf("a submission may be %s for the reason %q: %v, want %v", state, reason, got, want)
			}
		}
	}
	id := addSubmission(t, s, answer(50))
	failed := []FileReason{FileReasonTooBig, FileReasonGone, FileReasonRefused, FileReasonFails, FileReasonGaveUp}
	for _, state := range []FileState{FileQueued, FileDelivered, FileFailed, FileDoubtful} {
		for _, reason := range append([]FileReason{"", "guess"}, failed...) {
			want := reason == ""
			if state == FileFailed {
				want = slices.Contains(failed, reason)
			}
			f := File{Submission: id, State: state, Reason: reason}
			if got := !refused(func(tx *Tx) error { return tx.SaveFile(f) }); got != want {
				t.Errorf("a file may be %s for the reason %q: %v, want %v", state, reason, got, want)
			}
		}
	}
}

func TestInstants(t *testing.T) {
	if !instant(millis(instant(0))).IsZero() {
		t.Error("no time is not kept as none")
	}
	local := start.In(start.Local().Location())
	equal(t, "an instant, in UTC", instant(millis(local)), start)
}
