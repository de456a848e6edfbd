package ticket

import (
	"cmp"
	"slices"

	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// effect is the submission that a ticket was read for: as the response to its request or
// when reading back.
type effect struct {
	sub state.Submission
	// certain is true if the API responded with success: the effect is there, even if the
	// server changed the text.
	certain bool
	// written is true if the ticket is that response itself, which is no evidence of what
	// reads show.
	written bool
}

// matchInput is what matchPosts needs to match a ticket that was read.
type matchInput struct {
	ticket   plusofon.Ticket
	fresh    bool // the ticket was not known before
	known    map[state.PostID]state.Post
	account  string                // the e-mail of the company's account; "" if not known
	inFlight []state.Submission    // those waiting for an effect, here and in tickets that don't exist yet
	moved    map[state.PostID]bool // those that were in another ticket before
	effect   *effect               // what the ticket was read for; nil: no submission
}

// matchPosts returns which posts of a ticket were made by submissions in flight. A post
// matches at most one submission and a submission one post. Stricter readings of the text
// are tried before looser ones; within a reading the submission that the ticket was read
// for comes first, then openings and this ticket's answers, each by matchPriority, oldest
// first.
func matchPosts(r matchInput) map[state.PostID]state.Submission {
	m := matcher{ticket: r.ticket, fresh: r.fresh, known: r.known, moved: r.moved, taken: map[state.PostID]state.Submission{}, own: map[plusofon.Author]bool{}, staff: map[plusofon.Author]bool{}}
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

// matchPriority orders the submissions in flight. Those left to a person to decide, or that
// wait to be sent again, match after those under way. Answers waiting for their ticket come
// after its opening.
func matchPriority(sub state.Submission) int {
	switch {
	case sub.Kind == state.Answer && sub.Ticket == 0:
		return 2
	case !sub.State.UnderWay():
		return 1
	}
	return 0
}

type matcher struct {
	ticket     plusofon.Ticket
	fresh      bool
	known      map[state.PostID]state.Post
	moved      map[state.PostID]bool
	taken      map[state.PostID]state.Submission
	own, staff map[plusofon.Author]bool // the authors seen in this ticket
}

// take matches a submission with the post whose text is the same in a reading, if there
// is exactly one. Among posts with equal text it takes the oldest; if the text has no
// words to compare, the newest.
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

// takeCertain matches a submission known to have had its effect in this ticket: an
// opening with the first post that was not moved there, an answer with the post of its text, or
// else with the customer's newest.
func (m *matcher) takeCertain(sub state.Submission) {
	if sub.Kind == state.Opening {
		for _, p := range m.ticket.Posts {
			id := state.PostID(p.ID)
			if m.moved[id] {
				continue // the staff has merged an older ticket into it
			}
			if m.known[id].Submission == 0 {
				m.taken[id] = sub
			}
			break
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
	if len(m.own) > 0 && plusofon.HasWords(sub.Text) {
		// The account may be another one, or have another name, than when it wrote here before.
		defer func(own map[plusofon.Author]bool) { m.own = own }(m.own)
		m.own = nil
		for _, reading := range plusofon.Readings() {
			if m.take(sub, reading) {
				return
			}
		}
	}
}

// free reports whether the i-th post can be a submission's: it was not known when the
// submission was sent and is not linked to another. The store tells whether it was known,
// because ids need not grow; once it is stored, its id does.
func (m *matcher) free(sub state.Submission, i int) bool {
	p := m.ticket.Posts[i]
	id := state.PostID(p.ID)
	stored, known := m.known[id]
	if _, taken := m.taken[id]; taken || stored.Submission != 0 || m.moved[id] {
		return false
	}
	if sub.Kind == state.Opening {
		return i == 0 && (m.fresh || int64(m.ticket.ID) > sub.After) && plusofon.SameSubject(sub.Subject, m.ticket.Subject)
	}
	return m.goesHere(sub) && (!known || int64(p.ID) > sub.After)
}

// goesHere reports whether an answer belongs to this ticket, or waits for the opening
// that was just found to have made it.
func (m *matcher) goesHere(sub state.Submission) bool {
	if sub.Ticket == 0 && sub.Opening != 0 {
		return len(m.ticket.Posts) > 0 && m.taken[state.PostID(m.ticket.Posts[0].ID)].ID == sub.Opening
	}
	return sub.Ticket == state.TicketID(m.ticket.ID)
}

// byCustomer reports whether a post may have been written through the account. Everything
// sent through the API has one author: once it is known in this ticket, only that author's
// posts match, however equal the text of others is.
func (m *matcher) byCustomer(p plusofon.Post) bool {
	switch {
	case m.own[p.Author]:
		return true
	case p.Creator == plusofon.CreatorStaff, len(m.own) > 0:
		return false
	}
	return !m.staff[p.Author]
}
