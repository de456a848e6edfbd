package submission

import (
	"errors"
	"slices"
	"time"

	"plusofon-bot/bot/chat"
	"plusofon-bot/bot/telegram"
	"plusofon-bot/plusofon"
	"plusofon-bot/state"
)

const (
	// draftLife is how long a draft waits after its last change.
	draftLife = 24 * time.Hour
	// draftLimit is how many messages a draft holds.
	draftLimit = 100
)

// NewDraft is /new without anything else: a draft that is empty yet.
func NewDraft(t *chat.Turn, s chat.Speaker) error {
	d, err := t.Tx.OpenDraft(s.Chat, s.ID)
	switch {
	case err == nil:
		return t.Say(chat.Outgoing{Place: s.Place, ReplyTo: d.Card, Text: telegram.Plain(s.T("draft_already"))})
	case !errors.Is(err, state.ErrNotFound):
		return err
	}
	_, err = beginDraft(t, s, state.Draft{Kind: state.DraftOpening}, nil)
	return err
}

// beginDraft makes a draft of messages and shows its card.
func beginDraft(t *chat.Turn, s chat.Speaker, d state.Draft, items []state.Item) (state.Draft, error) {
	d.Chat, d.Thread, d.User, d.State, d.Due = s.Chat, s.Thread, s.ID, state.DraftOpen, t.Now.Add(draftLife)
	var err error
	if d.ID, err = t.Tx.AddDraft(d); err != nil {
		return d, err
	}
	for _, i := range items {
		if err := putItem(t, d, i); err != nil {
			return d, err
		}
	}
	return d, ShowCard(t, d)
}

// putItem puts a message into a draft. The open draft that it is taken out of, and that
// holds no other, is over.
func putItem(t *chat.Turn, d state.Draft, i state.Item) error {
	was, err := t.Tx.Item(i.Chat, i.Message)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	i.Draft = d.ID
	if err := t.Tx.SaveItem(i, t.Now); err != nil || was.Draft == 0 || was.Draft == d.ID {
		return err
	}
	old, err := t.Tx.Draft(was.Draft)
	if err != nil || old.State != state.DraftOpen {
		return err
	}
	left, err := t.Tx.DraftItems(old.ID)
	if err != nil || len(left) > 0 {
		return errors.Join(err, ShowCard(t, old))
	}
	return closeDraft(t, old, state.DraftJoined)
}

// IntoDraft: while a draft is in progress in a private chat, what is written there
// goes into it.
func IntoDraft(t *chat.Turn, s chat.Speaker, messages []*telegram.Message) (bool, error) {
	if messages[0].Chat.Type != "private" {
		return false, nil
	}
	d, err := t.Tx.OpenDraft(s.Chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, addMessages(t, s, d, messages)
}

func addMessages(t *chat.Turn, s chat.Speaker, d state.Draft, messages []*telegram.Message) error {
	items, ok, err := carried(t, s, messages)
	if err != nil || !ok {
		return err
	}
	return addItems(t, s, d, items)
}

// addItems adds messages to an open draft.
func addItems(t *chat.Turn, s chat.Speaker, d state.Draft, items []state.Item) error {
	there, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	if len(there)+len(items) > draftLimit {
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

// NewFrom is /new as a reply: a draft from that message, in private with its whole
// album. What stands behind the command is the subject, and what stands below it,
// or goes along as a file, belongs to the draft too.
func NewFrom(t *chat.Turn, s chat.Speaker, c chat.Command, replied *telegram.Message) error {
	items, refused := readItems([]*telegram.Message{replied}, s.ID, t.BotName)
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
	subject, rest := cutSubject(c.Args)
	own, refused := readItems(c.Messages, s.ID, t.BotName)
	if refused != "" {
		return Refuse(t, s, c.MessageID(), refused)
	}
	for n, i := range own {
		switch _, _, command := c.Messages[n].Command(t.BotName); {
		case command:
			i.Text = rest
		case c.Messages[n].Kind == telegram.KindText:
			continue // its words stand behind the command already
		}
		if i.Text != "" || i.FileID != "" {
			items = append(items, i)
		}
	}
	d, err := t.Tx.OpenDraft(s.Chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		_, err = beginDraft(t, s, state.Draft{Kind: state.DraftOpening, Subject: subject}, items)
		return err
	}
	if err != nil {
		return err
	}
	if subject != "" {
		d.Subject = subject
	}
	return addItems(t, s, d, items)
}

// cutSubject takes the subject off the first line. What would have to be cut is no
// subject but a text.
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

// SendDraft is [Отправить]: the draft becomes one opening with all its messages.
func SendDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftOpening)
	if err != nil || !ok {
		return err
	}
	items, err := t.Tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	content := compose(t.Config, items)
	if no, err := nothingToSend(t, s, c, content); no || err != nil {
		return err
	}
	message := d.Card
	for _, i := range items {
		if i.Chat != d.Chat {
			continue // it stayed in the group that has become this supergroup
		}
		if free, err := isFree(t, i); err != nil {
			return err
		} else if free {
			message = i.Message
			break
		}
	}
	d.State = state.DraftSent
	return errors.Join(t.Tx.SaveDraft(d), t.AnswerCallback(c.ID, "", false), Submit(t, s, state.Submission{
		Kind: state.Opening, Chat: d.Chat, Message: message, User: d.User, Receipt: d.Card,
		Subject: subjectOf(d, content), Text: content.text,
	}, content.files, items))
}

// nothingToSend answers the press where a draft holds nothing that can go; false
// where it does.
func nothingToSend(t *chat.Turn, s chat.Speaker, c *telegram.Callback, content Content) (bool, error) {
	if telegram.Clean(content.text) != "" {
		return false, nil
	}
	return true, t.AnswerCallback(c.ID, s.T(chat.Either(len(content.files) > 0, "draft_too_big", "draft_empty"), "Limit", chat.Size(s, t.MaxFileSize)), true)
}

// subjectOf is a draft's subject: the one that was given, or the first line.
func subjectOf(d state.Draft, c Content) string {
	if d.Subject != "" {
		return d.Subject
	}
	return plusofon.CutSubject(c.headline)
}

// AskSubject is [Тема]: the next line that the person writes is the subject.
func AskSubject(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, state.DraftOpening)
	if err != nil || !ok {
		return err
	}
	if err := t.Tx.SetPrompt(s.Chat, s.ID, state.Prompt{Kind: state.PromptSubject, Draft: d.ID}, t.Now); err != nil {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), t.Say(chat.Outgoing{
		Place: s.Place, Meaning: chat.Meaning{Asks: s.ID}, ReplyTo: d.Card, Text: s.Addressing(s.T("ask_subject")), Ask: s.T("ask_subject_placeholder"),
	}))
}

// SubjectGiven takes the subject that was asked for. What is no line of a subject's
// length was meant for the draft.
func SubjectGiven(t *chat.Turn, s chat.Speaker, id state.DraftID, messages []*telegram.Message) (bool, error) {
	m := messages[0]
	line := firstLine(m.Text)
	if len(messages) > 1 || m.Kind != telegram.KindText || m.Forward != nil || line == "" || line != telegram.Clean(m.Text) || plusofon.CutSubject(line) != line {
		return false, nil
	}
	d, err := t.Tx.Draft(id)
	if errors.Is(err, state.ErrNotFound) || err == nil && d.State != state.DraftOpen {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	d.Subject, d.Due = line, t.Now.Add(draftLife)
	return true, errors.Join(t.Tx.ClosePrompt(s.Chat, s.ID), t.Tx.SaveDraft(d), ShowCard(t, d),
		t.Say(chat.Outgoing{Place: s.Place, ReplyTo: d.Card, Text: telegram.Plain(s.T("subject_set", "Subject", line))}))
}

// DropDraft is [Отменить] on a card of any kind.
func DropDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := pressedDraft(t, s, c, id, "")
	if err != nil || !ok {
		return err
	}
	return errors.Join(t.AnswerCallback(c.ID, "", false), closeDraft(t, d, state.DraftCancelled))
}

func closeDraft(t *chat.Turn, d state.Draft, end state.DraftState) error {
	d.State = end
	return errors.Join(t.Tx.SaveDraft(d), ShowCard(t, d))
}

// pressedDraft is the draft that a button is about, if it is open, of that kind
// and this person's; otherwise the press is answered with why not. A double press
// finds it sent.
func pressedDraft(t *chat.Turn, s chat.Speaker, c *telegram.Callback, id state.DraftID, kind state.DraftKind) (state.Draft, bool, error) {
	d, err := t.Tx.Draft(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
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
	case d.State != state.DraftOpen || kind != "" && d.Kind != kind:
		return refuse("button_expired")
	}
	if d.Card == 0 {
		// Sent just before a crash: its id was never learned.
		d.Card = state.MessageID(c.Message.ID)
		err = t.Tx.SaveDraft(d)
	}
	return d, err == nil, err
}

// CancelBegun is /cancel: it ends the bot's open question, or else what the person
// has begun last.
func CancelBegun(t *chat.Turn, s chat.Speaker, reply func(string, ...any) error) error {
	_, err := t.Tx.Prompt(s.Chat, s.ID, t.Now.Add(-chat.PromptLife))
	if err == nil {
		return errors.Join(t.Tx.ClosePrompt(s.Chat, s.ID), reply("cancelled"))
	}
	if !errors.Is(err, state.ErrNotFound) {
		return err
	}
	d, err := t.Tx.LastDraft(s.Chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		return reply("cancel_nothing")
	}
	if err != nil {
		return err
	}
	return errors.Join(closeDraft(t, d, state.DraftCancelled), reply("cancelled"))
}

// Due does what is to be done by now: it drops the drafts whose time is over. It
// returns false where there may be more.
func Due(t *chat.Turn) (all bool, err error) {
	const atOnce = 50
	drafts, err := t.Tx.DraftsDue(t.Now, atOnce)
	for _, d := range drafts {
		err = errors.Join(err, closeDraft(t, d, state.DraftExpired))
	}
	return len(drafts) < atOnce, err
}
