package bot_test

import (
	"cmp"
	"fmt"
	"maps"
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
	"plusofon-bot/state"
	"plusofon-bot/state/statetest"
)

// model is the whole bot as a state machine: people and the staff write, requests and
// answers get lost, sides are unreachable, updates are repeated and the program dies
// between any two moments. The expected result is recorded beside it.
type model struct {
	*bubble
	rt       *rapid.T
	troubles *troubles
	link     *link
	folder   string
	lives    int
	restored int // how often a copy was put back
	tokens   int
	wishes   []*modelWish
	news     []*modelNews
	words    []*modelWord
	hands    map[int64]*modelHand
	chosen   map[state.DraftID][]plusofon.TicketID // the tickets chosen on cards
	closed   map[plusofon.TicketID]bool            // the tickets that were ever closed
	closings map[plusofon.TicketID]int             // and how often
	gone     []*modelGone
	notes    []string // internal to the staff
	down     bool     // the program is stopped: messages wait for its next start
	drafted  map[statetest.Message]statetest.Drafted
}

// modelWish is what a person wants to be at Plusofon, once and in its place.
type modelWish struct {
	who     int64
	sent    int
	text    string
	opening bool
	twin    bool // someone else has the same text: which ticket is whose does not matter
	file    bool
	into    func() plusofon.TicketID // 0: not known yet
}

// modelNews is what the staff has written.
type modelNews struct {
	ticket plusofon.TicketID
	post   plusofon.PostID
	text   string
	was    []string // former wordings
	bad    int64    // the chat in which Telegram fails on it; 0: none
	lost   bool     // its ticket vanished before everyone had read it
}

// maxBad is the maximum number of these per walk: each delays its chat for minutes.
const maxBad = 2

var modelPeople = []int64{bottest.AnnaID, bottest.BorisID}

// TestBridgeAgainstAModel does at random what people, the staff, the network and the
// machine do, and checks the guarantees after each step and at the end.
func TestBridgeAgainstAModel(t *testing.T) {
	t.Parallel()
	walk(t, func(m *model) map[string]func(*rapid.T) {
		moves := m.moves()
		maps.Copy(moves, m.staffMoves())
		return moves
	})
}

// walk makes walks of a model's moves.
func walk(t *testing.T, moves func(*model) map[string]func(*rapid.T)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{
			troubles: newTroubles(), folder: t.TempDir(), hands: map[int64]*modelHand{},
			chosen: map[state.DraftID][]plusofon.TicketID{}, closed: map[plusofon.TicketID]bool{}, closings: map[plusofon.TicketID]int{},
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
		if left := m.withoutEnds(after.Unfinished()); len(left) > 0 {
			rt.Errorf("the database does not come to an end: %s", strings.Join(left, "; "))
		}
		m.drafted = after.Drafts()
		m.checkMap(rt, after.Messages())
		m.checkWords(rt, after.Messages())
		m.checkHeld(rt)
		m.checkKnown(rt, m.path)
		after.Close()
	})
}

// file is the database of the current life.
func (m *model) file() string { return filepath.Join(m.folder, fmt.Sprintf("life-%d.db", m.lives)) }

func (m *model) connect(c *bot.Config) {
	m.link = newLink(m.phone, m.desk, m.troubles)
	c.Telegram, c.Plusofon, c.Background = telegramLink{m.link}, plusofonLink{m.link}, plusofonLink{m.link}
	c.PollInterval = 20 * time.Second
}

// firstTickets gives everyone a ticket, and their neighbour's news.
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
		for _, t := range m.tickets() {
			if len(t.Posts) > 0 && t.Posts[0].Text == w.text {
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

// ticketNamed returns the ticket that a message of the bot's is about, by its text.
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
			if m.closed[into()] || m.isGone(into()) {
				m.answersClosed(w.who, to, into())
				return
			}
			m.turnsTo(w.who, into)
			for range rapid.IntRange(1, 2).Draw(t, "times") { // the same text twice, on purpose
				again := *w
				again.sent = m.phone.from(w.who, to, w.text)
				m.expect(&again)
			}
		},
		"somebody answers with a file": func(t *rapid.T) {
			w := &modelWish{who: people.Draw(t, "who"), text: m.token("с файлом"), file: true}
			to, into := m.target(t, w.who)
			if m.closed[into()] || m.isGone(into()) {
				return
			}
			m.turnsTo(w.who, into)
			w.into, w.sent = into, m.phone.sendsFile(w.who, to, w.text)
			m.expect(w)
		},
		"the staff replies": func(t *rapid.T) {
			tickets := m.openTickets()
			if len(tickets) == 0 {
				return
			}
			m.replies(&modelNews{ticket: tickets[rapid.IntRange(0, len(tickets)-1).Draw(t, "ticket")].ID, text: m.token("новость")})
		},
		"the staff writes what Telegram fails on": func(t *rapid.T) {
			if len(m.badNews()) == maxBad || m.isGone(m.wishes[0].into()) {
				t.Skip("enough of that")
			}
			n := &modelNews{ticket: m.wishes[0].into(), text: m.token("худая новость"), bad: people.Draw(t, "whose")}
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
		"the program is stopped": func(t *rapid.T) {
			m.stop()
			m.down = true
			if rapid.Bool().Draw(t, "at once") {
				m.goesOn()
			}
		},
		"the program is started": func(*rapid.T) { m.goesOn() },
		"the program dies": func(t *rapid.T) {
			m.passes(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
			m.dies(time.Duration(rapid.IntRange(0, 2000).Draw(t, "late")) * time.Millisecond)
		},
		"a copy is put back": m.putsBack,
		"":                   func(t *rapid.T) { m.checkDesk(t, false) },
	}
}

func (m *model) replies(n *modelNews) {
	n.post = m.desk.replies(n.ticket, n.text)
	m.news = append(m.news, n)
}

// badNews returns those on which Telegram fails somewhere.
func (m *model) badNews() (list []*modelNews) {
	for _, n := range m.news {
		if n.bad != 0 {
			list = append(list, n)
		}
	}
	return list
}

// goesOn starts the program if it is stopped.
func (m *model) goesOn() {
	if m.down {
		m.down = false
		m.start()
	}
}

// dies ends a life like SIGKILL: the next one has only what is on disk at that moment, and
// requests in flight may arrive a little later or not at all.
func (m *model) dies(late time.Duration) {
	if m.down {
		return
	}
	m.lives++
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(m.path + suffix)
		bottest.Must(m.rt, err)
		bottest.Must(m.rt, os.WriteFile(m.file()+suffix, content, 0o600))
	}
	m.link.dies(late)
	m.stop()
	m.path, m.down = m.file(), true
	m.goesOn()
}

// putsBack replaces the database by a copy of a moment ago. What the program has done since is
// unknown in it; what people have written is in both.
func (m *model) putsBack(t *rapid.T) {
	if m.down || m.phone.waits() {
		return
	}
	m.lives++
	reader, err := state.OpenReader(m.path)
	bottest.Must(m.rt, err)
	bottest.Must(m.rt, reader.Backup(m.file()))
	bottest.Must(m.rt, reader.Close())
	before := m.phone.sent()
	if rapid.Bool().Draw(t, "Plusofon is back") { // what waits in the copy is sent by the original
		m.desk.lose(false)
	}
	m.passes(time.Duration(rapid.IntRange(0, 60_000).Draw(t, "since ms")) * time.Millisecond)
	m.stop()
	m.troubles.unlearned += m.phone.sent() - before
	m.path = m.file()
	m.restored++
	for _, h := range m.hands { // drafts have ended
		h.box = nil
	}
	m.start()
}

// endedInCopy reports whether a draft may have been open in a copy that was put back: the numbers
// of later ones are far above.
func (m *model) endedInCopy(d state.DraftID) bool { return d>>32 < state.DraftID(m.restored) }

// ends lets everything settle in peace, and checks the guarantees.
func (m *model) ends() {
	m.goesOn()
	m.troubles.over()
	m.desk.lose(false)
	m.phone.lose(false)
	m.lastWords()
	for _, who := range modelPeople {
		m.phone.shuts(who, "")
	}
	// People unaffected by that get everything as if it were not there.
	m.passes(12 * time.Minute)
	for _, who := range modelPeople {
		if what := m.lacks(who); what != "" && !slices.ContainsFunc(m.news, func(n *modelNews) bool { return n.bad == who }) {
			m.rt.Errorf("chat %d is held up: it lacks %q", who, what)
		}
	}
	// What Telegram fails on is parked and reported.
	for range 360 {
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
	for _, g := range m.gone {
		g.asked = m.desk.askedFor(g.ticket.ID)
	}
	m.passes(15 * time.Minute)
	m.checkStaff()
	m.checkCards(m.rt)
}
