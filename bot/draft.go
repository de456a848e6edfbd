package bot

import (
	"errors"
	"slices"
	"time"

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

// newDraft is /new without anything else: a draft that is empty yet.
func (t *turn) newDraft(s speaker) error {
	d, err := t.tx.OpenDraft(s.chat, s.ID)
	switch {
	case err == nil:
		return t.say(outgoing{chat: s.chat, replyTo: d.Card, text: telegram.Plain(s.T("draft_already"))})
	case !errors.Is(err, state.ErrNotFound):
		return err
	}
	_, err = t.begin(s, state.Draft{Kind: state.DraftOpening}, nil)
	return err
}

// begin makes a draft of messages and shows its card.
func (t *turn) begin(s speaker, d state.Draft, items []state.Item) (state.Draft, error) {
	d.Chat, d.Thread, d.User, d.State, d.Due = s.chat, t.here.thread, s.ID, state.DraftOpen, t.now.Add(draftLife)
	var err error
	if d.ID, err = t.tx.AddDraft(d); err != nil {
		return d, err
	}
	for _, i := range items {
		if err := t.put(d, i); err != nil {
			return d, err
		}
	}
	return d, t.card(d)
}

// put puts a message into a draft. The open draft that it is taken out of, and that
// holds no other, is over.
func (t *turn) put(d state.Draft, i state.Item) error {
	was, err := t.tx.Item(i.Chat, i.Message)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return err
	}
	i.Draft = d.ID
	if err := t.tx.SaveItem(i, t.now); err != nil || was.Draft == 0 || was.Draft == d.ID {
		return err
	}
	old, err := t.tx.Draft(was.Draft)
	if err != nil || old.State != state.DraftOpen {
		return err
	}
	left, err := t.tx.DraftItems(old.ID)
	if err != nil || len(left) > 0 {
		return errors.Join(err, t.card(old))
	}
	return t.closeDraft(old, state.DraftJoined)
}

// intoDraft: while a draft is in progress in a private chat, what is written there
// goes into it.
func (t *turn) intoDraft(s speaker, messages []*telegram.Message) (bool, error) {
	if messages[0].Chat.Type != "private" {
		return false, nil
	}
	d, err := t.tx.OpenDraft(s.chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, t.addMessages(s, d, messages)
}

func (t *turn) addMessages(s speaker, d state.Draft, messages []*telegram.Message) error {
	items, ok, err := t.carried(s, messages)
	if err != nil || !ok {
		return err
	}
	return t.add(s, d, items)
}

// add adds messages to an open draft.
func (t *turn) add(s speaker, d state.Draft, items []state.Item) error {
	there, err := t.tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	if len(there)+len(items) > draftLimit {
		return t.refuse(s, items[0].Message, "draft_full", "Limit", draftLimit)
	}
	for _, i := range items {
		if err := t.put(d, i); err != nil {
			return err
		}
	}
	d.Due = t.now.Add(draftLife)
	return errors.Join(t.tx.SaveDraft(d), t.card(d))
}

// newFrom is /new as a reply: a draft from that message, in private with its whole
// album. What stands behind the command is the subject, and what stands below it,
// or goes along as a file, belongs to the draft too.
func (t *turn) newFrom(s speaker, c command, replied *telegram.Message) error {
	items, refused := t.items([]*telegram.Message{replied}, s.ID)
	if refused != "" {
		return t.refuse(s, c.message(), "new_from_refused")
	}
	if replied.MediaGroup != "" && replied.Chat.Type == "private" {
		album, err := t.tx.AlbumItems(s.chat, replied.MediaGroup)
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
		if isNote(i.Text) {
			return t.refuse(s, c.message(), "new_from_note")
		}
	}
	subject, rest := cutSubject(c.args)
	own, refused := t.items(c.messages, s.ID)
	if refused != "" {
		return t.refuse(s, c.message(), refused)
	}
	for n, i := range own {
		switch _, _, command := c.messages[n].Command(t.name); {
		case command:
			i.Text = rest
		case c.messages[n].Kind == telegram.KindText:
			continue // its words stand behind the command already
		}
		if i.Text != "" || i.FileID != "" {
			items = append(items, i)
		}
	}
	d, err := t.tx.OpenDraft(s.chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		_, err = t.begin(s, state.Draft{Kind: state.DraftOpening, Subject: subject}, items)
		return err
	}
	if err != nil {
		return err
	}
	if subject != "" {
		d.Subject = subject
	}
	return t.add(s, d, items)
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

// sendDraft is [Отправить]: the draft becomes one opening with all its messages.
func (t *turn) sendDraft(s speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := t.pressedDraft(s, c, id, state.DraftOpening)
	if err != nil || !ok {
		return err
	}
	items, err := t.tx.DraftItems(d.ID)
	if err != nil {
		return err
	}
	content := t.compose(items)
	if no, err := t.nothingToSend(s, c, content); no || err != nil {
		return err
	}
	message := d.Card
	for _, i := range items {
		if i.Chat != d.Chat {
			continue // it stayed in the group that has become this supergroup
		}
		if free, err := t.isFree(i); err != nil {
			return err
		} else if free {
			message = i.Message
			break
		}
	}
	d.State = state.DraftSent
	return errors.Join(t.tx.SaveDraft(d), t.answerPress(c.ID, "", false), t.submit(s, state.Submission{
		Kind: state.Opening, Chat: d.Chat, Message: message, User: d.User, Receipt: d.Card,
		Subject: t.subjectOf(d, content), Text: content.text,
	}, content.files, items))
}

// nothingToSend answers the press where a draft holds nothing that can go; false
// where it does.
func (t *turn) nothingToSend(s speaker, c *telegram.Callback, content content) (bool, error) {
	if telegram.Clean(content.text) != "" {
		return false, nil
	}
	return true, t.answerPress(c.ID, s.T(pick(len(content.files) > 0, "draft_too_big", "draft_empty"), "Limit", size(s, t.MaxFileSize)), true)
}

// subjectOf is a draft's subject: the one that was given, or the first line.
func (t *turn) subjectOf(d state.Draft, c content) string {
	if d.Subject != "" {
		return d.Subject
	}
	return plusofon.CutSubject(c.headline)
}

// askSubject is [Тема]: the next line that the person writes is the subject.
func (t *turn) askSubject(s speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := t.pressedDraft(s, c, id, state.DraftOpening)
	if err != nil || !ok {
		return err
	}
	if err := t.tx.SetPrompt(s.chat, s.ID, state.Prompt{Kind: state.PromptSubject, Draft: d.ID}, t.now); err != nil {
		return err
	}
	return errors.Join(t.answerPress(c.ID, "", false), t.say(outgoing{
		chat: s.chat, replyTo: d.Card, asks: s.ID, text: s.asked(s.T("ask_subject")), ask: s.T("ask_subject_placeholder"),
	}))
}

// subjectGiven takes the subject that was asked for. What is no line of a subject's
// length was meant for the draft.
func (t *turn) subjectGiven(s speaker, id state.DraftID, messages []*telegram.Message) (bool, error) {
	m := messages[0]
	line := firstLine(m.Text)
	if len(messages) > 1 || m.Kind != telegram.KindText || m.Forward != nil || line == "" || line != telegram.Clean(m.Text) || plusofon.CutSubject(line) != line {
		return false, nil
	}
	d, err := t.tx.Draft(id)
	if errors.Is(err, state.ErrNotFound) || err == nil && d.State != state.DraftOpen {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	d.Subject, d.Due = line, t.now.Add(draftLife)
	return true, errors.Join(t.tx.ClosePrompt(s.chat, s.ID), t.tx.SaveDraft(d), t.card(d),
		t.say(outgoing{chat: s.chat, replyTo: d.Card, text: telegram.Plain(s.T("subject_set", "Subject", line))}))
}

// dropDraft is [Отменить] on a card of any kind.
func (t *turn) dropDraft(s speaker, c *telegram.Callback, id state.DraftID) error {
	d, ok, err := t.pressedDraft(s, c, id, "")
	if err != nil || !ok {
		return err
	}
	return errors.Join(t.answerPress(c.ID, "", false), t.closeDraft(d, state.DraftCancelled))
}

func (t *turn) closeDraft(d state.Draft, end state.DraftState) error {
	d.State = end
	return errors.Join(t.tx.SaveDraft(d), t.card(d))
}

// pressedDraft is the draft that a button is about, if it is open, of that kind
// and this person's; otherwise the press is answered with why not. A double press
// finds it sent.
func (t *turn) pressedDraft(s speaker, c *telegram.Callback, id state.DraftID, kind state.DraftKind) (state.Draft, bool, error) {
	d, err := t.tx.Draft(id)
	if err != nil && !errors.Is(err, state.ErrNotFound) {
		return d, false, err
	}
	refuse := func(key string) (state.Draft, bool, error) {
		return d, false, t.answerPress(c.ID, s.T(key), true)
	}
	switch {
	case err != nil || d.Chat != s.chat: // forgotten, or of another chat
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
		err = t.tx.SaveDraft(d)
	}
	return d, err == nil, err
}

// cancelBegun is /cancel: it ends the bot's open question, or else what the person
// has begun last.
func (t *turn) cancelBegun(s speaker, reply func(string, ...any) error) error {
	_, err := t.tx.Prompt(s.chat, s.ID, t.now.Add(-promptLife))
	if err == nil {
		return errors.Join(t.tx.ClosePrompt(s.chat, s.ID), reply("cancelled"))
	}
	if !errors.Is(err, state.ErrNotFound) {
		return err
	}
	d, err := t.tx.LastDraft(s.chat, s.ID)
	if errors.Is(err, state.ErrNotFound) {
		return reply("cancel_nothing")
	}
	if err != nil {
		return err
	}
	return errors.Join(t.closeDraft(d, state.DraftCancelled), reply("cancelled"))
}

// Due does what is to be done by now: it drops the drafts whose time is over. It
// returns false where there may be more.
func (b *Bot) Due(tx *state.Tx, now time.Time) (all bool, err error) {
	const atOnce = 50
	t := &turn{Bot: b, tx: tx, now: now}
	drafts, err := tx.DraftsDue(now, atOnce)
	for _, d := range drafts {
		err = errors.Join(err, t.closeDraft(d, state.DraftExpired))
	}
	return len(drafts) < atOnce, err
}
