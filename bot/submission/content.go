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

// staff is the catalogue for what goes to Plusofon, whose staff reads Russian, whatever
// the writer's language.
var staff = texts.For("ru")

// readItem returns a message as it would go to Plusofon; by is the person who wrote or
// forwarded it. If it can't be carried, refused is the reason: a key of the catalogue.
// Files without a name are named by their time in zone.
func readItem(m *telegram.Message, by state.UserID, botName string, zone *time.Location) (i state.Item, refused string) {
	i = state.Item{
		Chat: state.ChatID(m.Chat.ID), Message: state.MessageID(m.ID), Album: m.MediaGroup, Text: m.Text,
		GoesOn: m.Kind == telegram.KindText && telegram.UTF16Len(m.Text) >= telegram.MaxText-1,
	}
	if name, _, ok := m.Command(botName); ok && name == "new" && m.Forward == nil {
		i.Text = afterCommand(m.Text)
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

// quoteMark starts each quoted line, as in mail.
const quoteMark = "> "

// quoted returns the part of another message that a person quotes, as lines: without it
// «этот» in their own text means nothing.
func quoted(part string) string {
	if part = strings.TrimSpace(part); part == "" {
		return ""
	}
	return quoteMark + strings.ReplaceAll(part, "\n", "\n"+quoteMark) + "\n"
}

// unquoted returns a text without the quotation at its start.
func unquoted(text string) string {
	for strings.HasPrefix(text, quoteMark) {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// afterCommand returns a text without the command at its start.
func afterCommand(text string) string {
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

// titling returns a message as the one whose first line is its draft's subject. What it replies to
// goes along or is the bot's question, so the part quoted from that is left out.
func titling(i state.Item, m *telegram.Message) state.Item {
	i.Text, i.Titles = strings.TrimPrefix(i.Text, quoted(m.Quote)), true
	return i
}

// isSubjectAlone reports whether a message has a subject, at most, and nothing under it.
func isSubjectAlone(i state.Item) bool {
	_, words := cutSubject(i.Text)
	return i.Titles && words == "" && i.FileID == ""
}

// Content is what messages contain, ready for Plusofon.
type Content struct {
	text     string
	subject  string // as it was given; "": none was
	headline string // the first line that was written, for a subject
	files    []state.File
	messages int  // as a person counts them: an album or a split text is one
	torn     bool // only one item of an album is here, and albums have several
}

// compose joins messages in the order they were written. Parts of a text that a client
// has split are joined without a separator.
func compose(cfg *chat.Config, items []state.Item) Content {
	var c Content
	var b strings.Builder
	var author string // of the text before
	albums := map[string]int{}
	for n, i := range items {
		var before state.Item
		if n > 0 {
			before = items[n-1]
		}
		goesOn := n > 0 && continues(before, i)
		sameAlbum := i.Album != "" && albums[i.Album] > 0
		albums[i.Album]++
		words := i.Text
		if i.Titles {
			var subject string
			subject, words = cutSubject(i.Text)
			c.subject = cmp.Or(subject, c.subject)
		}
		if isSubjectAlone(i) {
			continue
		}
		if !goesOn && !sameAlbum {
			c.messages++
		}
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

// continues reports whether b continues a's text where a client split it. A text after a
// command is shorter than it was when it was split.
func continues(a, b state.Item) bool {
	if !a.GoesOn || b.FileID != "" || b.Author != a.Author {
		return false
	}
	return telegram.UTF16Len(a.Text) < telegram.MaxText-1 || telegram.CutBefore(a.Text, b.Text)
}

// header names the author of someone else's text and when they wrote it.
func header(cfg *chat.Config, i state.Item) string {
	return staff.T("forwarded", "Name", i.Author, "Time", i.Authored.In(cfg.DefaultZone()).Format("02.01.2006 15:04"))
}

// fileNames returns the line that stands for files without text.
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

// headline returns the first line with content: from the person's own text, or else from
// what they forward. Photos without text are counted, other files named. A greeting is
// taken only if there is nothing else.
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

// fileSubject counts photos, or names the files if not all are photos.
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

// greetings are beginnings of a text without content.
var greetings = []string{
	"доброго времени суток", "здравствуйте", "здравствуй", "добрый день", "доброе утро", "добрый вечер", "доброго дня", "доброго утра", "доброго вечера",
	"приветствую", "привет", "уважаемые коллеги", "коллеги", "добрый", "good morning", "good afternoon", "good evening", "hello", "hi", "dear colleagues", "colleagues",
}

// addressees may follow a greeting besides a name.
var addressees = []string{"всем", "коллеги", "уважаемые", "уважаемый", "уважаемая", "поддержка", "команда", "all", "everyone", "team", "there", "dear", "support", "colleagues"}

// isGreeting reports whether a line only greets: a greeting alone or with its addressee, a
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
	// Lower case may differ in length.
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

// firstLine returns the first line with something visible; a direction mark, for example,
// is not.
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

// subjectAndBody makes the first line the subject and the rest the text. If there is no
// rest, or the subject was cut, the text is the whole, so that nothing is lost.
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

// cutSubject takes the first line as the subject. A line that would have to be cut is not
// a subject but text.
func cutSubject(text string) (subject, rest string) {
	subject, rest = subjectAndBody(text)
	switch {
	case subject != firstLine(text):
		return "", text
	case rest == text:
		return subject, ""
	}
	return subject, rest
}

// IsRemark reports whether a text is a remark among colleagues, marked by two slashes,
// with or without a quotation before it.
func IsRemark(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), "//") || strings.HasPrefix(strings.TrimSpace(unquoted(text)), "//")
}
