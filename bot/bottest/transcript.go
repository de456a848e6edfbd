package bottest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/bot/texts"
	"plusofon-bot/plusofon"
	"plusofon-bot/plusofon/plusofontest"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// Day is a conversation recorded as people see it.
//
// In a scene, people and the staff act one after another. After each action the day waits
// until everything that follows has been said, and records what is new or changed in the
// watched chats. It omits what depends on the clock, so that the transcript is always the
// same.
type Day struct {
	*World
	Lang    string
	watched []watchedChat
	b       strings.Builder
}

type watchedChat struct {
	*telegramtest.Chat
	seen map[int]string // messages as last recorded
	// forum numbers the topics in order of appearance; nil if there are none.
	forum  map[int]int
	topics string // as last recorded
}

// Say returns the text in the day's language.
func (d *Day) Say(ru, en string) string {
	if d.Lang == "en" {
		return en
	}
	return ru
}

// Label returns a button's label by its key in the catalogue.
func (d *Day) Label(key string, pairs ...any) string { return texts.For(d.Lang).T(key, pairs...) }

// Watch records a chat from now on.
func (d *Day) Watch(c *telegramtest.Chat) {
	d.watched = append(d.watched, watchedChat{Chat: c, seen: map[int]string{}})
}

// WatchForum records a chat with its topics.
func (d *Day) WatchForum(c *telegramtest.Chat) {
	d.watched = append(d.watched, watchedChat{Chat: c, seen: map[int]string{}, forum: map[int]int{}})
}

// Renumbered notes that the message ids of the first watched chat restart.
func (d *Day) Renumbered() { clear(d.watched[0].seen) }

// Scene starts a part of the day.
func (d *Day) Scene(ru, en string) { fmt.Fprintf(&d.b, "\n## %s\n", d.Say(ru, en)) }

// Does performs an action, waits until everything that follows is said, and records it.
func (d *Day) Does(what string, do func()) {
	d.T.Helper()
	d.Shows(what, func() { do(); d.AtRest() })
}

// Shows performs an action that does not settle, and records what follows; do waits for that.
func (d *Day) Shows(what string, do func()) {
	d.T.Helper()
	if what != "" {
		fmt.Fprintf(&d.b, "\n(%s)\n", timeless(what))
	}
	do()
	d.write()
}

// Writes sends a text from the first watched chat.
func (d *Day) Writes(ru, en string) (m telegramtest.Message) {
	d.T.Helper()
	d.Does("", func() { m = d.watched[0].Send(d.Say(ru, en)) })
	return m
}

// Replies replies to a message there.
func (d *Day) Replies(to telegramtest.Message, ru, en string) (m telegramtest.Message) {
	d.T.Helper()
	d.Does("", func() { m = d.watched[0].Reply(to.ID, d.Say(ru, en)) })
	return m
}

// Presses presses a button of a message there, by its label.
func (d *Day) Presses(m telegramtest.Message, label string) {
	d.T.Helper()
	d.PressesAs(d.watched[0].Chat, d.Say("нажимает", "presses"), m, label)
}

// PressesAs has someone press a button; what says who.
func (d *Day) PressesAs(who *telegramtest.Chat, what string, m telegramtest.Message, label string) {
	d.T.Helper()
	d.Does(what+" ["+label+"]", func() {
		if a := d.Pressed(who.Press(m.ID, label)); a.Text != "" {
			fmt.Fprintf(&d.b, "%s\n", indent("‹"+a.Text+"›"))
		}
	})
}

// Answers has the staff write, and waits until the bot has polled it.
func (d *Day) Answers(id plusofon.TicketID, name, text string, files ...plusofontest.Attachment) {
	d.T.Helper()
	d.Happens("Плюсофон: "+name+" отвечает", "Plusofon: "+name+" answers", func() { d.Plusofon.Reply(id, name, text, files...) })
}

// Happens makes something happen at Plusofon, and waits until the bot has polled it.
func (d *Day) Happens(ru, en string, do func()) {
	d.T.Helper()
	d.Does(d.Say(ru, en), func() { do(); d.Polled() })
}

// Last returns the bot's last message in the first watched chat with a button of that
// label, or that contains the text.
func (d *Day) Last(labelOrText string) telegramtest.Message {
	d.T.Helper()
	all := d.watched[0].Messages()
	for _, m := range slices.Backward(all) {
		_, has := m.Button(labelOrText)
		if m.FromBot && (has || strings.Contains(m.Text, labelOrText)) {
			return m
		}
	}
	d.T.Fatalf("no message with %q", labelOrText)
	return telegramtest.Message{}
}

// write records what is new in the watched chats, then what has changed there and what is gone.
func (d *Day) write() {
	for i := range d.watched {
		d.watched[i].writeTopics(d)
		c := d.watched[i]
		var changed []telegramtest.Message
		gone := maps.Clone(c.seen)
		for _, m := range c.Messages() {
			delete(gone, m.ID)
			before, seen := c.seen[m.ID]
			c.seen[m.ID] = d.written(m)
			switch {
			case !seen:
				fmt.Fprintf(&d.b, "\n%s%s\n", d.from(c, m), c.seen[m.ID])
			case before != c.seen[m.ID]:
				changed = append(changed, m)
			}
		}
		for _, m := range changed {
			fmt.Fprintf(&d.b, "\n%s%s%s\n", d.Say("изменено: ", "changed: "), d.from(c, m), c.seen[m.ID])
		}
		for _, id := range slices.Sorted(maps.Keys(gone)) {
			delete(c.seen, id)
			if len(gone) == 1 { // otherwise someone has deleted a whole topic
				_, text, _ := strings.Cut(gone[id], "\n")
				first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
				fmt.Fprintf(&d.b, "\n%s«%s»\n", d.Say("удалено: ", "deleted: "), cutRunes(first, 40))
			}
		}
	}
}

// numberOf returns a topic's number in the transcript.
func (c watchedChat) numberOf(thread int) int {
	if c.forum[thread] == 0 {
		c.forum[thread] = len(c.forum) + 1
	}
	return c.forum[thread]
}

// writeTopics records the topics of a forum if they have changed.
func (c *watchedChat) writeTopics(d *Day) {
	if c.forum == nil {
		return
	}
	lines := []string{d.Say("темы группы:", "the group's topics:")}
	for _, topic := range c.Topics() {
		closed := ""
		if topic.Closed {
			closed = " 🔒"
		}
		lines = append(lines, fmt.Sprintf("  %d. %s%s", c.numberOf(topic.ID), topic.Name, closed))
	}
	if now := strings.Join(lines, "\n"); now != c.topics && len(lines)+len(c.topics) > 1 {
		fmt.Fprintf(&d.b, "\n%s\n", now)
		c.topics = now
	}
}

// from describes who wrote a message, and what it replies to.
func (d *Day) from(c watchedChat, m telegramtest.Message) string {
	var b strings.Builder
	if c.forum != nil && m.Thread != 0 {
		fmt.Fprintf(&b, "[%s %d] ", d.Say("тема", "topic"), c.numberOf(m.Thread))
	}
	b.WriteString(m.From.FirstName)
	if m.Silent {
		b.WriteString(" 🔕")
	}
	if m.Forwarded {
		b.WriteString(" ⤳")
	}
	if m.ReplyTo != 0 {
		for _, to := range c.Messages() {
			if to.ID == m.ReplyTo {
				first, _, _ := strings.Cut(to.Text, "\n")
				if to.File != nil && first == "" {
					first = to.File.Name
				}
				b.WriteString(" ↩ «" + cutRunes(first, 40) + "»")
			}
		}
	}
	return timeless(b.String())
}

// written formats a message as people see it.
func (d *Day) written(m telegramtest.Message) string {
	var b strings.Builder
	if m.Pinned {
		b.WriteString(" 📌")
	}
	b.WriteString(":")
	if m.Text != "" {
		b.WriteString("\n" + indent(shortened(marked(m))))
	}
	if m.File != nil {
		line := strings.TrimSpace("📄 " + m.File.Kind + " " + m.File.Name)
		if m.Album != "" {
			line += d.Say(" (альбом)", " (album)")
		}
		b.WriteString("\n" + indent(line))
	}
	if m.Service != "" {
		b.WriteString("\n" + indent("· "+m.Service))
	}
	for _, row := range m.Buttons {
		b.WriteString("\n" + indent(""))
		for _, button := range row {
			b.WriteString("[" + button.Text + "]")
		}
	}
	if m.ForceReply {
		b.WriteString("\n" + indent("⌨ "+m.Placeholder))
	}
	if m.Reaction != "" {
		b.WriteString("\n" + indent(m.Reaction))
	}
	return timeless(b.String())
}

// marked formats a text with familiar marks for its formatting.
func marked(m telegramtest.Message) string {
	units := utf16.Encode([]rune(m.Text))
	open, end := make([]string, len(units)+1), make([]string, len(units)+1)
	for _, e := range m.Entities {
		before, after := "", ""
		switch e.Type {
		case "bold":
			before, after = "*", "*"
		case "italic":
			before, after = "_", "_"
		case "code", "pre":
			before, after = "`", "`"
		case "text_link":
			before, after = "[", "]("+e.URL+")"
		case "blockquote":
			before, after = "❝", "❞"
		case "expandable_blockquote":
			before, after = "❝▾", "❞"
		}
		open[e.Offset] += before
		end[e.Offset+e.Length] = after + end[e.Offset+e.Length]
	}
	var b strings.Builder
	for i := range units {
		b.WriteString(end[i] + open[i])
		if utf16.IsSurrogate(rune(units[i])) {
			if i+1 < len(units) && units[i] < 0xDC00 {
				b.WriteRune(utf16.DecodeRune(rune(units[i]), rune(units[i+1])))
			}
			continue
		}
		b.WriteRune(rune(units[i]))
	}
	return b.String() + end[len(units)]
}

// shortened cuts the middle out of very long lines.
func shortened(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if r := []rune(line); len(r) > 400 {
			lines[i] = fmt.Sprintf("%s ⟨…%d…⟩ %s", string(r[:100]), len(r)-200, string(r[len(r)-100:]))
		}
	}
	return strings.Join(lines, "\n")
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

func cutRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// clockwork lists everything that depends on when the test runs.
var clockwork = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\d\d\.\d\d\.\d{4},? \d\d:\d\d`), "01.03.2026 10:00"},
	{regexp.MustCompile(`, \d\d:\d\d\b`), ", 10:00"},
	{regexp.MustCompile(`\d+ (минуту|минуты|минут) назад`), "только что"},
	{regexp.MustCompile(`\d+ minutes? ago`), "just now"},
	{regexp.MustCompile(`(у Плюсофона|ждёт вас) \d+ (минуту|минуты|минут)`), "$1"},
	{regexp.MustCompile(`(with Plusofon|your turn) for \d+ minutes?`), "$1"},
	{regexp.MustCompile(`\?start=[A-Z0-9]+`), "?start=…"},
}

func timeless(s string) string {
	for _, c := range clockwork {
		s = c.pattern.ReplaceAllString(s, c.by)
	}
	return s
}

// Compare compares the transcript with the stored one.
func (d *Day) Compare(path string) {
	d.T.Helper()
	got := strings.TrimSpace(d.b.String()) + "\n"
	if *update {
		Must(d.T, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(path)
	Must(d.T, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		d.T.Errorf("the conversation has changed (-kept +now); if it is better so, run the test with -update:\n%s", diff)
	}
}
