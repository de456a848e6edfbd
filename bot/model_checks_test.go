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

// isBad reports whether a failure of Telegram's is not yet reported.
func (m *model) isBad() bool {
	want, told := map[int64]int{}, map[int64]int{}
	for _, n := range m.badNews() {
		want[n.bad]++
	}
	for _, who := range modelPeople {
		for _, text := range m.phone.readBy(who) {
			if strings.Contains(text, "не доставлено") {
				told[who]++
			}
		}
		if told[who] < want[who] {
			return true
		}
	}
	return false
}

// gaveUp reports whether something failed so often that its author had to retry it,
// possibly after what they have written since.
func (m *model) gaveUp() bool { return strings.Contains(m.log.String(), "each time") }

// missing returns what has not arrived.
func (m *model) missing() string {
	var written []plusofontest.Post
	for _, t := range m.tickets() {
		written = append(written, t.Posts...)
	}
	for _, w := range m.wishes {
		i := slices.IndexFunc(written, func(p plusofontest.Post) bool { return p.Text == w.text })
		switch {
		case !w.twin && m.isGone(w.into()) && m.phone.reaction(w.sent) != "👀":
			// It was there before the ticket vanished, or its author was told: see checkHeld.
		case m.asksOf(w):
		case i < 0:
			return fmt.Sprintf("%q", w.text)
		case w.file && len(written[i].Attachments) == 0 && !m.doubts(w):
			return "the file of " + w.text
		case m.phone.reaction(w.sent) != "👌":
			return fmt.Sprintf("👌 under %q; there is %q", w.text, m.phone.reaction(w.sent))
		}
	}
	for _, who := range modelPeople {
		if text := m.lacks(who); text != "" {
			return fmt.Sprintf("%q in chat %d", text, who)
		}
	}
	return m.untoldOfGone()
}

// lacks returns the first news missing in a chat.
func (m *model) lacks(who int64) string {
	for _, n := range m.news {
		if !n.lost && slices.Contains(m.followers(n.ticket), who) && !m.read(who, n.text) {
			return n.text
		}
	}
	return ""
}

// withoutEnds leaves out what did not get to Plusofon and is settled nevertheless: whether
// a file has arrived can't be found out if none is shown, a vanished ticket accepts
// nothing, and after a merge an answer may not be distinguishable.
func (m *model) withoutEnds(unfinished []string) []string {
	ends := map[string]bool{} // submissions
	for _, what := range unfinished {
		words := strings.Fields(what)
		ended := words[0] == "submission" && slices.Contains([]string{string(state.SubmissionRefused), string(state.SubmissionDoubtful)}, words[2])
		if ended && len(m.gone) > 0 {
			ends[words[1]] = true
		}
	}
	return slices.DeleteFunc(unfinished, func(what string) bool {
		words := strings.Fields(what)
		switch words[0] {
		case "file":
			return words[3] == string(state.FileDoubtful) || words[3] == string(state.FileFailed) && len(m.gone) > 0 || ends[words[1]]
		case "submission":
			return ends[words[1]]
		}
		return false
	})
}

// isIn reports whether a message contains a news item, in its current or former wording.
func (n *modelNews) isIn(text string) bool {
	return strings.Contains(text, n.text) || slices.ContainsFunc(n.was, func(was string) bool { return strings.Contains(text, was) })
}

// wasRefused reports whether the ticket of a text has vanished, and its author was told
// that it was not sent.
func (m *model) wasRefused(text string) bool {
	return slices.ContainsFunc(m.wishes, func(w *modelWish) bool {
		return w.text == text && (!w.twin && m.isGone(w.into()) && m.phone.reaction(w.sent) != "👌" || m.asksOf(w))
	})
}

// checkHeld: what was for a vanished ticket and is not there was refused, or its author
// sees that it was not sent.
func (m *model) checkHeld(t *rapid.T) {
	for _, w := range m.wishes {
		if w.twin || !m.isGone(w.into()) || len(m.placesOf(w.text)) > 0 || m.phone.reaction(w.sent) == "💔" || m.asksOf(w) {
			continue
		}
		d, held := m.drafted[statetest.Message{Chat: state.ChatID(w.who), ID: state.MessageID(w.sent)}]
		if !held || d.State == state.DraftSent || m.seenUnsent(d) == "" {
			t.Errorf("%q, for a ticket that has vanished, is nowhere, and its author is not told", w.text)
		}
	}
}

// asksOf reports whether someone was asked what to do with an answer of unknown outcome:
// what was merged into its ticket may be it, or it went with its ticket.
func (m *model) asksOf(w *modelWish) bool {
	if w.twin || w.opening || !slices.ContainsFunc(m.gone, func(g *modelGone) bool { return g.into == w.into() || g.ticket.ID == w.into() }) {
		return false
	}
	for id, text := range m.phone.messagesTo(w.who) {
		if m.phone.repliesTo(id) == w.sent && strings.Contains(text, "не подтвердил ответ") {
			return true
		}
	}
	return false
}

// doubts reports whether someone was told that it can't be found out whether a file has
// arrived, as tickets show none.
func (m *model) doubts(w *modelWish) bool {
	return slices.ContainsFunc(m.phone.readBy(w.who), func(s string) bool { return strings.Contains(s, "узнать, дошёл ли он") })
}

// followers returns the people who get a ticket's news.
func (m *model) followers(id plusofon.TicketID) (list []int64) {
	for i, w := range m.wishes {
		switch {
		case w.twin || !w.opening || w.into() != id:
		case i < len(modelPeople):
			return modelPeople
		default:
			list = append(list, w.who)
		}
	}
	return list
}

// checkDesk: nothing is at Plusofon more often than it was written, or in another place, or
// after what its author wrote later; at the end nothing less often either.
func (m *model) checkDesk(t *rapid.T, end bool) {
	wanted := map[string]int{}
	for _, w := range m.wishes {
		wanted[w.text]++
	}
	got := map[string]int{}
	for _, ticket := range m.tickets() {
		last := map[int64]int{} // each person's latest message so far
		for _, p := range ticket.Posts {
			for _, line := range strings.Split(p.Text, "\n") { // a collected draft has several lines
				got[line]++
			}
			i := slices.IndexFunc(m.wishes, func(w *modelWish) bool { return w.text == p.Text })
			if i < 0 || m.wishes[i].twin {
				continue
			}
			w := m.wishes[i]
			if into := w.into(); into != ticket.ID {
				t.Fatalf("%q is in ticket %d, want %d", p.Text, ticket.ID, into)
			}
			if len(p.Attachments) > 1 || !w.file && len(p.Attachments) > 0 {
				t.Fatalf("%q has %d files", p.Text, len(p.Attachments))
			}
			if w.sent < last[w.who] && !m.gaveUp() {
				t.Fatalf("%q, message %d, stands in ticket %d behind message %d", p.Text, w.sent, ticket.ID, last[w.who])
			}
			last[w.who] = w.sent
		}
	}
	for _, w := range m.words {
		if got[w.text] > 1 {
			t.Fatalf("%q is at Plusofon %d times", w.text, got[w.text])
		}
	}
	for text, n := range wanted {
		if got[text] > n || end && got[text] < n && !m.wasRefused(text) {
			t.Fatalf("%q is at Plusofon %d times, want %d", text, got[text], n)
		}
	}
}

// checkNews: a ticket's news is in order in each chat; anything there twice was sent when
// the program could not know that it had arrived.
func (m *model) checkNews() {
	repeats := 0
	for _, who := range modelPeople {
		type place struct{ before, next int }
		at := map[plusofon.TicketID]place{}
		for _, text := range m.newsTo(who) {
			var in []int // the news in this message, as indexes of m.news
			parked := false
			for i, n := range m.news {
				if n.isIn(text) {
					in, parked = append(in, i), parked || n.bad == who
				}
			}
			// What Telegram fails on is parked, with what was joined to it, and others are sent.
			if len(in) == 0 || parked || strings.Contains(text, saysEdited) {
				continue
			}
			id := m.news[in[0]].ticket
			now := at[id]
			switch {
			case in[0] < now.before:
				m.rt.Errorf("%q came again after later news", m.news[in[0]].text)
			case in[0] < now.next:
				repeats++
			}
			at[id] = place{in[0], max(now.next, in[len(in)-1]+1)}
		}
	}
	if repeats > m.troubles.unlearned {
		m.rt.Errorf("%d news came twice; of %d messages the program could not know that they had arrived", repeats, m.troubles.unlearned)
	}
}

// checkMap: a person's messages lead to their tickets, and so do mapped messages of the bot's.
func (m *model) checkMap(t *rapid.T, known map[statetest.Message]state.TicketID) {
	at := func(who int64, id int) state.TicketID {
		return known[statetest.Message{Chat: state.ChatID(who), ID: state.MessageID(id)}]
	}
	for _, w := range m.wishes {
		if got := at(w.who, w.sent); w.twin && got == 0 || !w.twin && !(got == 0 && m.isGone(w.into())) && got != state.TicketID(w.into()) {
			t.Errorf("the message %q leads to %d", w.text, got)
		}
	}
	for _, who := range modelPeople {
		for id, text := range m.phone.messagesTo(who) {
			if got := plusofon.TicketID(at(who, id)); got != 0 && ticketNamed(text) != 0 && got != ticketNamed(text) {
				t.Errorf("the message %q leads to %d", text, got)
			}
		}
	}
}
