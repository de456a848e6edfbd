package ticket

import (
	"cmp"
	"slices"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// effect is the submission whose own answer, or read-back, a ticket is.
type effect struct {
	sub state.Submission
	// certain says that the API has answered with success: the effect is there,
	// whatever the server has made of the words.
	certain bool
	// written says that the ticket is that answer itself, which tells nothing of
	// what reads show.
	written bool
}

// matchInput is what a ticket that was read is matched with.
type matchInput struct {
	ticket   plusofon.Ticket
	fresh    bool // the ticket was not known before
	known    map[state.PostID]state.Post
	account  string             // the e-mail of the company's account; "" where it is not known
	inFlight []state.Submission // those that wait for an effect, here and in tickets that do not exist yet
	effect   *effect            // what the ticket was read for; nil: for no submission
}

// matchPosts tells which posts of a ticket were made by submissions in flight. A post
// is taken by one submission at most, and a submission takes one post. The stricter
// reading of the words goes before the freer one; within a reading the submission that
// the ticket was read for goes first, then openings and this ticket's answers, each by
// matchPriority, the oldest first.
func matchPosts(r matchInput) map[state.PostID]state.Submission {
	m := matcher{ticket: r.ticket, fresh: r.fresh, known: r.known, taken: map[state.PostID]state.Submission{}, own: map[plusofon.Author]bool{}, staff: map[plusofon.Author]bool{}}
	for _, p := range r.known {
		author := plusofon.Author{ID: p.AuthorID, Name: p.AuthorName}
		switch {
		case p.Submission != 0:
			m.own[author] = true
		case p.Side == state.Staff:
			m.staff[author] = true
		}
	}
	for _, p := range r.ticket.Posts {
		if isAccount(p, r.account) {
			m.own[p.Author] = true
		}
	}
	subs := slices.Clone(r.inFlight)
	slices.SortStableFunc(subs, func(a, b state.Submission) int {
		return cmp.Or(cmp.Compare(min(a.Ticket, 1), min(b.Ticket, 1)), cmp.Compare(matchPriority(a), matchPriority(b)))
	})
	if e := r.effect; e != nil {
		subs = slices.DeleteFunc(subs, func(sub state.Submission) bool { return sub.ID == e.sub.ID })
		if e.sub.State != state.SubmissionDelivered {
			if e.certain {
				m.takeCertain(e.sub)
			} else {
				subs = slices.Insert(subs, 0, e.sub)
			}
		}
	}
	served := map[state.SubmissionID]bool{}
	for _, reading := range plusofon.Readings() {
		for _, sub := range subs {
			served[sub.ID] = served[sub.ID] || m.take(sub, reading)
		}
	}
	return m.taken
}

// matchPriority orders the submissions under way. One that was given to a person to decide
// holds nobody up: those that are still on their way have the better claim. An
// answer that waits for its ticket comes behind the opening.
func matchPriority(sub state.Submission) int {
	switch {
	case sub.Kind == state.Answer && sub.Ticket == 0:
		return 2
	case sub.State == state.SubmissionDoubtful:
		return 1
	}
	return 0
}

type matcher struct {
	ticket     plusofon.Ticket
	fresh      bool
	known      map[state.PostID]state.Post
	taken      map[state.PostID]state.Submission
	own, staff map[plusofon.Author]bool // the authors seen in this ticket
}

// take gives a submission the post that a reading takes for its words, if there is
// exactly one. Posts that say the same are as good as each other, so the oldest; where
// there is no word to know it by, the newest.
func (m *matcher) take(sub state.Submission, reading plusofon.Reading) bool {
	found := -1
	for i, p := range m.ticket.Posts {
		if !m.free(sub, i) || !m.byCustomer(p) || !reading.Same(sub.Text, p.Text) {
			continue
		}
		switch {
		case found < 0, reading == plusofon.LettersAlone && !plusofon.HasWords(sub.Text):
			found = i
		case p.Text != m.ticket.Posts[found].Text:
			return false
		}
	}
	if found < 0 {
		return false
	}
	m.taken[state.PostID(m.ticket.Posts[found].ID)] = sub
	return true
}

// takeCertain gives a submission that has certainly had its effect in this ticket the
// post that it is: an opening the first, an answer the one with its words, else the
// newest of the customer's.
func (m *matcher) takeCertain(sub state.Submission) {
	if sub.Kind == state.Opening {
		if len(m.ticket.Posts) > 0 {
			if id := state.PostID(m.ticket.Posts[0].ID); m.known[id].Submission == 0 {
				m.taken[id] = sub
			}
		}
		return
	}
	for _, reading := range plusofon.Readings() {
		if m.take(sub, reading) {
			return
		}
	}
	for i := len(m.ticket.Posts) - 1; i >= 0; i-- {
		if p := m.ticket.Posts[i]; m.free(sub, i) && m.byCustomer(p) {
			m.taken[state.PostID(p.ID)] = sub
			return
		}
	}
}

// free tells whether the i-th post can be a submission's: it was not known when that
// was sent, and is nobody else's. That it was not known is told by the store, for ids
// need not grow; by its id where it has been stored since.
func (m *matcher) free(sub state.Submission, i int) bool {
	p := m.ticket.Posts[i]
	id := state.PostID(p.ID)
	stored, known := m.known[id]
	if _, taken := m.taken[id]; taken || stored.Submission != 0 {
		return false
	}
	if sub.Kind == state.Opening {
		return i == 0 && (m.fresh || int64(m.ticket.ID) > sub.After) && plusofon.SameSubject(sub.Subject, m.ticket.Subject)
	}
	return m.goesHere(sub) && (!known || int64(p.ID) > sub.After)
}

// goesHere tells whether an answer is one to this ticket, or waits for the opening
// that has just been found to have made it.
func (m *matcher) goesHere(sub state.Submission) bool {
	if sub.Ticket == 0 && sub.Opening != 0 {
		return len(m.ticket.Posts) > 0 && m.taken[state.PostID(m.ticket.Posts[0].ID)].ID == sub.Opening
	}
	return sub.Ticket == state.TicketID(m.ticket.ID)
}

// byCustomer tells whether a post may have been written through the account. All
// that goes through the API has one author; where that one is known in this ticket
// nobody else's words count, however equal they are.
func (m *matcher) byCustomer(p plusofon.Post) bool {
	switch {
	case m.own[p.Author]:
		return true
	case p.Creator == plusofon.CreatorStaff, len(m.own) > 0:
		return false
	}
	return !m.staff[p.Author]
}
