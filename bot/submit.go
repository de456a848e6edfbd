package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

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
	case telegram.Clean(c.text) != "":
		return false, nil
	case len(c.files) > 0:
		return true, t.refuse(s, m, "file_too_big_alone", "Count", len(c.files), "Name", c.files[0].Name,
			"Size", size(s, c.files[0].Size), "Limit", size(s, t.MaxFileSize))
	}
	return true, t.refuse(s, m, "nothing_to_send")
}

// openFrom opens a ticket from the messages of one event.
func (t *turn) openFrom(s speaker, messages []*telegram.Message) error {
	items, ok, err := t.carried(s, messages)
	if err != nil || !ok {
		return err
	}
	return t.send(s, items, func(c content) state.Submission {
		subject, body := subjectAndBody(c.text)
		return state.Submission{Kind: state.Opening, Subject: subject, Text: body}
	})
}

// answer puts the messages of one event into a ticket.
func (t *turn) answer(s speaker, to target, messages []*telegram.Message) error {
	items, ok, err := t.carried(s, messages)
	if err != nil || !ok {
		return err
	}
	return t.send(s, items, func(c content) state.Submission {
		return state.Submission{Kind: state.Answer, Ticket: to.ticket, Opening: to.opening, Text: c.text}
	})
}

// carried reads the messages of one event. Where one of them can't be carried, the
// person is told, and ok is false.
func (t *turn) carried(s speaker, messages []*telegram.Message) (items []state.Item, ok bool, err error) {
	items, refused := t.items(messages, s.ID)
	if refused != "" {
		return nil, false, t.refuse(s, state.MessageID(messages[0].ID), refused)
	}
	return items, true, nil
}

// send submits messages that belong together, as what shape makes of their content.
func (t *turn) send(s speaker, items []state.Item, shape func(content) state.Submission) error {
	c := t.compose(items)
	if no, err := t.unsendable(s, items[0].Message, c); no || err != nil {
		return err
	}
	sub := shape(c)
	sub.Chat, sub.Message, sub.User = s.chat, items[0].Message, s.ID
	if len(items) > 1 {
		// An edit of one of them will need the others' words.
		for _, i := range items {
			if err := t.tx.SaveItem(i, t.now); err != nil {
				return err
			}
		}
	}
	return t.submit(s, sub, c.files, items[1:])
}

// submit stores a submission of a person, made of its message and those behind
// it, and queues its request.
func (t *turn) submit(s speaker, sub state.Submission, files []state.File, behind []state.Item) error {
	var err error
	if sub.Text, err = t.sign(s.Person, sub.Text); err != nil {
		return err
	}
	sub.State, sub.Created, sub.Thread = state.SubmissionQueued, t.now, t.here.thread
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
	if err := t.tx.ClosePrompt(sub.Chat, sub.User); err != nil {
		return err
	}
	for _, i := range behind {
		if free, err := t.isFree(i); err != nil {
			return err
		} else if free && i.Message != sub.Message {
			if err := t.tx.AddPart(id, i.Chat, i.Message); err != nil {
				return err
			}
		}
	}
	for _, f := range files {
		f.Submission = id
		if err := t.tx.SaveFile(f); err != nil {
			return err
		}
	}
	if sub.Ticket != 0 && !t.holds {
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

// isFree tells whether a message belongs to no ticket and no submission yet. One
// that does stays where it is, though its words go elsewhere as well.
func (t *turn) isFree(i state.Item) (bool, error) {
	_, err := t.tx.MessageTicket(i.Chat, i.Message)
	if errors.Is(err, state.ErrNotFound) {
		_, err = t.tx.SubmissionOf(i.Chat, i.Message)
	}
	if errors.Is(err, state.ErrNotFound) {
		return true, nil
	}
	return false, err
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
	return t.enqueueSubmission(lane, kind, SubmissionRow{Submission: sub.ID}, sub.State == state.SubmissionSending)
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

func hasFiles(messages []*telegram.Message) bool {
	for _, m := range messages {
		if m.File != nil {
			return true
		}
	}
	return false
}
