package submission

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	// draftLife is how long a draft is kept after its last change.
	draftLife = 24 * time.Hour
	// draftLimit is how many messages a draft holds.
	draftLimit = 100
)

// NewDraft handles /new without anything else in a private chat: it starts an empty draft.
// What was in hand is laid aside, unless it is an empty draft: then its card is sent again.
func NewDraft(t *chat.Turn, s chat.Speaker) error {
	d, err := draftInHand(t, s.Chat, s.ID)
	if err == nil && d.Kind == state.DraftOpening {
		items, err := t.Tx.DraftItems(d.ID)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			d.Moves = d.Card != 0
			return errors.Join(t.Tx.SaveDraft(d), takeUp(t, d), ShowCard(t, d))
		}
	}
	if chat.IgnoreAbsent(err) != nil {
		return err
	}
	_, err = beginInHand(t, s, state.Draft{Kind: state.DraftOpening}, nil)
	return err
}

// beginInHand starts a draft with messages, puts it in hand instead of what was there, and
// shows its card.
func beginInHand(t *chat.Turn, s chat.Speaker, d state.Draft, items []state.Item) (state.Draft, error) {
	d, err := beginDraft(t, s, d, t.Now.Add(draftLife), items)
	if err != nil {
		return d, err
	}
	return d, errors.Join(takeUp(t, d), ShowCard(t, d))
}

// beginDraft starts a draft with messages.
func beginDraft(t *chat.Turn, s chat.Speaker, d state.Draft, due time.Time, items []state.Item) (state.Draft, error) {
	here, err := t.CurrentChat(s.Chat)
	if err != nil {
		return d, err
	}
	d.Chat, d.User, d.State, d.Begun, d.Due = here, s.ID, state.DraftOpen, t.Now, due
	if here == s.Chat {
		d.Thread = s.Thread
	}
	if d.ID, err = t.Tx.AddDraft(d); err != nil {
		return d, err
	}
	for _, i := range items {
		if err := putItem(t, d, i); err != nil {
			return d, err
		}
	}
	return d, nil
}

// putItem puts a message into a draft and removes it from the author's other open drafts,
// so that no text is sent twice; a draft left empty is closed. Other people's drafts keep
// it.
func putItem(t *chat.Turn, d state.Draft, i state.Item) error {
	i.Draft = d.ID
	if err := t.Tx.SaveItem(i, t.Now); err != nil || d.Kind == state.DraftCorrection {
		return err
	}
	others, err := t.Tx.DraftsWith(i.Chat, i.Message)
	for _, other := range others {
		if other.ID == d.ID || other.User != d.User || other.State != state.DraftOpen || other.Kind == state.DraftCorrection {
			continue
		}
		err = errors.Join(err, takeOut(t, other, i, state.DraftJoined))
	}
	return err
}

// takeOut removes a message from an open draft. A draft left empty is closed.
func takeOut(t *chat.Turn, d state.Draft, i state.Item, end state.DraftState) error {
	if err := t.Tx.DropItem(d.ID, i.Chat, i.Message); err != nil {
		return err
	}
	left, err := t.Tx.DraftItems(d.ID)
	if err != nil || len(left) > 0 {
		return errors.Join(err, ShowCard(t, d))
	}
	return closeDraft(t, d, end)
}

func addMessages(t *chat.Turn, s chat.Speaker, d state.Draft, messages []*telegram.Message) error {
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return err
	}
	if d.Kind == state.DraftGoing {
		return gather(t, s, d, items, written(t, messages))
	}
	return addItems(t, s, d, items)
}

// addItems adds messages to an open draft that waits for a decision.
func addItems(t *chat.Turn, s chat.Speaker, d state.Draft, items []state.Item) error {
	if fits, err := hasRoom(t, d, items); err != nil {
		return err
	} else if !fits {
		return Refuse(t, s, items[0].Message, "draft_full", "Limit", draftLimit)
	}
	for _, i := range items {
		if err := putItem(t, d, i); err != nil {
			return err
		}
	}
	d.Due = t.Now.Add(draftLife)
	return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d))
}

func hasRoom(t *chat.Turn, d state.Draft, items []state.Item) (bool, error) {
	there, err := t.Tx.DraftItems(d.ID)
	n := 0
	for _, i := range append(there, items...) {
		if !isSubjectAlone(i) {
			n++
		}
	}
	return n <= draftLimit, err
}

// NewFrom handles /new as a reply: a draft of that message, in private chats with its
// whole album. The text after the command is the subject; the lines below it and files
// sent with it belong to the draft.
func NewFrom(t *chat.Turn, s chat.Speaker, c chat.Command, replied *telegram.Message) error {
	items, refused := readItems(t, []*telegram.Message{replied}, s.ID)
	if refused != "" {
		return Refuse(t, s, c.MessageID(), "new_from_refused")
	}
	if replied.MediaGroup != "" && replied.Chat.Type == "private" {
		album, err := t.Tx.AlbumItems(s.Chat, replied.MediaGroup)
		if err != nil {
			return err
		}
		for _, i := range album {
			if i.Message != items[0].Message {
				items = append(items, i)
			}
		}
		slices.SortFunc(items, func(a, b state.Item) int { return int(a.Message - b.Message) })
	}
	for _, i := range items {
		if IsRemark(i.Text) {
			return Refuse(t, s, c.MessageID(), "new_from_note")
		}
	}
	own, refused := readItems(t, c.Messages, s.ID)
	if refused != "" {
		return Refuse(t, s, c.MessageID(), refused)
	}
	for n, i := range own {
		if _, _, command := c.Messages[n].Command(t.BotName); command {
			i = titling(i, c.Messages[n])
		}
		if i.Titles || i.Text != "" || i.FileID != "" {
			items = append(items, i)
		}
	}
	d, err := draftInHand(t, s.Chat, s.ID)
	if errors.Is(err, state.ErrNotFound) || err == nil && d.Kind != state.DraftOpening {
		_, err = beginInHand(t, s, state.Draft{Kind: state.DraftOpening}, items)
		return err
	}
	if err != nil {
		return err
	}
	return errors.Join(t.Tx.DropLine(s.Chat, s.ID), addItems(t, s, d, items))
}

// SendDraft handles [Отправить]: the draft becomes one opening with all its messages, or
// an answer to the closed ticket it was held for.
func SendDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftOpening, state.DraftClosed)
	if err != nil || !ok {
		return err
	}
	return sendPressed(t, s, c, d, d.Kind == state.DraftClosed, func(content Content) state.Submission {
		if d.Kind == state.DraftClosed {
			return state.Submission{Kind: state.Answer, Ticket: d.Ticket, Text: content.text}
		}
		return state.Submission{Kind: state.Opening, Subject: subjectOf(d, content), Text: content.text}
	})
}

// sendPressed submits a draft whose author pressed the button to send it. build turns its
// content into the submission. reopens is true if the button's message said that the
// ticket is closed.
func sendPressed(t *chat.Turn, s chat.Speaker, c *telegram.Callback, d state.Draft, reopens bool, build func(Content) state.Submission) error {
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	content := compose(t.Config, items)
	if no, err := nothingToSend(t, s, c, content); no || err != nil {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), submitDraft(t, s, d, items, content, build(content), origin{at: t.Now, reopens: reopens}))
}

// submitDraft makes a draft a submission.
func submitDraft(t *chat.Turn, s chat.Speaker, d state.Draft, items []state.Item, content Content, sub state.Submission, from origin) error {
	sub.Chat, sub.User, sub.Draft, sub.Receipt, sub.Message = d.Chat, d.User, d.ID, d.Card, d.Card
	for _, i := range items {
		if i.Chat != d.Chat {
			continue // it is in the old group that became this supergroup
		}
		if free, err := isFree(t, i); err != nil {
			return err
		} else if free {
			sub.Message = i.Message
			break
		}
	}
	if err := endDraft(t, d, state.DraftSent); err != nil {
		return err
	}
	return submit(t, s, sub, content.files, items, from)
}

// nothingToSend answers the press if a draft has nothing that can be sent; false if it
// has.
func nothingToSend(t *chat.Turn, s chat.Speaker, c *telegram.Callback, content Content) (bool, error) {
	if telegram.Clean(content.text) != "" {
		return false, nil
	}
	return true, t.AnswerCallback(c.ID, s.T(chat.Either(len(content.files) > 0, "draft_too_big", "draft_empty"), "Limit", chat.Size(s, t.MaxFileSize)), true)
}

// subjectOf returns a draft's subject: the given one, or the first line.
func subjectOf(d state.Draft, c Content) string {
	return cmp.Or(c.subject, d.Subject, plusofon.CutSubject(c.headline))
}

// AskSubject handles [Тема]: the next line the person writes becomes the subject.
func AskSubject(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftOpening)
	if err != nil || !ok {
		return err
	}
	if err := takeUp(t, d); err != nil {
		return err
	}
	hand, err := TakeInHand(t, s, state.InHand{Kind: state.HandSubject, Draft: d.ID})
	if err != nil {
		return err
	}
	return errors.Join(ShowCard(t, d), t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Hand: hand}, ReplyTo: d.Card, Text: s.Addressing(s.T("ask_subject")), Ask: s.T("ask_subject_placeholder"),
	}))
}

// subjectGiven takes the subject that was asked for. Anything that is not a single line of
// a subject's length belongs to the draft; in a private chat the question is then over.
func subjectGiven(t *chat.Turn, s chat.Speaker, id state.DraftID, messages []*telegram.Message) (bool, error) {
	m := messages[0]
	line := firstLine(m.Text)
	fits := len(messages) == 1 && m.Kind == telegram.KindText && m.Forward == nil && line != "" && line == telegram.Clean(m.Text) && plusofon.CutSubject(line) == line
	if fits || m.Chat.Type == "private" {
		if err := t.Tx.DropLine(s.Chat, s.ID); err != nil || !fits {
			return false, err
		}
	}
	d, err := t.Tx.Draft(id)
	if !fits || errors.Is(err, state.ErrNotFound) || err == nil && d.State != state.DraftOpen {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	i, _ := readItem(m, s.ID, t.BotName, t.DefaultZone())
	d.Due = t.Now.Add(draftLife)
	return true, errors.Join(putItem(t, d, titling(i, m)), t.Tx.SaveDraft(d), ShowCard(t, d),
		t.Say(chat.Outgoing{Place: s.Place, ReplyTo: d.Card, Text: telegram.Plain(s.T("subject_set", "Subject", line))}))
}

// Resume handles [Продолжить]: a draft that was laid aside is in hand again.
func Resume(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftOpening, state.DraftQuestion, state.DraftClosed)
	if err != nil || !ok {
		return err
	}
	d.Due = t.Now.Add(draftLife)
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Tx.SaveDraft(d), takeUp(t, d), ShowCard(t, d))
}

// DropDraft handles [Отменить] and [Не нужно] on a card of any kind.
func DropDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id)
	if err != nil || !ok {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), closeDraft(t, d, state.DraftCancelled))
}

// closeDraft ends a draft without sending it and updates its card.
func closeDraft(t *chat.Turn, d state.Draft, end state.DraftState) error {
	if err := endDraft(t, d, end); err != nil {
		return err
	}
	d.State = end
	return ShowCard(t, d)
}

// endDraft ends a draft and takes it out of its author's hand.
func endDraft(t *chat.Turn, d state.Draft, end state.DraftState) error {
	d.State = end
	return errors.Join(t.Tx.SaveDraft(d), t.Tx.LetGoDraft(d.ID))
}

// pressedDraft returns the draft of a pressed card if it is open, of one of these kinds
// (of any, if none is given) and this person's; otherwise it answers the press with the
// reason. A second press finds it sent.
func pressedDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID, kinds ...state.DraftKind) (state.Draft, bool, error) {
	d, ok, err := findDraft(t, s, c, id, kinds...)
	if card := state.MessageID(c.Message.ID); err == nil && ok && wantsCard(d) && card > d.Card {
		// The card was sent just before a crash, and its id was not stored.
		d, err = learnCard(t, d, card)
	}
	return d, ok && err == nil, err
}

// findDraft does the same for a button that is not on the draft's card.
func findDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID, kinds ...state.DraftKind) (state.Draft, bool, error) {
	d, err := t.Tx.Draft(id)
	if chat.IgnoreAbsent(err) != nil {
		return d, false, err
	}
	refuse := func(key string) (state.Draft, bool, error) {
		return d, false, t.AnswerCallback(c.ID, s.T(key), true)
	}
	switch {
	case err != nil || d.Chat != s.Chat: // forgotten, or of another chat
		return refuse("button_expired")
	case d.User != s.ID:
		return refuse("draft_of_another")
	case d.State == state.DraftSent:
		return refuse("draft_sent_already")
	case d.State != state.DraftOpen || len(kinds) > 0 && !slices.Contains(kinds, d.Kind):
		return refuse("button_expired")
	}
	return d, true, nil
}

// Due sends the gathered messages that are due, drops drafts and questions that have expired,
// and sends cards again that are out of view. It returns when to be called again; zero: at
// once.
func Due(t *chat.Turn) (next time.Time, err error) {
	const atOnce = 50
	drafts, err := t.Tx.DraftsDue(t.Now, atOnce)
	if err != nil {
		return next, err
	}
	for _, d := range drafts {
		if d.Kind == state.DraftGoing {
			err = sendGathered(t, d)
		} else {
			err = expire(t, d)
		}
		if err != nil {
			return next, err
		}
	}
	over, err := t.Tx.EndedQuestions(t.Now, atOnce)
	if err != nil {
		return next, err
	}
	if err := clearQuestions(t, over); err != nil || len(drafts)+len(over) > 0 {
		return next, err // there may be more
	}
	if all, err := lookAtCards(t); err != nil || !all {
		return next, err
	}
	if next, err = t.Tx.NextDraftDue(); err == nil && next.IsZero() {
		next = t.Now.Add(draftLife)
	}
	return next, err
}

// expire drops a draft that waited too long for a decision. Its card may be far above, so
// a new message says so.
func expire(t *chat.Turn, d state.Draft) error {
	if err := closeDraft(t, d, state.DraftExpired); err != nil || d.Kind == state.DraftCorrection {
		return err
	}
	if ok, err := t.ChatAuthorized(d.Chat); err != nil || !ok {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil || len(items) == 0 {
		return err // nothing was written
	}
	r, err := t.Locale(d.Chat)
	if err != nil {
		return err
	}
	return t.Say(chat.Outgoing{
		Place: chat.Place{Chat: d.Chat, Thread: d.Thread}, ReplyTo: firstMessage(d, items), Silent: r.IsQuiet(t.Now),
		Text: telegram.Plain(r.T(closedCard(d, state.DraftExpired))),
	})
}

// firstMessage returns the first message of a draft that its chat can be shown; 0: none. Others are
// in the old group that became this supergroup.
func firstMessage(d state.Draft, items []state.Item) state.MessageID {
	for _, i := range items {
		if i.Chat == d.Chat {
			return i.Message
		}
	}
	return 0
}
