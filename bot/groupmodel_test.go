package bot_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

// groupWalk is what people do in a group, at random, while the bot runs or is down, the
// staff replies and the group is unreachable for a while, and the expected result.
type groupWalk struct {
	w       *bottest.World
	group   bottest.Team
	running bool
	moved   bool
	stops   int
	earlier []telegramtest.Message // the bot's, which stayed in the group that has become a supergroup
	words   int
	written []*groupWords
	news    []groupNews
}

// groupNews is what the staff has written in a ticket that the group follows.
type groupNews struct {
	ticket plusofon.TicketID
	text   string
	files  []string
}

// groupWords is the text of one message.
type groupWords struct {
	who     int // its author, as an index of people
	message int // the message that contains it; of an album, the last
	text    string
	root    *groupWords // the opening of its ticket; nil: not for the bot
	old     bool        // the message is in the group before its upgrade to a supergroup
}

func (g *groupWalk) people() []*telegramtest.Chat {
	return []*telegramtest.Chat{g.group.Anna, g.group.Boris}
}

func (g *groupWalk) word() string {
	g.words++
	return fmt.Sprintf("слово-%d.", g.words)
}

// notes records what was written. root is the opening that it belongs to: itself if it
// opens a ticket.
func (g *groupWalk) notes(who, message int, text string, opens bool, root *groupWords) {
	w := &groupWords{who: who, message: message, text: text, root: root}
	if opens {
		w.root = w
	}
	g.written = append(g.written, w)
}

// target is something written in this group, counted from the end.
func (g *groupWalk) target(n int) *groupWords {
	here := slices.DeleteFunc(slices.Clone(g.written), func(w *groupWords) bool { return w.old })
	if len(here) == 0 {
		return nil
	}
	return here[len(here)-1-n%len(here)]
}

// The steps of a walk.
const (
	opensTicket = iota
	opensByAlbum
	repliesToSomething
	repliesByAlbum
	talks
	remarks
	becomesSupergroup
	stopsOrStarts
	timePasses
	staffReplies
	staffSendsFile
	isMuted
	filesAreForbidden
	groupSteps
)

func (g *groupWalk) step(kind, who, target int) {
	c, text := g.people()[who], g.word()
	to := g.target(target)
	// A reply to one's own text goes where that went; one to a colleague's text asks first,
	// and nobody answers here; one to what is for a colleague is not sent.
	leads := func() *groupWords {
		if to == nil || to.who != who {
			return nil
		}
		return to.root
	}
	switch kind {
	case opensTicket:
		g.notes(who, c.Send("/new Тема\n"+text).ID, text, true, nil)
	case opensByAlbum:
		g.notes(who, c.SendAlbum(bottest.TwoPhotos("/new Тема\n"+text), 0)[1].ID, text, true, nil)
	case repliesToSomething:
		if to != nil {
			g.notes(who, c.Reply(to.message, text).ID, text, false, leads())
		}
	case repliesByAlbum:
		if to != nil {
			g.notes(who, c.SendAlbum(bottest.TwoPhotos(text), to.message)[1].ID, text, false, leads())
		}
	case talks:
		g.notes(who, c.Send(text).ID, text, false, nil)
	case remarks:
		if to != nil {
			g.notes(who, c.Reply(to.message, "// "+text).ID, text, false, nil)
		}
	case becomesSupergroup:
		if !g.moved {
			g.moved, g.earlier = true, g.group.Anna.FromBot()
			g.group = g.group.Moved()
			for _, w := range g.written {
				w.old = true
			}
		}
	case stopsOrStarts:
		if g.running {
			g.w.Stop()
			g.stops++
		} else {
			g.w.Start()
		}
		g.running = !g.running
	case timePasses:
		g.w.Passes(2 * time.Second)
	case staffReplies, staffSendsFile:
		files := 0
		if kind == staffSendsFile {
			files = 1 + 3*who
		}
		g.staffWrites(target, files)
	case isMuted:
		g.group.Mute(who == 0)
	case filesAreForbidden:
		g.group.ForbidFiles(who == 0)
	}
}

// staffWrites has the staff reply in one of the tickets, counted from the end, with so many
// files, all but the first of them pictures.
func (g *groupWalk) staffWrites(target, files int) {
	g.w.Passes(2 * time.Second) // no one replies at once
	tickets := g.w.Plusofon.Tickets()
	if len(tickets) == 0 {
		return
	}
	n := groupNews{ticket: tickets[len(tickets)-1-target%len(tickets)].ID, text: g.word()}
	var attached []plusofontest.Attachment
	for i := range files {
		a := plusofontest.Attachment{Name: strings.TrimSuffix(n.text, ".") + ".txt", Content: []byte("x")}
		if i > 0 {
			a = bottest.Pictures(fmt.Sprintf("%s-%d.png", strings.TrimSuffix(n.text, "."), i))[0]
		}
		attached, n.files = append(attached, a), append(n.files, a.Name)
	}
	g.w.Plusofon.Reply(n.ticket, "Оператор", n.text, attached...)
	g.news = append(g.news, n)
}

// lost compares what the group was told with what the staff has written: everything has
// arrived, once, and in order within a ticket, though the bot could not write for a while.
// A stop can cut off one sending: what it sent then comes again.
func (g *groupWalk) lost() string {
	var problems []string
	again := 0
	last := map[plusofon.TicketID]int{}
	messages := slices.Concat(g.earlier, g.group.Anna.FromBot())
	for _, n := range g.news {
		var at []int
		files := map[string]int{}
		for i, m := range messages {
			if strings.Contains(m.Text, "💬") && strings.Contains(m.Text, n.text) {
				at = append(at, i)
			}
			if m.File != nil {
				files[m.File.Name]++
			}
		}
		switch {
		case len(at) == 0:
			problems = append(problems, fmt.Sprintf("%q is not told", n.text))
			continue
		case at[0] < last[n.ticket]:
			problems = append(problems, fmt.Sprintf("%q is told before what the staff wrote earlier", n.text))
		}
		filesAgain := 0 // an album comes again as a whole
		for _, name := range n.files {
			if files[name] == 0 {
				problems = append(problems, fmt.Sprintf("%s has not come", name))
			}
			filesAgain = max(filesAgain, files[name]-1)
		}
		again += len(at) - 1 + filesAgain
		last[n.ticket] = at[0]
	}
	if again > g.stops {
		problems = append(problems, fmt.Sprintf("%d news came again, of %d that a stop can have cut off", again, g.stops))
	}
	return strings.Join(problems, "; ")
}

// wrong compares Plusofon's content with what was written: each ticket has the texts that
// belong there, once, each person's in order, and nothing else.
func (g *groupWalk) wrong() string {
	var problems []string
	at := map[string]int{}
	for n, ticket := range g.w.Plusofon.Tickets() {
		last := map[int]int{}
		var root *groupWords
		for _, p := range ticket.Posts {
			i := slices.IndexFunc(g.written, func(w *groupWords) bool { return w.text == p.Text })
			if i < 0 {
				if !p.Staff {
					problems = append(problems, fmt.Sprintf("nobody has written %q", p.Text))
				}
				continue
			}
			w := g.written[i]
			at[w.text]++
			if root == nil {
				root = w
			}
			switch {
			case w.root == nil:
				problems = append(problems, fmt.Sprintf("%q was not for Plusofon", w.text))
			case w.root != root:
				problems = append(problems, fmt.Sprintf("%q is in ticket %d, that of %q", w.text, n, root.text))
			case w.message < last[w.who] && !g.moved:
				problems = append(problems, fmt.Sprintf("%q stands behind what its author wrote later", w.text))
			}
			last[w.who] = w.message
		}
	}
	for _, w := range g.written {
		if w.root != nil && at[w.text] != 1 {
			problems = append(problems, fmt.Sprintf("%q is there %d times", w.text, at[w.text]))
		}
	}
	return strings.Join(problems, "; ")
}

// evenly draws a number below n. Rapid's own draws prefer small numbers so much that the last
// steps would hardly be taken.
func evenly(rt *rapid.T, n int, label string) int {
	drawn := 0
	for range 8 {
		drawn *= 2
		if rapid.Bool().Draw(rt, label) {
			drawn++
		}
	}
	return drawn % n
}

// What is written in a group is judged in the order written, whether it arrives one by one
// or all at once after a start: nothing that concerns a ticket is dropped, and nothing else
// gets there.
func TestGroupAgainstAModel(t *testing.T) {
	t.Parallel()
	type step struct{ kind, who, target int }
	steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
		return step{evenly(rt, groupSteps, "step"), rapid.IntRange(0, 1).Draw(rt, "who"), rapid.IntRange(0, 5).Draw(rt, "target")}
	}), 5, 30)
	rapid.Check(t, func(rt *rapid.T) {
		walk := steps.Draw(rt, "walk")
		var wrong string
		bottest.Run(t, bottest.Options{
			Signing: "never", Telegram: telegramtest.Config{PrivacyOff: true}, Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink},
		}, func(t *testing.T, w *bottest.World) {
			g := &groupWalk{w: w, running: true, group: w.LetIn(w.NewTeam(telegramtest.GroupOptions{}))}
			for _, s := range walk {
				g.step(s.kind, s.who, s.target)
			}
			if !g.running {
				g.step(stopsOrStarts, 0, 0)
			}
			g.group.Mute(false)
			g.group.ForbidFiles(false)
			for range 30 { // an unreachable chat is probed now and then
				if w.Passes(time.Minute); g.lost() == "" {
					break
				}
			}
			w.Passes(5 * time.Minute)
			if wrong = cmp.Or(g.wrong(), g.lost()); wrong == "" {
				w.WantNothingAside()
			}
		})
		if wrong != "" {
			rt.Error(wrong)
		}
	})
}
