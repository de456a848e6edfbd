package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/bot/texts"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

// content is what a message brings, ready for Plusofon.
type content struct {
	text  string
	files []state.File
	// refused names what can't be carried: a key of the catalogue; "" where all
	// can.
	refused string
}

// gather reads a message, or an album, into one content.
func (t *turn) gather(text string, messages []*telegram.Message) content {
	c := content{text: strings.TrimSpace(text)}
	// Plusofon's staff reads Russian, whatever the writer's language is.
	ru := texts.For("ru")
	for _, m := range messages {
		switch {
		case m.File != nil:
			f := state.File{N: len(c.files), FileID: m.File.ID, Name: m.File.Name, Size: m.File.Size, State: state.FileQueued}
			if t.MaxFileSize > 0 && f.Size > t.MaxFileSize {
				f.State, f.Reason = state.FileFailed, "file_too_big"
			}
			c.files = append(c.files, f)
		case m.Contact != nil:
			c.add(ru.T("kind_contact", "Name", strings.TrimSpace(m.Contact.FirstName+" "+m.Contact.LastName), "Phone", m.Contact.Phone))
		case m.Venue != nil:
			c.add(ru.T("kind_venue", "Title", m.Venue.Title, "Address", m.Venue.Address, "Point", point(m.Venue.Location)))
		case m.Location != nil:
			c.add(ru.T("kind_location", "Point", point(*m.Location)))
		case m.Kind == telegram.KindSticker:
			c.add(ru.T("kind_sticker", "Emoji", m.Sticker))
		case m.Kind != telegram.KindText:
			c.refused = "kind_refused"
		}
	}
	return c
}

func point(l telegram.Location) string { return fmt.Sprintf("%.6f, %.6f", l.Latitude, l.Longitude) }

func (c *content) add(line string) { c.text = strings.TrimSpace(c.text + "\n" + line) }

// name gives files without words the line that names them.
func (c *content) name() {
	var names []string
	for _, f := range c.files {
		if f.State == state.FileQueued {
			names = append(names, f.Name)
		}
	}
	if c.text == "" && len(names) > 0 {
		c.text = texts.For("ru").T("file_line", "Count", len(names), "Names", strings.Join(names, ", "))
	}
}

// refuse tells why a message goes nowhere.
func (t *turn) refuse(s speaker, m state.MessageID, key string, pairs ...any) error {
	if err := t.react(s.chat, m, heartBroken, 0); err != nil {
		return err
	}
	return t.say(outgoing{chat: s.chat, replyTo: m, text: telegram.Plain(s.T(key, pairs...))})
}

// unsendable tells why a content can't go anywhere; false where it can.
func (t *turn) unsendable(s speaker, m state.MessageID, c content) (bool, error) {
	switch {
	case c.refused != "":
		return true, t.refuse(s, m, c.refused)
	case telegram.Clean(c.text) != "":
		return false, nil
	case len(c.files) > 0:
		return true, t.refuse(s, m, "file_too_big_alone", "Count", len(c.files), "Name", c.files[0].Name,
			"Size", size(s, c.files[0].Size), "Limit", size(s, t.MaxFileSize))
	}
	return true, t.refuse(s, m, "nothing_to_send")
}

// openFrom opens a ticket from a text with the files of its messages.
func (t *turn) openFrom(s speaker, text string, messages []*telegram.Message) error {
	m := state.MessageID(messages[0].ID)
	c := t.gather(text, messages)
	c.name()
	if no, err := t.unsendable(s, m, c); no || err != nil {
		return err
	}
	subject, body := subjectAndBody(c.text)
	body, err := t.sign(s.Person, body)
	if err != nil {
		return err
	}
	return t.submit(state.Submission{
		Kind: state.Opening, Chat: s.chat, Message: m, User: s.ID, Subject: subject, Text: body,
		State: state.SubmissionQueued, Created: t.now,
	}, c.files, messages[1:])
}

// subjectAndBody makes the first line the subject and the rest the text. Where
// there is no rest, or the subject had to be cut, the text is all of it: nothing
// is lost.
func subjectAndBody(text string) (subject, body string) {
	rest := text
	// A line that shows nothing (a mark of the direction, say) is no subject.
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

// answer puts a message into a ticket.
func (t *turn) answer(s speaker, to target, messages []*telegram.Message) error {
	m := state.MessageID(messages[0].ID)
	c := t.gather(caption(messages), messages)
	c.name()
	if no, err := t.unsendable(s, m, c); no || err != nil {
		return err
	}
	text, err := t.sign(s.Person, c.text)
	if err != nil {
		return err
	}
	return t.submit(state.Submission{
		Kind: state.Answer, Chat: s.chat, Message: m, User: s.ID, Ticket: to.ticket, Opening: to.opening, Text: text,
		State: state.SubmissionQueued, Created: t.now,
	}, c.files, messages[1:])
}

// submit stores a submission, made of its message and those behind it, and queues
// its request.
func (t *turn) submit(sub state.Submission, files []state.File, behind []*telegram.Message) error {
	sub.Thread = t.here.thread
	id, added, err := t.tx.AddSubmission(sub)
	if err != nil || !added {
		return err
	}
	sub.ID = id
	if t.holds {
		sub.State, sub.Reason = state.SubmissionFailed, reasonMention
		if err := t.tx.SaveSubmission(sub); err != nil {
			return err
		}
	}
	// An open question is answered, or forgotten: what the person writes later
	// was not meant as its answer.
	if _, err := t.tx.TakePrompt(sub.Chat, sub.User, t.now); err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	for _, m := range behind {
		if err := t.tx.AddPart(id, sub.Chat, state.MessageID(m.ID)); err != nil {
			return err
		}
	}
	for _, f := range files {
		f.Submission = id
		if err := t.tx.SaveFile(f); err != nil {
			return err
		}
	}
	if sub.Ticket != 0 {
		if err := t.claimMessage(sub); err != nil {
			return err
		}
	}
	if !t.holds {
		if err := t.queueSubmission(sub); err != nil {
			return err
		}
	}
	if err := t.progress(sub, true); err != nil || sub.Opening == 0 || sub.Ticket != 0 {
		return err
	}
	opening, err := t.tx.Submission(sub.Opening)
	if err != nil || opening.State != state.SubmissionFailed {
		return err
	}
	return t.failWaiting(opening)
}

// claimMessage makes the person's own message, with all its parts, one of the
// ticket's: a reply to it leads there as well.
func (t *turn) claimMessage(sub state.Submission) error {
	if ok, err := t.allowed(sub.Chat, sub.User); err != nil || !ok {
		return err
	}
	if _, err := t.tx.Ticket(sub.Ticket); errors.Is(err, state.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	chat, err := t.current(sub.Chat)
	if err != nil {
		return err
	}
	if err := t.tx.Bind(chat, sub.Ticket, t.now); err != nil {
		return err
	}
	parts, err := t.tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	for _, m := range parts {
		if err := t.tx.MapMessage(sub.Chat, m, sub.Ticket, false); err != nil {
			return err
		}
	}
	return t.tx.MapMessage(sub.Chat, sub.Message, sub.Ticket, true)
}

// queueSubmission puts a submission's request into its lane. An answer whose
// ticket does not exist yet waits for its opening to be delivered. Openings of equal
// content share a lane, so that what one of them left at Plusofon can't be taken
// for the other's.
func (t *turn) queueSubmission(sub state.Submission) error {
	if sub.Kind == state.Answer && sub.Ticket == 0 {
		return nil
	}
	kind, lane := KindAnswer, ticketLane(sub.Ticket)
	if sub.Kind == state.Opening {
		sum := sha256.Sum256([]byte(sub.Subject + "\x00" + sub.Text))
		kind, lane = KindOpen, "open:"+hex.EncodeToString(sum[:8])
	}
	return t.enqueue(state.Plusofon, lane, kind, state.PriorityPerson, "", SubmissionRow{Submission: sub.ID})
}

// sign adds the author's name where it is wanted.
func (t *turn) sign(p state.Person, text string) (string, error) {
	switch t.Signing {
	case SignNever:
		return text, nil
	case SignAuto:
		others, err := t.tx.OtherSenders(p.ID)
		if err != nil || others == 0 {
			return text, err
		}
	}
	return text + signature(p), nil
}

func signature(p state.Person) string {
	if p.Name == "" {
		return ""
	}
	return "\n\n— " + p.Name
}

// isNote tells a remark that is nobody's business by its two slashes.
func isNote(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "//") }

// editedSubmission follows an edit of a message that was submitted: while it is
// certainly not at Plusofon the new words replace the old; after that nothing can
// be changed, and the person is told.
func (t *turn) editedSubmission(s speaker, sub state.Submission, m *telegram.Message) error {
	text := m.Text
	if name, args, ok := m.Command(t.name); ok && name == "new" {
		text = args
	}
	c := t.gather(text, []*telegram.Message{m})
	parts, err := t.tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	if len(parts) > 0 {
		return t.editedPart(s, sub, c.text)
	}
	c.name()
	if c.text == "" {
		return nil
	}
	subject, body := "", c.text
	if sub.Kind == state.Opening {
		subject, body = subjectAndBody(c.text)
	}
	// Whether it was signed then is no matter of the words.
	if subject == sub.Subject && (sub.Text == body || sub.Text == body+signature(s.Person)) {
		return nil
	}
	switch sub.State {
	case state.SubmissionQueued, state.SubmissionFailed:
		if isNote(text) {
			return t.cancel(sub)
		}
		if body, err = t.sign(s.Person, body); err != nil {
			return err
		}
		sub.Subject, sub.Text = subject, body
		return t.tx.SaveSubmission(sub)
	case state.SubmissionCancelled:
		return nil
	}
	return t.say(outgoing{chat: sub.Chat, replyTo: sub.Message, ticket: sub.Ticket, text: telegram.Plain(s.T("edit_too_late"))})
}

// editedPart follows an edit of one message of several that make up a submission:
// the words that are on their way are not changed any more.
func (t *turn) editedPart(s speaker, sub state.Submission, text string) error {
	if sub.State == state.SubmissionCancelled || strings.Contains(sub.Subject+"\n"+sub.Text, text) {
		return nil
	}
	return t.say(outgoing{chat: sub.Chat, replyTo: sub.Message, ticket: sub.Ticket, text: telegram.Plain(s.T("edit_too_late"))})
}

func hasFiles(messages []*telegram.Message) bool {
	for _, m := range messages {
		if m.File != nil {
			return true
		}
	}
	return false
}
