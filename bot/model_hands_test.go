package bot_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// modelWord is something that a person has written without a destination in the message
// itself. It is where its author put it, once, or its author sees that it was not sent.
type modelWord struct {
	who    int64
	sent   int
	text   string
	answer plusofon.TicketID        // where «Ответить», or a reply to a closed ticket, has put it; 0: nowhere
	maybe  plusofon.TicketID        // where «Ответить» has put it, unless a press on a card has ended that
	box    *modelBox                // the draft that it was certainly put into; nil: none
	last   func() plusofon.TicketID // where the author's previous text was sent, which it may continue; nil: nowhere
}

// modelBox is a draft begun by /new: its contents stay together.
type modelBox struct{ words []*modelWord }

// modelHand is what a person certainly has in hand, as far as the model knows.
type modelHand struct {
	answer plusofon.TicketID
	maybe  plusofon.TicketID
	since  time.Time
	box    *modelBox
	last   func() plusofon.TicketID
}

// eitherTwin represents one of the tickets opened with the same text.
const eitherTwin plusofon.TicketID = -1

// hand returns what someone has in hand, to be modified.
func (m *model) hand(who int64) *modelHand {
	if m.hands[who] == nil {
		m.hands[who] = &modelHand{}
	}
	return m.hands[who]
}

// turnsTo records that a person has turned to something: nothing else is in hand, and what
// follows may continue it.
func (m *model) turnsTo(who int64, into func() plusofon.TicketID) {
	*m.hand(who) = modelHand{last: into}
}

// writes has someone write without a destination, or as a reply to a message that leads nowhere.
func (m *model) writes(who int64, to int) {
	h := m.hand(who)
	w := &modelWord{who: who, text: m.token("слово"), last: h.last, maybe: h.maybe}
	h.maybe = 0
	if w.maybe != 0 { // it may have been sent there, and be continued
		id, last := w.maybe, h.last
		h.last = func() plusofon.TicketID {
			if slices.Contains(m.placesOf(w.text), id) {
				return id
			}
			if last == nil {
				return 0
			}
			return last()
		}
	}
	switch {
	case h.answer != 0 && time.Since(h.since) < 55*time.Minute:
		id := h.answer
		w.answer = id
		m.turnsTo(who, func() plusofon.TicketID { return id })
	case h.answer != 0:
		m.turnsTo(who, nil)
	case h.box != nil:
		w.box = h.box
		h.box.words = append(h.box.words, w)
	}
	w.sent = m.phone.from(who, to, w.text)
	m.words = append(m.words, w)
}

// TestConversationAgainstAModel does at random what people do in private chats with lists,
// prompts, cards and drafts, while the staff writes and closes, Plusofon comes and goes,
// updates are repeated and the program dies. Each text is where its author put it, once, or
// its author sees that it was not sent.
func TestConversationAgainstAModel(t *testing.T) {
	t.Parallel()
	walk(t, func(m *model) map[string]func(*rapid.T) {
		moves := m.handMoves()
		maps.Copy(moves, m.staffMoves())
		for name, move := range m.moves() {
			switch name {
			case "Telegram goes", "the staff writes what Telegram fails on", "a chat can't be written to", "trouble comes":
				// Refusals by Telegram are covered by TestBridgeAgainstAModel.
			default:
				moves[name] = move
			}
		}
		return moves
	})
}

// handMoves are what people do with lists, prompts, cards and drafts.
func (m *model) handMoves() map[string]func(*rapid.T) {
	people := rapid.SampledFrom(modelPeople)
	return map[string]func(*rapid.T){
		"somebody just writes":       func(t *rapid.T) { m.writes(people.Draw(t, "who"), 0) },
		"somebody writes again":      func(t *rapid.T) { m.writes(people.Draw(t, "who"), 0) },
		"somebody begins a draft":    func(t *rapid.T) { m.beginsDraft(people.Draw(t, "who")) },
		"somebody wants to answer":   func(t *rapid.T) { m.wantsToAnswer(t, people.Draw(t, "who")) },
		"somebody presses on a card": func(t *rapid.T) { m.pressesCard(t, people.Draw(t, "who")) },
		"somebody decides":           func(t *rapid.T) { m.pressesCard(t, people.Draw(t, "who")) },
		"somebody cancels": func(t *rapid.T) {
			who := people.Draw(t, "who")
			m.phone.from(who, 0, "/cancel")
			m.turnsTo(who, nil)
		},
		"somebody replies to a list": func(t *rapid.T) {
			who := people.Draw(t, "who")
			m.phone.from(who, 0, "/tickets")
			m.hand(who).last = nil
			m.passes(2 * time.Second)
			for id := range m.phone.messagesTo(who) {
				if m.phone.has(id, "tickets:") {
					m.writes(who, id)
					return
				}
			}
		},
		"a ticket is closed": func(t *rapid.T) {
			tickets := m.openTickets()
			if len(tickets) == 0 {
				return
			}
			id := tickets[rapid.IntRange(0, len(tickets)-1).Draw(t, "ticket")].ID
			if m.settledIn(id) {
				m.closes(id)
			}
		},
	}
}

// settledIn reports whether everything meant for a ticket is there.
func (m *model) settledIn(id plusofon.TicketID) bool {
	ticket, _ := m.desk.srv.Ticket(id)
	for _, w := range m.wishes {
		if w.twin {
			continue
		}
		into := w.into()
		if into == 0 || into == id && !slices.ContainsFunc(ticket.Posts, func(p plusofontest.Post) bool { return p.Text == w.text }) {
			return false
		}
	}
	return true
}

// answersClosed replies to a message of a ticket that was closed: that may be held.
func (m *model) answersClosed(who int64, to int, id plusofon.TicketID) {
	w := &modelWord{who: who, text: m.token("закрытому"), answer: id}
	w.sent = m.phone.from(who, to, w.text)
	m.words = append(m.words, w)
	m.turnsTo(who, func() plusofon.TicketID { return id })
}

func (m *model) beginsDraft(who int64) {
	m.phone.from(who, 0, "/new")
	*m.hand(who) = modelHand{box: &modelBox{}}
}

// wantsToAnswer presses [Ответить] or [Вопрос остался].
func (m *model) wantsToAnswer(t *rapid.T, who int64) {
	buttons := m.phone.buttonsFor(who, "answer:", "still:")
	if len(buttons) == 0 {
		return
	}
	b := buttons[rapid.IntRange(0, len(buttons)-1).Draw(t, "button")]
	m.phone.presses(who, b)
	*m.hand(who) = modelHand{answer: plusofon.TicketID(b.number(1)), since: time.Now()}
}

// pressesCard presses a button of a card: where it goes, to send it, to drop it.
func (m *model) pressesCard(t *rapid.T, who int64) {
	buttons := m.phone.buttonsFor(who, "send:", "to:", "toclosed:", "join:", "other:", "fresh:", "resume:", "astray:", "drop:", "undraft:")
	if len(buttons) == 0 {
		return
	}
	b := buttons[rapid.IntRange(0, len(buttons)-1).Draw(t, "button")]
	m.phone.presses(who, b)
	draft := state.DraftID(b.number(1))
	maybe := max(m.hand(who).answer, m.hand(who).maybe)
	defer func() { m.hand(who).maybe = maybe }()
	m.turnsTo(who, nil)
	switch {
	case strings.HasPrefix(b.data, "to:"), strings.HasPrefix(b.data, "toclosed:"):
		into := plusofon.TicketID(b.number(2))
		m.chosen[draft] = append(m.chosen[draft], into)
		m.turnsTo(who, func() plusofon.TicketID { return into })
	case strings.HasPrefix(b.data, "send:"):
		m.turnsTo(who, func() plusofon.TicketID { return m.placeOf(draft) })
	}
}

// placeOf returns the ticket that a draft's content was sent to; 0: none.
func (m *model) placeOf(d state.DraftID) plusofon.TicketID {
	for _, w := range m.words {
		if drafted, ok := m.drafted[statetest.Message{Chat: state.ChatID(w.who), ID: state.MessageID(w.sent)}]; ok && drafted.Draft == d {
			if places := m.placesOf(w.text); len(places) > 0 {
				return places[0]
			}
		}
	}
	return 0
}

// placesOf returns the tickets that contain a line, once per occurrence.
func (m *model) placesOf(line string) (places []plusofon.TicketID) {
	for _, ticket := range m.tickets() {
		for _, p := range ticket.Posts {
			for _, l := range strings.Split(p.Text, "\n") {
				if l == line {
					places = append(places, ticket.ID)
				}
			}
		}
	}
	return places
}

// checkWords: each text is where its author put it, once, or its author sees that it was not sent.
func (m *model) checkWords(t *rapid.T, known map[statetest.Message]state.TicketID) {
	for _, w := range m.words {
		at := statetest.Message{Chat: state.ChatID(w.who), ID: state.MessageID(w.sent)}
		d, drafted := m.drafted[at]
		switch places := m.placesOf(w.text); len(places) {
		case 0:
			switch {
			case !drafted || d.State == state.DraftSent:
				m.checkGivenUp(t, w, d)
			case m.seenUnsent(d) == "" && !m.toldOfCopy(d):
				t.Errorf("%q is in draft %d, %s, and its author does not see that it was not sent: %q", w.text, d.Draft, d.State, m.phone.textOf(int(d.Card)))
			}
		case 1:
			if why := m.misplaced(w, d, drafted, places[0]); why != "" {
				t.Errorf("%q is in ticket %d: %s", w.text, places[0], why)
			}
			if got := plusofon.TicketID(known[at]); got != places[0] {
				t.Errorf("the message %q is in ticket %d and leads to %d", w.text, places[0], got)
			}
		default:
			t.Errorf("%q stands in tickets %v", w.text, places)
		}
	}
	m.checkTogether(t)
}

// checkGivenUp: what was submitted and is not there was withdrawn by its author.
func (m *model) checkGivenUp(t *rapid.T, w *modelWord, d statetest.Drafted) {
	text := m.phone.textOf(int(d.Card))
	for id := range m.phone.messagesTo(w.who) {
		if m.phone.repliesTo(id) == w.sent {
			text += "\n" + m.phone.textOf(id)
		}
	}
	if m.phone.reaction(w.sent) == "💔" && strings.Contains(text, "в Плюсофоне нет") {
		return // the ticket has vanished
	}
	if strings.Contains(text, "Плюсофон не подтвердил ответ") {
		return // its author decides
	}
	if !strings.Contains(text, "не отправлен") && !strings.Contains(text, "не отправит") {
		t.Errorf("%q is nowhere (draft %+v), and its author reads %q", w.text, d, text)
	}
}

// seenUnsent returns the texts by which an author sees that a draft was not sent.
func (m *model) seenUnsent(d statetest.Drafted) string {
	text := m.phone.textOf(int(d.Card))
	for _, says := range []string{"Пока ничего не отправлено", "Пока не отправлено", "Ещё не отправлено", "никуда не отправлено", "ничего не отправлено"} {
		if strings.Contains(text, says) {
			return says
		}
	}
	return ""
}

// toldOfCopy reports whether an author was told that it is unknown whether a draft of theirs was
// sent, as it was open in a copy that was put back.
func (m *model) toldOfCopy(d statetest.Drafted) bool {
	if d.State != state.DraftExpired || !m.endedInCopy(d.Draft) {
		return false
	}
	for at, other := range m.drafted {
		if other.Draft != d.Draft {
			continue
		}
		for id, text := range m.phone.messagesTo(int64(at.Chat)) {
			if m.phone.repliesTo(id) == int(at.ID) && strings.Contains(text, "восстановлен из резервной копии") {
				return true
			}
		}
	}
	return false
}

// misplaced returns why a text should not be where it is; "" if it should.
func (m *model) misplaced(w *modelWord, d statetest.Drafted, drafted bool, at plusofon.TicketID) string {
	opens := slices.Contains(strings.Split(m.posts(at)[0].Text, "\n"), w.text)
	switch {
	case !drafted && (w.answer == at || w.maybe == at):
		return ""
	case !drafted:
		return fmt.Sprintf("its author put it into %d", w.answer)
	case d.State != state.DraftSent && !m.toldOfCopy(d):
		return fmt.Sprintf("draft %d is %s", d.Draft, d.State)
	case d.Kind == state.DraftOpening && opens:
		return ""
	case d.Kind == state.DraftQuestion && slices.Contains(m.chosen[d.Draft], at):
		return ""
	case d.Kind == state.DraftGoing && w.last != nil && (w.last() == at || w.last() == eitherTwin):
		return ""
	case d.Kind == state.DraftClosed && m.closed[at]:
		return "" // its author chose so on a card that named the ticket
	}
	return fmt.Sprintf("draft %d, a %s, was put into %v; the last word went to %v", d.Draft, d.Kind, m.chosen[d.Draft], w.last != nil && w.last() != 0)
}

// checkTogether: what was put into one draft by /new stays together.
func (m *model) checkTogether(t *rapid.T) {
	boxes := map[*modelBox]state.DraftID{}
	for _, w := range m.words {
		if w.box == nil {
			continue
		}
		d := m.drafted[statetest.Message{Chat: state.ChatID(w.who), ID: state.MessageID(w.sent)}]
		if first, ok := boxes[w.box]; ok && first != d.Draft {
			t.Errorf("%q is in draft %d, and what was put there before it in %d", w.text, d.Draft, first)
		}
		boxes[w.box] = d.Draft
	}
}

// checkCards: what waits for a word has one card, and what is in hand has it at the bottom,
// but for the copies of messages that the program could not know to have arrived.
func (m *model) checkCards(t *rapid.T) {
	copies := 0
	for _, who := range modelPeople {
		cards := map[int64]int{}
		open := slices.DeleteFunc(m.phone.buttonsFor(who, "drop:"), func(b phoneButton) bool { return m.endedInCopy(state.DraftID(b.number(1))) })
		for _, b := range open {
			copies += min(cards[b.number(1)], 1)
			cards[b.number(1)]++
		}
		last := 0
		for id := range m.phone.messagesTo(who) {
			last = id
		}
		for _, b := range open {
			if b.message != last && !m.phone.has(b.message, "resume:") && m.troubles.unlearned == 0 {
				t.Errorf("the card of draft %d, in hand, is message %d, above message %d", b.number(1), b.message, last)
			}
		}
	}
	if copies > m.troubles.unlearned {
		t.Errorf("%d cards are there beside the ones that count", copies)
	}
}

// phoneButton is a button of a message of the bot's.
type phoneButton struct {
	message int
	data    string
}

// number returns the n-th number in a button's data.
func (b phoneButton) number(n int) int64 {
	v, _ := strconv.ParseInt(strings.Split(b.data, ":")[n], 10, 64)
	return v
}

// buttonsFor returns the buttons in someone's chat with data of these prefixes.
func (p *phone) buttonsFor(who int64, prefixes ...string) (list []phoneButton) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.order {
		for _, row := range p.buttons[id] {
			for _, b := range row {
				if p.chats[id] == who && slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(b.Data, prefix) }) {
					list = append(list, phoneButton{id, b.Data})
				}
			}
		}
	}
	return list
}

// has reports whether a message has a button with data of these prefixes.
func (p *phone) has(id int, prefixes ...string) bool {
	p.mu.Lock()
	who := p.chats[id]
	p.mu.Unlock()
	return slices.ContainsFunc(p.buttonsFor(who, prefixes...), func(b phoneButton) bool { return b.message == id })
}

// presses has someone press a button.
func (p *phone) presses(who int64, b phoneButton) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.numbers++
	p.arrives(map[string]any{"callback_query": map[string]any{
		"id": fmt.Sprint("press ", p.numbers), "from": person(who), "message": p.message(who, b.message), "data": b.data,
	}})
}

// textOf returns the current text of a message of the bot's.
func (p *phone) textOf(id int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.texts[id]
}

// repliesTo returns the message that one of the bot's replies to; 0: none.
func (p *phone) repliesTo(id int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.replies[id]
}
