package submission

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/state"
)

// Refuse tells why a message goes nowhere.
func Refuse(t *chat.Turn, s chat.Speaker, m state.MessageID, key string, pairs ...any) error {
	if err := t.React(s.Chat, m, heartBroken, 0); err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: m, Text: telegram.Plain(s.T(key, pairs...))})
}

// unsendable tells why a content can't go anywhere; false where it can.
func unsendable(t *chat.Turn, s chat.Speaker, m state.MessageID, c Content) (bool, error) {
	switch {
	case telegram.Clean(c.text) != "":
		return false, nil
	case len(c.files) > 0:
		return true, Refuse(t, s, m, "file_too_big_alone", "Count", len(c.files), "Name", c.files[0].Name,
			"Size", chat.Size(s, c.files[0].Size), "Limit", chat.Size(s, t.MaxFileSize))
	}
	return true, Refuse(t, s, m, "nothing_to_send")
}

// OpenFrom opens a ticket from the messages of one event. It takes the place of what their
// author had in hand.
func OpenFrom(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) error {
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return err
	}
	if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
		return err
	}
	if err := LayAside(t, s); err != nil {
		return err
	}
	return send(t, s, items, written(t, messages), func(c Content) state.Submission {
		subject, body := subjectAndBody(c.text)
		return state.Submission{Kind: state.Opening, Subject: subject, Text: body}
	})
}

// Answer puts the messages of one event into a ticket, or where there is a reason to hold
// them, asks their author first. It takes the place of what they had in hand.
func Answer(t *chat.Turn, s chat.Speaker, to Target, messages []*telegram.Message, held state.Reason) error {
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return err
	}
	if closed, err := isClosed(t, to.Ticket); err != nil {
		return err
	} else if closed && held == "" && !to.Reopens {
		return holdForClosed(t, s, to.Ticket, items)
	}
	if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
		return err
	}
	if err := LayAside(t, s); err != nil {
		return err
	}
	return answer(t, s, to, items, written(t, messages), held)
}

func answer(t *chat.Turn, s chat.Speaker, to Target, items []state.Item, from origin, held state.Reason) error {
	from.reopens = to.Reopens
	return send(t, s, items, from, func(c Content) state.Submission {
		sub := state.Submission{Kind: state.Answer, Ticket: to.Ticket, Opening: to.opening, Text: c.text}
		if held != "" {
			sub.State, sub.Reason = state.SubmissionHeld, held
		}
		return sub
	})
}

// origin is how a submission has come about.
type origin struct {
	at       time.Time // when its person has written it, or said that it goes
	reopens  bool      // they know that its ticket is closed and may be opened again
	gathered bool      // it has gone on from another
}

// written is the date of the last of the messages.
func written(t *chat.Turn, messages []*telegram.Message) origin {
	o := origin{at: messages[0].Date}
	for _, m := range messages {
		if m.Date.After(o.at) {
			o.at = m.Date
		}
	}
	if o.at.After(t.Now) {
		o.at = t.Now
	}
	return o
}

// carried reads the messages of one event. Where one of them can't be carried, the
// person is told, and ok is false.
func carried(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (items []state.Item, ok bool, err error) {
	items, refused := readItems(t, messages, s.ID)
	if refused != "" {
		return nil, false, Refuse(t, s, state.MessageID(messages[0].ID), refused)
	}
	return items, true, nil
}

// send submits messages that belong together, as what shape makes of their content.
func send(t *chat.Turn, s chat.Speaker, items []state.Item, from origin, shape func(Content) state.Submission) error {
	c := compose(t.Config, items)
	if no, err := unsendable(t, s, items[0].Message, c); no || err != nil {
		return err
	}
	sub := shape(c)
	sub.Chat, sub.Message, sub.User = s.Chat, items[0].Message, s.ID
	if len(items) > 1 {
		// An edit of one of them will need the others' words.
		for _, i := range items {
			if err := t.Tx.SaveItem(i, t.Now); err != nil {
				return err
			}
		}
	}
	return submit(t, s, sub, c.files, items[1:], from)
}

// Submit stores a submission that a person has made by a press, and queues its request.
func Submit(t *chat.Turn, s chat.Speaker, sub state.Submission, files []state.File) error {
	return submit(t, s, sub, files, nil, origin{at: t.Now})
}

// submit stores a submission of a person, made of its message and those behind
// it, and queues its request.
func submit(t *chat.Turn, s chat.Speaker, sub state.Submission, files []state.File, behind []state.Item, from origin) error {
	var err error
	if sub.Text, err = sign(t, s.Person, sub.Text); err != nil {
		return err
	}
	held := sub.State == state.SubmissionHeld
	if !held {
		sub.State = state.SubmissionQueued
	}
	sub.Created, sub.Thread = t.Now, s.Thread
	if sub.Kind == state.Answer && !from.gathered {
		if err := sendAhead(t, s, Target{Ticket: sub.Ticket, opening: sub.Opening}); err != nil {
			return err
		}
	}
	id, added, err := t.Tx.AddSubmission(sub)
	if err != nil || !added {
		return err
	}
	sub.ID = id
	if err := mayGoOn(t, sub, from); err != nil {
		return err
	}
	for _, i := range behind {
		if free, err := isFree(t, i); err != nil {
			return err
		} else if free && i.Message != sub.Message {
			if err := t.Tx.AddPart(id, i.Chat, i.Message); err != nil {
				return err
			}
		}
	}
	for _, f := range files {
		f.Submission = id
		if err := t.Tx.SaveFile(f); err != nil {
			return err
		}
	}
	if sub.Ticket != 0 && !held {
		if err := ClaimMessage(t, sub); err != nil {
			return err
		}
	}
	if !held {
		if err := queueSubmission(t, sub); err != nil {
			return err
		}
	}
	if err := Progress(t, sub, true); err != nil || sub.Opening == 0 || sub.Ticket != 0 {
		return err
	}
	opening, err := t.Tx.Submission(sub.Opening)
	if err != nil || !opening.State.Stopped() {
		return err
	}
	return failWaiting(t, opening)
}

// isFree tells whether a message belongs to no ticket and no submission yet. One
// that does stays where it is, though its words go elsewhere as well.
func isFree(t *chat.Turn, i state.Item) (bool, error) {
	_, err := t.Tx.MessageTicket(i.Chat, i.Message)
	if errors.Is(err, state.ErrNotFound) {
		_, err = t.Tx.SubmissionOf(i.Chat, i.Message)
	}
	if errors.Is(err, state.ErrNotFound) {
		return true, nil
	}
	return false, err
}

// ClaimMessage makes the person's own message, with all its parts, one of the
// ticket's: a reply to it leads there as well.
func ClaimMessage(t *chat.Turn, sub state.Submission) error {
	if ok, err := t.ChatAuthorized(sub.Chat); err != nil || !ok {
		return err
	}
	if _, err := t.Tx.Ticket(sub.Ticket); errors.Is(err, state.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	chat, err := t.CurrentChat(sub.Chat)
	if err != nil {
		return err
	}
	if err := t.Tx.Bind(chat, sub.Ticket, t.Now); err != nil {
		return err
	}
	parts, err := t.Tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	for _, m := range parts {
		if err := t.Tx.MapMessage(sub.Chat, m, sub.Ticket, false); err != nil {
			return err
		}
	}
	return t.Tx.MapMessage(sub.Chat, sub.Message, sub.Ticket, true)
}

// queueSubmission puts a submission's request into its lane. An answer whose
// ticket does not exist yet waits for its opening to be delivered. Openings of equal
// content share a lane, so that what one of them left at Plusofon can't be taken
// for the other's.
func queueSubmission(t *chat.Turn, sub state.Submission) error {
	kind, lane, ok := requestOf(sub)
	if !ok {
		return nil
	}
	return t.EnqueueSubmission(lane, kind, chat.SubmissionRow{Submission: sub.ID}, sub.State == state.SubmissionSending)
}

// requestOf is the kind and the lane of a submission's request; false where it has none
// yet.
func requestOf(sub state.Submission) (kind, lane string, ok bool) {
	switch {
	case sub.Kind == state.Opening:
		sum := sha256.Sum256([]byte(sub.Subject + "\x00" + sub.Text))
		return chat.KindOpen, "open:" + hex.EncodeToString(sum[:8]), true
	case sub.Ticket == 0:
		return "", "", false
	}
	return chat.KindAnswer, chat.TicketLane(sub.Ticket), true
}

// sign adds the author's name where it is wanted.
func sign(t *chat.Turn, p state.Person, text string) (string, error) {
	switch t.Signing {
	case chat.SignNever:
		return text, nil
	case chat.SignAuto:
		others, err := t.Tx.OtherSenders(p.ID)
		if err != nil || others == 0 {
			return text, err
		}
	}
	return text + Signature(p), nil
}

// Signature is what is added under the text of a person who signs.
func Signature(p state.Person) string {
	if p.Name == "" {
		return ""
	}
	return "\n\n— " + p.Name
}

// HasFiles tells whether a file is among messages.
func HasFiles(messages []*telegram.Message) bool {
	for _, m := range messages {
		if m.File != nil {
			return true
		}
	}
	return false
}
