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

// Refuse tells a message's author why it is not sent.
func Refuse(t *chat.Turn, s chat.Speaker, m state.MessageID, key string, pairs ...any) error {
	if err := t.React(s.Chat, m, heartBroken, 0); err != nil {
		return err
	}
	return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: m, Text: telegram.Plain(s.T(key, pairs...))})
}

// unsendable tells the author why content can't be sent; false if it can.
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

// OpenFrom opens a ticket from the messages of one event. What their author had in hand is
// laid aside.
func OpenFrom(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) error {
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return err
	}
	if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
		return err
	}
	if err := layAside(t, s.Chat, s.ID); err != nil {
		return err
	}
	return send(t, s, items, written(t, messages), func(c Content) state.Submission {
		subject, body := subjectAndBody(c.text)
		return state.Submission{Kind: state.Opening, Subject: subject, Text: body}
	})
}

// Answer sends the messages of one event to a ticket, or asks their author first if there
// is a reason to hold them. What their author had in hand is laid aside.
func Answer(t *chat.Turn, s chat.Speaker, to Target, messages []*telegram.Message, held state.Reason) error {
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return err
	}
	if closed, err := isClosed(t, to.Ticket); err != nil {
		return err
	} else if closed && held == "" {
		if to.Reopens, err = mayReopenBy(t, s, to); err != nil {
			return err
		}
		if !to.Reopens {
			return holdForClosed(t, s, to.Ticket, items)
		}
	}
	if no, err := unsendable(t, s, items[0].Message, compose(t.Config, items)); no || err != nil {
		return err
	}
	if err := layAside(t, s.Chat, s.ID); err != nil {
		return err
	}
	return answer(t, s, to, items, written(t, messages), held)
}

// mayReopenBy reports whether someone has agreed that their answer may reopen its ticket.
// Pressing [Вопрос остался] is agreement, also if the answer is sent as a reply, as clients do
// automatically, or written in a topic.
func mayReopenBy(t *chat.Turn, s chat.Speaker, to Target) (bool, error) {
	h, err := t.Tx.InHand(s.Chat, s.ID, t.Now)
	return to.Reopens || err == nil && h.Kind == state.HandAnswer && h.Ticket == to.Ticket && h.Reopens, chat.IgnoreAbsent(err)
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

// origin describes how a submission came about.
type origin struct {
	at       time.Time // when its author wrote or confirmed it
	reopens  bool      // they know its ticket is closed and agree to reopen it
	gathered bool      // it was gathered as the continuation of another
}

// written returns the origin of messages, dated by the latest of them.
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

// carried reads the messages of one event. If one of them can't be carried, the person is
// told and ok is false.
func carried(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (items []state.Item, ok bool, err error) {
	items, refused := readItems(t, messages, s.ID)
	if refused != "" {
		return nil, false, Refuse(t, s, state.MessageID(messages[0].ID), refused)
	}
	return items, true, nil
}

// send submits messages that belong together; build turns their content into the
// submission.
func send(t *chat.Turn, s chat.Speaker, items []state.Item, from origin, build func(Content) state.Submission) error {
	c := compose(t.Config, items)
	if no, err := unsendable(t, s, items[0].Message, c); no || err != nil {
		return err
	}
	sub := build(c)
	sub.Chat, sub.Message, sub.User = s.Chat, items[0].Message, s.ID
	if len(items) > 1 {
		// An edit of one of them needs the text of the others.
		for _, i := range items {
			if err := t.Tx.SaveItem(i, t.Now); err != nil {
				return err
			}
		}
	}
	return submit(t, s, sub, c.files, items[1:], from)
}

// Submit stores a submission made by a button press and queues its request.
func Submit(t *chat.Turn, s chat.Speaker, sub state.Submission, files []state.File) error {
	return submit(t, s, sub, files, nil, origin{at: t.Now})
}

// submit stores a person's submission, made of its message and the further ones, and
// queues its request.
func submit(t *chat.Turn, s chat.Speaker, sub state.Submission, files []state.File, further []state.Item, from origin) error {
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
	var parts []state.MessageID
	for _, i := range further {
		if free, err := isFree(t, i); err != nil {
			return err
		} else if free && i.Message != sub.Message {
			if err := t.Tx.AddPart(id, i.Chat, i.Message); err != nil {
				return err
			}
			parts = append(parts, i.Message)
		}
	}
	for i := range files {
		files[i].Submission = id
		if err := t.Tx.SaveFile(files[i]); err != nil {
			return err
		}
	}
	if sub.Ticket != 0 && !held {
		if err := claim(t, sub, parts); err != nil {
			return err
		}
	}
	if !held {
		if err := queueSubmission(t, sub); err != nil {
			return err
		}
	}
	if err := progress(t, sub, files, true); err != nil || sub.Opening == 0 || sub.Ticket != 0 {
		return err
	}
	opening, err := t.Tx.Submission(sub.Opening)
	if err != nil || !opening.State.Stopped() && opening.State != state.SubmissionCancelled {
		return err
	}
	return failWaiting(t, opening)
}

// isFree reports whether a message belongs to no ticket and no submission yet. One that
// does stays there, though its text is sent elsewhere as well.
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

// ClaimMessage links a person's message and all its parts to the ticket, so that replies
// to them go there.
func ClaimMessage(t *chat.Turn, sub state.Submission) error {
	parts, err := t.Tx.Parts(sub.ID)
	if err != nil {
		return err
	}
	return claim(t, sub, parts)
}

func claim(t *chat.Turn, sub state.Submission, parts []state.MessageID) error {
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
	for _, m := range parts {
		if err := t.Tx.MapMessage(sub.Chat, m, sub.Ticket, false); err != nil {
			return err
		}
	}
	return t.Tx.MapMessage(sub.Chat, sub.Message, sub.Ticket, true)
}

// queueSubmission puts a submission's request into its lane. An answer to a ticket that
// does not exist yet waits until its opening is delivered. Openings of equal content share
// a lane, so that the effect of one can't be taken for another's.
func queueSubmission(t *chat.Turn, sub state.Submission) error {
	kind, lane, ok := requestOf(sub)
	if !ok {
		return nil
	}
	return t.EnqueueSubmission(lane, kind, chat.SubmissionRow{Submission: sub.ID}, sub.State == state.SubmissionSending)
}

// requestOf returns the kind and the lane of a submission's request; false if it has none
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

// sign adds the author's name if the configuration says so.
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

// Signature returns the line added under the text of a person who signs.
func Signature(p state.Person) string {
	if p.Name == "" {
		return ""
	}
	return signatureMark + p.Name
}

// signatureMark stands before the name in a signature.
const signatureMark = "\n\n— "

// HasFiles reports whether any of the messages has a file.
func HasFiles(messages []*telegram.Message) bool {
	for _, m := range messages {
		if m.File != nil {
			return true
		}
	}
	return false
}
