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
}

// matchInput is what a ticket that was read is matched with.
type matchInput struct {
	ticket   plusofon.Ticket
	known    map[state.PostID]state.Post
	account  string             // the e-mail of the company's account; "" where it is not known
	inFlight []state.Submission // those that wait for an effect, here and in tickets that do not exist yet
	effect   *effect            // what the ticket was read for; nil: for no submission
}

// matchPosts tells which posts of a ticket were made by submissions in flight. A post
// is taken by one submission at most, and a submission takes one post. The one that
// the ticket was read for goes first; then openings and this ticket's answers, each by
// matchPriority, the oldest first.
func matchPosts(r matchInput) map[state.PostID]state.Submission {
	m := matcher{ticket: r.ticket, known: r.known, taken: map[state.PostID]state.Submission{}, own: map[plusofon.Author]bool{}, staff: map[plusofon.Author]bool{}}
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
		if isAccount(p.Author, r.account) {
			m.own[p.Author] = true
		}
	}
	if e := r.effect; e != nil && e.sub.State != state.SubmissionDelivered {
		if !m.take(e.sub) && e.certain {
			m.force(e.sub)
		}
	}
	subs := slices.Clone(r.inFlight)
	slices.SortStableFunc(subs, func(a, b state.Submission) int {
		return cmp.Or(cmp.Compare(min(a.Ticket, 1), min(b.Ticket, 1)), cmp.Compare(matchPriority(a), matchPriority(b)))
	})
	for _, sub := range subs {
		if r.effect == nil || sub.ID != r.effect.sub.ID {
			m.take(sub)
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
	known      map[state.PostID]state.Post
	taken      map[state.PostID]state.Submission
	own, staff map[plusofon.Author]bool // the authors seen in this ticket
}

// take gives a submission the post that has its words, if there is one.
func (m *matcher) take(sub state.Submission) bool {
	for i, p := range m.ticket.Posts {
		if m.free(sub, i) && m.byCustomer(p) && plusofon.SameText(sub.Text, p.Text) {
			m.taken[state.PostID(p.ID)] = sub
			return true
		}
	}
	return false
}

// force gives a submission that certainly had its effect the post that can only
// be it: an opening the first, an answer the newest that is not the staff's.
func (m *matcher) force(sub state.Submission) {
	for i := len(m.ticket.Posts) - 1; i >= 0; i-- {
		p := m.ticket.Posts[i]
		if m.free(sub, i) && (m.byCustomer(p) || sub.Kind == state.Opening) {
			m.taken[state.PostID(p.ID)] = sub
			return
		}
	}
}

// free tells whether the i-th post can be a submission's: it is newer than what
// was known when that was sent, and nobody else's.
func (m *matcher) free(sub state.Submission, i int) bool {
	p := m.ticket.Posts[i]
	id := state.PostID(p.ID)
	if _, taken := m.taken[id]; taken || m.known[id].Submission != 0 {
		return false
	}
	if sub.Kind == state.Opening {
		return i == 0 && int64(m.ticket.ID) > sub.After && plusofon.SameSubject(sub.Subject, m.ticket.Subject)
	}
	return m.goesHere(sub) && int64(p.ID) > sub.After
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
// that goes through the API has one author; where he is known in this ticket
// nobody else's words count, however equal they are.
func (m *matcher) byCustomer(p plusofon.Post) bool {
	if len(m.own) > 0 {
		return m.own[p.Author]
	}
	return !m.staff[p.Author]
}
