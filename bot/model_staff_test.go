package bot_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// maxVanished is how many tickets may vanish per walk, which is mostly about those that remain.
const maxVanished = 2

// modelGone is a ticket that the staff has merged or deleted.
type modelGone struct {
	ticket plusofontest.Ticket // as it was then
	into   plusofon.TicketID   // the ticket it was merged into; 0: it was deleted
	known  bool                // it was always in the open list: the bot must notice that it has left
	asked  int                 // how often it had been read when everything had settled
}

// staffMoves are what the staff does besides replying, and what can happen to a read.
func (m *model) staffMoves() map[string]func(*rapid.T) {
	people := rapid.SampledFrom(modelPeople)
	return map[string]func(*rapid.T){
		"the staff edits a post":  m.editsPost,
		"the staff writes a note": m.writesNote,
		"a ticket vanishes":       m.vanishes,
		"somebody looks at a ticket": func(t *rapid.T) {
			m.looks(t, people.Draw(t, "who"))
		},
		"somebody looks for long": func(t *rapid.T) {
			m.troubles.add("ticket", overtaken)
			m.looks(t, people.Draw(t, "who"))
		},
		"a read takes long":            func(*rapid.T) { m.troubles.add("ticket", overtaken) },
		"a listed ticket is not found": func(*rapid.T) { m.troubles.add("ticket", notThere) },
	}
}

// openTickets returns those in which the staff may still do something.
func (m *model) openTickets() []plusofontest.Ticket {
	return slices.DeleteFunc(m.desk.all(), func(t plusofontest.Ticket) bool { return m.closed[t.ID] })
}

// editsPost has the staff edit a post.
func (m *model) editsPost(t *rapid.T) {
	var own []*modelNews
	for _, n := range m.news {
		if n.bad == 0 && !m.isGone(n.ticket) {
			own = append(own, n)
		}
	}
	if len(own) == 0 {
		return
	}
	n := own[rapid.IntRange(0, len(own)-1).Draw(t, "post")]
	n.was = append(n.was, n.text)
	n.text = m.token("правка")
	m.desk.srv.Edit(n.ticket, n.post, n.text)
}

// lastWords has the staff write once more where it has edited something: lists don't show edits.
func (m *model) lastWords() {
	edited := map[plusofon.TicketID]bool{}
	for _, n := range slices.Clone(m.news) {
		if len(n.was) > 0 && !m.isGone(n.ticket) && !edited[n.ticket] {
			edited[n.ticket] = true
			m.replies(&modelNews{ticket: n.ticket, text: m.token("последнее слово")})
		}
	}
}

// writesNote has the staff write an internal note.
func (m *model) writesNote(t *rapid.T) {
	tickets := m.desk.all()
	if len(tickets) == 0 {
		return
	}
	text := m.token("между нами")
	m.desk.srv.Note(tickets[rapid.IntRange(0, len(tickets)-1).Draw(t, "ticket")].ID, "Оператор", text)
	m.notes = append(m.notes, text)
}

// closes has the staff close a ticket.
func (m *model) closes(id plusofon.TicketID) {
	m.desk.srv.CloseTicket(id)
	m.closed[id] = true
	m.closings[id]++
}

// looks has someone read a ticket's history: a read besides those of the polls.
func (m *model) looks(t *rapid.T, who int64) {
	tickets := m.tickets()
	if len(tickets) == 0 {
		return
	}
	m.phone.from(who, 0, fmt.Sprintf("/ticket %d", tickets[rapid.IntRange(0, len(tickets)-1).Draw(t, "ticket")].ID))
	h := m.hand(who)
	h.answer, h.maybe = 0, max(h.answer, h.maybe) // looking at another ticket ends an answer
}

// vanishes has the staff delete a ticket or merge it into another one.
func (m *model) vanishes(t *rapid.T) {
	var known []plusofon.TicketID // as far as those who opened them have been told
	for _, w := range m.wishes {
		if w.opening && !w.twin && w.into() != 0 && !m.isGone(w.into()) && m.phone.reaction(w.sent) == "👌" {
			known = append(known, w.into())
		}
	}
	known = slices.DeleteFunc(known, func(id plusofon.TicketID) bool {
		return slices.ContainsFunc(m.badNews(), func(n *modelNews) bool { return n.ticket == id })
	})
	if len(known) < 2 || len(m.gone) == maxVanished {
		return
	}
	i := rapid.IntRange(0, len(known)-1).Draw(t, "ticket")
	id := known[i]
	was, _ := m.desk.srv.Ticket(id)
	was.Posts = m.unmoved(was.Posts)
	g := &modelGone{ticket: was, known: m.closings[id] == 0}
	if rapid.Bool().Draw(t, "merged") {
		others := slices.Delete(slices.Clone(known), i, i+1)
		g.into = others[rapid.IntRange(0, len(others)-1).Draw(t, "into")]
		m.desk.srv.Merge(id, g.into)
	} else {
		m.desk.srv.DeleteTicket(id)
	}
	m.gone = append(m.gone, g)
	for _, n := range m.news {
		for _, who := range m.followers(id) {
			n.lost = n.lost || n.ticket == id && !m.read(who, n.text)
		}
	}
}

// goneTicket returns the record of a vanished ticket; nil: it exists.
func (m *model) goneTicket(id plusofon.TicketID) *modelGone {
	if i := slices.IndexFunc(m.gone, func(g *modelGone) bool { return g.ticket.ID == id }); i >= 0 {
		return m.gone[i]
	}
	return nil
}

func (m *model) isGone(id plusofon.TicketID) bool { return m.goneTicket(id) != nil }

// unmoved returns the posts of a ticket that were written there, without those merged into
// it, which people expect where they were written.
func (m *model) unmoved(posts []plusofontest.Post) []plusofontest.Post {
	return slices.DeleteFunc(slices.Clone(posts), func(p plusofontest.Post) bool {
		return slices.ContainsFunc(m.gone, func(g *modelGone) bool {
			return slices.ContainsFunc(g.ticket.Posts, func(q plusofontest.Post) bool { return q.ID == p.ID })
		})
	})
}

// tickets returns all present and former tickets, each with what was written there.
func (m *model) tickets() (list []plusofontest.Ticket) {
	for _, g := range m.gone {
		list = append(list, g.ticket)
	}
	for _, t := range m.desk.all() {
		t.Posts = m.unmoved(t.Posts)
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b plusofontest.Ticket) int { return int(a.ID - b.ID) })
	return list
}

// posts returns the posts of a ticket, wherever it is.
func (m *model) posts(id plusofon.TicketID) []plusofontest.Post {
	tickets := m.tickets()
	return tickets[slices.IndexFunc(tickets, func(t plusofontest.Ticket) bool { return t.ID == id })].Posts
}

// newsTo returns the messages in a chat that announce a post, without the histories that
// show it too.
func (m *model) newsTo(who int64) []string {
	return slices.DeleteFunc(m.phone.readBy(who), func(s string) bool {
		first, rest, _ := strings.Cut(s, "\n")
		tells := func(line string) bool { return strings.HasPrefix(line, "💬") || strings.HasPrefix(line, "✏️") }
		return !tells(first) && !tells(rest)
	})
}

// read reports whether a person was told of a post.
func (m *model) read(who int64, text string) bool {
	return slices.ContainsFunc(m.newsTo(who), func(s string) bool { return strings.Contains(s, text) })
}

// told returns how often a person was told something about a ticket.
func (m *model) told(who int64, id plusofon.TicketID, what string) (n int) {
	for _, text := range m.phone.readBy(who) {
		if ticketNamed(text) == id && strings.Contains(text, what) {
			n++
		}
	}
	return n
}

const (
	saysGone     = "Ответов в нём не будет"
	saysClosed   = "Обращение закрыто. Если вопрос остался"
	saysReopened = "Обращение снова открыто"
	saysEdited   = "изменено в Плюсофоне"
)

// untoldOfGone returns who was not yet told that a ticket has vanished; "": nobody.
func (m *model) untoldOfGone() string {
	for _, g := range m.gone {
		for _, who := range m.followers(g.ticket.ID) {
			if g.known && m.told(who, g.ticket.ID, saysGone) == 0 {
				return fmt.Sprintf("that ticket %d is gone, in chat %d", g.ticket.ID, who)
			}
		}
	}
	return ""
}

// checkStaff: announcements about tickets are true and made once; internal notes are
// announced to nobody; vanished tickets are no longer read.
func (m *model) checkStaff() {
	for _, text := range m.notes {
		for _, who := range modelPeople {
			if slices.ContainsFunc(m.phone.readBy(who), func(s string) bool { return strings.Contains(s, text) }) {
				m.rt.Errorf("chat %d reads the note %q", who, text)
			}
		}
	}
	repeats := 0
	for _, who := range modelPeople {
		for _, ticket := range m.tickets() {
			id := ticket.ID
			repeats += max(m.told(who, id, saysClosed)-m.closings[id], 0)
			repeats += max(m.told(who, id, saysReopened)-m.closings[id], 0)
			gone := 0
			if m.isGone(id) {
				gone = 1
			}
			repeats += max(m.told(who, id, saysGone)-gone, 0)
		}
		for _, n := range m.news {
			edits := 0
			for _, text := range m.phone.readBy(who) {
				if strings.Contains(text, n.text) && strings.Contains(text, saysEdited) {
					edits++
				}
			}
			repeats += max(edits-1, 0)
		}
	}
	if repeats > m.troubles.unlearned {
		m.rt.Errorf("%d times it was told of a ticket what was not so, or once more", repeats)
	}
	for _, g := range m.gone {
		if n := m.desk.askedFor(g.ticket.ID) - g.asked; g.known && n > 0 {
			m.rt.Errorf("ticket %d has vanished and is asked for %d times more", g.ticket.ID, n)
		}
	}
}

// checkKnown: at the end the bot's knowledge of the tickets is correct.
func (m *model) checkKnown(t *rapid.T, path string) {
	store, err := statetest.OpenHurried(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close() //nolint:errcheck // only read
	err = store.Update(func(tx *state.Tx) error {
		for _, want := range m.desk.all() {
			id := state.TicketID(want.ID)
			got, err := tx.Ticket(id)
			if err != nil {
				return err
			}
			posts, err := tx.Posts(id)
			if err != nil {
				return err
			}
			seen := slices.DeleteFunc(want.Posts, func(p plusofontest.Post) bool { return p.Note })
			side := state.Customer
			if seen[len(seen)-1].Staff {
				side = state.Staff
			}
			if got.Open != want.Open || got.LastSide != side || !got.Gone.IsZero() || len(posts) != len(seen) {
				t.Errorf("ticket %d is known as %+v with %d posts; it is open: %v, the %s wrote last, of %d posts", id, got, len(posts), want.Open, side, len(seen))
			}
			if _, err := tx.Wait(id); err == nil && (!want.Open || side == state.Staff) {
				t.Errorf("somebody waits in ticket %d, open: %v, in which the %s wrote last", id, want.Open, side)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
