package submission

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// staff is the catalogue for what goes to Plusofon: its staff reads Russian,
// whatever the writer's language is.
var staff = texts.For("ru")

// readItem is a message as it would go to Plusofon, written or shown by a person. Where
// it can't be carried, refused names why: a key of the catalogue. The names of files that
// have none tell their time in a zone.
func readItem(m *telegram.Message, by state.UserID, botName string, zone *time.Location) (i state.Item, refused string) {
	i = state.Item{
		Chat: state.ChatID(m.Chat.ID), Message: state.MessageID(m.ID), Album: m.MediaGroup, Text: m.Text,
		GoesOn: m.Kind == telegram.KindText && telegram.UTF16Len(m.Text) >= telegram.MaxText-1,
	}
	if name, _, ok := m.Command(botName); ok && name == "new" && m.Forward == nil {
		i.Text = behindCommand(m.Text)
	}
	switch {
	case m.Forward != nil:
		i.Author, i.Authored = m.Forward.Name, m.Forward.Date
	case m.SenderChat != nil:
		i.Author, i.Authored = telegram.Clean(m.SenderChat.Title), m.Date
	case m.From != nil && state.UserID(m.From.ID) != by:
		i.Author, i.Authored = m.From.Name(), m.Date
	}
	if !i.Authored.IsZero() && i.Author == "" {
		i.Author = staff.T("forwarded_nobody")
	}
	defer func() { i.Text = quoted(m.Quote) + i.Text }()
	switch {
	case m.File != nil:
		i.FileID, i.FileName, i.FileSize = m.File.ID, m.File.Name, m.File.Size
		if m.File.Unnamed {
			i.FileName = telegram.MadeUpName(m.File, m, zone)
		}
	case m.Contact != nil:
		i.Text = staff.T("kind_contact", "Name", strings.TrimSpace(m.Contact.FirstName+" "+m.Contact.LastName), "Phone", m.Contact.Phone)
	case m.Venue != nil:
		i.Text = staff.T("kind_venue", "Title", m.Venue.Title, "Address", m.Venue.Address, "Point", point(m.Venue.Location))
	case m.Location != nil:
		i.Text = staff.T("kind_location", "Point", point(*m.Location))
	case m.Kind == telegram.KindSticker:
		i.Text = strings.TrimSpace(staff.T("kind_sticker", "Emoji", m.Sticker))
	case m.Kind != telegram.KindText:
		return i, "kind_refused"
	}
	return i, ""
}

func point(l telegram.Location) string { return fmt.Sprintf("%.6f, %.6f", l.Latitude, l.Longitude) }

// quoteMark begins each line of what somebody has quoted, as in mail.
const quoteMark = "> "

// quoted is the part of another message that a person has marked: without it «этот» in
// their own words means nothing.
func quoted(part string) string {
	if part = strings.TrimSpace(part); part == "" {
		return ""
	}
	return quoteMark + strings.ReplaceAll(part, "\n", "\n"+quoteMark) + "\n"
}

// unquoted is a text without the quotation that it begins with.
func unquoted(text string) string {
	for strings.HasPrefix(text, quoteMark) {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// behindCommand is a text without the command that it begins with.
func behindCommand(text string) string {
	i := strings.IndexFunc(text, unicode.IsSpace)
	if i < 0 {
		return ""
	}
	return strings.TrimLeftFunc(text[i:], unicode.IsSpace)
}

// readItems reads the messages of one event.
func readItems(t *chat.Turn, messages []*telegram.Message, by state.UserID) (list []state.Item, refused string) {
	for _, m := range messages {
		i, why := readItem(m, by, t.BotName, t.DefaultZone())
		if why != "" {
			refused = why
		}
		list = append(list, i)
	}
	return list, refused
}

// Content is what messages bring, ready for Plusofon.
type Content struct {
	text     string
	headline string // the first line that somebody has written, fit for a subject
	files    []state.File
	messages int  // as a person counts them: an album is one, a text that was split too
	torn     bool // only one item of an album is there, and albums have several
}

// compose puts messages together in the order in which they were written. What
// a client has split is joined with nothing between.
func compose(cfg *chat.Config, items []state.Item) Content {
	var c Content
	var b strings.Builder
	var author string // of the words before
	albums := map[string]int{}
	for n, i := range items {
		var before state.Item
		if n > 0 {
			before = items[n-1]
		}
		goesOn := n > 0 && continues(before, i)
		sameAlbum := i.Album != "" && albums[i.Album] > 0
		albums[i.Album]++
		if !goesOn && !sameAlbum {
			c.messages++
		}
		words := i.Text
		if i.Author != "" && !goesOn && !(sameAlbum && before.Author == i.Author) {
			words = header(cfg, i) + "\n" + words
			if i.Text == "" && i.FileName != "" {
				words += staff.T("file_line", "Count", 1, "Names", i.FileName)
			}
		}
		if words != "" && b.Len() > 0 && !goesOn {
			b.WriteString("\n")
			if i.Author != author || i.Author != "" && !sameAlbum {
				b.WriteString("\n")
			}
		}
		if words != "" {
			author = i.Author
		}
		b.WriteString(words)
		if i.FileID != "" {
			f := state.File{N: len(c.files), FileID: i.FileID, Name: i.FileName, Size: i.FileSize, State: state.FileQueued}
			if cfg.MaxFileSize > 0 && f.Size > cfg.MaxFileSize {
				f.State, f.Reason = state.FileFailed, state.FileReasonTooBig
			}
			c.files = append(c.files, f)
		}
	}
	delete(albums, "")
	for _, n := range albums {
		c.torn = c.torn || n == 1
	}
	c.text = strings.TrimSpace(b.String())
	if c.text == "" {
		c.text = fileNames(c.files)
	}
	c.headline = headline(items, c)
	return c
}

// continues tells whether a message goes on where a client has cut the text of the
// one before. A text behind a command is shorter than it was when it was cut.
func continues(a, b state.Item) bool {
	if !a.GoesOn || b.FileID != "" || b.Author != a.Author {
		return false
	}
	return telegram.UTF16Len(a.Text) < telegram.MaxText-1 || telegram.CutBefore(a.Text, b.Text)
}

// header names the author of somebody else's words, and when he wrote them.
func header(cfg *chat.Config, i state.Item) string {
	return staff.T("forwarded", "Name", i.Author, "Time", i.Authored.In(cfg.DefaultZone()).Format("02.01.2006 15:04"))
}

// fileNames is the line that stands for files without words.
func fileNames(files []state.File) string {
	var names []string
	for _, f := range files {
		if f.State == state.FileQueued {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return staff.T("file_line", "Count", len(names), "Names", strings.Join(names, ", "))
}

// headline is the first line that says something: of the person's own words; where there
// are none, of those that they pass on. Photos without a word are counted, other files
// named. A greeting is taken where there is nothing else.
func headline(items []state.Item, c Content) string {
	greeting := ""
	for _, own := range []bool{true, false} {
		for _, i := range items {
			if (i.Author == "") != own {
				continue
			}
			for line := range strings.Lines(unquoted(i.Text)) {
				switch line = telegram.Clean(line); {
				case line == "":
				case isGreeting(line):
					greeting = cmp.Or(greeting, line)
				default:
					return line
				}
			}
		}
	}
	return cmp.Or(fileSubject(c.files), greeting, firstLine(unquoted(c.text)), firstLine(c.text))
}

// fileSubject counts photos, and names files where others are among them.
func fileSubject(files []state.File) string {
	for _, f := range files {
		if !telegram.IsPhotoName(f.Name) {
			return firstLine(fileNames(files))
		}
	}
	if len(files) == 0 {
		return ""
	}
	return staff.T("photos_subject", "Photos", len(files))
}

// greetings are what a text begins with that says nothing yet.
var greetings = []string{
	"доброго времени суток", "здравствуйте", "здравствуй", "добрый день", "доброе утро", "добрый вечер", "доброго дня", "доброго утра", "доброго вечера",
	"приветствую", "привет", "уважаемые коллеги", "коллеги", "добрый", "good morning", "good afternoon", "good evening", "hello", "hi", "dear colleagues", "colleagues",
}

// addressees may stand behind a greeting beside a name.
var addressees = []string{"всем", "коллеги", "уважаемые", "уважаемый", "уважаемая", "поддержка", "команда", "all", "everyone", "team", "there", "dear", "support", "colleagues"}

// isGreeting tells whether a line greets and does no more: alone, or with whom it greets, a
// name of up to three words.
func isGreeting(line string) bool {
	lower := strings.ToLower(line)
	i := slices.IndexFunc(greetings, func(g string) bool {
		rest, ok := strings.CutPrefix(lower, g)
		r, _ := utf8.DecodeRuneInString(rest)
		return ok && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if i < 0 {
		return false
	}
	// Lower case may be of another length.
	behind := string([]rune(line)[utf8.RuneCountInString(greetings[i]):])
	words := strings.FieldsFunc(behind, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' })
	for _, w := range words {
		first, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(first) && !slices.Contains(addressees, strings.ToLower(w)) {
			return false
		}
	}
	return len(words) <= 3
}

// firstLine is the first line that shows something; a mark of the direction, say,
// does not.
func firstLine(text string) string {
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if line = telegram.Clean(line); line != "" {
			return line
		}
	}
	return ""
}

// subjectAndBody makes the first line the subject and the rest the text. Where
// there is no rest, or the subject had to be cut, the text is all of it: nothing
// is lost.
func subjectAndBody(text string) (subject, body string) {
	rest := text
	for subject == "" && rest != "" {
		var first string
		first, rest, _ = strings.Cut(rest, "\n")
		subject = telegram.Clean(first)
	}
	rest = strings.TrimSpace(rest)
	cut := plusofon.CutSubject(subject)
	if rest == "" || cut != subject {
		return cut, text
	}
	return cut, rest
}

// IsRemark tells a remark that is nobody's business by its two slashes, whatever it
// quotes.
func IsRemark(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), "//") || strings.HasPrefix(strings.TrimSpace(unquoted(text)), "//")
}
