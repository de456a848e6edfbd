package bot_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plusofon-bot/bot"
	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// model is the whole bridge as a state machine: people and the staff write,
// requests and answers get lost, sides are gone, updates come again and the program
// dies between any two moments. What must come of it is noted beside it.
type model struct {
	*bubble
	rt       *rapid.T
	troubles *troubles
	link     *link
	folder   string
	lives    int
	tokens   int
	wishes   []*modelWish
	news     []modelNews
	words    []*modelWord
	hands    map[int64]*modelHand
	chosen   map[state.DraftID][]plusofon.TicketID // the tickets that were chosen on cards
	closed   map[plusofon.TicketID]bool            // the tickets that were closed at some time
	drafted  map[statetest.Message]statetest.Drafted
}

// modelWish is what a person wants to be at Plusofon, once and there.
type modelWish struct {
	who     int64
	sent    int
	text    string
	opening bool
	twin    bool // somebody else has the same words: which ticket is whose is nobody's matter
	file    bool
	into    func() plusofon.TicketID // 0: not known yet
}

// modelNews is what the staff has written.
type modelNews struct {
	ticket plusofon.TicketID
	text   string
	bad    int64 // the chat in which Telegram fails on it; 0: none
}

// maxBad is how much of that there may be in a walk: each holds its chat up for minutes.
const maxBad = 2

var modelPeople = []int64{bottest.AnnaID, bottest.BorisID}

// TestBridgeAgainstAModel does at random what people, the staff, the network and
// the machine do, and holds the guarantees after each step and in the end.
func TestBridgeAgainstAModel(t *testing.T) {
	t.Parallel()
	walk(t, (*model).moves)
}

// walk makes walks of the moves that a model gives.
func walk(t *testing.T, moves func(*model) map[string]func(*rapid.T)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{
			troubles: newTroubles(), folder: t.TempDir(), hands: map[int64]*modelHand{},
			chosen: map[state.DraftID][]plusofon.TicketID{}, closed: map[plusofon.TicketID]bool{},
		}
		defer os.RemoveAll(m.folder) //nolint:errcheck // the test's folder goes anyway
		rapid.SyncTest(rt, func(rt *rapid.T) {
			m.rt = rt
			m.bubble = &bubble{t: rt, path: m.file(), log: bottest.NewLog(), phone: newPhone(), desk: newDesk(), config: m.connect}
			atRest := false
			defer func() {
				m.stop()
				if !atRest || rt.Failed() {
					for _, who := range modelPeople {
						rt.Logf("chat %d: %q", who, m.phone.readBy(who))
					}
					rt.Logf("at Plusofon: %+v\nlog:\n%s", m.desk.all(), m.log)
				}
			}()
			m.begin()
			m.firstTickets()
			rt.Repeat(moves(m))
			m.ends()
			atRest = true
		})
		after := statetest.Open(t, m.path)
		// Whether a file has arrived can't be found out where none shows: that is an end.
		doubts := func(what string) bool {
			return strings.HasPrefix(what, "file ") && strings.HasSuffix(what, " doubtful ")
		}
		if left := slices.DeleteFunc(after.Unfinished(), doubts); len(left) > 0 {
			rt.Errorf("the database does not come to an end: %s", strings.Join(left, "; "))
		}
		m.drafted = after.Drafts()
		m.checkMap(rt, after.Messages())
		m.checkWords(rt, after.Messages())
		after.Close()
	})
}

// file is the database of the present life.
func (m *model) file() string { return filepath.Join(m.folder, fmt.Sprintf("life-%d.db", m.lives)) }

func (m *model) connect(c *bot.Config) {
	m.link = newLink(m.phone, m.desk, m.troubles)
	c.Telegram, c.Plusofon, c.Background = telegramLink{m.link}, plusofonLink{m.link}, plusofonLink{m.link}
	c.PollInterval = 20 * time.Second
}

// firstTickets gives everybody a ticket, and his neighbour's news.
func (m *model) firstTickets() {
	m.passes(time.Second)
	for _, who := range modelPeople {
		m.opens(who)
	}
	m.passes(10 * time.Second)
	for i := range modelPeople {
		m.phone.from(modelPeople[1-i], 0, fmt.Sprintf("/follow %d", m.wishes[i].into()))
	}
	m.passes(10 * time.Second)
}

func (m *model) token(what string) string {
	m.tokens++
	return fmt.Sprintf("%s %d.", what, m.tokens)
}

func (m *model) expect(w *modelWish) { m.wishes = append(m.wishes, w) }

func (m *model) opens(who int64) {
	w := &modelWish{who: who, text: m.token("текст ☎ 🔥"), opening: true}
	w.into = func() plusofon.TicketID {
		for _, t := range m.desk.all() {
			if t.Posts[0].Text == w.text {
				return t.ID
			}
		}
		return 0
	}
	w.sent = m.phone.from(who, 0, "/new "+m.token("тема 🙂")+"\n"+w.text)
	m.expect(w)
	m.turnsTo(who, w.into)
}

// target chooses a message that leads to a ticket, the bot's or the person's own.
func (m *model) target(t *rapid.T, who int64) (id int, into func() plusofon.TicketID) {
	type target struct {
		id   int
		into func() plusofon.TicketID
	}
	var all []target
	for _, w := range m.wishes {
		if w.who == who && !w.twin {
			all = append(all, target{w.sent, w.into})
		}
	}
	for id, text := range m.phone.messagesTo(who) {
		if ticket := ticketNamed(text); ticket != 0 && m.phone.has(id, "answer:", "history:", "still:") {
			all = append(all, target{id, func() plusofon.TicketID { return ticket }})
		}
	}
	slices.SortFunc(all, func(a, b target) int { return cmp.Compare(a.id, b.id) })
	chosen := all[rapid.IntRange(0, len(all)-1).Draw(t, "target")]
	return chosen.id, chosen.into
}

var ticketNumber = regexp.MustCompile(`№(\d+)`)

// ticketNamed is the ticket that a message of the bot's is about, by its words.
func ticketNamed(text string) plusofon.TicketID {
	found := ticketNumber.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	n, _ := strconv.ParseInt(found[1], 10, 64)
	return plusofon.TicketID(n)
}

// moves are what can happen.
func (m *model) moves() map[string]func(*rapid.T) {
	people := rapid.SampledFrom(modelPeople)
	operations := rapid.SampledFrom([]string{"open", "answer", "attach", "ticket", "list", "sendMessage", "editMessageText", "setMessageReaction", "getUpdates", "getFile"})
	kinds := rapid.SampledFrom([]trouble{lostThere, lostBack, lostBack, notSent, toWait})
	return map[string]func(*rapid.T){
		"somebody opens a ticket": func(t *rapid.T) { m.opens(people.Draw(t, "who")) },
		"two open equal tickets": func(*rapid.T) {
			text := m.token("равная тема")
			for _, who := range modelPeople {
				m.expect(&modelWish{who: who, text: text, opening: true, twin: true, sent: m.phone.from(who, 0, "/new "+text)})
				m.turnsTo(who, func() plusofon.TicketID { return eitherTwin })
			}
		},
		"somebody answers": func(t *rapid.T) {
			w := &modelWish{who: people.Draw(t, "who"), text: m.token("ответ \u202a+7\u202c 👍")}
			to, into := m.target(t, w.who)
			w.into = into
			if m.closed[into()] {
				m.answersClosed(w.who, to, into())
				return
			}
			m.turnsTo(w.who, into)
			for range rapid.IntRange(1, 2).Draw(t, "times") { // the same words twice, on purpose
				again := *w
				again.sent = m.phone.from(w.who, to, w.text)
				m.expect(&again)
			}
		},
		"somebody answers with a file": func(t *rapid.T) {
			w := &modelWish{who: people.Draw(t, "who"), text: m.token("с файлом"), file: true}
			to, into := m.target(t, w.who)
			if m.closed[into()] {
				return
			}
			m.turnsTo(w.who, into)
			w.into, w.sent = into, m.phone.sendsFile(w.who, to, w.text)
			m.expect(w)
		},
		"the staff replies": func(t *rapid.T) {
			tickets := slices.DeleteFunc(m.desk.all(), func(t plusofontest.Ticket) bool { return m.closed[t.ID] })
			if len(tickets) == 0 {
				return
			}
			m.replies(modelNews{ticket: tickets[rapid.IntRange(0, len(tickets)-1).Draw(t, "ticket")].ID, text: m.token("новость")})
		},
		"the staff writes what Telegram fails on": func(t *rapid.T) {
			if len(m.badNews()) == maxBad {
				t.Skip("enough of that")
			}
			n := modelNews{ticket: m.wishes[0].into(), text: m.token("худая новость"), bad: people.Draw(t, "whose")}
			m.phone.failsOn(n.text, n.bad)
			m.replies(n)
		},
		"a chat can't be written to": func(t *rapid.T) {
			m.phone.shuts(people.Draw(t, "whose"), rapid.SampledFrom([]telegram.Closure{"", telegram.ClosedChat, telegram.ClosedWords}).Draw(t, "closed"))
		},
		"a moment passes": func(t *rapid.T) { m.passes(time.Duration(rapid.IntRange(10, 500).Draw(t, "ms")) * time.Millisecond) },
		"a while passes":  func(t *rapid.T) { m.passes(time.Duration(rapid.IntRange(1, 60).Draw(t, "seconds")) * time.Second) },
		"trouble comes":   func(t *rapid.T) { m.troubles.add(operations.Draw(t, "request"), kinds.Draw(t, "trouble")) },
		"Plusofon goes":   func(t *rapid.T) { m.desk.lose(rapid.Bool().Draw(t, "gone")) },
		"Telegram goes":   func(t *rapid.T) { m.phone.lose(rapid.Bool().Draw(t, "gone")) },
		"updates come again": func(t *rapid.T) {
			m.phone.again(rapid.IntRange(1, 20).Draw(t, "updates"))
		},
		"the program is stopped": func(*rapid.T) {
			m.stop()
			m.start()
		},
		"the program dies": func(t *rapid.T) {
			m.passes(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
			m.dies(time.Duration(rapid.IntRange(0, 2000).Draw(t, "late")) * time.Millisecond)
		},
		"": func(t *rapid.T) { m.checkDesk(t, false) },
	}
}

func (m *model) replies(n modelNews) {
	m.desk.replies(n.ticket, n.text)
	m.news = append(m.news, n)
}

// badNews are those on which Telegram fails somewhere.
func (m *model) badNews() (list []modelNews) {
	for _, n := range m.news {
		if n.bad != 0 {
			list = append(list, n)
		}
	}
	return list
}

// dies ends a life as SIGKILL does: what is on disk at that moment is all that the
// next one has, and requests under way may arrive a little later or not at all.
func (m *model) dies(late time.Duration) {
	m.lives++
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(m.path + suffix)
		bottest.Must(m.rt, err)
		bottest.Must(m.rt, os.WriteFile(m.file()+suffix, content, 0o600))
	}
	m.link.dies(late)
	m.stop()
	m.path = m.file()
	m.start()
}

// ends lets everything come to rest in peace, and holds the guarantees against it.
func (m *model) ends() {
	m.troubles.over()
	m.desk.lose(false)
	m.phone.lose(false)
	for _, who := range modelPeople {
		m.phone.shuts(who, "")
	}
	// Whom nothing of that is for gets all that is theirs as if it were not there.
	m.passes(12 * time.Minute)
	for _, who := range modelPeople {
		if what := m.lacks(who); what != "" && !slices.ContainsFunc(m.news, func(n modelNews) bool { return n.bad == who }) {
			m.rt.Errorf("chat %d is held up: it lacks %q", who, what)
		}
	}
	// What Telegram fails on is given up, and told.
	for range 120 {
		if !m.isBad() {
			break
		}
		m.passes(time.Minute)
	}
	if m.isBad() {
		m.rt.Errorf("what Telegram fails on is not told of")
	}
	for _, n := range m.badNews() {
		m.phone.failsOn(n.text, 0)
	}
	for range maxBad {
		m.passes(5 * time.Minute)
		if m.phone.pressedUnder("не доставлено", "Повторить") {
			m.passes(time.Minute)
		}
	}
	for range 30 {
		if m.missing() == "" {
			break
		}
		m.passes(time.Minute)
		if m.gaveUp() {
			m.phone.pressed("Повторить")
		}
	}
	m.passes(10 * time.Minute)
	if what := m.missing(); what != "" {
		m.rt.Errorf("missing: %s", what)
	}
	m.checkDesk(m.rt, true)
	m.checkNews()
}

// isBad tells whether something on which Telegram fails is not told of yet.
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

// gaveUp tells whether something failed so often that its author had to say when it
// goes: not before what he has written since, perhaps.
func (m *model) gaveUp() bool { return strings.Contains(m.log.String(), "each time") }

// missing tells what has not arrived.
func (m *model) missing() string {
	var written []plusofontest.Post
	for _, t := range m.desk.all() {
		written = append(written, t.Posts...)
	}
	for _, w := range m.wishes {
		i := slices.IndexFunc(written, func(p plusofontest.Post) bool { return p.Text == w.text })
		switch {
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
	return ""
}

// lacks is the first of the news that have not come to a chat.
func (m *model) lacks(who int64) string {
	for _, n := range m.news {
		if slices.Contains(m.followers(n.ticket), who) &&
			!slices.ContainsFunc(m.phone.readBy(who), func(s string) bool { return strings.Contains(s, n.text) }) {
			return n.text
		}
	}
	return ""
}

// doubts tells whether somebody was told that it can't be found out whether a file has
// arrived: tickets show none.
func (m *model) doubts(w *modelWish) bool {
	return slices.ContainsFunc(m.phone.readBy(w.who), func(s string) bool { return strings.Contains(s, "узнать, дошёл ли он") })
}

// followers are the people who get a ticket's news.
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

// checkDesk: nothing is at Plusofon more often than it was written, or elsewhere,
// or behind what its author wrote later; in the end nothing less often either.
func (m *model) checkDesk(t *rapid.T, end bool) {
	wanted := map[string]int{}
	for _, w := range m.wishes {
		wanted[w.text]++
	}
	got := map[string]int{}
	for _, ticket := range m.desk.all() {
		last := map[int64]int{} // each person's latest message so far
		for _, p := range ticket.Posts {
			for _, line := range strings.Split(p.Text, "\n") { // what was gathered is several
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
		if got[text] > n || end && got[text] < n {
			t.Fatalf("%q is at Plusofon %d times, want %d", text, got[text], n)
		}
	}
}

// checkNews: the news of a ticket are in each chat in order; what stands there
// twice came when the program could not know that it had arrived.
func (m *model) checkNews() {
	repeats := 0
	for _, who := range modelPeople {
		type place struct{ before, next int }
		at := map[plusofon.TicketID]place{}
		for _, text := range m.phone.readBy(who) {
			var in []int // the news in this message, by their places in m.news
			for i, n := range m.news {
				if strings.Contains(text, n.text) && n.bad != who {
					in = append(in, i)
				}
			}
			if len(in) == 0 || !strings.Contains(text, "💬") {
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

// checkMap: a person's messages lead to their tickets, and so does what the map
// knows of the bot's.
func (m *model) checkMap(t *rapid.T, known map[statetest.Message]state.TicketID) {
	at := func(who int64, id int) state.TicketID {
		return known[statetest.Message{Chat: state.ChatID(who), ID: state.MessageID(id)}]
	}
	for _, w := range m.wishes {
		if got := at(w.who, w.sent); w.twin && got == 0 || !w.twin && got != state.TicketID(w.into()) {
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
